"""What the Procfile runs: each queue with its jobs and its clock, e.g. `huey_consumer tasks.workers.tweets`.

The process starts when `huey_consumer` makes the queue's consumer, not when this is imported.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

import huey.bin.huey_consumer  # noqa: F401  # their program, which who forks them has imported too (bot/forking.py)
from huey import crontab

from models import aside as set_aside
from models.accounts import tokens, troubles
from models.aside import Item, Place
from models.control import budgets
from models.database import EPOCH
from models.moderation import followers, review, senders
from models.publishing import holding, media, placing, settling, taking_back, threads
from models.publishing.copies import looking_again
from models.scheduling import planning
from models.streaming import chats, messages, reading, taken_back, unreadable
from models.watching import wanted as watched
from tasks import accounts, bells, chat_keys, clock, costs, journal, lanes, moderation, retention, signing_in
from tasks import media as uploading
from tasks import publishing as publishing_jobs
from tasks import scheduling as planner
from tasks.control import alarms
from tasks.queues import logging, publishing, streaming, tweets
from tasks.streaming import chats as chat_reading
from tasks.streaming import hearing, polling
from tasks.streaming import looking_again as again
from tasks.streaming import taken_back as taken_back_jobs
from tasks.watching import hearing as watching
from tasks.watching import polling as of_watching

SECONDLY, RARELY, MINUTELY = timedelta(seconds=1), timedelta(seconds=2), timedelta(minutes=1)
SWEEPS: tuple[Callable[[datetime], object], ...] = (
    troubles.sweep,
    threads.release,
    holding.give_up_waiting,
    holding.end_what_holds_nothing,
    review.lapse,
    followers.give_up_asking,
    senders.let_lapse,
    reading.originals_late,
    chats.keys_came,
    chats.give_up,
    watched.go_on,
    budgets.look,
)
_last: dict[str, datetime] = defaultdict(lambda: EPOCH)


def look_for_tweets(at: datetime) -> datetime | None:
    """For the clock of `tweets`: what waits for a verdict or a plan, and what has waited long enough."""
    if messages.waiting(1):
        moderation.judge.ring_once(2)
    chat_reading.look(at)
    if taken_back.due(at, 1):
        taken_back_jobs.follow.ring_once(2)
    if planning.due(at):
        planner.plan.ring_once(5)
    if _is_time(tweets.name, at, RARELY):
        for sweep in SWEEPS:
            with set_aside.apart(Item(Place.CLOCK, f"{sweep.__module__}.{sweep.__name__}")):
                sweep(at)
    if _is_time(unreadable.__name__, at, MINUTELY):
        with set_aside.apart(Item(Place.CLOCK, f"{unreadable.__name__}.tell")):
            unreadable.tell(at)
    if _is_time(costs.reckon.name, at, MINUTELY):
        costs.reckon.ring_once(30)
    if _is_time(planner.count_planned.name, at, MINUTELY):
        planner.count_planned.ring_once(30)
    return None


def look_for_calls(at: datetime) -> datetime | None:
    """For the clock of `publishing`: what is due, was left in the middle, or is to be undone, asked or polled."""
    full = lanes.CALLS.full()
    uploading.upload.ring_for(5, media.due(at, but_of=lanes.UPLOADS.full()))
    publishing_jobs.say.ring_for(5, placing.due(at, 400, full))
    accounts.renew.ring_for(5, tokens.to_renew(at))
    if _is_time(publishing.name, at, RARELY):
        publishing_jobs.settle.ring_for(5, settling.recover(at, full))
        publishing_jobs.undo.ring_for(5, taking_back.due(at, full))
        moderation.ask_followers.ring_for(5, followers.to_ask(at))
        chat_keys.ask_for_keys.ring_for(5, chat_keys.to_ask(at))
        chat_reading.ask_for_chat_keys.ring_for(5, chat_reading.to_ask(at))
    if _is_time(again.look_again.name, at, MINUTELY):
        again.look_again.ring_for(5, looking_again.due(at))
    if _is_time(polling.poll.name, at, SECONDLY):
        polling.look(at, all_channels=not hearing.streamed())
    if _is_time(of_watching.poll_watched.name, at, SECONDLY):
        of_watching.look(at, all_ways=not hearing.streamed())
    upcoming = placing.next_due()
    return upcoming if upcoming is not None and upcoming > at else None


def look_for_streams(at: datetime) -> None:
    """For the clock of `streaming`: whether X's streams are held."""
    hearing.look(at)
    watching.look(at)


def look_for_lines(at: datetime) -> None:
    """For the clock of `logging`: what is to be written down, and let go of."""
    journal.look(at)
    retention.look(at)
    if _is_time(costs.sum_up.name, at, MINUTELY):
        costs.sum_up.ring_once(10)


def _is_time(what: str, at: datetime, every: timedelta) -> bool:
    """Whether it is time for what need not be looked for each second."""
    if timedelta(0) <= at - _last[what] < every:  # it is behind where the time was put right
        return False
    _last[what] = at
    return True


for queue in (streaming, tweets, publishing, logging):
    queue.at_start(bells.connect)
    queue.at_start(alarms.look_out)
tweets.at_start(chat_reading.begin)
clock.run_with(streaming, look_for_streams)
clock.run_with(tweets, look_for_tweets)
clock.run_with(publishing, look_for_calls)
clock.run_with(logging, look_for_lines)


@logging.periodic_task(crontab(minute="17", hour="*/6"))  # type: ignore[untyped-decorator]
def forget_now_and_then() -> None:
    """Retention, four times a day."""
    retention.forget.ring_once(5)


@publishing.periodic_task(crontab(minute="17", hour="*/6"))  # type: ignore[untyped-decorator]
def let_lapse_now_and_then() -> None:
    """What is to be revoked at X, where X is called."""
    signing_in.let_sign_ins_lapse.ring_once(5)


__all__ = ["logging", "publishing", "streaming", "tweets"]
