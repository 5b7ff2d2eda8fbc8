"""Turns: what people sent is done in threads, one person's in their order, different people's at once.

An update is a row before anything is done with it (`models/inbox.py`). Here its rows are claimed, each is done in a
thread, and claims are renewed while turns last. What dies with the process is claimed again when its claim lapses, by
whichever process is there.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from telegram import Update
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot import incoming
from bot.application import Bot, answer
from bot.chat.came import Came
from bot.chat.crew import Crew
from bot.wire.rate_limiter import RateLimiter
from bot.wire.telegram_errors import may_have_come, pause_s
from models import aside, inbox
from models.aside import Item, Place
from models.database import TROUBLE, forget_connection, rest
from models.inbox import Taken, TakenOver
from tasks.clock import now
from tasks.living.watching import beat, watched

log = structlog.get_logger()
MOST = 64  # turns at once: who waits ten seconds for X has one of them, and nobody has two
MOST_THREADS = 500  # with those that Telegram has told to pause, who take nobody's place
MOST_TRIES = 5  # that the process died over
MOST_UNSURE = 2  # after which Telegram's answer was lost: the person may have read ours each time
STALE = timedelta(minutes=10)  # what could not be answered for so long is not answered any more
LONGEST = timedelta(minutes=10)  # of a turn: then its claim is no longer renewed
LOOK_S, RENEW_S, LONGEST_PAUSE_S = 1.0, 4.0, 10.0
T = TypeVar("T")


class GaveUp(Exception):
    """An update was begun too often without being done: its process died over it each time."""


class Turns:
    """The turns of this process. It lives on the loop that speaks with Telegram; the turns themselves don't."""

    def __init__(self, app: Bot, most: int = MOST) -> None:
        self._app, self._most = app, most
        limiter = app.bot.rate_limiter
        assert isinstance(limiter, RateLimiter)
        self._limiter = limiter
        self._token = secrets.token_hex(8)
        self._crew = Crew("turn")
        self._woken = asyncio.Event()
        self._running: dict[asyncio.Future[None], Taken] = {}
        self._begun: dict[int, float] = {}  # when each turn that runs began, by its update
        self._served: dict[int, float] = {}  # when each person's last turn began
        self._stopping = False
        self._claiming = asyncio.Lock()

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do what takes long, or asks the database, beside the loop."""
        return await asyncio.get_running_loop().run_in_executor(self._crew, work)

    async def store(self, updates: Sequence[Any]) -> None:
        """Keep what Telegram brought; once this returns it may be told that it came. Raises TROUBLE."""
        rows = incoming.read(updates)
        await self.in_thread(lambda: inbox.store(rows, now()))
        self._woken.set()

    async def run(self) -> None:
        """Do what comes, until stopped; what another process could not do is found by looking every second."""
        renewing = asyncio.create_task(self._renew())
        with watched("turns", until=lambda: self._stopping):
            await self._go_on()
        renewing.cancel()

    async def _go_on(self) -> None:
        while not self._stopping:
            beat()
            self._woken.clear()
            try:
                await self._begin()
            except TROUBLE as error:
                log.error("updates wait for the database", error=str(error))
            except Exception:
                log.exception("no turn could be begun")
            try:
                await asyncio.wait_for(self._woken.wait(), LOOK_S)
            except TimeoutError:
                continue

    async def settle(self) -> None:
        """Do all that can be done now."""
        busy = True
        while busy:
            ran = bool(self._running)  # one that ends while the others are looked for made its person's next wait
            busy = bool(await self._begin()) or ran or bool(self._running)
            if self._running:
                await asyncio.wait(list(self._running), return_when=asyncio.FIRST_COMPLETED)

    async def stop(self, within_s: float) -> None:
        """Begin no more, wait so long for what is under way, and leave the rest to whoever comes after us."""
        self._stopping = True
        self._woken.set()
        if self._running:
            await asyncio.wait(list(self._running), timeout=within_s)
        try:
            left = await asyncio.wait_for(self._let_go(), 2)
        except (TimeoutError, *TROUBLE) as error:
            log.warning("updates were not given back", error=type(error).__name__)
        else:
            log.info("turns ended", left=left)

    async def _let_go(self) -> int:
        """Give all back, also what is being claimed this moment; how much that was."""
        async with self._claiming:
            return await self.in_thread(lambda: inbox.let_go(self._token))

    async def _begin(self) -> int:
        """Begin what may be done now; how many turns that were."""
        async with self._claiming:
            free = min(self._most + self._limiter.pausing, MOST_THREADS) - len(self._running)
            if free <= 0 or self._stopping:
                return 0
            held = set(self._held())
            busy = {t.person_id for t in self._running.values() if t.update_id in held}
            taken = await self.in_thread(lambda: inbox.claim(self._token, free, now(), self._served, busy))
            if self._stopping:  # it is given back
                return 0
            return self._start(taken)

    def _start(self, taken: list[Taken]) -> int:
        loop = asyncio.get_running_loop()
        for one in taken:
            self._begun[one.update_id] = self._served[one.person_id] = time.monotonic()
            turn = loop.run_in_executor(self._crew, self._do, one, loop)
            self._running[turn] = one
            turn.add_done_callback(self._over)
        if len(self._served) > 10_000:
            self._served = dict(sorted(self._served.items(), key=lambda kept: kept[1])[-1000:])
        return len(taken)

    def _over(self, turn: "asyncio.Future[None]") -> None:
        taken = self._running.pop(turn)
        self._begun.pop(taken.update_id, None)
        self._woken.set()
        if not turn.cancelled() and turn.exception() is not None:  # it is done again when its claim lapses
            log.error("a turn was not ended", update=taken.update_id, error=repr(turn.exception()))

    async def _renew(self) -> None:
        """Hold on to what is being done."""
        with watched("renewing", until=lambda: self._stopping):
            await self._go_on_renewing()

    async def _go_on_renewing(self) -> None:
        while True:
            beat()
            await asyncio.sleep(RENEW_S)
            held = self._held()
            try:
                await self.in_thread(lambda held=held: inbox.renew(self._token, held, now()))  # type: ignore[misc]
            except TROUBLE as error:
                log.error("claims were not renewed", error=str(error))
            except Exception:  # without it every turn would lose its claim
                log.exception("claims were not renewed")

    def _held(self) -> list[int]:
        """The updates whose turns go on, but for those that have hung for too long: others may have them."""
        since = time.monotonic() - LONGEST.total_seconds()
        return [update_id for update_id, at in self._begun.items() if at > since]

    # --- in a thread -------------------------------------------------------------------------------------------

    def _do(self, taken: Taken, loop: asyncio.AbstractEventLoop) -> None:
        """One turn, whatever becomes of it."""
        update = None
        try:
            update = Update.de_json(json.loads(taken.payload), self._app.bot)
            if taken.tries > MOST_TRIES:
                raise GaveUp(taken.update_id)
            if update is not None:
                asyncio.run(answer(self._app, update, Came(taken, loop)))
            inbox.done(taken, now())
        except TakenOver:
            log.warning("another does it now", update=taken.update_id)
        except TROUBLE as error:
            forget_connection()  # what follows needs one that works
            self._put_off(taken, update, error, loop)
        except Forbidden:  # they blocked the bot
            inbox.done(taken, now())
        except BadRequest as error:
            self._broke(taken, update, error, loop)
        except (NetworkError, RetryAfter) as error:
            self._put_off(taken, update, error, loop)
        except Exception as error:  # noqa: BLE001 - it is written down with the person's sentence
            self._broke(taken, update, error, loop)

    def _put_off(self, taken: Taken, update: Update | None, error: Exception, loop: asyncio.AbstractEventLoop) -> None:
        """What it needs is away: again later, as long as an answer is of use, since what came after it waits."""
        waited = now() - taken.received_at
        unsure = isinstance(error, TelegramError) and may_have_come(error)
        if waited > STALE or (unsure and taken.tries >= MOST_UNSURE):
            self._give_up(taken, update, error, loop)
            return
        seconds = min(max(waited.total_seconds(), 1.0), LONGEST_PAUSE_S)
        if isinstance(error, RetryAfter):
            seconds = pause_s(error)
        log.warning("a turn is put off", update=taken.update_id, error=type(error).__name__, again_in_s=seconds)
        inbox.later(taken, now() + timedelta(seconds=seconds), counted=unsure)

    def _broke(self, taken: Taken, update: Update | None, error: Exception, loop: asyncio.AbstractEventLoop) -> None:
        """It can't be done: it is set aside, and the person is told once. Where the bot ends, that may be why."""
        if not self._stopping and aside.put(_item(taken), error):
            self._tell(update, error, loop)

    def _give_up(self, taken: Taken, update: Update | None, error: Exception, loop: asyncio.AbstractEventLoop) -> None:
        """What it needs was away for too long: it is over with that, and the person is told once."""
        if not self._stopping and inbox.done(taken, now()):
            self._tell(update, error, loop)

    def _tell(self, update: Update | None, error: Exception, loop: asyncio.AbstractEventLoop) -> None:
        rest()
        asyncio.run_coroutine_threadsafe(self._app.process_error(update, error), loop).result()


def _item(taken: Taken) -> Item:
    return Item(Place.TURN, taken.update_id, leave=lambda: inbox.set_aside(taken, now()))
