"""The sandbox is honest: what it answers, and what we ask, agrees with the published specs."""

from typing import Any

import pytest

from sandbox import x_wire
from sandbox.demo import Demo
from sandbox.stage import Stage
from sandbox.world import World
from tests.conftest import SPECS
from tests.sandbox.on_the_wire import Wired
from tests.specs import wrong_with_telegram, wrong_with_x
from tests.story.test_threads import VIDEO, photo

PICTURE = photo("blue")
pytestmark = pytest.mark.skipif(not SPECS.exists(), reason="the published specs are not beside this checkout")


def test_a_whole_story_agrees_with_the_specs(stage: Stage) -> None:
    stage.start("web", "streams", "worker", "voices", "journal")
    demo = Demo(stage)
    for step in (demo.sign_in, demo.words, demo.mention, demo.notice, demo.undo, demo.dm, demo.dropped):
        step()
    stage.tell("/log file", "^$|log")
    pair = stage.do("/sandbox/x/act", act="pair", handle="LluviaYa")
    settings = {"X_ACCESS_TOKEN": pair["token"], "X_ACCESS_SECRET": pair["secret"]}
    stage.command("bot", "connect", "--owner", "1001", **settings)
    stage.mention("maria_rdz", "choque @LluviaYa")
    stage.wait("it is polled", lambda: any(e["route"].endswith("/mentions") for e in x_calls(stage)))
    stage.faults(error_5xx={"rate": 1, "times": 1}, telegram_429={"rate": 1, "times": 1})
    stage.dm("joandriver", "TraficoValle", "otro accidente más allá")
    stage.wait("the 503 was met", lambda: any(e["status"] == 503 for e in x_calls(stage)))
    stage.faults(limit_429={"rate": 1, "times": 1, "seconds": 3})
    limited = stage.mention("joandriver", "accidente y límite @TraficoValle")
    stage.wait("the 429 was met", lambda: any(e["status"] == 429 for e in x_calls(stage)))
    told = stage.bot_says("otro accidente más allá")
    stage.press(told, "Deshacer|↩️")
    stage.wait("the DM's post is deleted", lambda: stage.accepted("delete"))
    stage.wait("the pause is over", lambda: any(k.endswith(f":{limited}") for k in stage.accepted("repost")))
    stage.faults(drop_after_accept={"rate": 1, "times": 1})
    stage.dm("joandriver", "TraficoValle", "accidente sin respuesta")
    stage.wait("it was read back", lambda: any(e["route"] == "/2/users/{id}/tweets" for e in x_calls(stage)))
    stage.tell("/form @TraficoValle copy", "tuit propio")
    stage.tell("/senders @TraficoValle", "Remitentes")
    stage.press(stage.bot_says("Remitentes"), "Solo seguidores")
    stage.wait("the tick", lambda: "✅ Solo seguidores" in str(stage.bot_says("Remitentes")))
    stage.do("/sandbox/x/act", act="follow", handle="vecinos_norte", channel="TraficoValle")
    stage.mention("promo_loca", "accidente de quien no sigue @TraficoValle")
    stage.mention("vecinos_norte", "accidente en la vía con foto @TraficoValle", media=True)
    stage.bot_says("en la vía con foto")
    stage.send_media("plaza.png", PICTURE, caption="Una plaza")
    stage.press(stage.bot_says("Una plaza"), "Describir")
    stage.bot_says("¿Qué se ve")
    stage.press(stage.tell("Vacía", "🖼 Vacía"), "Otro tuit")
    stage.bot_says("siguiente tuit")
    sent = stage.send_media("video.mp4", VIDEO, caption="Un video")
    stage.faults(upload_breaks={"rate": 1, "times": 1}, drop_post={"rate": 1, "times": 1})
    stage.press(stage.bot_says("2/2.*Un video", after=sent), "Publicar ya")
    stage.bot_says("dijo este hilo de 2 tuits", within=60)
    stage.stop("streams")
    stage.do("/sandbox/x/act", act="linger", seconds=600)
    stage.start("streams")
    stage.wait("cleared", lambda: any(e["route"] == "/2/connections/all" for e in x_calls(stage)))
    stage.press(stage.tell("/disconnect @TraficoValle", "Desconectar"), "Sí, desconectar")
    stage.bot_says("X confirmó")
    calls = x_calls(stage)
    assert {e["route"] for e in calls} >= {
        "/2/users/me", "/2/tweets", "/2/users/{id}/retweets", "/2/users/{id}/retweets/{source_tweet_id}",
        "/2/users/{id}/mentions", "/2/dm_events", "/2/activity/subscriptions", "/2/tweets/{id}", "/2/connections/all",
        "/2/users/{id}/tweets", "/2/activity/stream", "/2/users", "/2/media/upload/initialize", "/2/media/upload",
        "/2/media/upload/{id}/append", "/2/media/upload/{id}/finalize", "/2/media/metadata",
    }  # fmt: skip
    assert sorted({p for e in calls for p in wrong_with_x(e)}) == []
    bot_calls = [
        {**e, "method_name": e["route"]} for e in stage.get("/sandbox/wire")["exchanges"] if e["peer"] == "telegram"
    ]
    assert {c["route"] for c in bot_calls} >= {
        "sendMessage",
        "editMessageText",
        "answerCallbackQuery",
        "sendDocument",
        "getMe",
    }
    assert sorted({p for c in bot_calls for p in wrong_with_telegram(c)}) == []


