"""Who may do what to a channel: its owner everything, the members of its team what their roles allow.

It is asked at the moment of use, of what is stored: a change is in force at once.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee as pw

from engine import roles
from engine.roles import EVERYTHING, NOTHING, May, Role, granted
from models.accounts.channels import Channel, locked
from models.accounts.people import Person
from models.accounts.standings import Standing, is_out, standing_of
from models.bites import Bite, taken
from models.bulk import among
from models.database import InstantField, Table, transaction
from models.notifications import notices
from models.notifications.declaring import Told, kind_of
from models.notifications.kinds_of_team import TeamChanged
from models.statements import as_row, as_rows, statement

INVITATION_LIFE = timedelta(days=1)
#: Told of a channel, of who may decide from then on, and of who no longer may.
Follows = Callable[[Channel, Collection[int], Collection[int], datetime], None]
_following: list[Follows] = []


class Member(Table):
    """`roles` as `engine/roles.py` writes them."""

    channel_id = pw.IntegerField()
    person_id = pw.BigIntegerField(index=True)
    added_at = InstantField()
    roles = pw.TextField(default=Role.MODERATOR.value)

    class Meta:
        primary_key = pw.CompositeKey("channel_id", "person_id")

    @property
    def held(self) -> frozenset[Role]:
        """The roles that they have."""
        return roles.read(self.roles)


class Invitation(Table):
    """For one person, with the roles that they get."""

    code_hash = pw.TextField(primary_key=True)
    channel_id = pw.IntegerField(index=True)
    expires_at = InstantField()
    used_at = InstantField(null=True)
    roles = pw.TextField(default=Role.MODERATOR.value)


@statement
def _one(channel_id: int, person_id: int) -> pw.Query:
    return Member.select().where((Member.channel_id == channel_id) & (Member.person_id == person_id))


@statement
def _helping(person_id: int) -> pw.Query:
    return Member.select().where(Member.person_id == person_id)


@statement
def _theirs(person_id: int, helped: list[int]) -> pw.Query:
    theirs = (Channel.owner_id == person_id) | (among(Channel.id, helped) & Channel.connected)
    return Channel.select().where(theirs).order_by(Channel.connected.desc(), Channel.handle)


# --- who may what --------------------------------------------------------------------------------------------


def allowed(channel: Channel, person_id: int) -> May:
    """All that a person may do to a channel: nothing where they were put out."""
    member = one(channel.id, person_id) if channel.owner_id != person_id else None
    if (channel.owner_id != person_id and member is None) or standing_of(person_id) is Standing.OUT:
        return NOTHING
    return EVERYTHING if member is None else granted(member.held)


def may(channel: Channel, person_id: int, need: May) -> bool:
    """Whether a person may do to a channel what needs this, or any of these."""
    return bool(allowed(channel, person_id) & need)


def who_may(channel: Channel, need: May) -> list[int]:
    """Telegram ids of those who may any of these, the owner first; who was put out is none of them."""
    theirs = (Member.channel_id == channel.id) & ~is_out(Member.person_id)
    members = Member.select().where(theirs).order_by(Member.person_id)
    return [channel.owner_id, *(m.person_id for m in members if granted(m.held) & need)]


def channels_where(person_id: int, need: May) -> list[Channel]:
    """The channels to which a person may do any of these: of theirs also what is disconnected; connected ones first."""
    helped = [m.channel_id for m in as_rows(Member, _helping.rows(person_id)) if granted(m.held) & need]
    return as_rows(Channel, _theirs.rows(person_id, helped))


def one(channel_id: int, person_id: int) -> Member | None:
    """The member; None where they are none."""
    return as_row(Member, _one.first(channel_id, person_id))


def members(channel_id: int) -> list[tuple[Person, frozenset[Role]]]:
    """Who helps, without the owner, and as what."""
    held = {m.person_id: m.held for m in Member.select().where(Member.channel_id == channel_id)}
    people = Person.select().where(Person.telegram_id.in_(list(held))).order_by(Person.name, Person.telegram_id)
    return [(person, held[person.telegram_id]) for person in people]


def follows_deciders(follows: Follows) -> Follows:
    """Declare what follows where others may decide from then on: done in the transaction that makes it so."""
    _following.append(follows)
    return follows


@contextmanager
def deciders_change(channel_id: int, now: datetime) -> Iterator[None]:
    """Whatever changes who owns a channel, or who helps as what, is done within this: all that follows comes after it.

    The channel is taken first, as by who judges: what is held meanwhile is asked of those of before, or of after.
    """
    with transaction():
        was = _deciders(channel_id)
        yield
        channel, may_now = locked(channel_id), _deciders(channel_id)
        if channel is not None and may_now != was:
            for follows in _following:
                follows(channel, may_now - was, was - may_now, now)


def _deciders(channel_id: int) -> set[int]:
    channel = locked(channel_id)
    return set(who_may(channel, May.DECIDE)) if channel is not None else set()


# --- how one comes, changes, goes ----------------------------------------------------------------------------


def invite(channel_id: int, code: str, as_what: frozenset[Role] | set[Role], now: datetime) -> None:
    """Remember an invitation: for one person, for a day. Only its hash is kept."""
    Invitation.insert(
        code_hash=_hash(code), channel_id=channel_id, expires_at=now + INVITATION_LIFE, roles=roles.written(as_what)
    ).execute()


def open_invitations(channel_id: int, now: datetime) -> int:
    """How many could still be used."""
    return int(Invitation.select().where(_open(channel_id, now)).count())


def withdraw(channel_id: int, now: datetime) -> int:
    """None of the invitations that are open can be used any more; how many they were."""
    return taken(Invitation.delete().where(_open(channel_id, now)))


def forget_some(now: datetime, _after: int, _most: int) -> Bite:
    """Delete invitations that are over: few, and looked at one and all."""
    return Bite(taken(Invitation.delete().where(Invitation.expires_at < now)), None)


def join(code: str, person_id: int, now: datetime) -> Channel | None:
    """Use an invitation up; the channel joined, or None where it is unknown, used or too old, or its owner is out.

    Who is in the team already has these roles too from then on. Whoever opens their own uses nothing up.
    """
    with transaction():
        meant = Invitation.get_or_none((Invitation.code_hash == _hash(code)) & Invitation.used_at.is_null())
        channel = locked(meant.channel_id) if meant is not None and meant.expires_at > now else None
        if channel is None or channel.owner_id == person_id:
            return channel
        if standing_of(channel.owner_id) is Standing.OUT:
            return None
        won = list(
            Invitation.update(used_at=now)
            .where((Invitation.code_hash == _hash(code)) & Invitation.used_at.is_null() & (Invitation.expires_at > now))
            .returning(Invitation)
            .execute()
        )
        if not won:
            return None
        was = one(channel.id, person_id)
        as_what = roles.read(won[0].roles) | (was.held if was is not None else frozenset())
        _put(channel.id, person_id, as_what, now)
    return channel


def change(channel_id: int, person_id: int, as_what: frozenset[Role], was: frozenset[Role], now: datetime) -> bool:
    """Other roles for a member, in force at once and told; False where they are not what they were."""
    mine = (Member.channel_id == channel_id) & (Member.person_id == person_id)
    with deciders_change(channel_id, now):
        new = Member.update(roles=roles.written(as_what)).where(mine & (Member.roles == roles.written(was)))
        if not new.execute():
            return False
        _tell(channel_id, person_id, as_what, now)
    return True


@dataclass(frozen=True, slots=True)
class MemberBefore:
    """Somebody as they were in the team before the owner removed them, or `changed` them: they are in it still then."""

    person_id: int
    roles: str = Role.MODERATOR.value
    changed: bool = False


def before(channel_id: int, person_id: int) -> MemberBefore | None:
    """A member as they are now; None where they are none."""
    member = one(channel_id, person_id)
    return None if member is None else MemberBefore(person_id, member.roles)


def restore(channel_id: int, was: MemberBefore, now: datetime) -> None:
    """Somebody is again what they were in the team. Who owns the channel by now stays its owner, and who was changed
    and has left since by their own will stays away.
    """
    channel = locked(channel_id)
    left = was.changed and one(channel_id, was.person_id) is None
    if channel is not None and channel.owner_id != was.person_id and not left:
        _put(channel_id, was.person_id, roles.read(was.roles), now)
        _tell(channel_id, was.person_id, roles.read(was.roles), now)


def remove(channel_id: int, person_id: int, now: datetime) -> bool:
    """No longer a member, which they are told; False where they were none."""
    with transaction():
        if not leave(channel_id, person_id, now):
            return False
        _tell(channel_id, person_id, frozenset(), now)
    return True


def leave(channel_id: int, person_id: int, now: datetime) -> bool:
    """No longer a member, by themselves; False where they were none."""
    mine = (Member.channel_id == channel_id) & (Member.person_id == person_id)
    with deciders_change(channel_id, now):
        return bool(Member.delete().where(mine).execute())


def tell(channel: Channel, told: Told, now: datetime, **of: int | None) -> None:
    """Tell all of the team whom it concerns, by its kind; `of` as `notices.tell` takes it. Call it in a transaction."""
    for person_id in who_may(channel, kind_of(told).to):
        notices.tell(person_id, told, now, channel_id=channel.id, **of)


def _tell(channel_id: int, person_id: int, as_what: frozenset[Role], now: datetime) -> None:
    notices.tell(person_id, TeamChanged(roles.written(as_what), now), now, channel_id=channel_id)


def _put(channel_id: int, person_id: int, as_what: frozenset[Role], now: datetime) -> None:
    kept = roles.written(as_what)
    with deciders_change(channel_id, now):
        Member.insert(channel_id=channel_id, person_id=person_id, added_at=now, roles=kept).on_conflict(
            conflict_target=[Member.channel_id, Member.person_id], update={Member.roles: kept}
        ).execute()


def _open(channel_id: int, now: datetime) -> pw.Expression:
    mine = (Invitation.channel_id == channel_id) & Invitation.used_at.is_null()
    return mine & (Invitation.expires_at > now)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
