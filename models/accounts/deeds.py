"""Deeds: what each of a channel's team did, kept for its owner. Each is written in the transaction of what was done."""

from datetime import datetime, timedelta
from enum import StrEnum

import peewee as pw

from models.bites import NOTHING, Bite, in_order, taken
from models.database import EnumField, InstantField, Table

KEPT = timedelta(days=90)
MOST_ABOUT = 120  # letters


class Did(StrEnum):
    """What somebody did. The values are stored, so they never change."""

    PUBLISHED = "published"  # a held message
    PUBLISHED_EDITED = "published_edited"
    IGNORED = "ignored"
    HELD_AGAIN = "held_again"
    SENDER = "sender"  # blocked, trusted, or neither any more
    OPT_OUT = "opt_out"
    POSTED = "posted"  # said something now
    PLANNED = "planned"  # for later, or into the queue
    SCHEDULE = "schedule"  # changed, paused, deleted …
    QUEUE = "queue"
    CANCELLED = "cancelled"  # a post that waited
    TOOK_BACK = "took_back"  # from X
    WENT_ON = "went_on"  # with what was lost
    WORDS = "words"
    CHOICES = "choices"
    HASHTAG = "hashtag"
    WATCHED = "watched"
    DESK = "desk"
    BUDGET = "budget"
    FILE = "file"
    COPIED = "copied"
    TURNED_ON = "turned_on"
    TURNED_OFF = "turned_off"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    CHAT_KEYS = "chat_keys"
    UNDID = "undid"
    INVITED = "invited"
    WITHDREW = "withdrew"  # the invitations that were open
    JOINED = "joined"
    ROLES = "roles"
    REMOVED = "removed"
    LEFT = "left"
    OFFERED = "offered"  # to hand the channel over
    HANDED_OVER = "handed_over"


class Deed(Table):
    """`about`: of what, in words of the channel's own; never a direct message's text."""

    id = pw.BigAutoField()
    channel_id = pw.IntegerField()
    person_id = pw.BigIntegerField()
    at = InstantField()
    did = EnumField(Did)
    about = pw.TextField(default="")


def note(channel_id: int, person_id: int, did: Did, now: datetime, about: str = "") -> None:
    """Write down what somebody did; call it inside the transaction of that."""
    about = " ".join(about.split())[:MOST_ABOUT]
    Deed.insert(channel_id=channel_id, person_id=person_id, did=did, at=now, about=about).execute()


def drop_last(channel_id: int, person_id: int, at: datetime) -> None:
    """What somebody was about to do at this instant has come to nothing. Call it in the transaction of that."""
    mine = (Deed.channel_id == channel_id) & (Deed.person_id == person_id) & (Deed.at == at)
    last = Deed.select(pw.fn.MAX(Deed.id)).where(mine)
    Deed.delete().where(Deed.id.in_(last)).execute()


def of_channel(channel_id: int, most: int, *, person_id: int = 0, before: int = 0) -> list[Deed]:
    """The newest deeds, of one person or of all (0), before one's id if any."""
    mine = Deed.channel_id == channel_id
    if person_id:
        mine &= Deed.person_id == person_id
    if before:
        mine &= Deed.id < before
    return list(Deed.select().where(mine).order_by(Deed.id.desc()).limit(most))


def doers(channel_id: int) -> list[int]:
    """Who did anything that is still kept, also who is no longer in the team."""
    rows = Deed.select(Deed.person_id).where(Deed.channel_id == channel_id).distinct()
    return [row.person_id for row in rows]


def forget_some(now: datetime, after: int, most: int) -> Bite:
    """Delete what was done so long ago that nobody asks."""
    old, upto = in_order(Deed, Deed.at, now - KEPT, after, most)
    return Bite(taken(Deed.delete().where(Deed.id.in_(old))), upto) if old else NOTHING
