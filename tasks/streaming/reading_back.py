"""What came encrypted while nobody listened is read back: the inbox, and of each conversation what is new in it.

What it costs: an event is read once for what was missed, at the price of a direct message, and X bills the same one
once a day. At most `MOST_EVENTS` of a channel are read at once; the rest is for the next look. Of one
conversation the newest `MOST_OF_ONE` are read: who writes without an end keeps nobody else from being read.
Nothing older than a day is read, and no conversation that has not changed since it was read.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import structlog

from engine.x.chat import asking
from engine.x.chat.asking import Conversation
from engine.x.client import XClient
from engine.x.errors import XError
from models.accounts.channels import Channel
from models.streaming import chats
from tasks.clock import now
from tasks.streaming.chats import of_page, store

log = structlog.get_logger()
INBOX_PAGES = 5
MOST_EVENTS, MOST_OF_ONE, FIRST_PAGE = 500, 200, 10
LAG = timedelta(minutes=1)  # what was said so shortly ago X may show only later
AT_THE_SAME_TIME = timedelta(seconds=1)  # something more may be said in the moment of what was said last


def read_back(x: XClient, channel: Channel, ours: Collection[int]) -> int:
    """Store what X has of the channel's conversations since they were read last; how many events were not here yet.

    Not of conversations with `ours`, channels that are run here. What was read before X gave no answer is stored.
    Raises XErrors that pass; where X does not want to be asked, everything else is heard as before.
    """
    try:
        return _read_all(x, channel, ours)
    except XError as error:
        if error.passes:
            raise
        log.warning("X does not tell of chats", channel=channel.id, error=type(error).__name__, detail=error.detail)
        return 0


def _read_all(x: XClient, channel: Channel, ours: Collection[int]) -> int:
    began, since = now(), chats.read_since(channel.id, now())
    left, missed = MOST_EVENTS, 0
    for conversation in _changed(x, channel, since):
        if conversation.person_id in ours:
            continue
        read, new = _read(x, channel.id, conversation, since, min(left, MOST_OF_ONE), began)
        left, missed = left - read, missed + new
        if left <= 0:
            log.warning("more was said than is read back at once", channel=channel.id, events=MOST_EVENTS)
            return missed
    chats.read_upto(channel.id, began - LAG)
    return missed


def _changed(x: XClient, channel: Channel, since: datetime) -> Iterator[Conversation]:
    """Conversations in which something was said since then and since they were read, in X's order: newest first."""
    token = None
    for _ in range(INBOX_PAGES):
        page = asking.inbox(x, channel.x_user_id, token)
        if page.unreadable:
            log.warning("X wrote what can't be read", channel=channel.id, conversations=page.unreadable)
        read = chats.conversations_read(channel.id, [c.person_id for c in page.conversations])
        for found in page.conversations:
            if found.updated_at is None or found.updated_at > max(since, read.get(found.person_id, since)):
                yield found
        stale = [c for c in page.conversations if c.updated_at is not None and c.updated_at < since]
        token = page.more
        if token is None or stale:
            return


def _read(
    x: XClient, channel_id: int, found: Conversation, since: datetime, most: int, began: datetime
) -> tuple[int, int]:
    """Read one conversation back to that moment, or the newest `MOST_OF_ONE` of it; how many events that were, and how
    many of them were new.

    The first page is short, as little was missed as a rule, and what is read beyond that is paid too.
    """
    token, read, new, size = None, 0, 0, FIRST_PAGE
    while read < most:
        page = asking.events(x, found.person_id, token, min(size, most - read))
        unknown = chats.unknown(channel_id, of_page(channel_id, found.person_id, page))
        store(unknown)
        of_this_page = len(page.events) + page.unreadable
        read, new, token, size = read + of_this_page, new + len(unknown), page.more, min(size * 2, asking.EVENTS_PAGE)
        is_over = token is None or not of_this_page or (page.oldest is not None and page.oldest < since)
        if is_over or read >= MOST_OF_ONE:
            if found.updated_at is not None:
                chats.conversation_read(
                    channel_id, found.person_id, min(found.updated_at, began - AT_THE_SAME_TIME), now()
                )
            break
    return read, new
