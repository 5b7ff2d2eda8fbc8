"""How the kinds of what costs money are said."""

from collections.abc import Iterable

from bot.chat.language import N_, Speaker
from engine.budgets import Pays

NAMES = {
    Pays.LINKS: N_("copies with links"),
    Pays.REPOSTS: N_("reposts and other copies"),
    Pays.HEARING: N_("hearing"),
    Pays.PLANNED: N_("what is planned or written by you"),
}
SHORT = {Pays.LINKS: N_("🔗 Links"), Pays.REPOSTS: N_("🔁 Reposts"), Pays.HEARING: N_("👂 Hearing")}


def listed(say: Speaker, kinds: Iterable[Pays]) -> str:
    """Kinds of what costs money, in a row."""
    return ", ".join(say.t(NAMES[pays]) for pays in kinds)
