"""A sweep of the clock does all but the one that breaks, whoever's that is: one channel's trouble stops no other's."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta

import peewee as pw
import pytest

from engine import posts
from engine.media import MediaKind
from engine.moderation import MessageKind
from engine.moderation.standing import Standing
from engine.x.events import Heard
from models import aside
from models.accounts import troubles
from models.accounts.channels import Channel
from models.accounts.troubles import Kind, Trouble
from models.aside import Item, Place, Waits
from models.moderation import followers, review, senders
from models.moderation.senders import Sender, Source
from models.notifications.declaring import NoticeKind
from models.notifications.kinds import CardShown
from models.notifications.notices import Notice, NoticeStatus
from models.publishing import following, holding, media, placing, saying, threads
from models.publishing.media import Upload, UploadStatus
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings
from models.streaming import messages
from models.streaming.messages import Message, MessageStatus
from tests.channels import connected
from tests.conftest import NOW
from tests.invented import breaks

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass
class Swept:
    """Five items, the third of which breaks where `breaks_at` says; `left`: the ids of those that are not done yet."""

    table: str
    breaks_at: str
    sweep: Callable[[], object]
    left: Callable[[], list[int]]


def heard(channel: Channel, status: MessageStatus) -> list[int]:
    said = [Heard(MessageKind.MENTION, channel.x_user_id, n, 5 + n, f"v{n}", "V", "choque", NOW) for n in range(1, 6)]
    messages.hear({channel.x_user_id: channel.id}, said, NOW)
    Message.update(status=status, useful_until=NOW - MINUTE).execute()
    return [m.id for m in Message.select().order_by(Message.id)]


def waiting_for(channel: Channel, kind: MessageStatus, sweep: Callable[..., object]) -> Swept:
    heard(channel, kind)
    left = Message.select().where(Message.status == kind).order_by(Message.x_id)
    return Swept("message", "OLD.x_id = 3", lambda: sweep(NOW), lambda: [m.x_id for m in left.clone()])


def held(channel: Channel) -> Swept:
    return waiting_for(channel, MessageStatus.HELD, review.lapse)


def asked(channel: Channel) -> Swept:
    return waiting_for(channel, MessageStatus.ASKING, followers.give_up_asking)


def blocked(channel: Channel) -> Swept:
    for n in range(1, 6):
        senders.block(channel.id, n, 0, "", Source.OWNER, NOW)
    Sender.update(blocked_until=NOW - MINUTE).execute()
    left = Sender.select().where(Sender.standing == Standing.BLOCKED).order_by(Sender.id)
    return Swept(
        "sender", "OLD.sender_id = 3", lambda: senders.let_lapse(NOW), lambda: [s.sender_id or 0 for s in left.clone()]
    )


def waits(channel: Channel) -> list[int]:
    kept = media.keep(channel.id, MediaKind.PHOTO, "image/png", b"0123", NOW)
    shows = (posts.Post("la plaza", (posts.Attachment(kept, MediaKind.PHOTO, ""),)),)
    return [placing.say_now(channel.id, 7, shows, NOW, fresh=HOUR).tweet_id for _ in range(5)]


def late(channel: Channel) -> Swept:
    ids = waits(channel)
    left = Tweet.select().where(Tweet.status == TweetStatus.WAITING).order_by(Tweet.id)
    return Swept(
        "tweet", f"OLD.id = {ids[2]}", lambda: holding.give_up_waiting(NOW + 2 * HOUR),
        lambda: [ids.index(t.id) + 1 for t in left.clone()],
    )  # fmt: skip


def ready(channel: Channel) -> Swept:
    ids = waits(channel)
    Upload.update(status=UploadStatus.READY).execute()
    left = Tweet.select().where(Tweet.status == TweetStatus.WAITING).order_by(Tweet.id)
    return Swept(
        "tweet", f"OLD.id = {ids[2]}", lambda: threads.release(NOW), lambda: [ids.index(t.id) + 1 for t in left.clone()]
    )


def troubled(channel: Channel) -> Swept:
    for n in range(1, 6):
        other = connected(900 + n, f"otro{n}")
        Channel.update(id=100 + n).where(Channel.id == other.id).execute()
        troubles.met(100 + n, Kind.UPLOADS, NOW)
    left = Trouble.select().where(Trouble.told_at.is_null()).order_by(Trouble.channel_id)
    return Swept(
        "trouble", "OLD.channel_id = 103", lambda: troubles.sweep(NOW + HOUR),
        lambda: [t.channel_id - 100 for t in left.clone()],
    )  # fmt: skip


def passed(channel: Channel) -> Swept:
    for n in range(1, 6):
        other = connected(900 + n, f"otro{n}")
        Channel.update(id=100 + n).where(Channel.id == other.id).execute()
        troubles.met(100 + n, Kind.LIMIT, NOW, until=NOW + MINUTE)
    left = Trouble.select().where(Trouble.ended_at.is_null()).order_by(Trouble.channel_id)
    return Swept(
        "trouble", "OLD.channel_id = 103", lambda: troubles.sweep(NOW + HOUR),
        lambda: [t.channel_id - 100 for t in left.clone()],
    )  # fmt: skip


def followed(channel: Channel) -> Swept:
    ids = heard(channel, MessageStatus.IGNORED)
    for n, message_id in enumerate(ids, 1):
        following.shown(7, n, following.Followed(channel.id, CardShown(message_id), "received", None), NOW)
    told = [n.id for n in Notice.select().order_by(Notice.id)]
    left = Notice.select().where(Notice.redraw_at.is_null()).order_by(Notice.id)
    return Swept(
        "notice",
        f"OLD.id = {told[2]}",
        lambda: following.look(NOW, 0),
        lambda: [told.index(n.id) + 1 for n in left.clone()],
    )


@pytest.mark.parametrize("kind", [held, asked, blocked, late, ready, troubled, passed, followed])
def test_one_that_breaks_keeps_none_of_the_others(db: Settings, kind: Callable[[Channel], Swept]) -> None:
    swept = kind(connected())
    assert swept.left() == [1, 2, 3, 4, 5]
    own_row = nullcontext if kind is followed else lambda: aside.apart(Item(Place.CLOCK, "a sweep"))
    with breaks(swept.table, "UPDATE", swept.breaks_at):
        for tries in (1, 2):
            with own_row():
                swept.sweep()
            assert swept.left() == [3]
            assert [row.tries for row in aside.listed(10)] == [tries]
    with own_row():
        swept.sweep()
    assert swept.left() == aside.listed(10) == []


def test_what_a_later_release_has_met_keeps_nobody_s_trouble_from_being_told(db: Settings) -> None:
    channel = connected()
    for kind in (Kind.X_DOWN, Kind.UPLOADS):
        troubles.met(channel.id, kind, NOW)
    Trouble.update(kind=pw.Value("of_tomorrow")).where(Trouble.kind == Kind.X_DOWN).execute()
    troubles.sweep(NOW + HOUR)
    assert [t.kind for t in troubles.of_channel(channel.id)] == [Kind.UPLOADS]
    assert Notice.select().where(Notice.status == NoticeStatus.PENDING).count() == 1


@pytest.mark.parametrize("seen", [True, False])
def test_what_a_channel_met_as_everybodys_is_over_with_it_though_nothing_of_the_channel_asked(
    db: Settings, seen: bool
) -> None:
    asks, waits = connected(900, "uno"), connected(901, "otro")
    tweet_id = placing.say_now(asks.id, 7, posts.plain("hola"), NOW, fresh=HOUR).tweet_id
    holding.Outage.insert(id=1, kind=Kind.X_DOWN.value, until=NOW, in_a_row=2, probe=tweet_id).execute()
    holding._seen.at = float("-inf")
    if seen:
        holding.meets(waits.id, Kind.X_DOWN, NOW, NOW - HOUR)
        troubles.sweep(NOW)
        holding.end_what_holds_nothing(NOW)
        assert troubles.one(waits.id, Kind.X_DOWN) is not None, "it lasts"
    Tweet.update(status=TweetStatus.SENDING, claim="a").execute()
    assert saying.sent(Tweet.get_by_id(tweet_id), 77, NOW)
    if not seen:  # by one who read a moment too early that it lasts
        holding.meets(waits.id, Kind.X_DOWN, NOW, NOW - HOUR)
        troubles.sweep(NOW)
        holding.end_what_holds_nothing(NOW)
    assert troubles.one(waits.id, Kind.X_DOWN) is None
    mine = Notice.select().where(Notice.channel_id == waits.id).order_by(Notice.id)
    assert [n.kind for n in mine] == [NoticeKind.TROUBLED, NoticeKind.TROUBLE_OVER]


def test_one_whose_hold_does_not_end_keeps_none_of_the_others_nor_what_was_said(db: Settings) -> None:
    made = [connected(900 + n, f"otro{n}") for n in range(4)]
    for channel in made:
        Channel.update(held_for=Kind.X_DOWN.value, hold_until=NOW + HOUR).where(Channel.id == channel.id).execute()
    tweet_id = placing.say_now(made[0].id, 7, posts.plain("hola"), NOW, fresh=HOUR).tweet_id
    holding.Outage.insert(id=1, kind=Kind.X_DOWN.value, until=NOW, in_a_row=2, probe=tweet_id).execute()
    holding._seen.at = float("-inf")
    Tweet.update(status=TweetStatus.SENDING, claim="a").execute()
    with breaks("channel", "UPDATE", f"OLD.id = {made[2].id} AND NEW.held_for = ''"):
        assert saying.sent(Tweet.get_by_id(tweet_id), 77, NOW)
    assert [c.handle for c in Channel.select().where(Channel.held_for != "")] == ["otro2"]
    assert Tweet.get_by_id(tweet_id).status is TweetStatus.SENT
    assert holding.Outage.get().in_a_row == 0
    assert [row.item for row in aside.listed(9)] == [f"end of the hold of {made[2].id}"]


def test_of_many_that_break_one_is_raised_and_the_database_s_absence_is_no_such_error() -> None:
    done: list[int] = []

    def work(some: object) -> int:
        assert isinstance(some, list)
        if {3, 7} & set(some):
            raise KeyError(some[0])
        done.extend(some)
        return len(some)

    with pytest.raises(KeyError):
        aside.piecewise(list(range(10)), work)
    assert done == [0, 1, 2, 4, 5, 6, 8, 9]
    assert aside.piecewise([1, 2], work) == 2
    assert aside.piecewise([], work) == 0

    def away(_: object) -> int:
        done.append(-1)
        raise Waits

    with pytest.raises(Waits):
        aside.piecewise([1, 2], away)
    assert done.count(-1) == 1
