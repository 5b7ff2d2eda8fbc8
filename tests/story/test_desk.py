"""A desk in a topic of a forum, over the real processes: two bots, two moderators, and one decision."""

import re
import threading

from sandbox.stage import ANA, BEN, Stage
from tests.given import connect_many

DECIDED = re.compile("✅ Lo publicó (Ana|Ben)|▫️ (Ana|Ben) dijo que no")


def test_two_moderators_race_at_a_desk_in_a_topic_and_everybody_sees_who_was_first(stage: Stage) -> None:
    (handle,) = connect_many(stage, 1, ["choque"], reviewed=True)
    stage.start("web", "web.2", "streams", "worker", "voices")
    stage.press(stage.tell("/equipo", "Equipo de"), "Invitar")
    asked = stage.bot_says("sirve una vez|Invitar a alguien")
    if "Invitar a alguien" in str(asked["text"]):  # as whom
        stage.press(asked, "Hacer el enlace")
        asked = stage.bot_says("sirve una vez")
    code = re.search(r"/start (team-\S+)", str(asked["text"]))
    assert code
    stage.tell(f"/start {code[1]}", "in the team of", BEN)
    forum, _ = stage.group("found", title="Mesa", forum=True, members=[ANA, BEN])
    _, topic = stage.group("topic", chat=forum, name="Tráfico")
    stage.says(f"/mesa@CanalesBot @{handle}", ANA, forum, topic=topic)
    stage.bot_says("Esta es desde ahora la mesa", forum)
    stage.wait("what is said is heard", lambda: stage.x()["subscriptions"] == 2)
    for number in range(2):
        _race(stage, forum, topic, handle, f"choque {number}")
    stage.group("close", chat=forum, topic=topic)
    stage.bot_says("Cerraron el tema", forum)
    stage.mention("joandriver", f"choque al final @{handle}")
    assert "message_thread_id" not in stage.bot_says("choque al final", forum)


def _race(stage: Stage, forum: int, topic: int, handle: str, text: str) -> None:
    """Ana says no and Ben says yes, at the same moment."""
    post = stage.mention("maria_rdz", f"{text} @{handle}")
    card = stage.bot_says(f"publicar este.*{text}", forum)
    assert card["message_thread_id"] == topic
    buttons = {b["text"]: b["callback_data"] for row in card["reply_markup"]["inline_keyboard"] for b in row}

    def tapped(label: str, person: int) -> None:
        """As a phone does that has not seen yet what the other's tap has made of the card."""
        data = next(data for text, data in buttons.items() if text.startswith(label))
        stage.do("/sandbox/telegram/press", person=person, message_id=card["message_id"], data=data, foreign=forum)

    taps = [threading.Thread(target=tapped, args=args) for args in (("✅ Publicar", BEN), ("▫️ Ignorar", ANA))]
    for tap in taps:
        tap.start()
    for tap in taps:
        tap.join()

    def first() -> str | None:
        shown = next(m for m in stage.chat(forum) if m["message_id"] == card["message_id"])
        found = DECIDED.search(str(shown["text"]))
        return found[1] or found[2] if found else None

    def reposted() -> bool:
        return any(key.endswith(f":{post}") for key in stage.accepted("repost"))

    name = stage.wait("all see who it was", first)
    other = str(ANA if name == "Ben" else BEN)
    stage.wait("the other is told", lambda: name in stage.get("/sandbox/state")["toasts"].get(other, ""))
    if name == "Ben":
        stage.wait("it is on X", reposted)
    else:
        assert not reposted()
