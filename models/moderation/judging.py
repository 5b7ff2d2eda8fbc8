"""The verdicts on the messages heard, and what follows from them.

received → approved | held (models/moderation/review.py) | ignored | blocked | asking (models/moderation/followers.py)
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import peewee as pw

from engine.moderation import Decision, Form, Rule, Verdict, compile_ruleset
from engine.moderation.bursts import counts
from engine.moderation.case import Recent
from engine.moderation.optout import OPTED_OUT, WISHES
from engine.moderation.senders import BURST, SENDERS_ON
from engine.moderation.verdicts import EDITED
from engine.moderation.wishes import Wish
from engine.similarity import Lately, RecentTexts
from models.accounts import channels, choices, team
from models.accounts.channels import Channel
from models.bulk import among, execute_many, rows_for_pairs, unanswered
from models.database import as_tuples, db, held_by_others, is_sqlite, to_stored, transaction
from models.moderation import edits, lists, opting, passed, review, senders
from models.moderation.preparing import Read, Rules, Work, prepare
from models.moderation.senders import Source
from models.notifications import journal
from models.notifications.kinds import SenderBlocked
from models.publishing.placing import Judged, Queued, queue_reposts
from models.statements import statement
from models.streaming import optouts
from models.streaming.messages import Message, MessageStatus, Waiting
from models.watching import hearing, watched

WROTE_LATELY = (
    "WITH asked(channel, writer) AS (VALUES …)"
    " SELECT channel_id, sender_id, COUNT(*) FROM asked CROSS JOIN message"
    " WHERE channel_id = asked.channel AND sender_id = asked.writer AND at > ? GROUP BY channel_id, sender_id"
)
LOCK_WAIT = timedelta(milliseconds=500)
AT_ONCE = timedelta()
PASSED = (Decision.APPROVED, Decision.HELD)


@statement
def _versions(channel_ids: set[int]) -> pw.Query:
    return Channel.select(Channel.id, Channel.ruleset_version).where(among(Channel.id, channel_ids))


@statement
def _take(channel_ids: set[int]) -> pw.Query:
    return Channel.select(Channel.id).where(among(Channel.id, channel_ids)).order_by(Channel.id).for_update()


@statement
def _take_free(channel_ids: set[int]) -> pw.Query:
    rows = Channel.select(Channel.id).where(among(Channel.id, channel_ids)).order_by(Channel.id)
    return rows.for_update(skip_locked=True)


@statement
def _received(ids: list[int]) -> pw.Query:
    rows = Message.select(Message.id, Channel.id, Channel.ruleset_version, Channel.fresh_s)
    still = among(Message.id, ids) & (Message.status == MessageStatus.RECEIVED)
    return rows.join(Channel, on=(Channel.id == Message.channel_id)).where(still)


@statement
def _is_judged(ids: list[int], status: MessageStatus, rule: Rule, evidence: str, now: datetime) -> pw.Query:
    return Message.update(status=status, rule=rule, evidence=evidence, judged_at=now).where(
        among(Message.id, ids) & (Message.status == MessageStatus.RECEIVED)
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch led to: tweets that wait, and channels of which X must be asked.

    `outdated`: some were read by rules that have changed since; they wait to be read by the new ones. `busy` are
    channels that somebody else holds; their messages wait as they were. `unprepared` wait too, to be prepared first.
    """

    queued: list[Queued]
    asking: set[int]
    outdated: bool = False
    busy: frozenset[int] = frozenset()
    unprepared: frozenset[int] = frozenset()


Judgement = tuple[Waiting, Rules, Verdict]


class _Unknown:
    """What was said lately, for a message that was not compared with it: whether a rule asks for that at all."""

    asked = False

    def likest(self, text: str, threshold: float, since: datetime, *, origin: int = 0) -> None:
        self.asked = True


def ruleset_versions(channel_ids: set[int]) -> dict[int, int]:
    """The version of each channel's rules, as it is now."""
    return dict(_versions.rows(channel_ids))


def load_rules(channel: Channel) -> Rules:
    """Compile the channel's rules as they are now."""
    keywords = lists.all_keywords(channel.id)
    chosen = choices.choices(channel)
    return Rules(
        compile_ruleset(
            channel.ruleset_version, keywords, chosen.policy, channel.handle, watched.watches_of(channel.id)
        ),
        choices.style(channel, chosen, keywords),
    )


