"""What came encrypted while nobody listened is read back, from the sandbox's X, whose people encrypt with X's library."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest

from engine.moderation import MessageKind
from engine.x.chat.pairs import Pair
from engine.x.errors import XError
from engine.x.events import id_at
from models.accounts import chat_keys
from models.accounts.channels import Channel
from models.accounts.chat_keys import ChatKeys
from models.settings import Settings
from models.streaming import chats
from models.streaming.chats import ChatEvent
from models.streaming.messages import Message
from sandbox.app import Sandbox
from tasks import accounts
from tasks.clock import now
from tasks.streaming import catching_up, reading_back, reconciling
from tasks.streaming import chats as job
from tests.tasks.nearby_x import nearby_x, sign_in
from tests.tasks.test_ear import Silent


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    for module in (catching_up, reconciling, job):
        monkeypatch.setattr(module, "judge", Silent())
    for bell in ("ask_for_chat_keys", "read_chats"):
        monkeypatch.setattr(job, bell, Silent())
    accounts._local.__dict__.clear()  # this thread's way to X leads to that of the test before
    with nearby_x(monkeypatch) as sandbox:
        yield sandbox


@pytest.fixture
def channel(x: Sandbox) -> Channel:
    """Signed in, with the keys that its account has."""
    found = sign_in(x, "trafico")
    ring = x.chat.keyrings.make(found.x_user_id)
    version = x.chat.keyrings.registered(found.x_user_id)[-1].version
    assert chat_keys.unlocked(found.id, Pair(bytes(ring.export_keys() or b""), "k"), version, now())
    return found


def read(channel: Channel) -> list[str]:
    """Read all that can be read, with the keys that X is asked for; what was heard."""
    for _ in range(4):
        while job._read_some():
            continue
        job._ask(accounts.client(channel), channel)
    return [m.text for m in Message.select().order_by(Message.x_id)]


def test_what_was_missed_is_read_back_as_it_would_have_been_heard(x: Sandbox, channel: Channel) -> None:
    """Two people, a new key in the middle, an edit and a deletion; what was said by the channel itself is not heard."""
    x.chat.say("juan", "trafico", "uno")
    x.chat.rotate("juan", "trafico")
    second = x.chat.say("juan", "trafico", "dos")
    x.chat.edit(second.id, "dos, mejor")
    x.chat.delete(x.chat.say("juan", "trafico", "tres").id)
    x.chat.say("maria_rdz", "trafico", "cuatro")
    catching_up.catch_up(channel, MessageKind.DM)
    assert sorted(read(channel)) == ["cuatro", "dos", "dos, mejor", "uno"]
    catching_up.catch_up(channel, MessageKind.DM)
    assert len(read(channel)) == 4
    assert chats.unread(channel.id, now() - timedelta(hours=1), now() + timedelta(hours=1)) == {}


def test_of_what_did_not_change_nothing_is_read_again(
    x: Sandbox, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_back, "AT_THE_SAME_TIME", timedelta(0))
    for n in range(3):
        x.chat.say("juan", "trafico", f"n {n}")
    catching_up.catch_up(channel, MessageKind.DM)
    read(channel)
    ChatEvent.delete().execute()
    catching_up.catch_up(channel, MessageKind.DM)
    assert not ChatEvent.select().exists(), "its conversation was read, and has not changed"
    x.chat.say("juan", "trafico", "n 3")
    catching_up.catch_up(channel, MessageKind.DM)
    assert sorted(read(channel)) == ["n 0", "n 1", "n 2", "n 3"]


def test_what_the_stream_swallowed_is_found_by_comparing(x: Sandbox, channel: Channel) -> None:
    x.chat.say("juan", "trafico", "uno")
    assert reconciling.compare(channel, MessageKind.DM, 1) == 2  # the message, and the change of the key
    assert read(channel) == ["uno"]
    assert reconciling.compare(channel, MessageKind.DM, 1) == 0


def test_groups_are_not_read(x: Sandbox, channel: Channel) -> None:
    group = x.chat.found_group("juan", ["maria_rdz", "trafico"], "Vecinos")
    x.chat.say_to_group("juan", group, "secreto")
    catching_up.catch_up(channel, MessageKind.DM)
    assert read(channel) == []
    assert not ChatEvent.select().exists()


def test_who_writes_without_an_end_keeps_nobody_else_from_being_read(
    x: Sandbox, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_back, "MOST_EVENTS", 6)
    monkeypatch.setattr(reading_back, "MOST_OF_ONE", 4)
    x.chat.say("maria_rdz", "trafico", "choque")
    for n in range(12):
        x.chat.say("juan", "trafico", f"n {n:02}")
    catching_up.catch_up(channel, MessageKind.DM)
    assert sorted(read(channel)) == ["choque", "n 08", "n 09", "n 10", "n 11"]


def test_no_more_is_read_at_once_than_it_may_cost(
    x: Sandbox, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_back, "MOST_EVENTS", 12)
    for n in range(20):
        x.chat.say("juan", "trafico", f"n {n:02}")
    before = chats.read_since(channel.id, now())
    catching_up.catch_up(channel, MessageKind.DM)
    assert read(channel)[-1] == "n 19"
    assert len(read(channel)) <= 12
    assert chats.read_since(channel.id, now()) - before < timedelta(seconds=5), "there is more to be read"


def test_a_key_that_did_not_come_is_asked_for(x: Sandbox, channel: Channel) -> None:
    first = x.chat.say("juan", "trafico", "uno")
    talk, _ = x.chat.found(first.id)
    job.store([chats.Arrived(channel.id, first.sender_id, first.sender_id, first.encoded)])
    assert read(channel) == []
    ChatEvent.update(heard_at=now() - timedelta(seconds=10)).execute()
    assert read(channel) == ["uno"]
    assert talk.keys


def test_what_was_said_before_the_channel_had_keys_is_not_paid_for(x: Sandbox, channel: Channel) -> None:
    long_ago = now() - timedelta(hours=3)
    Channel.update(chat_cursor=id_at(long_ago)).where(Channel.id == channel.id).execute()
    assert abs(chats.read_since(channel.id, now()) - now()) < timedelta(minutes=1)
    ChatKeys.update(ready_at=now() - timedelta(days=30)).execute()
    assert abs(chats.read_since(channel.id, now()) - long_ago) < timedelta(minutes=2)


@pytest.mark.parametrize("answer", ["403", "503"])
def test_where_x_tells_nothing_of_chats_the_old_way_goes_on(x: Sandbox, channel: Channel, answer: str) -> None:
    x.world.dm(x.world.user("juan").id, channel.x_user_id, "por la vía de antes")
    x.faults.set("refuse_before", 1, answer=answer, on=["chats"])
    with suppress(XError):
        catching_up.catch_up(channel, MessageKind.DM)
    assert read(channel) == ["por la vía de antes"]
