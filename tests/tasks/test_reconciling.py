"""What X's stream swallowed while its heartbeats went on is found by asking, and nothing that was not wanted is."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engine.moderation import MessageKind
from engine.x.events import id_at
from models import aside
from models.accounts.channels import Channel, Hearing
from models.control import switching
from models.settings import Settings, settings
from models.streaming import hearing
from models.streaming.messages import Message
from sandbox.app import Sandbox
from tasks.clock import now
from tasks.living.hands import Hands
from tasks.streaming import reconciling
from tasks.streaming.catching_up import Catcher
from tasks.streaming.directory import Directory
from tasks.streaming.reconciling import Reconciler, compare
from tests.channels import connected
from tests.conftest import NOW
from tests.invented import breaks
from tests.tasks.nearby_x import nearby_x, sign_in, soon
from tests.tasks.test_ear import Silent

HOUR = timedelta(hours=1)


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(reconciling, "judge", Silent())
    with nearby_x(monkeypatch) as sandbox:
        yield sandbox


def swallowed(x: Sandbox, handle: str, text: str = "choque") -> None:
    """Somebody mentions an account, and the stream does not bring it."""
    x.world.post(x.world.user("maria_rdz").id, f"{text} @{handle}", by_app=False)


def test_what_lies_before_the_cursor_and_was_never_heard_is_found(x: Sandbox) -> None:
    channel = sign_in(x, "canal0", hearing=Hearing.STREAM)
    swallowed(x, "canal0")
    hearing.advance(channel.id, MessageKind.MENTION, id_at(now() + HOUR))  # the stream goes on with others
    current = Channel.get_by_id(channel.id)
    with ThreadPoolExecutor(1) as hand:
        found = [hand.submit(compare, current, MessageKind.MENTION, channel.mention_sure).result() for _ in range(2)]
    assert found == [1, 0]
    assert [m.text for m in Message.select()] == ["choque @canal0"]


def test_whoever_listens_compares_now_and_then(x: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECONCILE_EVERY", "1h")
    settings.cache_clear()
    began = id_at(now() - 2 * HOUR)
    channel = sign_in(x, "canal0", hearing=Hearing.STREAM, mention_sure=began, dm_sure=began)
    swallowed(x, "canal0")
    Channel.update(mention_cursor=id_at(now() + HOUR), dm_cursor=id_at(now() + HOUR)).execute()
    stop = threading.Event()
    catcher = Catcher(Directory(), stop, dict.fromkeys(MessageKind, (0.0,)))
    catcher._listening = True  # it was connected long ago
    thread = threading.Thread(target=catcher.run)
    thread.start()
    try:
        soon(lambda: Message.select().count() == 1)
        soon(lambda: Channel.get_by_id(channel.id).mention_sure > began)
    finally:
        stop.set()
        catcher.wake()
        thread.join(5)


def test_channels_that_break_are_set_aside_and_the_others_have_their_turn(
    x: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "LOOK_AT", 1)
    began = id_at(now() - 5 * HOUR)
    made = [
        sign_in(x, f"canal{n}", hearing=Hearing.STREAM, mention_sure=began + n, dm_sure=id_at(now() + HOUR))
        for n in range(3)
    ]
    reconciler = Reconciler(HOUR, Hands(1, lambda: None), lambda _: False)

    def look() -> None:
        reconciler._look_at = 0.0
        reconciler.look()

    def compared() -> bool:
        look()
        return Channel.get_by_id(made[2].id).mention_sure > began + 2

    def healed() -> bool:
        look()
        return aside.listed(9) == []

    with breaks("channel", "UPDATE", "NEW.handle <> 'canal2' AND NEW.mention_sure <> OLD.mention_sure"):
        soon(compared)
    assert {row.item for row in aside.listed(9)} == {f"{c.id}:mention:compare" for c in made[:2]}
    reconciler._not_before.clear()  # the pauses are over
    soon(healed)


def test_it_is_not_done_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECONCILE_EVERY", "0")
    settings.cache_clear()
    assert settings().reconcile_every == timedelta()
    settings.cache_clear()


def test_those_whose_time_has_come_are_asked_for_the_longest_ago_first(db: Settings) -> None:
    channels = [connected(70 + n, f"canal{n}", at=NOW + n * HOUR) for n in range(3)]
    assert hearing.to_compare(HOUR, NOW + 9 * HOUR, 9) == [], "nobody brings them yet"
    Channel.update(hearing=Hearing.STREAM, dms_on=False).execute()
    found = hearing.to_compare(HOUR, NOW + timedelta(hours=2.5), 9)
    assert found == [(c.id, MessageKind.MENTION, c.mention_sure) for c in channels[:2]]
    hearing.be_sure(channels[0].id, MessageKind.MENTION, id_at(NOW + 9 * HOUR))
    hearing.be_sure(channels[0].id, MessageKind.MENTION, 1)
    assert Channel.get_by_id(channels[0].id).mention_sure == id_at(NOW + 9 * HOUR), "it never goes back"
    ((_, _, since),) = hearing.to_compare(HOUR, NOW + 50 * HOUR, 1)
    assert since == id_at(NOW + 26 * HOUR), "a day back at most"


def test_what_was_said_while_a_channel_was_off_is_not_looked_for(db: Settings) -> None:
    channel = connected()
    switching.switch(channel.id, on=False, now=NOW)
    switching.switch(channel.id, on=True, now=NOW + HOUR)
    assert Channel.get_by_id(channel.id).mention_sure == id_at(NOW + HOUR)
    switching.switch_dms(channel.id, on=False, now=NOW)
    switching.switch_dms(channel.id, on=True, now=NOW + 2 * HOUR)
    assert Channel.get_by_id(channel.id).dm_sure == id_at(NOW + 2 * HOUR)
