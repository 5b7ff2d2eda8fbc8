"""A channel's keys for X Chat, with which what is encrypted to its account is read: sealed, one row a channel.

(nothing) → none | elsewhere                   X was asked what it has of the account
(nothing) | none → made → ready                a pair is made here, sealed, and then registered at X
made | ready → elsewhere → made | ready | none X has a newer pair that is not here; or no longer
any → ready                                    the pair that X has was unlocked on the operator's terminal
any → none                                     a goodbye: the pair is deleted, its public half is remembered

A pair is stored before X hears of it, so who dies over it loses none, and asks X again with the same one; of two who
press at once, one makes it. What X has counts, so it is looked at before and after.
"""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee as pw

from models import vault
from models.accounts.channels import Channel, locked
from models.database import EPOCH, EnumField, InstantField, Table, as_tuples, transaction

CLAIM = timedelta(seconds=60)  # to ask X what it has, register the pair, and ask again


class KeyState(StrEnum):
    """How they stand. The values are stored, so they never change."""

    NONE = "none"  # X has no keys of the account: they can be made here
    MADE = "made"  # they are made and stored here; X has not confirmed them yet
    READY = "ready"  # X has them, and so have we
    ELSEWHERE = "elsewhere"  # X has keys of the account, or newer ones, that are not here


class ChatKeys(Table):
    """`version`, `public_key`: X's version of the pair that is (or was) here, and its identity key, raw, in base64.

    `registration`: what X is sent of a pair that was made here, as JSON; it holds nothing secret. `at_x`: the
    version of the newest keys that X has of the account. `refusal`, `said`: why X did not take the pair the last time,
    by the `reason` of its error and in its own words. `look_at`: nobody asks X for the pair before then.
    """

    channel_id = pw.IntegerField(primary_key=True)
    state = EnumField(KeyState)
    sealed = pw.TextField(default="")
    version = pw.TextField(default="")
    public_key = pw.TextField(default="")
    registration = pw.TextField(default="")
    at_x = pw.TextField(default="")
    refusal = pw.TextField(default="")
    said = pw.TextField(default="")
    tries = pw.IntegerField(default=0)
    look_at = InstantField(default=EPOCH)
    by_id = pw.BigIntegerField(null=True)
    made_at = InstantField(null=True)
    ready_at = InstantField(null=True)

    def __repr__(self) -> str:
        return f"<ChatKeys of {self.channel_id}: {self.state}>"


@dataclass(frozen=True, slots=True)
class Keys:
    """A channel's pair as X's library takes it: the blob, and X's version of it."""

    channel_id: int
    version: str
    blob: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair as it is stored: the library's blob, and its identity key, raw, in base64."""

    blob: bytes = field(repr=False)
    public_key: str


def of(channel_id: int) -> Keys | None:
    """The keys with which the channel reads, unsealed; None where it has none that X knows. Raises vault.WrongKey."""
    found = row(channel_id)
    if found is None or not found.sealed or not found.version:
        return None
    return Keys(channel_id, found.version, base64.b64decode(vault.unseal(found.sealed)))


def version_of(channel_id: int) -> str | None:
    """X's version of the keys that `of` gives, without unsealing them: what was made of others is no longer of use."""
    mine = (ChatKeys.channel_id == channel_id) & (ChatKeys.sealed != "") & (ChatKeys.version != "")
    found: str | None = ChatKeys.select(ChatKeys.version).where(mine).scalar()
    return found


def row(channel_id: int) -> ChatKeys | None:
    """How they stand; None where X was not asked yet."""
    found: ChatKeys | None = ChatKeys.get_or_none(ChatKeys.channel_id == channel_id)
    return found


def pending(channel_id: int) -> Pair | None:
    """The pair that is here, whatever X has of it. Raises vault.WrongKey."""
    found = row(channel_id)
    if found is None or not found.sealed:
        return None
    return Pair(base64.b64decode(vault.unseal(found.sealed)), found.public_key)


# --- making and registering --------------------------------------------------------------------------------


def make(channel_id: int, pair: Pair, registration: str, by_id: int, now: datetime) -> bool:
    """(nothing) | none → made: the pair is kept, sealed, before X hears of it; False where there is another, or no
    such channel. Call it once X was asked and has none of the account.
    """
    new: dict[str, Any] = {
        "state": KeyState.MADE, "sealed": _sealed(pair.blob), "public_key": pair.public_key, "version": "", "at_x": "",
        "registration": registration, "refusal": "", "said": "", "tries": 0, "look_at": now, "by_id": by_id,
        "made_at": now, "ready_at": None,
    }  # fmt: skip
    with transaction():
        channel = locked(channel_id)
        if channel is None or not channel.connected:
            return False
        if ChatKeys.insert(channel_id=channel_id, **new).on_conflict_ignore().returning(ChatKeys.channel_id).execute():
            return True
        free = (ChatKeys.channel_id == channel_id) & (ChatKeys.state == KeyState.NONE)
        return bool(ChatKeys.update(**new).where(free).execute() == 1)


def to_register(now: datetime, most: int) -> list[int]:
    """Channels of which a pair waits to be registered at X."""
    due = ChatKeys.state.literally(KeyState.MADE) & (ChatKeys.look_at <= now)
    ours = ChatKeys.channel_id.in_(Channel.select(Channel.id).where(Channel.connected))
    rows = ChatKeys.select(ChatKeys.channel_id).where(due & ours).order_by(ChatKeys.look_at).limit(most)
    return [channel_id for (channel_id,) in as_tuples(rows)]


