"""What is told of what a channel watches: that it is heard no more, and why."""

from bot.chat import doors
from bot.chat.keyboards import Rows
from bot.chat.language import Speaker
from bot.chat.moments import moment
from bot.chat.xs_words import of_x
from bot.notifications.drawing import About, Drawn, draws
from models.accounts import choices
from models.notifications.watching import WatchStopped
from models.watching.watched import WatchedStatus


@draws(WatchStopped)
def watch_stopped(say: Speaker, notice: WatchStopped, about: About) -> Drawn:
    """For today, as it has brought enough, or until somebody looks at it."""
    channel, rows = about.channel, _rows(say, about)
    if notice.status == WatchedStatus.CEILING.value:
        text = say.n(
            "🛑 {channel} watches {name} no more today: it has brought {count} post, for ${cost}.",
            "🛑 {channel} watches {name} no more today: it has brought {count} posts, for ${cost}.",
            notice.posts,
            channel=channel,
            name=notice.name,
            cost=f"{notice.cost / 1e6:.2f}",
        )
        if notice.until is not None:
            until = moment(say, choices.wall_of(channel.id, notice.until))
            text += "\n" + say.t("It goes on {moment} by itself.", moment=until)
        return text, rows
    text = say.t("⚠️ X does not let {channel} watch {name}.", channel=channel, name=notice.name)
    return "\n".join(filter(None, (text, of_x(say, notice.said)))), rows


def _rows(say: Speaker, about: About) -> Rows:
    return [[(say.t("« Back"), doors.Panel(about.channel.id))]]
