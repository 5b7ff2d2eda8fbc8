"""Pictures, opened by Pillow and brought into X's limits: another format, fewer pixels, upright. Or refused.

Only who is sent a picture pays for the libraries. Nothing is opened that has more pixels than cameras make, and nothing
is opened whole that need not be: what X takes as it is, is only looked through for whether it is all there.
"""

import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import BytesIO
from typing import TYPE_CHECKING

from engine.media import signs
from engine.media.limits import (
    LEAST_SIDE,
    LIMITS,
    MOST_SIDE,
    BadMedia,
    Fitted,
    MediaKind,
    Wrong,
    check,
    check_gif,
)

if TYPE_CHECKING:
    from PIL import Image

OPENED = 68_000_000  # pixels of a file that is opened at all: X's most, both ways
WHOLE = 26_000_000  # pixels that are held at once: what a phone's camera makes of its own
WHOLE_WEBP = 16_000_000  # its reader needs 16 bytes for each
MUCH = 4_000_000  # pixels that are opened one file after the other
DRAWN = 1_500_000  # pixels of what may stay without loss; larger ones are seldom small enough
SHOWN_SIDE = 4096  # X shows no more of it
QUALITIES = ((92, 1.0), (85, 1.0), (75, 1.0), (75, 0.75), (75, 0.5), (70, 0.25))
FORMATS = {
    signs.JPEG: "JPEG", signs.PNG: "PNG", signs.WEBP: "WEBP", signs.GIF: "GIF", signs.HEIC: "HEIF", signs.AVIF: "AVIF",
    signs.TIFF: "TIFF", signs.BMP: "BMP",
}  # fmt: skip
AS_THEY_ARE = {
    signs.JPEG: {"L", "RGB"},
    signs.PNG: {"1", "L", "LA", "P", "PA", "RGB", "RGBA"},
    signs.WEBP: {"RGB", "RGBA", "RGBX"},
    signs.GIF: {"L", "P", "RGB", "RGBA"},  # one that stands still
}
BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError, AttributeError, RuntimeError,
    struct.error, MemoryError,
)  # fmt: skip
ORIENTATION, SUBFILE, DNG_VERSION = 274, 254, 50706


@contextmanager
def _readable(mime: str) -> Iterator[None]:
    """Open what a stranger made. Raises BadMedia where it can't be opened, whatever the library says to it."""
    from PIL import Image

    try:
        yield
    except BadMedia:
        raise
    except Image.DecompressionBombError:
        raise BadMedia(Wrong.HUGE) from None
    except ImportError:  # of a platform for which its reader is not made
        raise BadMedia(Wrong.PICTURE, what=FORMATS[mime]) from None
    except BROKEN:
        raise BadMedia(Wrong.BROKEN) from None


def fitted(content: bytes, mime: str, alone: AbstractContextManager[object]) -> Fitted:
    """The picture as X takes it; `alone` is entered for one that needs much memory. Raises BadMedia."""
    with _readable(mime):
        picture = _opened(content, mime)
        width, height = picture.size
        if width * height > OPENED:
            raise BadMedia(Wrong.HUGE, what=f"{width}×{height}")
        if min(width, height) < LEAST_SIDE:
            raise BadMedia(Wrong.TINY, LEAST_SIDE, f"{width}×{height}")
        frames = _frames(picture, mime)
        if mime == signs.GIF and frames > 1:
            _check_gif(picture, content, frames)
            return Fitted(MediaKind.GIF, mime, content)
        if frames > 1:
            raise BadMedia(Wrong.PAGES if mime == signs.TIFF else Wrong.MOVES, what=frames)
        if mime == signs.TIFF and _is_raw(picture, content):
            raise BadMedia(Wrong.PICTURE, what="RAW")
        taken, still = _is_taken(picture, content, mime), mime == signs.GIF
        much = width * height > MUCH and not (taken and mime in (signs.JPEG, signs.PNG))
        with alone if much else nullcontext():
            if not taken:
                return Fitted(MediaKind.PHOTO, *_made_anew(picture, mime))
            _look_through(picture, content, mime)
            return Fitted(MediaKind.GIF if still else MediaKind.PHOTO, mime, content, still=still)


def _opened(content: bytes, mime: str) -> "Image.Image":
    """By its header alone, and only by the reader of what it is."""
    from PIL import Image

    if mime == signs.HEIC:
        import pi_heif

        pi_heif.register_heif_opener()
    return Image.open(BytesIO(content), formats=(FORMATS[mime],))


def _frames(picture: "Image.Image", mime: str) -> int:
    """Pictures in it that follow each other. What else a photo of a phone brings along is none of them."""
    return 1 if mime in (signs.JPEG, signs.HEIC) else int(getattr(picture, "n_frames", 1))


def _check_gif(picture: "Image.Image", content: bytes, frames: int) -> None:
    check(MediaKind.GIF, len(content))
    check_gif(*picture.size, frames)
    if content.rstrip(b"\0\r\n ").endswith(b";"):
        return
    for number in range(frames):  # it has no end of its own: whether the last picture is all there shows only so
        picture.seek(number)
        picture.load()


