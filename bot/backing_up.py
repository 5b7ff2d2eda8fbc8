"""`python -m bot backup FILE` and `restore FILE`: while it runs, on either database, and what to know about the key."""

import contextlib
import getpass
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from models import backup, checking, restoring, vault
from models.accounts.channels import Channel
from models.backup import Backup, NewerBackup, NoBackup, NotEmpty, OlderTables
from models.database import TROUBLE, NewerDatabase
from models.settings import BadSettings, Settings, keep_key, settings
from tasks.clock import now
from tasks.living.heart import version
from tasks.start import refused

DONE, NO, USAGE = 0, 1, 2
PASSPHRASE = "BACKUP_PASSPHRASE"  # noqa: S105, the name of a variable
SHORTEST = 12
PIPE = "-"


def back_up(settings: Settings, named: str, *, with_key: bool) -> int:
    """Write it and say what is in it; the exit status."""
    if named != PIPE and Path(named).exists():
        print(f"{named} is there already, and is not written over. Example: python -m bot backup {_dated()}")
        return USAGE
    key = None
    if with_key:
        passphrase = _passphrase(twice=True)
        if passphrase is None:
            return USAGE
        key = vault.lock_up(passphrase)
    try:
        with _new(named) as file:
            rows = backup.write(settings, file, version(), now(), key)
            size = file.tell() if named != PIPE else 0
    except OSError as error:
        _say(named, f"It could not be written: {error}. Nothing is left of it.")
        return NO
    except TROUBLE as error:
        _say(
            named,
            f"The database went away meanwhile ({str(error).strip()[:200]}), so nothing is left of it. Try again.",
        )
        return NO
    _say(named, f"{named}: {rows} rows, as they stood this moment{f', {size / 2**20:.1f} MiB' if size else ''}.")
    if with_key:
        _say(named, "SECRET_KEY is in it, locked by the passphrase: whoever has both can act for all channels.")
    else:
        where = "SECRET_KEY" if settings.secret_key.get_secret_value() else str(settings.key_file)
        _say(
            named, f"The key is not in it: keep {where} somewhere else. Without it nobody can use the channels' access."
        )
    _say(
        named,
        "What people wrote is in it, so keep it where nobody else reads. The journal's older files are not in it.",
    )
    return DONE


def restore(named: str, *, new_key: bool) -> int:
    """Put it into the empty database of these settings, and say what follows; the exit status."""
    try:
        loaded = settings()
    except BadSettings as error:
        raise refused(error.problems) from None
    if problems := checking.problems(loaded, 3, migrated=False, with_key=False):
        raise refused(problems)
    try:
        with open(0 if named == PIPE else named, "rb", closefd=named != PIPE) as file:
            found = Backup(file)
            if not new_key and not _has_its_key(found, loaded, named):
                return NO
            rows = restoring.restore(found, loaded, now())
    except BadSettings as error:  # of a key that is kept, and empty
        raise refused(error.problems) from None
    except OSError as error:
        print(f"{named} can't be read: {error.strerror}. Example: python -m bot restore {_dated()}")
        return USAGE
    except NoBackup as why:
        print(f"{named} is no whole backup ({why}), so nothing was put back.")
    except NewerBackup as newer:
        print(f"{named} was made by a newer release than this one ({newer}). Restore it with that release.")
    except NewerDatabase as newer:
        print(f"The database was brought to a newer release than this one ({newer}). Start that release.")
    except OlderTables as older:
        print(f"{named} was made by release {older}, whose tables are older than those that are here already.")
        print("Restore it into a database without any tables; it is brought up to date there.")
    except NotEmpty as full:
        print(f"There is something in the database already ({full}), which nothing is put over.")
        print("Name another one, or an empty DATA_DIR. Example: DATA_DIR=data-restored python -m bot restore …")
    except TROUBLE as error:
        print(f"The database went away meanwhile ({str(error).strip()[:200]}), so nothing was put back. Try again.")
    else:
        _tell(found, rows, new_key)
        return DONE
    return NO


def _tell(found: Backup, rows: int, new_key: bool) -> None:
    channels = Channel.select().where(Channel.connected).count()
    at = f"{found.header.at:%Y-%m-%d %H:%M:%S} UTC"
    print(f"Put back: {rows} rows as they stood at {at}, with {channels} connected channels.")
    print("Before you start it, end the service that it was made of for good: two would run the same channels.")
    print("What was on its way, and what was heard again, is looked for on X before it is said: nothing is said twice.")
    if new_key:
        print("What its key had sealed can't be read: each channel's owner signs it in once more with /connect.")
    else:
        print("A channel whose access X has renewed since then asks its owner to sign it in once more.")


def _has_its_key(found: Backup, settings: Settings, named: str) -> bool:
    """Whether what is sealed in it can be read here, which is asked of whoever has the passphrase."""
    has_one = bool(settings.secret_key.get_secret_value()) or settings.key_file.exists()
    if has_one and found.header.fits():
        return True
    if found.header.key is None or has_one:
        here = "is another than" if has_one else "is not here, and neither is"
        print(f"SECRET_KEY {here} the one that sealed the channels' access, so nothing was put back.")
        print(f"Put that key into {settings.key_file}, or set it. Example: SECRET_KEY=what-it-was")
        print(f"If it is lost for good: python -m bot restore {named} --new-key, and all owners sign in once more.")
        return False
    passphrase = _passphrase(twice=False)
    if passphrase is None:
        return False
    try:
        key = vault.take_out(found.header.key, passphrase)
    except vault.WrongKey:
        print("That is not the passphrase, so nothing was put back.")
        return False
    keep_key(settings.key_file, key)
    print(f"The key is in {settings.key_file}. With PostgreSQL set SECRET_KEY to what is in it, on every machine.")
    return True


def _passphrase(*, twice: bool) -> str | None:
    """From the environment, or typed; None where there is none that will do."""
    given = os.environ.get(PASSPHRASE, "")
    if not given:
        if not sys.stdin.isatty():
            print(f"This asks for a passphrase. Type it at a terminal, or set it: {PASSPHRASE}=…", file=sys.stderr)
            return None
        given = getpass.getpass("Passphrase of the key (not shown): ")
        if twice and given != getpass.getpass("Once more: "):
            print("The two are not the same, so nothing was written.", file=sys.stderr)
            return None
    if twice and len(given) < SHORTEST:
        print(f"A passphrase that guards the key has {SHORTEST} characters or more: several words.", file=sys.stderr)
        return None
    return given


@contextlib.contextmanager
def _new(named: str) -> Iterator[IO[bytes]]:
    """A file that is there whole or not at all, and that nobody else reads. Raises OSError."""
    if named == PIPE:
        with os.fdopen(os.dup(1), "wb") as pipe:
            os.dup2(2, 1)  # whatever else is printed goes beside it
            yield pipe
        return
    path = Path(named)
    part = path.with_name(f".{path.name}.part-{secrets.token_hex(4)}")  # not by its pid: a container has few
    handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _named(part, path)
    finally:
        part.unlink(missing_ok=True)


def _named(part: Path, path: Path) -> None:
    """It has its name, and never over one that came there meanwhile. Raises OSError."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a disk that knows no second names, as a stick's
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        part.replace(path)


def _say(named: str, sentence: str) -> None:
    print(sentence, file=sys.stderr if named == PIPE else sys.stdout)


def _dated() -> str:
    return f"canales-{now():%Y-%m-%d-%H%M}.backup"
