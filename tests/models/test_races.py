"""Two who change one row: the second sees what the first did, on PostgreSQL too, where reading takes nothing."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine import posts, recurrence
from engine.posts import Post
from engine.when import When, understand
from engine.x.signin import TokenPair
from models import choosing, vault
from models.accounts import tokens
from models.accounts.channels import Channel
from models.database import db as database
from models.database import is_sqlite, rested, transaction
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing import placing, saying, settling, taking_back
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.scheduling import planning, schedules
from models.scheduling.schedules import Schedule
from models.settings import Settings
from tests.channels import connected
from tests.conftest import NOW
from tests.postgres import WAITING_FOR_LOCKS

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def channel(db: Settings) -> Channel:
    made = connected()
    Channel.update(gap_s=0).execute()
    return Channel.get_by_id(made.id)


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """Inside is a transaction; before it ends another has begun `work`, and waits for it."""

    def run() -> object:
        with rested():
            return work()

    with ThreadPoolExecutor(1) as other:
        with transaction():
            yield
            done = other.submit(run)
            _until_it_waits(done)
        done.result()


def _until_it_waits(done: "Future[object]") -> None:
    deadline = time.monotonic() + 20
    while not (done.running() if is_sqlite() else _locked_out()):  # SQLite lets nobody write beside us
        assert not done.done(), "it waited for nobody"
        assert time.monotonic() < deadline
        time.sleep(0.001)


def _locked_out() -> bool:
    return bool(database.execute_sql(WAITING_FOR_LOCKS).fetchone()[0])


# --- tokens --------------------------------------------------------------------------------------------------------


def test_a_key_that_is_changed_leaves_a_token_that_is_renewed_meanwhile(channel: Channel) -> None:
    assert tokens.claim_refresh(channel.id, 1, NOW) is not None
    with meanwhile(tokens.rotate_keys):
        assert tokens.store_refreshed(channel.id, 1, TokenPair("access-2", "refresh-2", NOW + DAY), NOW)
    again = Channel.get_by_id(channel.id)
    assert vault.unseal(again.access_token) == "access-2"
    assert vault.unseal(again.refresh_token) == "refresh-2"


def test_who_was_thought_dead_does_not_give_back_the_refresh_that_another_has(channel: Channel) -> None:
    first = tokens.claim_refresh(channel.id, 1, NOW)
    second = tokens.claim_refresh(channel.id, 1, NOW + 2 * MINUTE)
    assert first is not None
    assert second is not None
    tokens.release_refresh(first)
    assert tokens.claim_refresh(channel.id, 1, NOW + MINUTE + SECOND) is None
    tokens.release_refresh(second)
    assert tokens.claim_refresh(channel.id, 1, NOW + MINUTE + SECOND) is not None


# --- schedules -----------------------------------------------------------------------------------------------------


def daily(channel: Channel, hour: int = 12) -> Schedule:
    when, _ = understand(f"every day at {hour}:01", NOW.replace(tzinfo=None))
    return schedules.create(channel.id, 7, [posts.plain("hola")], when, "es", NOW)


def test_a_schedule_that_is_planned_while_its_zone_changes_goes_on_in_the_new_one(channel: Channel) -> None:
    made = daily(channel)
    with meanwhile(lambda: choosing.choose(channel.id, NOW, zone="America/Caracas")):
        assert len(planning.plan(NOW).queued) == 1
    after = Schedule.get_by_id(made.id)
    wall = datetime.fromisoformat(after.next_wall)
    assert wall.day == NOW.day + 1
    assert after.next_at == recurrence.instant_of(wall, ZoneInfo("America/Caracas"))


def test_what_a_schedule_says_is_what_it_says_when_it_is_planned(channel: Channel) -> None:
    made = daily(channel)
    same = When(datetime.fromisoformat(made.next_wall), tuple(made.rules.split("\n")))
    with meanwhile(lambda: planning.plan(NOW)):
        assert schedules.change(made, [posts.plain("otra cosa")], same)
    assert [t.text for t in Tweet.select()] == ["otra cosa"]


def test_a_schedule_that_is_planned_while_it_is_paused_says_nothing(channel: Channel) -> None:
    made = daily(channel)
    with meanwhile(lambda: schedules.pause(made)):
        planning.plan(NOW)
    assert [t.status for t in Tweet.select()] == [TweetStatus.CANCELLED]
    assert Schedule.get_by_id(made.id).next_at == made.next_at


# --- threads -------------------------------------------------------------------------------------------------------


@pytest.fixture
def second(channel: Channel) -> Tweet:
    """The second of a thread of three is on its way; the first is on X."""
    head = placing.say_now(channel.id, 7, (Post("uno"), Post("dos"), Post("tres")), NOW, fresh=MINUTE).tweet_id
    first = saying.claim(head, NOW)
    assert first is not None
    assert saying.sent(first[0], 500, NOW)
    claimed = saying.claim(head + 1, NOW)
    assert claimed is not None
    return claimed[0]


def undone() -> list[tuple[TweetStatus, UndoState]]:
    return [(t.status, t.undo) for t in Tweet.select().order_by(Tweet.id)]


ALL_TAKEN_BACK = [
    (TweetStatus.SENT, UndoState.WANTED), (TweetStatus.SENT, UndoState.WANTED), (TweetStatus.CANCELLED, UndoState.NONE),
]  # fmt: skip


def test_a_thread_is_taken_back_while_its_next_post_is_said(second: Tweet) -> None:
    assert second.thread_id is not None
    head = second.thread_id
    with meanwhile(lambda: taking_back.want(head, NOW)):
        assert saying.sent(second, 501, NOW)
    assert undone() == ALL_TAKEN_BACK


def test_a_post_that_is_said_while_its_thread_is_taken_back_is_taken_back_too(second: Tweet) -> None:
    assert second.thread_id is not None
    with meanwhile(lambda: saying.sent(second, 501, NOW)):
        assert taking_back.want(second.thread_id, NOW)
    assert undone() == ALL_TAKEN_BACK


def test_who_was_thought_dead_says_nothing_of_an_undo_that_another_has(second: Tweet) -> None:
    assert second.thread_id is not None
    taking_back.want(second.thread_id, NOW)
    first = taking_back.claim(second.thread_id, NOW)
    again = taking_back.claim(second.thread_id, NOW + MINUTE)
    assert first is not None
    assert again is not None
    taking_back.failed(first[0], "refused", "no", NOW + MINUTE)
    taking_back.later(first[0], NOW, NOW)
    assert Tweet.get_by_id(second.thread_id).undo is UndoState.WANTED
    taking_back.done(again[0], NOW + MINUTE)
    assert Tweet.get_by_id(second.thread_id).undo is UndoState.DONE


# --- what nobody knows ---------------------------------------------------------------------------------------------


def test_what_can_not_be_found_out_for_a_day_is_told_and_not_said_again(channel: Channel) -> None:
    tweet_id = placing.say_now(channel.id, 7, posts.plain("hola"), NOW, fresh=7 * DAY).tweet_id
    claimed = saying.claim(tweet_id, NOW)
    assert claimed is not None
    saying.doubt(claimed[0], NOW, "no_answer")
    for at in (NOW + MINUTE, NOW + 23 * 60 * MINUTE, NOW + 24 * 60 * MINUTE):
        doubtful = settling.claim(tweet_id, at)
        assert doubtful is not None
        settling.later(doubtful[0], at, at)
        assert Tweet.get().status is TweetStatus.UNKNOWN
    doubtful = settling.claim(tweet_id, NOW + DAY + MINUTE)
    assert doubtful is not None
    settling.later(doubtful[0], NOW + DAY + 2 * MINUTE, NOW + DAY + MINUTE)
    found = Tweet.get()
    assert (found.status, found.reason) == (TweetStatus.FAILED, settling.NOT_KNOWN)
    assert found.counted_at is not None, "X may have it: its place in the day stays taken"
    assert [n.kind for n in Notice.select()] == [NoticeKind.FAILED]
    assert placing.due(NOW + 2 * DAY, 10) == settling.recover(NOW + 2 * DAY) == []
