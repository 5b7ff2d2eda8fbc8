"""A channel's keys for X Chat, with which what is encrypted to its account is read: sealed, one row a channel.

unknown → none | elsewhere                     X was asked what it has of the account
unknown | none → made → ready                  a pair is made here, sealed, and then registered at X
made | ready → elsewhere → made | ready | none X has a newer pair that is not here; or no longer
any → ready                                    the pair that X has was unlocked on the operator's terminal
any → unknown                                  a goodbye: the pair is deleted, its public half is remembered

A pair is stored before X hears of it, so who dies over it loses none, and asks X again with the same one; of two who
press at once, one makes it. What X has counts, so it is looked at before and after, by whoever has the claim.
"""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee as pw

from engine.x.chat.pairs import Pair
from models import vault
from models.accounts.channels import Channel, locked
from models.database import EnumField, InstantField, Table, as_tuples, transaction
from models.notifications import notices
from models.notifications.kinds import ChatKeysStand

CLAIM = timedelta(seconds=75)  # to ask X what it has, register a pair, and ask again
DOUBTED_AGAIN = timedelta(hours=1)
NONE_AGAIN = timedelta(days=1)  # its owner may set X Chat up on a phone, and nothing would tell us
JUST_NOW = timedelta(hours=1)


class KeyState(StrEnum):
    """How they stand. The values are stored, so they never change."""

    UNKNOWN = ""  # X was not asked yet
    NONE = "none"  # X has no keys of the account: they can be made here
    MADE = "made"  # they are made and stored here; X has not confirmed them yet
    READY = "ready"  # X has them, and so have we
    ELSEWHERE = "elsewhere"  # X has keys of the account, or newer ones, that are not here


class ChatKeys(Table):
    """`version`, `public_key`: X's version of the pair that is (or was) here, and its identity key, raw, in base64.

    `registration`: what X is sent of a pair that was made here, as JSON; it holds nothing secret. `at_x`: the version
    of the newest keys that X has of the account. `refusal`, `said`: why X gave no good answer the last time, by the
    `reason` of its error and in its own words. `look_at`: X is asked from then on; None while nobody need ask it.
    `tries`: how often it was asked without a good answer, 0 while nobody is at it.
    """

    channel_id = pw.IntegerField(primary_key=True)
    state = EnumField(KeyState, default=KeyState.UNKNOWN)
    sealed = pw.TextField(default="")
    version = pw.TextField(default="")
    public_key = pw.TextField(default="")
    registration = pw.TextField(default="")
    at_x = pw.TextField(default="")
    refusal = pw.TextField(default="")
    said = pw.TextField(default="")
    tries = pw.IntegerField(default=0)
    look_at = InstantField(null=True)
    looked_at = InstantField(null=True)
    by_id = pw.BigIntegerField(null=True)
    made_at = InstantField(null=True)
    ready_at = InstantField(null=True)

    def __repr__(self) -> str:
        return f"<ChatKeys of {self.channel_id}: {self.state}>"

    @property
    def was_ours(self) -> bool:
        """Whether a pair of this account was here once and is deleted: nobody else has it."""
        return bool(self.public_key) and not self.sealed


@dataclass(frozen=True, slots=True)
class Keys:
    """A channel's pair as X's library takes it: the blob, and X's version of it."""

    channel_id: int
    version: str
    blob: bytes = field(repr=False)


def of(channel_id: int) -> Keys | None:
    """The keys with which the channel reads, unsealed; None where it has none that X knows. Raises vault.WrongKey."""
    found = row(channel_id)
    if found is None or not found.sealed or not found.version:
        return None
    return Keys(channel_id, found.version, _unsealed(found))


def version_of(channel_id: int) -> str | None:
    """X's version of the keys that `of` gives, without unsealing them: what was made of others is no longer of use."""
    mine = (ChatKeys.channel_id == channel_id) & (ChatKeys.sealed != "") & (ChatKeys.version != "")
    found: str | None = ChatKeys.select(ChatKeys.version).where(mine).scalar()
    return found


def are_there(channel_id: Any) -> Any:
    """Whether a channel reads with keys, as a column of a statement over channels."""
    mine = (ChatKeys.channel_id == channel_id) & (ChatKeys.sealed != "") & (ChatKeys.version != "")
    return pw.fn.EXISTS(ChatKeys.select(pw.SQL("1")).where(mine))


def row(channel_id: int) -> ChatKeys | None:
    """How they stand; None of a channel that is not connected."""
    found: ChatKeys | None = ChatKeys.get_or_none(ChatKeys.channel_id == channel_id)
    return found


