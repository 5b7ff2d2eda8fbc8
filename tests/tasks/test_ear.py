"""Who listens: what ends one of its threads ends them all, and none of them keeps a connection to the database."""

import json
import threading
from datetime import timedelta
from typing import Any

import peewee as pw
import pytest

from engine.moderation import MessageKind
from engine.x import events
from engine.x.events import Heard
from models import database
from models.accounts.channels import Channel, Hearing
from models.control import leases
from models.control.leases import STREAM
from models.settings import Settings, load
from models.streaming import hearing as of_hearing
from models.streaming import messages
from models.streaming.messages import Message
from sandbox.ports import free_port
from tasks.clock import now
from tasks.streaming import ear as listening
from tasks.streaming import held
from tasks.streaming.ear import Ear
from tests.channels import connected


class Silent:
    """A bell that nobody hears."""

    def ring_once(self, *_: Any) -> None:
        return


def ear() -> Ear:
    return Ear("here")


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


def test_an_event_of_an_earlier_sign_in_asks_x_nothing_and_one_of_this_has_it_asked(db: Settings) -> None:
    made = connected(at=now())
    asked = []
    for ago in (timedelta(hours=1), timedelta(seconds=-5)):
        payload = {"user_id": "70", "app_id": "1", "date_time": (now() - ago).isoformat(timespec="seconds")}
        line = {"data": {"event_type": "oauth.revoke", "filter": {}, "payload": payload}}
        ear().line(json.dumps(line).encode())
        found = Channel.get_by_id(made.id)
        assert found.is_on
        assert found.renew_at is not None
        asked.append(found.renew_at <= now())
    assert asked == [False, True]


def test_a_thread_that_breaks_ends_the_others(channel: int) -> None:
    listener = ear()

    def broken() -> None:
        raise ZeroDivisionError

    listener._to_its_end("writer", broken)
    assert listener._stop.is_set()


def test_a_lease_is_lost_only_to_somebody_else(db: Settings) -> None:
    listener = ear()
    leases.take(STREAM, "here", now() - timedelta(minutes=1))  # it lapsed, and nobody took it
    assert listener._hold.renew(listener._state())
    leases.take(STREAM, "there", now() + timedelta(minutes=1))
    assert not listener._hold.renew(listener._state())
    listener._hold.give_back()
    assert leases.read(STREAM).holder == "there"


def test_how_it_goes_is_shown_with_the_lease(db: Settings) -> None:
    listener = ear()
    leases.take(STREAM, "here", now())
    listener.line(b"no JSON")
    listener.disconnected("HTTP 429", 1.0)
    assert listener._hold.renew(listener._state())
    state = leases.read(STREAM).state
    assert (state["malformed"], state["trouble"], state["connected_at"]) == (1, "HTTP 429", None)


def test_while_the_database_is_away_the_lease_is_held_for_a_while_and_x_is_asked_to_cut_nobody_off(
    db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = ear()
    leases.take(STREAM, "here", now())
    database.close_database()
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")
    database.open_database(load())
    assert listener._hold.renew(listener._state())
    listener._hold._renewed -= held.LEASE_S
    assert not listener.locked_out()
    listener._hold._renewed -= held.LET_GO_S
    assert not listener._hold.renew(listener._state())


def test_what_could_not_be_stored_as_it_ended_is_passed_over_by_nothing_that_came_after(
    channel: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "judge", Silent())
    listener, hear, before = ear(), messages.hear, events.id_at(now() - timedelta(minutes=5))
    Channel.update(hearing=Hearing.STREAM, mention_cursor=before - 1).execute()
    listener._directory.read()
    listener._hear(mention(before))

    def away_for_minutes(*given: Any) -> None:
        monkeypatch.setattr(messages, "hear", hear)
        listener._hear(mention(events.id_at(now())))  # came while the database was away
        listener._stop.set()
        raise pw.OperationalError("the database is away")

    monkeypatch.setattr(messages, "hear", away_for_minutes)
    assert in_a_thread(lambda: listener._to_its_end("writer", listener._write))
    heard = {m.x_id for m in Message.select()}
    assert before in heard or of_hearing.cursor(channel, MessageKind.MENTION) < before, "whoever is next reads it back"
