"""Bringing media to X: what X says of a file ends the asking, what passes is tried again, and all of it has an end."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from huey.consumer import Consumer

from engine import posts
from engine.media import MediaKind
from engine.x.client import XClient, XSession
from engine.x.errors import Refused, Unavailable, XError
from models.accounts import troubles
from models.accounts.channels import Channel
from models.accounts.troubles import Trouble
from models.database import rest
from models.notifications.notices import Notice
from models.publishing import holding, media, placing
from models.publishing.media import Upload, UploadStatus
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings, settings
from sandbox.app import Sandbox
from tasks import accounts
from tasks import media as bringing
from tasks.clock import now
from tasks.queues import publishing
from tests.tasks.nearby_x import nearby_x, sign_in

ALT = "una plaza vacía"


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with nearby_x(monkeypatch) as sandbox:
        monkeypatch.setattr(accounts._local, "session", XSession(settings().x_api_url, before_call=rest), raising=False)
        yield sandbox


@pytest.fixture
def channel(x: Sandbox) -> Channel:
    return sign_in(x, "TraficoValle", scopes="media.write")


def shown(channel: Channel, kind: MediaKind = MediaKind.VIDEO, alt: str = "") -> Tweet:
    """A tweet that waits for what it shows."""
    kept = media.keep(channel.id, kind, "video/mp4" if kind is MediaKind.VIDEO else "image/png", b"0123456789", now())
    thread = (posts.Post("la plaza", (posts.Attachment(kept, kind, alt),)),)
    placing.say_now(channel.id, 7, thread, now(), fresh=timedelta(hours=1))
    return Tweet.select().order_by(Tweet.id.desc()).get()


def upload() -> Upload:
    return Upload.get()


def again() -> None:
    """The time goes by until it is looked at again."""
    Upload.update(due_at=now()).execute()
    bringing.upload(upload().id)


def waited(span: timedelta) -> None:
    """So much more time has gone by since X was first waited for."""
    Upload.update(asked_since=now() - span).execute()


def test_an_upload_that_the_end_of_the_process_meets_is_given_back(
    db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nearby_x(monkeypatch) as sandbox:
        channel = sign_in(sandbox, "TraficoValle", scopes="media.write")
        kept = media.keep(channel.id, MediaKind.PHOTO, "image/png", b"0123456789", now())
        thread = (posts.Post("la plaza", (posts.Attachment(kept, MediaKind.PHOTO, ""),)),)
        placing.say_now(channel.id, 7, thread, now(), fresh=timedelta(hours=1))
        (upload_id,) = media.due(now())
        monkeypatch.setattr(accounts._local, "session", XSession(settings().x_api_url, before_call=rest), raising=False)
        with monkeypatch.context() as ending:
            ending.setattr(publishing, "consumer", Consumer(publishing, workers=1, periodic=False))
            assert publishing.consumer is not None
            publishing.consumer.stop_flag.set()
            bringing.upload(upload_id)
        given_back = Upload.get_by_id(upload_id)
        assert (given_back.status, given_back.attempts, media.due(now())) == (UploadStatus.WANTED, 0, [upload_id])
        bringing.upload(upload_id)
        assert Upload.get_by_id(upload_id).status == UploadStatus.READY


# --- what X says of a file ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [MediaKind.VIDEO, MediaKind.PHOTO])
@pytest.mark.parametrize("answer", ["error", "error at work"])
def test_an_error_of_x_s_work_ends_the_asking_with_x_s_own_sentence(
    x: Sandbox, channel: Channel, kind: MediaKind, answer: str
) -> None:
    tweet = shown(channel, kind)
    x.faults.set("media_fails", 1.0, answer=answer)
    again()
    said = Tweet.get_by_id(tweet.id)
    assert (said.status, said.reason) == (TweetStatus.FAILED, "bad_media")
    assert said.detail == "file is currently unsupported"
    assert (upload().status, media.due(now() + timedelta(days=9))) == (UploadStatus.FAILED, [])


@pytest.mark.parametrize("after", ["1", "0", "-5", "1000000000", "soon", "none"])
def test_x_is_asked_again_after_a_bounded_while_and_not_for_ever(x: Sandbox, channel: Channel, after: str) -> None:
    tweet = shown(channel)
    x.faults.set("media_at_work", 1.0, answer=after)
    again()
    assert upload().status is UploadStatus.PROCESSING
    for minutes, least, most in ((0, 0.5, 61), (5, 29, 61), (20, 55, 61)):
        waited(timedelta(minutes=minutes))
        again()
        assert least <= (upload().due_at - now()).total_seconds() <= most
    waited(timedelta(minutes=31))
    again()
    said = Tweet.get_by_id(tweet.id)
    assert (said.status, said.reason, upload().status) == (TweetStatus.FAILED, "media_late", UploadStatus.FAILED)


def test_a_file_that_x_works_on_is_ready_when_it_says_so(x: Sandbox, channel: Channel) -> None:
    tweet = shown(channel, alt=ALT)
    again()
    assert upload().status is UploadStatus.PROCESSING
    for item in x.world.uploads.items.values():
        item.ready_at = 0
    again()
    assert (upload().status, Tweet.get_by_id(tweet.id).status) == (UploadStatus.READY, TweetStatus.QUEUED)
    assert [i.alt for i in x.world.uploads.items.values()] == [ALT]


# --- what passes ----------------------------------------------------------------------------------------------------


def test_a_404_of_uploads_is_an_outage_with_growing_pauses_and_an_end(x: Sandbox, channel: Channel) -> None:
    tweet = shown(channel, MediaKind.PHOTO)
    x.faults.set("media_404", 1.0)
    pauses = []
    for tried in range(0, media.MAX_ATTEMPTS - 1, 2):
        Upload.update(attempts=tried).execute()
        again()
        pauses.append(round((upload().due_at - now()).total_seconds()))
    assert pauses == sorted(pauses)
    assert pauses[0] <= 2
    assert pauses[-1] == 300
    assert 1800 < sum(pauses) < 2 * 3600
    assert Tweet.get_by_id(tweet.id).status is TweetStatus.WAITING
    x.faults.set("media_404", 0)
    again()
    assert (upload().status, Tweet.get_by_id(tweet.id).status) == (UploadStatus.READY, TweetStatus.QUEUED)


def test_an_outage_of_uploads_that_does_not_end_is_told_as_one(x: Sandbox, channel: Channel) -> None:
    tweet = shown(channel, MediaKind.PHOTO)
    x.faults.set("media_404", 1.0)
    Upload.update(attempts=media.MAX_ATTEMPTS - 1).execute()
    again()
    said = Tweet.get_by_id(tweet.id)
    assert (said.status, said.reason) == (TweetStatus.FAILED, "x_down")


def told() -> list[str]:
    return [notice.kind.value for notice in Notice.select().order_by(Notice.id)]


def test_an_outage_of_uploads_is_told_once_and_once_when_it_is_over(x: Sandbox, channel: Channel) -> None:
    shown(channel, MediaKind.PHOTO)
    x.faults.set("media_404", 1.0)
    again()
    assert told() == [], "it may be over in a moment"
    Trouble.update(since=now() - timedelta(minutes=4)).execute()
    for _ in range(3):
        again()
    assert told() == ["troubled"]
    x.faults.set("media_404", 0)
    again()
    assert told() == ["troubled", "trouble_over"]


def test_a_locked_account_s_photos_are_left_alone_ever_longer_and_told_as_one(x: Sandbox, channel: Channel) -> None:
    tweets = [shown(channel, MediaKind.PHOTO) for _ in range(4)]
    x.faults.set("refuse_before", 1.0, answer="locked", on=["upload"])
    for _ in range(5):
        Channel.update(hold_until=now()).execute()
        for one in Upload.select():
            Upload.update(due_at=now()).where(Upload.id == one.id).execute()
            bringing.upload(one.id)
    assert Channel.get_by_id(channel.id).holds_in_a_row == 5, "one asks for all"
    ends = {u.due_at for u in Upload.select()}
    assert {u.attempts for u in Upload.select()} == {0}
    assert all(120 < (end - now()).total_seconds() <= 240 for end in ends)
    assert told() == ["troubled"]
    holding.give_up_waiting(now() + timedelta(hours=2))
    assert {t.status for t in Tweet.select()} == {TweetStatus.EXPIRED}
    assert told() == ["troubled", "expired"], "all are told with its end, and the last at once: it may be far away"
    (trouble,) = troubles.of_channel(channel.id)
    assert holding.late(channel.id, troubles.Kind.LOCKED, trouble.since) == tweets


def test_a_pause_of_uploads_that_names_no_end_grows_and_is_told(x: Sandbox, channel: Channel) -> None:
    shown(channel, MediaKind.PHOTO)
    x.faults.set("limit_429", 1.0, seconds=0.0, on=["upload"])
    waits = []
    for _ in range(3):
        again()
        waits.append(round((upload().due_at - now()).total_seconds() / 60))
    assert waits == [1, 2, 3]
    Trouble.update(since=now() - timedelta(minutes=4)).execute()
    again()
    assert told() == ["troubled"]


def test_who_gives_up_in_an_outage_does_not_tell_that_it_is_over(x: Sandbox, channel: Channel) -> None:
    tweet = shown(channel, MediaKind.PHOTO)
    x.faults.set("media_404", 1.0)
    again()
    Trouble.update(since=now() - timedelta(minutes=4)).execute()
    again()
    Tweet.update(status=TweetStatus.CANCELLED).where(Tweet.id == tweet.id).execute()
    again()
    assert troubles.one(channel.id, troubles.Kind.UPLOADS) is None
    troubles.sweep(now() + timedelta(hours=1))
    assert told() == ["troubled"]


def test_a_file_that_x_has_lost_while_it_worked_on_it_is_brought_anew(x: Sandbox, channel: Channel) -> None:
    shown(channel)
    again()
    lost = upload().x_media_id
    assert lost is not None
    del x.world.uploads.items[lost]
    again()
    assert (upload().status, upload().x_media_id) == (UploadStatus.WANTED, None)
    again()
    assert upload().x_media_id not in (None, lost)


def test_what_x_has_forgotten_is_brought_there_as_something_new(x: Sandbox, channel: Channel) -> None:
    tweet = shown(channel, MediaKind.PHOTO, ALT)
    again()
    first = upload().x_media_id
    Tweet.update(status=TweetStatus.WAITING).execute()
    media.want_again([tweet.id], now())
    assert (upload().status, upload().x_media_id, upload().expires_at) == (UploadStatus.WANTED, None, None)
    again()
    assert upload().status is UploadStatus.READY
    assert upload().x_media_id not in (None, first)


# --- what is to be seen ---------------------------------------------------------------------------------------------


def test_a_description_that_x_refuses_never_loses_the_post(x: Sandbox, channel: Channel) -> None:
    tweet = shown(channel, MediaKind.PHOTO, ALT)
    x.faults.set("alt_refused", 1.0)
    again()
    assert (upload().status, Tweet.get_by_id(tweet.id).status) == (UploadStatus.READY, TweetStatus.QUEUED)
    assert media.undescribed([tweet.id]) == 1
    assert len(x.world.uploads.items) == 1


def test_a_description_that_x_may_take_later_is_told_later_and_the_file_is_not_brought_again(
    x: Sandbox, channel: Channel
) -> None:
    tweet = shown(channel, MediaKind.PHOTO, ALT)
    bringing.upload(upload().id)
    assert upload().status is UploadStatus.READY
    Tweet.update(status=TweetStatus.WAITING).execute()
    at_x = upload().x_media_id
    Upload.update(status=UploadStatus.PROCESSING, asked_since=now()).execute()
    x.faults.set("error_5xx", 1.0)
    again()
    assert (upload().status, upload().x_media_id) == (UploadStatus.PROCESSING, at_x)
    assert (upload().due_at - now()).total_seconds() < 60
    waited(timedelta(minutes=3))
    again()
    assert (upload().status, Tweet.get_by_id(tweet.id).status) == (UploadStatus.READY, TweetStatus.QUEUED)
    assert (media.undescribed([tweet.id]), len(x.world.uploads.items)) == (1, 1)


@pytest.mark.parametrize("error", [Unavailable("it gave no answer"), Refused("not a picture")])
def test_who_was_thought_dead_gives_up_nothing_that_another_brings(
    x: Sandbox, channel: Channel, monkeypatch: pytest.MonkeyPatch, error: XError
) -> None:
    tweet = shown(channel)

    def takes_longer_than_its_claim(*_: object) -> None:
        assert media.claim(upload().id, now() + media.CLAIM) is not None  # somebody else has it by now
        raise error

    with monkeypatch.context() as slow:
        slow.setattr(XClient, "finish_upload", takes_longer_than_its_claim)
        again()
    assert Tweet.get_by_id(tweet.id).status is TweetStatus.WAITING
    assert upload().status is UploadStatus.UPLOADING
