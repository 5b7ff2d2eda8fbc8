"""How a channel comes and goes: connected, disconnected, forgotten."""

import importlib
import pkgutil
import time
from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import Any

import peewee as pw

import models
from engine.x.events import Account, id_at
from models import vault
from models.accounts import admission, chat_keys, deeds, limits, troubles
from models.accounts.channels import FROM_WHERE_HEARD, Auth, Channel, Hearing, OffReason, locked, owner_of
from models.accounts.deeds import Did
from models.accounts.limits import Limited
from models.accounts.people import Person
from models.accounts.tokens import Tokens, renews_at
from models.bites import Bite, taken
from models.control import all_paused
from models.costs import budgets
from models.database import Table, as_tuples, transaction
from models.notifications import journal
from models.publishing import holding, kept
from models.publishing.placing import cancel_queued
from models.streaming import conversation_keys

FIRST, LEAST, MOST = 50, 10, 200  # rows of a bite
BITE_S = 0.01
NOBODY = 0


class OwnedByOther(Exception):
    """Somebody else runs this channel."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel.handle)
        self.channel = channel


def connect_channel(account: Account, owner_id: int, tokens: Tokens, now: datetime) -> Channel:
    """Store a signed-in channel: new, or reconnected with the settings it had. Its owner is in from then on.

    Where everything is paused, it goes on with all others. Raises OwnedByOther, admission.NotLetIn, limits.TooMany.
    A channel that another person had left behind starts afresh: the rules and messages were theirs. That one is
    nobody's from then on, and is forgotten afterwards, in bites.
    """
    with transaction():
        admission.comes_in(owner_id, now)
        all_since = all_paused.taken()
        known = Channel.get_or_none(Channel.x_user_id == account.x_user_id)
        found = (
            None if known is None else locked(known.id)
        )  # of two who connect it, one comes second and sees the other
        if found is not None and found.connected and found.owner_id != owner_id:
            raise OwnedByOther(found)
        if found is None or not found.connected:  # a new sign-in of one that runs adds none
            limits.may_connect(owner_id)
            budgets.begin(owner_id, limits.of(owner_id)[Limited.MONEY].most, now)
        if found is not None and found.owner_id != owner_id:
            _let_go(found.id)
            found = None
        stands = _stands(found, all_since)
        sealed: dict[str, Any] = {
            "auth": tokens.auth,
            "access_token": vault.seal(tokens.access),
            "refresh_token": vault.seal(tokens.refresh) if tokens.refresh else _still_good(found, tokens),
            "access_secret": vault.seal(tokens.access_secret) if tokens.access_secret else "",
            "scopes": tokens.scopes,
            "token_expires_at": tokens.expires_at,
            "token_refreshed_at": None,
            "renew_at": renews_at(tokens.expires_at, now),
            "signed_in_at": now,
            "refresh_claimed_until": None,
            "handle": account.handle,
            "name": account.name,
            "connected": True,
            "is_on": stands is OffReason.NONE,
            "off_reason": stands,
            "hold_until": None,
            "hearing": Hearing.UNKNOWN,
        }
        from_now_on: dict[str, Any] = dict.fromkeys(FROM_WHERE_HEARD, id_at(now))
        if found is None:
            new = Channel.insert(
                x_user_id=account.x_user_id, owner_id=owner_id, created_at=now, **sealed, **from_now_on
            )
            made = list(new.on_conflict_ignore().returning(Channel.id).execute())
            if not made:  # somebody connected it a moment ago: look again
                return connect_channel(account, owner_id, tokens, now)
            channel_id = made[0].id
            journal.forget_files(channel_id)  # those of a forgotten one may have stayed, and had this id
        else:
            channel_id = found.id
            kept.end_troubles(channel_id)  # what they were about is as it was before
            fresh_start = {} if found.connected else from_now_on
            Channel.update(token_version=Channel.token_version + 1, **fresh_start, **sealed).where(
                Channel.id == channel_id
            ).execute()
            if stands is OffReason.NONE:
                kept.bring_back(channel_id, now)
            holding.begin_anew(channel_id, now)
        chat_keys.begin(channel_id, now)
        Person.update(channel_id=channel_id).where(Person.telegram_id == owner_id).execute()
        deeds.note(channel_id, owner_id, Did.CONNECTED, now)
    connected = Channel.get_by_id(channel_id)
    return connected


def _stands(found: Channel | None, all_since: datetime | None) -> OffReason:
    """Why it stands paused once it is connected, if it does: what an admin said of this one another access leaves."""
    if found is not None and found.off_reason is OffReason.PAUSED:
        return OffReason.PAUSED
    goes_on_alone = found is not None and found.connected and found.is_on
    return OffReason.NONE if all_since is None or goes_on_alone else OffReason.ALL_PAUSED


def _still_good(found: Channel | None, tokens: Tokens) -> str:
    """The refresh token from before, where X gave none this time: it is the same account's, and not known as dead."""
    if found is None or not found.connected or found.off_reason is OffReason.TOKEN or tokens.auth is not Auth.OAUTH2:
        return ""
    return found.refresh_token if found.auth is Auth.OAUTH2 else ""


