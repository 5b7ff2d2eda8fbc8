"""Tells people what waits to be told, at Telegram's pace, and goes on after an outage.

Each person has a lane (`models/notifications/lanes.py`): one message after the other, different people's at once. A
notice is claimed just before it is sent, by the process that holds the lane, so two bots or a slow Telegram tell
nothing twice.

What Telegram does not take now is tried again for as long as it takes: after the pause that it asked for, or, while it
is away, after pauses that grow to a minute. What it never will (the person blocked the bot) is dropped, with a line in
the log. Where it did not say whether it took something (no answer within a minute, a connection that broke, a bot that
was killed), what is urgent is told once more and says so, and anything else is not: `lanes.doubt`. After a failure
Telegram is asked for a sign of life first, so an outage that swallows questions costs no more than what was on its way.
"""

import asyncio
import secrets
from collections.abc import Callable, Collection
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar, TypeVarTuple, Unpack

import redis
import structlog
from telegram import LinkPreviewOptions
from telegram.constants import MessageLimit, ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.chat.crew import Crew
from bot.chat.keyboards import keyboard
from bot.chat.turn import plain
from bot.notifications import parcels, places
from bot.notifications.pace import Pace
from bot.notifications.parcels import Parcel
from bot.wire.rate_limiter import NOTICE
from bot.wire.telegram_errors import may_have_come, pause_s
from models import aside
from models.database import TROUBLE
from models.notifications import desks, lanes
from models.notifications.desks import Address
from models.notifications.lanes import LaneLost
from models.publishing import following
from tasks import bells
from tasks.clock import now
from tasks.living.watching import LONGEST_JOB_S, beat, watched
from tasks.start import redis_client

