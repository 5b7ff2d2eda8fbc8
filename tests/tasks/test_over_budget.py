"""Not one call past a budget, by X's own bill: two workers at once, answers that are lost, and readings page by page."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from bot.accounts import signing_in
from bot.chat.language import Speaker
from engine import posts
from engine.media import MediaKind
from engine.moderation import MessageKind
from engine.x import prices
from engine.x.client import UserToken, XClient, XSession
from engine.x.errors import OutOfCredits, OverBudget
from engine.x.events import Account
from engine.x.prices import Billed
from models.accounts.channels import Channel
from models.control import budgets, leases
from models.costs import budgets as stored
from models.costs.budgets import NOBODY, SERVICE, Reservation
from models.database import forget_connection, rest
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing import media, placing
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings, settings
from models.streaming.messages import Message
from models.watching import watched
from sandbox.app import Sandbox
from tasks import accounts, costs, publishing
from tasks import media as uploading
from tasks.clock import now
from tasks.streaming import catching_up
from tasks.streaming.held import Connection
from tasks.watching import reading_back
from tasks.watching.directory import Directory
from tests.tasks.nearby_x import nearby_x, sign_in
from tests.tasks.test_ear import Silent
from tests.tweets import at_once

HOUR = timedelta(hours=1)
POST, MENTION = prices.of(Billed.POST, now()), prices.of(Billed.MENTION, now())
WATCHED = prices.of(Billed.WATCHED, now())


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    for module in (catching_up, reading_back):
        monkeypatch.setattr(module, "judge", Silent())
    with nearby_x(monkeypatch) as sandbox:
        monkeypatch.setattr(accounts._local, "session", XSession(settings().x_api_url, before_call=rest), raising=False)
        yield sandbox


def set_most(channel: Channel, most: int) -> None:
    budgets.set_most((channel.id, NOBODY), most, now())


def spent(channel: Channel) -> int:
    row = stored.of((channel.id, NOBODY))
    assert row is not None
    return stored.used(row, now()).spent


def heard(channel: Channel) -> int:
    return Message.select().where(Message.channel_id == channel.id).count()


def behind(x: Sandbox, *watching: tuple[Channel, str]) -> reading_back.ReadingBack:
    """What these watch may have been missed, as far back as it is watched."""
    for channel, handle in watching:
        user = x.world.user(handle)
        watched.add(channel.id, watched.an_account(Account(user.id, user.handle, "")), 7, now() - HOUR)
    directory = Directory()
    directory.read()
    back = reading_back.ReadingBack(directory, lambda: None, (0.0,))
    back.missed(dict.fromkeys(directory.by_term, 1))
    return back


def read_back(back: reading_back.ReadingBack) -> None:
    for query, terms in back._queries(back._behind):
        back._read(query, {term: back._behind[term] for term in terms})


def say(x: Sandbox, handle: str, count: int) -> None:
    for n in range(count):
        x.world.post(x.world.user(handle).id, f"aviso {n}", by_app=False)


def bill(x: Sandbox) -> int:
    return x.world.bill.cost.total()


def test_two_workers_who_race_for_the_last_cent_ask_x_for_none_too_many(x: Sandbox) -> None:
    channel = sign_in(x, "TraficoValle", gap_s=0)
    set_most(channel, 3 * POST + POST // 2)
    wanted = [placing.say_now(channel.id, 7, posts.plain(f"aviso {n}"), now(), fresh=HOUR).tweet_id for n in range(6)]
    begun = threading.Barrier(2)

    def work(mine: list[int]) -> None:
        begun.wait()
        try:
            for tweet_id in mine:
                publishing.say(tweet_id)
        finally:
            forget_connection()

    workers = [threading.Thread(target=work, args=(order,)) for order in (wanted, list(reversed(wanted)))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    Tweet.update(due_at=now()).where(Tweet.status == TweetStatus.QUEUED).execute()
    for tweet_id in wanted:
        publishing.say(tweet_id)
    assert (bill(x), dict(x.world.bill.lines)) == (3 * POST, {"post": 3})
    assert Reservation.select().count() == 0


def test_an_answer_that_was_lost_is_paid_for_before_another_is_asked(x: Sandbox) -> None:
    channel = sign_in(x, "TraficoValle", gap_s=0)
    set_most(channel, POST + 100 * prices.of(Billed.OWN_POST, now()))
    first, second = (placing.say_now(channel.id, 7, posts.plain(t), now(), fresh=HOUR).tweet_id for t in ("uno", "dos"))
    x.faults.set("drop_after_accept", 1, on=["post"], times=1)
    publishing.say(first)
    assert Tweet.get_by_id(first).status is TweetStatus.UNKNOWN
    assert Reservation.select().count() == 1
    set_most(channel, POST + POST // 2)
    publishing.say(second)
    assert Tweet.get_by_id(second).reason == "budget"
    Tweet.update(claimed_until=now()).where(Tweet.id == first).execute()
    publishing.settle(first)
    assert Tweet.get_by_id(first).status is TweetStatus.UNKNOWN, "there is no money to read it back"
    set_most(channel, 10 * POST)
    Tweet.update(claimed_until=now()).where(Tweet.id == first).execute()
    publishing.settle(first)
    assert Tweet.get_by_id(first).status is TweetStatus.SENT
    assert Reservation.select().count() == 0


def test_a_reading_asks_for_no_more_than_there_is_money_for(x: Sandbox) -> None:
    channel = sign_in(x, "TraficoValle")
    for n in range(40):
        x.world.post(x.world.user(f"vecino{n}").id, f"@TraficoValle choque {n}", by_app=False)
    set_most(channel, 24 * MENTION)
    with pytest.raises(OverBudget):
        catching_up.catch_up(channel, MessageKind.MENTION)
    assert bill(x) <= 24 * MENTION
    read = Message.select().count()
    assert 10 <= read <= 24
    with pytest.raises(OverBudget):
        catching_up.catch_up(channel, MessageKind.MENTION)
    assert Message.select().count() == read
    set_most(channel, 10_000_000)
    catching_up.catch_up(channel, MessageKind.MENTION)
    assert Message.select().count() == 40
    assert Reservation.select().count() == 0


def test_a_402_of_all_is_one_notice_to_each_and_what_waits_is_kept(x: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "admin_ids", (99,))
    mine = [sign_in(x, handle, gap_s=0) for handle in ("TraficoValle", "LluviaYa")]
    wanted = [placing.say_now(c.id, 7, posts.plain("vía cerrada"), now(), fresh=HOUR).tweet_id for c in mine]
    x.faults.set("refuse_before", 1, answer="402")
    for channel in mine:
        with pytest.raises(OutOfCredits) as met:
            catching_up.catch_up(channel, MessageKind.MENTION)
        accounts.heed(channel, met.value)
    for tweet_id in wanted:
        publishing.say(tweet_id)
    told = [(n.person_id, n.kind) for n in Notice.select().order_by(Notice.id)]
    assert sorted(told) == [(7, NoticeKind.TROUBLED), (99, NoticeKind.TROUBLED)]
    assert {Tweet.get_by_id(t).status for t in wanted} <= {TweetStatus.QUEUED, TweetStatus.UNKNOWN}
    assert bill(x) == 0


def test_a_402_that_only_a_stream_meets_is_told_to_who_runs_it_once_and_with_its_end(
    db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "admin_ids", (99,))
    connections = [Connection(leases.STREAM), Connection(leases.WATCHING)]
    for connection in connections:
        for reason in ("HTTP 402", "HTTP 402", "ReadTimeout", "HTTP 503"):
            connection.is_down(reason, 1.0)
    told = [(n.person_id, n.kind) for n in Notice.select().order_by(Notice.id)]
    assert told == [(99, NoticeKind.TROUBLED)]
    connections[0].stands(0)
    connections[1].stands(0)
    told = [(n.person_id, n.kind) for n in Notice.select().order_by(Notice.id)]
    assert told == [(99, NoticeKind.TROUBLED), (99, NoticeKind.TROUBLE_OVER)]


def test_the_last_money_pays_for_a_photo_s_description_and_its_post_and_not_a_cent_more(
    x: Sandbox,
) -> None:
    channel = sign_in(x, "TraficoValle", gap_s=0, scopes="tweet.read media.write")
    photo = media.keep(channel.id, MediaKind.PHOTO, "image/png", b"0123456789", now())
    set_most(channel, POST + prices.of(Billed.ALT_TEXT, now()))
    for text in ("la plaza", "otra plaza"):
        shown = posts.Attachment(photo, MediaKind.PHOTO, "una plaza vacía")
        placing.say_now(channel.id, 7, (posts.Post(text, (shown,)),), now(), fresh=HOUR)
        for upload_id in media.due(now()):
            uploading.upload(upload_id)
        for tweet in Tweet.select().where(Tweet.status == TweetStatus.QUEUED):
            publishing.say(tweet.id)
    assert dict(x.world.bill.lines) == {"alt text": 1, "post": 1}
    assert Reservation.select().count() == 0


def test_who_signs_in_is_looked_up_for_the_service_s_money(x: Sandbox) -> None:
    budgets.set_most(SERVICE, 2 * prices.of(Billed.PERSON, now()) - 1, now())
    looked_up = []
    for handle in ("TraficoValle", "LluviaYa"):
        access = str(x.world.tokens.new_pair(x.world.user(handle).id)["access_token"])
        client = XClient(accounts.session(), UserToken(access), told=costs.told(), paying=costs.paying())
        try:
            looked_up.append(client.me().handle)
        except OverBudget as error:
            looked_up.append(signing_in.trouble(Speaker("en"), error))
    assert looked_up[0] == "TraficoValle"
    assert "has spent what it may" in looked_up[1]
    assert dict(x.world.bill.lines) == {"user read": 1}


@pytest.mark.parametrize("poor_first", [True, False])
def test_who_can_t_pay_a_share_of_a_reading_back_is_left_out_and_the_others_go_on(x: Sandbox, poor_first: bool) -> None:
    one, two = sign_in(x, "TraficoValle"), sign_in(x, "LluviaYa")
    poor, rich = (one, two) if poor_first else (two, one)
    set_most(poor, 10_000)
    set_most(rich, 1_000_000)
    back = behind(x, (poor, "pedro"), (rich, "pedro"))
    say(x, "pedro", 12)
    read_back(back)
    assert ((heard(poor), spent(poor)), (heard(rich), spent(rich))) == ((0, 0), (12, 12 * WATCHED))
    assert (bill(x), back.left, Reservation.select().count()) == (12 * WATCHED, 0, 0)


def test_who_runs_out_in_the_midst_of_it_has_heard_what_it_has_paid(x: Sandbox) -> None:
    poor, rich = sign_in(x, "TraficoValle"), sign_in(x, "LluviaYa")
    set_most(poor, 15 * WATCHED // 2)
    set_most(rich, 1_000_000)
    back = behind(x, (poor, "pedro"), (rich, "pedro"))
    say(x, "pedro", 40)
    read_back(back)
    assert (heard(poor), heard(rich)) == (15, 40)
    assert (spent(poor), spent(rich)) == (15 * WATCHED // 2, 15 * WATCHED // 2 + 25 * WATCHED)
    assert (bill(x), Reservation.select().count()) == (40 * WATCHED, 0)


def test_two_readings_back_at_once_do_not_spend_the_last_cent_twice(x: Sandbox) -> None:
    poor, rich = sign_in(x, "TraficoValle"), sign_in(x, "LluviaYa")
    set_most(poor, 10 * WATCHED // 2)
    back = behind(x, *((channel, handle) for channel in (poor, rich) for handle in ("pedro", "maria_rdz")))
    for handle in ("pedro", "maria_rdz"):
        say(x, handle, 10)
    by_term = back._directory.by_term
    one_by_one = [(reading_back._query([term], by_term), {term: found}) for term, found in back._behind.items()]
    at_once([partial(back._read, query, begun)] for query, begun in one_by_one)
    assert (heard(poor), spent(poor), heard(rich)) == (10, 10 * WATCHED // 2, 20)
    assert (bill(x), back.left, Reservation.select().count()) == (20 * WATCHED, 0, 0)


def test_what_nobody_can_pay_is_not_asked_for_and_is_read_once_somebody_can(x: Sandbox) -> None:
    poor, rich = sign_in(x, "TraficoValle"), sign_in(x, "LluviaYa")
    set_most(poor, 10_000)
    back = behind(x, (poor, "pedro"), (rich, "maria_rdz"))
    say(x, "pedro", 3)
    say(x, "maria_rdz", 3)
    read_back(back)
    assert (heard(poor), heard(rich), bill(x), back.left) == (0, 3, 3 * WATCHED, 1)
    set_most(poor, 1_000_000)
    read_back(back)
    assert (heard(poor), heard(rich), bill(x), back.left) == (3, 3, 6 * WATCHED, 0)


def test_what_two_share_of_one_person_s_money_is_never_more_than_that(x: Sandbox) -> None:
    one, two = sign_in(x, "TraficoValle"), sign_in(x, "LluviaYa")
    budgets.set_most((NOBODY, one.owner_id), 20 * WATCHED, now())
    back = behind(x, (one, "pedro"), (two, "pedro"))
    say(x, "pedro", 40)
    read_back(back)
    assert (heard(one), heard(two), bill(x), back.left) == (20, 20, 20 * WATCHED, 1)
