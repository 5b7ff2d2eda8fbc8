"""Saying: what a channel says, from its slot to X and back. The arrows are listed in models/publishing/tweets.py.

Each arrow is one conditional update; who changed no row lost the race and leaves the tweet alone.
"""

import secrets
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from engine import composing, pacing
from engine.moderation import Form, MessageKind
from engine.posts import Thread
from engine.x import prices
from models.accounts.channels import Channel, locked
from models.database import InstantField, to_stored, transaction
from models.notifications import notices
from models.notifications.kinds import Expired, Failed, OnHold, Posted, Said
from models.publishing import hours, threads
from models.publishing.tweets import Tweet, TweetStatus, UndoState, leave, note
from models.streaming.messages import Message

SENDING_CLAIM = timedelta(seconds=20)
SETTLE_AFTER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Judged:
    """An approved message on its way to become a tweet; `text` is that of a copy.

    `at` is when it was written, or when a person approved it: its freshness counts from there, or from the open hour
    that it waits for. With `any_hour` the channel's hours don't matter: a person wants it said.
    """

    message_id: int
    channel_id: int
    form: Form
    text: str
    x_id: int
    at: datetime
    waits_until: datetime | None = None
    any_hour: bool = False


@dataclass(frozen=True, slots=True)
class Queued:
    """A tweet that waits for its moment."""

    tweet_id: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Counts:
    """Tweets of a channel that X accepted in the last quarter of an hour, hour and day."""

    quarter: int
    hour: int
    day: int


# --- queueing --------------------------------------------------------------------------------------------


def queue_reposts(approved: list[Judged], now: datetime) -> list[Queued]:
    """Give approved messages their slots; call it inside the transaction of their verdicts.

    The first update takes each channel's row, in the order of ids, so two workers never hand out one slot.
    A tweet that would wait past its freshness expires at once and takes no slot.
    """
    by_channel: dict[int, list[Judged]] = defaultdict(list)
    for item in approved:
        by_channel[item.channel_id].append(item)
    queued: list[Queued] = []
    for channel_id in sorted(by_channel):
        channel = locked(channel_id)
        if channel is None:
            continue
        last_slot = channel.last_slot_at
        for item in by_channel[channel_id]:
            fresh_until = (item.waits_until or item.at) + timedelta(seconds=channel.fresh_s)
            gap = timedelta(seconds=channel.gap_s)
            if item.waits_until is not None and item.waits_until > now:
                slot = pacing.reserve(
                    item.waits_until, hours.last_waiting(channel_id, item.waits_until), gap, fresh_until
                )
            else:
                slot = pacing.reserve(now, last_slot, gap, fresh_until)
            runs = channel.is_on and channel.connected
            status, reason = (TweetStatus.QUEUED, "") if runs else (TweetStatus.CANCELLED, "channel_off")
            if slot.stale:
                status, reason = TweetStatus.EXPIRED, "stale"
            elif runs and item.form is Form.COPY and not item.text.strip():
                status, reason = TweetStatus.CANCELLED, "empty"
            elif runs and item.waits_until is not None and item.waits_until > now:
                reason = "hours"
            elif runs:
                last_slot = slot.due_at
            tweet_id = Tweet.insert(
                channel_id=channel_id,
                message_id=item.message_id,
                form=item.form,
                text=item.text,
                target_x_id=item.x_id if item.form is Form.REPOST else None,
                status=status,
                reason=reason,
                due_at=slot.due_at,
                fresh_until=fresh_until,
                any_hour=item.any_hour,
            ).execute()
            if status is TweetStatus.QUEUED:
                queued.append(Queued(tweet_id, slot.due_at))
            else:
                note(channel_id, tweet_id, now, status, reason)
        if last_slot != channel.last_slot_at:
            Channel.update(last_slot_at=last_slot).where(Channel.id == channel_id).execute()
    return queued


