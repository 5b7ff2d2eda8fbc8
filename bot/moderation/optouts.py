"""Who asked not to be reposted: listed apart from the blocked, added by typing, and let in again only by a typed name.

X asks every automated account to honour that, so no button alone takes it back: the person's own word does, or the
name of who it was, typed by the owner. `/optout`.
"""

from collections.abc import Sequence
from typing import ClassVar

from bot.chat import doors, words
from bot.chat.dialogue import Takes, step
from bot.chat.handling import answers, handles
from bot.chat.keyboards import Rows, page_of
from bot.chat.moments import moment
from bot.chat.spoken import Example
from bot.chat.targets import OptOutId, button, cut
from bot.chat.turn import Refusal, Turn, said_back
from bot.chat.undo import keep, undo_button
from engine.fitting import cut as fit
from engine.moderation.standing import HANDLE, LeftOut
from engine.roles import May
from models.accounts import choices
from models.accounts.channels import Channel
from models.database import transaction
from models.moderation import opting
from models.streaming import messages, optouts
from models.streaming.optouts import AskedBy, OptOut, Word

PAGE, MOST_SOUGHT, TEXT = 8, 28, 200
LIFT = words.REMOVE | {"lift", "levantar", "readmitir", "undo", "deshacer"}


@button
class OptOuts:
    """A page of who asked not to be reposted; `text` is what was searched."""

    word: ClassVar[str] = "optouts"
    channel: int
    page: int = 0
    text: str = ""


@button
class OptOutCard:
    """Somebody who asked not to be reposted."""

    word: ClassVar[str] = "optout"
    channel: int
    row: OptOutId


@button
class SearchOptOuts:
    word: ClassVar[str] = "optoutsearch"
    channel: int


@button
class AskToLift:
    """Asks for the name of who allows it again."""

    word: ClassVar[str] = "optoutlift"
    channel: int
    row: OptOutId


@step
class SoughtOptOuts:
    """A part of the name of whom one looks for."""

    word: ClassVar[str] = "optoutsearch"
    takes: ClassVar[Takes] = Takes.TEXT
    channel: int


@step
class NameToLift:
    """The name of who may be reposted again, to the letter."""

    word: ClassVar[str] = "optoutlift"
    takes: ClassVar[Takes] = Takes.TEXT
    channel: int
    row: int


async def command(turn: Turn) -> None:
    """/optout [@name | lift @name]"""
    channel = turn.take_channel(named_only_if_mine=True)
    typed = turn.arguments.split()
    if not typed:
        await _list(turn, channel)
    elif typed[0].lower() in words.SEARCH:
        await _list(turn, channel, 0, " ".join(typed[1:]))
    elif typed[0].lower() in LIFT:
        await _lift_named(turn, channel, " ".join(typed[1:]))
    else:
        await _add(turn, channel, " ".join(typed[1:] if typed[0].lower() in words.ADD else typed))


# --- the list ------------------------------------------------------------------------------------------------


@handles(OptOuts, by=May.DECIDE)
async def opened(turn: Turn, channel: Channel, target: OptOuts) -> None:
    await _list(turn, channel, target.page, target.text)


async def _list(turn: Turn, channel: Channel, page: int = 0, found: str = "") -> None:
    sought = cut(" ".join(found.split()), MOST_SOUGHT)
    people = optouts.rows_of(channel.id, sought)
    shown, _, turning = page_of(people, page, PAGE, lambda to: OptOuts(channel.id, to, sought))
    text = turn.t(
        "🙅 <b>Not reposted by {channel}</b>: {count}\nThey asked for it (“stop”, “don't repost me”…), by a mention or"
        " a DM, or you wrote it down. Nothing of theirs goes out, whatever else you choose; they are in again when they"
        " write “you can repost me”.",
        channel=channel,
        count=len(people),
    )
    if sought:
        text += "\n" + turn.n(
            "🔍 {count} name with “{text}”", "🔍 {count} names with “{text}”", len(people), text=sought
        )
    text += "\n" + turn.t("Type: /optout @name · /optout lift @name")
    rows: Rows = [[(str(p), OptOutCard(channel.id, p.id))] for p in shown]
    rows += turning
    if sought:
        rows.append([(turn.t("All of them"), OptOuts(channel.id))])
    rows.append([(turn.t("🔍 Search"), SearchOptOuts(channel.id)), (turn.t("« Senders"), doors.Senders(channel.id))])
    await turn.answer(text, rows)


@handles(SearchOptOuts, by=May.DECIDE)
async def ask_search(turn: Turn, channel: Channel, _: SearchOptOuts) -> None:
    await turn.ask(
        SoughtOptOuts(channel.id), turn.t("Whom do you look for? Send me a part of the name. /cancel to leave.")
    )


@answers(SoughtOptOuts, by=May.DECIDE)
async def searched(turn: Turn, channel: Channel, _: SoughtOptOuts) -> None:
    turn.end_step()
    await _list(turn, channel, 0, turn.arguments)


# --- one of them ---------------------------------------------------------------------------------------------


