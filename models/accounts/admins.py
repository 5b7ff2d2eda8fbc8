"""Who runs the service: whom ADMIN_IDS names, and who became it in the chat.

Where nobody is known, the first start prints a link that makes its opener the first one, once. Only its hash is kept.
"""

import hashlib
import secrets
from datetime import datetime

import peewee as pw

from models.database import InstantField, Table, as_tuples, transaction
from models.settings import settings
from models.statements import statement

MOST_LINKS = 20  # that were printed, each by a start that knew of no admin


class Admin(Table):
    """Somebody who became it in the chat; `made_by` None: by the link of the first start."""

    person_id = pw.BigIntegerField(primary_key=True)
    made_at = InstantField()
    made_by = pw.BigIntegerField(null=True)


class AdminLink(Table):
    """A link that makes its opener the first admin."""

    code_hash = pw.TextField(primary_key=True)
    made_at = InstantField()


class Entrance(Table):
    """The one row of the door: who may come in (models/accounts/admission.py). Whoever has taken it is alone there."""

    id = pw.IntegerField(primary_key=True)
    sign_up = pw.TextField(default="")


@statement
def _became(person_id: int) -> pw.Query:
    return Admin.select(Admin.person_id).where(Admin.person_id == person_id)


def ids() -> list[int]:
    """Telegram ids of those who run the service, whom ADMIN_IDS names first."""
    became = as_tuples(Admin.select(Admin.person_id).order_by(Admin.made_at, Admin.person_id))
    return list(dict.fromkeys([*settings().admin_ids, *(person_id for (person_id,) in became)]))


def is_admin(person_id: int) -> bool:
    """Whether somebody runs the service."""
    if person_id in settings().admin_ids:
        return True
    return _became.first(person_id) is not None


# --- the first one -------------------------------------------------------------------------------------------


def first_code(now: datetime) -> str | None:
    """What makes its bringer the first admin; None where there is one. Each start has its own, one of them counts."""
    code = secrets.token_urlsafe(16)
    with transaction():
        taken()
        if ids():
            return None
        AdminLink.insert(code_hash=_hash(code), made_at=now).execute()
        newest = AdminLink.select(AdminLink.code_hash).order_by(AdminLink.made_at.desc()).limit(MOST_LINKS)
        AdminLink.delete().where(AdminLink.code_hash.not_in([h for (h,) in as_tuples(newest)])).execute()
    return code


def become_first(code: str, person_id: int, now: datetime) -> bool:
    """The first who brings a code runs the service from now on; False for another code, and for who comes later."""
    with transaction():
        taken()
        if ids() or not AdminLink.delete().where(AdminLink.code_hash == _hash(code)).execute():
            return False
        AdminLink.delete().execute()
        Admin.insert(person_id=person_id, made_at=now).execute()
    return True


# --- the others ----------------------------------------------------------------------------------------------


def make(person_id: int, by: int, now: datetime) -> bool:
    """Somebody runs the service too; False where they do already."""
    with transaction():
        taken()
        if is_admin(person_id):
            return False
        Admin.insert(person_id=person_id, made_at=now, made_by=by).execute()
    return True


def unmake(person_id: int) -> bool:
    """They no longer run it; False where they did not, or nobody else does, or ADMIN_IDS names them."""
    with transaction():
        taken()
        if ids() == [person_id] or person_id in settings().admin_ids:
            return False
        return bool(Admin.delete().where(Admin.person_id == person_id).execute())


def taken() -> Entrance:
    """The row of the door, taken until the transaction ends: of two who change it, one comes second."""
    made = Entrance.insert(id=1).on_conflict(conflict_target=[Entrance.id], update={Entrance.id: Entrance.id})
    row: Entrance = next(iter(made.returning(Entrance).execute()))
    return row


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
