"""Handing a channel over: its owner offers it to one of the team, who takes it; both have said yes then.

offered → taken | refused | withdrawn | lapsed, each by deleting the one row there is
"""

from datetime import datetime, timedelta

import peewee as pw

from engine import roles
from engine.roles import Role
from models.accounts import admission, choices, limits
from models.accounts.channels import Channel, locked
from models.accounts.limits import Limited
from models.accounts.standings import Standing, standing_of
from models.accounts.team import Invitation, Member, deciders_change, one
from models.bites import Bite, taken
from models.costs import budgets
from models.database import InstantField, Table, transaction

LIFE = timedelta(days=3)


class Handover(Table):
    channel_id = pw.IntegerField(primary_key=True)
    from_id = pw.BigIntegerField()
    to_id = pw.BigIntegerField()
    expires_at = InstantField()


def offer(channel_id: int, from_id: int, to_id: int, now: datetime) -> bool:
    """The owner wants a member to have the channel; False where the one is no owner, or the other no member."""
    with transaction():
        channel = locked(channel_id)
        if channel is None or channel.owner_id != from_id or one(channel_id, to_id) is None:
            return False
        until = now + LIFE
        Handover.insert(channel_id=channel_id, from_id=from_id, to_id=to_id, expires_at=until).on_conflict(
            conflict_target=[Handover.channel_id],
            update={Handover.from_id: from_id, Handover.to_id: to_id, Handover.expires_at: until},
        ).execute()
    return True


def offered(channel_id: int, now: datetime) -> Handover | None:
    """The offer that is open, if any."""
    mine = (Handover.channel_id == channel_id) & (Handover.expires_at > now)
    found: Handover | None = Handover.select().where(mine).first()
    return found


def drop(channel_id: int, person_id: int, now: datetime) -> int | None:
    """Who offered it takes that back, or who should have it says no; the other one, None where nothing is open."""
    theirs = (Handover.from_id == person_id) | (Handover.to_id == person_id)
    mine = (Handover.channel_id == channel_id) & (Handover.expires_at > now) & theirs
    gone = list(Handover.delete().where(mine).returning(Handover).execute())
    if not gone:
        return None
    return int(gone[0].to_id if gone[0].from_id == person_id else gone[0].from_id)


def take(channel_id: int, person_id: int, now: datetime) -> int | None:
    """It is this person's from now on; who had it stays as an editor, and is returned. None where nothing is open.

    What the former owner has invited for is over: the new one invites anew. What the channel speaks stays.
    Raises admission.NotLetIn, limits.TooMany: whoever is to have it must be in, and have room for one more.
    """
    with transaction():
        admission.comes_in(person_id, now)
        channel = locked(channel_id)
        if channel is None:
            return None
        former = channel.owner_id
        if standing_of(former) is Standing.OUT:  # whoever has no access any more gives nothing away
            return None
        mine = (Handover.channel_id == channel_id) & (Handover.to_id == person_id) & (Handover.expires_at > now)
        if not Handover.delete().where(mine & (Handover.from_id == former)).execute():
            return None
        if one(channel_id, person_id) is None or not channel.connected:
            return None
        limits.may_connect(person_id)
        choices.keep_language(channel)
        budgets.hand_over(channel_id, former, person_id, limits.of(person_id)[Limited.MONEY].most, now)
        with deciders_change(channel_id, now):
            Channel.update(owner_id=person_id).where(
                (Channel.id == channel_id) & (Channel.owner_id == former)
            ).execute()
            Member.delete().where((Member.channel_id == channel_id) & (Member.person_id == person_id)).execute()
            Member.insert(
                channel_id=channel_id, person_id=former, added_at=now, roles=roles.written([Role.EDITOR])
            ).execute()
        Invitation.delete().where((Invitation.channel_id == channel_id) & Invitation.used_at.is_null()).execute()
    return former


def forget_some(now: datetime, _after: int, _most: int) -> Bite:
    """Delete offers that lapsed: few, and looked at one and all."""
    return Bite(taken(Handover.delete().where(Handover.expires_at < now)), None)
