"""What is heard whole: protected accounts are not repeated, cursors move past what is no message, nothing old floods in."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest

from engine.moderation import Keyword, KeywordRole, MessageKind
from engine.x import prices
from engine.x.client import XClient
from engine.x.events import Heard, id_at
from engine.x.prices import Billed
from models import choosing
from models.accounts.channels import Channel
from models.control import switching
from models.costs import ledger
from models.moderation import judging, lists
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings
from models.streaming import hearing, messages
from models.streaming.messages import Message
from sandbox.app import Sandbox
from sandbox.world import Post
from tasks import moderation, publishing
from tasks.clock import now
from tasks.streaming import catching_up
from tasks.streaming.catching_up import catch_up
from tasks.streaming.polling import poll
from tests.channels import connected as stored
from tests.tasks.nearby_x import nearby_x, sign_in, soon
from tests.tasks.test_ear import Silent

T = TypeVar("T")
MENTION, DM = MessageKind.MENTION, MessageKind.DM
A_DAY = timedelta(days=1)


class Bell(Silent):
    """A bell that nobody hears, on a job that is done at once."""

    def __init__(self, job: Callable[..., None]) -> None:
        self._job = job

    def __call__(self, *given: int) -> None:
        self._job(*given)


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(catching_up, "judge", Silent())
    monkeypatch.setattr(publishing, "say", Bell(publishing.say))
    with nearby_x(monkeypatch) as sandbox:
        yield sandbox


only_sqlite = pytest.mark.parametrize("opened", ["sqlite"], indirect=True)


def in_a_thread(work: Callable[[], T]) -> T:
    with ThreadPoolExecutor(1) as hand:
        return hand.submit(work).result()


def connected(x: Sandbox, **choices: object) -> Channel:
    channel = sign_in(x, "canal", gap_s=0)
    lists.add(channel.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    choosing.choose(channel.id, now(), repeats_on=False, **choices)
    return Channel.get_by_id(channel.id)


def posts(x: Sandbox, handle: str, text: str = "choque @canal") -> Post:
    return x.world.post(x.world.user(handle).id, text, by_app=False)


def is_said(channel: Channel, post: Post, protected: bool | None) -> Tweet:
    """A message that was heard so is judged, and what becomes of it is said, or is not."""
    author = x_name(post)
    heard = Heard(MENTION, channel.x_user_id, post.id, post.author_id, *author, post.text, now(), protected=protected)
    messages.hear({channel.x_user_id: channel.id}, [heard], now())
    rules = judging.load_rules(Channel.get_by_id(channel.id))
    (queued,) = judging.judge([(w, rules, rules.ruleset.read(w.said)) for w in messages.waiting(9)], now()).queued
    in_a_thread(lambda: publishing.say(queued.tweet_id))
    return Tweet.get_by_id(queued.tweet_id)


def x_name(post: Post) -> tuple[str, str]:
    return f"user{post.author_id}", "Somebody"


@only_sqlite
@pytest.mark.parametrize("protected", [None, False])
def test_what_a_protected_account_writes_is_not_copied_whatever_was_known_of_it(
    x: Sandbox, protected: bool | None
) -> None:
    channel = connected(x, mention_form="copy")
    x.world.followers.add((channel.x_user_id, x.world.user("puertas_adentro").id))  # X shows it to the channel
    tweet = is_said(channel, posts(x, "puertas_adentro"), protected)
    assert (tweet.status, tweet.reason) == (TweetStatus.FAILED, "protected")
    assert is_said(channel, posts(x, "maria_rdz"), protected).status is TweetStatus.SENT
    assert [text for text in x.world.accepted if text.startswith("post:")] != []
    assert sum(text.startswith("post:") for text in x.world.accepted) == 1


@only_sqlite
def test_where_x_refuses_to_repost_a_protected_account_no_copy_takes_its_place(x: Sandbox) -> None:
    channel = connected(x)
    x.world.followers.add((channel.x_user_id, x.world.user("puertas_adentro").id))
    tweet = is_said(channel, posts(x, "puertas_adentro"), None)
    for _ in range(2):  # X is read, and then the copy is looked at
        Tweet.update(claimed_until=now() - A_DAY).where(Tweet.status == TweetStatus.UNKNOWN).execute()
        in_a_thread(lambda: publishing.settle(tweet.id))
        in_a_thread(lambda: publishing.say(tweet.id))
    assert Tweet.get_by_id(tweet.id).status is TweetStatus.FAILED
    assert not x.world.accepted


@only_sqlite
def test_the_name_of_who_wrote_it_is_asked_for_when_the_other_form_needs_it(x: Sandbox) -> None:
    channel = connected(x)
    post = posts(x, "maria_rdz")
    x.faults.set("refuse_repost", 1, whose=["canal"])
    heard = Heard(MENTION, channel.x_user_id, post.id, post.author_id, "", "", post.text, now())
    messages.hear({channel.x_user_id: channel.id}, [heard], now())
    rules = judging.load_rules(channel)
    (queued,) = judging.judge([(w, rules, rules.ruleset.read(w.said)) for w in messages.waiting(9)], now()).queued
    in_a_thread(lambda: publishing.say(queued.tweet_id))
    Tweet.update(claimed_until=now() - A_DAY).execute()
    in_a_thread(lambda: publishing.settle(queued.tweet_id))
    assert Tweet.get_by_id(queued.tweet_id).text == "vía María Rodríguez: choque"
    assert Message.get().sender_handle == "maria_rdz"
    in_a_thread(lambda: publishing.say(queued.tweet_id))
    assert Tweet.get_by_id(queued.tweet_id).cost == prices.today(Billed.POST)
    spent = prices.today(Billed.POST) + prices.today(Billed.LOOKED_AT) + prices.today(Billed.PERSON)
    assert ledger.spent(now() - A_DAY, now() + A_DAY) == x.world.bill.cost.total() == spent


@only_sqlite
def test_who_looks_at_a_card_sees_who_wrote_it_and_x_is_asked_once(x: Sandbox) -> None:
    channel = connected(x)
    for n in (1, 2):
        post = posts(x, "maria_rdz", f"nada {n} @canal")
        heard = Heard(MENTION, channel.x_user_id, post.id, post.author_id, "", "", post.text, now())
        messages.hear({channel.x_user_id: channel.id}, [heard], now())
    first, second = Message.select().order_by(Message.id)
    for message in (first, second, first):
        in_a_thread(lambda m=message: moderation.ask_who(m.id))  # type: ignore[misc]
    assert {m.sender_handle for m in Message.select()} == {"maria_rdz"}
    assert reads(x, "/2/users") == 1


def a_moment_later(x: Sandbox) -> None:
    """X's ids tell the two moments apart."""
    last = max(x.world.posts)
    soon(lambda: id_at(now()) > last)


