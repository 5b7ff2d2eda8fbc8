"""Tells people what waits to be told, at Telegram's pace, and goes on after an outage.

A notice is a row: it is claimed, sent, and marked delivered. What Telegram can't take now is tried again later;
what it never will (the person blocked the bot) is dropped. Posts that come in a burst are folded into one message.
"""

import asyncio
from collections import Counter, defaultdict
from datetime import timedelta

import redis
import structlog
from telegram import Bot, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.chat.keyboards import keyboard
from bot.chat.language import Speaker
from bot.notifications.drawing import drawn
from models.accounts.people import Person
from models.database import TROUBLE, forget_connection
from models.notifications import notices as notifications
from models.notifications.declaring import Folding, kind_of
from models.notifications.notices import Notice
from tasks import bells
from tasks.clock import now
from tasks.start import redis_client, revive_redis

log = structlog.get_logger()
BATCH = 60
FOLD_WITHIN = timedelta(seconds=12)
RETRY_CEILING_S = 60
MOST_FOLDED = 20
CROWD = 6
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Delivery:
    """The bot's own loop beside the conversation."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._stopped = False

    async def run(self) -> None:
        """Deliver until stopped; rung by the workers, and looking by itself every second."""
        while not self._stopped:
            try:
                await asyncio.to_thread(_listen)
                while await self._deliver_some():
                    pass
                await self._redraw_some()
            except TROUBLE as error:
                forget_connection()
                log.error("notices wait for the database", error=str(error))
                await asyncio.sleep(1)
            except TelegramError as error:
                log.warning("telegram trouble", error=type(error).__name__)
                await asyncio.sleep(1)
            except Exception:
                log.exception("delivery stumbled")
                await asyncio.sleep(1)

    def stop(self) -> None:
        self._stopped = True

    async def _redraw_some(self) -> None:
        """Draw anew what shows an old state: it was undone, or somebody decided."""
        for notice in notifications.claim_redraws(now(), BATCH):
            if notice.telegram_message_id is None:
                continue
            together = notifications.of_telegram_message(notice.person_id, notice.telegram_message_id)
            try:
                await self._edit(notice.person_id, notice.telegram_message_id, together)
            except Forbidden:
                continue
            except RetryAfter as error:
                notifications.redraw_later(notice.id, now() + timedelta(seconds=_seconds(error.retry_after)))
            except NetworkError:
                notifications.redraw_later(notice.id, now() + timedelta(seconds=5))

    async def _deliver_some(self) -> bool:
        claimed = notifications.claim_due(now(), BATCH)
        groups: dict[tuple[int, int | None, object], list[Notice]] = defaultdict(list)
        crowds = Counter((n.person_id, n.channel_id, n.kind) for n in claimed)
        for notice in claimed:
            folding = _folding(notice)
            crowd = crowds[notice.person_id, notice.channel_id, notice.kind] > CROWD
            folds = folding is Folding.ALWAYS or (folding is Folding.IN_A_CROWD and crowd)
            groups[notice.person_id, notice.channel_id, notice.kind if folds else notice.id].append(notice)
        for (person_id, _, _), notices in groups.items():
            for at in range(0, len(notices), MOST_FOLDED):
                await self._tell(person_id, notices[at : at + MOST_FOLDED])
        return len(claimed) == BATCH

    async def _tell(self, person_id: int, notices: list[Notice]) -> None:
        try:
            message_id = await self._fold(person_id, notices) or await self._send(person_id, notices)
        except Forbidden:
            log.info("person can't be reached", person=person_id, dropped=len(notices))
            for notice in notices:
                notifications.dropped(notice.id)
        except RetryAfter as error:
            self._put_off(notices, _seconds(error.retry_after))
        except BadRequest as error:
            log.error("notice refused", notices=[n.id for n in notices], error=error.message)
            for notice in notices:
                notifications.dropped(notice.id)
        except NetworkError as error:
            log.warning("telegram does not answer", error=type(error).__name__, waiting=len(notices))
            self._put_off(notices, min(2.0 ** min(notices[0].attempts, 6), RETRY_CEILING_S))
        else:
            for notice in notices:
                if message_id is None:
                    notifications.dropped(notice.id)
                else:
                    notifications.delivered(notice.id, message_id, now())

    async def _send(self, person_id: int, notices: list[Notice]) -> int | None:
        """Its id; None where there is nothing left to tell."""
        shown = drawn(_speaker(person_id), notices, now())
        if shown is None:
            log.warning("nothing left to tell", notices=[n.id for n in notices], kind=notices[0].kind)
            return None
        text, rows = shown
        sent = await self._bot.send_message(
            person_id,
            text,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard(rows),
            link_preview_options=NO_PREVIEW,
        )
        return sent.message_id

    async def _fold(self, person_id: int, notices: list[Notice]) -> int | None:
        """Put posts into the message of a burst that is going on; its id, or None where there is none."""
        first = notices[0]
        if _folding(first) is not Folding.ALWAYS:
            return None
        told = notifications.last_delivered(person_id, first.channel_id, first.kind, now() - FOLD_WITHIN)
        message_id = told[0].telegram_message_id if told else None
        if message_id is None:
            return None
        together = notifications.of_telegram_message(person_id, message_id)
        if len(together) + len(notices) > MOST_FOLDED:
            return None
        return message_id if await self._edit(person_id, message_id, [*together, *notices]) else None

    async def _edit(self, person_id: int, message_id: int, notices: list[Notice]) -> bool:
        shown = drawn(_speaker(person_id), notices, now())
        if shown is None:
            return False
        text, rows = shown
        try:
            await self._bot.edit_message_text(
                text, person_id, message_id, parse_mode=ParseMode.HTML, reply_markup=keyboard(rows),
                link_preview_options=NO_PREVIEW,
            )  # fmt: skip
        except BadRequest as error:
            return "not modified" in error.message
        return True

    def _put_off(self, notices: list[Notice], seconds: float) -> None:
        for notice in notices:
            notifications.later(notice.id, now() + timedelta(seconds=seconds))


def _listen() -> None:
    """Until a bell is rung, or for a second."""
    try:
        client = redis_client()
        if client.blpop([bells.NOTICES], timeout=1) is not None:
            client.delete(bells.NOTICES)
    except redis.RedisError:
        revive_redis()


def _folding(notice: Notice) -> Folding:
    value = notice.value
    return kind_of(value).folding if value is not None else Folding.NEVER


def _speaker(person_id: int) -> Speaker:
    person = Person.get_or_none(Person.telegram_id == person_id)
    return Speaker(person.language if person else "en")


def _seconds(value: int | timedelta) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else float(value)
