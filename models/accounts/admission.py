"""Who may come in, and how they do: by themselves, by an invitation, by asking; or nobody new.

    (unknown) → asked → in | refused        refused → asked (later) | in        in → out → in
    (unknown) → in (by an invitation, or because they connected a channel while the door was open)

As long as nobody runs the service, the door is closed, unless SIGN_UP says otherwise. Whoever helps with somebody's
channel comes as far as that channel; who was put out comes nowhere.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee as pw

from models.accounts import admins
from models.accounts.admins import Entrance
from models.accounts.channels import Channel
from models.accounts.standings import Admission, Standing, standing_of
from models.accounts.team import Member
from models.bites import Bite, by_age
from models.database import InstantField, Table, transaction
from models.settings import settings

PASS_LIFE = timedelta(days=7)
ASKS_AGAIN = timedelta(days=30)  # who was refused
KEPT = timedelta(days=180)  # a question that nobody answered, and a refusal
MOST_WORDS = 300


class SignUp(StrEnum):
    """Who may come in. The values are stored, and are those of the setting SIGN_UP, so they never change."""

    OPEN = "open"  # whoever finds the bot
    INVITED = "invited"  # who has an invitation, or asks and is let in
    CLOSED = "closed"  # nobody new


class Pass(Table):
    """An invitation of an admin's, for one person. Only its hash is kept."""

    code_hash = pw.TextField(primary_key=True)
    made_by = pw.BigIntegerField()
    expires_at = InstantField(index=True)
    used_at = InstantField(null=True)
    used_by = pw.BigIntegerField(null=True)


class NotLetIn(Exception):
    """Somebody who is not in would get a channel."""


@dataclass(frozen=True, slots=True)
class Way:
    """How far somebody comes: `owns` may connect channels, `speaks` is answered at all."""

    owns: bool
    speaks: bool
    standing: Standing | None


def sign_up() -> SignUp:
    """Who may come in, as an admin has set it; else by SIGN_UP; else by invitation where somebody runs the service."""
    chosen = str(Entrance.select(Entrance.sign_up).where(Entrance.id == 1).scalar() or "") or settings().sign_up
    if chosen in set(SignUp):
        return SignUp(chosen)
    return SignUp.INVITED if admins.ids() else SignUp.CLOSED


def choose(who: SignUp) -> None:
    """Who may come in from now on; who is in stays."""
    Entrance.insert(id=1, sign_up=who.value).on_conflict(
        conflict_target=[Entrance.id], update={Entrance.sign_up: who.value}
    ).execute()


def way_of(person_id: int) -> Way:
    """How far somebody comes, now."""
    standing = standing_of(person_id)
    if admins.is_admin(person_id):
        return Way(owns=True, speaks=True, standing=Standing.IN)
    if standing is Standing.OUT:
        return Way(owns=False, speaks=False, standing=standing)
    if standing is Standing.IN or sign_up() is SignUp.OPEN:
        return Way(owns=True, speaks=True, standing=standing)
    return Way(owns=False, speaks=_helps(person_id), standing=standing)


def comes_in(person_id: int, now: datetime) -> None:
    """Somebody gets a channel of their own, and is in from then on, also where the door is closed later.

    Raises NotLetIn. Call it first in the transaction that gives it to them: who puts them out waits, or was before.
    """
    admins.taken()
    if not way_of(person_id).owns:
        raise NotLetIn
    _stand(person_id, Standing.IN, None, now, [Standing.ASKED, Standing.REFUSED])


# --- asking --------------------------------------------------------------------------------------------------


def ask(person_id: int, username: str, words: str, now: datetime) -> bool:
    """Ask to come in; False where that was asked already, or decided, or is not asked now.

    Call it in the transaction that tells the admins.
    """
    if sign_up() is not SignUp.INVITED:
        return False
    asked: dict[str, Any] = {
        "standing": Standing.ASKED,
        "at": now,
        "by_id": None,
        "username": username,
        "words": words[:MOST_WORDS],
    }
    again = (Admission.standing == Standing.REFUSED) & (Admission.at < now - ASKS_AGAIN)
    new = Admission.insert(person_id=person_id, **asked).on_conflict(
        conflict_target=[Admission.person_id], update=asked, where=again
    )
    return bool(list(new.returning(Admission.person_id).execute()))


