"""The outside of an encrypted event: who, to whom, when, and with which keys; all of it unchecked.

It is Thrift in its binary protocol (docs/x-and-telegram.md, "X Chat"). X's library reads it too, and checks what is
signed; it does not say what it needs for that, so the outside is read here first.
"""

import base64
import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from engine.x.encrypted import LONGEST_EVENT, pair_of

STRUCT, LIST, STRING = 12, 15, 11
_SIZES = {2: 1, 3: 1, 4: 8, 6: 2, 8: 4, 10: 8, 16: 16}
_SETS, _MAP = (14, LIST), 13
_DEEPEST, _MOST_FIELDS = 12, 4000
_LONGEST_ID = 100
Value = int | bytes | dict[int, "Value"] | list["Value"] | None


class Detail(IntEnum):
    """What is inside, by its number in X's union. What has no line here tells nothing to a channel."""

    MESSAGE = 1
    KEY_CHANGE = 3
    DELETION = 7


_VERSION_AT = {Detail.MESSAGE: 101, Detail.KEY_CHANGE: 1}


class Malformed(ValueError):
    """It is no event as X writes them. Holds no part of it."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands on the outside. `detail` is None for what tells nothing to a channel.

    `sequence`: X's number of it in order, by which edits and deletions name it; it and `created_ms` are not signed.
    `key_version`: of the conversation's key, which it needs or brings; `signer_version`: of its sender's public keys.
    `sealed_for`: for a key change, the version of each participant's public keys that it was encrypted to.
    """

    detail: Detail | None
    sequence: str
    message_id: str
    sender_id: int
    pair: tuple[int, int]
    created_ms: int
    key_version: str
    signer_version: str
    sealed_for: Mapping[int, str]


def envelope_of(event: str) -> Envelope:
    """Read the outside. Raises Malformed."""
    if len(event) > LONGEST_EVENT:
        raise Malformed("too long")
    try:
        raw = base64.b64decode(event + "=" * (-len(event) % 4), validate=True)
        return _envelope(_Reader(raw).struct())
    except (ValueError, KeyError, TypeError, AttributeError, struct.error, RecursionError, binascii.Error) as error:
        raise Malformed(type(error).__name__) from None


def _envelope(found: dict[int, Value]) -> Envelope:
    union = found.get(7)
    numbers = list(union) if isinstance(union, dict) else []
    detail = Detail(numbers[0]) if len(numbers) == 1 and numbers[0] in list(Detail) else None
    inside = union.get(detail) if isinstance(union, dict) and detail is not None else None
    body = inside if isinstance(inside, dict) else {}
    signature = found.get(9)
    signed = signature if isinstance(signature, dict) else {}
    sender = _text(found.get(3))
    version = body.get(_VERSION_AT.get(detail, 0) if detail else 0)
    pair = pair_of(_text(found.get(4)))
    return Envelope(
        detail=detail,
        sequence=_text(found.get(1)),
        message_id=_text(found.get(2)),
        sender_id=int(sender) if sender.isdecimal() else 0,
        pair=pair,
        created_ms=int(_text(found.get(6)) or 0),
        key_version=_text(version),
        signer_version=_text(signed.get(2)),
        sealed_for=_sealed_for(body.get(2)) if detail is Detail.KEY_CHANGE else {},
    )


def _sealed_for(listed: Value) -> dict[int, str]:
    found: dict[int, str] = {}
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and (user := _text(one.get(1))).isdecimal():
            found[int(user)] = _text(one.get(3))
    return found


def _text(value: Value) -> str:
    """A short text in ASCII, which all ids and versions are; empty for none. Raises ValueError."""
    if value is None:
        return ""
    if not isinstance(value, bytes) or len(value) > _LONGEST_ID or b"\0" in value:
        raise ValueError("no id")
    return value.decode("ascii")


class _Reader:
    """Thrift's binary protocol, as far as X uses it: bounded in depth and in how much there may be."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0
        self._left = _MOST_FIELDS

    def struct(self, depth: int = 0) -> dict[int, Value]:
        if depth > _DEEPEST:
            raise ValueError("too deep")
        found: dict[int, Value] = {}
        while kind := self._take(1)[0]:
            self._count()
            (number,) = struct.unpack(">h", self._take(2))
            found[number] = self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> Value:
        if kind == STRUCT:
            return self.struct(depth + 1)
        if kind == STRING:
            return self._take(self._size())
        if kind in _SETS:
            inner, size = self._take(1)[0], self._size()
            return [self._item(inner, depth) for _ in range(size)]
        if kind == _MAP:
            key, value, size = self._take(1)[0], self._take(1)[0], self._size()
            for _ in range(size):
                self._item(key, depth)
                self._item(value, depth)
            return None
        return int.from_bytes(self._take(_SIZES[kind]), "big", signed=True)

    def _item(self, kind: int, depth: int) -> Value:
        self._count()
        if depth > _DEEPEST:
            raise ValueError("too deep")
        return self._value(kind, depth + 1)

    def _size(self) -> int:
        (size,) = struct.unpack(">i", self._take(4))
        if not 0 <= size <= len(self._raw) - self._at:
            raise ValueError("a size that can't be")
        return int(size)

    def _take(self, count: int) -> bytes:
        taken = self._raw[self._at : self._at + count]
        if len(taken) != count:
            raise ValueError("cut")
        self._at += count
        return taken

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise ValueError("too much")
