"""Files that a person sends to be shown: found in Telegram's message, told by their content, kept for the channel.

What X does not take, and can't be brought into its limits, is refused here, when it is sent, and not at its hour.
"""

import ctypes
import threading
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.chat.language import N_
from bot.chat.turn import Refusal, Turn
from engine.media import FROM_TELEGRAM, LONGEST_S, MB, BadMedia, recognised
from engine.media.fitting import fitted
from engine.media.limits import Film, Fitted, Wrong
from engine.posts import Attachment
from models.accounts.channels import Channel
from models.publishing import media

WHY = {
    Wrong.KIND: N_("I can't use that file: X takes photos (JPEG, PNG, WebP), GIFs and videos (MP4)."),
    Wrong.EMPTY: N_("That file is empty. Send it again."),
    Wrong.BROKEN: N_(
        "I can't use that file: it is cut or damaged. Send it again, best as a photo or a video (MP4) and not as a"
        " file."
    ),
    Wrong.PICTURE: N_("X can't show that kind of picture ({what}). Send it as a photo, or send a screenshot of it."),
    Wrong.DOCUMENT: N_("X can't show a document ({what}). Send a screenshot of the page, as a photo."),
    Wrong.PAGE: N_("That is a web page, whatever its name says. Send a screenshot of it, as a photo."),
    Wrong.PACKED: N_("That is an archive ({what}), whatever its name says. Send what is in it, as photos or videos."),
    Wrong.SOUND: N_("That is sound alone ({what}), and X shows none. Send a video instead."),
    Wrong.FILM: N_(
        "X can't play that kind of video ({what}). Send it as a video and not as a file, then Telegram makes it fit; or"
        " save it as MP4 (H.264)."
    ),
    Wrong.SIZE: N_(
        "That file is too large: X takes at most {most} MB of it. Send it as a photo, a GIF or a video and not as a"
        " file, then Telegram makes it smaller."
    ),
    Wrong.HUGE: N_(
        "That picture has more pixels than I can open. Send it as a photo and not as a file, then Telegram makes it"
        " smaller."
    ),
    Wrong.TINY: N_("That picture is too small for X ({what}): send one of at least {most}×{most} pixels."),
    Wrong.MOVES: N_("X would show only the first picture of that. Send it as a GIF or as a video (MP4)."),
    Wrong.PAGES: N_("There are {what} pictures in that file. Send each as a photo; X takes up to four in a post."),
    Wrong.GIF_SIDES: N_(
        "That GIF is too large for X ({what}): it takes 1280×1080. Send it as a GIF and not as a file, then Telegram"
        " makes a video of it; or make it smaller."
    ),
    Wrong.GIF_FRAMES: N_(
        "That GIF has {what} pictures, and X takes {most}. Send it as a GIF and not as a file, then Telegram makes a"
        " video of it; or make it shorter."
    ),
    Wrong.GIF_PIXELS: N_(
        "That GIF has {what} million pixels in all, and X takes {most} million. Send it as a GIF and not as a file,"
        " then Telegram makes a video of it; or make it shorter."
    ),
    Wrong.LENGTH: N_(
        "X takes videos of half a second up to {most} seconds, and that one lasts {what}: cut it and send it again."
    ),
    Wrong.FILM_TINY: N_("That video is too small for X ({what}): send one of at least {most}×{most} pixels."),
    Wrong.FILM_SIDES: N_(
        "That video is too large for X ({what}): send it in 1280×720. As a video and not as a file, Telegram makes it"
        " smaller."
    ),
    Wrong.RATIO: N_(
        "That video is too long and narrow for X ({what}): one side may be at most {most} times the other. Cut it and"
        " send it again."
    ),
    Wrong.RATE: N_(
        "That video has {what} pictures a second, and X takes {most}: save it with 30 and send it again, or send it as"
        " a video and not as a file."
    ),
    Wrong.CODEC: N_(
        "X can't play that video ({what}): it takes H.264. Send it as a video and not as a file, then Telegram makes it"
        " fit; or save it as MP4 (H.264)."
    ),
    Wrong.COLOURS: N_(
        "X can't play that video: its colors are kept as {what}, and X takes 4:2:0. Send it as a video and not as a"
        " file, then Telegram makes it fit."
    ),
    Wrong.INTERLACED: N_(
        "X can't play that video: its pictures are interlaced. Send it as a video and not as a file, then Telegram"
        " makes it fit."
    ),
    Wrong.OBLONG: N_(
        "X can't play that video: its pixels are no squares. Send it as a video and not as a file, then Telegram makes"
        " it fit."
    ),
    Wrong.AUDIO: N_(
        "X can't play the sound of that video ({what}): it takes AAC. Send it as a video and not as a file, then"
        " Telegram makes it fit."
    ),
    Wrong.CHANNELS: N_(
        "The sound of that video has {what} channels, and X takes {most}. Send it as a video and not as a file, then"
        " Telegram makes it fit."
    ),
}
FOR_A_FILE = (Wrong.KIND, Wrong.PACKED, Wrong.EMPTY)  # a spreadsheet is an archive, too
_ONE_AT_A_TIME = threading.Lock()  # a large picture needs hundreds of MB


