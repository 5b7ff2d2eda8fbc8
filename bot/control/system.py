"""`/system`: the whole service, for who runs it, with buttons for what helps: reconnect, pause, look at what broke."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from bot.chat import doors
from bot.chat.handling import handles_for_all
from bot.chat.keyboards import Rows, page_of
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn, said_back
from bot.control import shown
from bot.control.aside import Aside, must_run_it
from models.accounts.channels import Channel, OffReason
from models.control import all_paused, errors, leases, pausing, processes
from models.control.errors import LoggedError
from tasks import bells
from tasks.control.report import Report, report

PAGE, ERRORS_A_PAGE, MOST_MISSED = 8, 5, 3
NOT_SO = -1  # where a count is kept
PAUSED = (OffReason.PAUSED, OffReason.ALL_PAUSED)
ALL = {"all", "todo", "todos", "todas"}


@button
class Reconnect:
    """Has X's streams opened anew."""

    word: ClassVar[str] = "sysconnect"


@button
class PauseAll:
    """Pauses everything, or lets all go on; `whole`: those that stand paused with all, not those paused one by one."""

    word: ClassVar[str] = "syspauseall"
    on: bool
    whole: bool = False


@button
class Paused:
    """A page of channels, to pause one or let it go on."""

    word: ClassVar[str] = "syschannels"
    page: int = 0


@button
class PauseOne:
    """Pauses a channel, or lets it go on; whoever owns it."""

    word: ClassVar[str] = "syspause"
    which: int
    on: bool
    page: int = 0


@button
class ForgetErrors:
    """The last errors are read."""

    word: ClassVar[str] = "sysread"


@button
class Dismiss:
    """A process that is missed is gone for good, and that is meant."""

    word: ClassVar[str] = "sysgone"
    name: str


async def command(turn: Turn) -> None:
    """/system [reconnect | errors | pause @channel | pause all | resume @channel | resume all]"""
    must_run_it(turn)
    word, _, rest = turn.arguments.strip().partition(" ")
    if not word:
        await show(turn)
        return
    found = WORDS.get(word.lower())
    if found is None:
        raise Refusal(
            turn.t(
                "I don't know «{word}» here. For example: /system, /system reconnect, /system pause @TraficoValle,"
                " /system resume all, /system errors",
                word=said_back(word),
            )
        )
    await found(turn, rest.strip())


@handles_for_all(doors.System)
async def _opened(turn: Turn, _button: doors.System) -> None:
    must_run_it(turn)
    await show(turn)


@handles_for_all(Reconnect)
async def _reconnect_pressed(turn: Turn, _button: Reconnect) -> None:
    must_run_it(turn)
    await _reconnect(turn, "")


@handles_for_all(PauseAll)
async def _pause_all_pressed(turn: Turn, button: PauseAll) -> None:
    must_run_it(turn)
    await (_all_go_on(turn, whole=button.whole) if button.on else _pause_all(turn))


@handles_for_all(Paused)
async def _paused_opened(turn: Turn, button: Paused) -> None:
    must_run_it(turn)
    await _show_channels(turn, button.page)


@handles_for_all(PauseOne)
async def _pause_one_pressed(turn: Turn, button: PauseOne) -> None:
    must_run_it(turn)
    channel = Channel.get_or_none(Channel.id == button.which)
    if channel is None:
        raise Refusal(turn.t("That channel is no longer here. Open the list again: /system"))
    _one(turn, channel, on=button.on)
    await _show_channels(turn, button.page)


@handles_for_all(doors.Errors)
async def _errors_opened(turn: Turn, button: doors.Errors) -> None:
    must_run_it(turn)
    await _show_errors(turn, button.page)


@handles_for_all(ForgetErrors)
async def _errors_read(turn: Turn, _button: ForgetErrors) -> None:
    must_run_it(turn)
    turn.once("errors read", int, errors.forget)
    turn.note = turn.t("🧹 The list is empty: what comes from now on is new.")
    await show(turn)


@handles_for_all(Dismiss)
async def _dismissed(turn: Turn, button: Dismiss) -> None:
    must_run_it(turn)
    gone = turn.once("dismiss", bool, lambda: processes.dismiss(button.name, turn.now))
    turn.note = turn.t("👌 It is missed no more.") if gone else turn.t("That is so no longer: look below.")
    await show(turn)


