"""No log line holds a token, and who is away fills no log."""

import logging
import subprocess
import sys

import pytest

from sandbox.stage import ROOT
from tasks.logs import _scrub_record, scrub


@pytest.mark.parametrize(
    "line",
    [
        "POST https://api.telegram.org/bot7000001:AAEsecretsecretsecretsecret/getMe",
        "Authorization: Bearer AAAAsecretAAAAsecret",
        "Authorization: Basic c2VjcmV0OnNlY3JldA==",
        "refresh_token=secretsecret&grant_type=x",
        'oauth_token="secret", code=secret',
        "http://127.0.0.1/canales?state=ok&code=secret",
    ],
)
def test_tokens_are_taken_out(line: str) -> None:
    assert "secret" not in scrub(line).replace("[secret]", "")
    record = logging.LogRecord("x", logging.ERROR, "", 0, "%s", (line,), None)
    assert _scrub_record(record)
    assert "secret" not in record.getMessage().replace("[secret]", "")


def test_a_telegram_that_answers_with_a_page_leaves_no_stack_trace() -> None:
    program = (
        "from tasks.logs import setup; setup()\n"
        "from telegram.error import TelegramError\n"
        "from telegram.request import BaseRequest\n"
        "try: BaseRequest.parse_json_payload(b'<h1>Bad Gateway</h1>')\n"
        "except TelegramError: pass\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("", "")


def test_a_redis_that_is_away_is_one_line_for_all_threads_that_wait_for_it() -> None:
    program = (
        "import logging, redis\n"
        "from tasks.logs import setup; setup()\n"
        "for _ in range(120):\n"
        "    try: redis.Redis(unix_socket_path='nowhere', retry=None).ping()\n"
        "    except redis.RedisError: logging.getLogger('huey').exception('Error reading from queue')\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert len(ended.stderr.splitlines()) == 1
    assert "Error reading from queue: " in ended.stderr
