"""Help: a handful of topics to tap, each a screen with its commands. `/help`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from bot.chat import doors, spoken
from bot.chat.handling import handles_for_all
from bot.chat.keyboards import Button, Rows, in_rows
from bot.chat.language import N_, Speaker
from bot.chat.targets import button
from bot.chat.turn import Handler, Turn
from engine.roles import May


class Topic(StrEnum):
    """A screen of /help. The values are in buttons, so they never change."""

    BEGIN = "begin"
    REPOSTED = "reposted"
    PEOPLE = "people"
    SAY = "say"
    WRITING = "writing"
    HAPPENED = "happened"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its name in both languages, its menu line, the screen of /help on which it stands, how it is typed.

    `others` are more ways to say it. `first_week`: in the menu. `for_admins`: neither in the menu nor in /help.
    `by`: what who gives it must be allowed to do to the channel that it is about; nothing said is the owner's.
    """

    name: str
    spanish: str
    handler: Handler
    about: str
    topic: Topic
    examples: tuple[str, ...] = ()
    others: str = ""
    first_week: bool = False
    for_admins: bool = False
    by: May = May.OWN

    def shown(self, language: str) -> str:
        """Its name, with the slash."""
        return "/" + spoken.shown(language, self.name)


async def obey(turn: Turn, command: Command) -> None:
    """Do what a command says, for who may: it takes no channel for which they may not (`Turn.take_channel`)."""
    turn.needs = command.by
    await command.handler(turn)


@button
class HelpOn:
    """A screen of /help."""

    word: ClassVar[str] = "helpon"
    topic: Topic


#: All commands, from `bot/commands.py`.
LISTED: list[Command] = []
TOPICS = {
    Topic.BEGIN: N_("🚀 Begin, turn on and off"),
    Topic.REPOSTED: N_("🎯 What is reposted"),
    Topic.PEOPLE: N_("👥 People: block, trust, team"),
    Topic.SAY: N_("🗓 Say, schedule, queue"),
    Topic.WRITING: N_("✍️ How it writes"),
    Topic.HAPPENED: N_("🔎 What happened, and why"),
    Topic.REST: N_("🗂 Files and the rest"),
}


async def command(turn: Turn) -> None:
    """/help [COMMAND]"""
    named = of_name(spoken.named(turn.arguments.lstrip("/")))
    if named is not None and not named.for_admins:
        await show_topic(turn, named.topic)
        return
    await turn.answer(help_text(turn), help_rows(turn))


@handles_for_all(doors.Help)
async def _help_pressed(turn: Turn, _button: doors.Help) -> None:
    await turn.answer(help_text(turn), help_rows(turn))


@handles_for_all(HelpOn)
async def _topic_pressed(turn: Turn, button: HelpOn) -> None:
    await show_topic(turn, button.topic)


def help_text(say: Speaker) -> str:
    """How it works; the commands stand on the screens of the topics."""
    return say.t(
        "<b>How it works</b>\nPeople mention your X account or write it a DM. What has one of your triggers and"
        " none of your filters is posted: mentions as a repost, DMs as a post without the name. I tell you each"
        " time, and Undo takes it back.\n\nWrite me anything, or send a photo, and I ask whether to post it. What do"
        " you want to know about?"
    )


def help_rows(say: Speaker) -> Rows:
    """A button a topic, and the ways to go on."""
    topics: list[Button] = [(say.t(title), HelpOn(topic)) for topic, title in TOPICS.items()]
    return [
        *in_rows(topics, 1),
        [(say.t("My channels"), doors.Channels()), (say.t("➕ Connect"), doors.Connect())],
    ]


async def show_topic(turn: Turn, topic: Topic) -> None:
    """The commands of a topic, with examples."""
    others: Rows = in_rows([(turn.t("« Help"), doors.Help()), (turn.t("My channels"), doors.Channels())], 2)
    await turn.answer(topic_text(turn, topic), others)


def topic_text(say: Speaker, topic: Topic) -> str:
    """What each command of a topic does, and how it is typed."""
    lines = ["<b>" + say.t(TOPICS[topic]) + "</b>"]
    for command in (c for c in LISTED if c.topic is topic and not c.for_admins):
        lines.append("\n" + command.shown(say.language) + " — " + say.t(command.about))
        lines += ["   <code>" + example + "</code>" for example in examples(say, command)]
    return "\n".join(lines)


def examples(say: Speaker, command: Command) -> list[str]:
    """How it is typed, in the reader's language."""
    return [say.t(example) for example in command.examples]


def of_name(name: str) -> Command | None:
    """The command of this name in the list."""
    return next((c for c in LISTED if c.name == name), None)


def menu(say: Speaker) -> list[tuple[str, str]]:
    """What a first week needs: names and lines of Telegram's menu."""
    return [(spoken.shown(say.language, c.name), say.t(c.about)) for c in LISTED if c.first_week]


def menu_in_groups(say: Speaker) -> list[tuple[str, str]]:
    """What is of use in a group."""
    return [(spoken.shown(say.language, c.name), say.t(c.about)) for c in LISTED if c.name in ("desk", "held")]
