"""Promoted hashtags of a channel, and the tweets that used them.

A use is a row that ties a hashtag to a tweet, made when the tweet is about to be said. Whether it counts is the tweet's
state: said and not undone, or on its way. So a refusal or an undo gives it back by itself. After a week what counts is
added to `used_before`, and the row goes (models/publishing/forgetting.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import peewee as pw

from engine import hashtags as rules
from engine import timetable
from engine.hashtags import Used
from engine.moderation import Form
from engine.text import fold
from engine.timetable import ALWAYS
from models.accounts import choices
from models.accounts.channels import locked
from models.database import Table, as_tuples, to_stored, transaction
from models.publishing.tweets import Tweet, TweetStatus, UndoState


class Hashtag(Table):
    id = pw.AutoField()
    channel_id = pw.IntegerField()
    tag = pw.TextField()
    tag_key = pw.TextField()
    window = pw.TextField(default="")
    first = pw.TextField(default="")
    last = pw.TextField(default="")
    most = pw.IntegerField(null=True)
    most_day = pw.IntegerField(null=True)
    is_on = pw.BooleanField(default=True)
    used_before = pw.IntegerField(default=0)

    @property
    def value(self) -> rules.Hashtag:
        """The same as the engine knows it."""
        return rules.Hashtag(
            self.tag,
            timetable.parse(self.window) if self.window else ALWAYS,
            date.fromisoformat(self.first) if self.first else None,
            date.fromisoformat(self.last) if self.last else None,
            self.most,
            self.most_day,
        )


class HashtagUse(Table):
    hashtag_id = pw.IntegerField()
    tweet_id = pw.BigIntegerField(index=True)

    class Meta:
        primary_key = pw.CompositeKey("hashtag_id", "tweet_id")


COUNTS = ((Tweet.status == TweetStatus.SENT) & (Tweet.undo != UndoState.DONE)) | Tweet.status.in_(
    [TweetStatus.QUEUED, TweetStatus.WAITING, TweetStatus.SENDING, TweetStatus.UNKNOWN]
)


def put(channel_id: int, wanted: rules.Hashtag) -> bool:
    """Add a hashtag, or give one that is there other limits; whether it is new."""
    values: dict[str, Any] = {
        "tag": wanted.tag,
        "window": "" if wanted.window == ALWAYS else wanted.window.written(),
        "first": wanted.first.isoformat() if wanted.first else "",
        "last": wanted.last.isoformat() if wanted.last else "",
        "most": wanted.most,
        "most_day": wanted.most_day,
    }
    with transaction():
        there = (Hashtag.channel_id == channel_id) & (Hashtag.tag_key == fold(wanted.tag))
        if Hashtag.update(is_on=True, **values).where(there).execute():
            return False
        Hashtag.insert(channel_id=channel_id, tag_key=fold(wanted.tag), **values).on_conflict_ignore().execute()
    return True


def switch(channel_id: int, hashtag_id: int, *, on: bool) -> None:
    """Add it to posts, or not."""
    Hashtag.update(is_on=on).where((Hashtag.id == hashtag_id) & (Hashtag.channel_id == channel_id)).execute()


def remove(channel_id: int, tag: str) -> Hashtag | None:
    """Take it off the list; what it was. Its uses stay, for when it comes back."""
    there = (Hashtag.channel_id == channel_id) & (Hashtag.tag_key == fold(tag.lstrip("#＃")))
    gone = list(Hashtag.delete().where(there).returning(Hashtag).execute())
    return gone[0] if gone else None


@dataclass(frozen=True, slots=True)
class HashtagBefore:
    """A hashtag as it was, by its key; None where the channel did not have it."""

    tag_key: str
    values: dict[str, Any] | None


def before(channel_id: int, tag: str) -> HashtagBefore:
    """A hashtag as it is now, for `models/undoing.py`."""
    found = named(channel_id, tag)
    return HashtagBefore(fold(tag.lstrip("#＃")), dict(found.__data__) if found is not None else None)


def restore(channel_id: int, was: HashtagBefore, now: datetime) -> None:
    """The hashtag as it was, with its uses."""
    with transaction():
        there = (Hashtag.channel_id == channel_id) & (Hashtag.tag_key == was.tag_key)
        if was.values is None:
            Hashtag.delete().where(there).execute()
        elif not Hashtag.update(**{k: v for k, v in was.values.items() if k != "used_before"}).where(there).execute():
            Hashtag.insert(**was.values).on_conflict_ignore().execute()


def one(channel_id: int, hashtag_id: int) -> Hashtag | None:
    return Hashtag.get_or_none((Hashtag.id == hashtag_id) & (Hashtag.channel_id == channel_id))


def named(channel_id: int, tag: str) -> Hashtag | None:
    key = fold(tag.lstrip("#＃"))
    return Hashtag.get_or_none((Hashtag.channel_id == channel_id) & (Hashtag.tag_key == key))


def used(channel_id: int, now: datetime, *, only_on: bool = False) -> list[Used]:
    """The channel's hashtags with their uses, in the order of the alphabet."""
    mine = Hashtag.channel_id == channel_id
    rows = list(Hashtag.select().where(mine & Hashtag.is_on if only_on else mine).order_by(Hashtag.tag_key))
    zone = choices.zone_of(channel_id)
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    today = pw.Case(None, [(pw.fn.COALESCE(Tweet.sent_at, to_stored(now)) >= to_stored(midnight), 1)], 0)
    found = (
        HashtagUse.select(HashtagUse.hashtag_id, pw.fn.COUNT(Tweet.id), pw.fn.SUM(today))
        .join(Tweet, on=(Tweet.id == HashtagUse.tweet_id))
        .where(HashtagUse.hashtag_id.in_([r.id for r in rows]) & COUNTS)
        .group_by(HashtagUse.hashtag_id)
    )
    uses = {i: (int(total), int(day or 0)) for i, total, day in as_tuples(found)} if rows else {}
    before = dict(as_tuples(Hashtag.select(Hashtag.id, Hashtag.used_before).where(mine)))  # read last: never too few
    return [Used(r.id, r.value, total + before.get(r.id, 0), day)
            for r in rows for total, day in [uses.get(r.id, (0, 0))]]  # fmt: skip


