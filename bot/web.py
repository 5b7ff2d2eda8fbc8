"""The bot process: conversation, notices, /healthz and X's way back; by webhook where there is an address."""

import asyncio
import errno
import hashlib
import html
import secrets
import signal
import time
import warnings
from collections import deque

import structlog
from aiohttp import web
from telegram import BotCommand, BotCommandScopeAllGroupChats
from telegram.error import InvalidToken, TelegramError
from telegram.warnings import PTBUserWarning

from bot import helping, incoming
from bot.accounts import joining
from bot.accounts import signing_in as words
from bot.application import Bot, application
from bot.chat.crew import Crew
from bot.chat.language import LANGUAGE_CODES, LANGUAGES, Speaker
from bot.healthz import Healthz, livez
from bot.incoming import UPDATES
from bot.notifications.delivery import Delivery
from bot.oversight.metrics import Metrics
from bot.turns import Turns
from engine.x import signin
from engine.x.errors import XError
from models.accounts import admins, admission, people, signing_in
from models.accounts.signing_in import BadSignIn
from models.control.processes import Kind
from models.database import TROUBLE
from models.settings import Settings
from tasks import bells
from tasks import signing_in as at_x
from tasks.clock import now
from tasks.control.alarms import Lookout
from tasks.living.heart import Heart
from tasks.living.watching import beat, trouble, watched
from tasks.start import redis_client

log = structlog.get_logger()
WEBHOOK_PATH = "/telegram/webhook"
CALLBACK_PATH = "/x/callback"
MOST_RETURNING = 8  # at once; the address is open to everybody, and what the bot does must have its threads
CHECK_WITHIN_S = 8.0
OFTEN, OFTEN_WITHIN_S = 5, 60.0  # so many refusals within so long are no accident
LONGEST_WAIT_S = 5.0  # between two looks whether Telegram is back: so much longer may it seem away


class PortTaken(Exception):
    """Another process listens where we should."""


def serve(settings: Settings) -> int:
    """Run until SIGTERM."""
    redis_client()
    bells.connect()
    warnings.filterwarnings("ignore", "Please use 'Bot.get_updates'", PTBUserWarning)  # that one reads them: see _poll
    for language in LANGUAGES:
        Speaker(language)  # who asks first waits for no catalog to be read
    try:
        asyncio.run(_serve(settings))
    except InvalidToken:
        log.error("TELEGRAM_TOKEN is not accepted by Telegram. Ask @BotFather for the right one.")
        return 2
    except PortTaken:
        log.error(f"Another process listens on port {settings.port}, perhaps another Canales. Set PORT=8001.")
        return 2
    return 0


def telegram_refuses(settings: Settings) -> bool:
    """Whether Telegram knows no bot of this token. One that is away refuses nothing."""

    async def asked() -> bool:
        app = application(settings)
        try:
            await asyncio.wait_for(app.initialize(), CHECK_WITHIN_S)
        except InvalidToken:
            return True
        except (TelegramError, TimeoutError):
            return False
        await app.shutdown()
        return False

    return asyncio.run(asked())


async def _serve(settings: Settings) -> None:
    stopping = asyncio.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sig, stopping.set)
    app = application(settings)
    turns = Turns(app)
    runner = web.AppRunner(_site(app, settings, turns), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "0.0.0.0", settings.port, shutdown_timeout=2).start()
    except OSError as error:
        await runner.cleanup()
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortTaken from None
    heart = Heart(Kind.WEB)
    await asyncio.to_thread(heart.begin)
    lookout = Lookout()
    lookout.begin()
    try:
        await _speak_with_telegram(app, turns, settings, stopping)
    finally:
        await runner.cleanup()
        lookout.leave()
        heart.leave()


async def _speak_with_telegram(app: "Bot", turns: Turns, settings: Settings, stopping: asyncio.Event) -> None:
    """From its first answer until we are stopped."""
    if not await _until_telegram_answers(app, stopping):
        return
    delivery = Delivery(app.bot)
    jobs = [asyncio.create_task(delivery.run()), asyncio.create_task(turns.run()), asyncio.create_task(_dress(app))]
    if settings.public_url:
        jobs.append(asyncio.create_task(_set_webhook(app, settings, stopping)))
    else:
        jobs.append(asyncio.create_task(_poll(app, turns, stopping)))
    log.info(
        "bot runs",
        bot=app.bot.username,
        by="webhook" if settings.public_url else "polling",
        port=settings.port,
    )
    await _print_first_link(app, turns, settings)
    await stopping.wait()
    delivery.stop()
    for job in jobs[2:]:
        job.cancel()
    await turns.stop(within_s=3)
    await asyncio.wait(jobs, timeout=5)
    await app.shutdown()


