"""What words would have passed of the last week, and what that costs a month; those that nearly every message holds are
warned of, before they do harm.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.chat.turn import Turn
from bot.costs.money import about
from engine import composing
from engine.composing import Style
from engine.moderation import Form, Keyword, KeywordRole, MessageKind, Policy
from engine.moderation.case import Said
from engine.moderation.ruleset import compile_ruleset
from engine.moderation.triggers import NO_TRIGGERS, OFF_TOPIC
from engine.text import read
from engine.x import prices
from engine.x.prices import Billed
from models.accounts.channels import Channel
from models.costs.months import MONTH, WEEK
from models.moderation import judging
from models.streaming import messages
from models.streaming.messages import Message, MessageStatus

LOOKED_AT, ENOUGH = 200, 8
SHORT = 2
MOST_WARNED = 5
MOST_OF_WEEK = 1_000
ROLES = (KeywordRole.TRIGGER, KeywordRole.FILTER)
#: What both languages cannot do without, as `engine.text.read` folds it.
_COMMON = (
    "a al ante con como cuando de del desde donde e el ella ellos en entre era es esa ese eso esta este esto "
    "fue ha hace hay he la las le les lo los mas me mi mucho muy ni no nos o para pero por porque que quien "
    "se sea ser si sin sobre solo son su sus tambien te tiene todo todos tu un una uno unos y ya yo hoy aqui "
    "esta estan about all an and any are as at be been but by can do for from get had has have he her here "
    "him his how i if in into is it its just like me more my no not now of on one or our out she so some that "
    "the their them there they this to up us was we were what when which who will with would you your"
)
COMMON = frozenset(_COMMON.split())


def warnings(turn: Turn, channel: Channel, role: KeywordRole, added: Sequence[str]) -> list[str]:
    """A sentence for each word that is too common, with how many of the last messages held it."""
    heard = messages.last_of(channel.id, LOOKED_AT)
    counts = _counts(added, heard)
    broad = [word for word in added if _is_short_or_common(word) or _in_most(counts.get(word, 0), len(heard))]
    return [_said(turn, role, word, counts.get(word, 0), len(heard)) for word in broad[:MOST_WARNED]]


def _said(turn: Turn, role: KeywordRole, word: str, count: int, of: int) -> str:
    if of < ENOUGH:
        if role is KeywordRole.TRIGGER:
            return turn.t("⚠️ “{word}” is in nearly every message: all of those would be posted. Undo if you did not"
                      " mean that.", word=word)  # fmt: skip
        return turn.t("⚠️ “{word}” is in nearly every message: none of those would be posted. Undo if you did not"
                      " mean that.", word=word)  # fmt: skip
    if role is KeywordRole.TRIGGER:
        return turn.t("⚠️ “{word}” was in {count} of the last {of} messages: all of those would have passed. Undo if you"
                      " did not mean that.", word=word, count=count, of=of)  # fmt: skip
    return turn.t("⚠️ “{word}” was in {count} of the last {of} messages: none of those would have passed. Undo if you"
                  " did not mean that.", word=word, count=count, of=of)  # fmt: skip


# --- what they come to -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Worth:
    """Of so many messages of the last week (of its newest, where there are more) so many are concerned, which cost so
    much a month, in micro-dollars.
    """

    of: int
    count: int
    a_month: int


def added(turn: Turn, channel: Channel, words: Sequence[Keyword]) -> list[str]:
    """What triggers would have let pass besides, or filters kept back, had they been there for the last week."""
    return [
        *_of_triggers(turn, channel, [w for w in words if w.role is KeywordRole.TRIGGER]),
        *_of_filters(turn, channel, [w for w in words if w.role is KeywordRole.FILTER]),
    ]


def _of_triggers(turn: Turn, channel: Channel, words: Sequence[Keyword]) -> list[str]:
    worth = _worth(channel, words, turn.now, lambda m: m.rule in (NO_TRIGGERS, OFF_TOPIC))
    if worth is None:
        return []
    if not worth.count:
        return [
            turn.t("💵 In the last week ({of} messages looked at) it would have let none pass besides.", of=worth.of)
        ]
    return [
        turn.n(
            "💵 In the last week ({of} messages looked at) it would have let {count} more pass: about ${cost} a month.",
            "💵 In the last week ({of} messages looked at) it would have let {count} more pass: about ${cost} a month.",
            worth.count,
            of=worth.of,
            cost=about(worth.a_month),
        )
    ]


def _of_filters(turn: Turn, channel: Channel, words: Sequence[Keyword]) -> list[str]:
    worth = _worth(channel, words, turn.now, lambda m: m.status is MessageStatus.APPROVED)
    if worth is None or not worth.count:
        return []
    return [
        turn.n(
            "💵 In the last week ({of} messages looked at) it would have kept {count} back: about ${cost} "
            "a month less.",
            "💵 In the last week ({of} messages looked at) it would have kept {count} back: about ${cost} "
            "a month less.",
            worth.count,
            of=worth.of,
            cost=about(worth.a_month),
        )
    ]


def there(turn: Turn, channel: Channel, word: Keyword) -> list[str]:
    """What a word that is in the list did in the last week."""
    if word.role is KeywordRole.TRIGGER:
        worth = _worth(channel, [word], turn.now, lambda m: m.status is MessageStatus.APPROVED)
        if worth is None:
            return []
        return [
            turn.n(
                "💵 In the last week ({of} messages looked at) {count} passed with it: about ${cost} a month.",
                "💵 In the last week ({of} messages looked at) {count} passed with it: about ${cost} a month.",
                worth.count,
                of=worth.of,
                cost=about(worth.a_month),
            )
        ]
    worth = _worth(channel, [word], turn.now, lambda m: m.status is MessageStatus.BLOCKED)
    if worth is None or word.role is not KeywordRole.FILTER:
        return []
    return [
        turn.n(
            "💵 In the last week ({of} messages looked at) {count} was kept back that has it: about ${cost} "
            "a month less.",
            "💵 In the last week ({of} messages looked at) {count} were kept back that have it: about ${cost} "
            "a month less.",
            worth.count,
            of=worth.of,
            cost=about(worth.a_month),
        )
    ]


def without_triggers(turn: Turn, channel: Channel) -> list[str]:
    """What would have passed besides, had no trigger been required."""
    worth = _worth(channel, None, turn.now, lambda m: m.rule in (NO_TRIGGERS, OFF_TOPIC))
    if worth is None or not worth.count:
        return []
    return [
        turn.n(
            "💵 Without that, {count} more would have passed in the last week: about ${cost} a month.",
            "💵 Without that, {count} more would have passed in the last week: about ${cost} a month.",
            worth.count,
            cost=about(worth.a_month),
        )
    ]


def _worth(
    channel: Channel, words: Sequence[Keyword] | None, now: datetime, concerned: Callable[[Message], bool]
) -> Worth | None:
    """None where there are no words, or nothing was heard. What is watched has triggers of its own. Without `words`
    (None) all of it counts, whatever it says.
    """
    if words is not None and not words:
        return None
    heard = messages.heard_since(channel.id, now - WEEK, MOST_OF_WEEK)
    if not heard:
        return None
    span = WEEK if len(heard) < MOST_OF_WEEK else max(now - heard[-1].heard_at, WEEK / 1000)
    span = min(span, max(now - channel.created_at, WEEK / 7))
    mine = compile_ruleset(0, words or (), Policy())
    count = cost = 0
    style = judging.load_rules(channel).style
    for message in heard:
        if message.kind is MessageKind.WATCHED or not concerned(message):
            continue
        found = mine.read(Said(message.kind, message.text, message.at))
        if words is None or found.triggers or found.filters:
            count += 1
            cost += _price(style, message, now)
    return Worth(len(heard), count, round(cost * (MONTH / span)))


def _price(style: Style, message: Message, now: datetime) -> int:
    """What it costs to say it, as the channel says what it hears."""
    if style.form_of(message.kind) is Form.REPOST:
        return prices.of(Billed.REPOST, now)
    with_url = composing.has_link(message.text) or composing.has_link(style.credit)
    looked_at = prices.of(Billed.LOOKED_AT, now) if message.kind.is_public else 0
    return prices.of_post(now, with_url=with_url) + looked_at


def _counts(added: Sequence[str], heard: Sequence[messages.Message]) -> dict[str, int]:
    """In how many of these messages each word is."""
    mine = compile_ruleset(0, [Keyword(KeywordRole.TRIGGER, word) for word in added], Policy())
    counts: dict[str, int] = {}
    for message in heard:
        for word in mine.read(Said(message.kind, message.text, message.at)).triggers:
            counts[word] = counts.get(word, 0) + 1
    return counts


def _is_short_or_common(word: str) -> bool:
    words = read(word).words
    return all(w in COMMON or (len(w) <= SHORT and w.isalpha()) for w in words)


def _in_most(count: int, of: int) -> bool:
    return of >= ENOUGH and count * 2 > of