Chosen = Sequence[Used]


def for_copy(channel_id: int, text: str, now: datetime) -> Chosen:
    """The hashtags that a copy with this text would get now: to be shown before it is confirmed."""
    each = choices.hashtags_in(channel_id, planned=False)
    if not each:
        return ()
    zone = choices.zone_of(channel_id)
    return tuple(rules.choose(used(channel_id, now, only_on=True), text, each, now, zone))


def with_tags(text: str, chosen: Chosen) -> str:
    """The text with these at its end."""
    return rules.with_tags(text, list(chosen)) if chosen else text


def use(tweet_id: int, chosen: Chosen) -> None:
    """A tweet was made with these in its text already; call it in that transaction."""
    for item in chosen:
        HashtagUse.insert(hashtag_id=item.id, tweet_id=tweet_id).on_conflict_ignore().execute()


def add_to(tweet: Tweet, now: datetime) -> Tweet:
    """Give a tweet that is about to be said its hashtags; call it right after the claim, before X is asked.

    The text is written down with them, so that reading back finds it. The channel's row is taken, so that two tweets
    don't share a last use. Once only: a tweet that is tried again keeps its own.
    """
    planned = tweet.schedule_id is not None
    by_hand = tweet.message_id is None and not planned
    if tweet.form != Form.COPY or by_hand or tweet.edited or tweet.after_id is not None or tweet.is_answer:
        return tweet
    each = choices.hashtags_in(tweet.channel_id, planned=planned)
    if not each:
        return tweet
    with transaction():
        locked(tweet.channel_id)
        if HashtagUse.select().where(HashtagUse.tweet_id == tweet.id).exists():
            return tweet
        zone = choices.zone_of(tweet.channel_id)
        chosen = rules.choose(used(tweet.channel_id, now, only_on=True), tweet.text, each, now, zone)
        if not chosen:
            return tweet
        text = rules.with_tags(tweet.text, chosen)
        mine = (Tweet.id == tweet.id) & (Tweet.status == TweetStatus.SENDING) & (Tweet.claim == tweet.claim)
        if Tweet.update(text=text).where(mine).execute() != 1:
            return tweet
        for item in chosen:
            HashtagUse.insert(hashtag_id=item.id, tweet_id=tweet.id).execute()
        tweet.text = text
    return tweet
