"""The connection to SQLite or PostgreSQL, instants and enums as they are stored, and migrations."""

import fcntl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, overload

import peewee as pw
import structlog
from playhouse import db_url
from playhouse.migrations import Runner
from playhouse.pool import PooledSqliteDatabase

from models.one_writer import OneWriter
from models.pool import SharedPostgres
from models.settings import Settings

db: Any = pw.DatabaseProxy()
MIGRATIONS = Path(__file__).parent / "migrations"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # stored as 0: long ago, never yet
_MICROSECOND = timedelta(microseconds=1)
WAIT_FOR_CONNECTION_S = 10
WAIT_TO_WRITE_S = 15
LONG_LOG = 1000  # rows that were written to SQLite's log since it was copied into the file
LONGEST_LOG = 4000  # pages: then whoever commits copies it at once, while the others wait
TROUBLE = (pw.OperationalError, pw.InterfaceError)  # the database is away, or has no place for us: it may pass
log = structlog.get_logger()
_V = TypeVar("_V")
_E = TypeVar("_E", bound=StrEnum)
_C = TypeVar("_C", bound=str)

if TYPE_CHECKING:  # only the stubs of peewee's fields take a parameter: the type of the column's values
    _BigInteger = pw.BigIntegerField[_V]
    _Text = pw.TextField[_V]
else:
    _BigInteger = {_V: pw.BigIntegerField}
    _Text = {_V: pw.TextField}


class _AfterCommit(threading.local):
    """What is called when the transaction of this thread commits: a set in order for each level of nesting."""

    def __init__(self) -> None:
        self.levels: list[dict[Callable[[], object], None]] = []
        self.copies_later = False


_after = _AfterCommit()


def to_stored(instant: datetime) -> int:
    """An aware instant as the integer microseconds since 1970 that the tables hold."""
    return (instant - EPOCH) // _MICROSECOND


def from_stored(value: int) -> datetime:
    """The aware UTC instant of a stored integer."""
    return EPOCH + timedelta(microseconds=value)


class InstantField(_BigInteger[_V]):
    """An aware UTC datetime, stored as integer microseconds: the same order and the same index everywhere."""

    @overload
    def __init__(self: "InstantField[datetime]", *, null: Literal[False] = False, **options: Any) -> None: ...
    @overload
    def __init__(self: "InstantField[datetime | None]", *, null: Literal[True], **options: Any) -> None: ...
    def __init__(self, *, null: bool = False, **options: Any) -> None:
        super().__init__(null=null, **options)

    def db_value(self, value: Any) -> Any:
        return to_stored(value) if isinstance(value, datetime) else value

    def python_value(self, value: Any) -> Any:
        return from_stored(value) if isinstance(value, int) else value


class EnumField(_Text[_V]):
    """A member of a StrEnum, stored as its text. With `blank`, None is stored as the empty text.

    A text that no member has, written by another release, is read as that text: it equals no member, so no arrow
    leaves from it and no list shows it; written back, it stays. Who must decide by it makes the enum of it
    (`Form(row.form)`), which raises ValueError there and not where the row is read.
    """

    @overload
    def __init__(self: "EnumField[_E]", kind: type[_E], *, blank: Literal[False] = False, **options: Any) -> None: ...
    @overload
    def __init__(self: "EnumField[_E | None]", kind: type[_E], *, blank: Literal[True], **options: Any) -> None: ...
    def __init__(self, kind: type[StrEnum], *, blank: bool = False, **options: Any) -> None:
        super().__init__(**({"default": lambda: None} if blank else {}), **options)
        self._members: dict[str, StrEnum | None] = {member.value: member for member in kind}
        self._blank = blank
        if blank:
            self._members[""] = None

    def db_value(self, value: Any) -> Any:
        if value is None and self._blank:
            return ""
        return value.value if isinstance(value, StrEnum) else value

    def python_value(self, value: Any) -> Any:
        return self._members.get(value, value)

    def __eq__(self, rhs: _V | pw.Node) -> pw.Expression:  # type: ignore[override]
        return super().__eq__("" if rhs is None and self._blank else rhs)

    def __ne__(self, rhs: _V | pw.Node) -> pw.Expression:  # type: ignore[override]
        return super().__ne__("" if rhs is None and self._blank else rhs)

    def in_(self, rhs: Iterable[_V] | pw.Node) -> pw.Expression:
        return pw.Expression(self, pw.OP.IN, rhs if isinstance(rhs, pw.Node) else list(rhs))

    def not_in(self, rhs: Iterable[_V] | pw.Node) -> pw.Expression:
        return pw.Expression(self, pw.OP.NOT_IN, rhs if isinstance(rhs, pw.Node) else list(rhs))

    def literally(self, *members: _V) -> pw.Expression:
        """One of these, written out: a partial index is found by what stands in a statement, not by what is bound.

        SQLite wants what the index says to the letter: its members, in its order.
        """
        values = [f"'{self.db_value(member)}'" for member in members]  # names of ours, never what somebody typed
        if len(values) == 1:
            return pw.Expression(self, pw.OP.EQ, pw.SQL(values[0]))
        return pw.Expression(self, pw.OP.IN, pw.SQL(f"({', '.join(values)})"))

    def is_null(self, is_null: bool = True) -> pw.Expression:
        if not self._blank:
            return super().is_null(is_null)
        return pw.Expression(self, pw.OP.EQ if is_null else pw.OP.NE, "")

    __hash__ = pw.TextField.__hash__


