"""Budgets: not one call past them whoever races, stopped in their order, told once, and gone on with the month."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.budgets import Pays
from engine.moderation import Form, MessageKind
from engine.roles import Role
from engine.x import prices
from engine.x.prices import Billed
from models import choosing, connecting
from models.accounts import handing_over, limits, team
from models.accounts.channels import Channel
from models.accounts.limits import Limited
from models.control import budgets, credits
from models.costs import budgets as stored
from models.costs import ledger
from models.costs.budgets import NOBODY, SERVICE, NoMoney, Reservation, Reserved
from models.costs.ledger import Seen
from models.database import transaction
from models.notifications.kinds_of_budgets import BudgetGoesOn, BudgetUsed, CreditsLow
from models.notifications.kinds_of_control import AlarmOver
from models.notifications.notices import Notice
from models.publishing import billed, saying, settling
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings, settings
from models.streaming import hearing
from tests import tweets
from tests.conftest import NOW
from tests.tweets import at_once, connected, said

ANA, ADMIN = 7, 99
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REPOST, POST, LINK = (prices.of(k, NOW) for k in (Billed.REPOST, Billed.POST, Billed.LINK))
LINKED = "mira https://example.com/aviso"


@pytest.fixture(autouse=True)
def run_by_somebody(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "admin_ids", (ADMIN,))


@pytest.fixture
def channel(db: Settings) -> Channel:
    return connected(70)


def wanted(channel: Channel, count: int, *, pays: Pays = Pays.REPOSTS, **more: Any) -> list[int]:
    """Tweets that wait to be said."""
    form = Form.REPOST if pays is Pays.REPOSTS else Form.COPY
    text = LINKED if pays is Pays.LINKS else "hola"
    return tweets.wanted(channel, count, form=form, planned=pays is Pays.PLANNED, text=text, **more)


def spend(channel: Channel, micros: int, at: datetime = NOW) -> None:
    """So much, in replies heard of half a cent each."""
    first = 1_000_000 + ledger.spent(NOW - 40 * DAY, NOW + 90 * DAY)
    seen = [Seen(Billed.MENTION, first + n, (channel.id,)) for n in range(micros // 5_000)]
    ledger.read(seen, at)


def set_most(channel: Channel, micros: int | None, at: datetime = NOW) -> None:
    budgets.set_most((channel.id, NOBODY), micros, at)


def spent(at: datetime = NOW) -> int:
    return ledger.spent(NOW - 40 * DAY, at + DAY)


def row(channel: Channel) -> stored.Budget:
    found = stored.of((channel.id, NOBODY))
    assert found is not None
    return found


def told(kind: type = BudgetUsed) -> list[tuple[int, object]]:
    return [(n.person_id, n.value) for n in Notice.select().order_by(Notice.id) if isinstance(n.value, kind)]


# --- not one call past it ------------------------------------------------------------------------------------


@pytest.mark.parametrize("whose", ["channel", "person", "service"])
def test_of_many_who_race_for_the_last_cent_no_call_is_past_it_and_none_is_missing(whose: str) -> None:
    channels = [connected(70 + n) for n in range(4)]
    most = 5 * REPOST + REPOST - 1  # the sixth does not fit by a micro-dollar
    if whose == "channel":
        channels = channels[:1] * 4
    key = {"channel": (channels[0].id, NOBODY), "person": (NOBODY, ANA), "service": SERVICE}[whose]
    budgets.set_most(key, most, NOW)
    lots = [wanted(c, 5) for c in channels]
    got = list[int]()
    at_once([lambda mine=mine: got.append(said(mine))] for mine in lots)  # type: ignore[misc]
    assert (sum(got), spent()) == (5, 5 * REPOST)
    assert Reservation.select().count() == 0


def test_claims_that_are_in_the_air_count_until_x_has_answered(channel: Channel) -> None:
    set_most(channel, 2 * REPOST)
    tweets = wanted(channel, 3)
    first, second = (saying.claim(t, NOW) for t in tweets[:2])
    assert first is not None
    assert second is not None
    assert saying.claim(tweets[2], NOW) is None
    waits = Tweet.get_by_id(tweets[2])
    assert (waits.status, waits.reason, waits.due_at) == (TweetStatus.QUEUED, "budget", NOW + stored.AGAIN)
    saying.fail(first[0], NOW, "refused")  # X refused it: its money is free again
    assert said(tweets[2:], NOW + stored.AGAIN) == 1
    assert saying.sent(second[0], 5, NOW)
    assert spent() == 2 * REPOST


def test_what_nobody_knows_stays_reserved_until_it_is_settled(channel: Channel) -> None:
    set_most(channel, REPOST)
    one, other = wanted(channel, 2)
    claimed = saying.claim(one, NOW)
    assert claimed is not None
    saying.doubt(claimed[0], NOW, "x_down")
    assert said([other]) == 0
    later = NOW + MINUTE
    unknown = settling.claim(one, later)
    assert unknown is not None
    settling.requeue_unsaid(unknown[0], later)  # X does not have it
    assert Reservation.select().count() == 0
    assert said([other], later) == 1
    assert said([one], later) == 0


def test_what_a_killed_process_had_in_the_air_stays_reserved_and_is_charged_once(channel: Channel) -> None:
    set_most(channel, REPOST)
    one, other = wanted(channel, 2)
    assert saying.claim(one, NOW) is not None
    later = NOW + MINUTE
    assert settling.recover(later) == [one]
    assert said([other], later) == 0
    unknown = settling.claim(one, later)
    assert unknown is not None
    assert saying.sent(unknown[0], 5, later, status=TweetStatus.UNKNOWN)
    assert said([other], later + MINUTE) == 0
    assert (spent(), Reservation.select().count()) == (REPOST, 0)


def test_who_has_no_budget_reserves_nothing(channel: Channel) -> None:
    assert said(wanted(channel, 2)) == 2
    assert stored.take(channel.id, ANA, Pays.REPOSTS, 1, NOW) is None


def test_a_reading_is_given_what_there_is_and_lapses_where_its_process_died(channel: Channel) -> None:
    set_most(channel, 100_000)
    taken = stored.take(channel.id, ANA, Pays.HEARING, 500_000, NOW, until=NOW + MINUTE, least=25_000)
    assert isinstance(taken, Reserved)
    assert taken.cost == 100_000
    short = stored.take(channel.id, ANA, Pays.HEARING, 500_000, NOW, least=25_000)
    assert isinstance(short, NoMoney)
    assert not short.is_sure
    assert isinstance(stored.take(channel.id, ANA, Pays.HEARING, 5_000, NOW + MINUTE), Reserved)


def test_what_is_summed_up_is_counted_once(channel: Channel) -> None:
    set_most(channel, 1_000_000)
    spend(channel, 100_000)
    later = NOW + HOUR
    with transaction():
        taken = stored.taken((channel.id, NOBODY))
        assert taken is not None
        stored.fold(taken, later)
    ledger.fold()
    spend(channel, 50_000, later)
    assert row(channel).base == 100_000
    assert stored.used(row(channel), later).spent == 150_000


def test_who_forgets_a_channel_has_spent_its_money_all_the_same(channel: Channel) -> None:
    budgets.set_most((NOBODY, ANA), 1_000_000, NOW)
    spend(channel, 400_000)
    connecting.forget_channel(channel.id)
    connected(71)
    mine = stored.of((NOBODY, ANA))
    assert mine is not None
    assert stored.used(mine, NOW).spent == 400_000


@pytest.mark.parametrize("summed_up", [False, True])
def test_who_hands_a_channel_over_has_spent_its_money_and_who_gets_it_has_not(
    channel: Channel, summed_up: bool
) -> None:
    ben = 8
    budgets.set_most((NOBODY, ANA), 1_000_000, NOW)
    connected(80, owner=ben)
    spend(channel, 400_000)
    later = NOW + HOUR
    if summed_up:
        budgets.check((NOBODY, ANA), later)
    team.invite(channel.id, "code", {Role.EDITOR}, NOW)
    assert team.join("code", ben, NOW) is not None
    assert handing_over.offer(channel.id, ANA, ben, later)
    assert handing_over.take(channel.id, ben, later) == ANA
    spend(channel, 50_000, later)
    budgets.set_most((NOBODY, ben), 1_000_000, later)
    sums = [stored.of((NOBODY, who)) for who in (ANA, ben)]
    assert [stored.used(one, later).spent for one in sums if one is not None] == [400_000, 50_000]


# --- told, and stopped in its order ----------------------------------------------------------------------------


def test_it_is_told_at_each_step_once(channel: Channel) -> None:
    set_most(channel, 1_000_000)
    for micros in (490_000, 10_000, 10_000, 295_000, 190_000):
        spend(channel, micros)
        budgets.look(NOW)
        budgets.look(NOW)
    steps = [(v.percent, v.stopped) for _, v in told()]  # type: ignore[attr-defined]
    assert steps == [(50, ()), (80, ("links",)), (100, ("reposts", "hearing", "planned"))]
    assert {p for p, _ in told()} == {ANA}


def test_links_stop_first_then_reposts_then_hearing_and_what_is_planned_last(channel: Channel) -> None:
    set_most(channel, 1_000_000)
    key = (channel.id, NOBODY)
    budgets.keep(key, {Pays.REPOSTS: 100_000, Pays.HEARING: 40_000, Pays.PLANNED: 200_000})
    stops = []
    for _ in range(100):
        before = row(channel).gone
        spend(channel, 10_000)
        budgets.look(NOW)
        stops += [sorted(p.value for p in row(channel).gone - before)] if row(channel).gone != before else []
    assert stops == [["links"], ["reposts"], ["hearing"], ["planned"]]
    assert said(wanted(channel, 1)) == said(wanted(channel, 1, pays=Pays.LINKS)) == 0


def test_the_order_is_the_owners(channel: Channel) -> None:
    set_most(channel, 1_000_000)
    budgets.set_order((channel.id, NOBODY), (Pays.HEARING, Pays.LINKS, Pays.REPOSTS), NOW)
    budgets.keep((channel.id, NOBODY), {Pays.REPOSTS: 50_000, Pays.PLANNED: 300_000})
    spend(channel, 640_000)
    budgets.look(NOW)
    assert row(channel).gone == {Pays.HEARING, Pays.LINKS}
    assert said(wanted(channel, 1)) == 1


def test_what_is_planned_has_its_money_kept(channel: Channel) -> None:
    set_most(channel, 10 * POST)
    budgets.keep((channel.id, NOBODY), {Pays.PLANNED: 4 * POST})
    assert said(wanted(channel, 10)) == 6
    assert said(wanted(channel, 10, pays=Pays.PLANNED)) == 4
    assert spent() == 10 * POST


def test_where_hearing_stops_the_channel_is_asked_for_nothing_and_hears_from_now_on_when_it_is_raised(
    channel: Channel,
) -> None:
    set_most(channel, 100_000)
    spend(channel, 100_000)
    assert budgets.look(NOW) == 1
    heard = hearing.connected()[channel.x_user_id]
    assert not heard.wants(MessageKind.MENTION)
    assert hearing.due_polls(timedelta(0), NOW, all_channels=True) == []
    assert hearing.claim_poll(channel.id, NOW) is None
    before = Channel.get_by_id(channel.id).mention_cursor
    set_most(channel, 200_000, NOW + HOUR)
    budgets.hear(NOW + HOUR)
    again = Channel.get_by_id(channel.id)
    assert again.hears
    assert again.mention_cursor > before
    assert hearing.claim_poll(channel.id, NOW + HOUR) is not None


# --- raised, or the month has turned ---------------------------------------------------------------------------


def test_what_waits_goes_on_at_once_when_it_is_raised_and_expires_for_want_of_money_else(channel: Channel) -> None:
    set_most(channel, REPOST)
    first, second, third = wanted(channel, 3)
    assert said([first, second, third]) == 1
    budgets.look(NOW)
    assert billed.waiting(channel.id) == 2
    set_most(channel, 2 * REPOST, NOW + MINUTE / 2)
    assert said([second, third], NOW + MINUTE / 2) == 1
    late = NOW + 2 * HOUR
    assert said([third], late) == 0
    assert (Tweet.get_by_id(third).status, Tweet.get_by_id(third).reason) == (TweetStatus.EXPIRED, "budget")


def test_a_month_ends_by_the_channels_own_midnight_and_what_had_stopped_goes_on(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, zone="America/Caracas")
    set_most(channel, 100_000)
    ends = row(channel).ends
    assert ends == datetime(NOW.year + NOW.month // 12, NOW.month % 12 + 1, 1, 4, tzinfo=UTC)
    spend(channel, 100_000)
    budgets.look(NOW)
    just_before, just_after = ends - timedelta(seconds=1), ends
    assert said(wanted(channel, 1, at=just_before), just_before) == 0
    budgets.look(just_after)
    assert said(wanted(channel, 1, at=just_after), just_after) == 1
    assert Channel.get_by_id(channel.id).hears
    assert [p for p, _ in told(BudgetGoesOn)] == [ANA]
    assert row(channel).begins == ends


def test_another_zone_has_other_midnights(channel: Channel) -> None:
    set_most(channel, 100_000)
    choosing.choose(channel.id, NOW, zone="Asia/Kathmandu")
    assert row(channel).ends.minute == 15


def test_a_month_that_the_clock_has_not_turned_yet_counts_from_its_own_beginning(channel: Channel) -> None:
    set_most(channel, REPOST)
    assert said(wanted(channel, 2)) == 1
    ends = row(channel).ends
    assert said(wanted(channel, 2, at=ends), ends) == 1


def test_the_service_tells_those_who_run_it_and_those_whom_it_stops(channel: Channel) -> None:
    budgets.set_most(SERVICE, 1_000_000, NOW)
    spend(channel, 500_000)
    budgets.look(NOW)
    assert [p for p, _ in told()] == [ADMIN]
    spend(channel, 500_000)
    budgets.look(NOW)
    assert sorted(p for p, _ in told()) == [ANA, ADMIN, ADMIN]
    assert not Channel.get_by_id(channel.id).hears


def test_money_that_is_free_again_starts_what_had_stopped_and_that_is_told(channel: Channel) -> None:
    set_most(channel, 1_000_000)
    key = (channel.id, NOBODY)
    budgets.keep(key, {Pays.PLANNED: 900_000})
    spend(channel, 100_000)
    budgets.look(NOW)
    assert Pays.HEARING in row(channel).gone
    budgets.keep(key, {Pays.PLANNED: 870_000})
    budgets.look(NOW)
    assert Pays.HEARING in row(channel).gone, "a cent or two start nothing"
    budgets.keep(key, {})
    budgets.look(NOW)
    assert row(channel).gone == frozenset()
    assert len(told(BudgetGoesOn)) == 1


# --- credits -----------------------------------------------------------------------------------------------------


def test_credits_that_run_low_are_told_once_before_they_are_gone(channel: Channel) -> None:
    credits.there_are(10_000_000, NOW)
    spend(channel, 1_000_000)
    credits.look(NOW)
    assert told(CreditsLow) == []
    spend(channel, 8_100_000)
    credits.look(NOW)
    credits.look(NOW)
    assert [p for p, _ in told(CreditsLow)] == [ADMIN]
    assert credits.low(NOW) == credits.left(NOW)
    credits.there_are(1_000_000, NOW + HOUR)
    assert told(AlarmOver) == [], "that is not enough either"
    credits.look(NOW + HOUR)
    assert len(told(CreditsLow)) == 2
    credits.there_are(50_000_000, NOW + HOUR)
    credits.look(NOW + HOUR)
    assert len(told(CreditsLow)) == 2
    assert [p for p, _ in told(AlarmOver)] == [ADMIN]
    assert credits.low(NOW + HOUR) is None


def test_what_a_person_may_spend_holds_for_all_their_channels_together(channel: Channel) -> None:
    limits.allow(ANA, Limited.MONEY, 2 * REPOST)
    budgets.limit_people(NOW)
    assert said(wanted(channel, 3)) + said(wanted(connected(71), 3)) == 2
    assert said(wanted(connected(80, owner=8), 3)) == 3
    limits.allow(ANA, Limited.MONEY, limits.NO_END)
    budgets.limit_people(NOW)
    assert said(wanted(channel, 1)) == 1


@pytest.mark.parametrize("way", ["connected", "again", "handed over"])
def test_what_a_person_may_spend_holds_from_the_first_call_of_what_they_get(channel: Channel, way: str) -> None:
    ben, most = 8, 2 * REPOST
    if way == "again":  # they had one before, and might spend more then
        limits.allow(ben, Limited.MONEY, 100 * REPOST)
        connecting.disconnect_channel(connected(80, owner=ben).id)
    limits.allow(ben, Limited.MONEY, most)
    if way == "handed over":
        team.invite(channel.id, "code", {Role.EDITOR}, NOW)
        assert team.join("code", ben, NOW) is not None
        assert handing_over.offer(channel.id, ANA, ben, NOW)
        assert handing_over.take(channel.id, ben, NOW) == ANA
    theirs = channel if way == "handed over" else connected(80, owner=ben)
    assert said(wanted(theirs, 6)) == 2
