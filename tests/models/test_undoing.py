"""What was before a change comes back with its Undo: standing, words, hours, held messages; once, and with all that follows."""

import logging
from datetime import timedelta

import pytest

from engine.files.lists import Entry, Hours
from engine.files.schedules import Line
from engine.moderation import Keyword, KeywordRole, MessageKind, Review
from engine.moderation.hours import HOURS_ON
from engine.moderation.standing import Standed, Standing
from engine.posts import Post
from engine.timetable import parse
from engine.when import When
from models import choosing, undoing
from models.accounts import choices
from models.accounts.channels import Channel
from models.moderation import lists, review, senders, standings
from models.moderation.senders import Source
from models.notifications.notices import Notice
from models.publishing.tweets import Tweet, TweetStatus
from models.scheduling import before, files, planning, schedules
from models.scheduling.schedules import Schedule, ScheduleStatus
from models.settings import Settings
from models.streaming.messages import Message, MessageStatus
from tests.channels import connected
from tests.conftest import NOW
from tests.models.test_moderation import ANA, DAY, MINUTE, fresh, heard, judge

CARD = "msg:1:1:0"


@pytest.fixture
def channel(db: Settings) -> Channel:
    made = connected(70, "trafico")
    lists.add(made.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    Channel.update(gap_s=0).execute()
    return fresh(made)


@pytest.fixture
def held(channel: Channel) -> Message:
    choosing.choose(channel.id, NOW, review=Review.ALL)
    judge(channel, heard(1, "choque en la A1", 500))
    return Message.get()


def standing(channel: Channel, sender_id: int) -> Standing | None:
    row = senders.of_message(channel.id, sender_id)
    return row.standing if row is not None else None


def keep(channel: Channel, *parts: undoing.Part, back: str = "") -> int:
    return undoing.keep(channel.id, ANA, back, NOW, *parts)


# --- standing --------------------------------------------------------------------------------------------------


def test_who_was_trusted_and_is_blocked_by_name_is_trusted_again(channel: Channel) -> None:
    judge(channel, heard(1, "choque uno", 500))
    senders.set_standing_of_handle(
        channel.id, Standed(Standing.TRUSTED, "user500", None, "vecina"), source=Source.OWNER
    )
    undo = keep(channel, standings.of_handle(channel.id, "user500"))
    until = NOW + 7 * DAY
    senders.set_standing_of_handle(channel.id, Standed(Standing.BLOCKED, "USER500", until, "spam"), source=Source.OWNER)
    assert standing(channel, 500) == Standing.BLOCKED
    assert undoing.undo(channel.id, undo, NOW) is not None
    row = senders.of_message(channel.id, 500)
    assert row is not None
    assert (row.standing, row.blocked_until, row.reason) == (Standing.TRUSTED, None, "vecina")


def test_who_was_never_heard_and_is_blocked_by_name_is_nobody_again(channel: Channel) -> None:
    undo = keep(channel, standings.of_handle(channel.id, "pepe"))
    senders.set_standing_of_handle(channel.id, Standed(Standing.BLOCKED, "pepe"), source=Source.OWNER)
    assert len(senders.rows_of(channel.id, Standing.BLOCKED)) == 1
    assert undoing.undo(channel.id, undo, NOW) is not None
    assert senders.Sender.select().count() == 0


def test_who_is_unblocked_by_tapping_is_blocked_again_until_the_same_day(channel: Channel) -> None:
    judge(channel, heard(1, "choque uno", 500))
    senders.block(channel.id, 500, 7, "promo", Source.FILTER, NOW)
    row = senders.of_message(channel.id, 500)
    assert row is not None
    before = standings.of_row(channel.id, row.id)
    assert before is not None
    undo = keep(channel, before)
    senders.clear(channel.id, row.id, NOW + MINUTE)
    assert standing(channel, 500) is None
    assert undoing.undo(channel.id, undo, NOW + MINUTE) is not None
    again = senders.of_message(channel.id, 500)
    assert again is not None
    assert (again.standing, again.blocked_until, again.source) == (Standing.BLOCKED, NOW + 7 * DAY, Source.FILTER)


def test_a_block_on_a_held_message_taken_back_holds_it_again_and_unblocks(channel: Channel, held: Message) -> None:
    before = standings.of_sender(channel.id, held.sender_id)
    assert review.ignore(held.id, ANA, NOW).won
    undo = keep(channel, before, review.HeldBefore(held.id), back=CARD)
    senders.block(channel.id, held.sender_id, 7, "", Source.OWNER, NOW)
    assert undoing.newest(channel.id, CARD, review.HeldBefore, NOW) == undo
    assert undoing.undo(channel.id, undo, NOW + MINUTE) == CARD
    assert Message.get_by_id(held.id).status == MessageStatus.HELD
    assert standing(channel, held.sender_id) is None
    assert undoing.newest(channel.id, CARD, review.HeldBefore, NOW) is None


def test_too_late_the_message_stays_ignored_but_its_sender_is_trusted_again(channel: Channel, held: Message) -> None:
    senders.trust(channel.id, held.sender_id)
    before = standings.of_sender(channel.id, held.sender_id)
    assert review.ignore(held.id, ANA, NOW).won
    undo = keep(channel, before, review.HeldBefore(held.id))
    senders.block(channel.id, held.sender_id, 0, "", Source.OWNER, NOW)
    assert undoing.undo(channel.id, undo, NOW + timedelta(hours=1)) is not None
    assert Message.get_by_id(held.id).status == MessageStatus.IGNORED
    assert standing(channel, held.sender_id) == Standing.TRUSTED


def test_of_the_changes_of_a_card_the_one_of_a_decision_is_found(channel: Channel, held: Message) -> None:
    decided = keep(channel, review.HeldBefore(held.id), back=CARD)
    keep(channel, standings.of_sender(channel.id, held.sender_id), back=CARD)
    keep(channel, review.HeldBefore(held.id + 1), back="msg:1:2:0")
    assert undoing.newest(channel.id, CARD, review.HeldBefore, NOW) == decided
    assert undoing.newest(channel.id + 1, CARD, review.HeldBefore, NOW) is None
    assert undoing.newest(channel.id, CARD, review.HeldBefore, NOW + undoing.KEPT) is None


# --- words -----------------------------------------------------------------------------------------------------


def test_words_come_back_with_their_options_and_new_ones_go(channel: Channel) -> None:
    lists.add(
        channel.id,
        [Keyword(KeywordRole.FILTER, "promo", block_days=7), Keyword(KeywordRole.TRIGGER, "granizo", MessageKind.DM)],
    )
    version = fresh(channel).ruleset_version
    was = lists.all_keywords(channel.id)
    added = keep(channel, lists.before(channel.id, KeywordRole.TRIGGER, ["gracias"]))
    lists.add(channel.id, [Keyword(KeywordRole.TRIGGER, "gracias")])
    removed = keep(channel, lists.before(channel.id, KeywordRole.TRIGGER, ["CHOQUE", "granizo"]))
    lists.remove_keywords(channel.id, KeywordRole.TRIGGER, ["CHOQUE", "granizo"])
    (promo,) = lists.rows_of(channel.id, KeywordRole.FILTER)
    changed = keep(channel, lists.before(channel.id, KeywordRole.FILTER, ["promo"]))
    lists.change(channel.id, promo.id, block_days=0)
    for undo in (added, changed, removed):
        assert undoing.undo(channel.id, undo, NOW) is not None
        assert undoing.undo(channel.id, undo, NOW) is None
    assert sorted(lists.all_keywords(channel.id), key=repr) == sorted(was, key=repr)
    assert fresh(channel).ruleset_version == version + 6


def test_what_changed_since_a_file_came_in_stays_when_the_file_is_taken_back(channel: Channel) -> None:
    lists.add(channel.id, [Keyword(KeywordRole.FILTER, "promo", block_days=7), Keyword(KeywordRole.FILTER, "rifa")])
    senders.set_standing_of_handle(channel.id, Standed(Standing.BLOCKED, "Pepe"), source=Source.OWNER)
    senders.block(channel.id, 5, 0, "spam", Source.OWNER, NOW, handle="eva")
    wanted: list[Entry] = [Keyword(KeywordRole.FILTER, "promo"), Keyword(KeywordRole.FILTER, "sorteo")]
    wanted += [Standed(Standing.BLOCKED, "ana"), Standed(Standing.TRUSTED, "pepe")]
    undo = keep(channel, *undoing.lines_of(channel.id, wanted, ("filter", "blocked")))
    choosing.bring_in(channel.id, wanted, NOW, replacing=("filter", "blocked"))
    assert {k.text for k in lists.all_keywords(channel.id)} == {"choque", "promo", "sorteo"}
    assert [s.handle for s in senders.rows_of(channel.id, Standing.BLOCKED)] == ["ana"]
    lists.add(channel.id, [Keyword(KeywordRole.FILTER, "ganga")])
    senders.set_standing_of_handle(channel.id, Standed(Standing.BLOCKED, "luis"), source=Source.OWNER)
    senders.heard([(channel.id, 9, "pepe", "Pepe", 1, 0, NOW)])  # who was never heard has an X id by now
    choosing.choose(channel.id, NOW, near=91, mention_hours=parse("24h"))
    assert undoing.undo(channel.id, undo, NOW) is not None
    filters = {k.text: k.block_days for k in lists.all_keywords(channel.id) if k.role is KeywordRole.FILTER}
    assert filters == {"promo": 7, "rifa": None, "ganga": None}
    blocked = {s.handle: (s.sender_id, s.reason) for s in senders.rows_of(channel.id, Standing.BLOCKED)}
    assert blocked == {"Pepe": (None, ""), "eva": (5, "spam"), "luis": (None, "")}
    assert senders.rows_of(channel.id, Standing.TRUSTED) == []
    row = choices.row_of(channel.id)
    assert (row.near, row.mention_hours) == (91, "mon-sun 0:00-24:00")


# --- hours -----------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(channel: Channel) -> Tweet:
    """A tweet that waits for Saturday; it is Friday noon."""
    choosing.choose(channel.id, NOW, hours_on=True, mention_hours=parse("sat 6-22"))
    judge(channel, heard(1, "choque que espera"))
    tweet = Tweet.get()
    assert (tweet.reason, tweet.due_at > NOW) == ("hours", True)
    return tweet


def test_hours_that_are_taken_back_wake_what_waits_for_them(channel: Channel, waiting: Tweet) -> None:
    choosing.choose(channel.id, NOW, mention_hours=parse("fri 6-22"))
    undo = keep(channel, undoing.choices_of(channel.id, "hours_on", "mention_hours", "dm_hours"))
    choosing.choose(channel.id, NOW, mention_hours=parse("sun 6-22"))
    Tweet.update(due_at=NOW + DAY).execute()
    assert undoing.undo(channel.id, undo, NOW + MINUTE) is not None
    assert Tweet.get_by_id(waiting.id).due_at == NOW + MINUTE
    assert choices.choices(fresh(channel)).policy.mention_hours == parse("fri 6-22")


def test_a_kind_that_had_no_hours_of_its_own_has_none_again(channel: Channel) -> None:
    undo = keep(channel, undoing.choices_of(channel.id, "hours_on", "mention_hours", "dm_hours"))
    choosing.choose(channel.id, NOW, hours_on=True, mention_hours=parse("sat 6-22"))
    policy = choices.choices(fresh(channel)).policy
    assert policy.hours(MessageKind.DM) == parse("sat 6-22")  # DMs follow, they are not stopped
    assert undoing.undo(channel.id, undo, NOW) is not None
    policy = choices.choices(fresh(channel)).policy
    assert (policy.on(HOURS_ON), policy.mention_hours, policy.dm_hours) == (False, None, None)


def test_hours_of_a_file_wake_what_waits_for_them(channel: Channel, waiting: Tweet) -> None:
    choosing.bring_in(channel.id, [Hours(MessageKind.MENTION, "fri 6:00-22:00")], NOW + MINUTE)
    assert Tweet.get_by_id(waiting.id).due_at == NOW + MINUTE


def test_hours_of_another_channel_wake_what_waits_for_them(channel: Channel, waiting: Tweet) -> None:
    other = connected(71, "lluvia")
    choosing.choose(other.id, NOW, mention_hours=parse("fri 6-22"))
    choosing.copy(other.id, channel.id, NOW + MINUTE)
    assert Tweet.get_by_id(waiting.id).due_at == NOW + MINUTE


def test_an_undo_is_of_its_channel_for_a_week(channel: Channel) -> None:
    undo = keep(channel, undoing.choices_of(channel.id, "zone"), back="hours")
    choosing.choose(channel.id, NOW, zone="Europe/Madrid")
    late = NOW + undoing.KEPT
    assert not undoing.still(channel.id, undo, late)
    assert undoing.undo(channel.id, undo, late) is None
    assert undoing.undo(channel.id + 1, undo, NOW) is None
    assert undoing.still(channel.id, undo, NOW)
    assert undoing.undo(channel.id, undo, NOW) == "hours"
    assert choices.zone_of(channel.id).key == "UTC"


def daily(hour: int) -> tuple[str]:
    return (f"FREQ=DAILY;BYHOUR={hour};BYMINUTE=0",)


# --- schedules -------------------------------------------------------------------------------------------------


def test_an_edit_that_is_taken_back_days_later_says_nothing_once_more_and_tells_of_nothing_missed(
    channel: Channel,
) -> None:
    first = NOW.replace(tzinfo=None) + timedelta(hours=1)
    item = schedules.create(channel.id, ANA, [(Post("hola"),)], When(first, daily(13), times=5), "es", NOW)
    undo = keep(channel, before.of(item))
    schedules.change(item, [(Post("adiós"),)], When(first + timedelta(hours=5), daily(18), times=5))
    for hour in range(73):
        planning.plan(NOW + timedelta(hours=hour))
        Tweet.update(status=TweetStatus.SENT).execute()
    said = Tweet.select().count()
    later = NOW + timedelta(days=3)
    assert undoing.undo(channel.id, undo, later) is not None
    planning.plan(later)
    assert Notice.select().count() == 0
    assert Tweet.select().count() == said == 3
    now_planned = schedules.schedule(channel.id, item.id)
    assert now_planned is not None
    assert (now_planned.next_wall, now_planned.left) == ((first + timedelta(days=3)).isoformat(), 2)


def test_an_edit_of_a_single_time_that_has_gone_by_is_taken_back_as_done(channel: Channel) -> None:
    first = NOW.replace(tzinfo=None) + timedelta(hours=1)
    item = schedules.create(channel.id, ANA, [(Post("hola"),)], When(first), "es", NOW)
    undo = keep(channel, before.of(item))
    schedules.change(item, item.threads, When(first + timedelta(hours=5)))
    later = NOW + timedelta(minutes=65)
    assert undoing.undo(channel.id, undo, later) is not None
    planning.plan(later)
    assert Tweet.select().count() == 0
    assert Schedule.get_by_id(item.id).status is ScheduleStatus.DONE


def test_a_file_that_replaced_many_schedules_is_taken_back_in_few_statements(
    channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    moments = [(NOW + DAY + n * MINUTE).replace(tzinfo=None) for n in range(40)]
    many = [Line(((Post(f"hola {n}"),),), When(at), at) for n, at in enumerate(moments)]
    files.bring_in(channel.id, ANA, many, "es", NOW, replacing=False)
    import_id, change = files.bring_in(channel.id, ANA, many[:1], "es", NOW + MINUTE, replacing=True)
    assert change.gone == 39
    with caplog.at_level(logging.DEBUG, logger="peewee"):
        assert files.undo(channel.id, import_id, NOW + MINUTE)
    assert len([r for r in caplog.records if r.name == "peewee"]) < 20
    assert len(schedules.of_channel(channel.id)) == 40
