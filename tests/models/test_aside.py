"""What is set aside: kept once, with a reason that gives nobody's words away."""

import socket
from contextlib import suppress
from datetime import timedelta

import pytest
from dateutil.parser import ParserError, parse
from openpyxl import Workbook
from openpyxl.utils.exceptions import IllegalCharacterError

from engine import posts
from engine.moderation import MessageKind
from engine.when import When
from engine.x.events import Heard
from models import aside, vault
from models.aside import LOOK_AGAIN_S, Again, AsideStatus, Item, Place, SetAside, Waits, reason_of
from models.control import aside as control
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing.allowance import PlannedHour
from models.scheduling import forecast, schedules
from models.scheduling.schedules import Schedule, ScheduleStatus
from models.settings import Settings
from models.streaming import messages
from models.streaming.messages import Message
from tests.channels import connected
from tests.conftest import NOW
from tests.invented import breaks


class Invented(Exception):
    pass


def broke(item: Item, error: Exception | None = None) -> None:
    with aside.apart(item):
        raise error or Invented("no good")


def test_of_many_the_one_that_breaks_is_set_aside_and_the_others_are_done_in_their_order(db: Settings) -> None:
    done: list[int] = []

    def work(some: "list[int]") -> list[int]:
        if 13 in some:
            raise Invented
        done.extend(some)
        return some

    aside.together(list(range(20)), lambda some: work(list(some)), lambda n: Item(Place.JUDGE, n, 1))
    assert done == [n for n in range(20) if n != 13]
    assert [(row.item, row.channel_id) for row in aside.listed(9)] == [("13", 1)]


def test_what_passes_by_itself_sets_nothing_aside(db: Settings) -> None:
    with pytest.raises(Waits):
        broke(Item(Place.SAY, 1), Waits("full"))
    assert aside.listed(9) == []


def test_what_is_somebody_else_s_by_now_is_not_set_aside(db: Settings) -> None:
    broke(Item(Place.JUDGE, 1, leave=lambda: False))
    assert aside.listed(9) == []


def test_it_leaves_its_place_in_the_transaction_that_writes_it_down(db: Settings) -> None:
    def leave() -> None:
        SetAside.insert(place=Place.SAY, item="left", reason="", at=NOW).execute()

    with breaks("set_aside", "INSERT", "NEW.item = 'bad'"):
        broke(Item(Place.SAY, "bad", leave=leave))
    assert SetAside.select().count() == 0


def test_what_breaks_again_and_again_is_one_row_that_counts(db: Settings) -> None:
    for _ in range(3):
        broke(Item(Place.SAY, 1))
    (row,) = aside.listed(9)
    assert (row.tries, row.status) == (3, AsideStatus.ASIDE)


def test_the_pause_of_a_channel_grows_and_ends_with_its_trouble(db: Settings) -> None:
    pauses: list[float] = []
    for _ in range(8):
        with aside.apart(Item(Place.POLL, 1, 1)) as trial:
            raise Invented
        pauses.append(trial.pause_s)
    assert pauses == [30, 60, 120, 240, 480, 900, 900, 900]
    with aside.apart(Item(Place.POLL, 1, 1)) as trial:
        trial.untried = True
    assert len(aside.listed(9)) == 1, "who was kept from it knows nothing"
    with aside.apart(Item(Place.POLL, 1, 1)):
        pass
    assert aside.listed(9) == []
    with aside.apart(Item(Place.POLL, 1, 1)) as trial:
        raise Invented
    assert trial.pause_s == 30


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("invalid literal for int() with base 10: 'me llamo Ana'"), "ValueError: invalid literal for int() with base 10: …"),
        (KeyError("access_token"), "KeyError: …"),
        (Invented('no such "text of a DM"\nDETAIL: Failing row contains (all of it)'), "Invented: no such …"),
        (Invented("Bearer AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0%2BuSeid+UL is no good"), "Invented: Bearer …"),
        (Invented("see https://x.com/secret?token=1 now, 5551234567"), "Invented: see … now, …"),
        (Invented("Invalid PIN: 8315 left"), "Invented: Invalid … left"),
        (Invented(f"no key: {bytes(range(32))!r}"), "Invented: no key: …"),
        (Invented("half \ud83d \0"), "Invented: half \ufffd \ufffd"),
        (Invented(), "Invented"),
    ],
)  # fmt: skip
def test_a_reason_names_the_error_and_gives_nobody_s_words_away(error: Exception, said: str) -> None:
    assert reason_of(error).startswith(said)
    assert not any(
        word in reason_of(error) for word in ("Ana", "DM", "all of it", "Seid", "secret", "555", "8315", "x01")
    )


