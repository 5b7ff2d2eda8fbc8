"""What of a channel's encrypted DMs could not be read: how many, why, and what to do about it."""

from collections.abc import Mapping

from bot.chat import doors
from bot.chat.language import N_, Speaker
from bot.notifications.drawing import About, Drawn, draws
from engine.x.chat.reading import Why
from models.notifications.kinds import Unreadable
from models.streaming import unreadable

WHY: dict[Why, str] = {
    Why.NO_KEYS: N_(
        "• {count}: the account's keys are not here. As soon as they are, within a day, I read what waits."
    ),
    Why.OTHER_KEYS: N_(
        "• {count}: encrypted to other keys of the account than mine. As soon as those are here, within a day, I read"
        " what waits."
    ),
    Why.UNKNOWN_KEY: N_(
        "• {count}: X has not given the key of the conversation. I keep asking for a day; whoever wrote can also write"
        " again."
    ),
    Why.NO_SIGNER: N_(
        "• {count}: X does not say which key the sender signs with, so nobody knows who it is. I keep asking for a day."
    ),
    Why.FORGED: N_(
        "• {count}: the signature is not the sender's, so it is forged, or was changed. There is nothing to do."
    ),
    Why.MISADDRESSED: N_("• {count}: signed for another conversation. There is nothing to do."),
    Why.MALFORMED: N_(
        "• {count}: in a form that X's library does not know. Whoever wrote can write again, or mention the channel."
    ),
    Why.TOO_MANY: N_("• {count}: more were waiting than I keep. Whoever wrote can write again."),
}


@draws(Unreadable)
def told(say: Speaker, notice: Unreadable, about: About) -> Drawn | None:
    """Nothing where all was read meanwhile."""
    counts = unreadable.of(about.channel.id, about.now, told_at=notice.at)
    if not counts:
        return None
    first = say.n(
        "⚠️ {count} encrypted DM to <b>{channel}</b> could not be read:",
        "⚠️ {count} encrypted DMs to <b>{channel}</b> could not be read:",
        sum(counts.values()),
        channel=about.channel,
    )
    return "\n".join([first, *reasons(say, counts)]), [[(say.t("🔐 Encrypted DMs"), doors.ChatKeys(about.channel.id))]]


def reasons(say: Speaker, counts: Mapping[Why, int]) -> list[str]:
    """A line for each reason, the most frequent first."""
    return [say.t(WHY[why], count=counts[why]) for why in sorted(counts, key=lambda w: -counts[w])]
