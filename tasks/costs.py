"""Costs: what X shows is paid for and written down as it answers; the ledger is summed up, budgets reckoned anew."""

import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from engine.budgets import Pays
from engine.x import prices
from engine.x.billing import Asked, Paying, asked_by, shown_by
from engine.x.client import Told
from engine.x.errors import OverBudget, XError
from engine.x.prices import Billed
from models import aside
from models.accounts.channels import owner_of, owners_of
from models.aside import Item, Place
from models.control import budgets as of_budgets
from models.control import credits
from models.costs import budgets, ledger
from models.costs.budgets import NOBODY, Budget, NoMoney
from models.costs.ledger import SERVICE, Seen
from models.database import copied_after, rest, transaction
from models.scheduling import forecast
from models.settings import settings
from tasks.clock import now
from tasks.queues import job, tweets
from tasks.queues import logging as queue

SLICE_S, PAUSE_S = 3.0, 0.02
LAPSES, LOOK_AGAIN = timedelta(minutes=2), timedelta(minutes=1)
OF_ALL = Pays.PLANNED
LOOKED_FOR = (Billed.LOOKED_AT, Billed.OWN_POST)  # what saying needs, and knowing what was said
_folding = threading.Lock()


def told(channel_id: int = SERVICE, x_user_id: int = 0) -> Told:
    """Writes down what X bills of its answers, for a channel: at once, before anybody works with them.

    Who dies over an answer asks again as a rule, and X bills the same thing once a UTC day, as the ledger does. Raises
    TROUBLE: an answer that could not be written down is none, and is asked for once more.
    """

    def write_down(route: str, body: Mapping[str, Any]) -> None:
        shown = shown_by(route, body, x_user_id, settings().x_own_account)
        if shown:
            ledger.read([Seen(kind, x_id, (channel_id,)) for kind, x_id in shown], now())
            rest()

    return write_down


def paying(channel_id: int = SERVICE, x_user_id: int = 0) -> Paying:
    """Pays for a channel's calls, or the service's own, that nobody has reserved anything for.

    What X may show is reserved until it is written down. Where a budget has less, X is asked for fewer, or, where that
    is none, for nothing: OverBudget. What was lost on its way may be billed, so what was reserved lapses by itself.
    """

    @contextmanager
    def paid(method: str, route: str, kwargs: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        asked = asked_by(method, route, kwargs.get("params") or {}, x_user_id)
        owner_id = NOBODY if asked is None or channel_id == SERVICE else owner_of(channel_id)
        if asked is None or owner_id is None:
            yield dict(kwargs)
            return
        at = now()
        for_all = asked.kind in LOOKED_FOR or channel_id == SERVICE
        price, pays = prices.of(asked.kind, at), OF_ALL if for_all else Pays.HEARING
        taken = budgets.take(
            channel_id, owner_id, pays, asked.most * price, at, until=at + LAPSES, least=asked.least * price
        )
        if isinstance(taken, NoMoney):
            raise OverBudget(until=min(taken.until, at + LOOK_AGAIN))
        if taken is None:
            yield dict(kwargs)
            return
        count = taken.cost // price if taken.cost < asked.most * price else asked.most
        with _reserved([taken.id], kwargs, asked, count) as fewer:
            yield fewer

    return paid


class CantPay(OverBudget):
    """Of those who share a call these have too little for it: X was not asked."""

    def __init__(self, channel_ids: Collection[int], until: datetime) -> None:
        super().__init__(until=until)
        self.channel_ids = frozenset(channel_ids)


def paying_together(shares: Mapping[int, int]) -> Paying:
    """The same for calls that several channels share: what one of what is shown costs each at most, micro-dollars.

    Raises CantPay where some have too little, and asks nothing: who asks without them shares it anew.
    """

    @contextmanager
    def paid(method: str, route: str, kwargs: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        asked = asked_by(method, route, kwargs.get("params") or {})
        if asked is None:
            yield dict(kwargs)
            return
        at, owners = now(), owners_of([*shares])
        theirs = {c: share for c, share in shares.items() if c in owners}
        taken = budgets.take_together(
            theirs, owners, Pays.HEARING, asked.most, at, until=at + LAPSES, least=asked.least
        )
        if isinstance(taken, list):
            poor = {no.key for no in taken}
            cant = [c for c in theirs if budgets.keys_over(c, owners[c]) & poor]
            raise CantPay(cant, min(*(no.until for no in taken), at + LOOK_AGAIN))
        with _reserved(taken.ids, kwargs, asked, taken.count) as fewer:
            yield fewer

    return paid


@contextmanager
def _reserved(ids: Sequence[int], kwargs: Mapping[str, Any], asked: Asked, count: int) -> Iterator[dict[str, Any]]:
    """With what X is asked, for so many at most; what was reserved goes, but where the answer was lost."""
    parameters = kwargs.get("params") or {}
    lost = False
    try:
        yield {**kwargs, "params": {**parameters, "max_results": count}} if count < asked.most else dict(kwargs)
    except XError as error:
        lost = error.lost
        raise
    finally:
        if not lost:
            for reservation_id in ids:
                budgets.release(reservation_id)


def pay(channel_id: int, kind: Billed) -> None:
    """Pay for one before X is asked for it: charged at once, or, where a budget has less, not at all: OverBudget."""
    at, owner_id = now(), owner_of(channel_id)
    with transaction():
        if owner_id is not None:
            taken = budgets.take(channel_id, owner_id, OF_ALL, prices.of(kind, at), at)
            if isinstance(taken, NoMoney):
                raise OverBudget(until=min(taken.until, at + LOOK_AGAIN))
            budgets.release(taken.id if taken is not None else None)
        ledger.charge(channel_id, kind, at)


@job(queue)
def sum_up() -> None:
    """Lines of the ledger become sums, some at a time. One at a time in a process; two at once double nothing."""
    if not _folding.acquire(blocking=False):
        return
    try:
        until = time.monotonic() + SLICE_S
        while time.monotonic() < until and not queue.stopping:
            with copied_after():
                folded = ledger.fold()
            rest()
            if folded < ledger.AT_ONCE:
                break
            time.sleep(PAUSE_S)
    finally:
        _folding.release()


@job(tweets)
def reckon() -> None:
    """Once a minute: who has a limit of their own, what is kept of each budget for what stops last, the credits."""
    at = now()
    with aside.apart(Item(Place.JOB, "limits of people")):
        of_budgets.limit_people(at)
    for row in budgets.limited():
        with aside.apart(Item(Place.JOB, f"budget {row.channel_id}:{row.person_id}", row.channel_id or None)):
            _reckon(row, at)
    with aside.apart(Item(Place.JOB, "credits")):
        credits.look(at)


def _reckon(row: Budget, at: datetime) -> None:
    plans = sum(forecast.cost_until(channel_id, row.ends, at) for channel_id in of_budgets.channels_under(row.key))
    of_budgets.keep(row.key, {**of_budgets.day_of(row.key, at), Pays.PLANNED: plans})
    of_budgets.check(row.key, at)
