"""Saying: what is due, from its claim to X and back. The arrows are listed in models/publishing/tweets.py.

Each arrow is one conditional update; who changed no row lost the race and leaves the tweet alone.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from engine import pacing, placing
from engine.moderation import Form
from engine.placing import Fate
from engine.x.prices import Billed
from models.accounts import channels, troubles
from models.accounts.channels import Channel, locked
from models.accounts.troubles import Kind
from models.costs import budgets, ledger
from models.database import InstantField, transaction
from models.notifications import notices
from models.notifications.kinds import Expired, Failed, Posted, Said
from models.publishing import allowance, billed, holding, hours, threads
from models.publishing.allowance import Wait, Want
from models.publishing.copies import withdrawn
from models.publishing.doubts import restored
from models.publishing.placing import pace_of
from models.publishing.tweets import Tweet, TweetStatus, UndoState, channel_of, leave, let_go, note
from models.statements import as_row, statement

SENDING_CLAIM = timedelta(seconds=20)
BROKE, BROKE_IN_DOUBT = threads.BROKE, threads.BROKE_IN_DOUBT
NO_WORD = frozenset({"crash", BROKE})  # of X's, why it is not known
WAITED_FOR = frozenset({*Want, *holding.KINDS, *billed.Short})
A_MOMENT, SETTLE_AFTER = timedelta(milliseconds=1), timedelta(seconds=5)


@statement
def _take(tweet_id: int, now: datetime, until: datetime, token: str) -> pw.Query:
    return (
        Tweet.update(
            status=TweetStatus.SENDING,
            claim=token,
            claimed_until=until,
            attempts=Tweet.attempts + 1,
            started_at=pw.fn.COALESCE(Tweet.started_at, now),
        )
        .where((Tweet.id == tweet_id) & (Tweet.status == TweetStatus.QUEUED) & (Tweet.due_at <= now))
        .returning(Tweet)
    )


@statement
def _is_sent(tweet_id: int, status: TweetStatus, claim: str, x_id: int, now: datetime, cost: int) -> pw.Query:
    gone = (Tweet.undo == UndoState.WANTED) & Tweet.undo_due_at.is_null()  # models/publishing/copies/withdrawn.py
    due_at, text = pw.Case(None, [(gone, now)], Tweet.undo_due_at), pw.Case(None, [(gone, "")], Tweet.text)
    said: dict[str, Any] = {
        "status": TweetStatus.SENT,
        "x_id": x_id,
        "sent_at": now,
        "cost": Tweet.cost + cost,
        "reservation": None,
    }
    return Tweet.update(**said, claimed_until=None, undo_due_at=due_at, text=text).where(
        (Tweet.id == tweet_id) & (Tweet.status == status) & (Tweet.claim == claim)
    )


@statement
def _renew(tweet_id: int, claim: str, text: str, until: datetime) -> pw.Query:
    mine = (Tweet.id == tweet_id) & (Tweet.status == TweetStatus.SENDING) & (Tweet.claim == claim)
    runs = Tweet.channel_id.in_(Channel.select(Channel.id).where(Channel.connected & Channel.is_on))
    still = (Tweet.text == text) & (Tweet.undo == UndoState.NONE) & runs
    return Tweet.update(claimed_until=until).where(mine & still)


@statement
def _has_place(tweet_id: int, claim: str, now: datetime) -> pw.Query:
    mine = (Tweet.id == tweet_id) & (Tweet.status == TweetStatus.SENDING) & (Tweet.claim == claim)
    return Tweet.update(counted_at=now).where(mine)


@statement
def _said_now(channel_id: int, now: datetime) -> pw.Query:
    earlier = Channel.last_said_at.is_null() | (Channel.last_said_at < now)
    return Channel.update(last_said_at=now).where((Channel.id == channel_id) & earlier)


@statement
def _said_after_gap(channel_id: int, now: datetime, said_before: datetime) -> pw.Query:
    free = Channel.last_said_at.is_null() | (Channel.last_said_at <= said_before)
    return Channel.update(last_said_at=now).where((Channel.id == channel_id) & free)


def claim(tweet_id: int, now: datetime) -> tuple[Tweet, Channel] | None:
    """queued → sending, for who calls; None where it is not due, not queued, or somebody else's.

    A tweet that may no longer be said leaves `sending` again here: expired when stale, cancelled when its channel is
    off or its writer left out, put off while channel, app or money must wait, to be read back first after a restore.
    """
    tweet = as_row(Tweet, _take.first(tweet_id, now, now + SENDING_CLAIM, secrets.token_hex(8)))
    if tweet is None:  # not due, or another worker took it
        return None
    channel = channels.one(tweet.channel_id)
    if channel is None or not channel.is_on or not channel.connected:
        _unsaid(tweet, channel, TweetStatus.CANCELLED, "channel_off", now)
    elif restored.is_read_first(tweet, channel, now):
        return None
    elif tweet.fresh_until < now:
        _late(tweet, channel, tweet.reason if tweet.reason in WAITED_FOR else "stale", now)
    elif (why := withdrawn.not_said_as(tweet, channel, now)) is not None:
        _unsaid(tweet, channel, TweetStatus.CANCELLED, why, now, in_silence=True)
    elif (held := holding.held(channel, tweet.id, now, SENDING_CLAIM)) is not None:
        _wait_for_x(tweet, held, now)
    elif _goes(tweet, channel, now):
        return tweet, channel
    else:
        holding.let_go(tweet.id, channel, now)
    return None


def _goes(tweet: Tweet, channel: Channel, now: datetime) -> bool:
    """Whether its hours, the app's day and the channel's pace let it go now; else it is put off, or has expired."""
    if hours.closed_until(tweet, channel, now)[0]:
        _close(tweet, channel, now)
    elif (wait := _count(tweet, now)) is not None:
        _wait_for_place(tweet, channel, wait, now)
    elif (short := billed.reserve(tweet, channel, now)) is not None:
        until = billed.look_again(short, tweet, now)
        leave(tweet, TweetStatus.QUEUED, billed.Short.MONEY, "", due_at=until, attempts=Tweet.attempts - 1)
    elif (free_at := _take_turn(tweet, channel, now)) > now:
        _put_off(tweet, channel, free_at, "paced", now)
    else:
        return True
    return False


def renew_claim(tweet: Tweet, now: datetime) -> bool:
    """Have the whole claim before a call to X; False where it lapsed and the tweet, or its text, is somebody else's.

    False, too, where what it is made of was taken back, or its channel is off by now: then it is said no more.
    """
    if _renew.changed(tweet.id, tweet.claim, tweet.text, now + SENDING_CLAIM) == 1:
        return True
    channel = None if let_go(tweet) else channels.one(tweet.channel_id)
    if channel is not None and not (channel.is_on and channel.connected):
        _unsaid(tweet, channel, TweetStatus.CANCELLED, "channel_off", now)
        holding.let_go(tweet.id, channel, now)
    return False


def sent(tweet: Tweet, x_id: int, now: datetime, *, status: TweetStatus = TweetStatus.SENDING) -> bool:
    """X has it: the id, the price, the owner's notice and the journal, in one transaction."""
    kind, cost = billed.kind_of(tweet), billed.cost_of(tweet, now)
    with transaction():
        if tweet.thread_id is not None:
            threads.take(tweet.thread_id)  # who takes the thread back sees this one said, or is seen by us
        if _is_sent.changed(tweet.id, status, tweet.claim, x_id, now, cost) != 1:
            if channel_of(tweet.id) is None:  # forgotten meanwhile: X bills it all the same
                ledger.charge(tweet.channel_id, kind, now)
            return False  # settled by another
        ledger.charge(tweet.channel_id, kind, now)
        budgets.release(tweet.reservation)
        channel = channels.one(tweet.channel_id)
        if channel is None:
            return True
        if status is TweetStatus.SENDING:  # else X was only read
            holding.took(channel, tweet, now)
        note(channel.id, tweet.id, now, "sent", "", x_id=str(x_id), form=tweet.form)
        withdrawn.if_left_out(tweet, now)
        if tweet.is_answer or (tweet.thread_id is not None and not _last_of_thread(tweet, now)):
            return True
        head_id = tweet.thread_id or tweet.id
        told = Posted(head_id) if threads.is_copy(tweet) else Said(head_id)
        notices.tell(channel.owner_id, told, now, channel_id=channel.id, tweet_id=head_id)
    return True


