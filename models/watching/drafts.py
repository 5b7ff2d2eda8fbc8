"""What somebody is about to have watched, until they confirm it: with what the last day would have brought and cost.

asked (no `key`) → found → over (watched, or discarded). It is kept for a day, since X charges for each look and a
channel has so many a day; the texts of posts that it holds go with its end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee as pw
from pydantic import TypeAdapter

from engine.watching import Ceiling, WatchedKind, Way
from models.bites import Bite, by_age
from models.database import EnumField, InstantField, Table, transaction
from models.watching import watched
from models.watching.watched import Watched, Wish

KEPT = timedelta(days=1)
MOST_A_DAY = 60  # of a channel: six cents each at most


@dataclass(frozen=True, slots=True)
class LastDay:
    """What something brought in the last day: so many posts, the newest of their `texts`, and what it cost by each way.

    In micro-dollars, shared with so many channels, this one among them. `spent`: for looking.
    """

    posts: int
    costs: dict[Way, int]
    sharing: int = 1
    spent: int = 0
    texts: tuple[str, ...] = ()


_KEPT = TypeAdapter(LastDay)


class WatchDraft(Table):
    """`key` is "" until X was asked who has the name. `sample`: the last day as JSON, "" where X did not say."""

    id = pw.BigAutoField()
    channel_id = pw.IntegerField(index=True)
    person_id = pw.BigIntegerField()
    kind = EnumField(WatchedKind)
    key = pw.TextField(default="")
    name = pw.TextField(default="")
    way = EnumField(Way)
    triggers = pw.TextField(default="[]")
    most_posts = pw.IntegerField(null=True)
    most_cost = pw.BigIntegerField(null=True)
    sample = pw.TextField(default="")
    made_at = InstantField(index=True)
    is_over = pw.BooleanField(default=False)

    @property
    def words(self) -> tuple[str, ...]:
        """Its own triggers."""
        return watched.words_of(self.triggers)

    @property
    def ceiling(self) -> Ceiling:
        return Ceiling(self.most_posts, self.most_cost)

    @property
    def wish(self) -> Wish:
        return Wish(self.kind, self.key, self.name, self.way)

    @property
    def last_day(self) -> LastDay | None:
        """What the last day would have brought; None where X did not say."""
        return _KEPT.validate_json(self.sample) if self.sample else None


def make(
    channel_id: int, person_id: int, wish: Wish, now: datetime, *, triggers: Sequence[str] = (),
    ceiling: Ceiling = watched.BY_DEFAULT,
) -> int:  # fmt: skip
    """Keep what somebody wants; the draft's id. Raises TooMany, BadKeyword, ValueError for a ceiling that is none."""
    watched.is_one(ceiling)
    return int(
        WatchDraft.insert(
            channel_id=channel_id, person_id=person_id, kind=wish.kind, key=wish.key, name=wish.name, way=wish.way,
            triggers=watched.checked(triggers), most_posts=ceiling.posts, most_cost=ceiling.cost,
            made_at=now,
        ).execute()
    )  # fmt: skip


def one(channel_id: int, draft_id: int) -> WatchDraft | None:
    """The draft; None where it was confirmed, discarded, or is too old."""
    return WatchDraft.get_or_none(_open(channel_id, draft_id))


def begun_lately(channel_id: int, now: datetime) -> int:
    """How many a channel had looked at within a day."""
    mine = (WatchDraft.channel_id == channel_id) & (WatchDraft.made_at > now - KEPT)
    return int(WatchDraft.select().where(mine).count())


def found(channel_id: int, draft_id: int, key: str, name: str) -> None:
    """X has said who or what it is."""
    _change(channel_id, draft_id, key=key, name=name)


def looked_at(channel_id: int, draft_id: int, day: LastDay) -> None:
    """X has shown what the last day brought."""
    _change(channel_id, draft_id, sample=_KEPT.dump_json(day).decode())


def set_way(channel_id: int, draft_id: int, way: Way) -> None:
    _change(channel_id, draft_id, way=way)


def set_triggers(channel_id: int, draft_id: int, triggers: Sequence[str]) -> None:
    """Raises BadKeyword, TooMany."""
    _change(channel_id, draft_id, triggers=watched.checked(triggers))


def set_ceiling(channel_id: int, draft_id: int, ceiling: Ceiling) -> None:
    """Raises ValueError for one that is none."""
    watched.is_one(ceiling)
    _change(channel_id, draft_id, most_posts=ceiling.posts, most_cost=ceiling.cost)


def confirm(channel_id: int, draft_id: int, now: datetime) -> tuple[Watched, bool] | None:
    """Watch it from now on, as `watched.add` does; None where the draft is gone. Raises what that raises."""
    with transaction():
        ends = WatchDraft.update(is_over=True, sample="").where(_open(channel_id, draft_id))
        ended = list(ends.returning(WatchDraft).execute())
        if not ended:
            return None
        draft = ended[0]
        return watched.add(channel_id, draft.wish, draft.person_id, now, triggers=draft.words, ceiling=draft.ceiling)


def discard(channel_id: int, draft_id: int) -> None:
    WatchDraft.update(is_over=True, sample="").where(_open(channel_id, draft_id)).execute()


def forget_some(now: datetime, _after: int, most: int) -> Bite:
    """Delete what nobody confirmed."""
    return by_age(WatchDraft, WatchDraft.made_at, now - KEPT, most)


def _change(channel_id: int, draft_id: int, **values: Any) -> None:
    WatchDraft.update(**values).where(_open(channel_id, draft_id)).execute()


def _open(channel_id: int, draft_id: int) -> pw.Expression:
    return (WatchDraft.id == draft_id) & (WatchDraft.channel_id == channel_id) & (WatchDraft.is_over == False)  # noqa: E712
