"""A turn of the conversation: who spoke, in which language, about which channel, and how to answer.

Every command and button goes through here, so who pressed is checked in one place.
"""

import html
import json
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import ContextTypes

from bot.chat.language import Speaker, language_of
from models.accounts import channels, people, team
from models.accounts.channels import Channel
from models.accounts.people import Person
from models.notifications import notices
from tasks.clock import now

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
Button = tuple[str, str]
Rows = list[list[Button]]
Sentences = list[str]


class Refusal(Exception):
    """A sentence for the person, ready to send: what was wrong, and a right example."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Turn(Speaker):
    """One update of Telegram's, as the handlers see it."""

    def __init__(self, update: Update, person: Person, arguments: str) -> None:
        super().__init__(person.language)
        self.update = update
        self.person = person
        self.arguments = arguments
        self.now = now()

    # --- answering -----------------------------------------------------------------------------------------

    async def answer(self, text: str, rows: Rows | None = None) -> None:
        """Answer: under a button by changing its message, else with a new one."""
        query = self.update.callback_query
        if query is None or not isinstance(query.message, Message):
            await self.send(text, rows)
            return
        try:
            await query.edit_message_text(
                text, parse_mode=ParseMode.HTML, reply_markup=keyboard(rows), link_preview_options=NO_PREVIEW
            )
            notices.shown(self.person.telegram_id, query.message.message_id, self.now, now())
        except BadRequest as error:
            if "not modified" in error.message:
                return
            if "to edit" not in error.message and "can't be edited" not in error.message:
                raise
            await self.send(text, rows)

    async def send(self, text: str, rows: Rows | None = None) -> int:
        """A new message; its id."""
        chat = self.update.effective_chat
        assert chat is not None
        sent = await chat.send_message(
            text, parse_mode=ParseMode.HTML, reply_markup=keyboard(rows), link_preview_options=NO_PREVIEW
        )
        return sent.message_id

    async def redraw(self, message_id: int, text: str, rows: Rows | None = None) -> bool:
        """Another text and other buttons in a message of ours; False where it is gone."""
        chat = self.update.effective_chat
        assert chat is not None
        try:
            await self.update.get_bot().edit_message_text(
                text, chat.id, message_id, parse_mode=ParseMode.HTML, reply_markup=keyboard(rows),
                link_preview_options=NO_PREVIEW,
            )  # fmt: skip
        except BadRequest as error:
            return "not modified" in error.message
        return True

    async def toast(self, text: str) -> None:
        """A word over the chat, for who pressed a button; a message for who typed."""
        query = self.update.callback_query
        if query is None:
            await self.send(html.escape(text, quote=False))
            return
        try:
            await query.answer(text[:190], show_alert=True)
        except BadRequest:
            return  # answered already, or too old

    def typed(self) -> str:
        """What was typed after the command, with its lines as they are. `arguments` where a channel was named."""
        message = self.update.message
        text = message.text if message is not None and message.text else ""
        if text.startswith("/"):
            text = [*text.split(None, 1), ""][1]
        return text.strip() if text.split() == self.arguments.split() else self.arguments

    def replied_text(self) -> str:
        """The text of the message that this one answers, if any."""
        message = self.update.message
        answered = message.reply_to_message if message is not None else None
        return (answered.text or answered.caption or "") if answered is not None else ""

    # --- whose channel -------------------------------------------------------------------------------------

    def own(self, channel_id: int) -> Channel:
        """The channel, if it is the person's. Raises Refusal."""
        channel = Channel.get_or_none(Channel.id == channel_id)
        if channel is None or channel.owner_id != self.person.telegram_id:
            raise Refusal(self.t("That button is not for you: the channel belongs to somebody else."))
        return channel

    def help_with(self, channel_id: int) -> Channel:
        """The channel, if the person belongs to its team. Raises Refusal."""
        channel = Channel.get_or_none(Channel.id == channel_id)
        if channel is None or not team.helps(channel, self.person.telegram_id):
            raise Refusal(self.t("That button is not for you: the channel belongs to somebody else."))
        return channel

    def mine(self) -> list[Channel]:
        """The channels that the person owns."""
        return channels.channels_of(self.person.telegram_id)

    def take_channel(self) -> Channel:
        """The channel that the command speaks of: `@name` first among its words, else the current one."""
        mine = self.mine()
        if not mine:
            raise Refusal(self.t("You have no channel yet. Connect one with /connect"))
        first, _, rest = self.arguments.partition(" ")
        if first.startswith("@"):
            self.arguments = rest.strip()
            for channel in mine:
                if channel.handle.lower() == first[1:].lower():
                    return channel
            raise Refusal(
                self.t(
                    "{handle} is not one of your channels. You have: {channels}. For example: /channel {example}",
                    handle=first,
                    channels=", ".join(map(str, mine)),
                    example=mine[0],
                )
            )
        return next((c for c in mine if c.id == self.person.channel_id), mine[0])

    # --- where a wizard stands -----------------------------------------------------------------------------

    @property
    def dialogue(self) -> dict[str, Any]:
        dialogue: dict[str, Any] = json.loads(self.person.dialogue) if self.person.dialogue else {}
        return dialogue

    def leave_wizard_for_command(self) -> None:
        """Who types another command no longer answers the wizard's question."""
        message = self.update.message
        if message is None or not message.text or not message.text.startswith("/") or message.text == "/cancel":
            return
        if self.dialogue.get("step"):
            self.remember()
            self.person.dialogue = ""

    def remember(self, **dialogue: Any) -> None:
        """Keep where the wizard stands; nothing ends it."""
        people.remember_dialogue(self.person.telegram_id, dialogue or None)

    def reread(self) -> None:
        """See the person as they are stored now, for who goes on after changing them."""
        self.person = Person.get_by_id(self.person.telegram_id)


