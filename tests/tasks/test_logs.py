"""No log line holds a token, and who is away fills no log."""

import base64
import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from bot.service import as_object
from models.settings import BadSettings, load
from sandbox.stage import ROOT
from tasks.logs import MOST_SEEN, Repeats, SeenErrors, _scrub_record, scrub
from tests.programs import told


@pytest.mark.parametrize(
    "line",
    [
        "POST https://api.telegram.org/bot7000001:AAEsecretsecretsecretsecret/getMe",
        "Authorization: Bearer AAAAsecretAAAAsecret",
        "Authorization: Basic c2VjcmV0OnNlY3JldA==",
        "refresh_token=secretsecret&grant_type=x",
        'oauth_token="secret", code=secret',
        "http://127.0.0.1/canales?state=ok&code=secret",
        "7000001:AAEsecretsecretsecretsecret is refused",
        "no way to postgresql://canales:secret@db:5432/canales",
        "rediss://:se:c@secret@redis:6379/0",
        "host=db user=canales password=secret dbname=canales",
    ],
)
def test_tokens_are_taken_out(line: str) -> None:
    assert "secret" not in scrub(line).replace("[secret]", "")
    record = logging.LogRecord("x", logging.ERROR, "", 0, "%s", (line,), None)
    assert _scrub_record(record)
    assert "secret" not in record.getMessage().replace("[secret]", "")
    seen = SeenErrors()
    seen.note(line, line)
    (kept,) = seen.take()
    assert "secret" not in f"{kept.event} {kept.reason}".replace("[secret]", ""), "nor what who runs the service reads"


KEY, PIN = bytes(range(1, 33)), "8315"
AS_TEXT = base64.b64encode(KEY).decode()


@pytest.mark.parametrize(
    "line",
    [
        f"could not open {AS_TEXT}",
        f"blob={base64.b64encode(KEY * 2).decode()}",
        f'{{"conversation_key": "{AS_TEXT.rstrip("=")}"}}',
        base64.urlsafe_b64encode(KEY).decode(),
        f"Error({KEY!r})",
        f"{bytearray(KEY * 2)!r}",
        f"key {KEY.hex()}",
        f"Invalid PIN: {PIN}",
        f"pin={PIN}",
        f'{{"pin": "{PIN}"}}',
    ],
)
def test_keys_and_pins_of_x_chat_are_taken_out(line: str) -> None:
    kept = scrub(line)
    assert "[secret]" in kept
    shown = (AS_TEXT[:8], base64.urlsafe_b64encode(KEY).decode()[:8], KEY.hex()[:8], repr(KEY)[2:12], PIN)
    assert not [one for one in shown if one in kept]


def test_what_is_no_key_stays_and_bytes_are_never_shown(tmp_path: Path) -> None:
    assert scrub("reposted by pipeline 8315, /home/Canales2026/a-folder-with-a-name-that-is-long/models/vault.py") == (
        "reposted by pipeline 8315, /home/Canales2026/a-folder-with-a-name-that-is-long/models/vault.py"
    )
    (line,) = lines(tmp_path, f"import structlog; structlog.get_logger().info('x', k={KEY!r})")
    assert line.endswith("[32 bytes]'")


def test_a_telegram_that_answers_with_a_page_leaves_no_stack_trace(tmp_path: Path) -> None:
    program = (
        "from telegram.error import TelegramError\n"
        "from telegram.request import BaseRequest\n"
        "try: BaseRequest.parse_json_payload(b'<h1>Bad Gateway</h1>')\n"
        "except TelegramError: pass\n"
    )
    assert lines(tmp_path, program) == []


def test_a_redis_that_is_away_is_one_line_for_all_threads_that_wait_for_it(tmp_path: Path) -> None:
    program = (
        "import logging, redis\n"
        "for _ in range(120):\n"
        "    try: redis.Redis(unix_socket_path='nowhere', retry=None).ping()\n"
        "    except redis.RedisError: logging.getLogger('huey').exception('Error reading from queue')\n"
    )
    (line,) = lines(tmp_path, program)
    assert "Error reading from queue: " in line


def lines(folder: Path, program: str) -> list[str]:
    """What a program says that has set its logs up."""
    return told(folder, f"from tasks.logs import setup; setup()\n{program}").splitlines()


def test_an_error_that_repeats_is_told_once_and_others_of_its_kind_and_other_kinds_too(tmp_path: Path) -> None:
    said = lines(
        tmp_path,
        "import structlog; log = structlog.get_logger()\n"
        "for n in range(1000):\n"
        "    log.error('clock could not look', error=f'Connection refused at port {n}')\n"
        "    log.warning('bell not rung', error='TimeoutError', job='say')\n"
        "    log.warning('bell not rung', error='TimeoutError', job='judge')\n"
        "    log.info('posted', tweet=n) if n < 3 else None\n"
        "    try: 1 / 0\n"
        "    except ZeroDivisionError: log.exception('job failed', job='say')\n",
    )
    events = [line for line in said if "level=" in line]
    assert [sum(w in line for line in events) for w in ("could not look", "bell not rung", "posted", "job failed")] == [
        1, 2, 3, 1,
    ]  # fmt: skip


