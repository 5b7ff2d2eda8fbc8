"""What was backed up, said on by the one and restored by the other stands on X once, and nothing that was wanted is lost."""

import io
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine import posts
from engine.moderation import Form, MessageKind
from engine.when import When
from engine.x.client import XSession
from engine.x.shown import OwnPost
from models import backup, database, restoring
from models.accounts.channels import Channel
from models.backup import Backup
from models.database import rest
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing import placing, settling
from models.publishing.tweets import Tweet, TweetStatus
from models.scheduling import planning, schedules
from models.settings import Settings, load, settings
from models.streaming.messages import Message, MessageStatus
from sandbox.app import Sandbox
from sandbox.ports import free_port
from tasks import accounts, publishing, start
from tasks.clock import now
from tests.tasks.nearby_x import nearby_x, sign_in

DAY = timedelta(days=1)


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """X, and a service whose bells nobody hears."""
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    start._redis.cache_clear()
    with nearby_x(monkeypatch) as sandbox:
        session = XSession(settings().x_api_url, before_call=rest)
        monkeypatch.setattr(accounts._local, "session", session, raising=False)
        yield sandbox
    start._redis.cache_clear()


def heard(channel: Channel, x_id: int, text: str, form: Form = Form.COPY) -> None:
    """A message by DM, which passed; it becomes a copy, or, where it is a mention, a native repost."""
    kind = MessageKind.DM if form is Form.COPY else MessageKind.MENTION
    at = now()
    message = Message.create(
        channel_id=channel.id, kind=kind, x_id=x_id, sender_id=5, text=text, at=at, heard_at=at, status=MessageStatus.APPROVED
    )  # fmt: skip
    target = None if form is Form.COPY else x_id
    Tweet.create(
        channel_id=channel.id, message_id=message.id, form=form, text=text, target_x_id=target, due_at=at, fresh_until=at + DAY
    )  # fmt: skip


def go_on(most: int = 1000) -> None:
    """What the clock and its jobs do, until nothing is left to say; or until so many were asked for."""
    planning.plan(now())
    while most:
        ready = Tweet.status.in_([TweetStatus.QUEUED, TweetStatus.SENDING, TweetStatus.UNKNOWN, TweetStatus.WAITING])
        waits = list(Tweet.select().where(ready & (Tweet.due_at <= now())).order_by(Tweet.id))
        if not waits:
            return
        for tweet in waits[:most]:
            publishing.say(tweet.id)
        most -= min(most, len(waits))
        for tweet_id in settling.recover(now()):
            publishing.settle(tweet_id)


