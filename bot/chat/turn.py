"""A turn of the conversation: who spoke, in which language, about which channel, and how to answer.

Every command, button and message goes through here.
"""

import asyncio
import contextlib
import html
import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeVar

from telegram import InlineKeyboardMarkup, InputFile, Message, MessageEntity, Update
from telegram.error import BadRequest, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.chat import dialogue, spoken
from bot.chat.allowing import offered, why_not
from bot.chat.dialogue import Step
from bot.chat.keyboards import Rows, keyboard
from bot.chat.language import Speaker, language_of
from bot.wire.rate_limiter import NOTICE
from engine.fitting import cut
from engine.roles import May
from models.accounts import people, team
from models.accounts.channels import Channel
from models.accounts.people import Person
from models.database import rest
from models.inbox import Taken
from models.notifications import notices
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


@dataclass(frozen=True, slots=True)
class Came:
    """How an update came to its turn: its row, which is ours, and the loop on which Telegram is spoken to."""

    taken: Taken
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class Answered:
    """A message that is answered: whether it is `ours`, what is quoted in it, what the person `picked` of it."""

    id: int
    text: str
    ours: bool
    quoted: tuple[str, ...]
    picked: str


class Turn(Speaker):
    """One update of Telegram's, as the handlers see it, in a thread of its own. `note` is said over the next answer.

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

    # --- what was sent ---------------------------------------------------------------------------------------

    @property
    def message(self) -> Message | None:
        """What the person sent; None where they pressed a button or edited something."""
        return self.update.message

    @property
    def command(self) -> str:
        """The command that stands first in what the person sent, by its name in the list; "" for none that there is."""
        said = spoken.parse(_text_of(self.update))
        return said.name if said is not None else ""

    @property
    def message_id(self) -> int | None:
        """The id of what the person sent."""
        return self.update.message.message_id if self.update.message is not None else None

    @property
    def pressed_id(self) -> int | None:
        """The id of our message whose button was pressed."""
        query = self.update.callback_query
        return query.message.message_id if query is not None and query.message is not None else None

    def typed(self) -> str:
        """What was typed after the command, with its lines as they are. `arguments` where a channel was named."""
        text = _arguments_of(self.update)
        return text if text.split() == self.arguments.split() else self.arguments

    @property
    def answered(self) -> "Answered | None":
        """The message that this one answers, if any."""
        message = self.message
        there = message.reply_to_message if message is not None else None
        if message is None or there is None:
            return None
        entities = there.parse_entities([MessageEntity.BLOCKQUOTE]) if there.text else {}
        ours = there.from_user is not None and there.from_user.id == self.update.get_bot().id
        picked = message.quote.text if message.quote is not None and message.quote.is_manual else ""
        return Answered(there.message_id, there.text or there.caption or "", ours, tuple(entities.values()), picked)

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
        """Speak with Telegram on the one loop for it, while this thread waits and keeps no connection to a database."""
        try:
            rest()
        except Exception:
            call.close()
            raise
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call, self.came.loop))

    async def answer(self, text: str, rows: Rows | None = None, *, follows: Followed | None = None) -> None:
        """Answer: under a button by changing its message, else with a new one.

        A card `follows` what it shows: it is drawn anew when that changes.
        """
        query = self.update.callback_query
        if query is None or not isinstance(query.message, Message):
            self._shows(await self.send(text, rows), follows)
            return
        try:
            await self._ask_telegram(query.edit_message_text(self._noted(text), reply_markup=self._keyboard(rows)))
            notices.shown(self.person.telegram_id, query.message.message_id, self.now, now())
            following.shown(self.person.telegram_id, query.message.message_id, follows, self.now)
        except BadRequest as error:
            if "not modified" in error.message:
                return
            if "to edit" not in error.message and "can't be edited" not in error.message:
                raise
            self._shows(await self.send(text, rows), follows)

    def _shows(self, message_id: int, follows: Followed | None) -> None:
        """A new message of ours shows what it follows, if anything."""
        if follows is not None:
            following.shown(self.person.telegram_id, message_id, follows, self.now)

    async def send(self, text: str, rows: Rows | None = None) -> int:
        """A new message; its id."""
        chat = self.update.effective_chat
        assert chat is not None
        sent = await self._ask_telegram(chat.send_message(self._noted(text), reply_markup=self._keyboard(rows)))
        return sent.message_id

    async def point_to_private(self) -> None:
        """Say in a group where we talk."""
        bot = self.update.get_bot().username
        await self.say_in_group(self.t("Write to me in private and I'll help: @{bot}", bot=bot))

    async def say_in_group(self, text: str) -> None:
        """Not where Telegram has had enough: all who write there share its pause, and take the places of others."""
        chat, bot = self.update.effective_chat, self.update.get_bot()
        assert chat is not None
        assert isinstance(bot, ExtBot)
        with contextlib.suppress(RetryAfter):
            await self._ask_telegram(bot.send_message(chat.id, text, rate_limit_args=NOTICE))

    async def send_file(self, content: bytes, name: str, caption: str | None = None) -> None:
        """A file, as a new message. No caption is None: PTB's defaults make "[]" of an empty one."""
        chat = self.update.effective_chat
        assert chat is not None
        await self._ask_telegram(chat.send_document(InputFile(BytesIO(content), name), caption=caption))

    async def send_picture(self, content: bytes, name: str, caption: str, rows: Rows) -> None:
        """A picture with buttons, as a new message."""
        chat = self.update.effective_chat
        assert chat is not None
        picture = InputFile(BytesIO(content), name)
        await self._ask_telegram(chat.send_photo(picture, caption=caption, reply_markup=self._keyboard(rows)))

    async def redraw(self, message_id: int, text: str, rows: Rows | None = None) -> bool:
        """Another text and other buttons in a message of ours; False where it is gone."""
        chat = self.update.effective_chat
        assert chat is not None
        try:
            await self._ask_telegram(
                self.update.get_bot().edit_message_text(
                    self._noted(text), chat.id, message_id, reply_markup=self._keyboard(rows)
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
        return keyboard(offered(rows, self.person.telegram_id))

    def _noted(self, text: str) -> str:
        note, self.note = self.note, ""
        return f"{note}\n\n{text}" if note else text

    # --- whose channel ---------------------------------------------------------------------------------------

    def reach(self, channel_id: int, needs: May) -> Channel:
        """The channel, if the person may do to it what needs this, or any of these. Raises Refusal."""
        channel = Channel.get_or_none(Channel.id == channel_id)
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


Handler = Callable[[Turn], Awaitable[None]]
Called = Callable[[Update, Any], Coroutine[Any, Any, None]]


def with_turn(handler: Handler, in_group: Handler = Turn.point_to_private) -> Called:
    """Make what the application calls, with a Came, out of one of ours: finds the person, and says refusals."""

    async def handle(update: Update, came: Came) -> None:
        user = update.effective_user
        if user is None or update.effective_chat is None:
            return
        person = people.person(user.id, user.first_name, language_of(user.language_code), now())
        people.begin_again(person, came.taken.update_id)
        turn = Turn(update, person, _arguments_of(update), came)
        try:
            if update.effective_chat.type != "private" and update.callback_query is None:
                await in_group(turn)
                return
            if spoken.ends_a_question(_text_of(update)):
                turn.end_step()
            await handler(turn)
        except Refusal as refusal:
            if update.callback_query is not None:
                await turn.toast(plain(refusal.text))
            else:
                await turn.send(refusal.text)
        finally:
            await turn.stop_spinning()

    return handle


def _text_of(update: Update) -> str:
    """What was written."""
    message = update.message
    return (message.text or message.caption or "") if message is not None else ""


def _arguments_of(update: Update) -> str:
    text = _text_of(update)
    command = spoken.parse(text)
    return (command.rest if command is not None else text).strip()


def said_back(typed: str) -> str:
    """What a person typed, as it stands in an answer, which must not be longer than Telegram takes."""
    return cut(typed, MOST_SAID_BACK)


def plain(text: str) -> str:
    """A sentence without its markup, for where Telegram takes none."""
    return html.unescape(re.sub(r"<[^>]+>", "", text))
