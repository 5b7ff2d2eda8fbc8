"""Letting people in and putting them out, with all that follows: their channels stop, and go on."""

from datetime import datetime

from engine.roles import May
from models.accounts import admins, admission, channels, team
from models.accounts.channels import Channel, OffReason, channels_of
from models.accounts.standings import Standing
from models.control import switching
from models.database import transaction
from models.moderation import review
from models.notifications import notices
from models.notifications.kinds_of_entry import AskedIn, CameIn, PutOut, Refused


def become_admin(code: str, person_id: int, now: datetime) -> bool:
    """The first who brings the link of a start runs the service, and is in; False for any other."""
    with transaction():
        if not admins.become_first(code, person_id, now):
            return False
        let_in(person_id, None, now)
    return True


def ask(person_id: int, name: str, username: str, words: str, now: datetime) -> bool:
    """Ask to come in, and tell who runs the service; False where that was asked or decided already."""
    with transaction():
        if not admission.ask(person_id, username, words, now):
            return False
        for admin_id in admins.ids():
            notices.tell(admin_id, AskedIn(person_id, name, now), now)
    return True


def accept(person_id: int, by: int, now: datetime) -> bool:
    """Let somebody in who asked, and tell them; False where somebody decided already."""
    return _decided(person_id, Standing.IN, by, now)


def refuse(person_id: int, by: int, now: datetime) -> bool:
    """Don't let somebody in who asked, and tell them; False where somebody decided already."""
    return _decided(person_id, Standing.REFUSED, by, now)


def let_in(person_id: int, by: int | None, now: datetime) -> bool:
    """Let anybody in, and have their channels go on that stopped when they were put out; False where they are in."""
    with transaction():
        if not admission.let_in(person_id, by, now):
            return False
        for channel in _stopped(person_id):
            switching.switch(channel.id, on=True, now=now)
        for channel in _decided_by(person_id):
            review.decided_by_others(channel, [person_id], [], now)
        if by is not None:
            notices.tell(person_id, CameIn(now), now)
    return True


def put_out(person_id: int, by: int, now: datetime) -> bool:
    """Every door is closed to somebody from now on, and their channels stop; False for who runs the service."""
    with transaction():
        if not admission.put_out(person_id, by, now):
            return False
        for channel in channels_of(person_id):
            switching.switch(channel.id, on=False, now=now, reason=OffReason.PUT_OUT)
        for channel in _decided_by(person_id):
            review.decided_by_others(channel, [], [person_id], now)
        notices.tell(person_id, PutOut(now), now)
    return True


def _decided(person_id: int, standing: Standing, by: int, now: datetime) -> bool:
    with transaction():
        asked = admission.decide(person_id, standing, by, now)
        if asked is None:
            return False
        told = CameIn(now) if standing is Standing.IN else Refused(now)
        notices.tell(person_id, told, now)
        notices.redraw(AskedIn(person_id, "", asked.at), admins.ids(), now)  # whoever was asked sees what was decided
    return True


def _decided_by(person_id: int) -> list[Channel]:
    """Where they decide what is held, as long as they are in; each taken, as by who judges."""
    ids = sorted(channel.id for channel in team.channels_where(person_id, May.DECIDE))
    return [channel for i in ids if (channel := channels.locked(i)) is not None]


def _stopped(person_id: int) -> list[Channel]:
    theirs = (Channel.owner_id == person_id) & Channel.connected
    return list(Channel.select().where(theirs & (Channel.off_reason == OffReason.PUT_OUT)))
