"""`/metrics` and `python -m bot status` show the whole service as `/system` does, and the dashboard what there is."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from prometheus_client.parser import text_string_to_metric_families

from bot.healthz import Healthz
from bot.oversight import telling
from bot.oversight.metrics import Metrics, exposed
from engine.x.prices import Billed
from engine.x.seen import Seen
from models import aside
from models.accounts.troubles import Kind as Alarm
from models.aside import Item, Place
from models.control import credits, errors, leases, limits, pausing, processes
from models.control.processes import Kind, Process, Uses
from models.costs import ledger
from models.settings import Settings, settings
from tasks.clock import now
from tasks.control import alarms
from tasks.control.health import Kept, judged
from tasks.control.report import Report, report
from tests.channels import connected

ROOT = Path(__file__).parents[2]
GIB = 2**30


@pytest.fixture
def busy(db: Settings) -> Settings:
    """A service in which there is something of everything."""
    at = now()
    for kind in Kind:
        processes.begin(f"{kind}-1", kind, 'a "host"', 7, "1.2.0", at)
        processes.beat(f"{kind}-1", {}, at, Uses(50 * 2**20, GIB, 100 * GIB))
    channel = connected()
    for name in (leases.STREAM, leases.WATCHING):
        leases.take(name, "me", at)
        leases.renew(
            name, "me", at, {"connected_at": at.timestamp(), "heard_at": at.timestamp(), "wanted": 3, "present": 2}
        )
    aside.put(Item(Place.JUDGE, "7"), ValueError("it can't be read"))
    errors.keep(Kind.WORKER, "pi", [errors.Seen("job failed", "ValueError", 30)], at)
    limits.keep([Seen("GET /2/users/:id/mentions", 300, 12, at.replace(year=at.year + 1), at)])
    alarms.settle({(Alarm.DISK_FULL, "pi"): "little"}, at)
    ledger.charge(channel.id, Billed.POST, at)
    credits.there_are(5_000_000, at)
    return db


def families(content: bytes) -> dict[str, Any]:
    return {family.name: family for family in text_string_to_metric_families(content.decode())}


@pytest.mark.both_databases
def test_what_metrics_say_is_what_there_is(busy: Settings) -> None:
    found = families(exposed(report(now())))
    value = {
        name: {tuple(v for _, v in sorted(s.labels.items())): s.value for s in f.samples} for name, f in found.items()
    }
    assert value["canales_healthy"] == {(): 1}
    assert {s.labels["what"] for s in found["canales_wrong"].samples} == {"disk", "errors", "aside"}
    assert value["canales_processes"] == {(str(kind),): 1 for kind in Kind}
    assert value["canales_process_memory_bytes"][('a "host"', "web", "web-1")] == 50 * 2**20
    assert value["canales_stream_subscriptions"][("present", "stream")] == 2
    assert value["canales_set_aside"] == {("judge",): 1}
    assert value["canales_errors_in_five_minutes"] == {(): 30}
    assert value["canales_channels"][("on",)] == 1
    assert value["canales_x_limit_left"] == {("GET /2/users/:id/mentions",): 12}
    assert value["canales_billed_today_dollars"] == {("post",): 0.015}
    assert value["canales_credits_left_dollars"] == {(): 5}
    assert ("pi", "disk_full") in value["canales_alarm_age_seconds"]
    processes.end("voices-1", "killed", now())
    gone = families(exposed(report(now())))
    assert [s.value for s in gone["canales_healthy"].samples] == [0]
    assert {s.labels["kind"]: s.value for s in gone["canales_processes"].samples}["voices"] == 0


def test_a_database_that_gives_no_answer_is_said_and_nothing_is_guessed() -> None:
    found = families(exposed(Report(judged(None, True, now()), None)))
    assert [s.value for s in found["canales_database_up"].samples] == [0]
    assert "canales_processes" not in found
    locked = Kept(
        [Process(kind=Kind.WEB, beat_at=now() - timedelta(minutes=1))], {}, None, unwritable="database is locked"
    )
    found = families(exposed(Report(judged(locked, True, now()), None)))
    assert [s.labels["what"] for s in found["canales_wrong"].samples] == ["database"]
    assert [s.value for s in found["canales_database_up"].samples] == [0]
    assert "canales_process_up" not in found


def test_every_metric_that_the_dashboard_names_exists_and_each_that_exists_is_on_it(busy: Settings) -> None:
    dashboard = json.loads((ROOT / "docs/grafana.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    named = set(re.findall(r"canales_\w+", " ".join(asked)))
    there = {s.name for f in families(exposed(report(now()))).values() for s in f.samples}
    there |= {"canales_app_trouble_age_seconds"}  # there is none now
    assert named - there == set(), "the dashboard asks for what nobody gives"
    assert there - named == set(), "nobody looks at it"
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)


async def test_who_asks_must_send_the_token_where_there_is_one(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def asked(page: Metrics, **headers: str) -> web.Response:
        answer = await page(make_mocked_request("GET", "/metrics", headers=headers))
        assert isinstance(answer, web.Response)
        return answer

    open_to_all = await asked(Metrics(Healthz(), settings()))
    assert (open_to_all.status, open_to_all.headers["Content-Type"][:10]) == (200, "text/plain")
    monkeypatch.setenv("METRICS_TOKEN", "0123456789abcdefñ")
    settings.cache_clear()
    closed = Metrics(Healthz(), settings())
    assert (await asked(closed)).status == 401
    assert (await asked(closed, Authorization="Bearer wrong")).status == 401
    assert not closed._is_known(b"Bearer \xff\xfe".decode("utf-8", "surrogateescape")), "as the server reads any bytes"
    assert (await asked(closed, Authorization="Bearer 0123456789abcdefñ")).status == 200


# --- python -m bot status --------------------------------------------------------------------------------------


def said(capsys: pytest.CaptureFixture[str], *, in_json: bool = False) -> tuple[int, str]:
    code = telling.status(in_json=in_json)
    return code, capsys.readouterr().out


def test_the_status_says_by_its_exit_whether_all_is_well(
    db: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.control.report.redis_answers_as_it_is", lambda _settings: True)
    for kind in Kind:
        processes.begin(str(kind), kind, "pi", 7, "1.2.0", now())
    code, shown = said(capsys)
    assert (code, "The service is well" in shown) == (telling.WELL, True)
    assert "<b>" not in shown
    aside.put(Item(Place.JUDGE, "7"), ValueError("it can't be read"))
    assert said(capsys)[0] == telling.WARNED
    processes.end("voices", "killed", now())
    code, shown = said(capsys)
    assert (code, "voices: no such process runs: the last one on pi gave a sign of life" in shown) == (
        telling.WRONG,
        True,
    )


def test_as_json_it_has_all_of_it(busy: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    _, shown = said(capsys, in_json=True)
    told = json.loads(shown)
    assert told["processes"]["web"][0]["host"] == 'a "host"'
    assert told["stream"]["present"] == 2
    assert told["alarms"][0]["about"] == "pi"
    assert told["limits"][0]["left"] == 12
    assert told["billed_today"] == {"post": 15_000}
    assert told["all_paused_since"] is None


def test_it_says_since_when_everything_is_paused(db: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    at = now()
    pausing.pause_all(at - timedelta(hours=3))
    told = json.loads(said(capsys, in_json=True)[1])
    assert datetime.fromisoformat(told["all_paused_since"]) == (at - timedelta(hours=3)).replace(microsecond=0)
    assert "Everything is paused, for 3 h" in said(capsys)[1]


def test_without_a_database_it_says_so_and_begins_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "nothing"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings.cache_clear()
    code, shown = said(capsys)
    assert (code, "There is no database yet" in shown) == (telling.WRONG, True)
    assert not (tmp_path / "nothing").exists()
    settings.cache_clear()
