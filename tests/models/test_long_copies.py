"""A copy that becomes a thread: said in order, told once, and gone as a whole."""

from datetime import timedelta

import pytest

from engine.moderation import Form, Keyword, KeywordRole, MessageKind
from engine.x.events import Heard
from models import choosing
from models.accounts import people
from models.accounts.channels import Channel
from models.moderation import judging, lists
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing import placing, saying, taking_back, threads
from models.publishing.placing import Queued
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.settings import Settings
from models.streaming import messages
from tests.channels import connected
from tests.conftest import NOW

TEXT = "Choque múltiple en la autopista Valle-Coche, sentido oeste, con dos canales cerrados. " * 8


@pytest.fixture
def channel(db: Settings) -> Channel:
    people.person(7, "Ana", "es", NOW)
    made = connected(70, "trafico", 7)
    lists.add(made.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    choosing.choose(made.id, NOW, mention_form="copy", long_copies="thread")
    return Channel.get_by_id(made.id)


def judge(channel: Channel, x_id: int = 1, origin: int = 0, text: str = TEXT) -> list[Queued]:
    heard = Heard(MessageKind.MENTION, 70, x_id, 5, "pepe", "Pepe", text, NOW, origin)
    messages.hear({70: channel.id}, [heard], NOW)
    rules = judging.load_rules(Channel.get_by_id(channel.id))
    read = [(w, rules, rules.ruleset.read(w.said)) for w in messages.waiting(10)]
    return judging.judge(read, NOW).queued


def tweets() -> list[Tweet]:
    return list(Tweet.select().order_by(Tweet.id))


def statuses() -> list[TweetStatus]:
    return [t.status for t in tweets()]


def say(tweet_id: int, x_id: int) -> None:
    taken = saying.claim(tweet_id, NOW)
    assert taken is not None
    assert saying.sent(taken[0], x_id, NOW)


def told() -> list[NoticeKind]:
    return [n.kind for n in Notice.select().order_by(Notice.id)]


def test_it_is_said_post_by_post_each_answering_the_one_before_and_told_once_as_a_copy(channel: Channel) -> None:
    (queued,) = judge(channel)
    head, *rest = tweets()
    assert [t.status for t in (head, *rest)] == [TweetStatus.QUEUED] + [TweetStatus.WAITING] * len(rest)
    assert len(rest) >= 2
    for number, tweet in enumerate((head, *rest)):
        assert told() == []
        say(tweet.id, 100 + number)
        if number:
            assert threads.answered_by(Tweet.get_by_id(tweet.id)) == 99 + number
    assert told() == [NoticeKind.POSTED]
    assert queued.tweet_id == head.id
    assert taking_back.want(head.id, NOW)
    assert {t.undo for t in tweets()} == {UndoState.WANTED}


def test_an_edit_before_it_is_said_takes_all_of_it_back(channel: Channel) -> None:
    judge(channel)
    before = len(tweets())
    judge(channel, 2, 1, "Choque en la plaza")
    assert set(statuses()[:before]) == {TweetStatus.CANCELLED}
    assert statuses()[before:] == [TweetStatus.QUEUED]


def test_where_x_refuses_the_copy_the_repost_has_nothing_behind_it(channel: Channel) -> None:
    (queued,) = judge(channel)
    taken = saying.claim(queued.tweet_id, NOW)
    assert taken is not None
    saying.doubt(taken[0], NOW, "refused", "no")
    tweet = Tweet.get_by_id(queued.tweet_id)
    assert saying.fall_back(tweet, Form.REPOST, ("",), 1, NOW, "no")
    head, *rest = tweets()
    assert (head.status, head.thread_id, head.form) == (TweetStatus.QUEUED, None, Form.REPOST)
    assert {t.status for t in rest} == {TweetStatus.CANCELLED}
    say(head.id, 1)
    assert told() == [NoticeKind.POSTED]
    assert placing.due(NOW + timedelta(minutes=1), 10) == []


def test_where_x_refuses_the_repost_the_copy_is_a_thread_too(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, mention_form="repost")
    (queued,) = judge(channel)
    taken = saying.claim(queued.tweet_id, NOW)
    assert taken is not None
    saying.doubt(taken[0], NOW, "refused", "no")
    assert saying.fall_back(Tweet.get_by_id(queued.tweet_id), Form.COPY, ("uno", "dos"), None, NOW, "no")
    say(queued.tweet_id, 100)
    assert [(t.text, t.status) for t in tweets()] == [("uno", TweetStatus.SENT), ("dos", TweetStatus.QUEUED)]


def test_one_that_is_not_in_time_leaves_nothing_of_it(channel: Channel) -> None:
    Channel.update(fresh_s=60, gap_s=3600).execute()
    judge(channel)
    judge(channel, 2, text=TEXT.replace("Choque", "Otro choque"))
    assert sum(s is TweetStatus.EXPIRED for s in statuses()) == 1
    waiting = Tweet.select().where(Tweet.status == TweetStatus.WAITING)
    assert {t.thread_id for t in waiting} == {tweets()[0].id}
