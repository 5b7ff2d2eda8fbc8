"""A channel's choices: its rules' switches, its hours and zone, and how it writes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import peewee as pw

from engine import composing, timetable
from engine.composing import Style
from engine.moderation import Form, Keyword, Outside, Policy, Review
from engine.timetable import Timetable
from models.accounts.channels import Channel
from models.database import EnumField, Table, transaction


class ChannelPolicy(Table):
    """A row is made with the first choice; without one the defaults hold.

    Hours are kept as they are typed; a kind without hours of its own ("") keeps to those of the other.
    """

    channel_id = pw.IntegerField(primary_key=True)
    zone = pw.TextField(default="UTC")
    senders_on = pw.BooleanField(default=True)
    followers_only = pw.BooleanField(default=False)
    burst_most = pw.IntegerField(default=5)
    burst_minutes = pw.IntegerField(default=10)
    triggers_on = pw.BooleanField(default=True)
    filters_on = pw.BooleanField(default=True)
    no_links = pw.BooleanField(default=False)
    no_media = pw.BooleanField(default=False)
    no_sensitive = pw.BooleanField(default=False)
    repeats_on = pw.BooleanField(default=True)
    near = pw.IntegerField(default=80)
    hours_on = pw.BooleanField(default=False)
    outside = EnumField(Outside, default=Outside.WAIT)
    mention_hours = pw.TextField(default="")
    dm_hours = pw.TextField(default="")
    review = EnumField(Review, default=Review.OFF)
    mention_form = EnumField(Form, default=Form.REPOST)
    fallback = pw.BooleanField(default=True)
    credit = pw.TextField(default=composing.DEFAULT_CREDIT)
    calm_capitals = pw.BooleanField(default=False)
    hashtags_each = pw.IntegerField(default=1)
    hashtags_scheduled = pw.BooleanField(default=False)
    slots = pw.TextField(default="")


SWITCHES = frozenset(
    (
        "senders_on", "followers_only", "triggers_on", "filters_on", "no_links", "no_media", "no_sensitive",
        "repeats_on", "hours_on", "fallback", "calm_capitals", "hashtags_scheduled",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choices:
    """A channel's row, as the engine and the chat read it."""

    policy: Policy
    mention_form: Form
    fallback: bool
    credit: str
    calm_capitals: bool


def choices(channel: Channel) -> Choices:
    """What a channel has chosen, or the defaults."""
    row = row_of(channel.id)
    policy = Policy(
        mentions_on=channel.mentions_on,
        dms_on=channel.dms_on,
        senders_on=row.senders_on,
        followers_only=row.followers_only,
        burst_most=row.burst_most,
        burst_minutes=row.burst_minutes,
        triggers_on=row.triggers_on,
        filters_on=row.filters_on,
        no_links=row.no_links,
        no_media=row.no_media,
        no_sensitive=row.no_sensitive,
        repeats_on=row.repeats_on,
        near=row.near,
        hours_on=row.hours_on,
        outside=Outside(row.outside),
        zone=row.zone,
        mention_hours=_table(row.mention_hours),
        dm_hours=_table(row.dm_hours),
        review=Review(row.review),
    )
    return Choices(policy, Form(row.mention_form), row.fallback, row.credit, row.calm_capitals)


def style(channel: Channel, chosen: Choices, keywords: list[Keyword]) -> Style:
    """How the channel writes, compiled."""
    return composing.style_of(
        keywords,
        handle=channel.handle,
        credit=chosen.credit,
        name_dms=channel.name_senders,
        mention_form=chosen.mention_form,
        fallback=chosen.fallback,
        calm_capitals=chosen.calm_capitals,
    )


def row_of(channel_id: int) -> ChannelPolicy:
    """The channel's row, or one with the defaults."""
    found = ChannelPolicy.get_or_none(ChannelPolicy.channel_id == channel_id)
    return found or ChannelPolicy(channel_id=channel_id)


def values_of(channel_id: int) -> dict[str, Any]:
    """Everything that a channel has chosen, by the names of the columns."""
    row = row_of(channel_id)
    return {f.name: getattr(row, f.name) for f in ChannelPolicy._meta.sorted_fields if f.name != "channel_id"}


def hashtags_in(channel_id: int, *, planned: bool) -> int:
    """How many hashtags a post gets at most, one that was planned or a copy."""
    choices = ChannelPolicy.select(ChannelPolicy.hashtags_each, ChannelPolicy.hashtags_scheduled)
    row = choices.where(ChannelPolicy.channel_id == channel_id).first() or ChannelPolicy()
    return int(row.hashtags_each) if row.hashtags_scheduled or not planned else 0


def zone_of(channel_id: int) -> ZoneInfo:
    """The channel's time zone; its `key` is the IANA name."""
    zone = ChannelPolicy.select(ChannelPolicy.zone).where(ChannelPolicy.channel_id == channel_id).scalar()
    return ZoneInfo(str(zone or "UTC"))


def wall_of(channel_id: int, instant: datetime) -> datetime:
    """An instant as the naive wall time of the channel."""
    return instant.astimezone(zone_of(channel_id)).replace(tzinfo=None)


def store(channel_id: int, values: Mapping[str, Any]) -> None:
    """Write some of a channel's choices down; its ruleset has a new version with the same transaction.

    For `models/choosing.py` alone: it knows what else follows.
    """
    with transaction():
        ChannelPolicy.insert(channel_id=channel_id).on_conflict_ignore().execute()
        kept: dict[str, Any] = {
            k: timetable.written_hours(v) if isinstance(v, Timetable) else v for k, v in values.items()
        }
        ChannelPolicy.update(**kept).where(ChannelPolicy.channel_id == channel_id).execute()
        new_version(channel_id)


def check_switch(name: str) -> None:
    """Raises ValueError for what is no switch."""
    if name not in SWITCHES:
        raise ValueError(name)


def new_version(channel_id: int) -> None:
    """The channel's rules changed: whoever judges loads them anew."""
    Channel.update(ruleset_version=Channel.ruleset_version + 1).where(Channel.id == channel_id).execute()


def _table(kept: str) -> Timetable | None:
    return timetable.parse_hours(kept) if kept else None
