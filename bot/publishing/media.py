"""Photos, GIFs and videos that a person sends: put into the draft, several of an album into one, and described."""

from dataclasses import replace
from typing import ClassVar

from bot.chat.dialogue import Step, Takes, step
from bot.chat.handling import answers, asked_for, handles
from bot.chat.turn import Refusal, Turn
from bot.publishing import drafts as drawing
from bot.publishing.adding import AskPhoto, Describe, OtherText
from bot.publishing.attachments import Sent, kept
from bot.publishing.posting import PostMore
from engine import composing, posts
from engine.media import BadMedia, check_together
from engine.posts import Attachment, Post
from engine.roles import May
from models.accounts.channels import Channel
from models.publishing import drafts
from models.publishing.drafts import Draft, Way


@step
class MorePhoto:
    """A photo for the last post is waited for."""

    word: ClassVar[str] = "photo"
    takes: ClassVar[Takes] = Takes.PHOTO
    channel: int
    draft: int


@step
class TypeAlt:
    """What is to be seen in the so-manyth file of a draft (from 0) is waited for."""

    word: ClassVar[str] = "alt"
    takes: ClassVar[Takes] = Takes.TEXT
    channel: int
    draft: int
    at: int


def of_album(turn: Turn) -> bool:
    """Whether what was sent belongs to an album of which a draft is made already."""
    album = turn.message.media_group_id if turn.message is not None else None
    return drafts.of_album(turn.person.telegram_id, album or "") is not None


async def received(turn: Turn, sent: Sent, step: Step | None) -> None:
    """Into the draft whose step asks for it or whose album it belongs to, else a new draft."""
    message = turn.message
    assert message is not None
    album = message.media_group_id or ""
    waiting = step if step is not None and Takes.PHOTO in step.takes else None
    channel = asked_for(turn, waiting, May.WRITE) if waiting is not None else turn.take_channel()
    item = await kept(turn, channel, sent)
    caption = composing.clean(message.caption or "")
    coming = drafts.of_album(turn.person.telegram_id, album)
    draft_id = getattr(waiting, "draft", 0)
    if coming is not None:
        draft = drawing.change(turn, coming.id, lambda d: _of_album(turn, d, item, caption))
    elif draft_id:
        draft = drawing.change(turn, draft_id, lambda d: _answered(turn, waiting, d, item, caption, album))
    else:
        thread = drawing.fitting(turn, (Post(caption, (item,)),))
        new = Draft(channel.id, turn.person.telegram_id, Way.BY_HAND, (thread,), source_id=turn.message_id, album=album)
        draft = drawing.made(turn, new)
    if coming is not None and getattr(step, "draft", 0) == draft.id:
        return  # what its first photo made us ask is still waited for
    turn.end_step()
    await drawing.show(turn, channel, draft)


def _answered(turn: Turn, step: Step | None, draft: Draft, item: Attachment, caption: str, album: str) -> Draft:
    """The photo that a step asked for: in the last post, or a post of its own."""
    if isinstance(step, MorePhoto):
        return replace(_added(turn, draft, item, caption), album=album)
    thread = drawing.fitting(turn, (Post(caption, (item,)),))
    if isinstance(step, OtherText):
        return replace(draft, turns=(thread,), album=album, source_id=turn.message_id)
    changed = draft.with_answer(thread) if isinstance(step, PostMore) else draft.with_turn(thread)
    return replace(changed, album=album, source_id=turn.message_id)


def _of_album(turn: Turn, draft: Draft, item: Attachment, caption: str) -> Draft:
    """One more of an album, or one more that is left out of it, which the draft tells."""
    try:
        check_together([a.kind for a in (*draft.last.media, item)])
    except BadMedia:
        return replace(draft, left_out=draft.left_out + 1)
    return _added(turn, draft, item, caption)


def _added(turn: Turn, draft: Draft, item: Attachment, caption: str) -> Draft:
    last = draft.last
    drawing.check_media(turn, [*last.media, item])
    post = Post(last.text or caption, (*last.media, item))
    return draft.with_last(*drawing.fitting(turn, (post,)))


@handles(AskPhoto, by=May.WRITE)
async def _ask(turn: Turn, channel: Channel, button: AskPhoto) -> None:
    """One more photo for the last post."""
    drawing.change(turn, button.draft, lambda d: replace(d, shown_id=None))
    await turn.ask(
        MorePhoto(channel.id, button.draft),
        turn.t("Send me the photo, the GIF or the video. /cancel to leave."),
    )


# --- what is to be seen ------------------------------------------------------------------------------------------


@handles(Describe, by=May.WRITE)
async def _describe(turn: Turn, channel: Channel, button: Describe) -> None:
    """Ask for the description of the first one that has none, else of all of them anew."""
    draft = drawing.found(turn, button.draft)
    attached = [a for t in draft.turns for a in posts.attached(t)]
    if not attached:
        raise Refusal(turn.t("Nothing is attached. Send me a photo first."))
    at = next((n for n, a in enumerate(attached) if not a.alt), 0)
    drawing.change(turn, draft.id, lambda d: replace(d, shown_id=None))
    await _ask_for(turn, channel, draft, at, len(attached))


@answers(TypeAlt, by=May.WRITE)
async def _described(turn: Turn, channel: Channel, step: TypeAlt) -> None:
    """The description that was asked for; then the next one's."""
    alt = " ".join(turn.typed().split())
    drawing.check_alt(turn, alt)
    draft = drawing.change(turn, step.draft, lambda d: _with_alt(d, step.at, alt))
    attached = [a for t in draft.turns for a in posts.attached(t)]
    following = next((n for n, a in enumerate(attached) if n > step.at and not a.alt), None)
    turn.end_step()
    if following is not None:
        await _ask_for(turn, channel, draft, following, len(attached))
    else:
        await drawing.show(turn, channel, draft)


async def _ask_for(turn: Turn, channel: Channel, draft: Draft, at: int, count: int) -> None:
    await turn.ask(
        TypeAlt(channel.id, draft.id, at),
        turn.t(
            "🏷 What is to be seen in number {number} of {count}? In a sentence, for who can't see it. For example:"
            " A fallen tree blocks the avenue. /cancel to leave.",
            number=at + 1,
            count=count,
        ),
    )


def _with_alt(draft: Draft, at: int, alt: str) -> Draft:
    number = -1
    turns = []
    for thread in draft.turns:
        changed = []
        for post in thread:
            items = []
            for item in post.media:
                number += 1
                items.append(replace(item, alt=alt) if number == at else item)
            changed.append(replace(post, media=tuple(items)))
        turns.append(tuple(changed))
    return replace(draft, turns=tuple(turns))
