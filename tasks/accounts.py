"""A channel's way to X: a client with a token that lives, and goodbye."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import structlog

from engine import pacing
from engine.x import in_time, signin
from engine.x.app import AppClient
from engine.x.billing import Paying
from engine.x.client import Told, UserToken, UserTokenPair, XClient, XSession, warm_connections
from engine.x.errors import AccountLocked, ClientRefused, Forgotten, KeyLost, OutOfCredits, TokenRevoked, XError
from engine.x.signin import App
from models import aside, connecting, vault
from models.accounts import admins, channels, renewal_rests, troubles
from models.accounts import tokens as stored_tokens
from models.accounts.channels import Auth, Channel, OffReason
from models.accounts.troubles import Kind
from models.aside import Item, Place
from models.control import switching
from models.database import rest
from models.publishing import holding
from models.settings import settings
from tasks import costs
from tasks.clock import now
from tasks.living.hands import Hands
from tasks.queues import job, publishing

log = structlog.get_logger()
REFRESH_WITHIN_S = 10.0  # of its claim, which lasts longer than that and X's answer
WAITS_FOR_RENEWAL_S = 8.0  # less than the claim of who waits
KEY_AGAIN = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(minutes=15)
SAID_DEAD = "invalid or expired token"  # X's words about one access, not about everybody's
SAID_OFTEN, SAID_FOR = 4, timedelta(hours=3)  # X has said it to everybody for two hours
_local = threading.local()
_beside = Hands(stored_tokens.AT_ONCE, lambda: None)
_connections = warm_connections(150)  # shared by this process's threads


class TokenBusy(Exception):
    """The channel has no access right now: it is being renewed, or can't be yet. Look again at `until` (aware UTC).

    `reason` is the word under which it is stored where that comes too late for something.
    """

    def __init__(self, until: datetime | None = None, reason: str = "token") -> None:
        super().__init__(reason)
        self.until = until or now() + timedelta(seconds=1)
        self.reason = reason


def app() -> App:
    """Who we are to X."""
    s = settings()
    return App(s.x_client_id, s.x_client_secret.get_secret_value(), s.x_authorize_url, s.redirect_uri)


def session() -> XSession:
    """This thread's way to X, by the process's warm connections. No connection to the database is held over a call."""
    found: XSession | None = getattr(_local, "session", None)
    if found is None:
        url = settings().x_api_url
        found = _local.session = XSession(url, _connections, before_call=rest, clock=lambda: now().timestamp())
    return found


def app_client(told: Told | None = None, paying: Paying | None = None) -> AppClient:
    """X as the app: its subscriptions and connections. `told` writes down what X bills of what it is asked for, and
    `paying` sees that it may be asked.
    """
    return AppClient(session(), settings().x_bearer_token.get_secret_value(), told, paying)


def client(channel: Channel) -> XClient:
    """X as this channel, with the access token that lives: its renewal is a job of its own, well before it ends.

    Raises TokenBusy where it has none right now, KeyLost, or Forgotten.
    """
    troubled = troubles.open_of(channel.id)
    refused_until = troubled.get(Kind.ACCESS)
    if refused_until is not None and refused_until > now():
        raise TokenBusy(refused_until, Kind.ACCESS)
    found = _credentials(channel)
    if not stored_tokens.lives(channel, now()):
        found = _credentials(_renewed_soon(channel.id))
    billed, paying = costs.told(channel.id, channel.x_user_id), costs.paying(channel.id, channel.x_user_id)
    over = {Kind.ACCESS} if channel.held_for == Kind.CREDITS.value else {Kind.ACCESS, Kind.CREDITS}
    if not troubled.keys() & {Kind.KEY, *over}:
        return XClient(session(), found, told=billed, paying=paying)
    troubles.over(channel.id, now(), Kind.KEY)
    return XClient(session(), found, lambda: troubles.over(channel.id, now(), *over), billed, paying)


def _credentials(channel: Channel) -> UserToken | UserTokenPair:
    s = settings()
    key, secret = s.x_api_key.get_secret_value(), s.x_api_secret.get_secret_value()
    with _unsealing(channel.id):
        return stored_tokens.credentials(channel, key, secret)


def _renewed_soon(channel_id: int) -> Channel:
    """The channel with a token that lives, where X's sign-in answers soon. Raises TokenBusy, Forgotten.

    X may take a minute for it, and who waits here has claims of its own: so a thread beside it asks, and goes on.
    """
    channel = _still(channel_id)  # it may have been renewed since it was read
    if stored_tokens.lives(channel, now()):
        return channel
    waits = renewal_rests.waits_until(channel_id, now(), *renewal_rests.RENEWALS)
    if waits is not None:
        raise TokenBusy(waits[1], waits[0])
    done = threading.Event()

    def ask() -> None:
        try:
            renew(channel_id)
        finally:
            done.set()

    if not _beside.take((channel_id, threading.get_ident()), ask):
        raise TokenBusy(None, Kind.SIGN_IN)
    rest()
    done.wait(WAITS_FOR_RENEWAL_S)
    channel = _still(channel_id)
    if stored_tokens.lives(channel, now()):
        return channel
    waits = renewal_rests.waits_until(channel_id, now(), *renewal_rests.RENEWALS)
    raise TokenBusy(*(waits[1], waits[0]) if waits is not None else (None, Kind.SIGN_IN))


@contextmanager
def _unsealing(channel_id: int) -> Iterator[None]:
    """Raises KeyLost where what is stored was sealed with a key that we don't have; who can mend that is told once."""
    try:
        yield
    except vault.WrongKey as error:
        log.error("token can't be read", channel=channel_id, error=str(error))
        troubles.met(channel_id, Kind.KEY, now(), until=now() + KEY_AGAIN)
        raise KeyLost("SECRET_KEY can't read the stored access") from None