@handles(OptOutCard, by=May.DECIDE)
async def card(turn: Turn, channel: Channel, target: OptOutCard) -> None:
    """Who asked, when, in which words."""
    row = _row(turn, channel, target.row)
    at = moment(turn, row.asked_at.astimezone(choices.zone_of(channel.id)))
    lines = [turn.t("<b>{who}</b> {name}", who=row, name=row.name), _whose_word(turn, row, at)]
    said = messages.message(row.message_id) if row.message_id is not None else None
    if said is not None:
        lines.append("<blockquote>" + turn.t("{text}", text=fit(said.text, TEXT)) + "</blockquote>")
    if row.answered_at is not None:
        lines.append(turn.t("{channel} has answered them once.", channel=channel))
    rows: Rows = []
    if said is not None:
        rows.append([(turn.t("❔ What was said"), doors.MessageCard(channel.id, said.id))])
    rows.append([(turn.t("They may be reposted again…"), AskToLift(channel.id, row.id))])
    rows.append([(turn.t("« Not reposted"), OptOuts(channel.id))])
    await turn.answer("\n".join(lines), rows)


def _whose_word(turn: Turn, row: OptOut, at: str) -> str:
    if row.asked_by is AskedBy.SELF:
        return turn.t("🙅 Asked not to be reposted, {at}.", at=at)
    if row.asked_by is AskedBy.FILE:
        return turn.t("🙅 Is not reposted: it came with a file, {at}.", at=at)
    return turn.t("🙅 Is not reposted: you wrote it down, {at}.", at=at)


@handles(AskToLift, by=May.DECIDE)
async def ask_to_lift(turn: Turn, channel: Channel, target: AskToLift) -> None:
    """A tap is not enough: who it was must be typed."""
    row = _row(turn, channel, target.row)
    await turn.ask(
        NameToLift(channel.id, row.id),
        turn.t(
            "Did {who} tell you that {channel} may repost them again? They can write it themselves: “you can repost"
            " me”. If they told you, send me their name, {who}, and it holds. /cancel to leave it as it is.",
            who=row,
            channel=channel,
        ),
    )


@answers(NameToLift, by=May.DECIDE)
async def name_typed(turn: Turn, channel: Channel, asked: NameToLift) -> None:
    row = _row(turn, channel, asked.row)
    if _bare(turn.arguments) != _bare(str(row)):
        raise Refusal(
            turn.t(
                "That is not {who}, so it stays: nothing of theirs is reposted. To let them in, send me just: {who}"
                " · /cancel to leave it",
                who=row,
            )
        )
    turn.end_step()
    await _lift(turn, channel, row)


async def _lift_named(turn: Turn, channel: Channel, typed: str) -> None:
    """The name was typed with the command: that is the word that it takes."""
    wanted = _bare(typed)
    row = next((r for r in optouts.rows_of(channel.id) if wanted and _bare(str(r)) == wanted), None)
    if row is None:
        raise Refusal(
            turn.t(
                "{typed} did not ask {channel} not to be reposted. Who did: /optout · For example: /optout lift @maria",
                typed=said_back(typed or "—"),
                channel=channel,
            )
        )
    await _lift(turn, channel, row)


async def _lift(turn: Turn, channel: Channel, row: OptOut) -> None:
    undo = _say(turn, channel, [Word(False, turn.now, AskedBy.TEAM, row.sender_id, row.handle)])
    text = turn.t("🙋 {who} may be reposted by {channel} again.", who=row, channel=channel)
    await turn.send(text, _after(turn, channel, undo))


async def _add(turn: Turn, channel: Channel, typed: str) -> None:
    handle = HANDLE.match(typed)
    if handle is None:
        raise Refusal(
            turn.t(
                "{typed} is no name on X: up to 15 letters, digits and _. For example: {example}",
                typed=said_back(typed),
                example=Example("/optout @maria"),
            )
        )
    undo = _say(turn, channel, opting.words_of(channel.id, [LeftOut(handle[1])], AskedBy.TEAM, turn.now))
    text = turn.t(
        "🙅 Nothing of @{handle} is reposted by {channel} from now on, and what waited of theirs is dropped.",
        handle=handle[1],
        channel=channel,
    )
    await turn.send(text, _after(turn, channel, undo))


def _say(turn: Turn, channel: Channel, said: Sequence[Word]) -> int:
    """Write a person's word of somebody down; the id of the way back."""
    with transaction():
        undo = keep(turn, channel, OptOuts(channel.id), optouts.before(channel.id, said, turn.now))
        opting.by_hand(channel.id, said, turn.now)
    return undo


def _after(turn: Turn, channel: Channel, undo: int) -> Rows:
    return [[undo_button(turn, channel, undo), (turn.t("« Not reposted"), OptOuts(channel.id))]]


def _row(turn: Turn, channel: Channel, row_id: int) -> OptOut:
    row = optouts.row(channel.id, row_id)
    if row is None or not row.is_out:
        raise Refusal(turn.t("They may be reposted already. Who may not: /optout"))
    return row


def _bare(name: str) -> str:
    return name.strip().lstrip("@#").lower()