async def _print_first_link(app: "Bot", turns: Turns, settings: Settings) -> None:
    """Where nobody runs the service yet, whoever sees this can: on the terminal, and in no log of ours."""
    try:
        code = await turns.in_thread(lambda: admins.first_code(now()))
    except TROUBLE as error:
        log.warning("no link for the first admin", error=str(error))
        return
    if code is not None:
        start = f"{joining.ADMIN_PREFIX}{code}"
        print(
            "\nNobody runs this service yet. Open this in Telegram to be who does, and says who may come in; it works"
            f" once:\n  {_link(app, settings, start)}\n(or write to the bot: /start {start})\n",
            flush=True,
        )


async def _until_telegram_answers(app: "Bot", stopping: asyncio.Event) -> bool:
    """Telegram may be down or slow when we start; a token that it refuses is another matter. False when stopped."""
    with watched("start", until=lambda: True):
        return await _ask_until_it_answers(app, stopping)


async def _ask_until_it_answers(app: "Bot", stopping: asyncio.Event) -> bool:
    wait = 1.0
    stopped = asyncio.create_task(stopping.wait())
    while not stopped.done():
        beat()
        asked = asyncio.create_task(app.initialize())
        await asyncio.wait([asked, stopped], return_when=asyncio.FIRST_COMPLETED)
        if not asked.done():
            asked.cancel()
            break
        try:
            asked.result()
        except InvalidToken:
            raise
        except TelegramError as error:
            log.warning("telegram does not answer yet", error=type(error).__name__, again_in_s=wait)
            trouble(f"Telegram does not answer ({error})")
        else:
            stopped.cancel()
            return True
        await asyncio.wait([stopped], timeout=wait)
        wait = min(wait * 2, 30)
    return False


async def _poll(app: "Bot", turns: Turns, stopping: asyncio.Event) -> None:
    """Long polling. An update is confirmed by asking for the next, once it is stored.

    They are stored as they came: one that can't be read as an update breaks nobody's turn but its own. Where an answer
    can't be read at all, they are asked for one by one, and the one that can't be is left out.
    """
    with watched("polling", until=stopping.is_set):
        await _poll_on(app, turns, stopping)


async def _poll_on(app: "Bot", turns: Turns, stopping: asyncio.Event) -> None:
    offset, wait, hooked, most = 0, 1.0, True, 100
    failures: deque[float] = deque(maxlen=OFTEN)
    while not stopping.is_set():
        beat()
        try:
            if hooked:
                await app.bot.delete_webhook()
                hooked = False
            asked = {"offset": offset, "timeout": 10, "allowed_updates": UPDATES, "limit": most}
            updates = await app.bot.do_api_request("get_updates", asked, read_timeout=35)
            if updates:
                await turns.store(updates)
                numbers = [n for u in updates if (n := incoming.number_of(u)) is not None]
                offset = max([offset, *(n + 1 for n in numbers)]) if numbers else offset + bool(offset)
                await asyncio.sleep(0 if numbers else wait)  # Telegram numbers each: it may bring these again at once
            wait, most = 1.0, 100
        except incoming.Unreadable as error:
            log.error("updates can't be read", numbers=error.numbers, again_in_s=0 if most > 1 else None)
            if most == 1:
                offset = max(offset, max(error.numbers) + 1)
            most = 1
            continue
        except (TelegramError, *TROUBLE) as error:
            failed: Exception = error
            log.warning("updates can't be fetched or kept", error=type(error).__name__, again_in_s=wait)
        except Exception as error:
            failed = error
            log.exception("updates can't be read", again_in_s=wait)
        else:
            if not failures or time.monotonic() - failures[-1] > OFTEN_WITHIN_S:
                trouble("")
            continue
        failures.append(time.monotonic())
        if len(failures) == OFTEN and failures[-1] - failures[0] < OFTEN_WITHIN_S:
            trouble(f"updates can't be fetched again and again ({type(failed).__name__}: {str(failed)[:200]})")
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT_S)


async def _set_webhook(app: "Bot", settings: Settings, stopping: asyncio.Event) -> None:
    taken = asyncio.Event()
    with watched("webhook", until=lambda: taken.is_set() or stopping.is_set()):
        await _set_webhook_until_taken(app, settings, stopping)
        taken.set()


async def _set_webhook_until_taken(app: "Bot", settings: Settings, stopping: asyncio.Event) -> None:
    wait = 1.0
    while not stopping.is_set():
        beat()
        try:
            await app.bot.set_webhook(
                settings.public_url + WEBHOOK_PATH,
                secret_token=_webhook_secret(settings),
                allowed_updates=UPDATES,
            )
            return
        except TelegramError as error:
            log.warning("webhook not set", error=str(error), again_in_s=wait)
            trouble(f"Telegram does not take the webhook ({error})")
            await asyncio.sleep(wait)
            wait = min(wait * 2, 60)


