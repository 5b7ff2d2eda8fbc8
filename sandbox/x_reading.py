"""The sandbox's X, what is read: accounts, posts, mentions, direct messages."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from sandbox import x_asked, x_wire
from sandbox.world import Post, User, World
from sandbox.x_refusals import problem

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Reading:
    def __init__(self, world: World) -> None:
        self._world = world

    def calls(self) -> dict[str, Handler]:
        return {
            "GET /2/users/me": self._me,
            "GET /2/tweets": self._posts_by_ids,
            "GET /2/users": self._users_by_ids,
            "GET /2/users/{id}/tweets": self._own_posts,
            "GET /2/users/{id}/mentions": self._mentions,
            "GET /2/dm_events": self._dm_events,
        }

    async def _me(self, request: web.Request) -> web.Response:
        return web.json_response({"data": x_wire.user(x_asked.user(request))})

    async def _posts_by_ids(self, request: web.Request) -> web.Response:
        ids, fields = x_asked.ids(request), x_asked.words(request, "post.fields")
        asker: User | None = request["user"]
        found = [p for i in ids if (p := self._world.posts.get(i)) is not None and not p.deleted]
        found = [p for p in found if self._world.may_see(asker.id if asker is not None else None, p)]
        expansions = x_asked.words(request, "expansions")
        body = _found(
            "tweet", ids, {p.id for p in found}, [x_wire.rest_post(self._world, p, fields, expansions) for p in found]
        )
        return web.json_response(body | self._authors(request, found))

    async def _users_by_ids(self, request: web.Request) -> web.Response:
        asker, ids = x_asked.user(request), x_asked.ids(request)
        found = [u for i in ids if (u := self._world.users.get(i)) is not None]
        shown = [x_wire.asked_user(u, x_asked.words(request, "user.fields")) for u in found]
        if "connection_status" in request.query.get("user.fields", ""):
            for user, body in zip(found, shown, strict=True):
                if (user.id, asker.id) in self._world.followers:
                    body["connection_status"] = ["followed_by"]
        return web.json_response(_found("user", ids, {u.id for u in found}, shown))

    async def _own_posts(self, request: web.Request) -> web.Response:
        wanted, asker = x_asked.digits(request, "id"), request["user"]
        hidden = self._not_shown(wanted, asker.id if asker is not None else None)
        if hidden is not None:
            return web.json_response({"errors": [hidden]})
        posts = self._world.timeline(wanted)
        if "retweets" in request.query.get("exclude", ""):
            posts = [p for p in posts if p.repost_of is None]
        return self.page(request, posts)

    def _not_shown(self, wanted: int, asker_id: int | None) -> dict[str, Any] | None:
        """What X says instead of the posts of an account that it does not show; None where it does."""
        told = {"resource_type": "user", "resource_id": str(wanted), "parameter": "id", "value": str(wanted)}
        user = self._world.users.get(wanted)
        if user is None:
            said = f"Could not find user with id: [{wanted}]."
            return problem("resource-not-found", "Not Found Error", said, **told)
        if user.suspended:
            return problem("resource-not-found", "Forbidden", f"User has been suspended: [{wanted}].", **told)
        if user.protected and asker_id != wanted and (asker_id, wanted) not in self._world.followers:
            said = f"Sorry, you are not authorized to see the user with id: [{wanted}]."
            return problem("not-authorized-for-resource", "Authorization Error", said, **told)
        return None

    async def _mentions(self, request: web.Request) -> web.Response:
        asker = x_asked.user(request)
        posts = [p for p in self._world.mentions(asker.id) if self._world.may_see(asker.id, p)]
        return self.page(request, posts, self._world.odd.get("mentions", []))

    def page(
        self, request: web.Request, posts: list[Post], odd: Sequence[list[Any]] = (), *, least: int = 5, usual: int = 10
    ) -> web.Response:
        """One page of these; where something `odd` is to stand in each, it has room for one of them."""
        limit = x_asked.between(request, "max_results", least, 100, usual)
        limit = 1 if odd else limit
        since_id, start = request.query.get("since_id"), x_asked.instant(request, "start_time")
        if since_id is not None:
            if not x_asked.DIGITS.match(since_id):
                raise x_asked.bad("since_id", since_id)
            posts = [p for p in posts if p.id > int(since_id)]
        if start is not None:
            posts = [p for p in posts if p.created_at >= start]
        skip = int((request.query.get("pagination_token") or request.query.get("next_token") or "p0")[1:], 10)
        shown = posts[skip : skip + limit]
        meta: dict[str, Any] = {"result_count": len(shown)}
        if shown:
            meta |= {"newest_id": str(shown[0].id), "oldest_id": str(shown[-1].id)}
        if len(posts) > skip + limit:
            meta["next_token"] = f"p{skip + limit}"
        body: dict[str, Any] = {"meta": meta}
        if shown:
            fields, expansions = x_asked.words(request, "post.fields"), x_asked.words(request, "expansions")
            body["data"] = [x_wire.rest_post(self._world, p, fields, expansions) for p in shown]
            body["data"] += odd[skip % len(odd)] if odd else []
            body = self._world.profile.thinned(body | self._authors(request, shown), ("includes",))
        return web.json_response(body)

    def _authors(self, request: web.Request, shown: Sequence[Post]) -> dict[str, Any]:
        """Who wrote these, where that was asked for."""
        if "author_id" not in x_asked.words(request, "expansions") or not shown:
            return {}
        fields = x_asked.words(request, "user.fields")
        authors = (self._world.users[a] for a in dict.fromkeys(p.author_id for p in shown))
        return {"includes": {"users": [x_wire.asked_user(a, fields) for a in authors]}}

    async def _dm_events(self, request: web.Request) -> web.Response:
        user = x_asked.user(request)
        limit = x_asked.between(request, "max_results", 1, 100, 100)
        skip = int(request.query.get("pagination_token", "page-0000000000p0").rpartition("p")[2])
        dms, odd = self._world.inbox(user.id), self._world.odd.get("dms", [])
        limit = 1 if odd else limit
        shown = dms[skip : skip + limit]
        body: dict[str, Any] = {"meta": {"result_count": len(shown)}}
        if shown:
            body["data"] = [x_wire.rest_dm(d) for d in shown]
            body["data"] += odd[skip % len(odd)] if odd else []
            if "sender_id" in x_asked.words(request, "expansions"):
                senders = dict.fromkeys(d.sender_id for d in shown)
                body["includes"] = {"users": [x_wire.user(self._world.users[s]) for s in senders]}
                body = self._world.profile.thinned(body, ("includes",))
        if len(dms) > skip + limit:
            body["meta"]["next_token"] = f"page-0000000000p{skip + limit}"
        return web.json_response(body)


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
