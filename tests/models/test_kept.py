"""What waits when a channel goes off, or falls due meanwhile, is kept: it goes out in time, or its owner is told."""

from datetime import datetime, timedelta

import pytest

from engine import posts
from engine.moderation import Keyword, KeywordRole, MessageKind
from engine.moderation.repeats import REPEATS_ON
from engine.when import When
from engine.x.errors import AccessTooNarrow
from engine.x.events import Account, Heard
from models import choosing, connecting
from models.accounts.channels import Auth, Channel, OffReason
from models.accounts.tokens import Tokens
from models.control import switching
from models.moderation import judging, lists
from models.notifications.kinds import Expired, WhileOff
from models.notifications.notices import Notice
from models.publishing import holding, kept, placing, saying, taking_back, threads
from models.publishing.kept import Waiting
from models.publishing.tweets import Tweet, TweetStatus
from models.scheduling import planning, schedules
from models.settings import Settings
from models.streaming import messages
from tests.channels import connected
from tests.conftest import NOW
from tests.invented import breaks

ANA = 7
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STATUS = {"queued": TweetStatus.QUEUED, "expired": TweetStatus.EXPIRED, "cancelled": TweetStatus.CANCELLED}


@pytest.fixture
def channel(db: Settings) -> Channel:
    made = connected()
    lists.add(made.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    choosing.choose(made.id, NOW, burst_most=0)
    choosing.flip(made.id, REPEATS_ON, NOW, on=False)
    return Channel.get_by_id(made.id)


def goes_off(channel: Channel, why: OffReason, at: datetime = NOW) -> None:
    if why is OffReason.OWNER:
        assert switching.switch(channel.id, on=False, now=at)
    else:
        assert switching.token_died(channel.id, Channel.get_by_id(channel.id).token_version, "dead", at)


def comes_back(channel: Channel, why: OffReason, at: datetime) -> None:
    if why is OffReason.TOKEN:
        tokens = Tokens(Auth.OAUTH2, "access-2", "refresh-2", expires_at=at + 2 * HOUR)
        connecting.connect_channel(Account(70, "trafico", "Trafico"), ANA, tokens, at)
    else:
        assert switching.switch(channel.id, on=True, now=at)


def written(channel: Channel, text: str = "Vía cerrada", fresh: timedelta = HOUR) -> int:
    return placing.say_now(channel.id, ANA, posts.plain(text), NOW, fresh=fresh).tweet_id


def reposted(channel: Channel) -> int:
    messages.hear({70: channel.id}, [Heard(MessageKind.MENTION, 70, 1, 5, "pepe", "Pepe", "choque", NOW)], NOW)
    rules = judging.load_rules(channel)
    (queued,) = judging.judge([(w, rules, rules.ruleset.read(w.said)) for w in messages.waiting(10)], NOW).queued
    return queued.tweet_id


def status(tweet_id: int) -> TweetStatus:
    return Tweet.get_by_id(tweet_id).status


def told() -> list[WhileOff]:
    return [n.value for n in Notice.select().order_by(Notice.id) if isinstance(n.value, WhileOff)]


@pytest.mark.parametrize("why", [OffReason.OWNER, OffReason.TOKEN])
def test_what_waits_is_said_again_in_time_and_what_is_late_is_told(channel: Channel, why: OffReason) -> None:
    in_time, late, news = written(channel), written(channel, "Ya no", 10 * MINUTE), reposted(channel)
    goes_off(channel, why)
    by_x = why is not OffReason.OWNER
    assert kept.waiting(channel.id, NOW) == Waiting(3 if by_x else 2, NOW + 10 * MINUTE, 0 if by_x else 1)
    at = NOW + 12 * MINUTE
    comes_back(channel, why, at)
    assert (status(in_time), status(late)) == (TweetStatus.QUEUED, TweetStatus.EXPIRED)
    assert status(news) is (TweetStatus.QUEUED if by_x else TweetStatus.CANCELLED), (
        "it is fresh for a quarter of an hour"
    )
    assert told() == [WhileOff(2 if by_x else 1, 1, (late,), 0, at)]
    assert saying.claim(in_time, at) is not None
    assert threads.go_on(late, at), "the button"
    assert status(late) is TweetStatus.QUEUED


def test_news_that_is_too_old_by_then_is_said_in_a_number(channel: Channel) -> None:
    news = reposted(channel)
    goes_off(channel, OffReason.TOKEN)
    comes_back(channel, OffReason.TOKEN, NOW + HOUR)
    assert status(news) is TweetStatus.EXPIRED
    assert told() == [WhileOff(0, 0, (), 1, NOW + HOUR)]


def test_what_falls_due_while_it_is_off_goes_out_in_its_grace_or_is_listed(channel: Channel) -> None:
    wall = datetime(2026, 11, 20, 12, 5)
    for n in range(7):
        when = When(wall + n * timedelta(minutes=10))
        schedules.create(channel.id, ANA, [posts.plain(f"aviso {n}")], when, "es", NOW)
    goes_off(channel, OffReason.OWNER)
    for minute in range(70):
        planning.plan(NOW + minute * MINUTE)
    made = list(Tweet.select().order_by(Tweet.planned_at))
    assert len(made) == 7
    assert {t.status for t in made} == {TweetStatus.CANCELLED}
    at = NOW + 67 * MINUTE
    comes_back(channel, OffReason.OWNER, at)
    graces = [t.id for t in made if t.fresh_until > at]
    late = [t.id for t in made if t.fresh_until <= at]
    assert graces
    assert late
    assert {status(i) for i in graces} == {TweetStatus.QUEUED}
    assert told() == [WhileOff(len(graces), len(late), tuple(late[-5:]), 0, at)]
    for minute in range(67, 75):
        assert not planning.plan(NOW + minute * MINUTE).queued, "each instant once"


def test_it_is_told_once_and_what_was_before_is_not_told_again(channel: Channel) -> None:
    written(channel, "Ya no", MINUTE)
    for n in range(3):
        goes_off(channel, OffReason.OWNER, NOW + n * HOUR)
        comes_back(channel, OffReason.OWNER, NOW + n * HOUR + 10 * MINUTE)
    assert [t.late for t in told()] == [1]


@pytest.mark.parametrize("how", ["off", "access lost", "signed in anew"])
def test_what_a_trouble_made_too_late_is_told_where_its_end_is_not(channel: Channel, how: str) -> None:
    late, waits = written(channel, "Ya no", 10 * MINUTE), written(channel)
    holding.met(channel.id, AccessTooNarrow("no"), NOW)
    assert saying.claim(late, NOW + SECOND) is None
    assert saying.claim(late, NOW + 11 * MINUTE) is None
    assert status(late) is TweetStatus.EXPIRED, "untold: the end of the trouble was to say so"
    assert told() == []
    if how != "signed in anew":
        goes_off(channel, OffReason.OWNER if how == "off" else OffReason.TOKEN, NOW + 12 * MINUTE)
    comes_back(channel, OffReason.OWNER if how == "off" else OffReason.TOKEN, NOW + 13 * MINUTE)
    assert [(t.late, t.tweets) for t in told()] == [(1, (late,))]
    assert status(waits) is TweetStatus.QUEUED


def test_where_nothing_is_left_to_ask_with_the_last_post_that_is_too_late_is_told_at_once(channel: Channel) -> None:
    ids = [written(channel, f"Ya no {n}", 10 * MINUTE) for n in range(3)]
    holding.met(channel.id, AccessTooNarrow("no"), NOW)
    for tweet_id in ids:
        assert saying.claim(tweet_id, NOW + SECOND) is None
    for tweet_id in ids:
        assert saying.claim(tweet_id, NOW + 11 * MINUTE) is None
    assert [n.value for n in Notice.select() if isinstance(n.value, Expired)] == [
        Expired(ids[-1], "narrow", "", NOW + 11 * MINUTE)
    ]


def test_who_signs_in_anew_does_not_wait_for_what_held_the_channel_before(channel: Channel) -> None:
    waits = written(channel)
    for n in range(6):
        holding.met(channel.id, AccessTooNarrow("no"), NOW + n * 10 * MINUTE)
    assert saying.claim(waits, NOW + 50 * MINUTE) is None
    assert Tweet.get_by_id(waits).due_at > NOW + 55 * MINUTE
    comes_back(channel, OffReason.TOKEN, NOW + 51 * MINUTE)
    assert saying.claim(waits, NOW + 51 * MINUTE) is not None


def test_what_waited_is_told_after_weeks_too(channel: Channel) -> None:
    late = written(channel)
    goes_off(channel, OffReason.TOKEN)
    comes_back(channel, OffReason.TOKEN, NOW + 21 * DAY)
    assert [(t.late, t.tweets) for t in told()] == [(1, (late,))]


def test_a_thread_comes_back_whole(channel: Channel) -> None:
    thread = (*posts.plain("uno"), *posts.plain("dos"))
    head = placing.say_now(channel.id, ANA, thread, NOW, fresh=HOUR).tweet_id
    goes_off(channel, OffReason.TOKEN)
    comes_back(channel, OffReason.TOKEN, NOW + MINUTE)
    threads.release(NOW + MINUTE)
    assert [t.status for t in Tweet.select().order_by(Tweet.id)] == [TweetStatus.QUEUED, TweetStatus.WAITING]
    assert saying.claim(head, NOW + MINUTE) is not None


def test_what_was_claimed_as_the_channel_went_off_is_kept_too(channel: Channel) -> None:
    waits = written(channel)
    Channel.update(is_on=False, off_reason=OffReason.OWNER).execute()
    assert saying.claim(waits, NOW) is None
    assert kept.waiting(channel.id, NOW).posts == 1
    comes_back(channel, OffReason.OWNER, NOW + MINUTE)
    assert status(waits) in (TweetStatus.QUEUED, TweetStatus.UNKNOWN)


def test_what_is_kept_can_be_cancelled_and_what_its_schedule_no_longer_says_is_not_said(channel: Channel) -> None:
    waits, news = written(channel), reposted(channel)
    made = schedules.create(channel.id, ANA, [posts.plain("aviso")], When(datetime(2026, 11, 20, 12, 1)), "es", NOW)
    planning.plan(NOW)
    goes_off(channel, OffReason.TOKEN)
    assert kept.waiting(channel.id, NOW).posts == 3
    assert taking_back.unsay(waits, ANA, NOW)
    assert placing.cancel_for_edit(Tweet.get_by_id(news).message_id or 0, NOW)
    schedules.delete(made)
    comes_back(channel, OffReason.TOKEN, NOW + MINUTE)
    assert {t.status for t in Tweet.select()} == {TweetStatus.CANCELLED}
    assert told() == []


def test_the_refresh_token_stays_where_x_gives_none_at_a_new_sign_in(channel: Channel) -> None:
    def connects() -> Channel:
        bare = Tokens(Auth.OAUTH2, "access-2", "", expires_at=NOW + 2 * HOUR)
        return connecting.connect_channel(Account(70, "trafico", "Trafico"), ANA, bare, NOW)

    assert connects().refresh_token == channel.refresh_token
    goes_off(channel, OffReason.TOKEN)
    assert connects().refresh_token == "", "that one is dead"


def test_a_post_that_breaks_keeps_no_other_from_going_on_nor_the_channel_from_being_on(channel: Channel) -> None:
    ids = [written(channel, f"Vía {n} cerrada") for n in range(3)]
    goes_off(channel, OffReason.OWNER)
    with breaks("tweet", "UPDATE", f"OLD.id = {ids[1]} AND NEW.status = 'queued'"):
        comes_back(channel, OffReason.OWNER, NOW + MINUTE)
    assert Channel.get_by_id(channel.id).is_on
    status = {t.id: t.status for t in Tweet.select()}
    assert [status[i] for i in ids] == [TweetStatus.QUEUED, TweetStatus.CANCELLED, TweetStatus.QUEUED]
