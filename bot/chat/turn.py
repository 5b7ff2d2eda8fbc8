"""A turn of the conversation: who spoke, in which language, about which channel, and how to answer.

Every command, button and message goes through here.
"""

import contextlib
import html
import re
from collections.abc import Awaitable, Callable, Coroutine
from io import BytesIO
from typing import Any, TypeVar

from telegram import InlineKeyboardMarkup, InputFile, Message, Update
from telegram.constants import ChatType
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.chat import dialogue, spoken
from bot.chat.allowing import offered, why_not
from bot.chat.came import Answered, Came, answered_by, arguments_of, on_the_loop, text_of
from bot.chat.dialogue import Step
from bot.chat.keyboards import Rows, keyboard
from bot.chat.language import Speaker, signed
from bot.wire.rate_limiter import NOTICE
from engine.fitting import cut
from engine.roles import May
from models.accounts import channels, people, team
from models.accounts.channels import Channel
from models.accounts.people import Person
from models.moderation import desks as moving
from models.notifications import desks, notices
from models.notifications.desks import Desk
from models.publishing import following
from models.publishing.following import Followed
from tasks.clock import now

Sentences = list[str]
MOST_SAID_BACK = 60
V = TypeVar("V")


class Refusal(Exception):
    """A sentence for the person, ready to send: what was wrong, and a right example."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class NotReached(Exception):
    """What came in a group can't be answered: I may not write there, or in private to who never wrote to me."""


