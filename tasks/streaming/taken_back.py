"""Taken back: what follows where somebody deletes what they wrote (models/moderation/withdrawing.py)."""

from datetime import timedelta

import structlog

from models import aside
from models.aside import Item, Place
from models.moderation import withdrawing
from models.streaming import taken_back
from models.streaming.taken_back import TakenBack
from tasks import publishing
from tasks.clock import now
from tasks.queues import job, tweets

log = structlog.get_logger()
AT_ONCE = 100


@job(tweets, priority=60)
def follow() -> None:
    """Follow what is due. Done by two at once, or doubled, it does no harm: each step is done by whoever is first."""
    while some := taken_back.due(now(), AT_ONCE):
        for gone in some:
            with aside.apart(Item(Place.JOB, f"deletion {gone.x_id}")) as trial:
                _follow(gone)
            if trial.broke:
                taken_back.put_off(gone, now() + timedelta(seconds=trial.pause_s))
        if tweets.stopping:
            return


def _follow(gone: TakenBack) -> None:
    to_undo = withdrawing.follow(gone, now())
    publishing.undo.ring_for(5, to_undo)
    if to_undo:
        log.info("taken back", copies=len(to_undo), looks=gone.looks)
