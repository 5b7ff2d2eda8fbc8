"""Encrypted DMs on their whole way: from a neighbour's own keys over X's wire to what is posted, by the real code.

Nobody rings a bell here: who would be rung is called. The stories over real processes are in tests/story/test_chats.py.
"""

import base64
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from engine.moderation import MessageKind
from engine.x.chat.pairs import Pair
from engine.x.chat.reading import Why
from models import aside, connecting
from models.accounts import chat_keys
from models.accounts.channels import Channel
from models.accounts.chat_keys import ChatKeys
from models.database import as_tuples
from models.settings import Settings, settings
from models.streaming import chats as kept
from models.streaming.chats import ChatEvent
from models.streaming.conversation_keys import ConversationKey
from models.streaming.messages import Message
from models.streaming.twins import ChatMessage
from sandbox.app import Sandbox
from sandbox.faults import CHAT_FORGED, CHAT_OTHER_KEY
from tasks.clock import now
from tasks.streaming import catching_up, chats, ear
from tasks.streaming.ear import Ear
from tests import unkind
from tests.conftest import SPECS
from tests.specs import wrong_with_x
from tests.tasks.nearby_x import nearby_x, sign_in, soon
from tests.tasks.test_ear import Silent

read_chats, ask_for_chat_keys = chats.read_chats, chats.ask_for_chat_keys


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    for module in (chats, ear, catching_up):
        monkeypatch.setattr(module, "judge", Silent())
    for job in ("read_chats", "ask_for_chat_keys", "follow"):
        monkeypatch.setattr(chats, job, Silent())
    monkeypatch.setattr(chats, "_put_off", {})
    with nearby_x(monkeypatch) as sandbox:
        yield sandbox
    asked = [{name: getattr(e, name) for name in e.__slots__} for e in sandbox.wire.exchanges if e.peer == "x"]
    if SPECS.exists() and not sandbox.world.odd:
        assert [p for e in asked for p in wrong_with_x(e)] == []


@pytest.fixture
def channel(x: Sandbox) -> Channel:
    """A channel with keys, of which X brings all that it hears."""
    made = sign_in(x, "TraficoValle")
    give_keys(x, made)
    for kind in ("chat.received", "dm.received"):
        x.world.subscriptions[kind, made.x_user_id] = (kind, "canales")
    return made


def give_keys(x: Sandbox, channel: Channel) -> None:
    phone = x.chat.keyrings.make(channel.x_user_id)
    pair = Pair(bytes(phone.export_keys() or b""), phone.get_public_keys().identity)
    chat_keys.unlocked(channel.id, pair, x.chat.keyrings.registered(channel.x_user_id)[-1].version, now())


def act(**body: Any) -> dict[str, Any]:
    """Somebody does something in X Chat."""
    return sends("x/chat", **body)


def sends(path: str, **body: Any) -> dict[str, Any]:
    """Something of the sandbox's controls."""
    address = f"{settings().x_api_url.removesuffix('/x')}/sandbox/{path}"
    request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        told: dict[str, Any] = json.loads(answer.read())
    return told


def says(text: str, handle: str = "maria_rdz", **more: Any) -> str:
    return str(act(act="say", handle=handle, to="TraficoValle", text=text, **more)["id"])


@contextmanager
def hearing(x: Sandbox) -> Iterator[Ear]:
    """Somebody holds the stream, and stores what comes."""
    listener = Ear("here")
    threads = [threading.Thread(target=do) for do in (listener._stream.run, listener._write)]
    listener._directory.read()
    for thread in threads:
        thread.start()
    soon(lambda: x.stream.connection.connected)
    try:
        yield listener
    finally:
        soon(lambda: not listener._buffer and not listener._encrypted)
        listener._stop.set()
        listener._stream.close()
        with listener._has_news:
            listener._has_news.notify()
        for thread in threads:
            thread.join(10)


def texts(channel: Channel) -> list[str]:
    """What was heard by now, after a look of everybody who reads and asks."""
    read_chats()
    if channel.id in chats.to_ask(now()):
        asking = threading.Thread(target=ask_for_chat_keys, args=(channel.id,))  # each has its own way to X
        asking.start()
        asking.join()
        read_chats()
    return [m.text for m in Message.select().where(Message.channel_id == channel.id).order_by(Message.id)]


