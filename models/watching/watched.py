"""What a channel watches: added, changed, paused and taken away by its people.

on → paused → on                by a person
on → ceiling → on               enough for a day of the channel's zone
on → refused → on               X takes no such rule or list, in its own words; a person tries it once more
on → no_room → on               X's rules are full for now, and this one is over the channel's share
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import peewee as pw

from engine.moderation.keywords import check_keyword
from engine.text import storable
from engine.watching import WAYS, Ceiling, Watch, WatchedKind, Way
from engine.x import prices
from engine.x.events import Account, id_at, x_id_of
from engine.x.prices import Billed
from engine.x.watching import searches
from models.accounts import channels, choices
from models.accounts.channels import Channel
from models.database import EPOCH, EnumField, InstantField, Table, as_tuples, transaction

MOST_EACH = 100  # of a channel
MOST_TRIGGERS = 50
LONGEST_NAME = 200
DEFAULT_COST = 500_000  # micro-dollars a day, of what is watched without a ceiling of its own
BY_DEFAULT = Ceiling(cost=DEFAULT_COST)
HIGHEST_COST, HIGHEST_POSTS = 1_000_000_000, 1_000_000  # a day: a thousand dollars


class WatchedStatus(StrEnum):
    """How it stands. The values are stored, so they never change."""

    ON = "on"  # it is heard
    PAUSED = "paused"  # by a person
    CEILING = "ceiling"  # enough for today: it goes on at `until`
    REFUSED = "refused"  # X does not take it, for the reason in `said`
    NO_ROOM = "no_room"  # X's rules are full


class Watched(Table):
    """`key` is X's id of an account or a list, or the search as X is given it. `name` is what people read.

    `triggers`: its own, as JSON; none where everything is wanted. `cursor`: from this X id on it is to be heard.
    """

    id = pw.BigAutoField()
    channel_id = pw.IntegerField()
    kind = EnumField(WatchedKind)
    key = pw.TextField()
    name = pw.TextField(default="")
    way = EnumField(Way)
    triggers = pw.TextField(default="[]")
    most_posts = pw.IntegerField(null=True)
    most_cost = pw.BigIntegerField(null=True)
    status = EnumField(WatchedStatus, default=WatchedStatus.ON)
    said = pw.TextField(default="")
    until = InstantField(null=True)
    cursor = pw.BigIntegerField(default=0)
    polled_at = InstantField(default=EPOCH)
    claimed_until = InstantField(default=EPOCH)
    added_by = pw.BigIntegerField(default=0)
    added_at = InstantField(default=EPOCH)

    @property
    def words(self) -> tuple[str, ...]:
        """Its own triggers."""
        return words_of(self.triggers)

    @property
    def ceiling(self) -> Ceiling:
        return Ceiling(self.most_posts, self.most_cost)


class TooMany(ValueError):
    """A channel watches as much as it may, or wants more triggers than that: `most`."""

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most}")
        self.most = most


class OwnChannel(ValueError):
    """An account that Canales runs: what it says is not watched, or two channels would repeat each other for ever."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be watched; made by the functions below, which check it."""

    kind: WatchedKind
    key: str
    name: str
    way: Way


def an_account(account: Account, way: Way = Way.STREAM) -> Wish:
    """The posts of this account, neither its answers nor what it reposts."""
    return Wish(WatchedKind.ACCOUNT, str(account.x_user_id), account.handle, way)


def a_list(list_id: str, name: str = "") -> Wish:
    """Those of a list at X, by the number in its address. Raises ValueError for what is no number of X's."""
    return Wish(WatchedKind.LIST, str(x_id_of(list_id)), storable(name)[:LONGEST_NAME], Way.POLL)


def a_search(typed: str, way: Way = Way.STREAM) -> Wish:
    """Those that match a search, as X would read it. Raises searches.BadSearch, with what is wrong.

    It is called as it was typed; X is given its one spelling, so that whoever searches for the same shares a rule.
    """
    search = searches.checked(typed)
    return Wish(WatchedKind.SEARCH, searches.one_spelling(search), search, way)


def home() -> Wish:
    """Those of all whom the channel follows."""
    return Wish(WatchedKind.HOME, "", "", Way.POLL)


# --- what people do ----------------------------------------------------------------------------------------


