"""What X is to bring: the events by which the channels are heard, as far as an app may have so many subscriptions.

A channel is heard by all of its events, or polled: the longest connected come first, so others move none.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

from engine.moderation import MessageKind
from engine.x import events, sharing
from engine.x.encrypted import CHAT_EVENT
from models.accounts.channels import Auth
from models.streaming.hearing import Heard

#: An event of an account, as X knows a subscription: its type and the account's id.
Sub = tuple[str, str]


class Rank(IntEnum):
    """What comes first where there is not room for all."""

    HEARING = 0


@dataclass(frozen=True, slots=True)
class Way:
    """An event by which messages of a kind are heard, where a channel wants them, and `only` if this is so."""

    event_type: str
    kind: MessageKind
    only: Callable[[Heard], bool] = lambda channel: True

    def leads_to(self, channel: Heard) -> bool:
        return channel.wants(self.kind) and self.only(channel)


WAYS = (
    Way(events.MENTION_EVENT, MessageKind.MENTION),
    Way(events.REPLY_EVENT, MessageKind.REPLY),
    Way(events.DM_EVENT, MessageKind.DM),
    Way(CHAT_EVENT, MessageKind.DM, only=lambda channel: channel.chats),
)
OURS = frozenset(way.event_type for way in WAYS)


@dataclass(frozen=True, slots=True)
class Want:
    """One subscription: the token of `channel_id` asks for it, as it brings messages of this kind to that channel."""

    event_type: str
    user_id: int
    rank: Rank
    channel_id: int
    kind: MessageKind

    @property
    def sub(self) -> Sub:
        return self.event_type, str(self.user_id)


def by_hearing(channels: Iterable[Heard], room: int) -> tuple[list[Want], list[Heard]]:
    """What hearing needs of X, and the channels for which there is no room: they are polled."""
    streamed = [c for c in sorted(channels, key=lambda c: c.id) if c.auth is Auth.OAUTH2]
    needs = {c.id: [_of(c, way) for way in WAYS if way.leads_to(c)] for c in streamed}
    fit, left_out = sharing.whole(((c, len(needs[c.id])) for c in streamed), room)
    return [want for c in fit for want in needs[c.id]], left_out


def _of(channel: Heard, way: Way) -> Want:
    return Want(way.event_type, channel.x_user_id, Rank.HEARING, channel.id, way.kind)