def reads(x: Sandbox, what: str) -> int:
    return sum(e.path.endswith(what) for e in x.wire.exchanges)


@only_sqlite
def test_a_cursor_moves_past_reposts_replies_and_what_is_the_channel_s_own(x: Sandbox) -> None:
    channel = connected(x)
    own = posts(x, "canal", "Buenos días @canal")
    x.world.post(x.world.user("maria_rdz").id, "¿y mañana?", by_app=False, answers=own.id)
    last = x.world.repost(x.world.user("elpanadero").id, posts(x, "joandriver").id, by_app=False, bare=True)
    in_a_thread(lambda: catch_up(channel, MENTION))
    assert hearing.cursor(channel.id, MENTION) == last.id
    assert Message.select().count() == 1
    assert not Channel.get_by_id(channel.id).replies_on


@only_sqlite
def test_pages_of_what_the_channel_wrote_itself_are_not_read_to_their_end(x: Sandbox) -> None:
    channel = connected(x)
    x.world.dm(x.world.user("maria_rdz").id, channel.x_user_id, "hola")
    old = x.world.dms[channel.x_user_id]
    for n in range(250):
        x.world.dms[channel.x_user_id].append(
            type(old[0])(**{**vars(old[0]), "id": x.world.new_id(), "sender_id": channel.x_user_id, "text": f"{n}"})
        )
    newest = old[-1].id
    in_a_thread(lambda: catch_up(channel, DM))
    assert hearing.cursor(channel.id, DM) == newest
    Channel.update(dm_cursor=newest + (120_000 << 22)).execute()
    before = reads(x, "/dm_events")
    in_a_thread(lambda: catch_up(Channel.get_by_id(channel.id), DM))
    assert reads(x, "/dm_events") == before + 1


