"""What Telegram says of a group to which a notice goes: it moved, its topic is closed or gone, I may not write there.

The notice is not lost by that: it goes to where its channel's desk is from then on, or to the team's private chats.
"""

import structlog

from bot.notifications.parcels import Parcel
from models.moderation import desks as moving
from models.notifications import desks, lanes
from models.notifications.desks import Lost
from tasks.clock import now

log = structlog.get_logger()
CLOSED = ("topic_closed",)
NO_TOPIC = ("message thread not found", "topic_deleted", "topic_id_invalid", "topic_not_found")
MUTE = (
    "not enough rights", "no rights to send", "have no rights", "chat_write_forbidden", "chat_send_plain_forbidden",
    "chat_restricted", "chat_admin_required", "need administrator rights",
)  # fmt: skip
GONE = (
    "chat not found", "group chat was deactivated", "group is deactivated", "chat was deleted", "peer_id_invalid",
    "was kicked", "not a member", "channel_private", "chat_id_invalid",
)  # fmt: skip


def is_of_group(message: str) -> bool:
    """Whether an error is about where a message goes, and not about what stands in it."""
    said = message.lower()
    return any(sign in said for sign in (*CLOSED, *NO_TOPIC, *MUTE, *GONE))


def met(parcel: Parcel, message: str, moved_to: int | None = None) -> bool:
    """Follow the group, or leave it, after an error; False where the notice goes to a person.

    What was to be told is put back before: it goes along. Whatever else Telegram may say, I can't write there: nothing
    is lost by words that nobody has heard yet. `moved_to` is the supergroup's number, where it became one.
    """
    if not desks.is_desk(parcel.person_id):
        return False
    at, moment, said = parcel.to, now(), message.lower()
    if parcel.old:
        lanes.redrawn(parcel.notices)
    else:
        lanes.put_back(parcel.ids, parcel.holder)
    if moved_to is not None:
        how = "moved" if moving.moved(at.chat_id, moved_to, moment) else ""
        if not how and desks.group_of(at.chat_id) is not None:  # no number of another group: it can't be followed
            how = "lost" if moving.lost(at.chat_id, Lost.GONE, moment) else ""
    elif any(sign in said for sign in (*CLOSED, *NO_TOPIC)) and at.topic is not None:
        closed = any(sign in said for sign in CLOSED)
        how = "topic over" if moving.topic_over(at.chat_id, at.topic, moment, closed=closed) else ""
    else:
        gone = any(sign in said for sign in GONE)
        how = "lost" if moving.lost(at.chat_id, Lost.GONE if gone else Lost.MUTE, moment) else ""
    log.info("a desk's group was followed", chat=at.chat_id, topic=at.topic, how=how, error=message)
    return True
