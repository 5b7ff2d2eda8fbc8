"""The processes that run, a row for each, which it renews again and again: so all of them can be seen from one.

    begun → beating → left (it ended as it should: no row)
            beating → ended (a part of it died, and it said which)
            beating → silent (killed, frozen, cut off: its last beat is old, and nobody says why)

A process has a name of its own, made when it starts: an id of the machine's is given again.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import peewee as pw

from models.database import EnumField, InstantField, Table, transaction

SILENT = timedelta(seconds=10)  # so long without a beat: it does not run, whatever is the matter with it
KEPT = timedelta(minutes=10)


class Kind(StrEnum):
    """The lines of the Procfile, but for `release`. The values are stored, so they never change."""

    WEB = "web"  # the bot
    STREAMS = "streams"  # listens to X
    WORKER = "worker"  # judges and plans
    VOICES = "voices"  # calls X
    JOURNAL = "journal"  # writes the journal's files


class Process(Table):
    """`said`: what is wrong with its parts, by their names, as JSON. `ended`: why it ended itself."""

    name = pw.TextField(primary_key=True)
    kind = EnumField(Kind)
    host = pw.TextField()
    pid = pw.IntegerField()
    version = pw.TextField()
    since = InstantField()
    beat_at = InstantField()
    said = pw.TextField(default="")
    ended = pw.TextField(default="")

    @property
    def troubles(self) -> dict[str, str]:
        """What is wrong with its parts, by their names."""
        told: dict[str, str] = json.loads(self.said) if self.said else {}
        return told

    def runs(self, now: datetime) -> bool:
        """Whether it has given a sign of life lately. One from the future is none: a clock was set back."""
        return not self.ended and abs(now - self.beat_at) < SILENT


def begin(name: str, kind: Kind, host: str, pid: int, version: str, now: datetime) -> None:
    """A process runs from now on."""
    row = Process.insert(name=name, kind=kind, host=host, pid=pid, version=version, since=now, beat_at=now)
    with transaction():  # in turn with who writes much: who lives must not seem dead for it
        row.on_conflict_ignore().execute()


def beat(name: str, troubles: Mapping[str, str], now: datetime) -> bool:
    """It lives; False where it was thought dead and cleaned up: then it begins anew."""
    said = json.dumps(dict(troubles), ensure_ascii=False) if troubles else ""
    with transaction():
        return bool(Process.update(beat_at=now, said=said).where(Process.name == name).execute() == 1)


def leave(name: str) -> None:
    """It ended as it should."""
    with transaction():
        Process.delete().where(Process.name == name).execute()


def end(name: str, reason: str, now: datetime) -> None:
    """It ends itself, for this reason."""
    with transaction():
        Process.update(ended=reason[:500], beat_at=now).where(Process.name == name).execute()


def known() -> list[Process]:
    """All that run, or ran lately, the newest first."""
    return list(Process.select().order_by(Process.beat_at.desc()))


def forget_old(now: datetime) -> int:
    """Clean up after the dead; how many. The last one of each kind stays, so that one can say since when it is gone."""
    later = Process.alias()
    followed = later.select(later.name).where((later.kind == Process.kind) & (later.beat_at > Process.beat_at))
    return int(Process.delete().where((Process.beat_at < now - KEPT) & pw.fn.EXISTS(followed)).execute())
