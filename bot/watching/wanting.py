"""What is chosen of one thing that is watched, or is about to be: how it is heard, its own triggers, its ceiling a day.

Each button and step names either a row (`watched`) or a draft (`draft`); the other is 0.
"""

from typing import Any, ClassVar

from bot.chat import doors, undo
from bot.chat.dialogue import Takes, step
from bot.chat.handling import answers, handles, open_target
from bot.chat.keyboards import Button, Rows, dot
from bot.chat.targets import Target, WatchDraftId, WatchedId, button
from bot.chat.turn import Refusal, Turn
from bot.costs.money import money, round_dollars
from bot.watching import refusals, shown, typed
from engine.moderation import BadKeyword, split_keywords
from engine.watching import WAYS, Ceiling, Way
from models.accounts.channels import Channel
from models.database import transaction
from models.watching import drafts, watched
from models.watching.drafts import WatchDraft
from models.watching.watched import TooMany, Watched

COSTS = (250_000, 500_000, 2_000_000)  # micro-dollars a day
Item = Watched | WatchDraft


@button
class ByWay:
    """Hear it this way."""

    word: ClassVar[str] = "watchway"
    channel: int
    way: Way
    watched: WatchedId = 0
    draft: WatchDraftId = 0


@button
class Everything:
    """It needs no triggers."""

    word: ClassVar[str] = "watchall"
    channel: int
    watched: WatchedId = 0
    draft: WatchDraftId = 0


@button
class AskWords:
    """Asks for its own triggers."""

    word: ClassVar[str] = "watchwords"
    channel: int
    watched: WatchedId = 0
    draft: WatchDraftId = 0


@button
class AtMost:
    """A ceiling of so many micro-dollars a day."""

    word: ClassVar[str] = "watchmax"
    channel: int
    cost: int
    watched: WatchedId = 0
    draft: WatchDraftId = 0


@button
class AskCeiling:
    word: ClassVar[str] = "watchmaxask"
    channel: int
    watched: WatchedId = 0
    draft: WatchDraftId = 0


@step
class TypeWords:
    """Its own triggers are waited for."""

    word: ClassVar[str] = "watchwords"
    takes: ClassVar[Takes] = Takes.TEXT
    own: ClassVar[tuple[type[Any], ...]] = (Everything,)
    channel: int
    watched: int = 0
    draft: int = 0


@step
class TypeCeiling:
    """Dollars a day are waited for."""

    word: ClassVar[str] = "watchmax"
    takes: ClassVar[Takes] = Takes.TEXT
    own: ClassVar[tuple[type[Any], ...]] = (AtMost,)
    channel: int
    watched: int = 0
    draft: int = 0


def rows(turn: Turn, channel: Channel, item: Item) -> Rows:
    """The buttons that choose."""
    key = _key(item)
    ways = WAYS[item.kind]
    by_way: list[Button] = [(dot(item.way is way) + shown.how(turn, way), ByWay(channel.id, way, *key)) for way in ways]
    costs: list[Button] = [
        (dot(item.most_cost == cost) + f"${round_dollars(cost)}", AtMost(channel.id, cost, *key)) for cost in COSTS
    ]
    other = item.most_cost not in COSTS
    return [
        by_way if len(ways) > 1 else [],
        [
            (dot(bool(item.words)) + turn.t("🎯 Triggers"), AskWords(channel.id, *key)),
            (dot(not item.words) + turn.t("✳️ Everything"), Everything(channel.id, *key)),
        ],
        [*costs, (dot(other) + turn.t("✏️ Other"), AskCeiling(channel.id, *key))],
    ]


def change(turn: Turn, channel: Channel, row: Watched, said: typed.Said) -> int:
    """What was typed of something that is watched already; the Undo, 0 where nothing was. Raises Refusal."""
    if said.triggers is None and said.cost is None:
        return 0
    return turn.once("changed", int, lambda: _changed(turn, channel, row, said))


def _changed(turn: Turn, channel: Channel, row: Watched, said: typed.Said) -> int:
    with transaction():
        undo_id = _keep(turn, channel, row)
        try:
            if said.triggers is not None:
                watched.set_triggers(channel.id, row.id, said.triggers)
            if said.cost is not None:
                watched.set_ceiling(channel.id, row.id, Ceiling(cost=said.cost), turn.now)
        except BadKeyword as error:
            raise refusals.bad_trigger(turn, error) from None
        except TooMany as error:
            raise refusals.no_room(turn, error) from None
        except ValueError:
            raise refusals.no_ceiling(turn, money(said.cost or 0)) from None
    return undo_id


# --- tapped ------------------------------------------------------------------------------------------------


@handles(ByWay)
async def _by_way(turn: Turn, channel: Channel, target: ByWay) -> None:
    item = item_of(turn, channel, target.watched, target.draft)
    if target.way not in WAYS[item.kind]:
        raise _gone(turn)
    if isinstance(item, WatchDraft):
        drafts.set_way(channel.id, item.id, target.way)
        await open_target(turn, doors.WatchOffer(channel.id, item.id))
        return
    watched.set_way(channel.id, item.id, target.way, turn.now)
    await open_target(turn, doors.WatchedCard(channel.id, item.id))


