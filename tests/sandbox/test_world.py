"""The world profile: as slow, crowded and unkind as X and Telegram are, and nobody waits for somebody else's call."""

import asyncio
import statistics
import time

import aiohttp
import pytest

from sandbox.profile import WORLD, Profile
from tests.sandbox.on_the_wire import Wired


def test_x_takes_300_ms_and_one_in_twenty_calls_takes_seconds() -> None:
    profile = Profile(WORLD)
    seconds = [profile.x_seconds() for _ in range(20_000)]
    assert 0.29 < statistics.median(seconds) < 0.32
    assert 0.04 < sum(2 <= s <= 5 for s in seconds) / len(seconds) < 0.06
    assert not any(1 < s < 2 or s > 5 for s in seconds)


def test_runs_of_one_seed_are_the_same_and_of_another_are_not() -> None:
    runs = [[p.x_seconds() for _ in range(9)] for p in (Profile(WORLD, 3), Profile(WORLD, 3), Profile(WORLD, 4))]
    assert runs[0] == runs[1] != runs[2]


async def test_it_is_off_until_it_is_switched_on_and_the_page_shows_it() -> None:
    async with Wired() as wired:
        assert (await wired.posts("de inmediato")).status == 201
        assert wired.sandbox.profile.x_seconds() == wired.sandbox.profile.telegram_seconds() == 0
        shown = await wired.does("world", on=True, seed=3, x_median_s=0.05, x_tail_share=0)
        assert (shown["on"], shown["seed"], shown["telegram_s"]) == (True, 3, 0.08)
        async with wired.http.get("/sandbox/state") as state:
            assert (await state.json())["world"] == shown
        assert (await wired.does("world", on=False))["on"] is False
        async with wired.http.post("/sandbox/world", json={"on": True, "gravity": 9.8}) as refused:
            assert refused.status == 400


async def test_a_hundred_calls_take_no_longer_than_one_and_others_are_not_held_up() -> None:
    async with Wired() as wired:
        await wired.does("world", on=True, x_tail_share=0)
        wired.sandbox.world.limits.on = False
        began = time.monotonic()
        calls = [asyncio.ensure_future(wired.posts(f"número {n}")) for n in range(100)]
        await asyncio.sleep(0)
        async with wired.http.get("/sandbox/x") as quick:
            assert quick.status == 200
        assert not all(c.done() for c in calls)
        assert {(await c).status for c in calls} == {201}
        assert 0.3 < time.monotonic() - began < 15, "each some 300 ms, all at once: one by one it would be 30 s"


async def test_x_acts_in_the_middle_of_a_call_also_for_who_has_hung_up() -> None:
    async with Wired() as wired:
        await wired.does("world", on=True, x_median_s=0.4, x_spread=0, x_tail_share=0)
        headers = {"Authorization": f"Bearer {wired.pair['access_token']}"}
        with pytest.raises(TimeoutError):
            await wired.http.post(
                "/x/2/tweets", json={"text": "colgado"}, headers=headers, timeout=aiohttp.ClientTimeout(total=0.05)
            )
        assert wired.told("colgado") == 0
        async with asyncio.timeout(5):
            while not wired.told("colgado"):
                await asyncio.sleep(0)
        assert wired.told("colgado") == 1


async def test_the_moment_that_a_repost_is_known_by_is_when_x_was_asked() -> None:
    async with Wired() as wired:
        await wired.does("world", on=True, x_median_s=0.2, x_spread=0, x_tail_share=0)
        post = wired.sandbox.world.post(wired.sandbox.world.user("maria_rdz").id, "hola", by_app=False)
        began = time.time()
        await wired.x("POST", f"/2/users/{wired.channel.id}/retweets", {"tweet_id": str(post.id)})
        told = await wired.does("x/act", act="moments")
        assert 0 <= told["moments"][str(post.id)] - began < 0.1
        repost = wired.sandbox.world.reposts[wired.channel.id, post.id]
        assert wired.sandbox.world.posts[repost].created_at.timestamp() - began >= 0.1, "X acts in the middle"


