"""An account's keys for X Chat: made here, registered at X, looked for there, and unlocked with its PIN.

A pair is X's library's opaque blob. X's API gives public keys with their type in front (DER, SPKI), the library
without: two are the same where the one ends with the other. Source: docs/x-and-telegram.md.
"""

import base64
import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chat_xdk import Chat, guesses_remaining

from engine.text import storable
from engine.x.chat.pairs import Pair
from engine.x.client import XClient, readable
from engine.x.errors import Garbled, Gone

FIELDS = "public_key_version,public_key,signing_public_key,identity_public_key_signature,juicebox_config"
MOST_TRIES = 20  # that X allows of one PIN before its backup is deleted
UNLOCK_WITHIN_S = 90.0
NONE_THERE = "resource-not-found"
OTHERS = "what X's backup holds are not the keys that X has registered"
_LONGEST = 4096  # of anything public of a key in base64


class WrongPin(Exception):
    """X's backup does not open with this PIN. `left`: how many tries are left; None where it does not say."""

    def __init__(self, left: int | None) -> None:
        super().__init__("wrong PIN")
        self.left = left


class NotUnlocked(Exception):
    """X's backup could not be asked, or holds other keys than these. Its words hold neither PIN nor key."""


@dataclass(frozen=True, slots=True)
class AtX:
    """Keys of an account at X. `backup`: the way to X's PIN-guarded backup of them, as JSON, if there is any."""

    version: str
    public_key: str
    signing_key: str
    binding: str
    backup: str = field(repr=False, default="")


def make() -> tuple[Pair, dict[str, Any]]:
    """A new pair, and what X is sent to register it, which holds nothing secret."""
    chat = Chat()
    made = chat.generate_keypairs()
    told = made.public_key
    public = {
        "public_key": told.public_key,
        "signing_public_key": told.signing_public_key,
        "identity_public_key_signature": told.identity_public_key_signature,
        "signing_public_key_signature": told.signing_public_key_signature,
        "public_key_fingerprint": told.public_key_fingerprint,
        "registration_method": told.registration_method,
    }
    registration = {
        "public_key": {name: value for name, value in public.items() if value is not None},
        "version": made.version or "",
        "generate_version": made.generate_version,
    }
    return _pair(chat), registration


def register(x: XClient, user_id: int, registration: Mapping[str, Any]) -> str:
    """Register a pair as the account's newest; the version that X gave it, empty where it does not say. Raises XError.

    The same one may be registered again: where X has it, it has it.
    """
    body = x.ask("POST", f"/2/users/{user_id}/public_keys", json=dict(registration))
    with readable():
        return _version((body.get("data") or {}).get("public_key_version"))


def at_x(x: XClient, user_id: int) -> list[AtX]:
    """The keys that X has of an account, the newest first; none where it has none. Raises XError.

    Raises Garbled where X says less than that: whoever believed that there are none would make others.
    """
    try:
        body = x.ask("GET", f"/2/users/{user_id}/public_keys", params={"public_key.fields": FIELDS})
    except Gone:
        return []
    with readable():
        listed = body.get("data")
        troubles = [str(e.get("type")) for e in body.get("errors") or []]
        if any(NONE_THERE not in trouble for trouble in troubles):
            raise Garbled("X does not say which keys the account has")
        found = [_read(record) for record in ([listed] if isinstance(listed, dict) else listed or [])]
        return sorted(found, key=lambda keys: _age(keys.version), reverse=True)


def same(one: str, other: str) -> bool:
    """Whether two public keys in base64 are the same, with their type in front or without."""
    try:
        mine, theirs = base64.b64decode(one, validate=True), base64.b64decode(other, validate=True)
    except ValueError:
        return False
    shorter, longer = sorted((mine, theirs), key=len)
    return bool(shorter) and longer.endswith(shorter) and len(shorter) >= min(len(longer), 64)


def among(keys: Iterable[AtX], public_key: str) -> AtX | None:
    """The one of these that is this key."""
    return next((k for k in keys if public_key and same(k.public_key, public_key)), None)


def unlock(keys: AtX, pin: bytearray) -> Pair:
    """The pair of these keys out of X's backup, by the account's PIN, which is wiped. Raises WrongPin, or NotUnlocked.

    X's realms are asked directly: they count wrong tries, and delete the backup after the last.
    """
    outcome: list[Pair | BaseException] = []

    def ask() -> None:
        try:
            chat = Chat(keys.backup)
            chat.unlock(pin)
            outcome.append(_pair(chat) if _are(chat, keys) else NotUnlocked(OTHERS))
        except BaseException as error:  # noqa: BLE001 - what the library panics with is no Exception
            outcome.append(error)
        finally:
            pin[:] = bytes(len(pin))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(UNLOCK_WITHIN_S)
    if not outcome:
        raise NotUnlocked("X's backup gave no answer in time; whether it has counted a try nobody knows")
    found = outcome[0]
    if isinstance(found, Pair):
        return found
    if isinstance(found, NotUnlocked):
        raise found
    left, said = guesses_remaining(found), str(found)
    if left is not None or "invalid pin" in said.lower():
        raise WrongPin(left) from None
    raise NotUnlocked(_in_words(said)) from None


def _in_words(said: str) -> str:
    """What the library says, by its own words for it: nothing of it is repeated, as it has seen the PIN."""
    lower = said.lower()
    if "transient" in lower:
        return "X's backup can't be reached right now"
    if "not registered" in lower:
        return "X's backup has nothing of this account: the keys were set up without one, or the tries are used up"
    if "rate limit" in lower:
        return "X's backup wants a pause"
    if "auth" in lower:
        return "X's backup did not accept the access that X gave for it"
    return "X's library could not read them"


def _are(chat: Chat, keys: AtX) -> bool:
    """Whether what was unlocked is what X has registered, both halves of it."""
    mine = chat.get_public_keys()
    signs = not keys.signing_key or same(mine.signing, keys.signing_key)
    return same(mine.identity, keys.public_key) and signs


def _pair(chat: Chat) -> Pair:
    blob = chat.export_keys()
    if not blob:
        raise ValueError("no keys")
    return Pair(bytes(blob), chat.get_public_keys().identity)


def _read(record: Mapping[str, Any]) -> AtX:
    version = _version(record.get("public_key_version"))
    public_key = _text(record.get("public_key"))
    if not version or not public_key:
        raise ValueError("keys of which X does not say which they are")
    backup = record.get("juicebox_config")
    return AtX(
        version,
        public_key,
        _text(record.get("signing_public_key")),
        _text(record.get("identity_public_key_signature")),
        json.dumps(backup) if isinstance(backup, dict) and backup else "",
    )


def _version(said: object) -> str:
    """X's version of a key: a number as a rule, as text. Raises ValueError."""
    if said is None:
        return ""
    if isinstance(said, bool) or not isinstance(said, str | int):
        raise ValueError("no version")
    version = storable(str(said)).strip()
    if len(version) > 64:
        raise ValueError("no version")
    return version


def _age(version: str) -> tuple[int, str]:
    """The order of versions: numbers by their value (they are moments in milliseconds), and any text before them."""
    return (int(version), "") if version.isascii() and version.isdecimal() and len(version) < 30 else (-1, version)


def _text(said: object) -> str:
    if said is None:
        return ""
    if not isinstance(said, str) or len(said) > _LONGEST:
        raise ValueError("no key")
    return storable(said)
