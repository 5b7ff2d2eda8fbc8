"""Holding: what X takes nothing from for now. After growing pauses one post asks again, and the rest waits for it.

A channel whose own trouble X names (it is locked, its day is over, a pause is wanted) is held at once; one that meets
nothing but outages from the third in a row on. Where that goes for several channels, or X names the app, all are held,
and one post of any of them asks. Its owner is told once, and once when X has taken a post again (accounts/troubles.py).

    free → held (hold_until, held_for) → probed (one claim has it: `probe`) → free | held for longer
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import peewee as pw

from engine import pacing
from engine.x.errors import AppDayFull, Fault, XError
from models import aside
from models.accounts import troubles
from models.accounts.channels import Channel, locked
from models.accounts.troubles import Kind, Trouble
from models.aside import Item, Place
from models.database import EPOCH, InstantField, Table, as_tuples, transaction
from models.publishing import threads
from models.publishing.tweets import Tweet, TweetStatus, note
from models.statements import statement

PATIENCE = 3  # as many failures of X's machines in a row are no post's own bad luck
CROWD = 3  # as many channels that meet nothing else: it is everybody's
LOOK_AGAIN_S = 1.0
ASKED_OF_ALL = 1  # the one row
#: What a post meets; each is a kind of trouble under its own word.
KINDS = (
    Kind.LOCKED, Kind.AUTOMATED, Kind.NARROW, Kind.APP_STOPPED, Kind.LIMIT, Kind.CHANNEL_DAY, Kind.X_DOWN, Kind.CREDITS,
    Kind.KEY,
)  # fmt: skip
MENDED = (Kind.LOCKED, Kind.NARROW, Kind.APP_STOPPED, Kind.CREDITS, Kind.KEY)  # by a person

OF_ALL_CALLS = (*MENDED, Kind.AUTOMATED)  # X takes nothing at all meanwhile, photos and videos neither


class Outage(Table):
    """What holds up every channel: one row (1). `in_a_row` is 0 while nothing does; `probe` is the tweet that asks."""

    id = pw.IntegerField(primary_key=True)
    kind = pw.TextField(default="")
    until = InstantField(default=EPOCH)
    in_a_row = pw.IntegerField(default=0)
    probe = pw.BigIntegerField(null=True)


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing goes until then, for this reason."""

    until: datetime
    reason: str


@dataclass(slots=True)
class _Seen:
    """Whether something held up every channel, when this process looked last: the row is read once a second."""

    at: float = float("-inf")
    of: object = None
    holds: bool = False


_seen = _Seen()


@statement
def _probe(channel_id: int, tweet_id: int, now: datetime, until: datetime) -> pw.Query:
    free = Channel.hold_until.is_null() | (Channel.hold_until <= now)
    mine = (Channel.id == channel_id) & (Channel.held_for != "") & free
    return Channel.update(hold_until=until, probe=tweet_id).where(mine)


@statement
def _outage() -> pw.Query:
    return Outage.select(Outage.kind, Outage.until, Outage.in_a_row, Outage.probe).where(Outage.id == ASKED_OF_ALL)


def held(channel: Channel, tweet_id: int, now: datetime, within: timedelta) -> Held | None:
    """Whether a tweet that is to be said must wait. If not, and all else does, it asks for all: for `within`."""
    if channel.hold_until is not None and channel.hold_until > now:
        return Held(channel.hold_until, channel.held_for or "on_hold")
    everybody = _held_for_all(channel, tweet_id, now, within)
    if everybody is not None:
        return everybody
    if channel.held_for and _probe.changed(channel.id, tweet_id, now, now + within) != 1:
        return Held(now + within, channel.held_for)
    return None


def rests(channel: Channel, now: datetime) -> bool:
    """Whether X takes nothing of the channel now, or has yet to be asked whether it does again."""
    return bool(channel.held_for) or (channel.hold_until is not None and channel.hold_until > now) or _holds_all()


def keeps_all_from(channel: Channel, now: datetime) -> datetime | None:
    """Until when it is of no use to ask X for anything else of the channel either; None where it is not so held."""
    until = channel.hold_until
    return until if until is not None and until > now and channel.held_for in OF_ALL_CALLS else None


