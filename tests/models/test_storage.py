"""Migrations, settings and the vault, on SQLite and PostgreSQL."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import peewee as pw
import pytest
from playhouse.migrations import Runner

from engine import composing, posts
from engine.hashtags import SCHEDULED_TOO
from engine.moderation import KeywordRole
from engine.moderation.filters import NO_LINKS
from engine.moderation.hours import HOURS_ON
from engine.x.events import Account
from models import bulk, choosing, connecting, database, vault
from models.accounts import choices, people, tokens
from models.accounts.channels import Auth, Channel
from models.accounts.tokens import Tokens
from models.moderation import judging, lists
from models.scheduling import schedules
from models.settings import BadSettings, Settings, load
from models.streaming import messages
from tests.conftest import NOW


def columns(table: type[pw.Model]) -> set[tuple[str, bool]]:
    found = database.db.get_columns(table._meta.table_name)
    return {(c.name, c.null) for c in found}


def test_migrations_make_the_tables_that_the_models_declare(db: Settings) -> None:
    for table in connecting.tables():
        declared = {(f.column_name, f.null) for f in table._meta.sorted_fields}
        assert columns(table) == declared, table.__name__


def test_migrations_run_once_in_order(fresh: Settings) -> None:
    done = database.migrate(fresh)
    assert done == sorted(done)
    assert len(done) == len(list(database.MIGRATIONS.glob("[0-9]*.py")))
    assert database.migrate(fresh) == []


def stored_then(row: database.Table) -> None:
    """Store a row with the columns that there are, which may be those of an older release."""
    table = type(row)
    there = {name for name, _ in columns(table)}
    fields = [f for f in table._meta.sorted_fields if f.name in there and getattr(row, f.name) is not None]
    values = [f.db_value(getattr(row, f.name)) for f in fields]
    marks = ", ".join([database.db.param] * len(values))
    names = ", ".join(f.column_name for f in fields)
    database.db.execute_sql(f"INSERT INTO {table._meta.table_name} ({names}) VALUES ({marks})", values)


def connected_then() -> Channel:
    """A channel, with its owner, as an older release stored them."""
    stored_then(people.Person(telegram_id=7, name="Ana", language="es", created_at=NOW))
    made = Channel(x_user_id=70, owner_id=7, handle="trafico", access_token=vault.seal("a"), created_at=NOW)
    stored_then(made)
    made.id = database.db.execute_sql("SELECT id FROM channel").fetchone()[0]
    return made


def test_a_filled_database_is_upgraded_in_place(fresh: Settings) -> None:
    runner = Runner(database.db.obj, directory=str(database.MIGRATIONS), table_name="schema_migration")
    runner.up(target="0001_channels")
    channel = connected_then()
    assert database.migrate(fresh)
    assert Channel.get_by_id(channel.id).handle == "trafico"
    assert vault.unseal(Channel.get_by_id(channel.id).access_token) == "a"
    assert lists.keywords(channel.id, KeywordRole.TRIGGER) == []


def test_messages_and_keywords_of_the_first_release_are_upgraded_in_place(fresh: Settings) -> None:
    runner = Runner(database.db.obj, directory=str(database.MIGRATIONS), table_name="schema_migration")
    runner.up(target="0002_messages")
    channel = connected_then()
    db = database.db
    db.execute_sql(
        f"INSERT INTO keyword (channel_id, role, text, pattern) VALUES ({channel.id}, 'trigger', 'choque', ' choque ')"
    )
    at = database.to_stored(NOW)
    db.execute_sql(
        "INSERT INTO message (channel_id, kind, x_id, sender_id, sender_handle, sender_name, text, at, heard_at, status,"
        f" rule, evidence) VALUES ({channel.id}, 'mention', 900, 5, 'pepe', 'Pepe', 'un choque', {at}, {at}, 'received',"
        " '', '')"
    )
    assert "0003_moderation" in database.migrate(fresh)
    (waiting,) = messages.waiting(10)
    assert (waiting.said.origin, waiting.edited) == (900, False)
    rules = judging.load_rules(Channel.get_by_id(channel.id))
    outcome = judging.judge([(waiting, rules, rules.ruleset.read(waiting.said))], NOW)
    assert len(outcome.queued) == 1


def test_schedules_of_the_third_release_say_the_same_after_the_upgrade(fresh: Settings) -> None:
    runner = Runner(database.db.obj, directory=str(database.MIGRATIONS), table_name="schema_migration")
    runner.up(target="0005_hashtags")
    channel = connected_then()
    database.db.execute_sql(
        "INSERT INTO schedule (channel_id, person_id, texts, language, rules, starts, last, used, grace_s, status,"
        f" next_wall, in_queue, created_at) VALUES ({channel.id}, 7, '[\"uno\", \"dos — 2\"]', 'es', '', '2026-12-24T20:00:00',"
        f" '', 0, 900, 'on', '2026-12-24T20:00:00', {'0' if database.is_sqlite() else 'false'}, 0)"
    )
    assert database.migrate(fresh) == sorted(p.stem for p in database.MIGRATIONS.glob("[0-9]*.py"))[5:]
    (item,) = schedules.of_channel(channel.id)
    assert item.threads == [posts.plain("uno"), posts.plain("dos — 2")]


def test_switches_of_the_release_before_stand_as_they_stood_after_the_upgrade(fresh: Settings) -> None:
    runner = Runner(database.db.obj, directory=str(database.MIGRATIONS), table_name="schema_migration")
    runner.up(target="0008_drawn_notices")
    channel = connected_then()
    turned = {"senders_on": False, "no_links": True, "hours_on": True, "fallback": False, "hashtags_scheduled": True}
    names, values = ", ".join(turned), ", ".join(str(on).upper() for on in turned.values())
    database.db.execute_sql(
        f"INSERT INTO channel_policy (channel_id, zone, burst_most, burst_minutes, triggers_on, filters_on,"
        " followers_only, no_media, no_sensitive, repeats_on, near, outside, mention_hours, dm_hours, review,"
        f" mention_form, credit, calm_capitals, hashtags_each, slots, {names}) VALUES ({channel.id}, 'Europe/Madrid', 5,"
        " 10, TRUE, TRUE, FALSE, FALSE, FALSE, TRUE, 80, 'wait', 'mon 6-7', '', 'off', 'copy', '{text}', FALSE, 2, '',"
        f" {values})"
    )
    assert database.migrate(fresh)
    kept = choices.values_of(channel.id)
    assert {name: kept[name] for name in choices.SWITCHES} == {
        name: turned.get(name, switch.default) for name, switch in choices.SWITCHES.items()
    }
    assert (kept["zone"], kept["mention_hours"], kept["hashtags_each"]) == ("Europe/Madrid", "mon 6-7", 2)
    choosing.choose(channel.id, NOW, senders_on=True, zone="UTC")
    policy = choices.choices(Channel.get_by_id(channel.id)).policy
    assert policy.turned == {NO_LINKS, HOURS_ON, composing.FALLBACK, SCHEDULED_TOO}


def test_a_switch_that_no_rule_knows_any_more_is_left_alone(db: Settings) -> None:
    channel = connected_then()
    choices.ChannelSwitch.insert(channel_id=channel.id, name="of_old", is_on=True).execute()
    assert choices.choices(channel).policy.turned == frozenset()
    assert "of_old" not in choices.values_of(channel.id)


def test_instants_come_back_as_they_were_stored(db: Settings) -> None:
    people.person(7, "Ana", "es", NOW)
    assert people.Person.get_by_id(7).created_at == NOW
    assert database.from_stored(database.to_stored(NOW)) == NOW


def test_tokens_are_encrypted_at_rest_and_in_no_repr(db: Settings) -> None:
    channel = connecting.connect_channel(
        Account(70, "trafico", "T"), 7, Tokens(Auth.OAUTH2, "secret-access", "secret-refresh", expires_at=NOW), NOW
    )
    stored = str(database.db.execute_sql("SELECT * FROM channel").fetchall())
    assert "secret-access" not in stored
    assert "secret-refresh" not in stored
    assert "secret" not in repr(channel) + repr(Tokens(Auth.OAUTH2, "secret-access"))


def test_the_key_is_rotated_without_reconnecting(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = connecting.connect_channel(
        Account(70, "trafico", "T"), 7, Tokens(Auth.OAUTH2, "access-1", "refresh-1", expires_at=NOW), NOW
    )

    def with_keys(value: str) -> None:
        monkeypatch.setenv("SECRET_KEY", value)
        monkeypatch.setattr(vault, "settings", load)

    with_keys("a-brand-new-key-of-ours,a-key-for-the-tests-of-canales")
    assert vault.unseal(Channel.get_by_id(channel.id).access_token) == "access-1"
    assert tokens.rotate_keys() == 1
    with_keys("a-brand-new-key-of-ours")
    assert vault.unseal(Channel.get_by_id(channel.id).refresh_token) == "refresh-1"
    with_keys("somebody-elses-key-entirely")
    with pytest.raises(vault.WrongKey):
        vault.unseal(Channel.get_by_id(channel.id).access_token)


def test_a_token_that_cant_be_read_keeps_no_other_from_being_rotated(
    db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (
        connecting.connect_channel(
            Account(x_id, f"canal{x_id}", "T"), 7, Tokens(Auth.OAUTH2, "access", "refresh", expires_at=NOW), NOW
        )
        for x_id in (70, 71)
    )
    Channel.update(access_token="sealed under a key that is lost").where(Channel.id == first.id).execute()
    monkeypatch.setenv("SECRET_KEY", "a-brand-new-key-of-ours,a-key-for-the-tests-of-canales")
    monkeypatch.setattr(vault, "settings", load)
    with pytest.raises(vault.WrongKey):
        tokens.rotate_keys()
    monkeypatch.setenv("SECRET_KEY", "a-brand-new-key-of-ours")
    assert vault.unseal(Channel.get_by_id(second.id).refresh_token) == "refresh"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ADMIN_IDS", "hunter2", "ADMIN_IDS=123456789"),
        ("PORT", "99999", "PORT=8080"),
        ("X_API_URL", "hunter2.example", "X_API_URL=https://api.x.com"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x", "postgresql://"),
        ("REDIS_URL", "hunter2:6379", "redis://"),
        ("SECRET_KEY", "hunter2", "at least 16 characters"),
    ],
)
def test_a_bad_setting_is_named_with_an_example_and_never_repeated(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as refused:
        load()
    (problem,) = refused.value.problems
    assert problem.startswith(name)
    assert said in problem
    assert value not in problem


def test_a_secret_key_is_made_once_and_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SECRET_KEY", "")
    first = load().secret_keys()
    assert load().secret_keys() == first
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_the_folder_is_its_owners_alone_also_one_that_was_wider(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made, wide = tmp_path / "made" / "here", tmp_path / "wide"
    wide.mkdir(mode=0o755)
    for folder in (made, wide):
        monkeypatch.setenv("DATA_DIR", str(folder))
        load()
        assert folder.stat().st_mode & 0o777 == 0o700


def test_settings_keep_their_secrets_out_of_their_repr(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("X_CLIENT_SECRET", "very-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@h/d")
    assert "very-secret" not in repr(load())
    assert "hunter2" not in repr(load())


def test_a_link_to_the_bot_leads_to_the_telegram_that_the_bot_speaks_with(tmp_path: Path) -> None:
    official, own = Settings(data_dir=tmp_path), Settings(telegram_api_url="http://127.0.0.1:8000/telegram")
    assert official.link_to("CanalesBot", start="team-a_b-1") == "https://t.me/CanalesBot?start=team-a_b-1"
    assert (
        own.link_to("CanalesBot", startgroup="desk-7")
        == "http://127.0.0.1:8000/telegram/me/CanalesBot?startgroup=desk-7"
    )


def test_after_trouble_no_broken_connection_is_left_for_the_next(db: Settings) -> None:
    def use() -> None:
        database.db.execute_sql("SELECT 1")
        both.wait(10)
        database.rest()

    both = threading.Barrier(2)
    with ThreadPoolExecutor(2) as others:
        list(others.map(lambda _: use(), range(2)))
    idle = database.db._connections if db.sqlite_path is not None else database.db._idle
    for kept in list(idle):
        kept[-1].close() if db.sqlite_path is not None else kept[0].pgconn.finish()
    database.forget_connection()
    assert not (database.db._connections if db.sqlite_path is not None else database.db._idle)
    database.db.execute_sql("SELECT 1")


def test_many_rows_at_once_meet_the_errors_that_one_row_meets(db: Settings) -> None:
    with pytest.raises(pw.IntegrityError), database.transaction():
        bulk.execute_many("INSERT INTO journal_entry (channel_id) VALUES (?)", [(None,)])
