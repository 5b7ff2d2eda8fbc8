"""A backup: all rows as they stood at one instant, as lines in a packed file that either database can be restored from.

The first line says of what release and instant it is and how its key can be known; then come a line for each table and
one for each of its rows, the last ids that were given, and at the end how many rows there are: what ends before that
is no backup. It is read in one snapshot, for which nobody waits. What is only so while processes run stays out of it.
"""

import base64
import gzip
import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

import peewee as pw
import psycopg
from psycopg import sql

from models import database, vault
from models.database import db, is_sqlite, transaction
from models.settings import Settings

FORMAT = 1
#: Who runs, who holds what, and which migrations ran: the place that it is restored to has its own.
LEFT_OUT = frozenset({"schema_migration", "process", "lease", "notice_lane", "journal_lane"})
IN_USE = ("channel", "person", "inbox")  # who has any of these has something to lose
SINCE = "0047_restoring"  # what was on its way is settled by columns of this one
LEAP = 1_000_000  # ids: so many may have been given between the backup and the restore, and stand on buttons
AT_ONCE, LARGE = 500, 2**20  # rows; bytes of a line that is not kept waiting for others
FILES = ("blob", "bytea")  # the types of columns that hold photos and videos
PROOF = "canales"
Row = Sequence[Any]


class NoBackup(Exception):
    """The file is none, or not a whole one."""


class NewerBackup(Exception):
    """It was made by a later release, which knows more than this one: the names of that."""


class NotEmpty(Exception):
    """Somebody uses the database already that it should go to: the tables that say so."""


class OlderTables(Exception):
    """The database has today's tables, and the backup those of an older release."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the first line says. `proof` is sealed with the key that its tokens are; `key` is that key, locked."""

    version: str
    at: datetime
    migrations: tuple[str, ...]
    proof: str
    key: Mapping[str, str] | None

    def fits(self) -> bool:
        """Whether SECRET_KEY is the one that its tokens are sealed with."""
        try:
            return vault.unseal(self.proof) == PROOF
        except vault.WrongKey:
            return False


# --- made ----------------------------------------------------------------------------------------------------


def write(settings: Settings, to: IO[bytes], version: str, now: datetime, key: Mapping[str, str] | None) -> int:
    """Write it, while everybody else goes on; the number of rows. `now`: not after the snapshot. Raises TROUBLE."""
    counts: dict[str, int] = {}
    with gzip.GzipFile(fileobj=to, mode="wb", mtime=0, compresslevel=5) as packed, _snapshot(settings) as asked:
        migrations = sorted(name for (name,) in asked("SELECT name FROM schema_migration"))
        header = {"version": version, "at": now.isoformat(), "migrations": migrations, "proof": vault.seal(PROOF)}
        packed.write(_line({"canales": FORMAT, **header, "key": key}))
        for table in _tables():
            found = db.get_columns(table)
            columns = [column.name for column in found]
            at_once = 1 if any(column.data_type.lower() in FILES for column in found) else AT_ONCE
            packed.write(_line({"table": table, "columns": columns}))
            counts[table] = 0
            for row in asked(f"SELECT {', '.join(map(_quoted, columns))} FROM {_quoted(table)}", at_once):  # noqa: S608
                packed.write(_line(row))
                counts[table] += 1
        if migrations != sorted(n for (n,) in db.execute_sql("SELECT name FROM schema_migration").fetchall()):
            raise pw.OperationalError("a release changed its tables")  # which were asked for as they are by now
        packed.write(_line({"ids": _given_ids(asked)}))
        packed.write(_line({"end": counts}))
    return sum(counts.values())


