"""A desk's notices: left for the group once, and where they go when the group moves, is lost, or two do it at once."""

import pytest

from engine.moderation import MessageKind
from models.accounts import channels, people, troubles
from models.accounts.channels import Channel
from models.accounts.troubles import Kind
from models.database import transaction
from models.moderation import desks as moving
from models.moderation import review
from models.moderation.desks import Place
from models.notifications import desks, notices
from models.notifications.declaring import NoticeKind
from models.notifications.desks import Address, DeskGroup, DeskPart, Lost
from models.notifications.kinds import Failed, Held, Posted
from models.notifications.notices import Notice, NoticeStatus
from models.settings import Settings
from models.streaming.messages import Message, MessageStatus
from tests.channels import ANA, connected
from tests.conftest import NOW
from tests.models.test_races import MINUTE, meanwhile

BEN = 8
PLAIN, SUPER, OTHER = -77, -1_001_000_000_077, -78


@pytest.fixture
def channel(db: Settings) -> Channel:
    """With a desk, and one message that is held."""
    people.person(BEN, "Ben", "en", NOW)
    made = connected()
    moving.put(made.id, Place(PLAIN, "Mesa"), ANA, NOW)
    return made


def held(channel: Channel, x_id: int = 1) -> int:
    made = Message.create(
        channel_id=channel.id, kind=MessageKind.MENTION, x_id=x_id, sender_id=5, sender_handle="pepe", text="choque", at=NOW,
        heard_at=NOW, status=MessageStatus.HELD, useful_until=NOW + MINUTE,
    )  # fmt: skip
    review.held(channel, made.id, NOW)
    return int(made.id)


def told(reader: int, kind: NoticeKind = NoticeKind.HELD) -> list[NoticeStatus]:
    rows = Notice.select().where((Notice.person_id == reader) & (Notice.kind == kind)).order_by(Notice.id)
    return [n.status for n in rows]


def reader(channel: Channel) -> int:
    desk = desks.of(channel.id)
    assert desk is not None
    return desks.reader_of(desk.group_id)


def test_each_part_goes_to_the_desk_once_and_to_people_only_where_that_is_wanted(channel: Channel) -> None:
    for person in (ANA, BEN):
        for notice in (Held(1), Failed(1, "refused"), Posted(1)):
            notices.tell(person, notice, NOW, channel_id=channel.id)
    at = reader(channel)
    kinds = (NoticeKind.HELD, NoticeKind.FAILED, NoticeKind.POSTED)
    assert [len(told(at, kind)) for kind in kinds] == [1, 1, 0]
    assert [len(told(ANA, kind)) for kind in kinds] == [0, 1, 1]
    desks.switch(channel.id, "private", on=True)
    desks.switch(channel.id, "posted", on=True)
    notices.tell(ANA, Posted(2), NOW, channel_id=channel.id)
    notices.tell(ANA, Held(2), NOW, channel_id=channel.id)
    assert [len(told(at, kind)) for kind in kinds] == [2, 1, 1]
    assert [len(told(ANA, kind)) for kind in kinds] == [1, 1, 2]


def test_every_part_has_its_switch() -> None:
    assert {part.value for part in DeskPart} <= set(desks.SWITCHES)


def test_what_waits_goes_along_and_what_was_shown_is_asked_for_anew_where_a_group_moves(channel: Channel) -> None:
    held(channel)
    shown = Notice.get(Notice.kind == NoticeKind.HELD)
    Notice.update(status=NoticeStatus.DELIVERED, telegram_message_id=4, redraw_at=NOW).where(
        Notice.id == shown.id
    ).execute()
    notices.tell(ANA, Failed(1, "refused"), NOW, channel_id=channel.id)
    assert moving.moved(PLAIN, SUPER, NOW)
    assert not moving.moved(PLAIN, SUPER, NOW), "the other message, the error: it is known"
    at = reader(channel)
    assert desks.address(at, channel.id) == Address(SUPER, None)
    assert told(at) == [NoticeStatus.DROPPED, NoticeStatus.PENDING]
    assert told(at, NoticeKind.FAILED) == [NoticeStatus.PENDING]
    assert Notice.get_by_id(shown.id).redraw_at is None
    assert not moving.moved(SUPER, SUPER, NOW)


def test_a_group_that_moves_to_where_a_desk_stands_already_brings_its_own(channel: Channel) -> None:
    second = connected(71, "lluvia")
    moving.put(second.id, Place(SUPER, "Mesa"), ANA, NOW)
    held(channel)
    before = reader(channel)
    assert moving.moved(PLAIN, SUPER, NOW)
    assert reader(channel) == reader(second) != before
    assert told(before) == []
    assert told(reader(channel)) == [NoticeStatus.PENDING]
    assert desks.group_of(PLAIN) is None


