"""What is told of what a channel watches: that it is heard no more, why, and what can be done about it by a tap."""

from typing import ClassVar

from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Rows
from bot.chat.language import Speaker
from bot.chat.moments import moment
from bot.chat.targets import WatchedId, button
from bot.chat.turn import Turn
from bot.chat.xs_words import of_x
from bot.costs.money import money
from bot.notifications.drawing import About, Drawn, draws
from bot.watching import panel, shown
from bot.watching.wanting import AtMost
from models.accounts import choices
from models.accounts.channels import Channel
from models.notifications.watching import WatchStopped
from models.watching import watched
from models.watching.watched import HIGHEST_COST, Watched, WatchedStatus


@button
class WaitTillMorning:
    """Leave it as it is: it goes on by itself."""

    word: ClassVar[str] = "watchwait"
    channel: int
    watched: WatchedId


@draws(WatchStopped)
def watch_stopped(say: Speaker, notice: WatchStopped, about: About) -> Drawn:
    """For today, as it has brought enough, or until somebody looks at it."""
    channel = about.channel
    row = watched.one(channel.id, notice.watched)
    name = shown.name(say, row, shown.LONG) if row is not None else say.t("{name}", name=notice.name)
    if notice.status == WatchedStatus.NO_ROOM.value:
        text = say.t(
            "⏳ X's room for what is watched is full, so {channel} does not hear {name} for now. It comes in by itself"
            " as soon as there is some; to be asked each minute it needs none.",
            channel=channel,
            name=name,
        )
        return text, _card(say, channel, row)
    if notice.status != WatchedStatus.CEILING.value:
        text = say.t("⚠️ X does not let {channel} watch {name}.", channel=channel, name=name)
        return "\n".join(filter(None, (text, of_x(say, notice.said)))), _refused(say, channel, row)
    text = say.n(
        "🛑 {channel} watches {name} no more today: it has brought {count} post, for ${cost}.",
        "🛑 {channel} watches {name} no more today: it has brought {count} posts, for ${cost}.",
        notice.posts,
        channel=channel,
        name=name,
        cost=money(notice.cost),
    )
    waits = row is None or row.status is WatchedStatus.CEILING
    if waits and notice.until is not None:
        until = moment(say, choices.wall_of(channel.id, notice.until))
        text += "\n" + say.t("It goes on {moment} by itself.", moment=until)
    return text, _enough(say, channel, row) if row is not None and waits else _card(say, channel, row)


def _enough(say: Speaker, channel: Channel, row: Watched) -> Rows:
    """Raise the ceiling, wait, or stop."""
    rows: Rows = []
    if row.most_cost is not None and row.most_cost * 2 <= HIGHEST_COST:
        more = row.most_cost * 2
        raised = say.t("⬆️ Up to ${most} a day", most=money(more))
        rows.append([(raised, AtMost(channel.id, more, row.id))])
    rows.append(
        [
            (say.t("⏳ Wait"), WaitTillMorning(channel.id, row.id)),
            (say.t("⏸ Pause"), panel.Pause(channel.id, row.id)),
        ]
    )
    return [*rows, *_card(say, channel, row)]


def _refused(say: Speaker, channel: Channel, row: Watched | None) -> Rows:
    if row is None or row.status is not WatchedStatus.REFUSED:
        return _card(say, channel, row)
    again = (say.t("🔁 Try again"), panel.GoOn(channel.id, row.id))
    return [[again, (say.t("🗑 Remove"), panel.Remove(channel.id, row.id))], *_card(say, channel, row)]


def _card(say: Speaker, channel: Channel, row: Watched | None) -> Rows:
    if row is None:
        return [[(say.t("👁 Watched"), doors.Watching(channel.id))]]
    return [[(say.t("👁 Show it"), doors.WatchedCard(channel.id, row.id))]]


@handles(WaitTillMorning)
async def _waits(turn: Turn, channel: Channel, target: WaitTillMorning) -> None:
    await panel.card(turn, channel, target.watched)
