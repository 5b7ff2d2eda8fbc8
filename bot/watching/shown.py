"""How what is watched is said: its name, its price, how it is heard and how it stands."""

from datetime import datetime

from bot.chat.language import Sentence, Speaker
from bot.costs.money import about, money
from engine.fitting import fit
from engine.watching import WAYS, Ceiling, Watch, WatchedKind, Way, has_trigger
from engine.x import prices
from engine.x.prices import Billed
from engine.x.watching.searches import NO_REPOSTS
from models.watching.drafts import LastDay, WatchDraft
from models.watching.watched import Watched, WatchedStatus

SHORT, LONG = 28, 200
FEW_WORDS = 12
LAST_DIGITS = 6
LAMPS = {
    WatchedStatus.ON: "✅",
    WatchedStatus.PAUSED: "⏸",
    WatchedStatus.CEILING: "🛑",
    WatchedStatus.REFUSED: "⚠️",
    WatchedStatus.NO_ROOM: "⏳",
}
SIGNS = {
    WatchedKind.ACCOUNT: "👤",
    WatchedKind.LIST: "📋",
    WatchedKind.SEARCH: "🔎",
    WatchedKind.HOME: "🏠",
}


def name(say: Speaker, item: Watched | WatchDraft, most: int = LONG) -> str:
    """What it is called, for a sentence: escaped, but as it is for a label with `label`."""
    return say.t("{name}", name=label(say, item, most))


def label(say: Speaker, item: Watched | WatchDraft, most: int = SHORT) -> str:
    """What it is called, as plain text."""
    if item.kind is WatchedKind.ACCOUNT:
        return f"@{item.name}"
    if item.kind is WatchedKind.HOME:
        return say.t("whom it follows")
    said = item.name or item.key
    if item.kind is WatchedKind.LIST and said.isdecimal():
        return say.t("list …{digits}", digits=said[-LAST_DIGITS:])
    if item.kind is WatchedKind.SEARCH:
        said = said.removesuffix(f" {NO_REPOSTS}")
    return fit(said, most)


def how(say: Speaker, way: Way) -> str:
    if way is Way.STREAM:
        return say.t("⚡ at once")
    return say.t("🕐 each minute")


def wants(say: Speaker, words: tuple[str, ...]) -> str:
    """What of it passes."""
    if not words:
        return say.t("🔁 Everything of it is reposted, if filters and hours let it pass.")
    shown = ", ".join(words[:FEW_WORDS]) + (" …" if len(words) > FEW_WORDS else "")
    return say.t("🎯 Only what holds one of its own triggers is reposted: {words}", words=shown)


def most_a_day(say: Speaker, ceiling: Ceiling, now: datetime) -> str:
    """Its ceiling."""
    if ceiling.cost is not None:
        return say.n(
            "🛑 At most ${cost} a day: {count} post. Then it waits for the next day, and you are told.",
            "🛑 At most ${cost} a day: {count} posts. Then it waits for the next day, and you are told.",
            ceiling.cost // max(1, prices.of(Billed.WATCHED, now)),
            cost=money(ceiling.cost),
        )
    if ceiling.posts is not None:
        return say.n(
            "🛑 At most {count} post a day. Then it waits for the next day, and you are told.",
            "🛑 At most {count} posts a day. Then it waits for the next day, and you are told.",
            ceiling.posts,
        )
    return say.t("⚠️ It has no ceiling.")


def last_day(say: Speaker, day: LastDay | None, kind: WatchedKind, now: datetime) -> list[str]:
    """What it would have brought, and cost by each way; what it cost to look stands there too."""
    price = prices.of(Billed.WATCHED, now)
    each = money(price)
    if day is None:
        text = say.t("X did not say what the last day brought. Each post that it brings costs ${price}.", price=each)
        return [text, *(how_told(say, way) for way in WAYS[kind])]
    if not day.posts:
        text = say.t("In the last day it brought nothing. Each post that it brings costs ${price}.", price=each)
        return [text, *(how_told(say, way) for way in WAYS[kind]), _looking(say, day)]
    if len(day.texts) < day.posts:
        text = say.n(
            "In the last day it brought about {count} post, reckoned by the newest. Each costs ${price}:",
            "In the last day it brought about {count} posts, reckoned by the newest. Each costs ${price}:",
            day.posts,
            price=each,
        )
    else:
        text = say.n(
            "In the last day it brought {count} post. Each costs ${price}:",
            "In the last day it brought {count} posts. Each costs ${price}:",
            day.posts,
            price=each,
        )
    lines = [text]
    for way in WAYS[kind]:
        cost = money(day.costs.get(way, day.posts * price))
        a_month = about(day.costs.get(way, day.posts * price) * 30)
        lines.append(
            say.t(
                "{how}: ${cost} a day, about ${a_month} a month",
                how=Sentence(how_told(say, way)),
                cost=cost,
                a_month=a_month,
            )
        )
    if day.sharing > 1:
        lines.append(
            say.n(
                "{count} other channel hears it too, and pays its share.",
                "{count} other channels hear it too, and pay their share.",
                day.sharing - 1,
            )
        )
    return [*lines, _looking(say, day)]


def _looking(say: Speaker, day: LastDay) -> str:
    return say.t("<i>This look cost ${cost}.</i>", cost=money(day.spent))


def of_the_newest(say: Speaker, day: LastDay | None, words: tuple[str, ...]) -> list[str]:
    """How many of the posts that were looked at hold a trigger."""
    if day is None or not day.texts or not words:
        return []
    watch = Watch(0, WatchedKind.ACCOUNT, words)
    return [
        say.n(
            "🎯 {hold} of the newest {count} post holds a trigger; all of them are paid for.",
            "🎯 {hold} of the newest {count} posts hold a trigger; all of them are paid for.",
            len(day.texts),
            hold=sum(has_trigger(watch, text) for text in day.texts),
        )
    ]


def how_told(say: Speaker, way: Way) -> str:
    """How it comes, in full."""
    if way is Way.STREAM:
        return say.t("⚡ X tells within seconds")
    return say.t("🕐 X is asked each minute")
