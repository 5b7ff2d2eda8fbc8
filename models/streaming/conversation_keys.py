"""The keys that read a channel's encrypted messages: of its conversations, sealed, and public ones of who writes.

Any process of any machine reads with them, and none keeps them. What somebody's keys are at X is asked for once a day,
or when something came that was signed with others; not more often than every ten minutes, whatever strangers send.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from engine.x.chat.reading import Signer
from models import vault
from models.accounts.channels import Channel
from models.bites import Bite, by_age
from models.database import EPOCH, InstantField, Table, as_tuples, transaction
from models.streaming import chats
from models.streaming.chats import ChatEvent, ChatStatus, For
from models.streaming.twins import take_turn

MOST_KEYS = 50  # of a conversation
SIGNER_KEPT = timedelta(days=1)
SIGNER_AGAIN = timedelta(minutes=10)


class ConversationKey(Table):
    """A key of a conversation, sealed; `version` is X's of it."""

    id = pw.BigAutoField()
    channel_id = pw.IntegerField()
    person_id = pw.BigIntegerField()
    version = pw.TextField()
    sealed = pw.TextField()
    learnt_at = InstantField()

    def __repr__(self) -> str:
        return f"<ConversationKey {self.id}>"


class SignerKeys(Table):
    """Somebody's public keys as X had them at `looked_at`, good `until`; asked for again after `look_after` at the
    earliest, whatever comes.
    """

    id = pw.BigAutoField()
    channel_id = pw.IntegerField()
    user_id = pw.BigIntegerField()
    keys = pw.TextField(default="")
    looked_at = InstantField(default=EPOCH)
    look_after = InstantField(default=EPOCH)
    until = InstantField()

    class Meta:
        table_name = "signer"


def keys_of(channel_id: int, person_ids: Collection[int]) -> dict[int, dict[str, bytes]]:
    """The keys of these conversations by their versions, unsealed. One that our key does not open is not there."""
    mine = (ConversationKey.channel_id == channel_id) & ConversationKey.person_id.in_(list(person_ids))
    found: dict[int, dict[str, bytes]] = {person_id: {} for person_id in person_ids}
    columns = (ConversationKey.person_id, ConversationKey.version, ConversationKey.sealed)
    for person_id, version, sealed in as_tuples(ConversationKey.select(*columns).where(mine)):
        try:
            found[person_id][version] = bytes.fromhex(vault.unseal(sealed))
        except vault.WrongKey:
            continue
    return found


def learn_key(channel_id: int, person_id: int, version: str, key: bytes, now: datetime) -> int:
    """A conversation has this key; how much waited for it, which can be read. In the transaction of who read it."""
    new: dict[str, Any] = {"channel_id": channel_id, "person_id": person_id, "version": version}
    ConversationKey.insert(**new, sealed=vault.seal(key.hex()), learnt_at=now).on_conflict_ignore().execute()
    mine = (ConversationKey.channel_id == channel_id) & (ConversationKey.person_id == person_id)
    older = ConversationKey.select(ConversationKey.id).where(mine).order_by(ConversationKey.id.desc()).offset(MOST_KEYS)
    if gone := [i for (i,) in as_tuples(older.limit(MOST_KEYS))]:
        ConversationKey.delete().where(ConversationKey.id.in_(gone)).execute()
    return chats.came(channel_id, For.KEY, [version], person_id)


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody's public keys as X had them at this moment."""

    keys: list[Signer]
    looked_at: datetime


def signers_of(channel_id: int, user_ids: Collection[int], now: datetime) -> dict[int, Known]:
    """Public keys that are known of these accounts."""
    mine = (SignerKeys.channel_id == channel_id) & SignerKeys.user_id.in_(list(user_ids)) & (SignerKeys.until > now)
    rows = SignerKeys.select(SignerKeys.user_id, SignerKeys.keys, SignerKeys.looked_at).where(mine)
    return {u: Known([Signer(**one) for one in json.loads(keys or "[]")], at) for u, keys, at in as_tuples(rows)}


def to_look_up(channel_id: int, now: datetime, most: int) -> list[int]:
    """Accounts whose public keys something waits for, and which X may be asked for now."""
    waits = (ChatEvent.channel_id == channel_id) & ChatEvent.status.literally(ChatStatus.WAITS)
    asked = waits & (ChatEvent.waits_for == For.SIGNER)
    rows = as_tuples(ChatEvent.select(ChatEvent.needs).where(asked).distinct().limit(chats.MOST_WAITING))
    wanted = {int(needs) for (needs,) in rows}
    known = (SignerKeys.channel_id == channel_id) & SignerKeys.user_id.in_(list(wanted))
    lately = known & (SignerKeys.look_after > now)
    put_off = {i for (i,) in as_tuples(SignerKeys.select(SignerKeys.user_id).where(lately))} if wanted else set()
    return sorted(wanted - put_off)[:most]


def learn_signer(channel_id: int, user_id: int, keys: Sequence[Signer], now: datetime) -> None:
    """These are the account's public keys at X now; what waited for them is read."""
    new: dict[str, Any] = {
        "keys": json.dumps([asdict(k) for k in keys]), "looked_at": now, "look_after": now + SIGNER_AGAIN,
        "until": now + SIGNER_KEPT,
    }  # fmt: skip
    with transaction():
        take_turn(channel_id)
        if not _is_connected(channel_id):
            return
        row = SignerKeys.insert(channel_id=channel_id, user_id=user_id, **new)
        row.on_conflict(conflict_target=[SignerKeys.channel_id, SignerKeys.user_id], update=new).execute()
        chats.came(channel_id, For.SIGNER, [str(user_id)])


def _is_connected(channel_id: int) -> bool:
    return Channel.select(Channel.id).where((Channel.id == channel_id) & Channel.connected).exists()


# --- going, and another SECRET_KEY -------------------------------------------------------------------------


def forget(channel_id: int) -> None:
    """The channel says goodbye: no key of a conversation stays, no public key, nothing that is still encrypted."""
    take_turn(channel_id)
    for table in (ConversationKey, SignerKeys, ChatEvent):
        table.delete().where(table._meta.fields["channel_id"] == channel_id).execute()


def rotate() -> int:
    """Seal every conversation's key under the newest key; how many. Raises vault.WrongKey where some can't be, when all
    others are.
    """
    return vault.seal_all_anew(_all_ids(), _resealed)


def _all_ids() -> Iterator[int]:
    after = 0
    while ids := [
        row_id
        for (row_id,) in as_tuples(
            ConversationKey.select(ConversationKey.id)
            .where(ConversationKey.id > after)
            .order_by(ConversationKey.id)
            .limit(500)
        )
    ]:
        yield from ids
        after = ids[-1]


def _resealed(row_id: int) -> bool | None:
    found = ConversationKey.get_or_none(ConversationKey.id == row_id)
    if found is None:
        return None
    same = (ConversationKey.id == row_id) & (ConversationKey.sealed == found.sealed)
    return bool(ConversationKey.update(sealed=vault.reseal(found.sealed)).where(same).execute() == 1)


def forget_signers(now: datetime, after: int, most: int) -> Bite:
    """Public keys that are no longer good."""
    return by_age(SignerKeys, SignerKeys.until, now, most)
