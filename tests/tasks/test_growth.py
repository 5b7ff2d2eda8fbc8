"""A year of use costs what a day costs: what passes each second finds its rows by an index, on both databases."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import peewee as pw
import pytest

from engine import hashtags as rules
from engine import posts
from engine.media import MediaKind
from engine.moderation import Keyword, KeywordRole, MessageKind, Review
from engine.when import understand
from engine.x.errors import RateLimited
from engine.x.events import Heard
from models import choosing, database, inbox, retention
from models.accounts.channels import Channel
from models.control import overview
from models.database import db, is_sqlite
from models.moderation import judging, lists, passed, review
from models.notifications import journal, lanes, notices
from models.publishing import hashtags, history, holding, media, placing, saying, settling, taking_back, threads
from models.publishing.copies import source
from models.publishing.hashtags import HashtagUse
from models.publishing.tweets import Tweet
from models.scheduling import forecast, planning, schedules
from models.settings import Settings, load
from models.streaming import messages
from models.streaming.messages import Message
from tasks import journal as writing
from tasks import journal_files, moderation, workers
from tasks.clock import now
from tasks.queues import Job
from tests import a_year
from tests.channels import connected

NOW = now()
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: As many rows as there are channels and people, or of a few days: looked through as a whole.
SMALL = {
    "admin", "admission", "allowed", "desk", "desk_group", "entrance", "channel", "channel_policy", "channel_switch", "person", "member", "invitation", "app_day", "said_hour",
    "planned_hour", "trouble", "notice_lane", "journal_lane", "keyword", "hashtag", "notice_setting", "json_each", "seen", "asked", "hashtag_use", "draft",
    "charge", "found",  # lines of a minute, which become sums
}  # fmt: skip
#: Indexes of what is under way: whatever was before is not in them, so all that they hold may be looked through.
UNDER_WAY = {
    "message_received", "message_held", "tweet_queued", "tweet_waiting", "tweet_unsettled", "tweet_undo",
    "notice_pending", "notice_redraw", "journal_unwritten", "upload_open", "inbox_waiting", "inbox_one_at_once",
    "schedule_over", "message_held_of_channel", "notice_redraw_of_person", "schedule_due", "schedule_ended",
    "chat_event_to_read", "chat_event_waits", "chat_event_waits_for", "chat_event_late",
    "chat_event_unread",  # of a week
    "sender_standing",  # who is blocked or trusted: a list that people keep

}  # fmt: skip
#: Every file that a schedule shows is asked for now and then, by nobody who waits.
RARE = (" LIKE ", " ILIKE ")
ALIAS = re.compile(r'"(\w+)" AS "(\w+)"')
#: The newest come first, and few are asked for.
NEWEST = re.compile(r"DESC LIMIT (%s|[?])")
PLANNED = ("SELECT", "UPDATE", "DELETE", "WITH", "INSERT")
Asked = dict[str, Any]


class Listener(logging.Handler):
    """Writes down each statement once, with the values that it was sent with first."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.asked: Asked = {}

    def emit(self, record: logging.LogRecord) -> None:
        said: Any = record.msg
        sql, values = said
        if sql.lstrip().startswith(PLANNED) and not any(word in sql for word in RARE):
            self.asked.setdefault(sql, values)


@contextmanager
def heard_all() -> Iterator[Asked]:
    """What is sent to the database meanwhile, as the driver's library tells its log."""
    listener, told = Listener(), logging.getLogger("peewee")
    level, goes_on = told.level, told.propagate
    told.addHandler(listener)
    told.setLevel(logging.DEBUG)
    told.propagate = False
    try:
        yield listener.asked
    finally:
        told.removeHandler(listener)
        told.setLevel(level)
        told.propagate = goes_on


