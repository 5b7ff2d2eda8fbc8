"""Switching a channel and its parts on and off, its pace, and what `/status` shows."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee as pw

from engine.x.events import id_at
from models import notifications
from models.accounts import Channel, Person
from models.database import as_tuples, transaction
from models.messages import Message
from models.notifications import Notice, NoticeKind
from models.publishing import cancel_queued
from models.tweets import Tweet

MAX_GAP_S = 3600
MIN_FRESH_S, MAX_FRESH_S = 60, 24 * 3600


@dataclass(frozen=True, slots=True)
class Overview:
    """A channel's last 24 hours, in counts, and its spending in micro-dollars."""

    heard: int
    posted: int
    ignored: int
    blocked: int
    queued: int
    unsettled: int
    expired: int
    failed: int
    spent: int


def channels_of(person_id: int) -> list[Channel]:
    """The channels that a person owns, connected ones first."""
    rows = Channel.select().where(Channel.owner_id == person_id)
    return list(rows.order_by(Channel.connected.desc(), Channel.handle))


def switch(channel_id: int, *, on: bool, now: datetime, reason: str = "owner") -> bool:
    """Turn a channel on or off; False where it was so already, or can't be (it is not connected).

    Off cancels what waits. On starts hearing from this moment: what was said meanwhile is not posted.
    """
    with transaction():
        changes: dict[str, object] = {"is_on": on, "off_reason": "" if on else reason}
        if on:
            changes |= {"mention_cursor": id_at(now), "dm_cursor": id_at(now), "hold_until": None}
        changed = (
            Channel.update(**changes)
            .where((Channel.id == channel_id) & Channel.connected & (Channel.is_on != on))
            .execute()
        )
        if changed == 1 and not on:
            cancel_queued(channel_id, "channel_off")
    return bool(changed == 1)


def switch_mentions(channel_id: int, *, on: bool, now: datetime) -> bool:
    """Turn the reposting of mentions on or off; False where it was so already."""
    changes = {"mention_cursor": id_at(now)} if on else {}
    return _switch_kind(channel_id, Channel.mentions_on, on, changes)


def switch_dms(channel_id: int, *, on: bool, now: datetime) -> bool:
    """Turn the reposting of direct messages on or off; False where it was so already."""
    changes = {"dm_cursor": id_at(now)} if on else {}
    return _switch_kind(channel_id, Channel.dms_on, on, changes)


def name_senders(channel_id: int, *, on: bool) -> None:
    """Whether a DM's post names who sent it."""
    Channel.update(name_senders=on, ruleset_version=Channel.ruleset_version + 1).where(
        Channel.id == channel_id
    ).execute()


def set_gap(channel_id: int, seconds: int) -> None:
    """At least so many seconds between posts. Raises ValueError outside 0..3600."""
    if not 0 <= seconds <= MAX_GAP_S:
        raise ValueError(seconds)
    Channel.update(gap_s=seconds).where(Channel.id == channel_id).execute()


def set_freshness(channel_id: int, seconds: int) -> None:
    """How old a message may be when it is posted. Raises ValueError outside a minute to a day."""
    if not MIN_FRESH_S <= seconds <= MAX_FRESH_S:
        raise ValueError(seconds)
    Channel.update(fresh_s=seconds).where(Channel.id == channel_id).execute()


def token_died(channel_id: int, token_version: int, detail: str, now: datetime) -> bool:
    """X no longer takes this version of the channel's token: the channel goes off, the owner is told once."""
    with transaction():
        changed = (
            Channel.update(is_on=False, off_reason="token", last_problem=detail, last_problem_at=now)
            .where(
                (Channel.id == channel_id)
                & Channel.connected
                & (Channel.token_version == token_version)
                & (Channel.off_reason != "token")
            )
            .returning(Channel.owner_id)
            .execute()
        )
        owners = [row.owner_id for row in changed]
        if not owners:
            return False
        cancel_queued(channel_id, "token")
        notifications.tell(
            owners[0],
            NoticeKind.TOKEN_DEAD,
            f"token:{channel_id}:{token_version}",
            now,
            channel_id=channel_id,
            data={"detail": detail},
        )
    return True


def overview(channel_id: int, now: datetime) -> Overview:
    """Count the last 24 hours of a channel."""
    since = now - timedelta(days=1)
    messages: dict[str, int] = dict(
        as_tuples(
            Message.select(Message.status, pw.fn.COUNT(Message.id))
            .where((Message.channel_id == channel_id) & (Message.heard_at > since))
            .group_by(Message.status)
        )
    )
    tweets: dict[str, int] = dict(
        as_tuples(
            Tweet.select(Tweet.status, pw.fn.COUNT(Tweet.id))
            .where((Tweet.channel_id == channel_id) & (Tweet.due_at > since))
            .group_by(Tweet.status)
        )
    )
    spent = (
        Tweet.select(pw.fn.SUM(Tweet.cost)).where((Tweet.channel_id == channel_id) & (Tweet.sent_at > since)).scalar()
    )
    return Overview(
        heard=sum(messages.values()),
        posted=tweets.get("sent", 0),
        ignored=messages.get("ignored", 0),
        blocked=messages.get("blocked", 0),
        queued=tweets.get("queued", 0) + tweets.get("waiting", 0),
        unsettled=tweets.get("sending", 0) + tweets.get("unknown", 0),
        expired=tweets.get("expired", 0),
        failed=tweets.get("failed", 0),
        spent=int(spent or 0),
    )


def pending_notices(person_id: int) -> int:
    """Notices that the person has not got yet."""
    mine = (Notice.person_id == person_id) & (Notice.status == "pending")
    return int(Notice.select().where(mine).count())


def remember_dialogue(person_id: int, dialogue: dict[str, object] | None) -> None:
    """Keep where a wizard stands, so that a restart of the bot does not forget it. None ends it."""
    value = json.dumps(dialogue) if dialogue else ""
    Person.update(dialogue=value).where(Person.telegram_id == person_id).execute()


def change_dialogue(person_id: int, before: str, dialogue: dict[str, object]) -> bool:
    """Change where a wizard stands, if it still stands where it was read; False where another was first."""
    mine = (Person.telegram_id == person_id) & (Person.dialogue == before)
    return bool(Person.update(dialogue=json.dumps(dialogue)).where(mine).execute() == 1)


def _switch_kind(channel_id: int, column: pw.Field, on: bool, changes: dict[str, int]) -> bool:
    changed = (
        Channel.update(**{column.name: on}, **changes, ruleset_version=Channel.ruleset_version + 1)
        .where((Channel.id == channel_id) & (column != on))
        .execute()
    )
    return bool(changed == 1)
