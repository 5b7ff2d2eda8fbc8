"""Words come: typed after `add`, or asked for. What looks like a sentence is not taken for words before one says so."""

import re
from dataclasses import replace
from typing import Any, ClassVar

from bot.chat import doors
from bot.chat.dialogue import Takes, step
from bot.chat.handling import answers, handles
from bot.chat.keyboards import Rows
from bot.chat.targets import DraftId, button
from bot.chat.turn import Refusal, Turn, said_back
from bot.chat.undo import keep, undo_button
from bot.moderation import breadth, roles
from engine import posts
from engine.files.lists import ARROW, MAX_BECOMES, BadLine, Wrong, replacement_of
from engine.moderation import (
    FOR_GOOD,
    MAX_DAYS,
    MAX_KEYWORD,
    BadKeyword,
    Keyword,
    KeywordRole,
    MessageKind,
    check_keyword,
    split_keywords,
)
from engine.posts import Post
from engine.text import pattern_of
from engine.when import NotUnderstood
from engine.when.spans import understand_span
from models.accounts.channels import Channel
from models.moderation import lists
from models.publishing import drafts
from models.publishing.drafts import Draft, DraftGone, Way

APPLIES = re.compile(r"\s+(?:for|para|solo|sólo|only)\s+(dms?|mentions?|menciones)\s*$", re.IGNORECASE)
LASTS = re.compile(
    r"\s+(?:(?:for|por|durante)\s+((?:\S+\s*){1,5}?)|(forever|for good|para siempre))\s*$", re.IGNORECASE
)
MOST_WORDS_OF_A_PHRASE = 6
QUOTED = re.compile(r"\A“(.*)”\n", re.DOTALL)
SENTENCE_ENDS = (".", "!", "?", "…")
SEPARATED_BY = ',;"“”«»'


@button
class AddPhrase:
    """What looked like a sentence is one phrase."""

    word: ClassVar[str] = "kwphrase"
    channel: int
    role: KeywordRole
    draft: DraftId = 0


@button
class NoPhrase:
    word: ClassVar[str] = "kwnophrase"
    channel: int
    role: KeywordRole


@step
class WordsToAdd:
    """Words to add."""

    word: ClassVar[str] = "keywords"
    takes: ClassVar[Takes] = Takes.TEXT
    own: ClassVar[tuple[type[Any], ...]] = (AddPhrase,)
    channel: int
    role: KeywordRole


@handles(doors.AddWords)
async def ask(turn: Turn, channel: Channel, target: doors.AddWords) -> None:
    """The next message holds the words."""
    role = target.role
    if role is KeywordRole.TRIGGER:
        text = turn.t(
            'Send me the triggers, separated by commas. For example: crash, "road closed", flood*, #metro\n'
            "Case and accents don't matter; * stands for any ending; a plain word also matches its hashtag. For DMs"
            " only: crash for dms. /cancel to leave."
        )
    elif role is KeywordRole.FILTER:
        text = turn.t(
            'Send me the filters, separated by commas. For example: promo, "follow back", #giveaway\n'
            "To block the sender too: promo for 7 days · promo forever. /cancel to leave."
        )
    elif role is KeywordRole.REPLACEMENT:
        text = turn.t(
            "Send me what becomes what, separated by commas. For example: av. => avenue, jam => congestion\n"
            "The writer's capitals are kept; links and mentions are never touched. /cancel to leave."
        )
    else:
        text = turn.t("Send me the words to write in capitals. For example: urgent, danger. /cancel to leave.")
    await turn.ask(WordsToAdd(channel.id, role), text)


@answers(WordsToAdd)
async def answered(turn: Turn, channel: Channel, asked: WordsToAdd) -> None:
    """The words that were asked for, or a sentence that was meant for something else."""
    if not looks_like_a_sentence(asked.role, turn.arguments):
        await add(turn, channel, asked.role, turn.arguments)
        return
    text = turn.arguments.strip()
    _phrase(turn, asked.role, text)  # one that could never be added is refused right away
    kept = Draft(channel.id, turn.person.telegram_id, Way.TYPED, ((Post(text),),))
    draft_id = turn.once("phrase", int, lambda: drafts.make(kept, turn.now).id)
    rows: Rows = [
        [
            (turn.t("✅ Yes, add it"), AddPhrase(channel.id, asked.role, draft_id)),
            (turn.t("No"), NoPhrase(channel.id, asked.role)),
        ]
    ]
    await turn.ask(asked, turn.t("“{text}”\nThat looks like a sentence. Add it as one phrase?", text=text), rows)


