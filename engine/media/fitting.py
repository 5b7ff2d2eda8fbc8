"""What was sent, as X takes it: told by its content, brought into X's limits where that can be done, else refused."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from engine.media import films, pictures
from engine.media.limits import BadMedia, Film, Fitted, MediaKind, Wrong, check, check_film
from engine.media.signs import recognised


def fitted(content: bytes, told: Film | None = None, alone: AbstractContextManager[object] | None = None) -> Fitted:
    """The file as X takes it. Raises BadMedia, which says why not.

    `told`: what Telegram tells of a video that it shows; it counts where the file itself can't be read. `alone` is
    entered while much memory is needed.
    """
    kind, mime = recognised(content)
    if kind is not MediaKind.VIDEO:
        return pictures.fitted(content, mime, alone or nullcontext())
    check(kind, len(content))
    film = films.read(content)
    if film is None and (told is None or not told.width):
        raise BadMedia(Wrong.BROKEN)
    film = _together(film, told) if film is not None else told
    assert film is not None
    check_film(film)
    return Fitted(kind, mime, content, film)


def _together(read: Film, told: Film | None) -> Film:
    """What the file says, and for what it does not say, what Telegram says."""
    if told is None:
        return read
    return replace(
        read,
        width=read.width or told.width,
        height=read.height or told.height,
        seconds=read.seconds if read.seconds is not None else told.seconds,
    )
