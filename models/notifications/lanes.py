"""A person's lane: all that they are to be told, one message after the other, by one process at a time.

A lane is free, or held until an instant by the process that tells; who holds it goes on saying so, and who dies loses
it by that. It may be put off as a whole, where Telegram wants a pause of this chat or is away: so the order stays.

A notice becomes `sending` just before it is sent, in the transaction that makes sure of the lane. What is `sending`
while nobody is at it was sent, or was just about to be; `doubt` says what becomes of that.
"""

import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import peewee as pw
import structlog

from models.aside import Waits
from models.database import EPOCH, InstantField, Table, as_tuples, transaction
from models.notifications.declaring import NoticeKind, urgent_kinds
from models.notifications.notices import WAITING, Notice, NoticeStatus, of_telegram_message

HELD = timedelta(seconds=20)
LONGEST_PAUSE_S = 60
LOOK_AT, MOST_AT_ONCE = 60, 5_000
_WAITING = Notice.status.literally(*WAITING)  # as the index has it
log = structlog.get_logger()


class LaneLost(Waits):
    """Somebody else took the lane: we were thought dead."""


class NoticeLane(Table):
    person_id = pw.BigIntegerField(primary_key=True)
    holder = pw.TextField(default="")
    held_until = InstantField(default=EPOCH)
    due_at = InstantField(default=EPOCH)  # nothing is told before
    failures = pw.IntegerField(default=0)  # how often in a row Telegram was away


# --- the lane ------------------------------------------------------------------------------------------------


def waiting(holder: str, now: datetime) -> list[tuple[int, bool]]:
    """For whom there is something to do, and whether it is urgent; the urgent first, then who waits longest.

    Not whose lane somebody else holds, and not who is put off.
    """
    urgent = pw.fn.MAX(pw.Case(None, [(_is_urgent(), 1)], 0))
    told = Notice.select(Notice.person_id, urgent, pw.fn.MIN(Notice.id)).where(_WAITING & (Notice.due_at <= now))
    rows = sorted(as_tuples(told.group_by(Notice.person_id)), key=lambda row: (-row[1], row[2]))
    old = (Notice.redraw_at <= now) & (Notice.status == NoticeStatus.DELIVERED)
    stale = as_tuples(Notice.select(Notice.person_id).where(old))
    elsewhere = (NoticeLane.holder != holder) & (NoticeLane.held_until > now)
    closed = {p for (p,) in as_tuples(NoticeLane.select(NoticeLane.person_id).where(elsewhere | _put_off(now)))}
    found = {person: bool(is_urgent) for person, is_urgent, _ in rows}
    found |= {person: False for (person,) in stale if person not in found}
    return [(person, is_urgent) for person, is_urgent in found.items() if person not in closed]


def enter(person_id: int, holder: str, now: datetime) -> bool:
    """Take the lane, if it is free or its holder died; what that one was sending is settled."""
    with transaction():
        if not _taken(person_id, holder, now):
            NoticeLane.insert(person_id=person_id).on_conflict_ignore().execute()
            if not _taken(person_id, holder, now):  # somebody else's, or put off
                return False
        _doubt((Notice.person_id == person_id) & _WAITING)
    return True


def keep(holder: str, now: datetime) -> None:
    """Say that one is there, by a lane of nobody's, and that one goes on holding one's lanes."""
    nobodys = -1 - zlib.crc32(holder.encode())
    NoticeLane.insert(person_id=nobodys, holder=holder).on_conflict_ignore().execute()
    NoticeLane.update(held_until=now + HELD).where(NoticeLane.holder == holder).execute()
    NoticeLane.delete().where((NoticeLane.person_id < 0) & (NoticeLane.held_until < now - HELD)).execute()


def share(holder: str, now: datetime) -> float:
    """Which part of all lanes that are held is one's own: so much of what Telegram takes from a bot is for us.

    Who is there and holds none counts as one, so that nobody begins as if they were alone.
    """
    held = NoticeLane.select(NoticeLane.holder, pw.fn.COUNT(NoticeLane.person_id)).where(NoticeLane.held_until > now)
    counts: dict[str, int] = dict(as_tuples(held.group_by(NoticeLane.holder)))
    return counts[holder] / sum(counts.values()) if holder in counts else 1.0


