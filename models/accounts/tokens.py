"""A channel's key to X: sealed at rest, renewed before it ends, by one worker at a time."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from engine.x.client import UserToken, UserTokenPair
from engine.x.signin import TokenPair
from models import vault
from models.accounts import renewal_rests
from models.accounts.channels import Auth, Channel
from models.database import as_tuples
from models.statements import statement

NEARLY_OVER = timedelta(seconds=20)  # of two hours: a call that begins before that is answered while the token lives
REFRESH_CLAIM = timedelta(seconds=90)  # it is asked within 10 s, and X has 60 s for its answer
FRESHLY_REFRESHED = timedelta(minutes=1)
AT_ONCE = 8  # renewals in the air, of all workers together: a slow sign-in of X's takes no other call's place


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


def lives(channel: Channel, now: datetime) -> bool:
    """Whether the access token can be used for a call that begins now."""
    expires, since = channel.token_expires_at, channel.token_refreshed_at or channel.signed_in_at
    if channel.auth == Auth.OAUTH1 or expires is None:
        return True
    short = (expires - since) / 4 if since is not None else NEARLY_OVER
    return expires - min(NEARLY_OVER, short) > now


def renews_at(expires_at: datetime | None, now: datetime) -> datetime | None:
    """From when on a token that is had now is renewed: after a half of its life, or up to three quarters.

    Channels that were signed in together part so, and there is time for an outage of X's to pass.
    """
    if expires_at is None:
        return None
    return expires_at - (expires_at - now) * (25 + secrets.randbelow(26)) / 100


def to_renew(now: datetime) -> list[int]:
    """Channels whose token is to be renewed, the most urgent first; no more than may be in the air."""
    if _due.first(now) is None:
        return []
    in_air = Channel.select().where(Channel.refresh_claimed_until > now).count()
    if in_air >= AT_ONCE or renewal_rests.all_wait(now):
        return []
    paused = Channel.id.in_(renewal_rests.paused(now))
    rows = Channel.select(Channel.id).where(_is_due(now) & ~paused).order_by(Channel.token_expires_at)
    return [channel_id for (channel_id,) in as_tuples(rows.limit(AT_ONCE - in_air))]


def _is_due(now: datetime) -> pw.Expression:
    due = (Channel.renew_at <= now) & (Channel.refresh_token != "")
    over = Channel.token_expires_at <= now
    free = Channel.refresh_claimed_until.is_null() | (Channel.refresh_claimed_until <= now)
    return Channel.connected & Channel.is_on & (Channel.auth == Auth.OAUTH2) & free & (due | over)


@statement
def _due(now: datetime) -> pw.Query:
    return Channel.select(Channel.id).where(_is_due(now)).limit(1)


def may_upload(channel: Channel) -> bool:
    """Whether the channel's token may bring photos and videos to X: one of an older sign-in may not."""
    return channel.auth == Auth.OAUTH1 or "media.write" in channel.scopes.split()


def may_write_dms(channel: Channel) -> bool:
    """Whether the channel's token may register keys for X Chat, as far as is known: one of a usual sign-in may not."""
    return channel.auth == Auth.OAUTH1 or not channel.scopes or "dm.write" in channel.scopes.split()


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
    again_at = renews_at(pair.expires_at, now) if pair.access else now
    stored = (
        Channel.update(
            access_token=vault.seal(pair.access) if pair.access else Channel.access_token,
            refresh_token=vault.seal(pair.refresh) if pair.refresh else Channel.refresh_token,
            scopes=pair.scopes or Channel.scopes,
            token_expires_at=pair.expires_at if pair.access else Channel.token_expires_at,
            renew_at=again_at,
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


def renew_now(channel_id: int, token_version: int, now: datetime) -> None:
    """Something says that this version of the token may be worthless: X is asked, whose word on it counts."""
    mine = (Channel.id == channel_id) & (Channel.token_version == token_version)
    Channel.update(renew_at=now).where(mine & (Channel.renew_at.is_null() | (Channel.renew_at > now))).execute()


def cant_renew(claimed: Channel) -> bool:
    """X says that the refresh token of this claim is worthless, while the access token lives yet; False where late."""
    mine = (Channel.id == claimed.id) & (Channel.token_version == claimed.token_version)
    gone = Channel.update(refresh_token="", renew_at=None, refresh_claimed_until=None)
    return bool(gone.where(mine & (Channel.refresh_token != "")).execute() == 1)


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
    """Seal every stored token under the newest key; how many channels were touched. Raises vault.WrongKey where some
    can't be, when all others are.

    One that is renewed meanwhile is looked at again: the newer pair stays. Nobody's row is held while it is sealed.
    """
    rows = as_tuples(Channel.select(Channel.id).where(Channel.access_token != ""))
    return vault.seal_all_anew((channel_id for (channel_id,) in rows), _resealed)


def _resealed(channel_id: int) -> bool | None:
    """False where the pair is another one by now, None where there is none."""
    channel = Channel.get_or_none(Channel.id == channel_id)
    if channel is None:
        return None
    names = ("access_token", "refresh_token", "access_secret")
    sealed: dict[str, Any] = {name: vault.reseal(value) for name in names if (value := getattr(channel, name))}
    same = (Channel.token_version == channel.token_version) & (Channel.access_token == channel.access_token)
    return not sealed or bool(Channel.update(**sealed).where((Channel.id == channel.id) & same).execute() == 1)
