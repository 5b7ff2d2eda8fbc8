"""A channel's days, summed up: what is left of messages and tweets when they are past their time.

A day holds what was deleted of it, so it grows while its rows go, in their transaction: together they are all.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import peewee as pw

from models.bulk import execute_many
from models.database import EPOCH, Table, as_tuples

DAY = timedelta(days=1)
COUNTED = ("heard", "ignored", "blocked", "said", "expired", "failed")


class ChannelDay(Table):
    """`day`: days since 1970, UTC."""

    channel_id = pw.IntegerField()
    day = pw.IntegerField()
    heard = pw.IntegerField(default=0)
    ignored = pw.IntegerField(default=0)
    blocked = pw.IntegerField(default=0)
    said = pw.IntegerField(default=0)
    expired = pw.IntegerField(default=0)
    failed = pw.IntegerField(default=0)

    class Meta:
        primary_key = pw.CompositeKey("channel_id", "day")


@dataclass(frozen=True, slots=True)
class Before:
    """All that was summed up of a channel, since the first of its days."""

    since: datetime
    heard: int
    said: int


Sums = dict[tuple[int, int], Counter[str]]


def day_of(at: datetime) -> int:
    """The day in which an instant lies."""
    return (at - EPOCH) // DAY


def add(sums: Mapping[tuple[int, int], Mapping[str, int]]) -> None:
    """Add to days, given as (channel, day). Call it in the transaction that deletes what was counted."""
    columns = ", ".join(COUNTED)
    more = ", ".join(f"{name} = channel_day.{name} + excluded.{name}" for name in COUNTED)
    execute_many(
        f"INSERT INTO channel_day (channel_id, day, {columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        f" ON CONFLICT (channel_id, day) DO UPDATE SET {more}",
        [(*key, *(counts.get(name, 0) for name in COUNTED)) for key, counts in sorted(sums.items())],
    )


def before(channel_id: int) -> Before | None:
    """What was summed up of a channel; None where nothing was yet."""
    mine = ChannelDay.channel_id == channel_id
    columns = (ChannelDay.day, ChannelDay.heard, ChannelDay.said)
    sums = (pw.fn.MIN(columns[0]), *(pw.fn.SUM(column) for column in columns[1:]))
    first, heard, said = as_tuples(ChannelDay.select(*sums).where(mine))[0]
    if first is None:
        return None
    return Before((EPOCH + int(first) * DAY).astimezone(UTC), int(heard), int(said))
