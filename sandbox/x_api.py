"""The sandbox's X over HTTP: the endpoints of the spec that Canales uses."""

import asyncio
import base64
import html
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import BasicAuth, web
from oauthlib.common import Request as SignedRequest
from oauthlib.oauth1.rfc5849 import signature

from sandbox import x_wire
from sandbox.faults import Faults
from sandbox.wire import Exchange, Wire
from sandbox.world import (
    ALL_SCOPES,
    API_KEY,
    API_SECRET,
    APP_LIMITS,
    BEARER,
    CLIENT_ID,
    CLIENT_SECRET,
    MAX_BYTES,
    MEDIA_LIFE_S,
    Denied,
    User,
    World,
    problem,
)
from sandbox.x_stream import Stream

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
AUTHORIZE_PAGE = Path(__file__).parent / "page" / "authorize.html"
DIGITS = re.compile(r"^[0-9]{1,19}$")
REFUSED = "You are not permitted to perform this action."
EVENT_TYPES = ("post.mention.create", "dm.received", "post.create", "post.delete", "post.reply.create")


class XApi:
    """Routes under /x."""

    def __init__(self, world: World, faults: Faults, wire: Wire, stream: Stream) -> None:
        self._world, self._faults, self._wire, self._stream = world, faults, wire, stream
        self.changed: Callable[[], None] = lambda: None

    def routes(self) -> list[web.RouteDef]:
        def api(method: str, path: str, handler: Handler) -> web.RouteDef:
            return web.route(method, "/x" + path, self._guarded(f"{method} {path}", handler))

        return [
            web.get("/x/i/oauth2/authorize", self._authorize_page),
            web.post("/x/i/oauth2/authorize", self._authorize),
            web.post("/x/2/oauth2/token", self._plain(self._token)),
            web.post("/x/2/oauth2/revoke", self._plain(self._revoke)),
            web.get("/x/2/activity/stream", self._serve_stream),
            api("GET", "/2/users/me", self._me),
            api("GET", "/2/tweets", self._posts_by_ids),
            api("GET", "/2/users", self._users_by_ids),
            api("POST", "/2/tweets", self._post),
            api("DELETE", "/2/tweets/{id}", self._delete),
            api("POST", "/2/users/{id}/retweets", self._repost),
            api("DELETE", "/2/users/{id}/retweets/{source_tweet_id}", self._undo_repost),
            api("GET", "/2/users/{id}/tweets", self._own_posts),
            api("GET", "/2/users/{id}/mentions", self._mentions),
            api("GET", "/2/dm_events", self._dm_events),
            api("POST", "/2/media/upload/initialize", self._begin_upload),
            api("POST", "/2/media/upload/{id}/append", self._append_upload),
            api("POST", "/2/media/upload/{id}/finalize", self._finish_upload),
            api("GET", "/2/media/upload", self._upload_state),
            api("POST", "/2/media/metadata", self._describe_media),
            api("GET", "/2/activity/subscriptions", self._subscriptions),
            api("POST", "/2/activity/subscriptions", self._subscribe),
            api("DELETE", "/2/activity/subscriptions/{subscription_id}", self._unsubscribe),
            api("DELETE", "/2/connections/all", self._close_connections),
        ]

    # --- around every call ---------------------------------------------------------------------------------

    def _guarded(self, route: str, handler: Handler) -> Handler:
        method = route.split(" ")[0]

        async def guarded(request: web.Request) -> web.StreamResponse:
            body = await _json(request)
            headers: dict[str, str] = {}
            try:
                user = self._who(request)
                request["user"] = user
                if self._faults.strikes("limit_429"):
                    reset = str(int(time.time() + self._faults.seconds["limit_429"]))
                    raise Denied(
                        429,
                        {"code": 88, "message": "Rate limit exceeded"},
                        {
                            "x-rate-limit-limit": "50",
                            "x-rate-limit-remaining": "0",
                            "x-rate-limit-reset": reset,
                        },
                    )
                headers = self._world.spend(route, str(user.id) if user else "app")
                if route in APP_LIMITS and user:
                    self._world.spend(route, "whole app", APP_LIMITS[route])
                if self._faults.strikes("error_5xx"):
                    raise Denied(
                        503,
                        problem("internal-error", "Service Unavailable", "Service Unavailable", status=503),
                    )
                request["body"] = body
                response = await handler(request)
                response.headers.update(headers)
            except Denied as no:
                response = web.json_response(no.body, status=no.status, headers={**headers, **no.headers})
            self._note(request, route.split(" ")[1], body, response)
            if method != "GET" and response.status < 300:
                self.changed()
                if self._faults.strikes("slow"):
                    await asyncio.sleep(self._faults.seconds["slow"])
                lost = route == "POST /2/tweets" and self._faults.strikes("drop_post")
                if (lost or self._faults.strikes("drop_after_accept")) and request.transport is not None:
                    request.transport.abort()
            return response

        return guarded

    def _plain(self, handler: Handler) -> Handler:
        async def plain(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except Denied as no:
                return web.json_response(no.body, status=no.status)

        return plain

    def _note(self, request: web.Request, route: str, body: Any, response: web.StreamResponse) -> None:
        answer = getattr(response, "text", None)
        path = request.path.removeprefix("/x")
        if isinstance(body, dict) and len(str(body.get("media", ""))) > 400:
            body = {**body, "media": body["media"][:40]}  # the bytes of a file are not kept twice
        self._wire.note(Exchange("x", request.method, path, route, dict(request.query), body, response.status, answer))

    def _who(self, request: web.Request) -> User | None:
        """The account that asks, or None for the app. Raises Denied (401)."""
        header = request.headers.get("Authorization", "")
        if header.startswith("Bearer "):
            token = header.removeprefix("Bearer ")
            if secrets.compare_digest(token.encode(), BEARER.encode()):
                return None
            found = self._world.access.get(token)
            if found and not found.revoked and found.expires_at > time.time():
                if "/2/media/" in request.path and "media.write" not in found.scope.split():
                    detail = (
                        "When authenticating requests to X's API v2 endpoints, you must use a token with media.write."
                    )
                    raise Denied(403, problem("client-forbidden", "Client Forbidden", detail, status=403))
                return self._world.users[found.user_id]
        elif header.startswith("OAuth "):
            return self._who_signed(request, header)
        raise Denied(401, {"code": 89, "message": "Invalid or expired token"})

    def _who_signed(self, request: web.Request, header: str) -> User:
        params = signature.collect_parameters(
            uri_query=request.query_string, headers={"Authorization": header}, exclude_oauth_signature=False
        )
        given = dict(params)
        user_id, secret = self._world.pairs.get(given.get("oauth_token", ""), (0, ""))
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

    def _user(self, request: web.Request) -> User:
        user: User | None = request["user"]
        if user is None:
            raise Denied(403, problem("disallowed-resource", "Forbidden", "This needs a user's token.", status=403))
        own_only = "/retweets" in request.path or request.path.endswith("/mentions")
        if own_only and request.match_info["id"] != str(user.id):
            raise Denied(403, problem("disallowed-resource", "Forbidden", "The id is not yours.", status=403))
        return user

    # --- signing in ----------------------------------------------------------------------------------------

    async def _authorize_page(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        needed = (
            "response_type",
            "client_id",
            "redirect_uri",
            "state",
            "code_challenge",
            "code_challenge_method",
            "scope",
        )
        if any(not query.get(n) for n in needed) or query["client_id"] != CLIENT_ID:
            return web.Response(text="Something went wrong: this app is not known.", status=400)
        hidden = "".join(
            f'<input type="hidden" name="{n}" value="{html.escape(query[n])}">'
            for n in ("redirect_uri", "state", "code_challenge", "scope")
        )
        choices = "".join(
            f'<label><input type="radio" name="user" value="{u.id}" {"checked" if i == 0 else ""}>'
            f"<b>{html.escape(u.name)}</b> @{u.handle}</label>"
            for i, u in enumerate(u for u in self._world.users.values() if u.channel)
        )
        page = AUTHORIZE_PAGE.read_text().replace("<!--hidden-->", hidden).replace("<!--choices-->", choices)
        return web.Response(text=page, content_type="text/html")

    async def _authorize(self, request: web.Request) -> web.Response:
        form = await request.post()
        state, redirect_uri = str(form["state"]), str(form["redirect_uri"])
        if form.get("answer") != "yes":
            raise web.HTTPFound(f"{redirect_uri}?{urlencode({'error': 'access_denied', 'state': state})}")
        scope = str(form.get("scope", ALL_SCOPES))
        code = self._world.grant_code(int(str(form["user"])), redirect_uri, str(form["code_challenge"]), scope)
        raise web.HTTPFound(f"{redirect_uri}?{urlencode({'state': state, 'code': code})}")

    async def _token(self, request: web.Request) -> web.Response:
        form = {k: str(v) for k, v in (await request.post()).items()}
        self._check_client(request)
        if form.get("grant_type") == "refresh_token":
            return web.json_response(self._world.refreshed(form.get("refresh_token", "")))
        pair = self._world.exchange(form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", ""))
        return web.json_response(pair)

    async def _revoke(self, request: web.Request) -> web.Response:
        self._check_client(request)
        self._world.revoke_token(str((await request.post()).get("token", "")))
        return web.json_response({"revoked": True})

    def _check_client(self, request: web.Request) -> None:
        try:
            auth = BasicAuth.decode(request.headers.get("Authorization", ""))
        except ValueError:
            auth = None
        if auth is None or (auth.login, auth.password) != (CLIENT_ID, CLIENT_SECRET):
            raise Denied(
                401,
                {"error": "unauthorized_client", "error_description": "Missing valid authorization header"},
            )

    # --- reading -------------------------------------------------------------------------------------------

    async def _me(self, request: web.Request) -> web.Response:
        return web.json_response({"data": x_wire.user(self._user(request))})

    async def _posts_by_ids(self, request: web.Request) -> web.Response:
        ids = _ids(request)
        found = [p for i in ids if (p := self._world.posts.get(i)) is not None and not p.deleted]
        return web.json_response(
            _found("tweet", ids, {p.id for p in found}, [x_wire.rest_post(self._world, p) for p in found])
        )

    async def _users_by_ids(self, request: web.Request) -> web.Response:
        asker, ids = self._user(request), _ids(request)
        found = [u for i in ids if (u := self._world.users.get(i)) is not None]
        shown = [x_wire.user(u) for u in found]
        if "connection_status" in request.query.get("user.fields", ""):
            for user, body in zip(found, shown, strict=True):
                if (user.id, asker.id) in self._world.followers:
                    body["connection_status"] = ["followed_by"]
        return web.json_response(_found("user", ids, {u.id for u in found}, shown))

    async def _own_posts(self, request: web.Request) -> web.Response:
        posts = self._world.timeline(int(request.match_info["id"]))
        if "retweets" in request.query.get("exclude", ""):
            posts = [p for p in posts if p.repost_of is None]
        return self._page(request, posts)

    async def _mentions(self, request: web.Request) -> web.Response:
        user = self._user(request)
        ids = reversed(self._world.mentioning[user.id])
        return self._page(request, [p for i in ids if not (p := self._world.posts[i]).deleted])

    def _page(self, request: web.Request, posts: list[Any]) -> web.Response:
        limit = _between(request, "max_results", 5, 100, 10)
        since_id = request.query.get("since_id")
        start_time = request.query.get("start_time")
        if since_id is not None:
            if not DIGITS.match(since_id):
                raise _bad("since_id", since_id)
            posts = [p for p in posts if p.id > int(since_id)]
        if start_time is not None:
            posts = [p for p in posts if p.created_at >= datetime.fromisoformat(start_time.replace("Z", "+00:00"))]
        skip = int(request.query.get("pagination_token", "p0").removeprefix("p"), 10)
        shown = posts[skip : skip + limit]
        meta: dict[str, Any] = {"result_count": len(shown)}
        if shown:
            meta |= {"newest_id": str(shown[0].id), "oldest_id": str(shown[-1].id)}
        if len(posts) > skip + limit:
            meta["next_token"] = f"p{skip + limit}"
        body: dict[str, Any] = {"meta": meta}
        if shown:
            body["data"] = [x_wire.rest_post(self._world, p) for p in shown]
            if "author_id" in request.query.get("expansions", ""):
                authors = dict.fromkeys(p.author_id for p in shown)
                body["includes"] = {"users": [x_wire.user(self._world.users[a]) for a in authors]}
        return web.json_response(body)

    async def _dm_events(self, request: web.Request) -> web.Response:
        user = self._user(request)
        limit = _between(request, "max_results", 1, 100, 100)
        skip = int(request.query.get("pagination_token", "page-0000000000p0").rpartition("p")[2])
        dms = list(reversed(self._world.dms[user.id]))
        shown = dms[skip : skip + limit]
        body: dict[str, Any] = {"meta": {"result_count": len(shown)}}
        if shown:
            body["data"] = [x_wire.rest_dm(d) for d in shown]
            if "sender_id" in request.query.get("expansions", ""):
                senders = dict.fromkeys(d.sender_id for d in shown)
                body["includes"] = {"users": [x_wire.user(self._world.users[s]) for s in senders]}
        if len(dms) > skip + limit:
            body["meta"]["next_token"] = f"page-0000000000p{skip + limit}"
        return web.json_response(body)

    # --- writing -------------------------------------------------------------------------------------------

    async def _post(self, request: web.Request) -> web.Response:
        user = self._user(request)
        body = request["body"] if isinstance(request["body"], dict) else {}
        text = body.get("text", "" if body.get("media") else None)
        media_ids = (body.get("media") or {}).get("media_ids", [])
        answers = (body.get("reply") or {}).get("in_reply_to_tweet_id")
        if not isinstance(text, str):
            raise _bad("text", "")
        if not all(DIGITS.match(str(i)) for i in media_ids) or not DIGITS.match(str(answers or 0)):
            raise _bad("media.media_ids", str(media_ids))
        unwanted = self._world.refused_text and self._world.refused_text in text
        if unwanted or self._faults.strikes("refuse_post"):
            raise Denied(403, problem("disallowed-resource", "Forbidden", REFUSED, status=403))
        post = self._world.post(
            user.id, text, media_ids=tuple(map(int, media_ids)), answers=int(answers) if answers else None
        )
        self._stream.mention(post)
        return web.json_response({"data": {"id": str(post.id), "text": post.shown}}, status=201)

    # --- media -----------------------------------------------------------------------------------------------

    async def _begin_upload(self, request: web.Request) -> web.Response:
        user, body = self._user(request), request["body"]
        if not isinstance(body, dict) or body.get("media_category") not in MAX_BYTES:
            raise _bad("media_category", "")
        item = self._world.begin_media(
            user.id, body["media_category"], str(body.get("media_type")), int(body.get("total_bytes", 0))
        )
        told = {"id": str(item.id), "media_key": item.key, "expires_after_secs": MEDIA_LIFE_S}
        return web.json_response({"data": told})

    async def _append_upload(self, request: web.Request) -> web.Response:
        item = self._world.own_media(self._user(request).id, _digits(request, "id"))
        body = request["body"] if isinstance(request["body"], dict) else {}
        segment = body.get("segment_index")
        if not isinstance(segment, int) or not 0 <= segment <= 999 or item.state != "open":
            raise _bad("segment_index", str(segment))
        if self._faults.strikes("upload_breaks") and request.transport is not None:
            request.transport.abort()
        try:
            item.segments[segment] = base64.b64decode(str(body.get("media", "")), validate=True)
        except ValueError:
            raise _bad("media", "") from None
        return web.json_response({"data": {"expires_at": int(item.started_at + MEDIA_LIFE_S)}})

    async def _finish_upload(self, request: web.Request) -> web.Response:
        item = self._world.own_media(self._user(request).id, _digits(request, "id"))
        self._world.finish_media(item, fails=self._faults.strikes("media_fails"))
        return web.json_response({"data": x_wire.media(item)})

    async def _upload_state(self, request: web.Request) -> web.Response:
        wanted = request.query.get("media_id", "")
        if not DIGITS.match(wanted):
            raise _bad("media_id", wanted)
        return web.json_response({"data": x_wire.media(self._world.own_media(self._user(request).id, int(wanted)))})

    async def _describe_media(self, request: web.Request) -> web.Response:
        body = request["body"] if isinstance(request["body"], dict) else {}
        if not DIGITS.match(str(body.get("id", ""))):
            raise _bad("id", "")
        item = self._world.own_media(self._user(request).id, int(body["id"]))
        item.alt = str(((body.get("metadata") or {}).get("alt_text") or {}).get("text", ""))[:1000]
        return web.json_response(
            {"data": {"id": str(item.id), "associated_metadata": {"alt_text": {"text": item.alt}}}}
        )

    async def _delete(self, request: web.Request) -> web.Response:
        self._world.delete(self._user(request).id, _digits(request, "id"))
        return web.json_response({"data": {"deleted": True}})

    async def _repost(self, request: web.Request) -> web.Response:
        user = self._user(request)
        body = request["body"]
        if not isinstance(body, dict) or not DIGITS.match(str(body.get("tweet_id", ""))):
            raise _bad("tweet_id", "")
        if self._faults.strikes("refuse_repost"):
            raise Denied(403, problem("disallowed-resource", "Forbidden", REFUSED, status=403))
        self._world.repost(user.id, int(body["tweet_id"]))
        return web.json_response({"data": {"rest_id": str(body["tweet_id"]), "retweeted": True}})

    async def _undo_repost(self, request: web.Request) -> web.Response:
        self._world.undo_repost(self._user(request).id, _digits(request, "source_tweet_id"))
        return web.json_response({"data": {"retweeted": False}})

    # --- the stream and its subscriptions ---------------------------------------------------------------------

    async def _serve_stream(self, request: web.Request) -> web.StreamResponse:
        try:
            user = self._who(request)
        except Denied as no:
            return web.json_response(no.body, status=no.status)
        if user is not None:
            return web.json_response({"code": 453, "message": "The stream needs the app's bearer token"}, status=403)
        response = await self._stream.serve(request)
        if not response.prepared:
            self._note(request, "/2/activity/stream", None, response)
        self.changed()
        return response

    async def _subscriptions(self, request: web.Request) -> web.Response:
        data = [
            {"subscription_id": key, "event_type": kind, "filter": {"user_id": str(user_id)}, "tag": tag}
            for (kind, user_id), (key, tag) in self._world.subscriptions.items()
        ]
        return web.json_response({"data": data} if data else {})

    async def _subscribe(self, request: web.Request) -> web.Response:
        user = self._user(request)
        body = request["body"] if isinstance(request["body"], dict) else {}
        kind, wanted = body.get("event_type"), (body.get("filter") or {}).get("user_id")
        if kind not in EVENT_TYPES:
            raise _bad("event_type", str(kind))
        if wanted != str(user.id):
            raise Denied(
                403,
                problem(
                    "disallowed-resource",
                    "Forbidden",
                    "Private events need their own user's token.",
                    status=403,
                ),
            )
        if (str(kind), user.id) in self._world.subscriptions:
            raise Denied(
                403,
                problem("disallowed-resource", "Forbidden", "This subscription already exists.", status=403),
            )
        if len(self._world.subscriptions) >= 1500:
            raise Denied(
                403,
                problem(
                    "disallowed-resource",
                    "Forbidden",
                    "The app is at its limit of subscriptions.",
                    status=403,
                ),
            )
        key = str(self._world.new_id())
        self._world.subscriptions[str(kind), user.id] = (key, str(body.get("tag", "")))
        made = {
            "subscription_id": key,
            "event_type": kind,
            "filter": {"user_id": wanted},
            "tag": body.get("tag", ""),
        }
        return web.json_response({"data": {"subscription": made}})

    async def _unsubscribe(self, request: web.Request) -> web.Response:
        wanted = request.match_info["subscription_id"]
        found = next((k for k, (key, _) in self._world.subscriptions.items() if key == wanted), None)
        if found is None:
            detail = "Could not find that subscription."
            raise Denied(
                404,
                problem("resource-not-found", "Not Found Error", detail, resource_type="subscription", status=404),
            )
        del self._world.subscriptions[found]
        return web.json_response({"data": {"deleted": True}})

    async def _close_connections(self, request: web.Request) -> web.Response:
        killed = self._stream.clear()
        return web.json_response({"data": {"successful_kills": killed, "failed_kills": 0}})


def _ids(request: web.Request) -> list[int]:
    """`ids=1,2,…`, at most a hundred. Raises Denied."""
    value = request.query.get("ids", "")
    parts = value.split(",")
    if len(parts) > 100 or not all(DIGITS.match(p) for p in parts):
        raise _bad("ids", value)
    return [int(p) for p in parts]


def _found(kind: str, asked: list[int], there: set[int], data: list[dict[str, Any]]) -> dict[str, Any]:
    """The body of a lookup by ids: what is missing is told beside what was found."""
    body: dict[str, Any] = {"data": data} if data else {}
    missing = [i for i in asked if i not in there]
    if missing:
        body["errors"] = [
            problem(
                "resource-not-found",
                "Not Found Error",
                f"Could not find {kind} with ids: [{i}].",
                resource_type=kind,
                resource_id=str(i),
                parameter="ids",
                value=str(i),
            )
            for i in missing
        ]
    return body


def _digits(request: web.Request, name: str) -> int:
    value = request.match_info[name]
    if not DIGITS.match(value):
        raise _bad(name, value)
    return int(value)


def _between(request: web.Request, name: str, low: int, high: int, default: int) -> int:
    value = request.query.get(name, str(default))
    if not value.isdigit() or not low <= int(value) <= high:
        raise _bad(name, value)
    return int(value)


def _bad(name: str, value: str) -> Denied:
    detail = f"The `{name}` parameter [{value}] is not valid."
    return Denied(400, problem("invalid-request", "Invalid Request", detail, parameter=name, value=value, status=400))


async def _json(request: web.Request) -> Any:
    if not request.can_read_body:
        return None
    try:
        return await request.json()
    except ValueError:
        return None
