"""What a sender is to a channel beside a stranger: blocked for a time or for good, trusted, or not to be reposted."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAX_NOTE = 100
HANDLE = re.compile(r"^@?(\w{1,15})$", re.ASCII)


class Standing(StrEnum):
    """The values are stored, so they never change."""

    BLOCKED = "blocked"
    TRUSTED = "trusted"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who asked not to be reposted, by handle (without @), or by X id where no name is known."""

    handle: str = ""
    x_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standed:
    """A sender who stands somewhere: `until` is an aware instant, or None for good. `handle` has no @."""

    standing: Standing
    handle: str
    until: datetime | None = None
    note: str = ""