@dataclass(frozen=True, slots=True)
class Sent:
    """A file of Telegram's. `told`: what Telegram tells of a video that it shows; `content` if it is here already."""

    file_id: str
    size: int
    told: Film | None = None
    content: bytes | None = None


def sent_by(turn: Turn) -> Sent | None:
    """The photo, GIF, video or sticker in the person's message, also where it came as a file. Raises Refusal."""
    message = turn.update.message
    if message is None:
        return None
    if message.photo:  # of a live photo, too: its still picture
        best = max(message.photo, key=lambda size: size.width * size.height)
        return Sent(best.file_id, best.file_size or 0)
    moving = message.video or message.animation
    if moving is not None:
        told = Film(moving.width, moving.height, _seconds(moving.duration))
        whole = Sent(moving.file_id, moving.file_size or 0, told)
        return whole if whole.size <= FROM_TELEGRAM else _smaller(turn, whole)
    if message.video_note is not None:
        note = message.video_note
        return Sent(note.file_id, note.file_size or 0, Film(note.length, note.length, _seconds(note.duration)))
    if message.sticker is not None:
        if message.sticker.is_animated or message.sticker.is_video:
            raise Refusal(turn.t("X can't show a sticker that moves. Send it as a GIF or as a video (MP4)."))
        return Sent(message.sticker.file_id, message.sticker.file_size or 0)
    document = message.document
    if document is not None and (document.mime_type or "").partition("/")[0] in ("image", "video"):
        return Sent(document.file_id, document.file_size or 0)
    return None


async def in_document(turn: Turn) -> Sent | None:
    """What came as a file of a kind that Telegram does not know, if it is something to be shown, or just not that."""
    document = turn.message.document if turn.message is not None else None
    if document is None or (document.mime_type or "").startswith("text/") or (document.file_size or 0) > FROM_TELEGRAM:
        return None
    content = await turn.download(document.file_id)
    try:
        recognised(content)
    except BadMedia as error:
        if error.reason in FOR_A_FILE:
            return None
    return Sent(document.file_id, len(content), content=content)


async def kept(turn: Turn, channel: Channel, sent: Sent) -> Attachment:
    """The file, as X takes it, stored for the channel. Raises Refusal for what X does not take."""
    if sent.size > FROM_TELEGRAM:
        raise Refusal(
            turn.t(
                "That file is too large: Telegram gives bots at most {most} MB. Send it as a photo or a video and not"
                " as a file, then Telegram makes it smaller; or cut it.",
                most=FROM_TELEGRAM // MB,
            )
        )
    if sent.told is not None and (sent.told.seconds or 0) > LONGEST_S:
        raise Refusal(why(turn, BadMedia(Wrong.LENGTH, LONGEST_S, f"{sent.told.seconds:g}")))
    content = sent.content if sent.content is not None else await turn.download(sent.file_id)
    try:
        file = _fitted(content, sent.told)
    except BadMedia as error:
        raise Refusal(why(turn, error)) from None
    _note_size(turn, file)

    def keep() -> int:
        return media.keep(channel.id, file.kind, file.mime, file.content, turn.now, still=file.still)

    return Attachment(turn.once("file", int, keep), file.kind)


def why(turn: Turn, error: BadMedia) -> str:
    """What is wrong with a file, and what helps."""
    most = int(error.most) // MB if error.reason is Wrong.SIZE else int(error.most)
    return turn.t(WHY[error.reason], most=most, what=error.what)


def _fitted(content: bytes, told: Film | None) -> Fitted:
    """The memory that it took is given back at once, as far as the C library can. Raises BadMedia."""
    try:
        return fitted(content, told, _ONE_AT_A_TIME)
    finally:
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc
        if trim is not None:
            trim(0)


def _note_size(turn: Turn, file: Fitted) -> None:
    """Said over the draft, where X promises to take a video only of who pays for more."""
    if file.film is not None and not file.film.is_promised:
        turn.note = turn.t(
            "⚠️ That video is {sides}: X promises to take 1280×1024 of everybody, and more of Premium accounts. In"
            " 1280×720 it is surely taken.",
            sides=f"{file.film.width}×{file.film.height}",
        )


def _seconds(duration: int | timedelta) -> float | None:
    """Telegram counts whole seconds: 0 is a part of one."""
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else float(duration)
    return seconds or None


def _smaller(turn: Turn, whole: Sent) -> Sent:
    """The best of the qualities that Telegram keeps of a video which a bot can fetch and X can play; else the video."""
    video = turn.message.video if turn.message is not None else None
    fit = [q for q in (video.qualities or () if video is not None else ()) if q.codec == "h264"]
    fit = [q for q in fit if 0 < (q.file_size or 0) <= FROM_TELEGRAM]
    if not fit:
        return whole
    best = max(fit, key=lambda quality: quality.file_size or 0)
    return Sent(best.file_id, best.file_size or 0, replace(whole.told or Film(), width=best.width, height=best.height))
