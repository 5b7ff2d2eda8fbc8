"""Switching a channel and its parts on and off, and its pace."""

from datetime import datetime
from typing import Any

import peewee as pw

from engine.x.events import id_at
from models.accounts import standings, team
from models.accounts.channels import FROM_WHERE_HEARD, Channel, OffReason
from models.control import all_paused
from models.database import transaction
from models.notifications import notices
from models.notifications.kinds import Connected, TokenDead
from models.publishing import kept
from models.publishing.placing import cancel_queued

MAX_GAP_S = 3600
MIN_FRESH_S, MAX_FRESH_S = 60, 24 * 3600


def switch(channel_id: int, *, on: bool, now: datetime, reason: OffReason = OffReason.OWNER) -> bool:
    """Turn a channel on or off; False where it was so already, or can't be: it is not connected, or its owner is out.

    Off stops what waits. On starts hearing from this moment: what was said meanwhile is not posted. What a person wrote
    or planned goes out where it is in time, and else its owner is told (models/publishing/kept.py). What who runs the
    service has paused goes on by their word alone (models/control/pausing.py); as long as they have paused everything,
    on means that it goes on with all others, and off that it does not.
    """
    with transaction():
        if all_paused.taken() is not None and on:
            return _waits_with_all(channel_id)
        return switch_if(channel_id, Channel.off_reason != OffReason.PAUSED, on=on, now=now, reason=reason)


def switch_if(channel_id: int, still: pw.Expression, *, on: bool, now: datetime, reason: OffReason) -> bool:
    """The same for a channel of which something is still so, whether everything is paused or not."""
    with transaction():
        changes: dict[str, Any] = {"is_on": on, "off_reason": OffReason.NONE if on else reason}
        if on:
            changes |= {**dict.fromkeys(FROM_WHERE_HEARD, id_at(now)), "hold_until": None}
        other = (Channel.is_on != on) if on else (Channel.is_on != on) | (Channel.off_reason == OffReason.ALL_PAUSED)
        may = Channel.connected & other & still
        if on:
            may &= ~standings.is_out(Channel.owner_id)
        changed = Channel.update(**changes).where((Channel.id == channel_id) & may).execute()
        if changed == 1 and not on:
            cancel_queued(channel_id, "channel_off")
            kept.end_troubles(channel_id)  # nothing of it is held up any more
        if changed == 1 and on:
            kept.bring_back(channel_id, now)
    return bool(changed == 1)


def switch_mentions(channel_id: int, *, on: bool, now: datetime) -> bool:
    """Turn the reposting of mentions on or off; False where it was so already."""
    begins = {Channel.mentions_from: id_at(now), **_timeline_from(now, unless=Channel.replies_on)} if on else {}
    return _switch_kind(channel_id, Channel.mentions_on, on, begins)


def switch_dms(channel_id: int, *, on: bool, now: datetime) -> bool:
    """Turn the reposting of direct messages on or off; False where it was so already."""
    cursor = {Channel.dm_cursor: id_at(now), Channel.dm_sure: id_at(now)} if on else {}
    return _switch_kind(channel_id, Channel.dms_on, on, cursor)


def switch_replies(channel_id: int, *, on: bool, now: datetime) -> bool:
    """Turn the reposting of replies on or off; False where it was so already."""
    begins = {Channel.replies_from: id_at(now), **_timeline_from(now, unless=Channel.mentions_on)} if on else {}
    return _switch_kind(channel_id, Channel.replies_on, on, begins)


def name_senders(channel_id: int, *, on: bool) -> None:
    """Whether a DM's post names who sent it."""
    Channel.update(name_senders=on, ruleset_version=Channel.ruleset_version + 1).where(
        Channel.id == channel_id
    ).execute()


def set_gap(channel_id: int, seconds: int) -> None:
    """At least so many seconds between posts. Raises ValueError outside 0..3600."""
    if not 0 <= seconds <= MAX_GAP_S:
        raise ValueError(seconds)
    Channel.update(gap_s=seconds).where(Channel.id == channel_id).execute()


def set_freshness(channel_id: int, seconds: int) -> None:
    """How old a message may be when it is posted. Raises ValueError outside a minute to a day."""
    if not MIN_FRESH_S <= seconds <= MAX_FRESH_S:
        raise ValueError(seconds)
    Channel.update(fresh_s=seconds).where(Channel.id == channel_id).execute()


def token_died(channel_id: int, token_version: int, detail: str, now: datetime) -> bool:
    """X no longer takes this version of the channel's token: the channel goes off, the owner is told once."""
    still = (Channel.token_version == token_version) & (Channel.off_reason != OffReason.TOKEN)
    return _stopped_by_x(channel_id, still, OffReason.TOKEN, TokenDead(detail, token_version), detail, now)


def access_came(channel_id: int, token_version: int, now: datetime) -> bool:
    """A new access came after all, when the channel was given up already: it is on again, or goes on with all others
    where everything is paused, and its owner is told.
    """
    with transaction():
        goes_on = all_paused.taken() is None
        reason = OffReason.NONE if goes_on else OffReason.ALL_PAUSED
        lost = (Channel.off_reason == OffReason.TOKEN) & (Channel.token_version == token_version) & Channel.connected
        lost &= ~standings.is_out(Channel.owner_id)
        back = Channel.update(is_on=goes_on, off_reason=reason).where((Channel.id == channel_id) & lost)
        owners = [row.owner_id for row in back.returning(Channel.owner_id).execute()]
        if not owners:
            return False
        if goes_on:
            kept.bring_back(channel_id, now)
        notices.tell(owners[0], Connected(token_version), now, channel_id=channel_id)
    return True


def _waits_with_all(channel_id: int) -> bool:
    """off → all_paused: it would be on, and goes on when not everything is paused any more."""
    by_itself = Channel.off_reason.not_in([OffReason.PAUSED, OffReason.ALL_PAUSED])
    may = Channel.connected & (Channel.is_on == False) & by_itself & ~standings.is_out(Channel.owner_id)  # noqa: E712
    waits = Channel.update(off_reason=OffReason.ALL_PAUSED).where((Channel.id == channel_id) & may)
    return bool(waits.execute() == 1)


def _stopped_by_x(
    channel_id: int, still: pw.ColumnBase, why: OffReason, told: TokenDead, detail: str, now: datetime
) -> bool:
    with transaction():
        changed = (
            Channel.update(is_on=False, off_reason=why, last_problem=detail, last_problem_at=now)
            .where((Channel.id == channel_id) & Channel.connected & still)
            .returning(Channel)
            .execute()
        )
        stopped = list(changed)
        if not stopped:
            return False
        if why is OffReason.TOKEN:
            kept.end_troubles(channel_id)  # this one says it all
        cancel_queued(channel_id, why.value)
        team.tell(stopped[0], told, now)
    return True


def _timeline_from(now: datetime, *, unless: "pw.BooleanField[bool]") -> dict[Any, Any]:
    """Mentions and replies are read from one timeline: its cursor jumps to now, but where the other kind is read."""
    cursors = (Channel.mention_cursor, Channel.mention_sure)
    return {cursor: pw.Case(None, [(unless, cursor)], id_at(now)) for cursor in cursors}


def _switch_kind(channel_id: int, column: "pw.BooleanField[bool]", on: bool, begins: dict[Any, Any]) -> bool:
    changed = (
        Channel.update({column: on, **begins}, ruleset_version=Channel.ruleset_version + 1)
        .where((Channel.id == channel_id) & (column != on))
        .execute()
    )
    return bool(changed == 1)
