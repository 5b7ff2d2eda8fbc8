"""Notices: what a person is to be told, kept as rows until the bot has told it.

pending → delivered | dropped. A delivered one whose state has changed is drawn anew (`redraw_at`).
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee as pw

from models.database import InstantField, Table, to_stored

CLAIM = timedelta(seconds=60)
MAX_ATTEMPTS = 50


class NoticeKind(StrEnum):
    """What a notice tells. The values are stored, so they never change."""

    POSTED = "posted"
    SAID = "said"
    UNDO_FAILED = "undo_failed"
    FAILED = "failed"
    EXPIRED = "expired"
    ON_HOLD = "on_hold"
    TOKEN_DEAD = "token_dead"  # noqa: S105
    CONNECTED = "connected"
    SIGN_IN_WAITS = "sign_in_waits"
    HELD = "held"
    SENDER_BLOCKED = "sender_blocked"
    EDITED = "edited"
    JOINED = "joined"
    SKIPPED = "skipped"


class Notice(Table):
    id: Any = pw.BigAutoField()
    person_id: Any = pw.BigIntegerField()
    channel_id: Any = pw.IntegerField(null=True)
    kind: Any = pw.TextField()
    data: Any = pw.TextField(default="{}")
    key: Any = pw.TextField(null=True, unique=True)
    tweet_id: Any = pw.BigIntegerField(null=True, index=True)
    status: Any = pw.TextField(default="pending")
    due_at: Any = InstantField()
    attempts: Any = pw.IntegerField(default=0)
    telegram_message_id: Any = pw.BigIntegerField(null=True)
    created_at: Any = InstantField()
    delivered_at: Any = InstantField(null=True)
    message_id: Any = pw.BigIntegerField(null=True)
    redraw_at: Any = InstantField(null=True)
    drawn_at: Any = InstantField(null=True)

    @property
    def details(self) -> dict[str, Any]:
        details: dict[str, Any] = json.loads(self.data)
        return details


def tell(
    person_id: int,
    kind: NoticeKind,
    key: str,
    now: datetime,
    *,
    channel_id: int | None = None,
    tweet_id: int | None = None,
    message_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Leave a notice; the same `key` is told once. Call it inside the transaction of what it tells."""
    Notice.insert(
        person_id=person_id,
        channel_id=channel_id,
        kind=kind.value,
        key=key,
        tweet_id=tweet_id,
        message_id=message_id,
        data=json.dumps(data or {}, ensure_ascii=False),
        due_at=now,
        created_at=now,
    ).on_conflict_ignore().execute()


def claim_due(now: datetime, limit: int) -> list[Notice]:
    """Take pending notices to deliver. A claim lapses by itself: a killed bot's notices are told by the next."""
    taken = []
    due = (Notice.status == "pending") & (Notice.due_at <= now)
    # all read before the first is claimed: SQLite can't write on top of a reading that others have overtaken
    for notice in list(Notice.select().where(due).order_by(Notice.due_at, Notice.id).limit(limit)):
        won = (
            Notice.update(due_at=now + CLAIM, attempts=Notice.attempts + 1)
            .where((Notice.id == notice.id) & (Notice.status == "pending") & (Notice.due_at == notice.due_at))
            .execute()
        )
        if won == 1:
            taken.append(notice)
    return taken


def delivered(notice_id: int, telegram_message_id: int, now: datetime) -> None:
    """The person has it, in this Telegram message."""
    Notice.update(status="delivered", telegram_message_id=telegram_message_id, delivered_at=now).where(
        (Notice.id == notice_id) & (Notice.status == "pending")
    ).execute()


def dropped(notice_id: int) -> None:
    """It can't be told: the person blocked the bot, or is gone."""
    Notice.update(status="dropped").where((Notice.id == notice_id) & (Notice.status == "pending")).execute()


def later(notice_id: int, due_at: datetime) -> None:
    """Telegram can't take it now; tried again at `due_at`, dropped after too many tries."""
    Notice.update(due_at=due_at).where((Notice.id == notice_id) & (Notice.attempts < MAX_ATTEMPTS)).execute()
    Notice.update(status="dropped").where(
        (Notice.id == notice_id) & (Notice.status == "pending") & (Notice.attempts >= MAX_ATTEMPTS)
    ).execute()


def redraw_message(message_id: int, now: datetime) -> None:
    """What was told of this message shows an old state: draw it anew, now or as soon as it has been delivered.

    Call it inside the transaction that changes the state.
    """
    Notice.update(redraw_at=now).where(Notice.message_id == message_id).execute()


def redraw_tweet(tweet_id: int, now: datetime) -> None:
    """The same for what was told of a tweet."""
    Notice.update(redraw_at=now).where(Notice.tweet_id == tweet_id).execute()


def claim_redraws(now: datetime, limit: int) -> list[Notice]:
    """Take delivered notices that show an old state; one that fails is put back with `redraw_later`."""
    taken = []
    stale = (Notice.redraw_at <= now) & (Notice.status == "delivered")
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


def last_delivered(person_id: int, channel_id: int, kind: NoticeKind, since: datetime) -> list[Notice]:
    """What was told of this kind lately, newest first; a burst is folded into the last of them."""
    told = (
        (Notice.person_id == person_id)
        & (Notice.kind == kind.value)
        & (Notice.delivered_at >= since)
        & (Notice.channel_id == channel_id)
        & (Notice.status == "delivered")
    )
    return list(Notice.select().where(told).order_by(Notice.delivered_at.desc(), Notice.id.desc()))


def of_tweet(tweet_id: int) -> Notice | None:
    """The notice that told of this tweet."""
    return Notice.get_or_none(
        (Notice.tweet_id == tweet_id) & Notice.kind.in_([NoticeKind.POSTED.value, NoticeKind.SAID.value])
    )


def of_telegram_message(person_id: int, telegram_message_id: int) -> list[Notice]:
    """All that one Telegram message tells, oldest first: one notice, or a folded burst."""
    told = (Notice.person_id == person_id) & (Notice.telegram_message_id == telegram_message_id)
    return list(Notice.select().where(told).order_by(Notice.id))
