"""The ledger: what X is told is charged each time, what it shows once a UTC day, and no sum loses or doubles anything."""

import random
import threading
from datetime import UTC, datetime, timedelta

import pytest

from engine.x import prices
from engine.x.prices import BadPrice, Billed, Resource
from models import database
from models.costs import ledger
from models.costs.ledger import SERVICE, BilledRead, Charge, ChargeSum, Seen, Spent
from models.database import transaction
from models.settings import Settings, read

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ALWAYS = (NOON - 400 * DAY, NOON + 400 * DAY)
ANA, BEN = 1, 2


def test_what_x_is_told_is_charged_each_time(db: Settings) -> None:
    assert ledger.charge(ANA, Billed.POST, NOON) == 15_000
    assert ledger.charge(ANA, Billed.POST, NOON) == 15_000
    ledger.charge(ANA, Billed.ALT_TEXT, NOON, 3)
    ledger.charge(BEN, Billed.LINK, NOON, 0)
    assert ledger.by_kind(*ALWAYS) == {Billed.POST: Spent(2, 30_000), Billed.ALT_TEXT: Spent(3, 15_000)}
    ledger.give_back(ANA, Billed.ALT_TEXT, NOON)
    assert (ledger.spent(*ALWAYS), ledger.spent(*ALWAYS, ANA), ledger.spent(*ALWAYS, BEN)) == (40_000, 40_000, 0)


def test_what_x_shows_is_billed_once_a_utc_day_whatever_way_it_comes(db: Settings) -> None:
    mention = Seen(Billed.MENTION, 5, (ANA,))
    assert ledger.read([mention, mention, Seen(Billed.WATCHED, 5, (BEN,))], NOON) == {(Resource.POST, 5): 5_000}
    assert ledger.read([Seen(Billed.LOOKED_AT, 5, (BEN,))], NOON + HOUR) == {}
    assert ledger.read([Seen(Billed.DM, 5, (BEN,))], NOON) == {(Resource.DM, 5): 10_000}, "another thing of that number"
    midnight = NOON.replace(hour=0) + DAY
    assert ledger.read([Seen(Billed.LOOKED_AT, 5, (BEN,))], midnight - MINUTE) == {}
    assert ledger.read([Seen(Billed.LOOKED_AT, 5, (BEN,))], midnight) == {(Resource.POST, 5): 5_000}
    assert ledger.by_channel(*ALWAYS) == {ANA: Spent(1, 5_000), BEN: Spent(2, 15_000)}


