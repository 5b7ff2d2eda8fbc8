"""One channel's trouble, of a kind that nobody waits for, is only its own: its key, its deletion, what it heard before."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from engine import posts
from engine.moderation import Keyword, KeywordRole, MessageKind
from engine.x.client import XSession
from models import aside, connecting
from models.accounts.channels import Channel
from models.database import rest
from models.moderation import lists
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing import placing
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings, settings
from models.streaming import messages
from models.streaming.messages import Message, MessageStatus
from sandbox.app import Sandbox
from tasks import accounts, moderation, publishing
from tasks.clock import now
from tasks.streaming import catching_up
from tests.tasks.nearby_x import nearby_x, sign_in, soon
from tests.tasks.test_catching_up import catching, heard, says, subscribed
from tests.tasks.test_ear import Silent, mention


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(catching_up, "judge", Silent())
    for kept in (moderation._rules, moderation._had_turn, moderation._unprepared, moderation._resting):
        kept.clear()
    with nearby_x(monkeypatch) as sandbox:
        session = XSession(settings().x_api_url, before_call=rest)
        monkeypatch.setattr(accounts._local, "session", session, raising=False)
        yield sandbox
        rest()


@pytest.mark.parametrize("near_its_end", [False, True])
def test_a_key_that_cant_be_unsealed_holds_up_nobody_else_and_its_owner_is_told(x: Sandbox, near_its_end: bool) -> None:
    lost, other = sign_in(x, "canal0"), sign_in(x, "canal1")
    ends = now() if near_its_end else now() + timedelta(hours=1)
    sealed = "sealed with a key that nobody has"
    Channel.update(access_token=sealed, refresh_token=sealed, token_expires_at=ends).where(
        Channel.id == lost.id
    ).execute()
    says(x, "canal1")
    with catching():
        soon(lambda: subscribed(x) == {other.x_user_id} and heard() == {"choque @canal1"})
    tweets = [
        placing.say_now(c.id, 7, posts.plain(f"aviso de {c.handle}"), now(), fresh=timedelta(hours=1)).tweet_id
        for c in (lost, other)
    ]
    for tweet_id in tweets:
        publishing.say(tweet_id)
    assert [Tweet.get_by_id(i).status for i in tweets] == [TweetStatus.QUEUED, TweetStatus.SENT]
    held = Channel.get_by_id(lost.id)
    assert held.is_on, "the key may be given back: then it goes on by itself"
    assert held.hold_until is not None
    (told,) = Notice.select().where((Notice.channel_id == lost.id) & (Notice.kind == NoticeKind.TROUBLED))
    assert '"key"' in told.data
    assert aside.listed(9) == [], "that was thought of"


def test_a_channel_whose_key_is_lost_can_be_disconnected(x: Sandbox) -> None:
    lost = sign_in(x, "canal0", access_token="nonsense", refresh_token="nonsense")
    assert not accounts.disconnect(lost, lost.owner_id), "X could not be told"
    assert not Channel.get_by_id(lost.id).connected


def test_an_owner_who_deletes_a_channel_while_x_answers_slowly_ends_nobody_s_hearing(x: Sandbox) -> None:
    gone, other = sign_in(x, "canal0"), sign_in(x, "canal1")
    says(x, "canal0")
    x.faults.set("slow_calls", 1, seconds=0.4, whose=["canal0"])
    with catching() as catcher:
        soon(lambda: any(t.name.startswith("hand-") for t in threading.enumerate()))
        connecting.forget_channel(gone.id)
        soon(lambda: other.x_user_id in subscribed(x))
        says(x, "canal1", "choque después")
        catcher._missed((other.id, MessageKind.MENTION))
        soon(lambda: "choque después @canal1" in heard())
    moderation.judge()
    assert Message.select().where(Message.channel_id == gone.id).count() == 0
    assert aside.listed(9) == []


def test_what_is_heard_for_a_channel_that_is_no_more_is_let_go_of(x: Sandbox) -> None:
    gone = sign_in(x, "canal0")
    connecting.forget_channel(gone.id)
    messages.hear({70: gone.id}, [mention(n) for n in range(1, 4)], now())
    moderation.judge()
    assert Message.select().count() == 0


def test_a_message_that_an_older_release_kept_as_of_the_year_9999_stops_no_other(x: Sandbox) -> None:
    channel = sign_in(x, "canal0")
    lists.add(channel.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    messages.hear({70: channel.id}, [mention(n, f"choque {n} en la calle {n}") for n in (1, 2, 3)], now())
    Message.update(at=datetime(9999, 12, 31, 23, tzinfo=UTC)).where(Message.x_id == 2).execute()
    moderation.judge()
    assert MessageStatus.RECEIVED not in {m.status for m in Message.select()}
    assert {m.status for m in Message.select().where(Message.x_id != 2)} == {MessageStatus.APPROVED}