def test_of_a_librarys_error_its_message_is_left_out_for_it_may_hold_words_without_quotes() -> None:
    sheet = Workbook().active
    assert sheet is not None
    with pytest.raises(IllegalCharacterError, match="hola") as caught:
        sheet.append(["hola \x01 Ana"])
    assert reason_of(caught.value) == "IllegalCharacterError"
    with pytest.raises(ParserError, match="Ana") as unread:
        parse("lo dijo Ana")
    assert reason_of(unread.value) == "ParserError"
    with pytest.raises(ConnectionRefusedError) as lost:
        socket.create_connection(("127.0.0.1", 1))
    assert "refused" in reason_of(lost.value)


def test_a_reason_names_our_line_of_code() -> None:
    with pytest.raises(vault.WrongKey) as caught:
        vault.unseal("nothing that was sealed")
    assert "(models/vault.py:" in reason_of(caught.value)


def test_of_what_was_ended_or_went_well_nothing_is_kept_that_anybody_wrote(db: Settings) -> None:
    channel = connected()
    heard = [Heard(MessageKind.DM, 70, n, 5, "pepe", "Pepe", "un secreto", NOW) for n in (1, 2, 3)]
    with breaks("message", "INSERT", "NEW.text = 'un secreto'"):
        messages.hear({70: channel.id}, heard, NOW)
        first, second, third = aside.ids_of(Place.HEAR)
        assert control.drop(first, NOW)
        assert control.again(second, NOW), "it breaks once more"
    assert control.again(third, NOW)
    assert [m.x_id for m in Message.select()] == [3]
    assert {row.id: bool(row.held) for row in SetAside.select()} == {first: False, second: True, third: False}
    assert [(row.id, row.tries) for row in aside.listed(9)] == [(second, 2)]


def test_what_is_a_month_old_is_forgotten(db: Settings) -> None:
    broke(Item(Place.SAY, 1))
    (row,) = aside.listed(9)
    assert aside.forget_some(row.at + timedelta(days=29), 0, 9).gone == 0
    assert aside.forget_some(row.at + timedelta(days=31), 0, 9).gone == 1


def test_a_schedule_that_cant_be_worked_out_is_paused_and_its_owner_told_and_the_day_is_counted_without_it(
    db: Settings,
) -> None:
    channel = connected()
    at = (NOW + timedelta(hours=3)).replace(tzinfo=None)
    bad, _good = (schedules.create(channel.id, 7, [posts.plain("aviso")], When(at), "es", NOW) for _ in range(2))
    Schedule.update(next_wall="never").where(Schedule.id == bad.id).execute()
    forecast.renew(NOW)
    assert [row.posts for row in PlannedHour.select()] == [1]
    assert Schedule.get_by_id(bad.id).status is ScheduleStatus.PAUSED
    assert [n.kind for n in Notice.select()] == [NoticeKind.STOPPED]
    assert [row.place for row in aside.listed(9)] == [Place.PLAN]


def done(again: Again, *, well: bool) -> list[AsideStatus]:
    """Do it once; how its row stands."""
    with suppress(ValueError), again.tried():
        if not well:
            raise ValueError
    return [row.status for row in SetAside.select()]


def test_what_goes_well_again_is_closed_also_by_who_did_not_see_it_break(db: Settings) -> None:
    item = Item(Place.JOB, "write")
    before_us = Again(item)
    assert done(before_us, well=False) == [AsideStatus.ASIDE]
    after_a_restart = Again(item)
    assert done(after_a_restart, well=True) == [AsideStatus.HEALED]
    assert done(before_us, well=False) == [AsideStatus.ASIDE]
    assert done(after_a_restart, well=True) == [AsideStatus.ASIDE], "it is looked for now and then"
    after_a_restart._looked_at -= 2 * LOOK_AGAIN_S
    done(after_a_restart, well=True)
    done(before_us, well=False)
    after_a_restart._looked_at -= 2 * LOOK_AGAIN_S
    assert done(after_a_restart, well=True) == [AsideStatus.ASIDE], "the other's tries still break"
    after_a_restart._looked_at -= 2 * LOOK_AGAIN_S
    assert done(after_a_restart, well=True) == [AsideStatus.HEALED]
