"""The alarms that go on: troubles of the service itself (models/accounts/troubles.py), which who runs it is told of."""

from datetime import datetime

import peewee as pw

from models.accounts import admins
from models.accounts.troubles import ALARMS, APP, Trouble
from models.database import transaction
from models.notifications import notices
from models.notifications.declaring import NoticeKind
from models.notifications.kinds_of_control import Alarm
from models.notifications.notices import WAITING, Notice


def standing() -> list[Trouble]:
    """Those that go on, the longest first."""
    mine = (Trouble.channel_id == APP) & Trouble.kind.in_(ALARMS) & Trouble.ended_at.is_null()
    return list(Trouble.select().where(mine).order_by(Trouble.since, Trouble.kind, Trouble.subject))


def tell_newcomers(now: datetime) -> None:
    """Who runs the service since one of them began is told it too; who knows it already is told nothing."""
    for trouble in standing():
        with transaction():
            if trouble.told_at is not None:
                alarm = Alarm(trouble.kind.value, trouble.subject, trouble.said, trouble.since)
                for person_id in admins.ids():
                    notices.tell(person_id, alarm, now)


def are_untold() -> bool:
    """Whether somebody is to be told of one, or of its end, and has not been yet."""
    waits = Notice.status.literally(*WAITING) & Notice.kind.in_([NoticeKind.ALARM, NoticeKind.ALARM_OVER])
    return bool(Notice.select(pw.SQL("1")).where(waits).exists())
