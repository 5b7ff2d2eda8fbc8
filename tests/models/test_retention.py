"""What is past its time goes in bites, its days keep the counts, and the room that it took is used again."""

from datetime import timedelta

import peewee as pw
import pytest

from engine import hashtags as rules
from engine import posts
from engine.moderation import Form
from engine.when import understand
from models import retention
from models.accounts import days
from models.accounts.channels import Channel
from models.accounts.days import ChannelDay
from models.aside import AsideStatus, SetAside
from models.database import db as database
from models.moderation import senders
from models.moderation.senders import Sender, Source
from models.notifications.journal import JournalEntry
from models.notifications.notices import Notice
from models.publishing import hashtags, taking_back
from models.publishing.hashtags import HashtagUse
from models.publishing.media import Upload
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.scheduling import forgetting as of_schedules
from models.scheduling import schedules
from models.scheduling.schedules import Schedule, ScheduleStatus
from models.settings import Settings
from models.streaming import forgetting as of_streaming
from models.streaming.messages import Message, MessageStatus
from tests import a_year
from tests.channels import connected
from tests.conftest import NOW
from tests.invented import breaks

DAY = timedelta(days=1)


@pytest.fixture
def channel(db: Settings) -> Channel:
    return connected()


def forget(now: object = NOW) -> dict[str, int]:
    gone: dict[str, int] = {}
    for taken in retention.bites(now):  # type: ignore[arg-type]
        gone[taken.what] = gone.get(taken.what, 0) + taken.gone
    return gone


def test_what_is_past_its_time_goes_and_its_days_keep_all_that_there_was(channel: Channel) -> None:
    a_year.fill([channel.id], NOW, 120, 40)
    heard, said = Message.select().count(), Tweet.select().where(Tweet.status == TweetStatus.SENT).count()
    gone = forget()
    assert gone["messages"] == 90 * 40
    assert gone["tweets"] == 30 * 2
    assert (Message.select().count(), Tweet.select().count()) == (30 * 40, 90 * 2)
    assert JournalEntry.select().count() == 30 * 42
    assert Notice.select().count() == 30 * 2
    summed = days.before(channel.id)
    assert summed is not None
    assert summed.heard + Message.select().count() == heard
    assert summed.said + Tweet.select().where(Tweet.status == TweetStatus.SENT).count() == said
    assert summed.since == (NOW - 120 * DAY).replace(hour=0)
    one = ChannelDay.get((ChannelDay.channel_id == channel.id) & (ChannelDay.day == days.day_of(NOW - 100 * DAY)))
    assert (one.heard, one.ignored + one.blocked + one.said + one.failed) == (40, 40)
    assert sum(forget().values()) == 0, "there is nothing more"


def test_a_bite_that_is_done_twice_counts_once(channel: Channel) -> None:
    a_year.fill([channel.id], NOW - 40 * DAY, 1, 30)
    assert of_streaming.messages(NOW, 0, 20).gone == 20
    assert of_streaming.messages(NOW, 0, 20).gone == 10
    assert of_streaming.messages(NOW, 0, 20).upto is None
    summed = days.before(channel.id)
    assert summed is not None
    assert summed.heard == 30


def test_what_waits_is_not_forgotten_however_old(channel: Channel) -> None:
    a_year.fill([channel.id], NOW - 200 * DAY, 1, 10, said_every=2)
    Message.update(status=MessageStatus.RECEIVED).where(Message.id == 1).execute()
    Tweet.update(undo=UndoState.WANTED).where(Tweet.id == 2).execute()
    Tweet.update(status=TweetStatus.UNKNOWN).where(Tweet.id == 3).execute()
    JournalEntry.update(written=0).where(JournalEntry.id == 4).execute()
    forget()
    assert [m.id for m in Message.select()] == [1]
    assert [t.id for t in Tweet.select().order_by(Tweet.id)] == [2, 3]
    assert [e.id for e in JournalEntry.select()] == [4]


def test_uploads_go_with_their_tweets(channel: Channel) -> None:
    a_year.fill([channel.id], NOW - 100 * DAY, 1, 300, said_every=1)
    assert Upload.select().count() == 3
    forget()
    assert Upload.select().count() == 0


