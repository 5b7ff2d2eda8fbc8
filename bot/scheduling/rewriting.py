"""Other words for a draft before it is confirmed: the message that it came from was edited, or they were asked for."""

from dataclasses import replace

from bot.chat import spoken
from bot.chat.handling import answers, handles
from bot.chat.turn import Turn
from bot.publishing import drafts as drawing
from bot.publishing import posting
from bot.publishing.adding import OtherText
from bot.scheduling import wizard
from bot.scheduling.wizard import AnotherText
from engine.posts import Thread
from engine.roles import May
from models.accounts.channels import Channel
from models.publishing import drafts
from models.publishing.drafts import Draft, Way


async def edited(turn: Turn) -> bool:
    """What was sent was edited; of a command that planned something, its time is read anew too. False where no draft
    came of it that is still open.
    """
    message = turn.update.edited_message
    draft = drafts.from_message(turn.person.telegram_id, message.message_id) if message is not None else None
    if message is None or draft is None or draft.way is Way.TYPED:
        return False
    channel = turn.reach(draft.channel_id, May.DECIDE if draft.way is Way.EDITED else May.WRITE)
    command, text = _parted(channel, message.text if message.text is not None else message.caption or "")
    if command == "schedule":
        read = wizard.read(turn, channel, text)
        changed = drawing.change(turn, draft.id, lambda d: _read_anew(turn, d, read))
    elif not draft.turns:
        return False
    elif message.text is None:
        changed = posting.captioned(turn, draft, text)
    else:
        changed = posting.rewritten(turn, channel, draft, text)
    await drawing.show(turn, channel, changed)
    return True


def _parted(channel: Channel, text: str) -> tuple[str, str]:
    """The command, if there is one, and the text without it and without the name of the draft's channel."""
    said = spoken.parse(text)
    if said is None:
        return "", text
    rest = said.rest
    first = [*rest.split(None, 1), ""][0]
    if first.lower() == str(channel).lower():
        rest = rest.removeprefix(first).lstrip()
    return said.name, rest


def _read_anew(turn: Turn, draft: Draft, read: Draft) -> Draft:
    if not read.turns:
        return replace(draft, turns=(), when=read.when, day=read.day)
    shown = read.turns[-1][-1]
    photos = draft.last.media if draft.turns else ()
    last = replace(shown, media=photos) if photos and not shown.media else shown
    return replace(draft, turns=read.turns, when=read.when, day=read.day).with_last(last)


# --- another text --------------------------------------------------------------------------------------------


@handles(AnotherText, by=May.WRITE)
async def _another_text(turn: Turn, channel: Channel, button: AnotherText) -> None:
    drawing.change(turn, button.draft, lambda d: replace(d, shown_id=None))
    await wizard.ask_another(turn, OtherText(channel.id, button.draft))


@answers(OtherText, by=May.WRITE)
async def _got_other_text(turn: Turn, channel: Channel, step: OtherText) -> None:
    """It takes the place of all that the draft said."""
    found = drawing.checked(turn, channel, turn.typed())
    draft = drawing.change(turn, step.draft, lambda d: replace(_instead(d, found), source_id=turn.message_id))
    turn.end_step()
    await drawing.show(turn, channel, draft)


def _instead(draft: Draft, found: list[Thread]) -> Draft:
    """One post for one keeps its photos: other words were asked for."""
    there, new = draft.turns, found[0][0]
    if len(there) == 1 and len(there[0]) == 1 and len(found) == len(found[0]) == 1 and not new.media:
        return draft.with_last(replace(draft.last, text=new.text))
    return replace(draft, turns=tuple(found))