async def _dress(app: "Bot") -> None:
    """The menu and the descriptions, in each language. They only dress the bot: a server may not have them."""
    for code, language in LANGUAGE_CODES.items():
        say = Speaker(language)
        menu = [BotCommand(name, about) for name, about in helping.menu(say)]
        try:
            await app.bot.set_my_commands(menu, language_code=code)
            in_groups = [BotCommand(name, about) for name, about in helping.menu_in_groups(say)]
            await app.bot.set_my_commands(in_groups, BotCommandScopeAllGroupChats(), code)
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


def _site(app: "Bot", settings: Settings, turns: Turns) -> web.Application:
    """What the web reaches. Whatever asks the database or X does so in a thread."""
    secret = _webhook_secret(settings)
    returning = Crew("back from X", MOST_RETURNING)

    async def webhook(request: web.Request) -> web.Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not secrets.compare_digest(given.encode(), secret.encode()):
            return web.Response(status=403)
        try:
            await turns.store([await request.json()])
        except (
            ValueError,
            RecursionError,
            LookupError,
            web.HTTPRequestEntityTooLarge,
        ) as error:  # brought again it is no better
            log.error("an update can't be read", error=type(error).__name__)
        except TROUBLE as error:
            log.error("an update could not be kept", error=type(error).__name__)
            return web.Response(status=503)  # Telegram brings it again
        return web.Response()

    async def x_callback(request: web.Request) -> web.Response:
        address = str(request.url)
        return await asyncio.get_running_loop().run_in_executor(returning, _back_from_x, app, settings, address)

    healthz = Healthz()
    site = web.Application()
    site.add_routes(
        [
            web.get("/healthz", healthz),
            web.get("/metrics", Metrics(healthz, settings)),
            web.get("/livez", livez),
            web.post(WEBHOOK_PATH, webhook),
            web.get(CALLBACK_PATH, x_callback),
        ]
    )
    return site


def _webhook_secret(settings: Settings) -> str:
    """Only Telegram can know it; it follows from the bot's token."""
    seed = f"webhook:{settings.telegram_token.get_secret_value()}:{settings.secret_keys()[0]}"
    return hashlib.sha256(seed.encode()).hexdigest()


def _back_from_x(app: "Bot", settings: Settings, address: str) -> web.Response:
    """X sent somebody here. What it gave waits until the one who began says so in the chat, with this page's code."""
    say = Speaker("en")
    try:
        returned = signin.read_return(address)
        sign_in, verifier = signing_in.use_sign_in(returned.state, None, now())
    except signin.NoCode:
        return _page(say.t("There is no sign-in here. Go back to Telegram and write /connect"), 400)
    except BadSignIn as error:
        return _page(words.why_not(say, error), 400)
    say = Speaker(people.language_of(sign_in.person_id))
    if returned.code is None:
        return _page(say.t("You said no on X's page, so nothing was connected. Start again: /connect"), 200)
    if not admission.way_of(sign_in.person_id).owns:  # nothing is asked of X for who was put out meanwhile
        return _page(say.t("You no longer have access here, so nothing was connected."), 403)
    confirmation = secrets.token_urlsafe(12)
    try:
        account = at_x.keep_sign_in(sign_in, verifier, returned.code, confirmation, now())
    except XError as error:
        return _page(words.trouble(say, error), 502)
    text = say.t("Almost done: go back to Telegram and say there that @{handle} is yours.", handle=account.handle)
    return _page(text, 200, *_way_back(app, settings, say, f"{words.PREFIX}{confirmation}"))


def _way_back(app: "Bot", settings: Settings, say: Speaker, start: str) -> tuple[str, str]:
    """The link back to the chat and its label; without Telegram's word of how the bot is called, what to type there."""
    try:
        return _link(app, settings, start), say.t("« Back to Telegram")
    except RuntimeError:  # Telegram did not answer yet since the start
        return "", say.t("Write to the bot: /start {code}", code=start)


def _link(app: "Bot", settings: Settings, start: str) -> str:
    """A link that opens the chat with these words. Raises RuntimeError before Telegram has named the bot."""
    return settings.link_to(app.bot.username, start=start)


def _page(text: str, status: int, link: str = "", label: str = "↩ Telegram") -> web.Response:
    """A page of ours: `text` and `label` are sentences, already escaped."""
    plain = text.replace("<b>", "").replace("</b>", "")
    way = f'<a href="{html.escape(link)}">{label}</a>' if link else label
    body = (
        '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<title>Canales</title><link rel='icon' href='data:,'><style>"
        "body{font:18px/1.5 system-ui,sans-serif;display:grid;place-items:center;"
        "min-height:90vh;margin:0 24px;text-align:center}"
        "a{display:inline-block;padding:12px 20px;border-radius:8px;background:#2481cc;color:#fff;text-decoration:none}"
        f"</style><div><h1>Canales</h1><p>{plain}</p><p>{way}</p></div>"
    )
    return web.Response(text=body, status=status, content_type="text/html")
