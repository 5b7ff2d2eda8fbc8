"""What is forgotten is gone: every row of every table that belongs to a channel, and its id with it."""

from typing import Any

import peewee as pw
import pytest

from engine.x.events import Account
from models import connecting, database
from models.accounts.channels import Auth, Channel
from models.accounts.people import Person
from models.accounts.tokens import Tokens
from models.database import EnumField, InstantField
from models.settings import Settings
from tests.conftest import NOW

OF_NO_CHANNEL = {"Channel", "Person", "SignIn"}


def connected_and_filled(x_user_id: int, person: int) -> Channel:
    """A channel with a row in every table that has any of its rows; what hangs on other rows comes after them."""
    tokens = Tokens(Auth.OAUTH1, "", access_secret="")
    channel = connecting.connect_channel(Account(x_user_id, f"c{x_user_id}", "C"), person, tokens, NOW)
    tables = [t for t in connecting.tables() if t.__name__ not in OF_NO_CHANNEL]
    made: dict[str, int] = {}
    for table in sorted(tables, key=lambda t: "channel_id" not in t._meta.fields):
        values = {name: _some(field, channel.id) for name, field in table._meta.fields.items() if name != "id"}
        if "channel_id" not in values:
            values |= {f"{name}_id": made[name] for name in made if f"{name}_id" in values}
        table.insert(**values).execute()
        if "id" in table._meta.fields:
            made[table._meta.table_name] = table.select(pw.fn.MAX(table._meta.fields["id"])).scalar()
    return channel


def _some(field: Any, channel_id: int) -> Any:
    """A value that no other channel's row has."""
    if isinstance(field, EnumField):
        return next(member for member in field._members.values() if member is not None)
    if isinstance(field, InstantField):
        return NOW
    return channel_id if isinstance(field, pw.IntegerField) else f"{channel_id}"


def everything() -> dict[str, list[Any]]:
    return {t.__name__: sorted(t.select().tuples(), key=str) for t in connecting.tables() if t is not Person}


def test_nothing_is_left_of_a_channel_in_any_table_and_nothing_of_another_goes(db: Settings) -> None:
    connected_and_filled(70, 7)
    before = everything()
    assert [name for name, rows in before.items() if not rows] == ["SignIn"]
    gone = connected_and_filled(90, 8)
    assert everything() != before
    connecting.forget_channel(gone.id)
    assert everything() == before


@pytest.mark.parametrize("fresh", ["sqlite"], indirect=True)
def test_no_table_gives_an_id_twice(db: Settings) -> None:
    made = dict(database.db.execute_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())
    counted = [t._meta.table_name for t in connecting.tables() if isinstance(t._meta.primary_key, pw.AutoField)]
    assert len(counted) > 10
    assert [name for name in counted if "AUTOINCREMENT" not in made[name]] == []


def test_who_connects_next_does_not_get_the_id_of_what_was_forgotten(db: Settings) -> None:
    tokens = Tokens(Auth.OAUTH1, "", access_secret="")
    first = connecting.connect_channel(Account(70, "uno", "Uno"), 7, tokens, NOW)
    connecting.forget_channel(first.id)
    assert connecting.connect_channel(Account(90, "dos", "Dos"), 8, tokens, NOW).id > first.id


def test_every_table_belongs_to_a_channel_or_is_known_not_to(db: Settings) -> None:
    """A table whose rows hang on a channel by another name than `<table>_id` would be left behind."""
    belongs = {table.__name__ for table, _ in connecting.belonging(1)}
    assert {t.__name__ for t in connecting.tables()} - belongs == OF_NO_CHANNEL
