"""What of a channel's encrypted DMs could not be read is told its owner: once a day at most, and only what is new."""

from datetime import datetime, timedelta

import peewee as pw

from engine.x.chat.reading import Why
from models import aside
from models.accounts.channels import locked
from models.database import as_tuples, from_stored, transaction
from models.notifications import notices
from models.notifications.declaring import NoticeKind
from models.notifications.kinds import Unreadable
from models.notifications.notices import Notice
from models.streaming import chats
from models.streaming.chats import ChatEvent, ChatStatus

DAY = timedelta(days=1)
LATE = timedelta(minutes=5)  # a key that comes within them is nobody's worry


def of(channel_id: int, now: datetime, *, told_at: datetime | None = None) -> dict[Why, int]:
    """How many of the last day's could not be read, or not yet, and why; `told_at`: of the day before that."""
    return chats.unread(channel_id, (told_at or now) - DAY, now)


def tell(now: datetime) -> int:
    """Tell the owners of channels that could not read something lately; how many. For a clock."""
    return aside.piecewise(list(_lately(now).items()), lambda some: sum(_tell(c, at, now) for c, at in some))


def _lately(now: datetime) -> dict[int, datetime]:
    """The channels that could not read something in the last day, and when the newest of it came."""
    lately = ChatEvent.heard_at >= now - DAY
    over = ChatEvent.status.literally(ChatStatus.UNREAD) & lately
    late = ChatEvent.status.literally(ChatStatus.WAITS) & lately & (ChatEvent.heard_at < now - LATE)
    found: dict[int, datetime] = {}
    for which in (over, late):
        rows = ChatEvent.select(ChatEvent.channel_id, pw.fn.MAX(ChatEvent.heard_at)).where(which)
        for channel_id, newest in as_tuples(rows.group_by(ChatEvent.channel_id)):
            at = newest if isinstance(newest, datetime) else from_stored(newest)
            found[channel_id] = max(at, found.get(channel_id, at))
    return found


def _tell(channel_id: int, newest: datetime, now: datetime) -> bool:
    with transaction():
        channel = locked(channel_id)  # of two who look, the second sees what the first has told
        if channel is None or not channel.connected or not channel.dms_on:
            return False
        mine = (Notice.channel_id == channel_id) & (Notice.kind == NoticeKind.UNREADABLE)
        last = Notice.select(Notice.created_at).where(mine).order_by(Notice.id.desc()).first()
        if last is not None and (last.created_at > now - DAY or newest <= last.created_at):
            return False
        notices.tell(channel.owner_id, Unreadable(now), now, channel_id=channel_id)
    return True
