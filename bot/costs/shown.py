"""How the kinds of what costs money are said."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.chat.language import N_, Speaker
from bot.chat.moments import moment
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


def waits_for_money(say: Speaker, fresh_until: datetime, zone: ZoneInfo) -> str:
    """Of a post for which a budget has nothing now, and which is worth saying until then."""
    at = moment(say, fresh_until.astimezone(zone))
    return say.t("⏳ It waits for money: it goes out if the budget of the month has some again by {at}.", at=at)
