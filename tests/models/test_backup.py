"""A backup holds what was so at one instant, whatever is written meanwhile, and either database takes it back."""

import contextlib
import gzip
import io
import json
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from engine import posts
from engine.media import MediaKind
from engine.moderation import Form
from models import backup, database, restoring, vault
from models.accounts.channels import Channel
from models.aside import Place, SetAside
from models.backup import Backup, NewerBackup, NoBackup, NotEmpty, OlderTables
from models.database import db as tables
from models.database import rested, transaction
from models.notifications import journal, notices
from models.notifications.journal import Entry, JournalEntry
from models.notifications.kinds import Stopped
from models.notifications.notices import Notice
from models.publishing import placing
from models.publishing.media import Media
from models.publishing.tweets import Tweet
from models.settings import Settings, load
from models.settings import settings as of_process
from tests.channels import connected
from tests.conftest import NOW

LATER = NOW + timedelta(minutes=3)


@pytest.fixture
def elsewhere(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Settings]:
    """Goes to another machine, whose database has nothing in it, not even tables."""

    def go() -> Settings:
        database.close_database()
        if getattr(request, "param", "") == "to postgres":
            server = request.getfixturevalue("postgres_server")
            monkeypatch.setenv("DATABASE_URL", server.empty(f"elsewhere_{request.getfixturevalue('worker_id')}"))
        else:
            monkeypatch.setenv("DATABASE_URL", "")
        monkeypatch.setenv("DATA_DIR", str(tmp_path / "elsewhere"))
        there = load()
        database.open_database(there)
        return there

    return go


@pytest.fixture(autouse=True)
def _key() -> Iterator[None]:
    of_process.cache_clear()
    yield
    of_process.cache_clear()


def made(settings: Settings) -> bytes:
    file = io.BytesIO()
    backup.write(settings, file, "1.2.0", NOW, None)
    return file.getvalue()


def all_rows() -> dict[str, list[tuple[object, ...]]]:
    """What each table holds, but for what the place has of its own."""
    held = {}
    for name in set(tables.get_tables()) - backup.LEFT_OUT - {"sqlite_sequence"}:
        columns = ", ".join(f'"{column}"' for column in sorted(c.name for c in tables.get_columns(name)))
        rows = tables.execute_sql(f'SELECT {columns} FROM "{name}"').fetchall()
        held[name] = sorted(
            (tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows), key=repr
        )
    return {name: rows for name, rows in held.items() if rows}


@pytest.mark.parametrize("elsewhere", ["to sqlite", "to postgres"], indirect=True)
def test_all_of_it_is_there_again_on_either_database(db: Settings, elsewhere: Callable[[], Settings]) -> None:
    channel = connected()
    Media.create(
        channel_id=channel.id, kind=MediaKind.PHOTO, mime="image/png", size=3, content=b"\0\xff\x01", created_at=NOW
    )
    placing.say_now(channel.id, 7, posts.plain("vía 🚧 cerrada\n\\N \t “así”"), NOW, fresh=timedelta(days=1))
    before, file = all_rows(), made(db)
    gone = Tweet.create(channel_id=channel.id, form=Form.COPY, due_at=NOW, fresh_until=NOW)
    there = elsewhere()
    database.migrate(there)
    SetAside.create(place=Place.JOB, item="x", reason="as of a service that has just started there", at=LATER)
    assert restoring.restore(Backup(io.BytesIO(file)), there, LATER) == sum(map(len, before.values()))
    assert not database.lacks()
    back = Channel.get()
    assert (back.backed_up_at, back.restored_at, back.restored_tweet) == (NOW, LATER, Tweet.get().id)
    assert vault.unseal(back.access_token) == "access-trafico"
    Channel.update(backed_up_at=None, restored_at=None, restored_tweet=0).execute()
    Notice.update(doubtful=False).execute()
    assert all_rows() == before
    assert Tweet.create(channel_id=channel.id, form=Form.COPY, due_at=NOW, fresh_until=NOW).id > gone.id + 1000


def test_it_is_of_one_instant_while_others_write(db: Settings, elsewhere: Callable[[], Settings]) -> None:
    channel, file = connected(), io.BytesIO()
    stop, wrote = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            with rested(), transaction():  # both or none
                journal.note([Entry(channel.id, NOW, "sent", {"n": number})])
                Tweet.create(channel_id=channel.id, form=Form.COPY, text=str(number), due_at=NOW, fresh_until=NOW)
            number += 1
            if number > 20:
                wrote.set()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    wrote.wait()
    backup.write(db, file, "1.2.0", NOW, None)
    at_end = Tweet.select().count()
    stop.set()
    for writer in writers:
        writer.join()
    there = elsewhere()
    restoring.restore(Backup(io.BytesIO(file.getvalue())), there, LATER)
    assert 20 < Tweet.select().count() <= at_end
    assert Tweet.select().count() == JournalEntry.select().count()


