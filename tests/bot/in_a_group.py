"""A group or a forum in which people work with the bot: what they write, tap and read there."""

import re
from collections.abc import Sequence
from typing import Any

from bot.notifications.delivery import Delivery
from tests.bot.conversation import Conversation, Shown

BOT = "@CanalesBot"


class Group:
    """A group of one's own, which the bot is taken into. Who is named in it reads and taps; nobody else."""

    def __init__(self, founder: Conversation, *others: Conversation, forum: bool = False, title: str = "Mesa") -> None:
        self._one = founder
        self._expected = False
        self._phones = founder._phones
        members = [founder.person, *(o.person for o in others)]
        self.id = self._phones.found(founder.person, title, forum=forum, members=members).id

    async def does(self) -> None:
        """The bot has what was done on the phones."""
        await self._one.goes_on()

    async def types(self, who: Conversation, text: str, topic: int | None = None, forwarded: str = "") -> None:
        """Somebody writes in the group, or in a topic, or shows there what another wrote."""
        self._phones.say(who.person, text, self.id, topic=topic, forwarded=forwarded)
        await who.goes_on()

    def taps(self, who: Conversation, shown: Shown, label: str) -> None:
        """Somebody taps a button there; the bot has it when it goes on."""
        target = next(target for row in shown.buttons for text, target in row if re.search(label, text))
        self._phones.press(who.person, shown.id, target, self.id)

    async def taps_and_sees(self, who: Conversation, shown: Shown, label: str) -> Shown:
        """The same, and what stands in that message then."""
        self.taps(who, shown, label)
        await who.goes_on()
        return self.again(shown)

    async def is_told(self, pattern: str) -> Shown:
        """The bot delivers; the newest message of the group that matches."""
        await self.delivers()
        return self.reads(pattern)

    async def delivers(self) -> None:
        """All that waits is told; what comes of an error is told after it."""
        for _ in range(2 if self._expected else 1):
            await Delivery(self._one.bot).catch_up()
        if self._expected:
            self._one._service.wire.refused.clear()
        self._one._service.check()

    def reads(self, pattern: str, topic: int | None = None) -> Shown:
        """The newest message of the bot in the group, or in a topic, that matches."""
        found = next((m for m in reversed(self.everything(topic)) if re.search(pattern, m.text, re.S)), None)
        assert found is not None, "\n".join([f"/{pattern}/ is not in the group:", *map(str, self.everything())])
        return found

    def everything(self, topic: int | None = None) -> Sequence[Shown]:
        """All that the bot said there, oldest first."""
        return [
            self.shown(number)
            for number, m in sorted(self._chat.messages.items())
            if m["from"]["is_bot"] and (topic is None or m.get("message_thread_id") == topic)
        ]

    def again(self, shown: Shown) -> Shown:
        """The same message as it stands now."""
        return self.shown(shown.id)

    def topic_of(self, shown: Shown) -> int | None:
        found: int | None = self._chat.messages[shown.id].get("message_thread_id")
        return found

    def shown(self, number: int) -> Shown:
        m = self._chat.messages[number]
        return Shown(number, str(m.get("text", "")), self._chat.shown.get(number, ""), Conversation._buttons(m))

    @property
    def _chat(self) -> Any:
        return self._phones.chats[self.id]

    # --- what becomes of it ----------------------------------------------------------------------------------

    async def topic(self, name: str) -> int:
        made = self._phones.open_topic(self._one.person, self.id, name)
        await self.does()
        return made

    async def has(self, what: dict[str, Any]) -> None:
        """A message of the group's that tells of itself: it is called otherwise, its General is opened …"""
        self._phones._tells_group(self._one.person, self.id, what)
        await self.does()

    async def closes(self, topic: int, *, closed: bool = True) -> None:
        self._phones.close_topic(self._one.person, self.id, topic, closed=closed)
        await self.does()

    def deletes(self, topic: int) -> None:
        self._phones.delete_topic(self.id, topic)

    async def makes_the_bot(self, status: str) -> None:
        """kicked, left, restricted or member"""
        self._phones.change_bot(self._one.person, self.id, status)
        await self.does()

    async def migrates(self, *, told: bool = True) -> None:
        """It becomes a supergroup, which is this group from now on."""
        self.id = self._phones.migrate(self._one.person, self.id, told=told).id
        await self.does()

    def expects_refusals(self) -> None:
        """What Telegram refuses from here on is what the test is about."""
        self._expected = True

    def becomes_lost_unseen(self, status: str) -> None:
        """The bot may do less there, and is not told."""
        self._chat.inside.bot = status
