"""Triggers, filters, replacements and emphasis: paged, searched, tapped to edit, typed, with undo."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.chat.pages import page_of
from bot.chat.turn import Refusal, Rows, Turn
from engine.files.lists import MAX_BECOMES, BadLine, Wrong, days_of, replacement_of
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
from models.accounts.channels import Channel
from models.moderation import lists

PAGE = 8
ADD = {"add", "añadir", "agregar", "anadir", "+"}
REMOVE = {"remove", "quitar", "borrar", "delete", "-"}
SEARCH = {"search", "find", "buscar", "busca"}
LIST = {"list", "lista"}
FILES = {"import", "importar", "export", "exportar"}
COMMANDS = {
    KeywordRole.TRIGGER: "/triggers",
    KeywordRole.FILTER: "/filters",
    KeywordRole.REPLACEMENT: "/replacements",
    KeywordRole.EMPHASIS: "/emphasis",
}
EXAMPLES = {
    KeywordRole.TRIGGER: 'choque, "vía cerrada", inund*',
    KeywordRole.FILTER: "promo, sorteo",
    KeywordRole.REPLACEMENT: "av. => avenida, tranca => congestión",
    KeywordRole.EMPHASIS: "urgente",
}
APPLIES = re.compile(r"\s+(?:for|para|solo|sólo|only)\s+(dms?|mentions?|menciones)\s*$", re.IGNORECASE)
LASTS = re.compile(
    r"\s+(?:(?:for|por|durante)\s+(\d+)\s*(?:days?|d[ií]as?)|(forever|for good|para siempre))\s*$", re.IGNORECASE
)
BLOCKS = (None, 1, 7, 30, FOR_GOOD)


async def triggers(turn: Turn) -> None:
    """/triggers [add|remove|search WORDS]"""
    await _command(turn, KeywordRole.TRIGGER)


async def filters(turn: Turn) -> None:
    """/filters [add|remove|search WORDS]"""
    await _command(turn, KeywordRole.FILTER)


async def replacements(turn: Turn) -> None:
    """/replacements [add|remove|search WORDS]"""
    await _command(turn, KeywordRole.REPLACEMENT)


async def emphasis(turn: Turn) -> None:
    """/emphasis [add|remove|search WORDS]"""
    await _command(turn, KeywordRole.EMPHASIS)


async def _command(turn: Turn, role: KeywordRole) -> None:
    channel = turn.take_channel()
    verb, _, rest = turn.arguments.partition(" ")
    word = verb.lower()
    if not turn.arguments or word in LIST:
        await show(turn, channel, role, 0)
    elif word in ADD:
        await add(turn, channel, role, rest)
    elif word in REMOVE:
        await remove(turn, channel, role, rest)
    elif word in SEARCH:
        await search(turn, channel, role, rest)
    elif word in FILES:
        from bot.moderation import files

        if word.startswith("exp"):
            await files.send(turn, channel, [role.value])
        else:
            await files.ask(turn, channel, role.value)
    else:
        raise Refusal(
            turn.t(
                "I don't know {verb} here. For example: {command} add {example} · {command} remove {word}",
                verb=verb,
                command=COMMANDS[role],
                example=EXAMPLES[role],
                word=_first_example(role),
            )
        )


# --- the list ----------------------------------------------------------------------------------------------


async def show(turn: Turn, channel: Channel, role: KeywordRole, page: int, found: str = "") -> None:
    """A page of the list; tapping a word opens it. `found` limits it to what was searched."""
    words = lists.rows_of(channel.id, role, found)
    key = f"{channel.id}:{role.value}"
    shown, _, turning = page_of(words, page, PAGE, f"{'kwfound' if found else 'kw'}:{key}")
    lines: list[str] = [_head(turn, channel, role)]
    if found:
        lines.append(turn.n("🔍 {count} word with “{text}”", "🔍 {count} words with “{text}”", len(words), text=found))
    elif words:
        lines.append(turn.n("{count} word. Tap it to change it.", "{count} words. Tap one to change it.", len(words)))
    else:
        lines.append(
            turn.t("None yet. For example: {command} add {example}", command=COMMANDS[role], example=EXAMPLES[role])
        )
    wide = 1 if role is KeywordRole.REPLACEMENT else 2
    buttons = [(_label(turn, row), f"kwone:{key}:{row.id}") for row in shown]
    rows: Rows = [buttons[i : i + wide] for i in range(0, len(buttons), wide)]
    rows += turning
    if found:
        rows.append([(turn.t("All of them"), f"kw:{key}:0")])
    rows.append([(turn.t("➕ Add"), f"kwadd:{key}"), (turn.t("🔍 Search"), f"kwsearch:{key}")])
    rows.append([(turn.t("⬆️ Import"), f"imp:{key}"), (turn.t("⬇️ Export"), f"exp:{key}")])
    if role in (KeywordRole.TRIGGER, KeywordRole.FILTER):
        rows.append([(turn.t("🧭 Rules"), f"rules:{channel.id}"), (turn.t("« Back"), f"panel:{channel.id}")])
    else:
        rows.append([(turn.t("✍️ Writing"), f"writing:{channel.id}"), (turn.t("« Back"), f"panel:{channel.id}")])
    await turn.answer("\n".join(lines), rows)


async def search(turn: Turn, channel: Channel, role: KeywordRole, typed: str) -> None:
    if not typed.strip():
        await ask_search(turn, channel, role)
        return
    turn.remember(found={"channel": channel.id, "role": role.value, "text": typed.strip()[:60]})
    await show(turn, channel, role, 0, typed.strip()[:60])


async def show_found(turn: Turn, channel: Channel, role: KeywordRole, page: int) -> None:
    """Another page of what was searched."""
    found = turn.dialogue.get("found") or {}
    mine = found.get("channel") == channel.id and found.get("role") == role.value
    await show(turn, channel, role, page, str(found.get("text", "")) if mine else "")


async def show_one(turn: Turn, channel: Channel, role: KeywordRole, keyword_id: int) -> None:
    """One word, and what can be changed about it."""
    row = lists.keyword(channel.id, keyword_id)
    if row is None:
        await show(turn, channel, role, 0)
        return
    key = f"{channel.id}:{role.value}:{row.id}"
    lines = [turn.t("<b>{word}</b>", word=row.text), _about(turn, row)]
    rows: Rows = []
    if role is KeywordRole.TRIGGER:
        kinds = ((None, turn.t("Both")), (MessageKind.MENTION, turn.t("Mentions")), (MessageKind.DM, turn.t("DMs")))
        rows.append([(_dot(row.applies == k) + label, f"kwfor:{key}:{k or 'both'}") for k, label in kinds])
    elif role is KeywordRole.FILTER:
        lines.append(turn.t("Block whoever writes it, too?"))
        options = [
            (_dot(row.block_days == d) + _days(turn, d), f"kwblock:{key}:{'no' if d is None else d}") for d in BLOCKS
        ]
        rows += [options[:1], options[1:4], options[4:]]
    elif role is KeywordRole.REPLACEMENT:
        rows.append([(turn.t("✏️ Change what it becomes"), f"kwinto:{key}")])
    rows.append([(turn.t("🗑 Remove"), f"kwdel:{key}"), (turn.t("« Back"), f"kw:{channel.id}:{role.value}:0")])
    await turn.answer("\n".join(lines), rows)


async def set_applies(turn: Turn, channel: Channel, role: KeywordRole, keyword_id: int, kind: str) -> None:
    lists.change(channel.id, keyword_id, applies=None if kind == "both" else MessageKind(kind))
    await show_one(turn, channel, role, keyword_id)


async def set_block(turn: Turn, channel: Channel, role: KeywordRole, keyword_id: int, days: str) -> None:
    lists.change(channel.id, keyword_id, block_days=None if days == "no" else min(int(days), MAX_DAYS))
    await show_one(turn, channel, role, keyword_id)


# --- wizards -----------------------------------------------------------------------------------------------


async def ask(turn: Turn, channel: Channel, role: KeywordRole) -> None:
    """The wizard: the next message holds the words."""
    turn.remember(step="keywords", channel=channel.id, role=role.value)
    if role is KeywordRole.TRIGGER:
        text = turn.t(
            'Send me the triggers, separated by commas. For example: choque, "vía cerrada", inund*, #metro\n'
            "Case and accents don't matter; * stands for any ending; a plain word also matches its hashtag. For DMs"
            " only: choque for dms. /cancel to leave."
        )
    elif role is KeywordRole.FILTER:
        text = turn.t(
            'Send me the filters, separated by commas. For example: promo, "follow back", #sorteo\n'
            "To block the sender too: promo for 7 days · promo forever. /cancel to leave."
        )
    elif role is KeywordRole.REPLACEMENT:
        text = turn.t(
            "Send me what becomes what, separated by commas. For example: av. => avenida, tranca => congestión\n"
            "The writer's capitals are kept; links and mentions are never touched. /cancel to leave."
        )
    else:
        text = turn.t("Send me the words to write in capitals. For example: urgente, peligro. /cancel to leave.")
    await turn.send(text)


async def answered(turn: Turn) -> None:
    """The words that the wizard asked for."""
    dialogue = turn.dialogue
    await add(turn, turn.own(int(dialogue["channel"])), KeywordRole(dialogue["role"]), turn.arguments)


async def ask_search(turn: Turn, channel: Channel, role: KeywordRole) -> None:
    turn.remember(step="kwsearch", channel=channel.id, role=role.value)
    await turn.send(turn.t("What do you look for? Send me a part of it. /cancel to leave."))


async def searched(turn: Turn) -> None:
    dialogue = turn.dialogue
    await search(turn, turn.own(int(dialogue["channel"])), KeywordRole(dialogue["role"]), turn.arguments)


async def ask_into(turn: Turn, channel: Channel, role: KeywordRole, keyword_id: int) -> None:
    row = lists.keyword(channel.id, keyword_id)
    if row is None:
        await show(turn, channel, role, 0)
        return
    turn.remember(step="kwinto", channel=channel.id, keyword=row.id)
    await turn.send(
        turn.t(
            "“{word}” becomes “{into}”. Send me what it should become. /cancel to leave.",
            word=row.text,
            into=row.becomes,
        )
    )


async def into(turn: Turn) -> None:
    channel, keyword_id = turn.own(int(turn.dialogue["channel"])), int(turn.dialogue["keyword"])
    text = " ".join(turn.arguments.split())
    if not text or len(text) > MAX_BECOMES:
        raise Refusal(_why_line(turn, BadLine(Wrong.BECOMES), KeywordRole.REPLACEMENT, text))
    turn.remember()
    lists.change(channel.id, keyword_id, becomes=text)
    await show_one(turn, channel, KeywordRole.REPLACEMENT, keyword_id)


# --- adding and removing -------------------------------------------------------------------------------------


async def add(turn: Turn, channel: Channel, role: KeywordRole, typed: str) -> None:
    wanted = understood(turn, role, typed)
    added = lists.add(channel.id, wanted)
    known = len(wanted) - len(added)
    lines = []
    if added:
        lines.append(turn.t("Added: {words}", words=_few(added)))
    if known:
        lines.append(turn.n("{count} was there already.", "{count} were there already.", known))
    lines.append(_total(turn, channel, role))
    turn.remember()
    await turn.send("\n".join(lines), _after(turn, channel, role))


def understood(turn: Turn, role: KeywordRole, typed: str) -> list[Keyword]:
    """What was typed, as keywords with their options. Raises Refusal."""
    options: dict[str, Any] = {}
    if role is KeywordRole.TRIGGER and (kind := APPLIES.search(typed)):
        options["applies"] = MessageKind.DM if kind[1].lower().startswith("dm") else MessageKind.MENTION
        typed = typed[: kind.start()]
    if role is KeywordRole.FILTER and (lasts := LASTS.search(typed)):
        try:
            options["block_days"] = FOR_GOOD if lasts[2] else days_of(lasts[1])
        except BadLine as error:
            raise Refusal(_why_line(turn, error, role, lasts[1])) from None
        typed = typed[: lasts.start()]
    words = split_keywords(typed)
    if not words:
        raise Refusal(_why(turn, BadKeyword("empty", ""), role))
    try:
        if role is KeywordRole.REPLACEMENT:
            return [replacement_of(w) for w in words]
        return [replace(Keyword(role, check_keyword(w)), **options) for w in words]
    except BadKeyword as error:
        raise Refusal(_why(turn, error, role)) from None
    except BadLine as error:
        raise Refusal(_why_line(turn, error, role, typed)) from None


async def remove(turn: Turn, channel: Channel, role: KeywordRole, typed: str) -> None:
    gone = lists.remove_keywords(channel.id, role, split_keywords(typed))
    if not gone:
        raise Refusal(
            turn.t(
                "{words} is not in the list. See what is: {command}",
                words=typed.strip() or "…",
                command=COMMANDS[role],
            )
        )
    await _removed(turn, channel, role, gone)


async def remove_one(turn: Turn, channel: Channel, role: KeywordRole, keyword_id: int) -> None:
    """A word was tapped, and its bin."""
    row = lists.keyword(channel.id, keyword_id)
    if row is None:
        await show(turn, channel, role, 0)
        return
    await _removed(turn, channel, role, lists.remove_keywords(channel.id, role, [row.text]))


async def put_back(turn: Turn, channel: Channel, role: KeywordRole) -> None:
    """Undo the last removal."""
    removed = turn.dialogue.get("removed") or {}
    if removed.get("channel") != channel.id or removed.get("role") != role.value:
        raise Refusal(turn.t("There is nothing left to put back."))
    words = [
        Keyword(role, text, MessageKind(applies) if applies else None, days, becomes)
        for text, applies, days, becomes in removed["words"]
    ]
    lists.add(channel.id, words)
    turn.remember()
    await turn.answer(turn.t("Back again: {words}", words=_few([w.text for w in words])), _after(turn, channel, role))


async def _removed(turn: Turn, channel: Channel, role: KeywordRole, gone: Sequence[Keyword]) -> None:
    words = [[k.text, k.applies.value if k.applies else "", k.block_days, k.into] for k in gone]
    turn.remember(removed={"channel": channel.id, "role": role.value, "words": words})
    rows = [[(turn.t("↩️ Undo"), f"kwundo:{channel.id}:{role.value}")], *_after(turn, channel, role)]
    await turn.answer(turn.t("Removed: {words}", words=_few([k.text for k in gone])), rows)


# --- words ---------------------------------------------------------------------------------------------------


def _head(turn: Turn, channel: Channel, role: KeywordRole) -> str:
    if role is KeywordRole.TRIGGER:
        return turn.t(
            "🎯 <b>Triggers of {channel}</b>\nA message with one of these is worth reposting.", channel=channel
        )
    if role is KeywordRole.FILTER:
        return turn.t("🚫 <b>Filters of {channel}</b>\nA message with one of these is never reposted.", channel=channel)
    if role is KeywordRole.REPLACEMENT:
        return turn.t(
            "🔤 <b>Replacements of {channel}</b>\nRewritten in what the channel says in its own words; a native repost"
            " stays as its writer wrote it.",
            channel=channel,
        )
    return turn.t(
        "❗ <b>Emphasis of {channel}</b>\nWritten in capitals in what the channel says in its own words.",
        channel=channel,
    )


def _total(turn: Turn, channel: Channel, role: KeywordRole) -> str:
    total = lists.count_of(channel.id, role)
    if role is KeywordRole.TRIGGER:
        return turn.n("{channel} has {count} trigger.", "{channel} has {count} triggers.", total, channel=channel)
    if role is KeywordRole.FILTER:
        return turn.n("{channel} has {count} filter.", "{channel} has {count} filters.", total, channel=channel)
    if role is KeywordRole.REPLACEMENT:
        return turn.n(
            "{channel} has {count} replacement.", "{channel} has {count} replacements.", total, channel=channel
        )
    return turn.n("{channel} emphasises {count} word.", "{channel} emphasises {count} words.", total, channel=channel)


def _about(turn: Turn, row: lists.Keyword) -> str:
    if row.role == KeywordRole.TRIGGER:
        if row.applies == MessageKind.MENTION:
            return turn.t("A trigger for mentions only.")
        if row.applies == MessageKind.DM:
            return turn.t("A trigger for DMs only.")
        return turn.t("A trigger for mentions and DMs.")
    if row.role == KeywordRole.FILTER:
        if row.block_days is None:
            return turn.t("It blocks the message.")
        return turn.t("It blocks the message and its sender: {days}.", days=_days(turn, row.block_days))
    if row.role == KeywordRole.REPLACEMENT:
        return turn.t("It becomes “{into}”.", into=row.becomes)
    return turn.t("It is written in capitals.")


def _label(turn: Turn, row: lists.Keyword) -> str:
    text = row.text
    if row.role == KeywordRole.REPLACEMENT:
        return f"{text} → {row.becomes}"
    if row.applies:
        return f"{text} · {row.applies.upper() if row.applies is MessageKind.DM else '@'}"
    if row.block_days is not None:
        return f"{text} · ⛔{'∞' if row.block_days == FOR_GOOD else row.block_days}"
    return text


def _days(turn: Turn, days: int | None) -> str:
    if days is None:
        return turn.t("The message only")
    if days == FOR_GOOD:
        return turn.t("For good")
    return turn.n("{count} day", "{count} days", days)


def _after(turn: Turn, channel: Channel, role: KeywordRole) -> Rows:
    labels = {
        KeywordRole.TRIGGER: turn.t("🎯 Triggers"),
        KeywordRole.FILTER: turn.t("🚫 Filters"),
        KeywordRole.REPLACEMENT: turn.t("🔤 Replacements"),
        KeywordRole.EMPHASIS: turn.t("❗ Emphasis"),
    }
    return [[(labels[role], f"kw:{channel.id}:{role.value}:0"), (turn.t("Panel"), f"panel:{channel.id}")]]


def _few(words: list[str], most: int = 30) -> str:
    shown = ", ".join(words[:most])
    return shown if len(words) <= most else f"{shown}… (+{len(words) - most})"


def _first_example(role: KeywordRole) -> str:
    return EXAMPLES[role].partition(",")[0].partition(" =>")[0]


def _dot(value: bool) -> str:
    return "● " if value else ""


def _why(turn: Turn, error: BadKeyword, role: KeywordRole) -> str:
    command, example = COMMANDS[role], EXAMPLES[role]
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
            word=error.text,
            command=command,
        )
    if error.reason == "wordless":
        return turn.t(
            "“{word}” holds no word that a message could contain: no links or @names here. For example: {command} add"
            " {example}",
            word=error.text,
            command=command,
            example=example,
        )
    return turn.t("Which word? For example: {command} add {example}", command=command, example=example)


def _why_line(turn: Turn, error: BadLine, role: KeywordRole, typed: str) -> str:
    if error.reason is Wrong.NO_ARROW:
        return turn.t(
            "“{typed}”: what becomes what? Put => between them. For example: {command} add {example}",
            typed=typed.strip()[:60],
            command=COMMANDS[role],
            example=EXAMPLES[role],
        )
    if error.reason is Wrong.DAYS:
        return turn.t(
            "{typed} is not a number of days from 1 to {most}. For example: /filters add promo for 7 days",
            typed=typed,
            most=MAX_DAYS,
        )
    return turn.t(
        "What it becomes has from 1 to {most} characters. For example: {command} add {example}",
        most=MAX_BECOMES,
        command=COMMANDS[role],
        example=EXAMPLES[role],
    )
