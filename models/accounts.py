"""People, the channels that they own, and signing those in to X."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from engine.x.client import UserToken, UserTokenPair
from engine.x.events import Account, id_at
from engine.x.signin import TokenPair
from models import vault
from models.database import InstantField, Table, transaction

SIGN_IN_LIFE = timedelta(minutes=15)
REFRESH_AHEAD = timedelta(minutes=2)
REFRESH_CLAIM = timedelta(seconds=30)
FRESHLY_REFRESHED = timedelta(minutes=1)


class Person(Table):
    telegram_id: Any = pw.BigIntegerField(primary_key=True)
    name: Any = pw.TextField(default="")
    language: Any = pw.TextField(default="en")
    channel_id: Any = pw.IntegerField(null=True)
    dialogue: Any = pw.TextField(default="")
    created_at: Any = InstantField()


class Channel(Table):
    """An X account that Canales runs. Tokens are sealed; see `credentials`."""

    id: Any = pw.AutoField()
    x_user_id: Any = pw.BigIntegerField(unique=True)
    handle: Any = pw.TextField()
    name: Any = pw.TextField(default="")
    owner_id: Any = pw.BigIntegerField(index=True)
    connected: Any = pw.BooleanField(default=True)
    is_on: Any = pw.BooleanField(default=True)
    off_reason: Any = pw.TextField(default="")
    mentions_on: Any = pw.BooleanField(default=True)
    dms_on: Any = pw.BooleanField(default=True)
    name_senders: Any = pw.BooleanField(default=False)
    gap_s: Any = pw.IntegerField(default=20)
    fresh_s: Any = pw.IntegerField(default=900)
    ruleset_version: Any = pw.IntegerField(default=1)
    auth: Any = pw.TextField(default="oauth2")
    access_token: Any = pw.TextField(default="")
    refresh_token: Any = pw.TextField(default="")
    access_secret: Any = pw.TextField(default="")
    scopes: Any = pw.TextField(default="")
    token_version: Any = pw.IntegerField(default=1)
    token_expires_at: Any = InstantField(null=True)
    token_refreshed_at: Any = InstantField(null=True)
    refresh_claimed_until: Any = InstantField(null=True)
    hearing: Any = pw.TextField(default="")
    mention_cursor: Any = pw.BigIntegerField(default=0)
    dm_cursor: Any = pw.BigIntegerField(default=0)
    mentions_polled_at: Any = InstantField(default=0)
    dms_polled_at: Any = InstantField(default=0)
    poll_claimed_until: Any = InstantField(default=0)
    last_slot_at: Any = InstantField(null=True)
    last_said_at: Any = InstantField(null=True)
    hold_until: Any = InstantField(null=True)
    holds_in_a_row: Any = pw.IntegerField(default=0)
    last_problem: Any = pw.TextField(default="")
    last_problem_at: Any = InstantField(null=True)
    created_at: Any = InstantField()

    def __repr__(self) -> str:
        return f"<Channel {self.id} @{self.handle}>"

    def __str__(self) -> str:
        return f"@{self.handle}"


class SignIn(Table):
    state_hash: Any = pw.TextField(primary_key=True)
    person_id: Any = pw.BigIntegerField(index=True)
    chat_id: Any = pw.BigIntegerField()
    verifier: Any = pw.TextField()
    expires_at: Any = InstantField()
    used_at: Any = InstantField(null=True)


class BadSignIn(Exception):
    """A state that is unknown, used, expired, or somebody else's. `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OwnedByOther(Exception):
    """Somebody else runs this channel."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel.handle)
        self.channel = channel


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a channel is stored with, either kind of sign-in."""

    auth: str
    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    access_secret: str = field(default="", repr=False)
    expires_at: datetime | None = None
    scopes: str = ""

    @classmethod
    def of_pair(cls, pair: TokenPair) -> "Tokens":
        return cls("oauth2", pair.access, pair.refresh or "", expires_at=pair.expires_at, scopes=pair.scopes)


def person(telegram_id: int, name: str, language: str, now: datetime) -> Person:
    """The person, made on first sight with the language of their Telegram."""
    Person.insert(telegram_id=telegram_id, name=name, language=language, created_at=now).on_conflict_ignore().execute()
    found: Person = Person.get_by_id(telegram_id)
    if found.name != name:
        Person.update(name=name).where(Person.telegram_id == telegram_id).execute()
    return found


def locked(channel_id: int) -> Channel | None:
    """The channel, its row taken until the transaction ends; None where it is gone."""
    rows = list(
        Channel.update(last_slot_at=Channel.last_slot_at).where(Channel.id == channel_id).returning(Channel).execute()
    )
    return rows[0] if rows else None


# --- signing in ------------------------------------------------------------------------------------------


def begin_sign_in(state: str, person_id: int, chat_id: int, verifier: str, now: datetime) -> None:
    """Remember a sign-in: single use, bound to the person, for a quarter of an hour."""
    SignIn.delete().where(SignIn.expires_at < now - timedelta(days=1)).execute()
    SignIn.insert(
        state_hash=_hash(state),
        person_id=person_id,
        chat_id=chat_id,
        verifier=vault.seal(verifier),
        expires_at=now + SIGN_IN_LIFE,
    ).execute()


def chat_of_sign_in(state: str) -> int | None:
    """The chat in which a sign-in was begun, or None for a state that is not ours."""
    found = SignIn.get_or_none(SignIn.state_hash == _hash(state))
    return int(found.chat_id) if found is not None else None


