"""`/status`: what runs, what waits, what went wrong last."""

from datetime import UTC, datetime
from typing import ClassVar

from bot.accounts import troubles
from bot.accounts.panel import lamp_of, state_of, unheard
from bot.chat import doors
from bot.chat.handling import handles_for_all
from bot.chat.keyboards import in_rows
from bot.chat.language import Sentence
from bot.chat.reasons import why
from bot.chat.targets import button
from bot.chat.turn import Turn
from bot.chat.xs_words import of_x
from bot.control import shown
from bot.control.said import in_words
from engine.roles import May
from models import aside as set_aside
from models.accounts import admins, team
from models.accounts.channels import Auth, Channel, Hearing
from models.control import all_paused, leases, overview
from models.control.processes import Kind
from models.control.waiting import Work
from models.watching import wanted
from tasks.control.health import Health, Wrong, health


@button
class Status:
    word: ClassVar[str] = "status"


@handles_for_all(Status)
async def _opened(turn: Turn, _button: Status) -> None:
    await status(turn)


async def status(turn: Turn) -> None:
    """/status"""
    state = health(turn.now)
    lines = [turn.t("<b>Status</b>"), _of_stream(turn, state), *_of_watching(turn), *_of_what_is_wrong(turn, state)]
    if state.stream is not None and state.stream.malformed:
        lines.append(
            turn.n(
                "{count} line of X's was unreadable.",
                "{count} lines of X's were unreadable.",
                state.stream.malformed,
            )
        )
    if admins.is_admin(turn.person.telegram_id):
        lines += [f"🔧 <code>{in_words(turn, trouble.sentence(turn.now))}</code>" for trouble in state.wrong]
        lines += shown.all_paused(turn, all_paused.since(), turn.now)
        lines.append(shown.day_of_app(turn, overview.day(turn.now), turn.now))
        lines.append(turn.t("⚙️ The whole service: /system"))
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
    mine = [c for c in team.channels_where(turn.person.telegram_id, May.READ) if c.connected]
    for item in mine:
        lines += ["", *_status_of(turn, item)]
    if not mine:
        lines.append(turn.t("You have no channel yet. Connect one with /connect"))
    await turn.answer("\n".join(lines), in_rows([(str(c), doors.Panel(c.id)) for c in mine[:8]], 2))


def _of_stream(turn: Turn, state: Health) -> str:
    stream = state.stream
    if stream is not None and stream.connected_at is not None:
        return turn.t("🟢 Listening to X, connected {ago}.", ago=turn.ago(stream.connected_at, turn.now))
    if stream is not None:
        return " ".join(filter(None, (turn.t("🟡 Connecting to X."), of_x(turn, stream.trouble))))
    return turn.t("🟡 Nobody listens to X's stream right now.")


def _of_watching(turn: Turn) -> list[str]:
    """The other stream, where anything is watched by it."""
    if not wanted.is_any_streamed():
        return []
    held = leases.read(leases.WATCHING)
    since = held.state.get("connected_at")
    if held.is_held(turn.now) and isinstance(since, int | float):
        at = datetime.fromtimestamp(since, UTC)
        return [turn.t("🟢 Watching what channels watch, connected {ago}.", ago=turn.ago(at, turn.now))]
    return [turn.t("🟡 Connecting to what channels watch; what is said meanwhile is read back.")]


def _of_what_is_wrong(turn: Turn, state: Health) -> list[str]:
    """What of it a person who waits for something should know, a sentence each."""
    missing = {trouble.of for trouble in state.wrong if trouble.wrong is Wrong.PROCESS}
    late = {trouble.of for trouble in state.wrong if trouble.wrong is Wrong.LATE}
    said = []
    if not state.redis:
        said.append(turn.t("🟡 Redis does not answer: everything goes on, a second or two later than usual."))
    if Kind.STREAMS in missing:
        said.append(turn.t("🔴 What listens to X does not run right now; what is said meanwhile is read back."))
    if any(trouble.wrong is Wrong.STREAM and trouble.of for trouble in state.wrong):
        said.append(turn.t("🟡 What channels watch is not heard right now; what is said meanwhile is read back."))
    if Kind.WORKER in missing or Work.JUDGE in late:
        said.append(turn.t("🔴 Messages wait to be judged; none is lost."))
    if Kind.VOICES in missing or Work.SAY in late:
        said.append(turn.t("🔴 Posts wait to be said on X; none is lost."))
    if Work.TELL in late:
        said.append(turn.t("🔴 Notices are late; none is lost."))
    if Kind.JOURNAL in missing or Work.WRITE in late:
        said.append(turn.t("🟡 The journal's files are behind; nothing of it is lost."))
    return said


def _status_of(turn: Turn, item: Channel) -> list[str]:
    counts = overview.overview(item.id, turn.now)
    in_short = troubles.in_short(turn, item, turn.person.telegram_id, turn.now)
    lines = [
        f"{lamp_of(item)} <b>{item}</b> · {state_of(turn, item)}",
        *in_short,
        *_how_heard(turn, item),
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
    if item.last_problem and item.last_problem_at is not None and not in_short:
        lines.append(
            turn.t(
                "Last trouble: {problem} ({ago})",
                problem=Sentence(why(turn, item.last_problem)),
                ago=turn.ago(item.last_problem_at, turn.now),
            )
        )
    return lines


def _how_heard(turn: Turn, item: Channel) -> list[str]:
    """That no money is left for hearing it, or that X does not bring by itself what is said to it: no room, or no."""
    if item.is_on and not item.hears:
        return unheard(turn, item)
    if not item.is_on or item.auth is not Auth.OAUTH2 or item.hearing is not Hearing.POLL:
        return []
    return [
        turn.t("🟡 X does not tell me by itself what is said to it, so I ask again and again: it is a little later.")
    ]
