"""The channels: X accounts that Canales runs for somebody."""

from collections.abc import Collection
from enum import StrEnum

import peewee as pw

from models.bulk import among
from models.database import EPOCH, EnumField, InstantField, Table, as_tuples
from models.statements import as_row, statement

#: The columns that say from which X id on a channel is heard.
FROM_WHERE_HEARD = (
    "mention_cursor", "dm_cursor", "mention_sure", "dm_sure", "chat_cursor", "mentions_from", "replies_from",
)  # fmt: skip


class OffReason(StrEnum):
    """Why a channel is off. The values are stored, so they never change."""

    NONE = ""  # it is on
    OWNER = "owner"  # somebody of the team switched it off
    TOKEN = "token"  # X no longer takes its token: it must be signed in anew  # noqa: S105
    LOCKED = "locked"  # X has locked the account: a person unlocks it there, and switches it on again
    DISCONNECTED = "disconnected"  # its tokens were deleted
    PUT_OUT = "put_out"  # its owner was put out by who runs the service
    PAUSED = "paused"  # who runs the service has paused it: only they let it go on
    ALL_PAUSED = "all_paused"  # it would be on, but they have paused everything: it goes on with all others


class Auth(StrEnum):
    """How a channel was signed in at X. The values are stored, so they never change."""

    OAUTH1 = "oauth1"  # a pair of a token and its secret, which stays as it is
    OAUTH2 = "oauth2"  # a token that ends, renewed by a refresh token


class Hearing(StrEnum):
    """How X lets a channel be heard. The values are stored, so they never change."""

    UNKNOWN = ""  # not tried yet
    STREAM = "stream"  # X tells by itself
    POLL = "poll"  # X is asked again and again


class Channel(Table):
    """An X account that Canales runs. Tokens are sealed; see `credentials`."""

    id = pw.AutoField()
    x_user_id = pw.BigIntegerField(unique=True)
    handle = pw.TextField()
    name = pw.TextField(default="")
    owner_id = pw.BigIntegerField(index=True)
    connected = pw.BooleanField(default=True)
    is_on = pw.BooleanField(default=True)
    off_reason = EnumField(OffReason, default=OffReason.NONE)
    mentions_on = pw.BooleanField(default=True)
    dms_on = pw.BooleanField(default=True)
    replies_on = pw.BooleanField(default=False)
    mentions_from = pw.BigIntegerField(default=0)  # what was written before this X id, while they were off, is not read
    replies_from = pw.BigIntegerField(default=0)
    name_senders = pw.BooleanField(default=False)
    gap_s = pw.IntegerField(default=20)
    fresh_s = pw.IntegerField(default=900)
    ruleset_version = pw.IntegerField(default=1)
    auth = EnumField(Auth, default=Auth.OAUTH2)
    access_token = pw.TextField(default="")
    refresh_token = pw.TextField(default="")
    access_secret = pw.TextField(default="")
    scopes = pw.TextField(default="")
    token_version = pw.IntegerField(default=1)
    token_expires_at = InstantField(null=True)
    token_refreshed_at = InstantField(null=True)
    refresh_claimed_until = InstantField(null=True)
    renew_at = InstantField(null=True)  # its token is renewed from then on, well before its end
    signed_in_at = InstantField(null=True)
    hearing = EnumField(Hearing, default=Hearing.UNKNOWN)
    mention_cursor = pw.BigIntegerField(default=0)
    dm_cursor = pw.BigIntegerField(default=0)
    mention_sure = pw.BigIntegerField(default=0)
    dm_sure = pw.BigIntegerField(default=0)
    chat_cursor = pw.BigIntegerField(default=0)
    mentions_polled_at = InstantField(default=EPOCH)
    dms_polled_at = InstantField(default=EPOCH)
    poll_claimed_until = InstantField(default=EPOCH)
    last_slot_at = InstantField(null=True)
    last_said_at = InstantField(null=True)
    hold_until = InstantField(null=True)
    holds_in_a_row = pw.IntegerField(default=0)
    last_problem = pw.TextField(default="")
    last_problem_at = InstantField(null=True)
    created_at = InstantField()
    held_for = pw.TextField(default="")
    probe = pw.BigIntegerField(null=True)
    hears = pw.BooleanField(default=True)  # False: no budget has money left for hearing (models/control/budgets.py)
    looks_at = InstantField(default=EPOCH)  # what it copied is looked at again from then on
    backed_up_at = InstantField(null=True)  # it came here by a backup of then (models/publishing/doubts/restored.py)
    restored_at = InstantField(null=True)
    restored_tweet = pw.BigIntegerField(default=0)  # the last tweet that was in it

    def __repr__(self) -> str:
        return f"<Channel {self.id} @{self.handle}>"

    def __str__(self) -> str:
        return f"@{self.handle}"


@statement
def _one(channel_id: int) -> pw.Query:
    return Channel.select().where(Channel.id == channel_id)


@statement
def _take(channel_id: int) -> pw.Query:
    return Channel.update(last_slot_at=Channel.last_slot_at).where(Channel.id == channel_id).returning(Channel)


def one(channel_id: int) -> Channel | None:
    """The channel; None where it is gone."""
    return as_row(Channel, _one.first(channel_id))


def locked(channel_id: int) -> Channel | None:
    """The channel, its row taken until the transaction ends; None where it is gone."""
    return as_row(Channel, _take.first(channel_id))


def are_heard() -> pw.Expression:
    """Those of which X is to bring or show anything: they are on, and a budget that they are under pays for it."""
    return Channel.connected & Channel.is_on & Channel.hears


def channels_of(person_id: int) -> list[Channel]:
    """The channels that a person owns, connected ones first."""
    rows = Channel.select().where(Channel.owner_id == person_id)
    return list(rows.order_by(Channel.connected.desc(), Channel.handle))


def owner_of(channel_id: int) -> int | None:
    """Whose channel it is; None where it is gone."""
    found = Channel.select(Channel.owner_id).where(Channel.id == channel_id).scalar()
    return None if found is None else int(found)


def owners_of(channel_ids: Collection[int]) -> dict[int, int]:
    """The same of several, by channel; those that are gone are not there."""
    rows = Channel.select(Channel.id, Channel.owner_id).where(Channel.id.in_(list(channel_ids)))
    return {int(channel_id): int(owner_id) for channel_id, owner_id in as_tuples(rows)}


@statement
def _known(channel_ids: list[int]) -> pw.Query:
    return Channel.select(Channel.id).where(among(Channel.id, channel_ids))


def known(channel_ids: Collection[int]) -> set[int]:
    """Which of these channels are still kept here."""
    return {channel_id for (channel_id,) in _known.rows(list(channel_ids))}


def all_ids() -> set[int]:
    """The ids of all channels, connected or not."""
    return {row.id for row in Channel.select(Channel.id)}