def disconnect_channel(channel_id: int, by: int | None = None, now: datetime | None = None) -> bool:
    """Stop everything of the channel, delete its tokens and its keys; False where that was done already. `by`: whose
    deed it is, at an instant.

    One that who runs the service has paused stays so, also where it is connected once more.
    """
    paused = Channel.off_reason == OffReason.PAUSED
    with transaction():
        done = (
            Channel.update(
                connected=False,
                is_on=False,
                off_reason=pw.Case(None, [(paused, OffReason.PAUSED.value)], OffReason.DISCONNECTED.value),
                access_token="",
                refresh_token="",
                access_secret="",
                token_expires_at=None,
                token_version=Channel.token_version + 1,
            )
            .where((Channel.id == channel_id) & Channel.connected)
            .execute()
        )
        if done == 1:
            if by is not None and now is not None:
                deeds.note(channel_id, by, Did.DISCONNECTED, now)
            chat_keys.drop(channel_id)
            conversation_keys.forget(channel_id)
            cancel_queued(channel_id, "disconnected")
            troubles.drop(channel_id)
    return bool(done == 1)


# --- forgetting --------------------------------------------------------------------------------------------


def forget_channel(channel_id: int) -> None:
    """Delete all that was kept of a channel, and itself: every row of every table that belongs to it, and its files.

    It is nobody's at once, and then goes in bites: nobody waits while a year is deleted. What who dies over it leaves,
    retention forgets.
    """
    with transaction():
        _let_go(channel_id)
    for _ in bites_of(channel_id):
        continue


def let_go() -> list[int]:
    """The channels that are nobody's any more, and still to be forgotten."""
    return [i for (i,) in as_tuples(Channel.select(Channel.id).where(Channel.x_user_id < 0))]


def bites_of(channel_id: int) -> Iterator[Bite]:
    """Delete what is kept of one that was let go, a bite with each step; the last is all that is left of it."""
    for table, theirs in belonging(channel_id):
        most = FIRST
        while True:
            began = time.monotonic()
            gone = _bite(table, theirs, most)
            took = time.monotonic() - began
            if not gone:
                break
            yield Bite(gone, 0)
            most = min(MOST, most * 2) if took < BITE_S / 2 else max(LEAST, most // 2) if took > BITE_S else most
    with transaction():
        locked(channel_id)  # who writes something of the channel is done before, or finds it gone
        for table, theirs in belonging(channel_id):
            table.delete().where(theirs).execute()
        Channel.delete().where((Channel.id == channel_id) & (Channel.x_user_id < 0)).execute()
    journal.forget_files(channel_id)
    yield Bite(1, None)


def _let_go(channel_id: int) -> None:
    """Nobody's from now on: its account is free for another, and nobody finds it any more."""
    owner_id = owner_of(channel_id)
    if owner_id:
        budgets.keep_with(owner_id, channel_id)
    Channel.update(
        x_user_id=-channel_id, owner_id=NOBODY, connected=False, is_on=False, off_reason=OffReason.DISCONNECTED,
        access_token="", refresh_token="", access_secret="", token_version=Channel.token_version + 1,
    ).where((Channel.id == channel_id) & (Channel.x_user_id > 0)).execute()  # fmt: skip
    chat_keys.drop(channel_id)
    conversation_keys.forget(channel_id)
    troubles.drop(channel_id)
    Person.update(channel_id=None).where(Person.channel_id == channel_id).execute()


def belonging(channel_id: int) -> list[tuple[type[Table], pw.Expression]]:
    """Every table of which rows belong to a channel, and which; what hangs on other rows comes before them.

    A table belongs to a channel by its column `channel_id`, or by one that names a row of a table that does: a new
    table needs no line here.
    """
    owned = {t._meta.table_name: t for t in tables() if "channel_id" in t._meta.fields and t is not Person}
    direct = [(t, t._meta.fields["channel_id"] == channel_id) for t in owned.values()]
    return [*_hanging(owned, channel_id), *direct]


def tables() -> list[type[Table]]:
    """Every table that there is, of every module."""
    for found in pkgutil.walk_packages(models.__path__, "models."):
        if ".migrations" not in found.name:
            importlib.import_module(found.name)
    return sorted(Table.__subclasses__(), key=lambda t: t._meta.table_name)


def _bite(table: Any, theirs: pw.Expression, most: int) -> int:
    key: Any = table._meta.primary_key
    columns = [table._meta.fields[name] for name in key.field_names] if isinstance(key, pw.CompositeKey) else [key]
    rows = as_tuples(table.select(*columns).where(theirs).limit(most))
    if not rows:
        return 0
    if len(columns) == 1:
        these: Any = key.in_([value for (value,) in rows])
    else:
        ones = [reduce(and_, (c == v for c, v in zip(columns, row, strict=True))) for row in rows]
        these = reduce(or_, ones)
    return taken(table.delete().where(these & theirs))


def _hanging(owned: dict[str, type[Table]], channel_id: int) -> list[tuple[type[Table], pw.Expression]]:
    found: list[tuple[type[Table], pw.Expression]] = []
    for table in tables():
        if table.__name__ in ("Person", "Channel") or "channel_id" in table._meta.fields:
            continue
        for column, field in table._meta.fields.items():
            holder = owned.get(column.removesuffix("_id"))
            if column.endswith("_id") and holder is not None:
                theirs = holder.select(holder._meta.primary_key).where(holder._meta.fields["channel_id"] == channel_id)
                found.append((table, field.in_(theirs)))
    return found
