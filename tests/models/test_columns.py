"""mypy sees columns and statuses: what is misspelt or of a wrong type fails, what is right passes; and how they are stored.

The snippets are checked with the configuration of the project, and the cache of its last check where there is one.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mypy import api

from engine.moderation.standing import Standing
from models import database
from models.accounts.channels import Channel
from models.accounts.choices import ChannelPolicy
from models.database import EPOCH, db
from models.moderation.lists import Keyword
from models.moderation.senders import Sender, Source
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings
from models.streaming.messages import Message, MessageStatus

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 9, 20, 12, 0, tzinfo=UTC)
RIGHT = (
    "Message.status == MessageStatus.HELD",
    "Message.status.in_([MessageStatus.HELD, MessageStatus.ASKING])",
    "Message.status.in_(Message.select(Message.status))",
    "Message.decided_by == None",
    "(Message.sender_id == 5) & (Message.at > NOW) & Message.media",
    "Message.update(status=MessageStatus.HELD, useful_until=None, at=NOW)",
    "Message.update({Message.x_id: 5}, rule=None)",
    "Message.update(sender_id=Message.sender_id + 1, at=Message.heard_at)",
    "Message.update(**values)",
    "Message.insert(status=MessageStatus.HELD, text='a')",
    "Message.get_or_none(Message.status == MessageStatus.HELD)",
    "Message.get_or_none(status=MessageStatus.HELD)",
    "Message(text='a', at=NOW, decided_at=None)",
    "message.status is MessageStatus.HELD and message.at < NOW",
    "message.status in (MessageStatus.HELD, MessageStatus.ASKING)",
    "expects_text(message.text)",
    "expects_kind(message.kind)",
    "expects_instant(channel.mentions_polled_at)",
    "Sender.standing == None",
    "Sender.insert(standing=Standing.TRUSTED, source=Source.OWNER)",
)
WRONG = (
    "Message.statsu",
    "message.statsu",
    "Message.status == 'hled'",
    "Message.status == 'held'",
    "Message.status != 'held'",
    "'held' == Message.status",
    "Message.status == TweetStatus.SENT",
    "Message.status == MessageStatus.HLED",
    "Message.status.in_(['held'])",
    "Message.status.in_('held')",
    "Message.status.not_in(['held'])",
    "Message.status.in_([TweetStatus.SENT])",
    "message.status == 'held'",
    "message.status == message.text",
    "channel.off_reason == message.text",
    "'held' != message.status",
    "Message.sender_id == 'ana'",
    "Message.update(statsu=MessageStatus.HELD)",
    "Message.update(status='held')",
    "Message.update(at=None)",
    "Message.update(x_id='five')",
    "Message.update(useful_until=5)",
    "Message.update(**texts)",
    "Message.insert(statsu=MessageStatus.HELD)",
    "Message.insert(status='held')",
    "Message.get_or_none(statsu=MessageStatus.HELD)",
    "Message.get_or_none(status='held')",
    "Message(statsu=MessageStatus.HELD)",
    "Message(status='held')",
    "expects_text(message.status.value + message.x_id)",
    "expects_kind(message.text)",
    "expects_instant(channel.hold_until)",
    "Sender.insert(standing='trusted')",
)
HEAD = """
from datetime import UTC, datetime
from typing import Any
from engine.moderation.standing import Standing
from engine.moderation import MessageKind
from models.accounts.channels import Channel
from models.moderation.senders import Sender, Source
from models.publishing.tweets import TweetStatus
from models.streaming.messages import Message, MessageStatus

NOW = datetime(2026, 9, 20, tzinfo=UTC)
def expects_text(value: str) -> None: ...
def expects_kind(value: MessageKind) -> None: ...
def expects_instant(value: datetime) -> None: ...
def snippets(message: Message, channel: Channel, values: dict[str, Any], texts: dict[str, str]) -> None:
"""


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What mypy says of each snippet, all checked at once."""
    snippets = [*RIGHT, *WRONG]
    file = tmp_path_factory.mktemp("snippets") / "snippets.py"
    file.write_text(HEAD + "".join(f"    {s}\n" for s in snippets))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        said, failed, _ = api.run(["--config-file", "pyproject.toml", "--no-error-summary", str(file)])
    assert not failed
    first = HEAD.count("\n")
    found: dict[str, list[str]] = {s: [] for s in snippets}
    for line in said.splitlines():
        at = re.match(r".*snippets\.py:(\d+): (.*)", line)
        assert at is not None, line
        found[snippets[int(at[1]) - first - 1]].append(at[2])
    return found


@pytest.mark.parametrize("snippet", RIGHT)
def test_what_is_right_passes(complaints: dict[str, list[str]], snippet: str) -> None:
    assert complaints[snippet] == []


@pytest.mark.parametrize("snippet", WRONG)
def test_a_misspelt_column_an_unknown_status_and_a_wrong_type_fail(
    complaints: dict[str, list[str]], snippet: str
) -> None:
    assert complaints[snippet] != []


def test_enums_and_instants_are_stored_as_the_releases_before_stored_them(fresh: Settings) -> None:
    database.migrate(fresh)
    Notice.insert(person_id=1, kind=NoticeKind.POSTED, due_at=NOW, created_at=NOW).execute()
    Sender.insert(channel_id=1, sender_id=5).execute()
    Sender.insert(channel_id=1, sender_id=6, standing=Standing.TRUSTED, source=Source.OWNER).execute()
    Channel.insert(x_user_id=1, handle="a", owner_id=1, created_at=NOW).execute()
    rows = db.execute_sql("SELECT kind, status, due_at FROM notice").fetchall()
    assert rows == [("posted", "pending", int(NOW.timestamp()) * 1_000_000)]
    assert db.execute_sql("SELECT standing, source FROM sender ORDER BY id").fetchall() == [
        ("", ""),
        ("trusted", "owner"),
    ]
    rows = db.execute_sql("SELECT off_reason, auth, hearing, mentions_polled_at FROM channel").fetchall()
    assert rows == [("", "oauth2", "", 0)]
    assert Channel.get().mentions_polled_at == EPOCH
    assert [s.sender_id for s in Sender.select().where(Sender.standing.is_null())] == [5]
    assert [s.sender_id for s in Sender.select().where(Sender.standing == None)] == [5]  # noqa: E711
    assert [s.sender_id for s in Sender.select().where(Sender.standing.is_null(False))] == [6]
    assert [s.standing for s in Sender.select().order_by(Sender.id)] == [None, Standing.TRUSTED]
    assert (Sender().standing, Keyword().applies, ChannelPolicy().outside.value) == (None, None, "wait")
    Sender.update(standing=None).execute()
    assert Sender.select().where(Sender.standing.in_([Standing.TRUSTED, None])).count() == 2


def test_a_status_of_another_release_is_read_as_its_text_and_equals_none_of_ours(fresh: Settings) -> None:
    database.migrate(fresh)
    values = {"channel_id": 1, "kind": "dm", "x_id": 3, "sender_id": 5, "text": "a", "at": NOW, "heard_at": NOW}
    Message.insert({**values, "status": "dreamt"}).execute()
    Tweet.insert({"channel_id": 1, "form": "copy", "due_at": NOW, "fresh_until": NOW, "status": "sent"}).execute()
    item = Message.get()
    assert str(item.status) == "dreamt"
    assert item.status not in tuple(MessageStatus)
    assert Message.select().where(Message.status.not_in(list(MessageStatus))).count() == 1
    assert Tweet.get().status is TweetStatus.SENT