log = structlog.get_logger()
LOOK_EVERY_S, NOT_OFTENER_S = 1.0, 0.05
MOST_LANES, MOST_AT_ONCE, THREADS = 500, 32, 2
ANSWER_WITHIN_S, PLACE_WITHIN_S, KNOCK_WITHIN_S = 60, 30, 10
DRAIN_S = 4.0
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
GONE = ("chat not found", "user not found", "user is deactivated", "peer_id_invalid", "chat_id is empty")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Delivery:
    """It lives on the loop that speaks with Telegram, beside the conversation; its SQL is in two threads of its own.

    `only`: whom alone it tells; without, everybody.
    """

    def __init__(self, bot: ExtBot[Any], only: Collection[int] | None = None) -> None:
        self._bot = bot
        self._only = only
        self._name = secrets.token_hex(8)
        self._stopped = False
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()
        self._pace = Pace()
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._crew = Crew("notices", THREADS)
        self._listener = Crew("bell", 1)
        self._heard: Future[bool] | None = None
        self._nudged = asyncio.Event()
        self._followed = 0  # how far the look at what cards follow has come
        self._looked_at = self._kept_at = self._followed_at = self._answered_at = 0.0

    async def run(self) -> None:
        """Deliver until stopped; rung by the workers, and looking by itself every second."""
        try:
            with watched("delivery", until=lambda: self._stopped):
                await self._go_on()
        finally:
            await self.end()

    async def _go_on(self) -> None:
        while not self._stopped:
            beat()
            try:
                await self._look()
                await self._until_rung()
            except TROUBLE as error:
                log.error("notices wait for the database", error=str(error))
                await asyncio.sleep(1)
            except Exception:
                log.exception("delivery stumbled")
                await asyncio.sleep(1)

    def stop(self) -> None:
        """Begin nothing more; `run` ends when what is on its way has come, or after a few seconds."""
        self._stopped = True
        self._pace.end()
        self._nudged.set()

    async def catch_up(self) -> None:
        """Tell, and draw anew, all that is due now."""
        await self._look()
        await asyncio.gather(*self._lanes.values())

    # --- looking ---------------------------------------------------------------------------------------------

    async def _look(self) -> None:
        """Start a lane for each person for whom there is something to do."""
        moment = self._looked_at = asyncio.get_running_loop().time()
        if moment - self._kept_at > lanes.HELD.total_seconds() / 4:
            await self._sql(lanes.keep, self._name, now())
            self._kept_at = moment
        if moment - self._followed_at > LOOK_EVERY_S / 2:
            self._followed = await self._sql(following.look, now(), self._followed)
            self._followed_at = moment
        for person_id, urgent in await self._sql(lanes.waiting, self._name, now()):
            if self._only is not None and person_id not in self._only:
                continue
            if person_id in self._lanes:
                self._again.add(person_id)
                if urgent:
                    self._pace.hurry(person_id)
            elif urgent or len(self._lanes) < MOST_LANES:
                self._lanes[person_id] = asyncio.create_task(self._lane(person_id))
                self._nudged.set()  # to look soon who has entered how many
        if self._lanes:
            self._pace.share = await self._sql(lanes.share, self._name, now())

    async def _until_rung(self) -> None:
        """Until a bell is rung, or for a second; what rings often is not looked at oftener than is of use."""
        loop = asyncio.get_running_loop()
        if self._heard is None or (self._heard.done() and self._heard.result()):
            self._heard = self._listener.submit(_listen)
        nudged = asyncio.create_task(self._nudged.wait())
        either: list[asyncio.Future[Any]] = [nudged, asyncio.wrap_future(self._heard)]
        await asyncio.wait(either, timeout=LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
        if self._heard.done() and not self._heard.result():  # nobody can ring: by the clock alone
            self._heard = None
            await asyncio.wait([nudged], timeout=LOOK_EVERY_S)
        nudged.cancel()
        self._nudged.clear()
        if not self._stopped:
            await asyncio.sleep(max(0.0, self._looked_at + NOT_OFTENER_S - loop.time()))

    async def end(self) -> None:
        """Let what is on its way come, and give the lanes back."""
        if self._lanes:
            await asyncio.wait(self._lanes.values(), timeout=DRAIN_S)
        for lane in self._lanes.values():
            lane.cancel()
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)
        try:
            await self._sql(lanes.leave_all, self._name)
        except TROUBLE as error:
            log.error("notices are left to the next", error=str(error))
        self._crew.shutdown()
        self._listener.shutdown()

    # --- one person ------------------------------------------------------------------------------------------

    async def _lane(self, person_id: int) -> None:
        """All that one person is to be told, one message after the other, while the lane is ours."""
        with watched(f"notices for {person_id}", until=lambda: person_id not in self._lanes):
            await self._in_lane(person_id)

    async def _in_lane(self, person_id: int) -> None:
        try:
            if await self._sql(lanes.enter, person_id, self._name, now()):
                await self._tell(person_id)
        except LaneLost:
            log.warning("a lane was lost", person=person_id)
        except TROUBLE as error:
            log.error("a lane waits for the database", person=person_id, error=str(error))
        except Exception:
            log.exception("a lane stumbled", person=person_id)
            await self._surely(lanes.away, person_id, self._name, now())  # or it would stumble again at once
        finally:
            del self._lanes[person_id]
            if person_id in self._again:
                self._again.discard(person_id)
                self._nudged.set()

    async def _tell(self, person_id: int) -> None:
        while not self._stopped:
            beat(LONGEST_JOB_S)
            self._again.discard(person_id)
            urgent = await self._sql(lanes.urgency, person_id, now())
            if urgent is None:
                break
            await self._pace.turn(person_id, urgent=urgent, group=desks.is_desk(person_id))
            async with self._places:
                if self._stopped:
                    break
                if not await self._answers(person_id):
                    return
                parcel = await self._next_parcel(person_id)
                if parcel is not None and not await self._deliver(parcel):
                    return
        await self._sql(lanes.leave, person_id, self._name)

    async def _next_parcel(self, person_id: int) -> Parcel | None:
        """What is claimed, to be sent at once. Where the database fails in between, or does not say whether it has
        taken the claim, nothing was sent: it is no case of doubt.
        """
        try:
            return await self._sql(parcels.next_parcel, person_id, self._name)
        except TROUBLE:
            await self._surely(lanes.unsent, person_id, self._name)
            raise

    async def _answers(self, person_id: int) -> bool:
        """Whether Telegram is there, where it was not when this person was last to be told something."""
        loop = asyncio.get_running_loop()
        if loop.time() - self._answered_at < KNOCK_WITHIN_S or not await self._sql(lanes.failing, person_id):
            return True
        try:
            await self._bot.get_me(read_timeout=KNOCK_WITHIN_S, pool_timeout=PLACE_WITHIN_S, rate_limit_args=NOTICE)
        except TelegramError as error:
            pause = await self._surely(lanes.away, person_id, self._name, now())
            log.info("telegram is still away", error=type(error).__name__, again_in_s=pause)
            return False
        self._answered_at = loop.time()
        return True

    async def _deliver(self, parcel: Parcel) -> bool:
        """Send what was claimed, and write down what came of it; False where the lane was put off."""
        person_id = parcel.person_id
        try:
            message_id = await self._say(parcel)
        except RetryAfter as error:
            self._pace.refused(person_id)
            await self._surely(_put_off, parcel, pause_s(error))
            return False
        except ChatMigrated as error:
            await self._surely(_unreachable, parcel, error.message, error.new_chat_id)
        except Forbidden as error:
            await self._surely(_unreachable, parcel, error.message, None)
        except BadRequest as error:
            await self._surely(_refused, parcel, error.message)
        except TelegramError as error:
            await self._surely(_failed, parcel, f"{type(error).__name__}: {error}", may_have_come(error))
            return False
        except Exception as error:  # noqa: BLE001 - it is written down with what is set aside
            await self._surely(_broke, parcel, error)
        else:
            self._answered_at = asyncio.get_running_loop().time()
            if await self._surely(_done, parcel, message_id):
                self._nudged.set()
        return True

    # --- Telegram --------------------------------------------------------------------------------------------

    async def _say(self, parcel: Parcel) -> int | None:
        """The id of the message that tells it; None where there is nothing left to tell. Raises TelegramError."""
        if parcel.into is not None:
            if parcel.shown is None or await self._edit(parcel) or parcel.old:
                return parcel.into
            parcel = await self._surely(parcels.alone, parcel)
        if parcel.shown is None:
            return None
        text, rows = parcel.shown
        try:
            return await self._send(parcel.to, text, ParseMode.HTML, reply_markup=keyboard(rows))
        except BadRequest as error:
            if _is_gone(error.message):
                raise
            log.error("notice refused, told without its markup", notices=parcel.ids, error=error.message)
            return await self._send(parcel.to, plain(text)[: MessageLimit.MAX_TEXT_LENGTH], None)

    async def _send(self, to: Address, text: str, parse_mode: str | None, **more: Any) -> int:
        sent = await self._bot.send_message(
            to.chat_id, text, message_thread_id=to.topic, parse_mode=parse_mode, link_preview_options=NO_PREVIEW,
            read_timeout=ANSWER_WITHIN_S, pool_timeout=PLACE_WITHIN_S, rate_limit_args=NOTICE, **more,
        )  # fmt: skip
        return sent.message_id

    async def _edit(self, parcel: Parcel) -> bool:
        """Whether the message shows it; False where it is gone. Raises TelegramError."""
        assert parcel.shown is not None
        text, rows = parcel.shown
        try:
            await self._edit_to(parcel, text, ParseMode.HTML, reply_markup=keyboard(rows))
        except BadRequest as error:
            if "not modified" in error.message or not parcel.old or _is_gone(error.message):
                return "not modified" in error.message
            log.error("drawn anew without its markup", notices=parcel.ids, error=error.message)
            with suppress(BadRequest):  # the message is no longer there
                await self._edit_to(parcel, plain(text)[: MessageLimit.MAX_TEXT_LENGTH], None)
        return True

    async def _edit_to(self, parcel: Parcel, text: str, parse_mode: str | None, **more: Any) -> None:
        await self._bot.edit_message_text(
            text, parcel.to.chat_id, parcel.into, parse_mode=parse_mode, link_preview_options=NO_PREVIEW,
            read_timeout=ANSWER_WITHIN_S, pool_timeout=PLACE_WITHIN_S, rate_limit_args=NOTICE, **more,
        )  # fmt: skip

    # --- the database ----------------------------------------------------------------------------------------

    async def _sql(self, work: Callable[[Unpack[Ts]], T], *args: *Ts) -> T:
        """Do it in a thread of ours."""
        return await asyncio.get_running_loop().run_in_executor(self._crew, work, *args)

    async def _surely(self, work: Callable[[Unpack[Ts]], T], *args: *Ts) -> T:
        """The same for what must be written down, for it has happened: again until the database takes it."""
        wait = 0.2
        while True:
            beat(LONGEST_JOB_S)
            try:
                return await self._sql(work, *args)
            except TROUBLE as error:
                log.error("what was told waits for the database", error=str(error))
            await asyncio.sleep(wait)
            wait = min(wait * 2, 5)


