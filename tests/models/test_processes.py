"""The processes that run, as they are seen from each of them; and what waits, and since when."""

from datetime import timedelta

import pytest

from engine.moderation import Form, MessageKind
from models.control import processes, waiting
from models.control.processes import KEPT, MISSED_FOR, SILENT, Kind, Process
from models.control.waiting import Work
from models.database import db as database
from models.notifications import journal
from models.notifications.declaring import NoticeKind
from models.notifications.lanes import NoticeLane
from models.notifications.notices import Notice
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings
from models.streaming.messages import Message
from tests.channels import connected
from tests.conftest import NOW

SECOND = timedelta(seconds=1)


def begin(name: str, kind: Kind = Kind.WORKER) -> None:
    processes.begin(name, kind, "here", 7, "1.2.0", NOW)


def runs(name: str, at: timedelta) -> bool:
    return Process.get_by_id(name).runs(NOW + at)


def test_a_process_runs_while_it_beats(db: Settings) -> None:
    begin("a")
    assert runs("a", SILENT - SECOND)
    assert not runs("a", SILENT + SECOND)
    assert processes.beat("a", {"polling": "Conflict «ñ»"}, NOW + SILENT)
    assert runs("a", SILENT + SECOND)
    assert Process.get_by_id("a").troubles == {"polling": "Conflict «ñ»"}
    processes.beat("a", {}, NOW + SILENT)
    assert Process.get_by_id("a").troubles == {}


def test_one_that_ended_itself_runs_no_more_and_says_why(db: Settings) -> None:
    begin("a")
    processes.end("a", "clock of tweets ended", NOW + SECOND)
    assert not runs("a", SECOND)
    assert Process.get_by_id("a").ended == "clock of tweets ended"


def test_one_that_left_is_gone_and_one_that_was_cleaned_up_begins_anew(db: Settings) -> None:
    begin("a")
    begin("a")
    processes.leave("a")
    assert processes.known() == []
    assert not processes.beat("a", {}, NOW)


def test_a_clock_that_was_put_back_lets_nobody_live_on(db: Settings) -> None:
    begin("a")
    assert not runs("a", -timedelta(hours=1))


def test_the_dead_are_cleaned_up_but_for_the_last_of_each_kind_and_who_is_missed(db: Settings) -> None:
    for n in range(5):  # each in the place of the one before
        processes.begin(f"w{n}", Kind.WORKER, "here", 7, "1.2.0", NOW + 2 * n * SECOND)
        processes.beat(f"w{n}", {}, NOW + (2 * n + 1) * SECOND)
    begin("j", Kind.JOURNAL)
    begin("new", Kind.WEB)
    processes.begin("second", Kind.WEB, "there", 8, "1.2.0", NOW)
    processes.beat("new", {}, NOW + MISSED_FOR + KEPT)
    assert processes.forget_old(NOW + KEPT + 2 * SECOND) == 1
    assert processes.forget_old(NOW + KEPT + 20 * SECOND) == 3
    assert {p.name for p in processes.known()} == {"w4", "j", "new", "second"}
    assert {p.name for p in processes.missed(processes.known(), NOW + MISSED_FOR + KEPT)} == {"w4", "j", "second"}
    assert processes.forget_old(NOW + MISSED_FOR + SECOND) == 1
    assert {p.name for p in processes.known()} == {"w4", "j", "new"}


# --- what waits ----------------------------------------------------------------------------------------------


def test_nothing_waits_where_nothing_is(db: Settings) -> None:
    assert waiting.oldest(NOW) == {}


def test_the_oldest_of_each_kind_of_work_is_known(db: Settings) -> None:
    channel = connected()
    for n in range(3):
        at = NOW + n * SECOND
        Message.create(
            channel_id=channel.id, kind=MessageKind.MENTION, x_id=n, sender_id=1, text="x", at=at, heard_at=at
        )
        Tweet.create(channel_id=channel.id, form=Form.COPY, text=f"{n}", due_at=at, fresh_until=at)
        Notice.create(person_id=n, kind=NoticeKind.POSTED, due_at=at, created_at=at)
        journal.note([journal.Entry(channel.id, at, "heard", {})])
    assert waiting.oldest(NOW + 9 * SECOND) == dict.fromkeys(Work, NOW)
    Tweet.update(status=TweetStatus.SENT).where(Tweet.text == "0").execute()
    NoticeLane.create(person_id=0, due_at=NOW + timedelta(hours=1))  # Telegram wants a pause
    found = waiting.oldest(NOW + 9 * SECOND)
    assert (found[Work.SAY], found[Work.TELL]) == (NOW + SECOND, NOW + SECOND)
    assert Work.SAY not in waiting.oldest(NOW), "it is not due yet"


def test_what_waits_is_asked_for_by_an_index(db: Settings) -> None:
    if db.sqlite_path is None:
        pytest.skip("PostgreSQL chooses by what is in the tables")
    for work, query in waiting._asked(NOW).items():
        sql, values = query.sql()
        plan = [step for *_, step in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]
        assert all("SCAN" not in step or "INDEX" in step for step in plan), (work, plan)
