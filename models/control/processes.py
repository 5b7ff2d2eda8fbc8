"""The processes that run, a row for each, which it renews again and again: so all of them can be seen from one.

    begun → beating → left (it ended as it should: no row)
            beating → ended (a part of it died, and it said which)
            beating → silent (killed, frozen, cut off: its last beat is old, and nobody says why)
    ended | silent → missed, as long as none of its kind has begun in its place → forgotten

A process has a name of its own, made when it starts: an id of the machine's is given again.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee as pw

from models.checking import impatient_transaction
from models.database import TROUBLE, EnumField, InstantField, Table, transaction

BLIND = timedelta(seconds=5)  # so long without a beat of anybody: they may live, and be unable to say so
SILENT = timedelta(seconds=10)  # so long without a beat: it does not run, whatever is the matter with it
NEWER = "database"  # among its troubles: the tables are not those that it knows
KEPT = timedelta(minutes=10)  # one in whose place another has come, or that somebody has seen to
MISSED_FOR = timedelta(days=1)  # then who runs the service must have meant it


class Kind(StrEnum):
    """The lines of the Procfile, but for `release`. The values are stored, so they never change."""

    WEB = "web"  # the bot
    STREAMS = "streams"  # listens to X
    WORKER = "worker"  # judges and plans
    VOICES = "voices"  # calls X
    JOURNAL = "journal"  # writes the journal's files


@dataclass(frozen=True, slots=True)
class Uses:
    """What a process uses, and what there is where its data lies, in bytes."""

    memory: int = 0
    disk_free: int = 0
    disk_size: int = 0


class Process(Table):
    """`said`: what is wrong with its parts, by their names, as JSON. `ended`: why it ended itself. Sizes in bytes."""

    name = pw.TextField(primary_key=True)
    kind = EnumField(Kind)
    host = pw.TextField()
    pid = pw.IntegerField()
    version = pw.TextField()
    since = InstantField()
    beat_at = InstantField()
    said = pw.TextField(default="")
    ended = pw.TextField(default="")
    memory = pw.BigIntegerField(default=0)
    disk_free = pw.BigIntegerField(default=0)
    disk_size = pw.BigIntegerField(default=0)

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


def beat(name: str, troubles: Mapping[str, str], now: datetime, uses: Uses | None = None) -> bool:
    """It lives; False where it was thought dead and cleaned up: then it begins anew."""
    said = json.dumps(dict(troubles), ensure_ascii=False) if troubles else ""
    used: dict[str, Any] = (
        {"memory": uses.memory, "disk_free": uses.disk_free, "disk_size": uses.disk_size} if uses else {}
    )
    with transaction():
        return bool(Process.update(beat_at=now, said=said, **used).where(Process.name == name).execute() == 1)


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


def newest_beat() -> datetime | None:
    """When one of them has last been able to say that it lives."""
    found: datetime | None = Process.select(pw.fn.MAX(Process.beat_at)).scalar()
    return found


def unable_to_say_so(known: Sequence[Process], now: datetime, within_s: float = 1.0) -> str:
    """Why the database does not take what they would say: "" where it does, or where it is seen that it does.

    It is tried only where somebody has fallen silent together with all others: a row is written as it stands.
    """
    newest = max(known, key=lambda p: p.beat_at, default=None)
    if newest is None or abs(now - newest.beat_at) < BLIND:
        return ""
    if not any(now - p.beat_at >= SILENT > newest.beat_at - p.beat_at for p in known):
        return ""
    try:
        with impatient_transaction(within_s):
            Process.update(pid=Process.pid).where(Process.name == newest.name).execute()
    except (*TROUBLE, pw.InternalError) as error:  # PostgreSQL's that is read-only calls it an internal one
        return str(error) or type(error).__name__
    return ""


def missed(known: Sequence[Process], now: datetime) -> list[Process]:
    """Those that were killed, ended themselves or are cut off, and in whose place none of their kind has begun.

    One that begins takes the place of one that is gone by then, of its own machine's first. Pure.
    """
    gone = sorted((p for p in known if not p.runs(now)), key=lambda p: p.beat_at)
    free = list(known)
    found: list[Process] = []
    for process in gone:
        heirs = [p for p in free if p.kind == process.kind and p.since > process.beat_at]
        heir = min(heirs, key=lambda p: (p.host != process.host, p.since), default=None)
        if heir is None:
            found.append(process)
        else:
            free.remove(heir)
    return found


def dying(known: Sequence[Process], now: datetime) -> Counter[tuple[Kind, str]]:
    """How often processes of a kind have died lately on a machine, each in the place of another. Pure."""
    dead = (p for p in known if not p.runs(now) and abs(now - p.beat_at) < KEPT)
    return Counter((p.kind, p.host) for p in dead)


def dismiss(name: str, now: datetime) -> bool:
    """It is gone for good, and that is meant: nobody misses it; False where it has come back, or was dismissed."""
    dead = (Process.name == name) & ((Process.ended != "") | (Process.beat_at < now - SILENT))
    with transaction():
        return bool(Process.delete().where(dead).execute() == 1)


def forget_old(now: datetime) -> int:
    """Clean up after the dead; how many. The last one of each kind stays, so that one can say since when it is gone.

    Who is missed stays for a day, and goes by its own last beat: who came back meanwhile is not forgotten.
    """
    everybody = known()
    last = {p.name for kind in {p.kind for p in everybody} for p in [p for p in everybody if p.kind == kind][:1]}
    miss = {p.name for p in missed(everybody, now)}
    over = [
        p for p in everybody
        if p.name not in last and p.beat_at < now - (MISSED_FOR if p.name in miss else KEPT)
    ]  # fmt: skip
    gone = 0
    for p in over:
        gone += Process.delete().where((Process.name == p.name) & (Process.beat_at == p.beat_at)).execute()
    return gone
