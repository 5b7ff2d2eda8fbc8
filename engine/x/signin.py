"""Signing in to X: OAuth 2.0 code flow with PKCE, refresh and revoke. Source: docs/x-and-telegram.md, "Signing in"."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from engine.text import storable
from engine.x.client import XSession
from engine.x.errors import (
    ClientRefused,
    Garbled,
    RateLimited,
    Refused,
    TokenRevoked,
    Unavailable,
    XError,
    body_of,
    detail_of,
    from_requests,
    reset_of,
)
from engine.x.events import UNREADABLE

TOKEN_TIMEOUT_S = (5.0, 60.0)  # to connect, and for X's answer: one that is given up may have used a token up
PASSES = ("server_error", "temporarily_unavailable")
OURS = ("invalid_client", "unauthorized_client")
WORTHLESS = "for the token was invalid"  # in X's words, "Value passed for the token was invalid."
USUAL_LIFE_S = 7200
LONGEST_LIFE_S = 86_400
NOBODYS = "canales-asks-whether-x-knows-the-app"
SCOPES = "tweet.read tweet.write users.read dm.read media.write offline.access"
SCOPES_FOR_KEYS = f"{SCOPES} dm.write"  # to register an account's keys for X Chat


@dataclass(frozen=True, slots=True)
class App:
    """The X app: who we are when someone signs in."""

    client_id: str
    client_secret: str = field(repr=False)
    authorize_url: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a sign-in or a refresh gives. The refresh token works once. `expires_at` is aware UTC.

    A refresh may give a refresh token alone: it is kept, as it is the only one that works from then on.
    """

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_at: datetime
    scopes: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """Where X sent the person back to: a code with its state, or an error."""

    state: str
    code: str | None
    error: str | None


class NoCode(ValueError):
    """A pasted address that carries neither a code nor an error of X's."""


def new_verifier() -> str:
    """A PKCE verifier, kept until the code comes."""
    return secrets.token_urlsafe(64)


def authorize_url(app: App, state: str, verifier: str, scopes: str = SCOPES) -> str:
    """X's page for this sign-in, which asks for these permissions."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "scope": scopes,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{app.authorize_url}?{urlencode(query)}"


def read_return(address: str) -> Returned:
    """Take code and state out of the address that a person ended on. Raises NoCode."""
    try:
        query = parse_qs(urlsplit(address.strip()).query)
    except ValueError:
        raise NoCode from None
    state = query.get("state", [""])[0]
    code = query.get("code", [None])[0]
    error = query.get("error", [None])[0]
    if not state or not (code or error):
        raise NoCode
    return Returned(state, code, error)


def exchange(
    session: XSession, app: App, code: str, verifier: str, now: datetime, scopes: str = SCOPES
) -> TokenPair:  # fmt: skip
    """Turn a code into tokens, which reach as far as was asked for (`scopes`) where X names none (RFC 6749, 5.1).

    Raises Refused where X does not know the code.
    """
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": app.redirect_uri,
        "code_verifier": verifier,
    }
    try:
        pair = _tokens(_token_call(session, app, "/2/oauth2/token", fields, TOKEN_TIMEOUT_S), now)
    except _No as no:
        raise (Unavailable if no.word in PASSES else Refused)(no.detail) from None
    if not pair.access:
        raise Garbled("X's token answer lacks a token")
    return pair if pair.scopes else replace(pair, scopes=scopes)


def refresh(session: XSession, app: App, refresh_token: str, now: datetime) -> TokenPair:
    """Turn a refresh token, which this uses up, into a new pair.

    Raises TokenRevoked where X says that this grant is dead, in so many words: `invalid_grant` (RFC 6749, 5.2), or its
    own `invalid_request` with the sentence about the token's value. Any other answer says nothing about the grant:
    ClientRefused where X does not know the app, else what passes.
    """
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    try:
        return _tokens(_token_call(session, app, "/2/oauth2/token", fields, TOKEN_TIMEOUT_S), now)
    except _No as no:
        if no.word == "invalid_grant" or (no.word == "invalid_request" and WORTHLESS in no.detail.lower()):
            raise TokenRevoked(no.detail) from None
        raise Unavailable(no.detail) from None


def revoke(session: XSession, app: App, token: str) -> None:
    """Make a token worthless at X. Raises XError."""
    try:
        _token_call(session, app, "/2/oauth2/revoke", {"token": token, "token_type_hint": "access_token"})
    except _No as no:
        raise Refused(no.detail) from None


def is_known(session: XSession, app: App) -> bool:
    """Whether X knows the app by its id and secret: it is asked to renew what nobody has. Raises XError."""
    try:
        _token_call(session, app, "/2/oauth2/token", {"grant_type": "refresh_token", "refresh_token": NOBODYS})
    except _No:
        return True
    except ClientRefused:
        return False
    return True


def _asked(
    session: XSession, app: App, route: str, fields: dict[str, str], timeout_s: tuple[float, float] | None
) -> requests.Response:
    auth = (app.client_id, app.client_secret) if app.client_secret else None
    try:
        data = {**fields, "client_id": app.client_id}
        options = {} if timeout_s is None else {"timeout": timeout_s}
        return session.request("POST", session.api_url + route, data=data, auth=auth, **options)
    except requests.RequestException as error:
        raise from_requests(error) from None


class _No(Exception):
    """X's own no to what was sent: its word of RFC 6749 (5.2) for it, and its sentence."""

    def __init__(self, word: str, detail: str) -> None:
        super().__init__(word)
        self.word, self.detail = word, detail


