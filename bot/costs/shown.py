"""How money and budgets are said."""

from collections.abc import Iterable

from bot.chat.language import N_, Speaker
from engine.budgets import CENTS, MICROS, Pays

NAMES = {
    Pays.LINKS: N_("copies with links"),
    Pays.REPOSTS: N_("reposts and other copies"),
    Pays.HEARING: N_("hearing"),
    Pays.PLANNED: N_("what is planned or written by you"),
}
SHORT = {Pays.LINKS: N_("🔗 Links"), Pays.REPOSTS: N_("🔁 Reposts"), Pays.HEARING: N_("👂 Hearing")}


def dollars(micros: int) -> str:
    """Micro-dollars as dollars and cents, without their sign: `1,200.50`. What is spent is never said to be less."""
    return f"{-(-micros // CENTS) / 100:,.2f}"


def left(micros: int) -> str:
    """The same for what is left, which is never said to be more."""
    return f"{max(0, micros) // CENTS / 100:,.2f}"


def round_dollars(micros: int) -> str:
    """For a button: `30`, `7.50`, `0.015`: never another amount than it is."""
    if micros % MICROS == 0:
        return f"{micros // MICROS:,}"
    part = f"{micros % MICROS:06}".rstrip("0")
    return f"{micros // MICROS:,}.{part:0<2}"


def listed(say: Speaker, kinds: Iterable[Pays]) -> str:
    """Kinds of what costs money, in a row."""
    return ", ".join(say.t(NAMES[pays]) for pays in kinds)