def let_go(tweet_id: int, channel: Channel, now: datetime) -> None:
    """What was to ask does not: another may."""
    if not channel.held_for and not _seen.holds:
        return
    mine = (Channel.id == channel.id) & (Channel.probe == tweet_id)
    Channel.update(hold_until=now, probe=None).where(mine).execute()
    Outage.update(until=now, probe=None).where((Outage.id == ASKED_OF_ALL) & (Outage.probe == tweet_id)).execute()


def met(channel_id: int, error: XError, now: datetime, tweet_id: int | None = None) -> None:
    """X wants nothing of the channel for now, as who asked for a tweet of it has just met: free | probed → held."""
    kind = Kind(error.reason)
    with transaction():
        channel = locked(channel_id)
        if channel is None:
            return
        asks = tweet_id is not None and channel.probe == tweet_id
        if channel.hold_until is not None and channel.hold_until > now and not asks:
            return  # another has met it a moment ago
        before = channel.holds_in_a_row if channel.held_for in ("", kind) and _counts_on(channel, error) else 0
        in_a_row = before + 1
        if error.fault is Fault.WAY and in_a_row < PATIENCE:
            Channel.update(holds_in_a_row=in_a_row).where(Channel.id == channel_id).execute()
            return
        until = now + pause(error, in_a_row, now)
        Channel.update(
            hold_until=until,
            holds_in_a_row=in_a_row,
            held_for=kind.value,
            probe=None,
            last_problem=error.detail or error.reason,
            last_problem_at=now,
        ).where(Channel.id == channel_id).execute()
        troubles.met(channel_id, kind, now, said=error.detail, until=until)
        if _is_everybody_s(error):
            _hold_all(kind, until, now, tweet_id)


def pause(error: XError, in_a_row: int, now: datetime) -> timedelta:
    """How long until it is tried again: as long as X says the first time, and then no less than we would wait."""
    if error.fault is Fault.WAY:
        return pacing.probe_delay(in_a_row - PATIENCE + 1)
    named = error.named(now)
    if error.reason in MENDED:
        return pacing.barred_delay(in_a_row)
    if named is None:
        return pacing.hold_delay(in_a_row)
    return named - now if in_a_row == 1 else max(named - now, pacing.hold_delay(in_a_row - 1))


def took(channel: Channel, tweet: Tweet, now: datetime) -> None:
    """X has taken a post of the channel (as it is now), or refused just this one: probed → free, with all that waits.

    What was on its way since before the hold shows nothing. Call it inside the transaction of what X said.
    """
    if channel.held_for and channel.probe == tweet.id:
        _free(channel.id, now)
    elif channel.holds_in_a_row and not channel.held_for:
        few = (Channel.id == channel.id) & (Channel.held_for == "")
        Channel.update(holds_in_a_row=0).where(few).execute()
    if _holds_all():
        _took_of_all(tweet, now)


def begin_anew(channel_id: int, now: datetime) -> None:
    """The channel is signed in anew, which may have mended what held it: one post asks at once. Call it in that one."""
    Channel.update(hold_until=None, holds_in_a_row=0, probe=None).where(Channel.id == channel_id).execute()
    held_up = (Tweet.channel_id == channel_id) & Tweet.reason.in_([*(k.value for k in troubles.Kind), "token"])
    Tweet.update(due_at=now).where(
        Tweet.status.literally(TweetStatus.QUEUED) & held_up & (Tweet.due_at > now)
    ).execute()


def meets(channel_id: int, kind: Kind, until: datetime, now: datetime) -> None:
    """What others have met holds the channel up too: its owner is told once."""
    if troubles.one(channel_id, kind) is None:
        troubles.met(channel_id, kind, now, until=until)


def late(channel_id: int, kind: Kind, since: datetime) -> list[Tweet]:
    """What a person wrote or planned and a trouble has made too late, since it began: told with its end."""
    mine = (Tweet.channel_id == channel_id) & (Tweet.due_at > since - threads.BEGUN_IS_FINISHED)
    too_late = (Tweet.status == TweetStatus.EXPIRED) & (Tweet.reason == kind.value) & (Tweet.fresh_until >= since)
    return list(Tweet.select().where(mine & too_late & Tweet.message_id.is_null()).order_by(Tweet.id))


