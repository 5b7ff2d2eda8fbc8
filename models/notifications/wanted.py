"""Which notices a person wants of a channel: all, but for those that they switched off."""

import peewee as pw

from models.database import EnumField, Table
from models.notifications.declaring import Setting
from models.statements import statement


class NoticeSetting(Table):
    person_id = pw.BigIntegerField()
    channel_id = pw.IntegerField(index=True)
    setting = EnumField(Setting)
    wanted = pw.BooleanField()

    class Meta:
        primary_key = pw.CompositeKey("person_id", "channel_id", "setting")


@statement
def _is_off(person_id: int, channel_id: int, setting: Setting) -> pw.Query:
    theirs = (NoticeSetting.person_id == person_id) & (NoticeSetting.channel_id == channel_id)
    return NoticeSetting.select(NoticeSetting.setting).where(
        theirs & (NoticeSetting.setting == setting) & ~NoticeSetting.wanted
    )


def is_wanted(person_id: int, channel_id: int, setting: Setting) -> bool:
    """Whether a person is to be told such things of a channel."""
    return _is_off.first(person_id, channel_id, setting) is None


def switches(person_id: int, channel_id: int) -> dict[Setting, bool]:
    """Every setting of a person for a channel, and whether it is on."""
    off = _unwanted(person_id, channel_id)
    return {setting: setting not in off for setting in Setting}


def switch(person_id: int, channel_id: int, setting: Setting, *, on: bool) -> None:
    """From now on they are told, or not; what waits already to be told is told."""
    NoticeSetting.insert(
        person_id=person_id, channel_id=channel_id, setting=setting, wanted=on
    ).on_conflict(
        conflict_target=[NoticeSetting.person_id, NoticeSetting.channel_id, NoticeSetting.setting],
        update={NoticeSetting.wanted: on},
    ).execute()  # fmt: skip


def _unwanted(person_id: int, channel_id: int) -> set[Setting]:
    theirs = (NoticeSetting.person_id == person_id) & (NoticeSetting.channel_id == channel_id)
    rows = NoticeSetting.select(NoticeSetting.setting).where(theirs & ~NoticeSetting.wanted)
    return {row.setting for row in rows}
