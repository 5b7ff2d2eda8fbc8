"""What nobody knows is settled by reading all that the channel said since, and never by guessing; it comes to an end."""

import unicodedata
from datetime import timedelta

import pytest

from engine import posts
from engine.x import prices
from engine.x.client import XSession
from engine.x.prices import Billed
from models.accounts.channels import Channel
from models.database import rest
from models.publishing import placing, saying, settling
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings, settings
from sandbox.app import Sandbox
from tasks import accounts, publishing
from tasks.clock import now
from tests.tasks.nearby_x import nearby_x, sign_in

DAY = timedelta(days=1)


def doubtful(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, text: str = "vía cerrada") -> tuple[Channel, Tweet]:
    """A post of which no answer came."""
    channel = sign_in(sandbox, "TraficoValle", gap_s=0)
    tweet_id = placing.say_now(channel.id, 7, posts.plain(text), now(), fresh=DAY).tweet_id
    claimed = saying.claim(tweet_id, now())
    assert claimed is not None
    saying.doubt(claimed[0], now(), "no_answer")
    Tweet.update(claimed_until=now()).execute()
    monkeypatch.setattr(accounts._local, "session", XSession(settings().x_api_url, before_call=rest), raising=False)
    return channel, claimed[0]


def test_it_is_found_behind_however_much_was_said_since(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with nearby_x(monkeypatch) as sandbox:
        channel, tweet = doubtful(sandbox, monkeypatch)
        said = sandbox.world.post(channel.x_user_id, "vía cerrada")
        for n in range(130):
            sandbox.world.post(channel.x_user_id, f"otra cosa {n}")
        publishing.settle(tweet.id)
        found = Tweet.get_by_id(tweet.id)
        assert (found.status, found.x_id) == (TweetStatus.SENT, said.id)


def test_it_is_found_in_the_form_in_which_x_keeps_it(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    text = unicodedata.normalize("NFD", "❗️ Vía & paso <cerrados>: canales.com/abc, bit.ly/x y ejemplo.com")
    with nearby_x(monkeypatch) as sandbox:
        channel, tweet = doubtful(sandbox, monkeypatch, text)
        said = sandbox.world.post(channel.x_user_id, text)
        sandbox.world.post(channel.x_user_id, text.replace("abc", "otra"))
        publishing.settle(tweet.id)
        found = Tweet.get_by_id(tweet.id)
        assert (found.status, found.x_id, found.cost) == (TweetStatus.SENT, said.id, prices.today(Billed.LINK))


def test_a_channel_that_can_not_be_read_for_a_day_is_told_so(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with nearby_x(monkeypatch) as sandbox:
        _, tweet = doubtful(sandbox, monkeypatch)
        Channel.update(access_token="", token_expires_at=now() + DAY).execute()
        publishing.settle(tweet.id)
        assert Tweet.get_by_id(tweet.id).status is TweetStatus.UNKNOWN
        Tweet.update(claimed_until=now(), unknown_since=now() - 2 * DAY).execute()
        publishing.settle(tweet.id)
        found = Tweet.get_by_id(tweet.id)
        assert (found.status, found.reason) == (TweetStatus.FAILED, settling.NOT_KNOWN)