def use_sign_in(state: str, person_id: int | None, now: datetime) -> tuple[SignIn, str]:
    """Use a state up; the sign-in and its verifier. Raises BadSignIn.

    `person_id` is who brought it back, or None where X's redirect did (the state itself then is the proof).
    """
    found = SignIn.get_or_none(SignIn.state_hash == _hash(state))
    if found is None:
        raise BadSignIn("unknown")
    if person_id is not None and found.person_id != person_id:
        raise BadSignIn("foreign")
    if found.expires_at < now:
        raise BadSignIn("expired")
    taken = (
        SignIn.update(used_at=now).where((SignIn.state_hash == found.state_hash) & SignIn.used_at.is_null()).execute()
    )
    if taken != 1:  # somebody used it first
        raise BadSignIn("used")
    return found, vault.unseal(found.verifier)


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
        sealed = {
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
            "off_reason": "",
            "hold_until": None,
            "hearing": "",
        }
        from_now_on = {"mention_cursor": id_at(now), "dm_cursor": id_at(now)}
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
    connected: Channel = Channel.get_by_id(channel_id)
    return connected


# --- tokens ----------------------------------------------------------------------------------------------


def credentials(channel: Channel, api_key: str, api_secret: str) -> UserToken | UserTokenPair:
    """The channel's key to X, unsealed for one use. Raises vault.WrongKey."""
    access = vault.unseal(channel.access_token)
    if channel.auth == "oauth1":
        return UserTokenPair(api_key, api_secret, access, vault.unseal(channel.access_secret))
    return UserToken(access)


def needs_refresh(channel: Channel, now: datetime) -> bool:
    """Whether the access token is so near its end that it must be renewed before use."""
    expires: datetime | None = channel.token_expires_at
    return channel.auth == "oauth2" and expires is not None and expires - REFRESH_AHEAD <= now


def may_upload(channel: Channel) -> bool:
    """Whether the channel's token may bring photos and videos to X: one of an older sign-in may not."""
    return channel.auth == "oauth1" or "media.write" in channel.scopes.split()


def claim_refresh(channel_id: int, token_version: int, now: datetime) -> Channel | None:
    """Take the right to refresh, which must not happen twice at once; None where somebody else has it.

    The claim expires by itself. Whoever has it stores the new pair with `store_refreshed`.
    """
    taken = (
        Channel.update(refresh_claimed_until=now + REFRESH_CLAIM)
        .where(
            (Channel.id == channel_id)
            & (Channel.token_version == token_version)
            & (Channel.refresh_claimed_until.is_null() | (Channel.refresh_claimed_until < now))
        )
        .execute()
    )
    if taken != 1:  # somebody else refreshes, or has refreshed
        return None
    found: Channel = Channel.get_by_id(channel_id)
    return found


def store_refreshed(channel_id: int, token_version: int, pair: TokenPair, now: datetime) -> bool:
    """Store a new pair before anybody uses it; False where the channel was signed in anew meanwhile."""
    stored = (
        Channel.update(
            access_token=vault.seal(pair.access),
            refresh_token=vault.seal(pair.refresh) if pair.refresh else Channel.refresh_token,
            scopes=pair.scopes or Channel.scopes,
            token_expires_at=pair.expires_at,
            token_refreshed_at=now,
            token_version=Channel.token_version + 1,
            refresh_claimed_until=None,
        )
        .where((Channel.id == channel_id) & (Channel.token_version == token_version))
        .execute()
    )
    return bool(stored == 1)


def release_refresh(channel_id: int, token_version: int) -> None:
    """Give the claim back after a failure that may pass."""
    Channel.update(refresh_claimed_until=None).where(
        (Channel.id == channel_id) & (Channel.token_version == token_version)
    ).execute()


def expire_token(channel_id: int, token_version: int, now: datetime) -> bool:
    """X said 401 to this version of the token: renew it before the next use.

    False where that can't help: an OAuth 1.0a token, or one refreshed a moment ago.
    """
    changed = (
        Channel.update(token_expires_at=now)
        .where(
            (Channel.id == channel_id)
            & (Channel.token_version == token_version)
            & (Channel.auth == "oauth2")
            & (Channel.refresh_token != "")
            & (Channel.token_refreshed_at.is_null() | (Channel.token_refreshed_at < now - FRESHLY_REFRESHED))
        )
        .execute()
    )
    return bool(changed == 1) or Channel.get_by_id(channel_id).token_version != token_version


def rotate_keys() -> int:
    """Seal every stored token under the newest key; how many channels were touched."""
    with transaction():
        touched = 0
        for channel in Channel.select().where(Channel.access_token != ""):
            sealed = {
                name: vault.reseal(value)
                for name in ("access_token", "refresh_token", "access_secret")
                if (value := getattr(channel, name))
            }
            Channel.update(**sealed).where(Channel.id == channel.id).execute()
            touched += 1
    return touched


# --- leaving ---------------------------------------------------------------------------------------------


def disconnect_channel(channel_id: int) -> bool:
    """Stop everything of the channel and delete its tokens; False where that was done already."""
    from models.publishing import cancel_queued

    with transaction():
        done = (
            Channel.update(
                connected=False,
                is_on=False,
                off_reason="disconnected",
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
    from models.filtering import PassedText
    from models.hashtags import Hashtag
    from models.journal import JournalEntry
    from models.lists import Keyword
    from models.media import Media, Upload
    from models.messages import Message
    from models.notifications import Notice
    from models.policies import ChannelPolicy
    from models.scheduling import Schedule
    from models.senders import Sender
    from models.snapshots import Snapshot
    from models.team import Invitation, Member
    from models.tweets import Tweet

    kept = (
        Keyword,
        Message,
        Tweet,
        Notice,
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


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