def claim(channel_id: int, now: datetime, *, pressed: bool = False) -> ChatKeys | None:
    """The right to ask X about the pair that waits; None where somebody else has it, or it is not time yet.

    `pressed`: somebody asks for it now, so it is time wherever nobody is at it.
    """
    mine = (ChatKeys.channel_id == channel_id) & (ChatKeys.state == KeyState.MADE)
    time = (ChatKeys.look_at <= now) if not pressed else (ChatKeys.look_at <= now) | (ChatKeys.refusal != "")
    taken = ChatKeys.update(look_at=now + CLAIM, refusal="", said="", tries=ChatKeys.tries + 1)
    rows = list(taken.where(mine & time).returning(ChatKeys).execute())
    return rows[0] if rows else None


def confirmed(channel_id: int, public_key: str, version: str, now: datetime) -> bool:
    """made | elsewhere → ready: X has the pair that is here as its newest, under this version."""
    mine = (ChatKeys.channel_id == channel_id) & (ChatKeys.public_key == public_key) & (ChatKeys.sealed != "")
    changed = ChatKeys.update(
        state=KeyState.READY, version=version, at_x=version, refusal="", said="", tries=0, ready_at=now
    )
    return bool(changed.where(mine).execute() == 1)


def not_taken(claimed: ChatKeys, reason: str, said: str, again_at: datetime) -> None:
    """X did not take the pair; it is asked again from this moment on."""
    mine = (ChatKeys.channel_id == claimed.channel_id) & (ChatKeys.state == KeyState.MADE)
    same = (ChatKeys.look_at == claimed.look_at) & (ChatKeys.public_key == claimed.public_key)
    ChatKeys.update(refusal=reason, said=said, look_at=again_at).where(mine & same).execute()


def none_at_x(channel_id: int, now: datetime) -> None:
    """(nothing) | ready | elsewhere → none | made: X has no keys of the account; a pair made here goes there anew."""
    with transaction():
        channel = locked(channel_id)
        if channel is None or not channel.connected:
            return
        ChatKeys.insert(channel_id=channel_id, state=KeyState.NONE).on_conflict_ignore().execute()
        mine = (ChatKeys.channel_id == channel_id) & (ChatKeys.state != KeyState.MADE)
        made_here = (ChatKeys.sealed != "") & (ChatKeys.registration != "")
        ChatKeys.update(state=KeyState.MADE, look_at=now, at_x="").where(mine & made_here).execute()
        ChatKeys.update(state=KeyState.NONE, at_x="").where(mine & ~made_here).execute()


def others_at_x(channel_id: int, newest: str, ours: str) -> None:
    """any → elsewhere: the newest keys that X has of the account are not here; `ours`: X's version of those that are.

    Those are kept: what was encrypted to them is read yet.
    """
    with transaction():
        channel = locked(channel_id)
        if channel is None or not channel.connected:
            return
        found: dict[str, Any] = {"state": KeyState.ELSEWHERE, "at_x": newest, "refusal": "", "said": ""}
        ChatKeys.insert(channel_id=channel_id, **found).on_conflict_ignore().execute()
        version: dict[str, Any] = {"version": ours} if ours else {}
        ChatKeys.update(**found, **version).where(ChatKeys.channel_id == channel_id).execute()


def unlocked(channel_id: int, pair: Pair, version: str, now: datetime) -> bool:
    """any → ready: the pair that X has was unlocked on the operator's terminal; False where the channel is gone."""
    new: dict[str, Any] = {
        "state": KeyState.READY, "sealed": _sealed(pair.blob), "public_key": pair.public_key, "version": version,
        "at_x": version, "registration": "", "refusal": "", "said": "", "tries": 0, "by_id": None, "made_at": None,
        "ready_at": now,
    }  # fmt: skip
    with transaction():
        channel = locked(channel_id)
        if channel is None or not channel.connected:
            return False
        made = ChatKeys.insert(channel_id=channel_id, **new).on_conflict_ignore().returning(ChatKeys.channel_id)
        if not list(made.execute()):
            ChatKeys.update(**new).where(ChatKeys.channel_id == channel_id).execute()
    return True


# --- going, and another SECRET_KEY -------------------------------------------------------------------------


def drop(channel_id: int) -> None:
    """any → none: the pair is deleted. Which it was is remembered, so that nobody takes it for one of a phone's."""
    ChatKeys.update(
        state=KeyState.NONE, sealed="", registration="", refusal="", said="", tries=0, look_at=EPOCH, by_id=None
    ).where(ChatKeys.channel_id == channel_id).execute()


def rotate() -> int:
    """Seal every pair under the newest key; how many. Raises vault.WrongKey. One replaced meanwhile is looked at."""
    touched = 0
    for (channel_id,) in as_tuples(ChatKeys.select(ChatKeys.channel_id).where(ChatKeys.sealed != "")):
        while (found := row(channel_id)) is not None and found.sealed and not _resealed(found):
            continue
        touched += found is not None
    return touched


def _resealed(found: ChatKeys) -> bool:
    same = (ChatKeys.channel_id == found.channel_id) & (ChatKeys.sealed == found.sealed)
    return bool(ChatKeys.update(sealed=vault.reseal(found.sealed)).where(same).execute() == 1)


def _sealed(blob: bytes) -> str:
    return vault.seal(base64.b64encode(blob).decode())
