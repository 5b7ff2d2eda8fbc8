"""A channel's desk is put up, moved, followed, lost and found, each with all that follows from it.

none → put up at a group or a topic → put up elsewhere → taken away
in a topic → in General (the topic was closed, or is gone) → in the topic again (it was opened)
group: can be written to → lost (I am gone, or may not write) → can be written to
group → the supergroup that it became

What is still held is asked for once more wherever it is decided from then on: at the desk, or in the team's private
chats where there is none. The cards before stay as they are, and whoever is first decides for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.accounts import channels
from models.accounts.channels import Channel
from models.database import transaction
from models.moderation import review
from models.notifications import desks, notices
from models.notifications.declaring import NoticeKind
from models.notifications.desks import Desk, DeskGroup, Lost
from models.notifications.kinds_of_desks import DeskWord, Event
from models.notifications.notices import WAITING, Notice, NoticeStatus

LOSSES = {Lost.GONE: Event.GONE, Lost.MUTE: Event.MUTE}


@dataclass(frozen=True, slots=True)
class Place:
    """A group by Telegram's number, or one of its topics."""

    chat_id: int
    title: str
    topic: int | None = None


@dataclass(frozen=True, slots=True)
class DeskBefore:
    """A channel's desk as it was; none without a place. `on` are its switches that were on."""

    place: Place | None
    on: tuple[str, ...] = ()


# --- by its owner ------------------------------------------------------------------------------------------------


def before(channel_id: int) -> DeskBefore:
    """The desk as it is now, for an undo."""
    desk = desks.of(channel_id)
    group = desks.group(desk.group_id) if desk is not None else None
    if desk is None or group is None:
        return DeskBefore(None)
    on = tuple(name for name in desks.SWITCHES if getattr(desk, name))
    return DeskBefore(Place(group.chat_id, group.title, desk.topic), on)


def put(channel_id: int, place: Place, by: int, now: datetime) -> bool:
    """The channel's desk is there from now on, with the switches that it had; False where it was there already."""
    with transaction():
        channel = channels.locked(channel_id)
        if channel is None:
            return False
        group = _group(place, now)
        was = desks.of(channel_id)
        if was is not None and (was.group_id, was.topic, group.lost) == (group.id, place.topic, Lost.NO):
            return False
        _can_write(group, now)
        there: dict[str, Any] = {
            "group_id": group.id,
            "topic": place.topic,
            "closed": None,
            "put_by": by,
            "put_at": now,
        }
        if was is None:
            Desk.insert(channel_id=channel_id, **there).execute()
        else:
            as_read = (Desk.group_id == was.group_id) & (Desk.put_at == was.put_at)
            Desk.update(there).where((Desk.channel_id == channel_id) & as_read).execute()
            _leave(channel_id, was.group_id, to=group.id)
        _tell_there(channel, group, Event.PUT, now)
        _ask_again(channel, group.id, now)
    return True


def take_away(channel_id: int, now: datetime) -> bool:
    """The channel has no desk any more; False where it had none. What is held goes to the private chats."""
    with transaction():
        channel, was = channels.locked(channel_id), desks.of(channel_id)
        if channel is None or was is None:
            return False
        Desk.delete().where(Desk.channel_id == channel_id).execute()
        _leave(channel_id, was.group_id)
        group = desks.group(was.group_id)
        if group is not None and group.lost is Lost.NO:
            _tell_there(channel, group, Event.TAKEN, now)
        _ask_again(channel, was.group_id, now)
    return True


def restore(channel_id: int, was: DeskBefore, now: datetime) -> None:
    """The desk as it was, or none."""
    with transaction():
        channel = channels.locked(channel_id)
        if channel is None or was.place is None:
            take_away(channel_id, now)
            return
        put(channel_id, was.place, channel.owner_id, now)
        for name in desks.SWITCHES:
            desks.switch(channel_id, name, on=name in was.on)


# --- by what becomes of the group ----------------------------------------------------------------------------------


