"""The sandbox's X, what can be watched: accounts by name, lists, searches, what those say whom one follows."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from sandbox import x_asked, x_queries, x_wire
from sandbox.world import Post, User, World, XList
from sandbox.x_queries import WrongQuery
from sandbox.x_reading import Reading
from sandbox.x_refusals import disallowed, invalid, problem

Handler = Callable[[web.Request], Awaitable[web.Response]]
LONGEST_SEARCH = 512
SEARCHED_DAYS = 7


class Watched:
    def __init__(self, world: World, reading: Reading) -> None:
        self._world, self._reading = world, reading

    def calls(self) -> dict[str, Handler]:
        return {
            "GET /2/users/by": self._users_by_names,
            "GET /2/users/by/username/{username}": self._user_by_name,
            "GET /2/users/{id}/owned_lists": self._owned_lists,
            "GET /2/lists/{id}/tweets": self._list,
            "GET /2/users/{id}/timelines/reverse_chronological": self._home,
            "GET /2/tweets/search/recent": self._search,
        }

    async def _user_by_name(self, request: web.Request) -> web.Response:
        body = self._named([request.match_info["username"]], "username", x_asked.words(request, "user.fields"))
        if "data" in body:
            body["data"] = body["data"][0]
        return web.json_response(body)

    async def _users_by_names(self, request: web.Request) -> web.Response:
        names = x_asked.words(request, "usernames")
        if not 1 <= len(names) <= 100:
            raise x_asked.bad("usernames", ",".join(names))
        return web.json_response(self._named(names, "usernames", x_asked.words(request, "user.fields")))

    def _named(self, names: list[str], parameter: str, fields: list[str]) -> dict[str, Any]:
        if not all(x_asked.HANDLE.match(name) for name in names):
            raise x_asked.bad(parameter, ",".join(names))
        users = {name: self._world.by_handle.get(name.lower()) for name in names}
        data = [x_wire.asked_user(u, fields) for u in users.values() if u is not None and not u.suspended]
        errors = [
            problem(
                "resource-not-found",
                "Not Found Error" if user is None else "Forbidden",
                f"Could not find user with {parameter}: [{name}]."
                if user is None
                else f"User has been suspended: [{name}].",
                resource_type="user",
                resource_id=name,
                parameter=parameter,
                value=name,
            )
            for name, user in users.items()
            if user is None or user.suspended
        ]
        return {**({"data": data} if data else {}), **({"errors": errors} if errors else {})}

    async def _owned_lists(self, request: web.Request) -> web.Response:
        owner, asker = x_asked.digits(request, "id"), request["user"]
        own = asker is not None and asker.id == owner
        found = [one for one in self._world.lists.values() if one.owner_id == owner and (own or not one.private)]
        most = x_asked.between(request, "max_results", 1, 100, 100)
        skip = int(request.query.get("pagination_token", "p0").removeprefix("p"), 10)
        shown, fields = found[skip : skip + most], x_asked.words(request, "list.fields")
        meta: dict[str, Any] = {"result_count": len(shown)}
        if len(found) > skip + most:
            meta["next_token"] = f"p{skip + most}"
        data = {"data": [_list_told(one, fields) for one in shown]} if shown else {}
        return web.json_response({**data, "meta": meta})

    async def _list(self, request: web.Request) -> web.Response:
        wanted, asker = x_asked.digits(request, "id"), request["user"]
        found = self._world.lists.get(wanted)
        if found is None or (found.private and (asker is None or asker.id != found.owner_id)):
            told = f"Could not find list with id: [{wanted}]."
            more = {"resource_type": "list", "resource_id": str(wanted), "parameter": "id", "value": str(wanted)}
            return web.json_response({"errors": [problem("resource-not-found", "Not Found Error", told, **more)]})
        posts = self._shown_to(asker, self._world.said_by(found.members))
        return self._reading.page(request, posts, least=1, usual=100)

    async def _home(self, request: web.Request) -> web.Response:
        user = x_asked.user(request)
        if request.match_info["id"] != str(user.id):
            raise disallowed("The id is not yours.")
        followed = {channel for follower, channel in self._world.followers if follower == user.id}
        posts = self._shown_to(user, self._world.said_by(followed | {user.id}))
        left_out = x_asked.words(request, "exclude")
        posts = [
            p
            for p in posts
            if not ("retweets" in left_out and p.repost_of is not None)
            and not ("replies" in left_out and p.answers is not None)
        ]
        return self._reading.page(request, _until(request, posts), least=1, usual=100)

    async def _search(self, request: web.Request) -> web.Response:
        query = request.query.get("query", "")
        try:
            matches = x_queries.read(query, longest=LONGEST_SEARCH)
        except WrongQuery as wrong:
            raise invalid("query", f"There were errors processing your request: {wrong}", value=query) from None
        began = datetime.now(UTC) - timedelta(days=SEARCHED_DAYS)
        start = x_asked.instant(request, "start_time")
        if start is not None and start < began:
            told = f"Invalid 'start_time':'{request.query['start_time']}'. 'start_time' must be on or after {began}."
            raise invalid("start_time", told, value=request.query["start_time"])
        posts = [p for p in self._world.everything() if p.created_at >= began and matches(self._world.seen(p))]
        return self._reading.page(request, _until(request, self._shown_to(None, posts)), least=10)

    def _shown_to(self, asker: User | None, posts: list[Post]) -> list[Post]:
        """Without those of protected accounts that do not let the asker follow them, and of suspended ones."""
        users = self._world.users
        followed = {f for who, f in self._world.followers if asker is not None and who == asker.id}

        def shown(author: User) -> bool:
            own = asker is not None and asker.id == author.id
            return not author.suspended and (not author.protected or own or author.id in followed)

        return [p for p in posts if shown(users[p.author_id])]


def _until(request: web.Request, posts: list[Post]) -> list[Post]:
    end, until = x_asked.instant(request, "end_time"), request.query.get("until_id")
    if until is not None and not x_asked.DIGITS.match(until):
        raise x_asked.bad("until_id", until)
    return [p for p in posts if (end is None or p.created_at < end) and (until is None or p.id < int(until))]


def _list_told(one: XList, fields: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": str(one.id),
        "name": one.name,
        "owner_id": str(one.owner_id),
        "private": one.private,
        "member_count": len(one.members),
    }
    return {name: value for name, value in told.items() if name in ("id", "name", *fields)}
