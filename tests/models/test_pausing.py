"""While everything is paused nothing goes on by any door, and what would have goes on when that ends; no gap between."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engine import posts
from engine.roles import Role
from engine.when import When
from models import connecting
from models.accounts import admission, handing_over, team
from models.accounts.channels import Channel, OffReason
from models.control import all_paused, depths, entrance, pausing, switching
from models.database import rested
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing.tweets import Tweet, TweetStatus
from models.scheduling import planning, schedules
from models.settings import Settings, settings
from tests.channels import ANA, connected
from tests.conftest import NOW
from tests.models.test_races import meanwhile

BEN, BOSS = 8, 1
LATER = NOW + timedelta(minutes=5)
RUNS, WITH_ALL, BY_ITSELF, BY_OWNER = (
    (True, OffReason.NONE), (False, OffReason.ALL_PAUSED), (False, OffReason.PAUSED), (False, OffReason.OWNER),
)  # fmt: skip


@pytest.fixture(autouse=True)
def door(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "sign_up", "")
    monkeypatch.setattr(settings(), "admin_ids", (BOSS,))
    for person in (ANA, BEN):
        admission.let_in(person, BOSS, NOW)


def stands(channel: Channel) -> tuple[bool, OffReason]:
    now = Channel.get_by_id(channel.id)
    return now.is_on, now.off_reason


def told(kind: NoticeKind) -> list[tuple[int, int | None]]:
    return [(n.person_id, n.channel_id) for n in Notice.select().where(Notice.kind == kind).order_by(Notice.id)]


def test_all_is_a_state_that_is_kept_and_ends() -> None:
    here, there = connected(70, "uno"), connected(71, "dos", BEN)
    assert pausing.pause_all(NOW) == 2
    assert stands(here) == stands(there) == WITH_ALL
    assert all_paused.since() == NOW
    assert pausing.pause_all(LATER) == 0
    assert all_paused.since() == NOW, "it is so since it began"
    assert depths.channels()["paused"] == 2
    assert told(NoticeKind.PAUSED) == [(ANA, here.id), (BEN, there.id)]
    assert pausing.resume_all(LATER) == 2
    assert stands(here) == stands(there) == RUNS
    assert all_paused.since() is None
    assert told(NoticeKind.RESUMED) == [(ANA, here.id), (BEN, there.id)]
    assert pausing.resume_all(LATER) is None


def test_what_is_connected_meanwhile_newly_or_again_goes_on_with_all_others() -> None:
    lost = connected(70, "uno")
    gone = connected(71, "dos")
    assert switching.token_died(lost.id, 1, "revoked", NOW)
    connecting.disconnect_channel(gone.id)
    pausing.pause_all(NOW)
    for x_id, handle in ((70, "uno"), (71, "dos"), (72, "tres"), (72, "tres")):
        assert stands(connected(x_id, handle)) == WITH_ALL
    assert pausing.resume_all(LATER) == 3
    assert {stands(channel) for channel in Channel.select()} == {RUNS}


def test_an_access_that_came_after_all_goes_on_with_all_others() -> None:
    channel = connected()
    switching.token_died(channel.id, 1, "revoked", NOW)
    pausing.pause_all(NOW)
    assert switching.access_came(channel.id, 1, NOW)
    assert stands(channel) == WITH_ALL
    assert pausing.resume_all(LATER) == 1
    assert stands(channel) == RUNS


def test_its_owner_says_whether_it_goes_on_with_all_others() -> None:
    off, on = connected(70, "uno"), connected(71, "dos")
    switching.switch(off.id, on=False, now=NOW)
    assert pausing.pause_all(NOW) == 1
    assert stands(off) == BY_OWNER
    assert switching.switch(off.id, on=True, now=NOW)
    assert not switching.switch(off.id, on=True, now=NOW), "it is so already"
    assert stands(off) == WITH_ALL
    assert switching.switch(on.id, on=False, now=NOW)
    assert stands(on) == BY_OWNER
    assert pausing.resume_all(LATER) == 1
    assert (stands(off), stands(on)) == (RUNS, BY_OWNER)


def test_who_is_let_in_again_or_is_given_a_channel_meanwhile_finds_it_paused() -> None:
    outs, given = connected(70, "uno", BEN), connected(71, "dos")
    pausing.pause_all(NOW)
    entrance.put_out(BEN, BOSS, NOW)
    assert stands(outs) == (False, OffReason.PUT_OUT)
    entrance.let_in(BEN, BOSS, NOW)
    assert stands(outs) == WITH_ALL
    team.invite(given.id, "code", {Role.EDITOR}, NOW)
    team.join("code", BEN, NOW)
    handing_over.offer(given.id, ANA, BEN, NOW)
    assert handing_over.take(given.id, BEN, NOW) == ANA
    assert stands(given) == WITH_ALL
    assert pausing.resume_all(LATER) == 2
    assert told(NoticeKind.RESUMED) == [(BEN, outs.id), (BEN, given.id)]


def test_who_was_put_out_goes_on_when_they_are_let_in_though_the_pause_ended_before() -> None:
    channel = connected(70, "uno", BEN)
    pausing.pause_all(NOW)
    entrance.put_out(BEN, BOSS, NOW)
    assert pausing.resume_all(LATER) == 0
    assert stands(channel) == (False, OffReason.PUT_OUT)
    entrance.let_in(BEN, BOSS, LATER)
    assert stands(channel) == RUNS


def test_one_that_was_paused_by_itself_stays_so_when_all_go_on() -> None:
    before, meanwhile_, other = connected(70, "uno"), connected(71, "dos"), connected(72, "tres")
    assert pausing.pause(before.id, NOW)
    assert pausing.pause_all(NOW) == 2
    assert not switching.switch(before.id, on=True, now=NOW)
    assert stands(connected(70, "uno")) == BY_ITSELF
    assert pausing.pause(meanwhile_.id, NOW)
    assert pausing.resume_all(LATER) == 1
    assert (stands(before), stands(meanwhile_), stands(other)) == (BY_ITSELF, BY_ITSELF, RUNS)
    assert pausing.resume_each(LATER) == 2
    assert stands(before) == stands(meanwhile_) == RUNS


def test_a_single_one_goes_on_alone_until_it_is_off_or_all_are_paused_once_more() -> None:
    channel, other = connected(70, "uno"), connected(71, "dos")
    pausing.pause_all(NOW)
    assert pausing.resume(channel.id, NOW)
    assert (stands(channel), stands(other)) == (RUNS, WITH_ALL)
    assert stands(connected(70, "uno")) == RUNS, "another access changes nothing"
    assert pausing.pause_all(LATER) == 1
    assert stands(channel) == WITH_ALL
    assert pausing.resume(channel.id, LATER)
    switching.switch(channel.id, on=False, now=LATER)
    switching.switch(channel.id, on=True, now=LATER)
    assert stands(channel) == WITH_ALL


def test_what_is_planned_for_one_that_was_turned_on_meanwhile_goes_out_with_all_others() -> None:
    channel = connected()
    switching.switch(channel.id, on=False, now=NOW)
    pausing.pause_all(NOW)
    switching.switch(channel.id, on=True, now=NOW)
    soon = NOW + timedelta(minutes=1)
    schedules.create(channel.id, ANA, [posts.plain("hola")], When(soon.replace(tzinfo=None)), "es", NOW)
    planning.plan(soon)
    assert [t.status for t in Tweet.select()] == [TweetStatus.CANCELLED]
    pausing.resume_all(soon)
    assert [t.status for t in Tweet.select()] == [TweetStatus.QUEUED]


# --- two at one moment ---------------------------------------------------------------------------------------


def test_what_is_connected_or_turned_on_at_the_very_moment_of_pausing_all_is_paused() -> None:
    off = connected(70, "uno")
    switching.switch(off.id, on=False, now=NOW)
    with meanwhile(lambda: pausing.pause_all(NOW)):
        connected(71, "dos")
        switching.switch(off.id, on=True, now=NOW)
    assert {stands(channel) for channel in Channel.select()} == {WITH_ALL}


@pytest.mark.parametrize("how", ["new", "lost", "off", "access", "let in"])
def test_who_comes_a_moment_after_all_were_paused_is_paused(how: str) -> None:
    channel = connected(70, "uno", BEN)
    doors: dict[str, Callable[[], object]] = {
        "new": lambda: connected(71, "dos", BEN),
        "lost": lambda: connected(70, "uno", BEN),
        "off": lambda: switching.switch(channel.id, on=True, now=NOW),
        "access": lambda: switching.access_came(channel.id, 1, NOW),
        "let in": lambda: entrance.let_in(BEN, BOSS, NOW),
    }
    if how in ("lost", "access"):
        switching.token_died(channel.id, 1, "revoked", NOW)
    elif how == "off":
        switching.switch(channel.id, on=False, now=NOW)
    elif how == "let in":
        entrance.put_out(BEN, BOSS, NOW)
    with meanwhile(doors[how]):
        pausing.pause_all(NOW)
    assert {stands(each) for each in Channel.select()} == {WITH_ALL}


def test_who_comes_at_the_very_moment_of_letting_all_go_on_goes_on() -> None:
    off = connected(70, "uno")
    switching.switch(off.id, on=False, now=NOW)
    pausing.pause_all(NOW)
    with meanwhile(lambda: pausing.resume_all(NOW)):
        connected(71, "dos")
        switching.switch(off.id, on=True, now=NOW)
    assert {stands(channel) for channel in Channel.select()} == {RUNS}
    pausing.pause_all(LATER)
    with meanwhile(lambda: connected(72, "tres")):
        pausing.resume_all(LATER)
    assert {stands(channel) for channel in Channel.select()} == {RUNS}


def test_of_two_admins_who_do_it_at_once_each_owner_is_told_once() -> None:
    pausing.resume_each(NOW)
    channels = [connected(70 + n, f"canal{n}") for n in range(5)]

    def both(work: Callable[[], object]) -> list[object]:
        def done(_: int) -> object:
            with rested():
                return work()

        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(done, range(2)))

    assert sorted(map(str, both(lambda: pausing.pause_all(NOW)))) == ["0", "5"]
    assert len(told(NoticeKind.PAUSED)) == len(channels)
    assert sorted(map(str, both(lambda: pausing.resume_all(LATER)))) == ["5", "None"]
    assert len(told(NoticeKind.RESUMED)) == len(channels)
