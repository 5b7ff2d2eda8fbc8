"""Whoever changes more than a row of a channel takes the channel first, as who judges does: nobody locks another out."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from engine.moderation import Keyword, KeywordRole, Review
from engine.moderation.standing import Standing
from models import choosing, undoing
from models.accounts import channels
from models.accounts.channels import Channel
from models.database import db as database
from models.database import is_sqlite, transaction
from models.moderation import lists, review, senders, standings
from models.moderation.senders import Source
from models.settings import Settings
from models.streaming.messages import Message, MessageStatus
from tests.channels import connected
from tests.conftest import NOW
from tests.models.test_moderation import ANA, fresh, heard, judge
from tests.postgres import WAITING_FOR_LOCKS


@pytest.fixture
def channel(db: Settings) -> Channel:
    if is_sqlite():
        pytest.skip("one writes at a time")
    made = connected(70, "trafico")
    lists.add(made.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    return fresh(made)


@contextmanager
def judging(channel: Channel, meanwhile: Callable[[], object]) -> Iterator[None]:
    """A transaction that has the channel, as that of a verdict, while another thread waits for it; that one ends too."""
    other = threading.Thread(target=meanwhile)
    with transaction():
        channels.locked(channel.id)
        other.start()
        while not database.execute_sql(WAITING_FOR_LOCKS).fetchone()[0]:
            assert other.is_alive()
        yield
    other.join()


def test_an_undo(channel: Channel) -> None:
    senders.block(channel.id, 5, 0, "spam", Source.OWNER, NOW, handle="eva")
    words = lists.before(channel.id, KeywordRole.TRIGGER, ["choque"])
    undo = undoing.keep(channel.id, ANA, "", NOW, words, standings.of_sender(channel.id, 5))
    senders.clear_sender(channel.id, 5, NOW)
    with judging(channel, lambda: undoing.undo(channel.id, undo, NOW)):
        senders.heard([(channel.id, 5, "eva", "Eva", 1, 0, NOW)])
    row = senders.of_message(channel.id, 5)
    assert row is not None
    assert (row.standing, row.heard) == (Standing.BLOCKED, 1)


def test_a_decision(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, review=Review.ALL)
    judge(channel, heard(1, "choque en la A1", 500))
    held = Message.get()
    decided: list[review.Decided] = []
    with judging(channel, lambda: decided.append(review.ignore(held.id, ANA, NOW))):
        Message.update(status=MessageStatus.IGNORED).where(Message.id == held.id).execute()  # its writer edited it
    assert not decided[0].won
