"""What waits for its moment: it gets its place in time, is found when it is due, or leaves because it is unwanted."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee as pw

from engine import placing
from engine.moderation import Form
from engine.moderation.optout import OPTED_OUT
from engine.placing import Fate, Pace
from engine.posts import Thread
from models.accounts.channels import Channel, locked
from models.database import transaction
from models.notifications import notices
from models.publishing import hours, kept, threads
from models.publishing.tweets import Tweet, TweetStatus, note
from models.statements import statement
from models.streaming.messages import Message

A_MOMENT = timedelta(minutes=1)
LATELY = timedelta(days=2)  # nothing that a person wrote is on its way for longer


@dataclass(frozen=True, slots=True)
class Judged:
    """An approved message on its way to become a tweet; `texts` are those of a copy, several where it is a thread.

    `at` is when it was written, or when a person approved it: its freshness counts from there, or from the open hour
    that it waits for. With `any_hour` the channel's hours don't matter: a person wants it said. `written_by` is the one
    whose words the text is. With `answers_x_id` or `answers_sender` it is the channel's own answer to the message.
    """

    message_id: int
    channel_id: int
    form: Form
    texts: tuple[str, ...]
    x_id: int
    at: datetime
    waits_until: datetime | None = None
    any_hour: bool = False
    written_by: int | None = None
    answers_x_id: int | None = None
    answers_sender: int | None = None


@dataclass(frozen=True, slots=True)
class Queued:
    """A tweet that waits for its moment."""

    tweet_id: int
    due_at: datetime


@statement
def _insert(
    channel_id: int,
    message_id: int,
    form: Form,
    text: str,
    target: int | None,
    status: TweetStatus,
    reason: str,
    due_at: datetime,
    fresh_until: datetime,
    any_hour: bool,
    person_id: int | None,
    answers_x_id: int | None,
    answers_sender: int | None,
) -> pw.Query:
    return Tweet.insert(
        channel_id=channel_id,
        message_id=message_id,
        form=form,
        text=text,
        target_x_id=target,
        status=status,
        reason=reason,
        due_at=due_at,
        fresh_until=fresh_until,
        any_hour=any_hour,
        person_id=person_id,
        answers_x_id=answers_x_id,
        answers_sender=answers_sender,
    ).returning(Tweet.id)


@statement
def _last_slot(channel_id: int, last_slot: datetime | None) -> pw.Query:
    return Channel.update(last_slot_at=last_slot).where(Channel.id == channel_id)


def queue_reposts(approved: list[Judged], now: datetime) -> list[Queued]:
    """Give approved messages their places (engine/placing.py); call it inside the transaction of their verdicts.

    The first update takes each channel's row, in the order of ids, so two workers never hand out one slot.
    """
    by_channel: dict[int, list[Judged]] = defaultdict(list)
    for item in approved:
        by_channel[item.channel_id].append(item)
    queued: list[Queued] = []
    for channel_id in sorted(by_channel):
        channel = locked(channel_id)
        if channel is None:
            continue
        pace, last_slot = pace_of(channel), channel.last_slot_at
        for item in by_channel[channel_id]:
            opens, text = item.waits_until, item.texts[0] if item.texts else ""
            place = placing.place(
                now,
                pace,
                last_slot,
                said_at=item.at,
                opens=opens,
                last_waiting=hours.last_waiting(channel_id, opens) if opens is not None and opens > now else None,
                empty=item.form is Form.COPY and not text.strip(),
            )
            last_slot = place.last_slot
            status = TweetStatus(place.fate)
            ((tweet_id,),) = _insert.rows(
                channel_id=channel_id,
                message_id=item.message_id,
                form=item.form,
                text=text,
                target=item.x_id if item.form is Form.REPOST else None,
                status=status,
                reason=place.reason,
                due_at=place.due_at,
                fresh_until=place.fresh_until,
                any_hour=item.any_hour,
                person_id=item.written_by,
                answers_x_id=item.answers_x_id,
                answers_sender=item.answers_sender,
            )
            if place.fate is Fate.QUEUED:
                threads.go_on_with(tweet_id, channel_id, item.texts[1:], place.due_at, place.fresh_until)
                queued.append(Queued(tweet_id, place.due_at))
            else:
                note(channel_id, tweet_id, now, status, place.reason)
        if last_slot != channel.last_slot_at:
            _last_slot.changed(channel_id, last_slot)
    return queued


def pace_of(channel: Channel) -> Pace:
    """How the channel goes, as its owner chose."""
    runs = bool(channel.is_on and channel.connected)
    return Pace(runs, timedelta(seconds=channel.gap_s), timedelta(seconds=channel.fresh_s))


def say_now(channel_id: int, person_id: int, thread: Thread, now: datetime, *, fresh: timedelta) -> Queued:
    """Queue what a person wrote, to go out at once, or as soon as X has its photos and videos."""
    with transaction():
        head = threads.insert(channel_id, thread, now, due_at=now, fresh_until=now + fresh, person_id=person_id)
        assert head is not None  # only what belongs to a schedule can be there already
        note(channel_id, head.id, now, "written", "", by=str(person_id))
    return Queued(head.id, now)


def say_once(channel_id: int, person_id: int, thread: Thread, now: datetime, *, fresh: timedelta) -> Queued | None:
    """The same, for a button that stays where it is; None where the same is on its way, or was said a moment ago."""
    with transaction():
        locked(channel_id)  # two taps come one after the other
        under_way = Tweet.status.in_(
            [TweetStatus.QUEUED, TweetStatus.WAITING, TweetStatus.SENDING, TweetStatus.UNKNOWN]
        ) | ((Tweet.status == TweetStatus.SENT) & (Tweet.sent_at > now - A_MOMENT))
        by_hand = (Tweet.channel_id == channel_id) & (Tweet.person_id == person_id) & (Tweet.due_at > now - LATELY)
        if (
            Tweet.select()
            .where(by_hand & Tweet.schedule_id.is_null() & under_way & (Tweet.text == thread[0].text))
            .exists()
        ):
            return None
        return say_now(channel_id, person_id, thread, now, fresh=fresh)


def due(now: datetime, limit: int, but_of: Collection[int] = ()) -> list[int]:
    """Ids of queued tweets whose moment has come, the longest waiting first; `but_of`: not of these channels."""
    ready = Tweet.status.literally(TweetStatus.QUEUED) & (Tweet.due_at <= now) & Tweet.channel_id.not_in(list(but_of))
    return [t.id for t in Tweet.select(Tweet.id).where(ready).order_by(Tweet.due_at).limit(limit)]


def next_due() -> datetime | None:
    """The moment of the next queued tweet."""
    queued = Tweet.status.literally(TweetStatus.QUEUED)
    first = Tweet.select(Tweet.due_at).where(queued).order_by(Tweet.due_at).first()
    return first.due_at if first is not None else None


def cancel_for_edit(message_id: int, now: datetime) -> bool:
    """queued → cancelled: the message was edited before its tweet was said. False where it was too late for that."""
    waits = (Tweet.status == TweetStatus.QUEUED) | kept.kept()
    won = list(
        Tweet.update(status=TweetStatus.CANCELLED, reason="edited")
        .where((Tweet.message_id == message_id) & waits)
        .returning(Tweet)
        .execute()
    )
    for tweet in won:
        if tweet.thread_id is not None:
            threads.cancel_rest(tweet.id, "edited")
        note(tweet.channel_id, tweet.id, now, "cancelled", "edited")
    return bool(won)


def cancel_of_sender(channel_id: int, sender_id: int, now: datetime) -> int:
    """→ cancelled for all that somebody wrote and is not said yet: they asked not to be reposted. How many.

    What is in the air is settled; where it turns out to be unsaid, the claim finds that it may not be said any more.
    """
    theirs = Message.select(Message.id).where((Message.channel_id == channel_id) & (Message.sender_id == sender_id))
    waits = Tweet.status.in_([TweetStatus.QUEUED, TweetStatus.WAITING]) | kept.kept()
    reposts = Tweet.answers_x_id.is_null() & Tweet.answers_sender.is_null()
    unsaid = (Tweet.channel_id == channel_id) & Tweet.message_id.in_(theirs) & waits & reposts
    gone = list(Tweet.update(status=TweetStatus.CANCELLED, reason=OPTED_OUT).where(unsaid).returning(Tweet).execute())
    for tweet in gone:
        if tweet.thread_id is not None:
            threads.cancel_rest(tweet.id, OPTED_OUT)
        note(channel_id, tweet.id, now, "cancelled", OPTED_OUT)
        notices.redraw_message(tweet.message_id or 0, now)
    return len(gone)


def half_said_of(channel_id: int, sender_id: int) -> list[int]:
    """The first posts of copies of somebody's messages of which a part is said, and a part is not."""
    theirs = Message.select(Message.id).where((Message.channel_id == channel_id) & (Message.sender_id == sender_id))
    begun = (Tweet.channel_id == channel_id) & Tweet.message_id.in_(theirs) & (Tweet.status == TweetStatus.SENT)
    rest = Tweet.alias()
    unsaid = rest.status.in_([TweetStatus.QUEUED, TweetStatus.WAITING, TweetStatus.SENDING, TweetStatus.UNKNOWN])
    has_rest = pw.fn.EXISTS(rest.select().where((rest.thread_id == Tweet.id) & unsaid))
    return [t.id for t in Tweet.select(Tweet.id).where(begun & Tweet.thread_id.is_null(False) & has_rest)]


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
