"""The channels: X accounts that Canales runs for somebody."""

from typing import Any

import peewee as pw

from models.database import InstantField, Table


class Channel(Table):
    """An X account that Canales runs. Tokens are sealed; see `credentials`."""

    id: Any = pw.AutoField()
    x_user_id: Any = pw.BigIntegerField(unique=True)
    handle: Any = pw.TextField()
    name: Any = pw.TextField(default="")
    owner_id: Any = pw.BigIntegerField(index=True)
    connected: Any = pw.BooleanField(default=True)
    is_on: Any = pw.BooleanField(default=True)
    off_reason: Any = pw.TextField(default="")
    mentions_on: Any = pw.BooleanField(default=True)
    dms_on: Any = pw.BooleanField(default=True)
    name_senders: Any = pw.BooleanField(default=False)
    gap_s: Any = pw.IntegerField(default=20)
    fresh_s: Any = pw.IntegerField(default=900)
    ruleset_version: Any = pw.IntegerField(default=1)
    auth: Any = pw.TextField(default="oauth2")
    access_token: Any = pw.TextField(default="")
    refresh_token: Any = pw.TextField(default="")
    access_secret: Any = pw.TextField(default="")
    scopes: Any = pw.TextField(default="")
    token_version: Any = pw.IntegerField(default=1)
    token_expires_at: Any = InstantField(null=True)
    token_refreshed_at: Any = InstantField(null=True)
    refresh_claimed_until: Any = InstantField(null=True)
    hearing: Any = pw.TextField(default="")
    mention_cursor: Any = pw.BigIntegerField(default=0)
    dm_cursor: Any = pw.BigIntegerField(default=0)
    mentions_polled_at: Any = InstantField(default=0)
    dms_polled_at: Any = InstantField(default=0)
    poll_claimed_until: Any = InstantField(default=0)
    last_slot_at: Any = InstantField(null=True)
    last_said_at: Any = InstantField(null=True)
    hold_until: Any = InstantField(null=True)
    holds_in_a_row: Any = pw.IntegerField(default=0)
    last_problem: Any = pw.TextField(default="")
    last_problem_at: Any = InstantField(null=True)
    created_at: Any = InstantField()

    def __repr__(self) -> str:
        return f"<Channel {self.id} @{self.handle}>"

    def __str__(self) -> str:
        return f"@{self.handle}"


def locked(channel_id: int) -> Channel | None:
    """The channel, its row taken until the transaction ends; None where it is gone."""
    rows = list(
        Channel.update(last_slot_at=Channel.last_slot_at).where(Channel.id == channel_id).returning(Channel).execute()
    )
    return rows[0] if rows else None


def channels_of(person_id: int) -> list[Channel]:
    """The channels that a person owns, connected ones first."""
    rows = Channel.select().where(Channel.owner_id == person_id)
    return list(rows.order_by(Channel.connected.desc(), Channel.handle))


def exists(channel_id: int) -> bool:
    """Whether the channel is still kept here."""
    return bool(Channel.select().where(Channel.id == channel_id).exists())


def all_ids() -> set[int]:
    """The ids of all channels, connected or not."""
    return {row.id for row in Channel.select(Channel.id)}
