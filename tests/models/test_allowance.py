"""The posts of the app's day: counted exactly, given back, shared between channels, the planned ones first."""

import threading
from datetime import timedelta

import pytest

from engine import posts
from engine.moderation import Form
from engine.when import When
from models import connecting
from models.accounts.channels import Channel
from models.control import overview
from models.database import db as database
from models.database import forget_connection, is_sqlite, transaction
from models.notifications.kinds import DayUsed, Expired, Troubled
from models.notifications.notices import Notice
from models.publishing import allowance, saying, settling
from models.publishing.allowance import AppDay, SaidHour, Wait, Want
from models.publishing.tweets import Tweet, TweetStatus
from models.scheduling import forecast, schedules
from models.settings import Settings, settings
from tests.conftest import NOW
from tests.postgres import WAITING_FOR_LOCKS
from tests.tweets import at_once, connected, said, wanted

ANA, ADMIN = 7, 99
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIMIT = 20


@pytest.fixture(autouse=True)
def limited(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app with few posts a day, run by somebody."""
    monkeypatch.setattr(settings(), "x_posts_a_day", LIMIT)
    monkeypatch.setattr(settings(), "admin_ids", (ADMIN,))


def tweet(tweet_id: int) -> Tweet:
    return Tweet.get_by_id(tweet_id)


def told(kind: type) -> list[int]:
    return [n.person_id for n in Notice.select().order_by(Notice.id) if isinstance(n.value, kind)]


# --- counting ------------------------------------------------------------------------------------------------


def test_native_reposts_do_not_count() -> None:
    assert said(wanted(connected(70), LIMIT + 5, form=Form.REPOST)) == LIMIT + 5
    assert allowance.day(NOW).used == 0


def test_no_more_is_said_than_x_allows_by_many_at_once_and_not_less() -> None:
    channels = [connected(70 + n) for n in range(4)]
    tweets = [wanted(c, LIMIT, planned=n % 2 == 0) for n, c in enumerate(channels)]
    got = list[int]()
    at_once([lambda mine=mine: got.append(said(mine))] for mine in tweets)  # type: ignore[misc]
    assert sum(got) == allowance.day(NOW).used == Tweet.select().where(Tweet.counted_at.is_null(False)).count() == LIMIT


@pytest.mark.parametrize("planned", [True, False])
def test_of_the_last_place_the_second_hears_only_when_the_first_has_it(
    planned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_sqlite():
        pytest.skip("one writes at a time")
    monkeypatch.setattr(settings(), "x_posts_a_day", 1)
    mine, theirs = connected(70), connected(71)
    got: list[Wait | None] = []
    AppDay.insert(id=1, told_nearly_at=NOW, told_full_at=NOW).execute()  # nothing of the row changes

    def second() -> None:
        try:
            with transaction():
                got.append(allowance.take(theirs.id, NOW, planned=planned))
        finally:
            forget_connection()

    other = threading.Thread(target=second)
    with transaction():
        assert allowance.take(mine.id, NOW, planned=planned) is None
        other.start()
        while not database.execute_sql(WAITING_FOR_LOCKS).fetchone()[0]:
            assert other.is_alive(), "it did not wait for the first"
    other.join()
    assert [wait.reason for wait in got if wait] == [Want.PLACE]


def test_what_is_used_is_what_was_said_or_may_have_been_whatever_becomes_of_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings(), "x_posts_a_day", 120)
    each = [wanted(connected(70 + n), 50, planned=bool(n % 2)) for n in range(4)]

    def some_way(tweet_id: int) -> None:
        taken = saying.claim(tweet_id, NOW)
        if taken is None:
            return
        becomes = tweet_id % 5
        if becomes == 0:
            saying.fail(taken[0], NOW, "refused")
        elif becomes == 1:
            saying.doubt(taken[0], NOW, "no_answer")
        elif becomes == 2:
            saying.retry(taken[0], NOW, "x_down")
        elif becomes == 3:
            saying.sent(taken[0], tweet_id, NOW)  # and one in five is killed there

    at_once([lambda t=t: some_way(t) for t in mine] for mine in each)  # type: ignore[misc]
    has_place = Tweet.status.in_([TweetStatus.SENDING, TweetStatus.UNKNOWN, TweetStatus.SENT])
    counted = Tweet.counted_at.is_null(False)
    used = Tweet.select().where(counted).count()
    assert 0 < used == Tweet.select().where(counted & has_place).count() == allowance.day(NOW).used <= 120
    assert not SaidHour.select().where(SaidHour.used > SaidHour.granted).exists()
    assert sum(row.granted for row in SaidHour.select()) <= 120


def test_what_x_refused_is_given_back_once() -> None:
    channel = connected(70)
    for tweet_id in wanted(channel, LIMIT + 3, planned=True):
        taken = saying.claim(tweet_id, NOW)
        assert taken is not None
        saying.fail(taken[0], NOW, "refused")
        saying.fail(taken[0], NOW, "refused")
        assert tweet(tweet_id).counted_at is None
    assert allowance.day(NOW).used == 0


def test_what_is_put_off_by_the_channel_s_gap_takes_no_place() -> None:
    channel = connected(70)
    Channel.update(gap_s=60).execute()
    first, second = wanted(channel, 2)
    assert said([first, second]) == 1
    assert (tweet(second).status, tweet(second).reason) == (TweetStatus.QUEUED, "paced")
    assert allowance.day(NOW).used == 1


def test_who_is_killed_in_the_middle_is_counted_once_whether_x_had_it_or_not() -> None:
    channel = connected(70)
    lost, unsaid = wanted(channel, 2, planned=True)
    assert saying.claim(lost, NOW)
    assert saying.claim(unsaid, NOW)
    later = NOW + MINUTE
    assert set(settling.recover(later)) == {lost, unsaid}
    assert allowance.day(NOW).used == 2, "X may have both"
    found, absent = settling.claim(lost, later), settling.claim(unsaid, later)
    assert found
    assert absent
    saying.sent(found[0], 1, later, status=TweetStatus.UNKNOWN)
    settling.requeue_unsaid(absent[0], later)
    assert allowance.day(NOW).used == 1
    assert said([unsaid], later) == 1
    assert allowance.day(NOW).used == 2


def test_a_day_later_there_is_place_again() -> None:
    channel = connected(70)
    assert said(wanted(channel, LIMIT + 1, planned=True)) == LIMIT
    (again,) = wanted(channel, 1, planned=True)
    Tweet.update(fresh_until=NOW + 3 * DAY).execute()
    assert said([again], NOW + DAY) == 0
    Tweet.update(due_at=NOW).execute()
    assert said([again], NOW + DAY + HOUR) == 1


def test_the_count_outlives_a_forgotten_channel() -> None:
    channel = connected(70)
    said(wanted(channel, 3, planned=True))
    connecting.forget_channel(channel.id)
    assert allowance.day(NOW).used == 3
    allowance.forget_old(NOW + 3 * DAY)
    assert not SaidHour.select().exists()


# --- sharing -------------------------------------------------------------------------------------------------


def test_one_that_wants_everything_does_not_take_the_others_share() -> None:
    greedy, calm, other = connected(70), connected(71), connected(72)
    assert said(wanted(greedy, LIMIT)) <= LIMIT // 3 + 1
    assert said(wanted(calm, 5)) == 5
    assert said(wanted(other, 5)) == 5


def test_what_others_do_not_use_is_lent() -> None:
    greedy = connected(70)
    connected(71), connected(72)
    Channel.update(created_at=NOW - 30 * DAY).execute()
    assert said(wanted(greedy, LIMIT)) == LIMIT - 2, "one post for each that has been silent"


def test_what_is_planned_has_its_place() -> None:
    greedy, calm = connected(70), connected(71)
    for hours in (2, 9):
        when = When((NOW + hours * HOUR).replace(tzinfo=None))
        schedules.create(calm.id, ANA, [posts.plain(f"a las {hours}")], when, "es", NOW)
    daily = When((NOW + HOUR).replace(tzinfo=None), ("FREQ=DAILY;BYHOUR=13,15,17;BYMINUTE=0",))
    schedules.create(calm.id, ANA, [posts.plain("tres al día")], daily, "es", NOW)
    forecast.renew(NOW)
    assert overview.day(NOW).planned == 5
    Channel.update(is_on=False).where(Channel.id == calm.id).execute()  # nothing is kept for what it may repost
    assert said(wanted(greedy, LIMIT)) == LIMIT - 5
    (late,) = wanted(greedy, 1)
    assert saying.claim(late, NOW) is None
    assert (tweet(late).status, tweet(late).reason) == (TweetStatus.QUEUED, Want.SHARE)
    assert said(wanted(calm, 5, planned=True)) == 0, "it is off"
    assert said(wanted(greedy, 6, planned=True)) == 5


def test_a_repost_waits_while_it_is_fresh_and_ends_with_its_reason() -> None:
    channel = connected(70)
    said(wanted(channel, LIMIT, planned=True))
    (late,) = wanted(channel, 1)
    at = NOW
    while tweet(late).status is TweetStatus.QUEUED:
        assert saying.claim(late, at) is None
        at = max(tweet(late).due_at, at + timedelta(seconds=1))
    assert at > NOW + HOUR - MINUTE
    assert (tweet(late).status, tweet(late).reason) == (TweetStatus.EXPIRED, Want.PLACE)
    assert told(Expired) == []


def test_of_a_planned_one_without_a_place_the_owner_is_told() -> None:
    channel = connected(70)
    *_, late = tweets = wanted(channel, LIMIT + 1, planned=True)
    said(tweets)
    saying.claim(late, NOW + HOUR + MINUTE)
    assert (tweet(late).status, tweet(late).reason) == (TweetStatus.EXPIRED, Want.PLACE)
    assert told(Expired) == [ANA]


# --- X's own word ----------------------------------------------------------------------------------------------


def test_when_x_says_that_the_day_is_full_all_wait_and_each_is_told_once() -> None:
    mine, theirs = connected(70), connected(71)
    tweets = wanted(mine, 3, planned=True) + wanted(theirs, 2, planned=True)
    Tweet.update(fresh_until=NOW + DAY).execute()
    in_the_air = [t for tweet_id in tweets[:2] if (t := saying.claim(tweet_id, NOW))]
    reset = NOW + 2 * HOUR
    for number, (one, channel) in enumerate(in_the_air):
        saying.day_full(channel, reset + number * MINUTE, NOW, "Too Many Requests")
        saying.retry(one, NOW, "day_full", wait=0 * MINUTE)
    assert said(tweets) == 0
    for tweet_id in tweets:
        assert (tweet(tweet_id).status, tweet(tweet_id).due_at) == (TweetStatus.QUEUED, reset)
    assert told(Troubled) == [ADMIN, ANA]
    assert allowance.day(NOW).used == 0
    assert said(tweets, reset) == 5


def test_a_reset_that_x_did_not_name_or_that_can_t_be_is_an_hour_or_a_day_away() -> None:
    assert allowance.filled(None, NOW) == NOW + HOUR
    assert allowance.filled(NOW + DAY, NOW) == NOW + HOUR
    assert allowance.filled(NOW + 30 * DAY, NOW + HOUR) == NOW + DAY + 2 * HOUR


def test_a_reset_that_comes_and_comes_again_is_believed_less_each_time() -> None:
    at, waits = NOW, []
    for _ in range(9):
        until = allowance.filled(at + MINUTE, at)
        waits.append((until - at) // MINUTE)
        at = until
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_those_who_run_the_service_are_told_at_80_percent_and_when_it_is_full_once_a_day() -> None:
    channel = connected(70)
    assert said(wanted(channel, LIMIT * 8 // 10 - 1, planned=True))
    assert told(DayUsed) == []
    said(wanted(channel, 3, planned=True))
    assert told(DayUsed) == [ADMIN]
    said(wanted(channel, LIMIT, planned=True))
    said(wanted(channel, 3, planned=True))
    assert told(DayUsed) == [ADMIN, ADMIN]
