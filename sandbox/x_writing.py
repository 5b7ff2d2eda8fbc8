"""The sandbox's X, what is written: posts, reposts, and taking them back."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox import x_asked
from sandbox.faults import Faults
from sandbox.world import World
from sandbox.x_refusals import refusal
from sandbox.x_stream import Stream

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Writing:
    def __init__(self, world: World, faults: Faults, stream: Stream) -> None:
        self._world, self._faults, self._stream = world, faults, stream

    def calls(self) -> dict[str, Handler]:
        return {
            "POST /2/tweets": self._post,
            "POST /2/dm_conversations/with/{participant_id}/messages": self._dm,
            "DELETE /2/tweets/{id}": self._delete,
            "POST /2/users/{id}/retweets": self._repost,
            "DELETE /2/users/{id}/retweets/{source_tweet_id}": self._undo_repost,
        }

    async def _post(self, request: web.Request) -> web.Response:
        user, body = x_asked.user(request), x_asked.body(request)
        text = body.get("text", "" if body.get("media") else None)
        media_ids = (body.get("media") or {}).get("media_ids", [])
        answers = (body.get("reply") or {}).get("in_reply_to_tweet_id")
        if not isinstance(text, str):
            raise x_asked.bad("text", "")
        if not all(x_asked.DIGITS.match(str(i)) for i in media_ids) or not x_asked.DIGITS.match(str(answers or 0)):
            raise x_asked.bad("media.media_ids", str(media_ids))
        unwanted = self._world.refused_text and self._world.refused_text in text
        if unwanted or self._faults.strikes("refuse_post", user.names):
            raise refusal("403")
        post = self._world.post(
            user.id, text, media_ids=tuple(map(int, media_ids)), answers=int(answers) if answers else None
        )
        self._world.asked_at[post.id] = request["arrived"]
        self._stream.mention(post)
        return web.json_response({"data": {"id": str(post.id), "text": post.handed.text}}, status=201)

    async def _dm(self, request: web.Request) -> web.Response:
        user, text = x_asked.user(request), x_asked.body(request).get("text")
        to = self._world.users.get(x_asked.digits(request, "participant_id"))
        if not isinstance(text, str) or not text:
            raise x_asked.bad("text", "")
        if to is None or self._faults.strikes("refuse_post", user.names):
            raise refusal("403")
        dm = self._world.dm(user.id, to.id, text)
        self._world.accepted[f"dm:{user.id}:{to.id}"] += 1
        self._world.bill.did("dm")
        given = {"dm_conversation_id": "-".join(map(str, sorted((user.id, to.id)))), "dm_event_id": str(dm.id)}
        return web.json_response({"data": given}, status=201)

    async def _delete(self, request: web.Request) -> web.Response:
        post_id = x_asked.digits(request, "id")
        self._world.delete(x_asked.user(request).id, post_id)
        self._stream.deleted(self._world.posts[post_id])
        return web.json_response({"data": {"deleted": True}})

    async def _repost(self, request: web.Request) -> web.Response:
        user, wanted = x_asked.user(request), str(x_asked.body(request).get("tweet_id", ""))
        if not x_asked.DIGITS.match(wanted):
            raise x_asked.bad("tweet_id", "")
        if self._faults.strikes("refuse_repost", user.names):
            raise refusal("403")
        post = self._world.repost(user.id, int(wanted))
        self._world.asked_at[post.id] = request["arrived"]
        return web.json_response({"data": {"rest_id": wanted, "retweeted": True}})

    async def _undo_repost(self, request: web.Request) -> web.Response:
        self._world.undo_repost(x_asked.user(request).id, x_asked.digits(request, "source_tweet_id"))
        return web.json_response({"data": {"retweeted": False}})
