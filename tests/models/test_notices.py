"""A notice is a value: stored, read again also as older releases stored it, told once, and only to who wants it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from models import connecting, database, doorbells
from models.accounts.channels import Channel
from models.bites import Bite
from models.database import transaction
from models.doorbells import Doorbell
from models.notifications import notices, wanted
from models.notifications.declaring import NoticeKind, Setting, Told, kinds, packed, unpacked
from models.notifications.kinds import (
    Connected,
    Edited,
    Failed,
    Held,
    Joined,
    OnHold,
    Posted,
    SenderBlocked,
    Skipped,
    TokenDead,
    UndoFailed,
)
from models.notifications.notices import Notice, NoticeStatus
from models.notifications.wanted import NoticeSetting
from models.settings import Settings
from tests.channels import connected
from tests.conftest import NOW

ANA, BEN = 7, 8
STORED_BEFORE: dict[NoticeKind, tuple[dict[str, object], Told]] = {
    NoticeKind.POSTED: ({}, Posted(5)),
    NoticeKind.FAILED: ({"tweet": 6, "reason": "gone", "detail": "x"}, Failed(6, "gone", "x")),
    NoticeKind.UNDO_FAILED: ({"tweet": 6, "detail": "no"}, UndoFailed(6, "no")),
    NoticeKind.ON_HOLD: (
        {"until": 1790000000.25, "reason": "limit", "day": 3, "hour": 2, "quarter": 1},
        OnHold(datetime.fromtimestamp(1790000000.25, UTC), "limit", 3, 2, 1),
    ),
    NoticeKind.TOKEN_DEAD: ({"detail": "revoked at X"}, TokenDead("revoked at X")),
    NoticeKind.HELD: ({"message": 9}, Held(9)),
    NoticeKind.SENDER_BLOCKED: (
        {
            "message": 9,
            "sender": "9007199254740993",
            "handle": "pepe",
            "days": 7,
            "source": "filter",
            "evidence": ["á"],
        },
        SenderBlocked(9, 9007199254740993, "pepe", 7, "filter", ("á",)),
    ),
    NoticeKind.EDITED: ({"message": 9, "tweet": 6}, Edited(9, 6)),
    NoticeKind.JOINED: ({"name": "Ben"}, Joined("Ben")),
    NoticeKind.SKIPPED: ({"schedule": 2, "count": 3, "text": "aviso"}, Skipped(2, 3, "aviso")),
    NoticeKind.CONNECTED: ({}, Connected()),
}


def test_every_kind_has_its_class_and_none_needs_a_field_that_may_be_missing() -> None:
    assert {k.stored for k in kinds().values()} == set(NoticeKind)
    assert len(kinds()) == len(NoticeKind)
    for value, kind in kinds().items():
        assert unpacked(kind.stored, "{}") == value()
        assert unpacked(kind.stored, packed(value())) == value()


@pytest.mark.parametrize("kind", list(STORED_BEFORE))
def test_what_the_release_before_stored_is_read(kind: NoticeKind) -> None:
    data, value = STORED_BEFORE[kind]
    assert unpacked(kind, json.dumps(data), tweet=5, message=None) == value
    assert unpacked(kind, packed(value)) == value


def test_what_nobody_can_read_is_a_default_and_what_nobody_knows_is_nothing() -> None:
    assert unpacked("a kind of tomorrow", "{}") is None
    assert unpacked("skipped", '{"count": "many", "text": "aviso", "more": [1]}') == Skipped(text="aviso")
    for broken in ("", "[", "[1]", "null"):
        assert unpacked("held", broken, message=9) == Held(9)


def test_the_same_is_told_a_person_once_and_another_is_told_too(channel: Channel) -> None:
    for _ in range(2):
        notices.tell(ANA, Held(1), NOW, channel_id=channel.id)
        notices.tell(BEN, Held(1), NOW, channel_id=channel.id)
        notices.tell(ANA, Held(2), NOW, channel_id=channel.id)
    notices.tell(ANA, Failed(1, at=NOW), NOW, channel_id=channel.id)
    notices.tell(ANA, Failed(1, at=NOW + timedelta(seconds=1)), NOW, channel_id=channel.id)
    assert [(n.person_id, n.value) for n in Notice.select().order_by(Notice.id)] == [
        (ANA, Held(1)), (BEN, Held(1)), (ANA, Held(2)),
        (ANA, Failed(1, at=NOW)), (ANA, Failed(1, at=NOW + timedelta(seconds=1))),
    ]  # fmt: skip


def test_what_a_person_does_not_want_of_a_channel_is_not_told_them(channel: Channel) -> None:
    wanted.switch(ANA, channel.id, Setting.HELD, on=False)
    wanted.switch(ANA, channel.id, Setting.HELD, on=False)
    notices.tell(ANA, Held(1), NOW, channel_id=channel.id)
    notices.tell(BEN, Held(1), NOW, channel_id=channel.id)
    notices.tell(ANA, Held(1), NOW, channel_id=channel.id + 1)
    notices.tell(ANA, Posted(1), NOW, channel_id=channel.id)
    assert [(n.person_id, n.channel_id) for n in Notice.select().order_by(Notice.id)] == [
        (BEN, channel.id), (ANA, channel.id + 1), (ANA, channel.id),
    ]  # fmt: skip
    assert wanted.switches(ANA, channel.id) == {s: s is not Setting.HELD for s in Setting}
    wanted.switch(ANA, channel.id, Setting.HELD, on=True)
    assert all(wanted.switches(ANA, channel.id).values())
    notices.tell(ANA, Held(1), NOW, channel_id=channel.id)
    assert Notice.select().count() == 4


def test_what_went_wrong_has_no_switch() -> None:
    always = {k.stored for k in kinds().values() if k.setting is None}
    assert always == {
        NoticeKind.FAILED, NoticeKind.EXPIRED, NoticeKind.UNDO_FAILED, NoticeKind.ON_HOLD, NoticeKind.TOKEN_DEAD,
        NoticeKind.CONNECTED, NoticeKind.SIGN_IN_WAITS, NoticeKind.DAY_USED, NoticeKind.DAY_FULL,
        NoticeKind.LOCKED, NoticeKind.STOPPED, NoticeKind.ALARM, NoticeKind.ALARM_OVER, NoticeKind.PAUSED, NoticeKind.RESUMED, NoticeKind.TROUBLED, NoticeKind.TROUBLE_OVER,
        NoticeKind.WHILE_OFF, NoticeKind.CHAT_KEYS, NoticeKind.WATCH_STOPPED,
        NoticeKind.TAKEN_BACK, NoticeKind.OPTED_OUT, NoticeKind.OPTED_IN, NoticeKind.UNREADABLE,
        NoticeKind.CARD, NoticeKind.ON_ITS_WAY, NoticeKind.PLANNED, NoticeKind.DESK,
        NoticeKind.ASKED_IN, NoticeKind.CAME_IN, NoticeKind.REFUSED, NoticeKind.PUT_OUT,
        NoticeKind.OFFERED, NoticeKind.HANDED_OVER, NoticeKind.MEMBER_LEFT, NoticeKind.TEAM_CHANGED,
        NoticeKind.BUDGET, NoticeKind.BUDGET_OVER, NoticeKind.CREDITS_LOW,
    }  # fmt: skip
    assert {k.setting for k in kinds().values()} - {None} == set(Setting)


def test_what_is_told_and_what_is_to_be_drawn_anew_rings(channel: Channel, rung: list[str]) -> None:
    with transaction():
        notices.tell(ANA, Held(1), NOW, channel_id=channel.id, message_id=1)
        notices.tell(BEN, Held(1), NOW, channel_id=channel.id, message_id=1)
        assert rung == []
    assert rung == ["notices"]
    notices.redraw_message(1, NOW)
    assert len(rung) == 2
    notices.redraw_message(2, NOW)
    assert len(rung) == 2, "nobody was told of that one"
    notices.message_changed_in_chat(1, NOW)
    assert len(rung) == 2, "who changed it is shown it by the answer"
    wanted.switch(ANA, channel.id, Setting.POSTED, on=False)
    notices.tell(ANA, Posted(1), NOW, channel_id=channel.id)
    assert len(rung) == 2, "nobody is told anything"


def test_nothing_is_left_of_a_forgotten_channels_settings(channel: Channel) -> None:
    wanted.switch(ANA, channel.id, Setting.POSTED, on=False)
    connecting.forget_channel(channel.id)
    assert NoticeSetting.select().count() == 0


@pytest.fixture
def channel(db: Settings) -> Channel:
    return connected()


@pytest.fixture
def rung() -> Iterator[list[str]]:
    heard: list[str] = []
    doorbells.connect(Doorbell.NOTICES, lambda: heard.append("notices"))
    yield heard
    doorbells.disconnect(Doorbell.NOTICES)


def test_what_was_told_a_month_ago_is_forgotten_and_what_waits_is_not(db: Settings) -> None:
    for tweet, days in enumerate([40, 35, 31, 29, 0]):
        notices.tell(ANA, Posted(tweet), NOW - timedelta(days=days), tweet_id=tweet)
    Notice.update(status=NoticeStatus.DELIVERED).where(Notice.tweet_id != 1).execute()
    assert notices.forget_some(NOW, 0, 100) == Bite(2, None)
    assert {n.tweet_id for n in Notice.select()} == {1, 3, 4}
    assert notices.forget_some(NOW + timedelta(days=60), 0, 2) == Bite(1, 4)
    assert notices.forget_some(NOW + timedelta(days=60), 4, 2) == Bite(1, None)
    assert [n.tweet_id for n in Notice.select()] == [1]


def test_a_telegram_message_is_found_by_its_index(db: Settings) -> None:
    with transaction():
        for number in range(300):
            notices.tell(ANA, Posted(number), NOW, tweet_id=number)
    Notice.update(telegram_message_id=Notice.id).execute()
    database.db.execute_sql("ANALYZE notice")
    explain = "EXPLAIN QUERY PLAN" if db.sqlite_path else "EXPLAIN"
    sql, given = Notice.select().where((Notice.person_id == ANA) & (Notice.telegram_message_id == 5)).sql()
    plan = str(database.db.execute_sql(f"{explain} {sql}", given).fetchall())
    assert "notice_telegram_message" in plan, plan
