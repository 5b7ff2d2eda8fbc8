"""What Telegram answers, or does not, costs only whom it is about: each notice is told once, in its order, and none is lost."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import httpx
import pytest
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import ExtBot

import bot.web  # noqa: F401, as in the bot's process
from bot.notifications import pace, parcels
from bot.notifications.delivery import Delivery
from bot.notifications.pace import Pace
from models import database
from models.accounts import people
from models.accounts.channels import Channel
from models.database import EPOCH
from models.notifications import lanes, notices
from models.notifications.kinds import Joined, Posted, TokenDead
from models.notifications.lanes import NoticeLane
from models.notifications.notices import Notice, NoticeStatus
from models.settings import Settings
from tests.bot.recording import Chat
from tests.channels import connected
from tests.conftest import NOW

ANA, BEN = 7, 8
BOTH = pytest.mark.both_databases


@pytest.fixture
def channel(db: Settings) -> Channel:
    people.person(BEN, "Ben", "en", NOW)
    return connected(language="en")


def joined(channel: Channel, person: int, *names: str) -> None:
    """These are left for a person: that so and so joined the team."""
    for name in names:
        notices.tell(person, Joined(name, int.from_bytes(name.encode()[:6])), NOW, channel_id=channel.id)


def died(channel: Channel, person: int) -> None:
    """Something urgent is left for them."""
    notices.tell(person, TokenDead(), NOW, channel_id=channel.id)


def says(*names: str) -> list[str]:
    return [f"👥 {name} is in the team of @trafico now." for name in names]


def later() -> None:
    """All pauses are over."""
    NoticeLane.update(due_at=EPOCH).execute()


def statuses(person: int) -> list[NoticeStatus]:
    rows = Notice.select().where(Notice.person_id == person).order_by(Notice.id)
    return [NoticeStatus(n.status) for n in rows]


async def catch_up(chat: Chat) -> None:
    await Delivery(cast(ExtBot[Any], chat)).catch_up()


def broken(cause: Exception) -> TelegramError:
    """How python-telegram-bot says that the way to Telegram broke."""
    error = TimedOut() if isinstance(cause, httpx.TimeoutException) else NetworkError("httpx")
    error.__cause__ = cause
    return error


def test_a_burst_of_many_channels_is_one_message_for_each_of_them(channel: Channel) -> None:
    of_all = [connected(500 + n, f"canal{n}").id for n in range(70)]
    for number in range(3 * len(of_all)):  # in turn, as it is heard
        notices.tell(ANA, Posted(number), NOW, channel_id=of_all[number % len(of_all)])
    assert lanes.enter(ANA, "us", NOW)
    told = []
    while (parcel := parcels.next_parcel(ANA, "us")) is not None:
        told.append((parcel.notices[0].channel_id, len(parcel.notices)))
    assert told == [(channel_id, 3) for channel_id in of_all]


@BOTH
async def test_two_bots_and_a_telegram_that_takes_3_s_tell_each_once_and_in_order(channel: Channel) -> None:
    chat = Chat(seconds=3)
    names = [f"p{n}" for n in range(12)]
    crowd = range(100, 106)
    for person in crowd:
        people.person(person, "Vecina", "en", NOW)
        joined(channel, person, *names)
    bots = [Delivery(cast(ExtBot[Any], chat)) for _ in range(2)]
    while any(statuses(person) != [NoticeStatus.DELIVERED] * 12 for person in crowd):
        await asyncio.gather(*(one.catch_up() for one in bots))
        assert len(chat.to) <= len(crowd) * len(names)
    assert {person: chat.read_by(person) for person in crowd} == dict.fromkeys(crowd, says(*names))
    assert chat.most_at_once > 1, "nobody waits for another's answer"


@BOTH
async def test_a_pause_that_telegram_wants_of_one_chat_is_nobody_elses(channel: Channel) -> None:
    chat = Chat()
    joined(channel, ANA, "p1", "p2")
    joined(channel, BEN, "p3")
    chat.answers[ANA].append(RetryAfter(40))
    await catch_up(chat)
    assert (chat.read_by(ANA), chat.read_by(BEN)) == ([], says("p3"))
    joined(channel, ANA, "p4")
    await catch_up(chat)
    assert chat.calls == 2, "not even what is new"
    later()
    await catch_up(chat)
    assert chat.read_by(ANA) == says("p1", "p2", "p4")


@pytest.mark.parametrize(
    "trouble",
    [
        lambda: NetworkError("Bad Gateway"),
        lambda: NetworkError("Internal Server Error"),
        lambda: broken(httpx.ConnectError("refused")),
        lambda: broken(httpx.ConnectTimeout("")),
        lambda: broken(httpx.PoolTimeout("")),
    ],
)
async def test_telegram_may_be_away_for_as_long_as_it_likes(channel: Channel, trouble: Callable[[], Exception]) -> None:
    chat = Chat()
    joined(channel, ANA, "p1", "p2")
    died(channel, ANA)
    chat.answers[ANA].extend(trouble() for _ in range(60))
    telling = Delivery(cast(ExtBot[Any], chat))
    while chat.answers[ANA]:
        await telling.catch_up()
        later()
    assert chat.to == []
    await telling.catch_up()
    assert chat.read_by(ANA)[1:] == says("p1", "p2")
    assert "no longer accepts" in chat.read_by(ANA)[0]
    assert not Notice.select().where(Notice.doubtful).exists(), "none of it can have come"


@BOTH
@pytest.mark.parametrize("cause", [httpx.ReadTimeout(""), httpx.RemoteProtocolError("gone"), httpx.ReadError("")])
async def test_what_may_have_come_is_told_again_only_where_it_is_urgent(channel: Channel, cause: Exception) -> None:
    chat = Chat(acts=True)
    joined(channel, ANA, "p1", "p2")
    died(channel, BEN)
    for person in (ANA, BEN):
        chat.answers[person].append(broken(cause))
    await catch_up(chat)
    later()
    await catch_up(chat)
    assert chat.read_by(ANA) == says("p1", "p2")
    assert statuses(ANA) == [NoticeStatus.UNKNOWN, NoticeStatus.DELIVERED]
    first, second = [text for chat_id, text in chat.to if chat_id == BEN]
    assert second == first + "\n<i>You may have this already: Telegram did not say whether it came.</i>"
    assert statuses(BEN) == [NoticeStatus.DELIVERED]


async def test_where_the_database_fails_between_the_claim_and_the_call_nothing_is_in_doubt(channel: Channel) -> None:
    chat = Chat()
    joined(channel, BEN, "p1", "p2")
    telling = Delivery(cast(ExtBot[Any], chat))
    database.db.execute_sql("ALTER TABLE person RENAME TO elsewhere")  # whose language is read after the claim
    await telling.catch_up()
    database.db.execute_sql("ALTER TABLE elsewhere RENAME TO person")
    assert (chat.to, statuses(BEN)) == ([], [NoticeStatus.PENDING] * 2)
    await telling.catch_up()
    assert chat.read_by(BEN) == says("p1", "p2")


async def test_an_outage_that_swallows_questions_costs_what_was_on_its_way_and_no_more(channel: Channel) -> None:
    chat = Chat()
    joined(channel, ANA, "p1", "p2", "p3")
    chat.answers[ANA].append(broken(httpx.ReadTimeout("")))
    chat.knocks.extend(broken(httpx.ReadTimeout("")) for _ in range(5))
    while chat.knocks:
        await catch_up(chat)
        later()
    assert chat.calls == 1
    await catch_up(chat)
    assert chat.read_by(ANA) == says("p2", "p3")


async def test_who_blocked_the_bot_costs_one_call(channel: Channel) -> None:
    for error in (Forbidden("bot was blocked by the user"), BadRequest("Chat not found")):
        chat = Chat()
        joined(channel, ANA, *(f"{type(error).__name__}{n}" for n in range(9)))
        chat.answers[ANA].append(error)
        await catch_up(chat)
        assert chat.calls == 1
        assert set(statuses(ANA)) == {NoticeStatus.DROPPED}


async def test_what_our_markup_broke_is_told_without_it_and_what_is_refused_then_is_dropped(channel: Channel) -> None:
    chat = Chat()
    notices.tell(ANA, Joined("<b>Ben"), NOW, channel_id=channel.id)
    joined(channel, ANA, "p2", "p3")
    chat.answers[ANA].extend([BadRequest("Can't parse entities"), None, *[BadRequest("Text is odd")] * 2, None])
    await catch_up(chat)
    assert [text for _, text in chat.to] == says("<b>Ben", "p3")
    assert statuses(ANA) == [NoticeStatus.DELIVERED, NoticeStatus.DROPPED, NoticeStatus.DELIVERED]


async def test_what_could_not_be_drawn_anew_is_drawn_later(channel: Channel) -> None:
    chat = Chat()
    notices.tell(ANA, Joined("Ben"), NOW, channel_id=channel.id, message_id=5)
    await catch_up(chat)
    notices.redraw_message(5, NOW)
    for trouble in (RetryAfter(3), NetworkError("Bad Gateway"), broken(httpx.ReadTimeout(""))):
        chat.answers[ANA].append(trouble)
        await catch_up(chat)
        assert chat.edited == []
        later()
    await catch_up(chat)
    assert len(chat.edited) == 1
    await catch_up(chat)
    assert len(chat.edited) == 1, "that was it"


async def test_what_our_markup_broke_is_drawn_anew_without_it(channel: Channel) -> None:
    chat = Chat()
    notices.tell(ANA, Joined("Ben"), NOW, channel_id=channel.id, message_id=5)
    await catch_up(chat)
    notices.redraw_message(5, NOW)
    chat.answers[ANA].append(BadRequest("Can't parse entities"))
    await catch_up(chat)
    assert len(chat.edited) == 1
    notices.redraw_message(5, NOW)
    chat.answers[ANA].extend([BadRequest("Message to edit not found")] * 2)
    await catch_up(chat)
    await catch_up(chat)
    assert len(chat.edited) == 1, "it is gone, and not asked for again"


async def test_a_bot_that_ends_lets_what_is_on_its_way_come_and_leaves_the_rest(channel: Channel) -> None:
    chat = Chat(seconds=3)
    joined(channel, ANA, "p1", "p2")
    ending = Delivery(cast(ExtBot[Any], chat))
    telling = asyncio.create_task(ending.catch_up())
    while not chat.at_once:
        await asyncio.sleep(0)
    ending.stop()
    await ending.end()
    await telling
    assert statuses(ANA) == [NoticeStatus.DELIVERED, NoticeStatus.PENDING]
    await catch_up(chat)
    assert chat.read_by(ANA) == says("p1", "p2")


async def test_a_bot_that_ends_does_not_wait_for_a_telegram_that_does_not_answer(channel: Channel) -> None:
    chat = Chat(seconds=3600)
    joined(channel, ANA, "p1", "p2")
    died(channel, BEN)
    ending = Delivery(cast(ExtBot[Any], chat))
    telling = asyncio.create_task(ending.catch_up())
    while chat.at_once < 2:
        await asyncio.sleep(0)
    began = asyncio.get_running_loop().time()
    ending.stop()
    await ending.end()
    await asyncio.wait([telling])
    assert asyncio.get_running_loop().time() - began < 5
    assert statuses(ANA) == [NoticeStatus.UNKNOWN, NoticeStatus.PENDING]
    assert statuses(BEN) == [NoticeStatus.PENDING]
    assert lanes.waiting("another", NOW) == [(BEN, True), (ANA, False)]


# --- pace ------------------------------------------------------------------------------------------------------


async def in_turn(ours: Pace, *, urgent: list[int], others: list[int]) -> list[tuple[int, float]]:
    """All of these wait; who went when (seconds)."""
    loop, went = asyncio.get_running_loop(), []
    began = loop.time()

    async def one(whose: int) -> None:
        await ours.turn(whose, urgent=whose in urgent)
        went.append((whose, loop.time() - began))

    await asyncio.gather(*map(one, [*others, *urgent]))
    return went


async def test_the_urgent_of_many_go_first_and_all_of_them_at_telegrams_pace(db: Settings) -> None:
    went = await in_turn(Pace(), urgent=[501, 502], others=list(range(100)))
    assert {whose for whose, _ in went[:3]} == {0, 501, 502} or {whose for whose, _ in went[:2]} == {501, 502}
    assert went[-1][1] >= 0.95 * 101 / pace.PER_SECOND, "no faster than that; how much slower is the machine's"
    at = [moment for _, moment in went]
    assert max(sum(begin <= other < begin + 1 for other in at) for begin in at) <= 29, "Telegram's second has thirty"


async def test_what_becomes_urgent_goes_first_too(db: Settings) -> None:
    ours = Pace()
    waiting = asyncio.create_task(in_turn(ours, urgent=[], others=list(range(100))))
    while len(ours._queue) < 100:
        await asyncio.sleep(0)
    ours.hurry(99)
    went = [whose for whose, _ in await waiting]
    assert went.index(99) <= 1


async def test_one_chat_gets_a_few_at_once_then_one_after_the_other_and_more_only_if_urgent(db: Settings) -> None:
    ours, at = Pace(), []
    for n in range(20):
        await ours.turn(ANA, urgent=n >= 10)
        at.append(asyncio.get_running_loop().time())
    assert at[4] - at[0] < 1
    assert at[9] - at[4] == pytest.approx(5 * pace.CHAT_EVERY_S, rel=0.1)
    assert at[19] - at[9] < 1


async def test_a_group_gets_no_more_than_twenty_a_minute_however_urgent(db: Settings) -> None:
    ours, at = Pace(), []
    for _ in range(50):
        await ours.turn(ANA, urgent=True, group=True)
        at.append(asyncio.get_running_loop().time())
    assert max(sum(begin <= other < begin + 60 for other in at) for begin in at) <= 20


async def test_where_telegram_refuses_several_at_once_all_go_slower_for_a_while(db: Settings) -> None:
    ours = Pace()
    ours.refused(ANA)
    ours.refused(ANA)
    assert ours.per_second == pace.PER_SECOND, "that is one chat"
    for whose in range(3):
        ours.refused(whose)
    assert ours.per_second < pace.PER_SECOND
    await in_turn(ours, urgent=[], others=list(range(100)))
    assert ours.per_second == pace.PER_SECOND
