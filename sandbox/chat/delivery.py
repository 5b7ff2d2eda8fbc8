"""X Chat on the stream: what a channel hears of its conversations, and with which key change."""

import asyncio
import uuid
from typing import Any

from sandbox.chat.conversations import Conversation, Event, Happened
from sandbox.faults import Faults
from sandbox.world import World
from sandbox.x_stream import Stream

RECEIVED, SENT = "chat.received", "chat.sent"


class Delivery:
    def __init__(self, world: World, faults: Faults, stream: Stream) -> None:
        self._world, self._faults, self._stream = world, faults, stream

    def deliver(self, talk: Conversation, events: list[Event]) -> None:
        """Put what happened on the stream, to each channel of the conversation that has asked for it."""
        for event in events:
            if event.kind is not Happened.KEY_CHANGE:  # that goes with the first event that needs it
                for member, kind in self._hearers(talk, event):
                    self._to(member, kind, talk, event)

    def lines(self, talk: Conversation, events: list[Event]) -> list[bytes]:
        """The same as lines to be sent later, without faults."""
        return [
            self._stream.connection.line(self.told(kind, talk, event, self._new_key(member, talk, event)))
            for event in events
            if event.kind is not Happened.KEY_CHANGE
            for member, kind in self._hearers(talk, event)
        ]

    def alone(self, talk: Conversation, event: Event) -> None:
        """Put one event on the stream as it is: a key change by itself, or once more what went before."""
        for member, kind in self._hearers(talk, event):
            if event.kind is Happened.KEY_CHANGE:
                talk.told[member] = event.key_version
            self._stream.send(self.told(kind, talk, event), self._world.users[member].names)

    def told(self, kind: str, talk: Conversation, event: Event, change: Event | None = None) -> dict[str, Any]:
        """The shape of the recorded sample; the key's version where the event has to do with a key."""
        payload = {
            "conversation_id": talk.listed_id,
            "sender_id": str(event.sender_id),
            "encoded_event": event.encoded,
        }
        if event.key_version:
            payload["conversation_key_version"] = event.key_version
        if change is not None:
            payload["conversation_key_change_event"] = change.encoded
        return {"data": {"event_type": kind, "event_uuid": str(uuid.uuid4()), "payload": payload}}

    # -------------------------------------------------------------------------------------------------------

    def _to(self, member: int, kind: str, talk: Conversation, event: Event) -> None:
        names = self._world.users[member].names
        change = self._new_key(member, talk, event)
        if change is not None and self._faults.strikes("chat_key_missing", names):
            change = None
        late = change is not None and self._faults.strikes("chat_key_late", names)
        self._stream.send(self.told(kind, talk, event, None if late else change), names)
        if late and change is not None:
            by_itself = self.told(kind, talk, change)
            seconds = self._faults.seconds("chat_key_late")
            asyncio.get_running_loop().call_later(seconds, self._stream.send, by_itself, names)

    def _new_key(self, member: int, talk: Conversation, event: Event) -> Event | None:
        """The key change that goes with an event: once, with the first one under a key."""
        if not event.key_version or talk.told.get(member) == event.key_version:
            return None
        change = talk.change(event.key_version)
        if change is not None:
            talk.told[member] = event.key_version
        return change

    def _hearers(self, talk: Conversation, event: Event) -> list[tuple[int, str]]:
        heard = [(m, SENT if m == event.sender_id else RECEIVED) for m in talk.members]
        return [(m, kind) for m, kind in heard if (kind, m) in self._world.subscriptions]