def test_events_have_the_shape_of_the_recorded_samples(stage: Stage) -> None:
    import json

    stage.start("web", "streams", "worker", "voices")
    demo = Demo(stage)
    demo.sign_in()
    stage.mention("maria_rdz", "hola @TraficoValle")
    stage.dm("maria_rdz", "TraficoValle", "hola")
    stage.do("/sandbox/x/act", act="revoke", handle="TraficoValle")
    events = stage.get("/sandbox/wire")["events"]
    assert {e["data"]["event_type"] for e in events} == {"post.mention.create", "dm.received", "oauth.revoke"}
    for event in events:
        name = event["data"]["event_type"]
        sample = json.loads((SPECS / "x-events" / f"{name}.json").read_text())
        assert foreign_keys(event, sample, name) == []


def test_a_reply_has_the_shape_of_x_s_sample() -> None:
    import json

    sample = json.loads((SPECS / "x-events" / "post.reply.create.json").read_text())
    world = World()
    channel, person = world.user("TraficoValle"), world.user("maria_rdz")
    own = world.post(channel.id, "Buenos días", by_app=False)
    post = world.post(person.id, "¡Gracias!", by_app=False, answers=own.id)
    made = x_wire.reply_event(world, post, channel, "replies")
    assert foreign_keys(made, sample, "reply") == []
    assert made["data"]["payload"]["text"] == "@TraficoValle ¡Gracias!"
    assert made["data"]["payload"]["display_text_range"] == [14, 23]
    assert made["data"]["includes"] == {}


def test_long_posts_links_and_tags_have_the_shape_that_the_samples_have_elsewhere() -> None:
    import json

    sample = json.loads((SPECS / "x-events" / "post.mention.create.json").read_text())["data"]
    entities = sample["payload"]["entities"]
    entities["urls"] = sample["includes"]["users"][1]["entities"]["url"]["urls"]
    entities["hashtags"] = [{**{k: v for k, v in entities["urls"][0].items() if "url" not in k}, "tag": ""}]
    sample["payload"]["note_tweet"] = {"text": "", "entities": entities}
    made = Wired().says("Choque @TraficoValle #vía foo.com " + "largo y tendido " * 40 + "https://ejemplo.com/x")
    assert set(made["note_tweet"]["entities"]) == {"mentions", "urls", "hashtags"}
    assert foreign_keys(made, sample["payload"], "post") == []


def test_a_deletion_has_the_shape_of_the_recorded_sample() -> None:
    import json

    world = World()
    made = x_wire.delete_event(world, 2080761269309813134, world.user("pepe"), "canales")
    sample = json.loads((SPECS / "x-events" / "post.delete.json").read_text())
    assert foreign_keys(made, sample, "post.delete") == []
    assert made["data"]["payload"].keys() == sample["data"]["payload"].keys()


def x_calls(stage: Stage) -> list[dict[str, Any]]:
    return [e for e in stage.get("/sandbox/wire")["exchanges"] if e["peer"] == "x"]


def foreign_keys(made: Any, sample: Any, where: str) -> list[str]:
    """Keys that the sample does not have, and kinds of values that differ. Keys that are ids are one key."""
    if isinstance(made, dict) and isinstance(sample, dict):
        if sample and all(k.isdigit() for k in sample):
            one = next(iter(sample.values()))
            return [p for v in made.values() for p in foreign_keys(v, one, f"{where}.*")]
        problems = [f"{where}.{k}" for k in made if k not in sample]
        return problems + [p for k in made if k in sample for p in foreign_keys(made[k], sample[k], f"{where}.{k}")]
    if isinstance(made, list) and isinstance(sample, list):
        return [p for item in made if sample for p in foreign_keys(item, sample[0], f"{where}[]")]
    return [] if type(made) is type(sample) else [f"{where}: {type(made).__name__}"]


def test_the_check_finds_what_is_wrong() -> None:
    call = {"peer": "x", "method": "POST", "route": "/2/tweets", "path": "", "query": {"tweet.fields": "id"},
            "request": {"text": 5}, "status": 201, "response": '{"data": {"id": "no", "text": "x"}}'}  # fmt: skip
    assert len(wrong_with_x(call)) == 3
    bot = {"method_name": "sendMessage", "request": {"chat": 1}, "status": 200,
           "response": '{"ok": true, "result": {"message_id": "5"}}'}  # fmt: skip
    assert len(wrong_with_telegram(bot)) >= 4
