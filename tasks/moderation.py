"""Judge: give every message that waits its verdict, in batches, and send what is approved on its way."""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import timedelta

import structlog

from engine.x.errors import XError
from models import aside
from models.accounts.channels import Channel
from models.aside import Item, Place
from models.database import transaction
from models.moderation import followers, judging, preparing
from models.moderation.judging import Outcome
from models.moderation.preparing import Rules, Some
from models.notifications import notices
from models.publishing.placing import Queued
from models.streaming import messages
from models.streaming.messages import Waiting
from tasks import accounts, publishing
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.lanes import calls_x
from tasks.queues import job, tweets

log = structlog.get_logger()
BATCH = 500
CACHED_RULES = 1000
ASK_AGAIN = timedelta(seconds=15)
REST_S = 5.0
_judging = threading.Lock()
_again = threading.Event()
_rules: OrderedDict[int, Rules] = OrderedDict()
_resting: dict[int, float] = {}  # channels whose row somebody holds; until when (monotonic) they are left alone
_had_turn: set[int] = set()  # channels that have more than their share of a round
_unprepared: set[int] = set()  # messages of which it was not seen that they may pass


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


@calls_x(lambda channel_id: channel_id, priority=70)
def ask_followers(channel_id: int) -> None:
    """Ask X about those who wrote what waits for that; their messages are judged again with the answer."""
    with aside.apart(Item(Place.FOLLOWERS, channel_id, channel_id)) as trial:
        _ask_followers(channel_id)
    if trial.broke:
        followers.ask_later(channel_id, now() + timedelta(seconds=trial.pause_s))


def _ask_followers(channel_id: int) -> None:
    if followers.known_already(channel_id, now()):
        judge.ring_once(2)
    waiting = followers.asking().get(channel_id)
    channel = Channel.get_or_none((Channel.id == channel_id) & Channel.connected)
    if not waiting or channel is None:
        return
    try:
        people = accounts.client(channel).people(waiting)
    except TokenBusy:
        return
    except XError as error:
        accounts.heed(channel, error)
        followers.ask_later(channel_id, error.again_at(now(), ASK_AGAIN))
        log.info("could not ask who they are", channel=channel_id, error=type(error).__name__)
        return
    followers.answered(channel_id, people, now())
    judge.ring_once(2)


@calls_x(messages.channel_of, priority=60)
def ask_who(message_id: int) -> None:
    """Whoever looks at the card of a message sees who wrote it; X is asked once."""
    with aside.apart(Item(Place.FOLLOWERS, f"message:{message_id}", lambda: messages.channel_of(message_id))):
        message = messages.message(message_id)
        channel = Channel.get_or_none((Channel.id == message.channel_id) & Channel.connected) if message else None
        if message is None or channel is None or message.sender_handle:
            return
        if publishing.look_up(message, channel) and message.sender_handle:
            with transaction():
                notices.redraw_message(message_id, now())


def rules_of(channel_id: int, version: int) -> Rules | None:
    """The compiled rules of this version of the channel; None where they can't be read, or it was deleted."""
    found = _rules.get(channel_id)
    if found is None or found.ruleset.version != version:
        found = _loaded(channel_id)
        if found is None:
            return None
        _rules[channel_id] = found
        if len(_rules) > CACHED_RULES:
            _rules.popitem(last=False)
    _rules.move_to_end(channel_id)
    return found


def _loaded(channel_id: int) -> Rules | None:
    """Read them. Where that breaks the channel is left alone for a while, and its messages wait."""
    channel = Channel.get_or_none(Channel.id == channel_id)
    if channel is None or channel_id in _resting:
        return None
    loaded = None
    with aside.apart(Item(Place.RULES, channel_id, channel_id)) as trial:
        loaded = judging.load_rules(channel)
    if trial.broke:
        _resting[channel_id] = time.monotonic() + trial.pause_s
    return loaded


def send_on(queued: list[Queued]) -> None:
    """Ring for what is due already; the clock rings for the rest."""
    at = now()
    publishing.say.ring_for(5, [item.tweet_id for item in queued if item.due_at <= at])


def _judge_batch() -> bool:
    """Judge some of what waits; whether more does.

    A channel whose messages take longer than its share waits for its next turn until nobody else has anything waiting.
    """
    at = time.monotonic()
    for channel_id in [c for c, until in _resting.items() if until <= at]:
        del _resting[channel_id]
    waiting = messages.waiting(BATCH, but_of=_resting.keys() | _had_turn)
    if not waiting:
        again = bool(_had_turn)
        _had_turn.clear()
        return again
    versions = judging.ruleset_versions({w.channel_id for w in waiting})
    if gone := {w.channel_id for w in waiting} - versions.keys():
        messages.forget_of(gone)  # heard while their channel was being deleted
    with_rules = [(w, rules_of(w.channel_id, versions[w.channel_id])) for w in waiting if w.channel_id in versions]
    ruled = [(w, rules) for w, rules in with_rules if rules is not None]
    left = False
    for some, outcome in aside.together(ruled, _judge_some, lambda r: messages.judged(r[0].id, r[0].channel_id)):
        left |= some.more or outcome.outdated or bool(outcome.unprepared)
        _follow(some, outcome)
    return bool(left or _had_turn) or len(waiting) == BATCH


def _judge_some(ruled: Sequence[tuple[Waiting, Rules]]) -> tuple[Some, Outcome]:
    """Prepare and judge these, or those of them for which there is time."""
    some = preparing.prepare_some(ruled, _unprepared, now())
    return some, judging.judge_prepared(some.batch, some.work, now())


def _follow(some: Some, outcome: Outcome) -> None:
    """What follows from verdicts."""
    _had_turn.update(some.slow)
    _unprepared.difference_update(w.id for w, _, _ in some.batch)
    _unprepared.update(outcome.unprepared)
    send_on(outcome.queued)
    for channel_id in outcome.busy:
        _resting[channel_id] = time.monotonic() + REST_S
        log.warning("a channel is held by somebody else: its messages wait", channel=channel_id)
    for channel_id in outcome.asking:
        ask_followers.ring_once(5, channel_id)