@pytest.fixture
def channel(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Channel:
    return begun(db, monkeypatch)


def begun(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Channel:
    """A channel in this database, and nothing of another."""
    monkeypatch.setattr(journal, "settings", lambda: db)
    monkeypatch.setattr(writing, "_lanes", {})
    monkeypatch.setattr(journal_files, "_left", {})
    for bell in ("ring_once", "ring_for"):  # who is rung is not asked here
        monkeypatch.setattr(Job, bell, lambda *_, **__: None)
    for kept in (moderation._rules, moderation._had_turn, moderation._unprepared, moderation._resting, workers._last):
        kept.clear()
    made = connected(scopes="media.write")
    lists.add(made.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    hashtags.put(made.id, rules.Hashtag("metro"))
    Channel.update(gap_s=0, fresh_s=86400).execute()
    return Channel.get_by_id(made.id)


def heard(x_id: int, text: str, origin: int = 0, kind: MessageKind = MessageKind.MENTION) -> Heard:
    return Heard(kind, 70, x_id, 5 + x_id, f"vecino{x_id}", "V", text, NOW, origin_id=origin)


def looks(at: Any) -> None:
    workers._last.clear()
    workers.look_for_tweets(at)
    workers.look_for_calls(at)
    writing.look(at)
    planning.due(at)


def a_little_of_everything(channel: Channel) -> None:
    """What happens each second: it is heard, judged, planned, said, settled, taken back, told and written down."""
    looks(NOW)
    mine = {70: channel.id}
    messages.hear(
        mine, [heard(1, "choque en la calle larga"), heard(2, "nada"), heard(3, "choque", 0, MessageKind.DM)], NOW
    )
    messages.hear(mine, [heard(4, "choque en la otra calle", origin=1)], NOW)
    moderation.judge()
    choosing.choose(channel.id, NOW, review=Review.ALL)
    messages.hear(mine, [heard(5, "choque de tres camiones"), heard(6, "choque leve en el puente nuevo")], NOW)
    moderation.judge()
    looks(NOW + SECOND)
    held = review.waiting([channel.id], 10)
    assert len(held) == 2
    style = judging.load_rules(channel).style
    review.publish(held[0].id, 7, style, NOW)
    review.count_held(channel.id)
    review.lapse(NOW + 2 * DAY)
    head = placing.say_now(channel.id, 7, (posts.Post("uno"), posts.Post("dos")), NOW, fresh=HOUR)
    photo = media.keep(channel.id, MediaKind.PHOTO, "image/png", b"0123", NOW)
    shows = (posts.Post("la plaza", (posts.Attachment(photo, MediaKind.PHOTO, ""),)),)
    placing.say_once(channel.id, 7, shows, NOW, fresh=HOUR)
    when, _ = understand("tomorrow 9:00", NOW.replace(tzinfo=None))
    made = schedules.create(channel.id, 7, [posts.plain("hola")], when, "es", NOW)
    assert made.next_at is not None
    assert planning.plan(made.next_at - MINUTE).queued
    forecast.renew(NOW)
    for upload_id in media.due(NOW + SECOND):
        taken = media.claim(upload_id, NOW + SECOND)
        assert taken is not None
        media.renew(taken, NOW)
        media.ready(taken, 9, "3_9", NOW + DAY)
        threads.release(NOW + SECOND, taken.head_id)
    for n, tweet_id in enumerate(placing.due(NOW + MINUTE, 50)):
        claimed = saying.claim(tweet_id, NOW + MINUTE)
        if claimed is not None:
            tweet = hashtags.add_to(claimed[0], NOW)
            media.of_tweet(tweet.id)
            source.source_of(tweet)
            threads.answered_by(tweet)
            assert saying.renew_claim(tweet, NOW + MINUTE)
            if n == 0:
                saying.doubt(tweet, NOW, "no_answer")
            elif n == 1:
                holding.met(channel.id, RateLimited(), NOW, tweet.id)
                Channel.update(hold_until=None).execute()
            else:
                saying.sent(tweet, 100 + n, NOW + MINUTE)
                threads.next_up(tweet)
    for tweet_id in settling.recover(NOW + HOUR):
        settled = settling.claim(tweet_id, NOW + HOUR)
        assert settled is not None
        settling.known_x_ids(channel.id, [1, 2, 3])
        settling.requeue_unsaid(settled[0], NOW)
    looks(NOW + HOUR)
    taking_back.want(head.tweet_id, NOW)
    for tweet_id in taking_back.due(NOW + SECOND):
        undone = taking_back.claim(tweet_id, NOW + SECOND)
        assert undone is not None
        taking_back.done(undone[0], NOW)
    _tell(channel)
    inbox.store([inbox.Update(10**9, 7, "{}")], NOW)
    (turn,) = inbox.claim("here", 5, NOW, {})
    inbox.renew("here", [turn.update_id], NOW)
    turn.once("a", int, lambda: 1)
    inbox.done(turn, NOW)
    inbox.let_go("here")
    inbox.waiting()
    writing.write()
    overview.overview(channel.id, NOW)
    overview.pending_notices(7)
    history.ended(channel.id, 9, 0)
    history.counts_of(channel.id, NOW)
    journal.last_lines(channel.id, 20)


def _tell(channel: Channel) -> None:
    lanes.keep("bot", NOW)
    assert lanes.waiting("bot", NOW + HOUR)
    assert lanes.enter(7, "bot", NOW + HOUR)
    lanes.share("bot", NOW + HOUR)
    lanes.urgency(7, NOW + HOUR)
    some = lanes.ahead(7, NOW + HOUR)
    lanes.alike(some[0], NOW + HOUR)
    lanes.backlog(some[0], NOW + HOUR)
    lanes.last_told(7, channel.id, some[0].kind, NOW - HOUR)
    taken = lanes.take(7, "bot", some, None, NOW + HOUR)
    lanes.delivered([n.id for n in taken], 5, NOW + HOUR)
    notices.redraw_tweet(int(Tweet.select(pw.fn.MIN(Tweet.id)).scalar()), NOW)
    notices.redraw_message(int(Message.select(pw.fn.MAX(Message.id)).scalar()), NOW)
    lanes.redrawn(lanes.to_redraw(7, "bot", NOW + 2 * HOUR))
    notices.shown(7, 5, NOW, NOW)
    lanes.leave(7, "bot")
    lanes.leave_all("bot")


def whole_tables(sql: str, values: Any) -> list[str]:
    """Which large tables a statement reads from one end to the other, as the database says."""
    names = {alias: table for table, alias in ALIAS.findall(sql)}
    if is_sqlite():
        plan = [str(row[3]) for row in db.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]
        read = [m for line in plan if (m := re.match(r"SCAN ([a-z]\w+)(?: USING (?:COVERING )?INDEX (\w+))?", line))]
        found = [names.get(str(m[1]), str(m[1])) for m in read if m[2] not in UNDER_WAY]
    else:
        marked = sql.replace("?", "%s") if "?" in sql and "%s" not in sql else sql
        for way in ("seqscan", "mergejoin", "hashjoin"):  # only where there is no other: our tables are small
            db.execute_sql(f"SET enable_{way} = off")
        plan = [str(row[0]) for row in db.execute_sql(f"EXPLAIN {marked}", values).fetchall()]
        found = [str(m[1]) for line in plan if (m := re.search(r"Seq Scan on (\w+)", line))]
        for line, after in zip(plan, [*plan[1:], ""], strict=True):
            through = re.search(r"Index(?: Only)? Scan(?: Backward)? using (\w+) on (\w+)", line)
            if through and "Index Cond" not in after and through[1] not in UNDER_WAY and not NEWEST.search(sql):
                found.append(str(through[2]))
    return [table for table in found if table not in SMALL and not table.startswith(("VALUES", "unnest", "given"))]


def test_nothing_that_passes_each_second_reads_a_table_that_grows(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "DEAD_ROWS", 10**9)  # PostgreSQL would count a small table anew, and read all of it
    a_year.fill([channel.id, channel.id + 1], NOW - HOUR, 4, 2000, said_every=2)
    a_year.passed(range(channel.id + 1, channel.id + 30), NOW - HOUR, 3000)  # else its plan is that of an empty table
    a_year.watched(range(channel.id + 1, channel.id + 200), 1000)
    a_year.opted_out(range(channel.id + 1, channel.id + 200), 1000)
    a_year.analyze()
    with heard_all() as asked:
        a_little_of_everything(channel)
        assert sum(taken.gone for taken in retention.bites(NOW + 32 * DAY)) > 1000
    assert len(asked) > 100
    read = [f"{tables}: {sql}" for sql, values in asked.items() if (tables := whole_tables(sql, values))]
    assert not read, "\n".join(read)


def test_the_same_work_takes_as_many_steps_however_much_was_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A search by an index that finds all that a channel or a person ever had is no better than a scan."""

    def steps(days: int) -> int:
        monkeypatch.setenv("DATA_DIR", str(tmp_path / str(days)))
        settings = load()
        database.open_database(settings)
        database.migrate(settings)
        passed.forget_recent()
        made = begun(settings, monkeypatch)
        a_year.fill([made.id, made.id + 1], NOW - HOUR, days, 300)
        HashtagUse.delete().execute()  # a week of them is kept
        counted = [0]

        def count() -> None:
            counted[0] += 1

        db.connection().set_progress_handler(count, 10)
        a_little_of_everything(made)
        database.close_database()
        return counted[0]

    few, many = steps(2), steps(20)
    assert many < few * 1.2
