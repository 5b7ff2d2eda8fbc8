"""Schedules in the database: planned once by any number of planners, said at their instant, skipped when too late."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from engine import posts
from engine.when import When, understand
from models import aside, choosing
from models.accounts.channels import Channel
from models.database import rest
from models.notifications import journal
from models.notifications.declaring import NoticeKind
from models.notifications.kinds import Skipped
from models.notifications.notices import Notice
from models.publishing import history, placing, saying
from models.publishing.tweets import Tweet, TweetStatus
from models.scheduling import planning, queueing, schedules
from models.scheduling.schedules import Schedule, ScheduleStatus
from models.settings import Settings
from tests.channels import connected
from tests.conftest import NOW

ANA = 7
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def channel(db: Settings) -> Channel:
    return connected()


def scheduled(channel: Channel, phrase: str, *texts: str, at: datetime = NOW) -> Schedule:
    when, rest = understand(phrase, at.replace(tzinfo=None))
    assert rest == ""
    return schedules.create(channel.id, ANA, [posts.plain(t) for t in texts or ("hola",)], when, "es", at)


def tweets() -> list[tuple[TweetStatus, str, datetime | None]]:
    return [(t.status, t.text, t.planned_at) for t in Tweet.select().order_by(Tweet.id)]


def next_of(schedule: Schedule) -> datetime:
    assert schedule.next_at is not None
    return schedule.next_at


def again(schedule: Schedule) -> Schedule:
    return Schedule.get_by_id(schedule.id)


def together(work: Callable[[], object], times: int) -> None:
    start = Barrier(times)

    def run() -> None:
        start.wait()
        try:
            work()
        finally:
            rest()

    threads = [Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_ten_planners_make_one_tweet_for_each_time(channel: Channel) -> None:
    for minute in range(1, 21):
        scheduled(channel, f"en {minute} minutos", f"texto {minute}")
    at = NOW + 10 * MINUTE
    together(lambda: planning.plan(at), 10)
    assert len(tweets()) == len({t for _, t, _ in tweets()}) == 11
    assert not planning.due(at)
    assert Schedule.select().where(Schedule.status == ScheduleStatus.DONE).count() == 11


def test_a_recurring_one_takes_its_texts_in_turn_and_moves_on(channel: Channel) -> None:
    made = scheduled(channel, "cada hora de 13 a 16", "uno {n}", "dos {n}")
    for hour in (13, 14, 15):
        at = NOW.replace(hour=hour)
        assert planning.plan(at - 91 * SECOND).queued == []
        assert len(planning.plan(at - 90 * SECOND).queued) == 1
        assert planning.plan(at).queued == []
    assert [(t, p.hour) for _, t, p in tweets() if p is not None] == [("uno 1", 13), ("dos 2", 14), ("uno 3", 15)]
    assert next_of(again(made)) == NOW.replace(hour=16)


def test_it_is_never_said_early_and_not_held_back_by_the_gap(channel: Channel) -> None:
    Channel.update(gap_s=3600, last_said_at=NOW).execute()
    scheduled(channel, "en 1 minuto")
    (queued,) = planning.plan(NOW).queued
    assert saying.claim(queued.tweet_id, NOW + MINUTE - timedelta(milliseconds=1)) is None
    assert saying.claim(queued.tweet_id, NOW + MINUTE) is not None


def test_what_x_could_not_take_is_tried_again_at_once_whatever_the_gap(channel: Channel) -> None:
    Channel.update(gap_s=3600, last_slot_at=NOW + timedelta(hours=5)).execute()
    scheduled(channel, "en 1 minuto")
    (queued,) = planning.plan(NOW).queued
    claimed = saying.claim(queued.tweet_id, NOW + MINUTE)
    assert claimed is not None
    saying.retry(claimed[0], NOW + MINUTE, "x_down")
    tweet = history.tweet(queued.tweet_id)
    assert tweet is not None
    assert (tweet.status, tweet.due_at) == (TweetStatus.QUEUED, NOW + MINUTE + 2 * SECOND)


def test_after_a_day_of_silence_the_owner_is_told_once_what_was_skipped(channel: Channel) -> None:
    made = scheduled(channel, "cada 3 horas de 8 a 20", "aviso")
    single = scheduled(channel, "en 2 horas", "solo")
    back = NOW + DAY + 2 * SECOND  # the next noon: 14, 17, 20 and 8, 11 have gone by
    together(lambda: planning.plan(back), 3)
    assert tweets() == []
    told = {v.text: v.count for n in Notice.select() if isinstance(v := n.value, Skipped)}
    assert told == {"aviso": 5, "solo": 1}
    assert next_of(again(made)) == (NOW + DAY).replace(hour=14)
    assert again(single).status == ScheduleStatus.DONE
    assert [e.event for e in journal.unwritten(10)] == ["skipped", "skipped"]


def test_what_is_late_within_its_grace_goes_out_at_once_and_later_than_that_is_told(channel: Channel) -> None:
    scheduled(channel, "en 1 minuto", "tarde")
    (queued,) = planning.plan(NOW + 10 * MINUTE).queued
    assert queued.due_at == NOW + 10 * MINUTE
    assert saying.claim(queued.tweet_id, NOW + 17 * MINUTE) is None
    assert Tweet.get().status == TweetStatus.EXPIRED
    assert [n.kind for n in Notice.select()] == [NoticeKind.EXPIRED]


def test_pausing_takes_back_what_was_planned_and_going_on_begins_after_now(channel: Channel) -> None:
    made = scheduled(channel, "cada hora de 13 a 20")
    planning.plan(NOW.replace(hour=12, minute=59))
    assert schedules.pause(again(made))
    assert not schedules.pause(again(made))
    assert [s for s, _, _ in tweets()] == [TweetStatus.CANCELLED]
    assert planning.plan(NOW.replace(hour=15)).queued == []
    assert schedules.resume(again(made), NOW.replace(hour=15, minute=30))
    assert next_of(again(made)) == NOW.replace(hour=16)


def test_what_is_paused_and_goes_on_within_the_same_minute_is_still_said(channel: Channel) -> None:
    made = scheduled(channel, "cada hora de 13 a 20")
    before = NOW.replace(hour=12, minute=59)
    planning.plan(before)
    assert schedules.pause(again(made))
    assert schedules.resume(again(made), before + SECOND)
    (queued,) = planning.plan(before + 2 * SECOND).queued
    assert saying.claim(queued.tweet_id, NOW.replace(hour=13)) is not None


def test_deleting_is_undone(channel: Channel) -> None:
    made = scheduled(channel, "en 10 minutos")
    assert schedules.delete(made)
    assert schedules.of_channel(channel.id) == []
    assert planning.plan(NOW + 10 * MINUTE).queued == []
    assert schedules.put_back(again(made), NOW + 5 * MINUTE)
    assert next_of(again(made)) == NOW + 10 * MINUTE
    assert schedules.delete(again(made))
    assert schedules.put_back(again(made), NOW + DAY)
    assert again(made).status == ScheduleStatus.DONE


def test_another_text_reaches_what_was_planned_a_moment_ago(channel: Channel) -> None:
    made = scheduled(channel, "en 1 minuto", "viejo")
    planning.plan(NOW)
    assert schedules.change(again(made), [posts.plain("nuevo")], When(datetime.fromisoformat(made.next_wall)))
    (queued,) = planning.plan(NOW).queued
    assert [(s, t) for s, t, _ in tweets()] == [(TweetStatus.CANCELLED, "viejo"), (TweetStatus.QUEUED, "nuevo")]
    assert saying.claim(queued.tweet_id, NOW + MINUTE) is not None


def test_another_text_does_not_lose_the_time_that_was_planned(channel: Channel) -> None:
    made = scheduled(channel, "cada hora de 13 a 16 4 veces", "viejo")
    planning.plan(NOW.replace(hour=12, minute=59))
    item = again(made)
    assert (next_of(item).hour, item.left) == (14, 3)
    when = When(datetime.fromisoformat(item.next_wall), item.plan.rules, None, item.left)  # type: ignore[union-attr]
    assert schedules.change(item, [posts.plain("nuevo")], when)
    (queued,) = planning.plan(NOW.replace(hour=12, minute=59, second=5)).queued
    assert (queued.due_at.hour, again(made).left) == (13, 3)
    assert history.tweet(queued.tweet_id).text == "nuevo"  # type: ignore[union-attr]


def test_another_time_cancels_what_was_planned(channel: Channel) -> None:
    made = scheduled(channel, "en 1 minuto")
    planning.plan(NOW)
    when, _ = understand("en 2 horas", NOW.replace(tzinfo=None))
    assert schedules.change(again(made), made.threads, when)
    assert [s for s, _, _ in tweets()] == [TweetStatus.CANCELLED]
    assert next_of(again(made)) == NOW + timedelta(hours=2)


def test_fifteen_stays_fifteen_in_the_channels_own_time(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, zone="Europe/Madrid")
    at = datetime(2026, 10, 24, 10, 0, tzinfo=NOW.tzinfo)
    when, _ = understand("todos los días a las 15:00", datetime(2026, 10, 24, 12, 0))
    made = schedules.create(channel.id, ANA, [posts.plain("hola")], when, "es", at)
    instants = []
    for _ in range(3):
        instants.append(next_of(again(made)))
        planning.plan(next_of(again(made)))
    assert [f"{i:%d %H:%M}" for i in instants] == ["24 13:00", "25 14:00", "26 14:00"]
    choosing.choose(channel.id, NOW, zone="America/Caracas")
    assert f"{next_of(again(made)):%d %H:%M}" == "27 19:00"


def test_a_channel_that_is_off_says_nothing_and_a_count_ends_it(channel: Channel) -> None:
    made = scheduled(channel, "cada hora de 13 a 20 2 veces")
    Channel.update(is_on=False).execute()
    assert planning.plan(NOW.replace(hour=13)).queued == []
    assert [s for s, _, _ in tweets()] == [TweetStatus.CANCELLED]
    Channel.update(is_on=True).execute()
    assert len(planning.plan(NOW.replace(hour=14)).queued) == 1
    assert again(made).status == ScheduleStatus.DONE


def test_the_same_text_and_what_is_close_are_found(channel: Channel) -> None:
    made = scheduled(channel, "en 2 horas", "Reunión en la plaza")
    assert schedules.alike(channel.id, posts.plain(" REUNIÓN en la  plaza")) is not None
    assert schedules.alike(channel.id, posts.plain("otra cosa")) is None
    assert schedules.close_to(channel.id, next_of(made) + 4 * MINUTE) is not None
    assert schedules.close_to(channel.id, next_of(made) + 6 * MINUTE) is None


def test_what_a_person_writes_goes_out_at_once_at_any_hour(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, hours_on=True)
    queued = placing.say_now(channel.id, ANA, posts.plain("Vía cerrada"), NOW, fresh=15 * MINUTE)
    claimed = saying.claim(queued.tweet_id, NOW)
    assert claimed is not None
    assert (claimed[0].text, claimed[0].message_id) == ("Vía cerrada", None)


def test_what_is_deleted_comes_back_as_what_it_was(channel: Channel) -> None:
    running = scheduled(channel, "daily 13:00", "hola {n}")
    copy = schedules.duplicate(running, NOW)
    for item, status in ((running, ScheduleStatus.ON), (copy, ScheduleStatus.PAUSED)):
        assert schedules.delete(item)
        assert not schedules.delete(item)
        assert schedules.put_back(again(item), NOW)
        assert again(item).status == status
    assert len(planning.plan(NOW.replace(hour=13)).queued) == 1


def test_what_goes_on_after_its_only_time_has_gone_by_is_done(channel: Channel) -> None:
    made = scheduled(channel, "13:00", "hola")
    assert schedules.pause(made)
    assert schedules.resume(again(made), NOW.replace(hour=14))
    assert again(made).status == ScheduleStatus.DONE


def test_the_queue_gives_each_text_a_slot_of_its_own_and_is_reordered(channel: Channel) -> None:
    assert queueing.put(channel.id, ANA, posts.plain("uno"), "es", NOW) is None
    choosing.choose(channel.id, NOW, slots="mon-sun 13:00 18:00")
    texts = ["uno", "dos", "tres", "cuatro", "cinco", "seis"]
    waiting = list(texts)
    together(lambda: queueing.put(channel.id, ANA, posts.plain(waiting.pop(0)), "es", NOW), 6)
    queue = queueing.waits(channel.id)
    slots = [next_of(s) for s in queue]
    assert len(set(slots)) == 6
    assert [f"{s:%d %H}" for s in slots] == ["20 13", "20 18", "21 13", "21 18", "22 13", "22 18"]
    ids = [s.id for s in queue]
    planning.plan(slots[0] - 10 * SECOND)
    queueing.reorder(channel.id, [ids[2], ids[0], ids[1], *ids[3:], 999])
    moved = queueing.waits(channel.id)
    assert [s.id for s in moved] == [ids[2], ids[0], ids[1], *ids[3:]]
    assert [s.next_at for s in moved] == slots
    (queued,) = planning.plan(slots[0] - 5 * SECOND).queued
    assert history.tweet(queued.tweet_id).text == posts.in_words(moved[0].threads[0])  # type: ignore[union-attr]


def test_other_slots_move_what_waits_and_none_leave_it(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, slots="mon-sun 13:00 18:00")
    for text in ("uno", "dos", "tres"):
        assert queueing.put(channel.id, ANA, posts.plain(text), "es", NOW) is not None
    first, *before = queueing.waits(channel.id)
    nearly = next_of(first) - 10 * SECOND
    (queued,) = planning.plan(nearly).queued
    assert choosing.choose(channel.id, nearly, slots="daily 9:00 13:00").moved == 1
    moved = queueing.waits(channel.id)
    assert [s.id for s in moved] == [s.id for s in before]
    assert [f"{s.next_at:%d %H}" for s in moved] == ["21 09", "21 13"], "13:00 of today is the first one's"
    assert saying.claim(queued.tweet_id, next_of(first)) is not None
    assert choosing.choose(channel.id, NOW, slots="").moved == 0
    assert [f"{s.next_at:%d %H}" for s in queueing.waits(channel.id)] == ["21 09", "21 13"]


def test_what_is_changed_while_it_is_planned_stays_changed(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = scheduled(channel, "cada día 7:15 3 veces")
    at, together = next_of(schedule) - MINUTE, aside.together

    def after_somebody_changed_it(*args: Any) -> Any:
        monkeypatch.setattr(aside, "together", together)
        when = replace(schedules.when_of(again(schedule)), times=10)
        assert schedules.change(again(schedule), schedule.threads, when)
        return together(*args)

    monkeypatch.setattr(aside, "together", after_somebody_changed_it)
    planning.plan(at)
    planning.plan(at)
    assert (again(schedule).left, len(tweets())) == (9, 1)
