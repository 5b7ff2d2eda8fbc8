"""Whose deletions X brings, and what is looked at again: the room at zero and at plenty, each answer, each price."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

from engine.moderation import Form, MessageKind
from engine.x import prices
from engine.x.prices import Billed
from models import choosing
from models.accounts.channels import Channel, Hearing
from models.control import leases
from models.costs import ledger
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing.copies import looking_again as copies
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.settings import Settings
from models.streaming import authors, taken_back
from models.streaming.authors import HeardAuthor
from models.streaming.messages import Message, MessageStatus
from sandbox.app import Sandbox
from sandbox.world import Post
from tasks import publishing
from tasks.clock import now
from tasks.streaming import catching_up, looking_again, subscribing, wanting
from tasks.streaming import ear as listening
from tasks.streaming import taken_back as following
from tasks.streaming.ear import Ear
from tests.conftest import SPECS
from tests.specs import wrong_with_x
from tests.tasks.nearby_x import nearby_x, sign_in, soon
from tests.tasks.test_catching_up import catching
from tests.tasks.test_ear import Silent

HOUR = timedelta(hours=1)


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(catching_up, "judge", Silent())
    for module in (looking_again, listening):
        monkeypatch.setattr(module, "follow", Silent())
    monkeypatch.setattr(publishing.undo, "ring_for", lambda *_: None)
    with nearby_x(monkeypatch) as sandbox:
        yield sandbox


def copied(x: Sandbox, channel: Channel, author: str = "pepe", ago: timedelta = timedelta(), **more: Any) -> Tweet:
    """A channel has copied what somebody had written, so long ago."""
    user = x.world.user(author)
    post = x.world.post(user.id, f"choque {len(x.world.posts)} @{channel.handle}", by_app=False)
    ours = x.world.post(channel.x_user_id, f"vía {author}: choque {len(x.world.posts)}", by_app=False)
    return stored(channel, post, ours, now() - ago, **more)


def stored(channel: Channel, post: Post, ours: Post, at: Any, **more: Any) -> Tweet:
    message = Message.insert(
        channel_id=channel.id, kind=MessageKind.MENTION, x_id=post.id, origin_id=post.id, sender_id=post.author_id,
        sender_handle="pepe", text=post.text, at=at, heard_at=at, status=MessageStatus.APPROVED,
    ).execute()  # fmt: skip
    values = {"status": TweetStatus.SENT, "sent_at": at, "x_id": ours.id, "cost": 20_000} | more
    tweet = Tweet.insert(
        channel_id=channel.id, message_id=message, form=Form.COPY, text=ours.text, due_at=at, fresh_until=at + HOUR,
        **values,
    ).execute()  # fmt: skip
    return Tweet.get_by_id(tweet)


def heard(x: Sandbox) -> set[str]:
    """The names of those whose deletions X brings."""
    users = [user_id for kind, user_id in list(x.world.subscriptions) if kind == "post.delete"]
    return {x.world.users[u].handle for u in users}


def look(channel: Channel, *, times: int = 1) -> None:
    with ThreadPoolExecutor(1) as hand:
        for _ in range(times):
            hand.submit(looking_again.look_again, channel.id).result()
            hand.submit(following.follow).result()


def readings(x: Sandbox) -> list[int]:
    """Of how many posts X was asked, each time."""
    return [len(e.query["ids"].split(",")) for e in x.wire.exchanges if e.route == "/2/tweets" and e.method == "GET"]


def not_by_the_spec(x: Sandbox) -> set[str]:
    """What of what was asked of X, or answered, is not as it is published."""
    if not SPECS.exists():
        return set()
    return {p for e in list(x.wire.exchanges) for p in wrong_with_x(asdict(e))}


# --- the room ----------------------------------------------------------------------------------------------------


def test_with_plenty_of_room_each_author_is_heard_once_for_all_channels(x: Sandbox) -> None:
    channels = [sign_in(x, f"canal{n}", hearing=Hearing.STREAM) for n in range(2)]
    for channel in channels:
        copied(x, channel, "pepe")
        copied(x, channel, f"solo{channel.id}", ago=3 * HOUR)
    copied(x, channels[0], "viejo", ago=25 * HOUR)
    copied(x, channels[0], "en_camino", status=TweetStatus.QUEUED, sent_at=None)
    copied(x, channels[0], "deshecho", undo=UndoState.DONE)
    with catching():
        soon(lambda: heard(x) == {"pepe", "en_camino", *(f"solo{c.id}" for c in channels)})
        soon(lambda: HeardAuthor.select().count() == 4 and len(x.world.subscriptions) == 8)
    asked = [e.request["filter"]["user_id"] for e in list(x.wire.exchanges) if e.method == "POST" and e.request]
    assert len(asked) == len(set(asked)) + len(channels), "one more for each channel's two kinds"
    assert not not_by_the_spec(x)


def test_without_room_nobody_is_heard_and_hearing_comes_first(x: Sandbox) -> None:
    channel = sign_in(x, "canal0")
    x.world.most_subscriptions = 2
    x.world.subscriptions["post.delete", x.world.user("pepe").id] = ("4711", "canales")
    copied(x, channel, "pepe")
    copied(x, channel, "otra")
    with catching() as catcher:
        soon(lambda: Channel.get_by_id(channel.id).hearing is Hearing.STREAM)
        soon(lambda: heard(x) == set() and not catcher._hands._in_air)
    assert len(x.world.subscriptions) == 2
    assert HeardAuthor.select().count() == 0


def wants(copied: dict[int, list[int]], room: int, have: set[int] | None = None, anew: int = 99) -> list[int]:
    have_subs = {("post.delete", str(a)) for a in have or ()}
    return [w.user_id for w in wanting.by_deletions(copied, room, have_subs, anew=anew, refused=())]


def test_a_busy_channel_leaves_a_quiet_one_its_share_and_the_oldest_are_out_first() -> None:
    busy = {1: list(range(100, 1100)), 2: [7, 8]}
    assert set(wants(busy, 10)) == {7, 8, *range(100, 108)}
    assert set(wants(busy, 3)) == {100, 101, 7} or set(wants(busy, 3)) == {100, 7, 8}
    assert wants(busy, 0) == wants(busy, -5) == []


def test_no_more_are_begun_with_at_once_than_x_bears_and_nobody_goes_without_need() -> None:
    there = set(range(500, 520))
    newest = {1: [*range(100, 150), *sorted(there)]}
    found = wants(newest, 20, there, anew=5)
    assert set(found) == {*range(100, 105), *range(500, 515)}


def test_what_x_refuses_of_authors_is_let_be_and_channels_are_heard_all_the_same(
    x: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = sign_in(x, "canal0")
    for n in range(5):
        copied(x, channel, f"autor{n}")
    monkeypatch.setattr("sandbox.x_subscriptions.PUBLIC", ())  # the app may not ask for it
    with catching() as catcher:
        soon(lambda: Channel.get_by_id(channel.id).hearing is Hearing.STREAM)
        told = catcher._subscriptions
        soon(lambda: len(told._refused_authors) == 5 and not told._missing)
        assert told._no_authors_until > 0
        assert subscribing.REFUSED_FOR_S > 60


# --- the word comes by the stream --------------------------------------------------------------------------------


def test_a_deletion_that_x_brings_reaches_the_copy(x: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = sign_in(x, "canal0")
    tweet = copied(x, channel)
    source = Message.get_by_id(tweet.message_id)
    x.world.subscriptions["post.delete", source.sender_id] = ("1", "canales")
    x.world.posts[source.x_id].deleted = True
    lines: list[bytes] = []
    monkeypatch.setattr(x.stream.connection, "_put", lines.append)
    x.stream.deleted(x.world.posts[source.x_id])
    ear = Ear("here")
    for line in [*lines, *lines, b'{"data": {"event_type": "post.delete", "payload": {"id": "77", "author_id": "9"}}}']:
        ear.line(line)
    ear.line(b'{"data": {"event_type": "post.delete", "payload": {"id": "x"}}}')
    assert ear._connection.seen["malformed"] == 1
    ear._stop.set()
    thread = threading.Thread(target=ear._to_its_end, args=("writer", ear._write))
    thread.start()
    thread.join(10)
    with ThreadPoolExecutor(1) as hand:
        hand.submit(following.follow).result()
        hand.submit(publishing.undo, tweet.id).result()
    assert x.world.posts[tweet.x_id or 0].deleted
    assert Tweet.get_by_id(tweet.id).undo is UndoState.DONE
    assert [n.kind for n in Notice.select()].count(NoticeKind.TAKEN_BACK) == 1


def test_after_each_connection_those_who_were_heard_begin_anew(x: Sandbox) -> None:
    authors.begin([5], now() - HOUR)
    with ThreadPoolExecutor(1) as hand:
        hand.submit(Ear("here").connected).result()
    assert HeardAuthor.get().since > now() - timedelta(minutes=1)


# --- looking again -----------------------------------------------------------------------------------------------


def listen() -> None:
    leases.take(leases.STREAM, "here", now())
    leases.renew(leases.STREAM, "here", now(), {"connected_at": 1.0})


def paid() -> int:
    return ledger.spent(now() - HOUR, now() + HOUR)


@pytest.mark.parametrize(("hours", "looked", "shown"), [(0, 0, 0), (1, 3, 2), (24, 1, 0)])
def test_each_copy_is_looked_at_once_at_the_age_and_price_that_the_channel_chose(
    x: Sandbox, hours: int, looked: int, shown: int
) -> None:
    channel = sign_in(x, "canal0")
    choosing.choose(channel.id, now(), looked_after=hours)
    made = [copied(x, channel, ago=ago * HOUR) for ago in (0.5, 2, 23, 25)]
    copied(x, channel, ago=80 * HOUR)  # it is too late for that one
    x.world.posts[Message.get_by_id(made[3].message_id).x_id].deleted = True
    assert copies.due(now()) == ([channel.id] if hours else [])
    look(channel)
    look(channel)
    assert readings(x) == ([looked] if looked else [])
    assert paid() == x.world.bill.cost.total() == shown * prices.today(Billed.LOOKED_AT), "X bills what it shows"
    gone = Tweet.get_by_id(made[3].id)
    assert gone.undo is (UndoState.WANTED if hours else UndoState.NONE)
    assert [Tweet.get_by_id(t.id).undo for t in made[:3]] == [UndoState.NONE] * 3


def test_whose_author_was_heard_all_the_time_needs_no_look(x: Sandbox) -> None:
    channel = sign_in(x, "canal0")
    choosing.choose(channel.id, now(), looked_after=1)
    known = copied(x, channel, "pepe", ago=2 * HOUR)
    copied(x, channel, "otra", ago=2 * HOUR)
    authors.begin([x.world.user("pepe").id], now() - 3 * HOUR)
    authors.begin([x.world.user("otra").id], now() - 1 * HOUR)  # it may have been deleted before
    look(channel)
    assert readings(x) == [1]
    assert Tweet.get_by_id(known.id).looked_at is None, "nobody listens this moment: it is not known"
    listen()
    Channel.update(looks_at=now()).execute()
    look(channel)
    assert readings(x) == [1]
    assert paid() == prices.today(Billed.LOOKED_AT)
    assert copies.due(now() + HOUR) == []


def test_two_hundred_are_two_calls_and_what_x_does_not_answer_for_is_asked_again(x: Sandbox) -> None:
    channel = sign_in(x, "canal0")
    choosing.choose(channel.id, now(), looked_after=1)
    for _ in range(130):
        copied(x, channel, ago=2 * HOUR)
    look(channel, times=3)
    assert readings(x) == [100, 30]
    assert not not_by_the_spec(x)
    assert Tweet.select().where(Tweet.looked_at.is_null()).count() == 0


@pytest.mark.parametrize(
    ("errors", "gone"),
    [
        ([{"type": "https://api.x.com/2/problems/resource-not-found", "title": "Not Found Error"}], True),
        ([{"type": "https://api.twitter.com/2/problems/not-authorized-for-resource", "title": "Authorization Error"}], True),
        ([{"type": "about:blank", "title": "Service Unavailable"}], False),
        ([], False),
    ],
)  # fmt: skip
def test_only_x_s_own_word_that_it_does_not_have_a_post_counts(
    x: Sandbox, monkeypatch: pytest.MonkeyPatch, errors: list[dict[str, str]], gone: bool
) -> None:
    channel = sign_in(x, "canal0")
    choosing.choose(channel.id, now(), looked_after=1)
    stands, maybe = copied(x, channel, ago=2 * HOUR), copied(x, channel, ago=2 * HOUR)
    ids = [Message.get_by_id(t.message_id).x_id for t in (stands, maybe)]
    named = [{**e, "resource_id": str(ids[1]), "value": str(ids[1])} for e in errors]
    body = {"data": [{"id": str(ids[0]), "text": "", "edit_history_post_ids": [str(ids[0])]}], "errors": named}
    monkeypatch.setattr("sandbox.x_reading._found", lambda *_: body)
    look(channel)
    assert Tweet.get_by_id(stands.id).looked_at is not None
    assert paid() == prices.today(Billed.LOOKED_AT)
    assert (Tweet.get_by_id(maybe.id).undo is UndoState.WANTED) is gone
    assert (Tweet.get_by_id(maybe.id).looked_at is not None) is gone
    wait = Channel.get_by_id(channel.id).looks_at - now()
    assert (wait > timedelta(minutes=5)) is not gone


@pytest.mark.parametrize("answer", ["503", "429", "403", "404", "402", "html", "garbled", "empty", "odd"])
def test_where_x_gives_no_good_answer_nothing_is_paid_taken_for_gone_or_asked_at_once(x: Sandbox, answer: str) -> None:
    channel = sign_in(x, "canal0")
    choosing.choose(channel.id, now(), looked_after=1)
    tweet = copied(x, channel, ago=2 * HOUR)
    x.faults.set("refuse_before", 1, answer=answer, whose=["canal0"], on=["lookup"])
    look(channel, times=2)
    again = Tweet.get_by_id(tweet.id)
    assert (paid(), again.looked_at, again.undo) == (0, None, UndoState.NONE)
    assert Channel.get_by_id(channel.id).looks_at > now()
    assert taken_back.due(now(), 9) == []
    x.faults.set("refuse_before", 0)
    Channel.update(looks_at=now()).execute()
    look(channel)
    assert Tweet.get_by_id(tweet.id).looked_at is not None


def test_what_was_edited_stands_under_its_new_id(x: Sandbox) -> None:
    channel = sign_in(x, "canal0")
    choosing.choose(channel.id, now(), looked_after=1)
    tweet = copied(x, channel, ago=2 * HOUR)
    old = Message.get_by_id(tweet.message_id)
    edited = x.world.post(old.sender_id, "choque mayor @canal0", by_app=False, edit_of=old.x_id)
    Message.insert(
        channel_id=channel.id, kind=MessageKind.MENTION, x_id=edited.id, origin_id=old.x_id, sender_id=old.sender_id,
        text="choque mayor", at=now(), heard_at=now(), status=MessageStatus.IGNORED,
    ).execute()  # fmt: skip
    look(channel)
    assert Tweet.get_by_id(tweet.id).undo is UndoState.NONE
    x.world.posts[edited.id].deleted = True
    Tweet.update(looked_at=None).execute()
    Channel.update(looks_at=now()).execute()
    look(channel)
    assert Tweet.get_by_id(tweet.id).undo is UndoState.WANTED
    assert {m.text for m in Message.select()} == {""}
