"""People with phones: their chats with the bot, their groups, and what they do there."""

import json
import mimetypes
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.groups import FIRST_SUPERGROUP, Inside, Topic, changed
from sandbox.people import GROUP, PHONES
from sandbox.telegram_markup import formatted, found_in

FIRST_PERSON, FIRST_GROUP = 5001, -5001


@dataclass
class Person:
    id: int
    name: str
    language: str
    blocked_bot: bool = False

    @property
    def wire(self) -> dict[str, Any]:
        return {"id": self.id, "is_bot": False, "first_name": self.name, "language_code": self.language}


@dataclass
class Chat:
    id: int
    title: str
    group: bool
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    shown: dict[int, str] = field(default_factory=dict)
    inside: Inside = field(default_factory=Inside)

    @property
    def wire(self) -> dict[str, Any]:
        if self.group:
            return self.inside.wire(self.id, self.title)
        return {"id": self.id, "type": "private", "first_name": self.title}


class Phones:
    """Everybody's chats, and the updates that wait for the bot. `toasts`: the last word over each person's chat."""

    def __init__(self, bot: dict[str, Any] | None = None) -> None:
        self.bot = bot or {}
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.toasts: dict[int, str] = {}
        self.queries: dict[str, int] = {}
        self.updates: deque[dict[str, Any]] = deque()
        self.changed: Callable[[], None] = lambda: None
        self.updated: Callable[[], None] = lambda: None
        self._update_id = 1000
        self._message_id = 100
        for number, name, language in PHONES:
            self.add_person(name, language, number)
        self.add_group(GROUP[1], GROUP[0])

    def add_person(self, name: str, language: str = "es", number: int | None = None) -> Person:
        """Somebody with a phone, and their chat with the bot."""
        number = number or max(FIRST_PERSON, *self.people, 0) + (FIRST_PERSON in self.people)
        person = self.people[number] = Person(number, name, language)
        self.chats[number] = Chat(number, name, group=False)
        return person

    def add_group(self, title: str, number: int | None = None) -> Chat:
        """A group that the bot is in."""
        plain = [chat for chat in self.chats if chat > FIRST_SUPERGROUP]
        number = number or min(FIRST_GROUP, *plain, 0) - (FIRST_GROUP in self.chats)
        group = self.chats[number] = Chat(number, title, group=True)
        return group

    # --- groups --------------------------------------------------------------------------------------------

    def found(self, person_id: int, title: str, *, forum: bool = False, members: Sequence[int] = ()) -> Chat:
        """Somebody makes a group, a forum or a plain one, and takes the bot in."""
        chat = self._supergroup(title) if forum else self.add_group(title)
        chat.inside.forum, chat.inside.members, chat.inside.bot = (
            forum,
            {person_id, *members} if members else set(),
            "left",
        )
        self.change_bot(person_id, chat.id, "member")
        return chat

    def change_bot(self, person_id: int, chat_id: int, status: str) -> None:
        """Somebody takes the bot in (member), removes it (kicked, left), or lets it write no more (restricted)."""
        chat = self.chats[chat_id]
        self._update(changed(chat.inside, chat.wire, self.people[person_id].wire, self.bot, status))

    def open_topic(self, person_id: int, chat_id: int, name: str) -> int:
        """Somebody makes a topic in a forum; its number."""
        number = self._message_id + 1
        self.chats[chat_id].inside.topics[number] = Topic(name)
        self._tells_group(person_id, chat_id, {"forum_topic_created": {"name": name, "icon_color": 7322096}}, number)
        return number

    def close_topic(self, person_id: int, chat_id: int, topic: int, *, closed: bool = True) -> None:
        """Somebody closes a topic, or opens it again."""
        self.chats[chat_id].inside.topics[topic].closed = closed
        self._tells_group(person_id, chat_id, {"forum_topic_closed" if closed else "forum_topic_reopened": {}}, topic)

    def delete_topic(self, chat_id: int, topic: int) -> None:
        """A topic goes with all its messages: no bot is told."""
        chat = self.chats[chat_id]
        del chat.inside.topics[topic]
        gone = [number for number, m in chat.messages.items() if m.get("message_thread_id") == topic]
        for number in gone:
            del chat.messages[number]
        self.changed()

    def migrate(self, person_id: int, chat_id: int, *, told: bool = True) -> Chat:
        """A group becomes a supergroup, with another number. `told`: the bot gets the two messages that say so."""
        old = self.chats[chat_id]
        new = self._supergroup(old.title)
        new.inside.members, new.inside.bot = set(old.inside.members), old.inside.bot
        old.inside.moved_to = new.id
        if told:
            self._tells_group(person_id, old.id, {"migrate_to_chat_id": new.id})
            self._tells_group(person_id, new.id, {"migrate_from_chat_id": old.id})
        self.changed()
        return new

    def _supergroup(self, title: str) -> Chat:
        chat = self.add_group(title, min(FIRST_SUPERGROUP, *self.chats) - 1)
        chat.inside.supergroup = True
        return chat

    def _tells_group(self, person_id: int, chat_id: int, what: dict[str, Any], topic: int | None = None) -> None:
        message = self.new_message(self.chats[chat_id], self.people[person_id].wire, what, topic)
        if self.chats[chat_id].inside.bot in ("member", "restricted"):
            self._update({"message": message})

    def _may(self, person_id: int, chat: Chat) -> None:
        if chat.inside.members and person_id not in chat.inside.members:
            raise KeyError(person_id)

    # --- what people do ------------------------------------------------------------------------------------

    def say(
        self, person_id: int, text: str, chat_id: int | None = None, *, reply_to: int | None = None,
        forwarded: str = "", html: bool = False, topic: int | None = None,
    ) -> int:  # fmt: skip
        """Somebody writes in a chat or a topic, answers a message, or forwards one of `forwarded`'s; the message's id.

        With `html` the text is formatted as Telegram's HTML says: a hidden link is `<a href="…">words</a>`.
        """
        person, chat = self.people[person_id], self.chats[chat_id or person_id]
        body = _worded("text", text, html=html)
        if reply_to is not None:
            body["reply_to_message"] = {k: v for k, v in chat.messages[reply_to].items() if k != "reply_to_message"}
        if forwarded:
            origin = {"type": "hidden_user", "sender_user_name": forwarded, "date": int(time.time())}
            body["forward_origin"] = origin
        self._may(person_id, chat)
        message = self.new_message(chat, person.wire, body, topic)
        command = any(e["type"] == "bot_command" and e["offset"] == 0 for e in body.get("entities", []))
        if chat.group and not command:  # privacy mode: the bot does not read groups
            self.changed()
            return int(message["message_id"])
        self._update({"message": message})
        return int(message["message_id"])

    def tells(self, person_id: int, what: dict[str, Any]) -> None:
        """A message of a person's chat that is none of the kinds above: a pin, a timer, a voice, a die, a poll …"""
        self._update({"message": self.new_message(self.chats[person_id], self.people[person_id].wire, what)})

    def edit(self, person_id: int, message_id: int, text: str, *, html: bool = False) -> None:
        """Somebody edits their own message, or its caption. Raises KeyError where it is none of theirs."""
        message = self.chats[person_id].messages[message_id]
        if message["from"]["id"] != person_id:
            raise KeyError(message_id)
        what = "text" if "text" in message else "caption"
        for name in ("entities", "caption_entities"):
            message.pop(name, None)
        message.update({**_worded(what, text, html=html), "edit_date": int(time.time())})
        self._update({"edited_message": message})

    def send_file(
        self, person_id: int, name: str, content: bytes, caption: str, chat_id: int | None = None, *,
        as_document: bool = False, album: str = "", html: bool = False, shape: str = "", **more: Any,
    ) -> int:  # fmt: skip
        """Somebody sends a file: a photo, a video or a GIF by its name, else a document; the message's id.

        Files of one `album` belong together. `shape` and `more` as in `_shaped`. Raises KeyError for another shape.
        """
        person, chat = self.people[person_id], self.chats[chat_id or person_id]
        file_id = self.keep_file(name, content)
        by_name = {"jpg": "photo", "png": "photo", "mp4": "video", "gif": "animation"}.get(name.rpartition(".")[2], "")
        wanted = "document" if as_document else shape or by_name or "document"
        body = _shaped(wanted, {"file_id": file_id, "file_size": len(content)}, name, **more)
        if caption:
            body |= _worded("caption", caption, html=html)
        if album:
            body["media_group_id"] = album
        message = self.new_message(chat, person.wire, body)
        self._update({"message": message})
        return int(message["message_id"])

    def press(self, person_id: int, message_id: int, data: str, chat_id: int | None = None) -> None:
        """Somebody taps a button under a message of the bot. Raises KeyError where there is none."""
        chat = self.chats[chat_id or person_id]
        self._may(person_id, chat)
        message = chat.messages[message_id]
        rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
        if not any(b.get("callback_data") == data for row in rows for b in row):
            raise KeyError(data)
        self.press_unseen(person_id, message, data)

    def press_unseen(self, person_id: int, message: dict[str, Any], data: str) -> None:
        """A button press as it comes from an old or a foreign phone: whatever it holds."""
        query = secrets.token_hex(8)
        self.queries[query] = person_id
        self.toasts.pop(person_id, None)
        wire = {"id": query, "from": self.people[person_id].wire, "message": message, "data": data}
        self._update({"callback_query": {**wire, "chat_instance": str(message["chat"]["id"])}})

    # --- what the bot's side keeps here --------------------------------------------------------------------

    def new_message(
        self, chat: Chat, sender: dict[str, Any], body: dict[str, Any], topic: int | None = None
    ) -> dict[str, Any]:
        """A message in a chat, or in a topic of it, from whomever."""
        self._message_id += 1
        message = {
            "message_id": self._message_id,
            "from": sender,
            "chat": chat.wire,
            "date": int(time.time()),
        }
        if topic is not None:
            message |= {"message_thread_id": topic, "is_topic_message": True}
        message |= body
        chat.messages[self._message_id] = message
        return message

    def keep_file(self, name: str, content: bytes) -> str:
        """The id of a file that was sent."""
        file_id = secrets.token_hex(12)
        self.files[file_id] = (name, content)
        return file_id

    def take_updates(self) -> list[dict[str, Any]]:
        """What has happened since it was last asked, for who has neither a webhook nor polls."""
        taken = list(self.updates)
        self.updates.clear()
        return taken

    def _update(self, body: dict[str, Any]) -> None:
        self._update_id += 1
        self.updates.append({"update_id": self._update_id, **json.loads(json.dumps(body))})
        self.updated()
        self.changed()


