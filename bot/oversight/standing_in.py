"""`python -m bot alarm`: tells those who run the service what waits for them, where no bot runs that could.

A worker begins it when the bot is gone (tasks/control/alarms.py), and so may anybody else. It tells what the bot would
tell, from the same rows, under the same claims: where the bot comes back meanwhile nothing is told twice.
"""

import asyncio

import structlog
from telegram.error import TelegramError

from bot import wings
from bot.application import application
from bot.notifications.delivery import Delivery
from models.accounts import admins
from models.settings import Settings

log = structlog.get_logger()
WITHIN_S = 45.0


def tell(loaded: Settings) -> int:
    """Once; the exit status: 1 where Telegram did not answer."""
    assert wings.DRAWERS
    return asyncio.run(_tell(loaded))


async def _tell(loaded: Settings) -> int:
    app = application(loaded)
    try:
        await asyncio.wait_for(app.initialize(), WITHIN_S)
    except (TelegramError, TimeoutError) as error:
        log.error("who runs the service can't be told: Telegram does not answer", error=type(error).__name__)
        return 1
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
