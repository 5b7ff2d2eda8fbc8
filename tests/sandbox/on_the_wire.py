"""The sandbox in this process over real HTTP, asked as X's and Telegram's clients ask."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.test_utils import TestClient, TestServer

from sandbox.app import Sandbox
from sandbox.profile import Profile
from sandbox.telegram import TOKEN
from sandbox.x_tokens import BEARER, CLIENT_ID, CLIENT_SECRET

CHANNEL = "TraficoValle"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Any
    kind: str


class Wired:
    """Who asks the sandbox."""

    def __init__(self, profile: Profile | None = None) -> None:
        self.sandbox = Sandbox(profile)
        self.http: Any = None
        self.channel = self.sandbox.world.user(CHANNEL)
        self.pair = self.sandbox.world.tokens.new_pair(self.channel.id)

    async def __aenter__(self) -> "Wired":
        self.http = TestClient(TestServer(self.sandbox.application(), handler_cancellation=True))
        await self.http.start_server()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.http.close()

    async def x(self, method: str, path: str, body: Any = None, *, token: object = "", **query: str) -> Answer:
        """A call of the channel's, or with another token. Raises what a lost connection raises."""
        headers = {"Authorization": f"Bearer {token or self.pair['access_token']}"}
        way = {"json": body, "params": query, "headers": headers, "allow_redirects": False}
        async with self.http.request(method, "/x" + path, **way) as answer:
            text = await answer.text()
            told: Any = text
            if "json" in answer.content_type:
                try:
                    told = json.loads(text)
                except ValueError:
                    told = text
            return Answer(answer.status, told, answer.headers, answer.content_type)

    async def posts(self, text: str, **more: Any) -> Answer:
        return await self.x("POST", "/2/tweets", {"text": text, **more})

    async def refreshes(self, **form: str) -> Answer:
        data = {"grant_type": "refresh_token", "refresh_token": str(self.pair["refresh_token"]), **form}
        auth = aiohttp.BasicAuth(CLIENT_ID, CLIENT_SECRET)
        async with self.http.post("/x/2/oauth2/token", data=data, auth=auth, allow_redirects=False) as answer:
            text = await answer.text()
            told = json.loads(text) if "json" in answer.content_type else text
            return Answer(answer.status, told, answer.headers, answer.content_type)

    async def bot(self, method: str, **params: Any) -> Answer:
        """A call of the bot's."""
        async with self.http.post(f"/telegram/bot{TOKEN}/{method}", json=params) as answer:
            text = await answer.text()
            told = json.loads(text) if "json" in answer.content_type else text
            return Answer(answer.status, told, answer.headers, answer.content_type)

    async def does(self, path: str, **body: Any) -> Any:
        """Something of the sandbox's controls."""
        async with self.http.post("/sandbox/" + path, json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def breaks(self, name: str, rate: float = 1, **more: Any) -> None:
        await self.does("faults", **{name: {"rate": rate, **more}})

    def says(self, text: str, handle: str = "maria_rdz", **more: Any) -> Any:
        """Somebody posts; the event as it is heard."""
        world, stream = self.sandbox.world, self.sandbox.stream
        world.subscriptions.setdefault(("post.mention.create", self.channel.id), ("1", "canales"))
        post = world.post(world.user(handle).id, text, by_app=False, **more)
        return stream.events_of(post)[0]["data"]["payload"]

    def told(self, text: str) -> int:
        """How often X was told this."""
        return self.sandbox.world.accepted[f"post:{self.channel.id}:{text}"]

    def listens(self) -> Any:
        """The app's stream, as a context."""
        return self.http.get("/x/2/activity/stream", headers={"Authorization": f"Bearer {BEARER}"})

    async def connected(self) -> None:
        while not self.sandbox.stream.connection.connected:
            await asyncio.sleep(0)
