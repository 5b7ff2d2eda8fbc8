"""What a file is, by its own first bytes: never by its name, nor by what Telegram calls it."""

from engine.media.limits import BadMedia, MediaKind, Wrong

SEEN = 4096  # bytes at the start that are looked at
JPEG, PNG, WEBP, GIF, MP4 = "image/jpeg", "image/png", "image/webp", "image/gif", "video/mp4"
HEIC, AVIF, TIFF, BMP, QUICKTIME = "image/heic", "image/avif", "image/tiff", "image/bmp", "video/quicktime"
_KNOWN = (
    (b"\xff\xd8\xff", 0, MediaKind.PHOTO, JPEG),
    (b"\x89PNG\r\n\x1a\n", 0, MediaKind.PHOTO, PNG),
    (b"WEBP", 8, MediaKind.PHOTO, WEBP),
    (b"GIF8", 0, MediaKind.GIF, GIF),
    (b"II*\0", 0, MediaKind.PHOTO, TIFF),
    (b"MM\0*", 0, MediaKind.PHOTO, TIFF),
    (b"BM", 0, MediaKind.PHOTO, BMP),
)
_OTHERS = (
    (b"\xff\x0a", 0, Wrong.PICTURE, "JPEG XL"),
    (b"\0\0\0\x0cJXL ", 0, Wrong.PICTURE, "JPEG XL"),
    (b"\0\0\0\x0cjP  ", 0, Wrong.PICTURE, "JPEG 2000"),
    (b"\xff\x4f\xff\x51", 0, Wrong.PICTURE, "JPEG 2000"),
    (b"8BPS", 0, Wrong.PICTURE, "Photoshop"),
    (b"\0\0\x01\0", 0, Wrong.PICTURE, "ICO"),
    (b"qoif", 0, Wrong.PICTURE, "QOI"),
    (b"II+\0", 0, Wrong.PICTURE, "BigTIFF"),
    (b"MM\0+", 0, Wrong.PICTURE, "BigTIFF"),
    (b"FUJIFILMCCD-RAW", 0, Wrong.PICTURE, "RAF"),
    (b"IIRO", 0, Wrong.PICTURE, "ORF"),
    (b"IIU\0", 0, Wrong.PICTURE, "RW2"),
    (b"\xd7\xcd\xc6\x9a", 0, Wrong.PICTURE, "WMF"),
    (b"%PDF", 0, Wrong.DOCUMENT, "PDF"),
    (b"%!PS", 0, Wrong.DOCUMENT, "PostScript"),
    (b"{\\rtf", 0, Wrong.DOCUMENT, "RTF"),
    (b"\xd0\xcf\x11\xe0", 0, Wrong.DOCUMENT, "Office"),
    (b"PK\x03\x04", 0, Wrong.PACKED, "ZIP"),
    (b"PK\x05\x06", 0, Wrong.PACKED, "ZIP"),
    (b"Rar!", 0, Wrong.PACKED, "RAR"),
    (b"7z\xbc\xaf", 0, Wrong.PACKED, "7z"),
    (b"\x1f\x8b", 0, Wrong.PACKED, "gzip"),
    (b"BZh", 0, Wrong.PACKED, "bzip2"),
    (b"\xfd7zXZ", 0, Wrong.PACKED, "xz"),
    (b"\x1aE\xdf\xa3", 0, Wrong.FILM, "WebM, Matroska"),
    (b"AVI ", 8, Wrong.FILM, "AVI"),
    (b"FLV\x01", 0, Wrong.FILM, "Flash"),
    (b"FWS", 0, Wrong.FILM, "Flash"),
    (b"CWS", 0, Wrong.FILM, "Flash"),
    (b".RMF", 0, Wrong.FILM, "RealMedia"),
    (b"0&\xb2u\x8ef\xcf\x11", 0, Wrong.FILM, "Windows Media"),
    (b"\0\0\x01\xba", 0, Wrong.FILM, "MPEG"),
    (b"\0\0\x01\xb3", 0, Wrong.FILM, "MPEG"),
    (b"ID3", 0, Wrong.SOUND, "MP3"),
    (b"\xff\xfb", 0, Wrong.SOUND, "MP3"),
    (b"\xff\xf3", 0, Wrong.SOUND, "MP3"),
    (b"\xff\xfa", 0, Wrong.SOUND, "MP3"),
    (b"\xff\xf2", 0, Wrong.SOUND, "MP3"),
    (b"\xff\xf1", 0, Wrong.SOUND, "AAC"),
    (b"\xff\xf9", 0, Wrong.SOUND, "AAC"),
    (b"WAVE", 8, Wrong.SOUND, "WAV"),
    (b"\x80theora", 28, Wrong.FILM, "Ogg"),
    (b"fishead\0", 28, Wrong.FILM, "Ogg"),
    (b"OggS", 0, Wrong.SOUND, "Ogg"),
    (b"fLaC", 0, Wrong.SOUND, "FLAC"),
    (b"#!AMR", 0, Wrong.SOUND, "AMR"),
    (b"AIFF", 8, Wrong.SOUND, "AIFF"),
    (b"AIFC", 8, Wrong.SOUND, "AIFF"),
    (b"caff", 0, Wrong.SOUND, "CAF"),
    (b"MThd", 0, Wrong.SOUND, "MIDI"),
)
_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_AVIF = {b"avif", b"avis"}
_OF_EITHER = {b"mif1", b"mif2", b"msf1", b"miaf", b"MiHE", b"MiHB", b"MiHA", b"MiPr", b"1pic"}
_PACKETS = (
    (0, 188),
    (4, 192),
)  # of MPEG-TS: where the first one's sign stands, and how long each is; a camera's is longer
_OLD_QUICKTIME = {b"moov", b"mdat", b"wide", b"skip", b"pnot"}


