"""What X bills, in words, and in the few groups that a picture shows."""

from collections.abc import Iterable, Mapping

from bot.chat.language import N_, Speaker
from bot.costs.money import money
from engine.x.prices import Billed
from models.costs.ledger import Spent

NAMES: dict[Billed, str] = {
    Billed.MENTION: N_("mentions heard"),
    Billed.REPLY: N_("replies heard"),
    Billed.DM: N_("DMs heard"),
    Billed.WATCHED: N_("watched posts"),
    Billed.LOOKED_AT: N_("posts looked at once more"),
    Billed.OWN_POST: N_("own posts read back"),
    Billed.OWNED: N_("reads of the app's own account"),
    Billed.PERSON: N_("people looked up"),
    Billed.LIST: N_("lists looked up"),
    Billed.DELETION: N_("deletions told"),
    Billed.POST: N_("posts"),
    Billed.LINK: N_("posts with a link"),
    Billed.REPOST: N_("reposts"),
    Billed.ANSWER: N_("answers to mentions"),
    Billed.MESSAGE: N_("direct messages sent"),
    Billed.UNDO: N_("taken back"),
    Billed.ALT_TEXT: N_("descriptions of photos"),
}
HEARD = (Billed.MENTION, Billed.REPLY, Billed.DM, Billed.WATCHED)
#: Each kind in one of them; the first that names it.
GROUPS: tuple[tuple[str, tuple[Billed, ...]], ...] = (
    (N_("Heard"), HEARD),
    (N_("Said"), (Billed.POST, Billed.REPOST, Billed.ANSWER, Billed.MESSAGE, Billed.ALT_TEXT)),
    (N_("Links"), (Billed.LINK,)),
    (N_("The rest"), ()),
)


def group_of(kind: Billed) -> int:
    """The place of its group."""
    return next((n for n, (_, kinds) in enumerate(GROUPS) if kind in kinds), len(GROUPS) - 1)


def by_kind(say: Speaker, kinds: Mapping[Billed, Spent]) -> list[str]:
    """A line for each kind, the dearest first."""
    ordered = sorted(kinds.items(), key=lambda item: (-item[1].cost, item[0]))
    return [
        say.t("• {kind}: {count} · ${cost}", kind=say.t(NAMES[kind]), count=f"{of.count:,}", cost=money(of.cost))
        for kind, of in ordered
        if of.count or of.cost
    ]


def listed(say: Speaker, parts: Iterable[tuple[str, str]]) -> str:
    """`mentions $4.50 · DMs $0.90`."""
    return " · ".join(say.t("{kind} ${cost}", kind=kind, cost=cost) for kind, cost in parts)
