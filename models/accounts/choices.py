"""A channel's choices: its rules' switches, its hours and zone, and how it writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import peewee as pw

from engine import composing, hashtags, moderation, timetable
from engine.composing import Long, Style
from engine.moderation import Form, Keyword, Outside, Policy, Review
from engine.switches import Switch, turned_by
from engine.timetable import Timetable
from models.accounts.channels import Channel
from models.accounts.people import Person
from models.database import EnumField, Table, transaction
from models.statements import as_row, statement


class ChannelPolicy(Table):
    """A row is made with the first choice; without one the defaults hold.

    Hours are kept as they are typed; a kind without hours of its own ("") keeps to those of the other.
    """

    channel_id = pw.IntegerField(primary_key=True)
    zone = pw.TextField(default="UTC")
    burst_most = pw.IntegerField(default=5)
    burst_minutes = pw.IntegerField(default=10)
    near = pw.IntegerField(default=80)
    outside = EnumField(Outside, default=Outside.WAIT)
    mention_hours = pw.TextField(default="")
    dm_hours = pw.TextField(default="")
    review = EnumField(Review, default=Review.OFF)
    mention_form = EnumField(Form, default=Form.REPOST)
    long_copies = EnumField(Long, default=Long.CUT)
    credit = pw.TextField(default="")  # the first in the channel's language
    hashtags_each = pw.IntegerField(default=1)
    slots = pw.TextField(default="")
    looked_after = pw.IntegerField(default=24)  # hours until what was copied is looked at again; 0: never
    language = pw.TextField(default="")  # what it writes in; of a channel that has no row yet, its owner's


class ChannelSwitch(Table):
    """A switch that was turned, on or off; one that was never touched has no row and stands by its default."""

    channel_id = pw.IntegerField()
    name = pw.TextField()
    is_on = pw.BooleanField()

    class Meta:
        primary_key = pw.CompositeKey("channel_id", "name")


SWITCHES: dict[str, Switch] = {
    switch.name: switch
    for switch in (*moderation.SWITCHES, composing.FALLBACK, composing.CALM_CAPITALS, hashtags.SCHEDULED_TOO)
}


@statement
def _row(channel_id: int) -> pw.Query:
    return ChannelPolicy.select().where(ChannelPolicy.channel_id == channel_id)


@statement
def _switches(channel_id: int) -> pw.Query:
    rows = ChannelSwitch.select(ChannelSwitch.name, ChannelSwitch.is_on)
    return rows.where(ChannelSwitch.channel_id == channel_id)


@dataclass(frozen=True, slots=True)
class Choices:
    """A channel's row, as the engine and the chat read it."""

    policy: Policy
    mention_form: Form
    credit: str
    language: str
    long_copies: Long


def choices(channel: Channel) -> Choices:
    """What a channel has chosen, or the defaults."""
    row = row_of(channel.id)
    policy = Policy(
        turned=turned_by(_turned(channel.id)),
        mentions_on=channel.mentions_on,
        dms_on=channel.dms_on,
        replies_on=channel.replies_on,
        burst_most=row.burst_most,
        burst_minutes=row.burst_minutes,
        near=row.near,
        outside=Outside(row.outside),
        zone=row.zone,
        mention_hours=_table(row.mention_hours),
        dm_hours=_table(row.dm_hours),
        review=Review(row.review),
    )
    language = row.language or owners_language(channel.owner_id)
    credit = row.credit or composing.credits_in(language)[0]
    return Choices(policy, Form(row.mention_form), credit, language, Long(row.long_copies))


def language_of(channel: Channel) -> str:
    """The language that a channel writes in, whoever reads of it in the chat."""
    return row_of(channel.id).language or owners_language(channel.owner_id)


def keep_language(channel: Channel) -> None:
    """A channel that writes in its owner's language goes on in that one, whoever owns it next."""
    if not row_of(channel.id).language:
        store(channel.id, {"language": owners_language(channel.owner_id)})


