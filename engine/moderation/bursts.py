"""Bursts: how much somebody has written within some minutes, counted message by message."""

from collections.abc import Sequence
from datetime import datetime, timedelta


def counts(written: Sequence[datetime], span: timedelta) -> list[int]:
    """For each of these instants, given in their order: how many of them lie less than `span` back, itself counted."""
    found = []
    first = 0
    for last, at in enumerate(written):
        while written[first] <= at - span:
            first += 1
        found.append(last - first + 1)
    return found
