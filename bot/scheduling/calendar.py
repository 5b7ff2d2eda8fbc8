"""`/calendar`: a picture of the week with what is planned."""

from datetime import datetime, timedelta

from babel.dates import format_date

from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Rows
from bot.chat.turn import Turn
from engine import posts
from engine.roles import May
from models.accounts import choices
from models.accounts.channels import Channel
from models.scheduling import schedules
from models.scheduling.schedules import ScheduleStatus

DAYS = 7
MOST_OF_ONE = 60


async def command(turn: Turn) -> None:
    """/calendar"""
    await send(turn, turn.take_channel())


@handles(doors.Calendar, by=May.READ)
async def _opened(turn: Turn, channel: Channel, _button: doors.Calendar) -> None:
    await send(turn, channel)


async def send(turn: Turn, channel: Channel) -> None:
    """The next seven days, today first, in the channel's time."""
    from bot.scheduling.picture import Day, week  # 10 MiB of drawing: only who draws pays for it

    zone = choices.zone_of(channel.id)
    today = turn.now.astimezone(zone).date()
    lines: dict[int, list[tuple[str, str]]] = {n: [] for n in range(DAYS)}
    count = 0
    for wall, text in planned(turn, channel, datetime.combine(today + timedelta(days=DAYS), datetime.min.time())):
        lines[(wall.date() - today).days].append((f"{wall:%H:%M}", text))
        count += 1
    days = [
        Day(format_date(today + timedelta(days=n), "EEEE d MMMM", locale=turn.language), lines[n]) for n in range(DAYS)
    ]
    content = week(str(channel), days, turn.t("and {count} more", count="{count}"), turn.t("nothing"))
    caption = turn.n(
        "🗓 {count} post in the next seven days: /schedules", "🗓 {count} posts in the next seven days: /schedules", count
    )
    rows: Rows = [[(turn.t("🗓 Schedules"), doors.Schedules(channel.id)), (turn.t("🧺 Queue"), doors.Queue(channel.id))]]
    await turn.send_picture(content, f"{channel.handle}-week.png", caption, rows)


def planned(turn: Turn, channel: Channel, end: datetime) -> list[tuple[datetime, str]]:
    """What will be said before a wall time, with its text, in the order of time."""
    found: list[tuple[datetime, str]] = []
    zone = choices.zone_of(channel.id)
    for item in schedules.of_channel(channel.id):
        if item.status != ScheduleStatus.ON:
            continue
        for number, wall in enumerate(schedules.coming(item, turn.now, MOST_OF_ONE, zone)):
            if wall >= end:
                break
            said = item.says(item.used + number, wall)
            found.append((wall, posts.in_words(said) or turn.t("(a photo)")))
    return sorted(found)