def _shaped(
    shape: str, item: dict[str, Any], name: str, *, seconds: int = 5, width: int = 640, height: int = 480,
    moves: bool = False, qualities: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What of a message tells of a file, as Telegram tells it.

    `shape`: photo, live_photo, video, animation, video_note, sticker (which may be one that `moves`) or document.
    """
    item = {**item, "file_unique_id": item["file_id"][:12]}
    sides = {"width": width, "height": height}
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    small = {**item, "width": 90, "height": 67, "file_size": 900}
    photo = [small, {**item, "width": 800, "height": 600}]
    moving = {**item, **sides, "duration": seconds, "file_name": name, "mime_type": "video/mp4"}
    document = {**item, "file_name": name, "mime_type": kind}
    sticker = {**item, "type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": moves}
    bodies: dict[str, dict[str, Any]] = {
        "photo": {"photo": photo},
        "live_photo": {"photo": photo, "live_photo": {**moving, "photo": photo}},
        "video": {"video": {**moving, **({"qualities": qualities} if qualities else {})}},
        "animation": {"animation": {**moving, "mime_type": "image/gif"}, "document": document},
        "video_note": {"video_note": {**item, "length": height, "duration": seconds}},
        "sticker": {"sticker": sticker},
        "document": {"document": document},
    }
    return bodies[shape]


def _worded(what: str, text: str, *, html: bool) -> dict[str, Any]:
    """A text or a caption with its entities. Raises BotError where the markup is none."""
    plain, entities = formatted(text) if html else (text, [])
    entities = sorted([*entities, *found_in(plain)], key=lambda e: (e["offset"], -e["length"]))
    return {what: plain, **({"entities" if what == "text" else "caption_entities": entities} if entities else {})}
