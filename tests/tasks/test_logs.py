"""No log line holds a token."""

import logging

import pytest

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
