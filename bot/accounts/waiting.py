"""What waits while a channel is off: said where it goes off, and on its panel."""

from datetime import datetime

from bot.chat.language import Speaker
from models.accounts.channels import Channel
from models.control import overview
from models.publishing import kept


def lines(say: Speaker, channel: Channel, now: datetime) -> list[str]:
    """So many posts wait, and until when; what was dropped; and what falls due meanwhile."""
    if channel.is_on or not channel.connected:
        return []
    found, told = kept.waiting(channel.id, now), []
    if found.posts and found.first_ends is not None:
        told.append(
            say.n(
                "⏳ {count} post waits: it goes out if the channel is on again within {span}.",
                "⏳ {count} posts wait: they go out if the channel is on again in time, the first within {span}.",
                found.posts,
                span=say.lasting(found.first_ends - now),
            )
        )
    if found.dropped:
        told.append(
            say.n(
                "✖️ {count} repost that waited was dropped.",
                "✖️ {count} reposts that waited were dropped.",
                found.dropped,
            )
        )
    upcoming = overview.next_planned(channel.id)
    if upcoming is not None and upcoming > now:
        told.append(
            say.t(
                "🗓 The next planned post is due in {span}; what falls due while the channel is off is listed when it is"
                " on again.",
                span=say.lasting(upcoming - now),
            )
        )
    return told
