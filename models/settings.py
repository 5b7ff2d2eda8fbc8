"""The service's settings, from the environment or `.env`. A bad or missing one is named, with an example."""

import contextlib
import os
import re
import secrets
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from engine.x import prices
from engine.x.prices import Price

OFFICIAL_TELEGRAM = "https://api.telegram.org"
EXAMPLES = {
    "telegram_token": "TELEGRAM_TOKEN=123456789:AAE…  (from @BotFather)",
    "x_client_id": "X_CLIENT_ID=M1M5R3BMVy13QmpScXkzTUt5OE46MTpjaQ  (X's developer console, Keys and tokens)",
    "x_client_secret": "X_CLIENT_SECRET=…  (beside the client id, shown once: make a new one there)",
    "x_bearer_token": "X_BEARER_TOKEN=AAAAAAAAAAAAAAAAAAAAA…  (X's developer console, Keys and tokens)",
    "telegram_api_url": f"TELEGRAM_API_URL={OFFICIAL_TELEGRAM}",
    "admin_ids": "ADMIN_IDS=123456789,987654321",
    "sign_up": "SIGN_UP=invited  (open, invited or closed)",
    "limits": "LIMITS=channels 3, schedules 200, keywords 2000, money 20  (or LIMITS=none)",
    "x_api_url": "X_API_URL=https://api.x.com",
    "x_authorize_url": "X_AUTHORIZE_URL=https://x.com/i/oauth2/authorize",
    "x_posts_a_day": "X_POSTS_A_DAY=10000",
    "x_prices": f"X_PRICES={prices.EXAMPLE}; link 0.250  (or a file with such lines)",
    "x_own_account": "X_OWN_ACCOUNT=1234567890  (the X id of the account that the app belongs to)",
    "reconcile_every": "RECONCILE_EVERY=6h  (30m, 1d; 0 for never)",
    "database_url": "DATABASE_URL=postgresql://user:password@host:5432/canales",
    "database_connections": "DATABASE_CONNECTIONS=10  (one of each process of the Procfile together)",
    "redis_url": "REDIS_URL=redis://localhost:6379/0",
    "secret_key": "SECRET_KEY=at-least-sixteen-characters  (new,old while changing it)",
    "public_url": "PUBLIC_URL=https://canales.example.org",
    "port": "PORT=8080",
    "data_dir": "DATA_DIR=data",
    "log_level": "LOG_LEVEL=info  (debug, info, warning, error)",
    "log_format": "LOG_FORMAT=text  (or json)",
    "metrics_token": "METRICS_TOKEN=at-least-sixteen-characters",
}
EMPTY_KEY = (
    "{path} is empty, and X tokens are sealed with what was in it. Put it back from a backup, or set it: "
    "SECRET_KEY=what-was-in-it. If no channel was ever connected, delete the file."
)
SPAN = re.compile(r"(\d{1,5})\s*([smhd])")
UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


SIGN_UPS = ("open", "invited", "closed")
LIMITED = ("channels", "schedules", "keywords", "money")
MOST_OF_A_LIMIT = 1_000_000
MICRO_DOLLARS = 1_000_000
LIMIT = re.compile(rf"({'|'.join(LIMITED)})\s*=?\s*(?:\$?(\d{{1,7}})(\.\d{{1,2}})?|(none))")


