"""What one Telegram message tells a person: a notice, several that are folded, or what an old message shows now.

All that is read from the database and written to it, for the delivery's threads.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.chat.language import Speaker, signed
from bot.notifications.drawing import Drawn, drawn
from models.accounts import channels, people
from models.aside import PASSES, Item, Place, apart, reason_of
from models.moderation import desks as moving
from models.notifications import desks, lanes
from models.notifications.declaring import Folding, kind_of
from models.notifications.desks import Address
from models.notifications.notices import Notice, of_telegram_message
from models.publishing import following
from tasks.clock import now

log = structlog.get_logger()
FOLD_WITHIN = timedelta(seconds=12)
MOST_FOLDED = 20
CROWD = 6
LONG_AGO = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Parcel:
    """`notices` are on their way in a message with this content: a new one, or an old one that is edited (`into`).

    Without content there is nothing left to tell. `old`: they were told already, and are drawn anew. `holder`: whose
    the lane is. `at`: the group, where they go to one.
    """

    person_id: int
    holder: str
    notices: Sequence[Notice]
    shown: Drawn | None
    into: int | None = None
    old: bool = False
    at: Address | None = None

    @property
    def to(self) -> Address:
        """The chat, and the topic of it, that it goes to."""
        return self.at or Address(self.person_id, None)

    @property
    def ids(self) -> list[int]:
        return [notice.id for notice in self.notices]


def next_parcel(person_id: int, holder: str) -> Parcel | None:
    """Claim what a person is to be told next, and draw it; None where there is nothing. Raises LaneLost."""
    moment = now()
    first, into = _together(person_id, moment)
    if not first:
        return _stale(person_id, holder, moment)
    if not _has_place(first):
        moving.stray(person_id, lanes.channels_in(person_id), moment)
        return None
    try:
        return _claimed(person_id, holder, first, into)
    except PASSES:
        raise
    except Exception as error:  # noqa: BLE001 - whatever nobody has thought of
        log.warning("notices fall apart", notices=[n.id for n in first], reason=reason_of(error))
    lanes.put_back([n.id for n in first], holder)
    for notice in first:  # one by one, up to the first that can be told
        with apart(item_of(notice)):
            parcel = _claimed(person_id, holder, [notice], None)
            if parcel is not None:
                return parcel
    return None


def item_of(notice: Notice) -> Item:
    """A notice as it is told: → dropped, where that breaks."""
    return Item(Place.NOTICE, notice.id, notice.channel_id, lambda: lanes.give_up(notice.id))


def _claimed(person_id: int, holder: str, first: Sequence[Notice], into: int | None) -> Parcel | None:
    moment = now()
    taken = lanes.take(person_id, holder, first, into, moment)
    if not taken:  # it was withdrawn meanwhile
        return None
    if into is None:
        return Parcel(person_id, holder, taken, _drawn(person_id, taken), at=_at(taken))
    there = [n for n in of_telegram_message(person_id, into) if n.id not in {t.id for t in taken}]
    shown = _drawn(person_id, [*there, *taken])
    parcel = Parcel(person_id, holder, taken, shown, into, at=_at(taken))
    return parcel if shown is not None else alone(parcel)


def alone(parcel: Parcel) -> Parcel:
    """The same in a message of its own: the one that it should have been folded into is gone."""
    lanes.sent_anew(parcel.ids, parcel.holder)
    return replace(parcel, shown=_drawn(parcel.person_id, parcel.notices), into=None)


def _stale(person_id: int, holder: str, moment: datetime) -> Parcel | None:
    notices = lanes.to_redraw(person_id, holder, moment)
    if not notices:
        return None
    if not _has_place(notices):  # it can be changed no more
        lanes.redrawn(notices)
        return None
    shown = None
    with apart(item_of(notices[0])):  # where it can't be drawn any more, the message stays as it is
        shown = _drawn(person_id, notices)
    return Parcel(person_id, holder, notices, shown, notices[0].telegram_message_id, old=True, at=_at(notices))


def _at(told: Sequence[Notice]) -> Address | None:
    """The group in which these are told, and its topic; None for a person, or where I can't write there."""
    first = told[0]
    return desks.address(first.person_id, first.channel_id) if desks.is_desk(first.person_id) else None


def _has_place(told: Sequence[Notice]) -> bool:
    return not desks.is_desk(told[0].person_id) or _at(told) is not None


def _together(person_id: int, moment: datetime) -> tuple[list[Notice], int | None]:
    """The first of what waits with all that goes into the same message, and that message where it is an old one."""
    waiting = lanes.ahead(person_id, moment, 1)
    if not waiting:
        return [], None
    first = waiting[0]
    same = lanes.alike(first, moment)
    into = first.telegram_message_id
    if into is not None:  # an edit of which nobody knows whether it was made
        return [n for n in same if n.telegram_message_id == into], into
    how = _folding(first)
    if how is Folding.NEVER or (how is Folding.IN_A_CROWD and len(same) <= CROWD):
        return [first], None
    folded = [n for n in same if n.telegram_message_id is None][:MOST_FOLDED]
    if how is Folding.ALWAYS and len(folded) == MOST_FOLDED and first.created_at < moment - LONG_AGO:
        return lanes.backlog(first, moment - LONG_AGO), None  # nobody reads one page after the other of old news
    if how is Folding.ALWAYS:
        into = lanes.last_told(first.person_id, first.channel_id, first.kind, moment - FOLD_WITHIN)
        if into is not None and len(of_telegram_message(first.person_id, into)) + len(folded) > MOST_FOLDED:
            into = None
    return folded, into


def _folding(notice: Notice) -> Folding:
    value = notice.value
    return kind_of(value).folding if value is not None else Folding.NEVER


def _drawn(person_id: int, notices: Sequence[Notice]) -> Drawn | None:
    say = Speaker(people.language_of(_spoken_to(person_id, notices)))
    following.drawn(notices)
    shown = drawn(say, notices, now())
    if shown is None:
        log.warning("nothing left to tell", notices=[n.id for n in notices], kind=notices[0].kind)
        return None
    last = next((n.signed for n in reversed(notices) if n.signed), "")
    shown = (signed(shown[0], last), shown[1])
    if not any(n.doubtful and n.delivered_at is None for n in notices):
        return shown
    text, rows = shown
    maybe = say.t("<i>You may have this already: Telegram did not say whether it came.</i>")
    return f"{text}\n{maybe}", rows


def _spoken_to(reader: int, told: Sequence[Notice]) -> int:
    """In whose language: at a desk the owner's."""
    channel_id = told[0].channel_id
    if not desks.is_desk(reader) or channel_id is None:
        return reader
    return channels.owner_of(channel_id) or reader
