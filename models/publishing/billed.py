"""What X bills a tweet as, what that costs, and that it is paid for: reserved of every budget before X is asked.

What waits is looked at again each minute, and at once where a budget is raised; too late by then, it has expired for
want of money. Taking something back is never kept from going by a budget: whoever wrote it, or X's rules, may want it
gone.
"""

from datetime import datetime, timedelta
from enum import StrEnum

import peewee as pw

from engine import composing
from engine.budgets import Pays
from engine.moderation import Form
from engine.x import prices
from engine.x.prices import Billed
from models.accounts.channels import Channel
from models.costs import budgets
from models.costs.budgets import NOBODY, SERVICE, Key, NoMoney
from models.database import transaction
from models.publishing import media
from models.publishing.tweets import Tweet, TweetStatus
from models.statements import statement

LOOK_AGAIN = timedelta(minutes=1)


class Short(StrEnum):
    """What is missing. The value is stored as the reason of what waits, so it never changes."""

    MONEY = "budget"


@statement
def _is_reserved(tweet_id: int, claim: str, reservation: int) -> pw.Query:
    mine = (Tweet.id == tweet_id) & (Tweet.status == TweetStatus.SENDING) & (Tweet.claim == claim)
    return Tweet.update(reservation=reservation).where(mine)


def kind_of(tweet: Tweet) -> Billed:
    """What X bills it as, once it has it."""
    if tweet.form is Form.REPOST:
        return Billed.REPOST
    if tweet.is_answer:
        return Billed.ANSWER if tweet.answers_sender is None else Billed.MESSAGE
    return Billed.LINK if composing.has_link(tweet.text) else Billed.POST


def cost_of(tweet: Tweet, now: datetime) -> int:
    """What it costs, in micro-dollars, with the descriptions of its files, which are charged as X is told them."""
    described = media.described(tweet.id) if tweet.message_id is None else 0
    return prices.of(kind_of(tweet), now) + described * prices.of(Billed.ALT_TEXT, now)


def pays_of(tweet: Tweet) -> Pays:
    """What it is for who pays."""
    if tweet.message_id is None:
        return Pays.PLANNED
    linked = tweet.form is Form.COPY and not tweet.is_answer and composing.has_link(tweet.text)
    return Pays.LINKS if linked else Pays.REPOSTS


def reserve(tweet: Tweet, channel: Channel, now: datetime) -> NoMoney | None:
    """Reserve what it costs, in one transaction with its mark, for who has claimed it; or what is missing."""
    if tweet.reservation is not None:
        return None
    with transaction():
        cost = prices.of(kind_of(tweet), now)  # X was told of its files, and that is paid
        found = budgets.take(channel.id, channel.owner_id, pays_of(tweet), cost, now)
        if found is None or isinstance(found, NoMoney):
            return found
        if _is_reserved.changed(tweet.id, tweet.claim, found.id) != 1:
            budgets.release(found.id)
            return NoMoney(SERVICE, now, is_sure=False)  # its claim lapsed: it is somebody else's
    tweet.reservation = found.id
    return None


def look_again(short: NoMoney, tweet: Tweet, now: datetime) -> datetime:
    """When it is looked at again: soon where something may come back, else each minute as long as it is fresh."""
    until = min(short.until, now + LOOK_AGAIN)
    return min(until, max(tweet.fresh_until, now) + timedelta(milliseconds=1))


def wake(key: Key, now: datetime) -> int:
    """What waits for money of this budget is due now; how many."""
    waits = Tweet.status.literally(TweetStatus.QUEUED) & (Tweet.reason == Short.MONEY.value) & (Tweet.due_at > now)
    if key[0]:
        waits &= Tweet.channel_id == key[0]
    elif key[1] != NOBODY:
        waits &= Tweet.channel_id.in_(Channel.select(Channel.id).where(Channel.owner_id == key[1]))
    return int(Tweet.update(due_at=now).where(waits).execute())


def waiting(channel_id: int) -> int:
    """How much of a channel waits for money."""
    mine = (Tweet.channel_id == channel_id) & (Tweet.reason == Short.MONEY.value)
    return int(Tweet.select().where(Tweet.status.literally(TweetStatus.QUEUED) & mine).count())