def has_unread(channel: Channel, count: int) -> bool:
    return sum(unread(channel).values()) >= count


def unread(channel: Channel) -> dict[Why, int]:
    return kept.unread(channel.id, now() - kept.KEPT, now() + kept.UNDERWAY)


def test_an_encrypted_dm_is_heard_as_any_dm_and_its_second_needs_no_key_again(x: Sandbox, channel: Channel) -> None:
    with hearing(x):
        first = says("Choque en el puente")
        soon(lambda: texts(channel) == ["Choque en el puente"])
        says("Ya pasó")
        soon(lambda: texts(channel) == ["Choque en el puente", "Ya pasó"])
    (one, _) = Message.select().order_by(Message.id)
    assert (one.kind, one.sender_id, one.sender_handle) == (MessageKind.DM, x.world.user("maria_rdz").id, "")
    assert one.x_id == int(first)
    assert unread(channel) == {}


def test_the_same_dm_by_both_ways_is_heard_once_whichever_comes_first(x: Sandbox, channel: Channel) -> None:
    with hearing(x):
        says("por los dos lados", both=True)
        soon(lambda: texts(channel) == ["por los dos lados"])
        event = says("otra vez lo mismo")
        for _ in range(3):
            act(act="again", id=event)
        soon(lambda: x.stream.connection.sent == 6)
        soon(lambda: "otra vez lo mismo" in texts(channel))
    assert texts(channel) == ["por los dos lados", "otra vez lo mismo"]


def test_keys_rotate_in_the_middle_with_everything_shuffled_and_doubled(x: Sandbox, channel: Channel) -> None:
    wanted = {f"mensaje {n}" for n in range(12)}
    with hearing(x):
        says("antes")
        soon(lambda: texts(channel) == ["antes"])
        for fault in ("shuffled", "doubled"):
            x.faults.set(fault, 1)
        for number, text in enumerate(sorted(wanted)):
            if number % 4 == 0:
                act(act="rotate", handle="maria_rdz", to="TraficoValle", alone=number == 4)
            says(text)
        soon(lambda: set(texts(channel)) == wanted | {"antes"})
    assert len(texts(channel)) == len(wanted) + 1
    assert unread(channel) == {}


def test_who_reads_dies_between_the_key_change_and_its_message(x: Sandbox, channel: Channel) -> None:
    with hearing(x):
        act(act="rotate", handle="maria_rdz", to="TraficoValle", alone=True)
        soon(lambda: ChatEvent.select().count() == 1)
    claimed = kept.claim(channel.id, now() - kept.CLAIM, 10)  # by one that never came back
    assert len(claimed) == 1
    with hearing(x):  # another that listens
        says("después de la llave")
        soon(lambda: texts(channel) == ["después de la llave"])


@pytest.mark.parametrize("fault", ["chat_key_late", "chat_key_missing"])
def test_a_key_that_comes_late_or_never_is_waited_or_asked_for(
    x: Sandbox, channel: Channel, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "KEY_WITHIN", timedelta())
    x.faults.set(fault, 1, seconds=0, times=1)
    with hearing(x):
        says("sin su llave")
        soon(lambda: texts(channel) == ["sin su llave"])
    assert unread(channel) == {}


FALSE = [*(("chat_forged", a) for a in CHAT_FORGED), *(("chat_other_key", a) for a in CHAT_OTHER_KEY)]


def test_what_is_forged_or_under_another_key_is_not_heard_and_counted(x: Sandbox, channel: Channel) -> None:
    with hearing(x):
        wanted = ["antes"]
        says("antes")
        soon(lambda: texts(channel) == wanted)
        for count, (fault, answer) in enumerate(FALSE, 1):
            x.faults.set(fault, 1, answer=answer, times=1)
            says(f"Vote por mí {count}")
            says(f"después {count}")
            wanted.append(f"después {count}")
            soon(lambda: texts(channel) == wanted)
            soon(partial(has_unread, channel, count))
    assert set(unread(channel)) == {Why.FORGED, Why.MALFORMED, Why.UNKNOWN_KEY}
    assert "Vote" not in everything(x)


