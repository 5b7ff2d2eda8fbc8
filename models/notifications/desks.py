"""Desks: a group, or a topic of a forum, in which a channel's team works. Tables, and where a notice of a channel goes.

A group has a number of its own here, which stays when Telegram gives it another (a group that became a supergroup).
Notices are left for it as for a person, under `reader`, a number that no person can have: so it has a lane, and its
messages are told in order, folded, drawn anew and held back like anybody's. In which topic one goes is the channel's
desk's to say, when it is sent.

What becomes of notices where a desk is put up, moved or lost stands in `models/moderation/desks.py`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import peewee as pw

from models.bites import Bite, taken
from models.database import EnumField, InstantField, Table
from models.notifications.declaring import NoticeKind
from models.statements import statement

KEPT = timedelta(days=30)
READERS = 2**52  # Telegram's numbers of people and chats are below it


class DeskPart(StrEnum):
    """What goes to a channel's desk, where that takes it: the names of its columns."""

    HELD = "held"  # what the team decides
    WRONG = "wrong"  # what went wrong, and its end
    POSTED = "posted"  # what is on X


#: Which part a kind of notice is; what is none is told to people only.
PARTS = {
    NoticeKind.HELD: DeskPart.HELD,
    NoticeKind.POSTED: DeskPart.POSTED,
    NoticeKind.SAID: DeskPart.POSTED,
    **dict.fromkeys(
        (
            NoticeKind.FAILED, NoticeKind.EXPIRED, NoticeKind.UNDO_FAILED, NoticeKind.ON_HOLD, NoticeKind.TOKEN_DEAD,
            NoticeKind.LOCKED, NoticeKind.TROUBLED, NoticeKind.TROUBLE_OVER, NoticeKind.WHILE_OFF, NoticeKind.SKIPPED,
            NoticeKind.STOPPED, NoticeKind.UNREADABLE,
        ),
        DeskPart.WRONG,
    ),
}  # fmt: skip


class Lost(StrEnum):
    """Whether I can write in a group. The values are stored, so they never change."""

    NO = ""
    GONE = "gone"  # I was removed, or the group is no more
    MUTE = "mute"  # I am there, and may not write


class DeskGroup(Table):
    id = pw.BigAutoField()
    chat_id = pw.BigIntegerField(unique=True)
    title = pw.TextField(default="")
    lost = EnumField(Lost, default=Lost.NO)
    seen_at = InstantField()  # when it was last heard to be as it is


class Desk(Table):
    """Without a topic it is the group itself: in a forum its General.

    `closed` is the topic that it was in, where that was closed: it goes back there when it is opened again. `senders`:
    who wrote a DM is named here. `private`: what goes here is told in the private chats too.
    """

    channel_id = pw.IntegerField(primary_key=True)
    group_id = pw.BigIntegerField(index=True)
    topic = pw.BigIntegerField(null=True)
    closed = pw.BigIntegerField(null=True)
    held = pw.BooleanField(default=True)
    wrong = pw.BooleanField(default=True)
    posted = pw.BooleanField(default=False)
    private = pw.BooleanField(default=False)
    senders = pw.BooleanField(default=False)
    put_by = pw.BigIntegerField()
    put_at = InstantField()


SWITCHES = {field.name: field for field in (Desk.held, Desk.wrong, Desk.posted, Desk.private, Desk.senders)}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message of a desk is sent: Telegram's numbers."""

    chat_id: int
    topic: int | None


def reader_of(group_id: int) -> int:
    """For whom notices of a group are left."""
    return READERS + group_id


def is_desk(reader: int) -> bool:
    """Whether notices of this reader go to a group, and not to a person."""
    return reader >= READERS


def group_of(chat_id: int) -> DeskGroup | None:
    """The group of one of Telegram's numbers, where a desk stands or stood in it."""
    found: DeskGroup | None = DeskGroup.get_or_none(DeskGroup.chat_id == chat_id)
    return found


def of(channel_id: int) -> Desk | None:
    """The channel's desk, whether I can write there or not."""
    found: Desk | None = Desk.get_or_none(Desk.channel_id == channel_id)
    return found


def group(group_id: int) -> DeskGroup | None:
    """A group by our own number."""
    found: DeskGroup | None = DeskGroup.get_or_none(DeskGroup.id == group_id)
    return found


def here(channel_id: int, chat_id: int) -> Desk | None:
    """The channel's desk, if it stands in this chat of Telegram's."""
    mine = (Desk.channel_id == channel_id) & (DeskGroup.chat_id == chat_id)
    found: Desk | None = Desk.select(Desk).join(DeskGroup, on=Desk.group_id == DeskGroup.id).where(mine).first()
    return found


def in_group(group_id: int) -> list[Desk]:
    """All desks of a group."""
    return list(Desk.select().where(Desk.group_id == group_id).order_by(Desk.channel_id))


def address(reader: int, channel_id: int | None) -> Address | None:
    """Where a notice of this reader goes; what is of no desk of the group (any more), to the group itself.

    None where I can't write there.
    """
    found = group(reader - READERS)
    if found is None or found.lost is not Lost.NO:
        return None
    desk = of(channel_id) if channel_id is not None else None
    return Address(found.chat_id, desk.topic if desk is not None and desk.group_id == found.id else None)


@statement
def _at_work(channel_id: int) -> pw.Query:
    return (
        Desk.select(Desk.group_id, Desk.held, Desk.wrong, Desk.posted, Desk.private)
        .join(DeskGroup, on=Desk.group_id == DeskGroup.id)
        .where((Desk.channel_id == channel_id) & (DeskGroup.lost == Lost.NO))
    )


def taking(channel_id: int, part: DeskPart) -> tuple[int, bool] | None:
    """For whom such a notice of a channel is left, and whether people are told it too; None where it goes to no desk.

    What went wrong is told to both.
    """
    found = _at_work.first(channel_id)
    if found is None:
        return None
    group_id, held, wrong, posted, private = found
    takes = {DeskPart.HELD: held, DeskPart.WRONG: wrong, DeskPart.POSTED: posted}[part]
    return (reader_of(group_id), bool(private) or part is DeskPart.WRONG) if takes else None


def renamed(chat_id: int, title: str) -> None:
    """The group is called otherwise; of a group of ours."""
    DeskGroup.update(title=title).where((DeskGroup.chat_id == chat_id) & (DeskGroup.title != title)).execute()


def forget_groups(now: datetime, _after: int, _most: int) -> Bite:
    """Delete groups in which no desk has stood for long: few, and looked at one and all."""
    left = DeskGroup.id.not_in(Desk.select(Desk.group_id)) & (DeskGroup.seen_at < now - KEPT)
    return Bite(taken(DeskGroup.delete().where(left)), None)


def switch(channel_id: int, part: str, *, on: bool) -> bool:
    """What goes to the desk, whether it is told in private too, whether it names who wrote a DM: by its column.

    False where it was so already, or there is no desk.
    """
    field = SWITCHES[part]
    return bool(Desk.update({field: on}).where((Desk.channel_id == channel_id) & (field != on)).execute())
