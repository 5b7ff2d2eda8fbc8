"""`/status`: what runs, what waits, what went wrong last."""

from datetime import timedelta
from typing import ClassVar

from bot.accounts.panel import lamp_of, state_of
from bot.chat import doors
from bot.chat.handling import handles_for_all
from bot.chat.keyboards import in_rows
from bot.chat.targets import button
from bot.chat.turn import Turn
from models import aside as set_aside
from models.accounts import channels
from models.accounts.channels import Channel
from models.control import overview
from models.publishing.allowance import ALL, NEARLY
from models.settings import settings
from tasks.control import health


@button
class Status:
    word: ClassVar[str] = "status"


@handles_for_all(Status)
async def _opened(turn: Turn, _button: Status) -> None:
    await status(turn)


async def status(turn: Turn) -> None:
    """/status"""
    state = health()
    lines = [turn.t("<b>Status</b>")]
    if not state.redis:
        lines.append(turn.t("🟡 Redis does not answer: everything goes on, a second or two later than usual."))
    if state.connected_at is not None:
        lines.append(turn.t("🟢 Listening to X, connected {ago}.", ago=turn.ago(state.connected_at, turn.now)))
    elif state.stream_held:
        lines.append(turn.t("🟡 Connecting to X ({trouble}).", trouble=state.trouble or "…"))
    else:
        lines.append(turn.t("🟡 Nobody listens to X's stream right now."))
    if state.malformed:
        lines.append(
            turn.n(
                "{count} line of X's was unreadable.",
                "{count} lines of X's were unreadable.",
                state.malformed,
            )
        )
    if turn.person.telegram_id in settings().admin_ids:
        lines.append(_day_of_app(turn))
        if count := sum(set_aside.counts().values()):
            lines.append(
                turn.n(
                    "🗂 {count} item could not be handled, and is set aside: /aside",
                    "🗂 {count} items could not be handled, and are set aside: /aside",
                    count,
                )
            )
    unseen = overview.pending_notices(turn.person.telegram_id)
    if unseen:
        lines.append(turn.n("{count} notice waits for you.", "{count} notices wait for you.", unseen))
    mine = [c for c in channels.channels_of(turn.person.telegram_id) if c.connected]
    for item in mine:
        lines += ["", *_status_of(turn, item)]
    if not mine:
        lines.append(turn.t("You have no channel yet. Connect one with /connect"))
    await turn.answer("\n".join(lines), in_rows([(str(c), doors.Panel(c.id)) for c in mine[:8]], 2))


def _day_of_app(turn: Turn) -> str:
    """For who runs the service: how much of the app's day is used, and what is planned of it."""
    day = overview.day(turn.now)
    if day.full_until is not None:
        span = turn.lasting(max(day.full_until - turn.now, timedelta(seconds=1)))
        return turn.t("🔴 X takes no more posts of the app for {span}; {planned} are planned.",
                      span=span, planned=day.planned)  # fmt: skip
    return turn.t(
        "{lamp} Posts of the app in 24 h: {used} of {limit} ({percent} %); {planned} are planned.",
        lamp="🔴" if day.percent >= ALL else "🟡" if day.percent >= NEARLY else "🟢",
        used=day.used,
        limit=day.limit,
        percent=day.percent,
        planned=day.planned,
    )


def _status_of(turn: Turn, item: Channel) -> list[str]:
    counts = overview.overview(item.id, turn.now)
    lines = [
        f"{lamp_of(item)} <b>{item}</b> · {state_of(turn, item)}",
        turn.t(
            "24 h: {heard} heard, {posted} posted, {ignored} off-topic, {blocked} filtered, {expired} too late,"
            " {failed} failed",
            heard=counts.heard,
            posted=counts.posted,
            ignored=counts.ignored,
            blocked=counts.blocked,
            expired=counts.expired,
            failed=counts.failed,
        ),
        turn.t(
            "Waiting: {queued} posts, {unsettled} in the air",
            queued=counts.queued,
            unsettled=counts.unsettled,
        ),
    ]
    if item.last_problem and item.last_problem_at is not None:
        lines.append(
            turn.t(
                "Last trouble: {problem} ({ago})",
                problem=item.last_problem,
                ago=turn.ago(item.last_problem_at, turn.now),
            )
        )
    return lines