def recognised(content: bytes) -> tuple[MediaKind, str]:
    """The kind and the MIME type of a file, by its own first bytes. Raises BadMedia, which says what it is instead."""
    if not content:
        raise BadMedia(Wrong.EMPTY)
    head = content[:SEEN]
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    for sign, at, kind, mime in _KNOWN:
        if head[at : at + len(sign)] == sign:
            return kind, mime
    if head[4:8] in _OLD_QUICKTIME:
        return MediaKind.VIDEO, QUICKTIME
    for sign, at, wrong, name in _OTHERS:
        if head[at : at + len(sign)] == sign:
            raise BadMedia(wrong, what=name)
    if any(
        len(content) > at + 2 * size and head[at] == head[at + size] == head[at + 2 * size] == 0x47
        for at, size in _PACKETS
    ):
        raise BadMedia(Wrong.FILM, what="MPEG-TS")
    raise _written(head)


def _by_brand(head: bytes) -> tuple[MediaKind, str]:
    """What a file of ISO's boxes is: its first box names it, and what else it is like. Raises BadMedia."""
    size = min(int.from_bytes(head[:4], "big"), SEEN)
    major, like = head[8:12], {head[at : at + 4] for at in range(16, size - 3, 4)}
    if major in _AVIF or (major in _OF_EITHER and like & _AVIF):
        return MediaKind.PHOTO, AVIF
    if major in _HEIF or major in _OF_EITHER:
        return MediaKind.PHOTO, HEIC
    if major == b"qt  ":
        return MediaKind.VIDEO, QUICKTIME
    if major in (b"M4A ", b"M4B ", b"M4P "):
        raise BadMedia(Wrong.SOUND, what="M4A")
    if major == b"crx ":
        raise BadMedia(Wrong.PICTURE, what="CR3")
    return MediaKind.VIDEO, MP4


def _written(head: bytes) -> BadMedia:
    """What text it is: a drawing and a page of the web are text, too."""
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    text = head.decode(encoding, "replace").lstrip("\ufeff \t\r\n").lower()
    if not text.startswith("<"):
        return BadMedia(Wrong.KIND)
    if "<svg" in text:
        return BadMedia(Wrong.PICTURE, what="SVG")
    if "<html" in text or text.startswith(("<!doctype html", "<head", "<body", "<script")):
        return BadMedia(Wrong.PAGE)
    return BadMedia(Wrong.KIND)