def say_now(channel_id: int, person_id: int, thread: Thread, now: datetime, *, fresh: timedelta) -> Queued:
    """Queue what a person wrote, to go out at once, or as soon as X has its photos and videos."""
    with transaction():
        head = threads.insert(channel_id, thread, now, due_at=now, fresh_until=now + fresh, person_id=person_id)
        assert head is not None  # only what belongs to a schedule can be there already
        note(channel_id, head.id, now, "written", "", by=str(person_id))
    return Queued(head.id, now)


def due(now: datetime, limit: int) -> list[int]:
    """Ids of queued tweets whose moment has come, the longest waiting first."""
    ready = (Tweet.status == TweetStatus.QUEUED) & (Tweet.due_at <= now)
    return [t.id for t in Tweet.select(Tweet.id).where(ready).order_by(Tweet.due_at).limit(limit)]


def next_due() -> datetime | None:
    """The moment of the next queued tweet."""
    first = Tweet.select(Tweet.due_at).where(Tweet.status == TweetStatus.QUEUED).order_by(Tweet.due_at).first()
    return first.due_at if first is not None else None


# --- saying ----------------------------------------------------------------------------------------------


def claim(tweet_id: int, now: datetime) -> tuple[Tweet, Channel] | None:
    """queued → sending, for who calls; None where it is not due, not queued, or somebody else's.

    A tweet that may no longer be said leaves `sending` again here: expired when stale, cancelled when its channel
    is off, put off while the channel holds or has just said something else.
    """
    won = list(
        Tweet.update(
            status=TweetStatus.SENDING,
            claim=secrets.token_hex(8),
            claimed_until=now + SENDING_CLAIM,
            attempts=Tweet.attempts + 1,
            started_at=pw.fn.COALESCE(Tweet.started_at, to_stored(now)),
        )
        .where((Tweet.id == tweet_id) & (Tweet.status == TweetStatus.QUEUED) & (Tweet.due_at <= now))
        .returning(Tweet)
        .execute()
    )
    if not won:  # not due, or another worker took it
        return None
    tweet = won[0]
    channel = Channel.get_or_none(Channel.id == tweet.channel_id)
    if channel is None or not channel.is_on or not channel.connected:
        _unsaid(tweet, channel, TweetStatus.CANCELLED, "channel_off", now)
    elif tweet.fresh_until < now:
        _late(tweet, channel, "stale", now)
    elif channel.hold_until is not None and channel.hold_until > now:
        _put_off(tweet, channel, channel.hold_until, "on_hold", now)
    elif hours.closed_until(tweet, now)[0]:
        _close(tweet, channel, now)
    elif (free_at := _take_turn(tweet, channel, now)) > now:
        _put_off(tweet, channel, free_at, "paced", now)
    else:
        return tweet, channel
    return None


def renew_claim(tweet: Tweet, now: datetime) -> bool:
    """Have the whole claim before a call to X; False where it lapsed and the tweet is somebody else's."""
    return leave(tweet, TweetStatus.SENDING, "", "", claimed_until=now + SENDING_CLAIM)


def sent(tweet: Tweet, x_id: int, now: datetime, *, status: TweetStatus = TweetStatus.SENDING) -> bool:
    """X has it: the id, the price, the owner's notice and the journal, in one transaction."""
    with_url = tweet.form is Form.COPY and composing.has_link(tweet.text)
    cost = prices.REPOST if tweet.form is Form.REPOST else prices.of_post(with_url=with_url)
    if mention_copied(tweet) is not None:
        cost += prices.POST_READ
    with transaction():
        won = (
            Tweet.update(status=TweetStatus.SENT, x_id=x_id, sent_at=now, cost=cost, claimed_until=None)
            .where((Tweet.id == tweet.id) & (Tweet.status == status) & (Tweet.claim == tweet.claim))
            .execute()
        )
        if won != 1:  # settled by another meanwhile
            return False
        channel = (
            Channel.select(Channel.id, Channel.owner_id, Channel.holds_in_a_row)
            .where(Channel.id == tweet.channel_id)
            .first()
        )
        if channel is None:
            return True
        if channel.holds_in_a_row:
            Channel.update(holds_in_a_row=0, hold_until=None).where(Channel.id == channel.id).execute()
        note(channel.id, tweet.id, now, "sent", "", x_id=str(x_id), form=tweet.form)
        if tweet.thread_id is not None and not _last_of_thread(tweet, now):
            return True
        head_id = tweet.thread_id or tweet.id
        told = Posted(head_id) if tweet.message_id is not None else Said(head_id)
        notices.tell(channel.owner_id, told, now, channel_id=channel.id, tweet_id=head_id)
    return True


