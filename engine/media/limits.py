"""What X takes of photos, GIFs and videos. Sizes in bytes, sides in pixels, lengths in seconds.

X: up to four photos, or one GIF, or one video in a post (docs/x-and-telegram.md, "Speaking"; the numbers are those of
X's media guide). A bot gets files of at most 20 MB from Telegram.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MB = 1_000_000
MOST_PHOTOS = 4
MAX_ALT = 1000
FROM_TELEGRAM = 20 * MB

LEAST_SIDE, MOST_SIDE = 4, 8192  # of a photo
GIF_WIDTH, GIF_HEIGHT, GIF_FRAMES, GIF_PIXELS = 1280, 1080, 350, 300_000_000
SHORTEST_S, LONGEST_S = 0.5, 140
FILM_LEAST, FILM_LONG, FILM_SHORT = 32, 1920, 1200  # what X is known to take
PROMISED_LONG, PROMISED_SHORT = 1280, 1024  # what it promises to take of everybody
MOST_RATIO = 3
MOST_RATE = 60.5  # a second: phones that film 60 are now and then a little above


class MediaKind(StrEnum):
    """What X makes of a file. The values are stored and written into files, so they never change."""

    PHOTO = "photo"
    GIF = "gif"
    VIDEO = "video"


LIMITS = {MediaKind.PHOTO: 5 * MB, MediaKind.GIF: 15 * MB, MediaKind.VIDEO: FROM_TELEGRAM}
CATEGORIES = {MediaKind.PHOTO: "tweet_image", MediaKind.GIF: "tweet_gif", MediaKind.VIDEO: "tweet_video"}


class Wrong(StrEnum):
    """Why X does not take a file. Each has a sentence of its own in the chat."""

    KIND = "kind"  # nobody knows what it is
    EMPTY = "empty"
    BROKEN = "broken"  # cut, or damaged
    PICTURE = "picture"  # a kind of picture that X does not know
    DOCUMENT = "document"
    PAGE = "page"  # of the web
    PACKED = "packed"  # an archive
    SOUND = "sound"
    FILM = "film"  # a kind of video that X does not know
    SIZE = "size"
    HUGE = "huge"  # more pixels than are ever opened
    TINY = "tiny"
    MOVES = "moves"  # X would show but its first picture
    PAGES = "pages"
    GIF_SIDES = "gif_sides"
    GIF_FRAMES = "gif_frames"
    GIF_PIXELS = "gif_pixels"
    LENGTH = "length"
    FILM_TINY = "film_tiny"
    FILM_SIDES = "film_sides"
    RATIO = "ratio"
    RATE = "rate"
    CODEC = "codec"
    COLOURS = "colours"
    INTERLACED = "interlaced"
    OBLONG = "oblong"  # its pixels are no squares
    AUDIO = "audio"
    CHANNELS = "channels"
    MIXED = "mixed"
    MANY = "many"


class BadMedia(ValueError):
    """Something that X does not take. `reason` is a Wrong, `most` the limit, `what` what it has or is instead."""

    def __init__(self, reason: str, most: float = 0, what: object = "") -> None:
        super().__init__(reason)
        self.reason = Wrong(reason)
        self.most = most
        self.what = str(what)


@dataclass(frozen=True, slots=True)
class Film:
    """What is known of a video; None, or an empty word, where nothing is. `rate`: pictures a second."""

    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    rate: float | None = None
    codec: str = ""
    colours: str = ""
    scan: str = ""
    pixel_ratio: float | None = None
    audio: str = ""
    channels: int | None = None
    is_cut: bool = False

    @property
    def is_promised(self) -> bool:
        """Whether X promises to take its size of everybody, not only of who pays."""
        long, short = max(self.width or 0, self.height or 0), min(self.width or 0, self.height or 0)
        return long <= PROMISED_LONG and short <= PROMISED_SHORT


@dataclass(frozen=True, slots=True)
class Fitted:
    """A file as it goes to X. `film`: what is known of a video. `still`: a GIF that does not move."""

    kind: MediaKind
    mime: str
    content: bytes
    film: Film | None = None
    still: bool = False


def category(kind: MediaKind, *, still: bool = False) -> str:
    """What X calls it. It takes a GIF that stands `still` for the picture that it is, and for nothing else."""
    return CATEGORIES[MediaKind.PHOTO if still else kind]


def check(kind: MediaKind, size: int, seconds: float | None = None) -> None:
    """Whether X takes a file of this kind, size and length. Raises BadMedia."""
    if size > LIMITS[kind]:
        raise BadMedia(Wrong.SIZE, LIMITS[kind])
    if kind is MediaKind.VIDEO and seconds is not None and not SHORTEST_S <= seconds <= LONGEST_S:
        raise BadMedia(Wrong.LENGTH, LONGEST_S, f"{seconds:g}")


def check_together(kinds: Sequence[MediaKind]) -> None:
    """Whether these may stand in one post. Raises BadMedia."""
    if len(kinds) > 1 and any(k is not MediaKind.PHOTO for k in kinds):
        raise BadMedia(Wrong.MIXED)
    if len(kinds) > MOST_PHOTOS:
        raise BadMedia(Wrong.MANY, MOST_PHOTOS)


def check_gif(width: int, height: int, frames: int) -> None:
    """Whether X takes a GIF of this size. Raises BadMedia."""
    if width > GIF_WIDTH or height > GIF_HEIGHT:
        raise BadMedia(Wrong.GIF_SIDES, what=f"{width}×{height}")
    if frames > GIF_FRAMES:
        raise BadMedia(Wrong.GIF_FRAMES, GIF_FRAMES, frames)
    if width * height * frames > GIF_PIXELS:
        raise BadMedia(Wrong.GIF_PIXELS, GIF_PIXELS // 1_000_000, width * height * frames // 1_000_000)


def check_film(film: Film) -> None:
    """Whether X takes such a video, as far as it is known. Raises BadMedia."""
    if film.is_cut:
        raise BadMedia(Wrong.BROKEN)
    if film.codec and film.codec != "AVC":
        raise BadMedia(Wrong.CODEC, what=film.codec)
    if film.seconds is not None and not SHORTEST_S <= film.seconds <= LONGEST_S:
        raise BadMedia(Wrong.LENGTH, LONGEST_S, f"{film.seconds:.1f}".removesuffix(".0"))
    if film.width and film.height:
        _check_sides(film.width, film.height)
    if film.rate is not None and film.rate > MOST_RATE:
        raise BadMedia(Wrong.RATE, 60, round(film.rate))
    if film.colours and film.colours != "4:2:0":
        raise BadMedia(Wrong.COLOURS, what=film.colours)
    if film.scan and film.scan != "Progressive":
        raise BadMedia(Wrong.INTERLACED)
    if film.pixel_ratio is not None and abs(film.pixel_ratio - 1) > 0.01:
        raise BadMedia(Wrong.OBLONG)
    if film.audio and film.audio != "AAC LC":
        raise BadMedia(Wrong.AUDIO, what=film.audio)
    if film.channels is not None and film.channels > 2:
        raise BadMedia(Wrong.CHANNELS, 2, film.channels)


def _check_sides(width: int, height: int) -> None:
    long, short, sides = max(width, height), min(width, height), f"{width}×{height}"
    if short < FILM_LEAST:
        raise BadMedia(Wrong.FILM_TINY, FILM_LEAST, sides)
    if long > FILM_LONG or short > FILM_SHORT:
        raise BadMedia(Wrong.FILM_SIDES, what=sides)
    if long > MOST_RATIO * short:
        raise BadMedia(Wrong.RATIO, MOST_RATIO, sides)
