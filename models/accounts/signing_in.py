"""Signing an account in: a state that is used once, by who began it, within a quarter of an hour."""

import hashlib
from datetime import datetime, timedelta

import peewee as pw

from models import vault
from models.database import InstantField, Table

SIGN_IN_LIFE = timedelta(minutes=15)


class SignIn(Table):
    state_hash = pw.TextField(primary_key=True)
    person_id = pw.BigIntegerField(index=True)
    chat_id = pw.BigIntegerField()
    verifier = pw.TextField()
    expires_at = InstantField()
    used_at = InstantField(null=True)


class BadSignIn(Exception):
    """A state that is unknown, used, expired, or somebody else's. `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def begin_sign_in(state: str, person_id: int, chat_id: int, verifier: str, now: datetime) -> None:
    """Remember a sign-in: single use, bound to the person, for a quarter of an hour."""
    SignIn.delete().where(SignIn.expires_at < now - timedelta(days=1)).execute()
    SignIn.insert(
        state_hash=_hash(state),
        person_id=person_id,
        chat_id=chat_id,
        verifier=vault.seal(verifier),
        expires_at=now + SIGN_IN_LIFE,
    ).execute()


def chat_of_sign_in(state: str) -> int | None:
    """The chat in which a sign-in was begun, or None for a state that is not ours."""
    found = SignIn.get_or_none(SignIn.state_hash == _hash(state))
    return found.chat_id if found is not None else None


def use_sign_in(state: str, person_id: int | None, now: datetime) -> tuple[SignIn, str]:
    """Use a state up; the sign-in and its verifier. Raises BadSignIn.

    `person_id` is who brought it back, or None where X's redirect did (the state itself then is the proof).
    """
    found = SignIn.get_or_none(SignIn.state_hash == _hash(state))
    if found is None:
        raise BadSignIn("unknown")
    if person_id is not None and found.person_id != person_id:
        raise BadSignIn("foreign")
    if found.expires_at < now:
        raise BadSignIn("expired")
    taken = (
        SignIn.update(used_at=now).where((SignIn.state_hash == found.state_hash) & SignIn.used_at.is_null()).execute()
    )
    if taken != 1:  # somebody used it first
        raise BadSignIn("used")
    return found, vault.unseal(found.verifier)


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