def _is_raw(picture: "Image.Image", content: bytes) -> bool:
    """Whether it is what a camera's sensor saw: the picture that opens is but a small preview of it."""
    tags = getattr(picture, "tag_v2", {})
    return content[8:10] == b"CR" or DNG_VERSION in tags or bool(int(tags.get(SUBFILE, 0)) & 1)


def _is_taken(picture: "Image.Image", content: bytes, mime: str) -> bool:
    """Whether X takes it as it is, and shows it as it was meant."""
    deep = mime == signs.PNG and content[24:25] == b"\x10"  # 16 bits a color
    return (
        picture.mode in AS_THEY_ARE.get(mime, ())
        and not deep
        and max(picture.size) <= MOST_SIDE
        and len(content) <= LIMITS[MediaKind.PHOTO]
        and _is_upright(picture, mime)
    )


def _is_upright(picture: "Image.Image", mime: str) -> bool:
    if mime in (signs.PNG, signs.GIF) and "exif" not in picture.info:
        return True  # else the whole picture would be read in search of it
    return picture.getexif().get(ORIENTATION, 1) in (0, 1)


def _look_through(picture: "Image.Image", content: bytes, mime: str) -> None:
    """Whether all of it is there. Raises what the library raises."""
    if mime == signs.PNG:
        _opened(content, mime).verify()
    elif mime == signs.WEBP and int.from_bytes(content[4:8], "little") + 8 > len(content):
        raise BadMedia(Wrong.BROKEN)
    elif mime == signs.WEBP and picture.width * picture.height > WHOLE_WEBP:
        return
    else:
        picture.draft("RGB", (1, 1))  # a JPEG is read to its end in an eighth of its size
        picture.load()


def _made_anew(picture: "Image.Image", mime: str) -> tuple[str, bytes]:
    """Upright, in 8 bits a color, not larger than X shows it, and without what it tells of its place."""
    from PIL import ImageOps

    picture.draft("RGB", (SHOWN_SIDE, SHOWN_SIDE))
    if picture.width * picture.height > (WHOLE_WEBP if mime == signs.WEBP else WHOLE):
        raise BadMedia(Wrong.HUGE, what=f"{picture.width}×{picture.height}")
    if min(picture.size) * SHOWN_SIDE < (LEAST_SIDE - 0.5) * max(picture.size):  # it would be too narrow afterwards
        raise BadMedia(Wrong.TINY, LEAST_SIDE, f"{picture.width}×{picture.height}")
    profile = picture.info.get("icc_profile") if picture.mode in ("RGB", "RGBA", "L", "LA") else None
    picture.load()
    picture.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    picture = _in_eight_bits(ImageOps.exif_transpose(picture))
    drawn = picture.mode in ("LA", "RGBA") or mime in (signs.PNG, signs.GIF, signs.BMP)
    if drawn and picture.width * picture.height <= DRAWN:
        made = _written(lambda to: picture.save(to, "PNG", icc_profile=profile))
        if len(made) <= LIMITS[MediaKind.PHOTO]:
            return signs.PNG, made
    picture = _on_white(picture)
    for quality, scale in QUALITIES:
        smaller = picture
        if scale < 1:
            smaller = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
        made = _written(lambda to: smaller.save(to, "JPEG", quality=quality, icc_profile=profile))  # noqa: B023
        if len(made) <= LIMITS[MediaKind.PHOTO]:
            return signs.JPEG, made
    raise BadMedia(Wrong.SIZE, LIMITS[MediaKind.PHOTO])


def _in_eight_bits(picture: "Image.Image") -> "Image.Image":
    """In gray or in color, maybe with what can be seen through; what is brighter than 8 bits tell is scaled down."""
    if picture.mode in ("L", "RGB", "LA", "RGBA"):
        return picture
    if picture.mode == "I;16":
        return picture.point(lambda value: value * (1 / 257)).convert("L")
    if picture.mode in ("I", "F", "I;16B", "I;16L", "I;16N"):
        return _scaled(picture)
    if picture.mode in ("P", "PA", "La", "RGBa") or "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _scaled(picture: "Image.Image") -> "Image.Image":
    """Between its darkest and its brightest."""
    measured = picture.convert("F")
    low, high = (float(value) for value in measured.getextrema())  # type: ignore[arg-type]
    scale = 255 / (high - low) if high > low else 1.0
    return measured.point(lambda value: value * scale + -low * scale).convert("L")


def _on_white(picture: "Image.Image") -> "Image.Image":
    from PIL import Image

    if picture.mode not in ("LA", "RGBA"):
        return picture
    shown = picture.convert("RGBA")
    white = Image.new("RGBA", shown.size, "white")
    white.alpha_composite(shown)
    return white.convert("RGB")


def _written(save: Callable[[BytesIO], None]) -> bytes:
    content = BytesIO()
    save(content)
    return content.getvalue()
