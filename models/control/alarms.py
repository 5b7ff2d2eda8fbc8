"""The alarms that go on: troubles of the service itself (models/accounts/troubles.py), which who runs it is told of."""

import peewee as pw

from models.accounts.troubles import ALARMS, APP, Trouble
from models.notifications.declaring import NoticeKind
from models.notifications.notices import WAITING, Notice


def standing() -> list[Trouble]:
    """Those that go on, the longest first."""
    mine = (Trouble.channel_id == APP) & Trouble.kind.in_(ALARMS) & Trouble.ended_at.is_null()
    return list(Trouble.select().where(mine).order_by(Trouble.since, Trouble.kind, Trouble.subject))


def are_untold() -> bool:
    """Whether somebody is to be told of one, or of its end, and has not been yet."""
    waits = Notice.status.literally(*WAITING) & Notice.kind.in_([NoticeKind.ALARM, NoticeKind.ALARM_OVER])
    return bool(Notice.select(pw.SQL("1")).where(waits).exists())
