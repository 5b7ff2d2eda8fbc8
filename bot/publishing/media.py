"""Photos, GIFs and videos that a person sends: kept for the channel, put into the draft, described."""

from dataclasses import dataclass, replace
from io import BytesIO

from bot.chat.turn import Refusal, Turn
from bot.publishing import drafts, posting
from bot.publishing.drafts import BY_HAND, Draft
from bot.scheduling import schedules
from engine import composing, posts
from engine.media import FROM_TELEGRAM, MAX_ALT, MB, BadMedia, MediaKind, check, recognised
from engine.posts import Attachment, Post
from models.accounts.channels import Channel
from models.publishing import media

ANSWERS = ("schedtext", "posttext", "threadtext", "photo")


@dataclass(frozen=True, slots=True)
class Sent:
    """A file of Telegram's, before it is fetched. `seconds` is None where Telegram names no length."""

    file_id: str
    size: int
    seconds: float | None = None


def sent_by(turn: Turn) -> Sent | None:
    """The photo, GIF or video in the person's message, also where it came as a file."""
    message = turn.update.message
    if message is None:
        return None
    if message.photo:
        best = message.photo[-1]
        return Sent(best.file_id, best.file_size or 0)
    moving = message.video or message.animation
    if moving is not None:
        seconds = moving.duration
        length = seconds.total_seconds() if not isinstance(seconds, int | float) else float(seconds)
        return Sent(moving.file_id, moving.file_size or 0, length)
    document = message.document
    if document is not None and (document.mime_type or "").partition("/")[0] in ("image", "video"):
        return Sent(document.file_id, document.file_size or 0)
    return None


async def received(turn: Turn, sent: Sent) -> None:
    """Into the draft where one asks for it or its album is there already, else a new draft."""
    message = turn.update.message
    assert message is not None
    album = message.media_group_id or ""
    draft = drafts.of(turn)
    goes_on = draft is not None and (draft.step in ANSWERS or (album != "" and draft.album == album))
    channel = turn.own(draft.channel_id) if draft is not None and goes_on else turn.take_channel()
    item = await _kept(turn, channel, sent)
    caption = composing.clean(message.caption or "")
    turn.reread()  # the others of its album may have come meanwhile
    draft = drafts.of(turn)
    if draft is not None and album and draft.album == album and draft.step not in ANSWERS:
        draft = drafts.change(turn, lambda d: _added(turn, d, item, caption))
    elif draft is not None and draft.step in ANSWERS:
        draft = drafts.change(turn, lambda d: _answered(turn, d, item, caption, album, message.message_id))
    else:
        thread = drafts.fitting(turn, (Post(caption, (item,)),))
        draft = drafts.keep(turn, Draft(channel.id, BY_HAND, (thread,), source=message.message_id, album=album))
    await show(turn, channel, draft)


async def show(turn: Turn, channel: Channel, draft: Draft) -> None:
    """The draft where it stands: by hand, or to be scheduled."""
    if draft.way == BY_HAND:
        await posting.show(turn, channel)
    else:
        await schedules.show_draft(turn, channel)


def _answered(turn: Turn, draft: Draft, item: Attachment, caption: str, album: str, source: int) -> Draft:
    """The photo that a step asked for: in the last post, or a post of its own."""
    if draft.step == "photo":
        return replace(_added(turn, draft, item, caption), album=album, step="")
    thread = drafts.fitting(turn, (Post(caption, (item,)),))
    changed = draft.with_answer(thread) if draft.step == "threadtext" else draft.with_turn(thread)
    return replace(changed, album=album, step="", source=source)


def _added(turn: Turn, draft: Draft, item: Attachment, caption: str) -> Draft:
    last = draft.last
    drafts.check_media(turn, [*last.media, item])
    post = Post(last.text or caption, (*last.media, item))
    return draft.with_last(*drafts.fitting(turn, (post,)))


async def ask(turn: Turn, channel: Channel) -> None:
    """One more photo for the last post."""
    drafts.of_channel(turn, channel)
    drafts.change(turn, lambda d: replace(d, step="photo", shown=None))
    await turn.send(turn.t("Send me the photo, the GIF or the video. /cancel to leave."))


# --- what is to be seen ------------------------------------------------------------------------------------------


async def describe(turn: Turn, channel: Channel) -> None:
    """Ask for the description of the first one that has none, else of all of them anew."""
    draft = drafts.of_channel(turn, channel)
    attached = [a for t in draft.turns for a in posts.attached(t)]
    if not attached:
        raise Refusal(turn.t("Nothing is attached. Send me a photo first."))
    at = next((n for n, a in enumerate(attached) if not a.alt), 0)
    drafts.change(turn, lambda d: replace(d, step="alt", shown=None, more={"at": at}))
    await _ask_for(turn, at, len(attached))


async def described(turn: Turn) -> None:
    """The description that was asked for; then the next one's."""
    draft = drafts.of(turn)
    if draft is None:
        raise Refusal(turn.t("That draft is no longer at hand. Begin again: /schedule"))
    channel = turn.own(draft.channel_id)
    alt = " ".join(turn.typed().split())
    if len(alt) > MAX_ALT:
        raise Refusal(turn.t("A description has at most {most} characters; that is {length}.", most=MAX_ALT,
                             length=len(alt)))  # fmt: skip
    at = int(draft.more.get("at", 0))
    attached = [a for t in draft.turns for a in posts.attached(t)]
    following = next((n for n, a in enumerate(attached) if n > at and not a.alt), None)
    step, more = ("", {}) if following is None else ("alt", {"at": following})
    draft = drafts.change(turn, lambda d: replace(_with_alt(d, at, alt), step=step, more=more))
    if following is not None:
        await _ask_for(turn, following, len(attached))
    else:
        await show(turn, channel, draft)


async def _ask_for(turn: Turn, at: int, count: int) -> None:
    await turn.send(
        turn.t(
            "🏷 What is to be seen in number {number} of {count}? In a sentence, for who can't see it. For example:"
            " A fallen tree blocks the avenue. /cancel to leave.",
            number=at + 1,
            count=count,
        )
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


# --- the file itself -----------------------------------------------------------------------------------------


async def _kept(turn: Turn, channel: Channel, sent: Sent) -> Attachment:
    if sent.size > FROM_TELEGRAM:
        raise Refusal(
            turn.t("That file is too large: Telegram gives bots at most {most} MB.", most=FROM_TELEGRAM // MB)
        )
    file = await turn.update.get_bot().get_file(sent.file_id)
    content = bytes(await file.download_as_bytearray())
    try:
        kind, mime = recognised(content)
        check(kind, len(content), sent.seconds)
        if kind is MediaKind.PHOTO:
            _look_at(content)
    except BadMedia as error:
        raise Refusal(_why(turn, error)) from None
    return Attachment(media.keep(channel.id, kind, mime, content, turn.now), kind)


def _look_at(content: bytes) -> None:
    """A photo that can't be opened here can't be at X. Raises BadMedia."""
    from PIL import Image, UnidentifiedImageError  # only who is sent a photo pays for it

    try:
        with Image.open(BytesIO(content)) as picture:
            picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError):
        raise BadMedia("kind") from None


def _why(turn: Turn, error: BadMedia) -> str:
    if error.reason == "size":
        return turn.t("That file is too large: X takes at most {most} MB of it.", most=int(error.most) // MB)
    if error.reason == "length":
        return turn.t("X takes videos of up to {most} seconds: shorten it and send it again.", most=int(error.most))
    return turn.t("I can't use that file: X takes photos (JPEG, PNG, WebP), GIFs and videos (MP4).")
