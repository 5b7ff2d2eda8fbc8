"""Different people are answered at once, one person's updates are done in their order, and each of them once."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
from telegram.error import NetworkError

from bot.application import Bot
from bot.turns import LONGEST_PAUSE_S, MOST_TRIES, STALE, GaveUp, Turns
from models import database, inbox
from models.inbox import Inbox, Update
from models.publishing.drafts import DraftRow
from tasks.clock import now
from tests.bot.conversation import Conversation

T = TypeVar("T")


@pytest.mark.both_databases
async def test_who_is_kept_waiting_by_telegram_keeps_nobody_waiting(ana: Conversation, ben: Conversation) -> None:
    async with ana.bot_running():
        ana.telegram_holds()
        await ana.hands_over(ana.writes("/help"))
        await ben.hands_over(ben.writes("/triggers"))
        await ben.is_answered()
        ben.sees("choque")
        assert not ana.everything()
        ana.telegram_lets_go()
        await ana.is_answered()
    assert len(ana.everything()) == 1


async def test_who_is_told_to_pause_takes_nobodys_place(ana: Conversation, ben: Conversation) -> None:
    async with ana.bot_running() as turns:
        turns._most = 1
        ana.telegram_holds()
        await ana.hands_over(ana.writes("/help"))
        turns._limiter.pausing = 1  # as it is where Telegram says so
        await ben.hands_over(ben.writes("/triggers"))
        await ben.is_answered()
        ana.telegram_lets_go()
        await ana.is_answered()


async def test_one_persons_updates_are_done_in_their_order(ana: Conversation) -> None:
    for word in ("uno", "dos", "tres"):
        ana.writes(f"/triggers add {word}")
    await ana.goes_on()
    counted = [next(n for n in (2, 3, 4) if f"{n} " in a.text) for a in ana.everything()]
    assert counted == [2, 3, 4]


async def test_what_telegram_sends_twice_is_done_once(ana: Conversation) -> None:
    ana.writes("Cierran la avenida")
    news = list(ana._phones.updates)
    await ana.goes_on()
    ana._phones.updates.extend(news)
    await ana.goes_on()
    assert not ana.answers
    assert DraftRow.select().count() == 1


async def test_two_bots_do_each_update_once(ana: Conversation, ben: Conversation) -> None:
    for who in (ana, ben):
        for word in ("uno", "dos", "tres"):
            who.writes(f"/triggers add {word}")
    first = await ana._service.ready()
    second = Turns(ana._service.app)
    await first.store(ana._phones.take_updates())
    await asyncio.gather(first.settle(), second.settle(), first.settle(), second.settle())
    while inbox.waiting():
        await first.settle()
    assert [len(who.everything()) for who in (ana, ben)] == [3, 3]


class _Held(Turns):
    """What it asks the database is done, and heard of when `heard` is set."""

    def __init__(self, app: Bot) -> None:
        super().__init__(app)
        self.heard = asyncio.Event()

    async def in_thread(self, work: Callable[[], T]) -> T:
        result = await super().in_thread(work)
        await self.heard.wait()
        return result


async def test_what_is_claimed_while_the_bot_ends_is_left_to_the_next(ana: Conversation) -> None:
    ana.writes("/triggers add choque")
    await (await ana._service.ready()).store(ana._phones.take_updates())
    ending = _Held(ana._service.app)
    beginning = asyncio.create_task(ending._begin())
    while not Inbox.select().where(Inbox.claim != "").exists():
        await asyncio.sleep(0)
    stopping = asyncio.create_task(ending.stop(0))
    await asyncio.sleep(0)
    ending.heard.set()
    await stopping
    assert await beginning == 0
    assert not Inbox.select().where(Inbox.claim != "").exists()
    ana.the_bot_is_restarted()
    await ana.goes_on()
    assert len(ana.everything()) == 1


async def test_what_breaks_is_told_once_and_keeps_nobody_waiting(ana: Conversation) -> None:
    inbox.store([Update(1, ana.person, "[no json")], now())
    ana.writes("/help")
    await ana.breaks(json.JSONDecodeError)
    await ana.types("/triggers")
    ana.sees("choque")
    assert inbox.waiting() == 0


async def test_what_kills_the_bot_again_and_again_is_given_up_with_a_sentence(ana: Conversation) -> None:
    ana.writes("/help")
    for _ in range(MOST_TRIES):
        assert await ana.the_bot_dies(0, after=False)
    await ana.breaks(GaveUp)
    ana.finds("Algo salió mal|Algo falló", "Something went wrong")
    assert len(ana.everything()) == 1
    await ana.types("/triggers")
    ana.sees("choque")


async def test_who_could_not_be_answered_is_answered_when_telegram_is_back(ana: Conversation) -> None:
    ana.telegram_is_away(7)
    ana.writes("/help")
    await ana.goes_on()
    for _ in range(7):
        assert not ana.everything()
        await ana.later()
    assert len(ana.everything()) == 1


async def test_what_is_put_off_answers_the_question_that_it_answered_at_first(ana: Conversation) -> None:
    await ana.types("/triggers")
    await ana.taps("Añadir", "Add")
    ana.telegram_is_away(2)
    ana.writes("rifa")
    await ana.goes_on()
    await ana.later()
    await ana.later()
    ana.reads("Añadido: rifa.*2 disparadores", "Added: rifa.*2 triggers")
    ana.sees("Deshacer", "Undo")
    assert DraftRow.select().count() == 0


async def test_who_has_waited_for_minutes_is_answered_seconds_after_telegram_is_back(ana: Conversation) -> None:
    ana.telegram_is_away(2)
    ana.writes("/help")
    await ana.goes_on()
    Inbox.update(received_at=now() - STALE / 2).execute()
    await ana.later()
    assert Inbox.get().claimed_until <= now() + timedelta(seconds=LONGEST_PAUSE_S)
    await ana.later()
    assert len(ana.everything()) == 1


async def test_who_may_have_read_the_answer_reads_it_twice_at_most(ana: Conversation) -> None:
    ana.telegram_loses(5)
    ana.writes("/help")
    await ana.goes_on()
    await ana.breaks(NetworkError, ana.later)
    await ana.later()
    assert len(ana.everything()) == 2
    assert inbox.waiting() == 0


async def test_what_could_not_be_answered_for_long_is_not_answered(ana: Conversation) -> None:
    ana.telegram_is_away(2)
    ana.writes("/help")
    await ana.goes_on()
    Inbox.update(received_at=now() - STALE).execute()
    await ana.breaks(NetworkError, ana.later)
    assert (ana.everything(), inbox.waiting()) == ([], 0)


async def test_a_turn_leaves_neither_a_connection_nor_what_was_written(ana: Conversation) -> None:
    await ana.types("/triggers add rifa")
    database.rest()
    assert not database.db._in_use
    assert {(row.payload, row.claim) for row in Inbox.select()} == {("", "")}
