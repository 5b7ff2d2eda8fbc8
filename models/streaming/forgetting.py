"""Messages past their time go; their days keep the counts, and the tweets made of them their own record."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from models.accounts import days
from models.accounts.days import Sums
from models.bites import NOTHING, Bite, in_order
from models.database import transaction
from models.streaming.messages import UNDECIDED, Message, MessageStatus

KEPT = timedelta(days=30)
COUNTED_AS = {MessageStatus.IGNORED: "ignored", MessageStatus.BLOCKED: "blocked"}


def messages(now: datetime, after: int, most: int) -> Bite:
    """Delete messages past their time, but for those that wait."""
    old, upto = in_order(Message, Message.heard_at, now - KEPT, after, most)
    if not old:
        return NOTHING
    sums: Sums = defaultdict(Counter)
    with transaction():
        deleting = Message.delete().where(Message.id.in_(old) & Message.status.not_in(UNDECIDED))
        gone = list(deleting.returning(Message.channel_id, Message.heard_at, Message.status).execute())
        for message in gone:
            counts = sums[message.channel_id, days.day_of(message.heard_at)]
            counts["heard"] += 1
            if message.status in COUNTED_AS:
                counts[COUNTED_AS[message.status]] += 1
        days.add(sums)
    return Bite(len(gone), upto)
