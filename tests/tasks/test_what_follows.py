"""What follows from each of X's errors for a tweet, an upload and the channel: the whole table, on both databases."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from engine import posts
from engine.media import MediaKind
from engine.moderation import Form, Keyword, KeywordRole, MessageKind
from engine.moderation.repeats import REPEATS_ON
from engine.x import errors
from engine.x.errors import Fault, XError
from engine.x.events import Heard
from models import choosing
from models.accounts import troubles
from models.accounts.channels import Channel
from models.moderation import judging, lists
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing import holding, media, placing, saying, settling, threads
from models.publishing.holding import Outage
from models.publishing.media import Upload
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings
from models.streaming import messages
from tasks import accounts, lanes, publishing, workers
from tasks import media as bringing
from tasks.clock import now
from tests.channels import connected
from tests.once import once

HOUR = timedelta(hours=1)
PLAIN = {  # what becomes of a written post: status, reason, whether the channel holds
    errors.TokenRevoked: ("unknown", "token", False),  # whatever X says, it may have acted: it is read back
    errors.RateLimited: ("unknown", "limit", True),
    errors.ChannelDayFull: ("unknown", "channel_day", True),
    errors.AppDayFull: ("unknown", "day_full", False),  # the day holds it, not the channel
    errors.AccountLocked: ("unknown", "locked", True),
    errors.TakenForAutomated: ("unknown", "automated", True),
    errors.AccessTooNarrow: ("unknown", "narrow", True),
    errors.AppStopped: ("unknown", "app_stopped", True),
    errors.OutOfCredits: ("unknown", "credits", True),
    errors.OverBudget: ("queued", "budget", False),  # X was not asked
    errors.Duplicate: ("unknown", "duplicate", False),
    errors.Refused: ("unknown", "refused", False),
    errors.MediaGone: ("unknown", "media_gone", False),
    errors.NoRoom: ("unknown", "no_room", False),  # said of subscriptions alone
    errors.Gone: ("unknown", "gone", False),
    errors.ClientRefused: ("queued", "client", True),
    errors.KeyLost: ("queued", "key", True),  # X was not asked
    errors.Forgotten: ("failed", "disconnected", False),
    errors.Unavailable: ("unknown", "x_down", False),
    errors.Garbled: ("unknown", "x_down", False),
    errors.NoAnswer: ("unknown", "x_down", False),
    errors.Unreachable: ("queued", "x_down", False),
}
REPOST = PLAIN | {
    errors.AppDayFull: ("unknown", "day_full", True),  # posts are counted in the day, not reposts: X counts those too
}

UPLOAD = {  # what becomes of an upload and its tweet, at its first try; minutes until the next
    errors.TokenRevoked: ("wanted", "waiting", "", 0),
    errors.RateLimited: ("wanted", "waiting", "", 1),
    errors.ChannelDayFull: ("wanted", "waiting", "", 1),
    errors.AppDayFull: ("wanted", "waiting", "", 5),
    errors.AccountLocked: ("wanted", "waiting", "", 0.25),
    errors.TakenForAutomated: ("wanted", "waiting", "", 5),
    errors.AccessTooNarrow: ("failed", "failed", "media_scope", 0),
    errors.AppStopped: ("wanted", "waiting", "", 0.25),
    errors.OutOfCredits: ("wanted", "waiting", "", 0.25),
    errors.OverBudget: ("wanted", "waiting", "", 0),
    errors.Duplicate: ("failed", "failed", "bad_media", 0),
    errors.Refused: ("failed", "failed", "bad_media", 0),
    errors.NoRoom: ("failed", "failed", "bad_media", 0),
    errors.Gone: ("wanted", "waiting", "", 0),  # uploads answered so in an outage
    errors.ClientRefused: ("wanted", "waiting", "", 5),
    errors.MediaGone: ("wanted", "waiting", "", 0),
    errors.KeyLost: ("wanted", "waiting", "", 0.25),
    errors.Forgotten: ("failed", "failed", "bad_media", 0),
    errors.Unavailable: ("wanted", "waiting", "", 0),
    errors.Garbled: ("wanted", "waiting", "", 0),
    errors.NoAnswer: ("wanted", "waiting", "", 0),
    errors.Unreachable: ("wanted", "waiting", "", 0),
}


@pytest.fixture
def channel(db: Settings) -> Channel:
    return Channel.get_by_id(once(db, "a channel that meets X's errors", made))


def made() -> int:
    """A channel that says whatever it is told to; its id."""
    channel = connected(at=now())
    lists.add(channel.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    choosing.choose(channel.id, now(), burst_most=0)
    choosing.flip(channel.id, REPEATS_ON, now(), on=False)
    return channel.id


def written(channel: Channel) -> Tweet:
    """A post by hand on its way to X; it stays fresh for half a day."""
    queued = placing.say_now(channel.id, 7, posts.plain("Vía cerrada"), now(), fresh=12 * HOUR)
    return taken(queued.tweet_id)


def reposted(channel: Channel) -> Tweet:
    """A mention on its way to be retweeted, fresh for half a day."""
    Channel.update(fresh_s=12 * 3600).where(Channel.id == channel.id).execute()
    rules = judging.load_rules(Channel.get_by_id(channel.id))
    heard = Heard(MessageKind.MENTION, 70, 1, 5, "pepe", "Pepe", "choque", now())
    messages.hear({70: channel.id}, [heard], now())
    waiting = [(w, rules, rules.ruleset.read(w.said)) for w in messages.waiting(10)]
    (queued,) = judging.judge(waiting, now()).queued
    return taken(queued.tweet_id)


def photographed(channel: Channel) -> tuple[Tweet, Upload]:
    """A post with a photo that is being brought to X."""
    kept = media.keep(channel.id, MediaKind.PHOTO, "image/png", b"0123456789", now())
    thread = (posts.Post("la plaza", (posts.Attachment(kept, MediaKind.PHOTO, "una plaza"),)),)
    tweet_id = placing.say_now(channel.id, 7, thread, now(), fresh=12 * HOUR).tweet_id
    return Tweet.get_by_id(tweet_id), begun(media.due(now())[0])


def begun(upload_id: int) -> Upload:
    claimed = media.claim(upload_id, now() + HOUR)
    assert claimed is not None
    return claimed


def taken(tweet_id: int) -> Tweet:
    claimed = saying.claim(tweet_id, now())
    assert claimed is not None
    return claimed[0]


def became(tweet: Tweet, channel: Channel) -> tuple[str, str, bool]:
    again = Tweet.get_by_id(tweet.id)
    hold = Channel.get_by_id(channel.id).hold_until
    return str(again.status), again.reason, hold is not None and hold > now()


def test_what_holds_is_told_as_a_trouble_of_its_own() -> None:
    ours = {errors.OverBudget.reason}  # told with the budget
    held = {kind.reason for kind in PLAIN if kind().holds or kind.fault is Fault.WAY}
    assert held - ours <= set(troubles.Kind)


def test_a_refusal_of_one_post_shows_that_x_takes_posts_again(channel: Channel) -> None:
    Channel.update(gap_s=0).execute()
    publishing._not_said(written(channel), channel, errors.AccountLocked("this account is temporarily locked"))
    is_over(channel)
    tweet = written(channel)
    assert saying.claim(placing.say_now(channel.id, 7, posts.plain("Otra"), now(), fresh=HOUR).tweet_id, now()) is None
    publishing._not_said(tweet, channel, errors.Refused("You are not permitted to perform this action."))
    assert Channel.get_by_id(channel.id).held_for == ""
    assert told(channel) == [NoticeKind.TROUBLED, NoticeKind.TROUBLE_OVER]


def test_any_answer_may_say_that_a_day_is_over(channel: Channel) -> None:
    reset = now() + 9 * HOUR
    error = errors.Refused("no")
    error.day_over = errors.ChannelDayFull("", reset)
    publishing._not_said(written(channel), channel, error)
    assert Channel.get_by_id(channel.id).hold_until == reset


def test_the_tables_are_whole() -> None:
    assert set(PLAIN) == set(REPOST) == set(UPLOAD) == set(XError.__subclasses__())


@pytest.mark.parametrize("kind", PLAIN)
def test_what_becomes_of_a_post(channel: Channel, kind: type[XError]) -> None:
    tweet = written(channel)
    assert tweet.form == Form.COPY
    publishing._not_said(tweet, channel, kind("why"))
    assert became(tweet, channel) == PLAIN[kind]


@pytest.mark.parametrize("kind", REPOST)
def test_what_becomes_of_a_repost(channel: Channel, kind: type[XError]) -> None:
    tweet = reposted(channel)
    assert tweet.form == Form.REPOST
    publishing._not_said(tweet, channel, kind("why"))
    assert became(tweet, channel) == REPOST[kind]
    assert Tweet.get_by_id(tweet.id).form == Form.REPOST, "X is read before the other form is tried"


def held(channel: Channel, after: datetime) -> timedelta:
    until = Channel.get_by_id(channel.id).hold_until
    assert until is not None
    return until - after


def told(channel: Channel) -> list[NoticeKind]:
    return [n.kind for n in Notice.select().where(Notice.channel_id == channel.id).order_by(Notice.id)]


def is_over(channel: Channel) -> None:
    """The hold has passed, and what was put off is due."""
    Channel.update(hold_until=now()).where(Channel.hold_until.is_null(False)).execute()
    Outage.update(until=now()).execute()
    Tweet.update(due_at=now()).where(Tweet.status == TweetStatus.QUEUED).execute()


def test_a_hold_lasts_as_long_as_x_says_the_first_time_and_then_no_less_than_we_would_wait(channel: Channel) -> None:
    Channel.update(gap_s=0).execute()
    at = now()
    publishing._not_said(written(channel), channel, errors.RateLimited("", at + timedelta(minutes=7)))
    assert held(channel, at) == timedelta(minutes=7)
    lasted = []
    for until in (at + timedelta(seconds=60), at - HOUR, datetime(9999, 1, 1, tzinfo=UTC), None):
        is_over(channel)
        before = now()
        publishing._not_said(written(channel), channel, errors.RateLimited("", until))
        lasted.append(held(channel, before) // timedelta(minutes=1))
    assert lasted == [5, 15, 20, 25], "a minute, the past, the end of time, nothing at all"
    assert told(channel) == [NoticeKind.TROUBLED], "and its owner is told once"


def test_a_full_day_of_the_app_lasts_until_x_says_and_what_is_written_waits_for_it(channel: Channel) -> None:
    Channel.update(gap_s=0).execute()
    reset = now() + 2 * HOUR
    tweet, waits = written(channel), placing.say_now(channel.id, 7, posts.plain("Otra"), now(), fresh=12 * HOUR)
    publishing._not_said(tweet, channel, errors.AppDayFull("", reset))
    assert saying.claim(waits.tweet_id, now()) is None
    said = Tweet.get_by_id(waits.tweet_id)
    assert (said.status, said.due_at, said.counted_at) == (TweetStatus.QUEUED, reset, None)
    assert told(channel) == [NoticeKind.TROUBLED]
    publishing._not_said(reposted(channel), channel, errors.AppDayFull("", reset))
    assert Channel.get_by_id(channel.id).hold_until == reset


TROUBLES = [
    errors.AccountLocked, errors.TakenForAutomated, errors.AccessTooNarrow, errors.AppStopped, errors.OutOfCredits,
    errors.ChannelDayFull, errors.RateLimited, errors.Unavailable,
]  # fmt: skip


@pytest.mark.parametrize("kind", TROUBLES)
def test_a_channel_s_trouble_is_met_by_one_post_after_growing_pauses_and_told_once(
    channel: Channel, kind: type[XError]
) -> None:
    Channel.update(gap_s=0).execute()
    ids = [
        placing.say_now(channel.id, 7, posts.plain(f"aviso {n}"), now(), fresh=12 * HOUR).tweet_id for n in range(12)
    ]
    asked, pauses = 0, []
    for _ in range(7):
        is_over(channel)
        before = now()
        for tweet_id in ids:
            claimed = saying.claim(tweet_id, now())
            if claimed is None:
                continue
            asked += 1
            publishing._not_said(claimed[0], channel, kind("X's own words"))
            Tweet.update(claimed_until=now()).where(Tweet.id == tweet_id).execute()
            doubtful = settling.claim(tweet_id, now())
            assert doubtful is not None
            settling.requeue_unsaid(doubtful[0], now())
        pauses.append(held(channel, before))
    of_way = kind.fault is Fault.WAY
    assert asked == (holding.PATIENCE + 6 if of_way else 7), "one at a time"
    assert all(b > a for a, b in pairwise(pauses)) or pauses[-1] == timedelta(hours=1)
    troubles.sweep(now() + timedelta(minutes=4))
    assert told(channel) == [NoticeKind.TROUBLED], "once, and nothing of the twelve"
    assert {t.status for t in Tweet.select()} == {TweetStatus.QUEUED}, "what waits is kept"
    is_over(channel)
    for tweet_id in ids:
        if (claimed := saying.claim(tweet_id, now())) is not None:
            saying.sent(claimed[0], 900 + tweet_id, now())
    assert Tweet.select().where(Tweet.status == TweetStatus.SENT).count() == 12, "the first has freed the others"
    after = Channel.get_by_id(channel.id)
    assert (after.hold_until, after.held_for, after.holds_in_a_row, after.is_on) == (None, "", 0, True)
    assert told(channel).count(NoticeKind.TROUBLE_OVER) == 1
    assert told(channel).count(NoticeKind.TROUBLED) == 1


def test_what_a_trouble_made_too_late_is_told_with_its_end_and_can_be_said_then(channel: Channel) -> None:
    Channel.update(gap_s=0).execute()
    late = [placing.say_now(channel.id, 7, posts.plain(f"tarde {n}"), now(), fresh=HOUR).tweet_id for n in range(3)]
    lasting = placing.say_now(channel.id, 7, posts.plain("dura"), now(), fresh=12 * HOUR).tweet_id
    first = taken(lasting)
    publishing._not_said(first, channel, errors.AccountLocked("this account is temporarily locked"))
    assert [saying.claim(i, now()) for i in late] == [None] * 3
    troubles.Trouble.update(since=now() - HOUR).execute()
    Tweet.update(fresh_until=now() - timedelta(seconds=1)).where(Tweet.id.in_(late)).execute()
    assert saying.claim(late[0], now() + HOUR) is None, "one comes to its end while it goes on"
    is_over(channel)
    doubtful = settling.claim(lasting, now() + HOUR)
    assert doubtful is not None
    settling.requeue_unsaid(doubtful[0], now())
    again = saying.claim(lasting, now())
    assert again is not None
    assert saying.sent(again[0], 900, now())
    assert [Tweet.get_by_id(i).status for i in late] == [TweetStatus.EXPIRED] * 3
    assert told(channel) == [NoticeKind.TROUBLED, NoticeKind.TROUBLE_OVER, NoticeKind.SAID]
    assert [t.id for t in holding.late(channel.id, troubles.Kind.LOCKED, now() - HOUR)] == late
    assert threads.go_on(late[0], now())


def test_what_holds_up_several_channels_holds_all_and_one_post_of_any_asks(channel: Channel) -> None:
    others = [connected(80 + n, f"canal{n}", at=now()) for n in range(4)]
    Channel.update(gap_s=0).execute()
    for one in others[:3]:
        for n in range(holding.PATIENCE):
            tweet = taken(placing.say_now(one.id, 7, posts.plain(f"uno {n}"), now(), fresh=HOUR).tweet_id)
            publishing._not_said(tweet, one, errors.Unavailable("HTTP 503"))
    waits = [placing.say_now(c.id, 7, posts.plain("otra"), now(), fresh=HOUR).tweet_id for c in (others[3], channel)]
    assert [saying.claim(i, now()) for i in waits] == [None, None], "their channels have met nothing"
    is_over(channel)
    claimed = [saying.claim(i, now()) for i in waits]
    assert [c is not None for c in claimed] == [True, False], "one asks"
    assert claimed[0] is not None
    assert saying.sent(claimed[0][0], 900, now())
    assert Tweet.get_by_id(waits[1]).due_at <= now()
    assert saying.claim(waits[1], now()) is not None
    assert Channel.select().where(Channel.held_for != "").count() == 0


def test_what_was_on_its_way_before_a_hold_does_not_end_it(channel: Channel) -> None:
    Channel.update(gap_s=0).execute()
    early, refused = written(channel), written(channel)
    publishing._not_said(refused, channel, errors.AccountLocked("this account is temporarily locked"))
    assert saying.sent(early, 900, now())
    assert Channel.get_by_id(channel.id).held_for == "locked"


def test_a_day_that_is_over_with_a_good_answer_is_not_asked_for_more(channel: Channel) -> None:
    Channel.update(gap_s=0).execute()
    tweet, reset = written(channel), now() + 9 * HOUR
    assert saying.sent(tweet, 900, now())
    publishing._hold(tweet, channel, errors.ChannelDayFull("", reset), asked=True)
    assert Channel.get_by_id(channel.id).hold_until == reset
    waits = placing.say_now(channel.id, 7, posts.plain("Otra"), now(), fresh=12 * HOUR)
    assert saying.claim(waits.tweet_id, now()) is None
    assert told(channel) == [NoticeKind.SAID, NoticeKind.TROUBLED]


def test_what_x_says_on_the_way_to_a_post_is_no_word_about_it(channel: Channel) -> None:
    Channel.update(gap_s=0).execute()
    for kind in (errors.Refused, errors.Gone, errors.Duplicate, errors.RateLimited, errors.ChannelDayFull):
        tweet = written(channel)
        publishing._not_said(tweet, channel, kind("why"), asked=False)
        assert became(tweet, channel)[::2] == ("queued", False)


def test_a_full_day_of_an_account_is_its_own(channel: Channel) -> None:
    other = connected(71, "lluvia", at=now())
    reset = now() + 2 * HOUR
    publishing._not_said(written(channel), channel, errors.ChannelDayFull("", reset))
    assert Channel.get_by_id(channel.id).hold_until == reset
    assert written(other).status is TweetStatus.SENDING


@pytest.mark.parametrize("kind", UPLOAD)
def test_what_becomes_of_an_upload(channel: Channel, kind: type[XError]) -> None:
    tweet, upload = photographed(channel)
    before = now()
    bringing._not_brought(upload, channel, kind("why"))
    again, said = Upload.get_by_id(upload.id), Tweet.get_by_id(tweet.id)
    status, becomes, reason, minutes = UPLOAD[kind]
    assert (str(again.status), str(said.status), said.reason) == (status, becomes, reason)
    if status == "wanted":
        wait = again.due_at - before
        assert timedelta(minutes=minutes) <= wait < timedelta(minutes=minutes, seconds=30)


@pytest.mark.parametrize("kind", [errors.NoAnswer, errors.TokenRevoked, errors.RateLimited])
def test_tries_of_an_upload_are_counted_unless_x_wants_a_pause(channel: Channel, kind: type[XError]) -> None:
    tweet, upload = photographed(channel)
    for _ in range(media.MAX_ATTEMPTS - 1):
        bringing._not_brought(upload, channel, kind("why"))
        upload = begun(upload.id)
    assert str(Tweet.get_by_id(tweet.id).status) == "waiting"
    bringing._not_brought(upload, channel, kind("why"))
    said = Tweet.get_by_id(tweet.id)
    expected = ("waiting", "") if kind is errors.RateLimited else ("failed", kind.reason)
    assert (str(said.status), said.reason) == expected


@pytest.mark.parametrize("kind", PLAIN)
def test_only_a_401_touches_the_token(channel: Channel, kind: type[XError]) -> None:
    accounts.heed(channel, kind("why"))
    again = Channel.get_by_id(channel.id)
    assert again.token_expires_at is not None
    assert (again.token_expires_at <= now()) is (kind is errors.TokenRevoked)
    assert again.connected


def test_uploads_of_a_channel_that_has_its_share_stand_in_nobody_s_way(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(bringing.upload, "ring_once", lambda _within, item: rung.append(item))
    monkeypatch.setattr(bringing.upload, "ring_for", lambda _within, items: rung.extend(items))
    photographed(channel)
    Upload.update(due_at=now()).execute()
    slow = lanes.Lanes(1)
    monkeypatch.setattr(lanes, "UPLOADS", slow)
    workers.look_for_calls(now())
    assert len(rung) == 1
    with slow.of(channel.id, bringing.upload, 1), slow.of(channel.id, bringing.upload, 2):
        workers.look_for_calls(now())
    assert rung[1:] == [2], "it waited for its lane; the clock looked for none"