def test_what_is_rolled_back_is_billed_when_it_is_done_again(db: Settings) -> None:
    def breaks() -> None:
        with transaction():
            ledger.read([Seen(Billed.MENTION, 5, (ANA,))], NOON)
            ledger.charge(ANA, Billed.REPOST, NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        breaks()
    assert ledger.spent(*ALWAYS) == 0
    assert ledger.read([Seen(Billed.MENTION, 5, (ANA,))], NOON)


def test_a_shared_price_is_shared_to_the_micro_dollar(db: Settings) -> None:
    ledger.read([Seen(Billed.WATCHED, n, (7, 8, 9)) for n in range(1, 5)], NOON)
    assert ledger.spent(*ALWAYS) == 4 * 5_000
    assert {one.cost for one in ledger.by_channel(*ALWAYS).values()} == {4 * 1_667, 4 * 1_666}
    assert [sum(ledger.shares(5_000, n)) for n in range(1, 99)] == [5_000] * 98


def test_two_who_read_the_same_at_once_are_billed_once(db: Settings) -> None:
    at_once = threading.Barrier(4)

    def reads(n: int) -> None:
        at_once.wait()
        ledger.read([Seen(Billed.MENTION, x_id, (n,)) for x_id in range(1, 300)], NOON)
        database.rest()

    threads = [threading.Thread(target=reads, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.spent(*ALWAYS) == 299 * 5_000


def test_lines_become_sums_and_sums_become_days_and_nothing_is_lost(db: Settings) -> None:
    dice = random.Random(5)
    for n in range(200):
        at = NOON - dice.randrange(90 * 96) * ledger.SLOT
        ledger.charge(dice.choice([ANA, BEN, SERVICE]), dice.choice([Billed.POST, Billed.UNDO]), at, 1 + n % 3)
    before = ledger.by_kind(*ALWAYS), ledger.by_channel(*ALWAYS)
    in_time = ledger.by_time(NOON - 30 * DAY, NOON, HOUR)

    def folds() -> None:
        while ledger.fold(30):
            continue
        database.rest()

    folders = [threading.Thread(target=folds) for _ in range(2)]
    for folder in folders:
        folder.start()
    for folder in folders:
        folder.join()
    assert Charge.select().count() == 0
    assert (ledger.by_kind(*ALWAYS), ledger.by_channel(*ALWAYS)) == before
    while ledger.forget_some(NOON, 0, 7).upto is not None:
        continue
    assert (ledger.by_kind(*ALWAYS), ledger.by_channel(*ALWAYS)) == before
    assert ledger.by_time(NOON - 30 * DAY, NOON, HOUR) == in_time, "by the quarter of an hour as long as they are kept"
    oldest = min(row.slot for row in ChargeSum.select())
    assert oldest >= (NOON - ledger.KEPT - DAY - database.EPOCH) // ledger.SLOT
    ledger.fold()
    ledger.charge(ANA, Billed.POST, NOON)
    ledger.fold()
    assert ledger.spent(*ALWAYS) == sum(one.cost for one in before[0].values()) + 15_000


def test_sums_are_of_the_time_that_is_asked_for(db: Settings) -> None:
    for hour in range(4):
        ledger.charge(ANA, Billed.POST, NOON + hour * HOUR)
    assert ledger.spent(NOON, NOON + 2 * HOUR, ANA) == 30_000
    assert ledger.spent(NOON, NOON + 2 * HOUR + MINUTE, ANA) == 45_000, "to the quarter of an hour"
    in_nepal = NOON - 15 * MINUTE  # a midnight of +05:45
    assert ledger.spent(in_nepal - DAY, in_nepal) == 0
    found = ledger.by_time(NOON, NOON + DAY, 2 * HOUR)
    assert found == [(NOON, Billed.POST, 30_000), (NOON + 2 * HOUR, Billed.POST, 30_000)]


def test_marks_of_days_that_are_over_go(db: Settings) -> None:
    for day in range(6):
        ledger.read([Seen(Billed.MENTION, n, (ANA,)) for n in range(1, 6)], NOON - day * DAY)
    while ledger.forget_marks(NOON, 0, 4).upto is not None:
        continue
    assert BilledRead.select().count() == 15
    assert ledger.read([Seen(Billed.MENTION, 1, (ANA,))], NOON) == {}, "today's stays"


def test_a_price_holds_from_its_day_on(db: Settings) -> None:
    try:
        prices.take(prices.read("2026-12-01 post 0.020 # from X's letter\nlink $0.25; deletion 0.005"))
        assert prices.of(Billed.POST, NOON) == 15_000
        assert prices.of(Billed.POST, datetime(2026, 12, 1, tzinfo=UTC)) == 20_000
        assert prices.of(Billed.LINK, NOON) == prices.of(Billed.LINK, NOON - 999 * DAY) == 250_000
        ledger.charge(ANA, Billed.POST, NOON)
        ledger.charge(ANA, Billed.POST, NOON + 30 * DAY)
        assert ledger.spent(*ALWAYS) == 35_000, "each by the price of its day"
        assert ledger.read([Seen(Billed.DELETION, 9, (ANA,))], NOON), "what has a price here is billed"
    finally:
        prices.take(())
    assert ledger.read([Seen(Billed.DELETION, 8, (ANA,))], NOON) == {}, "what is free leaves no mark"


@pytest.mark.parametrize("line", ["post", "post 1,5", "hug 0.1", "2026-13-01 post 0.1", "post -1", "post 0.0000001"])
def test_what_is_no_price_is_said_with_an_example(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadPrice):
        prices.read(line)
    monkeypatch.setenv("X_PRICES", line)
    settings, problems = read()
    assert settings.x_prices == ()
    assert len(problems) == 1
    assert problems[0].startswith("X_PRICES: ")
    assert "2026-12-01 post 0.020" in problems[0]


def test_prices_may_stand_in_a_file(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "prices").write_text("# X's letter\n2026-12-01 post 0.020\n")
    monkeypatch.setenv("X_PRICES", str(tmp_path / "prices"))
    settings, problems = read()
    assert problems == []
    assert [p.micros for p in settings.x_prices] == [20_000]
