"""People with real keys of X's own library, and what they send, as X puts it on the wire."""

import base64
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chat_xdk import Chat

from engine.x.chat.reading import Signer
from engine.x.events import id_at

STRING, STRUCT, STOP = 11, 12, b"\x00"


@dataclass
class Talker:
    """Somebody with keys, as on their own phone."""

    x_user_id: int
    chat: Chat = field(default_factory=Chat)
    version: str = ""
    signer: Signer = field(init=False)

    def __post_init__(self) -> None:
        self.new_keys()

    def new_keys(self) -> None:
        """Another pair, under another version."""
        made = self.chat.generate_keypairs()
        self.version = str(int(made.version or 0) + (1 if made.version == self.version else 0))
        public = made.public_key
        self.chat.set_identity(str(self.x_user_id), self.version)
        self.signer = Signer(
            self.x_user_id, self.version, public.signing_public_key, public.public_key,
            public.identity_public_key_signature,
        )  # fmt: skip

    @property
    def blob(self) -> bytes:
        return bytes(self.chat.export_keys() or b"")

    def as_recipient(self) -> dict[str, str]:
        return {"user_id": str(self.x_user_id), "public_key": self.signer.identity_key, "key_version": self.version}


@dataclass(frozen=True)
class Key:
    """A conversation's key, and the event that brings it."""

    version: str
    value: bytes
    change: str


@dataclass
class Talk:
    """A conversation between two, as `one` writes in it."""

    one: Talker
    other: Talker
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    sequence: int = field(default_factory=lambda: id_at(datetime.now(UTC)))
    keys: list[Key] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rotate()

    @property
    def id(self) -> str:
        low, high = sorted((self.one.x_user_id, self.other.x_user_id))
        return f"{low}:{high}"

    def rotate(self, by: Talker | None = None, to: list[Talker] | None = None) -> Key:
        """A new key; by who writes, for both, unless said otherwise."""
        by = by or self.one
        recipients = [t.as_recipient() for t in to or (self.one, self.other)]
        made = by.chat.prepare_conversation_key_change(recipients, conversation_id=self.id)
        key = Key(made["conversation_key_version"], made["conversation_key"], "")
        key = Key(key.version, key.value, self.action(made["action_signatures"][0], by))
        self.keys.append(key)
        return key

    def write(self, text: str, *, by: Talker | None = None, key: Key | None = None, **more: Any) -> str:
        """A message, as X brings it."""
        by = by or self.one
        return self.sent(by.chat.encrypt_message(self.id, text, **self._under(key), **more), by)

    def edit(self, event: str, text: str, *, by: Talker | None = None) -> str:
        by = by or self.one
        return self.sent(by.chat.encrypt_edit(event, text, **self._under(None)), by)

    def react(self, event: str, emoji: str) -> str:
        return self.sent(self.one.chat.encrypt_add_reaction(event, emoji, **self._under(None)), self.one)

    def delete(self, *sequences: int, by: Talker | None = None, for_all: bool = True) -> str:
        by = by or self.one
        made = by.chat.prepare_message_delete(self.id, [str(s) for s in sequences], for_all)
        return self.action(made, by)

    def sent(self, payload: Any, by: Talker, *, message_id: str = "", conversation_id: str = "") -> str:
        """What the library made, as X's server puts it on the wire; maybe under a false id or conversation."""
        detail = _inner(1, _bytes(payload.encrypted_content)) + STOP
        signature = _bytes(payload.encoded_event_signature)
        return self._event(message_id or payload.message_id, by, detail, signature, conversation_id or self.id)

    def action(self, made: dict[str, Any], by: Talker) -> str:
        names = ("signature", "public_key_version", "signature_version")
        signature = b"".join(_text(n, made[name]) for n, name in enumerate(names, 1)) + STOP
        return self._event(made["message_id"], by, _bytes(made["encoded_message_event_detail"]), signature, self.id)

    def _under(self, key: Key | None) -> dict[str, Any]:
        used = key or self.keys[-1]
        return {"conversation_key": used.value, "conversation_key_version": used.version}

    def _event(self, message_id: str, by: Talker, detail: bytes, signature: bytes, conversation_id: str) -> str:
        self.sequence += 1
        texts = ((1, str(self.sequence)), (2, message_id), (3, str(by.x_user_id)), (4, conversation_id))
        body = b"".join(_text(n, value) for n, value in texts)
        body += _text(6, str(int(self.at.timestamp() * 1000))) + _inner(7, detail) + _inner(9, signature) + STOP
        return base64.b64encode(body).decode()


def _bytes(encoded: str) -> bytes:
    return base64.b64decode(encoded + "=" * (-len(encoded) % 4))


def _text(number: int, value: str) -> bytes:
    raw = value.encode()
    return struct.pack(">bhi", STRING, number, len(raw)) + raw


def _inner(number: int, body: bytes) -> bytes:
    return struct.pack(">bh", STRUCT, number) + body
