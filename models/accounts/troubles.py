"""A channel's trouble: one row a channel and kind, so that its owner is told once when it begins and once when it ends.

    (nothing) | ended → begun → told → ended        begun → ended, where it was too short to be told of

Three calls are all there is, each in a transaction of its own or in that of its caller:

    troubles.met(channel.id, Kind.X_DOWN, now, said=error.detail, until=next_try)    it begins, or goes on
    troubles.over(channel.id, now, Kind.X_DOWN, Kind.LIMIT)                          X has shown that it is over
    troubles.sweep(now)                                                              each second or two, by the clock

`met` may come from any number of workers, any number of times, `over` too: the first of them tells, by a conditional
update in the transaction of its notice, and what a killed process left is found by the sweep. What deserves to be told
from which moment on is the kind's `Nature`. One that comes again soon after its end must last before it is told anew.

A kind `of_app` is everybody's at once (X's sign-in, our keys, the credits). Its rows are kept by channel as well, but a
person is told once, however many of their channels it holds up, and those who run the service once, by the row of
`APP`, which is open as long as one of a channel is. Whoever learns that it is over for all says `over(APP, now, kind)`;
`met(APP, …)` tells those who run the service of what holds up no channel yet.

An alarm (`Nature.alarm`) is of `APP` alone, a row for each `subject`, as a stream's name (tasks/control/alarms.py).

The words are in bot/accounts/troubles.py and bot/control/alarms.py: a kind is a line here and its two sentences there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import peewee as pw

from models import aside
from models.accounts import admins, channels, team
from models.accounts.channels import Channel, owner_of
from models.database import EnumField, InstantField, Table, as_tuples, from_stored, to_stored, transaction
from models.notifications import notices
from models.notifications.declaring import Told, kind_of
from models.notifications.kinds import Troubled, TroubleOver
from models.notifications.kinds_of_control import Alarm, AlarmOver
from models.statements import statement

APP = 0  # instead of a channel: the row of all
RELAPSE = timedelta(minutes=10)
SOON = timedelta(hours=2)
MOST_RELAPSES = 6
TOLD_AT_ONCE = 3  # so often an alarm that comes again is told as soon as the first one
GRACE = timedelta(minutes=1)


class Kind(StrEnum):
    """What it is about; where an error of X's brings it, its `reason`. The values are stored, so they never change."""

    SIGN_IN = "sign_in"  # X's sign-in gives no good answer, so the access can't be renewed
    ACCESS = "access"  # X takes no access at all, not even one that was just renewed
    GRANT = "grant"  # X won't renew the access any more, while it works yet
    CLIENT = "client"  # X does not take our app's id and secret
    KEY = "key"  # our own key does not open the channel's access
    LOCKED = "locked"  # X has locked the account
    AUTOMATED = "automated"  # X takes what the account does for a machine's
    NARROW = "narrow"  # the access does not reach as far as posts
    APP_STOPPED = "app_stopped"  # X lets the app post nothing: its plan, its project, its suspension
    LIMIT = "limit"  # X wants a pause of the channel
    CHANNEL_DAY = "channel_day"  # the account's posts of the day are used up
    X_DOWN = "x_down"  # X takes no posts
    UPLOADS = "uploads"  # X takes no photos and videos
    CREDITS = "credits"  # the app's credits are used up
    DAY_FULL = "day_full"  # the app's posts of the day are used up
    PROCESS_GONE = "process_gone"  # a process was killed, or is cut off, and none came in its place
    PROCESS_DYING = "process_dying"  # processes of a kind die again and again, and others come in their place
    PART_BROKEN = "part_broken"  # a part of a process can't do its work
    STREAM_SILENT = "stream_silent"  # X's stream is not heard
    WORK_LATE = "work_late"  # the oldest of a queue waits too long
    ERRORS = "errors"  # more errors than there may be
    ASIDE = "aside"  # something could not be handled
    DISK_FULL = "disk_full"  # a machine's disk is nearly full
    REDIS_AWAY = "redis_away"  # nobody rings: everything is a little later
    NEWER_DATABASE = "newer_database"  # a later release has changed the tables under this one