def _last_of_thread(tweet: Tweet, now: datetime) -> bool:
    """Whether all of the thread is said. What was said while its thread is taken back, is taken back too."""
    taken_back = (Tweet.thread_id == tweet.thread_id) & Tweet.undo.in_([UndoState.WANTED, UndoState.DONE])
    if Tweet.select().where(taken_back).exists():
        Tweet.update(undo=UndoState.WANTED, undo_due_at=now).where(Tweet.id == tweet.id).execute()
        return False
    threads.release(now, tweet.thread_id)
    return not Tweet.select().where((Tweet.thread_id == tweet.thread_id) & (Tweet.status != TweetStatus.SENT)).exists()


def retry(tweet: Tweet, now: datetime, reason: str, detail: str = "", *, wait: timedelta | None = None) -> None:
    """sending → queued, in a slot of its own later on; failed after too many attempts, expired when stale.

    A `wait` given is no attempt of X's: it does not count.
    """
    if wait is None and tweet.attempts >= pacing.MAX_ATTEMPTS:
        fail(tweet, now, reason, detail)
        return
    with transaction():
        channel = locked(tweet.channel_id)
        if channel is None:
            return
        earliest = now + (pacing.retry_delay(tweet.attempts) if wait is None else wait)
        slot = earliest
        takes_slot = wait is None and tweet.message_id is not None  # the gap is for what is reposted
        if takes_slot:
            paced = pacing.reserve(earliest, channel.last_slot_at, timedelta(seconds=channel.gap_s), tweet.fresh_until)
            slot = paced.due_at
        status = TweetStatus.QUEUED if slot <= tweet.fresh_until else TweetStatus.EXPIRED
        attempts = Tweet.attempts if wait is None else Tweet.attempts - 1
        won = leave(tweet, status, reason, detail, due_at=slot, attempts=attempts)
        if not won:
            return
        if status is TweetStatus.QUEUED and takes_slot:
            Channel.update(last_slot_at=slot).where(Channel.id == channel.id).execute()
        if status is TweetStatus.EXPIRED:
            threads.lost(channel, tweet, Expired, reason, detail, now)


def fail(
    tweet: Tweet, now: datetime, reason: str, detail: str = "", *, status: TweetStatus = TweetStatus.SENDING
) -> None:
    """sending (or unknown) → failed, for what can't pass; the owner is told why."""
    with transaction():
        channel = Channel.get_or_none(Channel.id == tweet.channel_id)
        if not leave(tweet, TweetStatus.FAILED, reason, detail, from_status=status) or channel is None:
            return
        Channel.update(last_problem=detail or reason, last_problem_at=now).where(Channel.id == channel.id).execute()
        threads.lost(channel, tweet, Failed, reason, detail, now)


def doubt(tweet: Tweet, now: datetime, reason: str) -> None:
    """sending → unknown: nobody knows whether X has it. It is settled by reading back, never by guessing."""
    leave(tweet, TweetStatus.UNKNOWN, reason, "", claimed_until=now + SETTLE_AFTER)


