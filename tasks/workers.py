"""What the Procfile runs: each queue with its jobs and its clock, e.g. `huey_consumer tasks.workers.tweets`.

The process starts when `huey_consumer` makes the queue's consumer, not when this is imported.
"""

from datetime import datetime, timedelta

from huey import crontab

from models.moderation import followers, review, senders
from models.publishing import drafts, media, placing, settling, taking_back, threads
from models.scheduling import planning, schedules
from models.streaming import messages
from tasks import accounts, bells, clock, journal, moderation, publishing
from tasks import media as uploading
from tasks import scheduling as planner
from tasks.queues import logging, streaming, tweets
from tasks.streaming import hearing

bells.connect()
RECOVER_EVERY = timedelta(seconds=2)
_last_recovery = datetime.min.replace(tzinfo=clock.now().tzinfo)


def look_for_tweets(at: datetime) -> datetime | None:
    """For the clock of `tweets`: what waits for a verdict, is due, was left in the middle, or is to be undone."""
    global _last_recovery
    if messages.waiting(1):
        moderation.judge.ring_once(2)
    if planning.due(at):
        planner.plan.ring_once(5)
    for upload_id in media.due(at):
        uploading.upload.ring_once(5, upload_id)
    for tweet_id in placing.due(at, 200):
        publishing.say.ring_once(5, tweet_id)
    if at - _last_recovery >= RECOVER_EVERY:
        _last_recovery = at
        for tweet_id in settling.recover(at):
            publishing.settle.ring_once(5, tweet_id)
        for tweet_id in taking_back.due(at):
            publishing.undo.ring_once(5, tweet_id)
        threads.release(at)
        threads.give_up_waiting(at)
        review.lapse(at)
        followers.give_up_asking(at)
        senders.let_lapse(at)
        for channel_id in followers.to_ask(at):
            moderation.ask_followers.ring_once(5, channel_id)
    upcoming = placing.next_due()
    return upcoming if upcoming is not None and upcoming > at else None


clock.run_with(streaming, hearing.look)
clock.run_with(tweets, look_for_tweets)
clock.run_with(logging, journal.look)


@logging.periodic_task(crontab(minute="17", hour="*/6"))  # type: ignore[untyped-decorator]
def forget_now_and_then() -> None:
    """Retention, four times a day."""
    journal.forget()
    accounts.let_lapse(clock.now())
    media.forget_unused(schedules.media_used() | drafts.media_used(), clock.now())


__all__ = ["logging", "streaming", "tweets"]