async def show(turn: Turn) -> None:
    """The whole of it, as it is now."""
    found = report(turn.now)
    await turn.answer("\n".join(shown.lines(turn, found)), _rows(turn, found))


def _rows(turn: Turn, found: Report) -> Rows:
    health, facts = found.health, found.facts
    assert health.kept is not None
    assert facts is not None
    rows: Rows = [[(turn.t("🔄 Look again"), doors.System()), (turn.t("🔌 Reconnect to X"), Reconnect())]]
    pausing_rows: Rows = [[(turn.t("📺 Channels"), Paused())]]
    if facts.channels["on"]:
        pausing_rows[0].append((turn.t("⏸ Pause all"), PauseAll(False)))
    if facts.all_paused is not None:
        span = shown.paused_for(turn, facts.all_paused, health.at)
        pausing_rows.append([(turn.t("▶️ All go on (paused for {span})", span=span), PauseAll(True, whole=True))])
    elif facts.channels["paused"]:
        pausing_rows[0].append((turn.t("▶️ All go on"), PauseAll(True)))
    rows += pausing_rows
    rows.append([(turn.t("🧯 Errors ({count})", count=errors.how_many()), doors.Errors())])
    if count := sum(health.kept.aside.values()):
        rows[-1].append((turn.t("🗂 Set aside ({count})", count=count), Aside()))
    for p in processes.missed(health.kept.processes, turn.now)[:MOST_MISSED]:
        rows.append([(turn.t("👌 {kind} on {host} is gone for good", kind=p.kind, host=p.host[:20]), Dismiss(p.name))])
    return rows


# --- reconnecting ----------------------------------------------------------------------------------------------


async def _reconnect(turn: Turn, _rest: str) -> None:
    names = [name for name in (leases.STREAM, leases.WATCHING) if leases.ask_back(name)]
    bells.ring_subscriptions()
    if names:
        turn.note = turn.t("🔌 X's stream is closed and opened anew; what is said meanwhile is read back.")
    else:
        turn.note = turn.t("Nobody holds X's stream right now: whoever can takes it by itself, within seconds.")
    await show(turn)


# --- pausing ---------------------------------------------------------------------------------------------------


async def _pause(turn: Turn, rest: str) -> None:
    await _pause_or_resume(turn, rest, on=False)


async def _resume(turn: Turn, rest: str) -> None:
    await _pause_or_resume(turn, rest, on=True)


async def _pause_or_resume(turn: Turn, rest: str, *, on: bool) -> None:
    if rest.lower() in ALL:
        await (_all_go_on(turn, whole=False) if on else _pause_all(turn))
        return
    if not rest:
        await _show_channels(turn, 0)
        return
    handle = rest.lstrip("@").lower()
    channel = next((c for c in _channels() if c.handle.lower() == handle), None)
    if channel is None:
        raise Refusal(
            turn.t("{handle} is no channel here. For example: /system pause @TraficoValle, or /system pause all",
                   handle=said_back(rest))
        )  # fmt: skip
    _one(turn, channel, on=on)
    await show(turn)


async def _pause_all(turn: Turn) -> None:
    count = turn.once("all", int, lambda: pausing.pause_all(turn.now))
    paused = turn.n("⏸ {count} channel is paused.", "⏸ {count} channels are paused.", count)
    later = turn.t("What is connected or turned on from now on is paused too, until you let all go on.")
    turn.note = f"{paused} {later}"
    bells.ring_subscriptions()
    await show(turn)


async def _all_go_on(turn: Turn, *, whole: bool) -> None:
    """Ends the pause of all; where there is none and `whole` does not say that it was meant, those of single ones."""

    def resumed() -> int:
        count = pausing.resume_all(turn.now)
        if count is None:
            return NOT_SO if whole else pausing.resume_each(turn.now)
        return count

    count = turn.once("all", int, resumed)
    if count == NOT_SO:
        turn.note = turn.t("That is so no longer: look below.")
    else:
        turn.note = turn.n("▶️ {count} channel goes on.", "▶️ {count} channels go on.", count)
        if left := [c for c in _channels() if c.off_reason is OffReason.PAUSED]:
            turn.note += " " + turn.n(
                "{count} was paused by itself and stays so: look in 📺.",
                "{count} were paused one by one and stay so: look in 📺.",
                len(left),
            )
    bells.ring_subscriptions()
    await show(turn)


