"""The queue: texts that take the next free of the channel's weekly slots. Each is a schedule of a single time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine import recurrence, slots
from engine.posts import Thread
from engine.slots import Slots
from engine.when import When
from models.accounts import choices
from models.accounts.channels import locked
from models.database import transaction
from models.scheduling.schedules import AHEAD, Schedule, ScheduleStatus, create, unplan


def slots_of(channel_id: int) -> Slots:
    """The weekly slots of the channel's queue."""
    written = choices.row_of(channel_id).slots
    return slots.parse(written) if written else ()


def take_slots(channel_id: int, wanted: Slots, now: datetime) -> int:
    """The slots changed: what waits takes them in the order it has. How many texts moved. Call it in that transaction.

    What is planned already, within the next minute and a half, stays. Without slots, what waits keeps its times.
    """
    zone = choices.zone_of(channel_id)
    moved = 0
    taken_to = choices.wall_of(channel_id, now + AHEAD)
    for item in waits(channel_id) if wanted else ():
        wall = slots.next_free(wanted, (), taken_to)
        if wall is None:
            break
        taken_to = wall
        if wall.isoformat() != item.next_wall:
            at = recurrence.instant_of(wall, zone)
            moved += _move(item.id, at, wall.isoformat())
    return moved


def put(channel_id: int, person_id: int, thread: Thread, language: str, now: datetime) -> Schedule | None:
    """Give something the next free slot, not one that is planned already; None where there are no slots."""
    with transaction():
        locked(channel_id)  # one at a time
        taken = {datetime.fromisoformat(s.next_wall) for s in waits(channel_id)}
        wall = slots.next_free(slots_of(channel_id), taken, choices.wall_of(channel_id, now + AHEAD))
        if wall is None:
            return None
        return create(channel_id, person_id, [thread], When(wall), language, now, in_queue=True)


def waits(channel_id: int) -> list[Schedule]:
    """What waits in the queue, in the order of its slots."""
    waiting = (Schedule.channel_id == channel_id) & Schedule.in_queue & (Schedule.status == ScheduleStatus.ON)
    return list(Schedule.select().where(waiting).order_by(Schedule.next_at, Schedule.id))


def reorder(channel_id: int, ids: Sequence[int]) -> None:
    """Give the slots of the queue to its texts in this order. What is not in the queue any more is left out."""
    with transaction():
        locked(channel_id)  # one at a time, and not while other slots are chosen
        for schedule_id in ids:
            unplan(schedule_id)
        waiting = {s.id: s for s in waits(channel_id)}
        order = [i for i in ids if i in waiting]
        places = sorted((waiting[i].next_at, waiting[i].next_wall) for i in order)
        for schedule_id, (at, wall) in zip(order, places, strict=True):
            _move(schedule_id, at, wall)


@dataclass(frozen=True, slots=True)
class OrderBefore:
    """The texts of the queue in the order that they had."""

    ids: list[int]


def before(channel_id: int) -> OrderBefore:
    """The order of the queue as it is now, for `models/undoing.py`."""
    return OrderBefore([s.id for s in waits(channel_id)])


def restore(channel_id: int, was: OrderBefore, now: datetime) -> None:
    """The order as it was; what came into the queue since keeps its slot."""
    reorder(channel_id, was.ids)


def _move(schedule_id: int, at: datetime | None, wall: str) -> int:
    here = (Schedule.id == schedule_id) & (Schedule.status == ScheduleStatus.ON)
    return int(Schedule.update(next_at=at, next_wall=wall, starts=wall).where(here).execute())