def leave(person_id: int, holder: str) -> None:
    """Give the lane back."""
    NoticeLane.update(holder="", held_until=EPOCH).where(_mine(person_id, holder)).execute()


def leave_all(holder: str) -> None:
    """Give all one's lanes back, whatever is still on its way."""
    with transaction():
        mine = [p for (p,) in as_tuples(NoticeLane.select(NoticeLane.person_id).where(NoticeLane.holder == holder))]
        _doubt(Notice.person_id.in_(mine) & _WAITING)
        NoticeLane.update(holder="", held_until=EPOCH).where(NoticeLane.holder == holder).execute()


def put_off(person_id: int, holder: str, until: datetime) -> None:
    """Telegram, which is there, wants a pause of this chat: nothing before `until`. The lane is given back."""
    NoticeLane.update(holder="", held_until=EPOCH, due_at=until, failures=0).where(_mine(person_id, holder)).execute()


def away(person_id: int, holder: str, now: datetime) -> float:
    """Telegram is away: the lane is put off for a time that grows with each failure, and given back; the seconds."""
    with transaction():
        lane = NoticeLane.get_or_none(_mine(person_id, holder))
        if lane is None:
            return 0.0
        pause = float(min(2 ** min(lane.failures, 10), LONGEST_PAUSE_S))
        until = now + timedelta(seconds=pause)
        later = NoticeLane.update(holder="", held_until=EPOCH, due_at=until, failures=lane.failures + 1)
        later.where(_mine(person_id, holder)).execute()
    return pause


def failing(person_id: int) -> bool:
    """Whether Telegram was away when this person was last to be told something."""
    return bool(NoticeLane.select().where((NoticeLane.person_id == person_id) & (NoticeLane.failures > 0)).exists())


def back(person_id: int, now: datetime) -> bool:
    """Telegram answers this person: where it had been away, True, and all others who wait for it may try at once."""
    failed = NoticeLane.failures > 0
    if not NoticeLane.update(failures=0).where((NoticeLane.person_id == person_id) & failed).execute():
        return False
    NoticeLane.update(due_at=now).where(failed & _put_off(now)).execute()
    return True


# --- what is told --------------------------------------------------------------------------------------------


def urgency(person_id: int, now: datetime) -> bool | None:
    """Whether what the person is to be told next is urgent; None where there is nothing to tell or to draw anew."""
    waits = ahead(person_id, now, 1)
    if waits:
        return waits[0].kind in urgent_kinds()
    old = (Notice.person_id == person_id) & (Notice.redraw_at <= now) & (Notice.status == NoticeStatus.DELIVERED)
    return False if Notice.select().where(old).exists() else None


def ahead(person_id: int, now: datetime, most: int = LOOK_AT) -> list[Notice]:
    """What a person is to be told next: the urgent first, else as it was left."""
    due = (Notice.person_id == person_id) & (Notice.due_at <= now) & (Notice.status == NoticeStatus.PENDING)
    first = pw.Case(None, [(_is_urgent(), 0)], 1)
    return list(Notice.select().where(_WAITING & due).order_by(first, Notice.id).limit(most))


def alike(first: Notice, now: datetime) -> list[Notice]:
    """What waits with this one and may go into its message, however much of other channels lies in between."""
    same = (Notice.kind == first.kind) & (Notice.channel_id == first.channel_id) & (Notice.due_at <= now)
    waits = (Notice.person_id == first.person_id) & (Notice.status == NoticeStatus.PENDING)
    return list(Notice.select().where(_WAITING & waits & same).order_by(Notice.id).limit(LOOK_AT))


def backlog(first: Notice, before: datetime) -> list[Notice]:
    """All that waits since before an instant and is of the kind and the channel of this one, as it was left."""
    same = (Notice.kind == first.kind) & (Notice.channel_id == first.channel_id) & (Notice.created_at < before)
    waits = (Notice.person_id == first.person_id) & (Notice.status == NoticeStatus.PENDING)
    fresh = Notice.telegram_message_id.is_null()
    return list(Notice.select().where(_WAITING & waits & same & fresh).order_by(Notice.id).limit(MOST_AT_ONCE))


