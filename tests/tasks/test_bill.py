"""The ledger against X's own bill, to the micro-dollar: whatever was read, brought, said, taken back, lost or done twice."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from engine import posts
from engine.media import MediaKind
from engine.moderation import MessageKind
from engine.x.client import XSession
from engine.x.errors import XError
from engine.x.events import Account
from engine.x.prices import Billed
from models.accounts.channels import Channel
from models.control import leases
from models.costs import ledger
from models.database import rest
from models.publishing import media, placing, saying, settling, taking_back
from models.publishing.media import Upload
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings, settings
from models.streaming.messages import Message
from models.watching import watched
from sandbox.app import Sandbox
from tasks import accounts, publishing
from tasks import media as uploading
from tasks.clock import now
from tasks.streaming import ear as listening
from tasks.streaming.catching_up import catch_up
from tasks.streaming.ear import Ear
from tasks.watching import asking
from tasks.watching import polling as of_watching
from tests.tasks.nearby_x import nearby_x, sign_in, soon
from tests.tasks.test_ear import Silent
from tests.tasks.test_watched_stream import do, listens, says, search

DAY = timedelta(days=1)
WRITES = ["post", "repost", "delete", "unrepost", "describe", "dm"]


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(listening, "judge", Silent())
    with nearby_x(monkeypatch) as sandbox:
        monkeypatch.setattr(accounts._local, "session", XSession(settings().x_api_url, before_call=rest), raising=False)
        yield sandbox


def written() -> int:
    return ledger.spent(now() - DAY, now() + DAY)


def agree(x: Sandbox) -> dict[str, int]:
    """The ledger is the bill; what is on that, and how many."""
    assert written() == x.world.bill.cost.total(), (ledger.by_kind(now() - DAY, now() + DAY), x.world.bill.shown())
    return dict(x.world.bill.lines)


def say(channel: Channel, text: str, *shown: posts.Attachment) -> Tweet:
    thread = (posts.Post(text, shown),) if shown else posts.plain(text)
    tweet_id = placing.say_now(channel.id, 7, thread, now(), fresh=timedelta(hours=1)).tweet_id
    for upload_id in media.due(now()):
        uploading.upload(upload_id)
    publishing.say(tweet_id)
    return Tweet.get_by_id(tweet_id)


def settle(tweet: Tweet) -> Tweet:
    Tweet.update(claimed_until=now()).where(Tweet.id == tweet.id).execute()
    publishing.settle(tweet.id)
    return Tweet.get_by_id(tweet.id)


def undo(tweet: Tweet) -> Tweet:
    taking_back.want(tweet.id, now())
    for _ in range(3):
        Tweet.update(undo_due_at=now()).where((Tweet.id == tweet.id) & Tweet.undo_due_at.is_null(False)).execute()
        publishing.undo(tweet.id)
    return Tweet.get_by_id(tweet.id)


@contextmanager
def hears(holder: str = "here") -> Iterator[Ear]:
    """Somebody holds the lease and listens."""
    leases.take(leases.STREAM, holder, now())
    listener = Ear(holder)
    thread = threading.Thread(target=listener.listen)
    thread.start()
    try:
        soon(lambda: listener._connection.at is not None)
        yield listener
    finally:
        listener._stop.set()
        listener._stream.close()
        thread.join(20)


def test_what_is_said_is_billed_once_whether_the_answer_came_or_was_lost(x: Sandbox) -> None:
    channel = sign_in(x, "TraficoValle", gap_s=0, scopes="tweet.read media.write")
    photo = media.keep(channel.id, MediaKind.PHOTO, "image/png", b"0123456789", now())
    say(channel, "la plaza", posts.Attachment(photo, MediaKind.PHOTO, "una plaza vacía"))
    say(channel, "mira canales.com/abc")
    assert agree(x) == {"alt text": 1, "post": 1, "post with a link": 1}
    x.faults.set("drop_after_accept", 1, on=WRITES)
    lost = say(channel, "se perdió la respuesta")
    described = say(channel, "otra", posts.Attachment(photo, MediaKind.PHOTO, "otra plaza"))
    x.faults.set("drop_after_accept", 0)
    assert lost.status is TweetStatus.UNKNOWN
    assert settle(lost).status is TweetStatus.SENT
    Upload.update(due_at=now()).where(Upload.tweet_id == described.id).execute()
    for upload_id in media.due(now()):
        uploading.upload(upload_id)
    publishing.say(described.id)
    assert agree(x)["alt text"] == 3, "X was told twice of the second, and has billed it twice"


def test_whatever_x_says_what_counts_is_what_it_did(x: Sandbox) -> None:
    channel = sign_in(x, "TraficoValle", gap_s=0)
    said = 0
    for fault in ("refuse_before", "refuse_after"):
        for answer in ("403", "404", "408", "503", "400", "duplicate", "html", "cut", "garbled", "empty"):
            x.faults.set(fault, 1, answer=answer, on=["post"], times=1)
            tweet = say(channel, f"vía cerrada {fault} {answer}")
            tweet = settle(tweet) if tweet.status is TweetStatus.UNKNOWN else tweet
            Tweet.update(due_at=now()).where(Tweet.status == TweetStatus.QUEUED).execute()
            publishing.say(tweet.id)
            said += Tweet.get_by_id(tweet.id).status is TweetStatus.SENT
            assert agree(x).get("post", 0) == said, (fault, answer)
    assert said >= 10


def test_who_dies_over_an_answer_leaves_it_to_who_settles(x: Sandbox) -> None:
    channel = sign_in(x, "TraficoValle", gap_s=0)
    tweet_id = placing.say_now(channel.id, 7, posts.plain("vía cerrada"), now(), fresh=DAY).tweet_id
    claimed = saying.claim(tweet_id, now())
    assert claimed is not None
    publishing._tell_x(accounts.client(channel), claimed[0], channel, [], None)  # and then it was killed
    assert written() < x.world.bill.cost.total()
    assert settling.recover(now() + DAY) == [tweet_id]
    settle(claimed[0])
    agree(x)


def test_taking_back_is_billed_once_by_who_did_it(x: Sandbox) -> None:
    channel = sign_in(x, "TraficoValle", gap_s=0)
    undo(say(channel, "una"))
    assert agree(x)["undo"] == 1
    x.faults.set("drop_after_accept", 1, on=["delete"], times=1)
    undo(say(channel, "dos"))
    assert agree(x)["undo"] == 2
    by_hand = say(channel, "tres")
    x.world.posts[by_hand.x_id or 0].deleted = True
    undo(by_hand)
    assert agree(x)["undo"] == 2, "its owner has deleted it at X"
    x.faults.set("error_5xx", 1, on=["delete"], times=1)
    undo(say(channel, "cuatro"))
    assert agree(x)["undo"] == 3


def test_what_x_brings_and_shows_is_billed_once_heard_or_not(x: Sandbox) -> None:
    channel = sign_in(x, "TraficoValle", replies_on=True)
    sign_in(x, "LluviaYa")
    mine = x.world.post(channel.x_user_id, "el canal dice algo", by_app=False)
    x.faults.set("doubled", 0.5)
    x.faults.set("malformed", 0.5)
    with hears() as listener:
        soon(lambda: len(x.world.subscriptions) >= 5)
        says("maria_rdz", "@TraficoValle choque")
        says("LluviaYa", "@TraficoValle lo dice un canal nuestro")
        says("maria_rdz", "@TraficoValle y @LluviaYa a la vez")
        do("x/say", handle="maria_rdz", kind="dm", to="TraficoValle", text="choque por DM")
        do("x/say", handle="maria_rdz", text="respondo", answers=str(mine.id))
        soon(lambda: Message.select().count() >= 5)
        soon(lambda: not listener._brought and written() == x.world.bill.cost.total())
    agree(x)
    says("maria_rdz", "@TraficoValle nadie escucha")
    x.world.repost(x.world.user("maria_rdz").id, mine.id, by_app=False)
    for kind in (MessageKind.MENTION, MessageKind.DM):
        for _ in range(2):
            catch_up(Channel.get_by_id(channel.id), kind)
    lines = agree(x)
    assert lines["post read"] >= 5
    assert lines["dm_event read"] == 1


def test_what_was_brought_to_who_died_is_counted_when_it_is_read_back(x: Sandbox) -> None:
    channel = sign_in(x, "TraficoValle")
    with hears() as listener:
        soon(lambda: len(x.world.subscriptions) == 2)
        listener._store = lambda *_: True  # type: ignore[method-assign]  # as if it died before each transaction
        says("maria_rdz", "@TraficoValle choque")
        do("x/say", handle="maria_rdz", kind="dm", to="TraficoValle", text="choque por DM")
        soon(lambda: x.world.bill.cost.total() >= 15_000)
    for kind in (MessageKind.MENTION, MessageKind.DM):
        catch_up(Channel.get_by_id(channel.id), kind)
    assert agree(x) == {"post read": 1, "dm_event read": 1}


def test_what_is_watched_and_looked_up_is_billed_to_who_wanted_it(x: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = sign_in(x, "canal1"), sign_in(x, "canal2")
    monkeypatch.setattr("tasks.watching.listening.judge", Silent())
    monkeypatch.setattr("tasks.watching.reading_back.judge", Silent())
    monkeypatch.setattr(of_watching, "judge", Silent())
    author = asking.account(one, "maria_rdz")
    watched.add(one.id, watched.an_account(Account(author.x_user_id, author.handle, "")), 7, now())
    watched.add(two.id, watched.an_account(Account(author.x_user_id, author.handle, "")), 7, now())
    search(two, '"vía cerrada"')
    with listens() as listener:
        soon(lambda: listener.rules.complete and listener.back.left == 0 and listener._connection.at is not None)
        first = says("maria_rdz", "llueve")
        says("maria_rdz", "vía cerrada")
        do("x/say", handle="pedro", repost_of=str(first))
        soon(lambda: not listener._brought and x.world.bill.lines["post read"] >= 2)
        soon(lambda: written() == x.world.bill.cost.total())
    by_channel = ledger.by_channel(now() - DAY, now() + DAY)
    assert by_channel[one.id].cost == 10_000 + 2_500 + 2_500
    assert by_channel[two.id].cost == 2_500 + 2_500
    x.world.add_list(x.world.user("pedro").id, "lista", ["maria_rdz"], list_id=77)
    made, _ = watched.add(one.id, watched.a_list("77", "lista"), 7, now())
    of_watching.poll_watched(made.id)
    asking.lists_of(one)
    with pytest.raises(XError):
        accounts.client(one).post("")
    accounts.client(one).people([author.x_user_id, 12345])
    agree(x)


def test_what_the_owner_of_the_app_reads_of_its_own_costs_less(x: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = sign_in(x, "TraficoValle")
    do("x/act", act="own_app", handle="TraficoValle")
    monkeypatch.setenv("X_OWN_ACCOUNT", str(channel.x_user_id))
    settings.cache_clear()
    says("maria_rdz", "@TraficoValle choque")
    for _ in range(2):
        catch_up(channel, MessageKind.MENTION)
    agree(x)
    assert ledger.by_kind(now() - DAY, now() + DAY)[Billed.OWNED].cost == 1_000
