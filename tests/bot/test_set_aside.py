"""Whatever breaks on one item, at whatever place, costs only that item: it is set aside, and can be tried or ended."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from typing import Any, cast

import pytest
from telegram.ext import ExtBot

from bot.notifications.delivery import Delivery
from engine import posts
from engine.media import MediaKind
from engine.moderation import Form, Keyword, KeywordRole, MessageKind
from engine.when import When
from engine.x.client import XSession
from engine.x.events import Heard
from models import aside, choosing, inbox
from models.accounts.channels import Channel, Hearing
from models.accounts.choices import ChannelPolicy
from models.aside import BY_THEMSELVES, Place
from models.control import aside as control
from models.database import EPOCH, rest
from models.inbox import Inbox
from models.moderation import lists
from models.notifications import journal, notices
from models.notifications.declaring import NoticeKind
from models.notifications.journal import Entry, JournalEntry
from models.notifications.kinds import Joined
from models.notifications.notices import Notice, NoticeStatus
from models.publishing import media, placing, settling, taking_back
from models.publishing.allowance import PlannedHour
from models.publishing.media import Upload, UploadStatus
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.scheduling import planning, schedules
from models.scheduling.schedules import Schedule, ScheduleStatus
from models.settings import Settings, load, settings
from models.streaming import hearing, messages
from models.streaming.messages import Message, MessageStatus
from sandbox.app import Sandbox
from tasks import accounts, moderation, publishing, workers
from tasks import journal as writing
from tasks import media as bringing
from tasks import scheduling as planner
from tasks.clock import now
from tasks.living.hands import Hands
from tasks.streaming import polling
from tasks.streaming.catching_up import Catcher
from tasks.streaming.directory import Directory
from tasks.streaming.subscribing import Subscriptions
from tests.bot.conversation import Conversation
from tests.bot.recording import Chat
from tests.invented import breaks
from tests.tasks.nearby_x import nearby_x, sign_in

pytestmark = pytest.mark.both_databases
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PASSED = (MessageStatus.APPROVED, MessageStatus.IGNORED, MessageStatus.BLOCKED)


@dataclass
class World:
    """Two channels at the sandbox's X: the first has an item that breaks."""

    x: Sandbox
    bad: Channel
    good: Channel
    settings: Settings


@dataclass
class Trial:
    """A place at work. `broken` makes it break for one item; `run` works on all; `done` says whether each is done.

    `ended`: what stands in the bad item's row once it was dropped.
    """

    broken: Callable[[], AbstractContextManager[None]]
    run: Callable[[], object]
    good: Callable[[], object]
    bad: Callable[[], object]
    ended: Callable[[], object] = lambda: True


