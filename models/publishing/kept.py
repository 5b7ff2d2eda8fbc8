"""What waited when a channel went off, or fell due while it was: kept, and not dropped in silence.

    queued | waiting → cancelled, with the reason why the channel is off (`placing.cancel_queued`, planning, the claim)
    cancelled → queued | waiting | unknown, where the channel is on again in time for it
    cancelled → expired, where it is too late: listed for the owner, each with a button to say it after all

What a person wrote or planned is kept whatever the reason was. News is kept where X had ended the access or locked the
account; who switches a channel off wants no more of it, so that is dropped, and the number said.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee as pw

from engine.moderation import Form
from models import aside
from models.accounts import team, troubles
from models.accounts.channels import Channel, OffReason
from models.aside import Item, Place
from models.database import to_stored, transaction
from models.notifications import notices
from models.notifications.kinds import WhileOff
from models.publishing import holding, media
from models.publishing.tweets import Tweet, TweetStatus, note

BY_X = (OffReason.TOKEN.value, OffReason.LOCKED.value)
OFF = ("channel_off", *BY_X)
LOOKED_BACK = timedelta(days=31)
MOST_LISTED = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many posts wait for the channel to be on again, until `first_ends` or later; so much news was dropped."""

    posts: int = 0
    first_ends: datetime | None = None
    dropped: int = 0


def kept() -> pw.Expression:
    """What is kept for the time when its channel is on again."""
    by_person = Tweet.message_id.is_null() & Tweet.reason.in_(OFF)
    news = Tweet.message_id.is_null(False) & Tweet.reason.in_(BY_X)
    return (Tweet.status == TweetStatus.CANCELLED) & Tweet.after_id.is_null() & (by_person | news)


def is_kept(tweet: Tweet) -> bool:
    """The same of one."""
    mine = tweet.status is TweetStatus.CANCELLED and tweet.after_id is None
    return mine and tweet.reason in (OFF if tweet.message_id is None else BY_X)


def waiting(channel_id: int, now: datetime) -> Waiting:
    """What waits for a channel that is off."""
    mine = _of(channel_id, now) & (Tweet.fresh_until > now)
    count, first = Tweet.select(pw.fn.COUNT(Tweet.id), pw.fn.MIN(Tweet.fresh_until)).where(mine & kept()).tuples()[0]
    news = (Tweet.status == TweetStatus.CANCELLED) & Tweet.message_id.is_null(False) & (Tweet.reason == "channel_off")
    return Waiting(int(count), first, Tweet.select().where(mine & news).count())


def end_troubles(channel_id: int) -> None:
    """The ends of its troubles are told nobody any more: what they made too late is told when the channel is on again.

    Call it inside the transaction that turns the channel off, or connects it anew.
    """
    for trouble in troubles.of_channel(channel_id):
        if trouble.told_at is not None:
            late = [tweet.id for tweet in holding.late(channel_id, trouble.kind, trouble.since)]
            untold = Tweet.id.in_(late) & (Tweet.status == TweetStatus.EXPIRED)
            Tweet.update(status=TweetStatus.CANCELLED, reason=OFF[0]).where(untold).execute()
    troubles.drop(channel_id)


def bring_back(channel_id: int, now: datetime) -> None:
    """The channel is on again: what is in time goes out, what is too late is listed for its owner.

    Call it inside the transaction that turns the channel on.
    """
    with transaction():
        channel = Channel.get_or_none(Channel.id == channel_id)
        if channel is None:
            return
        in_time = list(Tweet.select().where(_of(channel_id, now) & kept() & (Tweet.fresh_until > now)))
        back = 0
        for tweet in in_time:  # one that breaks keeps neither the others from going on, nor the channel from being on
            with aside.apart(Item(Place.JOB, f"going on with post {tweet.id}", channel_id)), transaction():
                back += _again(tweet, now)
        over = _of(channel_id, now) & kept() & (Tweet.fresh_until <= now)
        gone = list(Tweet.update(status=TweetStatus.EXPIRED).where(over).returning(Tweet).execute())
        for tweet in gone:
            note(channel_id, tweet.id, now, "expired", tweet.reason)
        late = sorted((t for t in gone if t.message_id is None), key=lambda t: (t.due_at, t.id))
        if back or gone:
            listed = tuple(t.id for t in late[-MOST_LISTED:])
            told = WhileOff(back, len(late), listed, len(gone) - len(late), now)
            team.tell(channel, told, now)


def _of(channel_id: int, now: datetime) -> pw.Expression:
    return (Tweet.channel_id == channel_id) & (Tweet.due_at > now - LOOKED_BACK)


def _again(tweet: Tweet, now: datetime) -> bool:
    """cancelled → on its way, with the rest of its thread; what may have reached X before is read back first."""
    asked = tweet.started_at is not None and tweet.form is not Form.REPOST
    shows = bool(media.count_of(tweet.id)) or tweet.thread_id is not None
    status = TweetStatus.UNKNOWN if asked else TweetStatus.WAITING if shows else TweetStatus.QUEUED
    due = pw.Case(None, [(Tweet.due_at > now, Tweet.due_at)], to_stored(now))
    again = {Tweet.attempts: 0, Tweet.reason: "", Tweet.detail: "", Tweet.due_at: due}
    asked_at = now if asked else None
    first = Tweet.update({**again, Tweet.status: status, Tweet.claimed_until: asked_at, Tweet.unknown_since: asked_at})
    if first.where((Tweet.id == tweet.id) & kept()).execute() != 1:
        return False
    ids = [tweet.id]
    if tweet.thread_id is not None:
        rest = (Tweet.thread_id == tweet.thread_id) & Tweet.after_id.is_null(False)
        gone = rest & (Tweet.status == TweetStatus.CANCELLED) & (Tweet.reason == tweet.reason)
        ids += [
            t.id for t in Tweet.update({**again, Tweet.status: TweetStatus.WAITING}).where(gone).returning(Tweet.id)
        ]
    media.want_again(ids if status is TweetStatus.WAITING else ids[1:], now)
    note(tweet.channel_id, tweet.id, now, "goes_on", "")
    if tweet.message_id is not None:
        notices.redraw_message(tweet.message_id, now)
    return True
