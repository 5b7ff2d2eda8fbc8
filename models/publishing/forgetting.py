"""Tweets past their time go, with their uploads; their days keep the counts. Uses of hashtags are counted up before.

A use is given back by an undo for a week; after that it counts for good.
"""

from collections import Counter, defaultdict
from datetime import datetime, timedelta

import peewee as pw

from models.accounts import days
from models.accounts.days import Sums
from models.bites import NOTHING, Bite, in_order, taken
from models.database import as_tuples, transaction
from models.publishing.hashtags import COUNTS, Hashtag, HashtagUse
from models.publishing.media import KEPT as MEDIA_KEPT
from models.publishing.media import Media, Upload, going
from models.publishing.tweets import Tweet, TweetStatus, UndoState

KEPT = timedelta(days=90)
USES_KEPT = timedelta(days=7)
OVER = (TweetStatus.SENT, TweetStatus.FAILED, TweetStatus.EXPIRED, TweetStatus.CANCELLED)
COUNTED_AS = {TweetStatus.SENT: "said", TweetStatus.FAILED: "failed", TweetStatus.EXPIRED: "expired"}


def tweets(now: datetime, after: int, most: int) -> Bite:
    """Delete tweets that are over since three months: what became of them stands in their day."""
    old, upto = in_order(Tweet, Tweet.due_at, now - KEPT, after, most)
    if not old:
        return NOTHING
    sums: Sums = defaultdict(Counter)
    over = Tweet.status.in_(OVER) & (Tweet.undo != UndoState.WANTED) & (Tweet.due_at < now - KEPT)
    with transaction():
        deleting = Tweet.delete().where(Tweet.id.in_(old) & over)
        gone = list(deleting.returning(Tweet.id, Tweet.channel_id, Tweet.due_at, Tweet.status).execute())
        for tweet in gone:
            counts = sums[tweet.channel_id, days.day_of(tweet.due_at)]
            if tweet.status in COUNTED_AS:
                counts[COUNTED_AS[tweet.status]] += 1
        days.add(sums)
        ids = [tweet.id for tweet in gone]
        Upload.delete().where(Upload.tweet_id.in_(ids)).execute()
        HashtagUse.delete().where(HashtagUse.tweet_id.in_(ids)).execute()
    return Bite(len(gone), upto)


def uses(now: datetime, after: int, most: int) -> Bite:
    """Count up the uses of hashtags in tweets that are over since a week: from then on they count for good."""
    used = HashtagUse.select(HashtagUse.hashtag_id, HashtagUse.tweet_id, Tweet.due_at)
    rows = as_tuples(
        used.join(Tweet, on=(Tweet.id == HashtagUse.tweet_id))
        .where(HashtagUse.tweet_id > after)
        .order_by(HashtagUse.tweet_id)
        .limit(most)
    )
    old = sorted({tweet_id for _, tweet_id, due_at in rows if due_at < now - USES_KEPT})
    if not old:
        return NOTHING
    with transaction():
        over = Tweet.status.in_(OVER) & (Tweet.undo != UndoState.WANTED) & Tweet.id.in_(old)
        kept = dict(as_tuples(Tweet.select(Tweet.id, pw.Case(None, [(COUNTS, 1)], 0)).where(over)))
        deleting = HashtagUse.delete().where(HashtagUse.tweet_id.in_(list(kept)))
        gone = list(deleting.returning(HashtagUse.hashtag_id, HashtagUse.tweet_id).execute())
        counted = Counter(use.hashtag_id for use in gone if kept[use.tweet_id])
        for hashtag_id in sorted(counted):
            more = Hashtag.used_before + counted[hashtag_id]
            Hashtag.update(used_before=more).where(Hashtag.id == hashtag_id).execute()
    return Bite(len(gone), rows[-1][1] if len(rows) == most else None)


def unused_media(used: set[int], now: datetime) -> list[int]:
    """Files that are a month old and that nothing uses (`used`) or is about to bring to X."""
    old = Media.select(Media.id).where(Media.created_at < now - MEDIA_KEPT).order_by(Media.created_at)
    return [i for (i,) in as_tuples(old) if i not in used]


def one_file(media_id: int) -> int:
    """Delete a file, unless it is about to be brought to X; how many. They are large: one at once."""
    return taken(Media.delete().where((Media.id == media_id) & Media.id.not_in(going())))