@dataclass(frozen=True, slots=True)
class Nature:
    """`after`: so long it must last before anybody is told. `lapses`: past its `until` it is over by itself."""

    after: timedelta = timedelta(0)
    of_app: bool = False
    lapses: bool = False
    alarm: bool = False  # who runs the service is told, for each subject, and nobody else


NATURE = {
    **dict.fromkeys((Kind.CLIENT, Kind.KEY, Kind.APP_STOPPED, Kind.CREDITS), Nature(of_app=True)),
    **dict.fromkeys((Kind.PROCESS_GONE, Kind.PROCESS_DYING, Kind.STREAM_SILENT, Kind.WORK_LATE), Nature(alarm=True)),
    **dict.fromkeys((Kind.ERRORS, Kind.ASIDE, Kind.DISK_FULL), Nature(alarm=True)),
    Kind.SIGN_IN: Nature(timedelta(minutes=3), of_app=True),
    Kind.ACCESS: Nature(timedelta(minutes=3), of_app=True),
    Kind.GRANT: Nature(),
    Kind.LOCKED: Nature(),
    Kind.AUTOMATED: Nature(),
    Kind.NARROW: Nature(),
    Kind.LIMIT: Nature(lapses=True),
    Kind.CHANNEL_DAY: Nature(lapses=True),
    Kind.X_DOWN: Nature(timedelta(minutes=3)),
    Kind.UPLOADS: Nature(timedelta(minutes=3)),
    Kind.DAY_FULL: Nature(of_app=True, lapses=True),
    Kind.PART_BROKEN: Nature(timedelta(seconds=30), alarm=True),
    Kind.REDIS_AWAY: Nature(timedelta(seconds=30), alarm=True),
    Kind.NEWER_DATABASE: Nature(timedelta(minutes=2), alarm=True),  # the tables come before the processes of a release
}
ALARMS = frozenset(kind for kind, nature in NATURE.items() if nature.alarm)
_KNOWN = frozenset(kind.value for kind in Kind)


class Trouble(Table):
    """`tries`: how often it was met in a row. `until`: when X, or we, look again. `said`: X's own words, or none.

    `holds`: something of the channel waits for it; what only might hold something up is nobody's worry yet.
    `subject`: what an alarm is about.
    """

    channel_id = pw.IntegerField()
    kind = EnumField(Kind)
    since = InstantField()
    met_at = InstantField()
    until = InstantField(null=True)
    tries = pw.IntegerField(default=1)
    said = pw.TextField(default="")
    holds = pw.BooleanField(default=True)
    relapses = pw.IntegerField(default=0)
    told_at = InstantField(null=True)
    ended_at = InstantField(null=True)
    subject = pw.TextField(default="")

    class Meta:
        primary_key = pw.CompositeKey("channel_id", "kind", "subject")


def met(
    channel_id: int, kind: Kind, now: datetime, *, said: str = "", until: datetime | None = None, holds: bool = True,
    subject: str = "",
) -> Trouble:  # fmt: skip
    """It begins, or goes on; how it stands. Its owner is told once it has lasted as long as its kind must."""
    with transaction():
        if NATURE[kind].of_app and channel_id != APP:
            _tell(_meet(APP, kind, now, said, None, holds=holds), now)  # its row is taken first: one after the other
        trouble = _meet(channel_id, kind, now, said, until, holds=holds, subject=subject)
        if trouble.tries == 1 and channel_id != APP and owner_of(channel_id) is None:
            drop(channel_id)  # it was deleted meanwhile
        _tell(trouble, now)
    return trouble


def over(channel_id: int, now: datetime, *kinds: Kind) -> None:
    """Nothing of these holds the channel up any more, or anybody where it is `APP`; who was told is told that too.

    Cheap where nothing is open, so whoever has had a good answer of X may say it each time.
    """
    open_now = kinds if channel_id == APP else open_of(channel_id)  # not every kind has a row of all
    for kind in (k for k in kinds if k in open_now):
        with transaction():
            _end(kind, None if channel_id == APP else channel_id, now)


