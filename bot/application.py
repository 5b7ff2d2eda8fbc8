"""The bot with everything that it answers to: commands, buttons, what is written, sent or edited."""

from datetime import timedelta
from typing import Any

import structlog
from telegram import LinkPreviewOptions, Message, Update
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    ContextTypes,
    Defaults,
    ExtBot,
    MessageHandler,
    filters,
)
from telegram.request import BaseRequest

import bot.wings  # noqa: F401, all that answers
from bot import helping, meaning, meant
from bot.accounts import signing_in
from bot.accounts.pins import no_pins, refuse_in_group
from bot.chat import handling, spoken
from bot.chat.came import Came
from bot.chat.dialogue import Step, Takes
from bot.chat.language import Speaker, language_of
from bot.chat.taking import with_turn
from bot.chat.turn import Refusal, Turn
from bot.commands import COMMANDS
from bot.desks import happenings, in_group, pressing
from bot.files import importing
from bot.incoming import Fetching
from bot.publishing import attachments, media, posting
from bot.publishing import drafts as drawing
from bot.scheduling import captions, rewriting
from bot.wire.in_time import InTime
from bot.wire.rate_limiter import RateLimiter
from engine.roles import May
from engine.x.chat import pins
from models.publishing import drafts
from models.publishing.drafts import Draft
from models.settings import Settings

log = structlog.get_logger()
Bot = Application[Any, Any, Any, Any, Any, Any]
DEFAULTS = Defaults(parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True))
BY_NAME = {command.name: command for command in COMMANDS}
#: What somebody sends to be read, and we can't. Whatever else a message may be tells of the chat itself (something was
#: pinned, a timer was set, somebody came), or asks for nothing: it is not answered.
MEANT_FOR_US = ("voice", "audio", "video_note", "sticker", "location", "venue", "contact", "story", "paid_media")
_OF_GROUPS = (
    filters.StatusUpdate.MIGRATE
    | filters.StatusUpdate.NEW_CHAT_TITLE
    | filters.StatusUpdate.FORUM_TOPIC_CLOSED
    | filters.StatusUpdate.FORUM_TOPIC_REOPENED
    | filters.StatusUpdate.GENERAL_FORUM_TOPIC_UNHIDDEN
)
SECOND_AFTER = timedelta(minutes=10)


def application(settings: Settings, telegram: BaseRequest | None = None) -> "Bot":
    """The bot. `telegram`: another way to Telegram than HTTP."""
    base = settings.telegram_api_url
    app = (
        Application.builder()
        .token(settings.telegram_token.get_secret_value())
        .base_url(f"{base}/bot")
        .base_file_url(f"{base}/file/bot")
        .request(telegram or InTime(connection_pool_size=100, pool_timeout=5, read_timeout=15))
        .get_updates_request(telegram or Fetching(connection_pool_size=1, read_timeout=25))
        .rate_limiter(RateLimiter())
        .defaults(DEFAULTS)
        .updater(None)
        .build()
    )
    called = _Called() & filters.UpdateType.MESSAGE & filters.TEXT
    elsewhere = no_pins(in_group.commanded, refuse_in_group)
    app.add_handler(MessageHandler(filters.ChatType.GROUPS & _OF_GROUPS, happenings.happened))
    app.add_handler(ChatMemberHandler(happenings.member, ChatMemberHandler.MY_CHAT_MEMBER))
    app.add_handler(MessageHandler(called, with_turn(no_pins(commanded), elsewhere)))
    app.add_handler(CallbackQueryHandler(with_turn(pressing.pressed)))
    private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
    app.add_handler(MessageHandler(private & filters.TEXT, with_turn(no_pins(free_text))))
    app.add_handler(MessageHandler(private & ~filters.TEXT, with_turn(no_pins(not_text))))
    rewritten = filters.ChatType.PRIVATE & filters.UpdateType.EDITED_MESSAGE
    app.add_handler(MessageHandler(rewritten, with_turn(no_pins(rewritten_later))))
    marked = ~filters.ChatType.PRIVATE & _Marked()  # what incoming.py took a PIN out of
    app.add_handler(MessageHandler(marked, with_turn(refuse_in_group, refuse_in_group)))
    app.add_error_handler(_stumbled)
    return app


async def answer(app: "Bot", update: Update, came: Came) -> None:
    """Let the first handler that takes this update have it. What breaks in it reaches who asked for the answer."""
    for handler in (h for group in app.handlers.values() for h in group):
        if handler.check_update(update) not in (None, False):
            await handler.callback(update, came)
            return


class _Called(filters.MessageFilter):
    """A command that there is, in whatever words; in a group not one that is said to another bot, nor one that somebody
    shows, or that a linked channel's post begins with.
    """

    def filter(self, message: Message) -> bool:
        said = spoken.parse(message.text or "")
        if said is None or not said.name:
            return False
        bot = message.get_bot()
        assert isinstance(bot, ExtBot)
        if message.chat.type == ChatType.PRIVATE:
            return True
        return message.forward_origin is None and said.bot.lower() in ("", bot.username.lower())


class _Marked(filters.UpdateFilter):
    """A PIN stood here, in what somebody wrote or changed."""

    def filter(self, update: Update) -> bool:
        message = update.message or update.edited_message
        return message is not None and (message.text or message.caption) == pins.MARK


