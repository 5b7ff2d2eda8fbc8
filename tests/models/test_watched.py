"""What a channel watches is added once, changed, paused, taken away and brought back by its people."""

from datetime import timedelta

import pytest

from engine.moderation.keywords import BadKeyword
from engine.watching import Ceiling, WatchedKind, Way
from engine.x.events import Account, id_at
from engine.x.watching.searches import BadSearch
from models import retention, undoing
from models.accounts import choices
from models.accounts.channels import Channel
from models.database import transaction
from models.settings import Settings
from models.watching import brought, stream, wanted, watched
from models.watching.brought import Brought, WatchedDay
from models.watching.watched import Watched, WatchedStatus
from tests.channels import ANA, connected
from tests.conftest import NOW

INAMEH = Account(900, "inameh", "INAMEH")


@pytest.fixture
def channel(db: Settings) -> Channel:
    return connected()


def test_what_is_added_twice_is_watched_once_and_heard_from_then_on(channel: Channel) -> None:
    row, is_new = watched.add(channel.id, watched.an_account(INAMEH), ANA, NOW, triggers=["lluvia", "alerta"])
    again, is_new_again = watched.add(channel.id, watched.an_account(INAMEH), ANA, NOW + timedelta(hours=1))
    assert (is_new, is_new_again, again.id) == (True, False, row.id)
    assert (row.kind, row.key, row.name, row.way) == (WatchedKind.ACCOUNT, "900", "inameh", Way.STREAM)
    assert row.words == ("lluvia", "alerta")
    assert row.ceiling == Ceiling(cost=watched.DEFAULT_COST)
    assert row.cursor == id_at(NOW)
    assert watched.of(channel.id) == [row]


def test_what_can_not_be_watched_is_refused_with_its_reason(channel: Channel) -> None:
    other = connected(71, "lluvia")
    with pytest.raises(watched.OwnChannel):
        watched.add(channel.id, watched.an_account(Account(other.x_user_id, "lluvia", "")), ANA, NOW)
    with pytest.raises(BadSearch):
        watched.a_search("min_faves:10")
    with pytest.raises(ValueError, match="no id"):
        watched.a_list("x" * 30)
    with pytest.raises(BadKeyword):
        watched.add(channel.id, watched.home(), ANA, NOW, triggers=["***"])
    for ceiling in (Ceiling(0), Ceiling(cost=4_999), Ceiling(cost=2**62), Ceiling(-1)):
        with pytest.raises(ValueError, match="ceiling"):
            watched.add(channel.id, watched.home(), ANA, NOW, ceiling=ceiling)
    listed, _ = watched.add(channel.id, watched.a_list("84839422", "Tránsito"), ANA, NOW)
    with pytest.raises(ValueError, match="not heard by stream"):
        watched.set_way(channel.id, listed.id, Way.STREAM, NOW)
    for n in range(watched.MOST_EACH - 1):
        watched.add(channel.id, watched.an_account(Account(1000 + n, f"a{n}", "")), ANA, NOW)
    with pytest.raises(watched.TooMany):
        watched.add(channel.id, watched.home(), ANA, NOW)


def test_two_spellings_of_a_search_are_one_for_a_channel_and_one_rule_for_several(channel: Channel) -> None:
    other, third = connected(71, "lluvia"), connected(72, "granizo")
    one, _ = watched.add(channel.id, watched.a_search("Choque OR (caracas “vía cerrada”)"), ANA, NOW)
    again, is_new = watched.add(channel.id, watched.a_search('("Vía Cerrada"  Caracas) OR choque'), ANA, NOW)
    assert (again.id, is_new) == (one.id, False)
    assert one.name == '(Choque OR (caracas "vía cerrada")) -is:retweet', "as it was typed"
    watched.add(other.id, watched.a_search("(caracas “vía cerrada”) OR CHOQUE"), ANA, NOW)
    old, _ = watched.add(third.id, watched.a_search("granizo"), ANA, NOW)
    Watched.update(key=one.name).where(Watched.id == old.id).execute()  # kept before there was one spelling
    assert len({(w.key, w.term, w.want.search) for w in wanted.streamed()}) == 1
    assert wanted.watched_by_others(WatchedKind.SEARCH, one.key, channel.id) == 2
    assert watched.add(third.id, watched.a_search("CHOQUE OR (caracas “vía cerrada”)"), ANA, NOW) == (
        Watched.get_by_id(old.id), False,
    )  # fmt: skip
    assert wanted.refused(WatchedKind.SEARCH, one.key, "no", NOW) == 3