def owners_language(owner_id: int) -> str:
    """What the owner is spoken to in."""
    return str(Person.select(Person.language).where(Person.telegram_id == owner_id).scalar() or "es")


def style(channel: Channel, chosen: Choices, keywords: list[Keyword]) -> Style:
    """How the channel writes, compiled."""
    return composing.style_of(
        keywords,
        handle=channel.handle,
        credit=chosen.credit,
        name_dms=channel.name_senders,
        mention_form=chosen.mention_form,
        long_copies=chosen.long_copies,
        fallback=chosen.policy.on(composing.FALLBACK),
        calm_capitals=chosen.policy.on(composing.CALM_CAPITALS),
    )


def row_of(channel_id: int) -> ChannelPolicy:
    """The channel's row, or one with the defaults."""
    return as_row(ChannelPolicy, _row.first(channel_id)) or ChannelPolicy(channel_id=channel_id)


def values_of(channel_id: int) -> dict[str, Any]:
    """Everything that a channel has chosen, by the names of the columns and of the switches."""
    row, turned = row_of(channel_id), _turned(channel_id)
    columns = {f.name: getattr(row, f.name) for f in ChannelPolicy._meta.sorted_fields if f.name != "channel_id"}
    return columns | {name: turned.get(switch, switch.default) for name, switch in SWITCHES.items()}


def is_on(channel_id: int, switch: Switch) -> bool:
    """Whether a switch is on: as it was turned, else by its default."""
    return _turned(channel_id).get(switch, switch.default)


def hashtags_in(channel_id: int, *, planned: bool) -> int:
    """How many hashtags a post gets at most, one that was planned or a copy."""
    if planned and not is_on(channel_id, hashtags.SCHEDULED_TOO):
        return 0
    return row_of(channel_id).hashtags_each


def zone_of(channel_id: int) -> ZoneInfo:
    """The channel's time zone; its `key` is the IANA name."""
    zone = ChannelPolicy.select(ChannelPolicy.zone).where(ChannelPolicy.channel_id == channel_id).scalar()
    return ZoneInfo(str(zone or "UTC"))


def wall_of(channel_id: int, instant: datetime) -> datetime:
    """An instant as the naive wall time of the channel."""
    return instant.astimezone(zone_of(channel_id)).replace(tzinfo=None)


def store(channel_id: int, values: Mapping[str, Any]) -> None:
    """Write some of a channel's choices down, columns and switches by their names; its ruleset has a new version with
    the same transaction.

    For `models/choosing.py` alone: it knows what else follows.
    """
    switches = [(channel_id, name, on) for name, on in values.items() if name in SWITCHES]
    columns: dict[str, Any] = {
        k: timetable.written_hours(v) if isinstance(v, Timetable) else v for k, v in values.items() if k not in SWITCHES
    }
    with transaction():
        if switches:
            turning = ChannelSwitch.insert_many(switches, fields=ChannelSwitch._meta.sorted_fields)
            place = [ChannelSwitch.channel_id, ChannelSwitch.name]
            turning.on_conflict(conflict_target=place, preserve=[ChannelSwitch.is_on]).execute()
        if columns:
            ChannelPolicy.insert(channel_id=channel_id).on_conflict_ignore().execute()
            ChannelPolicy.update(**columns).where(ChannelPolicy.channel_id == channel_id).execute()
        new_version(channel_id)


def new_version(channel_id: int) -> None:
    """The channel's rules changed: whoever judges loads them anew."""
    Channel.update(ruleset_version=Channel.ruleset_version + 1).where(Channel.id == channel_id).execute()


def _turned(channel_id: int) -> dict[Switch, bool]:
    """The switches that were turned. One that no rule knows any more is left out."""
    return {SWITCHES[name]: bool(on) for name, on in _switches.rows(channel_id) if name in SWITCHES}


def _table(kept: str) -> Timetable | None:
    return timetable.parse_hours(kept) if kept else None
