"""Signing in to X: OAuth 2.0 code flow with PKCE, refresh and revoke. Source: docs/x-and-telegram.md, "Signing in"."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from engine.text import storable
from engine.x.client import XSession
from engine.x.errors import (
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

OURS = ("invalid_client", "unauthorized_client")
NOBODYS = "canales-asks-whether-x-knows-the-app"
SCOPES = "tweet.read tweet.write users.read dm.read media.write offline.access"


@dataclass(frozen=True, slots=True)
class App:
    """The X app: who we are when someone signs in."""

    client_id: str
    client_secret: str = field(repr=False)
    authorize_url: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a sign-in or a refresh gives. The refresh token works once. `expires_at` is aware UTC."""

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


def authorize_url(app: App, state: str, verifier: str) -> str:
    """X's page for this sign-in."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "scope": SCOPES,
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


def exchange(session: XSession, app: App, code: str, verifier: str, now: datetime) -> TokenPair:
    """Turn a code into tokens. Raises Refused where X does not know the code."""
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": app.redirect_uri,
        "code_verifier": verifier,
    }
    return _tokens(_token_call(session, app, "/2/oauth2/token", fields), now)


def refresh(session: XSession, app: App, refresh_token: str, now: datetime) -> TokenPair:
    """Turn a refresh token, which this uses up, into a new pair. Raises TokenRevoked where X says that it is dead."""
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    try:
        return _tokens(_token_call(session, app, "/2/oauth2/token", fields), now)
    except Refused as error:
        raise TokenRevoked(error.detail) from None


def revoke(session: XSession, app: App, token: str) -> None:
    """Make a token worthless at X."""
    _token_call(session, app, "/2/oauth2/revoke", {"token": token, "token_type_hint": "access_token"})


def is_known(session: XSession, app: App) -> bool:
    """Whether X knows the app by its id and secret: it is asked to renew what nobody has. Raises XError."""
    response = _asked(session, app, "/2/oauth2/token", {"grant_type": "refresh_token", "refresh_token": NOBODYS})
    body = body_of(response)
    if response.status_code in (400, 401) and body is not None and body.get("error") in OURS:
        return False
    if response.status_code == 400 and body is not None:
        return True
    raise _refusal(response)


def _asked(session: XSession, app: App, route: str, fields: dict[str, str]) -> requests.Response:
    auth = (app.client_id, app.client_secret) if app.client_secret else None
    try:
        return session.request("POST", session.api_url + route, data={**fields, "client_id": app.client_id}, auth=auth)
    except requests.RequestException as error:
        raise from_requests(error) from None


def _token_call(session: XSession, app: App, route: str, fields: dict[str, str]) -> dict[str, Any]:
    """One call about tokens. Raises Refused where X's own word is that what was sent is worth nothing."""
    response = _asked(session, app, route, fields)
    if not 200 <= response.status_code < 300:
        raise _refusal(response)
    try:
        body: dict[str, Any] = response.json()
    except (ValueError, RecursionError):
        raise Garbled("X's token answer is not JSON") from None
    return body


def _refusal(response: requests.Response) -> XError:
    """Only a 400 speaks of the code or token that was sent; any other no is X's trouble, or our app's, and passes."""
    if response.status_code == 429:
        return RateLimited(detail_of(response), reset_of(response))
    body = body_of(response)
    if response.status_code == 400 and body is not None and body.get("error") not in OURS:
        return Refused(detail_of(response))
    return Unavailable(detail_of(response))


def _tokens(body: dict[str, Any], now: datetime) -> TokenPair:
    try:
        return TokenPair(
            _token(body["access_token"]),
            _token(body["refresh_token"]) if body.get("refresh_token") else None,
            now + timedelta(seconds=int(body.get("expires_in", 7200))),
            storable(str(body.get("scope") or "")),
        )
    except UNREADABLE:
        raise Garbled("X's token answer lacks a token") from None


def _token(value: object) -> str:
    """A key as it goes into a header. Raises ValueError for what can't."""
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value:
        raise ValueError("no token")
    return value
