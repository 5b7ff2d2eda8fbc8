"""What X bills is written down in the transaction of what it did: a line each, summed up soon after.

    told X → a line        shown by X → a mark for the resource's UTC day, and a line; nothing where the mark is there
    lines → sums of a quarter of an hour → sums of a day

A line is only ever added, so nobody who hears or says waits for another's sum. Folding them is one transaction for each
bite: what it adds to the sums is what it deleted. A channel that is forgotten leaves its sums, which hold nothing but
numbers: the service has paid them all the same.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from engine.x import prices
from engine.x.prices import Billed, Resource
from models.bites import NOTHING, Bite
from models.bulk import execute_many
from models.database import EPOCH, EnumField, Table, as_tuples, db, is_sqlite, transaction

SERVICE = 0  # the channel of what is of none
SLOT = timedelta(minutes=15)
SLOTS_A_DAY = 96
KEPT = timedelta(days=40)  # by the quarter of an hour; then by the UTC day, for good
MARKS_KEPT = timedelta(days=2)
AT_ONCE = 500
DAY = timedelta(days=1)


class Charge(Table):
    """A line. `channel`: its id, or SERVICE; `slot`: quarters of an hour since 1970, UTC; `cost` in micro-dollars."""

    id = pw.BigAutoField()
    channel = pw.IntegerField()
    kind = EnumField(Billed)
    slot = pw.IntegerField()
    count = pw.IntegerField()
    cost = pw.BigIntegerField()


class ChargeSum(Table):
    """Lines of one channel, slot and kind together."""

    channel = pw.IntegerField()
    slot = pw.IntegerField()
    kind = EnumField(Billed)
    count = pw.BigIntegerField()
    cost = pw.BigIntegerField()

    class Meta:
        primary_key = pw.CompositeKey("channel", "slot", "kind")


class ChargeDay(Table):
    """The same of a whole UTC day, whose first slot it has."""

    channel = pw.IntegerField()
    slot = pw.IntegerField()
    kind = EnumField(Billed)
    count = pw.BigIntegerField()
    cost = pw.BigIntegerField()

    class Meta:
        primary_key = pw.CompositeKey("channel", "slot", "kind")


class BilledRead(Table):
    """What X has billed of a UTC day (days since 1970) for being shown or brought."""

    day = pw.IntegerField()
    resource = EnumField(Resource)
    x_id = pw.BigIntegerField()

    class Meta:
        primary_key = pw.CompositeKey("day", "resource", "x_id")


@dataclass(frozen=True, slots=True)
class Seen:
    """What X showed or brought, and for which channels: they share its price."""

    kind: Billed
    x_id: int
    channels: tuple[int, ...] = (SERVICE,)


@dataclass(frozen=True, slots=True)
class Spent:
    """So many, for so many micro-dollars."""

    count: int
    cost: int


Line = tuple[int, Billed, int, int]  # channel, kind, count, cost


def charge(channel_id: int, kind: Billed, now: datetime, count: int = 1) -> int:
    """X was told so many of these, and has taken them: what that costs, in micro-dollars. In the transaction of it."""
    cost = count * prices.of(kind, now)
    if count:
        _write([(channel_id, kind, count, cost)], now)
    return cost


def give_back(channel_id: int, kind: Billed, now: datetime) -> None:
    """X has surely not done what was charged before it was asked: one of these less."""
    _write([(channel_id, kind, -1, -prices.of(kind, now))], now)


def read(seen: Iterable[Seen], now: datetime) -> dict[tuple[Resource, int], int]:
    """X has shown or brought these: what it bills of them now, in micro-dollars, by resource and X id. What it has
    billed on this UTC day already is not there.

    In the transaction of what it did, towards its end: who reads the same meanwhile waits for it. What several channels
    share is shared to the micro-dollar, and counted with each.
    """
    first: dict[Resource, dict[int, Seen]] = defaultdict(dict)
    for one in seen:
        resource = one.kind.resource
        assert resource is not None, one.kind
        if prices.of(one.kind, now):
            first[resource].setdefault(one.x_id, one)
    billed: dict[tuple[Resource, int], int] = {}
    lines: dict[tuple[int, Billed], list[int]] = defaultdict(lambda: [0, 0])
    if not first:
        return billed
    with transaction():
        for resource in sorted(first):
            for x_id in _mark(resource, sorted(first[resource]), now):
                one = first[resource][x_id]
                price = billed[resource, x_id] = prices.of(one.kind, now)
                for channel_id, share in zip(one.channels, shares(price, len(one.channels)), strict=True):
                    sums = lines[channel_id, one.kind]
                    sums[0] += 1
                    sums[1] += share
        _write([(channel_id, kind, *sums) for (channel_id, kind), sums in lines.items()], now)  # type: ignore[misc]
    return billed


def shares(price: int, among: int) -> list[int]:
    """A price shared by so many: together it is the price, and no two differ by more than a micro-dollar."""
    return [price // among + (n < price % among) for n in range(among)]


# --- sums ------------------------------------------------------------------------------------------------------


def spent(since: datetime, until: datetime, channel_id: int | None = None) -> int:
    """Micro-dollars from `since` to before `until`, of one channel or of all."""
    return sum(cost for _, cost in _sums("count", since, until, channel_id).values())


def by_kind(since: datetime, until: datetime, channel_id: int | None = None) -> dict[Billed, Spent]:
    """The same for each kind, the dearest first."""
    found = _sums("kind", since, until, channel_id)
    ordered = sorted(found.items(), key=lambda item: (-item[1][1], item[0]))
    return {Billed(kind): Spent(*sums) for kind, sums in ordered}


def by_channel(since: datetime, until: datetime) -> dict[int, Spent]:
    """The same for each channel and the service, the dearest first. Channels that were forgotten are among them."""
    found = _sums("channel", since, until, None)
    ordered = sorted(found.items(), key=lambda item: (-item[1][1], item[0]))
    return {int(channel_id): Spent(*sums) for channel_id, sums in ordered}


def by_time(
    since: datetime, until: datetime, step: timedelta, channel_id: int | None = None
) -> list[tuple[datetime, Billed, int]]:
    """Micro-dollars of each kind in each step (whole quarters of an hour) from `since` on, in the order of time."""
    first, slots = _slot(since), step // SLOT
    found: dict[tuple[int, str], int] = defaultdict(int)
    for (slot, kind), (_, cost) in _sums("slot, kind", since, until, channel_id).items():
        found[(slot - first) // slots, kind] += cost
    return [(since + n * step, Billed(kind), cost) for (n, kind), cost in sorted(found.items())]


def _sums(by: str, since: datetime, until: datetime, channel_id: int | None) -> dict[Any, tuple[int, int]]:
    """Count and cost by columns, out of lines and sums in one look, so that what is folded meanwhile is there once."""
    whole = by == "count"
    columns = "" if whole else f"{by}, "
    mark = db.param
    where = f"slot >= {mark} AND slot < {mark}" + (f" AND channel = {mark}" if channel_id is not None else "")
    values: list[Any] = [_slot(since), _slot(until + SLOT - timedelta(microseconds=1))]
    values += [channel_id] if channel_id is not None else []
    parts = " UNION ALL ".join(
        f"SELECT {columns}count, cost FROM {table} WHERE {where}"  # noqa: S608
        for table in ("charge", "charge_sum", "charge_day")
    )
    grouped = "" if whole else f" GROUP BY {by}"
    sql = f"SELECT {columns}SUM(count), SUM(cost) FROM ({parts}) AS found{grouped}"  # noqa: S608
    rows = db.execute_sql(sql, values * 3).fetchall()
    found: dict[Any, tuple[int, int]] = {}
    for *key, count, cost in rows:
        if count is not None:
            found[key[0] if len(key) == 1 else tuple(key)] = (int(count), int(cost))
    return found


# --- summing up -----------------------------------------------------------------------------------------------


def fold(most: int = AT_ONCE) -> int:
    """Lines become sums, in one transaction; how many. Two who do it at once fold nothing twice."""
    with transaction():
        some = Charge.select(Charge.id).order_by(Charge.id).limit(most)
        gone = Charge.delete().where(Charge.id.in_([i for (i,) in as_tuples(some)]))
        lines = list(gone.returning(Charge).execute())
        sums: dict[tuple[int, int, str], list[int]] = defaultdict(lambda: [0, 0])
        for line in lines:
            of = sums[line.channel, line.slot, line.kind]
            of[0] += line.count
            of[1] += line.cost
        _add("charge_sum", sums)
    return len(lines)


def forget_some(now: datetime, _after: int, most: int) -> Bite:
    """Quarters of an hour that are past their time become their day."""
    columns = (ChargeSum.slot, ChargeSum.channel, ChargeSum.kind)
    old = ChargeSum.slot < _day(now - KEPT) * SLOTS_A_DAY
    rows = as_tuples(ChargeSum.select(*columns).where(old).order_by(*columns).limit(most))
    by_slot: dict[int, list[int]] = defaultdict(list)
    for slot, channel, _ in rows:
        by_slot[slot].append(channel)
    gone = 0
    with transaction():
        for slot, channels in by_slot.items():
            these = (ChargeSum.slot == slot) & ChargeSum.channel.in_(channels)
            sums: dict[tuple[int, int, str], list[int]] = defaultdict(lambda: [0, 0])
            for line in ChargeSum.delete().where(these).returning(ChargeSum).execute():
                of = sums[line.channel, slot // SLOTS_A_DAY * SLOTS_A_DAY, line.kind]
                of[0] += line.count
                of[1] += line.cost
                gone += 1
            _add("charge_day", sums)
    return Bite(gone, 0 if gone and len(rows) == most else None)


def forget_marks(now: datetime, _after: int, most: int) -> Bite:
    """What X had billed of days that are over."""
    days = _day(now - MARKS_KEPT)
    old = BilledRead.select(BilledRead.day, BilledRead.resource, BilledRead.x_id).where(BilledRead.day < days)
    rows = as_tuples(old.order_by(BilledRead.day, BilledRead.resource, BilledRead.x_id).limit(most))
    if not rows:
        return NOTHING
    by: dict[tuple[int, Resource], list[int]] = defaultdict(list)
    for day, resource, x_id in rows:
        by[day, resource].append(x_id)
    with transaction():
        for (day, resource), x_ids in by.items():
            of_day = (BilledRead.day == day) & (BilledRead.resource == resource)
            BilledRead.delete().where(of_day & BilledRead.x_id.in_(x_ids)).execute()
    return Bite(len(rows), 0 if len(rows) == most else None)


# --- the tables ---------------------------------------------------------------------------------------------------


def _mark(resource: Resource, x_ids: Collection[int], now: datetime) -> list[int]:
    """Which of these X bills now: the marks that were not there. In one order, or two who mark wait for each other."""
    if is_sqlite():
        given: Any = json.dumps(list(x_ids))
        source = "SELECT ?, ?, value FROM json_each(?) WHERE true"
    else:
        given = list(x_ids)
        source = "SELECT %s, %s, x_id FROM unnest(%s::bigint[]) AS seen(x_id)"
    sql = f"INSERT INTO billed_read (day, resource, x_id) {source} ON CONFLICT DO NOTHING RETURNING x_id"
    return sorted(int(x_id) for (x_id,) in db.execute_sql(sql, [_day(now), resource.value, given]).fetchall())


def _write(lines: Collection[Line], now: datetime) -> None:
    slot = _slot(now)
    execute_many(
        "INSERT INTO charge (channel, kind, slot, count, cost) VALUES (?, ?, ?, ?, ?)",
        [(channel_id, kind.value, slot, count, cost) for channel_id, kind, count, cost in lines],
    )


def _add(table: str, sums: Mapping[tuple[int, int, str], Iterable[int]]) -> None:
    execute_many(
        f"INSERT INTO {table} (channel, slot, kind, count, cost) VALUES (?, ?, ?, ?, ?)"  # noqa: S608
        f" ON CONFLICT (channel, slot, kind) DO UPDATE SET count = {table}.count + excluded.count,"
        f" cost = {table}.cost + excluded.cost",
        [(channel, slot, str(kind), *sums[channel, slot, kind]) for channel, slot, kind in sorted(sums)],
    )


def _slot(at: datetime) -> int:
    return (at - EPOCH) // SLOT


def _day(at: datetime) -> int:
    return (at - EPOCH) // DAY
