"""`python -m bot check`: whether everything is there that the service needs, and nobody refuses it; all in one list.

Whoever is merely away (X, Telegram) refuses nothing: the service goes on without them until they are back.
"""

import difflib
import ipaddress
import json
import shutil
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import peewee as pw
import redis
from dotenv import dotenv_values
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.web import telegram_refuses
from engine.x import signin
from engine.x.app import AppClient
from engine.x.client import XSession
from engine.x.errors import AccessTooNarrow, AppStopped, Refused, TokenRevoked, XError
from engine.x.signin import App
from models import checking, vault
from models.accounts.channels import Channel
from models.database import TROUBLE, db, has_tables, rested
from models.settings import EXAMPLES, OFFICIAL_TELEGRAM, Settings, read
from tasks import logs
from tasks.living.right_time import Keeper
from tasks.start import refused

COME_BACK_S, LOOK_S, ANSWER_S = 5.0, 0.25, 2.0
CLOCKS_WITHIN_S = 2.5
ALIKE = 0.8  # of 1: so much of two names is the same
WEBHOOK_PORTS = (443, 80, 88, 8443)  # Telegram's
LEAST_FREE = 500 * 2**20  # bytes


def check(*, before_release: bool) -> int:
    """Say what is wrong, or that nothing is; the exit status.

    `before_release`: nothing runs yet, and the database is brought to today's tables afterwards.
    """
    settings, problems = read()
    logs.setup(settings.log_level, settings.log_format)
    named = {problem.partition(":")[0] for problem in problems}
    problems += [missing for missing in settings.missing_for_service() if missing.partition(" ")[0] not in named]
    asks: list[Callable[[Settings], list[str]]] = [
        lambda s: _database(s, before_release=before_release),
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
    odd = worth_a_look(settings)
    if not before_release and (clocks := Keeper(lambda: True).look(CLOCKS_WITHIN_S)):
        odd.append(f"{clocks[0].upper()}{clocks[1:]}: NTP keeps it right.")
    if odd:
        print("\n  ".join(["Canales can start, but something is worth a look:", *odd]))
        return 0 if before_release else 1
    print("Everything is there, and nobody refuses it.")
    return 0


def _database(settings: Settings, *, before_release: bool) -> list[str]:
    """One in which there is nothing yet is as it should be: `run` and `migrate` make its tables."""
    if found := checking.problems(settings, 1, migrated=False):
        return found
    with rested():
        is_new = not has_tables()
    return [] if before_release or is_new else checking.problems(settings, 1)


def worth_a_look(settings: Settings) -> list[str]:
    """What keeps nothing from starting, and is wrong all the same; the database is open. A sentence each."""
    found = [*misspelt(Path(".env")), *_halves(settings), *_public_url(settings), *_room(settings)]
    try:
        with rested():
            found += [*_unopened(), *_connections(settings)]
    except (*TROUBLE, pw.DatabaseError):  # of a release that is about to be migrated, or gone away meanwhile
        pass
    return found


def misspelt(file: Path) -> list[str]:
    """Names in it that no setting has and that are nearly one: they do nothing."""
    known = {name.upper() for name in Settings.model_fields}
    given = {name.upper() for name in dotenv_values(file)} - known if file.exists() else set()
    meant = {name: difflib.get_close_matches(name, known, 1, ALIKE) for name in sorted(given)}
    return [
        f"{name} in {file} is no setting. Is {m[0]} meant? Example: {_example(m[0])}" for name, m in meant.items() if m
    ]


def _halves(settings: Settings) -> list[str]:
    """One of two that go together."""
    pairs = {
        "X_CLIENT_ID": (bool(settings.x_client_id), "X_CLIENT_SECRET", settings.x_client_secret),
        "X_API_KEY": (bool(settings.x_api_key.get_secret_value()), "X_API_SECRET", settings.x_api_secret),
    }
    return [
        f"{other if has else name} is not set, and {name if has else other} is: they go together. "
        f"Example: {_example(other if has else name)}"
        for name, (has, other, value) in pairs.items()
        if has != bool(value.get_secret_value())
    ]


def _example(name: str) -> str:
    return EXAMPLES.get(name.lower(), f"{name}=…  (.env.example says what it is)")


def _public_url(settings: Settings) -> list[str]:
    """Telegram calls only https, on four ports, and nobody on this machine."""
    url = urlsplit(settings.public_url)
    if not settings.public_url or settings.telegram_api_url != OFFICIAL_TELEGRAM:  # a Telegram of one's own calls any
        return []
    try:
        inside = not ipaddress.ip_address(url.hostname or "").is_global
    except ValueError:
        inside = "." not in (url.hostname or "") or (url.hostname or "").endswith((".local", ".localhost", ".internal"))
    if url.scheme == "https" and url.port in (None, *WEBHOOK_PORTS) and not inside:
        return []
    return [
        "PUBLIC_URL: Telegram can't call this address: it wants https, a name that the internet knows, and port 443, "
        f"80, 88 or 8443. Example: {EXAMPLES['public_url']}; left empty, the bot polls"
    ]


def _room(settings: Settings) -> list[str]:
    free = shutil.disk_usage(settings.data_dir).free
    if free >= LEAST_FREE:
        return []
    return [
        f"DATA_DIR: {free / 2**20:.0f} MiB are left on the disk of {settings.data_dir}. Make room, or name another "
        "folder. Example: DATA_DIR=/srv/canales"
    ]


def _unopened() -> list[str]:
    """Channels whose access SECRET_KEY does not open."""
    shut = []
    for channel in Channel.select().where((Channel.access_token != "") & Channel.connected).order_by(Channel.handle):
        try:
            vault.unseal(channel.access_token)
        except vault.WrongKey:
            shut.append(str(channel))
    if not shut:
        return []
    more = f" and {len(shut) - 3} more" if len(shut) > 3 else ""
    return [
        f"SECRET_KEY does not open the access of {', '.join(shut[:3])}{more}. Add the key that it was sealed with: "
        "SECRET_KEY=new,old"
    ]


def _connections(settings: Settings) -> list[str]:
    """Whether PostgreSQL has as many places as the processes are given."""
    if settings.sqlite_path is not None:
        return []
    asked = "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
    most = int(db.execute_sql(asked).fetchone()[0])
    if settings.database_connections <= most:
        return []
    return [f"DATABASE_CONNECTIONS: PostgreSQL has {most} places. Example: DATABASE_CONNECTIONS={max(5, most // 2)}"]


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
