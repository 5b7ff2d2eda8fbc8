"""Who listens: what ends one of its threads ends them all, and none of them keeps a connection to the database."""

import threading
from typing import Any, cast

import pytest
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import LockNotOwnedError
from redis.lock import Lock

from engine.moderation import MessageKind
from engine.x.events import Heard
from models import database
from models.settings import Settings
from models.streaming import messages
from models.streaming.messages import Message
from tasks.clock import now
from tasks.streaming import ear as listening
from tasks.streaming.ear import Ear
from tests.channels import connected


class Lease:
    """Stands where the lease in Redis does."""

    def __init__(self, *, lapsed: bool = False, free: bool = True, gone: bool = False) -> None:
        self._lapsed, self._free, self._gone = lapsed, free, gone

    def extend(self, *_: Any, **__: Any) -> bool:
        if self._lapsed:
            raise LockNotOwnedError("lapsed")
        return True

    def acquire(self, **_: Any) -> bool:
        if self._gone:
            raise RedisGone("gone")
        return self._free


class Silent:
    """A bell that nobody hears."""

    def ring_once(self, *_: Any) -> None:
        return


def ear(lease: Lease | None = None) -> Ear:
    return Ear(cast("Lock", lease or Lease()))


@pytest.fixture
def channel(db: Settings) -> int:
    return connected(at=now()).id


def mention(x_id: int, text: str = "choque") -> Heard:
    return Heard(MessageKind.MENTION, 70, x_id, 5, "pepe", "Pepe", text, now())


def in_a_thread(work: Any) -> bool:
    """Do it in a thread of its own; whether that one gave its connection back."""
    rested: list[bool] = []

    def do() -> None:
        work()
        rested.append(database.db.is_closed())

    thread = threading.Thread(target=do)
    thread.start()
    thread.join(20)
    return rested == [True]


def test_one_message_that_no_column_takes_costs_only_itself(channel: int) -> None:
    messages.hear({70: channel}, [mention(1), mention(2**70), mention(2)], now())
    assert {m.x_id for m in Message.select()} == {1, 2}


def test_what_is_heard_is_stored_and_no_connection_kept(channel: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "judge", Silent())
    listener = ear()

    def hear() -> None:
        listener.connected()
        listener._hear(mention(11))
        listener._stop.set()
        listener._to_its_end("writer", listener._write)

    assert in_a_thread(hear)
    assert [m.x_id for m in Message.select()] == [11]


def test_the_stream_s_thread_keeps_no_connection(channel: int) -> None:
    listener = ear()
    assert in_a_thread(listener.connected)
    assert in_a_thread(lambda: listener.line(b'{"data": {"event_type": "oauth.revoke", "payload": {"user_id": "1"}}}'))


def test_a_thread_that_breaks_ends_the_others(channel: int) -> None:
    listener = ear()

    def broken() -> None:
        raise ZeroDivisionError

    listener._to_its_end("writer", broken)
    assert listener._stop.is_set()


@pytest.mark.parametrize(
    ("lease", "held"),
    [
        (Lease(lapsed=True), True),
        (Lease(lapsed=True, free=False), False),
        (Lease(lapsed=True, gone=True), True),
    ],
)
def test_a_lease_is_lost_only_to_somebody_else(
    db: Settings, monkeypatch: pytest.MonkeyPatch, lease: Lease, held: bool
) -> None:
    listener = ear(lease)
    monkeypatch.setattr(listener, "_show_state", lambda: None)
    assert listener._renew() is held


def test_a_state_that_can_t_be_shown_does_not_end_the_listening(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise RedisGone("gone")

    listener = ear()
    monkeypatch.setattr(listener, "_show_state", gone)
    assert listener._renew()
