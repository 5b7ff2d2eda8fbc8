"""The conversations of X Chat: who is in them, what was written, and the keys under which it was.

What residents do here they do with X's own library, so what is on the wire is truly encrypted. A channel's keys are its
own: what it wrote is read here as the resident reads it to whom it was written.
"""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from chat_xdk import Chat, SendPayload

from sandbox.chat import thrift
from sandbox.chat.keyrings import Keyrings
from sandbox.chat.thrift import Signed
from sandbox.world import World
from sandbox.x_refusals import Denied, disallowed, not_found

PHOTO = {
    "attachment_type": "media",
    "media_type": 1,
    "width": 800,
    "height": 600,
    "filename": "IMG_1.jpg",
    "filesize_bytes": 90_000,
}


class Happened(Enum):
    MESSAGE = "message"  # also an edit and a reaction: what it is only who holds the key can see
    KEY_CHANGE = "key change"
    DELETION = "deletion"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a conversation. `key_version`: of the conversation's key, if any."""

    id: int
    kind: Happened
    sender_id: int
    conversation_id: str
    at: datetime
    encoded: str
    message_id: str
    key_version: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """A conversation's key, for the people that it was encrypted for: each by the version of their public key."""

    version: str
    value: bytes
    of: dict[int, str]
    change: Event


@dataclass
class Conversation:
    """`id` as events have it: `lower:higher`, or `g…` of a group."""

    id: str
    members: tuple[int, ...]
    name: str = ""
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    events: list[Event] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    told: dict[int, str] = field(default_factory=dict)  # to whom which key's version went on the stream last
    forged: dict[str, Event] = field(default_factory=dict)  # key changes that nobody is to believe, by their version

    @property
    def group(self) -> bool:
        return self.id.startswith("g")

    @property
    def listed_id(self) -> str:
        """As paths, listings and the stream have it."""
        return self.id.replace(":", "-")

    def key(self, version: str) -> Key | None:
        return next((k for k in reversed(self.keys) if k.version == version), None)

    def change(self, version: str) -> Event | None:
        """The event that brought this version of the key, a true or a forged one."""
        key = self.key(version)
        return key.change if key is not None else self.forged.get(version)


