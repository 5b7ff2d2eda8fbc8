"""Groups as Telegram has them: members, topics, what the bot may do there, and how one becomes a supergroup."""

import time
from dataclasses import dataclass, field
from typing import Any

from sandbox.telegram_markup import BotError

FIRST_SUPERGROUP = -1_001_000_000_001
ALLOWED = (
    "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
    "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
    "can_add_web_page_previews", "can_react_to_messages", "can_edit_tag", "can_change_info", "can_invite_users",
    "can_pin_messages", "can_manage_topics",
)  # fmt: skip


@dataclass
class Topic:
    name: str
    closed: bool = False


@dataclass
class Inside:
    """What a group is beside its messages. `bot`: member, restricted (it may not write), left or kicked.

    `members`: who of the people is in it; everybody where there are none named. `refuses`: what Telegram says to
    whatever the bot writes there, for reasons of its own.
    """

    supergroup: bool = False
    forum: bool = False
    bot: str = "member"
    members: set[int] = field(default_factory=set)
    topics: dict[int, Topic] = field(default_factory=dict)
    moved_to: int = 0
    general_closed: bool = False
    refuses: str = ""

    @property
    def kind(self) -> str:
        return "supergroup" if self.supergroup else "group"

    def wire(self, number: int, title: str) -> dict[str, Any]:
        chat = {"id": number, "type": self.kind, "title": title}
        return {**chat, "is_forum": True} if self.forum else chat

    def refuse(self, topic: int | None = None, *, new: bool = True) -> None:
        """What Telegram says to a bot that may not write here. Raises BotError. `new`: a message, and not an edit."""
        if self.moved_to:
            what = "Bad Request: group chat was upgraded to a supergroup chat"
            raise BotError(400, what, migrate_to_chat_id=self.moved_to)
        if self.bot == "kicked":
            raise BotError(403, f"Forbidden: bot was kicked from the {self.kind} chat")
        if self.bot == "left":
            raise BotError(403, f"Forbidden: bot is not a member of the {self.kind} chat")
        if not new:
            return
        if self.refuses:
            raise BotError(400, f"Bad Request: {self.refuses}")
        if self.bot == "restricted":
            raise BotError(400, "Bad Request: not enough rights to send text messages to the chat")
        if topic is not None and (not self.forum or topic not in self.topics):
            raise BotError(400, "Bad Request: message thread not found")
        if self.topics[topic].closed if topic is not None else self.general_closed:
            raise BotError(400, "Bad Request: TOPIC_CLOSED")

    def as_member(self, bot: dict[str, Any], status: str) -> dict[str, Any]:
        """The bot as one of the group's, in an update."""
        known: dict[str, Any] = {"status": status, "user": bot}
        if status == "kicked":
            known["until_date"] = 0
        if status == "restricted":
            known |= {"is_member": True, "until_date": 0, **dict.fromkeys(ALLOWED, False)}
        return known


def changed(
    inside: Inside, chat: dict[str, Any], by: dict[str, Any], bot: dict[str, Any], status: str
) -> dict[str, Any]:
    """Somebody changes what the bot is in a group; the update that tells it."""
    old, inside.bot = inside.bot, status
    return {
        "my_chat_member": {
            "chat": chat, "from": by, "date": int(time.time()),
            "old_chat_member": inside.as_member(bot, old), "new_chat_member": inside.as_member(bot, status),
        }
    }  # fmt: skip