def take(person_id: int, holder: str, notices: Sequence[Notice], into: int | None, now: datetime) -> list[Notice]:
    """Claim these, to be sent at once; those that are still to be told. Raises LaneLost.

    `into` is the Telegram message of a burst that they are folded into, if any.
    """
    ids = [notice.id for notice in notices]
    with transaction():
        _make_sure(person_id, holder, now)
        changes = Notice.update(status=NoticeStatus.SENDING, attempts=Notice.attempts + 1, telegram_message_id=into)
        pending = Notice.id.in_(ids) & (Notice.status == NoticeStatus.PENDING)
        won = {row.id for row in changes.where(pending).returning(Notice.id).execute()}
    return [notice for notice in notices if notice.id in won]


def sent_anew(ids: Iterable[int], holder: str) -> None:
    """The message of the burst is gone: these are sent in one of their own."""
    Notice.update(telegram_message_id=None).where(_on_the_way(ids, holder)).execute()


def delivered(ids: Iterable[int], telegram_message_id: int, now: datetime) -> None:
    """The person has these, in this Telegram message; also where somebody had given up on knowing that meanwhile."""
    known = (NoticeStatus.PENDING, NoticeStatus.SENDING, NoticeStatus.UNKNOWN)
    Notice.update(status=NoticeStatus.DELIVERED, telegram_message_id=telegram_message_id, delivered_at=now).where(
        Notice.id.in_(list(ids)) & Notice.status.in_(known)
    ).execute()


def put_back(ids: Iterable[int], holder: str) -> None:
    """Telegram did not take these."""
    Notice.update(status=NoticeStatus.PENDING).where(_on_the_way(ids, holder)).execute()


def unsent(person_id: int, holder: str) -> None:
    """Whatever is claimed for this person in one's own lane was not sent, as who has the lane knows."""
    theirs = [n for (n,) in as_tuples(Notice.select(Notice.id).where((Notice.person_id == person_id) & _WAITING))]
    put_back(theirs, holder)


def doubt(ids: Iterable[int], holder: str) -> None:
    """Telegram did not answer whether it took these.

    To edit a message twice is no harm, so what is folded into one is told as if nothing had been. What is urgent is
    told once more, and says that it may be the second time: rather twice than never. Anything else is not told again:
    rather never than twice, since it stands in the journal.
    """
    with transaction():
        _doubt(_on_the_way(ids, holder))


def dropped(ids: Iterable[int], holder: str) -> None:
    """These can't be told."""
    Notice.update(status=NoticeStatus.DROPPED).where(_on_the_way(ids, holder)).execute()


def give_up(notice_id: int) -> None:
    """→ dropped, for what breaks whoever tells it; what was told already is not drawn anew any more."""
    Notice.update(redraw_at=None).where((Notice.id == notice_id) & Notice.redraw_at.is_null(False)).execute()
    waits = (Notice.id == notice_id) & Notice.status.in_([NoticeStatus.PENDING, NoticeStatus.SENDING])
    Notice.update(status=NoticeStatus.DROPPED).where(waits).execute()


def tell_again(notice_id: int) -> bool:
    """dropped → pending, for what broke and may go well by now."""
    given_up = (Notice.id == notice_id) & (Notice.status == NoticeStatus.DROPPED)
    changes = Notice.update(status=NoticeStatus.PENDING, telegram_message_id=None)
    return bool(changes.where(given_up).execute() == 1)


def channels_in(person_id: int) -> list[int]:
    """The channels of which something waits for this reader."""
    waits = (Notice.person_id == person_id) & _WAITING & Notice.channel_id.is_null(False)
    return [c for (c,) in as_tuples(Notice.select(Notice.channel_id).where(waits).distinct())]


def unreachable(person_id: int) -> int:
    """The person blocked the bot, or is gone: nothing that waits for them can be told; how much that was."""
    theirs = (Notice.person_id == person_id) & _WAITING
    return int(Notice.update(status=NoticeStatus.DROPPED).where(theirs).execute())


