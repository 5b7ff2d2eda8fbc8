"""The bot process: conversation, notices, /healthz and X's way back; by webhook where there is an address."""

import asyncio
import hashlib
import html
import secrets
import signal
from typing import Any

import peewee as pw
import structlog
from aiohttp import web
from telegram import BotCommand, Update
from telegram.constants import ParseMode
from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.ext import (
    AIORateLimiter,
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)
from telegram.request import BaseRequest, HTTPXRequest

from bot import buttons
from bot.accounts import signing_in
from bot.chat.language import LANGUAGES, Speaker, language_of
from bot.chat.turn import Turn, keyboard, with_turn
from bot.commands import COMMANDS
from bot.moderation import files
from bot.notifications.delivery import Delivery
from bot.publishing import media, posting
from bot.scheduling import files as schedule_files
from bot.wizards import STEPS
from engine.x import signin
from models.database import db, forget_connection
from models.settings import Settings
from tasks.start import redis_pool

log = structlog.get_logger()
UPDATES = ["message", "edited_message", "callback_query"]
WEBHOOK_PATH = "/telegram/webhook"
CALLBACK_PATH = "/x/callback"


def serve(settings: Settings) -> int:
    """Run until SIGTERM."""
    redis_pool()
    try:
        asyncio.run(_serve(settings))
    except InvalidToken:
        log.error("TELEGRAM_TOKEN is not accepted by Telegram. Ask @BotFather for the right one.")
        return 2
    return 0


def application(settings: Settings, telegram: BaseRequest | None = None) -> "Application[Any, Any, Any, Any, Any, Any]":
    """The bot, with everything that it answers to. `telegram`: another way to Telegram than HTTP."""
    base = settings.telegram_api_url
    app = (
        Application.builder()
        .token(settings.telegram_token.get_secret_value())
        .base_url(f"{base}/bot")
        .base_file_url(f"{base}/file/bot")
        .request(telegram or HTTPXRequest(connection_pool_size=8, read_timeout=15))
        .get_updates_request(telegram or HTTPXRequest(connection_pool_size=1, read_timeout=25))
        .rate_limiter(AIORateLimiter(max_retries=1))
        .updater(None)
        .build()
    )
    for command in COMMANDS:
        app.add_handler(CommandHandler(command.name, with_turn(command.handler), filters=filters.UpdateType.MESSAGE))
    app.add_handler(CallbackQueryHandler(with_turn(buttons.pressed)))
    private = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE
    app.add_handler(MessageHandler(private & filters.TEXT, with_turn(free_text), block=False))
    app.add_handler(MessageHandler(private & ~filters.TEXT, with_turn(not_text)))
    rewritten = filters.ChatType.PRIVATE & filters.UpdateType.EDITED_MESSAGE
    app.add_handler(MessageHandler(rewritten, with_turn(posting.edited)), group=1)
    app.add_error_handler(_stumbled)
    return app


async def free_text(turn: Turn) -> None:
    """What is no command: an answer to a wizard, a pasted address, or something to help with."""
    message = turn.update.message
    text = message.text if message and message.text else ""
    step = turn.dialogue.get("step")
    if text.startswith(("http://", "https://")) and ("state=" in text or "code=" in text or "canales" in text):
        await signing_in.pasted(turn)
    elif text.startswith("/"):
        await turn.send(turn.t("I don't know that command. Everything I can do is in /help"))
    elif step in STEPS:
        await STEPS[step](turn)
    elif text.startswith(("http://", "https://")):
        await signing_in.pasted(turn)
    elif turn.mine():
        await posting.offer(turn, turn.take_channel(), text)
    else:
        await turn.send(turn.t("I didn't understand that. Everything I can do is in /help; your channels: /channels"))


async def not_text(turn: Turn) -> None:
    """A photo or a video to be said, a file to be brought in; anything else is not for us."""
    sent = media.sent_by(turn)
    message = turn.update.message
    if sent is not None:
        await media.received(turn, sent)
    elif message is not None and message.document is not None and turn.dialogue.get("step") == "schedimport":
        await schedule_files.received(turn)
    elif message is not None and message.document is not None:
        await files.received(turn)
    else:
        await turn.send(turn.t("I read text, photos and videos here. Everything I can do is in /help"))