@pytest.fixture
def world(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(journal, "settings", load)
    for kept in (moderation._rules, moderation._had_turn, moderation._unprepared, moderation._resting):
        kept.clear()
    with nearby_x(monkeypatch) as sandbox:
        session = XSession(settings().x_api_url, before_call=rest)
        monkeypatch.setattr(accounts._local, "session", session, raising=False)
        made = [sign_in(sandbox, handle, scopes="media.write", gap_s=0, fresh_s=86400) for handle in ("malo", "bueno")]
        for channel in made:
            lists.add(channel.id, [Keyword(KeywordRole.TRIGGER, "choque")])
        choosing.choose(made[0].id, now(), burst_most=0)
        yield World(sandbox, Channel.get_by_id(made[0].id), Channel.get_by_id(made[1].id), db)
        rest()


# --- the trials ----------------------------------------------------------------------------------------------


def hear(w: World) -> Trial:
    heard = [said(w.bad, n) for n in (1, 2, 3)]
    return Trial(
        lambda: breaks("message", "INSERT", "NEW.x_id = 2"),
        lambda: messages.hear({w.bad.x_user_id: w.bad.id}, heard, now()),
        lambda: {m.x_id for m in Message.select()} >= {1, 3},
        lambda: Message.select().where(Message.x_id == 2).exists(),
    )


def judge(w: World) -> Trial:
    messages.hear({w.bad.x_user_id: w.bad.id}, [said(w.bad, n) for n in (1, 2, 3)], now())
    return Trial(
        lambda: breaks("message", "UPDATE", "OLD.x_id = 2 AND NEW.status IN ('approved', 'ignored', 'blocked')"),
        moderation.judge,
        lambda: [status_of(n) in PASSED for n in (1, 3)] == [True, True],
        lambda: status_of(2) in PASSED,
        lambda: status_of(2) is MessageStatus.IGNORED,
    )


def rules(w: World) -> Trial:
    for n, channel in enumerate((w.bad, w.good), 1):
        messages.hear({channel.x_user_id: channel.id}, [said(channel, n)], now())

    @contextmanager
    def broken() -> Iterator[None]:
        hours = ChannelPolicy.update(mention_hours="no hours at all").where(ChannelPolicy.channel_id == w.bad.id)
        assert hours.execute() == 1
        yield
        ChannelPolicy.update(mention_hours="").where(ChannelPolicy.channel_id == w.bad.id).execute()

    def run() -> None:
        moderation._resting.clear()
        moderation.judge()

    return Trial(broken, run, lambda: status_of(2) in PASSED, lambda: status_of(1) in PASSED)


def followers(w: World) -> Trial:
    for n, channel in enumerate((w.bad, w.good), 1):
        messages.hear({channel.x_user_id: channel.id}, [said(channel, n)], now())
    Message.update(status=MessageStatus.ASKING, useful_until=now() + HOUR).execute()

    def run() -> None:
        moderation.ask_followers(w.bad.id)
        moderation.ask_followers(w.good.id)

    return Trial(
        lambda: breaks("message", "UPDATE", "OLD.x_id = 1 AND NEW.status = 'received'"),
        run,
        lambda: status_of(2) is MessageStatus.RECEIVED,
        lambda: status_of(1) is MessageStatus.RECEIVED,
    )


def catch_up(w: World) -> Trial:
    catcher = Catcher(Directory(), Event(), dict.fromkeys(MessageKind, (0.0,)))
    catcher.connected()
    before = {c.id: c.mention_cursor for c in (w.bad, w.good)}
    for handle in ("malo", "bueno"):
        w.x.world.post(w.x.world.user("maria_rdz").id, f"choque @{handle}", by_app=False)

    def run() -> None:
        for channel in (w.bad, w.good):
            catcher._look((channel.id, MessageKind.MENTION))

    def moved(channel: Channel) -> bool:
        return hearing.cursor(channel.id, MessageKind.MENTION) > before[channel.id]

    when = f"OLD.id = {w.bad.id} AND NEW.mention_cursor <> OLD.mention_cursor"
    return Trial(lambda: breaks("channel", "UPDATE", when), run, lambda: moved(w.good), lambda: moved(w.bad))


def subscribe(w: World) -> Trial:
    directory = Directory()
    asks = Subscriptions(directory, Hands(1, lambda: None), lambda key: None)
    asks._list()

    def run() -> None:
        asks._missing = dict.fromkeys(asks._missing, 0.0)  # the pauses are over
        for sub in list(asks._missing):
            asks._subscribe(asks._wanted[sub])

    def streamed(channel: Channel) -> bool:
        return Channel.get_by_id(channel.id).hearing is Hearing.STREAM

    when = f"OLD.id = {w.bad.id} AND NEW.hearing = 'stream'"
    return Trial(lambda: breaks("channel", "UPDATE", when), run, lambda: streamed(w.good), lambda: streamed(w.bad))


def poll(w: World) -> Trial:
    def run() -> None:
        Channel.update(poll_claimed_until=EPOCH).execute()
        polling.poll(w.bad.id)
        polling.poll(w.good.id)

    def polled(channel: Channel) -> bool:
        return Channel.get_by_id(channel.id).mentions_polled_at > EPOCH

    when = f"OLD.id = {w.bad.id} AND NEW.mentions_polled_at <> OLD.mentions_polled_at"
    return Trial(lambda: breaks("channel", "UPDATE", when), run, lambda: polled(w.good), lambda: polled(w.bad))


def clock(w: World) -> Trial:
    messages.hear({w.bad.x_user_id: w.bad.id}, [said(w.bad, 1), said(w.bad, 2)], now())
    for x_id, status in ((1, MessageStatus.HELD), (2, MessageStatus.ASKING)):
        Message.update(status=status, useful_until=now() - HOUR).where(Message.x_id == x_id).execute()

    def run() -> None:
        workers._last.clear()
        workers.look_for_tweets(now())

    return Trial(
        lambda: breaks("message", "UPDATE", "OLD.x_id = 1 AND NEW.status = 'ignored'"),
        run,
        lambda: status_of(2) is MessageStatus.IGNORED,
        lambda: status_of(1) is MessageStatus.IGNORED,
    )


def job(w: World) -> Trial:
    soon, later = (now() + wait for wait in (timedelta(seconds=30), 3 * HOUR))
    for channel, at in ((w.bad, later), (w.good, soon)):
        schedules.create(channel.id, 7, [posts.plain("aviso")], When(at.replace(tzinfo=None)), "es", now())

    def run() -> None:
        planner.count_planned._run()
        planner.plan._run()

    def counted() -> bool:
        return PlannedHour.select().where(PlannedHour.channel_id == w.bad.id).exists()

    return Trial(
        lambda: breaks("planned_hour", "INSERT", f"NEW.channel_id = {w.bad.id}"),
        run,
        lambda: Tweet.select().where(Tweet.channel_id == w.good.id).exists(),
        counted,
    )


def plan(w: World) -> Trial:
    at = (now() + timedelta(seconds=30)).replace(tzinfo=None)
    bad, good = (schedules.create(c.id, 7, [posts.plain("aviso")], When(at), "es", now()) for c in (w.bad, w.good))

    def planned(schedule: Schedule) -> bool:
        return Tweet.select().where(Tweet.schedule_id == schedule.id).exists()

    return Trial(
        lambda: breaks("tweet", "INSERT", f"NEW.schedule_id = {bad.id}"),
        lambda: planning.plan(now()),
        lambda: planned(good),
        lambda: planned(bad),
        lambda: Schedule.get_by_id(bad.id).status is ScheduleStatus.PAUSED,
    )


def say(w: World) -> Trial:
    bad, good = written(w)
    return Trial(
        lambda: breaks("tweet", "UPDATE", f"OLD.id = {bad} AND NEW.status = 'sending'"),
        lambda: [publishing.say(bad), publishing.say(good)],
        lambda: tweet(good).status is TweetStatus.SENT,
        lambda: tweet(bad).status is TweetStatus.SENT,
        lambda: (tweet(bad).status, tweet(bad).reason) == (TweetStatus.FAILED, "broke"),
    )


def settle(w: World) -> Trial:
    bad, good = written(w)
    lost = Tweet.update(status=TweetStatus.UNKNOWN, started_at=now() - MINUTE, claimed_until=now() - MINUTE)
    lost.execute()
    return Trial(
        lambda: breaks("tweet", "UPDATE", f"OLD.id = {bad} AND OLD.status = 'unknown' AND NEW.status = 'queued'"),
        lambda: [publishing.settle(bad), publishing.settle(good)],
        lambda: tweet(good).status is TweetStatus.QUEUED,
        lambda: tweet(bad).status is TweetStatus.QUEUED,
        lambda: (tweet(bad).status, tweet(bad).reason) == (TweetStatus.FAILED, "broke"),
    )


def undo(w: World) -> Trial:
    bad, good = written(w)
    for tweet_id in (bad, good):
        publishing.say(tweet_id)
        assert taking_back.want(tweet_id, now())
    return Trial(
        lambda: breaks("tweet", "UPDATE", f"OLD.id = {bad} AND NEW.undo = 'done'"),
        lambda: [publishing.undo(bad), publishing.undo(good)],
        lambda: tweet(good).undo is UndoState.DONE,
        lambda: tweet(bad).undo is UndoState.DONE,
        lambda: tweet(bad).undo is UndoState.FAILED,
    )


def upload(w: World) -> Trial:
    for channel in (w.bad, w.good):
        kept = media.keep(channel.id, MediaKind.PHOTO, "image/png", b"0123456789", now())
        shows = (posts.Post("la plaza", (posts.Attachment(kept, MediaKind.PHOTO, ""),)),)
        placing.say_now(channel.id, 7, shows, now(), fresh=HOUR)
    bad, good = media.due(now())
    return Trial(
        lambda: breaks("upload", "UPDATE", f"OLD.id = {bad} AND NEW.status = 'uploading'"),
        lambda: [bringing.upload(bad), bringing.upload(good)],
        lambda: Upload.get_by_id(good).status is UploadStatus.READY,
        lambda: Upload.get_by_id(bad).status is UploadStatus.READY,
        lambda: Upload.get_by_id(bad).status is UploadStatus.FAILED,
    )


def notice(w: World) -> Trial:
    for person, name in ((8, "Ben"), (9, "Zoe"), (10, "Mia")):
        notices.tell(7, Joined(name, person, now()), now(), channel_id=w.bad.id)
    ids = [n.id for n in Notice.select().where(Notice.kind == NoticeKind.JOINED).order_by(Notice.id)]

    def told(notice_id: int) -> bool:
        return Notice.get_by_id(notice_id).status is NoticeStatus.DELIVERED

    return Trial(
        lambda: breaks("notice", "UPDATE", f"OLD.id = {ids[1]} AND NEW.status = 'sending'"),
        lambda: asyncio.run(Delivery(cast(ExtBot[Any], Chat())).catch_up()),
        lambda: told(ids[0]) and told(ids[2]),
        lambda: told(ids[1]),
        lambda: Notice.get_by_id(ids[1]).status is NoticeStatus.DROPPED,
    )


def write(w: World) -> Trial:
    journal.note(Entry(c.id, now(), "ignored", {"text": f"línea {n}"}) for n, c in enumerate((w.bad, w.bad, w.good)))
    bad = JournalEntry.select().where(JournalEntry.channel_id == w.bad.id).order_by(JournalEntry.id.desc()).get()

    @contextmanager
    def broken() -> Iterator[None]:
        JournalEntry.update(data="no JSON").where(JournalEntry.id == bad.id).execute()
        yield
        JournalEntry.update(data=bad.data).where(JournalEntry.id == bad.id).execute()

    def lines(channel: Channel) -> str:
        path = journal.file_of(channel.id)
        return path.read_text() if path.exists() else ""

    return Trial(
        broken,
        writing.write,
        lambda: "línea 0" in lines(w.bad) and "línea 2" in lines(w.good),
        lambda: "línea 1" in lines(w.bad),
        lambda: JournalEntry.get_by_id(bad.id).written == 1,
    )


def update(w: World) -> Trial:
    return Trial(
        lambda: breaks("inbox", "INSERT", "NEW.update_id = 2"),
        lambda: inbox.store([inbox.Update(n, 70 + n, "{}") for n in (1, 2, 3)], now()),
        lambda: {row.update_id for row in Inbox.select()} >= {1, 3},
        lambda: Inbox.select().where(Inbox.update_id == 2).exists(),
    )


def turn(w: World) -> Trial:
    ana = Conversation(w.settings)
    zoe = ana.another(person=99, name="Zoe")
    for person in (zoe, ana):
        person.writes("/help")

    async def settled() -> None:
        turns = await ana._service.ready()
        await turns.store(ana._phones.take_updates())
        await turns.settle()

    def answered(person: Conversation) -> bool:
        return any(re.match("Cómo funciona|How it works", shown.text) for shown in person.everything())

    def run() -> None:
        asyncio.run(settled())
        ana.the_bot_is_restarted()  # its loop is over

    return Trial(
        lambda: breaks("person", "INSERT", "NEW.telegram_id = 99"),
        run,
        lambda: answered(ana),
        lambda: answered(zoe),
        lambda: Inbox.get(Inbox.person_id == 99).payload == "",
    )


TRIALS: dict[Place, Callable[[World], Trial]] = {
    Place.HEAR: hear,
    Place.JUDGE: judge,
    Place.RULES: rules,
    Place.FOLLOWERS: followers,
    Place.CATCH_UP: catch_up,
    Place.SUBSCRIBE: subscribe,
    Place.POLL: poll,
    Place.CLOCK: clock,
    Place.JOB: job,
    Place.PLAN: plan,
    Place.SAY: say,
    Place.SETTLE: settle,
    Place.UNDO: undo,
    Place.UPLOAD: upload,
    Place.NOTICE: notice,
    Place.JOURNAL: write,
    Place.UPDATE: update,
    Place.TURN: turn,
}


def said(channel: Channel, n: int) -> Heard:
    text = f"choque {n} en la calle {n}"
    return Heard(MessageKind.MENTION, channel.x_user_id, n, 500 + n, f"vecino{n}", "Vecino", text, now())


def status_of(x_id: int) -> MessageStatus:
    return Message.get(Message.x_id == x_id).status


def written(w: World) -> tuple[int, int]:
    bad, good = (
        placing.say_now(c.id, 7, posts.plain(f"aviso de {c.handle}"), now(), fresh=HOUR).tweet_id
        for c in (w.bad, w.good)
    )
    return bad, good


def tweet(tweet_id: int) -> Tweet:
    return Tweet.get_by_id(tweet_id)


# --- what holds at every place -------------------------------------------------------------------------------


def test_no_place_is_without_its_trial_and_its_way_out() -> None:
    assert set(TRIALS) == set(Place) == set(control.WAYS)


@pytest.mark.parametrize("place", Place)
def test_one_that_breaks_is_set_aside_and_done_once_it_is_healed(world: World, place: Place) -> None:
    trial = TRIALS[place](world)
    with trial.broken():
        trial.run()
        assert trial.good()
        assert not trial.bad()
        (row,) = aside.listed(10)
        assert (row.place, row.tries) == (place, 1)
        trial.run()
        assert not trial.bad()
        assert len(aside.listed(10)) == 1
    assert control.again(row.id, now())
    assert not control.again(row.id, now()), "another was first"
    trial.run()
    assert trial.bad()
    assert aside.listed(10) == []


@pytest.mark.parametrize("place", [p for p in Place if p not in BY_THEMSELVES])
def test_one_that_is_dropped_is_over(world: World, place: Place) -> None:
    trial = TRIALS[place](world)
    with trial.broken():
        trial.run()
    (row,) = aside.listed(10)
    assert control.drop(row.id, now())
    assert aside.listed(10) == []
    if place is Place.HEAR or place is Place.UPDATE:  # nothing of it is stored, and nobody brings it again
        return
    trial.run()
    assert not trial.bad() or place is Place.JUDGE
    assert trial.ended()


@pytest.mark.parametrize("place", BY_THEMSELVES)
def test_a_channel_s_trouble_is_tried_again_by_itself_and_goes_when_it_goes_well(world: World, place: Place) -> None:
    trial = TRIALS[place](world)
    with trial.broken():
        trial.run()
        assert len(aside.listed(10)) == 1
    trial.run()
    assert trial.bad()
    assert aside.listed(10) == []


@pytest.mark.parametrize("form", list(Form))
def test_what_x_has_is_never_said_twice_though_writing_that_down_breaks(world: World, form: Form) -> None:
    tweet_id = written(world)[0] if form is Form.COPY else reposted(world)
    with breaks("tweet", "UPDATE", f"OLD.id = {tweet_id} AND NEW.status = 'sent'"):
        for _ in range(8):
            publishing.say(tweet_id)
            Tweet.update(claimed_until=now() - MINUTE).where(Tweet.claimed_until.is_null(False)).execute()
            for doubtful in settling.recover(now()):
                publishing.settle(doubtful)
        assert len(aside.listed(9)) == 1, "it came to an end"
    assert told_to_x(world) == 1
    assert tweet(tweet_id).status is TweetStatus.FAILED
    (row,) = aside.listed(9)
    assert control.again(row.id, now())
    for _ in range(2):
        publishing.settle(tweet_id)
        publishing.say(tweet_id)
    assert tweet(tweet_id).status is TweetStatus.SENT
    assert told_to_x(world) == 1


def told_to_x(w: World) -> int:
    """How often X has acted on something of the channel's."""
    mine = (f"post:{w.bad.x_user_id}:", f"repost:{w.bad.x_user_id}:")
    return sum(count for what, count in w.x.world.accepted.items() if what.startswith(mine))


def reposted(w: World) -> int:
    """A repost of the first channel's that is due."""
    post = w.x.world.post(w.x.world.user("maria_rdz").id, "choque @malo", by_app=False)
    mention = Heard(MessageKind.MENTION, w.bad.x_user_id, post.id, 5, "maria_rdz", "María", "choque", now())
    messages.hear({w.bad.x_user_id: w.bad.id}, [mention], now())
    moderation.judge()
    (made,) = Tweet.select().where(Tweet.channel_id == w.bad.id)
    return int(made.id)