def test_what_was_left_for_a_group_while_it_was_lost_goes_to_the_team(channel: Channel) -> None:
    with meanwhile(lambda: moving.lost(PLAIN, Lost.GONE, NOW)):
        channels.locked(channel.id)  # as who judges
        held(channel)
    assert told(ANA) == [NoticeStatus.PENDING]
    at = reader(channel)
    notices.tell(at, Held(1), NOW, channel_id=channel.id)  # by who had looked a moment before
    assert desks.address(at, channel.id) is None
    moving.stray(at, [channel.id], NOW)
    assert NoticeStatus.PENDING not in told(at)
    assert told(ANA) == [NoticeStatus.PENDING], "once"


def test_of_two_who_say_that_it_is_lost_one_tells_it_and_it_comes_back_once(channel: Channel) -> None:
    with meanwhile(lambda: moving.lost(PLAIN, Lost.MUTE, NOW)):
        assert moving.lost(PLAIN, Lost.GONE, NOW)
    assert DeskGroup.get().lost is Lost.GONE
    assert len(told(ANA, NoticeKind.DESK)) == 1
    held(channel)
    with meanwhile(lambda: moving.found_again(PLAIN, NOW + MINUTE, told=True)):
        assert moving.found_again(PLAIN, NOW + MINUTE, told=True)
    assert told(reader(channel)) == [NoticeStatus.PENDING]
    assert len(told(ANA, NoticeKind.DESK)) == 2


def test_a_topic_is_over_once_and_a_desk_that_was_put_elsewhere_meanwhile_stays_there(channel: Channel) -> None:
    moving.put(channel.id, Place(PLAIN, "Mesa", topic=9), ANA, NOW)
    with meanwhile(lambda: moving.topic_over(PLAIN, 9, NOW, closed=True)):
        moving.put(channel.id, Place(OTHER, "Otra", topic=9), ANA, NOW)
    assert desks.address(reader(channel), channel.id) == Address(OTHER, 9)
    assert moving.topic_over(OTHER, 9, NOW, closed=True)
    assert not moving.topic_over(OTHER, 9, NOW, closed=True)
    assert desks.address(reader(channel), channel.id) == Address(OTHER, None)
    assert moving.reopened(OTHER, 9, NOW)
    assert desks.address(reader(channel), channel.id) == Address(OTHER, 9)


def test_a_desk_is_as_it_was_after_an_undo(channel: Channel) -> None:
    desks.switch(channel.id, "senders", on=True)
    was = moving.before(channel.id)
    held(channel)
    with transaction():
        assert moving.take_away(channel.id, NOW)
    assert told(ANA) == [NoticeStatus.PENDING]
    moving.restore(channel.id, was, NOW)
    assert moving.before(channel.id) == was
    assert not moving.put(channel.id, Place(PLAIN, "Mesa"), BEN, NOW), "it is there"


def test_a_group_without_a_desk_is_forgotten_in_time_and_one_with_a_desk_never(channel: Channel) -> None:
    later = NOW + desks.KEPT + MINUTE
    assert desks.forget_groups(later, 0, 10).gone == 0
    moving.take_away(channel.id, NOW)
    assert desks.forget_groups(NOW, 0, 10).gone == 0, "an undo may bring it back"
    assert desks.forget_groups(later, 0, 10).gone == 1


def test_each_desk_is_told_what_holds_up_all_and_its_people_once(channel: Channel) -> None:
    second = connected(71, "lluvia")
    moving.put(second.id, Place(OTHER, "Otra"), ANA, NOW)
    for one in (channel, second):
        troubles.met(one.id, Kind.CREDITS, NOW)
        troubles.met(one.id, Kind.CREDITS, NOW + 30 * MINUTE)
    troubles.over(channel.id, NOW + 32 * MINUTE, Kind.CREDITS)
    troubles.over(second.id, NOW + 33 * MINUTE, Kind.CREDITS)
    for kind in (NoticeKind.TROUBLED, NoticeKind.TROUBLE_OVER):
        assert [len(told(reader(one), kind)) for one in (channel, second)] == [1, 1], kind
        assert len(told(ANA, kind)) == 1, kind


def test_a_deed_is_signed_at_the_desk_and_nowhere_else(channel: Channel) -> None:
    desks.switch(channel.id, "private", on=True)
    one, two = held(channel, 1), held(channel, 2)
    notices.tell(reader(channel), Posted(7), NOW, channel_id=channel.id, tweet_id=7)
    notices.sign_at_desk(channel.id, "Mia", NOW + MINUTE, message_id=one, tweet_id=None)
    notices.sign_at_desk(channel.id, "Leo", NOW + MINUTE, message_id=None, tweet_id=7)
    signed = {(n.person_id, n.message_id, n.tweet_id): n.signed for n in Notice.select() if n.signed or n.redraw_at}
    assert signed == {(reader(channel), one, None): "Mia", (reader(channel), None, 7): "Leo"}
    assert two != one
    moving.take_away(channel.id, NOW)
    notices.sign_at_desk(channel.id, "Ana", NOW, message_id=one, tweet_id=7)
    assert not Notice.select().where(Notice.signed == "Ana").exists()