@handles(AddPhrase)
async def add_phrase(turn: Turn, channel: Channel, target: AddPhrase) -> None:
    try:
        text = posts.in_words(drafts.one(target.draft).turns[0])
    except DraftGone:  # of a week ago: it stands above the button
        text = _standing_above(turn)
    await _add(turn, channel, target.role, [_phrase(turn, target.role, text)])


def _standing_above(turn: Turn) -> str:
    """The sentence in the message whose button was pressed. Raises Refusal."""
    query = turn.update.callback_query
    shown = getattr(query.message, "text", None) if query is not None else None
    found = QUOTED.match(shown or "")
    if found is None:
        raise Refusal(turn.t("I don't know that button. Open the panel again: /channels"))
    return found[1]


@handles(NoPhrase)
async def no_phrase(turn: Turn, channel: Channel, target: NoPhrase) -> None:
    rows: Rows = [
        [(turn.t("➕ Add"), doors.AddWords(channel.id, target.role))],
        *roles.after(turn, channel, target.role),
    ]
    await turn.answer(turn.t("Good, nothing was added."), rows)


def looks_like_a_sentence(role: KeywordRole, typed: str) -> bool:
    """Many words without a comma (or quotes), or an end as sentences have; a replacement with its arrow is none."""
    text = typed.strip()
    if role is KeywordRole.REPLACEMENT and ARROW.search(text):
        return False
    listed = any(sign in text for sign in SEPARATED_BY)
    words = max((len(line.split()) for line in text.splitlines()), default=0)
    return text.endswith(SENTENCE_ENDS) or (not listed and words > MOST_WORDS_OF_A_PHRASE)


# --- adding --------------------------------------------------------------------------------------------------


async def add(turn: Turn, channel: Channel, role: KeywordRole, typed: str) -> None:
    """Add what was typed, all of it or nothing. Raises Refusal."""
    await _add(turn, channel, role, understood(turn, role, typed))


async def _add(turn: Turn, channel: Channel, role: KeywordRole, wanted: list[Keyword]) -> None:
    def add_new() -> tuple[int, list[str]]:
        there = {row["pattern"] for row in lists.before(channel.id, role, [w.text for w in wanted]).rows}
        new = [w for w in wanted if pattern_of(w.text) not in there]
        if not new:
            return 0, []
        before = lists.before(channel.id, role, [w.text for w in new])
        return keep(turn, channel, doors.Words(channel.id, role), before), lists.add(channel.id, new)

    undo, added = turn.once("added", tuple[int, list[str]], add_new)
    turn.end_step()
    known = len(wanted) - len(added)
    lines = []
    if added:
        lines.append(turn.t("Added: {words}", words=roles.few(added)))
    if known:
        lines.append(turn.n("{count} was there already.", "{count} were there already.", known))
    if role in (KeywordRole.TRIGGER, KeywordRole.FILTER):
        lines += breadth.warnings(turn, channel, role, added)
        lines += breadth.added(turn, channel, [w for w in wanted if w.text in added])
    lines.append(roles.total(turn, channel, role))
    rows = roles.after(turn, channel, role)
    if undo:
        rows.insert(0, [undo_button(turn, channel, undo)])
    await turn.answer("\n".join(lines), rows)


def understood(turn: Turn, role: KeywordRole, typed: str) -> list[Keyword]:
    """What was typed, as keywords with their options. Raises Refusal."""
    typed, options = _options(turn, role, typed)
    words = split_keywords(typed)
    if not words:
        raise Refusal(_why(turn, BadKeyword("empty", ""), role))
    return [_keyword(turn, role, word, options) for word in words]