def hold(tweet: Tweet, channel: Channel, until: datetime | None, now: datetime, reason: str, detail: str) -> None:
    """X wants no more of this channel for now: hold it until the reset, put the tweet off, tell the owner once."""
    with transaction():
        current = locked(channel.id)
        if current is None:
            return
        if current.hold_until is None or current.hold_until <= now:
            in_a_row = current.holds_in_a_row + 1
            hold_until = until if until is not None and until > now else now + pacing.hold_delay(in_a_row)
            Channel.update(
                hold_until=hold_until,
                holds_in_a_row=in_a_row,
                last_problem=detail or reason,
                last_problem_at=now,
            ).where(Channel.id == channel.id).execute()
            counts = counts_of(channel.id, now)
            on_hold = OnHold(hold_until, reason, counts.day, counts.hour, counts.quarter)
            notices.tell(current.owner_id, on_hold, now, channel_id=channel.id)
        else:
            hold_until = current.hold_until
        status = TweetStatus.QUEUED if hold_until <= tweet.fresh_until else TweetStatus.EXPIRED
        won = leave(tweet, status, reason, detail, due_at=hold_until, attempts=Tweet.attempts - 1)
        if won and status is TweetStatus.EXPIRED:
            threads.lost(current, tweet, Expired, reason, detail, now)


def fall_back(tweet: Tweet, form: Form, text: str, target_x_id: int | None, now: datetime, detail: str) -> bool:
    """sending → queued in the other form, once: X refused this one. False where that was tried already."""
    if tweet.fell_back:
        return False
    with transaction():
        changes: dict[str, Any] = {"form": form, "text": text, "target_x_id": target_x_id, "due_at": now}
        won = leave(tweet, TweetStatus.QUEUED, "refused", detail, fell_back=detail[:300] or "refused", **changes)
        if won:
            Channel.update(last_said_at=None).where(Channel.id == tweet.channel_id).execute()
            note(tweet.channel_id, tweet.id, now, "fell_back", "", form=form.value, detail=detail)
    return won


# --- reading ---------------------------------------------------------------------------------------------


def tweet(tweet_id: int) -> Tweet | None:
    return Tweet.get_or_none(Tweet.id == tweet_id)


def of_message(message_id: int) -> Tweet | None:
    """The tweet that a message became."""
    return Tweet.get_or_none(Tweet.message_id == message_id)


def mention_copied(tweet: Tweet) -> int | None:
    """The X id of the mention that this is a copy of; it is looked for on X before it is said."""
    if tweet.form is not Form.COPY or tweet.message_id is None:
        return None
    row = Message.select(Message.x_id, Message.kind).where(Message.id == tweet.message_id).first()
    return int(row.x_id) if row is not None and row.kind is MessageKind.MENTION else None


def cancel_for_edit(message_id: int, now: datetime) -> bool:
    """queued → cancelled: the message was edited before its tweet was said. False where it was too late for that."""
    won = list(
        Tweet.update(status=TweetStatus.CANCELLED, reason="edited")
        .where((Tweet.message_id == message_id) & (Tweet.status == TweetStatus.QUEUED))
        .returning(Tweet)
        .execute()
    )
    for tweet in won:
        note(tweet.channel_id, tweet.id, now, "cancelled", "edited")
    return bool(won)


def history(channel_id: int, limit: int, skip: int) -> list[Tweet]:
    """What became of the channel's tweets, the newest first."""
    ended = (Tweet.channel_id == channel_id) & Tweet.status.in_(
        [TweetStatus.SENT, TweetStatus.FAILED, TweetStatus.EXPIRED, TweetStatus.CANCELLED]
    )
    return list(Tweet.select().where(ended).order_by(Tweet.id.desc()).limit(limit).offset(skip))


def counts_of(channel_id: int, now: datetime) -> Counts:
    """How much the channel has said lately."""

    def since(span: timedelta) -> int:
        said = (Tweet.channel_id == channel_id) & (Tweet.sent_at > now - span)
        return int(Tweet.select().where(said).count())

    return Counts(since(timedelta(minutes=15)), since(timedelta(hours=1)), since(timedelta(days=1)))


