"""Forgetting a channel leaves nothing of it, in no table and no file, and its number is never given again."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any

import peewee as pw
import pytest

from engine.roles import May
from engine.x.events import Account
from engine.x.prices import Billed
from models import connecting, retention
from models.accounts import channels, people, team
from models.accounts.channels import Auth, Channel
from models.accounts.chat_keys import ChatKeys
from models.accounts.deeds import Deed
from models.accounts.limits import Allowed
from models.accounts.people import Person
from models.accounts.standings import Admission
from models.accounts.tokens import Tokens
from models.control import errors
from models.control.processes import Kind as ProcessKind
from models.costs import ledger
from models.costs.budgets import Budget
from models.database import CodeField, EnumField, InstantField, Table
from models.database import db as database
from models.notifications import journal
from models.notifications.desks import DeskGroup
from models.publishing.hashtags import Hashtag, HashtagUse
from models.settings import Settings
from models.streaming.messages import Message
from models.streaming.taken_back import TakenBack
from tests import a_year
from tests.conftest import NOW

ANA, BEN = 7, 8
#: Filled by hand, or of nobody's channel.
OF_PEOPLE = {
    "person", "sign_in", "channel", "inbox", "notice_lane", "said_hour", "app_day", "outage", "lease", "process", "watch_stream",
    "taken_back", "heard_author", "admin", "admin_link", "entrance", "all_paused", "admission", "pass", "allowed",
    "credits", "charge", "charge_sum", "charge_day", "billed_read",  # numbers alone: the service has paid them, whoever goes
    "logged_error", "seen_limit",
    "desk_group",  # of Telegram's; it goes a month after its last desk
}  # fmt: skip
_numbers = count(10_000)


def connected(x_id: int, owner: int) -> Channel:
    people.person(owner, "Ana", "es", NOW)
    tokens = Tokens(Auth.OAUTH2, "access", "refresh", expires_at=NOW)
    made = connecting.connect_channel(Account(x_id, f"canal{x_id}", "Canal"), owner, tokens, NOW)
    Budget.delete().where(Budget.person_id == owner).execute()  # what a person may spend, with whatever channels
    return made


def fill(channel: Channel, mark: str) -> None:
    """A row of every table; `mark` is in every text of them."""
    rows: dict[str, int] = {"channel": channel.id}
    waiting = [t for t in connecting.tables() if t._meta.table_name not in OF_PEOPLE]
    for came in (ChatKeys, Deed):  # with the channel
        came.delete().where(came.channel_id == channel.id).execute()
    while waiting:  # what names another row comes after it
        table = next(t for t in waiting if not names_one_of(t, {w._meta.table_name for w in waiting} - {of(t)}))
        waiting.remove(table)
        if (own := table._meta.fields.get("channel_id")) is not None and own.primary_key:  # made as it was connected
            table.delete().where(own == channel.id).execute()
        row = table.insert(**values(table, rows, mark)).execute()
        if "id" in table._meta.fields:
            rows[of(table)] = int(row)
    Person.update(channel_id=channel.id).where(Person.telegram_id == channel.owner_id).execute()


def of(table: type[Table]) -> str:
    return str(table._meta.table_name)


def names_one_of(table: type[Table], names: set[str]) -> bool:
    return any(column.removesuffix("_id") in names for column in table._meta.fields)


def values(table: type[Table], rows: dict[str, int], mark: str) -> dict[str, Any]:
    return {
        name: rows.get(name.removesuffix("_id")) or value(field, mark)
        for name, field in table._meta.fields.items()
        if not isinstance(field, pw.AutoField | pw.BigAutoField)
    }


def value(field: pw.Field, mark: str) -> Any:
    if isinstance(field, EnumField):
        return next(iter(m for m in field._members.values() if m is not None))
    if isinstance(field, CodeField):
        return field._kind(mark)
    if isinstance(field, InstantField):
        return NOW
    if isinstance(field, pw.BooleanField):
        return True
    if isinstance(field, pw.BlobField):
        return mark.encode()
    if isinstance(field, pw.IntegerField | pw.BigIntegerField):
        return next(_numbers)
    return f"{mark}-{next(_numbers)}"


def stored() -> dict[str, list[str]]:
    """Every row of every table, as text, but for who the people are."""
    found = {}
    for table in connecting.tables():
        columns = [f for f in table._meta.sorted_fields if not isinstance(f, InstantField)]
        if table not in (Person, Admission, Allowed):
            found[of(table)] = sorted(map(repr, table.select(*columns).tuples()))
    return found


@pytest.fixture(autouse=True)
def folder(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of each test stand in a folder of its own."""
    monkeypatch.setattr(journal, "settings", lambda: db)


@pytest.fixture
def mine(db: Settings) -> Channel:
    channel = connected(70, ANA)
    fill(channel, "of-ana")
    return channel


@pytest.fixture
def theirs(db: Settings) -> Channel:
    channel = connected(71, BEN)
    fill(channel, "of-ben")
    return channel