def tells_with_end(channel_id: int, reason: str) -> bool:
    """Whether the end of the trouble that is its reason will be told, as its beginning was."""
    found = troubles.one(channel_id, Kind(reason)) if reason in set(Kind) else None
    return found is not None and found.told_at is not None


def tells_later(tweet: Tweet, reason: str) -> bool:
    """Whether it is told with the trouble's end, as too late for this reason: its owner knows of the trouble.

    The last that waits is told by itself: where nothing is left to ask X with, nobody would see the end.
    """
    if not tells_with_end(tweet.channel_id, reason):
        return False
    waits = Tweet.status.literally(TweetStatus.QUEUED) | Tweet.status.literally(TweetStatus.WAITING)
    others = (Tweet.channel_id == tweet.channel_id) & (Tweet.id != tweet.id) & Tweet.after_id.is_null()
    return bool(Tweet.select().where(others & waits).exists()) or _in_doubt(tweet)


def _in_doubt(tweet: Tweet) -> bool:
    """Whether something of its channel is in the air, or yet to be read back."""
    open_ = Tweet.status.literally(TweetStatus.SENDING, TweetStatus.UNKNOWN)
    others = (Tweet.channel_id == tweet.channel_id) & (Tweet.id != tweet.id)
    return bool(Tweet.select().where(others & open_).exists())


def give_up_waiting(now: datetime) -> None:
    """waiting → expired for the first of what would be too late by now; the owner is told, now or with what held it."""
    late = Tweet.status.literally(TweetStatus.WAITING) & Tweet.after_id.is_null() & (Tweet.fresh_until < now)
    aside.piecewise(list(Tweet.select().where(late).limit(50)), lambda these: _give_up_all(these, now))


def _give_up_all(waiting: Sequence[Tweet], now: datetime) -> int:
    with transaction():
        for tweet in waiting:
            held_by = [k.value for k in troubles.open_of(tweet.channel_id) if k in OF_ALL_CALLS]
            reason = held_by[0] if held_by and tweet.message_id is None else "media_late"
            if tells_later(tweet, reason):
                expire(tweet, reason, now)
            else:
                threads.unsaid(tweet, TweetStatus.EXPIRED, reason, "", now)
    return len(waiting)


# --- everybody ---------------------------------------------------------------------------------------------------


def _held_for_all(channel: Channel, tweet_id: int, now: datetime, within: timedelta) -> Held | None:
    if not _holds_all():
        return None
    row = _outage.first()
    if row is None or not row[2]:
        return None
    kind, until = str(row[0]), InstantField().python_value(row[1])
    if until > now:
        meets(channel.id, Kind(kind), until, now)
        return Held(until, kind)
    free = (Outage.id == ASKED_OF_ALL) & (Outage.until <= now) & (Outage.in_a_row > 0)
    if Outage.update(until=now + within, probe=tweet_id).where(free).execute() != 1:
        return Held(now + within, kind)
    return None


def _holds_all() -> bool:
    """As it was within the last second; anew where something does, since what is over must be seen at once."""
    at, of = monotonic(), Outage._meta.database
    if _seen.holds or _seen.of is not of or at - _seen.at >= LOOK_AGAIN_S:
        row = _outage.first()
        _seen.at, _seen.of, _seen.holds = at, of, row is not None and bool(row[2])
    return _seen.holds


def _is_everybody_s(error: XError) -> bool:
    if error.fault is Fault.APP:
        return not isinstance(error, AppDayFull)  # that counts posts, and is known by the day's row
    if error.fault is not Fault.WAY:
        return False
    return Channel.select().where(Channel.connected & (Channel.held_for == Kind.X_DOWN.value)).count() >= CROWD


def _hold_all(kind: Kind, until: datetime, now: datetime, tweet_id: int | None) -> None:
    made = Outage.insert(id=ASKED_OF_ALL).on_conflict(conflict_target=[Outage.id], update={Outage.id: Outage.id})
    row = next(iter(made.returning(Outage).execute()))
    if row.in_a_row and row.until > now and row.probe != tweet_id:
        return
    in_a_row = row.in_a_row + 1 if row.kind == kind.value else 1
    ends = now + pacing.probe_delay(in_a_row) if kind is Kind.X_DOWN else until
    changes: dict[str, Any] = {"kind": kind.value, "until": ends, "in_a_row": in_a_row, "probe": None}
    Outage.update(**changes).where(Outage.id == ASKED_OF_ALL).execute()
    _seen.at = float("-inf")