def pending(channel_id: int) -> Pair | None:
    """The pair that is here, whatever X has of it. Raises vault.WrongKey."""
    found = row(channel_id)
    return Pair(_unsealed(found), found.public_key) if found is not None and found.sealed else None


# --- who asks X --------------------------------------------------------------------------------------------


def begin(channel_id: int, now: datetime) -> None:
    """The channel is connected, or anew, maybe with more rights: X is asked. Call it in that transaction."""
    if ChatKeys.update(look_at=now, refusal="", said="", tries=0).where(ChatKeys.channel_id == channel_id).execute():
        return
    ChatKeys.insert(channel_id=channel_id, look_at=now).on_conflict_ignore().execute()


def doubt(channel_id: int, now: datetime) -> None:
    """Something was encrypted to other keys than ours: X is asked whether it has newer ones, once an hour at most."""
    settled = (ChatKeys.state == KeyState.READY) & ChatKeys.look_at.is_null()
    old = settled & (ChatKeys.looked_at < now - DOUBTED_AGAIN)
    ChatKeys.update(look_at=now, tries=0).where((ChatKeys.channel_id == channel_id) & old).execute()


def to_ask(now: datetime, most: int) -> list[int]:
    """The channels that are on of which X is to be asked."""
    due = ChatKeys.look_at.is_null(False) & (ChatKeys.look_at <= now)
    ours = ChatKeys.channel_id.in_(Channel.select(Channel.id).where(Channel.connected & Channel.is_on & Channel.dms_on))
    rows = ChatKeys.select(ChatKeys.channel_id).where(due & ours).order_by(ChatKeys.look_at).limit(most)
    return [channel_id for (channel_id,) in as_tuples(rows)]


def claim(channel_id: int, now: datetime, *, pressed: bool = False) -> ChatKeys | None:
    """The right to ask X; None where somebody else has it, or it is not time yet.

    `pressed`: somebody asks for it now, so it is time, where nobody is at it.
    """
    due = ChatKeys.look_at.is_null(False) & (ChatKeys.look_at <= now)
    idle = ChatKeys.look_at.is_null() | (ChatKeys.refusal != "") | (ChatKeys.tries == 0)
    time = due | idle if pressed else due
    taken = ChatKeys.update(look_at=now + CLAIM, refusal="", said="", tries=ChatKeys.tries + 1)
    rows = list(taken.where((ChatKeys.channel_id == channel_id) & time).returning(ChatKeys).execute())
    return rows[0] if rows else None


def later(claimed: ChatKeys, at: datetime, reason: str = "", said: str = "") -> None:
    """X gave no good answer to who has the claim; it is asked again from this moment on."""
    mine = (ChatKeys.channel_id == claimed.channel_id) & (ChatKeys.look_at == claimed.look_at)
    ChatKeys.update(refusal=reason, said=said, look_at=at).where(mine).execute()


# --- what X has --------------------------------------------------------------------------------------------


def none_at_x(channel_id: int, now: datetime) -> None:
    """unknown | ready | elsewhere → none | made: X has no keys of the account; a pair made here goes there anew.

    Of a channel that has none its owner is told, once, where they have not just signed it in.
    """
    with transaction():
        found, channel = _of_connected(channel_id)
        if found is None or channel is None:
            return
        if found.state is KeyState.MADE or (found.sealed and found.registration):
            _change(found, state=KeyState.MADE, at_x="", looked_at=now)  # who has the claim registers it
            return
        is_news = found.state is KeyState.UNKNOWN and (channel.signed_in_at or now) < now - JUST_NOW
        _settle(found, now, state=KeyState.NONE, at_x="", look_at=now + NONE_AGAIN)
        if is_news:
            _tell(channel, KeyState.NONE, now)


def others_at_x(channel_id: int, newest: str, ours: str, now: datetime, *, tell: bool) -> None:
    """any → elsewhere: the newest keys that X has of the account are not here; `tell`: its owner is told, once.

    `ours`: X's version of those that are here, which stay: what was encrypted to them is read yet.
    """
    with transaction():
        found, channel = _of_connected(channel_id)
        if found is None or channel is None:
            return
        is_news = found.state is not KeyState.ELSEWHERE or found.at_x != newest
        _settle(found, now, state=KeyState.ELSEWHERE, at_x=newest, version=ours or found.version)
        if is_news and tell:
            _tell(channel, KeyState.ELSEWHERE, now)


