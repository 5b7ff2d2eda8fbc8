"""A use of a hashtag counts when X has the post, is given back by a refusal or an undo, and is never overdrawn."""

from datetime import timedelta

import pytest

from engine.hashtags import SCHEDULED_TOO, Hashtag
from engine.moderation import Form
from models import choosing, undoing
from models.accounts.channels import Channel
from models.publishing import hashtags, placing, saying, taking_back
from models.publishing.placing import Judged
from models.publishing.tweets import Tweet
from models.settings import Settings
from tests.channels import connected
from tests.conftest import NOW
from tests.models.test_scheduling import together

DAY = timedelta(days=1)


@pytest.fixture
def channel(db: Settings) -> Channel:
    made = connected()
    Channel.update(gap_s=0).execute()
    return Channel.get_by_id(made.id)


def claimed(channel: Channel, number: int) -> Tweet:
    copy = Judged(number, channel.id, Form.COPY, (f"choque {number}",), number, NOW)
    (queued,) = placing.queue_reposts([copy], NOW)
    taken = saying.claim(queued.tweet_id, NOW)
    assert taken is not None
    return taken[0]


def counts(channel: Channel) -> tuple[int, int]:
    (item,) = hashtags.used(channel.id, NOW)
    return item.total, item.today


def test_a_use_counts_when_said_and_comes_back_with_a_refusal_or_an_undo(channel: Channel) -> None:
    assert hashtags.put(channel.id, Hashtag("metro", most=2))
    assert not hashtags.put(channel.id, Hashtag("Metro", most=2))
    first, second, third = (claimed(channel, n) for n in (1, 2, 3))
    assert hashtags.add_to(first, NOW).text == "choque 1 #Metro"
    assert hashtags.add_to(first, NOW).text == "choque 1 #Metro", "once only"
    assert hashtags.add_to(second, NOW).text == "choque 2 #Metro"
    assert hashtags.add_to(third, NOW).text == "choque 3", "the last two are on their way"
    saying.fail(second, NOW, "refused")
    assert counts(channel) == (1, 1)
    saying.sent(first, 900, NOW)
    assert counts(channel) == (1, 1)
    assert taking_back.want(first.id, NOW)
    undone = taking_back.claim(first.id, NOW)
    assert undone is not None
    taking_back.done(undone[0], NOW)
    assert counts(channel) == (0, 0)


def test_ten_tweets_at_once_share_no_last_use(channel: Channel) -> None:
    hashtags.put(channel.id, Hashtag("metro", most=3))
    tweets = [claimed(channel, n) for n in range(1, 11)]
    waiting = list(tweets)
    together(lambda: hashtags.add_to(waiting.pop(), NOW), 10)
    texts = [t.text for t in Tweet.select()]
    assert sum("#metro" in t for t in texts) == 3


def test_a_repost_has_none_and_a_scheduled_tweet_only_where_chosen(channel: Channel) -> None:
    hashtags.put(channel.id, Hashtag("metro"))
    tweet = claimed(channel, 1)
    Tweet.update(schedule_id=5, message_id=None).execute()
    planned = Tweet.get_by_id(tweet.id)
    assert hashtags.add_to(planned, NOW).text == "choque 1"
    choosing.flip(channel.id, SCHEDULED_TOO, NOW, on=True)
    assert hashtags.add_to(planned, NOW).text == "choque 1 #metro"
    Tweet.update(form=Form.REPOST).execute()
    assert hashtags.add_to(Tweet.get_by_id(tweet.id), NOW).text == "choque 1 #metro"


def test_a_removed_one_comes_back_with_its_uses(channel: Channel) -> None:
    hashtags.put(channel.id, Hashtag("metro", most=5))
    saying.sent(hashtags.add_to(claimed(channel, 1), NOW), 900, NOW)
    assert len(hashtags.used(channel.id, NOW)) == 1
    undo = undoing.keep(channel.id, 7, "", NOW, hashtags.before(channel.id, "#metro"))
    assert hashtags.remove(channel.id, "#metro") is not None
    assert hashtags.used(channel.id, NOW) == []
    assert undoing.undo(channel.id, undo, NOW) == ""
    assert counts(channel) == (1, 1)
    assert hashtags.used(channel.id, NOW + DAY)[0].today == 0