def alarm_over(kind: Kind, subject: str, now: datetime) -> None:
    """What an alarm of this subject was about is no longer so; who was told is told that too."""
    with transaction():
        _end(kind, APP, now, subject=subject)


def let_go(channel_id: int, now: datetime, kind: Kind) -> None:
    """Nothing of the channel waits for it any more, and nobody knows whether it is over: it ends untold."""
    assert not NATURE[kind].of_app
    mine = (Trouble.channel_id == channel_id) & (Trouble.kind == kind)
    Trouble.update(ended_at=now).where(mine & Trouble.ended_at.is_null()).execute()


def drop(channel_id: int) -> None:
    """The channel is connected anew, or no longer: its troubles are nobody's any more. Call it in that transaction."""
    Trouble.delete().where(Trouble.channel_id == channel_id).execute()


def of_channel(channel_id: int) -> list[Trouble]:
    """What troubles the channel now, the longest first."""
    mine = (Trouble.channel_id == channel_id) & Trouble.ended_at.is_null() & Trouble.holds & _is_known()
    return list(Trouble.select().where(mine & Trouble.kind.not_in(ALARMS)).order_by(Trouble.since))


def one(channel_id: int, kind: Kind) -> Trouble | None:
    """How it stands, where it goes on."""
    mine = (Trouble.channel_id == channel_id) & (Trouble.kind == kind) & Trouble.ended_at.is_null()
    found: Trouble | None = Trouble.get_or_none(mine)
    return found


def held_up(person_id: int, kind: Kind) -> list[Channel]:
    """The channels of a person that it holds up now."""
    mine = (Trouble.kind == kind) & Trouble.ended_at.is_null() & Trouble.holds
    ids = Trouble.select(Trouble.channel_id).where(mine)
    return list(Channel.select().where((Channel.owner_id == person_id) & Channel.id.in_(ids)).order_by(Channel.handle))


def freed(person_id: int, kind: Kind, since: datetime, ended: datetime) -> list[Channel]:
    """The channels of a person that it held up between these instants, and no longer does."""
    then = (Trouble.since <= ended) & (Trouble.ended_at >= since)
    ids = Trouble.select(Trouble.channel_id).where((Trouble.kind == kind) & Trouble.holds & then)
    return list(Channel.select().where((Channel.owner_id == person_id) & Channel.id.in_(ids)).order_by(Channel.handle))


def sweep(now: datetime) -> None:
    """Tell what has lasted long enough though nobody met it again, and end what has passed, or is nobody's any more."""
    if _any_open.first() is None:
        return
    parts = (_tell_what_lasts, _drop_idle, _end_forgotten, _end_passed)
    aside.piecewise(parts, lambda some: sum(part(now) for part in some))


@statement
def _any_open() -> pw.Query:
    return Trouble.select(Trouble.kind).where(Trouble.ended_at.is_null()).limit(1)


def _tell_what_lasts(now: datetime) -> int:
    untold = Trouble.ended_at.is_null() & Trouble.told_at.is_null() & Trouble.holds & _is_known()
    lasted = [t for t in Trouble.select().where(untold) if _lasted(t, now)]
    return aside.piecewise(lasted, lambda some: _tell_all(some, now))


def _drop_idle(now: datetime) -> int:
    runs = Channel.select(Channel.id).where(Channel.connected & Channel.is_on)
    old = Trouble.ended_at.is_null() & (Trouble.channel_id != APP) & (Trouble.met_at < now - SOON)
    idle = old & Trouble.channel_id.not_in(runs)
    return int(Trouble.delete().where(idle).execute()) if Trouble.select().where(idle).exists() else 0