def _phrase(turn: Turn, role: KeywordRole, typed: str) -> Keyword:
    """A sentence as one keyword: its commas are no separators, and how it ends does not matter."""
    text, options = _options(turn, role, typed)
    return _keyword(turn, role, text.strip().rstrip("".join(SENTENCE_ENDS)), options)


def _options(turn: Turn, role: KeywordRole, typed: str) -> tuple[str, dict[str, Any]]:
    """What was typed without its options, and these."""
    options: dict[str, Any] = {}
    if role is KeywordRole.TRIGGER and (kind := APPLIES.search(typed)):
        options["applies"] = MessageKind.DM if kind[1].lower().startswith("dm") else MessageKind.MENTION
        typed = typed[: kind.start()]
    if role is KeywordRole.FILTER and (lasts := LASTS.search(typed)):
        days = FOR_GOOD if lasts[2] else _days_in(turn, role, lasts[1])
        if days is not None:
            options["block_days"] = days
            typed = typed[: lasts.start()]
    return typed, options


def _days_in(turn: Turn, role: KeywordRole, typed: str) -> int | None:
    """`2 weeks`, `una semana` as whole days; None where it is no length of time, but the word's own. Raises Refusal."""
    now = turn.now.replace(tzinfo=None)
    try:
        lasting, rest = understand_span(typed, now)
    except NotUnderstood as error:
        if error.reason == "nothing":
            return None
        raise Refusal(_why_line(turn, BadLine(Wrong.DAYS), role, typed)) from None
    if rest:
        return None
    if lasting.until is not None and (lasting.days is None or not 1 <= lasting.days <= MAX_DAYS):
        raise Refusal(_why_line(turn, BadLine(Wrong.DAYS), role, typed))
    return FOR_GOOD if lasting.days is None else lasting.days


def _keyword(turn: Turn, role: KeywordRole, text: str, options: dict[str, Any]) -> Keyword:
    try:
        if role is KeywordRole.REPLACEMENT:
            return replacement_of(text)
        return replace(Keyword(role, check_keyword(text)), **options)
    except BadKeyword as error:
        raise Refusal(_why(turn, error, role)) from None
    except BadLine as error:
        raise Refusal(_why_line(turn, error, role, text)) from None


# --- refusals ------------------------------------------------------------------------------------------------


def _why(turn: Turn, error: BadKeyword, role: KeywordRole) -> str:
    command, example = roles.COMMANDS[role], turn.t(roles.EXAMPLES[role])
    if error.reason == "long":
        return turn.t(
            "“{word}…” is too long: a word or phrase has at most {most} characters. For example: {command} add"
            " {example}",
            word=error.text[:30],
            most=MAX_KEYWORD,
            command=command,
            example=example,
        )
    if error.reason == "star":
        return turn.t(
            "“{word}”: the * goes at the end, after at least three letters. For example: {command} add choqu*",
            word=said_back(error.text),
            command=command,
        )
    if error.reason == "wordless":
        return turn.t(
            "“{word}” holds no word that a message could contain: no links or @names here. For example: {command} add"
            " {example}",
            word=said_back(error.text),
            command=command,
            example=example,
        )
    return turn.t("Which word? For example: {command} add {example}", command=command, example=example)


def _why_line(turn: Turn, error: BadLine, role: KeywordRole, typed: str) -> str:
    if error.reason is Wrong.NO_ARROW:
        return turn.t(
            "“{typed}”: what becomes what? Put => between them. For example: {command} add {example}",
            typed=typed.strip()[:60],
            command=roles.COMMANDS[role],
            example=turn.t(roles.EXAMPLES[role]),
        )
    if error.reason is Wrong.DAYS:
        return turn.t(
            "{typed} is not a number of days from 1 to {most}. For example: /filters add promo for 7 days",
            typed=said_back(typed),
            most=MAX_DAYS,
        )
    return turn.t(
        "What it becomes has from 1 to {most} characters. For example: {command} add {example}",
        most=MAX_BECOMES,
        command=roles.COMMANDS[role],
        example=turn.t(roles.EXAMPLES[role]),
    )
