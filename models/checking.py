"""What must be so before a process runs: its folder, its key, its database; and whether that takes writes by now.

What is not is said in sentences with a right example, all of them at once.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peewee as pw

from models import database
from models.database import TROUBLE, NewerDatabase, rested
from models.settings import EMPTY_KEY, Settings

COME_BACK_S = 10.0  # so long a database may be away that was started a moment ago
MIGRATED_WITHIN_S = 15.0  # so long a release may take that was started together with everything else
LOOK_S = 0.25


def problems(settings: Settings, tenths: int, *, migrated: bool = True, with_key: bool = True) -> list[str]:
    """What keeps this process from running; the database is open afterwards where there is nothing.

    `migrated`: its tables must be today's; without, an older one will do, which is about to be migrated. Without the
    key nothing that is sealed can be read, which a restore does not ask for at first.
    """
    found = [*_folders(settings), *(_key(settings) if with_key else [])]
    if not found or settings.sqlite_path is None:
        database.open_database(settings, tenths)
        found += _database(settings, migrated=migrated)
    return found


def reachable(settings: Settings) -> list[str]:
    """Why its database can't be asked from here; it is open afterwards where there is nothing."""
    file = settings.sqlite_path
    if file is not None and not file.exists():
        return [_none_yet(settings, file)]
    try:
        database.open_database(settings, 1)
        with rested():
            lacking = database.lacks()
    except NewerDatabase:
        return []
    except (pw.DatabaseError, pw.InterfaceError, OSError, ValueError, TypeError) as error:
        return [_unreachable(str(file or "DATABASE_URL"), error)]
    if file is not None and len(lacking) == len(
        database.known_migrations()
    ):  # an empty one, as who only looked made it
        return [_none_yet(settings, file)]
    if lacking:
        return [f"The database is older than this release: it lacks {_some(lacking)}. Start: python -m bot migrate"]
    return []


def _none_yet(settings: Settings, file: Path) -> str:
    said = f"There is no database yet ({file}). Nothing of this service has run here. Example: make run"
    played = settings.data_dir / "sandbox"
    return f"{said}; what plays in the sandbox: DATA_DIR={played} python -m bot status" if played.exists() else said


@contextmanager
def impatient_transaction(within_s: float) -> Iterator[None]:
    """A transaction that writes, or finds out soon that nobody can. No part of another; it rings nothing."""
    milliseconds = int(within_s * 1000)
    if not database.is_sqlite():
        with database.db.atomic():
            database.db.execute_sql(f"SET LOCAL lock_timeout = {milliseconds}")
            yield
        return
    with database.db.obj.writer.turn(within_s):
        database.db.execute_sql(f"PRAGMA busy_timeout = {milliseconds}")
        try:
            with database.db.atomic("IMMEDIATE"):
                yield
        finally:
            database.db.execute_sql(f"PRAGMA busy_timeout = {database.WAIT_TO_WRITE_S * 1000}")


def _folders(settings: Settings) -> list[str]:
    file = settings.sqlite_path
    needed = {settings.data_dir: "DATA_DIR=data"}
    if file is not None and file.parent != settings.data_dir:
        needed[file.parent] = "DATABASE_URL=sqlite:///data/canales.db"
    return [_no_folder(folder, example) for folder, example in needed.items() if not _is_writable(folder)]


def _no_folder(folder: Path, example: str) -> str:
    name = example.partition("=")[0]
    if folder.exists() and not folder.is_dir():
        return f"{name}: {folder} is a file, and should be a folder. Example: {example}"
    return (
        f"{name}: nothing can be written into the folder {folder}. Give it to who runs this, or name another: {example}"
    )


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _key(settings: Settings) -> list[str]:
    if settings.secret_key.get_secret_value():
        return []
    file = settings.key_file
    try:
        kept = file.read_text().strip() if file.exists() else None
    except (OSError, UnicodeDecodeError):
        return [f"SECRET_KEY: {file} can't be read. Give it to who runs this, or set SECRET_KEY=what-is-in-it"]
    if kept == "":
        return [EMPTY_KEY.format(path=file)]
    if settings.sqlite_path is not None:
        return []
    if kept is not None:
        return [
            "SECRET_KEY is not set: with PostgreSQL every machine must have the same. "
            f"Set it to what is in {file}: SECRET_KEY=what-is-in-it"
        ]
    return [
        "SECRET_KEY is not set: with PostgreSQL every machine must have the same. "
        "Example: SECRET_KEY=at-least-sixteen-characters, of your own"
    ]


def _database(settings: Settings, *, migrated: bool) -> list[str]:
    where = str(settings.sqlite_path or "DATABASE_URL")
    came_by, migrated_by = time.monotonic() + COME_BACK_S, time.monotonic() + MIGRATED_WITHIN_S
    while True:
        try:
            with rested():
                lacking = database.lacks()
        except NewerDatabase as newer:
            return [
                f"The database ({where}) was brought to a newer release than this one ({newer}). "
                "Start that release, or put back the backup that you made before it."
            ]
        except TROUBLE as error:
            if time.monotonic() > came_by:
                return [_unreachable(where, error)]
        except (pw.DatabaseError, OSError, ValueError, TypeError) as error:  # no database, or none that is ours
            return [_unreachable(where, error)]
        else:
            if not migrated or not lacking:
                return []
            if time.monotonic() > migrated_by:
                return [
                    f"The database ({where}) is older than this release: it lacks {_some(lacking)}. "
                    "Bring it up to date with: python -m bot migrate"
                ]
        time.sleep(LOOK_S)


def _unreachable(where: str, error: Any) -> str:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    example = "DATABASE_URL=postgresql://user:password@host:5432/canales"
    return f"There is no way to the database ({where}): {said}. Example: {example}"


def _some(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