# --- what came of it, in a thread ------------------------------------------------------------------------------


def _done(parcel: Parcel, message_id: int | None) -> bool:
    """True where Telegram had been away, and others wait for it."""
    if parcel.old:
        lanes.redrawn(parcel.notices)
    elif message_id is None:
        lanes.dropped(parcel.ids, parcel.holder)
    else:
        lanes.delivered(parcel.ids, message_id, now())
    return lanes.back(parcel.person_id, now())


def _put_off(parcel: Parcel, seconds: float) -> None:
    log.info("telegram wants a pause", person=parcel.person_id, seconds=seconds)
    if not parcel.old:
        lanes.put_back(parcel.ids, parcel.holder)
    lanes.put_off(parcel.person_id, parcel.holder, now() + timedelta(seconds=seconds))


def _failed(parcel: Parcel, error: str, may_have_come: bool) -> None:
    if not parcel.old:
        (lanes.doubt if may_have_come else lanes.put_back)(parcel.ids, parcel.holder)
    pause = lanes.away(parcel.person_id, parcel.holder, now())
    log.warning("telegram does not answer", error=error, person=parcel.person_id, notices=parcel.ids, again_in_s=pause)


def _broke(parcel: Parcel, error: Exception) -> None:
    for notice in parcel.notices:
        aside.put(parcels.item_of(notice), error)


