"""How what is watched is said: its name, its price, how it is heard and how it stands."""

from datetime import datetime

from bot.chat.language import Speaker
from engine.fitting import fit
from engine.moderation import Keyword, KeywordRole, MessageKind, Policy, Said, compile_ruleset
from engine.watching import WAYS, Ceiling, WatchedKind, Way
from engine.x.watching.quoting import PRICE, Sample
from engine.x.watching.searches import NO_REPOSTS
from models.watching.drafts import WatchDraft
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


def money(micros: int) -> str:
    """Micro-dollars as dollars, without their sign: `0.50`, `0.005`."""
    exact = f"{micros / 1_000_000:,.3f}"
    return exact[:-1] if exact.endswith("0") else exact


def round_money(micros: int) -> str:
    """The same for a button: `1`, `0.25`."""
    return money(micros).removesuffix(".00")


def how(say: Speaker, way: Way) -> str:
    if way is Way.STREAM:
        return say.t("⚡ within seconds")
    return say.t("🕐 each minute")


def wants(say: Speaker, words: tuple[str, ...]) -> str:
    """What of it passes."""
    if not words:
        return say.t("🔁 Everything of it is reposted, if filters and hours let it pass.")
    shown = ", ".join(words[:FEW_WORDS]) + (" …" if len(words) > FEW_WORDS else "")
    return say.t("🎯 Only what holds one of its own triggers is reposted: {words}", words=shown)


def most_a_day(say: Speaker, ceiling: Ceiling) -> str:
    """Its ceiling."""
    if ceiling.cost is not None:
        return say.n(
            "🛑 At most ${cost} a day: {count} post. Then it waits for the next day, and you are told.",
            "🛑 At most ${cost} a day: {count} posts. Then it waits for the next day, and you are told.",
            ceiling.cost // PRICE,
            cost=money(ceiling.cost),
        )
    if ceiling.posts is not None:
        return say.n(
            "🛑 At most {count} post a day. Then it waits for the next day, and you are told.",
            "🛑 At most {count} posts a day. Then it waits for the next day, and you are told.",
            ceiling.posts,
        )
    return say.t("⚠️ It has no ceiling.")


def last_day(say: Speaker, sample: Sample | None) -> list[str]:
    """What it would have brought and cost; what it cost to look stands there too."""
    each = money(PRICE)
    if sample is None:
        return [say.t("X did not say what the last day brought. Each post that it brings costs ${price}.", price=each)]
    if not sample.posts:
        return [say.t("In the last day it brought nothing. Each post that it brings costs ${price}.", price=each)]
    if sample.more:
        text = say.n(
            "In the last day it brought about {count} post, reckoned by the newest {seen}: ${cost} a day, at ${price}"
            " each.",
            "In the last day it brought about {count} posts, reckoned by the newest {seen}: ${cost} a day, at ${price}"
            " each.",
            sample.posts,
            seen=len(sample.texts),
            cost=money(sample.price),
            price=each,
        )
    else:
        text = say.n(
            "In the last day it brought {count} post: ${cost} a day, at ${price} each.",
            "In the last day it brought {count} posts: ${cost} a day, at ${price} each.",
            sample.posts,
            cost=money(sample.price),
            price=each,
        )
    return [text, say.t("<i>This look cost ${cost}.</i>", cost=money(sample.cost))]


def of_the_newest(say: Speaker, sample: Sample | None, words: tuple[str, ...], now: datetime) -> list[str]:
    """How many of the posts that were looked at hold a trigger."""
    if sample is None or not sample.texts or not words:
        return []
    rules = compile_ruleset(1, [Keyword(KeywordRole.TRIGGER, word) for word in words], Policy())
    hold = sum(bool(rules.read(Said(MessageKind.MENTION, text, now)).triggers) for text in sample.texts)
    return [
        say.n(
            "🎯 {hold} of the newest {count} post holds a trigger; all of them are paid for.",
            "🎯 {hold} of the newest {count} posts hold a trigger; all of them are paid for.",
            len(sample.texts),
            hold=hold,
        )
    ]


def ways(say: Speaker, kind: WatchedKind) -> str:
    """How it can be heard, and what each costs."""
    price = money(PRICE)
    if len(WAYS[kind]) == 1:
        return say.t("🕐 X is asked for it each minute: ${price} for each post.", price=price)
    return say.t(
        "⚡ X tells within seconds, or 🕐 it is asked each minute: ${price} for each post, either way.",
        price=price,
    )
