"""Who helps with a channel: its owner, and members who joined by an invitation of the owner's."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee as pw

from models.accounts.channels import Channel
from models.accounts.people import Person
from models.bites import Bite, taken
from models.database import InstantField, Table, transaction

INVITATION_LIFE = timedelta(days=1)


class Member(Table):
    channel_id = pw.IntegerField()
    person_id = pw.BigIntegerField(index=True)
    added_at = InstantField()

    class Meta:
        primary_key = pw.CompositeKey("channel_id", "person_id")


class Invitation(Table):
    code_hash = pw.TextField(primary_key=True)
    channel_id = pw.IntegerField(index=True)
    expires_at = InstantField()
    used_at = InstantField(null=True)


def invite(channel_id: int, code: str, now: datetime) -> None:
    """Remember an invitation: for one person, for a day. Only its hash is kept."""
    Invitation.insert(code_hash=_hash(code), channel_id=channel_id, expires_at=now + INVITATION_LIFE).execute()


def forget_some(now: datetime, _after: int, _most: int) -> Bite:
    """Delete invitations that are over: few, and looked at one and all."""
    return Bite(taken(Invitation.delete().where(Invitation.expires_at < now)), None)


def join(code: str, person_id: int, now: datetime) -> Channel | None:
    """Use an invitation up; the channel joined, or None where it is unknown, used or too old."""
    with transaction():
        won = list(
            Invitation.update(used_at=now)
            .where((Invitation.code_hash == _hash(code)) & Invitation.used_at.is_null() & (Invitation.expires_at > now))
            .returning(Invitation)
            .execute()
        )
        channel = Channel.get_or_none(Channel.id == won[0].channel_id) if won else None
        if channel is None or channel.owner_id == person_id:
            return channel
        Member.insert(channel_id=channel.id, person_id=person_id, added_at=now).on_conflict_ignore().execute()
    return channel


@dataclass(frozen=True, slots=True)
class MemberBefore:
    """Somebody who was in the team before the owner removed them."""

    person_id: int


def restore(channel_id: int, was: MemberBefore, now: datetime) -> None:
    """Take somebody back whom the owner removed."""
    Member.insert(channel_id=channel_id, person_id=was.person_id, added_at=now).on_conflict_ignore().execute()


def remove(channel_id: int, person_id: int) -> bool:
    """No longer a member; False where they were none."""
    mine = (Member.channel_id == channel_id) & (Member.person_id == person_id)
    return bool(Member.delete().where(mine).execute())


def members(channel_id: int) -> list[Person]:
    """Who helps, without the owner."""
    ids = Member.select(Member.person_id).where(Member.channel_id == channel_id)
    return list(Person.select().where(Person.telegram_id.in_(ids)).order_by(Person.name))


def everybody(channel: Channel) -> list[int]:
    """Telegram ids of the whole team, the owner first."""
    return [channel.owner_id, *(p.telegram_id for p in members(channel.id))]


def helps(channel: Channel, person_id: int) -> bool:
    """Whether a person belongs to the channel's team."""
    if channel.owner_id == person_id:
        return True
    mine = (Member.channel_id == channel.id) & (Member.person_id == person_id)
    return bool(Member.select().where(mine).exists())


def channels_of(person_id: int) -> list[Channel]:
    """Connected channels that a person owns or helps with."""
    ids = Member.select(Member.channel_id).where(Member.person_id == person_id)
    mine = (Channel.owner_id == person_id) | Channel.id.in_(ids)
    return list(Channel.select().where(mine & Channel.connected).order_by(Channel.handle))


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
