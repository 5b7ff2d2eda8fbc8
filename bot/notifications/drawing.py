"""Who draws which notice: each wing registers the drawers of what it tells, in its `notices.py`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from bot.chat.allowing import offered
from bot.chat.keyboards import Rows, keyboard
from bot.chat.language import Speaker
from models.accounts.channels import Channel
from models.notifications import desks
from models.notifications.declaring import Setting, Told, kinds
from models.notifications.desks import Desk
from models.notifications.notices import Notice

Drawn = tuple[str, Rows]
N = TypeVar("N", bound=Told)


@dataclass(frozen=True, slots=True)
class About:
    """For whom a notice is drawn, of which channel, and when; at a `desk` all who are there read it."""

    person_id: int
    of: Channel | None
    now: datetime
    desk: Desk | None = None

    @property
    def channel(self) -> Channel:
        """The channel, for the kinds that are told of one."""
        assert self.of is not None
        return self.of


_single: dict[type[Told], Callable[[Speaker, Any, About], Drawn | None]] = {}
_switches: dict[Setting, str] = {}
_together: dict[type[Told], Callable[[Speaker, Sequence[Any], About], Drawn | None]] = {}


def draws(
    kind: type[N], switch: str = ""
) -> Callable[[Callable[[Speaker, N, About], Drawn | None]], Callable[[Speaker, N, About], Drawn | None]]:
    """Register what a notice of a kind says, with its buttons; None where there is nothing left to tell.

    `switch` is the label of the kind's setting, for the panel of `/notices`.
    """

    def registered(drawer: Callable[[Speaker, N, About], Drawn | None]) -> Callable[[Speaker, N, About], Drawn | None]:
        _single[kind] = drawer
        setting = kinds()[kind].setting
        if setting is not None:
            _switches[setting] = switch
        return drawer

    return registered


def draws_together(
    kind: type[N],
) -> Callable[
    [Callable[[Speaker, Sequence[N], About], Drawn | None]], Callable[[Speaker, Sequence[N], About], Drawn | None]
]:
    """Register what several notices of a kind say in one message."""

    def registered(
        drawer: Callable[[Speaker, Sequence[N], About], Drawn | None],
    ) -> Callable[[Speaker, Sequence[N], About], Drawn | None]:
        _together[kind] = drawer
        return drawer

    return registered


def switches() -> Mapping[Setting, str]:
    """The label of each setting."""
    return _switches


def without_drawer() -> list[type[Told]]:
    """The kinds that nobody draws, alone or as they are folded."""
    return [k for k, how in kinds().items() if k not in _single or (how.folding.folds and k not in _together)]


def drawn(say: Speaker, notices: Sequence[Notice], now: datetime) -> Drawn | None:
    """What one Telegram message tells: a notice, or several that are folded; None where it can't be told any more."""
    first = notices[0]
    channel = Channel.get_or_none(Channel.id == first.channel_id) if first.channel_id is not None else None
    if channel is None and first.channel_id is not None:
        return None
    values = [value for notice in notices if (value := notice.value) is not None]
    at_desk = desks.of(channel.id) if channel is not None and desks.is_desk(first.person_id) else None
    return draw(say, values, About(first.person_id, channel, now, at_desk)) if values else None


def draw(say: Speaker, values: Sequence[Told], about: About) -> Drawn | None:
    """The same for values of one kind."""
    kind = type(values[0])
    if len(values) > 1:
        shown = _together[kind](say, [v for v in values if type(v) is kind], about)
    else:
        shown = _single[kind](say, values[0], about)
    if shown is None:
        return None
    text, rows = shown
    rows = offered(rows, about.person_id)
    keyboard(rows)  # raises where a button carries too much: here, and not where it is sent
    return text, rows