def add(
    channel_id: int, wish: Wish, person_id: int, now: datetime, *, triggers: Sequence[str] = (),
    ceiling: Ceiling = BY_DEFAULT,
) -> tuple[Watched, bool]:  # fmt: skip
    """Watch this from now on; the row, and whether it is new: what is watched already stays as it is.

    Raises TooMany, OwnChannel, BadKeyword for a trigger, and ValueError for a ceiling that is none, or another way.
    """
    written = checked(triggers)
    is_one(ceiling)
    if wish.way not in WAYS[wish.kind]:
        raise ValueError(f"a {wish.kind} is not heard by {wish.way}")
    if wish.kind is WatchedKind.ACCOUNT and is_ours(int(wish.key)):
        raise OwnChannel(wish.name)
    with transaction():
        channels.locked(channel_id)  # two who add come one after the other
        found = of_key(channel_id, wish.kind, wish.key)
        if found is not None:
            return found, False
        if Watched.select().where(Watched.channel_id == channel_id).count() >= MOST_EACH:
            raise TooMany(MOST_EACH)
        made = Watched.insert(
            channel_id=channel_id, kind=wish.kind, key=wish.key, name=wish.name, way=wish.way, triggers=written,
            most_posts=ceiling.posts, most_cost=ceiling.cost, cursor=id_at(now), added_by=person_id, added_at=now,
        )  # fmt: skip
        row = next(iter(made.returning(Watched).execute()))
        choices.new_version(channel_id)
    return row, True


def remove(channel_id: int, watched_id: int) -> Watched | None:
    """Watch it no longer; what it was, or None where it is gone. Keep `before` first, for an Undo."""
    with transaction():
        mine = (Watched.id == watched_id) & (Watched.channel_id == channel_id)
        gone = list(Watched.delete().where(mine).returning(Watched).execute())
        if gone:
            choices.new_version(channel_id)
    return gone[0] if gone else None


def set_triggers(channel_id: int, watched_id: int, triggers: Sequence[str]) -> bool:
    """Its own triggers; none: everything of it is wanted. False where it is gone. Raises BadKeyword, TooMany."""
    written = checked(triggers)
    with transaction():
        done = _changed(channel_id, watched_id, triggers=written)
        if done:
            choices.new_version(channel_id)
    return done


def set_ceiling(channel_id: int, watched_id: int, ceiling: Ceiling, now: datetime) -> bool:
    """What it may bring or cost a day; one that a lower one had stopped goes on from now on. False where it is gone.

    Raises ValueError for one that is none.
    """
    is_one(ceiling)
    with transaction():
        done = _changed(channel_id, watched_id, most_posts=ceiling.posts, most_cost=ceiling.cost)
        _go_on((Watched.id == watched_id) & (Watched.status == WatchedStatus.CEILING), now)
    return done


def set_way(channel_id: int, watched_id: int, way: Way, now: datetime) -> bool:
    """Hear it another way, from where the one before has heard it. Raises ValueError where it can't be."""
    found = one(channel_id, watched_id)
    if found is None:
        return False
    if way not in WAYS[found.kind]:
        raise ValueError(f"a {found.kind} is not heard by {way}")
    mine = (Watched.id == watched_id) & (Watched.channel_id == channel_id) & (Watched.way != way)
    Watched.update(way=way, cursor=_least_heard(found, now)).where(mine).execute()
    return True


def pause(channel_id: int, watched_id: int) -> bool:
    """Whatever it was → paused by a person; False where it was that already, or is gone."""
    mine = (Watched.id == watched_id) & (Watched.channel_id == channel_id)
    stops = Watched.update(status=WatchedStatus.PAUSED, until=None, said="")
    return bool(stops.where(mine & (Watched.status != WatchedStatus.PAUSED)).execute())


def resume(channel_id: int, watched_id: int, now: datetime) -> bool:
    """paused | refused | ceiling → on, from now on; False where it is on already, or gone."""
    mine = (Watched.id == watched_id) & (Watched.channel_id == channel_id)
    return bool(_go_on(mine & (Watched.status != WatchedStatus.ON), now))


# --- what it is --------------------------------------------------------------------------------------------


def of(channel_id: int) -> list[Watched]:
    """All that a channel watches, in the order in which it came."""
    return list(Watched.select().where(Watched.channel_id == channel_id).order_by(Watched.id))


def count_on(channel_id: int) -> int:
    """How many of them are heard."""
    mine = (Watched.channel_id == channel_id) & (Watched.status == WatchedStatus.ON)
    return int(Watched.select().where(mine).count())


def one(channel_id: int, watched_id: int) -> Watched | None:
    return Watched.get_or_none((Watched.id == watched_id) & (Watched.channel_id == channel_id))


