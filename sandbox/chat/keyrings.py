"""Who has which keys of X Chat: what is registered of everybody, and the private half of those who live in the sandbox.

A resident's keys are made by X's own library, when they are first needed. A channel has none until it registers some,
or until somebody is said to have done so on their phone.
"""

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from chat_xdk import Chat, PublicKeyRegistrationPayload

from sandbox.world import World
from sandbox.x_refusals import disallowed, invalid


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """A registered pair, as X hands it out: SPKI in base64. `version` is a number as a text."""

    version: str
    identity: str
    signing: str
    identity_signature: str

    def for_checking(self, user_id: int) -> dict[str, str]:
        """As the library wants it to check a signature."""
        return {
            "user_id": str(user_id),
            "public_key_version": self.version,
            "public_key": self.signing,
            "identity_public_key": self.identity,
            "identity_public_key_signature": self.identity_signature,
        }


@dataclass
class Keyrings:
    """Everybody's."""

    world: World
    _registered: dict[int, list[PublicKeys]] = field(default_factory=lambda: defaultdict(list))
    _private: dict[int, Chat] = field(default_factory=dict)
    _stranger: Chat | None = None
    _last_version: int = 0

    def registered(self, user_id: int) -> list[PublicKeys]:
        """All versions of an account's public keys, the oldest first; a resident has some in any case."""
        if not self._registered[user_id] and not self.world.users[user_id].channel:
            self.make(user_id)
        return self._registered[user_id]

    def private(self, user_id: int) -> Chat:
        """The library with a resident's keys in it. Raises KeyError for a channel that holds its keys itself."""
        self.registered(user_id)
        return self._private[user_id]

    def make(self, user_id: int, backup: str | None = None) -> Chat:
        """New keys for an account, on the phone that its owner has here; it may know where their `backup` is to be."""
        ring = Chat(backup)
        made = ring.generate_keypairs()
        keys = self.register(user_id, _body(made))
        ring.set_identity(str(user_id), keys.version)
        self._private[user_id] = ring
        return ring

    def register(self, user_id: int, body: dict[str, Any]) -> PublicKeys:
        """Keys that somebody made elsewhere. Raises Denied for what X would refuse."""
        pair = body.get("public_key")
        pair = pair if isinstance(pair, dict) else {}
        wanted = ("public_key", "signing_public_key", "identity_public_key_signature")
        identity, signing, binding = (str(pair.get(name) or "") for name in wanted)
        version = self._new_version() if body.get("generate_version") else str(body.get("version") or "")
        if not version.isdigit():
            raise invalid("version", "The version of a public key is a number.")
        if version in {k.version for k in self._registered[user_id]}:
            raise disallowed("This version of your public key is registered already.")
        if not _bound(identity, signing, binding):
            raise invalid("public_key", "The identity key did not sign the signing key.")
        keys = PublicKeys(version, identity, signing, binding)
        self._registered[user_id].append(keys)
        self._private.pop(user_id, None)
        self.world.accepted[f"public_key:{user_id}"] += 1
        return keys

    def stranger(self, user_id: int) -> Chat:
        """The library with keys that nobody has registered, for who pretends to be this account."""
        if self._stranger is None:
            self._stranger = Chat()
            self._stranger.generate_keypairs()
        self._stranger.set_identity(str(user_id), self.registered(user_id)[-1].version)
        return self._stranger

    def _new_version(self) -> str:
        """Milliseconds of the Unix clock, and never one that was given already."""
        self._last_version = max(self._last_version + 1, int(time.time() * 1000))
        return str(self._last_version)


def _body(made: PublicKeyRegistrationPayload) -> dict[str, Any]:
    """A registration as it goes to X."""
    names = ("public_key", "signing_public_key", "identity_public_key_signature")
    return {"public_key": {name: getattr(made.public_key, name) for name in names}, "generate_version": True}


def _bound(identity: str, signing: str, binding: str) -> bool:
    try:
        return bool(Chat().verify_key_binding(identity, signing, binding))
    except ValueError:
        return False
