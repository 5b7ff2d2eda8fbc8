"""What each kind of file becomes: taken as it is, brought into X's limits, or refused with its reason; by content alone."""

import base64
import random
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from engine.media import MB, BadMedia, MediaKind, category, recognised
from engine.media.fitting import fitted
from engine.media.limits import Film, Fitted, Wrong, check_film, check_gif
from tests import films
from tests.films import film

#: 16×12 pixels, red: nothing that is small enough to be installed makes one.
HEIC = base64.b64decode(
    b"AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAXxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
    b"AAAAAERAAAEAAQAAAAABoAABAAAAAAAAACcAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/Glw"
    b"cnAAAADcaXBjbwAAAHVodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQApQgEBA3AA"
    b"AAMAkAAAAwAAAwAeoCCBBZbqrprm4CGgwIAAAAyAAAADAIRiAAEABkQBwXPBiQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABA"
    b"AAAAQAAAAChjbGFwAAAAEAAAAAEAAAAMAAAAAf///9AAAAAC////zAAAAAIAAAAQcGl4aQAAAAADCAgIAAAAGGlwbWEAAAAAAAAAAQABBYEC"
    b"AwWEAAAAL21kYXQAAAAjKAGvBBITjOD46cJoP91R/FqVtJ7yftCrK+NJn3exGJKp/6A="
)
RED = Image.new("RGB", (64, 48), "red")
JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"


def written(picture: Image.Image, form: str, **more: Any) -> bytes:
    content = BytesIO()
    picture.save(content, form, **more)
    return content.getvalue()


