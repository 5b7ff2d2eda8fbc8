"""Videos of a few hundred bytes, for who reads what they say of themselves: boxes of ISO 14496-12 around no pictures."""

import struct

AAC_LC, HE_AAC = 2, 5


def film(
    width: int = 640,
    height: int = 480,
    seconds: float = 5,
    rate: int = 30,
    *,
    codec: bytes = b"avc1",
    brand: bytes = b"isom",
    chroma: int = 1,
    progressive: bool = True,
    squeezed: int = 1,
    audio: int | None = None,
    channels: int = 2,
    rest: int = 600,
) -> bytes:
    """An MP4. `chroma`: 1 is 4:2:0, 3 is 4:4:4. `squeezed`: how much wider a pixel is than high. `rest`: of its data."""
    frames, whole = max(1, round(seconds * rate)), round(seconds * 1000)
    sps = _sps(width, height, chroma, progressive=progressive)
    config = b"\x01" + sps[1:4] + b"\xff\xe1" + struct.pack(">H", len(sps)) + sps + b"\x01\x00\x04\x68\xce\x3c\x80"
    boxes = _box(b"avcC", config) if codec == b"avc1" else b""
    if squeezed != 1:
        boxes += _box(b"pasp", struct.pack(">II", squeezed, 1))
    entry = bytes(6) + b"\0\1" + bytes(16) + struct.pack(">HH", width, height) + b"\0\x48\0\0" * 2 + bytes(4)
    entry += b"\0\1" + bytes(32) + b"\0\x18\xff\xff" + boxes
    tracks = _track(1, b"vide", _box(codec, entry), width, height, whole, rate * 1000, frames, 1000)
    if audio is not None:
        sound = bytes(6) + b"\0\1" + bytes(8) + struct.pack(">HH", channels, 16) + bytes(4)
        sound += struct.pack(">I", 44100 << 16) + _esds(audio, channels)
        tracks += _track(2, b"soun", _box(b"mp4a", sound), 0, 0, whole, 44100, round(seconds * 43), 1024)
    moov = _box(b"moov", _full(b"mvhd", struct.pack(">4I", 0, 0, 1000, whole) + _MATRIX_OF_FILM) + tracks)
    return _box(b"ftyp", brand + bytes(4) + brand) + moov + _box(b"mdat", bytes(rest))


_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_MATRIX_OF_FILM = b"\0\1\0\0\1\0" + bytes(10) + _MATRIX + bytes(24) + b"\0\0\0\3"


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + name + content


def _full(name: bytes, content: bytes) -> bytes:
    return _box(name, bytes(4) + content)


def _track(
    number: int, handler: bytes, entry: bytes, width: int, height: int, ms: int, scale: int, frames: int, each: int
) -> bytes:
    head = struct.pack(">5I", 0, 0, number, 0, ms) + bytes(16) + _MATRIX + struct.pack(">II", width << 16, height << 16)
    table = _full(b"stsd", struct.pack(">I", 1) + entry) + _full(b"stts", struct.pack(">3I", 1, frames, each))
    table += _full(b"stsc", struct.pack(">4I", 1, 1, frames, 1)) + _full(b"stsz", struct.pack(">2I", 1, frames))
    table += _full(b"stco", struct.pack(">2I", 1, 0))
    media = _full(b"mdhd", struct.pack(">4I", 0, 0, scale, frames * each) + bytes(4))
    media += _full(b"hdlr", bytes(4) + handler + bytes(13))
    return _box(b"trak", _full(b"tkhd", head) + _box(b"mdia", media + _box(b"minf", _box(b"stbl", table))))


def _esds(profile: int, channels: int) -> bytes:
    config = struct.pack(">H", profile << 11 | 4 << 7 | channels << 3)
    inner = b"\x04" + bytes([13 + 2 + len(config)]) + b"\x40\x15" + bytes(11) + b"\x05" + bytes([len(config)]) + config
    return _full(b"esds", b"\x03" + bytes([3 + len(inner)]) + bytes(3) + inner)


def _sps(width: int, height: int, chroma: int, *, progressive: bool) -> bytes:
    """What H.264 says of its pictures: profile, colors, and size in blocks of 16."""
    high = {1: 100, 2: 122, 3: 244}[chroma]
    bits = f"{high:08b}{0:08b}{30:08b}" + _golomb(0) + _golomb(chroma) + ("0" if chroma == 3 else "")
    bits += _golomb(0) + _golomb(0) + "00" + _golomb(0) + _golomb(0) + _golomb(0) + _golomb(1) + "0"
    rows = -(-height // 16) if progressive else -(-height // 32)
    bits += _golomb(-(-width // 16) - 1) + _golomb(rows - 1) + ("1" if progressive else "00") + "1" + "0" + "0" + "1"
    bits += "0" * (-len(bits) % 8)
    return b"\x67" + int(bits, 2).to_bytes(len(bits) // 8, "big")


def _golomb(number: int) -> str:
    bits = f"{number + 1:b}"
    return "0" * (len(bits) - 1) + bits
