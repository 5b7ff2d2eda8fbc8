"""What somebody says to the bot in plain words, or nearly as a command: what they probably want, to tap.

It is kept as a draft, so that a tap does what was typed, also after others, and a post of it is a tap away.
"""

from typing import ClassVar

from bot import helping, meaning
from bot.chat import doors, spoken
from bot.chat.handling import handles_for_all
from bot.chat.keyboards import Button, Rows
from bot.chat.spoken import Example
from bot.chat.targets import DraftId, button
from bot.chat.turn import Refusal, Turn
from bot.meaning import Wish
from bot.publishing import drafts as drawing
from bot.publishing import posting
from engine import posts
from engine.fitting import fit
from engine.posts import Post
from engine.roles import May
from models.publishing.drafts import Draft, Way

MOST_OF_ARGUMENTS = 20


@button
class DoIt:
    """Does what was typed as the command of this name."""

    word: ClassVar[str] = "meant"
    draft: DraftId
    command: str


@button
class PostIt:
    """What was typed is for X after all."""

    word: ClassVar[str] = "meantpost"
    draft: DraftId


async def plain_words(turn: Turn, text: str) -> bool:
    """Answer what was said to the bot; False where it may be a text for X."""
    wanted = meaning.wishes(text)
    if meaning.is_help(text):
        await turn.answer(helping.help_text(turn), [*helping.help_rows(turn), *_post_row(turn, text)])
    elif wanted:
        await _offer(turn, text, wanted, turn.t("Is it this that you want?"))
    else:
        return False
    return True


async def small_talk(turn: Turn, text: str) -> None:
    """A greeting, or thanks: answered, and not taken for a post."""
    rows: Rows = [[(turn.t("My channels"), doors.Channels()), (turn.t("❔ Help"), doors.Help())]]
    await turn.answer(
        turn.t("👋 Here I am, {name}. What shall we do?", name=turn.person.name or turn.t("neighbour")),
        [*rows, *_post_row(turn, text)],
    )


async def unknown_command(turn: Turn, text: str) -> None:
    """A command that there is none of: those that are close, to tap."""
    said = spoken.parse(text)
    wanted = meaning.wishes(text)
    head = turn.t("I don't know /{command}.", command=said.word[:40] if said is not None else "")
    if not wanted:
        await turn.answer(head + " " + turn.t("Everything I can do is in /help"), [[(turn.t("❔ Help"), doors.Help())]])
        return
    await _offer(turn, text, wanted, head + " " + turn.t("Did you mean one of these?"))


async def said_anew(turn: Turn, text: str) -> None:
    """A message was edited whose old words are done with: the new ones are a tap away."""
    said = spoken.parse(text)
    command = helping.of_name(said.name) if said is not None else None
    if command is not None and command.for_admins:
        return
    draft = _kept(turn, text)
    if command is not None:
        head = turn.t("✏️ You changed a command that I have done as it was. Shall I do it as it stands now, too?")
        typed = (
            f"{command.shown(turn.language)} {fit(said.rest if said is not None else '', MOST_OF_ARGUMENTS)}".strip()
        )
        await turn.send(head, [[(f"▶️ {typed}", DoIt(draft.id, command.name))]])
    else:
        head = turn.t("✏️ You changed a message that I have dealt with as it was; what came of it stays as it is.")
        await turn.send(head, _post_row(turn, text, draft))


async def _offer(turn: Turn, text: str, wanted: list[Wish], head: str) -> None:
    draft = _kept(turn, text)
    lines: list[str] = [head]
    rows: Rows = []
    for wish in wanted:
        command = helping.of_name(wish.command)
        if command is None:
            continue
        typed = f"{command.shown(turn.language)} {fit(wish.arguments, MOST_OF_ARGUMENTS)}".strip()
        lines.append(turn.t("{command} — {about}", command=Example(f"/{command.name}"), about=turn.t(command.about)))
        rows.append([(f"▶️ {typed}", DoIt(draft.id, wish.command))])
    await turn.answer("\n".join(lines), [*rows, *_post_row(turn, text, draft)])


def _post_row(turn: Turn, text: str, draft: Draft | None = None) -> Rows:
    """The tap that makes a post of it, and help; for who has no channel, only help."""
    if not turn.mine() or spoken.parse(text) is not None:
        return [[(turn.t("❔ Help"), doors.Help())]] if draft is not None else []
    kept = draft or _kept(turn, text)
    row: list[Button] = [(turn.t("📤 It is for X"), PostIt(kept.id))]
    return [[*row, (turn.t("❔ Help"), doors.Help())]] if draft is not None else [row]


@handles_for_all(DoIt)
async def _do_it(turn: Turn, button: DoIt) -> None:
    text = _taken(turn, button.draft)
    said = spoken.parse(text)
    wanted = [Wish(said.name, said.rest)] if said is not None and said.name else meaning.wishes(text)
    wish = next((w for w in wanted if w.command == button.command), Wish(button.command))
    command = helping.of_name(wish.command)
    if command is None or command.for_admins:
        raise Refusal(turn.t("I don't know that button. Open the panel again: /channels"))
    turn.arguments = wish.arguments
    await helping.obey(turn, command)


@handles_for_all(PostIt)
async def _post_it(turn: Turn, button: PostIt) -> None:
    turn.needs = May.WRITE
    text = _taken(turn, button.draft)
    await posting.offer(turn, turn.take_channel(), text)


def _kept(turn: Turn, text: str) -> Draft:
    return drawing.made(turn, Draft(0, turn.person.telegram_id, Way.TYPED, ((Post(text),),)))


def _taken(turn: Turn, draft_id: int) -> str:
    """What was typed; whoever taps first has it. Raises Refusal."""

    def take() -> str:
        if drawing.found(turn, draft_id).person_id != turn.person.telegram_id:
            raise Refusal(turn.t("That button is not for you: the channel belongs to somebody else."))
        return posts.in_words(drawing.taken(turn, draft_id).turns[0])

    return turn.once("meant", str, take)