def moving(form: str, frames: int = 2, size: tuple[int, int] = (64, 48)) -> bytes:
    colors = [Image.new("RGB", size, (n * 97 % 256, n // 256 * 99, 99)) for n in range(frames)]
    return written(colors[0], form, save_all=True, append_images=colors[1:], duration=100)


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    size = width * height * len(Image.new(mode, (1, 1)).tobytes())
    return Image.frombytes(mode, (width, height), random.Random(7).randbytes(size))


def turned(form: str) -> bytes:
    exif = Image.Exif()
    exif[274], exif[34853] = 6, {1: "N", 2: (3.0, 27.0, 0.0)}
    return written(RED, form, exif=exif)


def opened(file: Fitted) -> Image.Image:
    picture = Image.open(BytesIO(file.content))
    picture.load()
    return picture


def refused(content: bytes, told: Film | None = None) -> Wrong:
    with pytest.raises(BadMedia) as error:
        fitted(content, told)
    return error.value.reason


# --- taken as they are, or brought into X's limits ----------------------------------------------------------------


def test_what_x_takes_goes_to_it_as_it_is() -> None:
    taken = {
        JPEG: [written(RED, "JPEG"), written(RED.convert("L"), "JPEG"), written(RED, "JPEG", progressive=True),
               written(RED, "MPO", save_all=True, append_images=[RED]), written(RED, "JPEG") + b"whatever follows"],
        PNG: [written(RED, "PNG"), written(RED.convert("P"), "PNG"), written(RED.convert("RGBA"), "PNG"),
              written(RED.convert("1"), "PNG"), written(RED.convert("LA"), "PNG")],
        WEBP: [written(RED, "WEBP"), written(RED.convert("RGBA"), "WEBP", lossless=True)],
        "image/gif": [moving("GIF"), moving("GIF", 350, (8, 8))],
        "video/mp4": [film(), film(audio=films.AAC_LC), film(1280, 720), film(720, 1280), film(rate=60),
                      film(seconds=0.5), film(seconds=140), film(32, 32), film(960, 320), film(audio=2, channels=1)],
        "video/quicktime": [film(brand=b"qt  ")],
    }  # fmt: skip
    for mime, contents in taken.items():
        for content in contents:
            assert (fitted(content).mime, fitted(content).content) == (mime, content)


def test_what_can_be_brought_into_x_s_limits_is() -> None:
    sixteen = Image.new("I;16", (64, 48), 40000)
    brought = [
        (HEIC, JPEG, (16, 12)), (written(RED, "AVIF"), JPEG, (64, 48)), (written(RED, "TIFF"), JPEG, (64, 48)),
        (written(RED, "TIFF", compression="tiff_lzw"), JPEG, (64, 48)), (written(RED, "BMP"), PNG, (64, 48)),
        (written(RED.convert("CMYK"), "JPEG"), JPEG, (64, 48)), (written(RED.convert("CMYK"), "TIFF"), JPEG, (64, 48)),
        (turned("JPEG"), JPEG, (48, 64)), (turned("PNG"), PNG, (48, 64)), (turned("WEBP"), JPEG, (48, 64)),
        (written(Image.new("RGB", (9000, 90), "red"), "JPEG"), JPEG, (4096, 41)),
        (written(Image.new("RGB", (90, 9000), "red"), "PNG"), PNG, (41, 4096)),
    ]  # fmt: skip
    for content, mime, size in brought:
        file = fitted(content)
        picture = opened(file)
        assert (file.kind, file.mime, picture.size) == (MediaKind.PHOTO, mime, size)
        red, green, blue = picture.convert("RGB").getpixel((2, 2))  # type: ignore[misc]
        assert red > 240
        assert max(green, blue) < 40
        assert not picture.getexif(), "where it was taken is nobody's business"
    for deep in (written(sixteen, "PNG"), written(sixteen, "TIFF")):
        assert opened(fitted(deep)).convert("L").getpixel((2, 2)) in (155, 156), "as bright as it was"
    assert opened(fitted(written(Image.new("F", (9, 9), 0.5), "TIFF"))).mode == "L"


def test_a_photo_of_too_many_bytes_is_made_smaller() -> None:
    big = written(noise(1350, 1250), "PNG")
    assert len(big) > 5 * MB
    file = fitted(big)
    assert (file.mime, len(file.content) <= 5 * MB, opened(file).size) == (JPEG, True, (1350, 1250))
    through = fitted(written(noise(1180, 1100, "RGBA"), "PNG"))
    assert (through.mime, opened(through).mode) == (JPEG, "RGB")


def test_a_gif_that_stands_still_goes_as_the_picture_that_it_is() -> None:
    content = written(RED, "GIF")
    still, moves = fitted(content), fitted(moving("GIF"))
    assert (still.kind, still.mime, still.content) == (MediaKind.GIF, "image/gif", content)
    assert [category(file.kind, still=file.still) for file in (still, moves)] == ["tweet_image", "tweet_gif"]
    assert refused(content[:-20]) is Wrong.BROKEN


# --- refused ------------------------------------------------------------------------------------------------------


def others() -> Iterator[tuple[Wrong, bytes]]:
    """What is no picture and no video that X takes, whatever it is called."""
    yield Wrong.EMPTY, b""
    for head in (b"\xff\x0a", b"\0\0\0\x0cJXL \r\n", b"\0\0\0\x0cjP  \r\n", b"8BPS\0", b"\0\0\1\0\1", b"II+\0",
                 b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", b"<svg>", b"\xef\xbb\xbf <SVG>",
                 b"<!-- drawn -->\n<svg>", "<svg/>".encode("utf-16"), b"\0\0\0\x18ftypcrx "):  # fmt: skip
        yield Wrong.PICTURE, head
    for head in (b"%PDF-1.7", b"%!PS-Adobe", b"{\\rtf1", b"\xd0\xcf\x11\xe0\xa1\xb1"):
        yield Wrong.DOCUMENT, head
    for head in (b"<!DOCTYPE html>", b"<html>", b"\n <HTML lang='es'>", b"<head>", b"<!-- a --><html>"):
        yield Wrong.PAGE, head
    for head in (b"PK\x03\x04", b"Rar!\x1a", b"7z\xbc\xaf", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0"):
        yield Wrong.PACKED, head
    for head in (b"ID3\4", b"\xff\xfb\x90", b"RIFF\0\0\0\0WAVEfmt ", b"OggS\0", b"fLaC\0", b"#!AMR\n", b"MThd", b"\xff\xfa\x90", b"\xff\xf2\x90", b"FORM\0\0\0\0AIFF", b"caff\0",
                 b"\0\0\0\x18ftypM4A "):  # fmt: skip
        yield Wrong.SOUND, head
    for head in (b"\x1aE\xdf\xa3", b"RIFF\0\0\0\0AVI LIST", b"FLV\1", b"0&\xb2u\x8ef\xcf\x11", b"\0\0\1\xba",
                 (b"G" + bytes(187)) * 3, (bytes(4) + b"G" + bytes(187)) * 3, b"FWS\5", b".RMF\0",
                 b"OggS" + bytes(24) + b"\x80theora"):  # fmt: skip
        yield Wrong.FILM, head
    for head in (b"hola", b"{}", b"\0" * 99, b"a,b\n1,2", b"<rss>", bytes(range(256))):
        yield Wrong.KIND, head


def test_what_is_no_picture_and_no_video_is_named() -> None:
    for reason, content in others():
        with pytest.raises(BadMedia) as error:
            recognised(content)
        assert error.value.reason is reason, content


def test_a_file_that_is_cut_or_damaged_is_refused() -> None:
    whole = [written(noise(200, 150), form) for form in ("JPEG", "PNG", "WEBP", "AVIF", "BMP", "TIFF")]
    cut = [content[: len(content) // 2] for content in whole] + [content[:40] for content in whole]
    cut += [HEIC[:-60], HEIC[:80], moving("GIF")[:-20], film()[:-300], film()[:500], film()[:20]]
    cut += [whole[1][:-12], whole[1][:60] + b"damaged" + whole[1][67:]]
    assert {refused(content) for content in cut} == {Wrong.BROKEN}


def test_what_is_small_in_bytes_and_vast_in_pixels_is_never_opened() -> None:
    assert refused(written(Image.new("1", (9500, 9500)), "TIFF", compression="group4")) is Wrong.HUGE
    assert refused(written(Image.new("1", (14000, 14000)), "PNG")) is Wrong.HUGE


def test_pictures_that_x_would_show_but_in_part_are_refused() -> None:
    assert [refused(moving(form)) for form in ("PNG", "WEBP", "AVIF")] == [Wrong.MOVES] * 3
    assert refused(moving("TIFF")) is Wrong.PAGES
    for long in ((9000, 4), (4, 12000)):  # what X shows of it would be less than X takes
        assert refused(written(Image.new("RGB", long), "PNG")) is Wrong.TINY
    assert refused(written(Image.new("RGB", (3, 99)), "PNG")) is Wrong.TINY
    preview = written(RED, "TIFF", tiffinfo={254: 1})
    assert refused(preview) is Wrong.PICTURE, "of what a camera's sensor saw"


def test_gifs_out_of_x_s_limits_are_refused() -> None:
    assert refused(moving("GIF", 400, (8, 8))) is Wrong.GIF_FRAMES
    assert refused(moving("GIF", 2, (1300, 8))) is Wrong.GIF_SIDES
    assert refused(moving("GIF", 2, (8, 1090))) is Wrong.GIF_SIDES
    with pytest.raises(BadMedia, match="gif_pixels"):
        check_gif(1280, 1080, 300)
    check_gif(1280, 1080, 217)


def test_videos_out_of_x_s_limits_are_refused() -> None:
    out: list[tuple[bytes, Wrong]] = [
        (film(seconds=141), Wrong.LENGTH), (film(seconds=0.4), Wrong.LENGTH), (film(30, 60), Wrong.FILM_TINY),
        (film(3840, 2160), Wrong.FILM_SIDES), (film(1400, 1300), Wrong.FILM_SIDES), (film(1000, 320), Wrong.RATIO),
        (film(320, 1000), Wrong.RATIO), (film(rate=120), Wrong.RATE), (film(codec=b"hvc1"), Wrong.CODEC),
        (film(codec=b"av01"), Wrong.CODEC), (film(codec=b"vp09"), Wrong.CODEC), (film(codec=b"mp4v"), Wrong.CODEC),
        (film(chroma=3), Wrong.COLOURS), (film(chroma=2), Wrong.COLOURS), (film(squeezed=2), Wrong.OBLONG),
        (film(audio=films.HE_AAC), Wrong.AUDIO), (film(audio=films.AAC_LC, channels=6), Wrong.CHANNELS),
    ]  # fmt: skip
    assert [refused(content) for content, _ in out] == [reason for _, reason in out]
    with pytest.raises(BadMedia, match="interlaced"):
        check_film(Film(640, 480, 5, 30, scan="MBAFF"))
    assert refused(film() + bytes(20 * MB)) is Wrong.SIZE
    phone = fitted(film(1920, 1080)).film
    assert phone is not None
    assert not phone.is_promised
    assert replace(phone, width=720, height=1280).is_promised


def test_what_telegram_shows_as_a_video_counts_where_the_file_can_t_be_read() -> None:
    stub = b"\0\0\0\x18ftypmp42" + b"moving" * 100
    assert refused(stub) is Wrong.BROKEN
    assert fitted(stub, Film(640, 480, 5)).mime == "video/mp4"
    assert refused(stub, Film(640, 100, 5)) is Wrong.RATIO
    assert refused(film(rate=120), Film(640, 480, 5)) is Wrong.RATE, "the file comes first"


def test_nothing_that_anybody_sends_raises_anything_else() -> None:
    dice = random.Random(7)
    whole = [written(RED, form) for form in ("JPEG", "PNG", "WEBP", "AVIF", "BMP", "TIFF")]
    for content in [*whole, moving("GIF"), moving("PNG"), HEIC, film(audio=films.AAC_LC), turned("JPEG")]:
        for _ in range(20):
            damaged = bytearray(content)
            for _ in range(dice.randrange(1, 9)):
                damaged[dice.randrange(len(damaged))] = dice.randrange(256)
            try:
                fitted(bytes(damaged), Film(640, 480, 5))
            except BadMedia:
                continue