def _end_forgotten(now: datetime) -> int:
    of_channels = Trouble.alias()
    held = of_channels.select(of_channels.kind).where(of_channels.ended_at.is_null() & (of_channels.channel_id != APP))
    old = Trouble.ended_at.is_null() & (Trouble.channel_id == APP) & (Trouble.met_at < now - SOON)
    forgotten = Trouble.select().where(old & Trouble.kind.not_in(held) & _is_known())
    return aside.piecewise([(APP, t.kind) for t in forgotten], lambda some: _end_all(some, now))


def _end_passed(now: datetime) -> int:
    lapse = [kind for kind, nature in NATURE.items() if nature.lapses]
    past = Trouble.ended_at.is_null() & Trouble.kind.in_(lapse) & (Trouble.until < now - GRACE)
    passed = as_tuples(Trouble.select(Trouble.channel_id, Trouble.kind).where(past))
    return aside.piecewise(passed, lambda some: _end_all(some, now, until=now - GRACE))


def _is_known() -> pw.Expression:
    """Another release may have met what this one knows nothing of."""
    return Trouble.kind.in_(list(Kind))


def _tell_all(some: Sequence[Trouble], now: datetime) -> int:
    with transaction():
        for trouble in some:
            _tell(trouble, now)
    return len(some)


def _end_all(some: Sequence[tuple[int, Kind]], now: datetime, until: datetime | None = None) -> int:
    with transaction():
        for channel_id, kind in some:
            _end(kind, channel_id, now, until=until)
    return len(some)


def open_of(channel_id: int) -> dict[Kind, datetime | None]:
    """What goes on of a channel, and when it is looked at again; cheap enough for every call of X."""
    return {
        Kind(kind): from_stored(until) if until is not None else None
        for kind, until in _open.rows(channel_id)
        if kind in _KNOWN
    }


# --- the arrows ------------------------------------------------------------------------------------------------------


@statement
def _open(channel_id: int) -> pw.Query:
    mine = (Trouble.channel_id == channel_id) & Trouble.ended_at.is_null()
    return Trouble.select(Trouble.kind, Trouble.until).where(mine)


def _meet(
    channel_id: int, kind: Kind, now: datetime, said: str, until: datetime | None, *, holds: bool, subject: str = ""
) -> Trouble:
    """begun or ended → begun, or it goes on; in one statement, so whoever comes second finds it begun."""
    goes_on, anew = Trouble.ended_at.is_null(), to_stored(now)
    soon, of_all = Trouble.ended_at > now - SOON, Trouble.channel_id == APP
    made = Trouble.insert(
        channel_id=channel_id, kind=kind, subject=subject, since=now, met_at=now, until=until, said=said[:300],
        holds=holds,
    ).on_conflict(
        conflict_target=[Trouble.channel_id, Trouble.kind, Trouble.subject],
        update={
            Trouble.since: pw.Case(None, [(goes_on, Trouble.since)], anew),
            Trouble.tries: pw.Case(None, [(goes_on, Trouble.tries + 1)], 1),
            Trouble.told_at: pw.Case(None, [(goes_on, Trouble.told_at)], None),
            Trouble.holds: pw.Case(None, [(goes_on & Trouble.holds, Trouble.holds)], holds),
            Trouble.relapses: pw.Case(None, [(goes_on, Trouble.relapses), (soon, Trouble.relapses + 1)], 0),
            Trouble.said: pw.EXCLUDED.said,
            Trouble.until: pw.Case(None, [(of_all & goes_on, Trouble.until)], pw.EXCLUDED.until),
            Trouble.met_at: pw.EXCLUDED.met_at,
            Trouble.ended_at: None,
        },
    )  # fmt: skip
    trouble: Trouble = next(iter(made.returning(Trouble).execute()))
    return trouble


def _lasted(trouble: Trouble, now: datetime) -> bool:
    nature = NATURE[trouble.kind]
    counted = max(0, trouble.relapses - TOLD_AT_ONCE) if nature.alarm else trouble.relapses
    return trouble.since <= now - nature.after - RELAPSE * min(counted, MOST_RELAPSES)


