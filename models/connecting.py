"""How a channel comes and goes: connected, disconnected, forgotten."""

from datetime import datetime
from typing import Any

from engine.x.events import Account, id_at
from models import vault
from models.accounts.channels import Channel, Hearing, OffReason
from models.accounts.people import Person
from models.accounts.tokens import Tokens
from models.database import transaction


class OwnedByOther(Exception):
    """Somebody else runs this channel."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel.handle)
        self.channel = channel


def connect_channel(account: Account, owner_id: int, tokens: Tokens, now: datetime) -> Channel:
    """Store a signed-in channel: new, or reconnected with the settings it had. Raises OwnedByOther.

    A channel that another person had left behind starts afresh: the rules and messages were theirs.
    """
    with transaction():
        found = Channel.get_or_none(Channel.x_user_id == account.x_user_id)
        if found is not None and found.connected and found.owner_id != owner_id:
            raise OwnedByOther(found)
        if found is not None and found.owner_id != owner_id:
            forget_channel(found.id)
            found = None
        sealed: dict[str, Any] = {
            "auth": tokens.auth,
            "access_token": vault.seal(tokens.access),
            "refresh_token": vault.seal(tokens.refresh) if tokens.refresh else "",
            "access_secret": vault.seal(tokens.access_secret) if tokens.access_secret else "",
            "scopes": tokens.scopes,
            "token_expires_at": tokens.expires_at,
            "token_refreshed_at": None,
            "refresh_claimed_until": None,
            "handle": account.handle,
            "name": account.name,
            "connected": True,
            "is_on": True,
            "off_reason": OffReason.NONE,
            "hold_until": None,
            "hearing": Hearing.UNKNOWN,
        }
        from_now_on: dict[str, Any] = {"mention_cursor": id_at(now), "dm_cursor": id_at(now)}
        if found is None:
            channel_id = Channel.insert(
                x_user_id=account.x_user_id, owner_id=owner_id, created_at=now, **sealed, **from_now_on
            ).execute()
        else:
            channel_id = found.id
            fresh_start = {} if found.connected else from_now_on
            Channel.update(token_version=Channel.token_version + 1, **fresh_start, **sealed).where(
                Channel.id == channel_id
            ).execute()
        Person.update(channel_id=channel_id).where(Person.telegram_id == owner_id).execute()
    connected = Channel.get_by_id(channel_id)
    return connected


def disconnect_channel(channel_id: int) -> bool:
    """Stop everything of the channel and delete its tokens; False where that was done already."""
    from models.publishing.saying import cancel_queued

    with transaction():
        done = (
            Channel.update(
                connected=False,
                is_on=False,
                off_reason=OffReason.DISCONNECTED,
                access_token="",
                refresh_token="",
                access_secret="",
                token_expires_at=None,
                token_version=Channel.token_version + 1,
            )
            .where((Channel.id == channel_id) & Channel.connected)
            .execute()
        )
        if done == 1:
            cancel_queued(channel_id, "disconnected")
    return bool(done == 1)


def forget_channel(channel_id: int) -> None:
    """Delete what was kept of a channel: rules, messages, tweets, notices, journal, and itself."""
    from models.accounts.choices import ChannelPolicy
    from models.accounts.team import Invitation, Member
    from models.moderation.judging import PassedText
    from models.moderation.lists import Keyword
    from models.moderation.senders import Sender
    from models.moderation.snapshots import Snapshot
    from models.notifications.journal import JournalEntry
    from models.notifications.notices import Notice
    from models.notifications.wanted import NoticeSetting
    from models.publishing.hashtags import Hashtag
    from models.publishing.media import Media, Upload
    from models.publishing.tweets import Tweet
    from models.scheduling.schedules import Schedule
    from models.streaming.messages import Message

    kept = (
        Keyword,
        Message,
        Tweet,
        Notice,
        NoticeSetting,
        JournalEntry,
        PassedText,
        ChannelPolicy,
        Sender,
        Snapshot,
        Invitation,
        Member,
        Schedule,
        Hashtag,
        Media,
    )
    with transaction():
        theirs = Tweet.select(Tweet.id).where(Tweet.channel_id == channel_id)
        Upload.delete().where(Upload.tweet_id.in_(theirs)).execute()
        for table in kept:
            table.delete().where(table.channel_id == channel_id).execute()
        Person.update(channel_id=None).where(Person.channel_id == channel_id).execute()
        Channel.delete().where(Channel.id == channel_id).execute()
