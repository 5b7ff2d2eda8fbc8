"""Write the journal down: a rotating file a channel, in time order, each line once.

Whoever writes a channel's lines has its lane (models/notifications/journal.py), so the work may be shared by several
machines, each with files of its own; on one machine the files' locks decide (tasks/journal_files.py). A row is marked
when its line is in the file; who dies between the two finds the line there.
"""

import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain

import structlog

from models import aside
from models.accounts import channels
from models.aside import Item, Place
from models.database import rest
from models.notifications import journal
from models.notifications.journal import HELD, JournalEntry
from tasks import clock, journal_files
from tasks.queues import job
from tasks.queues import logging as queue

log = structlog.get_logger()
BATCH = 2000
MARGIN = timedelta(seconds=5)  # before a lane lapses nothing is begun any more
_lanes: dict[int, float] = {}  # the channels whose lines are ours to write, and until when (seconds of a clock)


@job(queue)
def write() -> None:
    """Write until nothing waits that is ours to write.

    A line that can't be made is set aside. A channel whose file can't be written waits, and no other with it.
    """
    waits: set[int] = set()
    while not queue.stopping and _write_some(waits):
        continue


def _write_some(waits: set[int]) -> bool:
    """Write a batch, but of those that wait for their files; whether there may be more."""
    entries = journal.unwritten(BATCH, waits)
    if not entries:
        return False
    try:
        if _take_lanes({e.channel_id for e in entries}):  # whoever had them may have written some of these meanwhile
            entries = journal.unwritten(BATCH, waits)
    except OSError as error:
        log.error("the journal waits for its disk", error=str(error))
        return False
    by_channel: dict[int, list[JournalEntry]] = defaultdict(list)
    for entry in entries:
        by_channel[entry.channel_id].append(entry)
    done = sum(_write_for(channel_id, some, waits) for channel_id, some in by_channel.items())
    for channel_id in by_channel.keys() - channels.known(by_channel):  # forgotten while this was written
        journal.forget_files(channel_id)
    return bool(done) and (len(entries) == BATCH or done < len(entries))


def _write_for(channel_id: int, some: list[JournalEntry], waits: set[int]) -> int:
    """A channel's lines, where they are ours to write; how many of them wait no longer."""
    if channel_id not in _lanes:
        return 0
    in_order = sorted(some, key=lambda e: (e.at, e.id))
    made = aside.together(in_order, lambda these: [(e.id, line_of(e)) for e in these], _item)
    lines = list(chain.from_iterable(made))
    set_aside = len(some) - len(lines)
    try:
        path = journal.file_of(channel_id)
        return set_aside + journal_files.append(path, lines, _lanes[channel_id], journal.mark_written)
    except OSError as error:
        log.error("a journal waits for its file", channel=channel_id, error=str(error))
        waits.add(channel_id)
        return set_aside


def _take_lanes(channel_ids: set[int]) -> bool:
    """Have the lanes of these channels, as far as nobody else has them; whether one of them was not ours before."""
    at = time.clock_gettime(journal_files.CLOCK)
    ending = {i for i in channel_ids if _lanes.get(i, 0.0) < at + HELD.total_seconds() / 2}
    if not ending:
        return False
    taken = journal.take_lanes(ending, journal.folder(), clock.now())
    strange = {i for i in taken if _lanes.get(i, 0.0) <= at}
    for channel_id in [i for i, until in _lanes.items() if until <= at or i in ending]:
        del _lanes[channel_id]
    _lanes.update(dict.fromkeys(taken, at + (HELD - MARGIN).total_seconds()))
    return bool(strange)


def whole(channel_id: int) -> Iterator[bytes]:
    """All of a channel's log, in time order: its rows, which all machines share, and before them
    the older lines of the files that stand on this machine. What was forgotten of a row is not in it.
    """
    some = journal.lines_after(channel_id, 0, BATCH)
    yield from journal_files.lines_before(journal.file_of(channel_id), some[0].id if some else None)
    while some:
        for entry in sorted(some, key=lambda e: (e.at, e.id)):
            yield line_of(entry).encode("utf-8", "replace") + b"\n"
        rest()
        some = journal.lines_after(channel_id, some[-1].id, BATCH)


def line_of(entry: JournalEntry) -> str:
    """`2026-11-23T09:15:02Z #81 approved mention=… from=@ana rule=trigger words=choque text=…`."""
    data = dict(entry.details)
    parts = [f"{entry.at:%Y-%m-%dT%H:%M:%S.%fZ}", f"#{entry.id}", entry.event]
    for name, value in data.items():
        if value in ("", [], None):
            continue
        shown = ", ".join(value) if isinstance(value, list) else str(value)
        parts.append(f"{name}={' '.join(shown.split())}")
    return " ".join(parts)


def _item(entry: JournalEntry) -> Item:
    return Item(Place.JOURNAL, entry.id, entry.channel_id, lambda: journal.set_aside(entry.id))


def look(at: datetime) -> None:
    """For the clock: is anything unwritten?"""
    if journal.unwritten(1):
        write.ring_once(5)