def heed_of_app(error: XError) -> None:
    """What an error says that the app itself has met, for no channel: those who run it are told, once."""
    if isinstance(error, OutOfCredits):
        troubles.met(troubles.APP, Kind.CREDITS, now(), said=error.detail)


def heed(channel: Channel, error: XError) -> None:
    """What an error says about the channel's access: its token is renewed before its next use, where that can help.

    A 401 alone ends no sign-in: X has said it for hours to everybody. Where nothing can be renewed the channel waits,
    ever longer, and goes off only by X's word on this access, said again and again.
    """
    if isinstance(error, AccountLocked):
        holding.met(channel.id, error, now())
    if isinstance(error, OutOfCredits):  # whatever was asked for: it is everybody's, as in `heed_of_app`
        troubles.met(channel.id, Kind.CREDITS, now(), said=error.detail)
    if not error.renews or channel.off_reason is OffReason.TOKEN:
        return
    if stored_tokens.expire_token(channel.id, channel.token_version, now()):
        return
    before = troubles.one(channel.id, Kind.ACCESS)
    if before is not None and before.until is not None and before.until > now():
        return  # of several calls at once the first has said it
    tries = before.tries + 1 if before is not None else 1
    again = now() + pacing.renewal_delay(tries)
    met = troubles.met(channel.id, Kind.ACCESS, now(), said=error.detail, until=again)
    log.warning("access refused", channel=channel.id, tries=met.tries, detail=error.detail)
    is_final = met.tries >= SAID_OFTEN and met.since <= now() - SAID_FOR and SAID_DEAD in error.detail.lower()
    if is_final and not channel.refresh_token:
        token_died(channel, error.detail)


def token_died(channel: Channel, detail: str) -> None:
    """Turn the channel off; its owner is told, with a way to reconnect."""
    if switching.token_died(channel.id, channel.token_version, detail, now()):
        log.warning("token dead", channel=channel.id)


def maybe_revoked(channel: Channel, at: datetime | None) -> None:
    """X tells that the account took a permission back at this moment: maybe this one, maybe one of a sign-in before it.

    The event may come late, twice, or without a moment, so X is asked to renew the access: its answer counts.
    """
    if at is not None and channel.signed_in_at is not None and at < channel.signed_in_at:
        log.info("an earlier sign-in was revoked", channel=channel.id)
    elif channel.refresh_token:
        stored_tokens.renew_now(channel.id, channel.token_version, now())
        renew.ring_once(5, channel.id)
    elif at is not None:
        token_died(channel, "revoked at X")


# --- renewing -------------------------------------------------------------------------------------------------------


@job(publishing, priority=95)
def renew(channel_id: int) -> None:
    """Renew a channel's token, well before its end as a rule: whoever has the claim, and never two at once."""
    with aside.apart(Item(Place.JOB, f"renew:{channel_id}", channel_id)), suppress(TokenBusy, XError):
        renewed(_still(channel_id))
        renew.ring_for(5, stored_tokens.to_renew(now())[:1])  # its place is free for the next


