"""A photo whose caption is a command: `/schedule mañana 9am …`, `/post …`, `/queue …` with the photo in it."""

from dataclasses import replace

from bot.chat.turn import Refusal, Turn
from bot.publishing import drafts as drawing
from bot.publishing.attachments import Sent, kept
from bot.scheduling import queueing, wizard
from engine import composing
from engine.posts import Attachment, Post, Thread
from models.accounts.channels import Channel
from models.publishing.drafts import Draft, Way


async def received(turn: Turn, sent: Sent) -> None:
    """The command does what it does with a text, and what was sent goes with it."""
    message = turn.message
    if turn.command not in ("schedule", "post", "queue"):
        raise Refusal(
            turn.t("A photo goes with /schedule, /post or /queue. For example: /schedule tomorrow 9:00 Good morning")
        )
    channel = turn.take_channel(named_only_if_mine=True)
    text = turn.typed()
    if turn.command == "schedule":
        draft = wizard.read(turn, channel, text) if text else _empty(turn, channel, Way.SCHEDULED)
        item = await kept(turn, channel, sent)
        await drawing.show(turn, channel, drawing.made(turn, _with(turn, draft, item)))
        return
    item = await kept(turn, channel, sent)
    thread = _thread(turn, channel, text, item)
    album = (message.media_group_id or "") if message is not None else ""
    if turn.command == "queue" and not album:
        await queueing.put(turn, channel, thread)
        return
    # more photos of an album come: it has its button for the queue
    draft = replace(_empty(turn, channel, Way.BY_HAND), turns=(thread,), album=album)
    await drawing.show(turn, channel, drawing.made(turn, draft))


def _empty(turn: Turn, channel: Channel, way: Way) -> Draft:
    message = turn.message
    album = (message.media_group_id or "") if message is not None else ""
    return Draft(channel.id, turn.person.telegram_id, way, source_id=turn.message_id, album=album)


def _with(turn: Turn, draft: Draft, item: Attachment) -> Draft:
    """The draft with this in its first post."""
    message = turn.message
    album = (message.media_group_id or "") if message is not None else ""
    if not draft.turns:
        return replace(draft, turns=((Post("", (item,)),),), album=album)
    (head, *rest), *others = draft.turns
    first = drawing.fitting(turn, (replace(head, media=(item, *head.media)), *rest))
    return replace(draft, turns=(first, *others), album=album)


def _thread(turn: Turn, channel: Channel, text: str, item: Attachment) -> Thread:
    if not composing.clean(text):
        return drawing.fitting(turn, (Post("", (item,)),))
    (head, *rest), *_ = drawing.checked(turn, channel, text)
    return drawing.fitting(turn, (replace(head, media=(item, *head.media)), *rest))