class CodeField(_Text[_V]):
    """A text of a type of its own, such as the code of a rule; None is stored as the empty text."""

    def __init__(self: "CodeField[_C | None]", kind: type[_C], **options: Any) -> None:
        super().__init__(default=lambda: None, **options)
        self._kind = kind

    def db_value(self, value: Any) -> Any:
        return value or ""

    def python_value(self, value: Any) -> Any:
        return self._kind(value) if value else None


_by_id: dict[tuple[type["Table"], type], str] = {}


class Table(pw.Model):
    """All our tables live in the one database."""

    class Meta:
        database = db
        legacy_table_names = False

    @classmethod
    def get_by_id(cls, pk: Any) -> Self:
        """As in peewee, but made SQL of once a table: that takes longer than the database does.

        Raises the table's DoesNotExist.
        """
        key, fields, kind = cls._meta.primary_key, cls._meta.sorted_fields, (cls, type(db.obj))
        if not isinstance(key, pw.Field):  # one of several columns
            return super().get_by_id(pk)
        if kind not in _by_id:
            _by_id[kind] = cls.select().where(key == pk).sql()[0]
        row = db.execute_sql(_by_id[kind], (key.db_value(pk),)).fetchone()  # type: ignore[no-untyped-call]
        if row is None:
            raise cls.DoesNotExist(f"no {cls.__name__} {pk}")  # type: ignore[attr-defined]
        found = cls(__no_default__=1, **{f.name: f.python_value(v) for f, v in zip(fields, row, strict=True)})
        found._dirty.clear()  # type: ignore[attr-defined]
        return found


