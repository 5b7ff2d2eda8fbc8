"""Pausing a channel, or all, and letting them go on, by who runs the service; its owner is told each time.

on → paused → on      What a person wrote or planned meanwhile goes out then where it is in time, as after being off.
"""

from collections.abc import Callable
from datetime import datetime

from models.accounts.channels import Channel, OffReason, owner_of
from models.control.switching import switch_if
from models.database import as_tuples, transaction
from models.notifications import notices
from models.notifications.kinds_of_control import Paused, Resumed


def pause(channel_id: int, now: datetime) -> bool:
    """Nothing of it is heard or posted until it is resumed; False where it is off already."""
    with transaction():
        stops = switch_if(channel_id, Channel.is_on == True, on=False, now=now, reason=OffReason.PAUSED)  # noqa: E712
        if stops and (owner := owner_of(channel_id)) is not None:
            notices.tell(owner, Paused(now), now, channel_id=channel_id)
    return stops


def resume(channel_id: int, now: datetime) -> bool:
    """It goes on; False where it is not paused."""
    with transaction():
        paused = Channel.off_reason == OffReason.PAUSED
        goes_on = switch_if(channel_id, paused, on=True, now=now, reason=OffReason.NONE)
        if goes_on and (owner := owner_of(channel_id)) is not None:
            notices.tell(owner, Resumed(now), now, channel_id=channel_id)
    return goes_on


def pause_all(now: datetime) -> int:
    """All that are on, each by itself; how many."""
    return _each(as_tuples(Channel.select(Channel.id).where(Channel.connected & Channel.is_on)), pause, now)


def resume_all(now: datetime) -> int:
    """All that are paused, each by itself; how many."""
    paused = Channel.connected & (Channel.off_reason == OffReason.PAUSED)
    return _each(as_tuples(Channel.select(Channel.id).where(paused)), resume, now)


def _each(ids: list[tuple[int]], change: Callable[[int, datetime], bool], now: datetime) -> int:
    return sum(change(channel_id, now) for (channel_id,) in sorted(ids))
