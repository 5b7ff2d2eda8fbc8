"""A filled database of the release before is upgraded in place: drafts and undo are lost at most, and nothing else."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import peewee as pw
import pytest

from bot import wings
from bot.chat.language import Speaker
from bot.notifications.drawing import drawn
from engine import hashtags as rules
from engine.moderation import MessageKind
from engine.moderation.hours import HOURS_ON
from engine.moderation.standing import Standing
from engine.timetable import ALWAYS, Timetable
from engine.x.events import Account
from models import connecting, database, vault
from models.accounts import choices
from models.accounts.channels import Auth, Channel
from models.accounts.standings import Admission
from models.accounts.standings import Standing as AtDoor
from models.accounts.tokens import Tokens
from models.costs import ledger
from models.database import EPOCH, EnumField
from models.moderation import judging, review, senders
from models.notifications import journal
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice, NoticeStatus
from models.publishing import hashtags, hours, media, placing, settling, taking_back
from models.publishing.tweets import Tweet, TweetStatus
from models.scheduling import planning, schedules
from models.settings import Settings, load
from models.streaming import messages
from models.streaming.messages import Message
from tests.models import release_1_2

STOPPED = datetime(2026, 11, 25, 18, 14, tzinfo=UTC)
TRAFICO, LLUVIA, JOAN = 1, 2, 4
ANA, BEN = 1001, 1002
ONLY_IN_THE_OLD = {"snapshot"}  # the undo of an import
SWITCHES = {
    "senders_on", "followers_only", "triggers_on", "filters_on", "no_links", "no_media", "no_sensitive", "repeats_on",
    "hours_on", "fallback", "calm_capitals", "hashtags_scheduled",
}  # fmt: skip


_upgraded: dict[str, bytes] = {}  # the file of SQLite


@pytest.fixture(scope="module")
def untouched() -> set[str]:
    """Has `postgres` in it while that database is as `upgraded` made it: nobody has written to it since."""
    return set()


@pytest.fixture
def old(fresh: Settings, untouched: set[str]) -> Settings:
    """The database as the release before left it."""
    untouched.clear()
    release_1_2.load()
    return fresh


@pytest.fixture
def upgraded(request: pytest.FixtureRequest, opened: Settings, untouched: set[str]) -> Settings:
    """That database, upgraded: made once of each kind, on PostgreSQL anew when somebody has written to it."""
    path = opened.sqlite_path
    if path is not None and _upgraded:
        path.write_bytes(_upgraded["sqlite"])
    elif path is not None or "postgres" not in untouched:
        database.migrate(request.getfixturevalue("old"))
        if path is not None:
            database.forget_connection()  # what stands in its log goes into the file
            _upgraded["sqlite"] = path.read_bytes()
        else:
            untouched.add("postgres")
    return opened


@pytest.fixture
def to_change(upgraded: Settings, untouched: set[str]) -> Settings:
    """The same, for who writes to it."""
    untouched.clear()
    return upgraded


# --- the rows ------------------------------------------------------------------------------------------------


def test_every_row_is_there_as_it_was(upgraded: Settings) -> None:
    was, now = release_1_2.as_it_was(), release_1_2.as_it_is()
    assert set(was) - set(now) == ONLY_IN_THE_OLD
    known = {t["id"] for t in was["hashtag"]}
    for row in was["person"]:
        row["dialogue"] = ""
    was["hashtag_use"] = [u for u in was["hashtag_use"] if u["hashtag_id"] in known]
    for name in set(was) - ONLY_IN_THE_OLD - {"channel_policy", "schema_migration"}:
        there = [{column: row[column] for column in was[name][0]} for row in now[name]]
        assert sorted(there, key=repr) == sorted(was[name], key=repr), name


def test_what_was_spent_before_there_was_a_ledger_is_in_it(upgraded: Settings) -> None:
    was = {t["id"]: t for t in release_1_2.as_it_was()["tweet"] if t["sent_at"]}
    assert sum(t["cost"] for t in was.values()) > 0
    for channel_id in {t["channel_id"] for t in was.values()}:
        spent = ledger.spent(EPOCH, STOPPED + timedelta(days=30), channel_id)
        assert spent == sum(t["cost"] for t in was.values() if t["channel_id"] == channel_id)


def test_whoever_owned_a_channel_is_in_and_nobody_else(upgraded: Settings) -> None:
    owners = {row["owner_id"] for row in release_1_2.as_it_was()["channel"]}
    assert {row.person_id: row.standing for row in Admission.select()} == dict.fromkeys(owners, AtDoor.IN)


def test_choices_stand_as_they_stood(upgraded: Settings) -> None:
    for row in release_1_2.as_it_was()["channel_policy"]:
        kept = choices.values_of(row["channel_id"])
        assert {name: kept[name] for name in SWITCHES} == {name: bool(row[name]) for name in SWITCHES}
        others = set(row) - SWITCHES - {"channel_id"}
        closed = {h for h in ("mention_hours", "dm_hours") if row["hours_on"] and not row[h]}
        assert {name: kept[name] for name in others - closed} == {name: row[name] for name in others - closed}
        assert all(kept[name] == "never" for name in closed)
    turned = choices.choices(Channel.get_by_id(JOAN)).policy.turned
    assert {s.name for s in turned} == {"followers_only", "no_links", "repeats_on", "fallback"}


def test_every_status_and_kind_that_was_stored_is_known(upgraded: Settings) -> None:
    for table in connecting.tables():
        columns: list[EnumField[Any]] = [f for f in table._meta.sorted_fields if isinstance(f, EnumField)]
        for column in columns:
            values = {getattr(row, column.name) for row in table.select(column)}
            unknown = {v for v in values if v is not None and type(v) is str}
            assert not unknown, f"{table.__name__}.{column.name}"
    assert {t.status for t in Tweet.select()} == set(TweetStatus)


def test_the_schema_is_that_of_a_new_database_with_every_index_that_there_was(old: Settings) -> None:
    was = indexes()
    database.migrate(old)
    grown = schema()
    assert was - indexes() == {("snapshot", "snapshot_channel_id")}
    for name in database.db.get_tables():
        if name != "sqlite_sequence":
            database.db.execute_sql(f'DROP TABLE "{name}"')
    database.migrate(old)
    assert schema() == grown


def schema() -> set[tuple[Any, ...]]:
    """Tables, columns and indexes as the database itself tells them."""
    if database.is_sqlite():
        made = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
        return set(database.db.execute_sql(made).fetchall())
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
        " WHERE table_schema = 'public'"
    )
    indexes = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    return {*database.db.execute_sql(columns).fetchall(), *database.db.execute_sql(indexes).fetchall()}


def indexes() -> set[tuple[str, str]]:
    """The indexes, but for those of primary keys, by their tables."""
    made = (
        "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        if database.is_sqlite()
        else "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%%_pkey'"
    )
    return set(database.db.execute_sql(made).fetchall())


# --- what it means --------------------------------------------------------------------------------------------


def test_tokens_are_opened_with_the_key_that_sealed_them(upgraded: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", release_1_2.secret_key())
    monkeypatch.setattr(vault, "settings", load)
    connected = list(Channel.select().where(Channel.connected))
    assert {c.auth for c in connected} == set(Auth)
    for channel in connected:
        assert vault.unseal(channel.access_token)


def test_a_kind_without_hours_stays_closed_where_hours_counted(upgraded: Settings) -> None:
    policy = choices.choices(Channel.get_by_id(TRAFICO)).policy
    assert policy.on(HOURS_ON)
    assert policy.hours(MessageKind.MENTION) == ALWAYS
    assert policy.hours(MessageKind.DM) == Timetable()
    assert not choices.choices(Channel.get_by_id(JOAN)).policy.on(HOURS_ON)


def test_schedules_go_on_from_their_next_times(to_change: Settings) -> None:
    of_trafico = {s.threads[0][0].text: s for s in schedules.of_channel(TRAFICO)}
    turns = of_trafico["Turno uno"]
    assert [str(w) for w in schedules.coming(turns, STOPPED, 2)] == ["2026-11-26 06:30:00", "2026-11-27 06:30:00"]
    assert [t[0].text for t in turns.threads] == ["Turno uno", "Turno dos {n}"]
    assert [a.media_id for a in of_trafico["Foto {date}"].threads[0][0].media] == [1]
    said = planning.plan(STOPPED).queued
    assert [Tweet.get_by_id(q.tweet_id).text for q in said] == ["Sale mientras nada corre"]
    (skipped,) = Notice.select().where((Notice.kind == NoticeKind.SKIPPED) & (Notice.person_id == BEN))
    assert json.loads(skipped.data)["text"] == "Too late by far"
    assert planning.plan(STOPPED).queued == []


def test_what_waited_goes_on_and_what_hung_is_settled_by_reading(to_change: Settings) -> None:
    texts = {t.id: t.text for t in Tweet.select()}
    assert {texts[i] for i in placing.due(STOPPED, 200)} == {"Espera su turno", "Hilo a medias uno"}
    assert {texts[i] for i in settling.recover(STOPPED)} == {"Dicho por Ana", "Quedó en el aire", ""}
    assert len(taking_back.due(STOPPED)) == 1
    assert len(media.due(STOPPED)) == 1
    assert [m.said.text for m in messages.waiting(10)] == ["lluvia nunca oída @LluviaYa"]
    assert [e.details["text"] for e in journal.unwritten(10)] == ["sin escribir aún"]


def test_what_waits_for_its_hours_goes_on_waiting_for_them(upgraded: Settings) -> None:
    waiting = list(Tweet.select().where((Tweet.channel_id == LLUVIA) & (Tweet.status == TweetStatus.QUEUED)))
    assert [t.reason for t in waiting] == ["hours"] * 4
    opens = datetime(2026, 11, 26, 19, tzinfo=UTC)  # thu 20:00 in Madrid
    assert {hours.closed_until(t, Channel.get_by_id(t.channel_id), STOPPED) for t in waiting} == {(True, opens)}


def test_who_is_blocked_or_trusted_stays_so_by_id_and_by_handle(upgraded: Settings) -> None:
    blocked = {r.handle: r.sender_id is not None for r in senders.rows_of(TRAFICO, Standing.BLOCKED, now=STOPPED)}
    assert blocked == {"pepe": False, "paco": False, "rafaga": True, "dudoso_cinco": True}
    known = senders.known({(TRAFICO, 77): "Marta", (TRAFICO, 78): "pepe"}, STOPPED)
    assert known[TRAFICO, 77].trusted
    assert known[TRAFICO, 78].blocked


def test_held_messages_can_still_be_decided_by_the_team(to_change: Settings) -> None:
    held = review.waiting([TRAFICO], 10)
    assert [m.text.split(" @")[0] for m in held] == [
        "choque retenido uno",
        "choque retenido dos",
        "choque retenido tres",
    ]
    style = judging.load_rules(Channel.get_by_id(TRAFICO)).style
    assert review.publish(held[0].id, BEN, style, STOPPED).queued
    assert review.ignore(held[1].id, ANA, STOPPED).won
    ignored = Message.get(Message.text.startswith("choque retenido cuatro"))
    assert review.take_back(ignored.id, STOPPED)


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_notice_is_read_and_drawn_whole(upgraded: Settings, language: str) -> None:
    assert wings.DRAWERS
    pending = list(Notice.select().where(Notice.status == NoticeStatus.PENDING))
    delivered = list(Notice.select().where(Notice.status == NoticeStatus.DELIVERED))
    assert {n.kind.value for n in pending} == {
        "posted", "said", "undo_failed", "failed", "expired", "on_hold", "token_dead", "held", "sender_blocked",
        "edited", "joined", "skipped",
    }  # fmt: skip
    for notice in [*pending, *delivered]:
        shown = drawn(Speaker(language), [notice], STOPPED)
        assert shown is not None, notice.key
        told, stored = notice.value, json.loads(notice.data)
        for name, value in stored.items():
            read = getattr(told, name)
            assert str(read) == str(value) or read in (datetime.fromtimestamp(0, UTC), _as_read(value)), name
    burst = [n for n in delivered if n.kind.value == "posted"]
    assert drawn(Speaker(language), burst, STOPPED) is not None


def _as_read(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else datetime.fromtimestamp(float(value), UTC)


# --- ids ------------------------------------------------------------------------------------------------------


def test_no_id_is_used_again_not_even_one_that_was_freed_before(to_change: Settings) -> None:
    before = max(u["hashtag_id"] for u in release_1_2.as_it_was()["hashtag_use"])
    hashtags.put(TRAFICO, rules.Hashtag("nuevo"))
    (new,) = [u for u in hashtags.used(TRAFICO, STOPPED) if u.hashtag.tag == "nuevo"]
    assert new.total == 0
    if database.is_sqlite():
        assert new.id > before
    for table in (t for t in connecting.tables() if isinstance(t._meta.primary_key, pw.AutoField)):
        rows = [r for r in release_1_2.as_it_is()[table._meta.table_name] if "id" in r]
        if not rows:
            continue
        last = max(r["id"] for r in rows)
        table.delete().where(table._meta.primary_key == last).execute()
        copied = {k: v for k, v in next(r for r in rows if r["id"] == last).items() if k != "id"}
        assert last < _put(table, copied) <= last + 99, table.__name__


def _put(table: type[pw.Model], values: dict[str, Any]) -> int:
    fields = {f.column_name: f for f in table._meta.sorted_fields}
    row = {
        name: bool(v) if isinstance(fields[name], pw.BooleanField) and v is not None else v
        for name, v in values.items()
    }
    marks = ", ".join([database.db.param] * len(row))
    names = ", ".join(f'"{n}"' for n in row)
    sql = f'INSERT INTO "{table._meta.table_name}" ({names}) VALUES ({marks}) RETURNING id'
    return int(database.db.execute_sql(sql, list(row.values())).fetchone()[0])


def test_a_new_channel_never_gets_the_journal_of_one_that_was_forgotten_before(
    to_change: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "settings", load)
    left = journal.file_of(7)
    left.parent.mkdir(exist_ok=True)
    left.write_text("lines of a channel that was forgotten\n")
    made = connecting.connect_channel(Account(70, "nuevo", "N"), ANA, Tokens(Auth.OAUTH2, "a"), STOPPED)
    assert made.id == 7
    assert not left.exists()


# --- the migrating itself -------------------------------------------------------------------------------------


def test_of_two_who_migrate_at_once_one_does_it(old: Settings) -> None:
    def run(_: int) -> list[str]:
        try:
            return database.migrate(old)
        finally:
            database.forget_connection()

    with ThreadPoolExecutor(2) as both:
        done = sorted(both.map(run, range(2)))
    assert done[0] == []
    assert done[1][0] == "0009_undo_and_drafts"


def test_a_migration_that_stops_half_way_leaves_the_database_as_it_was(old: Settings) -> None:
    was = release_1_2.as_it_is()
    in_the_way = "upload_anew" if database.is_sqlite() else "sign_in_confirm"
    database.db.execute_sql(f"CREATE TABLE {in_the_way} (x INTEGER)")
    with pytest.raises((pw.OperationalError, pw.ProgrammingError)):
        database.migrate(old)
    database.db.execute_sql(f"DROP TABLE {in_the_way}")
    assert release_1_2.as_it_is() == was
    assert database.migrate(old)
