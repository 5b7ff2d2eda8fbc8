"""Threads and what they show: said in their order, each once, and never half and silent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine import posts
from engine.media import MediaKind
from engine.posts import Attachment, Post, Thread
from engine.when import understand
from models.accounts.channels import Channel
from models.notifications import notices as notifications
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing import forgetting, holding, media, placing, saying, settling, taking_back, threads
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.scheduling import forgetting as of_schedules
from models.scheduling import planning, schedules
from models.settings import Settings
from tests.channels import connected
from tests.conftest import NOW
from tests.models.test_scheduling import again, together

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
THREE: Thread = (Post("uno"), Post("dos"), Post("tres"))


@pytest.fixture
def channel(db: Settings) -> Channel:
    return connected(scopes="media.write")


def said(channel: Channel, thread: Thread = THREE) -> int:
    return placing.say_now(channel.id, 7, thread, NOW, fresh=15 * MINUTE).tweet_id


def statuses() -> list[TweetStatus]:
    return [t.status for t in Tweet.select().order_by(Tweet.id)]


def say(tweet_id: int, x_id: int) -> Tweet:
    claimed = saying.claim(tweet_id, NOW + SECOND)
    assert claimed is not None
    assert saying.sent(claimed[0], x_id, NOW + SECOND)
    return Tweet.get_by_id(tweet_id)


def notices() -> list[NoticeKind]:
    return [n.kind for n in Notice.select().order_by(Notice.id)]


def photo(channel: Channel, text: str = "") -> Post:
    kept = media.keep(channel.id, MediaKind.PHOTO, "image/png", b"0123456789", NOW)
    return Post(text, (Attachment(kept, MediaKind.PHOTO, "una plaza"),))


def bring(upload_id: int) -> None:
    taken = media.claim(upload_id, NOW)
    assert taken is not None
    assert media.ready(taken, 900 + upload_id, f"3_{upload_id}", NOW + DAY)


def test_each_post_waits_for_the_one_before_it_and_the_owner_is_told_once(channel: Channel) -> None:
    head = said(channel)
    assert statuses() == [TweetStatus.QUEUED, TweetStatus.WAITING, TweetStatus.WAITING]
    assert saying.claim(head + 1, NOW) is None
    first = say(head, 500)
    assert statuses() == [TweetStatus.SENT, TweetStatus.QUEUED, TweetStatus.WAITING]
    assert notices() == []
    assert threads.next_up(first) == [head + 1]
    second = saying.claim(head + 1, NOW + SECOND)
    assert second is not None
    assert threads.answered_by(second[0]) == 500
    assert saying.sent(second[0], 501, NOW + SECOND)
    say(head + 2, 502)
    assert statuses() == [TweetStatus.SENT] * 3
    assert notices() == [NoticeKind.SAID]
    assert threads.progress(first) == threads.Progress(3, 3, UndoState.NONE, None)


def test_a_refusal_in_the_middle_is_told_and_the_rest_waits_until_somebody_goes_on(channel: Channel) -> None:
    head = said(channel)
    say(head, 500)
    second = saying.claim(head + 1, NOW + SECOND)
    assert second is not None
    saying.fail(second[0], NOW + SECOND, "refused", "no")
    assert statuses() == [TweetStatus.SENT, TweetStatus.FAILED, TweetStatus.WAITING]
    assert notices() == [NoticeKind.FAILED]
    threads.release(NOW + MINUTE)
    assert statuses() == [TweetStatus.SENT, TweetStatus.FAILED, TweetStatus.WAITING]
    assert threads.go_on(head + 1, NOW + MINUTE)
    assert not threads.go_on(head + 1, NOW + MINUTE)
    assert statuses() == [TweetStatus.SENT, TweetStatus.UNKNOWN, TweetStatus.WAITING], (
        "it was asked for once: X is read before it is said again"
    )
    doubtful = settling.claim(head + 1, NOW + MINUTE)
    assert doubtful is not None
    settling.requeue_unsaid(doubtful[0], NOW + MINUTE)
    claimed = saying.claim(head + 1, NOW + 2 * MINUTE)
    assert claimed is not None
    saying.fail(claimed[0], NOW + 2 * MINUTE, "refused", "still no")
    assert notices() == [NoticeKind.FAILED, NoticeKind.FAILED], "told again"


def test_a_first_post_that_is_refused_takes_the_others_with_it_and_all_come_back(channel: Channel) -> None:
    head = said(channel)
    claimed = saying.claim(head, NOW)
    assert claimed is not None
    saying.fail(claimed[0], NOW, "refused")
    assert statuses() == [TweetStatus.FAILED, TweetStatus.CANCELLED, TweetStatus.CANCELLED]
    assert threads.go_on(head, NOW + MINUTE)
    assert statuses() == [TweetStatus.UNKNOWN, TweetStatus.WAITING, TweetStatus.WAITING]


def test_turning_the_channel_off_in_its_middle_is_told(channel: Channel) -> None:
    head = said(channel)
    say(head, 500)
    Channel.update(is_on=False).execute()
    placing.cancel_queued(channel.id, "channel_off")
    assert statuses() == [TweetStatus.SENT, TweetStatus.QUEUED, TweetStatus.WAITING]
    assert saying.claim(head + 1, NOW + MINUTE) is None
    assert statuses() == [TweetStatus.SENT, TweetStatus.CANCELLED, TweetStatus.WAITING]
    assert notices() == [NoticeKind.EXPIRED]
    other = said(channel)
    placing.cancel_queued(channel.id, "channel_off")
    assert [t.status for t in Tweet.select().where(Tweet.id >= other)] == [TweetStatus.CANCELLED] * 3


def test_undo_takes_back_the_whole_thread_and_what_is_said_meanwhile(channel: Channel) -> None:
    head = said(channel)
    say(head, 500)
    on_its_way = saying.claim(head + 1, NOW + SECOND)
    assert on_its_way is not None
    assert taking_back.want(head, NOW + SECOND)
    assert saying.sent(on_its_way[0], 501, NOW + 2 * SECOND)
    assert statuses() == [TweetStatus.SENT, TweetStatus.SENT, TweetStatus.CANCELLED]
    assert taking_back.due(NOW + 2 * SECOND) == [head, head + 1]
    for tweet_id in (head, head + 1):
        taken = taking_back.claim(tweet_id, NOW + 2 * SECOND)
        assert taken is not None
        taking_back.done(taken[0], NOW + 2 * SECOND)
    assert threads.progress(Tweet.get_by_id(head)) == threads.Progress(0, 3, UndoState.DONE, None)


def test_an_undo_that_x_puts_off_is_asked_again_at_that_moment(channel: Channel) -> None:
    head = said(channel)
    say(head, 500)
    assert taking_back.want(head, NOW + SECOND)
    taken = taking_back.claim(head, NOW + SECOND)
    assert taken is not None
    taking_back.later(taken[0], NOW + 15 * MINUTE, NOW + 2 * SECOND)
    assert threads.progress(Tweet.get_by_id(head)).undo_at == NOW + 15 * MINUTE
    assert taking_back.claim(head, NOW + 14 * MINUTE) is None
    assert taking_back.claim(head, NOW + 15 * MINUTE) is not None


def test_the_first_waits_until_all_that_the_thread_shows_is_at_x(channel: Channel) -> None:
    head = said(channel, (Post("uno"), photo(channel, "dos"), photo(channel)))
    assert statuses() == [TweetStatus.WAITING] * 3
    one, two = media.due(NOW)
    bring(one)
    assert threads.release(NOW, head) == []
    bring(two)
    assert media.due(NOW + DAY) == []
    assert threads.release(NOW, head) == [head]
    assert statuses() == [TweetStatus.QUEUED, TweetStatus.WAITING, TweetStatus.WAITING]


def test_each_post_costs_what_x_charges_for_its_link_and_its_descriptions(channel: Channel) -> None:
    plain = replace(photo(channel).media[0], alt="")
    head = said(channel, (photo(channel, "canales.com/abc"), Post("dos", (plain, *photo(channel).media))))
    for upload_id in media.due(NOW):
        bring(upload_id)
    threads.release(NOW, head)
    assert say(head, 901).cost == 205_000
    assert say(head + 1, 902).cost == 20_000


def test_uploads_that_are_ready_at_once_release_it_once(channel: Channel) -> None:
    head = said(channel, (photo(channel), photo(channel), photo(channel), photo(channel)))
    waiting = media.due(NOW)
    assert len(waiting) == 4

    def finish() -> None:
        bring(waiting.pop())
        threads.release(NOW, head)

    together(finish, 4)
    threads.release(NOW)
    assert statuses() == [TweetStatus.QUEUED, TweetStatus.WAITING, TweetStatus.WAITING, TweetStatus.WAITING]


def test_a_killed_worker_s_upload_is_begun_anew_by_another(channel: Channel) -> None:
    said(channel, (photo(channel),))
    (upload_id,) = media.due(NOW)
    first = media.claim(upload_id, NOW)
    assert first is not None
    assert media.claim(upload_id, NOW + SECOND) is None
    assert media.due(NOW + 2 * MINUTE) == [upload_id]
    second = media.claim(upload_id, NOW + 2 * MINUTE)
    assert second is not None
    assert not media.ready(first, 1, "3_1", NOW + DAY), "the first comes back from the dead"
    assert media.ready(second, 2, "3_2", NOW + DAY)
    assert media.chunk(second.media_id, 4, 3) == b"456"


def test_what_x_can_t_use_ends_the_thread_before_it_begins_with_a_way_to_go_on(channel: Channel) -> None:
    head = said(channel, (Post("uno"), photo(channel, "dos")))
    (upload_id,) = media.due(NOW)
    taken = media.claim(upload_id, NOW)
    assert taken is not None
    media.failed(taken)
    assert threads.unsaid(Tweet.get_by_id(head), TweetStatus.FAILED, "media", "no", NOW)
    assert statuses() == [TweetStatus.FAILED, TweetStatus.CANCELLED]
    assert notices() == [NoticeKind.FAILED]
    assert threads.go_on(head, NOW + MINUTE)
    assert statuses() == [TweetStatus.WAITING, TweetStatus.WAITING]
    assert media.due(NOW + MINUTE) == [upload_id]


def test_what_waits_too_long_for_its_photo_is_told(channel: Channel) -> None:
    said(channel, (photo(channel),))
    holding.give_up_waiting(NOW + 14 * MINUTE)
    assert statuses() == [TweetStatus.WAITING]
    holding.give_up_waiting(NOW + 16 * MINUTE)
    assert statuses() == [TweetStatus.EXPIRED]
    assert notices() == [NoticeKind.EXPIRED]
    (upload_id,) = media.due(NOW + 16 * MINUTE)
    assert media.claim(upload_id, NOW + 16 * MINUTE) is None
    assert media.due(NOW + DAY) == [], "nothing waits for it any more"


def test_what_x_has_forgotten_is_brought_there_once_more(channel: Channel) -> None:
    head = said(channel, (photo(channel),))
    bring(media.due(NOW)[0])
    threads.release(NOW)
    uploads = media.of_tweet(head)
    assert not media.expired(uploads, NOW)
    assert media.expired(uploads, NOW + DAY)
    claimed = saying.claim(head, NOW + SECOND)
    assert claimed is not None
    threads.wait_for_media(claimed[0], NOW + SECOND)
    assert statuses() == [TweetStatus.WAITING]
    assert len(media.due(NOW + SECOND)) == 1


def test_a_doubtful_post_keeps_its_photo_and_brings_it_once_more_where_x_knows_it_no_longer(channel: Channel) -> None:
    head = said(channel, (photo(channel),))
    bring(media.due(NOW)[0])
    threads.release(NOW)
    claimed = saying.claim(head, NOW)
    assert claimed is not None
    saying.doubt(claimed[0], NOW, "no_answer")
    doubtful = settling.claim(head, NOW + MINUTE)
    assert doubtful is not None
    settling.requeue_unsaid(doubtful[0], NOW + MINUTE)
    assert statuses() == [TweetStatus.QUEUED]
    assert media.due(NOW + MINUTE) == [], "by its key it is known, should X show it late"
    for status in (TweetStatus.WAITING, TweetStatus.FAILED):
        Tweet.update(status=TweetStatus.UNKNOWN, claimed_until=NOW + MINUTE).where(Tweet.id == head).execute()
        doubtful = settling.claim(head, NOW + 2 * MINUTE)
        assert doubtful is not None
        settling.show_again(doubtful[0], NOW + 2 * MINUTE)
        assert statuses() == [status]
    assert len(media.due(NOW + 2 * MINUTE)) == 1


def test_a_schedule_brings_its_photos_before_its_instant_and_takes_back_what_was_planned(channel: Channel) -> None:
    when, _ = understand("en 1 minuto", NOW.replace(tzinfo=None))
    made = schedules.create(channel.id, 7, [(photo(channel, "hola {n}"), Post("y más"))], when, "es", NOW)
    (queued,) = planning.plan(NOW).queued
    assert statuses() == [TweetStatus.WAITING, TweetStatus.WAITING]
    bring(media.due(NOW)[0])
    assert threads.release(NOW) == [queued.tweet_id]
    assert saying.claim(queued.tweet_id, NOW + 59 * SECOND) is None
    assert schedules.pause(again(made))
    assert statuses() == [TweetStatus.CANCELLED, TweetStatus.CANCELLED]
    assert of_schedules.media_used() == {1}
    assert forgetting.unused_media({1}, NOW + 40 * DAY) == []
    assert forgetting.unused_media(set(), NOW + 40 * DAY) == [1]
    assert forgetting.one_file(1) == 1


def test_a_notice_of_a_thread_belongs_to_its_first_post(channel: Channel) -> None:
    head = said(channel)
    for place in range(3):
        say(head + place, 500 + place)
    found = notifications.of_tweet(head, channel.owner_id)
    assert found is not None
    assert found.tweet_id == head


def test_threads_are_stored_and_written_down_and_read_back(channel: Channel) -> None:
    turns = [(photo(channel, "uno\ndos"), Post("tres")), posts.plain("cuatro")]
    assert posts.from_json(posts.to_json(turns)) == turns
    assert posts.read(posts.write(turns)) == turns
