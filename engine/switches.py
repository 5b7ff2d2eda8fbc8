"""Switches: what a channel turns on or off. Each is declared, with its default, where it is obeyed."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Switch:
    """The name is stored, so it never changes. A switch is declared once and equals only itself."""

    name: str
    default: bool


def turned_by(chosen: Mapping[Switch, bool]) -> frozenset[Switch]:
    """The switches that stand other than by default."""
    return frozenset(switch for switch, on in chosen.items() if on is not switch.default)