def moved(old: int, new: int, now: datetime) -> bool:
    """The group became a supergroup, with a number of its own: followed; False where that is known, or is none of ours.

    Nothing of its old messages can be changed any more. Both numbers are Telegram's.
    """
    if old == new:
        return False
    with transaction():
        known = desks.group_of(new)
        if known is None:
            renamed = DeskGroup.update(chat_id=new, lost=Lost.NO, seen_at=now).where(DeskGroup.chat_id == old)
            ids = [g.id for g in renamed.returning(DeskGroup.id).execute()]
        else:
            gone = list(DeskGroup.delete().where(DeskGroup.chat_id == old).returning(DeskGroup.id).execute())
            ids = [g.id for g in gone]
        if not ids:
            return False
        group = desks.group_of(new)
        assert group is not None
        _forget_messages(ids[0])
        for desk in desks.in_group(ids[0]):
            channel = channels.locked(desk.channel_id)
            if desk.group_id != group.id:
                here = (Desk.channel_id == desk.channel_id) & (Desk.group_id == desk.group_id)
                Desk.update(group_id=group.id, topic=None, closed=None).where(here).execute()
                _leave(desk.channel_id, desk.group_id, to=group.id)
            if channel is not None:
                _tell_there(channel, group, Event.MOVED, now)
                _ask_again(channel, group.id, now)
    return True


def topic_over(chat_id: int, topic: int, now: datetime, *, closed: bool) -> bool:
    """A topic was closed, or is gone: the desks in it are in General from now on; False where there were none."""
    with transaction():
        group = desks.group_of(chat_id)
        if group is None:
            return False
        left = 0
        for channel in _standing_in(group.id):
            here = (Desk.channel_id == channel.id) & (Desk.group_id == group.id) & (Desk.topic == topic)
            if Desk.update(topic=None, closed=topic if closed else None).where(here).execute():
                left += 1
                _tell_there(channel, group, Event.CLOSED if closed else Event.DELETED, now)
                _ask_again(channel, group.id, now)
    return bool(left)


def reopened(chat_id: int, topic: int, now: datetime) -> bool:
    """A topic was opened again: the desks that its closing had sent away are back; False where there are none."""
    with transaction():
        group = desks.group_of(chat_id)
        if group is None:
            return False
        back = 0
        for channel in _standing_in(group.id):
            away = (Desk.channel_id == channel.id) & (Desk.closed == topic) & Desk.topic.is_null()
            if Desk.update(topic=topic, closed=None).where(away & (Desk.group_id == group.id)).execute():
                back += 1
                _tell_there(channel, group, Event.REOPENED, now)
    return bool(back)


def lost(chat_id: int, how: Lost, now: datetime) -> bool:
    """I can't write in the group: its channels' owners are told, and what is held goes to the private chats.

    False where that is known, or it is none of ours.
    """
    with transaction():
        group = desks.group_of(chat_id)
        standing = _standing_in(group.id) if group is not None else []
        writable = (DeskGroup.chat_id == chat_id) & (DeskGroup.lost == Lost.NO)
        if group is None or not DeskGroup.update(lost=how, seen_at=now).where(writable).execute():
            return False
        for channel in standing:
            _leave(channel.id, group.id)
            _tell_owner(channel, group, LOSSES[how], now)
            _ask_again(channel, group.id, now)
        _forget_messages(group.id, but_shown=True)
    return True


def found_again(chat_id: int, now: datetime, *, told: bool) -> bool:
    """I can write in the group again, as I was `told`, or it is tried; False where I could, or it is none of ours.

    Where it is only tried, the owners read at the desk that it went well, and else that it did not.
    """
    with transaction():
        group = desks.group_of(chat_id)
        standing = _standing_in(group.id) if group is not None else []
        lost_one = (DeskGroup.chat_id == chat_id) & (DeskGroup.lost != Lost.NO)
        if group is None or not DeskGroup.update(lost=Lost.NO, seen_at=now).where(lost_one).execute():
            return False
        for channel in standing:
            _tell_there(channel, group, Event.BACK, now)
            if told:
                _tell_owner(channel, group, Event.BACK, now)
            _ask_again(channel, group.id, now)
    return True


