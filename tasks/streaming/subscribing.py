"""Subscriptions: X is told to bring what the channels want to hear, and no more."""

from collections.abc import Iterator

import structlog

from engine.moderation import MessageKind
from engine.x import events
from engine.x.client import AppClient
from engine.x.errors import Fault, XError
from models.accounts.channels import Auth, Channel, Hearing
from models.streaming import hearing
from tasks import accounts, bells
from tasks.accounts import TokenBusy
from tasks.streaming.directory import Directory

log = structlog.get_logger()
EVENT_OF = {MessageKind.MENTION: events.MENTION_EVENT, MessageKind.DM: events.DM_EVENT}


def reconcile(app: AppClient, directory: Directory) -> Iterator[tuple[int, MessageKind]]:
    """Make X's subscriptions equal to what the channels want; each channel and kind that is heard from now on.

    Raises an XError where none of the rest could be subscribed either.
    """
    channels = directory.read()
    have = {(s.event_type, s.user_id): s.subscription_id for s in app.subscriptions()}
    want = {
        (EVENT_OF[kind], str(c.x_user_id)): (c, kind)
        for c in channels.values()
        if c.auth is Auth.OAUTH2
        for kind in MessageKind
        if c.wants(kind)
    }
    ours = set(EVENT_OF.values())
    for key in have.keys() - want.keys():
        if key[0] in ours:
            app.unsubscribe(have[key])
    for channel in channels.values():
        if channel.auth is Auth.OAUTH1:
            hearing.set_hearing(channel.id, Hearing.POLL)
    for key in want.keys() - have.keys():
        channel, kind = want[key]
        if _subscribe(channel, kind):
            yield channel.id, kind


def _subscribe(heard: hearing.Heard, kind: MessageKind) -> bool:
    channel = Channel.get_by_id(heard.id)
    try:
        accounts.client(channel).subscribe(EVENT_OF[kind], channel.x_user_id)
    except TokenBusy:
        bells.ring_subscriptions()
        return False
    except XError as error:
        accounts.heed(channel, error)
        if not error.passes:
            log.warning("can't subscribe, will poll", channel=channel.id, detail=error.detail)
            hearing.set_hearing(channel.id, Hearing.POLL)
        elif error.fault is Fault.CHANNEL:
            bells.ring_subscriptions()
        else:
            raise
        return False
    hearing.set_hearing(channel.id, Hearing.STREAM)
    return True