class LogLevel(StrEnum):
    """What is below it is not logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """What a line of the logs looks like."""

    TEXT = "text"
    JSON = "json"


class BadSettings(Exception):
    """Some settings can't be used; `problems` says which and how they should look, a line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseSettings):
    """See .env.example for what each one means."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    telegram_token: SecretStr = SecretStr("")
    telegram_api_url: str = OFFICIAL_TELEGRAM
    admin_ids: Annotated[tuple[int, ...], NoDecode] = ()
    sign_up: str = ""
    limits: Annotated[dict[str, int | None], NoDecode] = {}
    x_client_id: str = ""
    x_client_secret: SecretStr = SecretStr("")
    x_bearer_token: SecretStr = SecretStr("")
    x_api_key: SecretStr = SecretStr("")
    x_api_secret: SecretStr = SecretStr("")
    x_api_url: str = "https://api.x.com"
    x_authorize_url: str = "https://x.com/i/oauth2/authorize"
    x_posts_a_day: Annotated[int, Field(ge=1)] = 10_000
    x_prices: Annotated[tuple[Price, ...], NoDecode] = ()
    x_own_account: Annotated[int, Field(ge=0)] = 0
    reconcile_every: timedelta = timedelta(hours=6)
    database_url: SecretStr = SecretStr("")
    database_connections: Annotated[int, Field(ge=5)] = 10
    redis_url: SecretStr = SecretStr("")
    data_dir: Path = Path("data")
    secret_key: SecretStr = SecretStr("")
    public_url: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    log_level: LogLevel = LogLevel.INFO
    log_format: LogFormat = LogFormat.TEXT
    metrics_token: SecretStr = SecretStr("")

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _ids(cls, value: object) -> object:
        if isinstance(value, str):
            parts = [part for part in value.replace(" ", "").split(",") if part]
            if not all(part.isdecimal() for part in parts):
                raise ValueError("must be Telegram ids, numbers separated by commas")
            return tuple(int(part) for part in parts)
        return value

    @field_validator("sign_up", mode="before")
    @classmethod
    def _sign_up(cls, value: object) -> object:
        if isinstance(value, str) and value.strip().lower() not in ("", *SIGN_UPS):
            raise ValueError("must be open, invited or closed")
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("limits", mode="before")
    @classmethod
    def _limits(cls, value: object) -> object:
        return read_limits(value) if isinstance(value, str) else value

    @field_validator("x_prices", mode="before")
    @classmethod
    def _prices(cls, value: object) -> object:
        """Lines of prices, or the name of a file with them."""
        if not isinstance(value, str):
            return value
        try:
            is_file = "\n" not in value and ";" not in value and Path(value).is_file()
            return tuple(prices.read(Path(value).read_text() if is_file else value))
        except OSError as error:
            raise ValueError(f"can't be read ({error.strerror})") from None

    @field_validator("reconcile_every", mode="before")
    @classmethod
    def _span(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.strip() == "0":
            return timedelta()
        found = SPAN.fullmatch(value.strip().lower())
        if found is None:
            raise ValueError("must be a number with s, m, h or d behind it")
        return int(found[1]) * UNITS[found[2]]

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _word(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("metrics_token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and len(value.get_secret_value()) < 16:
            raise ValueError("must have at least 16 characters")
        return value

    @field_validator("telegram_api_url", "x_api_url", "x_authorize_url", "public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must be an address that begins with https://")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr) -> SecretStr:
        known = ("sqlite:///", "postgres://", "postgresql://")
        if value.get_secret_value() and not value.get_secret_value().startswith(known):
            raise ValueError("must begin with postgresql:// or sqlite:///")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis:// or rediss://")
        return value

    @field_validator("secret_key")
    @classmethod
    def _key(cls, value: SecretStr) -> SecretStr:
        keys = [k for k in value.get_secret_value().split(",") if k]
        if any(len(k.strip()) < 16 for k in keys):
            raise ValueError("must have at least 16 characters")
        return value

    @property
    def has_telegram(self) -> bool:
        """Whether there is a bot to run; without one, the sandbox stands in."""
        return bool(self.telegram_token.get_secret_value())

    def link_to(self, bot: str, **opens: str) -> str:
        """A link that opens the chat with the bot of this username, in a Telegram of one's own too."""
        official = self.telegram_api_url == OFFICIAL_TELEGRAM
        return f"{'https://t.me' if official else f'{self.telegram_api_url}/me'}/{bot}?{urlencode(opens)}"

    @property
    def sqlite_path(self) -> Path | None:
        """The SQLite file, or None where the database is PostgreSQL."""
        url = self.database_url.get_secret_value()
        if not url:
            return self.data_dir / "canales.db"
        return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None

    @property
    def journal_dir(self) -> Path:
        return self.data_dir / "journal"

    @property
    def redirect_uri(self) -> str:
        """Where X sends people back to: our page, or an address that nobody serves and the person pastes."""
        return f"{self.public_url}/x/callback" if self.public_url else "http://127.0.0.1/canales"

    @property
    def key_file(self) -> Path:
        """Where the key is kept if none is set."""
        return self.data_dir / "secret.key"

    def secret_keys(self) -> list[str]:
        """The keys, newest first. Where none is set one is made, and kept in DATA_DIR. Raises BadSettings."""
        given = [k.strip() for k in self.secret_key.get_secret_value().split(",") if k.strip()]
        return given or [k.strip() for k in _kept_key(self.key_file).split(",")]

    def missing_for_service(self) -> list[str]:
        """What a real channel needs and is not there, a sentence each."""
        needed = {
            "TELEGRAM_TOKEN": self.telegram_token.get_secret_value(),
            "X_CLIENT_ID": self.x_client_id or self.x_api_key.get_secret_value(),
            "X_BEARER_TOKEN": self.x_bearer_token.get_secret_value() or self.x_api_key.get_secret_value(),
        }
        found = "is not set; .env.example says where to find it."
        return [f"{name} {found} Example: {EXAMPLES[name.lower()]}" for name, value in needed.items() if not value]