def last_told(person_id: int, channel_id: int | None, kind: NoticeKind, since: datetime) -> int | None:
    """The Telegram message that told of this kind last, if not before `since`: a burst is folded into it."""
    told = (
        (Notice.person_id == person_id)
        & (Notice.kind == kind)
        & (Notice.delivered_at >= since)
        & (Notice.channel_id == channel_id)
        & (Notice.status == NoticeStatus.DELIVERED)
    )
    last = Notice.select().where(told).order_by(Notice.delivered_at.desc(), Notice.id.desc()).first()
    return last.telegram_message_id if last is not None else None


# --- what is drawn anew --------------------------------------------------------------------------------------


def to_redraw(person_id: int, holder: str, now: datetime) -> list[Notice]:
    """All that one Telegram message tells of which something shows an old state; empty where there is no such.

    Raises LaneLost.
    It stays marked until `redrawn`, so that who dies meanwhile leaves it to the next: to draw twice is no harm.
    """
    theirs = (Notice.person_id == person_id) & (Notice.status == NoticeStatus.DELIVERED)
    with transaction():
        _make_sure(person_id, holder, now)
        stale = Notice.select().where(theirs & (Notice.redraw_at <= now)).order_by(Notice.redraw_at).first()
        if stale is None or stale.telegram_message_id is None:
            return []
        same = theirs & (Notice.telegram_message_id == stale.telegram_message_id)
        Notice.update(drawn_at=now).where(same).execute()
        return of_telegram_message(person_id, stale.telegram_message_id)


def redrawn(notices: Iterable[Notice]) -> None:
    """The message shows the state that these were read with; what changed after that is drawn once more."""
    with transaction():
        for notice in notices:
            if notice.redraw_at is not None:
                as_read = (Notice.id == notice.id) & (Notice.redraw_at == notice.redraw_at)
                Notice.update(redraw_at=None).where(as_read).execute()


# -------------------------------------------------------------------------------------------------------------


def _doubt(whose: pw.Expression) -> None:
    sending = whose & (Notice.status == NoticeStatus.SENDING)
    folded = (
        pw.fn.COALESCE(Notice.telegram_message_id, 0) != 0
    )  # written so that all they were ever told isn't looked at
    Notice.update(status=NoticeStatus.PENDING).where(sending & folded).execute()
    again = sending & _is_urgent() & ~Notice.doubtful
    Notice.update(status=NoticeStatus.PENDING, doubtful=True).where(again).execute()
    given_up = Notice.update(status=NoticeStatus.UNKNOWN).where(sending).returning(Notice.id)
    if lost := [row.id for row in given_up.execute()]:
        log.warning("nobody knows whether these were told", notices=lost)


def _taken(person_id: int, holder: str, now: datetime) -> bool:
    free = (NoticeLane.held_until <= now) | (NoticeLane.holder == holder)
    lane = (NoticeLane.person_id == person_id) & free & ~_put_off(now)
    return bool(NoticeLane.update(holder=holder, held_until=now + HELD).where(lane).execute())


def _make_sure(person_id: int, holder: str, now: datetime) -> None:
    if not NoticeLane.update(held_until=now + HELD).where(_mine(person_id, holder)).execute():
        raise LaneLost(person_id)


def _mine(person_id: int, holder: str) -> pw.Expression:
    return (NoticeLane.person_id == person_id) & (NoticeLane.holder == holder)


def _put_off(now: datetime) -> pw.Expression:
    return NoticeLane.due_at > now


def _on_the_way(ids: Iterable[int], holder: str) -> pw.Expression:
    """These, as long as the lane is ours: else who has it has settled them, and may be sending them now."""
    ours = NoticeLane.select(NoticeLane.person_id).where(NoticeLane.holder == holder)
    return Notice.id.in_(list(ids)) & (Notice.status == NoticeStatus.SENDING) & Notice.person_id.in_(ours)


def _is_urgent() -> pw.Expression:
    return Notice.kind.in_(urgent_kinds())