def _last_of_thread(tweet: Tweet, now: datetime) -> bool:
    """Whether all of the thread is said. What was said while its thread is taken back, is taken back too."""
    taken_back = (Tweet.thread_id == tweet.thread_id) & Tweet.undo.in_([UndoState.WANTED, UndoState.DONE])
    if Tweet.select().where(taken_back).exists():
        mine = (Tweet.id == tweet.id) & (Tweet.undo == UndoState.NONE)
        Tweet.update(undo=UndoState.WANTED, undo_due_at=now).where(mine).execute()
        return False
    threads.release(now, tweet.thread_id)
    return not Tweet.select().where((Tweet.thread_id == tweet.thread_id) & (Tweet.status != TweetStatus.SENT)).exists()


def retry(tweet: Tweet, now: datetime, reason: str, detail: str = "", *, wait: timedelta | None = None) -> None:
    """sending → queued, in a slot of its own after pauses that grow; expired when stale. X was not asked for it.

    A `wait` given is no attempt of X's: it does not count.
    """
    with transaction():
        channel = locked(tweet.channel_id)
        if channel is None:
            return
        earliest = now + (pacing.retry_delay(tweet.attempts) if wait is None else wait)
        last_slot = channel.last_slot_at
        if wait is None and tweet.message_id is not None:  # the gap is for what is reposted
            place = placing.place_again(earliest, pace_of(channel).gap, last_slot, tweet.fresh_until, reason)
        else:
            place = placing.put_off(earliest, last_slot, tweet.fresh_until, reason)
        attempts = Tweet.attempts if wait is None else Tweet.attempts - 1
        if not leave(tweet, TweetStatus(place.fate), reason, detail, due_at=place.due_at, attempts=attempts):
            return
        if place.last_slot != last_slot:
            Channel.update(last_slot_at=place.last_slot).where(Channel.id == channel.id).execute()
        if place.fate is Fate.EXPIRED:
            threads.lost(channel, tweet, Expired, reason, detail, now)