async def commanded(turn: Turn) -> None:
    """A command, by whatever name."""
    await helping.obey(turn, BY_NAME[turn.command])


async def free_text(turn: Turn) -> None:
    """What is no command: an answer to what was asked, a pasted address, or something to say."""
    text = turn.message.text or "" if turn.message is not None else ""
    step = turn.step
    turn.needs = May.WRITE
    own_words = turn.message is not None and turn.message.forward_origin is None
    if signing_in.looks_pasted(text):
        await signing_in.pasted(turn)
    elif spoken.parse(text) is not None:
        await meant.unknown_command(turn, text)
    elif step is not None and meaning.is_cancel(text):
        await helping.obey(turn, BY_NAME["cancel"])
    elif step is not None:
        _must_take(turn, step, Takes.TEXT)
        await handling.answered(turn, step)
    elif text.startswith(("http://", "https://")):
        await signing_in.pasted(turn)
    elif own_words and await meant.plain_words(turn, text):
        return
    elif (photo := _waiting_for_text(turn)) is not None:
        await drawing.show(turn, turn.reach(photo.channel_id, May.WRITE), posting.captioned(turn, photo, text))
    elif own_words and meaning.is_small_talk(text):
        await meant.small_talk(turn, text)
    elif turn.mine():
        await posting.offer(turn, turn.take_channel(), text)
    else:
        await turn.send(turn.t("I didn't understand that. Everything I can do is in /help; your channels: /channels"))


async def rewritten_later(turn: Turn) -> None:
    """What was sent was edited: the draft that came of it changes, or the person is told what it can still be."""
    message = turn.update.edited_message
    turn.needs = May.WRITE
    text = (message.text or message.caption or "") if message is not None else ""
    if not await rewriting.edited(turn) and text.strip():
        await meant.said_anew(turn, text)


async def not_text(turn: Turn) -> None:
    """A photo or a video to be said, a file to be brought in; else what we can't read, or no word to us at all."""
    message = turn.message
    step = turn.step
    turn.needs = May.WRITE
    sent = attachments.sent_by(turn)
    if sent is None and _may_be_shown(message, step):
        sent = await attachments.in_document(turn)
    if sent is not None and message is not None and (message.caption or "").startswith("/"):
        await captions.received(turn, sent)
    elif sent is not None:
        if step is not None and not media.of_album(turn):
            _must_take(turn, step, Takes.PHOTO)
        await media.received(turn, sent, step)
    elif message is not None and message.document is not None:
        if turn.command == "import":
            await helping.obey(turn, BY_NAME["import"])
            return
        if step is None:
            raise importing.unasked(turn)
        _must_take(turn, step, Takes.FILE)
        await handling.answered(turn, step)
    elif message is not None and any(getattr(message, kind) for kind in MEANT_FOR_US):
        await turn.send(turn.t("I read text, photos and videos here. Everything I can do is in /help"))


def _may_be_shown(message: Message | None, step: Step | None) -> bool:
    """Whether a file is looked at for whether it is something to be shown, whatever Telegram calls it."""
    if message is None or message.document is None or _names_import(message.caption):
        return False
    return step is None or (Takes.PHOTO in step.takes and Takes.FILE not in step.takes)


def _names_import(caption: str | None) -> bool:
    """Whether the command that stands first in a caption is the one that brings a file in."""
    said = spoken.parse(caption or "")
    return said is not None and said.name == "import"


def _must_take(turn: Turn, step: Step, sent: Takes) -> None:
    """Whether the step waits for this. Raises Refusal, and goes on waiting, where it does not."""
    if sent in step.takes:
        return
    if Takes.FILE in step.takes:
        raise Refusal(turn.t("I wait for a file now. Send it to me, or leave with /cancel"))
    if Takes.PHOTO in step.takes:
        raise Refusal(turn.t("I wait for a photo, a GIF or a video now. Send it to me, or leave with /cancel"))
    raise Refusal(turn.t("I wait for a text now. Send it to me, or leave with /cancel"))


def _waiting_for_text(turn: Turn) -> Draft | None:
    """A draft whose photo came a moment ago without a text: what is written now is its text."""
    draft = drafts.newest(turn.person.telegram_id, turn.now - SECOND_AFTER)
    if draft is None or not draft.turns or draft.last.text or not draft.last.media:
        return None
    return draft if any(c.id == draft.channel_id for c in turn.mine()) else None


async def _stumbled(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Something of ours broke: it is written down, and the person gets a sentence, never a stack trace."""
    error = context.error
    if isinstance(error, NetworkError | RetryAfter) and not isinstance(error, BadRequest):
        log.warning("telegram trouble, not answered", error=type(error).__name__)
        return
    log.error("handler failed", error=type(error).__name__)  # why, and where, stands with what is set aside
    if isinstance(update, Update) and update.effective_chat and update.effective_user:
        say = Speaker(language_of(update.effective_user.language_code))
        try:
            await update.effective_chat.send_message(
                say.t("Something went wrong on my side; it has been written down. Try again in a moment.")
            )
        except TelegramError as trouble:
            log.warning("telegram trouble", error=type(trouble).__name__)
