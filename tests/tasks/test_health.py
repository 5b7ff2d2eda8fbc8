"""What is wrong is named: a kind of process that does not run, a part that can't do its work, a stream, what waits."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from models.accounts import troubles
from models.aside import Place
from models.control import processes
from models.control.processes import Kind, Process
from models.control.waiting import Work
from models.database import WAIT_TO_WRITE_S, is_sqlite
from models.database import db as database
from models.settings import Settings, settings
from tasks.control.health import TO_BE_MENDED, Kept, Stream, Wrong, judged, kept
from tests.channels import connected
from tests.conftest import NOW

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def bearer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """There is a stream to be heard."""
    monkeypatch.setenv("X_BEARER_TOKEN", "bearer")
    settings.cache_clear()
    yield
    settings.cache_clear()


def process(kind: Kind, *, silent_s: float = 1, age_s: float = 3600, **more: Any) -> Process:
    beat_at = NOW - silent_s * SECOND
    named = {"name": str(kind), "host": "pi", **more}
    return Process(kind=kind, since=NOW - age_s * SECOND, beat_at=beat_at, **named)


def stream(**more: Any) -> Stream:
    well = {
        "connected_at": NOW, "down_since": None, "heard_at": NOW, "trouble": "", "short_lived": 0, "looks_ahead": 0, "events": 0,
        "malformed": 0,
    }  # fmt: skip
    return Stream(**{**well, **more})


WELL = stream()


def wrong(
    *but: Process, heard: Stream | None = WELL, oldest: Mapping[Work, Any] | None = None, redis: bool = True
) -> list[str]:
    """What is wrong where all is well but for this."""
    known = {process(kind).name: process(kind) for kind in Kind} | {p.name: p for p in but}
    found = judged(Kept(list(known.values()), oldest or {}, heard), redis, NOW)
    return [trouble.sentence(NOW) for trouble in found.wrong]


def test_nothing_is_wrong_where_all_is_well() -> None:
    assert wrong() == []


@pytest.mark.parametrize("kind", list(Kind))
def test_a_kind_that_does_not_run_is_named(kind: Kind) -> None:
    assert wrong(process(kind, silent_s=12)) == [
        f"{kind}: no such process runs: the last one on pi gave a sign of life 12 s ago"
    ]
    ended = process(kind, ended="clock of tweets ended")
    assert wrong(ended) == [
        f"{kind}: no such process runs: the last one on pi gave a sign of life 1 s ago (clock of tweets ended)"
    ]
    some = Kept([process(k) for k in Kind if k is not kind], {}, WELL)
    assert [(t.wrong, t.of) for t in judged(some, True, NOW).wrong] == [(Wrong.PROCESS, kind)]


@pytest.mark.parametrize("kind", sorted(set(troubles.Kind) - troubles.ALARMS))
def test_what_x_takes_of_no_channel_until_it_is_mended_is_named_though_nothing_is_late(
    db: Settings, kind: troubles.Kind
) -> None:
    channel = connected()
    troubles.met(channel.id, kind, NOW)
    found = kept(NOW)
    assert set(found.app) == ({kind} if troubles.NATURE[kind].of_app else set())
    wrong_now = [t.sentence(NOW + 9 * SECOND) for t in judged(found, True, NOW).wrong if t.wrong is Wrong.APP]
    assert wrong_now == ([f"x: {TO_BE_MENDED[kind]}, for 9 s"] if kind in TO_BE_MENDED else [])
    troubles.over(channel.id, NOW, kind)
    assert kept(NOW).app == {}


def test_one_of_two_is_enough() -> None:
    two = Kept([process(k) for k in Kind] + [process(Kind.WORKER, name="w2", host="rock", silent_s=60)], {}, WELL)
    found = judged(two, True, NOW)
    assert found.wrong == ()
    (missed,) = found.warnings
    assert missed.sentence(NOW) == "worker: one on rock is gone, and none came in its place, for 60 s"


def test_a_part_that_cant_do_its_work_is_named_with_its_process() -> None:
    assert wrong(process(Kind.WEB, said='{"polling": "Conflict"}')) == ["web: polling: Conflict"]


def test_what_is_watched_is_missed_only_where_anything_is() -> None:
    everybody = [process(kind) for kind in Kind]
    assert judged(Kept(everybody, {}, WELL), True, NOW).wrong == ()
    assert judged(Kept(everybody, {}, WELL, watching=WELL, is_watched=True), True, NOW).wrong == ()
    (trouble,) = judged(Kept(everybody, {}, WELL, is_watched=True), True, NOW).wrong
    assert trouble.sentence(NOW) == "watching: nobody listens"


def test_a_stream_that_is_not_heard_is_named_after_a_minute_and_one_that_is_refused_at_once() -> None:
    def down(seconds: float, trouble: str) -> Stream:
        return stream(connected_at=None, down_since=NOW - seconds * SECOND, trouble=trouble)

    assert wrong(heard=down(50, "ConnectionError")) == []
    assert wrong(heard=down(70, "ConnectionError")) == ["stream: not connected (ConnectionError), for 70 s"]
    assert wrong(heard=down(1, "HTTP 401")) == ["stream: X refuses X_BEARER_TOKEN (HTTP 401), for 1 s"]
    assert "ended the last 4 connections" in wrong(heard=stream(short_lived=4))[0]
    assert wrong(heard=None) == ["stream: nobody listens"]
    assert wrong(process(Kind.STREAMS, age_s=30), heard=None) == [], "it has just begun"
    assert wrong(process(Kind.STREAMS, silent_s=6), heard=None) == [], "it may be dead: that is said, and nothing else"


def test_without_a_bearer_token_there_is_no_stream_to_be_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_BEARER_TOKEN", "")
    settings.cache_clear()
    assert wrong(heard=None) == []


def test_work_that_waits_too_long_is_named() -> None:
    assert wrong(oldest={Work.JUDGE: NOW - 50 * SECOND}) == []
    assert wrong(oldest={Work.JUDGE: NOW - 70 * SECOND}) == ["message: the oldest has waited for 70 s"]


def test_a_database_or_redis_without_an_answer_is_named_and_nothing_is_guessed_of_the_rest() -> None:
    assert [t.sentence(NOW) for t in judged(None, True, NOW).wrong] == ["database: no answer"]
    assert wrong(redis=False) == ["redis: no answer"]


# --- what somebody should see to -----------------------------------------------------------------------------


def test_a_database_that_takes_no_writes_is_all_that_is_said_and_nobody_is_called_dead(db: Settings) -> None:
    for kind in Kind:
        processes.begin(str(kind), kind, "pi", 7, "1.2.0", NOW)
    later = NOW + 20 * SECOND
    assert [t.wrong for t in judged(kept(later), True, later).wrong] == [Wrong.PROCESS] * len(Kind), "they are dead"
    if is_sqlite():
        database.execute_sql("PRAGMA query_only = 1")
    else:
        database.execute_sql("SET default_transaction_read_only = on")
    for second in (3, 6):
        assert judged(kept(NOW + second * SECOND), True, NOW + second * SECOND).wrong == (), "it is not tried yet"
    found = judged(kept(later), True, later)
    (only,) = [t.sentence(later) for t in found.wrong]
    assert re.fullmatch(r"database: it takes no writes \(.*read-?only.*\), for 20 s", only)
    assert (found.database, found.warnings) == (False, ())
    processes.known()  # the connection is whole
    database.execute_sql("PRAGMA query_only = 0" if is_sqlite() else "SET default_transaction_read_only = off")
    assert found.kept is not None
    assert processes.unable_to_say_so(found.kept.processes, later) == ""


def test_a_database_in_which_somebody_stands_still_takes_no_writes_either(db: Settings) -> None:
    """Where one process of many is dead others say that they live, so nothing is tried."""
    processes.begin("web", Kind.WEB, "pi", 7, "1.2.0", NOW)
    known, file = processes.known(), db.sqlite_path
    url = db.database_url.get_secret_value()
    with closing(sqlite3.connect(file) if file is not None else psycopg.connect(url)) as other:
        other.execute("BEGIN IMMEDIATE" if file is not None else "LOCK TABLE process")
        assert "lock" in processes.unable_to_say_so(known, NOW + 20 * SECOND, 0.01)
        assert processes.unable_to_say_so([*known, process(Kind.WORKER)], NOW, 0.01) == ""
        dead = process(Kind.WORKER, silent_s=60)
        assert processes.unable_to_say_so([*known, dead], NOW + 8 * SECOND, 0.01) == "", "it was dead before"
    assert processes.unable_to_say_so(known, NOW + 20 * SECOND, 0.01) == ""
    if file is not None:
        assert database.execute_sql("PRAGMA busy_timeout").fetchone() == (WAIT_TO_WRITE_S * 1000,)


def warned(*but: Process, **more: Any) -> list[str]:
    everybody = {process(kind).name: process(kind) for kind in Kind} | {p.name: p for p in but}
    found = judged(Kept(list(everybody.values()), {}, WELL, **more), True, NOW)
    assert found.wrong == (), "nobody waits for it"
    return [trouble.sentence(NOW) for trouble in found.warnings]


def test_a_stream_that_is_connected_and_brings_nothing_is_silent() -> None:
    assert wrong(heard=stream(connected_at=NOW - 3600 * SECOND, heard_at=NOW - 50 * SECOND)) == []
    assert wrong(heard=stream(connected_at=NOW - 10 * SECOND, heard_at=NOW - 70 * SECOND)) == [], "it has come again"
    silent = ["stream: it is connected, and brings no line and no heartbeat, for 70 s"]
    assert wrong(heard=stream(connected_at=NOW - 3600 * SECOND, heard_at=NOW - 70 * SECOND)) == silent


def test_errors_that_come_too_fast_and_what_is_set_aside_are_warnings() -> None:
    assert warned(errors=19, often="job failed") == []
    assert warned(errors=20, often="job failed") == ["errors: 20 in five minutes, most of all: job failed"]
    assert warned(aside={Place.SAY: 2}) == ["aside at say: 2 could not be handled: /aside"]


GIB = 2**30


@pytest.mark.parametrize(("free", "size"), [(4 * GIB, 2000 * GIB), (GIB, 20 * GIB), (GIB // 4, GIB), (0, GIB)])
def test_a_disk_with_little_room_is_named_with_its_machine(free: int, size: int) -> None:
    full = process(Kind.VOICES, name="v", host="rock", disk_free=free, disk_size=size)
    assert warned(full, process(Kind.WORKER, disk_free=size, disk_size=size)) == [
        f"disk on rock: {free // 2**20} MiB of {size // 2**20} MiB are free"
    ]


@pytest.mark.parametrize(("free", "size"), [(6 * GIB, 2000 * GIB), (2 * GIB, 20 * GIB), (GIB // 2, GIB), (0, 0)])
def test_one_with_room_or_of_which_nothing_is_known_is_not(free: int, size: int) -> None:
    assert warned(process(Kind.VOICES, name="v", host="rock", disk_free=free, disk_size=size)) == []


def test_a_process_under_tables_of_a_later_release_is_named() -> None:
    old = process(Kind.WORKER, said='{"database": "it was brought to a newer release"}')
    others = [process(Kind.WEB, said=old.said), process(Kind.WEB, said=old.said, name="w2", host="rock")]
    assert warned(old, *others)[1:] == ["database on rock: it was brought to a newer release"], "once a machine"
    assert warned(old) == ["database on pi: it was brought to a newer release"]


def test_one_that_came_in_the_place_of_another_is_nobody_who_is_missed_and_takes_one_place_only() -> None:
    dead = [process(Kind.WORKER, name=f"dead{n}", host="pi", silent_s=60 + n) for n in range(2)]
    heir = process(Kind.WORKER, name="heir", host="rock", age_s=50)
    assert warned(*dead) == [
        "worker: one on pi is gone, and none came in its place, for 61 s",
        "worker: one on pi is gone, and none came in its place, for 60 s",
    ]
    assert warned(*dead, heir) == ["worker: one on pi is gone, and none came in its place, for 60 s"]
    assert warned(*dead, heir, process(Kind.WORKER, name="second", age_s=40)) == []
    followed = process(Kind.WORKER, name="heir", host="rock", age_s=50, silent_s=20)
    assert len(warned(*dead, followed)) == 2, "who came in its place has died too"