def test_uses_of_a_hashtag_are_counted_up_and_still_count(channel: Channel) -> None:
    hashtags.put(channel.id, rules.Hashtag("metro", most=100))
    a_year.fill([channel.id], NOW, 30, 100, said_every=2)
    (before,) = hashtags.used(channel.id, NOW)
    assert before.total > 200
    assert forget()["hashtag_uses"] == 23 * 10
    assert HashtagUse.select().count() == 7 * 10
    assert hashtags.used(channel.id, NOW) == [before]
    assert not hashtags.put(channel.id, rules.Hashtag("metro", most=500))
    assert hashtags.used(channel.id, NOW)[0].total == before.total, "another limit takes nothing back"
    newest = Tweet.get_by_id(HashtagUse.select(pw.fn.MAX(HashtagUse.tweet_id)).scalar())
    assert newest.status is TweetStatus.SENT
    taking_back.want(newest.id, NOW)
    undone = taking_back.claim(newest.id, NOW)
    assert undone is not None
    taking_back.done(undone[0], NOW)
    assert hashtags.used(channel.id, NOW)[0].total == before.total - 1


def test_a_schedule_that_is_over_goes_a_month_later_with_its_files(channel: Channel) -> None:
    when, _ = understand("tomorrow 9:00", NOW.replace(tzinfo=None))
    done, deleted, back = (schedules.create(channel.id, 7, [posts.plain("hola")], when, "es", NOW) for _ in range(3))
    Schedule.update(status=ScheduleStatus.DONE).where(Schedule.id == done.id).execute()
    assert schedules.delete(deleted)
    assert schedules.delete(back)
    forget()
    assert schedules.put_back(Schedule.get_by_id(back.id), NOW)
    forget(NOW + 29 * DAY)
    assert Schedule.select().count() == 3
    forget(NOW + 31 * DAY)
    assert [s.id for s in Schedule.select()] == [back.id]
    assert of_schedules.media_used() == set()


def test_who_was_not_heard_for_long_is_forgotten_but_not_who_is_blocked(channel: Channel) -> None:
    a_year.fill([channel.id], NOW - 200 * DAY, 1, 30)
    some = Sender.select().order_by(Sender.id).get()
    assert some.sender_id is not None
    senders.block(channel.id, some.sender_id, 0, "", Source.OWNER, NOW)
    assert forget()["senders"] == 5
    assert [s.id for s in Sender.select()] == [some.id]


def test_the_room_of_what_is_gone_is_used_again(channel: Channel, db: Settings) -> None:
    if db.sqlite_path is None:
        pytest.skip("PostgreSQL has its vacuum for that")
    sizes = []
    for n in range(4):
        at = NOW + n * 200 * DAY
        a_year.fill([channel.id], at, 20, 300)
        forget(at + 100 * DAY)
        sizes.append(database.execute_sql("PRAGMA page_count").fetchone()[0])
    assert sizes[-1] <= sizes[0] * 1.1


def test_a_tweet_of_a_thread_that_is_over_goes_too(channel: Channel) -> None:
    Tweet.insert(channel_id=channel.id, form=Form.COPY, due_at=NOW - 100 * DAY, fresh_until=NOW, status=TweetStatus.EXPIRED,
                 thread_id=1).execute()  # fmt: skip
    forget()
    assert days.before(channel.id) is not None
    assert Tweet.select().count() == 0


@pytest.mark.parametrize("table", ["journal_entry", "notice", "tweet"])
def test_a_part_that_breaks_is_set_aside_until_it_goes_well_and_the_others_go_on(channel: Channel, table: str) -> None:
    a_year.fill([channel.id], NOW, 100, 4)
    with breaks(table, "DELETE", "OLD.id > 0"):
        gone = forget()
    (broken,) = [what for what in ("journal", "notices", "tweets") if not gone.get(what)]
    assert gone["messages"] == 70 * 4
    assert [row.item for row in SetAside.select()] == [f"forgetting {broken}"]
    assert forget()[broken] > 0
    assert [row.status for row in SetAside.select()] == [AsideStatus.HEALED]