def _took_of_all(tweet: Tweet, now: datetime) -> None:
    """One post of any channel was taken: what held all up is over for all, whichever of them breaks over it."""
    mine = (Outage.id == ASKED_OF_ALL) & (Outage.probe == tweet.id) & (Outage.in_a_row > 0)
    over = list(Outage.update(in_a_row=0, until=EPOCH, probe=None).where(mine).returning(Outage.kind).execute())
    for row in over:
        for channel in list(Channel.select(Channel.id).where(Channel.held_for == row.kind)):
            with aside.apart(Item(Place.JOB, f"end of the hold of {channel.id}", channel.id)), transaction():
                _free(channel.id, now)
        with aside.apart(Item(Place.JOB, "end of the hold of all")), transaction():
            _go_on(Tweet.reason == row.kind, now)
            troubles.over(troubles.APP, now, Kind(row.kind))
    _seen.at = float("-inf")


def end_what_holds_nothing(now: datetime) -> None:
    """What a channel met as everybody's, and who ended that did not see: it ends by the clock, told as any other."""
    if _outage_lasts():
        return
    free = Channel.select(Channel.id).where(Channel.held_for == "")
    stale = (Trouble.kind == Kind.X_DOWN) & Trouble.ended_at.is_null() & (Trouble.met_at < now - troubles.GRACE)
    for (channel_id,) in as_tuples(Trouble.select(Trouble.channel_id).where(stale & Trouble.channel_id.in_(free))):
        troubles.over(channel_id, now, Kind.X_DOWN)


def _outage_lasts() -> bool:
    row = _outage.first()
    return row is not None and bool(row[2])


# --- one channel -------------------------------------------------------------------------------------------------


def _counts_on(channel: Channel, error: XError) -> bool:
    """Failures of X's machines are counted from the first on, anything else only as long as it holds the channel."""
    return bool(channel.held_for) or error.fault is Fault.WAY


def _free(channel_id: int, now: datetime) -> None:
    """held → free: what waited goes on, what became too late meanwhile is told with the end."""
    again: dict[str, Any] = {"hold_until": None, "holds_in_a_row": 0, "held_for": "", "probe": None}
    freed = Channel.update(**again).where((Channel.id == channel_id) & (Channel.held_for != "")).execute()
    if freed != 1:
        return
    waits = (Tweet.channel_id == channel_id) & Tweet.reason.in_([*(k.value for k in KINDS), "on_hold"])
    _go_on(waits, now)
    troubles.over(channel_id, now, *KINDS)


def _go_on(waits: pw.Expression, now: datetime) -> None:
    """queued → expired for what a person wrote and is too late by now, if the trouble was told; the rest is due."""
    queued = Tweet.status.literally(TweetStatus.QUEUED) & waits
    written = queued & Tweet.message_id.is_null() & (Tweet.fresh_until < now)
    for tweet in list(Tweet.select().where(written)):
        if tells_with_end(tweet.channel_id, tweet.reason):
            expire(tweet, tweet.reason, now)
    Tweet.update(due_at=now).where(queued & (Tweet.due_at > now)).execute()


def expire(tweet: Tweet, reason: str, now: datetime) -> None:
    """queued | sending → expired without a notice of its own: it is told with the end of the trouble, its reason."""
    mine = (Tweet.id == tweet.id) & (Tweet.status == tweet.status) & (Tweet.claim == tweet.claim)
    with transaction():
        over: dict[str, Any] = {"status": TweetStatus.EXPIRED, "reason": reason, "claimed_until": None}
        if Tweet.update(**over).where(mine).execute() != 1:
            return
        note(tweet.channel_id, tweet.id, now, "expired", reason)
        if tweet.thread_id is not None and tweet.after_id is None:
            threads.cancel_rest(tweet.id, reason)
