"""What is told of schedules: the times that went by, and those that stand still."""

from bot.chat import doors
from bot.chat.language import N_, Speaker
from bot.notifications.drawing import About, Drawn, draws
from models.notifications.kinds import Skipped, Stopped


@draws(Skipped, N_("Skipped times of schedules"))
def skipped(say: Speaker, notice: Skipped, about: About) -> Drawn:
    text = say.n(
        "⌛ {channel} was not running at its time: {count} time of this schedule was skipped.",
        "⌛ {channel} was not running at its time: {count} times of this schedule were skipped.",
        notice.count,
        channel=about.channel,
    )
    quoted = "<blockquote>" + say.t("{text}", text=notice.text) + "</blockquote>"
    return f"{text}\n{quoted}", [[(say.t("🗓 Schedule…"), doors.ScheduleCard(about.channel.id, notice.schedule))]]


@draws(Stopped)
def stopped(say: Speaker, notice: Stopped, about: About) -> Drawn:
    text = say.t(
        "⚠️ A schedule of {channel} can't be worked out, so it is paused; who runs me can see why. The others go on.",
        channel=about.channel,
    )
    return text, [[(say.t("🗓 Schedule…"), doors.ScheduleCard(about.channel.id, notice.schedule))]]