Handler = Callable[[Turn], Awaitable[None]]


def keyboard(rows: Rows | None) -> InlineKeyboardMarkup | None:
    """Buttons: a target that is an address opens it, any other comes back to us."""
    if not rows:
        return None

    def button(label: str, target: str) -> InlineKeyboardButton:
        if target.startswith(("http://", "https://")):
            return InlineKeyboardButton(label, url=target)
        return InlineKeyboardButton(label, callback_data=target)

    return InlineKeyboardMarkup([[button(*b) for b in row] for row in rows])


def with_turn(handler: Handler) -> Callable[[Update, ContextTypes.DEFAULT_TYPE], Coroutine[Any, Any, None]]:
    """Make a handler of Telegram's out of one of ours: finds the person, and says refusals."""

    async def handle(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        user = update.effective_user
        if user is None or update.effective_chat is None:
            return
        person = people.person(user.id, user.first_name, language_of(user.language_code), now())
        turn = Turn(update, person, " ".join(_rest_of(update).split(" ")).strip())
        try:
            if update.effective_chat.type != "private" and update.callback_query is None:
                await turn.send(turn.t("Write to me in private and I'll help: @{bot}", bot=context.bot.username))
                return
            turn.leave_wizard_for_command()
            await handler(turn)
        except Refusal as refusal:
            if update.callback_query is not None:
                await update.callback_query.answer(plain(refusal.text)[:190], show_alert=True)
            else:
                await turn.send(refusal.text)
        finally:
            if update.callback_query is not None:
                await _stop_spinning(update)

    return handle


async def _stop_spinning(update: Update) -> None:
    assert update.callback_query is not None
    try:
        await update.callback_query.answer()
    except BadRequest:
        return  # answered already, or too old


def _rest_of(update: Update) -> str:
    message = update.message
    if message is None or not message.text:
        return ""
    if message.text.startswith("/"):
        parts = message.text.split(None, 1)
        return parts[1] if len(parts) > 1 else ""
    return message.text


def plain(text: str) -> str:
    """A sentence without its markup, for where Telegram takes none."""
    return html.unescape(re.sub(r"<[^>]+>", "", text))
