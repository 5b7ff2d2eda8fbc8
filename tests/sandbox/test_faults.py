"""Each fault does what it says: to whom it is set for, on the calls that it is set for, as often as it is set."""

import asyncio
import json
import time
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sandbox.faults import KINDS, NOES, TOKEN_NOES, TORN
from sandbox.x_refusals import AUTOMATED, LOCKED
from tests.conftest import SPECS
from tests.sandbox.on_the_wire import Answer, Wired
from tests.specs import wrong_with_x

STATUS = {"html": 403, "duplicate": 403, "locked": 403, "automated": 403, "app_stopped": 403, "media_gone": 400}


async def lost(call: Any) -> bool:
    """Whether the answer to a call never came, or not whole."""
    try:
        await call
    except (aiohttp.ClientError, ConnectionError):
        return True
    return False


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True


async def refused(wired: Wired, answer: str, call: Any) -> None:
    """The answer is this kind of no."""
    if answer == "cut":
        assert await lost(call)
        return
    got: Answer = await call
    if answer == "redirect":
        assert (got.status, got.headers["Location"][:8]) == (302, "https://")
    elif answer in ("html", "page"):
        assert (got.status // 100, got.kind, "<html>" in got.body) == (2 + 2 * (answer == "html"), "text/html", True)
    elif answer in TORN:
        assert got.status // 100 == 2
        assert answer == "odd" or not is_json(got.body)
    else:
        assert got.status == (int(answer) if answer.isdigit() else STATUS[answer])
        assert got.kind == ("application/problem+json" if "type" in got.body else "application/json")


@pytest.mark.parametrize("answer", NOES)
async def test_x_says_no_and_does_not_act(answer: str) -> None:
    async with Wired() as wired:
        await wired.breaks("refuse_before", answer=answer, on="post", times=1)
        await refused(wired, answer, wired.posts("antes"))
        assert wired.told("antes") == 0
        assert (await wired.posts("antes")).status == 201, "once was wanted"


@pytest.mark.parametrize("answer", NOES)
async def test_x_acts_and_says_no(answer: str) -> None:
    async with Wired() as wired:
        await wired.breaks("refuse_after", answer=answer, times=1)
        await refused(wired, answer, wired.posts("después"))
        assert wired.told("después") == 1


@pytest.mark.parametrize("on", ["repost", "unrepost", "delete", "upload"])
async def test_every_kind_of_write_can_be_refused_after_it_was_done_and_no_other(on: str) -> None:
    async with Wired() as wired:
        world, mine = wired.sandbox.world, f"/2/users/{wired.channel.id}/retweets"
        posts = [world.post(world.user("maria_rdz").id, f"hola {n}", by_app=False) for n in range(2)]
        begin = {"media_category": "tweet_image", "media_type": "image/png", "total_bytes": 3}
        for number, status in ((0, 200), (1, 503)):
            own = (await wired.posts(f"propio {number}")).body["data"]["id"]
            calls = {
                "repost": ("POST", mine, {"tweet_id": str(posts[number].id)}),
                "unrepost": ("DELETE", f"{mine}/{posts[number].id}", None),
                "delete": ("DELETE", f"/2/tweets/{own}", None),
                "upload": ("POST", "/2/media/upload/initialize", begin),
            }
            if on == "unrepost":
                world.repost(wired.channel.id, posts[number].id)
            others = [c for c in calls if c != on]
            await wired.breaks("refuse_after", answer="503", on=on if status == 503 else others)
            before = (dict(world.accepted), len(world.uploads.items))
            assert (await wired.x(*calls[on])).status == status
            assert (dict(world.accepted), len(world.uploads.items)) != before, "X has acted"


async def test_one_channel_is_slow_and_another_is_not() -> None:
    async with Wired() as wired:
        other = wired.sandbox.world.tokens.new_pair(wired.sandbox.world.user("LluviaYa").id)["access_token"]
        await wired.breaks("slow_calls", seconds=0.3, whose="@TraficoValle")
        began = time.monotonic()
        assert (await wired.posts("lento")).status == 201
        assert time.monotonic() - began >= 0.3
        await wired.breaks("slow_calls", seconds=600, whose="@TraficoValle")
        slow = asyncio.ensure_future(wired.posts("muy lento"))
        for number in range(20):
            assert (await wired.x("POST", "/2/tweets", {"text": f"n {number}"}, token=other)).status == 201
        assert not slow.done()
        slow.cancel()


@pytest.mark.parametrize(("name", "whose"), [("user_day_limit", "user"), ("app_day_limit", "app")])
async def test_a_days_limit_is_told_in_headers_of_its_own(name: str, whose: str) -> None:
    async with Wired() as wired:
        await wired.breaks(name, seconds=600)
        got = await wired.posts("de más")
        assert (got.status, got.body["code"]) == (429, 88)
        assert int(got.headers["x-rate-limit-remaining"]) > 0, "the first three still look fine"
        assert got.headers[f"x-{whose}-limit-24hour-remaining"] == "0"
        assert 590 <= int(got.headers[f"x-{whose}-limit-24hour-reset"]) - time.time() <= 601
        assert wired.told("de más") == 0


async def test_the_day_is_counted_for_the_account_and_for_the_app() -> None:
    async with Wired() as wired:
        other = wired.sandbox.world.tokens.new_pair(wired.sandbox.world.user("LluviaYa").id)["access_token"]
        await wired.does("x/act", act="limits", user_day=2, app_day=3)
        first = await wired.posts("uno")
        assert first.headers["x-user-limit-24hour-remaining"] == "1"
        assert first.headers["x-app-limit-24hour-remaining"] == "2"
        assert [(await wired.posts(t)).status for t in ("dos", "tres")] == [201, 429]
        last = await wired.x("POST", "/2/tweets", {"text": "otra"}, token=other)
        assert (last.status, last.headers["x-app-limit-24hour-remaining"]) == (429, "0")
        assert int(last.headers["x-rate-limit-remaining"]) > 0


async def test_a_locked_account_gets_x_s_sentence_and_nobody_else_does() -> None:
    async with Wired() as wired:
        await wired.breaks("locked", whose="LluviaYa")
        other = wired.sandbox.world.tokens.new_pair(wired.sandbox.world.user("LluviaYa").id)["access_token"]
        got = await wired.x("POST", "/2/tweets", {"text": "x"}, token=other)
        assert (got.status, got.body) == (403, {"code": 326, "message": LOCKED})
        assert (await wired.x("GET", "/2/users/me", token=other)).status == 403
        assert (await wired.posts("x")).status == 201


async def test_a_write_may_look_automated() -> None:
    async with Wired() as wired:
        await wired.breaks("automated", times=1)
        assert (await wired.posts("x")).body == {"code": 226, "message": AUTOMATED}
        assert (await wired.x("GET", "/2/users/me")).status == 200


async def test_media_upload_answers_404_and_posts_do_not() -> None:
    async with Wired() as wired:
        await wired.breaks("media_404")
        begin = {"media_category": "tweet_image", "media_type": "image/png", "total_bytes": 3}
        assert (await wired.x("POST", "/2/media/upload/initialize", begin)).status == 404
        assert not wired.sandbox.world.uploads.items
        assert (await wired.posts("x")).status == 201


WORDS = {"invalid_client": 400, "unauthorized_client": 401, "redirect": 302, "empty": 200, "no_token": 200}


@pytest.mark.parametrize("answer", TOKEN_NOES)
async def test_tokens_are_refused_and_the_refresh_token_stays_good(answer: str) -> None:
    async with Wired() as wired:
        await wired.breaks("token_refused", answer=answer, whose="TraficoValle", times=1)
        if answer in WORDS:
            got = await wired.refreshes()
            assert (got.status, "access_token" in got.body) == (WORDS[answer], False)
        else:
            await refused(wired, answer, wired.refreshes()) if answer != "garbled" else await _torn(wired)
        assert (await wired.refreshes()).status == 200


async def _torn(wired: Wired) -> None:
    with pytest.raises(json.JSONDecodeError):
        await wired.refreshes()


@pytest.mark.parametrize("answer", KINDS["token_odd"].answers)
async def test_tokens_are_good_though_an_odd_life_stands_beside_them(answer: str) -> None:
    async with Wired() as wired:
        await wired.breaks("token_odd", answer=answer, times=1)
        given = (await wired.refreshes()).body
        assert (await wired.x("GET", "/2/users/me", token=given["access_token"])).status == 200
        assert str(given.get("expires_in")) == {"missing": "None", "no_refresh": "7200"}.get(answer, answer)
        assert ("refresh_token" in given) is (answer != "no_refresh")


async def test_new_tokens_come_late_and_the_old_one_is_spent_meanwhile() -> None:
    async with Wired() as wired:
        await wired.breaks("token_late", seconds=0.3, times=1)
        began = time.monotonic()
        late = asyncio.ensure_future(wired.refreshes())
        async with asyncio.timeout(5):
            while not wired.sandbox.world.tokens.spent_refresh:
                await asyncio.sleep(0)
        assert (await wired.refreshes()).status == 400
        assert (await late).status == 200
        assert time.monotonic() - began >= 0.3


# --- the stream ------------------------------------------------------------------------------------------------


def heard(wired: Wired, text: str) -> None:
    """Somebody says this to the channel, on the stream."""
    world = wired.sandbox.world
    world.subscriptions.setdefault(("post.mention.create", wired.channel.id), ("1", "canales"))
    post = world.post(world.user("maria_rdz").id, f"{text} @TraficoValle", by_app=False)
    wired.sandbox.stream.mention(post)


async def test_the_stream_is_accepted_then_closed() -> None:
    async with Wired() as wired:
        await wired.breaks("accept_then_close", times=1)
        async with wired.listens() as stream:
            assert (stream.status, await stream.read()) == (200, b"")
        async with wired.listens() as stream:
            heard(wired, "ahora")
            assert b"ahora" in await stream.content.readline()


async def test_the_stream_comes_byte_by_byte() -> None:
    async with Wired() as wired, wired.listens() as stream:
        await wired.connected()
        await wired.breaks("trickle", seconds=0.02)
        heard(wired, "despacio")
        began = time.monotonic()
        assert [await stream.content.readany() for _ in range(5)] == [b"{", b'"', b"d", b"a", b"t"]
        assert time.monotonic() - began >= 0.06
        await wired.breaks("trickle", 0)
        assert (await stream.content.readline()).endswith(b"\r\n")


async def test_events_are_swallowed_for_one_channel() -> None:
    async with Wired() as wired, wired.listens() as stream:
        await wired.connected()
        await wired.breaks("swallowed", whose="TraficoValle", times=1)
        heard(wired, "perdido")
        heard(wired, "oído")
        line = await stream.content.readline()
        assert "oído" in line.decode()
        assert b"perdido" not in line


async def test_any_bytes_can_be_put_on_the_stream() -> None:
    async with Wired() as wired, wired.listens() as stream:
        await wired.connected()
        await wired.does("faults", raw_lines=[{"text": '{"title":"ConnectionException"}\r\n'}, {"base64": "//4K"}])
        assert await stream.content.readline() == b'{"title":"ConnectionException"}\r\n'
        assert await stream.content.readline() == b"\xff\xfe\n"


async def test_the_connect_can_be_refused() -> None:
    async with Wired() as wired:
        await wired.breaks("refuse_before", answer="503", on="stream", times=1)
        async with wired.listens() as stream:
            assert stream.status == 503
        async with wired.listens() as stream:
            assert stream.status == 200


# --- Telegram --------------------------------------------------------------------------------------------------


async def test_one_chat_is_slowed_down_and_another_is_not() -> None:
    async with Wired() as wired:
        await wired.breaks("telegram_429", seconds=40, whose=1001)
        got = await wired.bot("sendMessage", chat_id=1001, text="hola")
        assert (got.status, got.body["parameters"]["retry_after"]) == (429, 40)
        assert (await wired.bot("sendMessage", chat_id=1002, text="hola")).status == 200
        await wired.breaks("telegram_slow", seconds=600, whose=1002)
        slow = asyncio.ensure_future(wired.bot("sendMessage", chat_id=1002, text="despacio"))
        assert (await wired.bot("sendMessage", chat_id=-2001, text="hola")).status == 200
        assert not slow.done()
        slow.cancel()


async def test_telegram_acts_and_its_answer_is_lost() -> None:
    async with Wired() as wired:
        await wired.breaks("telegram_lost", times=1)
        assert await lost(wired.bot("sendMessage", chat_id=1001, text="hola"))
        assert [m["text"] for m in wired.sandbox.phones.chats[1001].messages.values()] == ["hola"]


async def test_updates_come_twice() -> None:
    async with Wired() as wired:
        wired.sandbox.phones.say(1001, "uno")
        (first,) = (await wired.bot("getUpdates")).body["result"]
        await wired.breaks("telegram_twice", times=1)
        again = (await wired.bot("getUpdates", offset=first["update_id"] + 1)).body["result"]
        assert again == [first]
        assert (await wired.bot("getUpdates", offset=first["update_id"] + 1)).body["result"] == []


async def test_a_webhook_that_is_set_anew_loses_no_update() -> None:
    async with Wired() as wired:
        came: list[str] = []
        first, second = asyncio.Event(), asyncio.Event()

        async def hook(request: web.Request) -> web.Response:
            came.append((await request.json())["message"]["text"])
            if len(came) <= 2:  # both ways bring the same
                await (first, second)[len(came) - 1].wait()
            return web.Response()

        bot = web.Application()
        bot.router.add_post("/hook", hook)
        async with TestServer(bot) as server:
            wired.sandbox.phones.say(1001, "uno")
            wired.sandbox.phones.say(1001, "dos")
            for count in (1, 2):
                assert (await wired.bot("setWebhook", url=str(server.make_url("/hook")))).status == 200
                while len(came) < count:
                    await asyncio.sleep(0)
            first.set()
            while len(wired.sandbox.phones.updates) == 2:
                await asyncio.sleep(0)
            second.set()
            while came[-1] != "dos":
                await asyncio.sleep(0)
            assert came == ["uno", "uno", "dos"]
            await wired.bot("deleteWebhook")


# --- all of them -----------------------------------------------------------------------------------------------


async def test_a_fault_that_does_not_exist_is_refused() -> None:
    async with Wired() as wired:
        for wrong in (
            {"no": 1},
            {"refuse_before": {"rate": 1, "answer": "418"}},
            {"locked": {"rate": 1, "on": "post"}},
        ):
            async with wired.http.post("/sandbox/faults", json=wrong) as answer:
                assert answer.status == 400


@pytest.mark.skipif(not SPECS.exists(), reason="the published specs are not beside this checkout")
async def test_whatever_is_broken_the_answers_keep_to_the_spec() -> None:
    async with Wired() as wired:
        world, me = wired.sandbox.world, wired.channel.id
        world.limits.on = False
        post = world.post(world.user("maria_rdz").id, "hola " + "largo " * 90 + "@TraficoValle foo.com", by_app=False)
        world.dm(world.user("maria_rdz").id, me, "mira foo.com")
        reads = {"post.fields": "note_post,entities,created_at,possibly_sensitive", "expansions": "author_id"}
        broken = [(name, answer) for name, kind in KINDS.items() for answer in (kind.answers or ("",))]
        await wired.does("world", on=True, x_median_s=0, x_tail_share=0, lag_from_s=0, lag_to_s=0, missing_share=0.5)
        for number, (name, answer) in enumerate(broken):
            if name in (
                "token_refused",
                "token_odd",
                "token_slow",
                "token_late",
                "silent",
                "trickle",
                "accept_then_close",
            ):
                continue
            await wired.breaks(name, answer=answer, seconds=0)
            calls = [
                wired.posts(f"n {number} canales.com"),
                wired.x("POST", f"/2/users/{me}/retweets", {"tweet_id": str(post.id)}),
                wired.x("DELETE", f"/2/users/{me}/retweets/{post.id}"),
                wired.x("DELETE", f"/2/tweets/{post.id}"),
                wired.x("POST", "/2/media/upload/initialize",
                        {"media_category": "tweet_image", "media_type": "image/png", "total_bytes": 3}),
                wired.x("GET", f"/2/users/{me}/mentions", **reads),
                wired.x("GET", f"/2/users/{me}/tweets", **reads),
                wired.x("GET", "/2/tweets", ids=str(post.id), **{"post.fields": "note_post"}),
                wired.x("GET", "/2/dm_events"),
                wired.x("GET", "/2/users/me"),
            ]  # fmt: skip
            for call in calls:
                await lost(call)
            await wired.breaks(name, 0)
        async with wired.http.get("/sandbox/wire") as wire:
            exchanges = (await wire.json())["exchanges"]
        seen = {e["status"] for e in exchanges if e["response"]}
        assert seen >= {200, 201, 401, 402, 403, 404, 408, 429, 503}
        own = [e for e in exchanges if e["content_type"] != "text/html"]
        assert sorted({p for e in own for p in wrong_with_x(e)}) == []
