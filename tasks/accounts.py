"""A channel's way to X: a client with a token that lives, sign-in, and goodbye."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import structlog

from engine.x import in_time, signin
from engine.x.client import AppClient, UserToken, UserTokenPair, XClient, XSession, warm_connections
from engine.x.errors import AccountLocked, Forgotten, KeyLost, TokenRevoked, XError
from engine.x.events import Account
from engine.x.signin import App
from models import connecting, vault
from models.accounts import channels, people, signing_in
from models.accounts import tokens as stored_tokens
from models.accounts.channels import Auth, Channel
from models.accounts.signing_in import SignIn
from models.accounts.tokens import Tokens
from models.control import switching
from models.database import rest, transaction
from models.notifications import notices
from models.notifications.kinds import Connected, SignInWaits
from models.settings import settings
from tasks.clock import now
from tasks.queues import job, publishing

log = structlog.get_logger()
REFRESH_WITHIN_S = 10.0  # of its claim, which lasts longer than that and X's answer
_local = threading.local()
_connections = warm_connections(150)  # shared by this process's threads


class TokenBusy(Exception):
    """Another worker is refreshing this channel's token: look again in a second."""


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


def app_client() -> AppClient:
    """X as the app: its subscriptions and connections."""
    return AppClient(session(), settings().x_bearer_token.get_secret_value())


def client(channel: Channel) -> XClient:
    """X as this channel. Refreshes first where the token is near its end.

    Raises TokenBusy, TokenRevoked (the channel is off by then and its owner told), KeyLost, Forgotten, or what the
    refresh met.
    """
    if stored_tokens.needs_refresh(channel, now()):
        channel = _refreshed(channel)
    s = settings()
    key, secret = s.x_api_key.get_secret_value(), s.x_api_secret.get_secret_value()
    with _unsealing(channel.id):
        return XClient(session(), stored_tokens.credentials(channel, key, secret))


@contextmanager
def _unsealing(channel_id: int) -> Iterator[None]:
    """Raises KeyLost where what is stored was sealed with a key that we don't have: a trouble of this channel's."""
    try:
        yield
    except vault.WrongKey as error:
        log.error("token can't be read", channel=channel_id, error=str(error))
        raise KeyLost("SECRET_KEY can't read the stored access") from None


def heed(channel: Channel, error: XError) -> None:
    """What an error says about the channel's access: its token is renewed before its next use, or the channel goes off
    where that can't help, and where X has locked the account.
    """
    if isinstance(error, AccountLocked) and switching.account_locked(channel.id, error.detail, now()):
        log.warning("account locked", channel=channel.id)
    if error.renews and not stored_tokens.expire_token(channel.id, channel.token_version, now()):
        token_died(channel, error.detail)


def token_died(channel: Channel, detail: str) -> None:
    """Turn the channel off; its owner is told, with a way to reconnect."""
    if switching.token_died(channel.id, channel.token_version, detail, now()):
        log.warning("token dead", channel=channel.id)


def _refreshed(channel: Channel) -> Channel:
    claimed_at = time.clock_gettime(in_time.CLOCK)
    claimed = stored_tokens.claim_refresh(channel.id, channel.token_version, now())
    if claimed is None:
        current = _still(channel.id)
        if current.token_version != channel.token_version and not stored_tokens.needs_refresh(current, now()):
            return current
        raise TokenBusy
    if not claimed.refresh_token:
        token_died(claimed, "no refresh token")
        raise TokenRevoked("no refresh token")
    try:
        with _unsealing(claimed.id):
            secret = vault.unseal(claimed.refresh_token)
        # a refresh token works once: it is used by who has the claim
        with in_time.until(claimed_at + REFRESH_WITHIN_S):
            pair = signin.refresh(session(), app(), secret, now())
    except in_time.TooLate:
        raise TokenBusy from None
    except XError as error:
        if error.renews:  # what should renew is dead itself
            token_died(claimed, error.detail)
        else:
            stored_tokens.release_refresh(claimed)
        raise
    stored_tokens.store_refreshed(claimed.id, claimed.token_version, pair, now())
    log.info("token refreshed", channel=channel.id)
    return _still(channel.id)


