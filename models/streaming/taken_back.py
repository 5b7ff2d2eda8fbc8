"""What who wrote it has taken back: a deleted post, or a direct message that was deleted for both.

    noted → followed, when it is gone and twice more → settled

Whoever learns of a deletion notes it (`note`), however often, before or after what it is about is heard, and rings.
What follows is work of a job's (models/moderation/withdrawing.py), and is done again after a minute and after ten: what
was being heard, judged or edited in that very moment is found then. Nobody takes back what somebody else wrote.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee as pw

from engine.x.events import Heard
from models.bites import Bite, by_age
from models.bulk import among, execute_many
from models.database import InstantField, Table, to_stored, transaction
from models.statements import statement

KEPT = timedelta(days=7)  # longer than an outage after which anything is read back
AGAIN = (timedelta(minutes=1), timedelta(minutes=10))


class TakenBack(Table):
    """`at`: from when on it is gone, which is known before of what disappears by itself. `look_at`: what follows is
    done then; null where it is settled. `looks`: how often it was.
    """

    id = pw.BigAutoField()
    x_id = pw.BigIntegerField()
    author_id = pw.BigIntegerField()
    at = InstantField(index=True)
    looks = pw.IntegerField(default=0)
    look_at = InstantField(null=True)


@dataclass(frozen=True, slots=True)
class Deletion:
    """This account has deleted what it wrote under this id of X's (any version of an edited post)."""

    x_id: int
    author_id: int


@statement
def _of_ids(x_ids: list[int], now: datetime) -> pw.Query:
    gone = among(TakenBack.x_id, x_ids) & (TakenBack.at <= now)
    return TakenBack.select(TakenBack.x_id, TakenBack.author_id).where(gone)


def note(deletions: Iterable[Deletion], at: datetime) -> None:
    """Remember them, each once however often it comes; then ring `follow` of tasks/streaming/taken_back.py.

    They are gone from this instant on, which may lie ahead; the earliest that is said of one holds.
    """
    rows = sorted({(d.x_id, d.author_id, to_stored(at), to_stored(at)) for d in deletions})
    with transaction():
        execute_many(
            "INSERT INTO taken_back (x_id, author_id, at, looks, look_at) VALUES (?, ?, ?, 0, ?)"
            " ON CONFLICT (x_id, author_id) DO UPDATE SET at = excluded.at, look_at = excluded.look_at"
            " WHERE taken_back.at > excluded.at AND taken_back.looks = 0",
            rows,
        )


def of_heard(heard: Sequence[Heard], now: datetime) -> list[Heard]:
    """Those of them that were taken back before they were heard. Call it in the transaction that stores them."""
    x_ids = {i for h in heard for i in (h.x_id, h.origin_id) if i}
    gone = set(_of_ids.rows(sorted(x_ids), now)) if x_ids else set()
    return [h for h in heard if {(h.x_id, h.sender_id), (h.origin_id, h.sender_id)} & gone] if gone else []


def due(now: datetime, limit: int) -> list[TakenBack]:
    """What is to be followed now, the longest waiting first."""
    open_ones = TakenBack.look_at.is_null(False) & (TakenBack.look_at <= now)
    return list(TakenBack.select().where(open_ones).order_by(TakenBack.look_at).limit(limit))


def followed(gone: TakenBack, now: datetime) -> None:
    """All that follows now is done: once more a little later, or it is settled."""
    again = now + AGAIN[gone.looks] if gone.looks < len(AGAIN) else None
    mine = (TakenBack.id == gone.id) & (TakenBack.looks == gone.looks) & TakenBack.look_at.is_null(False)
    TakenBack.update(looks=gone.looks + 1, look_at=again).where(mine).execute()


def put_off(gone: TakenBack, until: datetime) -> None:
    """It can't be followed now."""
    mine = (TakenBack.id == gone.id) & (TakenBack.looks == gone.looks) & (TakenBack.look_at < until)
    TakenBack.update(look_at=until).where(mine).execute()


def forget_some(now: datetime, _after: int, most: int) -> Bite:
    """Delete those of which nothing can be heard any more."""
    return by_age(TakenBack, TakenBack.at, now - KEPT, most)