def of_key(channel_id: int, kind: WatchedKind, key: str) -> Watched | None:
    """What the channel watches of this kind under this key; a search however it is spelled."""
    mine = Watched.channel_id == channel_id
    under = mine & (Watched.kind == kind) & Watched.key.in_(spellings(kind, key, mine))
    return next(iter(Watched.select().where(under).limit(1)), None)


def spellings(kind: WatchedKind, key: str, those: pw.Expression | None = None) -> list[str]:
    """The keys under which this is stored: of a search also those that were kept before they had one spelling."""
    if kind is not WatchedKind.SEARCH:
        return [key]
    searched = (Watched.kind == kind) if those is None else (Watched.kind == kind) & those
    wanted = searches.one_spelling(key)
    stored = [k for (k,) in as_tuples(Watched.select(Watched.key).where(searched).distinct())]
    return [key, *(k for k in stored if k != key and searches.one_spelling(k) == wanted)]


def watches_of(channel_id: int) -> list[Watch]:
    """The same as the rules see it, also what stands still: its messages may still wait for a verdict."""
    rows = Watched.select(Watched.id, Watched.kind, Watched.triggers).where(Watched.channel_id == channel_id)
    return [Watch(i, kind, words_of(triggers)) for i, kind, triggers in as_tuples(rows)]


def words_of(triggers: str) -> tuple[str, ...]:
    """Triggers as they are stored."""
    return tuple(json.loads(triggers or "[]"))


# --- undoing -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WatchedBefore:
    """What a channel watched under this key, as its people had chosen it; None where it did not."""

    kind: WatchedKind
    key: str
    values: dict[str, Any] | None


_CHOSEN = ("id", "name", "way", "triggers", "most_posts", "most_cost", "added_by")


def before(channel_id: int, kind: WatchedKind, key: str) -> WatchedBefore:
    """As it is now, for `models/undoing.py`."""
    found = of_key(channel_id, kind, key)
    if found is None:
        return WatchedBefore(kind, key, None)
    chosen = {name: getattr(found, name) for name in _CHOSEN}
    return WatchedBefore(kind, key, {**chosen, "paused": found.status is WatchedStatus.PAUSED})


def restore(channel_id: int, was: WatchedBefore, now: datetime) -> None:
    """As it was, heard from now on; what it cost today still counts."""
    with transaction():
        mine = Watched.channel_id == channel_id
        there = mine & (Watched.kind == was.kind) & Watched.key.in_(spellings(was.kind, was.key, mine))
        if was.values is None:
            Watched.delete().where(there).execute()
        else:
            values: dict[str, Any] = {k: v for k, v in was.values.items() if k != "paused"}
            values["status"] = WatchedStatus.PAUSED if was.values["paused"] else WatchedStatus.ON
            values |= {"kind": was.kind, "key": was.key, "cursor": id_at(now), "added_at": now}
            Watched.delete().where(there).execute()
            Watched.insert(channel_id=channel_id, **values).execute()
        choices.new_version(channel_id)


# --- within ------------------------------------------------------------------------------------------------


def _changed(channel_id: int, watched_id: int, **values: Any) -> bool:
    mine = (Watched.id == watched_id) & (Watched.channel_id == channel_id)
    return bool(Watched.update(**values).where(mine).execute())


def _go_on(those: pw.Expression, now: datetime) -> int:
    """→ on, from now on: what came meanwhile is not read back, since it would cost what was to be saved."""
    goes = Watched.update(status=WatchedStatus.ON, until=None, said="", cursor=id_at(now), polled_at=EPOCH)
    return int(goes.where(those).execute())


def _least_heard(found: Watched, now: datetime) -> int:
    return found.cursor if found.way is Way.POLL else id_at(now)


def is_ours(x_user_id: int) -> bool:
    """Whether this account is a channel that is connected here."""
    return bool(Channel.select().where((Channel.x_user_id == x_user_id) & Channel.connected).exists())


def checked(triggers: Sequence[str]) -> str:
    """Triggers as they are stored. Raises BadKeyword, TooMany."""
    kept = list(dict.fromkeys(check_keyword(word) for word in triggers))
    if len(kept) > MOST_TRIGGERS:
        raise TooMany(MOST_TRIGGERS)
    return json.dumps(kept, ensure_ascii=False)


def is_one(ceiling: Ceiling) -> None:
    """Raises ValueError for a ceiling that is none."""
    posts, cost = ceiling.posts, ceiling.cost
    if (posts is not None and not 1 <= posts <= HIGHEST_POSTS) or (
        cost is not None and not prices.today(Billed.WATCHED) <= cost <= HIGHEST_COST
    ):
        raise ValueError("no ceiling")
