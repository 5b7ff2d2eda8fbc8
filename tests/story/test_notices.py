"""People are told each thing once and in its order: by two bots, by a slow Telegram, by one that was away or said wait."""

from sandbox.stage import Stage
from tests.given import connect_many
from tests.left_to_tell import came, leave

EACH, URGENT = 4, 2


def all_told(stage: Stage, people: list[int]) -> bool:
    return all(sum(map(len, came(stage, person))) >= EACH for person in people)


def ready(stage: Stage, count: int) -> list[int]:
    """Two bots run, and so many people are there to be told something."""
    connect_many(stage, 1, ["choque"])
    people = stage.people(count)
    stage.start("web", "web.2")
    stage.wait("the bots run", lambda: stage.log_text().count("bot runs") == 2)
    return people


def each_once_in_order(stage: Stage, people: list[int]) -> None:
    for person in people:
        urgent, others = came(stage, person)
        assert (len(urgent), len(others)) == (URGENT, EACH - URGENT)
        assert urgent == sorted(set(urgent))
        assert others == sorted(set(others))


def test_two_bots_and_a_telegram_that_takes_3_s_tell_each_once_and_in_order(stage: Stage) -> None:
    people = ready(stage, 12)
    stage.faults(telegram_slow={"rate": 1, "seconds": 3})
    leave(stage, people, EACH, URGENT)
    stage.wait("all are told", lambda: all_told(stage, people), 60)
    for bot in ("web", "web.2"):
        assert stage.stop(bot) <= 10
    stage.faults(telegram_slow=0)
    stage.start("web")
    leave(stage, people[:1], 1, 1)  # and whatever had been left over would come before it
    stage.wait("that too", lambda: sum(map(len, came(stage, people[0]))) == EACH + 1)
    each_once_in_order(stage, people[1:])


def test_an_outage_and_a_pause_of_one_chat_drop_nothing_and_change_no_order(stage: Stage) -> None:
    people = ready(stage, 8)
    slowed, others = people[0], people[1:]
    stage.faults(telegram_down=1)
    leave(stage, people, EACH, URGENT)
    stage.wait("it is tried", lambda: stage.log_text().count("telegram is still away") >= len(people))
    stage.faults(telegram_down=0, telegram_429={"rate": 1, "seconds": 5, "whose": [str(slowed)]})
    stage.wait("all others are told", lambda: all_told(stage, others), 70)
    assert came(stage, slowed) == ([], [])
    stage.faults(telegram_429=0)
    stage.wait("and so is this one", lambda: all_told(stage, [slowed]), 70)
    each_once_in_order(stage, people)