@handles(Everything)
async def _everything(turn: Turn, channel: Channel, target: Everything) -> None:
    turn.end_step()
    await _set_words(turn, channel, item_of(turn, channel, target.watched, target.draft), ())


@handles(AtMost)
async def _at_most(turn: Turn, channel: Channel, target: AtMost) -> None:
    turn.end_step()
    await _set_cost(turn, channel, item_of(turn, channel, target.watched, target.draft), target.cost)


@handles(AskWords)
async def _ask_words(turn: Turn, channel: Channel, target: AskWords) -> None:
    item = item_of(turn, channel, target.watched, target.draft)
    text = turn.t(
        '🎯 Send me the triggers of {name}, separated by commas. For example: rain, alert, "road closed", flood*\nOnly'
        " posts of it that hold one of them are reposted. /cancel to leave.",
        name=shown.name(turn, item),
    )
    everything: Rows = [[(turn.t("✳️ Everything"), Everything(channel.id, *_key(item)))]]
    await turn.ask(TypeWords(channel.id, *_key(item)), text, everything)


@handles(AskCeiling)
async def _ask_ceiling(turn: Turn, channel: Channel, target: AskCeiling) -> None:
    item = item_of(turn, channel, target.watched, target.draft)
    text = turn.t(
        "🛑 How many dollars a day may {name} cost at most? For example: 0.50 · 2\n/cancel to leave.",
        name=shown.name(turn, item),
    )
    await turn.ask(TypeCeiling(channel.id, *_key(item)), text)


# --- typed -------------------------------------------------------------------------------------------------


@answers(TypeWords)
async def _words_typed(turn: Turn, channel: Channel, asked: TypeWords) -> None:
    item = item_of(turn, channel, asked.watched, asked.draft)
    words = () if turn.arguments.strip().lower() in typed.ALL else tuple(split_keywords(turn.arguments))
    if not words and turn.arguments.strip().lower() not in typed.ALL:
        raise refusals.bad_trigger(turn, BadKeyword("empty", ""))
    await _set_words(turn, channel, item, words)


@answers(TypeCeiling)
async def _ceiling_typed(turn: Turn, channel: Channel, asked: TypeCeiling) -> None:
    item = item_of(turn, channel, asked.watched, asked.draft)
    cost = typed.dollars(turn.arguments)
    if cost is None:
        raise refusals.no_ceiling(turn, turn.arguments)
    await _set_cost(turn, channel, item, cost)


# --- within ------------------------------------------------------------------------------------------------


def item_of(turn: Turn, channel: Channel, watched_id: int, draft_id: int) -> Item:
    """The row or the draft. Raises Refusal where it is gone."""
    found = watched.one(channel.id, watched_id) if watched_id else drafts.one(channel.id, draft_id)
    if found is None:
        raise _gone(turn)
    return found


async def _set_words(turn: Turn, channel: Channel, item: Item, words: tuple[str, ...]) -> None:
    try:
        if isinstance(item, WatchDraft):
            drafts.set_triggers(channel.id, item.id, words)
            await _done(turn, doors.WatchOffer(channel.id, item.id))
            return
        said = typed.Said(item.kind, item.name, words)
        await _done(turn, doors.WatchedCard(channel.id, item.id, change(turn, channel, item, said)))
    except BadKeyword as error:
        raise refusals.bad_trigger(turn, error) from None
    except TooMany as error:
        raise refusals.no_room(turn, error) from None


async def _set_cost(turn: Turn, channel: Channel, item: Item, cost: int) -> None:
    try:
        watched.is_one(Ceiling(cost=cost))
    except ValueError:
        raise refusals.no_ceiling(turn, money(cost)) from None
    if isinstance(item, WatchDraft):
        drafts.set_ceiling(channel.id, item.id, Ceiling(cost=cost))
        await _done(turn, doors.WatchOffer(channel.id, item.id))
        return
    said = typed.Said(item.kind, item.name, cost=cost)
    await _done(turn, doors.WatchedCard(channel.id, item.id, change(turn, channel, item, said)))


async def _done(turn: Turn, back: Target) -> None:
    turn.end_step()
    await open_target(turn, back)


def _keep(turn: Turn, channel: Channel, row: Watched) -> int:
    back = doors.WatchedCard(channel.id, row.id)
    return undo.keep(turn, channel, back, watched.before(channel.id, row.kind, row.key))


def _key(item: Item) -> tuple[int, int]:
    """What its buttons carry."""
    return (0, item.id) if isinstance(item, WatchDraft) else (item.id, 0)


def _gone(turn: Turn) -> Refusal:
    return Refusal(turn.t("That is over: it was taken away, or lies too long ago. What is watched: /watch"))
