"""What is costly about messages, done by values before anybody is made to wait: comparing, and composing copies."""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from engine import similarity
from engine.composing import Style
from engine.moderation import Form, Reading, Ruleset
from engine.moderation.repeats import REPEATS_ON, WITHIN
from engine.moderation.senders import SENDERS_ON
from engine.similarity import Like, Normal
from models.moderation import passed
from models.moderation.passed import Known
from models.moderation.senders import Key
from models.streaming.messages import Waiting

SHARE_S, ROUND_S = 0.05, 0.1


@dataclass(frozen=True)
class Rules:
    """A channel's rules and way of writing, compiled. Cache it by (channel, version)."""

    ruleset: Ruleset
    style: Style


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is costly about a message, done before the transaction. `found` is the likest of what had passed by then."""

    words: Normal
    found: Like | None
    copies: tuple[str, ...]


@dataclass(slots=True)
class Work:
    """What is prepared of a batch, by message, and the row up to which each channel's passed texts were known."""

    prepared: dict[int, Prepared]
    lasts: dict[int, int]


Read = tuple[Waiting, Rules, Reading]


@dataclass(frozen=True, slots=True)
class Some:
    """Of what waits, what was read and prepared by now.

    `slow` are channels that have more, and had their share of the time; `more`: it was over before all was looked at.
    """

    batch: list[Read]
    work: Work
    slow: set[int]
    more: bool


class _Time:
    """The processor's time of this thread that a round and each channel of it has spent."""

    def __init__(self) -> None:
        self._began = time.thread_time()
        self._of: Counter[int] = Counter()

    @contextmanager
    def spent_on(self, channel_id: int) -> Iterator[None]:
        began = time.thread_time()
        yield
        self._of[channel_id] += time.thread_time() - began  # type: ignore[assignment]

    def is_over(self) -> bool:
        return time.thread_time() - self._began >= ROUND_S

    def is_over_for(self, channel_id: int) -> bool:
        return self._of[channel_id] >= SHARE_S


def prepare_some(waiting: Iterable[tuple[Waiting, Rules]], also: Collection[int], now: datetime) -> Some:
    """Read and prepare messages in their order for as long as a round lasts, each channel's within its share of it.

    Prepared is what may pass as far as can be seen from here, and the messages `also` named. One of each channel that
    comes to its turn is done whatever its text is, so that all come to an end.
    """
    spent, slow, begun = _Time(), set[int](), set[int]()
    batch: list[Read] = []
    more = False
    for w, rules in waiting:
        if batch and spent.is_over():
            more = True
            break
        if w.channel_id in begun and spent.is_over_for(w.channel_id):
            slow.add(w.channel_id)
        if w.channel_id not in slow:
            begun.add(w.channel_id)
            with spent.spent_on(w.channel_id):
                batch.append((w, rules, rules.ruleset.read(w.said)))
    likely = _likely(batch, also)
    work = Work({}, {})
    if likely:
        left: dict[int, int] = {}  # the first message of a channel for which no time was left
        begun.clear()
        with passed.known({w.channel_id for w, _, _ in likely}, now) as known:
            work.lasts.update((channel_id, one.last) for channel_id, one in known.items())
            for w, rules, _ in likely:
                if w.channel_id in left:
                    continue
                if w.channel_id in begun and (spent.is_over() or spent.is_over_for(w.channel_id)):
                    left[w.channel_id] = w.id
                    continue
                begun.add(w.channel_id)
                with spent.spent_on(w.channel_id):
                    work.prepared[w.id] = _prepared(w, rules, known.get(w.channel_id), now)
        slow |= left.keys()
        batch = [read for read in batch if read[0].id < left.get(read[0].channel_id, read[0].id + 1)]
    return Some(batch, work, slow, more)


def prepare(batch: Collection[Read], now: datetime) -> Work:
    """Prepare all of these, whatever they cost."""
    if not batch:
        return Work({}, {})
    with passed.known({w.channel_id for w, _, _ in batch}, now) as known:
        prepared = {w.id: _prepared(w, rules, known.get(w.channel_id), now) for w, rules, _ in batch}
        return Work(prepared, {channel_id: one.last for channel_id, one in known.items()})


def _likely(batch: list[Read], also: Collection[int]) -> list[Read]:
    """What may pass as far as can be seen from here; more of one sender than a burst allows hardly does."""
    of_sender: Counter[Key] = Counter()
    likely: list[Read] = []
    for read in batch:
        w, rules, reading = read
        policy = rules.ruleset.policy
        if w.id in also:
            likely.append(read)
            continue
        if not rules.ruleset.may_pass(w.said, reading):
            continue
        of_sender[w.channel_id, w.sender_id] += 1
        if of_sender[w.channel_id, w.sender_id] <= policy.burst_most or not (
            policy.burst_most and policy.on(SENDERS_ON)
        ):
            likely.append(read)
    return likely


def _prepared(w: Waiting, rules: Rules, known: Known | None, now: datetime) -> Prepared:
    words = similarity.normal(w.said.text)
    return Prepared(words, _likest(w, rules, words, known, now) if known is not None else None, _copies(w, rules))


def _likest(w: Waiting, rules: Rules, words: Normal, known: Known, now: datetime) -> Like | None:
    policy = rules.ruleset.policy
    if not policy.on(REPEATS_ON):
        return None
    return known.texts.likest_to(words, policy.near / 100, now - WITHIN, origin=w.said.origin)


def _copies(w: Waiting, rules: Rules) -> tuple[str, ...]:
    if rules.style.form_of(w.kind) is not Form.COPY:
        return ()
    return rules.style.copies_of(w.kind, w.said.text, w.sender_name, w.sender_handle)
