"""What is costly about messages, done by values before anybody is made to wait: comparing, and composing copies."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from engine import similarity
from engine.composing import Style
from engine.moderation import Form, Reading, Ruleset
from engine.moderation.repeats import REPEATS_ON, WITHIN
from engine.moderation.senders import SENDERS_ON
from engine.moderation.triggers import TRIGGERS_ON
from engine.similarity import Like, Normal
from models.moderation import passed
from models.moderation.passed import Known
from models.moderation.senders import Key
from models.streaming.messages import Waiting


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
    copy: str


@dataclass(slots=True)
class Work:
    """What is prepared of a batch, by message, and the row up to which each channel's passed texts were known."""

    prepared: dict[int, Prepared]
    lasts: dict[int, int]


Read = tuple[Waiting, Rules, Reading]


def prepare(batch: list[Read], now: datetime) -> Work:
    """Prepare what may pass as far as can be seen from here; more of one sender than a burst allows hardly does."""
    of_sender: Counter[Key] = Counter()
    likely: list[Read] = []
    for read in batch:
        w, rules, reading = read
        policy = rules.ruleset.policy
        if not reading.triggers and policy.on(TRIGGERS_ON):
            continue
        of_sender[w.channel_id, w.sender_id] += 1
        if of_sender[w.channel_id, w.sender_id] <= policy.burst_most or not (
            policy.burst_most and policy.on(SENDERS_ON)
        ):
            likely.append(read)
    if not likely:
        return Work({}, {})
    words = {w.id: similarity.normal(w.said.text) for w, _, _ in likely}
    with passed.known({w.channel_id for w, _, _ in likely}, now) as known:
        found = {
            w.id: _likest(w, rules, words[w.id], known[w.channel_id], now)
            for w, rules, _ in likely
            if w.channel_id in known
        }
        lasts = {channel_id: one.last for channel_id, one in known.items()}
    prepared = {w.id: Prepared(words[w.id], found.get(w.id), _copy(w, rules)) for w, rules, _ in likely}
    return Work(prepared, lasts)


def prepare_late(w: Waiting, rules: Rules, now: datetime) -> Prepared:
    """The same in the transaction, for the few of which it was not seen that they may pass: a trusted sender's."""
    words = similarity.normal(w.said.text)
    with passed.known([w.channel_id], now) as known:
        return Prepared(words, _likest(w, rules, words, known[w.channel_id], now), _copy(w, rules))


def _likest(w: Waiting, rules: Rules, words: Normal, known: Known, now: datetime) -> Like | None:
    policy = rules.ruleset.policy
    if not policy.on(REPEATS_ON):
        return None
    return known.texts.likest_to(words, policy.near / 100, now - WITHIN, origin=w.said.origin)


def _copy(w: Waiting, rules: Rules) -> str:
    if rules.style.form_of(w.kind) is not Form.COPY:
        return ""
    return rules.style.copy_of(w.kind, w.said.text, w.sender_name, w.sender_handle)
