"""A channel's trouble is told once when it begins and once when it ends, whoever meets it and however often."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from models import connecting
from models.accounts import renewal_rests, troubles
from models.accounts.channels import Channel
from models.accounts.troubles import APP, NATURE, Kind, Trouble
from models.database import rested
from models.notifications.declaring import NoticeKind
from models.notifications.kinds import Troubled, TroubleOver
from models.notifications.notices import Notice
from models.settings import Settings, settings
from tests.channels import connected
from tests.conftest import NOW

ANA, BEN, ADMIN = 7, 8, 9
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
AT_ONCE = [kind for kind, nature in NATURE.items() if not (nature.after or nature.alarm)]


@pytest.fixture
def channel(db: Settings) -> Channel:
    return connected()


@pytest.fixture
def admin(db: Settings, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("ADMIN_IDS", str(ADMIN))
    settings.cache_clear()
    return ADMIN


@pytest.fixture(autouse=True)
def settings_afresh() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def told(person: int = ANA) -> list[str]:
    """What a person is told of troubles, in order: `+limit` begins, `-limit` is over."""
    mine = Notice.person_id == person
    found = [n.value for n in Notice.select().where(mine).order_by(Notice.id)]
    return [("+" if isinstance(v, Troubled) else "-") + v.kind for v in found if isinstance(v, Troubled | TroubleOver)]


def test_it_is_told_once_however_often_it_is_met_and_once_when_it_is_over(channel: Channel) -> None:
    for kind in AT_ONCE:
        Notice.delete().execute()
        for n in range(12):
            troubles.met(channel.id, kind, NOW + n * MINUTE, said="again", until=NOW + 9 * HOUR)
        assert told() == [f"+{kind}"]
        stands = troubles.one(channel.id, kind)
        assert stands is not None
        assert (stands.since, stands.tries) == (NOW, 12)
        for _ in range(3):
            troubles.over(channel.id, NOW + HOUR, *Kind)
        assert told() == [f"+{kind}", f"-{kind}"]
        assert troubles.of_channel(channel.id) == []


def test_what_is_short_is_told_nobody(channel: Channel) -> None:
    for n in range(10):  # it comes and goes for an hour, never for long
        troubles.met(channel.id, Kind.X_DOWN, NOW + 6 * n * MINUTE)
        troubles.met(channel.id, Kind.X_DOWN, NOW + 6 * n * MINUTE + MINUTE)
        troubles.over(channel.id, NOW + 6 * n * MINUTE + 2 * MINUTE, Kind.X_DOWN)
    assert told() == []


def test_what_lasts_is_told_though_nobody_meets_it_again(channel: Channel) -> None:
    troubles.met(channel.id, Kind.X_DOWN, NOW)
    troubles.sweep(NOW + MINUTE)
    assert told() == []
    for _ in range(3):
        troubles.sweep(NOW + 3 * MINUTE)
    assert told() == ["+x_down"]


def test_what_comes_again_and_again_is_told_ever_more_rarely(channel: Channel) -> None:
    for n in range(30):  # a pause of nine minutes, a post, the next pause
        at = NOW + n * 10 * MINUTE
        troubles.met(channel.id, Kind.LIMIT, at, until=at + 9 * MINUTE)
        troubles.sweep(at + 8 * MINUTE)
        troubles.over(channel.id, at + 9 * MINUTE, Kind.LIMIT)
    assert told() == ["+limit", "-limit"]
    troubles.met(channel.id, Kind.LIMIT, NOW + 30 * HOUR)
    assert told() == ["+limit", "-limit", "+limit"], "the next day it is new"


def test_a_pause_that_has_passed_is_over_though_nothing_was_posted(channel: Channel) -> None:
    troubles.met(channel.id, Kind.LIMIT, NOW, until=NOW + 9 * MINUTE)
    troubles.met(channel.id, Kind.LOCKED, NOW, until=NOW + 9 * MINUTE)
    troubles.sweep(NOW + 9 * MINUTE)
    assert told() == ["+limit", "+locked"]
    for _ in range(2):
        troubles.sweep(NOW + 11 * MINUTE)
    assert told() == ["+limit", "+locked", "-limit"], "a lock does not pass by itself"


def test_what_holds_nothing_up_is_nobodys_worry(channel: Channel) -> None:
    for n in range(20):
        troubles.met(channel.id, Kind.SIGN_IN, NOW + n * MINUTE, holds=False)
        troubles.sweep(NOW + n * MINUTE)
    assert told() == []
    troubles.met(channel.id, Kind.SIGN_IN, NOW + HOUR)
    assert told() == ["+sign_in"]


def test_what_is_everybodys_is_told_each_person_once(channel: Channel, admin: int) -> None:
    mine = [channel, *(connected(80 + n, f"mio{n}") for n in range(3))]
    bens = connected(90, "lluvia", BEN)
    for kind in [k for k, nature in NATURE.items() if nature.of_app]:
        Notice.delete().execute()
        for n in range(5):
            for each in (*mine, bens):
                troubles.met(each.id, kind, NOW + n * MINUTE, said="401")
        assert (told(ANA), told(BEN), told(admin)) == ([f"+{kind}"],) * 3
        for each in mine:
            troubles.over(each.id, NOW + HOUR, kind)
        assert (told(ANA), told(BEN), told(admin)) == ([f"+{kind}", f"-{kind}"], [f"+{kind}"], [f"+{kind}"])
        troubles.over(bens.id, NOW + HOUR, kind)
        assert (told(ANA), told(BEN), told(admin)) == ([f"+{kind}", f"-{kind}"],) * 3


def test_it_may_be_over_for_all_at_once(channel: Channel, admin: int) -> None:
    other, bens = connected(80, "otro"), connected(90, "lluvia", BEN)
    for each in (channel, other, bens):
        troubles.met(each.id, Kind.CREDITS, NOW)
    for _ in range(2):
        troubles.over(APP, NOW + HOUR, Kind.CREDITS)
    assert (told(ANA), told(BEN), told(admin)) == (["+credits", "-credits"],) * 3


def test_who_runs_the_service_and_a_channel_is_told_once(db: Settings, admin: int) -> None:
    its = connected(owner=ADMIN)
    troubles.met(its.id, Kind.CLIENT, NOW)
    troubles.over(its.id, NOW + HOUR, Kind.CLIENT)
    assert told(admin) == ["+client", "-client"]


def test_who_runs_the_service_hears_of_what_holds_up_no_channel_yet(channel: Channel, admin: int) -> None:
    troubles.met(APP, Kind.CLIENT, NOW)
    troubles.met(channel.id, Kind.CLIENT, NOW, holds=False)
    assert (told(ANA), told(admin)) == ([], ["+client"])


def test_the_trouble_of_a_channel_that_goes_is_nobodys(channel: Channel, admin: int) -> None:
    troubles.met(channel.id, Kind.KEY, NOW)
    troubles.drop(channel.id)
    troubles.sweep(NOW + 3 * HOUR)
    assert (told(ANA), told(admin)) == (["+key"], ["+key", "-key"])


def test_the_trouble_of_a_channel_that_is_deleted_meanwhile_leaves_nothing(channel: Channel, admin: int) -> None:
    connecting.forget_channel(channel.id)
    troubles.met(channel.id, Kind.LIMIT, NOW)
    assert Trouble.select().count() == 0


def test_the_trouble_of_a_channel_that_is_off_ends_for_who_runs_the_service(channel: Channel, admin: int) -> None:
    troubles.met(channel.id, Kind.KEY, NOW)
    Channel.update(is_on=False).execute()
    troubles.sweep(NOW + 3 * HOUR)
    assert told(admin) == ["+key", "-key"]


def test_workers_that_meet_and_ease_it_at_the_same_moment_wait_for_nobody_for_ever(channel: Channel) -> None:
    ids = [channel.id, *(connected(80 + n, f"mio{n}").id for n in range(3))]
    at_once(
        lambda n: (
            renewal_rests.eases(NOW) if n % 2 else [troubles.met(i, Kind.SIGN_IN, NOW, until=NOW + HOUR) for i in ids]
        )
    )
    assert Trouble.select().where(Trouble.channel_id != APP).count() == len(ids)


def at_once(work: Callable[[int], object], many: int = 8) -> None:
    """Several workers at the same moment."""

    def run(n: int) -> None:
        with rested():
            work(n)

    with ThreadPoolExecutor(many) as workers:
        list(workers.map(run, range(many)))


@pytest.mark.parametrize("kind", [Kind.LIMIT, Kind.CREDITS])
def test_workers_that_meet_it_and_end_it_at_the_same_moment_tell_once(channel: Channel, kind: Kind) -> None:
    ids = [channel.id, *(connected(80 + n, f"mio{n}").id for n in range(3))] if NATURE[kind].of_app else [channel.id]
    at_once(lambda n: troubles.met(ids[n % len(ids)], kind, NOW + n * SECOND))
    assert told() == [f"+{kind}"]
    at_once(lambda n: troubles.over(ids[n % len(ids)], NOW + HOUR, kind))
    assert told() == [f"+{kind}", f"-{kind}"]


def test_xs_words_are_cut_and_the_last_ones_count(channel: Channel) -> None:
    troubles.met(channel.id, Kind.X_DOWN, NOW, said="first")
    troubles.met(channel.id, Kind.X_DOWN, NOW + 5 * MINUTE, said="x" * 900)
    stands = troubles.one(channel.id, Kind.X_DOWN)
    assert stands is not None
    assert stands.said == "x" * 300
    assert Trouble.select().count() == 1
    assert Notice.get(Notice.kind == NoticeKind.TROUBLED).channel_id == channel.id
