"""`python -m bot channels`: every channel of this service, whose it is, how it stands and when it spoke last."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

import peewee as pw

from models.accounts.channels import Channel
from models.accounts.people import Person
from models.database import as_tuples
from models.publishing.tweets import Tweet, TweetStatus
from models.streaming.messages import Message
from tasks.clock import now

HEAD = ("channel", "id", "owner", "stands", "hears by", "heard last", "said last", "waiting")
WAITS = (TweetStatus.WAITING, TweetStatus.QUEUED, TweetStatus.SENDING, TweetStatus.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Listed:
    """A channel, for who runs the service: nothing of what it says or hears. Instants are UTC, written out."""

    channel: str
    id: int
    owner: int
    owner_name: str
    stands: str
    hears_by: str
    heard_last: str | None
    said_last: str | None
    waiting: int


def channels(*, as_json: bool) -> int:
    """Print them, the connected ones first; the exit status."""
    found = listed(now())
    if as_json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1))
        return 0
    if not found:
        print("No channel is connected yet: /connect in Telegram connects one, or python -m bot connect.")
        return 0
    rows: list[tuple[str, ...]] = [HEAD]
    for one in found:
        owner = f"{one.owner} {one.owner_name}".strip()
        last = [instant or "never" for instant in (one.heard_last, one.said_last)]
        rows.append((one.channel, str(one.id), owner, one.stands, one.hears_by, *last, str(one.waiting)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


def listed(at: datetime) -> list[Listed]:
    """All of them."""
    names = dict(as_tuples(Person.select(Person.telegram_id, Person.name)))
    waits = Tweet.select(Tweet.channel_id, pw.fn.COUNT(Tweet.id)).where(Tweet.status.in_(WAITS))
    waiting = dict(as_tuples(waits.group_by(Tweet.channel_id)))
    rows = Channel.select().order_by(Channel.connected.desc(), pw.fn.LOWER(Channel.handle))
    return [
        Listed(
            f"@{row.handle}",
            row.id,
            row.owner_id,
            " ".join(str(names.get(row.owner_id, "")).split()),
            _stands(row, at),
            (str(row.hearing) or "not tried") if row.connected else "nothing",
            _heard_last(row),
            _written(row.last_said_at),
            waiting.get(row.id, 0),
        )
        for row in rows
    ]


def _stands(channel: Channel, at: datetime) -> str:
    if not channel.connected:
        return "disconnected"
    if not channel.is_on:
        return f"off ({channel.off_reason})" if channel.off_reason else "off"
    if channel.hold_until is not None and channel.hold_until > at:
        return f"on, waits until {_written(channel.hold_until)}"
    return "on"


def _heard_last(channel: Channel) -> str | None:
    last = Message.select(Message.heard_at).where(Message.channel_id == channel.id)
    found = last.order_by(Message.heard_at.desc()).first()
    return _written(found.heard_at) if found is not None else None


def _written(instant: datetime | None) -> str | None:
    return f"{instant:%Y-%m-%d %H:%M}" if instant is not None else None