def _token_call(
    session: XSession, app: App, route: str, fields: dict[str, str], timeout_s: tuple[float, float] | None = None
) -> dict[str, Any]:
    """One call about tokens. Raises _No where X's own word is about what was sent, else an XError."""
    response = _asked(session, app, route, fields, timeout_s)
    if not 200 <= response.status_code < 300:
        raise _refusal(response)
    body = body_of(response)
    if body is None:
        raise Garbled("X's token answer can't be read")
    return body


def _refusal(response: requests.Response) -> XError | _No:
    """Only a 400 speaks of the code or token that was sent; any other no is X's trouble, or our app's, and passes."""
    if response.status_code == 429:
        return RateLimited(detail_of(response), reset_of(response))
    body = body_of(response)
    word = body.get("error") if body is not None else None
    if response.status_code in (400, 401) and word in OURS:
        return ClientRefused(detail_of(response))
    if response.status_code == 400 and isinstance(word, str):
        return _No(word, detail_of(response))
    return Unavailable(detail_of(response))


def _tokens(body: dict[str, Any], now: datetime) -> TokenPair:
    access, refresh = _token_or_none(body.get("access_token")), _token_or_none(body.get("refresh_token"))
    if access is None and refresh is None:
        raise Garbled("X's token answer lacks a token")
    expires_at = now + timedelta(seconds=_life_s(body.get("expires_in")))
    return TokenPair(access or "", refresh, expires_at, _scopes(body.get("scope")))


def _scopes(said: object) -> str:
    """How far the access reaches, parted by spaces, however X parts it."""
    words = said if isinstance(said, list) else [said]
    return storable(" ".join(w.replace(",", " ") for w in words if isinstance(w, str)).strip())


def _life_s(said: object) -> int:
    """How long the access token lives: what X documents, where it says nothing that can be; a day at most.

    The tokens are good whatever stands beside them, and the old ones are used up.
    """
    if isinstance(said, str) and said.strip().isdecimal() and len(said) < 12:
        said = int(said)
    if isinstance(said, bool) or not isinstance(said, int | float) or not 1 <= said <= LONGEST_LIFE_S:
        return USUAL_LIFE_S
    return int(said)


def _token_or_none(value: object) -> str | None:
    try:
        return _token(value)
    except UNREADABLE:
        return None


def _token(value: object) -> str:
    """A key as it goes into a header. Raises ValueError for what can't."""
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value:
        raise ValueError("no token")
    return value