def test_nothing_of_a_forgotten_channel_is_in_any_table_and_all_of_the_others_is(theirs: Channel) -> None:
    alone = stored()
    assert all(alone[of(t)] for t in connecting.tables() if of(t) not in OF_PEOPLE)
    mine = connected(70, ANA)
    fill(mine, "of-ana")
    assert all(len(rows) == 2 for name, rows in stored().items() if name not in OF_PEOPLE)
    connecting.forget_channel(mine.id)
    assert stored() == alone
    assert "of-ana" not in repr(stored())
    assert Person.get_by_id(ANA).channel_id is None
    assert Person.get_by_id(BEN).channel_id == theirs.id


def test_much_of_it_goes_in_bites_before_the_rest(
    mine: Channel, theirs: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for figure in ("FIRST", "LEAST", "MOST"):
        monkeypatch.setattr(connecting, figure, 2)
    a_year.fill([mine.id, theirs.id], NOW, 1, 14)
    connecting.forget_channel(mine.id)
    assert Message.select().where(Message.channel_id == theirs.id).count() == 7 + 1
    assert Message.select().count() == 7 + 1
    assert "of-ana" not in repr(stored())


def test_what_belongs_to_a_channel_is_found_by_an_index_with_every_bite(db: Settings) -> None:
    if db.sqlite_path is None:
        pytest.skip("PostgreSQL chooses by what is in the tables")
    for table, theirs in connecting.belonging(1):
        sql, bound = table.delete().where(theirs).sql()
        plan = [step for *_, step in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", bound).fetchall()]
        assert of(table) == "planned_hour" or not any("SCAN" in step for step in plan), (of(table), plan)


def test_uses_of_hashtags_go_even_where_only_one_side_of_them_is_left(mine: Channel, theirs: Channel) -> None:
    assert HashtagUse.select().count() == 2
    Hashtag.delete().where(Hashtag.channel_id == mine.id).execute()
    connecting.forget_channel(mine.id)
    assert HashtagUse.select().count() == 1


def test_the_files_of_a_forgotten_channel_go_with_the_rotated_ones_and_no_others(
    mine: Channel, theirs: Channel
) -> None:
    path = journal.file_of(mine.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    others = [journal.file_of(theirs.id), journal.file_of(mine.id * 10), journal.file_of(mine.id * 10 + 1)]
    for file in (path, path.with_name(path.name + ".1"), path.with_name(path.name + ".2"), *others):
        file.write_text("a line")
    connecting.forget_channel(mine.id)
    assert sorted(path.parent.iterdir()) == sorted(others)


def test_a_channel_that_is_connected_by_another_owner_begins_with_nothing(mine: Channel, theirs: Channel) -> None:
    connecting.disconnect_channel(mine.id)
    again = connected(70, BEN)
    assert again.id != mine.id
    assert channels.channels_of(ANA) == team.channels_where(ANA, May.READ) == []
    assert channels.owner_of(mine.id) not in (ANA, BEN)
    assert connecting.let_go() == [mine.id]
    bites = retention.bites(NOW)
    assert next(bites).gone > 0
    del bites  # whoever was at it dies
    assert "of-ana" in repr(stored())
    assert "channels" in {taken.what for taken in retention.bites(NOW)}
    assert "of-ana" not in repr(stored())
    assert connecting.let_go() == []
    assert Channel.get_by_id(again.id).owner_id == BEN


def test_an_owner_who_comes_back_after_another_begins_with_nothing_too(mine: Channel) -> None:
    connecting.disconnect_channel(mine.id)
    connecting.disconnect_channel(connected(70, BEN).id)
    assert connected(70, ANA).id not in (mine.id, *connecting.let_go())
    assert len(connecting.let_go()) == 2


# --- numbers -------------------------------------------------------------------------------------------------------


def numbered() -> Iterator[type[Table]]:
    for table in connecting.tables():
        if isinstance(table._meta.primary_key, pw.AutoField | pw.BigAutoField):
            yield table


def test_no_number_is_given_twice(mine: Channel) -> None:
    tried = 0
    TakenBack.insert(x_id=1, author_id=1, at=NOW).execute()
    ledger.charge(mine.id, Billed.POST, NOW)
    DeskGroup.insert(chat_id=-1001, seen_at=NOW).execute()
    errors.keep(ProcessKind.WEB, "pi", [errors.Seen("broke", "", 1)], NOW)
    for table in list(numbered()):
        key: Any = table._meta.primary_key
        row: Any = table.select().order_by(key.desc()).dicts().get()
        last = row.pop(key.name)
        table.delete().where(key == last).execute()
        again = {**row, "x_user_id": next(_numbers)} if table is Channel else row
        made = int(table.insert(**again).execute())
        assert made > last, of(table)
        tried += 1
    assert tried > 10


def test_a_new_channel_has_neither_the_number_nor_the_journal_of_the_one_before(mine: Channel) -> None:
    path = journal.file_of(mine.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a line of Ana's\n")
    connecting.forget_channel(mine.id)
    new = connected(72, BEN)
    assert new.id > mine.id
    assert not journal.file_of(new.id).exists()
    assert journal.last_lines(new.id, 10) == []
    assert isinstance(new.created_at, datetime)


def test_every_table_belongs_to_a_channel_or_is_known_not_to(db: Settings) -> None:
    """A table whose rows hang on a channel by another name than `<table>_id` would be left behind."""
    belongs = {of(table) for table, _ in connecting.belonging(1)}
    assert {of(t) for t in connecting.tables()} - belongs == OF_PEOPLE
