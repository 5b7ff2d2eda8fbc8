"""X's limits as last seen: what the headers of its answers said of each kind of call, whoever made it."""

from collections.abc import Iterable
from datetime import datetime

import peewee as pw

from engine.x.seen import Seen
from models.database import InstantField, Table, transaction


class SeenLimit(Table):
    """Of a call, as `GET /2/users/:id/mentions`, X takes `most` until an instant, of which so many were `left`."""

    call = pw.TextField(primary_key=True)
    most = pw.IntegerField()
    left = pw.IntegerField()
    until = InstantField(null=True)
    seen_at = InstantField()


def keep(seen: Iterable[Seen]) -> None:
    """Write down what a process has seen, where nobody has seen later."""
    rows = [(s.call, s.most, s.left, s.until, s.at) for s in sorted(seen, key=lambda s: s.call)]
    if not rows:
        return
    fields = [SeenLimit.call, SeenLimit.most, SeenLimit.left, SeenLimit.until, SeenLimit.seen_at]
    newer = SeenLimit.insert_many(rows, fields=fields).on_conflict(
        conflict_target=[SeenLimit.call],
        preserve=[SeenLimit.most, SeenLimit.left, SeenLimit.until, SeenLimit.seen_at],
        where=SeenLimit.seen_at < pw.EXCLUDED.seen_at,
    )
    with transaction():
        newer.execute()


def scarce(now: datetime, most: int) -> list[SeenLimit]:
    """The calls of which the least is left in a span that goes on, the scarcest first."""
    goes_on = SeenLimit.select().where(SeenLimit.until > now)
    return sorted(goes_on, key=lambda limit: (limit.left / max(limit.most, 1), limit.call))[:most]
