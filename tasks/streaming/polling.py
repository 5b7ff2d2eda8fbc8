"""Polling: ask X for the mentions and messages of a channel that no stream brings."""

from datetime import datetime, timedelta

import structlog

from engine.moderation import MessageKind
from engine.x.errors import XError
from models import aside
from models.accounts.channels import Channel
from models.aside import Item, Place
from models.streaming import hearing
from tasks import accounts
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.lanes import calls_x
from tasks.queues import streaming
from tasks.streaming.catching_up import catch_up

log = structlog.get_logger()
POLL_EVERY = timedelta(seconds=10)
POLL_APP_SHARE = timedelta(seconds=2.2)
POLL_DMS_EVERY = timedelta(seconds=65)
LIMITED = timedelta(minutes=5)


@calls_x(lambda channel_id: channel_id, priority=90, before=streaming)
def poll(channel_id: int) -> None:
    """Ask X for what one channel missed. Never while another poll of it runs."""
    with aside.apart(Item(Place.POLL, channel_id, channel_id)) as trial:
        channel = hearing.claim_poll(channel_id, now())
        if channel is None:
            trial.untried = True
            return
        try:
            _poll(channel)
        finally:
            hearing.release_poll(channel, now())
    if trial.broke:
        hearing.put_off_poll(channel_id, now() + timedelta(seconds=trial.pause_s))


def _poll(channel: Channel) -> None:
    reads_mentions = channel.mentions_on or channel.replies_on  # both from one timeline
    if reads_mentions:
        _poll_kind(channel, MessageKind.MENTION, now())
    if channel.dms_on and channel.dms_polled_at <= now() - POLL_DMS_EVERY:
        _poll_kind(channel, MessageKind.DM, now())
    if not reads_mentions:
        hearing.polled(channel, MessageKind.MENTION, now())


def look(at: datetime, *, all_channels: bool) -> None:
    """For the clock: ring for the polls that are due; those that share the app's limit come less often."""
    sharing = hearing.count_polled(all_channels=all_channels)
    if sharing:
        every = max(POLL_EVERY, POLL_APP_SHARE * sharing)
        for channel_id in hearing.due_polls(every, at, all_channels=all_channels):
            poll.ring_once(5, channel_id)


def _poll_kind(channel: Channel, kind: MessageKind, at: datetime) -> None:
    try:
        catch_up(channel, kind)
    except TokenBusy:
        return
    except XError as error:
        log.info("poll failed", channel=channel.id, kind=kind, error=type(error).__name__)
        accounts.heed(channel, error)
        if error.holds:
            hearing.polled(channel, kind, error.again_at(at, LIMITED))
            return
    hearing.polled(channel, kind, at)
