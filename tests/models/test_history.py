"""How much a channel has said lately, as it is told beside X's wish for a pause."""

from datetime import timedelta
from typing import Any

import pytest

from models.database import db as database
from models.publishing import history
from models.publishing.history import Counts
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings
from tests.conftest import NOW
from tests.tweets import connected, wanted

MINUTE = timedelta(minutes=1)


def test_what_was_said_is_counted_by_how_long_ago_it_was(db: Settings) -> None:
    channel, other = connected(1), connected(2)
    for ago in (0, 14, 15, 59, 61, 24 * 60 - 1, 24 * 60):
        for whose in (channel, other):
            (tweet_id,) = wanted(whose, 1)
            Tweet.update(status=TweetStatus.SENT, sent_at=NOW - ago * MINUTE).where(Tweet.id == tweet_id).execute()
    wanted(channel, 1)
    assert history.counts_of(channel.id, NOW) == Counts(2, 4, 6)


def test_the_counts_agree_while_others_go_on_saying(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = connected(1)
    waiting = wanted(channel, 6)
    ask = type(database.obj).execute_sql

    def then_another_is_said(self: Any, sql: str, *rest: Any) -> Any:
        found = ask(self, sql, *rest)
        if sql.startswith("SELECT") and waiting:
            said = Tweet.update(status=TweetStatus.SENT, sent_at=NOW).where(Tweet.id == waiting.pop())
            ask(self, *said.sql())
        return found

    monkeypatch.setattr(type(database.obj), "execute_sql", then_another_is_said)
    assert [history.counts_of(channel.id, NOW) for _ in range(3)] == [Counts(n, n, n) for n in range(3)]