def test_what_a_library_repeats_is_told_once(tmp_path: Path) -> None:
    (_,) = lines(
        tmp_path, "import logging\nfor n in range(1000): logging.getLogger('huey').warning('Worker %d died', n)"
    )


def test_the_pauses_grow_and_what_was_held_back_is_counted() -> None:
    repeats, key = Repeats(), ("clock could not look", "", "Connection")
    told = [(at, held.more) for at in range(100) if (held := repeats.told(key, float(at))) is not None]
    assert told == [(0, 0), (5, 4), (15, 9), (35, 19), (75, 39)]
    assert repeats.due(99.0) == []
    ((_, held),) = repeats.due(155.0)
    assert (held.more, held.in_s) == (24, 80.0), "it came no more, and what it had come is told all the same"
    later = repeats.told(key, 5000.0)
    assert later is not None
    assert later.more == 0
    assert repeats.told(key, 5006.0) is not None, "it began anew"


# --- levels and forms ------------------------------------------------------------------------------------------

TOLD = """
import logging, threading, structlog
log = structlog.get_logger()
log.info("quiet", channel=3)
log.warning("loud", said="«ñ» \\n two lines", token="bearer AAAAsecretAAAAsecret")
logging.getLogger("tweepy").error("theirs %s", 7)
try:
    1 / 0
except ZeroDivisionError:
    log.exception("broke")
from tasks.logs import errors_seen
log.warning("seen", errors=[(e.event, e.reason) for e in errors_seen()])
thread = threading.Thread(target=lambda: [][1]); thread.start(); thread.join()
raise KeyError("nobody")
"""


def lines_of(setup: str) -> list[str]:
    program = f"from models.settings import LogFormat, LogLevel\nfrom tasks.logs import setup; setup({setup})\n{TOLD}"
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "AAAAsecret" not in ran.stderr
    return ran.stderr.splitlines()


def test_as_json_each_line_is_one_object_also_of_libraries_and_of_what_nobody_caught() -> None:
    told = [json.loads(line) for line in lines_of("LogLevel.WARNING, LogFormat.JSON")]
    assert all({"timestamp", "level", "event"} <= line.keys() for line in told)
    assert [line["event"] for line in told] == [
        "loud", "theirs 7", "broke", "seen", "an error that nobody caught", "an error that nobody caught",
    ]  # fmt: skip
    assert [line["level"] for line in told] == ["warning", "error", "error", "warning", "critical", "critical"]
    assert told[1]["logger"] == "tweepy"
    assert "ZeroDivisionError" in told[2]["exception"]
    assert told[3]["errors"] == [["tweepy", "theirs %s"], ["broke", "ZeroDivisionError: division by zero"]]
    assert "IndexError" in told[4]["exception"]
    assert "KeyError" in told[5]["exception"]


@pytest.mark.parametrize(("level", "heard"), [("debug", True), ("INFO", True), (" Warning ", False), ("error", False)])
def test_a_level_is_set_by_its_name_and_what_is_below_it_is_not_told(
    level: str, heard: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_LEVEL", level)
    assert (load().log_level.value in ("debug", "info")) is heard


@pytest.mark.parametrize(("name", "value"), [("LOG_LEVEL", "loud"), ("LOG_FORMAT", "xml"), ("METRICS_TOKEN", "short")])
def test_one_that_is_none_is_refused_with_a_right_example(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings, match=f"{name}: .*Example: {name}="):
        load()


def test_what_processes_print_becomes_objects_with_their_names() -> None:
    assert json.loads(as_object("web", '{"event": "ñ", "level": "error"}')) == {
        "event": "ñ", "level": "error", "process": "web",
    }  # fmt: skip
    for line in ("Traceback (most recent call last):", "[1]", "", "{half"):
        told = json.loads(as_object("voices", line))
        assert (told["event"], told["process"]) == (line, "voices")


def test_of_many_different_errors_at_once_few_are_kept_and_all_are_counted() -> None:
    seen = SeenErrors()
    for n in range(3 * MOST_SEEN):
        seen.note(f"error {n}", "")
        seen.note("the same", "again")
    told = seen.take()
    assert len(told) <= MOST_SEEN + 1
    assert sum(error.count for error in told) == 6 * MOST_SEEN
    assert seen.take() == []
