"""Reading: an event becomes what was said, edited or taken back, or the conversation's new key; or it is not heard.

What X's library verifies are signatures; whose they must be is said here: only the two of the conversation are asked
for theirs, and what it reads must be what stood on the outside. No text of an error is kept: it may hold what was said.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.text import storable
from engine.x.chat.envelope import Detail, Envelope, Malformed, envelope_of

LONGEST_TEXT = 30_000
MOST_DELETED = 1000
LONGEST_MS = 10 * 366 * 86_400_000  # that a message lasts which disappears: what is later is no instant of ours
LONGEST_NUMBER = 100
#: What is attached, by the library's word for it.
MEDIA = {"IMAGE": "photo", "SVG": "photo", "GIF": "gif", "VIDEO": "video", "AUDIO": "voice", "FILE": "file"}


class Why(StrEnum):
    """Why an event could not be read. The values are stored, so they never change."""

    NO_KEYS = "no_keys"  # the channel has no keys here
    OTHER_KEYS = "other_keys"  # it was encrypted to other keys of the account than those that are here
    UNKNOWN_KEY = "unknown_key"  # the conversation's key did not come
    NO_SIGNER = "no_signer"  # X has no public keys of who wrote it, or not those that it was signed with
    FORGED = "forged"  # the signature is not its sender's, or what it says was changed
    MISADDRESSED = "misaddressed"  # it is of another conversation than X said
    MALFORMED = "malformed"  # it is nothing that X documents
    TOO_MANY = "too_many"  # more waited for keys than are kept


class Unread(Exception):
    """It can't be read, or not yet: `needs_key`, `needs_signer` say what it waits for, where that may still come."""

    def __init__(self, why: Why, needs_key: str = "", needs_signer: int = 0) -> None:
        super().__init__(why.value)
        self.why, self.needs_key, self.needs_signer = why, needs_key, needs_signer


