"""Judge: give every message that waits its verdict, in batches, and send what is approved on its way."""

import threading
from collections import OrderedDict

import structlog

from engine.filtering import Ruleset
from models import filtering
from models.accounts import Channel
from tasks import journal, publishing
from tasks.clock import now
from tasks.queues import job, tweets

log = structlog.get_logger()
BATCH = 500
CACHED_RULESETS = 1000
_judging = threading.Lock()
_again = threading.Event()
_rulesets: OrderedDict[int, Ruleset] = OrderedDict()


@job(tweets, priority=50)
def judge() -> None:
    """Judge until nothing waits. One at a time in a process; a bell rung meanwhile is not lost."""
    _again.set()
    while _again.is_set():
        if not _judging.acquire(blocking=False):
            return  # who judges now sees `_again`
        try:
            while _again.is_set():
                _again.clear()
                while _judge_batch():
                    if tweets.stopping:
                        return
        finally:
            _judging.release()


def _judge_batch() -> bool:
    waiting = filtering.waiting(BATCH)
    if not waiting:
        return False
    versions = filtering.ruleset_versions({w.channel_id for w in waiting})
    verdicts = [
        (w, _ruleset(w.channel_id, versions[w.channel_id]).judge(w.kind, w.text))
        for w in waiting
        if w.channel_id in versions
    ]
    at = now()
    queued = filtering.record(verdicts, at)
    for item in queued:
        if item.due_at <= at:
            publishing.say.ring_once(5, item.tweet_id)
    journal.write.ring_once(5)
    return len(waiting) == BATCH


def _ruleset(channel_id: int, version: int) -> Ruleset:
    """The compiled rules of this version of the channel."""
    found = _rulesets.get(channel_id)
    if found is None or found.version != version:
        found = _rulesets[channel_id] = filtering.load_ruleset(Channel.get_by_id(channel_id))
        if len(_rulesets) > CACHED_RULESETS:
            _rulesets.popitem(last=False)
    _rulesets.move_to_end(channel_id)
    return found
