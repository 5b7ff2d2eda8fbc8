"""The door of the sandbox's X: who asks, by which token; what a call is; and what is broken about it now."""

import secrets
import time

from aiohttp import web
from oauthlib.common import Request as SignedRequest
from oauthlib.oauth1.rfc5849 import signature

from sandbox import x_refusals
from sandbox.faults import TORN, Faults
from sandbox.world import User, World
from sandbox.x_limits import used_up_day, used_up_quarter
from sandbox.x_refusals import Denied
from sandbox.x_tokens import API_KEY, API_SECRET, BEARER

#: What faults call a kind of call.
CALLS = {
    "GET /2/users/me": "me",
    "GET /2/tweets": "lookup",
    "GET /2/users": "lookup",
    "POST /2/tweets": "post",
    "DELETE /2/tweets/{id}": "delete",
    "POST /2/users/{id}/retweets": "repost",
    "DELETE /2/users/{id}/retweets/{source_tweet_id}": "unrepost",
    "GET /2/users/{id}/tweets": "timeline",
    "GET /2/users/{id}/mentions": "mentions",
    "GET /2/dm_events": "dms",
    "POST /2/dm_conversations/with/{participant_id}/messages": "dm",
    "POST /2/media/upload/initialize": "upload",
    "POST /2/media/upload/{id}/append": "upload",
    "POST /2/media/upload/{id}/finalize": "upload",
    "GET /2/media/upload": "upload",
    "POST /2/media/metadata": "describe",
    "GET /2/users/public_keys": "keys",
    "GET /2/users/{id}/public_keys": "keys",
    "POST /2/users/{id}/public_keys": "register",
    "GET /2/chat/conversations": "chats",
    "GET /2/chat/conversations/{id}": "chats",
    "GET /2/chat/conversations/{id}/events": "chats",
    "POST /2/chat/conversations/{id}/keys": "chat_write",
    "POST /2/chat/conversations/{id}/messages": "chat_write",
    "POST /2/chat/conversations/{id}/read": "chat_write",
    "GET /2/activity/stream": "stream",
    "GET /2/activity/subscriptions": "subscribe",
    "POST /2/activity/subscriptions": "subscribe",
    "DELETE /2/activity/subscriptions/{subscription_id}": "subscribe",
    "DELETE /2/connections/all": "subscribe",
    "GET /2/connections": "connections",
    "DELETE /2/connections/{endpoint_id}": "connections",
    "GET /2/tweets/search/stream": "filtered",
    "GET /2/tweets/search/stream/rules": "rules",
    "POST /2/tweets/search/stream/rules": "rules",
    "GET /2/tweets/search/recent": "search",
    "GET /2/lists/{id}/tweets": "list",
    "GET /2/users/{id}/owned_lists": "list",
    "GET /2/users/{id}/timelines/reverse_chronological": "home",
    "GET /2/users/by": "lookup",
    "GET /2/users/by/username/{username}": "lookup",
}
NO_SCOPE = "When authenticating requests to X's API v2 endpoints, you must use a token with {scope}."


class Torn(Exception):
    """An answer that is none of X's own: one of TORN."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


class Door:
    """Stands before every call."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world, self._faults = world, faults

    def who(self, request: web.Request) -> User | None:
        """The account that asks, or None for the app. Raises Denied (401)."""
        header = request.headers.get("Authorization", "")
        if header.startswith("Bearer "):
            token = header.removeprefix("Bearer ")
            if secrets.compare_digest(token.encode(), BEARER.encode()):
                return None
            found = self._world.tokens.access.get(token)
            if found and not found.revoked and found.expires_at > time.time():
                needed = _needed(request)
                if needed and needed not in found.scope.split():
                    raise x_refusals.disallowed(NO_SCOPE.format(scope=needed))
                return self._world.users[found.user_id]
        elif header.startswith("OAuth "):
            return self._who_signed(request, header)
        raise x_refusals.unauthorized()

    def _who_signed(self, request: web.Request, header: str) -> User:
        params = signature.collect_parameters(
            uri_query=request.query_string, headers={"Authorization": header}, exclude_oauth_signature=False
        )
        given = dict(params)
        user_id, secret = self._world.tokens.pairs.get(given.get("oauth_token", ""), (0, ""))
        signed = SignedRequest(str(request.url), http_method=request.method)
        signed.params = [(k, v) for k, v in params if k != "oauth_signature"]
        signed.signature = given.get("oauth_signature", "")
        if (
            not user_id
            or given.get("oauth_consumer_key") != API_KEY
            or not signature.verify_hmac_sha1(signed, API_SECRET, secret)
        ):
            raise Denied(401, {"code": 32, "message": "Could not authenticate you."})
        return self._world.users[user_id]

    def seconds(self, call: str, names: tuple[str, ...]) -> float:
        """How long X takes for this call."""
        if self._faults.strikes("slow_calls", names, call):
            return self._faults.seconds("slow_calls")
        return self._world.profile.x_seconds()

    def before(self, call: str, names: tuple[str, ...]) -> None:
        """What stands in the way before X looks at the limits. Raises Denied and Torn."""
        faults = self._faults
        if names and faults.strikes("locked", names):
            raise x_refusals.locked()
        if faults.strikes("limit_429", names, call):
            raise used_up_quarter(faults.seconds("limit_429"))
        if faults.strikes("user_day_limit", names, call):
            raise used_up_day("user", faults.seconds("user_day_limit"))
        if faults.strikes("app_day_limit", names, call):
            raise used_up_day("app", faults.seconds("app_day_limit"))

    def instead(self, call: str, names: tuple[str, ...]) -> None:
        """What X answers instead of acting. Raises Denied and Torn."""
        faults = self._faults
        if faults.strikes("error_5xx", names, call):
            raise x_refusals.down()
        if call == "upload" and faults.strikes("media_404", names):
            raise x_refusals.refusal("404")
        if faults.strikes("automated", names, call):
            raise x_refusals.automated()
        if faults.strikes("refuse_before", names, call):
            self._refuse(faults.answer("refuse_before"))

    def after(self, call: str, names: tuple[str, ...]) -> None:
        """What X says though it has acted. Raises Denied and Torn."""
        if self._faults.strikes("refuse_after", names, call):
            self._refuse(self._faults.answer("refuse_after"))

    def _refuse(self, answer: str) -> None:
        if answer in TORN:
            raise Torn(answer)
        raise x_refusals.refusal(answer)


def _needed(request: web.Request) -> str:
    """The scope that a call needs beyond those that every sign-in has."""
    if "/2/media/" in request.path:
        return "media.write"
    if "/2/lists/" in request.path or request.path.endswith("/owned_lists"):
        return "list.read"
    if "/2/dm_conversations/" in request.path:
        return "dm.write"
    if "/2/chat/" in request.path or request.path.endswith("/public_keys"):
        return "dm.read" if request.method == "GET" else "dm.write"
    return ""


async def torn(request: web.Request, answer: str, said: web.Response) -> web.StreamResponse:
    """What comes instead of `said`."""
    if answer == "cut":
        return await x_refusals.cut(request, said)
    made: dict[str, web.Response] = {
        "html": x_refusals.page(403),
        "page": x_refusals.page(said.status),
        "redirect": x_refusals.redirect(),
        "empty": web.Response(status=said.status, content_type="application/json"),
        "odd": web.json_response({"data": {"id": None}}, status=said.status),
    }
    return made.get(answer) or x_refusals.garbled(said)
