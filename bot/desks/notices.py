"""What is told of a channel's desk: at the desk, and its owner."""

from bot.chat import doors
from bot.chat.keyboards import Rows
from bot.chat.language import N_, Speaker
from bot.notifications.drawing import About, Drawn, draws
from models.notifications.kinds_of_desks import DeskWord, Event

WORDS = {
    Event.PUT: N_(
        "🪑 This is the desk of <b>{channel}</b> from now on: what waits for a decision comes here. Who of its team"
        " taps decides, and everybody sees who it was."
    ),
    Event.TAKEN: N_("🪑 This is no longer the desk of <b>{channel}</b>: what waits comes in private again."),
    Event.CLOSED: N_(
        "🪑 The topic in which <b>{channel}</b> had its desk was closed, so I go on here. When it is opened again, I go"
        " back."
    ),
    Event.DELETED: N_(
        "🪑 The topic in which <b>{channel}</b> had its desk is gone, so I go on here. For another topic, write in it:"
        " /desk {channel}"
    ),
    Event.REOPENED: N_("🪑 The topic is open again: the desk of <b>{channel}</b> is back here."),
    Event.MOVED: N_(
        "🪑 This group is a supergroup now; the desk of <b>{channel}</b> came along. What still waits stands below once"
        " more: older messages can't be changed any more."
    ),
    Event.GONE: N_(
        "🪑 I was removed from <b>{title}</b>, the desk of {channel}, or it is no more. What waits comes to the team in"
        " private now. Take me in again and it goes on there, or choose another desk: /desk"
    ),
    Event.MUTE: N_(
        "🪑 I may not write in <b>{title}</b>, the desk of {channel}. What waits comes to the team in private now. Let"
        " me write there again, then tap Try again: /desk"
    ),
    Event.BACK: N_("🪑 I can write in <b>{title}</b> again: it is the desk of {channel} once more."),
}


@draws(DeskWord)
def of_desk(say: Speaker, notice: DeskWord, about: About) -> Drawn | None:
    if notice.what not in set(Event):
        return None
    what = Event(notice.what)
    rows: Rows = [[(say.t("⚙️ Desk"), doors.Desk(about.channel.id))]]
    return say.t(WORDS[what], channel=about.channel, title=notice.title), [] if what is Event.TAKEN else rows
