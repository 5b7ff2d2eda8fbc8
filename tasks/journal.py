"""Write the journal down: a rotating file a channel, in time order, each line once."""

import logging
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from logging.handlers import RotatingFileHandler
from pathlib import Path

import structlog

from models import aside, inbox, undoing
from models.accounts import channels, signing_in
from models.aside import Item, Place
from models.moderation import judging
from models.notifications import journal, notices
from models.notifications.journal import JournalEntry
from models.publishing import drafts, media
from models.scheduling import schedules
from tasks import clock
from tasks.queues import job
from tasks.queues import logging as queue

log = structlog.get_logger()
BATCH = 2000
FILE_BYTES, FILES_KEPT = 5_000_000, 5
AT_ONCE = 4000  # letters
_ID = re.compile(r"^\S+ #(\d+) ")
_seen_tail: dict[int, int] = {}


@job(queue)
def write() -> None:
    """Write until nothing waits. The queue has one worker, so there is one writer.

    A line that can't be made is set aside. A channel whose file can't be written waits, and no other with it.
    """
    waits: set[int] = set()
    while True:
        entries = journal.unwritten(BATCH, waits)
        if not entries:
            return
        by_channel: dict[int, list[JournalEntry]] = defaultdict(list)
        for entry in entries:
            by_channel[entry.channel_id].append(entry)
        done: list[JournalEntry] = []
        for channel_id, lines in by_channel.items():
            in_order = sorted(lines, key=lambda e: (e.at, e.id))
            try:
                done += chain.from_iterable(aside.together(in_order, partial(_written, channel_id), _item))
            except aside.Waits as error:
                log.error("a journal waits for its file", channel=channel_id, error=str(error))
                waits.add(channel_id)
                _seen_tail.pop(channel_id, None)  # some may stand in it already
        for channel_id in by_channel.keys() - channels.known(by_channel):  # forgotten while this was written
            journal.forget_files(channel_id)
        aside.together(done, lambda some: journal.mark_written([e.id for e in some]), _item)
        if len(entries) < BATCH or queue.stopping:
            return


@job(queue)
def forget() -> None:
    """Let go of what is past its time."""
    at = clock.now()
    files = journal.forget_files_but(channels.all_ids())
    log.info(
        "forgotten",
        journal=journal.forget_old(at),
        messages=judging.forget_old(at),
        notices=notices.forget_old(at),
        undo=undoing.forget_old(at),
        drafts=drafts.forget_old(at),
        updates=inbox.forget_old(at),
        aside=aside.forget_old(at),
        sign_ins=signing_in.forget_old(at),
        media=media.forget_unused(schedules.media_used() | drafts.media_used(), at),
        files=files,
    )


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


def _written(channel_id: int, entries: Sequence[JournalEntry]) -> list[JournalEntry]:
    """These are in their file. Raises Waits where it, or the disk, takes nothing now."""
    try:
        _append(channel_id, list(entries))
    except OSError as error:
        raise aside.Waits(str(error)) from error
    return list(entries)


def _append(channel_id: int, entries: list[JournalEntry]) -> None:
    path = journal.file_of(channel_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    if channel_id not in _seen_tail:  # after a crash the last lines may be in the file and not marked
        _seen_tail[channel_id] = 1
        there = _ids_at_end(path)
        entries = [e for e in entries if e.id not in there]
    handler = RotatingFileHandler(path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(message)s"))
    try:
        for lines in _together([line_of(entry) for entry in entries]):
            handler.emit(logging.LogRecord("journal", logging.INFO, "", 0, lines, (), None))
    finally:
        handler.close()


def _together(lines: list[str]) -> Iterator[str]:
    """As many lines as go into a file in one piece."""
    some: list[str] = []
    size = 0
    for line in lines:
        if some and size + len(line) > AT_ONCE:
            yield "\n".join(some)
            some, size = [], 0
        some.append(line)
        size += len(line) + 1
    if some:
        yield "\n".join(some)


def _ids_at_end(path: Path) -> set[int]:
    found: set[int] = set()
    for file in (path, path.with_name(path.name + ".1")):
        if file.exists():
            with file.open("rb") as opened:
                opened.seek(max(0, file.stat().st_size - 1_000_000))
                lines = opened.read().decode("utf-8", "replace").splitlines()
            found.update(int(m[1]) for line in lines if (m := _ID.match(line)))
    return found


def look(at: datetime) -> None:
    """For the clock: is anything unwritten?"""
    if journal.unwritten(1):
        write.ring_once(5)
