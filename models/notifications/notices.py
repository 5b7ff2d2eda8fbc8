"""Notices: what a person is to be told, kept as rows until the bot has told it.

pending → sending → delivered | dropped | unknown      sending → pending (`models/notifications/lanes.py`)
A delivered one whose state has changed is drawn anew (`redraw_at`).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

import peewee as pw

from models import doorbells
from models.bites import NOTHING, Bite, in_order, taken
from models.database import EnumField, InstantField, Table
from models.doorbells import Doorbell
from models.notifications import desks, kinds_of_deletions, kinds_of_opting, wanted, watching  # noqa: F401  # likewise
from models.notifications import kinds as _kinds  # noqa: F401  # all of them are declared before any is stored or read
from models.notifications import kinds_of_budgets as _of_budgets  # noqa: F401
from models.notifications import kinds_of_control as _of_control  # noqa: F401
from models.notifications import kinds_of_desks as _of_desks  # noqa: F401
from models.notifications import kinds_of_entry as _of_entry  # noqa: F401
from models.notifications import kinds_of_team as _of_team  # noqa: F401
from models.notifications.declaring import NoticeKind, Told, kind_of, kinds, packed, unpacked
from models.statements import as_rows, statement


class NoticeStatus(StrEnum):
    """Whether a notice was told. The values are stored, so they never change."""

    PENDING = "pending"  # it is told from `due_at` on
    SENDING = "sending"  # it is on its way to Telegram
    DELIVERED = "delivered"  # the person has it
    DROPPED = "dropped"  # it can't be told
    UNKNOWN = "unknown"  # it was sent, and nobody knows whether it came; it is not told again


WAITING = (NoticeStatus.PENDING, NoticeStatus.SENDING)
KEPT = timedelta(days=30)


class Notice(Table):
    id = pw.BigAutoField()
    person_id = pw.BigIntegerField()
    channel_id = pw.IntegerField(null=True)
    kind = EnumField(NoticeKind)
    data = pw.TextField(default="{}")
    key = pw.TextField(null=True, unique=True)
    tweet_id = pw.BigIntegerField(null=True, index=True)
    status = EnumField(NoticeStatus, default=NoticeStatus.PENDING)
    due_at = InstantField()
    attempts = pw.IntegerField(default=0)
    telegram_message_id = pw.BigIntegerField(null=True)
    created_at = InstantField()
    delivered_at = InstantField(null=True)
    message_id = pw.BigIntegerField(null=True)
    redraw_at = InstantField(null=True)
    drawn_at = InstantField(null=True)
    drawn_as = pw.TextField(null=True)  # models/publishing/following.py
    doubtful = pw.BooleanField(default=False)  # it may have come already
    signed = pw.TextField(null=True)  # who of a desk did something by it last

    @property
    def value(self) -> Told | None:
        """What it tells; None for what nobody knows any more."""
        return unpacked(self.kind, self.data, tweet=self.tweet_id, message=self.message_id)


@statement
def _told(person_id: int, telegram_message_id: int) -> pw.Query:
    told = (Notice.person_id == person_id) & (Notice.telegram_message_id == telegram_message_id)
    return Notice.select().where(told).order_by(Notice.id)


@statement
def _show(person_id: int, telegram_message_id: int, as_of: datetime, now: datetime) -> pw.Query:
    theirs = (Notice.person_id == person_id) & (Notice.telegram_message_id == telegram_message_id)
    again = pw.Case(None, [(Notice.drawn_at > as_of, now)], None)
    old = (Notice.redraw_at <= as_of) | (Notice.drawn_at > as_of)
    return Notice.update(redraw_at=again).where(theirs & old)


@statement
def _leave(
    person_id: int,
    channel_id: int | None,
    kind: NoticeKind,
    key: str,
    tweet_id: int | None,
    message_id: int | None,
    data: str,
    now: datetime,
) -> pw.Query:
    return Notice.insert(
        person_id=person_id,
        channel_id=channel_id,
        kind=kind,
        key=key,
        tweet_id=tweet_id,
        message_id=message_id,
        data=data,
        due_at=now,
        created_at=now,
    ).on_conflict_ignore()


def tell(
    person_id: int,
    notice: Told,
    now: datetime,
    *,
    channel_id: int | None = None,
    tweet_id: int | None = None,
    message_id: int | None = None,
) -> None:
    """Leave a notice for a person who wants it, and ring; the same is told once. A state that it shows is named too.

    Call it inside the transaction of what it tells. What goes to the channel's desk is left there, whoever of the team
    it was meant for, and as many of them: for the person only what both are told.
    """
    kind = kind_of(notice)
    of_channel = channel_id if not desks.is_desk(person_id) else None
    if of_channel is not None and not tell_desk(
        notice, now, channel_id=of_channel, tweet_id=tweet_id, message_id=message_id
    ):
        return
    chosen = kind.setting if not desks.is_desk(person_id) else None
    if chosen is not None and not wanted.is_wanted(person_id, channel_id or 0, chosen):
        return
    key = _key_of(person_id, notice, channel_id)
    _leave.changed(person_id, channel_id, kind.stored, key, tweet_id, message_id, packed(notice), now)
    doorbells.ring(Doorbell.NOTICES)


def redraw(notice: Told, people: Collection[int], now: datetime) -> None:
    """What these people were told, of no channel, shows an old state: draw it anew. `notice` is the same as was told.

    Call it inside the transaction that changes the state.
    """
    if _mark_old(Notice.key.in_([_key_of(person_id, notice, None) for person_id in people]), now):
        doorbells.ring(Doorbell.NOTICES)


def tell_desk(
    notice: Told, now: datetime, *, channel_id: int, tweet_id: int | None = None, message_id: int | None = None
) -> bool:
    """Leave it at the channel's desk, where that takes such, once; whether people are to be told it too.

    By itself, where the people know it already.
    """
    part = desks.PARTS.get(kind_of(notice).stored)
    at_desk = desks.taking(channel_id, part) if part is not None else None
    if at_desk is None:
        return True
    reader, told_both = at_desk
    tell(reader, notice, now, channel_id=channel_id, tweet_id=tweet_id, message_id=message_id)
    return told_both


def withdraw(person_id: int, kind: type[Told]) -> None:
    """What a person was told of this kind, or was about to be, is answered: nothing of it is kept."""
    stored = kinds()[kind].stored
    Notice.delete().where((Notice.person_id == person_id) & (Notice.kind == stored)).execute()


def redraw_message(message_id: int, now: datetime) -> None:
    """What was told of this message shows an old state: draw it anew, now or as soon as it has been delivered.

    Call it inside the transaction that changes the state.
    """
    if _mark_old(Notice.message_id == message_id, now):
        doorbells.ring(Doorbell.NOTICES)


def redraw_messages_of(person_id: int, message_ids: Collection[int], now: datetime) -> None:
    """The same for what one person was told of these messages: what they may do about them is not what it was."""
    if _mark_old((Notice.person_id == person_id) & Notice.message_id.in_(list(message_ids)), now):
        doorbells.ring(Doorbell.NOTICES)


def call_off(person_id: int, channel_id: int, kind: type[Told]) -> None:
    """pending → dropped, for what a person was about to be told of this kind; it may be told them anew.

    What is perhaps on its way stays.
    """
    theirs = (Notice.person_id == person_id) & (Notice.channel_id == channel_id) & (Notice.kind == kinds()[kind].stored)
    waits = (Notice.status == NoticeStatus.PENDING) & Notice.telegram_message_id.is_null() & ~Notice.doubtful
    Notice.update(status=NoticeStatus.DROPPED, key=None, redraw_at=None).where(theirs & waits).execute()


def redraw_tweet(tweet_id: int, now: datetime) -> None:
    """The same for what was told of a tweet."""
    if _mark_old(Notice.tweet_id == tweet_id, now):
        doorbells.ring(Doorbell.NOTICES)


def message_changed_in_chat(message_id: int, now: datetime) -> None:
    """The same where a person changed it: who answers them shows it to them, the others see it at the next look.

    Nobody is rung, or the answer and the drawing anew would run against each other.
    """
    _mark_old(Notice.message_id == message_id, now)


def tweet_changed_in_chat(tweet_id: int, now: datetime) -> None:
    """The same for what was told of a tweet."""
    _mark_old(Notice.tweet_id == tweet_id, now)


def shown(person_id: int, telegram_message_id: int, as_of: datetime, now: datetime) -> None:
    """The person has just been shown in this message the state of an instant, or something that they asked for.

    What changed later is still drawn anew; and what was drawn meanwhile, once more: the older may lie on top of it.
    """
    _show.changed(person_id, telegram_message_id, as_of, now)


def sign(reader: int, telegram_message_id: int, name: str) -> None:
    """Somebody did something by this message of a desk: everybody there reads who, also when it is drawn anew."""
    theirs = (Notice.person_id == reader) & (Notice.telegram_message_id == telegram_message_id)
    Notice.update(signed=name).where(theirs & (Notice.signed.is_null() | (Notice.signed != name))).execute()


def sign_at_desk(channel_id: int, name: str, now: datetime, *, message_id: int | None, tweet_id: int | None) -> None:
    """The same wherever they did it: what stands at the channel's desk of this message or tweet is drawn anew with it.

    Call it inside the transaction of what they did.
    """
    desk = desks.of(channel_id)
    if desk is None:
        return
    of_it = Notice.tweet_id == tweet_id if message_id is None else Notice.message_id == message_id
    if message_id is not None and tweet_id is not None:
        of_it |= Notice.tweet_id == tweet_id
    there = (Notice.person_id == desks.reader_of(desk.group_id)) & (Notice.channel_id == channel_id)
    Notice.update(signed=name, redraw_at=now).where(there & of_it).execute()


def of_tweet(tweet_id: int, reader: int) -> Notice | None:
    """The notice that told somebody, or a desk, of this tweet."""
    told = (Notice.tweet_id == tweet_id) & (Notice.person_id == reader)
    return Notice.get_or_none(told & Notice.kind.in_([NoticeKind.POSTED, NoticeKind.SAID]))


def of_telegram_message(person_id: int, telegram_message_id: int) -> list[Notice]:
    """All that one Telegram message tells, oldest first: one notice, or a folded burst."""
    return as_rows(Notice, _told.rows(person_id, telegram_message_id))


def forget_some(now: datetime, after: int, most: int) -> Bite:
    """Delete what was told, or could not be, so long ago that nobody goes back to it."""
    old, upto = in_order(Notice, Notice.created_at, now - KEPT, after, most)
    over = Notice.id.in_(old) & Notice.status.not_in(WAITING)
    return Bite(taken(Notice.delete().where(over)), upto) if old else NOTHING


def _key_of(person_id: int, notice: Told, channel_id: int | None) -> str:
    return f"{kind_of(notice).stored}:{channel_id or 0}:{notice.once}:{person_id}"


def _mark_old(told: pw.Expression, now: datetime) -> bool:
    return bool(Notice.update(redraw_at=now).where(told).execute())
