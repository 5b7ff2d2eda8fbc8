"""Tweets that wait to be said, and saying them, by some at once."""

import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from engine.moderation import Form
from models.accounts.channels import Channel
from models.database import db as database
from models.database import forget_connection
from models.publishing import saying
from models.publishing.tweets import Tweet
from tests import channels
from tests.channels import ANA
from tests.conftest import NOW

HOUR = timedelta(hours=1)


def connected(x_id: int, owner: int = ANA) -> Channel:
    """A channel that leaves no gap between its posts."""
    made = channels.connected(x_id, f"canal{x_id}", owner)
    Channel.update(gap_s=0).where(Channel.id == made.id).execute()
    return Channel.get_by_id(made.id)


def wanted(
    channel: Channel,
    count: int,
    *,
    form: Form = Form.COPY,
    planned: bool = False,
    text: str = "hola",
    fresh: timedelta = HOUR,
    at: datetime = NOW,
) -> list[int]:
    """They wait to be said: copies of messages, or what a person wrote."""
    first = 1 + Tweet.select().count()
    return [
        Tweet.insert(
            channel_id=channel.id, message_id=None if planned else first + n, form=form, text=f"{text} {first + n}",
            target_x_id=1 if form is Form.REPOST else None, due_at=at, fresh_until=at + fresh, any_hour=True,
        ).execute()
        for n in range(count)
    ]  # fmt: skip


def said(tweets: list[int], at: datetime = NOW) -> int:
    """Say what may be said; how many."""
    count = 0
    for tweet_id in tweets:
        taken = saying.claim(tweet_id, at)
        if taken is not None:
            assert saying.sent(taken[0], tweet_id, at)
            count += 1
    return count


def at_once(by_thread: Iterable[list[Callable[[], object]]]) -> None:
    """Let threads do these things, each in its order, begun together, each with a connection of its own."""
    lots = list(by_thread)
    begun, done = threading.Barrier(len(lots)), list[bool]()

    def one(lot: list[Callable[[], object]]) -> None:
        database.execute_sql("SELECT 1")
        begun.wait()
        try:
            for act in lot:
                act()
            done.append(True)
        finally:
            forget_connection()

    threads = [threading.Thread(target=one, args=(lot,)) for lot in lots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == len(lots), "one of them broke"