def _one(turn: Turn, channel: Channel, *, on: bool) -> None:
    change = pausing.resume if on else pausing.pause
    done = turn.once("one", bool, lambda: change(channel.id, turn.now))
    if not done:
        turn.note = turn.t("It is so already, or its owner has turned it off: nothing is changed.")
    elif on and all_paused.since() is not None:
        turn.note = turn.t(
            "▶️ {channel} goes on alone, and its owner is told. Everything else stays paused.", channel=channel
        )
    elif on:
        turn.note = turn.t("▶️ {channel} goes on, and its owner is told.", channel=channel)
    else:
        turn.note = turn.t("⏸ {channel} is paused, and its owner is told.", channel=channel)
    bells.ring_subscriptions()


async def _show_channels(turn: Turn, page: int) -> None:
    found, _, turning = page_of(_channels(), page, PAGE, Paused)
    rows: Rows = []
    for channel in found:
        if channel.is_on:
            rows.append([(f"⏸ {channel}", PauseOne(channel.id, False, page))])
        elif channel.off_reason in PAUSED:
            rows.append([(f"▶️ {channel}", PauseOne(channel.id, True, page))])
    others = [c for c in found if not c.is_on and c.off_reason not in PAUSED]
    alone = (
        turn.t("⏸ Everything is paused. One that you tap goes on alone, until it is turned off or you pause all again.")
        if all_paused.since() is not None
        else ""
    )
    text = [
        turn.t("📺 <b>Channels</b>"),
        turn.t(
            "Tap one to pause it, or to let it go on. Nothing of a paused one is heard or posted. Its owner is told."
        ),
        *([alone] if alone else []),
        *(turn.t("· {channel} is off, not by you", channel=c) for c in others),
    ]
    await turn.answer("\n".join(text), [*rows, *turning, [(turn.t("« The whole service"), doors.System())]])


def _channels() -> list[Channel]:
    return list(Channel.select().where(Channel.connected).order_by(Channel.handle, Channel.id))


# --- the last errors -------------------------------------------------------------------------------------------


async def _errors(turn: Turn, _rest: str) -> None:
    await _show_errors(turn, 0)


async def _show_errors(turn: Turn, page: int) -> None:
    found, first, turning = page_of(errors.last(errors.MOST), page, ERRORS_A_PAGE, doors.Errors)
    text = [turn.t("🧯 <b>The last errors</b>")]
    if not found:
        text.append(turn.t("None: whatever broke was forgotten after a week, or nothing did."))
    for number, row in enumerate(found, first + 1):
        text += ["", _line(turn, number, row)]
    rows: Rows = [*turning]
    if found:
        rows.append([(turn.t("🧹 I have read them"), ForgetErrors())])
    await turn.answer("\n".join(text), [*rows, [(turn.t("« The whole service"), doors.System())]])


def _line(turn: Turn, number: int, row: LoggedError) -> str:
    head = f"<b>{number}.</b> " + turn.t("{event}", event=row.event)
    times = turn.n("{count} time", "{count} times", row.count)
    where = turn.t("{kind} on {host}", kind=row.kind, host=row.host)
    reason = "\n<code>" + turn.t("{text}", text=row.reason) + "</code>" if row.reason else ""
    return f"{head}{reason}\n{where} · {turn.ago(row.at, turn.now)} · {times}"


WORDS: dict[str, Callable[[Turn, str], Awaitable[None]]] = {
    **dict.fromkeys(("reconnect", "reconectar", "reconecta"), _reconnect),
    **dict.fromkeys(("pause", "pausar", "pausa"), _pause),
    **dict.fromkeys(("resume", "reanudar", "reanuda", "continue", "continuar"), _resume),
    **dict.fromkeys(("errors", "errores"), _errors),
}
