"""What becomes of groups: I come in, may write or not, am removed; they move, a topic is closed or opened again."""

import contextlib
from typing import Any

from telegram import ChatMember, ChatMemberRestricted, Message, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter
from telegram.ext import ExtBot

from bot.chat.came import Came, on_the_loop
from bot.chat.language import Speaker
from bot.wire.rate_limiter import NOTICE
from models.accounts import channels, people
from models.moderation import desks as moving
from models.notifications import desks
from models.notifications.desks import Lost
from tasks.clock import now

OUT = (ChatMember.LEFT, ChatMember.BANNED)


async def happened(update: Update, _came: Any) -> None:
    """A group, or a topic of it, is no longer what it was."""
    message = update.message
    if message is None:
        return
    chat, topic, moment = message.chat.id, message.message_thread_id, now()
    if message.migrate_to_chat_id is not None:
        moving.moved(chat, message.migrate_to_chat_id, moment)
    elif message.migrate_from_chat_id is not None:
        moving.moved(message.migrate_from_chat_id, chat, moment)
    elif message.new_chat_title:
        desks.renamed(chat, message.new_chat_title)
    elif topic is None and _general_opened(message):
        moving.general_opened(chat, moment)
    elif message.forum_topic_closed is not None and topic is not None:
        moving.topic_over(chat, topic, moment, closed=True)
    elif message.forum_topic_reopened is not None and topic is not None:
        moving.reopened(chat, topic, moment)


def _general_opened(message: Message) -> bool:
    return message.forum_topic_reopened is not None or message.general_forum_topic_unhidden is not None


async def member(update: Update, came: Any) -> None:
    """What I am in a group was changed."""
    change = update.my_chat_member
    if change is None or change.chat.type not in ("group", "supergroup"):
        return
    am, chat, moment = change.new_chat_member, change.chat.id, now()
    mute = isinstance(am, ChatMemberRestricted) and not am.can_send_messages
    if am.status in OUT or (isinstance(am, ChatMemberRestricted) and not am.is_member):
        moving.lost(chat, Lost.GONE, moment)
    elif mute:
        moving.lost(chat, Lost.MUTE, moment)
    elif (
        not moving.found_again(chat, moment, told=True)
        and change.old_chat_member.status in OUT
        and desks.group_of(chat) is None
    ):
        await _greet(update, came)


async def _greet(update: Update, came: Came) -> None:
    """Somebody who has a channel has taken me into a group: how it becomes a desk."""
    change = update.my_chat_member
    assert change is not None
    mine = channels.channels_of(change.from_user.id)
    if not mine:
        return
    say, bot = Speaker(people.language_of(change.from_user.id)), update.get_bot()
    assert isinstance(bot, ExtBot)
    text = say.t(
        "🪑 I can be the desk of {channel} here: what waits for a decision comes to all of you. Write, in the topic"
        " that it shall be: <code>/desk@{bot} {channel}</code>",
        channel=mine[0],
        bot=bot.username,
    )
    with contextlib.suppress(Forbidden, BadRequest, ChatMigrated, RetryAfter):
        await on_the_loop(came, bot.send_message(change.chat.id, text, rate_limit_args=NOTICE))
