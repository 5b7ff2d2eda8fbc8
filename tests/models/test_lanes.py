"""A person is told one thing after the other, by one process at a time, whoever dies, waits or comes back."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from models.control.overview import pending_notices
from models.database import forget_connection
from models.notifications import lanes, notices
from models.notifications.declaring import NoticeKind, Told, kinds
from models.notifications.kinds import (
    ChatKeysStand,
    Connected,
    DayFull,
    Failed,
    Held,
    Locked,
    OnHold,
    Posted,
    Said,
    SignInWaits,
    Stopped,
    TokenDead,
    Troubled,
    TroubleOver,
    UndoFailed,
    Unreadable,
    WhileOff,
)
from models.notifications.kinds_of_budgets import BudgetUsed, CreditsLow
from models.notifications.kinds_of_control import Alarm, AlarmOver, Paused, Resumed
from models.notifications.kinds_of_desks import DeskWord
from models.notifications.kinds_of_entry import CameIn, PutOut
from models.notifications.kinds_of_team import HandoverOffered, HandoverOver, TeamChanged
from models.notifications.lanes import LaneLost, NoticeLane
from models.notifications.notices import Notice, NoticeStatus
from models.settings import Settings
from tests.conftest import NOW

ANA, BEN = 7, 8
SECOND = timedelta(seconds=1)


def left(person: int, *told: Told) -> list[Notice]:
    """These were left for a person, in this order."""
    for value in told:
        notices.tell(person, value, NOW)
    return waits(person)


def waits(person: int, now: datetime = NOW) -> list[Notice]:
    return lanes.ahead(person, now)


def values(person: int = ANA) -> list[Told | None]:
    return [notice.value for notice in waits(person)]


def told_next(person: int, holder: str, now: datetime = NOW) -> Notice | None:
    """One more is on its way."""
    taken = lanes.take(person, holder, waits(person, now)[:1], None, now)
    return taken[0] if taken else None


def state(notice: Notice) -> NoticeStatus:
    return NoticeStatus(Notice.get_by_id(notice.id).status)


def test_what_asks_or_says_that_something_broke_is_urgent() -> None:
    assert {value for value, kind in kinds().items() if kind.urgent} == {
        Held, TokenDead, Failed, UndoFailed, OnHold, DayFull, Locked, Connected, SignInWaits, Stopped,
        Alarm, AlarmOver, Paused, Resumed, Troubled, TroubleOver, WhileOff, ChatKeysStand, Unreadable, DeskWord, CameIn, PutOut,
        BudgetUsed, CreditsLow, TeamChanged, HandoverOffered, HandoverOver,
    }  # fmt: skip


def test_the_urgent_is_told_first_and_all_else_as_it_was_left(db: Settings) -> None:
    left(ANA, Posted(1), Said(2), Held(3), Posted(4), Failed(5))
    assert values() == [Held(3), Failed(5), Posted(1), Said(2), Posted(4)]
    assert lanes.urgency(ANA, NOW) is True
    assert lanes.urgency(BEN, NOW) is None
    left(BEN, Posted(1))
    assert lanes.urgency(BEN, NOW) is False
    assert lanes.waiting("us", NOW) == [(ANA, True), (BEN, False)]


def test_a_lane_is_one_processs_until_it_gives_it_back_or_dies(db: Settings) -> None:
    left(ANA, Said(1), Said(2))
    assert lanes.enter(ANA, "us", NOW)
    assert not lanes.enter(ANA, "they", NOW)
    assert lanes.waiting("they", NOW) == []
    lanes.leave(ANA, "they")
    assert not lanes.enter(ANA, "they", NOW), "only its holder can give it back"
    lanes.leave(ANA, "us")
    assert lanes.enter(ANA, "they", NOW)
    lanes.keep("they", NOW + 15 * SECOND)
    assert not lanes.enter(ANA, "us", NOW + 30 * SECOND), "they went on saying that they hold it"
    assert lanes.waiting("us", NOW + 35 * SECOND) == [(ANA, False)]
    assert lanes.enter(ANA, "us", NOW + 35 * SECOND), "they died"


def test_each_has_its_share_of_what_telegram_takes(db: Settings) -> None:
    for person in range(8):
        assert lanes.enter(person, "us" if person else "they", NOW)
    assert (lanes.share("us", NOW), lanes.share("they", NOW), lanes.share("new", NOW)) == (7 / 8, 1 / 8, 1)
    assert lanes.share("us", NOW + lanes.HELD) == 1, "who is thought dead has none"


def test_who_is_there_and_tells_nobody_has_a_share_too_until_they_end_or_die(db: Settings) -> None:
    for holder in ("us", "they", "dead"):
        lanes.keep(holder, NOW)
    assert lanes.share("us", NOW) == pytest.approx(1 / 3)
    later = NOW + 2 * lanes.HELD + SECOND
    for holder in ("us", "they"):
        lanes.keep(holder, later)
    assert lanes.share("us", later) == 1 / 2
    assert NoticeLane.select().count() == 2
    lanes.leave_all("they")
    assert lanes.share("us", later) == 1
    assert lanes.waiting("us", later) == []


def test_who_was_thought_dead_tells_nothing_more(db: Settings) -> None:
    left(ANA, Said(1), Said(2))
    assert lanes.enter(ANA, "us", NOW)
    assert lanes.enter(ANA, "they", NOW + lanes.HELD)
    with pytest.raises(LaneLost):
        told_next(ANA, "us", NOW + lanes.HELD)
    with pytest.raises(LaneLost):
        lanes.to_redraw(ANA, "us", NOW + lanes.HELD)
    assert len(waits(ANA)) == 2


def test_of_two_bots_with_threads_each_tells_what_the_other_does_not_and_in_order(db: Settings) -> None:
    for person in (ANA, BEN):
        left(person, *(Said(n) for n in range(20)))
    told: dict[int, list[int]] = {ANA: [], BEN: []}

    def bot(holder: str) -> None:
        while found := lanes.waiting(holder, NOW):
            for person, _ in found:
                if lanes.enter(person, holder, NOW):
                    for _ in range(3):
                        if (notice := told_next(person, holder)) is not None:
                            told[person].append(notice.id)
                            lanes.delivered([notice.id], notice.id, NOW)
                    lanes.leave(person, holder)

    at_once(bot, "one", "two", "three")
    assert told == {p: sorted(n.id for n in Notice.select().where(Notice.person_id == p)) for p in (ANA, BEN)}


def test_the_same_notice_is_taken_once_even_where_all_believe_that_they_have_the_lane(db: Settings) -> None:
    left(ANA, *(Said(n) for n in range(10)))
    assert lanes.enter(ANA, "us", NOW)
    same, taken = waits(ANA), []
    at_once(lambda holder: taken.extend(lanes.take(ANA, "us", same, None, NOW)), "1", "2", "3")
    assert sorted(n.id for n in taken) == [n.id for n in same]


def test_what_telegram_asked_to_wait_with_waits_in_order_and_nobody_else_does(db: Settings) -> None:
    left(ANA, Said(1), Said(2))
    left(BEN, Said(3))
    assert lanes.enter(ANA, "us", NOW)
    first = told_next(ANA, "us")
    assert first is not None
    lanes.put_back([first.id], "us")
    lanes.put_off(ANA, "us", NOW + 40 * SECOND)
    left(ANA, Failed(4, at=NOW))
    assert lanes.waiting("us", NOW) == [(BEN, False)]
    assert not lanes.enter(ANA, "they", NOW + 39 * SECOND)
    assert lanes.enter(ANA, "they", NOW + 40 * SECOND)
    assert values() == [Failed(4, at=NOW), Said(1), Said(2)]


def test_nothing_is_dropped_however_long_telegram_is_away(db: Settings) -> None:
    left(ANA, Said(1), Said(2))
    at, pauses = NOW, []
    for _ in range(120):
        assert lanes.enter(ANA, "us", at)
        notice = told_next(ANA, "us", at)
        assert notice is not None
        lanes.put_back([notice.id], "us")
        pauses.append(lanes.away(ANA, "us", at))
        at += pauses[-1] * SECOND
    assert pauses[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert max(pauses) == 60
    assert values() == [Said(1), Said(2)]


def test_who_is_answered_first_after_an_outage_lets_all_others_try_at_once(db: Settings) -> None:
    for person, begins in ((ANA, NOW), (BEN, NOW + 30 * SECOND)):
        left(person, Said(1))
        for n in range(8):
            at = begins + n * timedelta(minutes=2)
            assert lanes.enter(person, "us", at)
            lanes.away(person, "us", at)
    assert lanes.failing(BEN)
    later = NOW + timedelta(minutes=15)
    assert [p for p, _ in lanes.waiting("us", later)] == [ANA]
    assert lanes.back(ANA, later)
    assert not lanes.failing(ANA)
    assert not lanes.back(ANA, later), "that was it"
    assert [p for p, _ in lanes.waiting("us", later)] == [ANA, BEN]


def test_what_a_killed_bot_was_sending_is_told_again_once_if_urgent_and_not_at_all_if_not(db: Settings) -> None:
    left(ANA, Held(1))
    left(BEN, Said(1), Said(2))
    assert lanes.enter(ANA, "killed", NOW)
    assert lanes.enter(BEN, "killed", NOW)
    urgent, other = told_next(ANA, "killed"), told_next(BEN, "killed")
    assert urgent is not None
    assert other is not None
    assert pending_notices(ANA) == 1
    then = NOW + lanes.HELD
    assert sorted(lanes.waiting("us", then)) == [(ANA, True), (BEN, False)]
    assert lanes.enter(ANA, "us", then)
    assert lanes.enter(BEN, "us", then)
    assert (state(urgent), state(other)) == (NoticeStatus.PENDING, NoticeStatus.UNKNOWN)
    (again,) = waits(ANA)
    assert again.doubtful
    assert values(BEN) == [Said(2)]
    assert told_next(ANA, "us", then) is not None
    lanes.doubt([again.id], "us")
    assert state(again) is NoticeStatus.UNKNOWN, "twice at most"


def test_a_pause_that_telegram_wants_lasts_although_it_was_away_before(db: Settings) -> None:
    for person in (ANA, BEN):
        assert lanes.enter(person, "us", NOW)
        lanes.away(person, "us", NOW)
    then = NOW + timedelta(seconds=2)
    assert lanes.enter(ANA, "us", then)
    lanes.put_off(ANA, "us", then + timedelta(seconds=40))
    assert lanes.back(BEN, then)
    assert not lanes.enter(ANA, "us", then + timedelta(seconds=39))
    assert lanes.enter(ANA, "us", then + timedelta(seconds=40))


def test_an_edit_that_nobody_knows_the_end_of_is_made_once_more(db: Settings) -> None:
    (first, second) = left(ANA, Posted(1), Posted(2))
    assert lanes.enter(ANA, "us", NOW)
    lanes.take(ANA, "us", [first], None, NOW)
    lanes.delivered([first.id], 500, NOW)
    assert lanes.last_told(ANA, None, NoticeKind.POSTED, NOW) == 500
    lanes.take(ANA, "us", [second], 500, NOW)
    lanes.doubt([second.id], "us")
    (again,) = waits(ANA)
    assert (again.id, again.telegram_message_id, again.doubtful) == (second.id, 500, False)


def test_an_answer_that_comes_late_is_believed(db: Settings) -> None:
    (notice,) = left(ANA, Said(1))
    assert lanes.enter(ANA, "us", NOW)
    told_next(ANA, "us")
    assert lanes.enter(ANA, "they", NOW + lanes.HELD)
    assert state(notice) is NoticeStatus.UNKNOWN
    lanes.delivered([notice.id], 5, NOW + lanes.HELD)
    assert state(notice) is NoticeStatus.DELIVERED


def test_what_another_is_sending_now_is_not_put_back_by_who_was_thought_dead(db: Settings) -> None:
    (notice,) = left(ANA, Held(1))
    assert lanes.enter(ANA, "us", NOW)
    told_next(ANA, "us")
    then = NOW + lanes.HELD
    assert lanes.enter(ANA, "they", then)
    told_next(ANA, "they", then)
    for late in (lanes.put_back, lanes.doubt, lanes.dropped, lanes.sent_anew):
        late([notice.id], "us")
        assert state(notice) is NoticeStatus.SENDING
    lanes.put_back([notice.id], "they")
    assert state(notice) is NoticeStatus.PENDING


def test_who_ends_gives_all_lanes_back_and_doubts_what_is_on_its_way(db: Settings) -> None:
    left(ANA, Held(1))
    left(BEN, Said(1), Said(2))
    for person in (ANA, BEN):
        assert lanes.enter(person, "us", NOW)
    told_next(BEN, "us")
    lanes.leave_all("us")
    assert [(p, u) for p, u in lanes.waiting("they", NOW)] == [(ANA, True), (BEN, False)]
    assert values(BEN) == [Said(2)]
    assert NoticeLane.select().where(NoticeLane.holder != "").count() == 0


def test_who_can_not_be_reached_is_told_nothing_of_what_waits(db: Settings) -> None:
    left(ANA, Said(1), Held(2))
    left(BEN, Said(1))
    assert lanes.unreachable(ANA) == 2
    assert values(ANA) == []
    assert values(BEN) == [Said(1)]


def at_once(work: Callable[[str], object], *names: str) -> None:
    """Each name in a thread of its own; their errors come out."""
    start, failures = threading.Barrier(len(names)), []

    def run(name: str) -> None:
        start.wait()
        try:
            work(name)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)
        finally:
            forget_connection()

    threads = [threading.Thread(target=run, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