class Turn(Speaker):
    """One update of Telegram's, as the handlers see it, in a thread of its own. `note` is said over the next answer.

    `desk`: a button was pressed at a channel's desk, so all who are there read the answer, in its language, and who it
    was (`signs`). `alone`:
    it came in a group, and is answered in the person's private chat.

    A turn may wait for the database, for files and for X as it likes: nobody waits with it but the person whose turn it
    is. After its process died it is done again; what must not be done twice is done by `once`.
    """

    def __init__(self, update: Update, person: Person, arguments: str, came: Came) -> None:
        super().__init__(person.language)
        self.came = came
        self.update = update
        self.person = person
        self.arguments = arguments
        self.note = ""
        self.now = now()
        self.needs = May.OWN  # what is being done takes this, of who does it
        self.desk: Desk | None = None
        self.signs = self.alone = False

    # --- what was sent ---------------------------------------------------------------------------------------

    @property
    def message(self) -> Message | None:
        """What the person sent; None where they pressed a button or edited something."""
        return self.update.message

    @property
    def command(self) -> str:
        """The command that stands first in what the person sent, by its name in the list; "" for none that there is."""
        said = spoken.parse(text_of(self.update))
        return said.name if said is not None else ""

    @property
    def message_id(self) -> int | None:
        """The id of what the person sent."""
        return self.update.message.message_id if self.update.message is not None else None

    @property
    def pressed_id(self) -> int | None:
        """The id of our message whose button was pressed, where it stands in the chat in which this is answered."""
        query = self.update.callback_query
        return None if self.alone or query is None or query.message is None else query.message.message_id

    @property
    def chat_id(self) -> int:
        """Telegram's number of the chat in which this is answered."""
        chat = self.update.effective_chat
        return self.person.telegram_id if self.alone or chat is None else chat.id

    @property
    def in_group(self) -> bool:
        """Whether it came where others read it too."""
        chat = self.update.effective_chat
        return chat is not None and chat.type != ChatType.PRIVATE

    @property
    def topic(self) -> int | None:
        """The topic of a forum in which this came, and is answered; None in its General, and anywhere else."""
        query = self.update.callback_query
        message = query.message if query is not None else self.update.effective_message
        if self.desk is not None and not self.alone and query is not None and not isinstance(message, Message):
            return self.desk.topic  # the card is too old to say where it stands
        if self.alone or not isinstance(message, Message) or not message.is_topic_message:
            return None
        return message.message_thread_id

    @property
    def reader(self) -> int:
        """For whom what is shown in this chat is drawn and kept: the person, or the desk's group."""
        return desks.reader_of(self.desk.group_id) if self.desk is not None else self.person.telegram_id

    def come_to(self, desk: Desk, language: str) -> None:
        """A button was pressed at this desk."""
        self.desk = desk
        super().__init__(language)

    def typed(self) -> str:
        """What was typed after the command, with its lines as they are. `arguments` where a channel was named."""
        text = arguments_of(self.update)
        return text if text.split() == self.arguments.split() else self.arguments

    @property
    def answered(self) -> Answered | None:
        """The message that this one answers, if any."""
        return answered_by(self.message, self.update.get_bot().id)

    async def download(self, file_id: str) -> bytes:
        """The content of a file that was sent. Raises Refusal where Telegram does not give it."""

        async def fetched() -> bytes:
            file = await self.update.get_bot().get_file(file_id)
            return bytes(await file.download_as_bytearray())

        try:
            return await self._ask_telegram(fetched())
        except BadRequest as error:
            if "too big" in error.message.lower():
                raise Refusal(self.t("That file is too large: Telegram gives bots at most 20 MB.")) from None
            raise Refusal(self.t("Telegram does not give me that file. Send it again.")) from None

    # --- what becomes of it ------------------------------------------------------------------------------------

    def once(self, name: str, kind: type[V], work: Callable[[], V]) -> V:
        """Store something in a transaction, which is done once also where this turn is done again: its result is kept.

        See `models/inbox.py`. The name says what is stored; the result is an id, or something else that JSON can hold.
        """
        return self.came.taken.once(name, kind, work)

    def did(self, name: str) -> bool:
        """Whether that was stored already, by a try of this turn whose process died: then nothing stands in its way."""
        return self.came.taken.did(name)

    # --- answering -------------------------------------------------------------------------------------------

    async def _ask_telegram(self, call: Coroutine[Any, Any, V]) -> V:
        return await on_the_loop(self.came, call)

    async def answer(self, text: str, rows: Rows | None = None, *, follows: Followed | None = None) -> None:
        """Answer: under a button by changing its message, else with a new one.

        A card `follows` what it shows: it is drawn anew when that changes.
        """
        query = self.update.callback_query
        if query is None or self.alone or not isinstance(query.message, Message):
            self._shows(await self.send(text, rows), follows)
            return
        if self.desk is not None and self.signs:
            notices.sign(self.reader, query.message.message_id, self.person.name)
            text = signed(text, self.person.name)
        try:
            await self._ask_telegram(query.edit_message_text(self._noted(text), reply_markup=self._keyboard(rows)))
            notices.shown(self.reader, query.message.message_id, self.now, now())
            following.shown(self.reader, query.message.message_id, follows, self.now)
        except ChatMigrated as error:  # the old group keeps its messages as they are; what is open comes to the new one
            moving.moved(query.message.chat.id, error.new_chat_id, now())
        except BadRequest as error:
            if "not modified" in error.message or self.desk is not None:
                return  # a desk's card is drawn anew by who tells, who follows the group where it is that
            if "to edit" not in error.message and "can't be edited" not in error.message:
                raise
            self._shows(await self.send(text, rows), follows)

    def _shows(self, message_id: int, follows: Followed | None) -> None:
        """A new message of ours shows what it follows, if anything."""
        if follows is not None:
            following.shown(self.reader, message_id, follows, self.now)

    async def send(self, text: str, rows: Rows | None = None) -> int:
        """A new message; its id."""
        bot = self.update.get_bot()
        saying = bot.send_message(
            self.chat_id, self._noted(text), reply_markup=self._keyboard(rows), message_thread_id=self.topic
        )
        try:
            return (await self._ask_telegram(saying)).message_id
        except (Forbidden, BadRequest, ChatMigrated) as error:
            if self.in_group and (not self.alone or isinstance(error, Forbidden) or "not found" in error.message):
                raise NotReached from None
            raise

    async def point_to_private(self) -> None:
        """Say in a group where we talk."""
        bot = self.update.get_bot().username
        await self.say_in_group(self.t("Write to me in private and I'll help: @{bot}", bot=bot))

    async def say_in_group(self, text: str) -> None:
        """Not where Telegram has had enough: all who write there share its pause, and take the places of others.

        Nor where I may not write, which is nobody's trouble who writes there.
        """
        chat, bot = self.update.effective_chat, self.update.get_bot()
        assert chat is not None
        assert isinstance(bot, ExtBot)
        with contextlib.suppress(RetryAfter, Forbidden, BadRequest, ChatMigrated):
            await self._ask_telegram(
                bot.send_message(chat.id, text, message_thread_id=self.topic, rate_limit_args=NOTICE)
            )

    async def send_file(self, content: bytes, name: str, caption: str | None = None) -> None:
        """A file, as a new message. No caption is None: PTB's defaults make "[]" of an empty one."""
        file = InputFile(BytesIO(content), name)
        sending = self.update.get_bot().send_document(self.chat_id, file, caption=caption, message_thread_id=self.topic)
        await self._ask_telegram(sending)

    async def send_picture(self, content: bytes, name: str, caption: str, rows: Rows) -> None:
        """A picture with buttons, as a new message."""
        picture = InputFile(BytesIO(content), name)
        sending = self.update.get_bot().send_photo(
            self.chat_id, picture, caption=caption, reply_markup=self._keyboard(rows), message_thread_id=self.topic
        )
        await self._ask_telegram(sending)

    async def redraw(self, message_id: int, text: str, rows: Rows | None = None) -> bool:
        """Another text and other buttons in a message of ours; False where it is gone."""
        try:
            await self._ask_telegram(
                self.update.get_bot().edit_message_text(
                    self._noted(text), self.chat_id, message_id, reply_markup=self._keyboard(rows)
                )
            )
        except BadRequest as error:
            return "not modified" in error.message
        return True

    async def delete_sent(self) -> bool:
        """Delete what the person sent or edited; False where Telegram does not."""
        message = self.update.effective_message
        try:
            return message is not None and await self._ask_telegram(message.delete())
        except BadRequest as error:
            return "not found" in error.message  # it was deleted before

    async def toast(self, text: str) -> None:
        """A word over the chat, for who pressed a button; a message for who typed."""
        query = self.update.callback_query
        if query is None:
            await self.send(html.escape(text, quote=False))
            return
        try:
            await self._ask_telegram(query.answer(text[:190], show_alert=True))
        except BadRequest:
            return  # answered already, or too old

    async def stop_spinning(self) -> None:
        """A button that was pressed shows that it was, until it is answered."""
        query = self.update.callback_query
        if query is None:
            return
        try:
            await self._ask_telegram(query.answer())
        except TelegramError:
            return  # answered already, or too old, or it stops by itself

    def _keyboard(self, rows: Rows | None) -> InlineKeyboardMarkup | None:
        return keyboard(offered(rows, self.reader))

    def _noted(self, text: str) -> str:
        note, self.note = self.note, ""
        return f"{note}\n\n{text}" if note else text

    # --- whose channel ---------------------------------------------------------------------------------------

    def reach(self, channel_id: int, needs: May) -> Channel:
        """The channel, if the person may do to it what needs this, or any of these. Raises Refusal."""
        channel = channels.one(channel_id)
        if channel is None:
            raise Refusal(self.t("Nothing is kept of that channel any more. What there is: /channels"))
        if not team.may(channel, self.person.telegram_id, needs):
            raise Refusal(why_not(self, channel, self.person.telegram_id, needs))
        return channel

    def mine(self) -> list[Channel]:
        """The channels to which the person may do what is being done: where nothing else is said, their own."""
        return team.channels_where(self.person.telegram_id, self.needs)

    def take_channel(self, *, named_only_if_mine: bool = False) -> Channel:
        """The channel that the command speaks of: `@name` first among its words, else the current one.

        Before a text, a name is one of a channel only where it is the person's: `/post @somebody hello` says just that.
        Where they may do less to the one that is meant, they are told; it is never done to another instead.
        """
        known = team.channels_where(self.person.telegram_id, May.READ)
        if not known:
            raise Refusal(self.t("You have no channel yet. Connect one with /connect"))
        mine = self.mine()
        first, _, rest = self.arguments.partition(" ")
        if first.startswith("@"):
            for channel in known:
                if channel.handle.lower() == first[1:].lower():
                    self.arguments = rest.strip()
                    return self.reach(channel.id, self.needs)
            if mine and not named_only_if_mine:
                raise Refusal(
                    self.t(
                        "{handle} is not one of your channels. You have: {channels}. For example: /channel {example}",
                        handle=said_back(first),
                        channels=", ".join(map(str, mine)),
                        example=mine[0],
                    )
                )
        meant = next((c for c in known if c.id == self.person.channel_id), (mine or known)[0])
        return self.reach(meant.id, self.needs)

    # --- what the next message answers -----------------------------------------------------------------------

    @property
    def step(self) -> Step | None:
        """What the person was asked for last, if they have not answered or gone on to something else."""
        return dialogue.read(self.person.dialogue)

    async def ask(self, waiting: Step, text: str, rows: Rows | None = None) -> None:
        """Ask for something: the next message answers it."""
        self.wait_for(waiting)
        await self.send(text, rows)

    def wait_for(self, waiting: Step) -> None:
        """The next message answers this."""
        self.person.dialogue = dialogue.written(waiting)
        people.remember_dialogue(self.person.telegram_id, self.person.dialogue, self.came.taken.update_id)

    def end_step(self) -> None:
        """Nothing is waited for any more."""
        if self.person.dialogue:
            self.person.dialogue = ""
            people.remember_dialogue(self.person.telegram_id, "", self.came.taken.update_id)

    def take_step(self) -> bool:
        """End the step, for who confirms it; False where another tap was first."""
        kept, self.person.dialogue = self.person.dialogue, ""
        return people.forget_dialogue(self.person.telegram_id, kept, self.came.taken.update_id)


def said_back(typed: str) -> str:
    """What a person typed, as it stands in an answer, which must not be longer than Telegram takes."""
    return cut(typed, MOST_SAID_BACK)


def plain(text: str) -> str:
    """A sentence without its markup, for where Telegram takes none."""
    return html.unescape(re.sub(r"<[^>]+>", "", text))


Handler = Callable[[Turn], Awaitable[None]]
