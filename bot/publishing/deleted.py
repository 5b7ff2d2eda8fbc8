"""Deleted posts: how late what the channel copied is looked at again, with X's price of it. `/deleted`."""

import re
from typing import ClassVar

from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Rows, dot
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn, said_back
from bot.chat.undo import doing
from bot.costs.money import about, exact
from engine.moderation import Form
from engine.text import fold
from engine.x import prices
from engine.x.prices import Billed
from models import choosing
from models.accounts import choices
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.publishing.copies import looking_again
from models.publishing.copies.looking_again import AGES

NEVER, HOUR, DAY = AGES
OFF = frozenset(["off", "no", "never", "none", "0", "nunca", "apagado", "apagar", "jamas", "desactivar", "desactivado"])
ON = frozenset(["on", "si", "yes", "encendido", "activar"])
# fmt: off
_BESIDE = frozenset([
    "after", "a", "an", "the", "in", "al", "la", "en", "cabo", "de", "despues", "tras", "pasada", "pasado", "un",
    "una", "one",
])
# fmt: on
_AGE = re.compile(
    r"(?P<count>\d{1,4})?"
    r"(?:(?P<hours>h|hs|hrs?|horas?|hours?)|(?P<days>d|dias?|days?)|(?P<minutes>m|mins?|minut[eo]s?))?"
)


@button
class Deleted:
    """What becomes of copies whose post is deleted."""

    word: ClassVar[str] = "deleted"
    channel: int


@button
class LookAfter:
    """So many hours after a copy; 0 is never."""

    word: ClassVar[str] = "lookafter"
    channel: int
    hours: int


async def command(turn: Turn) -> None:
    """/deleted off|1h|day"""
    channel = turn.take_channel()
    if not turn.arguments:
        await show(turn, channel)
        return
    hours = _hours_in(turn.arguments)
    if hours is None:
        raise Refusal(
            turn.t(
                "I don't know “{typed}” here: say off, 1h or day. For example: /deleted day",
                typed=said_back(turn.arguments),
            )
        )
    await _choose(turn, channel, LookAfter(channel.id, hours))


def _hours_in(typed: str) -> int | None:
    """The age that was typed: "1h", "after a day", "60 min"; None where it is none of those."""
    said = "".join(w for w in fold(typed).replace(".", "").split() if w not in _BESIDE)
    if said in OFF or said in ON:
        return DAY if said in ON else NEVER
    found = _AGE.fullmatch(said)
    if found is None or not said:
        return None
    count = int(found["count"] or 1)
    hours = count * 24 if found["days"] else count / 60 if found["minutes"] else count
    return next((age for age in AGES if age == hours), None)


@handles(Deleted)
async def _opened(turn: Turn, channel: Channel, _button: Deleted) -> None:
    await show(turn, channel)


@handles(LookAfter)
async def _choose(turn: Turn, channel: Channel, button: LookAfter) -> None:
    if button.hours in AGES:
        with doing(turn, channel, Did.CHOICES, "deleted"):
            choosing.choose(channel.id, turn.now, looked_after=button.hours)
    await show(turn, channel)


async def show(turn: Turn, channel: Channel) -> None:
    """What becomes of a copy whose post is deleted, and the price before it is chosen."""
    after = choices.row_of(channel.id).looked_after
    count, each = looking_again.copied_lately(channel.id, turn.now), prices.of(Billed.LOOKED_AT, turn.now)
    now = {
        NEVER: turn.t("Copies are not looked at again."),
        HOUR: turn.t("Each copy is looked at again after an hour: what is deleted later may stay."),
        DAY: turn.t("Each copy is looked at again after a day: that finds all that was deleted until then."),
    }[after]
    lines = [
        turn.t("🗑 <b>Deleted posts</b> ({channel})", channel=channel),
        turn.t(
            "When somebody deletes what {channel} copied, our copy goes from X, too, and I keep nothing of its text. X"
            " tells me at once of those whom it copied lately, as far as it has room for them; its list has no price"
            " for that.",
            channel=channel,
        ),
        turn.t(
            "The others I look at again, once: X charges ${price} for each. {channel} copied {count} in the last day,"
            " so that would have been ${cost} at most.",
            price=exact(each),
            channel=channel,
            count=count,
            cost=about(count * each),
        ),
        now,
    ]
    if choices.choices(channel).mention_form is Form.REPOST:
        lines.append(turn.t("Mentions are reposted natively now: X takes those away by itself, so nothing is charged."))
    lines.append(turn.t("You can also type: /deleted off · /deleted 1h · /deleted day"))
    rows: Rows = [
        [
            (dot(after == NEVER) + turn.t("Never"), LookAfter(channel.id, NEVER)),
            (dot(after == HOUR) + turn.t("After 1 h"), LookAfter(channel.id, HOUR)),
            (dot(after == DAY) + turn.t("After 1 day"), LookAfter(channel.id, DAY)),
        ],
        [(turn.t("« Back"), doors.Writing(channel.id))],
    ]
    await turn.answer("\n\n".join(lines), rows)
