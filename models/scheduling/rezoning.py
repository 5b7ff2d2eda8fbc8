"""The channel's zone changed: what is planned keeps its wall times."""

from datetime import datetime

from engine import recurrence
from models.accounts import choices
from models.database import as_tuples, transaction
from models.scheduling import schedules
from models.scheduling.schedules import Schedule, ScheduleStatus


def rezone(channel_id: int) -> None:
    """The channel's zone changed: wall times stay, their instants move."""
    zone = choices.zone_of(channel_id)
    runs = (Schedule.channel_id == channel_id) & (Schedule.status == ScheduleStatus.ON)
    with transaction():
        for (schedule_id,) in as_tuples(Schedule.select(Schedule.id).where(runs).order_by(Schedule.next_at)):
            schedule = schedules.take(schedule_id)  # whoever plans it this moment is done before
            if schedule is None or schedule.status is not ScheduleStatus.ON or not schedule.next_wall:
                continue
            at = recurrence.instant_of(datetime.fromisoformat(schedule.next_wall), zone)
            as_read = (Schedule.id == schedule.id) & (Schedule.next_wall == schedule.next_wall)
            Schedule.update(next_at=at).where(as_read).execute()
