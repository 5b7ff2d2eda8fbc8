"""An alarm reaches who runs the service once and with its end, whoever looks, and is about one thing."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from models.accounts import admins, troubles
from models.accounts.troubles import Kind as Alarm
from models.accounts.troubles import Trouble
from models.control import alarms as standing
from models.control import errors, leases, processes
from models.control.errors import Seen
from models.control.processes import SILENT, Kind
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.settings import Settings, settings
from tasks.control import alarms
from tasks.control import health as control
from tasks.control.health import Kept, Stream, Wrong, judged
from tests.conftest import NOW

SECOND = timedelta(seconds=1)
LONG_AGO = NOW - timedelta(hours=1)


@pytest.fixture(autouse=True)
def who_runs_it(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ADMIN_IDS", "7,8")
    settings.cache_clear()
    yield
    settings.cache_clear()


def begin(name: str, kind: Kind, host: str = "pi") -> None:
    processes.begin(name, kind, host, 7, "1.2.0", NOW)


def everybody_begins() -> None:
    for kind in Kind:
        begin(str(kind), kind)


def beat(*names: str, at: timedelta) -> None:
    for name in names:
        processes.beat(name, {}, NOW + at)


def look(at: timedelta) -> None:
    """As who looks does."""
    found = judged(control.kept(NOW + at), True, NOW + at)
    alarms.settle(alarms.raised(found, LONG_AGO, {}), NOW + at)


def told() -> list[tuple[NoticeKind, str]]:
    """What the first of those who run the service was told; the second was told the same."""
    rows = list(Notice.select().order_by(Notice.id))
    mine, theirs = ([n for n in rows if n.person_id == i] for i in (7, 8))
    assert [n.data for n in mine] == [n.data for n in theirs]
    return [(n.kind, f"{n.value.kind}: {n.value.subject}") for n in mine]  # type: ignore[union-attr]


@pytest.mark.parametrize("gone", list(Kind))
def test_a_process_that_is_killed_is_told_with_its_machine_within_fifteen_seconds_and_its_end(
    db: Settings, gone: Kind
) -> None:
    everybody_begins()
    others = [str(kind) for kind in Kind if kind is not gone]
    begun = (NoticeKind.ALARM, f"process_gone: {gone} @ pi")
    for second in range(0, 40, 2):
        at = second * SECOND
        beat(*others, at=at)
        look(at)
        assert told() == ([begun] if at > SILENT - SECOND else []), at
    assert timedelta(seconds=15) - 2 * timedelta(seconds=alarms.LOOK_S) > SILENT
    processes.begin("new", gone, "rock", 8, "1.2.0", NOW + 40 * SECOND)
    beat(*others, at=40 * SECOND)
    look(41 * SECOND)
    look(42 * SECOND)
    assert told() == [begun, (NoticeKind.ALARM_OVER, f"process_gone: {gone} @ pi")]


def test_one_of_two_is_missed_until_another_comes_or_somebody_says_that_it_is_meant(db: Settings) -> None:
    everybody_begins()
    begin("w2", Kind.WORKER, "rock")
    beat(*(str(kind) for kind in Kind), at=20 * SECOND)
    look(20 * SECOND)
    assert told() == [(NoticeKind.ALARM, "process_gone: worker @ rock")]
    assert not processes.dismiss("worker", NOW + 20 * SECOND), "it runs"
    assert processes.dismiss("w2", NOW + 20 * SECOND)
    look(22 * SECOND)
    assert told()[1:] == [(NoticeKind.ALARM_OVER, "process_gone: worker @ rock")]


def test_nobody_is_missed_while_all_begin_and_who_never_comes_is_after_a_minute(db: Settings) -> None:
    begin("web", Kind.WEB)
    begin("dead", Kind.WORKER)
    absent: dict[str, datetime] = {}
    for second in (20, 40, 85):
        beat("web", at=second * SECOND)
        found = judged(control.kept(NOW + second * SECOND), True, NOW + second * SECOND)
        assert {t.of for t in found.wrong if t.wrong is Wrong.PROCESS} == set(Kind) - {Kind.WEB}
        just_begun = alarms.raised(found, NOW + (second - 5) * SECOND, absent)
        here_for_long = alarms.raised(found, LONG_AGO, absent)
        never = {(Alarm.PROCESS_GONE, str(kind)) for kind in (Kind.STREAMS, Kind.VOICES, Kind.JOURNAL)}
        assert set(just_begun) == (never if second > 60 else set())
        assert set(here_for_long) - never == {(Alarm.PROCESS_GONE, "worker @ pi")}


def test_whoever_looks_and_however_often_it_is_told_once(db: Settings) -> None:
    one, other = {(Alarm.WORK_LATE, "message"): ""}, {(Alarm.WORK_LATE, "tweet"): ""}
    for second in range(0, 300, 50):
        alarms.settle(one, NOW + second * SECOND)
    assert told() == [(NoticeKind.ALARM, "work_late: message")]
    alarms.settle(one | other, NOW + 300 * SECOND)
    alarms.settle(other, NOW + 301 * SECOND)
    alarms.settle({}, NOW + 302 * SECOND)
    alarms.settle({}, NOW + 303 * SECOND)
    assert told()[1:] == [
        (NoticeKind.ALARM, "work_late: tweet"),
        (NoticeKind.ALARM_OVER, "work_late: message"),
        (NoticeKind.ALARM_OVER, "work_late: tweet"),
    ]
    assert standing.standing() == []


def test_what_passes_at_once_wakes_nobody_and_what_flutters_wakes_ever_more_seldom(db: Settings) -> None:
    redis = {(Alarm.REDIS_AWAY, ""): ""}
    alarms.settle(redis, NOW)
    alarms.settle({}, NOW + 20 * SECOND)
    assert told() == []
    for n in range(20):
        at = NOW + (n * 60 + 60) * SECOND
        alarms.settle({(Alarm.ERRORS, ""): "20 in five minutes"}, at)
        alarms.settle({}, at + 30 * SECOND)
    assert 3 <= len(told()) // 2 <= troubles.TOLD_AT_ONCE + 1


def test_an_alarm_holds_up_no_channel_and_is_no_trouble_of_the_app(db: Settings) -> None:
    alarms.settle({(Alarm.DISK_FULL, "pi"): "3 MiB of 100 MiB are free"}, NOW)
    assert troubles.of_channel(troubles.APP) == []
    assert [t.subject for t in standing.standing()] == ["pi"]
    assert standing.are_untold()


def test_errors_are_counted_and_few_of_them_are_kept(db: Settings) -> None:
    errors.keep(Kind.WORKER, "pi", [Seen("job failed", "ValueError (3)", 15), Seen("odd", "", 4)], NOW)
    look(SECOND)
    assert (Alarm.ERRORS, "") not in {(t.kind, t.subject) for t in standing.standing()}
    errors.keep(Kind.VOICES, "pi", [Seen("job failed", "", 1)], NOW + SECOND)
    look(2 * SECOND)
    (alarm,) = [t for t in standing.standing() if t.kind is Alarm.ERRORS]
    assert alarm.said == "20 in five minutes, most of all: job failed"
    look(errors.RATE_OVER + SECOND)
    assert [t for t in standing.standing() if t.kind is Alarm.ERRORS] == []
    for n in range(errors.MOST):
        errors.keep(Kind.WEB, "pi", [Seen(f"e{n}", "", 1)], NOW)
    assert errors.how_many() == errors.MOST
    assert errors.last(1)[0].event == f"e{errors.MOST - 1}"


def test_one_looks_at_a_time_and_another_as_soon_as_that_one_is_dead(db: Settings) -> None:
    first, second = alarms.Lookout(), alarms.Lookout()
    first.look(NOW)
    second.look(NOW + SECOND)
    assert leases.read(alarms.LOOKOUT).holder == first._name
    second.look(NOW + leases.LENGTH + SECOND)
    assert leases.read(alarms.LOOKOUT).holder == second._name
    assert leases.LENGTH + timedelta(seconds=2 * alarms.LOOK_S) < timedelta(seconds=15)


def test_each_thing_that_can_be_wrong_has_its_alarm_but_what_is_told_otherwise() -> None:
    assert set(Wrong) - set(alarms.ALARMS) == {Wrong.DATABASE, Wrong.APP, Wrong.CREDITS}
    assert set(alarms.ALARMS.values()) == troubles.ALARMS


def test_a_subject_tells_streams_and_places_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    down = Stream(None, NOW - timedelta(minutes=5), None, "HTTP 503", 0, 0, 0, 0)
    known = [processes.Process(name=k, kind=k, host="pi", since=LONG_AGO, beat_at=NOW) for k in Kind]
    monkeypatch.setattr(settings(), "x_bearer_token", SecretStr("bearer"))
    found = judged(Kept(known, {}, down, watching=down, is_watched=True), True, NOW)
    wanted = alarms.raised(found, LONG_AGO, {})
    assert set(wanted) == {(Alarm.STREAM_SILENT, "stream"), (Alarm.STREAM_SILENT, "watching")}


def test_two_alarms_of_a_kind_are_two_rows(db: Settings) -> None:
    alarms.settle({(Alarm.ASIDE, "say"): "1", (Alarm.ASIDE, "judge"): "2"}, NOW)
    assert Trouble.select().count() == 2
    alarms.settle({(Alarm.ASIDE, "say"): "1"}, NOW + SECOND)
    assert [t.subject for t in standing.standing()] == ["say"]


def test_a_service_that_is_stopped_or_started_anew_wakes_nobody(db: Settings) -> None:
    everybody_begins()
    absent: dict[str, datetime] = {}
    for gone, kind in enumerate(Kind):  # one after the other leaves as it should, within seconds
        at = NOW + gone * 2 * SECOND
        found = judged(control.kept(at), True, at)
        assert alarms.raised(found, LONG_AGO, absent) == {}
        processes.leave(str(kind))
    everybody_begins()
    alarms.raised(judged(control.kept(NOW), True, NOW), LONG_AGO, absent)
    assert absent == {}, "who is back is not counted on"


def test_who_tells_without_a_bot_is_begun_before_the_bot_is_known_to_be_gone(
    db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes seconds to begin, and within fifteen it is to be told."""

    def wanted(at: timedelta) -> bool:
        return alarms.wants_stand_in(judged(control.kept(NOW + at), True, NOW + at))

    everybody_begins()
    assert [wanted(second * SECOND) for second in (0, 2, 4, 5, 9, 12, 24)] == [False] * 3 + [True] * 4
    assert timedelta(seconds=alarms.LOOK_S) + alarms.MAY_BE_GONE < SILENT
    assert not wanted(60 * SECOND), "nobody is to be told"
    look(60 * SECOND)
    assert wanted(60 * SECOND)
    begin("another", Kind.WEB)
    beat("another", at=60 * SECOND)
    assert not wanted(60 * SECOND), "the bot tells it"
    processes.leave("another")
    processes.leave("web")
    Notice.delete().execute()
    assert not wanted(61 * SECOND), "it was stopped as it should"
    monkeypatch.setenv("ADMIN_IDS", "")
    settings.cache_clear()
    begin("web", Kind.WEB)
    assert not wanted(7 * SECOND), "there is nobody to tell"