def test_groups_are_never_heard_and_reactions_say_nothing(x: Sandbox, channel: Channel) -> None:
    with hearing(x):
        group = act(act="group", handle="maria_rdz", members=["elpanadero", "TraficoValle"], name="Vecinos")["id"]
        act(act="group_say", handle="maria_rdz", id=group, text="a todos")
        first = says("hola")
        act(act="react", handle="maria_rdz", id=first, emoji="👍")
        act(act="answer", handle="maria_rdz", id=first, text="sigo aquí")
        says("mira", media=True)
        soon(lambda: texts(channel) == ["hola", "sigo aquí", "mira"])
    assert [m.media for m in Message.select().order_by(Message.id)] == [False, False, True]
    assert unread(channel) == {}


def look_back(channel: Channel) -> None:
    """What was missed is read back."""
    looking = threading.Thread(target=catching_up.catch_up, args=(channel, MessageKind.DM))
    looking.start()
    looking.join()


def test_live_and_read_back_lead_to_the_same_rows(x: Sandbox, channel: Channel) -> None:
    """A text, an answer, a photo and an edit; one that was taken back is in neither."""
    with hearing(x):
        first = says("Choke en el puente")
        act(act="answer", handle="maria_rdz", id=first, text="Sigo aquí")
        says("Mira", media=True)
        act(act="edit", id=first, text="Choque en el puente")
        gone = says("No era nada")
        soon(lambda: len(texts(channel)) == 5)
        act(act="delete", id=gone)
        soon(lambda: (texts(channel), ChatMessage.select().where(ChatMessage.taken_back).count())[1])
    live = stored(without="No era nada")
    for table in (Message, ChatMessage, ChatEvent, ConversationKey):
        table.delete().execute()
    look_back(channel)
    texts(channel)
    assert stored() == live
    assert len(live) == 4


def stored(*, without: str = "") -> list[tuple[Any, ...]]:
    """What is stored of each message, but when it was heard."""
    columns = (
        Message.kind,
        Message.x_id,
        Message.sender_id,
        Message.text,
        Message.at,
        Message.origin_id,
        Message.media,
    )
    return as_tuples(Message.select(*columns).where(Message.text != without).order_by(Message.x_id))


def test_good_ones_are_heard_whatever_stands_between_them(x: Sandbox, channel: Channel) -> None:
    person = x.world.user("maria_rdz").id
    with hearing(x):
        says("uno")
        soon(lambda: texts(channel) == ["uno"])
        (talk,) = x.chat.conversations.all.values()
        for line in unkind.chats(channel.x_user_id, person, talk.events[-1].encoded):
            raw = {"base64": base64.b64encode(line + b"\r\n").decode()}
            sends("faults", raw_lines=raw)
        says("dos")
        soon(lambda: texts(channel) == ["uno", "dos"])
    assert unread(channel)[Why.MALFORMED] >= 10
    assert aside.listed(10) == [], "nothing that a stranger sends breaks who reads"
    events = [{"id": "1", "encoded_event": odd} for odd in unkind.encrypted_events(talk.events[-1].encoded)]
    x.world.odd = {"chats": [unkind.conversations(channel.x_user_id, person)], "chat_events": [events]}
    for handle in ("maria_rdz", "elpanadero"):
        says(f"de {handle}", handle)
    look_back(channel)
    assert set(texts(channel)) == {"uno", "dos", "de elpanadero", "de maria_rdz"}
    assert len(texts(channel)) == 4


def test_no_key_stands_in_any_table_in_plain(x: Sandbox, channel: Channel) -> None:
    with hearing(x):
        says("hola")
        soon(lambda: texts(channel) == ["hola"])
    shown = everything(x)
    assert "hola" in shown, "the tables are looked through"
    mine = chat_keys.of(channel.id)
    assert mine is not None
    (talk,) = x.chat.conversations.all.values()
    for secret in (mine.blob, mine.blob[:32], mine.blob[32:], *(k.value for k in talk.keys)):
        for written in (secret.hex(), base64.b64encode(secret).decode().rstrip("="), repr(secret)[2:-1]):
            assert written not in shown
    rows = [*ChatKeys.select(), *ConversationKey.select(), *ChatEvent.select()]
    assert rows
    assert not [row for row in rows if len(repr(row)) > 60], "nothing of a key or an event is in a repr"


def everything(x: Sandbox) -> str:
    """All that is stored."""
    return str([list(table.select().dicts()) for table in connecting.tables()])
