"""The one answer to who asks not to be reposted goes the ordinary way to X, and never twice, whatever dies or is lost."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from engine.moderation import MessageKind
from engine.x import prices
from engine.x.client import XSession
from engine.x.events import Heard
from engine.x.prices import Billed
from models.accounts.channels import Channel
from models.database import rest
from models.moderation import judging
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing import placing
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings, settings
from models.streaming import messages
from sandbox.app import Sandbox
from tasks import accounts, publishing
from tasks.clock import now
from tests.conftest import SPECS
from tests.specs import wrong_with_x
from tests.tasks.nearby_x import nearby_x, sign_in

SCOPES = "tweet.read tweet.write users.read dm.read dm.write offline.access"


def asks(
    x: Sandbox, monkeypatch: pytest.MonkeyPatch, *, private: bool = False, scopes: str = SCOPES
) -> tuple[Channel, int]:
    """Somebody asks the channel not to repost them; the answer that waits."""
    monkeypatch.setattr(accounts._local, "session", XSession(settings().x_api_url, before_call=rest), raising=False)
    channel = sign_in(x, "TraficoValle", gap_s=0, scopes=scopes)
    her, text = x.world.user("maria_rdz"), "@TraficoValle no me reposteen, por favor"
    said = x.world.dm(her.id, channel.x_user_id, text) if private else x.world.post(her.id, text, by_app=False)
    kind = MessageKind.DM if private else MessageKind.MENTION
    heard = Heard(kind, channel.x_user_id, said.id, her.id, her.handle, her.name, text, now())
    messages.hear({channel.x_user_id: channel.id}, [heard], now())
    rules = judging.load_rules(channel)
    (waiting,) = messages.waiting(9)
    (queued,) = judging.judge([(waiting, rules, rules.ruleset.read(waiting.said))], now()).queued
    return channel, queued.tweet_id


def answers(x: Sandbox, channel: Channel) -> list[str]:
    return [p.text for p in x.world.timeline(channel.x_user_id)]


def say(tweet_id: int) -> Tweet:
    publishing.say(tweet_id)
    return Tweet.get_by_id(tweet_id)


def test_who_asks_in_public_is_answered_under_their_post(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with nearby_x(monkeypatch) as x:
        channel, tweet_id = asks(x, monkeypatch)
        said = say(tweet_id)
        assert (said.status, said.cost) == (TweetStatus.SENT, prices.today(Billed.ANSWER))
        (text,) = answers(x, channel)
        assert text.startswith("maria_rdz, entendido: TraficoValle no volverá a publicar nada tuyo.")
        assert say(tweet_id).status is TweetStatus.SENT
        assert len(answers(x, channel)) == 1
        assert placing.due(now(), 9) == []
        assert [n.kind for n in Notice.select()] == [NoticeKind.OPTED_OUT]


def test_a_lost_answer_is_read_back_with_the_names_that_x_put_before_it(
    db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nearby_x(monkeypatch) as x:
        channel, tweet_id = asks(x, monkeypatch)
        x.faults.set("drop_post", rate=1, times=1)
        assert say(tweet_id).status is TweetStatus.UNKNOWN
        (post,) = x.world.timeline(channel.x_user_id)
        post.handed = replace(post.handed, text=f"@maria_rdz {post.handed.text}")
        Tweet.update(claimed_until=now()).execute()
        publishing.settle(tweet_id)
        assert Tweet.get_by_id(tweet_id).status is TweetStatus.SENT
        assert len(answers(x, channel)) == 1


def test_who_asks_in_private_is_answered_there_and_what_may_have_arrived_is_not_sent_again(
    db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nearby_x(monkeypatch) as x:
        channel, tweet_id = asks(x, monkeypatch, private=True)
        her = x.world.user("maria_rdz").id
        x.faults.set("drop_after_accept", rate=1, times=1)
        assert say(tweet_id).status is TweetStatus.UNKNOWN
        Tweet.update(claimed_until=now()).execute()
        publishing.settle(tweet_id)
        lost = Tweet.get_by_id(tweet_id)
        assert (lost.status, lost.reason) == (TweetStatus.FAILED, "unsettled")
        assert x.world.accepted[f"dm:{channel.x_user_id}:{her}"] == 1
        assert [n.kind for n in Notice.select()] == [NoticeKind.OPTED_OUT], "nobody is told of an answer"


def test_a_private_one_goes_to_who_wrote_and_costs_what_x_takes(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with nearby_x(monkeypatch) as x:
        x.wire.keep = True
        channel, tweet_id = asks(x, monkeypatch, private=True)
        said = say(tweet_id)
        assert (said.status, said.cost) == (TweetStatus.SENT, prices.today(Billed.MESSAGE))
        (got,) = x.world.dms[x.world.user("maria_rdz").id]
        assert (got.sender_id, got.text[:10]) == (channel.x_user_id, "Entendido:")
        if SPECS.exists():
            assert [p for e in x.wire.exchanges for p in wrong_with_x(asdict(e))] == []


def test_what_x_refuses_is_over_and_no_repost_of_the_request_takes_its_place(
    db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nearby_x(monkeypatch) as x:
        channel, tweet_id = asks(x, monkeypatch)
        x.faults.set("refuse_post", rate=1, times=9)
        say(tweet_id)
        Tweet.update(claimed_until=now() - timedelta(seconds=1)).where(Tweet.status == TweetStatus.UNKNOWN).execute()
        publishing.settle(tweet_id)
        assert Tweet.get_by_id(tweet_id).status is TweetStatus.FAILED
        assert answers(x, channel) == []
        assert [n.kind for n in Notice.select()] == [NoticeKind.OPTED_OUT]
