"""How people stand at the door; what becomes of it is told in models/accounts/admission.py."""

from enum import StrEnum
from typing import Any

import peewee as pw

from models.database import EnumField, InstantField, Table
from models.statements import statement


class Standing(StrEnum):
    """How somebody stands at the door. The values are stored, so they never change."""

    ASKED = "asked"
    IN = "in"
    REFUSED = "refused"
    OUT = "out"  # was in, and is not any more


class Admission(Table):
    """How somebody stands, since when, by whose word. What they said of themselves when they asked."""

    person_id = pw.BigIntegerField(primary_key=True)
    standing = EnumField(Standing)
    at = InstantField(index=True)
    by_id = pw.BigIntegerField(null=True)
    username = pw.TextField(default="")
    words = pw.TextField(default="")


@statement
def _standing(person_id: int) -> pw.Query:
    return Admission.select(Admission.standing).where(Admission.person_id == person_id)


def standing_of(person_id: int) -> Standing | None:
    """How somebody stands; None where nothing is known of them."""
    found = _standing.first(person_id)
    return Standing(found[0]) if found is not None else None


def is_out(person: Any) -> pw.Function:
    """Whether the person in this column was put out, as a condition: looked up by their number alone."""
    theirs = (Admission.person_id == person) & (Admission.standing == Standing.OUT)
    return pw.fn.EXISTS(Admission.select(Admission.person_id).where(theirs))
