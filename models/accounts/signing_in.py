"""Signing an account in: a state that is used once, by who began it, within a quarter of an hour.

begun → used (its person pasted the address) | waiting (X's redirect brought it)
waiting → used (they said yes, or no) | gone (they said nothing)

A redirect proves nothing about who sits before the browser: whoever sends their link to somebody else would get that
one's account. So the page shows a code, and only the person who began brings it to the chat.
"""

import hashlib
import json
from dataclasses import asdict
from datetime import datetime, timedelta

import peewee as pw
import structlog

from engine.x.events import Account
from models import vault
from models.accounts.tokens import Tokens
from models.bites import Bite, taken
from models.database import InstantField, Table, as_tuples

log = structlog.get_logger()
SIGN_IN_LIFE = timedelta(minutes=15)


class SignIn(Table):
    """`scopes`: the permissions that X's page asks for; empty for the usual ones."""

    state_hash = pw.TextField(primary_key=True)
    person_id = pw.BigIntegerField(index=True)
    chat_id = pw.BigIntegerField()
    verifier = pw.TextField()
    expires_at = InstantField()
    used_at = InstantField(null=True)
    account = pw.TextField(default="")
    pair = pw.TextField(default="")
    confirm_hash = pw.TextField(default="")
    scopes = pw.TextField(default="")


class BadSignIn(Exception):
    """A state that is unknown, used, expired, or somebody else's. `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def begin_sign_in(
    state: str, person_id: int, chat_id: int, verifier: str, now: datetime, scopes: str = ""
) -> None:  # fmt: skip
    """Remember a sign-in: single use, bound to the person, for a quarter of an hour."""
    SignIn.insert(
        state_hash=_hash(state),
        person_id=person_id,
        chat_id=chat_id,
        verifier=vault.seal(verifier),
        expires_at=now + SIGN_IN_LIFE,
        scopes=scopes,
    ).execute()


def forget_some(now: datetime, _after: int, most: int) -> Bite:
    """Delete what nobody finished or asks about any more; keys that wait in one are taken out of it before."""
    before = now - timedelta(days=1)
    ids = [i for (i,) in as_tuples(SignIn.select(SignIn.state_hash).where(SignIn.expires_at < before).limit(most))]
    gone = taken(SignIn.delete().where(SignIn.state_hash.in_(ids) & (SignIn.pair == ""))) if ids else 0
    return Bite(gone, 0 if gone and len(ids) == most else None)


def use_sign_in(state: str, person_id: int | None, now: datetime) -> tuple[SignIn, str]:
    """Use a state up; the sign-in and its verifier. Raises BadSignIn.

    `person_id` is who brought it back, or None where X's redirect did: that one still waits for its person.
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
    return found, _unsealed(found.verifier)


def wait_for_person(found: SignIn, code: str, account: Account, tokens: Tokens, now: datetime) -> None:
    """X's redirect brought this sign-in back: its keys are kept, sealed, until its person says yes with this code."""
    SignIn.update(
        account=json.dumps(asdict(account)),
        pair=vault.seal(json.dumps(asdict(tokens), default=lambda moment: moment.isoformat())),
        confirm_hash=_hash(code),
        expires_at=now + SIGN_IN_LIFE,
    ).where((SignIn.state_hash == found.state_hash) & (SignIn.pair == "")).execute()


def waiting(code: str, person_id: int, now: datetime) -> Account:
    """Whom this code would connect. Raises BadSignIn where it is not this person's."""
    return Account(**json.loads(_waiting(code, person_id, now).account))


def begun_by(code: str) -> int | None:
    """Who began what waits under this code."""
    found = SignIn.get_or_none(SignIn.confirm_hash == _hash(code))
    return found.person_id if found is not None else None


def confirm(code: str, person_id: int, now: datetime) -> tuple[Account, Tokens]:
    """The person says yes: the account and its keys, once. Raises BadSignIn. Call it where they are stored."""
    found = _waiting(code, person_id, now)
    mine = (SignIn.state_hash == found.state_hash) & (SignIn.confirm_hash == found.confirm_hash)
    if SignIn.update(confirm_hash="", pair="", account="").where(mine).execute() != 1:  # a second tap
        raise BadSignIn("used")
    _unsealed(found.pair)
    return Account(**json.loads(found.account)), _tokens(found)


def refuse(code: str, person_id: int, now: datetime) -> Tokens | None:
    """The person says no: the keys are gone here; what they were, to be revoked at X. None where nothing waited."""
    try:
        return confirm(code, person_id, now)[1]
    except BadSignIn:
        return None


def take_lapsed(now: datetime) -> list[Tokens]:
    """waiting → gone, where nobody said yes in time: the keys, to be revoked at X. What can't be read just goes."""
    late = (SignIn.pair != "") & (SignIn.expires_at < now)
    keys: list[Tokens] = []
    for gone in list(SignIn.delete().where(late).returning(SignIn).execute()):
        try:
            keys.append(_tokens(gone))
        except (vault.WrongKey, ValueError, LookupError, TypeError) as error:
            log.error("keys of a sign-in can't be read, so they are not revoked", error=type(error).__name__)
    return keys


def rotate_keys(now: datetime) -> int:
    """Seal anew what sign-ins that are not over wait with; how many. Raises vault.WrongKey where some can't be."""
    waits = SignIn.select(SignIn.state_hash).where((SignIn.expires_at >= now) | (SignIn.pair != ""))
    return vault.seal_all_anew([state_hash for (state_hash,) in as_tuples(waits)], _resealed)


def _resealed(state_hash: str) -> bool | None:
    """False where it went on meanwhile, None where it is over."""
    found = SignIn.get_or_none(SignIn.state_hash == state_hash)
    if found is None:
        return None
    pair = vault.reseal(found.pair) if found.pair else ""
    same = (SignIn.state_hash == state_hash) & (SignIn.pair == found.pair)
    return bool(SignIn.update(verifier=vault.reseal(found.verifier), pair=pair).where(same).execute() == 1)


def _unsealed(sealed: str) -> str:
    """Raises BadSignIn, where the key was changed meanwhile: it is begun anew."""
    try:
        return vault.unseal(sealed)
    except vault.WrongKey:
        raise BadSignIn("expired") from None


def _tokens(found: SignIn) -> Tokens:
    kept = json.loads(vault.unseal(found.pair))
    expires = datetime.fromisoformat(kept["expires_at"]) if kept["expires_at"] else None
    return Tokens(**{**kept, "expires_at": expires})


def _waiting(code: str, person_id: int, now: datetime) -> SignIn:
    found = SignIn.get_or_none(SignIn.confirm_hash == _hash(code))
    if found is None:
        raise BadSignIn("used")
    if found.person_id != person_id:
        raise BadSignIn("foreign")
    if found.expires_at < now:
        raise BadSignIn("expired")
    return found


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
