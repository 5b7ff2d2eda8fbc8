"""Plan: make the tweets of the schedules that fall due within the next 90 s, and count those of the coming day."""

from models.scheduling import forecast, planning
from tasks import publishing
from tasks.clock import now
from tasks.queues import job, tweets


@job(tweets, priority=90)
def plan() -> None:
    """Plan until nothing is due. Any number of planners make one tweet for each time of a schedule."""
    while not tweets.stopping:
        planned = planning.plan(now())
        at = now()
        publishing.say.ring_for(5, [item.tweet_id for item in planned.queued if item.due_at <= at])
        if not planning.due(now()):
            return


@job(tweets)
def count_planned() -> None:
    """Keep the places in the app's day for what is planned."""
    forecast.renew(now())
