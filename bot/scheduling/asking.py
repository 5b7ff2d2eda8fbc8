"""What is asked back about a time: which of several is meant, whether words belong to the text; and what is refused."""

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from bot.chat.handling import handles
from bot.chat.keyboards import Rows
from bot.chat.moments import dated_moment, said
from bot.chat.targets import DraftId, button
from bot.chat.turn import Sentences, Turn
from bot.publishing import drafts as drawing
from engine.roles import May
from engine.when import NotUnderstood, When, first_of
from engine.when.month_ends import with_last_day
from models.accounts import choices
from models.accounts.channels import Channel
from models.publishing.drafts import Draft


@button
class Pick:
    """One of the times that a phrase can mean, by its place."""

    word: ClassVar[str] = "schedpick"
    channel: int
    draft: DraftId
    number: int


@button
class IsText:
    """The words that look like time belong to the text."""

    word: ClassVar[str] = "schedkeep"
    channel: int
    draft: DraftId


@button
class LeaveOut:
    """The words that look like time are none of the text's."""

    word: ClassVar[str] = "schedcut"
    channel: int
    draft: DraftId


@button
class LastDay:
    """In a month that has no such day it goes out on the last one."""

    word: ClassVar[str] = "schedlast"
    channel: int
    draft: DraftId


@button
class Drop:
    word: ClassVar[str] = "schedno"
    channel: int
    draft: DraftId = 0


@button
class AnotherTime:
    word: ClassVar[str] = "schedwhen"
    channel: int
    draft: DraftId


def with_text(turn: Turn, channel: Channel, draft: Draft, text: str, doubt: str) -> Draft:
    """The draft with what follows the time; the words of it that look like time are asked about."""
    found = tuple(drawing.checked(turn, channel, text)) if text else ()
    return replace(draft, turns=found, doubt=doubt if found and found[0][0].text.startswith(doubt) else "")


async def ask_which(turn: Turn, channel: Channel, draft: Draft) -> None:
    """What was typed can mean several times: they are the buttons."""
    key = (channel.id, draft.id)
    rows: Rows = [
        [(upper(said(turn, option)) if option.rules else dated_moment(turn, option.first), Pick(*key, n))]
        for n, option in enumerate(draft.options)
    ]
    rows.append([(turn.t("🕒 Another time"), AnotherTime(*key)), (turn.t("Cancel"), Drop(*key))])
    lines: Sentences = [turn.t("🤔 When do you mean? Tap one, so that nothing is guessed.")]
    lines += [turn.t("· {when}", when=said(turn, option)) for option in draft.options]
    await turn.answer("\n".join(lines), rows)


@handles(Pick, by=May.WRITE)
async def _picked(turn: Turn, channel: Channel, button: Pick) -> None:
    def with_it(draft: Draft) -> Draft:
        if not 0 <= button.number < len(draft.options):
            return draft
        return replace(draft, when=draft.options[button.number], options=())

    await drawing.show(turn, channel, drawing.change(turn, button.draft, with_it))


async def ask_about(turn: Turn, channel: Channel, draft: Draft, when: When) -> None:
    """The text begins with words that look like time."""
    key = (channel.id, draft.id)
    text = turn.t(
        "🤔 {when}. The text then begins with “{words}”. Is that part of it?",
        when=upper(said(turn, when)),
        words=draft.doubt,
    )
    rows: Rows = [
        [(turn.t("📝 It is the text's"), IsText(*key)), (turn.t("✂️ Leave it out"), LeaveOut(*key))],
        [(turn.t("🕒 Another time"), AnotherTime(*key)), (turn.t("Cancel"), Drop(*key))],
    ]
    await turn.answer(text, rows)


@handles(IsText, by=May.WRITE)
async def _is_text(turn: Turn, channel: Channel, button: IsText) -> None:
    """It stays, or (a day whose time was asked for) goes back to the head of the text."""

    def whole(draft: Draft) -> Draft:
        if not draft.day or draft.when is not None or not draft.turns:
            return replace(draft, doubt="")
        (head, *rest), *others = draft.turns
        first = drawing.fitting(turn, (replace(head, text=f"{draft.day} {head.text}"), *rest))
        return replace(draft, turns=(first, *others), day="", doubt="")

    await drawing.show(turn, channel, drawing.change(turn, button.draft, whole))


@handles(LeaveOut, by=May.WRITE)
async def _leave_out(turn: Turn, channel: Channel, button: LeaveOut) -> None:
    def without(draft: Draft) -> Draft:
        if not draft.doubt or not draft.turns or not draft.turns[0][0].text.startswith(draft.doubt):
            return replace(draft, doubt="")
        (head, *rest), *others = draft.turns
        text = head.text.removeprefix(draft.doubt).lstrip(" ,;:-–—")
        first = (replace(head, text=text), *rest) if text or head.media else tuple(rest)
        return replace(draft, turns=(first, *others) if first else tuple(others), doubt="")

    await drawing.show(turn, channel, drawing.change(turn, button.draft, without))


@handles(LastDay, by=May.WRITE)
async def _last_day(turn: Turn, channel: Channel, button: LastDay) -> None:
    """In months without that day it goes out on the last one."""
    now = wall(turn, channel)

    def moved(draft: Draft) -> Draft:
        if draft.when is None:
            return draft
        rules = with_last_day(draft.when.rules)
        first = first_of(rules, now)
        return replace(draft, when=replace(draft.when, rules=rules, first=first or draft.when.first))

    await drawing.show(turn, channel, drawing.change(turn, button.draft, moved))


# --- refusals ------------------------------------------------------------------------------------------------


def not_all(turn: Turn, when: str, rest: str) -> str:
    return turn.t(
        "I understood “{when}”, but not “{rest}”. For example: thursday 15:00 · every mon,wed 7:15",
        when=when,
        rest=rest[:60],
    )


def why(turn: Turn, error: NotUnderstood) -> str:
    examples = turn.t("thursday 15:00 · tomorrow 9:30 · dec 24 20:00 · every mon,wed 7:15")
    if error.reason == "clock":
        return turn.t("There is no such time: “{words}”. For example: 8:30 · 20:30 · 8:30 pm", words=error.words[:60])
    if error.reason == "gap":
        return turn.t(
            "On that day clocks jump over {time}: it does not exist there. Choose another hour, for example: 8:30",
            time=error.words,
        )
    if error.reason == "never":
        return turn.t("Nothing is left of that. For example: every day except sunday 8:00")
    if error.reason == "holidays":
        return turn.t(
            "I don't know the public holidays of the channel's time zone. Set its city, for example: /zone Caracas"
        )
    if error.reason == "time":
        return turn.t("At what time? For example: {examples}", examples=examples)
    if error.reason == "several":
        return turn.t(
            "A single day takes one time. For example: {examples}",
            examples=turn.t("tomorrow 9:00 · every day at 9:00 and 17:00"),
        )
    if error.reason == "past":
        return turn.t("That moment has gone by. For example: {examples}", examples=examples)
    if error.reason == "weekday":
        return turn.t("That date is another day of the week. For example: {examples}", examples=examples)
    if error.reason == "date":
        return turn.t("There is no such date, or it is too far away. For example: {examples}", examples=examples)
    if error.reason == "hours":
        return turn.t(
            "I don't understand those hours. For example: every 3 hours from 8 to 20 · every 30 minutes from 7 to 9"
        )
    return turn.t("I don't understand when. For example: {examples}", examples=examples)


def wall(turn: Turn, channel: Channel) -> datetime:
    return choices.wall_of(channel.id, turn.now)


def upper(text: str) -> str:
    return text[:1].upper() + text[1:]