async def test_timelines_and_inboxes_are_behind_and_single_posts_are_not() -> None:
    async with Wired() as wired:
        await wired.does("world", on=True, x_median_s=0, x_tail_share=0, lag_from_s=0.3, lag_to_s=0.3)
        said = await wired.posts("acabado de decir")
        wired.says("hola @TraficoValle")
        mine = f"/2/users/{wired.channel.id}"
        assert (await wired.x("GET", mine + "/tweets")).body["meta"]["result_count"] == 0
        assert (await wired.x("GET", mine + "/mentions")).body["meta"]["result_count"] == 0
        assert (await wired.x("GET", "/2/tweets", ids=said.body["data"]["id"])).body["data"]
        async with asyncio.timeout(5):
            while not (await wired.x("GET", mine + "/tweets")).body["meta"]["result_count"]:
                await asyncio.sleep(0.02)


def test_now_and_then_a_field_is_missing_but_never_what_says_who_and_which() -> None:
    wired = Wired(Profile(WORLD))
    events = [wired.says(f"choque {n} @TraficoValle") for n in range(400)]
    whole = {k for e in events for k in e}
    thin = [e for e in events if set(e) != whole]
    assert 5 <= len(thin) <= 40
    assert all({"id", "text", "author_id"} <= set(e) for e in events)
    assert len({k for e in thin for k in whole - set(e)}) > 3, "not always the same one"


async def test_there_are_as_many_people_and_groups_as_are_wanted() -> None:
    async with Wired() as wired:
        made = await wired.does(
            "telegram/people", people=[{"name": f"P{n}", "language": "en"} for n in range(60)], groups=["Uno", "Dos"]
        )
        assert len(set(made["people"])) == 60
        assert all(g < 0 for g in made["groups"])
        assert len(set(made["groups"])) == 2
        for chat in (*made["people"][:3], *made["groups"]):
            sent = await wired.bot("sendMessage", chat_id=chat, text="hola")
            assert sent.body["result"]["chat"]["id"] == chat
        await wired.does("telegram/say", person=made["people"][59], text="/start")
        (update,) = (await wired.bot("getUpdates")).body["result"]
        assert update["message"]["from"]["language_code"] == "en"


async def test_hidden_links_come_as_entities_as_plain_ones_do() -> None:
    async with Wired() as wired:
        text = 'mira 😀 <a href="https://ejemplo.com/x">aquí</a> o <b>en</b> canales.com @ana #vía'
        await wired.does("telegram/say", person=1001, text=text, html=True)
        (update,) = (await wired.bot("getUpdates")).body["result"]
        message = update["message"]
        assert message["text"] == "mira 😀 aquí o en canales.com @ana #vía"
        units = message["text"].encode("utf-16-le")
        found = {
            e["type"]: units[e["offset"] * 2 : (e["offset"] + e["length"]) * 2].decode("utf-16-le")
            for e in message["entities"]
        }
        assert found == {
            "text_link": "aquí", "bold": "en", "url": "canales.com", "mention": "@ana", "hashtag": "#vía"
        }  # fmt: skip
        assert next(e for e in message["entities"] if e["type"] == "text_link")["url"] == "https://ejemplo.com/x"


async def test_telegram_lets_a_burst_pass_then_says_how_long_to_wait() -> None:
    async with Wired() as wired:
        answers = [await wired.bot("sendMessage", chat_id=1001, text=f"n {n}") for n in range(21)]
        assert [a.status for a in answers] == [200] * 20 + [429]
        assert 1 <= answers[-1].body["parameters"]["retry_after"] <= 20
        assert (await wired.bot("sendMessage", chat_id=1002, text="otra persona")).status == 200


async def test_a_group_takes_twenty_a_minute_and_all_together_thirty_a_second() -> None:
    async with Wired() as wired:
        made = await wired.does("telegram/people", people=[{"name": f"P{n}"} for n in range(31)])
        group = [await wired.bot("sendMessage", chat_id=-2001, text=f"n {n}") for n in range(21)]
        assert group[-1].status == 429
        assert 40 <= group[-1].body["parameters"]["retry_after"] <= 60
        all_at_once = await asyncio.gather(*(wired.bot("sendMessage", chat_id=p, text="hola") for p in made["people"]))
        late = [a for a in all_at_once if a.status == 429]
        assert late
        assert all(a.body["parameters"]["retry_after"] == 1 for a in late)