def read_limits(written: str) -> dict[str, int | None]:
    """How much one person may have: numbers, money in micro-dollars a month, None without an end. Raises ValueError."""
    if written.strip().lower() == "none":
        return dict.fromkeys(LIMITED)
    found: dict[str, int | None] = {}
    for part in (p for p in written.lower().split(",") if p.strip()):
        read = LIMIT.fullmatch(part.strip())
        if read is None or (read[3] and read[1] != "money") or int(read[2] or 0) > MOST_OF_A_LIMIT:
            raise ValueError("must be none, or names and numbers with commas between")
        whole = None if read[4] else float(read[2] + (read[3] or ""))
        found[read[1]] = None if whole is None else round(whole * (MICRO_DOLLARS if read[1] == "money" else 1))
    return found


@cache
def settings() -> Settings:
    """The settings of this process. Raises BadSettings."""
    return load()


def load() -> Settings:
    """Read the settings anew. Raises BadSettings, which never repeats a value: it may be a secret."""
    loaded, problems = read()
    if problems:
        raise BadSettings(problems)
    prices.take(loaded.x_prices)
    with contextlib.suppress(OSError):  # whoever starts is told (models/checking.py)
        _own_folder(loaded.data_dir)
    return loaded


def read() -> tuple[Settings, list[str]]:
    """The settings as far as they can be read, and a sentence for each that can't: it stands as if it were not set."""
    try:
        return Settings(), []
    except ValidationError as error:
        bad = {str(e["loc"][0]): _sentence(e["loc"], _wanted(e)) for e in error.errors() if e["loc"]}
        return Settings(**{name: Settings.model_fields[name].default for name in bad}), list(bad.values())


def _wanted(error: ErrorDetails) -> str:
    """What it must be, in words of ours."""
    limits = error.get("ctx", {})
    match error["type"]:
        case "int_parsing" | "int_from_float" | "int_parsing_size":
            return "must be a whole number"
        case "greater_than_equal":
            return f"must be {limits['ge']} or more"
        case "less_than_equal":
            return f"must be {limits['le']} at most"
        case "enum":
            return f"must be {limits['expected'].replace(chr(39), '')}"
    return error["msg"]


def _sentence(where: tuple[int | str, ...], message: str) -> str:
    name = str(where[0]) if where else "settings"
    reason = message.removeprefix("Value error, ")
    example = EXAMPLES.get(name)
    return f"{name.upper()}: {reason}." + (f" Example: {example}" if example else "")


def _own_folder(path: Path) -> None:
    """A folder that nobody else looks into: it holds keys, and what people write to each other."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.stat()
    if found.st_uid == os.geteuid() and found.st_mode & 0o077:
        path.chmod(0o700)


def keep_key(path: Path, key: str) -> None:
    """Put it into this file, which nobody else reads; where somebody else was quicker, theirs counts."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(temporary, path)
    temporary.unlink()


def _kept_key(path: Path) -> str:
    """The key in this file, which is there whole or not at all."""
    if not path.exists():
        keep_key(path, secrets.token_urlsafe(48))
    key = path.read_text().strip()
    if not key:
        raise BadSettings([EMPTY_KEY.format(path=path)])
    return key
