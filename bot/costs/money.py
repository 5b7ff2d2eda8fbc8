"""Money as people read it: dollars, which X charges, without their sign."""

from engine.budgets import CENTS, MICROS

TENTH = MICROS // 10


def money(micros: int) -> str:
    """Micro-dollars to the tenth of a cent: `0.50`, `0.005`, `1,200.50`."""
    said = exact(micros)
    return said[:-1] if said.endswith("0") else said


def exact(micros: int) -> str:
    """The same of single prices, which are compared: all with their tenths of a cent, `0.015`, `0.200`."""
    return f"{micros / MICROS:,.3f}"


def about(micros: float) -> str:
    """What is reckoned, to the cent, and below ten cents to the tenth of one: `12.40`, `0.015`."""
    return f"{micros / MICROS:,.2f}" if abs(micros) >= TENTH else money(round(micros))


def dollars(micros: int) -> str:
    """Micro-dollars as dollars and cents, without their sign: `1,200.50`. What is spent is never said to be less."""
    return f"{-(-micros // CENTS) / 100:,.2f}"


def that_is_left(micros: int) -> str:
    """The same for what is left, which is never said to be more."""
    return f"{max(0, micros) // CENTS / 100:,.2f}"


def round_dollars(micros: int) -> str:
    """For a button: `30`, `7.50`, `0.015`: never another amount than it is."""
    if micros % MICROS == 0:
        return f"{micros // MICROS:,}"
    part = f"{micros % MICROS:06}".rstrip("0")
    return f"{micros // MICROS:,}.{part:0<2}"
