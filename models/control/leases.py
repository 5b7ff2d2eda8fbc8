"""Leases: what one process alone may hold, for a few seconds at a time, such as X's stream.

free → held → held (renewed) → free (given back, or lapsed)
       held → asked back → free: its holder may not renew it, so it ends what it does, and gives it back

Who holds one goes on saying so. A lease lapses by the clock, and also where its holder has not renewed it for its whole
length as somebody else has measured: the clocks of two machines may differ, and one may be put back.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from models.database import EPOCH, InstantField, Table, as_tuples, transaction

STREAM, WATCHING = "stream", "watching"
LENGTH = timedelta(seconds=9)


class Lease(Table):
    """`state`: what its holder shows of its work, as JSON; written whenever the lease is renewed.

    `let_go`: its holder is to give it back.
    """

    name = pw.TextField(primary_key=True)
    holder = pw.TextField(default="")
    until = InstantField(default=EPOCH)
    state = pw.TextField(default="")
    let_go = pw.BooleanField(default=False)


@dataclass(frozen=True, slots=True)
class Held:
    """A lease as it stands: nobody's where `holder` is empty."""

    holder: str
    until: datetime
    state: Mapping[str, Any]

    def is_held(self, now: datetime) -> bool:
        return bool(self.holder) and self.until > now


def read(name: str) -> Held:
    """How it stands, and what its holder shows."""
    rows = as_tuples(Lease.select(Lease.holder, Lease.until, Lease.state).where(Lease.name == name))
    holder, until, state = rows[0] if rows else ("", EPOCH, "")
    return Held(holder, until, json.loads(state or "{}"))


def take(name: str, holder: str, now: datetime, unmoved: datetime | None = None) -> bool:
    """Take it, if nobody has it; whether it is ours. `unmoved`: so long as it ends then, it was not renewed."""
    free = (Lease.holder == "") | (Lease.until <= now)
    if unmoved is not None:
        free |= Lease.until == unmoved
    until = now + LENGTH
    took = (
        Lease.insert(name=name, holder=holder, until=until, state="")
        .on_conflict(
            conflict_target=[Lease.name],
            update={Lease.holder: holder, Lease.until: until, Lease.state: "", Lease.let_go: False},
            where=free,
        )
        .returning(Lease.name)
    )
    with transaction():
        return len(list(took.execute())) == 1


def renew(name: str, holder: str, now: datetime, state: Mapping[str, Any]) -> bool:
    """Hold on to it and show how it goes; False where somebody else has it by now, or it is asked back."""
    with transaction():
        stays = _mine(name, holder) & (Lease.let_go == False)  # noqa: E712
        mine = Lease.update(until=now + LENGTH, state=json.dumps(state)).where(stays)
        return bool(mine.execute() == 1)


def ask_back(name: str) -> bool:
    """Whoever holds it ends what it does, and it is taken anew; False where nobody has it."""
    with transaction():
        held = (Lease.name == name) & (Lease.holder != "")
        return bool(Lease.update(let_go=True).where(held).execute() == 1)


def give_back(name: str, holder: str) -> bool:
    """Another may take it at once; False where another has it."""
    with transaction():
        mine = Lease.update(holder="", until=EPOCH, state="", let_go=False).where(_mine(name, holder))
        return bool(mine.execute() == 1)


def _mine(name: str, holder: str) -> pw.Expression:
    return (Lease.name == name) & (Lease.holder == holder)
