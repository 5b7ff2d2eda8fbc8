"""`/calendar`: a picture of the week with what is planned."""

import asyncio
from datetime import datetime, timedelta
from io import BytesIO

from babel.dates import format_date
from telegram import InputFile

from bot.chat.turn import Rows, Turn, keyboard
from engine import posts
from models.accounts import choices
from models.accounts.channels import Channel
from models.scheduling import schedules
from models.scheduling.schedules import ScheduleStatus

DAYS = 7
MOST_OF_ONE = 60


async def command(turn: Turn) -> None:
    """/calendar"""
    await send(turn, turn.take_channel())


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
    content = await asyncio.to_thread(
        week, str(channel), days, turn.t("and {count} more", count="{count}"), turn.t("nothing")
    )
    chat = turn.update.effective_chat
    assert chat is not None
    caption = turn.n(
        "🗓 {count} post in the next seven days: /schedules", "🗓 {count} posts in the next seven days: /schedules", count
    )
    rows: Rows = [[(turn.t("🗓 Schedules"), f"scheds:{channel.id}"), (turn.t("🧺 Queue"), f"queue:{channel.id}")]]
    picture = InputFile(BytesIO(content), f"{channel.handle}-week.png")
    await chat.send_photo(picture, caption=caption, reply_markup=keyboard(rows))


def planned(turn: Turn, channel: Channel, end: datetime) -> list[tuple[datetime, str]]:
    """What will be said before a wall time, with its text, in the order of time."""
    found: list[tuple[datetime, str]] = []
    for item in schedules.of_channel(channel.id):
        if item.status != ScheduleStatus.ON:
            continue
        for number, wall in enumerate(schedules.coming(item, turn.now, MOST_OF_ONE)):
            if wall >= end:
                break
            said = item.says(item.used + number, wall)
            found.append((wall, posts.in_words(said) or turn.t("(a photo)")))
    return sorted(found)