# --- judging ---------------------------------------------------------------------------------------------


def judge(batch: list[Read], now: datetime) -> Outcome:
    """Prepare messages, whatever that costs, and judge them."""
    return judge_prepared(batch, prepare(batch, now), now)


def judge_prepared(batch: list[Read], work: Work, now: datetime) -> Outcome:
    """Give messages their verdicts and write down what follows from them.

    1. What is costly was done before, by values: comparing with what passed until then, composing copies.
    2. All channels of the batch that nobody holds are judged in one transaction. The others come after, each by itself,
       with half a second's patience for the first that is not given back; those that stay held are `busy`.
    3. Those that may pass after all, as their sender is trusted, and were not prepared are `unprepared`.
    """
    outcome, held = _attempt(batch, work, now, AT_ONCE)
    patience, busy = LOCK_WAIT, set()
    for channel_id in sorted(held):
        more, still = _attempt([b for b in batch if b[0].channel_id == channel_id], work, now, patience)
        outcome = _both(outcome, more)
        if still:
            busy |= still
            patience = AT_ONCE
    return replace(outcome, busy=frozenset(busy))


def _both(one: Outcome, other: Outcome) -> Outcome:
    return Outcome(
        one.queued + other.queued,
        one.asking | other.asking,
        one.outdated or other.outdated,
        unprepared=one.unprepared | other.unprepared,
    )


def _attempt(batch: list[Read], work: Work, now: datetime, patience: timedelta) -> tuple[Outcome, set[int]]:
    """Judge those whose channels can be taken; also the channels that somebody else holds."""
    ids = {w.channel_id for w, _, _ in batch}
    try:
        with transaction():
            taken = _take_channels(ids, patience)
            outcome = _judge([b for b in batch if b[0].channel_id in taken], work, now)
    except pw.OperationalError as error:
        if not held_by_others(error):
            raise
        return Outcome([], set()), ids
    return outcome, ids - taken if patience == AT_ONCE else set()


def _judge(batch: list[Read], work: Work, now: datetime) -> Outcome:
    """In one transaction, with the channels taken: what was said lately, who is blocked and the rules stand still.

    1. Each message is judged in its order; what it does to its sender and to later repeats counts for the next.
    2. Each leaves `received` by a conditional update. The approved get their slot, the held go to the team.
    3. The journal gets a line each.
    4. Who asks not to be reposted is left out, with all of theirs that is not said yet (models/moderation/opting.py).
    """
    if not batch:
        return Outcome([], set())
    rows = _received.rows([w.id for w, _, _ in batch])
    mine = {message_id for message_id, *_ in rows}
    versions = {channel_id: version for _, channel_id, version, _ in rows}
    fresh = {channel_id: timedelta(seconds=fresh_s) for _, channel_id, _, fresh_s in rows}
    waiting = [b for b in batch if b[0].id in mine]
    current = [b for b in waiting if b[1].ruleset.version == versions[b[0].channel_id]]
    judged, unprepared = verdicts(current, work, now)
    with unanswered():
        _write_verdicts(judged, fresh, now)
        _count_senders(judged, now)
        passed.remember(
            (w.channel_id, w.id, w.said.origin, work.prepared[w.id].words, w.said.at)
            for w, _, v in judged
            if v.decision in PASSED
        )
        journal.note(_line(w, v, now) for w, _, v in judged if v.decision is not Decision.ASKING)
    for w, _, v in judged:
        if v.block_days is None and v.decision is not Decision.HELD:
            continue
        channel = channels.one(w.channel_id)
        assert channel is not None  # its row is taken
        if v.block_days is not None:
            _block_sender(channel, w, v, now)
        if v.decision is Decision.HELD:
            review.held(channel, w.id, now)
    approved = [_approved(w, v, rules, work) for w, rules, v in judged if v.decision is Decision.APPROVED]
    asking = {w.channel_id for w, _, v in judged if v.decision is Decision.ASKING}
    wishes = {w.id: reading.wish for w, _, reading in current if reading.wish is not None}
    approved += opting.heed([(w, wishes[w.id]) for w, _, _ in judged if w.id in wishes], now)
    queued = queue_reposts(approved, now) if approved else []
    again = hearing.as_watched([w.id for w, rules, v in judged if rules.ruleset.watches and _is_no_mention(w, v)])
    outdated = len(current) < len(waiting) or bool(again)
    return Outcome(queued, asking, outdated=outdated, unprepared=frozenset(unprepared))