def _tell(trouble: Trouble, now: datetime) -> None:
    """begun → told, by one; a person who knows of it already, for another channel, is told nothing."""
    if trouble.told_at is not None or not trouble.holds or not _lasted(trouble, now):
        return
    if NATURE[trouble.kind].of_app:
        take(trouble.kind)
    mine = (Trouble.channel_id == trouble.channel_id) & (Trouble.kind == trouble.kind)
    mine &= Trouble.subject == trouble.subject
    untold = Trouble.ended_at.is_null() & Trouble.told_at.is_null() & (Trouble.since == trouble.since)
    if Trouble.update(told_at=now).where(mine & untold).execute() != 1:
        return
    begins: Told = Troubled(trouble.kind.value, trouble.said, trouble.since, trouble.until)
    if trouble.kind in ALARMS:
        begins = Alarm(trouble.kind.value, trouble.subject, trouble.said, trouble.since)
    notices.tell_desk(begins, now, channel_id=trouble.channel_id)  # whatever its people know already
    for person_id in _whose(trouble.channel_id):
        if not _knows(person_id, trouble.kind, but=trouble.channel_id):
            notices.tell(person_id, begins, now, channel_id=trouble.channel_id or None)


def _end(
    kind: Kind, channel_id: int | None, now: datetime, *, until: datetime | None = None, subject: str | None = None
) -> None:
    """→ ended, for a channel or for all; `until`: only what was to pass before. Who was told of it is told that too."""
    if NATURE[kind].of_app:
        take(kind)
    ends = (Trouble.kind == kind) & Trouble.ended_at.is_null()
    if channel_id is not None:
        ends &= Trouble.channel_id == channel_id
    if until is not None:
        ends &= Trouble.until < until
    if subject is not None:
        ends &= Trouble.subject == subject
    ended = list(Trouble.update(ended_at=now).where(ends).returning(Trouble).execute())
    heard: set[int] = set()
    for trouble in sorted((t for t in ended if t.told_at is not None), key=lambda t: t.channel_id):
        is_over: Told = TroubleOver(kind.value, trouble.since, now)
        if kind in ALARMS:
            is_over = AlarmOver(kind.value, trouble.subject, trouble.since, now)
        notices.tell_desk(is_over, now, channel_id=trouble.channel_id)
        for person_id in _whose(trouble.channel_id):
            if NATURE[kind].of_app and (person_id in heard or _knows(person_id, kind)):
                continue
            heard.add(person_id)
            notices.tell(person_id, is_over, now, channel_id=trouble.channel_id or None)
    if ended and channel_id not in (None, APP):
        end_for_all_if_last(kind, now)


def end_for_all_if_last(kind: Kind, now: datetime) -> None:
    """Of what is everybody's: over, where no channel has it still. For who has taken the row of all."""
    if not NATURE[kind].of_app:
        return
    of_channels = (Trouble.kind == kind) & Trouble.ended_at.is_null() & (Trouble.channel_id != APP)
    if not Trouble.select().where(of_channels).exists():
        _end(kind, APP, now)


def take(kind: Kind) -> None:
    """The row of all, taken until the caller's transaction ends: who looks what others were told of it is alone."""
    of_all = (Trouble.channel_id == APP) & (Trouble.kind == kind)
    Trouble.update(met_at=Trouble.met_at).where(of_all).execute()


def _whose(channel_id: int) -> list[int]:
    if channel_id == APP:
        return admins.ids()
    channel = channels.one(channel_id)
    return [] if channel is None else team.who_may(channel, kind_of(Troubled()).to)


def _knows(person_id: int, kind: Kind, *, but: int | None = None) -> bool:
    """Whether a person was told of it, of what is everybody's at once, and not yet that it is over."""
    if not NATURE[kind].of_app:
        return False
    told = (Trouble.kind == kind) & Trouble.ended_at.is_null() & Trouble.told_at.is_null(False)
    others = [i for (i,) in as_tuples(Trouble.select(Trouble.channel_id).where(told)) if i != but]
    if APP in others and admins.is_admin(person_id):
        return True
    theirs = team.channels_where(person_id, kind_of(Troubled()).to)
    return any(channel.id in others for channel in theirs)
