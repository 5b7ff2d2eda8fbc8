"""Doorbells: what is written here asks for one, and whoever runs the workers says how it is rung.

The models know only the names. Where nobody has connected a bell it is silent, and no harm is done: the clocks look
anyway.
"""

from collections.abc import Callable
from enum import StrEnum

from models.database import after_commit


class Doorbell(StrEnum):
    """Who is to look: whoever tells people what is new, and whoever writes the journal's files."""

    NOTICES = "notices"
    JOURNAL = "journal"


_connected: dict[Doorbell, Callable[[], None]] = {}


def connect(bell: Doorbell, ring: Callable[[], None]) -> None:
    """Say how this process rings a bell."""
    _connected[bell] = ring


def disconnect(bell: Doorbell) -> None:
    """Let it be silent."""
    _connected.pop(bell, None)


def ring(bell: Doorbell) -> None:
    """Ring it once what this thread is writing is committed; not at all where it is rolled back."""
    if bell in _connected:
        after_commit(_connected[bell])