@dataclass(frozen=True, slots=True)
class Signer:
    """One version of somebody's public keys, as X has them."""

    user_id: int
    version: str
    signing_key: str
    identity_key: str
    binding: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """The conversation has this key from now on."""

    envelope: Envelope
    version: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """A message, or what it says from now on: `edits` is X's number of the one that it replaces.

    `media_kinds`: what is attached, each of photo, gif, video, voice and file once, by commas; what else X may have
    is `media` alone. `lasts_ms`: after so long it disappears, as its sender has chosen; 0 where it stays.
    """

    envelope: Envelope
    text: str = field(repr=False)
    media: bool = False
    edits: str = ""
    media_kinds: str = ""
    lasts_ms: int = 0


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Messages of its sender's that nobody is to see any more, by X's numbers."""

    envelope: Envelope
    sequences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """It tells nothing to a channel: a reaction, who types, who has read."""


Read = NewKey | Said | TakenBack | Nothing


class Reader:
    """A channel's keys, with X's library. It keeps nothing of what it read."""

    def __init__(self, x_user_id: int, blob: bytes, version: str) -> None:
        from chat_xdk import Chat  # only who reads pays for it: some 4 MB of memory

        self._x_user_id, self._version = x_user_id, version
        self._chat = Chat()
        with _reading(Why.NO_KEYS):
            self._chat.import_keys(blob, version=version)

    def __repr__(self) -> str:
        return f"<Reader of {self._x_user_id}>"

    def read(
        self, event: str, sender_id: int, other_id: int, keys: Mapping[str, bytes], signers: Sequence[Signer]
    ) -> Read:
        """What an event of the conversation with `other_id` says that X says is `sender_id`'s (0 where it does not).

        `keys`: the conversation's, by their versions; `signers`: public keys of its two. Raises Unread.
        """
        outside = self._outside(event, sender_id, other_id)
        if outside.detail is None:
            return Nothing()
        entries = [_entry(s) for s in signers if s.user_id == outside.sender_id]
        if not any(s.user_id == outside.sender_id and s.version == outside.signer_version for s in signers):
            raise Unread(Why.NO_SIGNER, needs_signer=outside.sender_id)
        if outside.detail is Detail.KEY_CHANGE:
            return self._new_key(event, outside, entries)
        if outside.detail is Detail.MESSAGE and outside.key_version not in keys:
            raise Unread(Why.UNKNOWN_KEY, needs_key=outside.key_version)
        with _reading(Why.FORGED):
            found: dict[str, Any] = self._chat.decrypt_event(event, dict(keys), entries)
        with _reading(Why.MALFORMED):
            _same(found, outside)
            return _told(found, outside)

    def _outside(self, event: str, sender_id: int, other_id: int) -> Envelope:
        try:
            outside = envelope_of(event)
        except Malformed:
            raise Unread(Why.MALFORMED) from None
        two = {self._x_user_id, other_id}
        if set(outside.pair) != two or outside.sender_id not in two or sender_id not in (0, outside.sender_id):
            raise Unread(Why.MISADDRESSED)
        if outside.detail is not None and not outside.message_id:
            raise Unread(Why.MALFORMED)
        return outside

    def _new_key(self, event: str, outside: Envelope, entries: list[dict[str, str]]) -> NewKey:
        sealed_for = outside.sealed_for.get(self._x_user_id, self._version)
        if sealed_for != self._version:
            raise Unread(Why.OTHER_KEYS)
        with _reading(Why.FORGED):
            found: dict[str, Any] = self._chat.decrypt_events([event], entries)
            (message,) = found["messages"]
            _same(message["event"], outside)
            if message["event"]["type"] != "KeyChange":
                raise Unread(Why.MALFORMED)
            key = bytes(found["conversation_keys"]["keys"][outside.key_version])
        return NewKey(outside, outside.key_version, key)


@contextmanager
def _reading(why: Why) -> Iterator[None]:
    """What the library raises is told without its words. A panic of its is no Exception."""
    try:
        yield
    except (Unread, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException:  # noqa: BLE001 - whatever strangers can make it meet
        raise Unread(why) from None


def _entry(s: Signer) -> dict[str, str]:
    return {
        "user_id": str(s.user_id), "public_key_version": s.version, "public_key": s.signing_key,
        "identity_public_key": s.identity_key, "identity_public_key_signature": s.binding,
    }  # fmt: skip


def _same(found: Mapping[str, Any], outside: Envelope) -> None:
    """What was checked is what stood on the outside. Raises Unread."""
    theirs = (found.get("id"), found.get("sender_id"), found.get("verified"))
    if theirs != (outside.message_id, str(outside.sender_id), True):
        raise Unread(Why.FORGED)


def _told(found: Mapping[str, Any], outside: Envelope) -> Read:
    if found["type"] == "MessageDeleted":
        if found.get("delete_for_all") is not True:
            return Nothing()
        return TakenBack(outside, tuple(_number(i) for i in found["message_ids"][:MOST_DELETED]))
    if found["type"] != "Message":
        return Nothing()
    content = found["content"]
    kind = content.get("content_type")
    if kind == "Edit":
        edits = _number(content["target_message_id"])
        return Said(outside, _text(content["new_text"]), edits=edits, lasts_ms=_lasts_ms(found))
    if kind != "Text":
        return Nothing()
    attached = content.get("attachments") or []
    media = [one["media"] for one in attached if "media" in one]
    kinds = dict.fromkeys(kind for one in media if (kind := MEDIA.get(str((one or {}).get("type")))))
    text = _text(_whole(content, attached))
    return Said(outside, text, media=bool(media), media_kinds=",".join(kinds), lasts_ms=_lasts_ms(found))


def _lasts_ms(found: Mapping[str, Any]) -> int:
    """After how long the message disappears; 0 where it stays."""
    lasts = found.get("ttl_msec")
    return min(max(lasts, 0), LONGEST_MS) if isinstance(lasts, int) else 0


def _whole(content: Mapping[str, Any], attached: Sequence[Mapping[str, Any]]) -> str:
    """The text, or the one that is passed on; a link or post that is shown and not written comes after it."""
    passed_on = content.get("forwarded_message") or {}
    text = content.get("text") or passed_on.get("message_text") or ""
    shown = [(one.get("url") or {}).get("url") or (one.get("post") or {}).get("post_url") for one in attached]
    return " ".join([text, *(link for link in shown if link and link not in text)]).strip()


def _number(value: str) -> str:
    """X's number of a message. Raises ValueError."""
    if not 0 < len(value) <= LONGEST_NUMBER or not value.isascii() or not value.isprintable():
        raise ValueError("no number")
    return value


def _text(value: str) -> str:
    return storable(value[:LONGEST_TEXT])