def _unreachable(parcel: Parcel, error: str, moved_to: int | None = None) -> None:
    if places.met(parcel, error, moved_to):
        return
    if parcel.old:
        lanes.redrawn(parcel.notices)
    count = lanes.unreachable(parcel.person_id)
    log.info("person can't be reached", person=parcel.person_id, dropped=count, error=error)


def _refused(parcel: Parcel, error: str) -> None:
    """Without its markup too. A group that does not take a plain text takes none."""
    if _is_gone(error) or (desks.is_desk(parcel.person_id) and not parcel.old):
        _unreachable(parcel, error)
        return
    log.error("notice refused", notices=parcel.ids, error=error)
    lanes.redrawn(parcel.notices) if parcel.old else lanes.dropped(parcel.ids, parcel.holder)


# ---------------------------------------------------------------------------------------------------------------


def _listen() -> bool:
    """Until a bell is rung, or for a second; False where Redis is away."""
    try:
        client = redis_client()
        if client.blpop([bells.NOTICES], timeout=1) is not None:
            client.delete(bells.NOTICES)
        return True
    except redis.RedisError:  # the circuit says so for all, and finds out when it is back
        return False
    except Exception:
        log.exception("the bell can't be heard")
    return False


def _is_gone(message: str) -> bool:
    return any(sign in message.lower() for sign in GONE) or places.is_of_group(message)
