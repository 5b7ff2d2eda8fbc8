"""`/aside`: what could not be handled and was set aside, for who runs the service: why, since when, again or ended."""

from typing import ClassVar

from bot.chat import doors
from bot.chat.handling import handles_for_all
from bot.chat.keyboards import Rows, page_of
from bot.chat.language import N_
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn
from models import aside as kept
from models.accounts import admins
from models.accounts.channels import Channel
from models.aside import BY_THEMSELVES, Place, SetAside
from models.control import aside
from tasks import bells

PAGE, MOST = 5, 200
PLACES: dict[Place, str] = {
    Place.HEAR: N_("keeping what X brings"),
    Place.JUDGE: N_("judging a message"),
    Place.RULES: N_("reading the rules of a channel"),
    Place.FOLLOWERS: N_("asking X who follows"),
    Place.CATCH_UP: N_("reading back what was missed"),
    Place.SUBSCRIBE: N_("asking X to bring what is said"),
    Place.POLL: N_("asking X what was said"),
    Place.CLOCK: N_("looking for what is due"),
    Place.JOB: N_("a job as a whole"),
    Place.PLAN: N_("planning a schedule"),
    Place.SAY: N_("posting"),
    Place.SETTLE: N_("finding out whether X has a post"),
    Place.UNDO: N_("taking a post back"),
    Place.UPLOAD: N_("bringing a photo or a video to X"),
    Place.NOTICE: N_("telling somebody something"),
    Place.JOURNAL: N_("writing the journal"),
    Place.UPDATE: N_("keeping what Telegram brings"),
    Place.TURN: N_("answering somebody in the chat"),
}


@button
class Aside:
    """A page of what is set aside."""

    word: ClassVar[str] = "aside"
    page: int = 0


@button
class Again:
    """Has one item tried once more."""

    word: ClassVar[str] = "again"
    row: int


@button
class Drop:
    """Ends one item."""

    word: ClassVar[str] = "drop"
    row: int


@button
class AllAgain:
    """Has all of a place tried once more."""

    word: ClassVar[str] = "allagain"
    place: Place


@button
class DropAll:
    """Ends all of a place."""

    word: ClassVar[str] = "dropall"
    place: Place


async def command(turn: Turn) -> None:
    """/aside"""
    must_run_it(turn)
    await show(turn, 0)


@handles_for_all(Aside)
async def _opened(turn: Turn, target: Aside) -> None:
    must_run_it(turn)
    await show(turn, target.page)


@handles_for_all(Again)
async def _again(turn: Turn, target: Again) -> None:
    must_run_it(turn)
    if turn.once("again", bool, lambda: aside.again(target.row, turn.now)):
        turn.note = turn.t("🔁 It is tried once more.")
        bells.ring_subscriptions()
    else:
        turn.note = _too_late(turn)
    await show(turn, 0)


@handles_for_all(Drop)
async def _drop(turn: Turn, target: Drop) -> None:
    must_run_it(turn)
    dropped = turn.once("drop", bool, lambda: aside.drop(target.row, turn.now))
    turn.note = turn.t("🗑 It is over with that.") if dropped else _too_late(turn)
    await show(turn, 0)


@handles_for_all(AllAgain)
async def _all_again(turn: Turn, target: AllAgain) -> None:
    must_run_it(turn)
    count = turn.once("again", int, lambda: sum(aside.again(i, turn.now) for i in kept.ids_of(target.place)))
    turn.note = turn.n("🔁 {count} is tried once more.", "🔁 {count} are tried once more.", count)
    bells.ring_subscriptions()
    await show(turn, 0)


@handles_for_all(DropAll)
async def _drop_all(turn: Turn, target: DropAll) -> None:
    must_run_it(turn)
    count = turn.once("drop", int, lambda: sum(aside.drop(i, turn.now) for i in kept.ids_of(target.place)))
    turn.note = turn.n("🗑 It is over with {count}.", "🗑 It is over with {count} of them.", count)
    await show(turn, 0)


async def show(turn: Turn, page: int) -> None:
    """A page of it, the newest first, with how much there is of each place."""
    counts = kept.counts()
    lines = [turn.t("🗂 <b>Set aside</b>")]
    back: Rows = [[(turn.t("« The whole service"), doors.System())]]
    if not counts:
        lines.append(turn.t("Nothing: everything could be handled."))
        await turn.answer("\n".join(lines), back)
        return
    lines.append(
        turn.t("This could not be handled, so it was laid aside and everything else goes on. Nothing of it is lost.")
    )
    lines += [f"· {turn.t(PLACES[place])}: {count}" for place, count in counts.most_common()]
    found, first, turning = page_of(kept.listed(MOST), page, PAGE, Aside)
    rows: Rows = []
    for number, row in enumerate(found, first + 1):
        lines += ["", _line(turn, number, row)]
        rows.append([(f"🔁 {number}", Again(row.id)), (f"🗑 {number}", Drop(row.id))])
    rows += turning
    for place, count in counts.most_common(3):
        if count > 1:
            name = turn.t(PLACES[place])
            rows.append([(f"🔁 {name} ({count})", AllAgain(place)), (f"🗑 {name} ({count})", DropAll(place))])
    await turn.answer("\n".join(lines), [*rows, *back])


def _line(turn: Turn, number: int, row: SetAside) -> str:
    channel = Channel.get_or_none(Channel.id == row.channel_id) if row.channel_id is not None else None
    where = turn.t(PLACES[row.place]) if row.place in PLACES else turn.t("{text}", text=row.place)
    head = f"<b>{number}.</b> {where}" + (turn.t(" · {channel}", channel=channel) if channel is not None else "")
    at = turn.t("{ago}, item {item}", ago=turn.ago(row.at, turn.now), item=row.item)
    times = turn.n("broke {count} time", "broke {count} times", row.tries)
    by_itself = turn.t("; it is tried again by itself") if row.place in BY_THEMSELVES else ""
    return f"{head}\n<code>" + turn.t("{text}", text=row.reason) + f"</code>\n{at} · {times}{by_itself}"


def _too_late(turn: Turn) -> str:
    return turn.t("Somebody has seen to that already, or it went well by itself.")


def must_run_it(turn: Turn) -> None:
    """Raises Refusal for who does not run the service."""
    if not admins.is_admin(turn.person.telegram_id):
        raise Refusal(turn.t("That is for who runs me. What runs and waits of yours: /status"))
