"""X Chat as people use it here: whatever somebody does is written down, and put on the stream at once.

Faults that make a message false strike here, for the channel that it is written to.
"""

from sandbox.chat.backup import Backups
from sandbox.chat.conversations import Conversation, Conversations, Event, Happened
from sandbox.chat.delivery import Delivery
from sandbox.chat.forging import Forging
from sandbox.chat.keyrings import Keyrings
from sandbox.faults import Faults
from sandbox.world import World
from sandbox.x_stream import Stream


class XChat:
    def __init__(self, world: World, faults: Faults, stream: Stream) -> None:
        self._world, self._faults, self._stream = world, faults, stream
        self.keyrings, self.backups = Keyrings(world), Backups()
        self.conversations = Conversations(world, self.keyrings)
        self.delivery = Delivery(world, faults, stream)
        self._forging = Forging(self.keyrings, self.conversations)

    def say(self, sender: str, to: str, text: str, *, media: bool = False, both: bool = False) -> Event:
        """Somebody writes an encrypted DM; with `both` it comes as an old one too. Raises Denied."""
        sender_id, to_id = self._world.user(sender).id, self._world.user(to).id
        talk = self.conversations.between(sender_id, to_id)
        events = self._written(sender_id, talk, text, media=media)
        self.delivery.deliver(talk, events)
        if both:
            self._stream.dm(self._world.dm(sender_id, to_id, text, media=media))
        return events[-1]

    def say_to_group(self, sender: str, talk: Conversation, text: str) -> Event:
        events = self._written(self._world.user(sender).id, talk, text)
        self.delivery.deliver(talk, events)
        return events[-1]

    def written(self, messages: list[tuple[str, str]], to: str) -> list[bytes]:
        """The lines of many messages, each of a handle and a text, that were written and not sent yet. No faults."""
        to_id, lines = self._world.user(to).id, list[bytes]()
        for handle, text in messages:
            sender_id = self._world.user(handle).id
            talk = self.conversations.between(sender_id, to_id)
            lines += self.delivery.lines(talk, self.conversations.write(sender_id, talk, text))
        return lines

    def found(self, event_id: int) -> tuple[Conversation, Event]:
        """An event by its id. Raises KeyError."""
        for talk in self.conversations.all.values():
            for event in talk.events:
                if event.id == event_id:
                    return talk, event
        raise KeyError(event_id)

    def edit(self, event_id: int, text: str) -> Event:
        """Its writer says it otherwise."""
        talk, target = self.found(event_id)
        return self._done(talk, self.conversations.edit(target.sender_id, talk, target, text))

    def delete(self, event_id: int, *, for_all: bool = True) -> Event:
        """Its writer takes it back."""
        talk, target = self.found(event_id)
        return self._done(talk, self.conversations.delete(target.sender_id, talk, [target], for_all=for_all))

    def react(self, handle: str, event_id: int, emoji: str, *, take_back: bool = False) -> Event:
        talk, target = self.found(event_id)
        who = self._world.user(handle).id
        return self._done(talk, self.conversations.react(who, talk, target, emoji, take_back=take_back))

    def answer(self, handle: str, event_id: int, text: str) -> Event:
        talk, target = self.found(event_id)
        return self._done(talk, self.conversations.answer(self._world.user(handle).id, talk, text, target))

    def rotate(self, handle: str, to: str, *, alone: bool = False) -> Event:
        """A new key for a conversation; it goes with the next message, or `alone` as an event of its own."""
        who = self._world.user(handle).id
        talk = self.conversations.between(who, self._world.user(to).id)
        (change,) = self.conversations.rotate(who, talk)
        if alone:
            self.delivery.alone(talk, change)
        return change

    def found_group(self, founder: str, members: list[str], name: str) -> Conversation:
        ids = [self._world.user(m).id for m in members]
        talk, events = self.conversations.found_group(self._world.user(founder).id, ids, name)
        self.delivery.deliver(talk, events)
        return talk

    def again(self, event_id: int) -> None:
        """An event goes on the stream once more, as a delivery of its own."""
        self.delivery.alone(*self.found(event_id))

    # -------------------------------------------------------------------------------------------------------

    def _written(self, sender_id: int, talk: Conversation, text: str, *, media: bool = False) -> list[Event]:
        names = [n for m in talk.members if m != sender_id for n in self._world.users[m].names]
        if self._faults.strikes("chat_forged", names):
            return self._forging.write(sender_id, talk, text, self._faults.answer("chat_forged"))
        if self._faults.strikes("chat_other_key", names):
            return self._forging.under_other_key(sender_id, talk, text, self._faults.answer("chat_other_key"))
        return self.conversations.write(sender_id, talk, text, media=media)

    def _done(self, talk: Conversation, events: list[Event]) -> Event:
        self.delivery.deliver(talk, events)
        return next(e for e in reversed(events) if e.kind is not Happened.KEY_CHANGE)
