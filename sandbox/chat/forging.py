"""What comes over X Chat and must not be believed: forged, altered, or under a key that its reader does not have."""

import secrets
from dataclasses import replace
from typing import Any

from sandbox.chat.conversations import Conversation, Conversations, Event, Happened, sent
from sandbox.chat.keyrings import Keyrings


class Forging:
    def __init__(self, keyrings: Keyrings, conversations: Conversations) -> None:
        self._keyrings, self._conversations = keyrings, conversations

    def write(self, sender_id: int, talk: Conversation, text: str, how: str) -> list[Event]:
        """A message that pretends to be somebody's, one of CHAT_FORGED.

        Signed by a stranger; signed by them, and said to be another message; by them, under a key that a stranger says
        to be theirs; or no whole event.
        """
        if how == "key_change":
            return self._under_forged_key(sender_id, talk, text)
        before, ring, key = self._conversations.ready(sender_id, talk)
        ring = self._keyrings.stranger(sender_id) if how == "signature" else ring
        made = ring.encrypt_message(talk.id, text, conversation_key=key.value, conversation_key_version=key.version)
        signed = sent(made)
        if how == "altered":
            signed = replace(signed, message_id=f"{made.message_id[:-1]}{'0' if made.message_id[-1] != '0' else '1'}")
        event = self._conversations.happen(talk, Happened.MESSAGE, sender_id, signed, key.version)
        if how == "cut":
            event = replace(event, encoded=event.encoded[: len(event.encoded) // 8 * 4])
            talk.events[-1] = event
        return [*before, event]

    def under_other_key(self, sender_id: int, talk: Conversation, text: str, how: str) -> list[Event]:
        """A message of theirs under a key that nobody else has, one of CHAT_OTHER_KEY.

        Its version is one that nobody was told of, or the one of the key that everybody has.
        """
        before, ring, key = self._conversations.ready(sender_id, talk)
        version = key.version if how == "wrong" else str(int(key.version) + 1)
        under: dict[str, Any] = {
            "conversation_key": secrets.token_bytes(32),
            "conversation_key_version": version,
        }
        made = ring.encrypt_message(talk.id, text, **under)
        return [*before, self._conversations.happen(talk, Happened.MESSAGE, sender_id, sent(made), version)]

    def _under_forged_key(self, sender_id: int, talk: Conversation, text: str) -> list[Event]:
        """The key change goes with it as a true one would; who lives here goes on with the key from before."""
        before, ring, _key = self._conversations.ready(sender_id, talk)
        change = self._conversations.rotate(sender_id, talk, self._keyrings.stranger(sender_id))
        forged = talk.keys[-1]
        under: dict[str, Any] = {
            "conversation_key": forged.value,
            "conversation_key_version": forged.version,
        }
        made = ring.encrypt_message(talk.id, text, **under)
        event = self._conversations.happen(talk, Happened.MESSAGE, sender_id, sent(made), forged.version)
        talk.keys.pop()
        talk.forged[forged.version] = change[0]
        return [*before, *change, event]