def fail(
    tweet: Tweet, now: datetime, reason: str, detail: str = "", *, status: TweetStatus = TweetStatus.SENDING,
    told: str = "", in_doubt: bool = False,
) -> None:  # fmt: skip
    """sending (or unknown) → failed, for what can't pass; the owner is told why, by `told` where that is another.

    What stays `in_doubt` X may have billed: it is charged, so that nobody spends what they don't see.
    """
    with transaction():
        channel = Channel.get_or_none(Channel.id == tweet.channel_id)
        if not leave(tweet, TweetStatus.FAILED, reason, detail, from_status=status):
            return
        if in_doubt and (tweet.answers_sender is None or tweet.reason in NO_WORD):  # else it was seen as it came
            ledger.charge(tweet.channel_id, billed.kind_of(tweet), now)
        if channel is None:
            return
        Channel.update(last_problem=detail or reason, last_problem_at=now).where(Channel.id == channel.id).execute()
        threads.lost(channel, tweet, Failed, told or reason, detail, now)


def broke(tweet_id: int, mine: Tweet | None, asked: bool, now: datetime) -> None:
    """→ failed for what can't be handled, for who has the claim (`mine`), or where nobody has it; the owner is told.

    `asked`: X may have it. Then that is what they are told, and its place in the day stays taken.
    """
    tweet = mine or Tweet.get_or_none(Tweet.id == tweet_id)
    if tweet is None:
        return
    if mine is None and tweet.status is TweetStatus.UNKNOWN:
        if tweet.claimed_until is None or tweet.claimed_until > now:
            return
    elif mine is None and tweet.status is not TweetStatus.QUEUED:
        return
    in_doubt = asked or tweet.status is TweetStatus.UNKNOWN
    if in_doubt:
        tweet.counted_at = None
    fail(tweet, now, BROKE, status=tweet.status, told=BROKE_IN_DOUBT if in_doubt else BROKE, in_doubt=in_doubt)


def doubt(tweet: Tweet, now: datetime, reason: str, detail: str = "", *, lost: bool = False) -> None:
    """sending → unknown: nobody knows whether X has it. It is settled by reading back, never by guessing.

    `lost`: X's answer is. A direct message can't be read back: then it is charged, as X has done it as a rule.
    """
    with transaction():
        until = now + SETTLE_AFTER
        left = leave(tweet, TweetStatus.UNKNOWN, reason, detail, claimed_until=until, unknown_since=now)
        if left and lost and tweet.answers_sender is not None:
            ledger.charge(tweet.channel_id, Billed.MESSAGE, now)


def day_full(channel: Channel, until: datetime | None, now: datetime, detail: str) -> None:
    """X takes no more posts of any channel today: all of them wait until the reset; each owner is told once."""
    with transaction():
        full_until = allowance.filled(until, now)
        troubles.met(channel.id, Kind.DAY_FULL, now, said=detail, until=full_until)


def fall_back(
    tweet: Tweet, form: Form, texts: tuple[str, ...], target_x_id: int | None, now: datetime, detail: str
) -> bool:
    """unknown → queued in the other form, once: X refused this one, and was read: it has not said it in spite of that.

    False where that was tried already.
    """
    if tweet.fell_back:
        return False
    with transaction():
        changes: dict[str, Any] = {"form": form, "text": texts[0], "target_x_id": target_x_id, "due_at": now}
        changes["fell_back"] = detail[:300] or "refused"
        if form is Form.REPOST and tweet.thread_id == tweet.id:  # it answers nothing, and nothing answers it
            threads.cancel_rest(tweet.id, "refused")
            changes["thread_id"] = None
        won = leave(tweet, TweetStatus.QUEUED, "refused", detail, from_status=tweet.status, **changes)
        if won:
            threads.go_on_with(tweet.id, tweet.channel_id, texts[1:], now, tweet.fresh_until)
            by_then = tweet.unknown_since or now  # what was said after it keeps its gap
            mine = (Channel.id == tweet.channel_id) & (Channel.last_said_at <= by_then)
            Channel.update(last_said_at=None).where(mine).execute()
            note(tweet.channel_id, tweet.id, now, "fell_back", "", form=form.value, detail=detail)
    return won


