"""Two processes, or two taps, at the same moment: a draft is confirmed once, an undo used once, a message decided once."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from engine import posts
from engine.moderation import Review
from engine.when import When
from engine.x.events import Account
from models import choosing, connecting, undoing
from models.accounts.channels import Auth, Channel
from models.accounts.tokens import Tokens
from models.connecting import OwnedByOther
from models.database import db as database
from models.database import forget_connection, transaction
from models.moderation import judging, review
from models.publishing import drafts, placing
from models.publishing.drafts import Draft, DraftGone, DraftRow, Way
from models.publishing.tweets import Tweet, TweetStatus
from models.scheduling import schedules
from models.scheduling.schedules import Schedule
from models.settings import Settings
from models.streaming.messages import Message
from tests.channels import connected
from tests.conftest import NOW
from tests.models.test_moderation import ANA, heard, judge

AT_ONCE, ROUNDS = 4, 5
SAID = posts.plain("Vía despejada")
FRESH = timedelta(hours=1)


@pytest.fixture
def channel(db: Settings) -> Channel:
    return connected(70, "trafico")


def at_once(act: Callable[[], object]) -> list[object]:
    """What each of some threads got, begun together, each with a connection of its own."""
    barrier, got = threading.Barrier(AT_ONCE), list[object]()

    def one() -> None:
        database.execute_sql("SELECT 1")
        barrier.wait()
        try:
            got.append(act())
        except DraftGone:
            got.append(None)
        finally:
            forget_connection()

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == AT_ONCE, "one of them broke"
    return [g for g in got if g]


def made(channel: Channel, way: Way = Way.BY_HAND) -> Iterator[Draft]:
    for _ in range(ROUNDS):
        yield drafts.make(Draft(channel.id, ANA, way, (SAID,)), NOW)


def test_post_now_by_some_at_once_makes_one_tweet(channel: Channel) -> None:
    for number, draft in enumerate(made(channel), 1):

        def post_now(draft_id: int = draft.id) -> object:
            with transaction():
                thread = drafts.take(draft_id).turns[0]
                return placing.say_now(channel.id, ANA, thread, NOW, fresh=FRESH)

        assert len(at_once(post_now)) == 1
        assert Tweet.select().count() == number
    assert DraftRow.select().count() == 0


def test_schedule_it_by_some_at_once_makes_one_schedule(channel: Channel) -> None:
    when = When((NOW + timedelta(days=1)).replace(tzinfo=None))
    for number, draft in enumerate(made(channel, Way.SCHEDULED), 1):

        def confirm(draft_id: int = draft.id) -> object:
            with transaction():
                return schedules.create(channel.id, ANA, list(drafts.take(draft_id).turns), when, "es", NOW)

        assert len(at_once(confirm)) == 1
        assert Schedule.select().count() == number


def test_publish_edited_by_some_at_once_makes_one_tweet(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, review=Review.ALL, triggers_on=False)
    for number in range(1, ROUNDS + 1):
        judge(channel, heard(number, f"choque número {number} en otra calle {number}", 500 + number))
        message = Message.select().order_by(Message.id.desc()).get()
        draft = drafts.make(Draft(channel.id, ANA, Way.EDITED, (SAID,), message_id=message.id), NOW)

        def publish(draft_id: int = draft.id, message_id: int = message.id) -> object:
            style = judging.load_rules(channel).style
            with transaction():
                drafts.take(draft_id)
                return review.publish(message_id, ANA, style, NOW, edited="otras palabras").won

        assert at_once(publish) == [True]
        assert Tweet.select().count() == number


def test_the_post_now_of_a_schedule_by_some_at_once_makes_one_tweet(channel: Channel) -> None:
    assert len(at_once(lambda: placing.say_once(channel.id, ANA, SAID, NOW, fresh=FRESH))) == 1
    assert Tweet.select().count() == 1
    later = NOW + timedelta(hours=2)
    assert placing.say_once(channel.id, ANA, posts.plain("Otra cosa"), later, fresh=FRESH) is not None
    Tweet.update(status=TweetStatus.SENT, sent_at=NOW).execute()
    assert placing.say_once(channel.id, ANA, SAID, later, fresh=FRESH) is not None


def test_an_account_that_two_connect_at_once_is_one_persons(db: Settings) -> None:
    for number in range(ROUNDS):
        account, turns = Account(900 + number, f"canal{number}", "Canal"), iter([7, 8, 7, 8])

        def connect(account: Account = account, turns: Iterator[int] = turns) -> object:
            person = next(turns)
            tokens = Tokens(Auth.OAUTH2, f"access of {person}", expires_at=NOW)
            try:
                return connecting.connect_channel(account, person, tokens, NOW).owner_id
            except OwnedByOther as error:
                return -error.channel.owner_id

        owners = at_once(connect)
        mine = Channel.get(Channel.x_user_id == account.x_user_id).owner_id
        assert sorted(owners, key=str) == sorted([mine, mine, -mine, -mine], key=str)


def test_an_undo_by_some_at_once_is_used_once(channel: Channel) -> None:
    for _ in range(ROUNDS):
        undo = undoing.keep(channel.id, ANA, "hours", NOW, undoing.choices_of(channel.id, "zone"))
        assert at_once(lambda undo=undo: undoing.undo(channel.id, undo, NOW)) == ["hours"]  # type: ignore[misc]


def test_photos_that_come_at_once_are_all_in_the_draft(channel: Channel) -> None:
    draft = drafts.make(Draft(channel.id, ANA, Way.BY_HAND, (SAID,)), NOW)
    at_once(lambda: drafts.change(draft.id, lambda d: d.with_answer(SAID), NOW))
    assert len(drafts.one(draft.id).turns[0]) == 1 + AT_ONCE
