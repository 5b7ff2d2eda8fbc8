"""The four lists of words: what each is for, the command that it is typed with, a right example."""

from bot.chat import doors
from bot.chat.keyboards import Rows
from bot.chat.language import N_
from bot.chat.spoken import Example
from bot.chat.turn import Turn
from engine.moderation import KeywordRole
from models.accounts.channels import Channel
from models.moderation import lists

COMMANDS = {
    KeywordRole.TRIGGER: Example("/triggers"),
    KeywordRole.FILTER: Example("/filters"),
    KeywordRole.REPLACEMENT: Example("/replacements"),
    KeywordRole.EMPHASIS: Example("/emphasis"),
}
EXAMPLES = {
    KeywordRole.TRIGGER: N_('crash, "road closed", flood*'),
    KeywordRole.FILTER: N_("promo, giveaway"),
    KeywordRole.REPLACEMENT: N_("av. => avenue, jam => congestion"),
    KeywordRole.EMPHASIS: N_("urgent"),
}


def head(turn: Turn, channel: Channel, role: KeywordRole) -> str:
    """What the list is for."""
    if role is KeywordRole.TRIGGER:
        return turn.t(
            "🎯 <b>Triggers of {channel}</b>\nA message with one of these is worth reposting.", channel=channel
        )
    if role is KeywordRole.FILTER:
        return turn.t("🚫 <b>Filters of {channel}</b>\nA message with one of these is never reposted.", channel=channel)
    if role is KeywordRole.REPLACEMENT:
        return turn.t(
            "🔤 <b>Replacements of {channel}</b>\nRewritten in what the channel says in its own words; a native repost"
            " stays as its writer wrote it.",
            channel=channel,
        )
    return turn.t(
        "❗ <b>Emphasis of {channel}</b>\nWritten in capitals in what the channel says in its own words.",
        channel=channel,
    )


def total(turn: Turn, channel: Channel, role: KeywordRole) -> str:
    """How many words the channel has of a role."""
    count = lists.count_of(channel.id, role)
    if role is KeywordRole.TRIGGER:
        return turn.n("{channel} has {count} trigger.", "{channel} has {count} triggers.", count, channel=channel)
    if role is KeywordRole.FILTER:
        return turn.n("{channel} has {count} filter.", "{channel} has {count} filters.", count, channel=channel)
    if role is KeywordRole.REPLACEMENT:
        return turn.n(
            "{channel} has {count} replacement.", "{channel} has {count} replacements.", count, channel=channel
        )
    return turn.n("{channel} emphasises {count} word.", "{channel} emphasises {count} words.", count, channel=channel)


def after(turn: Turn, channel: Channel, role: KeywordRole) -> Rows:
    """Where one goes after a change: the list, the panel."""
    labels = {
        KeywordRole.TRIGGER: turn.t("🎯 Triggers"),
        KeywordRole.FILTER: turn.t("🚫 Filters"),
        KeywordRole.REPLACEMENT: turn.t("🔤 Replacements"),
        KeywordRole.EMPHASIS: turn.t("❗ Emphasis"),
    }
    return [[(labels[role], doors.Words(channel.id, role)), (turn.t("Panel"), doors.Panel(channel.id))]]


def few(words: list[str], most: int = 30) -> str:
    """The words in a line, not all of them where there are many."""
    shown = ", ".join(words[:most])
    return shown if len(words) <= most else f"{shown}… (+{len(words) - most})"


def first_example(turn: Turn, role: KeywordRole) -> str:
    return turn.t(EXAMPLES[role]).partition(",")[0].partition(" =>")[0]
