"""`python -m bot alarm`: tells those who run the service what waits for them, where no bot runs that could.

Whoever looks begins it as soon as the bot is silent (tasks/control/alarms.py), before anybody is told so: it takes
seconds to begin. So may anybody else. It tells what the bot would tell, from the same rows, under the same claims:
where the bot comes back meanwhile nothing is told twice.
"""

import asyncio

import structlog
from telegram.error import TelegramError

from bot import wings
from bot.application import application
from bot.notifications.delivery import Delivery
from models.accounts import admins
from models.control import alarms
from models.database import TROUBLE, rested
from models.settings import Settings

log = structlog.get_logger()
WITHIN_S = 45.0
AWAITED_S = 10.0  # so long an alarm is waited for that nobody has raised yet
LOOK_S = 0.25


def tell(loaded: Settings, *, awaited: bool = False) -> int:
    """All that waits, or is `awaited` and comes soon; the exit status: 1 where Telegram did not answer."""
    assert wings.DRAWERS
    return asyncio.run(_tell(loaded, AWAITED_S if awaited else 0))


async def _tell(loaded: Settings, awaited_s: float) -> int:
    app = application(loaded)
    try:
        await asyncio.wait_for(app.initialize(), WITHIN_S)
    except (TelegramError, TimeoutError) as error:
        log.error("who runs the service can't be told: Telegram does not answer", error=type(error).__name__)
        return 1
    await _until_any(awaited_s)
    delivery = Delivery(app.bot, only=admins.ids())
    try:
        await asyncio.wait_for(delivery.catch_up(), WITHIN_S)
    except TimeoutError:
        log.error("who runs the service was not told all: Telegram is slow")
        return 1
    finally:
        await delivery.end()
        await app.shutdown()
    return 0


async def _until_any(awaited_s: float) -> None:
    """An alarm is there to be told, or none has come in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + awaited_s
    while loop.time() < deadline and not await asyncio.to_thread(_is_any):
        await asyncio.sleep(LOOK_S)


def _is_any() -> bool:
    try:
        with rested():
            return alarms.are_untold()
    except TROUBLE:
        return False
