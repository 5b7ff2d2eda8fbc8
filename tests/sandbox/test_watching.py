"""What can be watched on the sandbox's X: rules and their stream, lists, searches, accounts by name, as the spec has it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from engine.x.watching import searches
from sandbox import x_queries
from sandbox.x_queries import WrongQuery
from sandbox.x_tokens import BEARER
from tests.conftest import SPECS
from tests.sandbox.on_the_wire import Answer, Wired
from tests.specs import openapi, validator, wrong_with_x

STREAM = "/2/tweets/search/stream"
RULES = f"{STREAM}/rules"


async def rules(wired: Wired, **body: Any) -> Answer:
    return await wired.x("POST", RULES, body, token=BEARER)


@asynccontextmanager
async def filtered(wired: Wired, **query: str) -> AsyncIterator[Any]:
    headers = {"Authorization": f"Bearer {BEARER}"}
    async with wired.http.get("/x" + STREAM, headers=headers, params=query) as stream:
        yield stream


async def line_of(stream: Any) -> Any:
    return json.loads(await stream.content.readline())


def matching(query: str, text: str, handle: str = "maria_rdz", **more: Any) -> bool:
    world = Wired().sandbox.world
    post = world.post(world.user(handle).id, text, by_app=False, **more)
    return x_queries.read(query, longest=1024)(world.seen(post))


@pytest.mark.parametrize(
    ("query", "text", "is_so"),
    [
        ("from:maria_rdz", "hola", True),
        ("FROM:Maria_Rdz", "hola", True),
        ("from:elpanadero OR from:maria_rdz", "hola", True),
        ("from:elpanadero", "hola", False),
        ("from:maria_rdz choque", "un CHOQUE, otro", True),
        ("choque", "rechoque", False),
        ('"vía cerrada" caracas -is:retweet', "Vía cerrada en Caracas", True),
        ('"vía cerrada" caracas -is:retweet', "Caracas cerrada, la vía no", False),
        ("via", "vía", False),
        ("(choque OR accidente) -promo", "accidente", True),
        ("(choque OR accidente) -promo", "promo de accidente", False),
        ("choque -(promo OR gratis)", "choque gratis", False),
        ("a b OR c", "c", True),
        ("a (b OR c)", "c", False),
        ("@traficovalle", "hola @TraficoValle", True),
        ("@traficovalle", "hola TraficoValle", False),
        ("#trafico", "#Trafico", True),
        ("#trafico", "trafico", False),
        ("choque has:links", "choque https://ejemplo.com/a", True),
        ("choque has:mentions", "choque", False),
        ("choque lang:es", "hay un choque en la vía", True),
        ("choque lang:en", "hay un choque en la vía", False),
        ("choque has:media", "choque", False),
        ("from:maria_rdz -has:hashtags", "#uno", False),
        ('"vía cerrada"~2 caracas', "cerrada hoy la vía, Caracas", True),
        ('"vía cerrada"~1', "cerrada desde hoy mismo la vía", False),
        ("🚧 caracas", "Caracas 🚧", True),
        ("🚧 caracas", "Caracas", False),
        ("url:ejemplo.com", "mira https://ejemplo.com/a", True),
    ],
)  # fmt: skip
def test_a_query_means_what_it_means_on_x(query: str, text: str, is_so: bool) -> None:
    assert matching(query, text) is is_so


@pytest.mark.parametrize(
    "query",
    ["", " ", "is:retweet", "-is:retweet", "-choque", "lang:es has:media", "choque OR -promo", "(choque", "choque)",
     '"vía cerrada', "choque OR", "OR choque", "-", "sample:5", "place:caracas", "from:", "lang:español", "is:bonito",
     "has:dinero", "!!!", "from:a-b", "()", "(" * 500 + "a" + ")" * 500, "a" * 1025],
)  # fmt: skip
def test_what_x_does_not_take_it_refuses_and_says_where(query: str) -> None:
    with pytest.raises(WrongQuery, match=r"\(at position \d+\)"):
        x_queries.read(query, longest=1024)


@pytest.mark.parametrize(
    "typed",
    ['"vía cerrada" caracas', "choque OR colisión", "(choque OR colisión) lang:ES", "(a OR (b c)) (has:media OR has:links)",
     "#metro from:@inameh", "metro -is:retweet", '"vía cerrada"~5 lluvia', "🚧 caracas", "@inameh -promo -rifa", "x" * 480],
)  # fmt: skip
def test_what_canales_takes_for_a_search_x_takes_too(typed: str) -> None:
    x_queries.read(searches.checked(typed), longest=512)


@pytest.mark.parametrize(
    "typed", ["lang:es", "-promo", "choque OR -promo", "(choque", '"vía', "choque OR", "color:rojo", "from:"]
)
def test_what_x_does_not_take_canales_refuses_first(typed: str) -> None:
    with pytest.raises(WrongQuery):
        x_queries.read(typed, longest=512)
    with pytest.raises(searches.BadSearch):
        searches.checked(typed)


async def test_rules_are_added_and_deleted_and_what_is_wrong_with_some_keeps_none_of_the_others_back() -> None:
    async with Wired() as wired:
        none = await wired.x("GET", RULES, token=BEARER)
        assert (none.status, none.body["meta"]["result_count"], "data" in none.body) == (200, 0, False)
        made = await rules(wired, add=[{"value": "from:inameh", "tag": "uno"}, {"value": "choque"}, {"value": "is:"}])
        assert made.body["meta"]["summary"] == {"created": 2, "not_created": 1, "valid": 2, "invalid": 1}
        assert [e["title"] for e in made.body["errors"]] == ["UnprocessableEntity"]
        first, second = made.body["data"]
        again = await rules(wired, add=[{"value": "from:inameh", "tag": "dos"}, {"value": "lluvia"}])
        assert [(e["title"], e["id"], e["value"]) for e in again.body["errors"]] == [
            ("DuplicateRule", first["id"], "from:inameh")
        ]
        assert (await wired.x("GET", RULES, token=BEARER, ids=second["id"])).body["data"] == [second]
        dry = await wired.x("POST", RULES, {"delete": {"ids": [first["id"]]}}, token=BEARER, dry_run="true")
        assert dry.body["meta"]["summary"] == {"deleted": 1, "not_deleted": 0}
        gone = await rules(wired, delete={"ids": [first["id"], "17"], "values": ["choque"]})
        assert gone.body["meta"]["summary"] == {"deleted": 2, "not_deleted": 1}
        assert gone.body["errors"][0]["errors"][0]["message"] == "Rule does not exist"
        left = await wired.x("GET", RULES, token=BEARER)
        assert [r["value"] for r in left.body["data"]] == ["lluvia"]
        wrong: list[dict[str, Any]] = [
            {},
            {"add": []},
            {"add": [{"tag": "x"}]},
            {"add": [{"value": "a"}], "delete": {}},
        ]
        assert [(await rules(wired, **body)).status for body in wrong] == [400] * 4


async def test_an_app_has_a_thousand_rules() -> None:
    async with Wired() as wired:
        many = await rules(wired, add=[{"value": f"from:vecina{n}"} for n in range(1001)])
        assert many.body["meta"]["summary"]["created"] == 1000
        assert [e["title"] for e in many.body["errors"]] == ["RulesCapExceeded"]
        page = await wired.x("GET", RULES, token=BEARER, max_results="600")
        more = await wired.x(
            "GET", RULES, token=BEARER, max_results="600", pagination_token=page.body["meta"]["next_token"]
        )
        assert [r["value"] for r in [*page.body["data"], *more.body["data"]]] == [
            f"from:vecina{n}" for n in range(1000)
        ]


async def test_the_filtered_stream_brings_what_matches_with_the_rules_that_it_matches() -> None:
    async with Wired() as wired:
        async with filtered(wired) as stream:
            assert (stream.status, (await stream.json())["connection_issue"]) == (409, "RuleConfigurationIssue")
        made = (await rules(wired, add=[{"value": "from:inameh", "tag": "uno"}, {"value": "lluvia"}])).body["data"]
        query = {"tweet.fields": "created_at,referenced_tweets,lang", "expansions": "author_id", "user.fields": "name"}
        async with filtered(wired, **query) as stream:
            async with filtered(wired) as second:
                assert (second.status, (await second.json())["connection_issue"]) == (429, "TooManyConnections")
            await wired.does("x/say", handle="promo_loca", text="nada de eso")
            await wired.does("x/say", handle="puertas_adentro", text="lluvia detrás de la puerta")
            said = await wired.does("x/say", handle="inameh", text="lluvia en el valle")
            event = await line_of(stream)
            assert (event["data"]["id"], event["data"]["lang"]) == (said["id"], "es")
            assert event["matching_rules"] == [{"id": made[0]["id"], "tag": "uno"}, {"id": made[1]["id"]}]
            assert event["includes"]["users"][0]["username"] == "inameh"
            await rules(wired, delete={"values": ["lluvia"]})
            again = await wired.x("POST", f"/2/users/{wired.channel.id}/retweets", {"tweet_id": said["id"]})
            assert again.status == 200
            last = await wired.does("x/say", handle="inameh", text="otra")
            assert (await line_of(stream))["data"]["id"] == last["id"]
            listed = (await wired.x("GET", "/2/connections", token=BEARER)).body["data"]
            assert [c["endpoint_name"] for c in listed] == ["filtered_stream"]
            killed = await wired.x("DELETE", "/2/connections/filtered_stream", token=BEARER)
            assert (killed.body["data"]["successful_kills"], await stream.read()) == (1, b"")


async def test_the_faults_of_a_stream_can_be_narrowed_to_one_of_the_two() -> None:
    async with Wired() as wired:
        await rules(wired, add=[{"value": "choque"}])
        async with filtered(wired) as stream, wired.listens() as activity:
            await wired.breaks("doubled", on="filtered")
            await wired.breaks("swallowed", on="activity")
            post = wired.sandbox.world.post(wired.sandbox.world.user("inameh").id, "choque @TraficoValle", by_app=False)
            assert [(await line_of(stream))["data"]["id"] for _ in range(2)] == [str(post.id)] * 2
            await wired.breaks("swallowed", 0)
            wired.sandbox.world.subscriptions["post.mention.create", wired.channel.id] = ("1", "canales")
            wired.sandbox.stream.mention(post)
            assert (await line_of(activity))["data"]["payload"]["id"] == str(post.id)
            assert wired.sandbox.stream.connection.sent == 1


async def test_no_more_than_so_many_posts_a_second_and_so_many_connects_a_quarter_of_an_hour() -> None:
    async with Wired() as wired:
        await rules(wired, add=[{"value": "choque"}])
        async with filtered(wired) as stream:
            await wired.does("x/flood", messages=[["maria_rdz", f"choque {n}"] for n in range(300)])
            shown = wired.sandbox.filtered
            assert (shown.connection.sent, shown.over) == (250, 50)
            assert [await line_of(stream) for _ in range(250)][-1]["data"]["text"] == "choque 249"
        for _ in range(49):
            wired.sandbox.world.limits.spend(f"GET {STREAM}", None)
        async with filtered(wired) as stream:
            assert (stream.status, stream.headers["x-rate-limit-remaining"]) == (429, "0")


async def test_accounts_are_found_by_name_and_what_is_not_there_is_told_apart() -> None:
    async with Wired() as wired:
        path = "/2/users/by/username/"
        there = await wired.x("GET", path + "INAMEH", **{"user.fields": "protected"})
        assert (there.body["data"]["username"], there.body["data"]["protected"]) == ("inameh", False)
        closed = await wired.x("GET", path + "puertas_adentro", token=BEARER, **{"user.fields": "protected"})
        assert closed.body["data"]["protected"] is True
        for name, title in (("nadie_aqui", "Not Found Error"), ("cuenta_caida", "Forbidden")):
            missing = await wired.x("GET", path + name, token=BEARER)
            assert (missing.status, missing.body["errors"][0]["title"], "data" in missing.body) == (200, title, False)
        assert (await wired.x("GET", path + "no-es-un-nombre")).status == 400
        both = await wired.x("GET", "/2/users/by", token=BEARER, usernames="inameh,nadie_aqui,MetroValle")
        assert [u["username"] for u in both.body["data"]] == ["inameh", "MetroValle"]
        assert [e["value"] for e in both.body["errors"]] == ["nadie_aqui"]


async def test_a_list_shows_its_members_posts_and_a_private_one_its_owner_alone() -> None:
    async with Wired() as wired:
        lists = f"/2/users/{wired.channel.id}/owned_lists"
        narrow = await wired.x("GET", lists)
        assert (narrow.status, "list.read" in narrow.body["detail"]) == (403, True)
        wide = wired.sandbox.world.tokens.new_pair(wired.channel.id, "tweet.read users.read list.read")["access_token"]
        own = await wired.x("GET", lists, token=BEARER, **{"list.fields": "private,owner_id"})
        one = own.body["data"][0]
        assert (one["name"], one["private"]) == ("Servicios del Valle", False)
        for handle, text in (("inameh", "lluvia"), ("maria_rdz", "nada"), ("MetroValle", "retraso")):
            await wired.does("x/say", handle=handle, text=text)
        posts = await wired.x("GET", f"/2/lists/{one['id']}/tweets", token=BEARER, max_results="1")
        assert [p["text"] for p in posts.body["data"]] == ["retraso"]
        token = posts.body["meta"]["next_token"]
        older = await wired.x("GET", f"/2/lists/{one['id']}/tweets", token=BEARER, pagination_token=token)
        assert [p["text"] for p in older.body["data"]] == ["lluvia"]
        private = (await wired.does("x/act", act="list", owner="TraficoValle", name="x", private=True))["id"]
        assert (await wired.x("GET", f"/2/lists/{private}/tweets", token=wide)).body["meta"]["result_count"] == 0
        for nobody in (f"/2/lists/{private}/tweets", "/2/lists/17/tweets", "/2/lists/1746000000000000003/tweets"):
            shut = await wired.x("GET", nobody, token=BEARER)
            assert (shut.status, shut.body["errors"][0]["resource_type"]) == (200, "list")


async def test_the_home_timeline_shows_whom_the_account_follows_and_a_search_what_matches() -> None:
    async with Wired() as wired:
        await wired.does("x/act", act="follow", handle="TraficoValle", channel="inameh")
        await wired.does("x/act", act="follow", handle="TraficoValle", channel="puertas_adentro")
        said = {}
        for handle, text in (("inameh", "lluvia"), ("maria_rdz", "lluvia aquí"), ("puertas_adentro", "adentro")):
            said[text] = (await wired.does("x/say", handle=handle, text=text))["id"]
        home = f"/2/users/{wired.channel.id}/timelines/reverse_chronological"
        shown = await wired.x("GET", home, exclude="replies,retweets", **{"post.fields": "created_at"})
        assert [p["text"] for p in shown.body["data"]] == ["adentro", "lluvia"]
        assert [p["text"] for p in (await wired.x("GET", home, since_id=said["lluvia"])).body["data"]] == ["adentro"]
        assert (await wired.x("GET", home, token=BEARER)).status == 403
        search = "/2/tweets/search/recent"
        found = await wired.x("GET", search, token=BEARER, query="lluvia OR adentro", max_results="10")
        assert [p["text"] for p in found.body["data"]] == ["lluvia aquí", "lluvia"]
        wrong = await wired.x("GET", search, query="lluvia sample:5")
        assert (wrong.status, "Reference to invalid operator 'sample'" in wrong.body["detail"]) == (400, True)
        assert (await wired.x("GET", search, query="lluvia", start_time="2026-01-01T00:00:00Z")).status == 400


@pytest.mark.skipif(not SPECS.exists(), reason="the published specs are not beside this checkout")
async def test_all_of_it_agrees_with_the_specs() -> None:
    async with Wired() as wired:
        await rules(wired, add=[{"value": "lluvia", "tag": "x"}, {"value": "lluvia"}, {"value": "is:"}])
        await rules(wired, delete={"ids": ["17"]})
        await wired.x("GET", RULES, token=BEARER)
        query = {"tweet.fields": "note_tweet,referenced_tweets,created_at", "expansions": "author_id"}
        async with filtered(wired, **query) as stream:
            await wired.does("x/say", handle="inameh", text="lluvia " + "y más " * 60)
            event = await line_of(stream)
            await wired.x("GET", "/2/connections", token=BEARER)
            await wired.x("DELETE", "/2/connections/filtered_stream", token=BEARER)
        schema = openapi()["components"]["schemas"]["StreamPostsResponse"]
        assert [e.message for e in validator(schema).iter_errors(event)] == []
        await rules(wired, delete={"values": ["lluvia"]})
        async with filtered(wired) as refused:
            assert refused.status == 409
        for name in ("inameh", "nadie", "cuenta_caida"):
            await wired.x("GET", f"/2/users/by/username/{name}", token=BEARER)
        await wired.x("GET", "/2/users/by", usernames="inameh,nadie")
        owned = f"/2/users/{wired.channel.id}/owned_lists"
        await wired.x("GET", owned, token=BEARER, **{"list.fields": "member_count"})
        for wanted in ("1746000000000000001", "1746000000000000003"):
            await wired.x("GET", f"/2/lists/{wanted}/tweets", token=BEARER, max_results="1", expansions="author_id")
        await wired.x("GET", f"/2/users/{wired.channel.id}/timelines/reverse_chronological")
        for query_text in ("lluvia", "sample:1"):
            await wired.x("GET", "/2/tweets/search/recent", query=query_text, max_results="10")
        calls = [vars_of(e) for e in wired.sandbox.wire.exchanges]
    assert len({(e["method"], e["route"]) for e in calls}) == 11
    assert sorted({p for e in calls for p in wrong_with_x(e)}) == []


def vars_of(exchange: Any) -> dict[str, Any]:
    fields = ("method", "path", "route", "query", "request", "status", "response", "content_type")
    return {name: getattr(exchange, name) for name in fields}
