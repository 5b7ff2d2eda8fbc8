"""Triggers and filters: listed, added and removed by tapping or by typing, with undo."""

from bot.turn import Refusal, Rows, Turn
from engine.filtering import MAX_KEYWORD, BadKeyword, KeywordRole, split_keywords
from models import filtering
from models.accounts import Channel

PAGE = 8
ADD = {"add", "añadir", "agregar", "anadir", "+"}
REMOVE = {"remove", "quitar", "borrar", "delete", "-"}
LIST = {"list", "lista"}
COMMANDS = {KeywordRole.TRIGGER: "/triggers", KeywordRole.FILTER: "/filters"}


async def triggers(turn: Turn) -> None:
    """/triggers [add|remove WORDS]"""
    await _command(turn, KeywordRole.TRIGGER)


async def filters(turn: Turn) -> None:
    """/filters [add|remove WORDS]"""
    await _command(turn, KeywordRole.FILTER)


async def _command(turn: Turn, role: KeywordRole) -> None:
    channel = turn.take_channel()
    verb, _, rest = turn.arguments.partition(" ")
    if not turn.arguments or verb.lower() in LIST:
        await show(turn, channel, role, 0)
    elif verb.lower() in ADD:
        await add(turn, channel, role, rest)
    elif verb.lower() in REMOVE:
        await remove(turn, channel, role, rest)
    else:
        raise Refusal(
            turn.t(
                'I don\'t know {verb} here. For example: {command} add choque, "vía cerrada" · {command} remove choque',
                verb=verb,
                command=COMMANDS[role],
            )
        )


async def show(turn: Turn, channel: Channel, role: KeywordRole, page: int) -> None:
    """A page of the list; tapping a word removes it."""
    words = filtering.keywords(channel.id, role)
    pages = max(1, -(-len(words) // PAGE))
    page = max(0, min(page, pages - 1))
    shown = words[page * PAGE : (page + 1) * PAGE]
    if role is KeywordRole.TRIGGER:
        head = turn.t(
            "🎯 <b>Triggers of {channel}</b>\nA message with one of these is worth reposting.",
            channel=channel,
        )
    else:
        head = turn.t("🚫 <b>Filters of {channel}</b>\nA message with one of these is never reposted.", channel=channel)
    lines = [head]
    if words:
        lines.append(turn.n("{count} word. Tap it to remove it.", "{count} words. Tap one to remove it.", len(words)))
    else:
        lines.append(turn.t('None yet. For example: {command} add choque, "vía cerrada"', command=COMMANDS[role]))
    key = f"{channel.id}:{role.value}"
    keyed = filtering.keyword_ids(channel.id, role)
    rows: Rows = [[(f"✕ {w}", f"kwdel:{key}:{keyed[w]}") for w in shown[i : i + 2]] for i in range(0, len(shown), 2)]
    if pages > 1:
        rows.append(
            [
                ("◀", f"kw:{key}:{(page - 1) % pages}"),
                (f"{page + 1}/{pages}", f"kw:{key}:{page}"),
                ("▶", f"kw:{key}:{(page + 1) % pages}"),
            ]
        )
    rows.append([(turn.t("➕ Add"), f"kwadd:{key}"), (turn.t("« Back"), f"panel:{channel.id}")])
    await turn.answer("\n".join(lines), rows)


async def ask(turn: Turn, channel: Channel, role: KeywordRole) -> None:
    """The wizard: the next message holds the words."""
    turn.remember(step="keywords", channel=channel.id, role=role.value)
    if role is KeywordRole.TRIGGER:
        text = turn.t(
            'Send me the triggers, separated by commas. For example: choque, "vía cerrada", #metro\n'
            "Case and accents don't matter. A plain word also matches its hashtag. /cancel to leave."
        )
    else:
        text = turn.t(
            'Send me the filters, separated by commas. For example: promo, "follow back", #sorteo\n'
            "Case and accents don't matter. A plain word also matches its hashtag. /cancel to leave."
        )
    await turn.send(text)


async def answered(turn: Turn) -> None:
    """The words that the wizard asked for."""
    dialogue = turn.dialogue
    await add(turn, turn.own(int(dialogue["channel"])), KeywordRole(dialogue["role"]), turn.arguments)
    turn.remember()


async def add(turn: Turn, channel: Channel, role: KeywordRole, typed: str) -> None:
    words = split_keywords(typed)
    if not words:
        raise Refusal(_say_why(turn, BadKeyword("empty", ""), role))
    try:
        added = filtering.add_keywords(channel.id, role, words)
    except BadKeyword as error:
        raise Refusal(_say_why(turn, error, role)) from None
    known = len(words) - len(added)
    lines = []
    if added:
        lines.append(turn.t("Added: {words}", words=", ".join(added)))
    if known:
        lines.append(turn.n("{count} was there already.", "{count} were there already.", known))
    total = len(filtering.keywords(channel.id, role))
    if role is KeywordRole.TRIGGER:
        lines.append(
            turn.n("{channel} has {count} trigger.", "{channel} has {count} triggers.", total, channel=channel)
        )
    else:
        lines.append(turn.n("{channel} has {count} filter.", "{channel} has {count} filters.", total, channel=channel))
    await turn.send("\n".join(lines), _after(turn, channel, role))


async def remove(turn: Turn, channel: Channel, role: KeywordRole, typed: str) -> None:
    gone = filtering.remove_keywords(channel.id, role, split_keywords(typed))
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
    """A word was tapped."""
    word = {i: w for w, i in filtering.keyword_ids(channel.id, role).items()}.get(keyword_id)
    if word is None:
        await show(turn, channel, role, 0)
        return
    await _removed(turn, channel, role, filtering.remove_keywords(channel.id, role, [word]))


async def put_back(turn: Turn, channel: Channel, role: KeywordRole) -> None:
    """Undo the last removal."""
    removed = turn.dialogue.get("removed") or {}
    if removed.get("channel") != channel.id or removed.get("role") != role.value:
        raise Refusal(turn.t("There is nothing left to put back."))
    back = filtering.add_keywords(channel.id, role, removed["words"])
    turn.remember()
    await turn.answer(
        turn.t("Back again: {words}", words=", ".join(back or removed["words"])), _after(turn, channel, role)
    )


async def _removed(turn: Turn, channel: Channel, role: KeywordRole, gone: list[str]) -> None:
    turn.remember(removed={"channel": channel.id, "role": role.value, "words": gone})
    rows = [[(turn.t("↩️ Undo"), f"kwundo:{channel.id}:{role.value}")], *_after(turn, channel, role)]
    await turn.answer(turn.t("Removed: {words}", words=", ".join(gone)), rows)


def _after(turn: Turn, channel: Channel, role: KeywordRole) -> Rows:
    label = turn.t("🎯 Triggers") if role is KeywordRole.TRIGGER else turn.t("🚫 Filters")
    return [[(label, f"kw:{channel.id}:{role.value}:0"), (turn.t("Panel"), f"panel:{channel.id}")]]


def _say_why(turn: Turn, error: BadKeyword, role: KeywordRole) -> str:
    command = COMMANDS[role]
    if error.reason == "long":
        return turn.t(
            "“{word}…” is too long: a word or phrase has at most {most} characters. For example: {command} add"
            ' "vía cerrada"',
            word=error.text[:30],
            most=MAX_KEYWORD,
            command=command,
        )
    if error.reason == "wordless":
        return turn.t(
            "“{word}” holds no word that a message could contain: no links or @names here. For example: {command} add"
            " choque",
            word=error.text,
            command=command,
        )
    return turn.t('Which word? For example: {command} add choque, "vía cerrada"', command=command)