def decide(person_id: int, standing: Standing, by: int, now: datetime) -> Admission | None:
    """asked → in | refused: whoever is first; how it was asked, or None where somebody decided already."""
    row = Admission.get_or_none(Admission.person_id == person_id)
    asked = (Admission.person_id == person_id) & (Admission.standing == Standing.ASKED)
    done = Admission.update(standing=standing, at=now, by_id=by).where(asked).execute()
    return row if done == 1 else None


def let_in(person_id: int, by: int | None, now: datetime) -> bool:
    """Whoever they are, they are in; False where they were."""
    return _stand(person_id, Standing.IN, by, now, [Standing.ASKED, Standing.REFUSED, Standing.OUT])


def put_out(person_id: int, by: int, now: datetime) -> bool:
    """in → out, also who came by an open door; False where they were out, or run the service.

    What becomes of their channels is for the caller, in whose transaction this is.
    """
    admins.taken()
    if admins.is_admin(person_id):
        return False
    return _stand(person_id, Standing.OUT, by, now, [Standing.ASKED, Standing.REFUSED, Standing.IN])


# --- invitations ---------------------------------------------------------------------------------------------


def invite(code: str, by: int, now: datetime) -> None:
    """Remember an invitation: for one person, for a week. Only its hash is kept."""
    Pass.insert(code_hash=_hash(code), made_by=by, expires_at=now + PASS_LIFE).execute()


def use_pass(code: str, person_id: int, now: datetime) -> bool:
    """Come in by an invitation; False where it can't be used, or nobody new may come, or who brings it was put out.

    That of somebody who no longer runs the service lets nobody in.
    """
    with transaction():
        way = way_of(person_id)
        if way.standing is Standing.IN or way.standing is Standing.OUT or sign_up() is SignUp.CLOSED:
            return way.standing is Standing.IN
        fresh = (Pass.code_hash == _hash(code)) & Pass.used_at.is_null() & (Pass.expires_at > now)
        row = Pass.get_or_none(fresh)
        if row is None or not admins.is_admin(row.made_by):
            return False
        won = list(Pass.update(used_at=now, used_by=person_id).where(fresh).returning(Pass.made_by).execute())
        if not won:
            return False
        return _stand(person_id, Standing.IN, won[0].made_by, now, [Standing.ASKED, Standing.REFUSED])


# --- lists ---------------------------------------------------------------------------------------------------


def standing_so(standing: Standing, most: int) -> list[Admission]:
    """Who stands so, the newest first."""
    rows = Admission.select().where(Admission.standing == standing)
    return list(rows.order_by(Admission.at.desc(), Admission.person_id).limit(most))


def count_of(standing: Standing) -> int:
    """How many stand so."""
    return int(Admission.select().where(Admission.standing == standing).count())


def row_of(person_id: int) -> Admission | None:
    """How somebody stands, with what they said."""
    return Admission.get_or_none(Admission.person_id == person_id)


def forget_some(now: datetime, _after: int, most: int) -> Bite:
    """Delete invitations that are over for long, and what nobody answered, or was refused, so long ago."""
    gone = by_age(Pass, Pass.expires_at, now - PASS_LIFE, most)
    over = Admission.standing.in_([Standing.ASKED, Standing.REFUSED]) & (Admission.at < now - KEPT)
    with transaction():
        return Bite(gone.gone + int(Admission.delete().where(over).execute()), gone.upto)


def _stand(person_id: int, standing: Standing, by: int | None, now: datetime, was: list[Standing]) -> bool:
    """Somebody of whom nothing is known, or who stood so, stands otherwise; False where they did not."""
    new: dict[str, Any] = {"standing": standing, "at": now, "by_id": by}
    made = Admission.insert(person_id=person_id, **new).on_conflict(
        conflict_target=[Admission.person_id], update=new, where=Admission.standing.in_(was)
    )
    return bool(list(made.returning(Admission.person_id).execute()))


def _helps(person_id: int) -> bool:
    """Whether somebody helps with a channel that is connected."""
    theirs = Member.select(Member.channel_id).where(Member.person_id == person_id)
    return bool(Channel.select().where(Channel.id.in_(theirs) & Channel.connected).exists())


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
