"""Naming: X is asked who wrote one message, where a person looks at it, or its post needs the name after all.

What a batch needs is asked for at once (`ask_followers` in tasks/moderation.py).
"""

import structlog

from engine.x.errors import XError
from models import aside
from models.accounts.channels import Channel
from models.aside import Item, Place
from models.database import transaction
from models.moderation import followers
from models.notifications import notices
from models.streaming import messages
from models.streaming.messages import Message
from tasks import accounts
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.lanes import calls_x

log = structlog.get_logger()


@calls_x(messages.channel_of, priority=60)
def ask_who(message_id: int) -> None:
    """Whoever looks at the card of a message sees who wrote it; X is asked once."""
    with aside.apart(Item(Place.FOLLOWERS, f"message:{message_id}", lambda: messages.channel_of(message_id))):
        message = messages.message(message_id)
        channel = Channel.get_or_none((Channel.id == message.channel_id) & Channel.connected) if message else None
        if message is None or channel is None or message.sender_handle:
            return
        if look_up(message, channel) and message.sender_handle:
            with transaction():
                notices.redraw_message(message_id, now())


def look_up(message: Message, channel: Channel) -> bool:
    """Find out who wrote a message, and write it down, also in `message`; False where X gives no answer."""
    person = followers.name_of(message, now())
    if person is None:
        try:
            asked = accounts.client(channel).people([message.sender_id])
        except TokenBusy:
            return False
        except XError as error:
            accounts.heed(channel, error)
            log.info("could not ask who wrote it", message=message.id, error=type(error).__name__)
            return False
        person = followers.asked_of(message, asked[message.sender_id], now())
    followers.name(message, person)
    return True