def test_what_is_torn_or_changed_or_no_backup_leaves_nothing_behind(
    db: Settings, elsewhere: Callable[[], Settings]
) -> None:
    placing.say_now(connected().id, 7, posts.plain("hola"), NOW, fresh=timedelta(days=1))
    file = made(db)
    lines = gzip.decompress(file).splitlines(keepends=True)
    there = elsewhere()
    for bad in (
        b"", b"hola", file[: len(file) // 2], file[:-9], gzip.compress(b"[]"), gzip.compress(b"".join(lines[:-1])),
        gzip.compress(b"".join(line for line in lines if b"hola" not in line)),
    ):  # fmt: skip
        with pytest.raises(NoBackup):
            restoring.restore(Backup(io.BytesIO(bad)), there, LATER)
    assert not database.has_tables() or not all_rows()
    restoring.restore(Backup(io.BytesIO(file)), there, LATER)
    with pytest.raises(NotEmpty, match="channel"):
        restoring.restore(Backup(io.BytesIO(file)), there, LATER)


@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)
def test_a_release_that_comes_meanwhile_leaves_no_backup_of_two(db: Settings) -> None:
    class Late(io.BytesIO):
        def write(self, some: Any, /) -> int:
            if len(some) > 100 and not self.tell() > 10_000:  # not the head of the packing, nor the end
                tables.execute_sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2030-01-01')")
            return super().write(some)

    content = Random(1).randbytes(2**18)
    Media.create(
        channel_id=1, created_at=NOW, kind=MediaKind.PHOTO, mime="image/png", size=len(content), content=content
    )
    with pytest.raises(database.TROUBLE, match="a release"):
        backup.write(db, Late(), "1.2.0", NOW, None)


@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)
def test_a_bit_that_fell_over_anywhere_and_lines_of_others_are_no_backup(
    db: Settings, elsewhere: Callable[[], Settings]
) -> None:
    for number in range(5):
        placing.say_now(
            connected(handle=f"c{number}").id, 7, posts.plain(f"hola {number}"), NOW, fresh=timedelta(days=1)
        )
    file, random = made(db), Random(3)
    first, *rest = gzip.decompress(file).splitlines(keepends=True)
    there = elsewhere()
    fallen = []
    for _ in range(60):
        one = bytearray(file)
        one[random.randrange(10, len(one))] ^= 1 << random.randrange(8)
        with contextlib.suppress(OSError, EOFError, zlib.error):
            if gzip.decompress(one) == first + b"".join(rest):  # the few bits that say nothing
                continue
        fallen.append(bytes(one))
    told = json.loads(first)
    heads = [{k: v for k, v in told.items() if k != name} for name in ("version", "at", "migrations", "proof")]
    wrong: tuple[dict[str, object], ...] = (
        {"at": "x"}, {"at": "2026-01-01"}, {"migrations": 5}, {"key": {}}, {"key": "x"},
    )  # fmt: skip
    heads += [{**told, **one} for one in wrong]
    lines = (
        b"5", b"null", b"{}", b"[[]]", b'[{"c":1}]', b"[" * 100_000, b'{"table":"nope","columns":["a"]}', b'{"table":5}',
        b'{"table":"channel","columns":["id"]}\n[1]', b'{"ids":5}', b'{"ids":{"tweet":"x"}}', b'{"end":[]}',
    )  # fmt: skip
    others = [json.dumps(head).encode() + b"\n" + b"".join(rest) for head in heads]
    others += [first + line + b"\n" + b"".join(rest) for line in lines]
    others.append(first + b"".join(rest).replace(b"hola 1", b"hola \\ud800"))
    others.append(first + b"".join(rest).replace(b"[1,", b"[2,"))
    for bad in (*fallen, *(gzip.compress(other, 1) for other in others)):
        with pytest.raises(NoBackup):
            restoring.restore(Backup(io.BytesIO(bad)), there, LATER)
    assert not database.has_tables() or not all_rows()


@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)
def test_a_newer_backup_is_refused_and_an_older_one_needs_a_place_without_tables(db: Settings) -> None:
    header = json.loads(gzip.decompress(made(db)).splitlines()[0])
    newer = {**header, "migrations": [*header["migrations"], "9999_later"]}
    for told in (newer, {**header, "canales": 2}):
        with pytest.raises(NewerBackup):
            Backup(io.BytesIO(gzip.compress(json.dumps(told).encode())))
    older = {**header, "migrations": [m for m in header["migrations"] if m[:4] <= "0047"]}
    if older != header:
        with pytest.raises(OlderTables):
            Backup(io.BytesIO(gzip.compress(json.dumps(older).encode()))).into(db, lambda: None)


@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)
def test_the_key_is_in_it_only_where_it_is_locked_up(db: Settings) -> None:
    connected()
    key = of_process().secret_keys()[0]
    file, locked = io.BytesIO(), vault.lock_up("una frase")
    backup.write(db, file, "1.2.0", NOW, locked)
    plain = gzip.decompress(file.getvalue())
    assert key.encode() not in plain
    assert b"access-trafico" not in plain
    header = Backup(io.BytesIO(file.getvalue())).header
    assert header.key is not None
    assert vault.take_out(header.key, "una frase") == key
    with pytest.raises(vault.WrongKey):
        vault.take_out(header.key, "otra")


@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)
def test_whether_a_key_fits_is_known_before_anything_is_put_back(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    header = Backup(io.BytesIO(made(db))).header
    assert header.fits()
    monkeypatch.setenv("SECRET_KEY", "another-key-that-is-long-enough")
    of_process.cache_clear()
    assert not header.fits()


@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)
def test_what_waited_to_be_told_says_that_it_may_have_been(db: Settings, elsewhere: Callable[[], Settings]) -> None:
    channel = connected()
    notices.tell(7, Stopped(1, NOW), NOW, channel_id=channel.id)
    file = made(db)
    restoring.restore(Backup(io.BytesIO(file)), elsewhere(), LATER)
    assert [n.doubtful for n in Notice.select()] == [True]
