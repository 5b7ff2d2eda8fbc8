"""A channel's key to X: sealed at rest, renewed before it ends, by one worker at a time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.x.client import UserToken, UserTokenPair
from engine.x.signin import TokenPair
from models import vault
from models.accounts.channels import Auth, Channel
from models.database import as_tuples

REFRESH_AHEAD = timedelta(minutes=2)
REFRESH_CLAIM = timedelta(seconds=30)  # X answers within 12 s, or not at all
FRESHLY_REFRESHED = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a channel is stored with, either kind of sign-in."""

    auth: Auth
    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    access_secret: str = field(default="", repr=False)
    expires_at: datetime | None = None
    scopes: str = ""

    @classmethod
    def of_pair(cls, pair: TokenPair) -> "Tokens":
        return cls(Auth.OAUTH2, pair.access, pair.refresh or "", expires_at=pair.expires_at, scopes=pair.scopes)


def credentials(channel: Channel, api_key: str, api_secret: str) -> UserToken | UserTokenPair:
    """The channel's key to X, unsealed for one use. Raises vault.WrongKey."""
    access = vault.unseal(channel.access_token)
    if channel.auth == Auth.OAUTH1:
        return UserTokenPair(api_key, api_secret, access, vault.unseal(channel.access_secret))
    return UserToken(access)


def needs_refresh(channel: Channel, now: datetime) -> bool:
    """Whether the access token is so near its end that it must be renewed before use."""
    expires = channel.token_expires_at
    return channel.auth == Auth.OAUTH2 and expires is not None and expires - REFRESH_AHEAD <= now


def may_upload(channel: Channel) -> bool:
    """Whether the channel's token may bring photos and videos to X: one of an older sign-in may not."""
    return channel.auth == Auth.OAUTH1 or "media.write" in channel.scopes.split()


def claim_refresh(channel_id: int, token_version: int, now: datetime) -> Channel | None:
    """Take the right to refresh, which must not happen twice at once; None where somebody else has it.

    The claim expires by itself, and is known by its end. Whoever has it stores the new pair with `store_refreshed`.
    """
    taken = list(
        Channel.update(refresh_claimed_until=now + REFRESH_CLAIM)
        .where(
            (Channel.id == channel_id)
            & (Channel.token_version == token_version)
            & (Channel.refresh_claimed_until.is_null() | (Channel.refresh_claimed_until < now))
        )
        .returning(Channel)
        .execute()
    )
    return taken[0] if taken else None  # somebody else refreshes, or has refreshed


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


def release_refresh(claimed: Channel) -> None:
    """Give the claim back after a failure that may pass; not that of somebody who took it meanwhile."""
    mine = (Channel.token_version == claimed.token_version) & (
        Channel.refresh_claimed_until == claimed.refresh_claimed_until
    )
    Channel.update(refresh_claimed_until=None).where((Channel.id == claimed.id) & mine).execute()


def expire_token(channel_id: int, token_version: int, now: datetime) -> bool:
    """X said 401 to this version of the token: renew it before the next use.

    False where that can't help: an OAuth 1.0a token, or one refreshed a moment ago.
    """
    changed = (
        Channel.update(token_expires_at=now)
        .where(
            (Channel.id == channel_id)
            & (Channel.token_version == token_version)
            & (Channel.auth == Auth.OAUTH2)
            & (Channel.refresh_token != "")
            & (Channel.token_refreshed_at.is_null() | (Channel.token_refreshed_at < now - FRESHLY_REFRESHED))
        )
        .execute()
    )
    if changed == 1:
        return True
    version = Channel.select(Channel.token_version).where(Channel.id == channel_id).scalar()
    return version is None or int(version) != token_version


def rotate_keys() -> int:
    """Seal every stored token under the newest key; how many channels were touched. Raises vault.WrongKey.

    One that is renewed meanwhile is looked at again: the newer pair stays. Nobody's row is held while it is sealed, so
    who began with a key that does not fit has changed nothing but what could be read.
    """
    touched = 0
    for (channel_id,) in as_tuples(Channel.select(Channel.id).where(Channel.access_token != "")):
        while (channel := Channel.get_or_none(Channel.id == channel_id)) is not None and not _resealed(channel):
            continue
        touched += channel is not None
    return touched


def _resealed(channel: Channel) -> bool:
    """False where the pair is another one by now."""
    names = ("access_token", "refresh_token", "access_secret")
    sealed: dict[str, Any] = {name: vault.reseal(value) for name in names if (value := getattr(channel, name))}
    same = (Channel.token_version == channel.token_version) & (Channel.access_token == channel.access_token)
    return not sealed or bool(Channel.update(**sealed).where((Channel.id == channel.id) & same).execute() == 1)
