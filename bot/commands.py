"""All commands, in the order of the menu. The menu, /help and docs/commands.md are made from this list."""

from dataclasses import dataclass

from bot.accounts import leaving, pace, panel, signing_in, speaking, team
from bot.chat import doors
from bot.chat.handling import handles_for_all
from bot.chat.language import N_, Speaker
from bot.chat.turn import Handler, Turn
from bot.control import aside, status
from bot.moderation import cards, files, hours, lists, review, rules, senders, trial
from bot.notifications import journal, wanted
from bot.publishing import hashtags, history, posting, writing
from bot.scheduling import calendar, queueing, schedules, wizard


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its menu line, and how it is typed. `for_admins`: neither in the menu nor in /help."""

    name: str
    handler: Handler
    about: str
    examples: tuple[str, ...] = ()
    for_admins: bool = False


async def help_(turn: Turn) -> None:
    """/help"""
    await turn.answer(
        help_text(turn), [[(turn.t("My channels"), doors.Channels()), (turn.t("➕ Connect"), doors.Connect())]]
    )


@handles_for_all(doors.Help)
async def _help_pressed(turn: Turn, _button: doors.Help) -> None:
    await help_(turn)


def help_text(say: Speaker) -> str:
    """What each command does, with examples."""
    lines = [
        say.t(
            "<b>How it works</b>\nPeople mention your X account or write it a DM. What has one of your triggers and"
            " none of your filters is posted: mentions as a repost, DMs as a post without the name. I tell you each"
            " time, and Undo takes it back."
        ),
        "",
    ]
    for command in (c for c in COMMANDS if not c.for_admins):
        lines.append(f"/{command.name} — {say.t(command.about)}")
        lines += [f"   <code>{example}</code>" for example in command.examples]
    return "\n".join(lines)


COMMANDS: tuple[Command, ...] = (
    Command("start", signing_in.start, N_("begin")),
    Command("channels", panel.channels, N_("your channels")),
    Command("channel", panel.channel, N_("the panel of a channel"), ("/channel @TraficoValle",)),
    Command("status", status.status, N_("what runs, what waits, what went wrong")),
    Command("aside", aside.command, N_("what could not be handled, for who runs the service"), for_admins=True),
    Command(
        "triggers",
        lists.triggers,
        N_("words that make a message worth posting"),
        ('/triggers add choque, "vía cerrada"', "/triggers remove choque"),
    ),
    Command(
        "filters",
        lists.filters,
        N_("words that keep a message from being posted"),
        ("/filters add promo", "/filters remove promo"),
    ),
    Command("rules", rules.rules, N_("all rules, in their order")),
    Command("test", trial.test, N_("what would become of a message"), ("/test choque en la A1",)),
    Command("held", review.held, N_("messages that wait for you")),
    Command("message", cards.message, N_("what became of a message, and why"), ("/message 81",)),
    Command("review", review.command, N_("what people decide"), ("/review unsure",)),
    Command("senders", senders.panel, N_("the blocked and the trusted")),
    Command("block", senders.block, N_("block somebody"), ("/block @pepe 7 days spam",)),
    Command("unblock", senders.unblock, N_("unblock somebody"), ("/unblock @pepe",)),
    Command("trust", senders.trust, N_("trust somebody"), ("/trust @maria",)),
    Command("burst", senders.burst, N_("how many messages are too many"), ("/burst 5 10",)),
    Command("repeats", rules.repeats, N_("the same text, or nearly the same"), ("/repeats 85",)),
    Command(
        "hours",
        hours.hours,
        N_("when it is posted"),
        ("/hours lun-vie 6:00-22:00, sáb 8-14", "/hours dms 24h"),
    ),
    Command("zone", hours.zone, N_("the time zone"), ("/zone Caracas",)),
    Command("writing", writing.command, N_("how the channel writes")),
    Command("preview", writing.preview, N_("see a post before it goes out"), ("/preview CHOQUE en la av. Bolívar",)),
    Command("form", writing.form, N_("repost mentions, or copy them"), ("/form copy",)),
    Command("credit", writing.credit, N_("the line that names who wrote"), ("/credit {text} (vía {name})",)),
    Command("calm", writing.calm, N_("make shouted text a sentence"), ("/calm on",)),
    Command("replacements", lists.replacements, N_("words rewritten"), ("/replacements add av. => avenida",)),
    Command("emphasis", lists.emphasis, N_("words in capitals"), ("/emphasis add urgente",)),
    Command("import", files.command_import, N_("bring lists in from a file"), ("/import filters",)),
    Command("export", files.command_export, N_("the lists as a file"), ("/export",)),
    Command("copy", files.copy, N_("the rules of another channel"), ("/copy @LluviaYa",)),
    Command("post", posting.command, N_("say something now"), ("/post Vía cerrada en la calle 8",)),
    Command(
        "schedule",
        wizard.command,
        N_("say something later, once or again and again"),
        ("/schedule jueves 15:00 Reunión de vecinos", "/schedule cada lunes 7:15 Buenos días"),
    ),
    Command("schedules", schedules.schedules, N_("what is planned")),
    Command("queue", queueing.queue, N_("say it at the next free slot"), ("/queue Buenos días, vecinos",)),
    Command("slots", queueing.slots, N_("the weekly slots of the queue"), ("/slots lun-vie 8:00 12:30 18:00",)),
    Command("calendar", calendar.command, N_("a picture of the week")),
    Command("history", history.command, N_("what went out, and what did not")),
    Command("hashtags", hashtags.command, N_("promoted hashtags"), ("/hashtags add #metro, 100 in all, 5 a day",)),
    Command("team", team.command, N_("who decides with you")),
    Command("log", journal.log, N_("the journal: what became of every message"), ("/log file",)),
    Command("notices", wanted.command, N_("what I tell you, and what not")),
    Command("on", panel.on, N_("turn a channel on")),
    Command("off", panel.off, N_("turn a channel off")),
    Command("mentions", panel.mentions, N_("repost mentions, or not"), ("/mentions off",)),
    Command("dms", panel.dms, N_("post DMs, or not"), ("/dms off",)),
    Command("names", writing.names, N_("name who sent a DM, or not"), ("/names on",)),
    Command("gap", pace.gap, N_("seconds between posts"), ("/gap 20",)),
    Command("fresh", pace.fresh, N_("minutes a message stays worth posting"), ("/fresh 15",)),
    Command("connect", signing_in.connect, N_("connect an X account")),
    Command("disconnect", leaving.disconnect, N_("disconnect a channel"), ("/disconnect @TraficoValle",)),
    Command("language", speaking.language, N_("language · idioma"), ("/language es",)),
    Command("cancel", speaking.cancel, N_("leave what was begun")),
    Command("help", help_, N_("this help")),
)
