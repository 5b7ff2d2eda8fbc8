"""What X bills a tweet as, and what that costs."""

from datetime import datetime

from engine import composing
from engine.moderation import Form
from engine.x import prices
from engine.x.prices import Billed
from models.publishing import media
from models.publishing.tweets import Tweet


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