def cancel_queued(channel_id: int, reason: str) -> int:
    """→ cancelled for all that a channel has not begun to say; how many. A begun thread is broken off at its turn."""
    waiting = (
        (Tweet.channel_id == channel_id)
        & Tweet.status.in_([TweetStatus.QUEUED, TweetStatus.WAITING])
        & Tweet.after_id.is_null()
    )
    gone = list(Tweet.update(status=TweetStatus.CANCELLED, reason=reason).where(waiting).returning(Tweet).execute())
    for tweet in gone:
        if tweet.thread_id is not None:
            threads.cancel_rest(tweet.id, reason)
    return len(gone)


# --- the arrows ------------------------------------------------------------------------------------------


def _take_turn(tweet: Tweet, channel: Channel, now: datetime) -> datetime:
    """Say something now, if the gap since the last post has passed; else the moment at which it will have.

    Slots keep the gap in the plan; this keeps it in what is said, after a hold, an outage or a retry too. What was
    planned or written by a person goes out at its moment: the gap is for what is reposted.
    """
    if not channel.gap_s:
        return now
    if tweet.message_id is None:
        Channel.update(last_said_at=now).where(Channel.id == channel.id).execute()
        return now
    gap = timedelta(seconds=channel.gap_s)
    free = Channel.last_said_at.is_null() | (Channel.last_said_at <= now - gap)
    won = Channel.update(last_said_at=now).where((Channel.id == channel.id) & free).execute()
    if won == 1:
        return now
    last = Channel.select(Channel.last_said_at).where(Channel.id == channel.id).scalar()
    said_at: datetime = InstantField().python_value(last)
    return said_at + gap


def _close(tweet: Tweet, channel: Channel, now: datetime) -> None:
    """Its hours ended while it waited its turn: to the next ones, where it is fresh again, or nowhere.

    The hours are read once more with the channel's row taken: who changes them meanwhile wakes only what waits already.
    """
    with transaction():
        locked(channel.id)
        closed, opens = hours.closed_until(tweet, now)
        if closed and opens is None:
            _unsaid(tweet, channel, TweetStatus.EXPIRED, "hours", now)
            return
        again = opens if closed and opens is not None else now
        fresh_until = again + timedelta(seconds=channel.fresh_s)
        reason = "hours" if closed else ""
        leave(tweet, TweetStatus.QUEUED, reason, "", due_at=again, fresh_until=fresh_until, attempts=Tweet.attempts - 1)


def _unsaid(tweet: Tweet, channel: Channel | None, status: TweetStatus, reason: str, now: datetime) -> None:
    with transaction():
        if not leave(tweet, status, reason, ""):
            return
        if tweet.after_id is not None and channel is not None:
            threads.lost(channel, tweet, Expired, reason, "", now)
            return
        if tweet.thread_id is not None:
            threads.cancel_rest(tweet.id, reason)
        note(tweet.channel_id, tweet.id, now, status, reason)


def _late(tweet: Tweet, channel: Channel, reason: str, now: datetime) -> None:
    """sending → expired. News may pass in silence; of what the owner planned or wrote they are told."""
    if tweet.message_id is not None:
        _unsaid(tweet, channel, TweetStatus.EXPIRED, reason, now)
        return
    with transaction():
        if leave(tweet, TweetStatus.EXPIRED, reason, ""):
            threads.lost(channel, tweet, Expired, reason, "", now)


def _put_off(tweet: Tweet, channel: Channel, until: datetime, reason: str, now: datetime) -> None:
    if until > tweet.fresh_until:
        _late(tweet, channel, reason, now)
    else:
        leave(tweet, TweetStatus.QUEUED, reason, "", due_at=until, attempts=Tweet.attempts - 1)
