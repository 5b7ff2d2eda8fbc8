"""Triggers, filters, replacements and emphasis: the list of each, paged and searched."""

from typing import ClassVar

from bot.chat import doors
from bot.chat.dialogue import Takes, step
from bot.chat.handling import answers, handles
from bot.chat.keyboards import Button, in_rows, page_of
from bot.chat.targets import Target, button, cut
from bot.chat.turn import Turn
from bot.moderation.one_word import OneWord
from bot.moderation.roles import COMMANDS, EXAMPLES, head
from engine.fitting import ROW, fit, fit_before
from engine.moderation import FOR_GOOD, KeywordRole, MessageKind
from models.accounts.channels import Channel
from models.moderation import lists

PAGE = 8
HALF = ROW // 2 - 2
#: So much of what is searched fits into a button, beside a long role, a channel of ten digits and a page of three.
MOST_SOUGHT = 28


@button
class FoundWords:
    """A page of what was searched."""

    word: ClassVar[str] = "kwfound"
    channel: int
    role: KeywordRole
    page: int = 0
    text: str = ""


@button
class SearchWords:
    word: ClassVar[str] = "kwsearch"
    channel: int
    role: KeywordRole


@step
class Sought:
    """A part of the words that are looked for."""

    word: ClassVar[str] = "kwsearch"
    takes: ClassVar[Takes] = Takes.TEXT
    channel: int
    role: KeywordRole


# --- the list ----------------------------------------------------------------------------------------------


@handles(doors.Words)
async def opened(turn: Turn, channel: Channel, target: doors.Words) -> None:
    await show(turn, channel, target.role, target.page)


@handles(FoundWords)
async def found_opened(turn: Turn, channel: Channel, target: FoundWords) -> None:
    await show(turn, channel, target.role, target.page, target.text)


async def show(turn: Turn, channel: Channel, role: KeywordRole, page: int = 0, found: str = "") -> None:
    """A page of the list; tapping a word opens it. `found` limits it to what was searched."""
    words = lists.rows_of(channel.id, role, found)

    def turned(to: int) -> Target:
        return FoundWords(channel.id, role, to, found) if found else doors.Words(channel.id, role, to)

    shown, _, turning = page_of(words, page, PAGE, turned)
    lines: list[str] = [head(turn, channel, role)]
    if found:
        lines.append(turn.n("🔍 {count} word with “{text}”", "🔍 {count} words with “{text}”", len(words), text=found))
    elif words:
        lines.append(turn.n("{count} word. Tap it to change it.", "{count} words. Tap one to change it.", len(words)))
    else:
        lines.append(
            turn.t(
                "None yet. For example: {command} add {example}", command=COMMANDS[role], example=turn.t(EXAMPLES[role])
            )
        )
    buttons: list[Button] = [(_label(row), OneWord(channel.id, role, row.id)) for row in shown]
    rows = in_rows(buttons, 1 if role is KeywordRole.REPLACEMENT else 2) + turning
    if found:
        rows.append([(turn.t("All of them"), doors.Words(channel.id, role))])
    rows.append(
        [(turn.t("➕ Add"), doors.AddWords(channel.id, role)), (turn.t("🔍 Search"), SearchWords(channel.id, role))]
    )
    rows.append(
        [
            (turn.t("⬆️ Import"), doors.Import(channel.id, role.value)),
            (turn.t("⬇️ Export"), doors.Export(channel.id, role.value)),
        ]
    )
    above: Button = (turn.t("✍️ Writing"), doors.Writing(channel.id))
    if role in (KeywordRole.TRIGGER, KeywordRole.FILTER):
        above = (turn.t("🧭 Rules"), doors.Rules(channel.id))
    rows.append([above, (turn.t("« Back"), doors.Panel(channel.id))])
    await turn.answer("\n".join(lines), rows)


async def search(turn: Turn, channel: Channel, role: KeywordRole, typed: str) -> None:
    """Show the words that hold what was typed; ask for it where nothing was."""
    sought = cut(" ".join(typed.split()), MOST_SOUGHT)
    if sought:
        await show(turn, channel, role, 0, sought)
    else:
        await turn.ask(
            Sought(channel.id, role), turn.t("What do you look for? Send me a part of it. /cancel to leave.")
        )


@handles(SearchWords)
async def ask_search(turn: Turn, channel: Channel, target: SearchWords) -> None:
    await search(turn, channel, target.role, "")


@answers(Sought)
async def searched(turn: Turn, channel: Channel, sought: Sought) -> None:
    turn.end_step()
    await search(turn, channel, sought.role, turn.arguments)


def _label(row: lists.Keyword) -> str:
    text: str = row.text
    if row.role == KeywordRole.REPLACEMENT:
        return f"{fit(text, HALF)} → {fit(row.becomes, HALF)}"
    if row.applies:
        return fit_before(text, f" · {'DM' if row.applies == MessageKind.DM else '@'}")
    if row.block_days is not None:
        return fit_before(text, f" · ⛔{'∞' if row.block_days == FOR_GOOD else row.block_days}")
    return text
