"""What follows from each of X's errors for a tweet, an upload and the channel: the whole table, on both databases."""

from datetime import timedelta

import pytest

from engine import posts
from engine.media import MediaKind
from engine.moderation import Form, Keyword, KeywordRole, MessageKind
from engine.moderation.repeats import REPEATS_ON
from engine.x import errors
from engine.x.errors import XError
from engine.x.events import Heard
from models import choosing
from models.accounts.channels import Channel, OffReason
from models.control import switching
from models.moderation import judging, lists
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing import media, placing, saying
from models.publishing.media import Upload
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings
from models.streaming import messages
from tasks import accounts, lanes, publishing, workers
from tasks import media as bringing
from tasks.clock import now
from tests.channels import connected

HOUR = timedelta(hours=1)
PLAIN = {  # what becomes of a written post: status, reason, whether the channel holds
    errors.TokenRevoked: ("queued", "token", False),
    errors.RateLimited: ("queued", "limit", True),
    errors.ChannelDayFull: ("queued", "channel_day", True),
    errors.AppDayFull: ("queued", "day_full", False),  # the day holds it, not the channel
    errors.AccountLocked: ("failed", "locked", False),
    errors.OutOfCredits: ("queued", "credits", True),
    errors.Duplicate: ("failed", "duplicate", False),
    errors.Refused: ("unknown", "refused", False),  # X may have acted in spite of its no: it is read back
    errors.Gone: ("unknown", "gone", False),
    errors.ClientRefused: ("queued", "client", True),
    errors.KeyLost: ("queued", "key", True),
    errors.Forgotten: ("failed", "disconnected", False),
    errors.Unavailable: ("unknown", "no_answer", False),
    errors.Garbled: ("unknown", "no_answer", False),
    errors.NoAnswer: ("unknown", "no_answer", False),
    errors.Unreachable: ("queued", "x_down", False),
}
REPOST = PLAIN | {  # a repost is simply asked again; where X refuses this form, the other is tried
    errors.AccountLocked: ("cancelled", "locked", False),
    errors.AppDayFull: ("queued", "day_full", True),  # posts are counted in the day, not reposts: X counts those too
    errors.Duplicate: ("queued", "refused", False),
    errors.Refused: ("queued", "refused", False),
    errors.Gone: ("failed", "gone", False),
    errors.Unavailable: ("queued", "x_down", False),
    errors.Garbled: ("queued", "x_down", False),
    errors.NoAnswer: ("queued", "x_down", False),
}

UPLOAD = {  # what becomes of an upload and its tweet, at its first try; minutes until the next
    errors.TokenRevoked: ("wanted", "waiting", "", 0),
    errors.RateLimited: ("wanted", "waiting", "", 1),
    errors.ChannelDayFull: ("wanted", "waiting", "", 1),
    errors.AppDayFull: ("wanted", "waiting", "", 5),
    errors.AccountLocked: ("wanted", "cancelled", "locked", 1),
    errors.OutOfCredits: ("wanted", "waiting", "", 5),
    errors.Duplicate: ("failed", "failed", "bad_media", 0),
    errors.Refused: ("failed", "failed", "bad_media", 0),
    errors.Gone: ("wanted", "waiting", "", 0),  # uploads answered so in an outage
    errors.ClientRefused: ("wanted", "waiting", "", 5),
    errors.KeyLost: ("wanted", "waiting", "", 1),
    errors.Forgotten: ("failed", "failed", "bad_media", 0),
    errors.Unavailable: ("wanted", "waiting", "", 0),
    errors.Garbled: ("wanted", "waiting", "", 0),
    errors.NoAnswer: ("wanted", "waiting", "", 0),
    errors.Unreachable: ("wanted", "waiting", "", 0),
}


@pytest.fixture
def channel(db: Settings) -> Channel:
    made = connected(at=now())
    lists.add(made.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    choosing.choose(made.id, now(), burst_most=0)
    choosing.flip(made.id, REPEATS_ON, now(), on=False)
    return Channel.get_by_id(made.id)


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
    assert Tweet.get_by_id(tweet.id).form == (Form.COPY if kind in (errors.Duplicate, errors.Refused) else Form.REPOST)


def test_a_hold_lasts_until_x_says_or_an_hour_where_credits_ran_out(channel: Channel) -> None:
    reset = now() + timedelta(minutes=7)
    publishing._not_said(written(channel), channel, errors.RateLimited("", reset))
    assert Channel.get_by_id(channel.id).hold_until == reset
    Channel.update(hold_until=None).execute()
    before = now()
    publishing._not_said(written(channel), channel, errors.OutOfCredits(""))
    until = Channel.get_by_id(channel.id).hold_until
    assert until is not None
    assert before + HOUR <= until <= now() + HOUR
    assert Notice.select().where(Notice.kind == NoticeKind.ON_HOLD).count() == 2


def test_a_full_day_of_the_app_lasts_until_x_says_and_what_is_written_waits_for_it(channel: Channel) -> None:
    Channel.update(gap_s=0).execute()
    reset = now() + 2 * HOUR
    publishing._not_said(written(channel), channel, errors.AppDayFull("", reset))
    said = Tweet.get()
    assert (said.status, said.due_at, said.counted_at) == (TweetStatus.QUEUED, reset, None)
    publishing._not_said(reposted(channel), channel, errors.AppDayFull("", reset))
    assert Channel.get_by_id(channel.id).hold_until == reset


def test_a_locked_account_stops_its_channel_and_its_owner_is_told_once(channel: Channel) -> None:
    Channel.update(gap_s=0).execute()
    first, second, news = written(channel), written(channel), reposted(channel)
    waits = placing.say_now(channel.id, 7, posts.plain("Otra cosa"), now(), fresh=HOUR)
    for tweet in (first, second, news):
        publishing._not_said(tweet, channel, errors.AccountLocked("this account is temporarily locked"))
    again = Channel.get_by_id(channel.id)
    assert (again.is_on, again.off_reason) == (False, OffReason.LOCKED)
    assert became(Tweet.get_by_id(waits.tweet_id), channel)[:2] == ("cancelled", "locked")
    kinds = [n.kind for n in Notice.select().order_by(Notice.id)]
    assert kinds == [NoticeKind.LOCKED, NoticeKind.FAILED, NoticeKind.FAILED], "what a person wrote is told too"
    assert switching.switch(channel.id, on=True, now=now())
    assert written(channel).status is TweetStatus.SENDING


def test_a_full_day_of_an_account_is_its_own(channel: Channel) -> None:
    other = connected(71, "lluvia", at=now())
    reset = now() + 2 * HOUR
    publishing._not_said(written(channel), channel, errors.ChannelDayFull("", reset))
    assert Channel.get_by_id(channel.id).hold_until == reset
    assert written(other).status is TweetStatus.SENDING


def test_what_x_has_already_is_read_back_where_we_may_have_said_it(channel: Channel) -> None:
    tweet = written(channel)
    saying.retry(tweet, now() - HOUR, "x_down")
    again = taken(tweet.id)
    assert again.attempts == 2
    publishing._not_said(again, channel, errors.Duplicate("duplicate content"))
    assert became(tweet, channel) == ("unknown", "duplicate", False)


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
