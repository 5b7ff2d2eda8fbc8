"""Photos, GIFs and videos: what X takes, what a file is by its content, and how it is brought into X's limits."""

from engine.media.limits import (
    FROM_TELEGRAM,
    LIMITS,
    LONGEST_S,
    MAX_ALT,
    MB,
    MOST_PHOTOS,
    SHORTEST_S,
    BadMedia,
    MediaKind,
    category,
    check,
    check_together,
)
from engine.media.signs import recognised

__all__ = [
    "FROM_TELEGRAM",
    "LIMITS",
    "LONGEST_S",
    "MAX_ALT",
    "MB",
    "MOST_PHOTOS",
    "SHORTEST_S",
    "BadMedia",
    "MediaKind",
    "category",
    "check",
    "check_together",
    "recognised",
]