class Conversations:
    """All of them. Each of the deeds below gives the events that it led to, in their order."""

    def __init__(self, world: World, keyrings: Keyrings) -> None:
        self._world, self._keyrings = world, keyrings
        self.all: dict[str, Conversation] = {}

    def between(self, one: int, other: int) -> Conversation:
        """Of two; made on first sight."""
        low, high = sorted((one, other))
        return self.all.setdefault(f"{low}:{high}", Conversation(f"{low}:{high}", (low, high)))

    def named(self, asker: int, name: str) -> Conversation:
        """The one that a path means: the other's id, both ids in any order, or a group's. Raises Denied."""
        ids = [int(part) for part in name.split("-")] if not name.startswith("g") else []
        others = [i for i in ids if i != asker] or [asker]
        found = self.all.get(name)
        if ids and len(ids) <= 2 and (len(ids) == 1 or asker in ids):
            low, high = sorted((asker, others[0]))
            found = self.all.get(f"{low}:{high}")
        if found is None or asker not in found.members:
            raise not_found("conversation", name)
        return found

    def of(self, user_id: int) -> list[Conversation]:
        """The inbox of an account: where something has happened, the newest first."""
        mine = [c for c in self.all.values() if user_id in c.members and c.events]
        return sorted(mine, key=lambda c: -c.events[-1].id)

    # --- what residents do ---------------------------------------------------------------------------------

    def write(self, sender_id: int, talk: Conversation, text: str, *, media: bool = False) -> list[Event]:
        """A message, after a key change where one is needed. Raises Denied where somebody has no keys."""
        before, ring, key = self.ready(sender_id, talk)
        photo = [{**PHOTO, "media_hash_key": f"photo-{self._world.new_id()}"}] if media else None
        made = ring.encrypt_message(talk.id, text, attachments=photo, **_under(key))
        return [*before, self._written(talk, sender_id, made)]

    def answer(self, sender_id: int, talk: Conversation, text: str, to: Event) -> list[Event]:
        before, ring, key = self.ready(sender_id, talk)
        made = ring.encrypt_reply(talk.id, text, reply_to_event=to.encoded, **_under(key))
        return [*before, self._written(talk, sender_id, made)]

    def edit(self, sender_id: int, talk: Conversation, target: Event, text: str) -> list[Event]:
        before, ring, key = self.ready(sender_id, talk)
        made = ring.encrypt_edit(target.encoded, text, **_under(key))
        return [*before, self._written(talk, sender_id, made)]

    def react(
        self, sender_id: int, talk: Conversation, target: Event, emoji: str, *, take_back: bool = False
    ) -> list[Event]:
        before, ring, key = self.ready(sender_id, talk)
        way = ring.encrypt_remove_reaction if take_back else ring.encrypt_add_reaction
        return [*before, self._written(talk, sender_id, way(target.encoded, emoji, **_under(key)))]

    def delete(self, sender_id: int, talk: Conversation, targets: list[Event], *, for_all: bool = True) -> list[Event]:
        """Signed and not encrypted, as X has it."""
        ids = [str(t.id) for t in targets]
        action = self._keyrings.private(sender_id).prepare_message_delete(talk.id, ids, for_all)
        return [self.happen(talk, Happened.DELETION, sender_id, _signed(action))]

    def rotate(self, sender_id: int, talk: Conversation, signer: Chat | None = None) -> list[Event]:
        """A new key for the conversation, signed by its maker or by who pretends to be."""
        ring = signer or self._keyrings.private(sender_id)
        prepared = self._prepared(talk, ring.prepare_conversation_key_change, conversation_id=talk.id)
        return [self._changed(sender_id, talk, prepared)]

    def found_group(self, founder_id: int, members: list[int], name: str) -> tuple[Conversation, list[Event]]:
        """A group, with its first key."""
        talk = Conversation(f"g{self._world.new_id()}", tuple(sorted({founder_id, *members})), name)
        ids = [str(m) for m in talk.members]
        prepared = self._prepared(
            talk, self._keyrings.private(founder_id).prepare_group_create,
            conversation_id=talk.id, member_ids=ids, admin_ids=[str(founder_id)], title=name,
        )  # fmt: skip
        self.all[talk.id] = talk
        change = self._changed(founder_id, talk, prepared)
        founded = self.happen(talk, Happened.GROUP, founder_id, _signed(prepared["action_signatures"][1]))
        return talk, [change, founded]

    def ready(self, sender_id: int, talk: Conversation) -> tuple[list[Event], Chat, Key]:
        """What has to happen before somebody writes, the library with their keys, and the key to write under."""
        ring = self._keyrings.private(sender_id)
        now = {m: self._newest(m) for m in talk.members}
        before = [] if talk.keys and talk.keys[-1].of == now else self.rotate(sender_id, talk)
        return before, ring, talk.keys[-1]

    # --- what accounts do over the API ---------------------------------------------------------------------

    def happen(self, talk: Conversation, kind: Happened, sender_id: int, signed: Signed, version: str = "") -> Event:
        """Write down what somebody signed."""
        number, at = self._world.new_id(), datetime.now(UTC)
        encoded = thrift.encoded(signed, number, sender_id, talk.id, at)
        event = Event(number, kind, sender_id, talk.id, at, encoded, signed.message_id, version)
        talk.events.append(event)
        return event

    def keyed(self, sender_id: int, talk: Conversation, version: str, of: dict[int, str], signed: Signed) -> Event:
        """A key change that came over the API; a resident of the conversation checks it. Raises Denied."""
        number, at = self._world.new_id(), datetime.now(UTC)
        encoded = thrift.encoded(signed, number, sender_id, talk.id, at)
        change = Event(number, Happened.KEY_CHANGE, sender_id, talk.id, at, encoded, signed.message_id, version)
        found = self._reader(talk).decrypt_events([encoded], self._checking(talk))
        value = found["conversation_keys"]["keys"].get(version)
        if found["errors"] or value is None:
            raise disallowed("The key change could not be verified.")
        talk.events.append(change)
        talk.keys.append(Key(version, bytes(value), of, change))
        talk.told[sender_id] = version
        return change

    def said(self, sender_id: int, talk: Conversation, signed: Signed) -> Event:
        """A message that came over the API; a resident of the conversation checks it. Raises Denied."""
        if not talk.keys:
            raise disallowed("The conversation has no keys yet.")
        number, at, key = self._world.new_id(), datetime.now(UTC), talk.keys[-1]
        encoded = thrift.encoded(signed, number, sender_id, talk.id, at)
        event = Event(number, Happened.MESSAGE, sender_id, talk.id, at, encoded, signed.message_id, key.version)
        try:
            self._reader(talk).decrypt_event(encoded, {key.version: key.value}, self._checking(talk))
        except ValueError as why:
            raise disallowed("It is not signed by its sender, or not encrypted with the latest key.") from why
        talk.events.append(event)
        return event

    def text(self, talk: Conversation, event: Event) -> str:
        """What a message says, as a resident of the conversation reads it; nothing for what says nothing."""
        key = talk.key(event.key_version)
        known = {key.version: key.value} if key is not None else {}
        try:
            read = self._reader(talk).decrypt_event(event.encoded, known, self._checking(talk))
        except (ValueError, Denied):
            return ""
        return str((read.get("content") or {}).get("text") or "")

    # -------------------------------------------------------------------------------------------------------

    def _prepared(self, talk: Conversation, prepare: Any, **more: Any) -> dict[str, Any]:
        """A key change for everybody in a conversation, with a version that is newer than the last one."""
        keys = {m: (self._newest(m), self._keyrings.registered(m)[-1].identity) for m in talk.members}
        known = [{"user_id": str(m), "public_key": key, "key_version": v} for m, (v, key) in keys.items()]
        while True:
            prepared: dict[str, Any] = prepare(known, **more)
            if not talk.keys or int(prepared["conversation_key_version"]) > int(talk.keys[-1].version):
                return prepared

    def _changed(self, sender_id: int, talk: Conversation, prepared: dict[str, Any]) -> Event:
        version, value = prepared["conversation_key_version"], bytes(prepared["conversation_key"])
        signed = _signed(prepared["action_signatures"][0])
        change = self.happen(talk, Happened.KEY_CHANGE, sender_id, signed, version)
        talk.keys.append(Key(version, value, {m: self._newest(m) for m in talk.members}, change))
        return change

    def _written(self, talk: Conversation, sender_id: int, made: SendPayload) -> Event:
        return self.happen(talk, Happened.MESSAGE, sender_id, sent(made), made.conversation_key_version)

    def _newest(self, user_id: int) -> str:
        """The version of somebody's public key. Raises Denied where there is none."""
        registered = self._keyrings.registered(user_id)
        if not registered:
            raise disallowed(f"@{self._world.users[user_id].handle} has no keys of X Chat yet.")
        return registered[-1].version

    def _reader(self, talk: Conversation) -> Chat:
        """The library of somebody in the conversation who lives here. Raises Denied where nobody does."""
        for member in talk.members:
            if not self._world.users[member].channel:
                return self._keyrings.private(member)
        raise disallowed("Nobody of this conversation lives in the sandbox.")

    def _checking(self, talk: Conversation) -> list[dict[str, str]]:
        return [k.for_checking(m) for m in talk.members for k in self._keyrings.registered(m)]


def sent(made: SendPayload) -> Signed:
    """What goes into an event of what the library encrypted."""
    detail = thrift.message(base64.b64decode(made.encrypted_content))
    return Signed(made.message_id, detail, base64.b64decode(made.encoded_event_signature))


def _signed(action: dict[str, Any]) -> Signed:
    detail = base64.b64decode(action["encoded_message_event_detail"])
    written = thrift.signature(action["signature"], action["public_key_version"], action["signature_version"])
    return Signed(action["message_id"], detail, written)


def _under(key: Key) -> dict[str, Any]:
    return {"conversation_key": key.value, "conversation_key_version": key.version}
