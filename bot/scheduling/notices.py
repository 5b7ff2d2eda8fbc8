"""What is told of schedules: the times that went by, and those that stand still."""

from datetime import datetime

from bot.chat import doors
from bot.chat.keyboards import Rows
from bot.chat.language import N_, Speaker
from bot.chat.moments import moment, said
from bot.chat.undo import UndoChange
from bot.notifications.drawing import About, Drawn, draws
from bot.publishing import drafts as drawing
from bot.publishing import notices as of_posts
from engine import posts
from models.notifications.kinds import OnItsWay, PlanShown, Skipped, Stopped
from models.scheduling import following
from models.scheduling import schedules as stored
from models.scheduling.schedules import ScheduleStatus


@draws(PlanShown)
def plan(say: Speaker, notice: PlanShown, about: About) -> Drawn | None:
    """What was planned, as it stands now: its time, that it stands still or is gone, or what became of its post."""
    item = stored.schedule(about.channel.id, notice.schedule)
    if item is None:
        return None
    tweet = following.post_of(item)
    if tweet is not None:
        return of_posts.on_its_way(say, OnItsWay(tweet.id), about)
    channel, text = item.channel_id, drawing.short(posts.in_words(item.threads[0]))
    all_ = (
        (say.t("🧺 Queue"), doors.Queue(channel)) if item.in_queue else (say.t("🗓 Schedules"), doors.Schedules(channel))
    )
    if item.status is ScheduleStatus.DELETED:
        return say.t("🗑 Deleted: {text}", text=text), [[all_]]
    if item.status is ScheduleStatus.DONE:
        return say.t("🏁 Its last time has gone by: {text}", text=text), [[all_]]
    if item.in_queue:
        head = say.t("🧺 In the queue for {moment}.", moment=moment(say, datetime.fromisoformat(item.next_wall)))
    else:
        head = say.t("✅ Scheduled: {when}.", when=said(say, stored.when_of(item)))
    rows: Rows = [[(say.t("↩️ Undo"), UndoChange(channel, notice.undo)), all_]] if notice.undo else [[all_]]
    if item.status is ScheduleStatus.PAUSED:
        head += "\n" + say.t("⏸ Paused.")
        rows.insert(0, [(say.t("▶️ Go on"), doors.ResumeSchedule(channel, item.id))])
    return head, rows


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