@contextmanager
def _snapshot(settings: Settings) -> Iterator[Callable[..., Iterable[Row]]]:
    """Asks the database as it is now, however long that takes, on a connection of its own; so many rows at once, where
    they may be large. Raises TROUBLE.
    """
    with pw.__exception_wrapper__:  # type: ignore[attr-defined]
        if settings.sqlite_path is not None:
            with closing(sqlite3.connect(f"{settings.sqlite_path.absolute().as_uri()}?mode=ro", uri=True)) as reader:
                reader.execute("BEGIN")
                yield lambda statement, _at_once=AT_ONCE: reader.execute(statement)
            return
        with psycopg.connect(settings.database_url.get_secret_value()) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            connection.execute("SET LOCAL statement_timeout = 0")

            def asked(statement: str, at_once: int = AT_ONCE) -> Iterator[Row]:
                with connection.cursor(name="backup") as cursor:
                    cursor.itersize = at_once
                    yield from cursor.execute(sql.SQL(statement))

            yield asked


def _given_ids(asked: Callable[[str], Iterable[Row]]) -> dict[str, int]:
    """The last id that each table has given, by its name: also where that row is gone."""
    if is_sqlite():
        return {str(name): int(last) for name, last in asked("SELECT name, seq FROM sqlite_sequence")}
    known = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
    return {str(name).removesuffix("_id_seq"): int(last) for name, last in asked(known)}


def _line(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), default=_of_bytes).encode() + b"\n"


def _of_bytes(value: Any) -> dict[str, str]:
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(value).decode()}
    raise TypeError(f"nothing of {type(value)} is kept in tables")


# --- read ----------------------------------------------------------------------------------------------------


class Backup:
    """One that is read, from its beginning to its end, once."""

    def __init__(self, source: IO[bytes]) -> None:
        """Raises NoBackup, NewerBackup."""
        self._lines = _lines(gzip.GzipFile(fileobj=source, mode="rb"))
        told = next(self._lines, None)
        if not isinstance(told, dict) or "canales" not in told:
            raise NoBackup("it does not begin as one")
        if told["canales"] != FORMAT:
            self._read_on()
            raise NewerBackup(f"format {told['canales']}")
        self.header = _header(told)
        if unknown := sorted(set(self.header.migrations) - database.known_migrations()):
            self._read_on()
            raise NewerBackup(", ".join(unknown))

    def into(self, settings: Settings, then: Callable[[], object]) -> int:
        """Put all of it into the database, which is empty, with `then` in the same transaction; the number of rows.

        All or nothing. The tables are those of the backup's release afterwards. Raises NoBackup, NotEmpty, OlderTables,
        NewerDatabase, TROUBLE.
        """
        if SINCE not in self.header.migrations:
            raise NoBackup("it lacks what every one has")
        if database.lacks() != sorted(database.known_migrations() - set(self.header.migrations)):
            if database.has_tables():
                raise OlderTables(self.header.version)
            database.migrate(settings, upto=max(self.header.migrations))
        with transaction():
            _take_all()
            try:
                rows = self._put()
            except (pw.IntegrityError, pw.DataError, pw.ProgrammingError, ValueError, OverflowError) as error:
                raise NoBackup(str(error).strip()[:200]) from None  # rows that no database has had
            then()
        return rows

    def _read_on(self) -> None:
        """To its end, where the sum over all of it is: what looks newer may be damaged. Raises NoBackup."""
        for _ in self._lines:
            pass

    def _put(self) -> int:
        """Raises NoBackup, where it has no end, or not that of what was read."""
        known = {name: {column.name for column in db.get_columns(name)} for name in _tables()}
        table = ""
        columns: list[str] = []
        counts: dict[str, int] = {}
        rows: list[Row] = []
        for told in self._lines:
            if isinstance(told, list):
                if len(told) != len(columns):
                    raise NoBackup(f"a row of {table or 'no table'} has {len(told)} values")
                rows.append([_bytes_of(value) for value in told])
                if len(rows) < AT_ONCE and not any(
                    isinstance(value, bytes) and len(value) > LARGE for value in rows[-1]
                ):
                    continue
            counts[table] = counts.get(table, 0) + len(rows)
            _insert(table, columns, rows)
            rows = []
            if isinstance(told, list):
                continue
            if "ids" in told:
                _leap(_numbers(told["ids"]))
            elif "end" in told:
                if {t: n for t, n in _numbers(told["end"]).items() if n} != {t: n for t, n in counts.items() if n}:
                    raise NoBackup("its rows are not as many as it says")
                if next(self._lines, None) is not None:  # the sum over all of it comes behind it, too
                    raise NoBackup("it goes on behind its end")
                return sum(counts.values())
            else:
                table, columns = told.get("table"), told.get("columns")
                if table not in known or not isinstance(columns, list) or set(columns) != known[table]:
                    raise NoBackup(f"{table} has other columns than it says")
        raise NoBackup("it has no end")