def make(
    channel_id: int, pair: Pair, registration: str, by_id: int | None, now: datetime, *, replaces: bool = False
) -> bool:  # fmt: skip
    """unknown | none → made: the pair is kept, sealed, before X hears of it; False where there is one, or no channel.

    Call it with the claim, which goes on, once X was asked and has none of the account. `replaces`: elsewhere → made,
    as who runs the service wants it.
    """
    with transaction():
        found, _ = _of_connected(channel_id)
        free = found is not None and (not found.sealed or found.state is KeyState.NONE)
        if found is None or not (free or (replaces and found.state is KeyState.ELSEWHERE)):
            return False
        _change(
            found, state=KeyState.MADE, sealed=_sealed(pair.blob), public_key=pair.public_key, version="", at_x="",
            registration=registration, by_id=by_id, made_at=now, ready_at=None, look_at=found.look_at or now,
        )  # fmt: skip
    return True


def confirmed(channel_id: int, public_key: str, version: str, now: datetime, *, tell: bool) -> bool:
    """made | elsewhere → ready: X has the pair that is here as its newest, under this version.

    `tell`: its owner is told, where nobody looks at it.
    """
    with transaction():
        found, channel = _of_connected(channel_id)
        if found is None or channel is None or not found.sealed or found.public_key != public_key:
            return False
        is_news = found.state is not KeyState.READY
        _settle(found, now, state=KeyState.READY, version=version, at_x=version, ready_at=found.ready_at or now)
        if is_news and tell:
            _tell(channel, KeyState.READY, now)
    return True


def unlocked(channel_id: int, pair: Pair, version: str, now: datetime) -> bool:
    """any → ready: the pair that X has was unlocked on the operator's terminal; False where the channel is gone."""
    with transaction():
        found, channel = _of_connected(channel_id)
        if found is None or channel is None:
            return False
        _settle(
            found, now, state=KeyState.READY, sealed=_sealed(pair.blob), public_key=pair.public_key, version=version,
            at_x=version, registration="", by_id=None, made_at=None, ready_at=now,
        )  # fmt: skip
        _tell(channel, KeyState.READY, now)
    return True


# --- going, and another SECRET_KEY -------------------------------------------------------------------------


def drop(channel_id: int) -> None:
    """any → unknown: the pair is deleted. Which it was is remembered, so that nobody takes it for one of a phone's."""
    ChatKeys.update(
        state=KeyState.UNKNOWN, sealed="", registration="", refusal="", said="", tries=0, look_at=None, by_id=None
    ).where(ChatKeys.channel_id == channel_id).execute()


def rotate() -> int:
    """Seal every pair under the newest key; how many. One replaced meanwhile is looked at. Raises vault.WrongKey where
    some can't be, when all others are.
    """
    rows = as_tuples(ChatKeys.select(ChatKeys.channel_id).where(ChatKeys.sealed != ""))
    return vault.seal_all_anew((channel_id for (channel_id,) in rows), _resealed)


def _resealed(channel_id: int) -> bool | None:
    found = row(channel_id)
    if found is None or not found.sealed:
        return None
    same = (ChatKeys.channel_id == channel_id) & (ChatKeys.sealed == found.sealed)
    return bool(ChatKeys.update(sealed=vault.reseal(found.sealed)).where(same).execute() == 1)


def _of_connected(channel_id: int) -> tuple[ChatKeys, Channel] | tuple[None, None]:
    """The row and its channel, which is taken until the transaction ends; neither where that is not connected."""
    channel = locked(channel_id)
    if channel is None or not channel.connected:
        return None, None
    ChatKeys.insert(channel_id=channel_id).on_conflict_ignore().execute()
    return ChatKeys.get_by_id(channel_id), channel


def _settle(found: ChatKeys, now: datetime, **values: Any) -> None:
    """X has answered: nobody need ask it for now."""
    _change(found, **{"look_at": None, **values}, looked_at=now, refusal="", said="", tries=0)


def _change(found: ChatKeys, **values: Any) -> None:
    ChatKeys.update(**values).where(ChatKeys.channel_id == found.channel_id).execute()


def _tell(channel: Channel, state: KeyState, now: datetime) -> None:
    notices.tell(channel.owner_id, ChatKeysStand(state, now), now, channel_id=channel.id)


def _sealed(blob: bytes) -> str:
    return vault.seal(base64.b64encode(blob).decode())


def _unsealed(found: ChatKeys) -> bytes:
    return base64.b64decode(vault.unseal(found.sealed))
