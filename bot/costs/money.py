"""Money as people read it: dollars, which X charges, without their sign."""

MICROS = 1_000_000
TENTH = MICROS // 10


def money(micros: int) -> str:
    """Micro-dollars to the tenth of a cent: `0.50`, `0.005`, `1,200.50`."""
    said = exact(micros)
    return said[:-1] if said.endswith("0") else said


def exact(micros: int) -> str:
    """The same of single prices, which are compared: all with their tenths of a cent, `0.015`, `0.200`."""
    return f"{micros / MICROS:,.3f}"


def round_money(micros: int) -> str:
    """The same for a button: `1`, `0.25`."""
    return money(micros).removesuffix(".00")


def about(micros: float) -> str:
    """What is reckoned, to the cent, and below ten cents to the tenth of one: `12.40`, `0.015`."""
    return f"{micros / MICROS:,.2f}" if abs(micros) >= TENTH else money(round(micros))
