"""Pausing a channel, or all, and letting them go on, by who runs the service; their owners are told each time.

    on → paused → on                    one, by itself
    on → all_paused → on | paused       with all others; so does what is connected or turned on as long as all are

What a person wrote or planned meanwhile goes out then where it is in time, as after being off. As long as all are
paused, who owns a channel says whether it shall go on with them (models/control/switching.py); an admin may let a
single one go on before, which runs then until it is turned off or all are paused once more.
"""

from datetime import datetime

import peewee as pw

from models.accounts.channels import Channel, OffReason, locked, owner_of
from models.control import all_paused
from models.control.switching import switch_if
from models.database import as_tuples, transaction
from models.notifications import notices
from models.notifications.kinds_of_control import Paused, Resumed

RUNS = Channel.is_on == True  # noqa: E712
WITH_ALL = Channel.off_reason == OffReason.ALL_PAUSED
BY_ITSELF = Channel.off_reason == OffReason.PAUSED


def pause(channel_id: int, now: datetime) -> bool:
    """Nothing of it is heard or posted until it is resumed; False where it is off already.

    One that stands paused with all others is paused by itself from then on, so it does not go on with them.
    """
    return _stop(channel_id, RUNS | WITH_ALL, OffReason.PAUSED, now)


def resume(channel_id: int, now: datetime) -> bool:
    """It goes on, also alone while all others stay paused; False where it is not paused."""
    return _go_on(channel_id, BY_ITSELF | WITH_ALL, now)


def pause_all(now: datetime) -> int:
    """Everything is paused from now on; how many channels were on.

    Where it was so already, it stays so since then, and those that an admin had let go on alone stop too.
    """
    with transaction():
        all_paused.begin(now)
        return sum(_stop(i, RUNS, OffReason.ALL_PAUSED, now) for i in _connected(RUNS))


def resume_all(now: datetime) -> int | None:
    """Not everything is paused any more, and what stood paused by that goes on; how many, or None where it was not so.

    A channel that was paused by itself stays so: there was a reason for that one, which does not end with that for all.
    """
    with transaction():
        if not all_paused.end():
            return None
        return sum(_go_on(i, WITH_ALL, now) for i in _connected(WITH_ALL))


def resume_each(now: datetime) -> int:
    """All that were paused one by one go on; how many."""
    with transaction():
        all_paused.taken()  # of two admins one comes second
        return sum(_go_on(i, BY_ITSELF, now) for i in _connected(BY_ITSELF))


def _stop(channel_id: int, still: pw.Expression, reason: OffReason, now: datetime) -> bool:
    with transaction():
        stops = switch_if(channel_id, still, on=False, now=now, reason=reason)
        if stops and (owner := owner_of(channel_id)) is not None:
            told = Paused(now, with_all=reason is OffReason.ALL_PAUSED)
            notices.tell(owner, told, now, channel_id=channel_id)
    return stops


def _go_on(channel_id: int, still: pw.Expression, now: datetime) -> bool:
    with transaction():
        goes_on = switch_if(channel_id, still, on=True, now=now, reason=OffReason.NONE)
        if goes_on and (owner := owner_of(channel_id)) is not None:
            notices.tell(owner, Resumed(now), now, channel_id=channel_id)
    return goes_on


def _connected(so: pw.Expression) -> list[int]:
    """Their ids; their rows are taken in that order, before anything of theirs is: who judges several does so too."""
    found = as_tuples(Channel.select(Channel.id).where(Channel.connected & so).order_by(Channel.id))
    return [channel_id for (channel_id,) in found if locked(channel_id) is not None]
