"""Notices: what a person is to be told, kept as rows until the bot has told it.

pending → delivered | dropped. A delivered one whose state has changed is drawn anew (`redraw_at`).
"""

from datetime import datetime, timedelta
from enum import StrEnum

import peewee as pw

from models import doorbells
from models.database import EnumField, InstantField, Table, to_stored
from models.doorbells import Doorbell
from models.notifications import wanted
from models.notifications.declaring import NoticeKind, Told, kind_of, kinds, packed, unpacked
from models.statements import statement

CLAIM = timedelta(seconds=60)
MAX_ATTEMPTS = 50


class NoticeStatus(StrEnum):
    """Whether a notice was told. The values are stored, so they never change."""

    PENDING = "pending"  # it is told at `due_at`
    DELIVERED = "delivered"  # the person has it
    DROPPED = "dropped"  # it can't be told


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

    @property
    def value(self) -> Told | None:
        """What it tells; None for what nobody knows any more."""
        return unpacked(self.kind, self.data, tweet=self.tweet_id, message=self.message_id)


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

    Call it inside the transaction of what it tells.
    """
    kind = kind_of(notice)
    if kind.setting is not None and not wanted.is_wanted(person_id, channel_id or 0, kind.setting):
        return
    key = f"{kind.stored}:{channel_id or 0}:{notice.once}:{person_id}"
    _leave.changed(person_id, channel_id, kind.stored, key, tweet_id, message_id, packed(notice), now)
    doorbells.ring(Doorbell.NOTICES)


def withdraw(person_id: int, kind: type[Told]) -> None:
    """What a person was told of this kind, or was about to be, is answered: nothing of it is kept."""
    stored = kinds()[kind].stored
    Notice.delete().where((Notice.person_id == person_id) & (Notice.kind == stored)).execute()


def claim_due(now: datetime, limit: int) -> list[Notice]:
    """Take pending notices to deliver. A claim lapses by itself: a killed bot's notices are told by the next."""
    taken = []
    due = (Notice.status == NoticeStatus.PENDING) & (Notice.due_at <= now)
    # all read before the first is claimed: SQLite can't write on top of a reading that others have overtaken
    for notice in list(Notice.select().where(due).order_by(Notice.due_at, Notice.id).limit(limit)):
        won = (
            Notice.update(due_at=now + CLAIM, attempts=Notice.attempts + 1)
            .where(
                (Notice.id == notice.id) & (Notice.status == NoticeStatus.PENDING) & (Notice.due_at == notice.due_at)
            )
            .execute()
        )
        if won == 1:
            taken.append(notice)
    return taken


def delivered(notice_id: int, telegram_message_id: int, now: datetime) -> None:
    """The person has it, in this Telegram message."""
    Notice.update(status=NoticeStatus.DELIVERED, telegram_message_id=telegram_message_id, delivered_at=now).where(
        (Notice.id == notice_id) & (Notice.status == NoticeStatus.PENDING)
    ).execute()


def dropped(notice_id: int) -> None:
    """It can't be told: the person blocked the bot, or is gone."""
    Notice.update(status=NoticeStatus.DROPPED).where(
        (Notice.id == notice_id) & (Notice.status == NoticeStatus.PENDING)
    ).execute()


def later(notice_id: int, due_at: datetime) -> None:
    """Telegram can't take it now; tried again at `due_at`, dropped after too many tries."""
    Notice.update(due_at=due_at).where((Notice.id == notice_id) & (Notice.attempts < MAX_ATTEMPTS)).execute()
    Notice.update(status=NoticeStatus.DROPPED).where(
        (Notice.id == notice_id) & (Notice.status == NoticeStatus.PENDING) & (Notice.attempts >= MAX_ATTEMPTS)
    ).execute()


def redraw_message(message_id: int, now: datetime) -> None:
    """What was told of this message shows an old state: draw it anew, now or as soon as it has been delivered.

    Call it inside the transaction that changes the state.
    """
    if _mark_old(Notice.message_id == message_id, now):
        doorbells.ring(Doorbell.NOTICES)


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


def claim_redraws(now: datetime, limit: int) -> list[Notice]:
    """Take delivered notices that show an old state; one that fails is put back with `redraw_later`."""
    taken = []
    stale = (Notice.redraw_at <= now) & (Notice.status == NoticeStatus.DELIVERED)
    for notice in list(Notice.select().where(stale).order_by(Notice.redraw_at).limit(limit)):
        mine = (Notice.id == notice.id) & (Notice.redraw_at == notice.redraw_at)
        if Notice.update(redraw_at=None, drawn_at=now).where(mine).execute() == 1:
            taken.append(notice)
    return taken


def redraw_later(notice_id: int, at: datetime) -> None:
    """It could not be drawn anew; again at this moment."""
    Notice.update(redraw_at=at).where((Notice.id == notice_id) & Notice.redraw_at.is_null()).execute()


def shown(person_id: int, telegram_message_id: int, as_of: datetime, now: datetime) -> None:
    """The person has just been shown in this message the state of an instant, or something that they asked for.

    What changed later is still drawn anew; and what was drawn meanwhile, once more: the older may lie on top of it.
    """
    theirs = (Notice.person_id == person_id) & (Notice.telegram_message_id == telegram_message_id)
    again = pw.Case(None, [(Notice.drawn_at > as_of, to_stored(now))], None)
    old = (Notice.redraw_at <= as_of) | (Notice.drawn_at > as_of)
    Notice.update(redraw_at=again).where(theirs & old).execute()


def last_delivered(person_id: int, channel_id: int | None, kind: NoticeKind, since: datetime) -> list[Notice]:
    """What was told of this kind lately, newest first; a burst is folded into the last of them."""
    told = (
        (Notice.person_id == person_id)
        & (Notice.kind == kind)
        & (Notice.delivered_at >= since)
        & (Notice.channel_id == channel_id)
        & (Notice.status == NoticeStatus.DELIVERED)
    )
    return list(Notice.select().where(told).order_by(Notice.delivered_at.desc(), Notice.id.desc()))


def of_tweet(tweet_id: int) -> Notice | None:
    """The notice that told of this tweet."""
    return Notice.get_or_none((Notice.tweet_id == tweet_id) & Notice.kind.in_([NoticeKind.POSTED, NoticeKind.SAID]))


def of_telegram_message(person_id: int, telegram_message_id: int) -> list[Notice]:
    """All that one Telegram message tells, oldest first: one notice, or a folded burst."""
    told = (Notice.person_id == person_id) & (Notice.telegram_message_id == telegram_message_id)
    return list(Notice.select().where(told).order_by(Notice.id))


def _mark_old(told: pw.Expression, now: datetime) -> bool:
    return bool(Notice.update(redraw_at=now).where(told).execute())
