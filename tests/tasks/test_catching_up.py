"""Subscribing and reading back, many channels at once: whoever is slow or refused costs only themselves."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic

import pytest

from engine.moderation import MessageKind
from models.accounts.channels import Channel, Hearing
from models.control import switching
from models.settings import Settings, settings
from models.streaming.messages import Message
from sandbox.app import Sandbox
from sandbox.ports import free_port
from tasks import start
from tasks.clock import now
from tasks.streaming import catching_up
from tasks.streaming.catching_up import Catcher
from tasks.streaming.directory import Directory
from tests.tasks.nearby_x import nearby_x, sign_in, soon
from tests.tasks.test_ear import Silent


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(catching_up, "judge", Silent())
    with nearby_x(monkeypatch) as sandbox:
        yield sandbox


@pytest.fixture
def redis_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No bell can be rung: nobody listens where Redis should be."""
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    settings.cache_clear()
    start._redis.cache_clear()
    yield
    start._redis.cache_clear()


@contextmanager
def catching(looks_s: tuple[float, ...] = (0.0,)) -> Iterator[Catcher]:
    """Somebody who is connected catches up."""
    stop = threading.Event()
    catcher = Catcher(Directory(), stop, dict.fromkeys(MessageKind, looks_s))
    catcher.connected()
    thread = threading.Thread(target=catcher.run)
    thread.start()
    try:
        yield catcher
    finally:
        stop.set()
        catcher.wake()
        thread.join(5)
        assert not thread.is_alive(), "nobody waits for a call that is in the air"


REPLIES_TOO = ["dm.received", "post.mention.create", "post.reply.create"]


def subscribed(x: Sandbox) -> set[int]:
    """Who X brings both kinds for."""
    ids = [user_id for _, user_id in list(x.world.subscriptions)]
    return {i for i in ids if ids.count(i) == 2}


def says(x: Sandbox, handle: str, text: str = "choque") -> None:
    """Somebody mentions an account, and nobody listens to the stream."""
    x.world.post(x.world.user("maria_rdz").id, f"{text} @{handle}", by_app=False)


def heard() -> set[str]:
    return {m.text for m in Message.select()}


def test_one_channel_whose_calls_take_long_holds_up_no_other(x: Sandbox) -> None:
    channels = [sign_in(x, f"canal{n}") for n in range(12)]
    x.faults.set("slow_calls", 1, seconds=60, whose=["canal0"])
    says(x, "canal11")
    with catching():
        soon(lambda: subscribed(x) == {c.x_user_id for c in channels[1:]})
        soon(lambda: heard() == {"choque @canal11"})


def test_who_x_refuses_is_polled_and_the_others_are_streamed(x: Sandbox) -> None:
    sign_in(x, "canal0")
    sign_in(x, "canal1")
    x.faults.set("refuse_before", 1, answer="403", whose=["canal0"], on=["subscribe"])
    with catching():
        soon(
            lambda: (
                {c.handle: c.hearing for c in Channel.select()} == {"canal0": Hearing.POLL, "canal1": Hearing.STREAM}
            )
        )


@pytest.mark.parametrize("fault", ["error_5xx", "limit_429", "drop_after_accept"])
def test_what_may_pass_at_one_channel_stops_no_other_and_that_one_is_polled_meanwhile(x: Sandbox, fault: str) -> None:
    channels = [sign_in(x, f"canal{n}") for n in range(6)]
    x.faults.set(fault, 1, whose=["canal0"], on=["subscribe"])
    with catching():
        soon(lambda: subscribed(x) >= {c.x_user_id for c in channels[1:]})
        soon(lambda: Channel.get_by_id(channels[0].id).hearing is Hearing.POLL)
        soon(lambda: Channel.select().where(Channel.hearing == Hearing.STREAM).count() == 5)


def test_a_limit_of_the_app_is_waited_for_by_all(x: Sandbox) -> None:
    channels = [sign_in(x, f"canal{n}") for n in range(60)]
    x.faults.set("limit_429", 1, seconds=600, whose=[c.handle for c in channels], on=["subscribe"])
    with catching() as catcher:
        waits = catcher._subscriptions
        soon(lambda: waits._missing and min(waits._missing.values()) > monotonic() + 300)
    refused = [e for e in x.wire.exchanges if e.status == 429]
    assert 3 <= len(refused) < 60, "of 120 that are wanted"