def elsewhere(file: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The backup, on a machine that has SQLite."""
    database.close_database()
    monkeypatch.setenv("DATA_DIR", str(folder))
    monkeypatch.setenv("DATABASE_URL", "")
    there = load()
    database.open_database(there)
    restoring.restore(Backup(io.BytesIO(file)), there, now())


def backed_up(settings: Settings) -> bytes:
    file = io.BytesIO()
    backup.write(settings, file, "1.2.0", now(), None)
    return file.getvalue()


@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)  # what the database does is in tests/models
@pytest.mark.parametrize("said_before_the_end", [3, 1000])
def test_nothing_is_lost_and_nothing_said_twice(
    db: Settings, x: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said_before_the_end: int
) -> None:
    channel = sign_in(x, "TraficoValle", gap_s=0)
    seen = x.world.post(x.world.user("ana").id, "@TraficoValle choque")
    heard(channel, 101, "vía @ana: choque en la autopista")
    heard(channel, 102, "vía @ben: https://canales.com/a cerrada")
    heard(channel, seen.id, "", Form.REPOST)
    placing.say_now(channel.id, 7, posts.plain("lo que escribió la dueña"), now(), fresh=DAY)
    placing.say_now(channel.id, 7, (posts.plain("hilo 1")[0], posts.plain("hilo 2")[0]), now(), fresh=DAY)
    in_doubt = placing.say_now(channel.id, 7, posts.plain("dicho, y sin respuesta"), now(), fresh=DAY)
    Tweet.update(status=TweetStatus.SENDING, claimed_until=now(), started_at=now()).where(
        Tweet.id == in_doubt.tweet_id
    ).execute()
    x.world.post(channel.x_user_id, "dicho, y sin respuesta")
    at = now().replace(tzinfo=None) + timedelta(seconds=1)
    planned = schedules.create(channel.id, 7, [posts.plain("buenos días")], When(at), "es", now())
    schedules.Schedule.update(next_at=now(), next_wall=planned.next_wall).execute()
    file = backed_up(db)

    def later() -> None:
        heard(channel, 103, "vía @eva: oída después del respaldo")

    if said_before_the_end:
        later()
        Tweet.update(due_at=now()).execute()
        go_on(said_before_the_end)
    elsewhere(file, tmp_path / "elsewhere", monkeypatch)
    x.world.forget_texts()  # so X would take each of them once more
    later()  # it is read back once more
    planning.plan(now())
    Tweet.update(due_at=now()).where(Tweet.schedule_id.is_null(False)).execute()
    go_on()

    stands = Counter(p.text for p in x.world.posts.values() if p.author_id == channel.x_user_id and not p.deleted)
    wanted = {
        "vía @ana: choque en la autopista", "lo que escribió la dueña", "hilo 1", "hilo 2", "dicho, y sin respuesta",
        "buenos días", "vía @eva: oída después del respaldo",
    }  # fmt: skip
    assert {text: stands[text] for text in wanted} == dict.fromkeys(wanted, 1)
    assert sum("cerrada" in text for text in stands.elements()) == 1
    assert sum(stands.values()) == len(wanted) + 2  # the one with a link, and the native repost
    assert {t.status for t in Tweet.select()} == {TweetStatus.SENT}


@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)
@pytest.mark.parametrize("is_said", [True, False])
def test_nobody_is_told_that_it_is_too_late_for_what_was_posted_in_time(
    db: Settings, x: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_said: bool
) -> None:
    channel = sign_in(x, "TraficoValle", gap_s=0)
    due = now() - timedelta(hours=3)
    daily = When(due.replace(tzinfo=None), ("FREQ=DAILY",))
    schedule = schedules.create(channel.id, 7, [posts.plain("buenos días")], daily, "es", due - timedelta(hours=1))
    schedules.set_grace(schedule, 5)
    file = backed_up(db)
    if is_said:
        x.world.post(channel.x_user_id, "buenos días")
    elsewhere(file, tmp_path / "elsewhere", monkeypatch)
    Channel.update(backed_up_at=now() - timedelta(hours=4)).execute()
    go_on()
    assert Tweet.get().status is (TweetStatus.SENT if is_said else TweetStatus.EXPIRED)
    told = {notice.kind for notice in Notice.select()}
    assert NoticeKind.SKIPPED not in told
    assert (NoticeKind.EXPIRED in told) is not is_said
    assert sum(p.text == "buenos días" for p in x.world.posts.values()) == is_said


PHOTO, OTHER = frozenset({"3_1"}), frozenset({"3_2"})


@pytest.mark.parametrize(
    ("text", "keys", "there", "leads", "is_it"),
    [
        ("una foto", PHOTO, "una foto https://t.co/abc", {}, True),
        ("una foto", OTHER, "una foto https://t.co/abc", {}, True),
        ("", OTHER, "https://t.co/abc", {}, True),
        (
            "mira canales.com/a",
            OTHER,
            "mira https://t.co/xyz https://t.co/abc",
            {"https://t.co/xyz": "canales.com/a"},
            True,
        ),
        ("mira", OTHER, "mira https://t.co/xyz", {"https://t.co/xyz": "https://otra.com"}, False),
        ("otra foto", OTHER, "una foto https://t.co/abc", {}, False),
        ("una foto", OTHER | PHOTO, "una foto https://t.co/abc", {}, False),
        ("una foto", frozenset(), "una foto https://t.co/abc", {}, False),
    ],
)
def test_a_post_with_photos_is_known_by_its_words_as_its_keys_are_of_the_other_service(
    text: str, keys: frozenset[str], there: str, leads: dict[str, str], is_it: bool
) -> None:
    tweet = Tweet(text=text, form=Form.COPY)
    post = OwnPost(1, there, None, PHOTO, leads)
    assert publishing._is_it(post, tweet, keys, by_text=True) is is_it
    assert publishing._is_it(post, tweet, keys, by_text=False) is (is_it and keys == PHOTO)


@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)
def test_what_begins_after_the_restore_is_not_looked_for(
    db: Settings, x: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = sign_in(x, "TraficoValle", gap_s=0)
    elsewhere(backed_up(db), tmp_path / "elsewhere", monkeypatch)
    Channel.update(restored_at=now() - DAY, backed_up_at=now() - 2 * DAY).execute()
    heard(channel, 101, "una noticia")
    placing.say_now(channel.id, 7, posts.plain("otra"), now(), fresh=DAY)
    go_on(2)
    assert [t.unsaid_at for t in Tweet.select()] == [None, None]
    assert {t.status for t in Tweet.select()} == {TweetStatus.SENT}
