"""Files that a person sends to be shown, as they come from Telegram: what is taken, and each refusal with what helps."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from bot.chat.language import Speaker
from bot.chat.reasons import why
from bot.publishing.attachments import WHY
from engine.media import MediaKind
from engine.media.limits import Wrong
from models.publishing import threads
from models.publishing.drafts import DraftRow
from models.publishing.media import Media, Upload, UploadStatus
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import posts
from tests.bot.pictures import VIDEO, animation, photo
from tests.engine.test_media import HEIC, RED, moving, written
from tests.films import film

BIG = 20_000_001


def kept() -> list[tuple[str, str]]:
    return [(row.kind.value, row.mime) for row in Media.select().order_by(Media.id)]


async def test_what_was_sent_is_told_by_its_content_and_never_by_its_name(ana: Conversation) -> None:
    for name, content, sign in (
        ("IMG_0042.HEIC", HEIC, "🖼"), ("plaza.avif", written(RED, "AVIF"), "🖼"), ("escaneo.tif", written(RED, "TIFF"), "🖼"),
        ("dibujo.bmp", written(RED, "BMP"), "🖼"), ("video.mp4", photo("blue"), "🖼"), ("foto.jpg", film(), "🎬"),
        ("sin-nombre", photo("green"), "🖼"), ("plaza.bin", film(), "🎬"), ("documento.pdf", photo("red"), "🖼"),
        ("lluvia.png", moving("GIF"), "🎞"), ("IMG_0042.MOV", film(brand=b"qt  "), "🎬"),
    ):  # fmt: skip
        await ana.sends(name, content, f"/post {name}", as_document=True)
        ana.reads(f"\n{name}\n.*{sign}")
    assert kept() == [
        *[("photo", "image/jpeg")] * 3, ("photo", "image/png"), ("photo", "image/png"), ("video", "video/mp4"),
        ("photo", "image/png"), ("video", "video/mp4"), ("photo", "image/png"), ("gif", "image/gif"),
        ("video", "video/quicktime"),
    ]  # fmt: skip


async def test_stickers_round_videos_and_live_photos_are_shown_too(ana: Conversation) -> None:
    await ana.sends("gato.webp", written(RED, "WEBP"), shape="sticker")
    ana.reads("🖼")
    await ana.sends("saludo.mp4", film(480, 480), shape="video_note", width=480, height=480)
    ana.reads("🎬")
    await ana.sends("viva.jpg", photo("red"), "La plaza", shape="live_photo")
    ana.reads("La plaza.*🖼")
    await ana.sends("gato.webm", b"\x1aE\xdf\xa3", shape="sticker", moves=True)
    ana.reads("no muestra stickers que se mueven", "can't show a sticker that moves")
    assert [kind for kind, _ in kept()] == ["photo", "video", "photo"]


def refused() -> list[tuple[str, bytes, str, str]]:
    """Made when they are asked for: some take long to draw."""
    return [
        ("page.png", b"<!DOCTYPE html><html>", "es una página web.*captura", "is a web page.*screenshot"),
        ("fotos.jpg", b"PK\x03\x04fotos", "archivo comprimido \\(ZIP\\)", "an archive \\(ZIP\\)"),
        ("nada.png", b"", "está vacío", "is empty"),
        ("logo.svg", b"<svg xmlns='x'/>", "tipo de imagen \\(SVG\\).*como foto", "kind of picture \\(SVG\\).*as a photo"),
        ("foto.jxl", b"\xff\x0a\0\0", "imagen \\(JPEG XL\\)", "picture \\(JPEG XL\\)"),
        ("aviso.pdf", b"%PDF-1.7", "documentos \\(PDF\\).*captura", "document \\(PDF\\).*screenshot"),
        ("cortada.jpg", written(RED.resize((200, 200)), "JPEG")[:400], "cortado o dañado.*como foto", "cut or damaged.*as a photo"),
        ("cortado.mp4", film()[:-400], "cortado o dañado", "cut or damaged"),
        ("anim.webp", moving("WEBP"), "la primera imagen.*GIF", "the first picture.*GIF"),
        ("anim.png", moving("PNG"), "la primera imagen", "the first picture"),
        ("hojas.tif", moving("TIFF"), "hay 2 imágenes", "are 2 pictures"),
        ("punto.png", written(RED.resize((2, 2)), "PNG"), "demasiado pequeña.*2×2.*4×4", "too small.*2×2.*4×4"),
        ("vasta.png", written(Image.new("1", (9500, 9500)), "PNG"), "más píxeles.*como foto", "more pixels.*as a photo"),
        ("largo.gif", moving("GIF", 400, (8, 8)), "tiene 400 imágenes, y X acepta 350", "has 400 pictures, and X takes 350"),
        ("ancho.gif", moving("GIF", 2, (1300, 8)), "demasiado grande.*1300×8", "too large.*1300×8"),
        ("clip.webm", b"\x1aE\xdf\xa3", "tipo de video \\(WebM.*como video", "kind of video \\(WebM.*as a video"),
        ("clip.mov", film(codec=b"hvc1"), "\\(HEVC\\): acepta H.264", "\\(HEVC\\): it takes H.264"),
        ("clip.mp4", film(seconds=150), "hasta 140 segundos, y ese dura 150", "up to 140 seconds, and that one lasts 150"),
        ("clip.mp4", film(seconds=0.3), "medio segundo.*dura 0.3", "half a second.*lasts 0.3"),
        ("clip.mp4", film(3840, 2160), "3840×2160.*1280×720", "3840×2160.*1280×720"),
        ("clip.mp4", film(1200, 300), "alargado.*1200×300", "long and narrow.*1200×300"),
        ("clip.mp4", film(rate=120), "120 imágenes por segundo", "120 pictures a second"),
        ("clip.mp4", film(audio=5), "el sonido.*AAC", "the sound.*AAC"),
        ("voz.m4a", b"\0\0\0\x18ftypM4A ", "solo sonido", "sound alone"),
    ]  # fmt: skip


async def test_what_x_does_not_take_is_refused_when_it_is_sent_with_what_helps(ana: Conversation) -> None:
    for name, content, spanish, english in refused():
        await ana.sends(name, content, as_document=True)
        ana.reads(spanish, english)
    assert (kept(), DraftRow.select().count()) == ([], 0)


def test_each_reason_has_a_sentence() -> None:
    assert set(WHY) == set(Wrong) - {Wrong.MIXED, Wrong.MANY}


async def test_a_file_that_telegram_does_not_give_is_refused_with_what_helps(ana: Conversation) -> None:
    for shape in ("video", "document", "video_note"):
        await ana.sends("largo.mp4", film() + bytes(BIG), shape=shape)
        ana.reads("como mucho 20 MB.*como foto o video", "at most 20 MB.*as a photo or a video")
    smaller = film(854, 480)
    file_id = ana.keeps_at_telegram("480.mp4", smaller)
    quality = {
        "file_id": file_id,
        "file_unique_id": "a",
        "width": 854,
        "height": 480,
        "codec": "h264",
        "file_size": len(smaller),
    }
    unplayable = {**quality, "file_id": "nowhere", "codec": "h265"}
    await ana.sends("largo.mp4", film() + bytes(BIG), shape="video", qualities=[unplayable, quality])
    ana.reads("🎬")
    assert Media.get().size == len(smaller)


async def test_a_video_larger_than_x_promises_to_take_is_taken_with_a_warning(ana: Conversation) -> None:
    await ana.sends("clip.mp4", film(1920, 1080), "El video", width=1920, height=1080)
    ana.reads("mide 1920×1080.*1280×720.*El video.*🎬", "is 1920×1080.*1280×720.*El video.*🎬")
    await ana.sends("clip.mp4", film(720, 1280), "Otro", width=720, height=1280)
    assert "1280" not in ana.reads("Otro.*🎬").text


async def test_files_that_are_lists_are_still_files(ana: Conversation) -> None:
    for name, content in (("lista.csv", "a,b\n"), ("lista.xlsx", b"PK\x03\x04xl"), ("lista", b"hola")):
        await ana.sends(name, content, as_document=True)
        ana.reads("/import")
    await ana.types("/import triggers")
    await ana.sends("foto.jpg", photo("red"))
    ana.reads("espero un archivo", "wait for a file")


# --- albums ---------------------------------------------------------------------------------------------------------


async def test_what_does_not_fit_into_an_album_is_told_once_in_its_draft(ana: Conversation) -> None:
    ana.attaches("0.png", photo("red"), "La fiesta", album="a")
    ana.attaches("1.mp4", VIDEO, album="a")
    ana.attaches("2.png", photo("blue"), album="a")
    ana.attaches("3.mp4", VIDEO, album="a")
    await ana.goes_on()
    assert len(ana.answers) == 1
    ana.reads("La fiesta.*🖼[^🖼🎬]*🖼.*2 del álbum quedan fuera", "La fiesta.*🖼[^🖼🎬]*🖼.*2 of the album are left out")


@pytest.mark.parametrize("first", [MediaKind.VIDEO, MediaKind.GIF, MediaKind.PHOTO])
async def test_an_album_holds_what_x_takes_together(ana: Conversation, first: MediaKind) -> None:
    name, content, most = {
        MediaKind.VIDEO: ("0.mp4", VIDEO, 1), MediaKind.GIF: ("0.gif", moving("GIF"), 1), MediaKind.PHOTO: ("0.png", photo("red"), 4),
    }[first]  # fmt: skip
    ana.attaches(name, content, "La fiesta", album="a")
    for number in range(1, 6):
        ana.attaches(f"{number}.png", photo("blue"), album="a")
    await ana.goes_on()
    assert len(ana.answers) == 1
    assert ana.reads(f"{6 - most} del álbum", f"{6 - most} of the album").text.count("\n🖼") == (4 if most == 4 else 0)


async def test_a_photo_is_stored_as_x_takes_it(ana: Conversation) -> None:
    exif = Image.Exif()
    exif[274] = 6
    await ana.sends("de-lado.jpg", written(RED, "JPEG", exif=exif), as_document=True)
    ana.reads("🖼")
    stored = Image.open(BytesIO(bytes(Media.get().content)))
    assert (stored.size, dict(stored.getexif())) == ((48, 64), {})
    await ana.sends("quieto.gif", animation())
    ana.reads("🎞")


async def test_a_description_is_no_longer_than_x_takes_however_it_comes(ana: Conversation) -> None:
    await ana.sends("plaza.png", photo("blue"), "La plaza")
    number = Media.get().id
    await ana.types(f"/post Hola\n[photo {number}: {'x' * 1001}]")
    ana.reads("como mucho 1000 caracteres", "at most 1000 characters")
    await ana.types(f"/post Hola\n[photo {number}: {'x' * 1000}]")
    ana.reads("Hola.*🖼")


# --- what became of it at X -----------------------------------------------------------------------------------------


def test_why_a_file_was_not_shown_is_told_in_x_s_own_words() -> None:
    assert "no puede usar ese tipo de archivo" in why(
        Speaker("es"), "bad_media", detail="file is currently unsupported"
    )
    assert "X says: «Frame 7 &amp; 8»" in why(Speaker("en"), "bad_media", detail="Frame 7 & 8")
    assert why(Speaker("en"), "bad_media") == "X can't use what it shows"


async def test_a_description_that_x_did_not_take_is_told_with_the_post(ana: Conversation) -> None:
    await ana.sends("plaza.png", photo("blue"), "La plaza hoy")
    await ana.taps("Publicar ya", "Post now")
    Upload.update(status=UploadStatus.READY, undescribed=True, expires_at=now() + timedelta(days=1)).execute()
    threads.release(now())
    posts()
    await ana.is_told("no aceptó la descripción de 1 foto", "did not take the description of 1 photo")
