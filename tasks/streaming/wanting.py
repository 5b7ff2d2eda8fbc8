"""What X is to bring: the events by which the channels are heard, as far as an app may have so many subscriptions.

A channel is heard by all of its events, or polled: the longest connected come first, so others move none. In what is
left those whom a channel has copied lately have a place, so that their deletions are brought: shared fairly among the
channels, those of the oldest copies out first, and no more of them anew than X's limits bear.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
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
    DELETIONS = 1


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
OURS = frozenset((events.DELETE_EVENT, *(way.event_type for way in WAYS)))


@dataclass(frozen=True, slots=True)
class Want:
    """One subscription: the token of `channel_id` asks for it, else the app's; it brings messages of this kind."""

    event_type: str
    user_id: int
    rank: Rank
    channel_id: int | None = None
    kind: MessageKind | None = None

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


def by_deletions(
    copied: Mapping[int, list[int]], room: int, have: Collection[Sub], *, anew: int, refused: Collection[Sub]
) -> list[Want]:
    """The authors whose deletions X is to bring, of those whom each channel copied (the last first).

    `have`: what X brings, or is asked for; `anew`: so many others are begun with. No more give way than come.
    """
    wants = {c: [w for a in authors if (w := _deletions_of(a)).sub not in refused] for c, authors in copied.items()}
    chosen = sharing.fairly(wants, max(0, room))
    there = [w for w in chosen if w.sub in have]
    coming = [w for w in chosen if w.sub not in have][:anew]
    spare = max(0, room - len(there) - len(coming))
    others = [w for w in dict.fromkeys(w for c in wants.values() for w in c) if w.sub in have and w not in there]
    return [*there, *coming, *others[:spare]]


def _deletions_of(author_id: int) -> Want:
    return Want(events.DELETE_EVENT, author_id, Rank.DELETIONS)