async def _stumbled(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Something of ours broke: it is written down, and the person gets a sentence, never a stack trace."""
    error = context.error
    if isinstance(error, pw.OperationalError | pw.InterfaceError):
        forget_connection()
    if isinstance(error, NetworkError):
        log.warning("telegram trouble", error=type(error).__name__)
        return
    log.error("handler failed", error=repr(error), exc_info=error)
    if isinstance(update, Update) and update.effective_chat and update.effective_user:
        say = Speaker(language_of(update.effective_user.language_code))
        try:
            await update.effective_chat.send_message(
                say.t("Something went wrong on my side; it has been written down. Try again in a moment.")
            )
        except TelegramError as trouble:
            log.warning("telegram trouble", error=type(trouble).__name__)


async def _serve(settings: Settings) -> None:
    stopping = asyncio.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sig, stopping.set)
    app = application(settings)
    runner = web.AppRunner(_site(app, settings), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", settings.port, shutdown_timeout=2).start()
    if not await _until_telegram_answers(app, stopping):
        await runner.cleanup()
        return
    await app.start()
    delivery = Delivery(app.bot)
    jobs = [asyncio.create_task(delivery.run()), asyncio.create_task(_dress(app))]
    if settings.public_url:
        jobs.append(asyncio.create_task(_set_webhook(app, settings, stopping)))
    else:
        jobs.append(asyncio.create_task(_poll(app, stopping)))
    log.info(
        "bot runs",
        bot=app.bot.username,
        by="webhook" if settings.public_url else "polling",
        port=settings.port,
    )
    await stopping.wait()
    delivery.stop()
    for job in jobs[1:]:
        job.cancel()
    await asyncio.wait(jobs, timeout=5)
    await app.stop()
    await app.shutdown()
    await runner.cleanup()


async def _until_telegram_answers(app: "Application[Any, Any, Any, Any, Any, Any]", stopping: asyncio.Event) -> bool:
    """Telegram may be down when we start; a token that it refuses is another matter. False when stopped."""
    wait = 1.0
    while not stopping.is_set():
        try:
            await app.initialize()
            return True
        except InvalidToken:
            raise
        except NetworkError as error:
            log.warning("telegram does not answer yet", error=type(error).__name__, again_in_s=wait)
        try:
            await asyncio.wait_for(stopping.wait(), wait)
        except TimeoutError:
            wait = min(wait * 2, 30)
    return False


async def _poll(app: "Application[Any, Any, Any, Any, Any, Any]", stopping: asyncio.Event) -> None:
    """Long polling. An update is confirmed by asking for the next."""
    offset, wait, hooked = 0, 1.0, True
    while not stopping.is_set():
        try:
            if hooked:
                await app.bot.delete_webhook()
                hooked = False
            updates = await app.bot.get_updates(offset=offset, timeout=10, allowed_updates=UPDATES)
            wait = 1.0
        except TelegramError as error:
            log.warning("telegram does not answer", error=type(error).__name__, again_in_s=wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, 30)
            continue
        for update in updates:
            await app.process_update(update)
            offset = update.update_id + 1


async def _set_webhook(
    app: "Application[Any, Any, Any, Any, Any, Any]", settings: Settings, stopping: asyncio.Event
) -> None:
    wait = 1.0
    while not stopping.is_set():
        try:
            await app.bot.set_webhook(
                settings.public_url + WEBHOOK_PATH,
                secret_token=_webhook_secret(settings),
                allowed_updates=UPDATES,
            )
            return
        except TelegramError as error:
            log.warning("webhook not set", error=str(error), again_in_s=wait)
            await asyncio.sleep(wait)
            wait = min(wait * 2, 60)


async def _dress(app: "Application[Any, Any, Any, Any, Any, Any]") -> None:
    """The commands menu and the descriptions. They only dress the bot: a server may not have them."""
    for language in LANGUAGES:
        say = Speaker(language)
        menu = [BotCommand(c.name, say.t(c.about)) for c in COMMANDS]
        code = language if language != "en" else None
        try:
            await app.bot.set_my_commands(menu, language_code=code)
            await app.bot.set_my_short_description(say.t("Runs an X channel from Telegram."), language_code=code)
            await app.bot.set_my_description(
                say.t(
                    "People mention your X account or write it a DM; I repost what matters, and you decide what"
                    " that is."
                ),
                language_code=code,
            )
        except TelegramError as error:
            log.info("the bot stays undressed", error=type(error).__name__)


def _site(app: "Application[Any, Any, Any, Any, Any, Any]", settings: Settings) -> web.Application:
    """What the web reaches."""
    secret = _webhook_secret(settings)

    async def healthz(_request: web.Request) -> web.Response:
        try:
            db.execute_sql("SELECT 1")
        except pw.DatabaseError:
            forget_connection()
            return web.json_response({"ok": False}, status=503)
        return web.json_response({"ok": True})

    async def webhook(request: web.Request) -> web.Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not secrets.compare_digest(given.encode(), secret.encode()):
            return web.Response(status=403)
        update = Update.de_json(await request.json(), app.bot)
        if update is not None:
            await app.process_update(update)
        return web.Response()

    async def x_callback(request: web.Request) -> web.Response:
        try:
            returned = signin.read_return(str(request.url))
        except signin.NoCode:
            return _page("There is no sign-in here. Go back to Telegram and write /connect", 400)
        chat_id = signing_in.chat_of(returned.state)
        text, rows = await signing_in.finish(returned, None)
        if chat_id is None:
            return _page(text, 400)
        await app.bot.send_message(chat_id, text, parse_mode=ParseMode.HTML, reply_markup=keyboard(rows))
        return _page(text.partition("\n")[0], 200)

    site = web.Application()
    site.add_routes(
        [
            web.get("/healthz", healthz),
            web.post(WEBHOOK_PATH, webhook),
            web.get(CALLBACK_PATH, x_callback),
        ]
    )
    return site


def _webhook_secret(settings: Settings) -> str:
    """Only Telegram can know it; it follows from the bot's token."""
    seed = f"webhook:{settings.telegram_token.get_secret_value()}:{settings.secret_keys()[0]}"
    return hashlib.sha256(seed.encode()).hexdigest()


def _page(text: str, status: int) -> web.Response:
    plain = html.unescape(text.replace("<b>", "").replace("</b>", ""))
    body = (
        '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<title>Canales</title><link rel='icon' href='data:,'><style>"
        "body{font:18px/1.5 system-ui,sans-serif;display:grid;place-items:center;"
        "min-height:90vh;margin:0 24px;text-align:center}</style>"
        f"<div><h1>Canales</h1><p>{html.escape(plain)}</p><p>↩ Telegram</p></div>"
    )
    return web.Response(text=body, status=status, content_type="text/html")
