"""The moderation desk in the database: repeats, bursts, hours, review, edits, teams; each change done once, by one."""

import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import psycopg
import pytest

from engine.files import lists as files
from engine.moderation import Form, Keyword, KeywordRole, MessageKind, Reading, Review
from engine.moderation.filters import NO_LINKS
from engine.moderation.repeats import REPEAT
from engine.moderation.standing import Standed, Standing
from engine.roles import Role
from engine.timetable import parse
from engine.x.events import Heard, Person
from models import choosing, database, undoing
from models.accounts import choices, team
from models.accounts import people as stored_people
from models.accounts.channels import Channel
from models.moderation import followers, judging, lists, preparing, review, senders
from models.moderation.preparing import Read
from models.moderation.senders import Source
from models.notifications import journal, lanes
from models.notifications import notices as notifications
from models.notifications.declaring import NoticeKind
from models.notifications.kinds import BlockOver, Connected
from models.notifications.notices import Notice
from models.publishing import hours, saying
from models.publishing.placing import Queued
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings
from models.streaming import messages
from models.streaming.messages import Message, MessageStatus
from tests.channels import connected
from tests.conftest import NOW

ANA, BEN = 7, 8
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def channel(db: Settings) -> Channel:
    stored_people.person(ANA, "Ana", "es", NOW)
    stored_people.person(BEN, "Ben", "en", NOW)
    made = connected(70, "trafico")
    lists.add(made.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    Channel.update(gap_s=0).execute()
    return fresh(made)


def fresh(channel: Channel) -> Channel:
    return Channel.get_by_id(channel.id)


def heard(
    x_id: int,
    text: str,
    sender: int = 0,
    at: datetime = NOW,
    kind: MessageKind = MessageKind.MENTION,
    origin_id: int = 0,
) -> Heard:
    who = sender or x_id + 5000
    return Heard(kind, 70, x_id, who, f"user{who}", f"User {who}", text, at, origin_id)


def judge(channel: Channel, *said: Heard, at: datetime = NOW) -> list[Queued]:
    messages.hear({70: channel.id}, said, at)
    return judging.judge(read(channel), at).queued


def read(*channels: Channel) -> list[Read]:
    rules = {c.id: judging.load_rules(fresh(c)) for c in channels}
    return [(w, rules[w.channel_id], rules[w.channel_id].ruleset.read(w.said)) for w in messages.waiting(1000)]


def states() -> dict[int, str]:
    return {m.x_id: f"{m.status} {m.rule or ''}" for m in Message.select()}


def together(work: Callable[[int], object], times: int) -> list[object]:
    """Run it so many times at once; what each gave."""
    gave: list[object] = []
    start = threading.Barrier(times)

    def run(number: int) -> None:
        start.wait()
        try:
            gave.append(work(number))
        finally:
            database.rest()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return gave


# --- repeats and senders -----------------------------------------------------------------------------------


def test_of_the_same_text_judged_by_two_workers_at_once_one_passes(channel: Channel) -> None:
    messages.hear({70: channel.id}, [heard(n, "Choque en la calle Sucre") for n in range(1, 9)], NOW)
    batch = read(channel)
    together(lambda n: _judge_until_done(batch[n * 2 : n * 2 + 2]), 4)
    assert sorted(s.split()[1] for s in states().values()) == ["repeat"] * 7 + ["trigger"]
    assert Tweet.select().count() == 1


def _judge_until_done(batch: list[Read]) -> None:
    while judging.judge(batch, NOW).busy:
        pass


def test_what_passed_after_a_message_was_compared_is_still_seen(channel: Channel) -> None:
    messages.hear({70: channel.id}, [heard(1, "choque en la plaza"), heard(2, "Choque en la plaza!")], NOW)
    first, second = read(channel)
    work = preparing.prepare([second], NOW)
    assert work.prepared[second[0].id].found is None
    judging.judge([first], NOW)
    (verdict,), _ = judging.verdicts([second], work, NOW)
    assert verdict[2].rule == REPEAT


def test_a_trusted_sender_repeats_nothing_without_a_trigger_either(channel: Channel) -> None:
    judge(channel, heard(1, "choque en la plaza mayor", sender=6))
    senders.trust(channel.id, 6)
    judge(channel, heard(2, "choque en la plaza mayor", sender=6), heard(3, "en la plaza mayor no", sender=6))
    judge(channel, heard(4, "en la plaza mayor no", sender=6))
    assert states() == {1: "approved trigger", 2: "ignored repeat", 3: "approved trusted", 4: "ignored repeat"}


def test_a_channel_that_somebody_holds_delays_no_other_channel(channel: Channel) -> None:
    if database.is_sqlite():
        pytest.skip("SQLite has no locks of rows")
    other = connected(71, "lluvia")
    lists.add(other.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    messages.hear({70: channel.id}, [heard(1, "choque uno"), heard(2, "choque dos")], NOW)
    messages.hear({70: other.id}, [heard(3, "choque tres"), heard(4, "choque cuatro")], NOW)
    with psycopg.connect(os.environ["DATABASE_URL"]) as holder:
        holder.execute("SELECT 1 FROM channel WHERE id = %s FOR UPDATE", (channel.id,))
        outcome = judging.judge(read(channel, other), NOW)
        assert (len(outcome.queued), outcome.busy) == (2, frozenset({channel.id}))
        assert states() == {1: "received ", 2: "received ", 3: "approved trigger", 4: "approved trigger"}
        assert messages.waiting(1, but_of=outcome.busy) == []
        holder.rollback()
        holder.execute("UPDATE sender SET name = 'x'")  # not a channel, but in the way of both
        messages.hear({70: other.id}, [heard(5, "choque cinco", sender=5003)], NOW)
        assert judging.judge(read(channel, other), NOW).busy == {other.id}
        assert [states()[n] for n in (1, 2, 5)] == ["approved trigger", "approved trigger", "received "]
    assert judging.judge(read(channel, other), NOW).busy == frozenset()
    assert set(states().values()) == {"approved trigger"}
    assert Tweet.select().count() == 5


def test_a_repeat_is_one_for_a_day_and_only_on_its_own_channel(channel: Channel) -> None:
    judge(channel, heard(1, "choque en la plaza"))
    judge(channel, heard(2, "CHOQUE en la Plaza!", at=NOW + timedelta(hours=23)), at=NOW + timedelta(hours=23))
    judge(channel, heard(3, "choque en la plaza", at=NOW + timedelta(hours=25)), at=NOW + timedelta(hours=25))
    assert states() == {1: "approved trigger", 2: "ignored repeat", 3: "approved trigger"}


def test_what_a_failed_transaction_let_pass_is_no_repeat_later(channel: Channel) -> None:
    messages.hear({70: channel.id}, [heard(1, "choque en la plaza")], NOW)
    batch = read(channel)
    broken = [(w, rules, Reading(("choque",), (None,))) for w, rules, _ in batch]  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        judging.judge([*batch, *broken], NOW)
    judging.judge(batch, NOW)
    assert states() == {1: "approved trigger"}


def test_a_burst_blocks_from_the_sixth_on_within_one_batch_too(channel: Channel) -> None:
    texts = [f"choque número {n}" for n in range(1, 9)]
    judge(channel, *[heard(n, t, sender=5, at=NOW + n * timedelta(seconds=1)) for n, t in enumerate(texts, 1)])
    assert [states()[n].split()[1] for n in range(1, 9)] == ["trigger"] * 5 + [
        "burst",
        "sender_blocked",
        "sender_blocked",
    ]
    assert [n.kind for n in Notice.select()] == [NoticeKind.SENDER_BLOCKED]
    row = senders.of_message(channel.id, 5)
    assert row is not None
    assert row.blocked_until == NOW + DAY
    senders.clear_sender(channel.id, 5, NOW + MINUTE)
    judge(channel, heard(9, "choque número 9", sender=5, at=NOW + 2 * MINUTE), at=NOW + 2 * MINUTE)
    assert states()[9] == "approved trigger", "a new count begins"


def test_messages_further_apart_are_no_burst_and_an_expired_block_lapses(channel: Channel) -> None:
    for n in range(1, 12):
        at = NOW + n * 3 * MINUTE
        judge(channel, heard(n, f"choque número {n}", sender=5, at=at), at=at)
    assert set(states().values()) == {"approved trigger"}
    senders.block(channel.id, 5, 1, "", Source.OWNER, NOW + 60 * MINUTE)
    later = NOW + DAY + 61 * MINUTE
    judge(channel, heard(12, "choque número 12", sender=5, at=later), at=later)
    assert states()[12] == "approved trigger"
    assert senders.let_lapse(later) == 1
    assert senders.let_lapse(later) == 0
    assert senders.rows_of(channel.id, Standing.BLOCKED) == []
    (told,) = [n.value for n in Notice.select() if n.kind is NoticeKind.BLOCK_OVER]
    assert isinstance(told, BlockOver)
    assert told.until == NOW + DAY + 60 * MINUTE


def test_who_was_blocked_by_handle_before_being_heard_is_blocked_by_id_from_then_on(channel: Channel) -> None:
    senders.set_standing_of_handle(channel.id, Standed(Standing.BLOCKED, "User9", None, "spam"), source=Source.OWNER)
    judge(channel, heard(1, "choque uno", sender=9))
    assert states()[1] == "blocked sender_blocked"
    (row,) = senders.rows_of(channel.id, Standing.BLOCKED)
    assert (row.sender_id, row.heard) == (9, 1)
    assert senders.clear_handle(channel.id, "user9", NOW)
    judge(channel, heard(2, "choque dos", sender=9))
    assert states()[2] == "approved trigger"


def test_a_filter_blocks_its_sender_but_never_one_who_is_trusted(channel: Channel) -> None:
    lists.add(channel.id, [Keyword(KeywordRole.FILTER, "estafa", block_days=7)])
    judge(channel, heard(1, "choque", sender=5), heard(2, "choque", sender=6))
    senders.trust(channel.id, 6)
    judge(
        channel,
        heard(3, "choque estafa", sender=5),
        heard(4, "otra estafa", sender=6),
        heard(5, "choque tres", sender=5),
    )
    assert [states()[n] for n in (3, 4, 5)] == ["blocked filter", "blocked filter", "blocked sender_blocked"]
    assert [r.sender_id for r in senders.rows_of(channel.id, Standing.BLOCKED)] == [5]


# --- followers only --------------------------------------------------------------------------------------------


def test_a_message_waits_for_x_to_say_who_follows(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, followers_only=True)
    assert judge(channel, heard(1, "choque uno", sender=5), heard(2, "choque dos", sender=6)) == []
    assert followers.asking() == {channel.id: [5, 6]}
    assert journal.unwritten(10) == []
    followers.answered(channel.id, {5: Person("pepe", "Pepe", follows=True), 6: Person("ana", "Ana")}, NOW)
    judge(channel)
    assert states() == {1: "approved trigger", 2: "ignored not_follower"}
    judge(channel, heard(3, "choque tres", sender=5), at=NOW + 6 * DAY)
    assert states()[3] == "approved trigger", "remembered"
    judge(channel, heard(4, "choque cuatro", sender=6), at=NOW + 2 * DAY)
    assert states()[4].startswith("asking"), "who did not follow is asked about again after a day"


def test_what_x_does_not_say_in_time_is_not_posted(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, followers_only=True)
    judge(channel, heard(1, "choque uno"))
    assert followers.give_up_asking(NOW + 14 * MINUTE) == 0
    assert followers.give_up_asking(NOW + 16 * MINUTE) == 1
    assert states() == {1: "ignored follower_unknown"}


# --- hours -----------------------------------------------------------------------------------------------------


def test_outside_the_hours_tweets_wait_in_slots_of_the_next_block_and_are_fresh_there(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, hours_on=True, mention_hours=parse("sat 6-22"))
    Channel.update(gap_s=300).execute()
    queued = judge(channel, *[heard(n, f"choque número {n}") for n in range(1, 6)])
    opens = datetime(2026, 11, 21, 6, tzinfo=NOW.tzinfo)
    assert [q.due_at - opens for q in queued] == [n * 5 * MINUTE for n in range(4)]
    assert [t.reason for t in Tweet.select().order_by(Tweet.id)] == ["hours"] * 4 + ["stale"]
    assert fresh(channel).last_slot_at is None
    assert saying.claim(queued[0].tweet_id, NOW) is None
    assert saying.claim(queued[0].tweet_id, opens) is not None


def test_what_is_late_for_its_block_waits_for_the_next_or_is_discarded(channel: Channel) -> None:
    first, second = judge(channel, heard(1, "choque uno"), heard(2, "choque dos"))
    choosing.choose(channel.id, NOW, hours_on=True, mention_hours=parse("sat 6-22"))
    assert saying.claim(first.tweet_id, NOW) is None
    tweet = Tweet.get_by_id(first.tweet_id)
    opens = datetime(2026, 11, 21, 6, tzinfo=NOW.tzinfo)
    assert (tweet.status, tweet.due_at, tweet.fresh_until) == (TweetStatus.QUEUED, opens, opens + 15 * MINUTE)
    choosing.choose(channel.id, NOW, outside="discard")
    assert saying.claim(second.tweet_id, NOW) is None
    assert Tweet.get_by_id(second.tweet_id).status == TweetStatus.EXPIRED
    hours.wake_waiting(channel.id, NOW)  # as the button "Outside: discard" does: what waits goes on waiting
    assert saying.claim(first.tweet_id, NOW) is None
    tweet = Tweet.get_by_id(first.tweet_id)
    assert (tweet.status, tweet.due_at, tweet.fresh_until) == (TweetStatus.QUEUED, opens, opens + 15 * MINUTE)
    choosing.choose(channel.id, NOW, hours_on=False)
    hours.wake_waiting(channel.id, NOW)
    assert saying.claim(first.tweet_id, NOW) is not None


def test_hours_that_come_in_a_file_and_go_by_an_undo_wake_what_waits_for_them(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, hours_on=True, mention_hours=parse("sat 6-22"))
    (waiting,) = judge(channel, heard(1, "choque uno"))
    opens = datetime(2026, 11, 21, 6, tzinfo=NOW.tzinfo)
    assert saying.claim(waiting.tweet_id, NOW) is None
    read = files.read_file(b"list,text,applies\nhours,24h,mention\n", None, NOW)
    undo = undoing.keep(channel.id, ANA, "rules", NOW, *undoing.lines_of(channel.id, read.entries, ()))
    choosing.bring_in(channel.id, read.entries, NOW)
    assert Tweet.get_by_id(waiting.tweet_id).due_at < opens
    undoing.undo(channel.id, undo, NOW)
    assert saying.claim(waiting.tweet_id, NOW) is None
    assert Tweet.get_by_id(waiting.tweet_id).due_at == opens


def test_what_was_read_by_rules_that_changed_meanwhile_is_read_by_the_new_ones(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, hours_on=True, mention_hours=parse("sat 6-22"))
    messages.hear({70: channel.id}, [heard(1, "choque uno")], NOW)
    old = read(channel)
    choosing.choose(channel.id, NOW, hours_on=False)
    hours.wake_waiting(channel.id, NOW)
    outcome = judging.judge(old, NOW)
    assert outcome.outdated
    assert (outcome.queued, states()) == ([], {1: "received "})
    assert judging.judge(read(channel), NOW).queued[0].due_at == NOW


# --- review ----------------------------------------------------------------------------------------------------


@pytest.fixture
def held(channel: Channel) -> Message:
    team.invite(channel.id, "code", {Role.MODERATOR}, NOW)
    assert team.join("code", BEN, NOW) is not None
    choosing.choose(channel.id, NOW, review=Review.ALL.value)
    judge(channel, heard(1, "Choque SECRETO en la A1", kind=MessageKind.DM))
    message = Message.get()
    return message


def test_a_held_message_goes_to_the_whole_team_once(channel: Channel, held: Message) -> None:
    assert held.status == MessageStatus.HELD
    assert held.useful_until == NOW + 15 * MINUTE
    assert sorted(n.person_id for n in Notice.select()) == [ANA, BEN]
    assert [m.id for m in review.waiting([channel.id], 10)] == [held.id]


def test_of_many_who_decide_at_once_one_does(channel: Channel, held: Message) -> None:
    style = judging.load_rules(channel).style
    people = [ANA, BEN] * 3
    gave = together(
        lambda n: (
            (review.publish(held.id, people[n], style, NOW) if n % 2 else review.ignore(held.id, people[n], NOW)).won
        ),
        6,
    )
    assert gave.count(True) == 1
    decided = Message.get_by_id(held.id)
    assert Tweet.select().count() == (decided.status == MessageStatus.APPROVED)
    assert decided.decided_by in (ANA, BEN)
    assert Notice.select().where(Notice.redraw_at.is_null(False)).count() == 2
    assert all("SECRETO" not in e.data for e in journal.unwritten(20))


def test_publishing_goes_out_at_any_hour_as_it_is_or_edited(channel: Channel, held: Message) -> None:
    choosing.choose(channel.id, NOW, hours_on=True, dm_hours=parse("sat 6-22"))
    decided = review.publish(held.id, BEN, judging.load_rules(channel).style, NOW, edited="Choque en la A1")
    assert decided.won
    claimed = saying.claim(decided.queued[0].tweet_id, NOW)
    assert claimed is not None
    assert (claimed[0].form, claimed[0].text) == (Form.COPY, "Choque en la A1")
    row = senders.of_message(channel.id, held.sender_id)
    assert row is not None
    assert row.approved == 1


def test_what_nobody_decides_lapses_and_a_no_can_be_taken_back_while_it_is_fresh(
    channel: Channel, held: Message
) -> None:
    assert review.ignore(held.id, ANA, NOW).won
    assert review.take_back(held.id, NOW + MINUTE)
    assert not review.take_back(held.id, NOW + MINUTE)
    assert review.lapse(NOW + 14 * MINUTE) == 0
    assert review.lapse(NOW + 15 * MINUTE) == 1
    assert not review.publish(held.id, ANA, judging.load_rules(channel).style, NOW + 15 * MINUTE).won
    assert not review.take_back(held.id, NOW + 15 * MINUTE)
    assert Message.get_by_id(held.id).status == MessageStatus.IGNORED


def test_a_notice_is_drawn_anew_even_if_it_was_on_its_way_when_the_state_changed(
    channel: Channel, held: Message
) -> None:
    ours, theirs = list(Notice.select().order_by(Notice.id))
    for notice in (ours, theirs):
        assert lanes.enter(notice.person_id, "us", NOW)
        lanes.take(notice.person_id, "us", [notice], None, NOW)
    review.ignore(held.id, ANA, NOW)
    assert lanes.to_redraw(ours.person_id, "us", NOW) == []
    for notice in (ours, theirs):
        lanes.delivered([notice.id], 100 + notice.id, NOW)
        (drawn,) = lanes.to_redraw(notice.person_id, "us", NOW)
        assert drawn.id == notice.id
        lanes.redrawn([drawn])
        assert lanes.to_redraw(notice.person_id, "us", NOW) == []
    later = NOW + MINUTE
    notifications.redraw_message(held.id, later)
    notifications.shown(ours.person_id, 100 + ours.id, NOW, later)
    notifications.shown(theirs.person_id, 100 + theirs.id, later, later)
    assert [n.id for n in lanes.to_redraw(ours.person_id, "us", later)] == [ours.id]
    assert lanes.to_redraw(theirs.person_id, "us", later) == []


def test_what_was_drawn_while_an_older_drawing_was_on_its_way_is_drawn_once_more(
    channel: Channel, held: Message
) -> None:
    notice = Notice.select().order_by(Notice.id).get()
    whose = notice.person_id
    assert lanes.enter(whose, "us", NOW)
    lanes.take(whose, "us", [notice], None, NOW)
    lanes.delivered([notice.id], 100, NOW)
    pressed, drawn, landed = (NOW + timedelta(seconds=s) for s in (1, 2, 3))
    notifications.redraw_message(held.id, drawn)
    (first,) = lanes.to_redraw(whose, "us", drawn)
    notifications.shown(whose, 100, pressed, landed)
    lanes.redrawn([first])
    (second,) = lanes.to_redraw(whose, "us", landed)
    lanes.redrawn([second])
    notifications.shown(whose, 100, landed, landed)
    assert lanes.to_redraw(whose, "us", landed) == []


def test_what_changes_while_a_notice_is_drawn_anew_is_drawn_once_more(channel: Channel, held: Message) -> None:
    notice = Notice.select().order_by(Notice.id).get()
    whose = notice.person_id
    assert lanes.enter(whose, "us", NOW)
    lanes.delivered([notice.id], 100, NOW)
    notifications.redraw_message(held.id, NOW)
    drawn = lanes.to_redraw(whose, "us", NOW)
    notifications.redraw_message(held.id, NOW + MINUTE)
    lanes.redrawn(drawn)
    assert lanes.to_redraw(whose, "us", NOW + MINUTE)


def test_an_invitation_is_for_one_person_for_a_day(channel: Channel) -> None:
    team.invite(channel.id, "one", {Role.MODERATOR}, NOW)
    team.invite(channel.id, "old", {Role.MODERATOR}, NOW - 2 * DAY)
    gave = together(lambda n: team.join("one", BEN + n, NOW) is not None, 4)
    assert gave.count(True) == 1
    assert team.join("old", BEN, NOW) is None
    assert team.join("nonsense", BEN, NOW) is None


# --- edited posts ------------------------------------------------------------------------------------------------


def test_an_edit_takes_the_place_of_what_was_not_posted_yet(channel: Channel) -> None:
    judge(channel, heard(1, "choque en la calle Pez"), heard(2, "choque en la calle Paz", origin_id=1))
    assert states() == {1: "ignored edited", 2: "approved trigger"}
    assert [t.message_id for t in Tweet.select()] == [Message.get(Message.x_id == 2).id]
    judge(channel, heard(3, "choque en la calle Luz", origin_id=1))
    assert [(t.status, t.reason) for t in Tweet.select().order_by(Tweet.id)] == [
        ("cancelled", "edited"),
        ("queued", ""),
    ]
    assert states()[3] == "approved trigger"
    assert Notice.select().count() == 0


def test_an_edit_of_what_was_posted_is_left_alone_and_told_once(channel: Channel) -> None:
    (queued,) = judge(channel, heard(1, "choque en la calle Pez"))
    claimed = saying.claim(queued.tweet_id, NOW)
    assert claimed is not None
    judge(channel, heard(2, "era broma, choque no hubo", origin_id=1))
    saying.sent(claimed[0], 900, NOW)
    judge(channel, heard(2, "era broma, choque no hubo", origin_id=1))
    assert states()[2] == "ignored edited"
    assert Tweet.select().count() == 1
    assert [n.kind for n in Notice.select().order_by(Notice.id)] == [NoticeKind.EDITED, NoticeKind.POSTED]


def test_an_edit_of_what_was_ignored_is_judged_anew_and_is_no_repeat_of_itself(channel: Channel) -> None:
    judge(channel, heard(1, "hubo un coque en la A1"))
    judge(channel, heard(2, "hubo un choque en la A1", origin_id=1))
    assert states() == {1: "ignored off_topic", 2: "approved trigger"}
    judge(channel, heard(3, "hubo un choque en la A1!", origin_id=1))
    assert states()[3] == "approved trigger"


# --- forms ---------------------------------------------------------------------------------------------------------


def test_the_other_form_is_tried_once(channel: Channel) -> None:
    (queued,) = judge(channel, heard(1, "choque"))
    claimed = saying.claim(queued.tweet_id, NOW)
    assert claimed is not None
    assert saying.fall_back(claimed[0], Form.COPY, ("vía Ana: choque",), None, NOW, "not permitted")
    assert not saying.fall_back(claimed[0], Form.COPY, ("vía Ana: choque",), None, NOW, "not permitted")
    again = saying.claim(queued.tweet_id, NOW)
    assert again is not None
    assert (again[0].form, again[0].text, again[0].fell_back) == (Form.COPY, "vía Ana: choque", "not permitted")
    assert not saying.fall_back(again[0], Form.REPOST, ("",), 1, NOW, "again")


# --- lists -----------------------------------------------------------------------------------------------------------


def test_lists_round_trip_through_a_file_a_copy_and_a_snapshot(channel: Channel) -> None:
    lists.add(
        channel.id,
        [
            Keyword(KeywordRole.TRIGGER, "granizo", MessageKind.DM),
            Keyword(KeywordRole.FILTER, "promo", block_days=0),
            Keyword(KeywordRole.REPLACEMENT, "av.", into="avenida"),
            Keyword(KeywordRole.EMPHASIS, "urgente"),
        ],
    )
    senders.set_standing_of_handle(
        channel.id, Standed(Standing.BLOCKED, "Pepe", NOW + DAY, "spam"), source=Source.OWNER
    )
    senders.set_standing_of_handle(channel.id, Standed(Standing.TRUSTED, "maria"), source=Source.OWNER)
    choosing.choose(
        channel.id, NOW, mention_hours=parse("mon-fri 6-22"), zone="Europe/Madrid", near=90, calm_capitals=True
    )
    whole = files.write_file(lists.entries(channel.id))
    read = files.read_file(whole, None, NOW)
    assert read.problems == []
    other = connected(71, "lluvia")
    lists.add(other.id, [Keyword(KeywordRole.TRIGGER, "viejo")])
    before = files.write_file(lists.entries(other.id))
    undo = undoing.keep(other.id, 7, "rules", NOW, *undoing.rules_of(other.id, channel.id))
    choosing.copy(channel.id, other.id, NOW)
    assert files.write_file(lists.entries(other.id)) == whole
    assert choices.choices(fresh(other)).policy == choices.choices(fresh(channel)).policy
    assert undoing.undo(channel.id, undo, NOW) is None
    assert undoing.undo(other.id, undo, NOW) == "rules"
    assert undoing.undo(other.id, undo, NOW) is None
    assert files.write_file(lists.entries(other.id)) == before
    assert choices.zone_of(other.id).key == "UTC"
    change = choosing.bring_in(other.id, read.entries, NOW, replacing=files.LISTS)
    assert files.write_file(lists.entries(other.id)) == whole
    assert (change.new, change.known, change.gone) == (len(read.entries), 0, 1)


def test_storing_is_all_or_nothing(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files.write_file(lists.entries(channel.id))
    wanted: list[files.Entry] = [Keyword(KeywordRole.FILTER, "promo"), Standed(Standing.BLOCKED, "pepe")]

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(senders, "set_standings", broken)
    with pytest.raises(RuntimeError):
        choosing.bring_in(channel.id, wanted, NOW, replacing=["trigger", "filter"])
    assert files.write_file(lists.entries(channel.id)) == before


def test_a_changed_choice_is_a_new_version_of_the_rules(channel: Channel) -> None:
    version = fresh(channel).ruleset_version
    choosing.flip(channel.id, NO_LINKS, NOW, on=True)
    assert fresh(channel).ruleset_version == version + 1
    assert choices.choices(fresh(channel)).policy.on(NO_LINKS)


def test_notices_are_claimed_while_others_write(channel: Channel) -> None:
    for n in range(300):
        notifications.tell(ANA, Connected(n), NOW)
    gave = together(lambda n: _take_all(str(n)) if n else _write_much(channel), 3)
    assert sum(int(str(g)) for g in gave) == 300


def _take_all(holder: str) -> int:
    """Claim one after the other, as long as the lane is had; how many."""
    count = 0
    if lanes.enter(ANA, holder, NOW):
        while waits := lanes.ahead(ANA, NOW, 1):
            count += len(lanes.take(ANA, holder, waits, None, NOW))
    return count


def _write_much(channel: Channel) -> int:
    for n in range(300):
        choosing.choose(channel.id, NOW, near=60 + n % 40)
    return 0
