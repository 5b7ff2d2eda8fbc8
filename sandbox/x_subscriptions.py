"""The sandbox's X, what the app is subscribed to on its activity stream."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox import x_asked
from sandbox.world import World
from sandbox.x_refusals import Denied, disallowed, problem

Handler = Callable[[web.Request], Awaitable[web.Response]]
EVENT_TYPES = (
    "post.mention.create",
    "dm.received",
    "post.create",
    "post.delete",
    "post.reply.create",
    "chat.received",
    "chat.sent",
)
PUBLIC = ("post.create", "post.delete")  # anybody's, and the app may ask for them


class Subscriptions:
    def __init__(self, world: World) -> None:
        self._world = world

    def calls(self) -> dict[str, Handler]:
        return {
            "GET /2/activity/subscriptions": self._list,
            "POST /2/activity/subscriptions": self._subscribe,
            "DELETE /2/activity/subscriptions/{subscription_id}": self._unsubscribe,
        }

    async def _list(self, request: web.Request) -> web.Response:
        data = [
            {"subscription_id": key, "event_type": kind, "filter": {"user_id": str(user_id)}, "tag": tag}
            for (kind, user_id), (key, tag) in self._world.subscriptions.items()
        ]
        return web.json_response({"data": data} if data else {})

    async def _subscribe(self, request: web.Request) -> web.Response:
        body = x_asked.body(request)
        kind, wanted = body.get("event_type"), (body.get("filter") or {}).get("user_id")
        if kind not in EVENT_TYPES:
            raise x_asked.bad("event_type", str(kind))
        if not isinstance(wanted, str) or not x_asked.DIGITS.match(wanted):
            raise x_asked.bad("filter.user_id", str(wanted))
        if kind not in PUBLIC and wanted != str(x_asked.user(request).id):
            raise disallowed("Private events need their own user's token.")
        if (str(kind), int(wanted)) in self._world.subscriptions:
            raise disallowed("This subscription already exists.")
        if len(self._world.subscriptions) >= self._world.most_subscriptions:
            raise disallowed("The app is at its limit of subscriptions.")
        key, tag = str(self._world.new_id()), str(body.get("tag", ""))
        self._world.subscriptions[str(kind), int(wanted)] = (key, tag)
        made = {"subscription_id": key, "event_type": kind, "filter": {"user_id": wanted}, "tag": tag}
        return web.json_response({"data": {"subscription": made}})

    async def _unsubscribe(self, request: web.Request) -> web.Response:
        wanted = request.match_info["subscription_id"]
        found = next((k for k, (key, _) in self._world.subscriptions.items() if key == wanted), None)
        if found is None:
            told = "Could not find that subscription."
            kind = "resource-not-found"
            raise Denied(404, problem(kind, "Not Found Error", told, resource_type="subscription", status=404))
        del self._world.subscriptions[found]
        return web.json_response({"data": {"deleted": True}})
