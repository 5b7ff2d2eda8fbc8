"""The little of CBOR that a realm of the keys' backup speaks: numbers, texts, bytes, and maps of them."""

from typing import Any

NUMBER, BYTES, TEXT, MAP = 0, 2, 3, 5


def packed(value: Any) -> bytes:
    """Raises TypeError for what is none of these."""
    if isinstance(value, int):
        return _head(NUMBER, value)
    if isinstance(value, bytes):
        return _head(BYTES, len(value)) + value
    if isinstance(value, str):
        return _head(TEXT, len(raw := value.encode())) + raw
    if isinstance(value, dict):
        return _head(MAP, len(value)) + b"".join(packed(part) for pair in value.items() for part in pair)
    raise TypeError(type(value).__name__)


def unpacked(raw: bytes) -> Any:
    """Raises ValueError for what is none of these, or not whole."""
    value, rest = _taken(raw)
    if rest:
        raise ValueError("more than one value")
    return value


def _head(kind: int, number: int) -> bytes:
    for code, size in ((None, 0), (24, 1), (25, 2), (26, 4), (27, 8)):
        if code is None and number < 24:
            return bytes([kind << 5 | number])
        if code is not None and number < 1 << 8 * size:
            return bytes([kind << 5 | code]) + number.to_bytes(size, "big")
    raise ValueError(number)


def _taken(raw: bytes) -> tuple[Any, bytes]:
    """The first value, and what stands behind it."""
    if not raw:
        raise ValueError("not whole")
    kind, number, raw = raw[0] >> 5, raw[0] & 31, raw[1:]
    if number >= 24:
        size = 1 << number - 24 if number < 28 else 0
        if not size or len(raw) < size:
            raise ValueError("not whole")
        number, raw = int.from_bytes(raw[:size], "big"), raw[size:]
    if kind == NUMBER:
        return number, raw
    if kind in (BYTES, TEXT):
        if len(raw) < number:
            raise ValueError("not whole")
        return (raw[:number] if kind == BYTES else raw[:number].decode()), raw[number:]
    if kind != MAP:
        raise ValueError("unknown kind")
    made = {}
    for _ in range(number):
        key, raw = _taken(raw)
        made[key], raw = _taken(raw)
    return made, raw
