"""What who runs the service is told when something is wrong with it, and when it no longer is."""

from dataclasses import dataclass

from bot.chat import doors
from bot.chat.keyboards import Rows
from bot.chat.language import N_, Speaker
from bot.control import aside
from bot.control.aside import PLACES
from bot.control.said import in_words
from bot.notifications.drawing import About, Drawn, draws
from models.accounts import troubles
from models.accounts.troubles import APP, Kind, Trouble
from models.aside import Place
from models.control import credits, processes
from models.control.waiting import Work
from models.notifications.kinds_of_control import Alarm, AlarmOver, Paused, Resumed

AT = " @ "
WORKS: dict[Work, str] = {
    Work.JUDGE: N_("messages to be judged"),
    Work.SAY: N_("posts to be said on X"),
    Work.TELL: N_("notices to be told"),
    Work.WRITE: N_("lines of the journal"),
}
DOES: dict[processes.Kind, str] = {
    processes.Kind.WEB: N_("the bot: it answers nobody"),
    processes.Kind.STREAMS: N_("it listens to X; what is said meanwhile is read back"),
    processes.Kind.WORKER: N_("it judges and plans; all of that waits"),
    processes.Kind.VOICES: N_("it posts on X; all of that waits"),
    processes.Kind.JOURNAL: N_("it writes the journal's files and cleans up; that waits"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """How it is told when it begins, and when it is over; `what` and `host` are what it is about."""

    begins: str
    over: str


WORDS: dict[Kind, Words] = {
    Kind.PROCESS_GONE: Words(
        N_("🔴 The process <b>{what}</b> on <b>{host}</b> is gone, and none came in its place."),
        N_("✅ No <b>{what}</b> on <b>{host}</b> is missing any more."),
    ),
    Kind.PROCESS_DYING: Words(
        N_("🔴 <b>{what}</b> on <b>{host}</b> dies again and again, and is started anew each time."),
        N_("✅ <b>{what}</b> on <b>{host}</b> dies no more."),
    ),
    Kind.PART_BROKEN: Words(
        N_("🟡 A part of <b>{what}</b> can't do its work."),
        N_("✅ All parts of <b>{what}</b> do their work again."),
    ),
    Kind.STREAM_SILENT: Words(
        N_("🔴 X's stream (<b>{what}</b>) is not heard. What is said meanwhile is read back."),
        N_("✅ X's stream (<b>{what}</b>) is heard again."),
    ),
    Kind.WORK_LATE: Words(
        N_("🔴 Late by more than a minute: <b>{what}</b>. Nothing of it is lost."),
        N_("✅ In time again: {what}."),
    ),
    Kind.ERRORS: Words(
        N_("🟡 More errors than usual."),
        N_("✅ The errors have become few again."),
    ),
    Kind.ASIDE: Words(
        N_("🗂 Something could not be handled and was set aside: {what}. Everything else goes on."),
        N_("✅ Nothing is set aside any more: {what}."),
    ),
    Kind.DISK_FULL: Words(
        N_("🟡 The disk of <b>{host}</b> is nearly full. What needs room there will wait or fail: make some."),
        N_("✅ The disk of <b>{host}</b> has room again."),
    ),
    Kind.REDIS_AWAY: Words(
        N_("🟡 Redis does not answer: everything goes on, a second or two later than usual."),
        N_("✅ Redis answers again."),
    ),
    Kind.NEWER_DATABASE: Words(
        N_("🔴 The database was brought to a newer release than runs on <b>{host}</b>: start that release there too."),
        N_("✅ On <b>{host}</b> the release of the database runs."),
    ),
}  # fmt: skip


@draws(Alarm)
def alarm(say: Speaker, notice: Alarm, about: About) -> Drawn | None:
    """As long as it is so: what is over by the time it would be told wakes nobody."""
    kind = _known(notice.kind)
    if kind is None or not _goes_on(kind, notice):
        return None
    what, host = _about(say, kind, notice.subject)
    lines = [say.t(WORDS[kind].begins, what=what, host=host)]
    if kind is Kind.PROCESS_GONE and (does := _does(notice.subject)):
        lines.append(say.t("What it does: {what}.", what=say.t(does)))
    if notice.said:
        lines.append(f"<code>{in_words(say, notice.said)}</code>")
    rows: Rows = [[(say.t("⚙️ The whole service"), doors.System())]]
    if kind is Kind.ASIDE:
        rows.insert(0, [(say.t("🗂 What, and why"), aside.Aside())])
    if kind is Kind.ERRORS:
        rows.insert(0, [(say.t("🧯 The last errors"), doors.Errors())])
    return "\n".join(lines), rows


@draws(AlarmOver)
def alarm_over(say: Speaker, notice: AlarmOver, about: About) -> Drawn | None:
    if notice.kind == credits.LOW:
        return say.t("✅ The app's credits at X are enough again."), []
    kind = _known(notice.kind)
    if kind is None:
        return None
    what, host = _about(say, kind, notice.subject)
    lasted = say.t("The alarm lasted {span}.", span=say.lasting(notice.ended - notice.since))
    return f"{say.t(WORDS[kind].over, what=what, host=host)} {lasted}", []


@draws(Paused)
def paused(say: Speaker, notice: Paused, about: About) -> Drawn:
    if notice.with_all:
        text = say.t(
            "⏸ Who runs this service has paused everything, {channel} too: nothing is heard or posted until that ends."
            " What you plan meanwhile stays planned; it goes on by itself then, and you are told.",
            channel=about.channel,
        )
        return text, [[(say.t("Panel"), doors.Panel(about.channel.id))]]
    text = say.t(
        "⏸ Who runs this service has paused {channel}: nothing is heard or posted until they let it go on. What you"
        " plan meanwhile stays planned; you are told when it goes on.",
        channel=about.channel,
    )
    return text, [[(say.t("Panel"), doors.Panel(about.channel.id))]]


@draws(Resumed)
def resumed(say: Speaker, notice: Resumed, about: About) -> Drawn:
    text = say.t("▶️ {channel} goes on: who runs this service has ended the pause.", channel=about.channel)
    return text, [[(say.t("Panel"), doors.Panel(about.channel.id))]]


def in_short(say: Speaker, trouble: Trouble) -> str:
    """A line of a panel: what it is about and says."""
    what, host = _about(say, trouble.kind, trouble.subject)
    said = say.t(WORDS[trouble.kind].begins, what=what, host=host)
    return said + (f" <code>{in_words(say, trouble.said)}</code>" if trouble.said else "")


def _goes_on(kind: Kind, notice: Alarm) -> bool:
    """Whether this alarm is still the one that goes on."""
    mine = (Trouble.channel_id == APP) & (Trouble.kind == kind) & (Trouble.subject == notice.subject)
    return bool(Trouble.select().where(mine & Trouble.ended_at.is_null() & (Trouble.since == notice.since)).exists())


def _about(say: Speaker, kind: Kind, subject: str) -> tuple[str, str]:
    """What an alarm is about, in the reader's words, and on which machine."""
    what, _, host = subject.rpartition(AT) if AT in subject else (subject, "", "")
    if kind is Kind.DISK_FULL:
        return "", subject
    if not host and kind is Kind.PROCESS_GONE:
        host = "?"
    if kind is Kind.WORK_LATE and what in set(Work):
        return say.t(WORKS[Work(what)]), host
    if kind is Kind.ASIDE and what in set(Place):
        return say.t(PLACES[Place(what)]), host
    return what, host


def _does(subject: str) -> str:
    kind = subject.partition(AT)[0]
    return DOES[processes.Kind(kind)] if kind in set(processes.Kind) else ""


def _known(kind: str) -> Kind | None:
    return Kind(kind) if kind in {str(k) for k in troubles.ALARMS} else None