def test_a_reading_that_fails_again_and_again_is_tried_ever_later(x: Sandbox) -> None:
    channel = sign_in(x, "canal0")
    x.faults.set("error_5xx", 1, whose=["canal0"])
    catcher = Catcher(Directory(), threading.Event(), dict.fromkeys(MessageKind, (0.0,)))
    catcher.connected()
    key = (channel.id, MessageKind.MENTION)
    with ThreadPoolExecutor(1) as hand:
        for seconds in (2, 4, 8, 15, 15):
            before = monotonic()
            hand.submit(catcher._look, key).result()
            assert before + seconds <= catcher._behind[key].at <= monotonic() + seconds
        x.faults.set("error_5xx", 0)
        hand.submit(catcher._look, key).result()
    assert not catcher.is_behind(key)


def test_a_moment_that_x_names_is_waited_for_a_quarter_of_an_hour_at_most(x: Sandbox) -> None:
    sign_in(x, "canal0")
    x.faults.set("limit_429", 1, seconds=4000, whose=["canal0"], on=["subscribe"])
    with catching() as catcher:
        soon(lambda: len([e for e in list(x.wire.exchanges) if e.status == 429]) == 2)
        soon(lambda: min(catcher._subscriptions._missing.values()) > monotonic() + 800)
        assert max(catcher._subscriptions._missing.values()) < monotonic() + 901


def test_a_chain_of_connections_that_do_not_live_is_not_read_back_for_each(x: Sandbox) -> None:
    sign_in(x, "canal0")
    with catching() as catcher:
        soon(lambda: len(x.world.subscriptions) == 2 and not catcher._hands._in_air and not catcher._behind)
        read = len([e for e in x.wire.exchanges if e.path.endswith("/mentions")])
        for short_lived, apart_s in ((3, 8), (12, 60)):
            catcher.disconnected()
            catcher.connected(short_lived)
            assert {round(b.at - catcher._began[key]) for key, b in catcher._behind.items()} == {apart_s}
    assert len([e for e in x.wire.exchanges if e.path.endswith("/mentions")]) == read


def test_a_channel_of_which_x_brings_one_kind_only_is_polled(x: Sandbox) -> None:
    channel = sign_in(x, "canal0")
    x.faults.set("refuse_before", 1, times=1, answer="403", whose=["canal0"], on=["subscribe"])
    with catching():
        soon(lambda: len(x.world.subscriptions) == 1)
        soon(lambda: Channel.get_by_id(channel.id).hearing is Hearing.POLL)


def test_replies_are_brought_as_long_as_the_channel_wants_them(x: Sandbox) -> None:
    channel = sign_in(x, "canal0", replies_on=True)
    with catching():
        soon(lambda: sorted(kind for kind, _ in list(x.world.subscriptions)) == REPLIES_TOO)
        switching.switch_replies(channel.id, on=False, now=now())
        soon(lambda: sorted(kind for kind, _ in list(x.world.subscriptions)) == REPLIES_TOO[:2])


def test_what_is_not_wanted_any_more_is_not_brought(x: Sandbox) -> None:
    sign_in(x, "canal0", dms_on=False)
    gone = x.world.user("gone")
    x.world.subscriptions["dm.received", gone.id] = ("4711", "canales")
    with catching():
        soon(lambda: [kind for kind, _ in x.world.subscriptions] == ["post.mention.create"])


def test_what_x_shows_only_later_is_read_back_by_a_later_look(x: Sandbox) -> None:
    sign_in(x, "canal0")
    x.profile.switch(world=False, lag_from_s=0.3, lag_to_s=0.3)
    says(x, "canal0", "choque justo antes")
    with catching((0.0, 0.5)) as catcher:
        soon(lambda: heard() == {"choque justo antes @canal0"})
        soon(lambda: not catcher._behind)
    assert Message.select().count() == 1


def test_nothing_is_read_back_while_nothing_is_heard(x: Sandbox) -> None:
    channel = sign_in(x, "canal0")
    with catching() as catcher:
        soon(lambda: not catcher._behind and channel.x_user_id in subscribed(x))
        catcher.disconnected()
        says(x, "canal0")
        catcher._missed((channel.id, MessageKind.MENTION))
        with pytest.raises(AssertionError, match="did not come"):
            soon(heard, within_s=0.2)
        catcher.connected()
        soon(heard)


def test_a_channel_that_comes_or_goes_is_seen_without_any_bell(x: Sandbox, redis_away: None) -> None:
    first = sign_in(x, "canal0")
    says(x, "canal0")
    with catching():
        soon(lambda: heard() and subscribed(x) == {first.x_user_id})
        second = sign_in(x, "canal1")
        soon(lambda: subscribed(x) == {first.x_user_id, second.x_user_id})
        Channel.update(is_on=False).where(Channel.id == first.id).execute()
        soon(lambda: subscribed(x) == {second.x_user_id})