def test_a_database_that_was_away_or_locked_makes_nobody_dead(db: Settings) -> None:
    """Nobody could say that they live, and who looks is as early back as the others."""
    everybody_begins()
    looks = alarms.Lookout()
    looks._since = looks._looked_at = NOW - timedelta(hours=1)
    for second in (0, 2):
        beat(*Kind, at=second * SECOND)
        looks.look(NOW + second * SECOND)
    for second in (60, 62, 64, 68):  # nothing was written for a minute
        looks.look(NOW + second * SECOND)
        beat(*(kind for kind in Kind if kind is not Kind.VOICES), at=(second + 1) * SECOND)
    assert told() == []
    for second in (70, 72):
        looks.look(NOW + second * SECOND)
        beat(*(kind for kind in Kind if kind is not Kind.VOICES), at=second * SECOND)
    assert told() == [(NoticeKind.ALARM, "process_gone: voices @ pi")], "one that did not come back is missed"


def test_who_begins_to_run_the_service_later_is_told_what_goes_on_and_nobody_twice(
    db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told_to(person: int) -> list[str]:
        return [n.kind for n in Notice.select().where(Notice.person_id == person).order_by(Notice.id)]

    monkeypatch.setenv("ADMIN_IDS", "")
    settings.cache_clear()
    everybody_begins()
    looks = alarms.Lookout()
    errors.keep(Kind.WORKER, "pi", [Seen("job failed", "ValueError", 30)], NOW)
    looks.look(NOW)
    assert Notice.select().count() == 0, "there is nobody to tell"
    for second, newcomer in ((2, 7), (4, 8)):
        assert admins.make(newcomer, 0, NOW)
        looks.look(NOW + second * SECOND)
        alarms.Lookout().look(NOW + second * SECOND)
        assert told_to(7) == [NoticeKind.ALARM]
    assert told_to(8) == [NoticeKind.ALARM]
    errors.forget()
    looks.look(NOW + 6 * SECOND)
    assert told_to(7) == told_to(8) == [NoticeKind.ALARM, NoticeKind.ALARM_OVER]


def test_one_that_dies_again_and_again_is_an_alarm_though_none_is_missed(db: Settings) -> None:
    def about_processes() -> list[tuple[NoticeKind, str]]:
        return [(kind, about) for kind, about in told() if about.startswith("process")]

    everybody_begins()
    for n in range(1, 12):
        at = n * 30 * SECOND
        beat(*(k for k in Kind if k is not Kind.WORKER), at=at)
        processes.begin(f"w{n}", Kind.WORKER, "pi", 7, "1.2.0", NOW + at)  # the one before is gone by now
        look(at)
    assert about_processes() == [(NoticeKind.ALARM, "process_dying: worker @ pi")]
    for second in range(360, 1000, 20):
        beat(*(k for k in Kind if k is not Kind.WORKER), "w11", at=second * SECOND)
        look(second * SECOND)
    assert about_processes()[1:] == [(NoticeKind.ALARM_OVER, "process_dying: worker @ pi")]


def test_tables_of_a_later_release_are_an_alarm_only_where_it_does_not_come(db: Settings) -> None:
    """A release brings its tables first, and its processes then: that wakes nobody."""
    newer = {(Alarm.NEWER_DATABASE, "database @ pi"): "it was brought to a newer release"}
    for second in range(0, 100, 20):
        alarms.settle(newer, NOW + second * SECOND)
    alarms.settle({}, NOW + 100 * SECOND)
    assert told() == []
    for second in range(8000, 8130, 10):
        alarms.settle(newer, NOW + second * SECOND)
    assert told() == [(NoticeKind.ALARM, "newer_database: database @ pi")]


def test_a_database_that_can_be_read_only_makes_nobody_dead(db: Settings) -> None:
    """A full disk: who does not hold the lease writes nothing by looking, so that alone shows nothing."""
    everybody_begins()
    looks = alarms.Lookout()
    looks._since = looks._looked_at = NOW - timedelta(hours=1)
    for second in range(0, 40, 2):
        looks.look(NOW + second * SECOND)
    beat(Kind.WORKER, at=40 * SECOND)  # one is earlier back than the others
    looks.look(NOW + 41 * SECOND)
    beat(*Kind, at=42 * SECOND)
    looks.look(NOW + 43 * SECOND)
    assert told() == []