def _header(told: Mapping[str, Any]) -> Header:
    """Raises NoBackup, where something of it is not there, or is none of ours."""
    key = told.get("key")
    try:
        at = datetime.fromisoformat(told["at"])
        found = Header(str(told["version"]), at, tuple(map(str, told["migrations"])), str(told["proof"]), key)
    except (LookupError, TypeError, ValueError):
        raise NoBackup("its first line is not whole") from None
    if at.tzinfo is None or not (key is None or (isinstance(key, dict) and {"salt", "locked"} <= set(key))):
        raise NoBackup("its first line is not whole")
    return found


def _lines(packed: gzip.GzipFile) -> Iterator[Any]:
    """Each is an object or the values of a row. Raises NoBackup."""
    try:
        for line in packed:
            told = json.loads(line)
            if not isinstance(told, dict | list):
                raise NoBackup("a line of it is none")
            yield told
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as error:
        raise NoBackup(str(error)) from None


def _bytes_of(value: Any) -> Any:
    if not isinstance(value, dict | list):
        return value
    if not isinstance(value, dict) or not isinstance(value.get("b"), str):
        raise NoBackup("a value of it is none")
    return base64.b64decode(value["b"])


def _numbers(told: Any) -> Mapping[str, int]:
    if not isinstance(told, dict) or not all(type(number) is int for number in told.values()):
        raise NoBackup("what it counts are no numbers")
    return told


def _take_all() -> None:
    """Nobody writes into the tables until this transaction ends; and nothing is in them.

    What a service has noted of itself since it started there goes. Raises NotEmpty where somebody uses it already.
    """
    tables = _tables()
    if not is_sqlite():
        db.execute_sql(f"LOCK TABLE {', '.join(map(_quoted, tables))} IN EXCLUSIVE MODE")
    used = [t for t in IN_USE if db.execute_sql(f"SELECT 1 FROM {_quoted(t)} LIMIT 1").fetchone()]  # noqa: S608
    if used:
        raise NotEmpty(", ".join(used))
    for table in tables:
        db.execute_sql(f"DELETE FROM {_quoted(table)}")  # noqa: S608


def _insert(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    if not rows:
        return
    named = ", ".join(map(_quoted, columns))
    with pw.__exception_wrapper__:  # type: ignore[attr-defined]
        cursor = db.connection().cursor()
        if is_sqlite():
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f"INSERT INTO {_quoted(table)} ({named}) VALUES ({marks})", rows)  # noqa: S608
            return
        with cursor.copy(f"COPY {_quoted(table)} ({named}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _leap(given: Mapping[str, int]) -> None:
    """Ids go on far behind those that were given: a button that the other service sent means no row of this one."""
    tables = set(_tables())
    for table, last in given.items():
        if table not in tables:
            continue
        if not is_sqlite():
            found = "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)"
            db.execute_sql(found, [_quoted(table), last + LEAP])
        else:
            db.execute_sql("DELETE FROM sqlite_sequence WHERE name = ?", [table])
            db.execute_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [table, last + LEAP])


def _tables() -> list[str]:
    """Those that a backup has."""
    return sorted(t for t in set(db.get_tables()) - LEFT_OUT if not t.startswith("sqlite_"))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