def renewed(channel: Channel) -> Channel:
    """The channel with a new token. Raises TokenBusy, TokenRevoked, KeyLost, Forgotten, or what X's sign-in did.

    Only X's own word that this grant is dead ends the sign-in, and only where the access token is dead too; all else is
    an outage, which is tried again after pauses that grow, and told where it lasts and holds the channel up.
    """
    waits = renewal_rests.waits_until(channel.id, now(), *renewal_rests.RENEWALS)
    if waits is not None:
        raise TokenBusy(waits[1], waits[0])
    claimed_at = time.clock_gettime(in_time.CLOCK)
    claimed = stored_tokens.claim_refresh(channel.id, channel.token_version, now())
    if claimed is None:
        current = _still(channel.id)
        if current.token_version != channel.token_version and stored_tokens.lives(current, now()):
            return current
        raise TokenBusy
    try:
        pair = _asked_for_new(claimed, claimed_at)
    except TokenRevoked as error:
        _grant_died(claimed, error)
        raise
    except XError as error:
        _not_renewed(claimed, error)
        raise
    if stored_tokens.store_refreshed(claimed.id, claimed.token_version, pair, now()):
        switching.access_came(claimed.id, claimed.token_version + 1, now())
    log.info("token refreshed", channel=channel.id)
    troubles.over(channel.id, now(), Kind.SIGN_IN, Kind.KEY)
    troubles.over(troubles.APP, now(), Kind.CLIENT)  # X knows the app: that is so for all
    renewal_rests.eases(now())
    return _still(channel.id)


def _asked_for_new(claimed: Channel, claimed_at: float) -> signin.TokenPair:
    if not claimed.refresh_token and stored_tokens.lives(claimed, now()):
        stored_tokens.release_refresh(claimed)
        raise TokenBusy
    if not claimed.refresh_token:
        raise TokenRevoked("no refresh token")
    try:
        with _unsealing(claimed.id):
            secret = vault.unseal(claimed.refresh_token)
        if not renewal_rests.may_try(now(), pacing.renewal_delay):
            raise in_time.TooLate
        # a refresh token works once: it is used by who has the claim
        with in_time.until(claimed_at + REFRESH_WITHIN_S):
            return signin.refresh(session(), app(), secret, now())
    except in_time.TooLate:
        stored_tokens.release_refresh(claimed)
        raise TokenBusy(None, Kind.SIGN_IN) from None


def _grant_died(claimed: Channel, error: TokenRevoked) -> None:
    """X won't renew it. While it takes the access token the channel goes on, and its owner has time to reconnect."""
    if stored_tokens.lives(claimed, now()) and _is_taken(claimed):
        if stored_tokens.cant_renew(claimed):
            troubles.met(claimed.id, Kind.GRANT, now(), said=error.detail, until=claimed.token_expires_at)
        return
    token_died(claimed, error.detail)


def _is_taken(channel: Channel) -> bool:
    """Whether X takes the access token: asked once, where its renewal was refused for good."""
    try:
        XClient(session(), _credentials(channel), told=costs.told(channel.id), paying=costs.paying(channel.id)).me()
    except XError as error:
        return not isinstance(error, TokenRevoked)  # whatever else it is, nobody knows: the next call shows it
    return True


def _not_renewed(claimed: Channel, error: XError) -> None:
    """It passes: the next try comes later and later, of this channel and of all together."""
    at = now()
    if not isinstance(error, KeyLost):
        kind = Kind.CLIENT if isinstance(error, ClientRefused) else Kind.SIGN_IN
        before = troubles.one(claimed.id, kind)
        again = at + pacing.renewal_delay(before.tries + 1 if before is not None else 1)
        if error.until is not None:
            again = max(again, min(error.until, at + LONGEST_PAUSE))
        holds = not stored_tokens.lives(claimed, at)
        if kind is Kind.CLIENT:  # it won't pass by itself, so who can mend it need not wait until it holds something up
            holds = holds or not admins.ids()
            troubles.met(troubles.APP, kind, at, said=error.detail)
        troubles.met(claimed.id, kind, at, said=error.detail, until=again, holds=holds)
    stored_tokens.release_refresh(claimed)
    log.warning("token not refreshed", channel=claimed.id, error=type(error).__name__, detail=error.detail)


def _still(channel_id: int) -> Channel:
    """The channel as it is now. Raises Forgotten."""
    found = channels.one(channel_id)
    if found is None:
        raise Forgotten("deleted meanwhile")
    return found


def disconnect(channel: Channel, by: int) -> bool:
    """Stop everything of the channel, as a person wants; delete its token here, revoke it at X; whether X confirmed."""
    token, refresh_token = "", ""
    with suppress(KeyLost), _unsealing(channel.id):  # what we can't read we can't revoke: it is deleted all the same
        token = vault.unseal(channel.access_token) if channel.access_token else ""
        refresh_token = vault.unseal(channel.refresh_token) if channel.refresh_token else ""
    connecting.disconnect_channel(channel.id, by, now())
    if channel.auth != Auth.OAUTH2 or not token:
        return False
    return revoked(refresh_token, token)


def revoked(*secrets: str) -> bool:
    """Make keys worthless at X; whether X confirmed."""
    try:
        for secret in filter(None, secrets):
            signin.revoke(session(), app(), secret)
    except XError as error:
        log.warning("revoke failed", error=error.detail)
        return False
    return True
