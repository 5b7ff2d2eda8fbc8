"""`python -m bot check`: whether everything is there that the service needs, and nobody refuses it; all in one list.

Whoever is merely away (X, Telegram) refuses nothing: the service goes on without them until they are back.
"""

import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.web import telegram_refuses
from engine.x import signin
from engine.x.app import AppClient
from engine.x.client import XSession
from engine.x.errors import AccessTooNarrow, AppStopped, Refused, TokenRevoked, XError
from engine.x.signin import App
from models import checking
from models.settings import EXAMPLES, Settings, read
from tasks import logs
from tasks.start import refused

COME_BACK_S, LOOK_S, ANSWER_S = 5.0, 0.25, 2.0


def check(*, before_release: bool) -> int:
    """Say what is wrong, or that nothing is; the exit status.

    `before_release`: nothing runs yet, and the database is brought to today's tables afterwards.
    """
    settings, problems = read()
    logs.setup(settings.log_level, settings.log_format)
    named = {problem.partition(":")[0] for problem in problems}
    problems += [missing for missing in settings.missing_for_service() if missing.partition(" ")[0] not in named]
    asks: list[Callable[[Settings], list[str]]] = [
        lambda s: checking.problems(s, 1, migrated=not before_release),
        _redis,
        lambda s: _port(s, ours_may_run=not before_release),
        _x_app,
        _x_bearer,
        _telegram,
    ]
    with ThreadPoolExecutor(len(asks)) as hands:
        for found in hands.map(lambda ask: ask(settings), asks):
            problems += found
    if problems:
        return int(str(refused(problems).code))
    print("Everything is there, and nobody refuses it.")
    return 0


def is_taken(port: int) -> bool:
    """Whether somebody listens there, or we may not."""
    with socket.socket() as mine:
        mine.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            mine.bind(("0.0.0.0", port))
            mine.listen()
        except OSError:
            return True
    return False


def taken_port(port: int) -> str:
    """The sentence for it."""
    return (
        f"PORT: another process listens on port {port}, perhaps another Canales, or this one may not. "
        f"End it, or choose another port. Example: PORT={port % 65535 + 1}"
    )


def _port(settings: Settings, *, ours_may_run: bool) -> list[str]:
    if not is_taken(settings.port) or (ours_may_run and _is_ours(settings.port)):
        return []
    return [taken_port(settings.port)]


def _is_ours(port: int) -> bool:
    """Whether it is a Canales that says how it is."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=ANSWER_S) as answer:
            told = answer.read(100_000)
    except urllib.error.HTTPError as error:
        told = error.read(100_000)
    except OSError:
        return False
    try:
        return "processes" in json.loads(told)
    except (ValueError, TypeError):
        return False


def _redis(settings: Settings) -> list[str]:
    """Asked only where it is somebody else's: ours is started when it is needed."""
    url = settings.redis_url.get_secret_value()
    if not url:
        return []
    until = time.monotonic() + COME_BACK_S
    while True:
        try:
            client = redis.Redis.from_url(
                url, socket_connect_timeout=ANSWER_S, socket_timeout=ANSWER_S, retry=Retry(NoBackoff(), 0)
            )
            client.ping()
        except (redis.RedisError, ValueError) as error:
            if time.monotonic() > until:
                said = logs.scrub(str(error))[:200]
                return [f"REDIS_URL: there is no way to that Redis ({said}). Example: {EXAMPLES['redis_url']}"]
            time.sleep(LOOK_S)
        else:
            return []


def _x_app(settings: Settings) -> list[str]:
    secret = settings.x_client_secret.get_secret_value()
    if not settings.x_client_id:
        return []
    app = App(settings.x_client_id, secret, settings.x_authorize_url, settings.redirect_uri)
    try:
        if signin.is_known(XSession(settings.x_api_url), app):
            return []
    except XError:
        return []
    return [
        "X_CLIENT_ID, X_CLIENT_SECRET: X does not know the app by these two. "
        f"Examples: {EXAMPLES['x_client_id']}, {EXAMPLES['x_client_secret']}"
    ]


def _x_bearer(settings: Settings) -> list[str]:
    bearer = settings.x_bearer_token.get_secret_value()
    if not bearer:
        return []
    try:
        AppClient(XSession(settings.x_api_url), bearer).subscriptions()
    except (TokenRevoked, Refused, AccessTooNarrow, AppStopped) as error:
        return [f"X_BEARER_TOKEN: X refuses it ({error.detail}). Example: {EXAMPLES['x_bearer_token']}"]
    except XError:
        return []
    return []


def _telegram(settings: Settings) -> list[str]:
    if settings.has_telegram and telegram_refuses(settings):
        return [f"TELEGRAM_TOKEN: Telegram knows no bot of this token. Example: {EXAMPLES['telegram_token']}"]
    return []