@only_sqlite
def test_what_was_written_while_replies_were_off_stays_unheard_and_mentions_are_not_missed(x: Sandbox) -> None:
    channel = connected(x)
    own = posts(x, "canal", "Buenos días")

    def answers(text: str) -> None:
        x.world.post(x.world.user("maria_rdz").id, text, by_app=False, answers=own.id)

    answers("choque viejo")
    posts(x, "joandriver", "choque no leído todavía @canal")
    a_moment_later(x)
    switching.switch_replies(channel.id, on=True, now=now())
    answers("choque nuevo")
    in_a_thread(lambda: catch_up(Channel.get_by_id(channel.id), MENTION))
    assert {m.text for m in Message.select()} == {"choque no leído todavía @canal", "choque nuevo"}
    switching.switch_mentions(channel.id, on=False, now=now())
    posts(x, "joandriver", "choque de más @canal")
    a_moment_later(x)
    switching.switch_mentions(channel.id, on=True, now=now())
    posts(x, "joandriver", "choque otra vez @canal")
    answers("choque por responder")
    in_a_thread(lambda: catch_up(Channel.get_by_id(channel.id), MENTION))
    assert {m.text for m in Message.select()} - {"choque no leído todavía @canal", "choque nuevo"} == {
        "choque otra vez @canal",
        "choque por responder",
    }


@only_sqlite
def test_replies_alone_are_polled_too(x: Sandbox) -> None:
    channel = connected(x)
    switching.switch_mentions(channel.id, on=False, now=now())
    switching.switch_replies(channel.id, on=True, now=now() - A_DAY)
    Channel.update(mention_cursor=id_at(now() - A_DAY)).execute()
    own = posts(x, "canal", "Buenos días")
    x.world.post(x.world.user("maria_rdz").id, "choque", by_app=False, answers=own.id)
    posts(x, "joandriver")
    in_a_thread(lambda: poll(channel.id))
    assert [m.text for m in Message.select()] == ["choque"]
    assert Channel.get_by_id(channel.id).mentions_polled_at > now() - A_DAY


def test_who_polled_and_lost_the_claim_writes_nothing_down(db: Settings) -> None:
    channel = stored(at=now())
    late = hearing.claim_poll(channel.id, now())
    assert late is not None
    again = hearing.claim_poll(channel.id, now() + hearing.POLL_CLAIM + timedelta(seconds=1))
    assert again is not None
    hearing.polled(late, MENTION, now() + A_DAY)
    assert Channel.get_by_id(channel.id).mentions_polled_at == channel.mentions_polled_at
    hearing.polled(again, MENTION, now())
    assert Channel.get_by_id(channel.id).mentions_polled_at > channel.mentions_polled_at


@only_sqlite
def test_what_is_on_its_way_to_x_as_its_channel_is_turned_off_is_not_said(
    x: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = connected(x, mention_form="copy")
    shown = XClient.shown

    def turned_off_meanwhile(client: XClient, x_id: int) -> object:
        assert switching.switch(channel.id, on=False, now=now())
        return shown(client, x_id)

    monkeypatch.setattr(XClient, "shown", turned_off_meanwhile)
    tweet = is_said(channel, posts(x, "maria_rdz"), protected=False)
    assert (tweet.status, tweet.reason) == (TweetStatus.CANCELLED, "channel_off")
    assert not x.world.accepted
