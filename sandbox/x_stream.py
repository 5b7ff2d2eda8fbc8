"""The sandbox's activity stream: what the subscribed channels hear of."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox import x_wire
from sandbox.faults import Faults
from sandbox.wire import Wire
from sandbox.world import Dm, Post, World
from sandbox.x_connection import Connection


class Stream:
    """The events, and the connection that they go out by."""

    def __init__(self, world: World, faults: Faults, wire: Wire) -> None:
        self._world = world
        self.connection = Connection("activity", faults, wire, world.bill)

    def mention(self, post: Post) -> None:
        for event in self.events_of(post):
            self.send(event)

    def events_of(self, post: Post) -> list[dict[str, Any]]:
        """What the subscribed channels that a post mentions in its own words, or answers, are to hear."""
        if self._world.users[post.author_id].protected:
            return self._replies_of(post)
        if post.repost_of is not None and not post.bare:
            return []
        mentions = [
            x_wire.mention_event(self._world, post, self._world.users[user_id], tag)
            for user_id in post.handed.named_from(post.hidden)
            if user_id != post.author_id and (tag := self._tag("post.mention.create", user_id)) is not None
        ]
        return [*mentions, *self._replies_of(post)]

    def _replies_of(self, post: Post) -> list[dict[str, Any]]:
        """What whom it answers is to hear, where X shows it to them."""
        answered = self._world.posts.get(post.answers or 0)
        if answered is None or answered.author_id == post.author_id:
            return []
        channel = self._world.users[answered.author_id]
        tag = self._tag("post.reply.create", channel.id)
        if tag is None or not self._world.may_see(channel.id, post):
            return []
        return [x_wire.reply_event(self._world, post, channel, tag)]

    def deleted(self, post: Post) -> None:
        """Told whoever is subscribed to its author, whatever channel it was about."""
        tag = self._tag("post.delete", post.author_id)
        if tag is not None:
            self.send(x_wire.delete_event(self._world, post.id, self._world.users[post.author_id], tag))

    def dm(self, dm: Dm) -> None:
        tag = self._tag("dm.received", dm.recipient_id)
        if tag is not None:
            self.send(x_wire.dm_event(self._world, dm, self._world.users[dm.recipient_id], tag))

    def revoked(self, user_id: int, ago_s: float = 0.0) -> None:
        at = datetime.now(UTC) - timedelta(seconds=ago_s)
        self.send(x_wire.revoke_event(self._world.users[user_id], at))

    def send(self, event: dict[str, Any], names: tuple[str, ...] | None = None) -> None:
        """Put an event on the wire, if anybody listens.

        `names` is what faults know its channel by, where the event itself does not say whose it is.
        """
        self.connection.send(event, self._names(event) if names is None else names)

    def _names(self, event: dict[str, Any]) -> tuple[str, ...]:
        """What faults know the channel of an event by."""
        told = event["data"]
        user = self._world.users.get(int(told["filter"].get("user_id") or told["payload"]["user_id"]))
        return user.names if user is not None else ()

    def _tag(self, event_type: str, user_id: int) -> str | None:
        found = self._world.subscriptions.get((event_type, user_id))
        return found[1] if found is not None else None