# --- the arrows ------------------------------------------------------------------------------------------


def _take_turn(tweet: Tweet, channel: Channel, now: datetime) -> datetime:
    """Say something now, if the gap since the last post has passed; else the moment at which it will have.

    Slots keep the gap in the plan; this keeps it in what is said, after a hold, an outage or a retry too. What was
    planned or written by a person goes out at its moment: the gap is for what is reposted.
    """
    if not channel.gap_s:
        return now
    if tweet.message_id is None:
        _said_now.changed(channel.id, now)
        return now
    gap = timedelta(seconds=channel.gap_s)
    if _said_after_gap.changed(channel.id, now, now - gap) == 1:
        return now
    last = Channel.select(Channel.last_said_at).where(Channel.id == channel.id).scalar()
    said_at: datetime = InstantField().python_value(last)
    return said_at + gap


def _count(tweet: Tweet, now: datetime) -> Wait | None:
    """Count it among the posts of the app's day, in one transaction with its mark; or until when it waits.

    A native repost does not count. What has a place already, as it may have been said, keeps that one.
    """
    if tweet.form is not Form.COPY or tweet.counted_at is not None:
        return None
    with transaction():
        wait = allowance.take(tweet.channel_id, now, planned=tweet.message_id is None)
        if wait is not None:
            return wait
        if _has_place.changed(tweet.id, tweet.claim, now) != 1:
            allowance.give_back(tweet.channel_id, now)
            return Wait(now, Want.PLACE)  # its claim lapsed: it is somebody else's
    tweet.counted_at = now
    return None


def _wait_for_place(tweet: Tweet, channel: Channel, wait: Wait, now: datetime, detail: str = "") -> None:
    """sending → queued for another look as long as it is fresh; expired where the wait is surely longer than that."""
    if wait.is_sure:
        holding.meets(channel.id, Kind.DAY_FULL, wait.until, now)
    until = wait.until if wait.is_sure else max(now, min(wait.until, tweet.fresh_until))
    _put_off(tweet, channel, until, wait.reason, now, detail)


def _close(tweet: Tweet, channel: Channel, now: datetime) -> None:
    """Its hours ended while it waited its turn: to the next ones, where it is fresh again, or nowhere.

    The hours are read once more with the channel's row taken: who changes them meanwhile wakes only what waits already.
    """
    with transaction():
        locked(channel.id)
        closed, opens = hours.closed_until(tweet, channel, now)
        place = placing.put_off_to_hours(now, pace_of(channel), channel.last_slot_at, opens if closed else now)
        if place.fate is Fate.EXPIRED:
            _unsaid(tweet, channel, TweetStatus.EXPIRED, place.reason, now)
            return
        again: dict[str, Any] = {"due_at": place.due_at, "fresh_until": place.fresh_until}
        leave(tweet, TweetStatus.QUEUED, place.reason, "", attempts=Tweet.attempts - 1, **again)


def _unsaid(
    tweet: Tweet, channel: Channel | None, status: TweetStatus, reason: str, now: datetime, *, in_silence: bool = False
) -> None:
    with transaction():
        if not leave(tweet, status, reason, ""):
            return
        if tweet.after_id is not None and channel is not None and not in_silence:
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
    if holding.tells_later(tweet, reason):
        holding.expire(tweet, reason, now)
        return
    with transaction():
        if leave(tweet, TweetStatus.EXPIRED, reason, ""):
            threads.lost(channel, tweet, Expired, reason, "", now)


def _wait_for_x(tweet: Tweet, held: holding.Held, now: datetime) -> None:
    """sending → queued until X is asked again, or until it is surely too late for it: nothing is given up before."""
    due_at = min(held.until, max(tweet.fresh_until, now) + A_MOMENT)
    leave(tweet, TweetStatus.QUEUED, held.reason, "", due_at=due_at, attempts=Tweet.attempts - 1)


def _put_off(tweet: Tweet, channel: Channel, until: datetime, reason: str, now: datetime, detail: str = "") -> None:
    place = placing.put_off(until, channel.last_slot_at, tweet.fresh_until, reason)
    if place.fate is Fate.EXPIRED:
        _late(tweet, channel, reason, now)
    else:
        leave(tweet, TweetStatus.QUEUED, reason, detail, due_at=place.due_at, attempts=Tweet.attempts - 1)