def test_its_people_change_pause_and_resume_it_and_nobody_elses(channel: Channel) -> None:
    other = connected(71, "lluvia")
    row, _ = watched.add(channel.id, watched.a_search('"vía cerrada" caracas'), ANA, NOW)
    version = Channel.get_by_id(channel.id).ruleset_version
    assert watched.set_triggers(channel.id, row.id, ["autopista"])
    assert Channel.get_by_id(channel.id).ruleset_version == version + 1
    assert watched.watches_of(channel.id)[0].triggers == ("autopista",)
    assert watched.set_way(channel.id, row.id, Way.POLL, NOW)
    assert watched.pause(channel.id, row.id)
    assert not watched.pause(channel.id, row.id)
    later = NOW + timedelta(hours=1)
    assert watched.resume(channel.id, row.id, later)
    assert not watched.resume(channel.id, row.id, later)
    (now_is,) = watched.of(channel.id)
    assert (now_is.way, now_is.status, now_is.cursor) == (Way.POLL, WatchedStatus.ON, id_at(later))
    assert watched.set_ceiling(channel.id, row.id, Ceiling(posts=3), later)
    for theirs in (
        watched.set_triggers(other.id, row.id, []), watched.pause(other.id, row.id),
        watched.set_way(other.id, row.id, Way.STREAM, NOW), watched.set_ceiling(other.id, row.id, Ceiling(), NOW),
        watched.remove(other.id, row.id), watched.one(other.id, row.id), watched.resume(other.id, row.id, NOW),
    ):  # fmt: skip
        assert not theirs
    assert watched.of(channel.id)[0].ceiling == Ceiling(posts=3)


def test_a_higher_ceiling_lets_it_go_on_today(channel: Channel) -> None:
    row, _ = watched.add(channel.id, watched.home(), ANA, NOW)
    Watched.update(status=WatchedStatus.CEILING, until=NOW + timedelta(hours=9)).where(Watched.id == row.id).execute()
    watched.set_ceiling(channel.id, row.id, Ceiling(), NOW)
    (now_is,) = watched.of(channel.id)
    assert (now_is.status, now_is.until, now_is.ceiling) == (WatchedStatus.ON, None, Ceiling())


def test_what_was_taken_away_comes_back_with_all_that_was_chosen_and_what_it_cost(channel: Channel) -> None:
    row, _ = watched.add(
        channel.id, watched.an_account(INAMEH), ANA, NOW, triggers=["ñandú"], ceiling=Ceiling(5, 9_000)
    )
    day = brought.day_of(NOW, choices.zone_of(channel.id))
    WatchedDay.insert(watched_id=row.id, day=day, channel_id=channel.id, posts=4, cost=8).execute()
    with transaction():
        undo = undoing.keep(channel.id, ANA, "", NOW, watched.before(channel.id, row.kind, row.key))
        assert watched.remove(channel.id, row.id) is not None
    assert watched.of(channel.id) == []
    assert watched.remove(channel.id, row.id) is None
    watched.add(channel.id, watched.an_account(INAMEH), ANA, NOW)  # meanwhile somebody added it again
    later = NOW + timedelta(hours=1)
    assert undoing.undo(channel.id, undo, later) is not None
    (shown,) = brought.shown(channel.id, later)
    assert (shown.row.id, shown.row.words, shown.row.ceiling) == (row.id, ("ñandú",), Ceiling(5, 9_000))
    assert shown.row.cursor == id_at(later)
    assert shown.today == Brought(4, 0, 8)


def test_adding_is_undone_too_and_what_was_paused_comes_back_paused(channel: Channel) -> None:
    undo = undoing.keep(channel.id, ANA, "", NOW, watched.before(channel.id, WatchedKind.HOME, ""))
    row, _ = watched.add(channel.id, watched.home(), ANA, NOW)
    watched.pause(channel.id, row.id)
    gone = undoing.keep(channel.id, ANA, "", NOW, watched.before(channel.id, WatchedKind.HOME, ""))
    undoing.undo(channel.id, undo, NOW)
    assert watched.of(channel.id) == []
    undoing.undo(channel.id, gone, NOW)
    assert watched.of(channel.id)[0].status is WatchedStatus.PAUSED


def test_up_to_where_the_stream_was_heard_never_goes_back(db: Settings) -> None:
    assert stream.heard_to() == 0
    for x_id in (5, 9, 7):
        stream.heard(x_id)
    assert stream.heard_to() == 9


def test_old_days_are_forgotten(channel: Channel) -> None:
    today = NOW.date().toordinal()
    rows = [(n, today - days, channel.id) for n in range(1, 4) for days in (0, 1, 40, 50)]
    WatchedDay.insert_many(rows, fields=[WatchedDay.watched_id, WatchedDay.day, WatchedDay.channel_id]).execute()
    assert sum(taken.gone for taken in retention.bites(NOW) if taken.what == "watched_days") == 6
    assert WatchedDay.select().count() == 6


@pytest.mark.parametrize(
    ("ceiling", "room"),
    [
        (Ceiling(), None),
        (Ceiling(5), 2),
        (Ceiling(2), 0),
        (Ceiling(cost=30), 1),
        (Ceiling(9, 29), 0),
        (Ceiling(4, 99), 1),
    ],
)
def test_what_still_fits_under_a_ceiling(ceiling: Ceiling, room: int | None) -> None:
    assert ceiling.room(posts=3, cost=20, price=10) == room
