"""Words that nearly every message holds: said with what they would have passed, before they do harm."""

from collections.abc import Sequence

from bot.chat.turn import Turn
from engine.moderation import Keyword, KeywordRole, Policy
from engine.moderation.case import Said
from engine.moderation.ruleset import compile_ruleset
from engine.text import read
from models.accounts.channels import Channel
from models.streaming import messages

LOOKED_AT, ENOUGH = 200, 8
SHORT = 2
MOST_WARNED = 5
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