def _is_no_mention(w: Waiting, verdict: Verdict) -> bool:
    """Whether it did not pass as what is said to the channel, which says nothing of it as a post of what it watches."""
    return w.kind.is_to_channel and verdict.decision is Decision.IGNORED and verdict.rule in hearing.NOT_AS_MENTION


def verdicts(batch: list[Read], work: Work, now: datetime) -> tuple[list[Judgement], set[int]]:
    """What the rules say of each, in their order, and which must be prepared before they can say it.

    Call it inside the transaction, with the channels taken.
    """
    people = {(w.channel_id, w.sender_id): w.sender_handle for w, _, _ in batch}
    known = senders.known(people, now)
    for key, stands in optouts.known(people).items():
        known[key].opted_out, known[key].word_at = stands.is_out, stands.since
    by_name = senders.by_name_alone(unnamed) if (unnamed := _without_name(batch)) else set()
    bursts = _bursts(batch)
    since = passed.since(
        {w.channel_id: work.lasts.get(w.channel_id, 0) for w, _, _ in batch if w.id in work.prepared}, now
    )
    given: list[Judgement] = []
    unprepared: set[int] = set()
    for w, rules, reading in batch:
        sender = known[w.channel_id, w.sender_id]
        is_named = rules.style.form_of(w.kind) is Form.COPY and rules.style.names(w.kind)
        name_counts = w.channel_id in by_name or is_named
        writer = sender.writer(now, bursts.get(w.id, 1), w.sender_handle, name_counts=name_counts)
        one = work.prepared.get(w.id)
        recent: Recent
        recent = unknown = _Unknown()
        if one is not None:
            recent = Lately(one.words, one.found, since.setdefault(w.channel_id, RecentTexts()))
        verdict = rules.ruleset.judge(w.said, reading, writer, now, recent)
        if one is None and (unknown.asked or verdict.decision in PASSED):
            unprepared.add(w.id)
            continue
        if w.edited:
            posted, gone = edits.supersede(w, now)
            given = [v for v in given if v[0].id not in gone]
            if posted and verdict.rule not in WISHES:
                verdict = Verdict(Decision.IGNORED, EDITED)
        if reading.wish is not None and (sender.word_at is None or sender.word_at < w.said.at):
            sender.opted_out, sender.word_at = reading.wish is Wish.OUT, w.said.at
            if sender.opted_out:
                given = [_left_out(v) if _writer(v) == (w.channel_id, w.sender_id) else v for v in given]
        if verdict.block_days is not None:
            sender.blocked = True
            sender.blocked_until = None if not verdict.block_days else now + timedelta(days=verdict.block_days)
            sender.reason = ", ".join(verdict.evidence)
        if verdict.decision is Decision.APPROVED:
            sender.approved = True
        if verdict.decision in PASSED:
            since[w.channel_id].add(w.id, work.prepared[w.id].words, w.said.at, origin=w.said.origin)
        given.append((w, rules, verdict))
    return given, unprepared


def _without_name(batch: list[Read]) -> set[int]:
    """The channels for which there is a message of somebody whose name did not come with it."""
    return {w.channel_id for w, _, _ in batch if not w.sender_handle}


def _writer(judgement: Judgement) -> senders.Key:
    return judgement[0].channel_id, judgement[0].sender_id


def _left_out(judgement: Judgement) -> Judgement:
    """The same, where its writer asks afterwards not to be reposted."""
    w, rules, verdict = judgement
    passes = verdict.decision in (*PASSED, Decision.ASKING)
    return (w, rules, Verdict(Decision.BLOCKED, OPTED_OUT)) if passes else judgement


def _write_verdicts(verdicts: list[Judgement], fresh: dict[int, timedelta], now: datetime) -> None:
    groups: dict[tuple[Decision, Rule, tuple[str, ...]], list[int]] = defaultdict(list)
    for w, _, verdict in verdicts:
        groups[verdict.decision, verdict.rule, verdict.evidence].append(w.id)
    for (decision, rule, evidence), ids in groups.items():
        found = json.dumps(evidence, ensure_ascii=False) if evidence else ""
        _is_judged.changed(ids, MessageStatus(decision.value), rule, found, now)
    execute_many(
        "UPDATE message SET useful_until = ? WHERE id = ?",
        [
            (to_stored((v.waits_until or w.said.at) + fresh[w.channel_id]), w.id)
            for w, _, v in verdicts
            if v.decision in (Decision.HELD, Decision.ASKING)
        ],
    )