def general_opened(chat_id: int, now: datetime) -> bool:
    """A forum's General was opened: where it was why I could not write, it is tried again. False where it was not."""
    group = desks.group_of(chat_id)
    return group is not None and group.lost is Lost.MUTE and found_again(chat_id, now, told=False)


def stray(reader: int, channel_ids: Sequence[int], now: datetime) -> None:
    """What waits for a group in which I can't write, left there while that came about, goes where it belongs."""
    for channel_id in channel_ids:
        with transaction():
            channel = channels.locked(channel_id)
            _leave(channel_id, reader - desks.READERS)
            if channel is not None:
                _ask_again(channel, reader - desks.READERS, now)
    Notice.update(status=NoticeStatus.DROPPED).where(
        (Notice.person_id == reader) & Notice.status.in_(WAITING)
    ).execute()


# ---------------------------------------------------------------------------------------------------------------


def _group(place: Place, now: datetime) -> DeskGroup:
    DeskGroup.insert(chat_id=place.chat_id, title=place.title, seen_at=now).on_conflict(
        conflict_target=[DeskGroup.chat_id], update={DeskGroup.title: place.title, DeskGroup.seen_at: now}
    ).execute()
    found = desks.group_of(place.chat_id)
    assert found is not None
    return found


def _standing_in(group_id: int) -> list[Channel]:
    """The channels that have their desk in a group, each taken until the transaction ends: before anything else is."""
    found = (channels.locked(desk.channel_id) for desk in desks.in_group(group_id))
    return [channel for channel in found if channel is not None]


def _can_write(group: DeskGroup, now: datetime) -> None:
    """Somebody has just written to me there, so I am in it; the others that stand in it are found again with it."""
    if group.lost is not Lost.NO:
        found_again(group.chat_id, now, told=False)


def _leave(channel_id: int, group_id: int, to: int | None = None) -> None:
    """What waits for this group goes to another, if any; what is held is asked for anew wherever it is to be."""
    waits = (Notice.person_id == desks.reader_of(group_id)) & (Notice.channel_id == channel_id)
    waits &= Notice.status == NoticeStatus.PENDING
    if to is None:
        Notice.delete().where(waits).execute()
    elif to != group_id:
        Notice.delete().where(waits & (Notice.kind == NoticeKind.HELD)).execute()
        Notice.update(person_id=desks.reader_of(to), telegram_message_id=None).where(waits).execute()


def _forget_messages(group_id: int, *, but_shown: bool = False) -> None:
    """No message that a group was told before can be changed any more; `but_shown`: for now."""
    theirs = Notice.person_id == desks.reader_of(group_id)
    shown = theirs & Notice.status.in_([NoticeStatus.DELIVERED, NoticeStatus.UNKNOWN])
    if but_shown:
        Notice.update(redraw_at=None).where(shown & Notice.redraw_at.is_null(False)).execute()
        return
    Notice.update(status=NoticeStatus.DROPPED, key=None, redraw_at=None, drawn_as=None, telegram_message_id=None).where(
        shown
    ).execute()
    folded = theirs & Notice.status.in_(WAITING) & Notice.telegram_message_id.is_null(False)
    Notice.update(telegram_message_id=None).where(folded).execute()


def _ask_again(channel: Channel, group_id: int, now: datetime) -> None:
    """What is still held is asked for as if it never had been at this group."""
    asked = (Notice.person_id == desks.reader_of(group_id)) & (Notice.channel_id == channel.id)
    told = asked & (Notice.kind == NoticeKind.HELD) & (Notice.status != NoticeStatus.PENDING)
    Notice.update(key=None).where(told & Notice.key.is_null(False)).execute()
    for message in review.waiting([channel.id], review.MOST_ASKED):
        review.held(channel, message.id, now)


def _tell_there(channel: Channel, group: DeskGroup, what: Event, now: datetime) -> None:
    notices.tell(desks.reader_of(group.id), DeskWord(what, group.title, now), now, channel_id=channel.id)


def _tell_owner(channel: Channel, group: DeskGroup, what: Event, now: datetime) -> None:
    notices.tell(channel.owner_id, DeskWord(what, group.title, now), now, channel_id=channel.id)