def _still(channel_id: int) -> Channel:
    """The channel as it is now. Raises Forgotten."""
    found = channels.one(channel_id)
    if found is None:
        raise Forgotten("deleted meanwhile")
    return found


def finish_sign_in(code: str, verifier: str, person_id: int, at: datetime) -> Channel:
    """Exchange a code that its person brought, ask X who it is, store the channel.

    Raises OwnedByOther (the new tokens are revoked again then), or an XError.
    """
    pair, account = _exchanged(code, verifier, at)
    try:
        return connecting.connect_channel(account, person_id, Tokens.of_pair(pair), at)
    except connecting.OwnedByOther:
        _revoked(pair.refresh or "", pair.access)
        raise


def keep_sign_in(found: SignIn, verifier: str, code: str, confirmation: str, at: datetime) -> Account:
    """Exchange a code that X's redirect brought: it waits for its person's yes. Whose account it is. Raises XError."""
    pair, account = _exchanged(code, verifier, at)
    with transaction():
        signing_in.wait_for_person(found, confirmation, account, Tokens.of_pair(pair), at)
        notices.tell(found.person_id, SignInWaits(account.handle, found.state_hash), at)
    return account


def connect_waiting(confirmation: str, person_id: int, at: datetime) -> Channel:
    """The person said yes: the channel is stored, and its owner is told. Raises BadSignIn, OwnedByOther."""
    with transaction():
        account, pair = signing_in.confirm(confirmation, person_id, at)
        channel = connecting.connect_channel(account, person_id, pair, at)
        notices.withdraw(person_id, SignInWaits)
        notices.tell(person_id, Connected(channel.token_version), at, channel_id=channel.id)
    return channel


def refuse_waiting(confirmation: str, person_id: int, at: datetime) -> None:
    """The person said no: the keys are deleted here, and revoked at X if it answers."""
    pair = signing_in.refuse(confirmation, person_id, at)
    if pair is None:
        return
    notices.withdraw(person_id, SignInWaits)
    _revoked(pair.refresh, pair.access)


@job(publishing)
def let_sign_ins_lapse() -> None:
    """Sign-ins that nobody said yes to in time: their keys go, here and at X."""
    for pair in signing_in.take_lapsed(now()):
        _revoked(pair.refresh, pair.access)


def _revoked(*secrets: str) -> bool:
    """Make keys worthless at X; whether X confirmed."""
    try:
        for secret in filter(None, secrets):
            signin.revoke(session(), app(), secret)
    except XError as error:
        log.warning("revoke failed", error=error.detail)
        return False
    return True


def _exchanged(code: str, verifier: str, at: datetime) -> tuple[signin.TokenPair, Account]:
    """The keys for a code, and whose they are. Raises XError: keys of nobody known are made worthless again."""
    pair = signin.exchange(session(), app(), code, verifier, at)
    try:
        return pair, XClient(session(), UserToken(pair.access)).me()
    except XError:
        _revoked(pair.refresh or "", pair.access)
        raise


def connect_from_tokens(access: str, access_secret: str, owner_id: int, at: datetime) -> Channel:
    """Connect an account from an OAuth 1.0a access pair. Raises OwnedByOther, or an XError."""
    s = settings()
    pair = UserTokenPair(s.x_api_key.get_secret_value(), s.x_api_secret.get_secret_value(), access, access_secret)
    account: Account = XClient(session(), pair).me()
    tokens = Tokens(Auth.OAUTH1, access, access_secret=access_secret)
    people.person(owner_id, "", "en", at)
    return connecting.connect_channel(account, owner_id, tokens, at)


def disconnect(channel: Channel) -> bool:
    """Stop everything of the channel, delete its token here and revoke it at X; whether X confirmed."""
    token, refresh_token = "", ""
    with suppress(KeyLost), _unsealing(channel.id):  # what we can't read we can't revoke: it is deleted all the same
        token = vault.unseal(channel.access_token) if channel.access_token else ""
        refresh_token = vault.unseal(channel.refresh_token) if channel.refresh_token else ""
    connecting.disconnect_channel(channel.id)
    if channel.auth != Auth.OAUTH2 or not token:
        return False
    return _revoked(refresh_token, token)
