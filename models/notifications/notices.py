"""Notices: what a person is to be told, kept as rows until the bot has told it.

pending → delivered | dropped. A delivered one whose state has changed is drawn anew (`redraw_at`).
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee as pw

from models.database import EnumField, InstantField, Table, to_stored

CLAIM = timedelta(seconds=60)
MAX_ATTEMPTS = 50


class NoticeKind(StrEnum):
    """What a notice tells. The values are stored, so they never change."""

    POSTED = "posted"  # a message is on X
    SAID = "said"  # what a person wrote or planned is on X
    UNDO_FAILED = "undo_failed"  # X won't take a tweet back
    FAILED = "failed"  # X won't have a tweet
    EXPIRED = "expired"  # it was too late for a tweet
    ON_HOLD = "on_hold"  # X wants no more of the channel for now
    TOKEN_DEAD = "token_dead"  # the channel must be signed in anew  # noqa: S105
    CONNECTED = "connected"  # the channel was signed in
    SIGN_IN_WAITS = "sign_in_waits"  # X sent back who signed in by the link; their yes is waited for
    HELD = "held"  # a message waits for a decision
    SENDER_BLOCKED = "sender_blocked"  # a rule blocked a sender
    EDITED = "edited"  # a message was edited after it went out
    JOINED = "joined"  # somebody became a member
    SKIPPED = "skipped"  # times of a schedule went by in a silence of ours


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
        kind=kind,
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
    Notice.update(redraw_at=now).where(Notice.message_id == message_id).execute()


def redraw_tweet(tweet_id: int, now: datetime) -> None:
    """The same for what was told of a tweet."""
    Notice.update(redraw_at=now).where(Notice.tweet_id == tweet_id).execute()


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
        & (Notice.kind == kind.value)
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