def open_database(settings: Settings, tenths: int = 10) -> None:
    """Point the tables at the database of these settings. Connections open as threads need them, and are shared.

    A thread has one from its first query until it rests (`rest`). To PostgreSQL this process has so many `tenths` of
    DATABASE_CONNECTIONS, one at least: who finds none free waits, and what it meets where that lasts is TROUBLE.
    """
    path = settings.sqlite_path
    if path is None:
        params = db_url.parse(settings.database_url.get_secret_value())
        name = params.pop("database")
        params = {"connect_timeout": WAIT_FOR_CONNECTION_S, **params}
        most = max(1, settings.database_connections * tenths // 10)
        db.initialize(SharedPostgres(name, most=most, wait_s=WAIT_FOR_CONNECTION_S, prefer_psycopg3=True, **params))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    pragmas = {"journal_mode": "wal", "synchronous": "normal", "foreign_keys": 1, "cache_size": -8000}
    pragmas["wal_autocheckpoint"] = LONGEST_LOG
    db.initialize(PooledSqliteDatabase(str(path), max_connections=None, pragmas=pragmas, check_same_thread=False))
    db.obj.writer = OneWriter(path.with_name(path.name + ".turn"), WAIT_TO_WRITE_S)
    db.obj.timeout = WAIT_TO_WRITE_S  # of what writes without a transaction: the name is the pool's own argument


def is_sqlite() -> bool:
    return isinstance(db.obj, pw.SqliteDatabase)


def clock() -> datetime | None:
    """What PostgreSQL's clock shows, which is the same for all machines; SQLite has none of its own. Raises TROUBLE."""
    if is_sqlite():
        return None
    shown: datetime = db.execute_sql("SELECT clock_timestamp()").fetchone()[0]
    return shown


@contextmanager
def transaction() -> Iterator[None]:
    """A transaction that writes: on SQLite it takes the write lock first, so it never fails half way for one.

    One inside another is a part that can fail by itself; `after_commit` waits for the outermost.
    """
    asked: dict[Callable[[], object], None] = {}
    _after.levels.append(asked)
    try:
        with _turn_to_write():
            yield
    finally:
        _after.levels.pop()
    if _after.levels:
        _after.levels[-1].update(asked)
        return
    for call in asked:
        _call(call)


@contextmanager
def _turn_to_write() -> Iterator[None]:
    if not is_sqlite() or db.in_transaction():
        with db.atomic():
            yield
        return
    connection = db.connection()
    before = connection.total_changes
    with db.obj.writer.turn():
        with db.atomic("IMMEDIATE"):
            yield
        db.obj.writer.wrote(connection.total_changes - before)
    if not _after.copies_later:
        _copy_log()


@contextmanager
def copied_after() -> Iterator[None]:
    """Where SQLite's log gets long by what is written inside, it is copied at the end of this, not of a transaction."""
    _after.copies_later = True
    try:
        yield
    finally:
        _after.copies_later = False
        if is_sqlite():
            _copy_log()


def _copy_log() -> None:
    """Copy SQLite's log into its file where it has become long, while others may write.

    Not after each transaction: whoever writes next to a log that was copied waits for the disk, with the turn to write.
    """
    if not db.obj.writer.is_much(LONG_LOG):
        return
    try:
        db.execute_sql("PRAGMA wal_checkpoint(PASSIVE)")
    except pw.OperationalError as error:  # what was to be written is, all the same
        log.warning("the log of the database is not copied into its file", error=str(error)[:200])


def after_commit(call: Callable[[], object]) -> None:
    """Run `call` once what was just written can be read by all: after the outermost transaction of this thread commits,
    or at once where there is none. Asked for twice it runs once; what is rolled back, also in part, calls nobody.
    """
    if _after.levels:
        _after.levels[-1][call] = None
    else:
        _call(call)


def _call(call: Callable[[], object]) -> None:
    try:
        call()
    except Exception:  # what is written stands: who wrote it must not believe otherwise
        log.exception("a call after the commit failed")


def held_by_others(error: pw.OperationalError) -> bool:
    """Whether PostgreSQL gave up as somebody else holds a row: a lock was not had in time, or never could be."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in ("55P03", "40P01")


def as_tuples(query: Any) -> list[tuple[Any, ...]]:
    """The rows of a query as plain tuples, where thousands are read."""
    return list(query.tuples())


def forget_connection() -> None:
    """Close this thread's connection, and those that nobody uses; the next query opens a new one.

    For after the server went away: each of them would cost somebody a failure.
    """
    if not db.is_closed():
        db.manual_close()
    db.close_idle()


def close_database() -> None:
    """Close every connection of this process."""
    db.close_all()


def rest() -> None:
    """Give this thread's connection back until its next query. For before a wait that is not the database's own.

    Raises peewee's OperationalError in a transaction: nobody waits for X or Telegram in one.
    """
    if not db.is_closed():
        db.close()


@contextmanager
def rested() -> Iterator[None]:
    """A piece of a thread's work: after it the connection is given back, or closed where the database was away."""
    try:
        yield
    except TROUBLE:
        forget_connection()
        raise
    finally:
        rest()


class NewerDatabase(Exception):
    """A later release has brought the database to tables that this one does not know; their names."""

    def __init__(self, unknown: list[str]) -> None:
        super().__init__(", ".join(unknown))
        self.unknown = unknown


def migrate(settings: Settings, *, upto: str | None = None) -> list[str]:
    """Bring the database to today's tables; the names of the migrations that ran. Safe to run twice at once.

    `upto`: only to those of this migration. Raises NewerDatabase, and does nothing then.
    """
    with _one_migrator(settings):
        runner = Runner(db.obj, directory=str(MIGRATIONS), table_name="schema_migration")
        before = set(runner.applied())
        if unknown := sorted(before - {m.name for m in runner.migrations()}):
            raise NewerDatabase(unknown)
        runner.up(upto)
        return sorted(set(runner.applied()) - before)


def known_migrations() -> set[str]:
    """The names of all that this release has."""
    return {file.stem for file in MIGRATIONS.glob("[0-9]*.py")}


def has_tables() -> bool:
    """Whether a migration has run here."""
    return bool(db.table_exists("schema_migration"))


def lacks() -> list[str]:
    """The migrations that the database lacks, all of them where it is empty. Raises NewerDatabase, TROUBLE."""
    known = known_migrations()
    there = has_tables()  # asked without the runner, as each process asks
    applied = {name for (name,) in db.execute_sql("SELECT name FROM schema_migration").fetchall()} if there else set()
    if applied - known:
        raise NewerDatabase(sorted(applied - known))
    return sorted(known - applied)


@contextmanager
def _one_migrator(settings: Settings) -> Iterator[None]:
    if is_sqlite():
        with (settings.data_dir / "migrate.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    db.execute_sql("SELECT pg_advisory_lock(20130314)")
    try:
        yield
    finally:
        db.execute_sql("SELECT pg_advisory_unlock(20130314)")
