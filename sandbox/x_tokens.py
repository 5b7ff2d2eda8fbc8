"""The sandbox's X, signing in: codes, tokens that live two hours, refresh tokens that work once."""

import base64
import hashlib
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field

from sandbox.x_refusals import oauth_error

CODE_LIFE_S = 30
CLIENT_ID, CLIENT_SECRET, BEARER = "sandbox-client", "sandbox-client-secret", "sandbox-app-bearer-token"
API_KEY, API_SECRET = "sandbox-api-key", "sandbox-api-secret"
ALL_SCOPES = "tweet.read tweet.write users.read dm.read dm.write media.write offline.access"


@dataclass
class AccessToken:
    user_id: int
    expires_at: float
    scope: str
    revoked: bool = False


@dataclass
class Code:
    user_id: int
    redirect_uri: str
    challenge: str
    scope: str
    expires_at: float


@dataclass
class Tokens:
    """All tokens. `counts` says how often a pair was made and how often a refresh was refused."""

    access: dict[str, AccessToken] = field(default_factory=dict)
    refresh: dict[str, tuple[int, str]] = field(default_factory=dict)
    spent_refresh: set[str] = field(default_factory=set)
    pairs: dict[str, tuple[int, str]] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    life_s: float = 7200.0
    counts: Counter[str] = field(default_factory=Counter)

    def grant_code(self, user_id: int, redirect_uri: str, challenge: str, scope: str) -> str:
        code = secrets.token_urlsafe(24)
        self.codes[code] = Code(user_id, redirect_uri, challenge, scope, time.time() + CODE_LIFE_S)
        return code

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> dict[str, object]:
        """Raises Denied."""
        found = self.codes.pop(code, None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        if found is None or found.expires_at < time.time():
            raise oauth_error("Value passed for the authorization code was invalid.")
        if found.redirect_uri != redirect_uri or found.challenge != challenge:
            raise oauth_error("Value passed for the code verifier did not match the code challenge.")
        return self.new_pair(found.user_id, found.scope)

    def refreshed(self, token: str) -> dict[str, object]:
        """Single use: the second time, the token and the pair it gave are gone. Raises Denied."""
        if token in self.spent_refresh or token not in self.refresh:
            self.counts["refresh refused"] += 1
            raise oauth_error("Value passed for the token was invalid.")
        user_id, access = self.refresh.pop(token)
        self.spent_refresh.add(token)
        self.access[access].revoked = True
        return self.new_pair(user_id, self.access[access].scope)

    def new_pair(self, user_id: int, scope: str = ALL_SCOPES) -> dict[str, object]:
        access, refresh = secrets.token_urlsafe(40), secrets.token_urlsafe(40)
        self.access[access] = AccessToken(user_id, time.time() + self.life_s, scope)
        self.refresh[refresh] = (user_id, access)
        self.counts["pairs made"] += 1
        return {
            "token_type": "bearer",
            "expires_in": int(self.life_s),
            "access_token": access,
            "refresh_token": refresh,
            "scope": scope,
        }

    def new_oauth1_pair(self, user_id: int) -> tuple[str, str]:
        token, secret = f"{user_id}-{secrets.token_urlsafe(20)}", secrets.token_urlsafe(30)
        self.pairs[token] = (user_id, secret)
        return token, secret

    def expire_all(self) -> None:
        for token in self.access.values():
            token.expires_at = 0.0

    def narrow(self, user_id: int, scope: str = "media.write") -> None:
        """This account's tokens have a scope no longer: to upload, or another one."""
        for token in self.access.values():
            if token.user_id == user_id:
                token.scope = " ".join(s for s in token.scope.split() if s != scope)

    def revoke(self, token: str) -> None:
        if token in self.access:
            self.access[token].revoked = True
        self.refresh.pop(token, None)

    def revoke_user(self, user_id: int) -> None:
        """The account takes its permission back."""
        for token in self.access.values():
            if token.user_id == user_id:
                token.revoked = True
        self.refresh = {t: v for t, v in self.refresh.items() if v[0] != user_id}
        self.pairs = {t: v for t, v in self.pairs.items() if v[0] != user_id}
