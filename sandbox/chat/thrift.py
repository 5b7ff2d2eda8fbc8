"""How X's server puts an event of X Chat on the wire: a Thrift struct, in the binary protocol, as base64.

Only what the sandbox writes; what it holds is read by X's library alone. A field is its type (a byte), its number (two)
and its value: a string has its length (four) before it, a struct a zero byte behind its fields. All big-endian.
"""

import base64
import struct
from dataclasses import dataclass
from datetime import datetime

STRING, STRUCT, STOP = 11, 12, b"\x00"
#: The fields of a MessageEvent. The detail is a union: which of its fields is there says what happened.
SEQUENCE_ID, MESSAGE_ID, SENDER_ID, CONVERSATION_ID, CREATED_AT_MSEC, DETAIL, SIGNATURE = 1, 2, 3, 4, 6, 7, 9
MESSAGE_CREATED = 1  # of a detail


@dataclass(frozen=True, slots=True)
class Signed:
    """What somebody did in a conversation, as X's library makes it: what happened, and their signature below it."""

    message_id: str
    detail: bytes
    signature: bytes


def encoded(happened: Signed, sequence_id: int, sender_id: int, conversation_id: str, at: datetime) -> str:
    """The `encoded_event` of the wire. The conversation is named as events name it: `lower:higher`, or `g…`."""
    body = b"".join(
        (
            text(SEQUENCE_ID, str(sequence_id)),
            text(MESSAGE_ID, happened.message_id),
            text(SENDER_ID, str(sender_id)),
            text(CONVERSATION_ID, conversation_id),
            text(CREATED_AT_MSEC, str(int(at.timestamp() * 1000))),
            inner(DETAIL, happened.detail),
            inner(SIGNATURE, happened.signature),
            STOP,
        )
    )
    return base64.b64encode(body).decode()


def message(created: bytes) -> bytes:
    """The detail of a message, an edit or a reaction, from the struct that the library made of it."""
    return inner(MESSAGE_CREATED, created) + STOP


def signature(value: str, public_key_version: str, signature_version: str) -> bytes:
    """The struct of a signature."""
    return text(1, value) + text(2, public_key_version) + text(3, signature_version) + STOP


def text(field: int, value: str) -> bytes:
    raw = value.encode()
    return struct.pack(">bhi", STRING, field, len(raw)) + raw


def inner(field: int, body: bytes) -> bytes:
    """A field that is a struct, its zero byte included."""
    return struct.pack(">bh", STRUCT, field) + body