def _approved(w: Waiting, verdict: Verdict, rules: Rules, work: Work) -> Judged:
    form = rules.style.form_of(w.kind)
    return Judged(w.id, w.channel_id, form, work.prepared[w.id].copies, w.x_id, w.said.at, verdict.waits_until)


def _bursts(batch: list[Read]) -> dict[int, int]:
    """For messages of senders who write much: how many of theirs lie within the burst's minutes, up to this one."""
    asked: dict[int, tuple[int, int]] = {}
    for w, rules, _ in batch:
        policy = rules.ruleset.policy
        if policy.burst_most and policy.on(SENDERS_ON):
            asked[w.channel_id] = (policy.burst_most, policy.burst_minutes)
    if not asked:
        return {}
    people = {(w.channel_id, w.sender_id) for w, _, _ in batch if w.channel_id in asked}
    earliest = min(w.said.at for w, _, _ in batch) - timedelta(minutes=max(m for _, m in asked.values()))
    counted = rows_for_pairs(WROTE_LATELY, sorted(people), to_stored(earliest))
    busy = [(channel_id, sender_id) for channel_id, sender_id, count in counted if count > asked[channel_id][0]]
    found: dict[int, int] = {}
    for channel_id, sender_id in busy:
        span = timedelta(minutes=asked[channel_id][1])
        row = senders.of_message(channel_id, sender_id)
        counted_from = max(earliest, row.counted_from) if row is not None and row.counted_from else earliest
        theirs = (Message.channel_id == channel_id) & (Message.sender_id == sender_id) & (Message.at > counted_from)
        fresh = as_tuples(
            Message.select(Message.id, Message.at)
            .where(theirs & (Message.origin_id == Message.x_id))
            .order_by(Message.at)
        )
        recent = counts([at for _, at in fresh], span)
        found.update(zip((message_id for message_id, _ in fresh), recent, strict=True))
    return found


def _block_sender(channel: Channel, w: Waiting, verdict: Verdict, now: datetime) -> None:
    source = Source.BURST if verdict.rule is BURST else Source.FILTER
    reason = ", ".join(verdict.evidence) if source is Source.FILTER else ""
    days = verdict.block_days or 0
    senders.block(channel.id, w.sender_id, days, reason, source, now, handle=w.sender_handle)
    blocked = SenderBlocked(w.id, w.sender_id, w.sender_handle or "", days, source.value, tuple(verdict.evidence))
    team.tell(channel, blocked, now)


def _count_senders(verdicts: list[Judgement], now: datetime) -> None:
    latest: dict[senders.Key, Waiting] = {}
    counted: Counter[senders.Key] = Counter()
    approved: Counter[senders.Key] = Counter()
    for w, _, verdict in verdicts:
        key = (w.channel_id, w.sender_id)
        latest[key] = w
        counted[key] += verdict.decision is not Decision.ASKING
        approved[key] += verdict.decision is Decision.APPROVED
    senders.heard((*key, w.sender_handle, w.sender_name, counted[key], approved[key], now) for key, w in latest.items())


def _take_channels(channel_ids: set[int], patience: timedelta) -> set[int]:
    """Take the rows of these channels, in one order; which were had. SQLite's transaction is alone already.

    No lock of this transaction is waited for longer than half a second.
    """
    if is_sqlite():
        return channel_ids
    db.execute_sql(f"SET LOCAL lock_timeout = {LOCK_WAIT // timedelta(milliseconds=1)}")
    return {i for (i,) in (_take_free if patience == AT_ONCE else _take).rows(channel_ids)}


def _line(w: Waiting, verdict: Verdict, now: datetime) -> journal.Entry:
    data = {
        "message": w.id,
        "kind": w.kind.value,
        "x_id": str(w.x_id),
        "from": w.sender_handle,
        "rule": verdict.rule,
        "words": list(verdict.evidence),
    }
    if w.kind.is_public:
        data["text"] = w.said.text
    return journal.Entry(w.channel_id, now, verdict.decision.value, data)
