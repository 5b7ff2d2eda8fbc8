"""Keywords: what an owner types, checked and kept."""

from dataclasses import dataclass
from enum import StrEnum

from engine.moderation.verdicts import MessageKind
from engine.text import MIN_STEM, STAR, pattern_of, seen

MAX_KEYWORD = 100
MAX_DAYS = 3650


class KeywordRole(StrEnum):
    """What a keyword is for. The values are stored, so they never change."""

    TRIGGER = "trigger"
    FILTER = "filter"
    REPLACEMENT = "replacement"
    EMPHASIS = "emphasis"


class BadKeyword(ValueError):
    """A keyword that can't match anything, or is too long. `reason` is `empty`, `long`, `wordless` or `star`."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(f"bad keyword ({reason})")
        self.reason = reason
        self.text = text


def check_keyword(text: str) -> str:
    """The keyword as it is kept (trimmed, inner spaces single). Raises BadKeyword."""
    kept = " ".join(seen(text).split())
    if not kept:
        raise BadKeyword("empty", kept)
    if len(kept) > MAX_KEYWORD:
        raise BadKeyword("long", kept)
    if pattern_of(kept) is None:
        raise BadKeyword("star" if _bad_star(kept) else "wordless", kept)
    return kept


def _bad_star(kept: str) -> bool:
    bare = kept[:-1] if kept.endswith(STAR) else kept
    return STAR in bare or (kept.endswith(STAR) and sum(c.isalnum() for c in bare.split(" ")[-1]) < MIN_STEM)


@dataclass(frozen=True, slots=True)
class Keyword:
    """One line of a channel's lists.

    `applies` limits a trigger to one kind of message (None: both). `block_days` makes a filter block its sender too,
    for so many days or for good (0). `into` is what a replacement becomes. `watched_id` makes a trigger one of what the
    channel watches under this id, and of nothing else.
    """

    role: KeywordRole
    text: str
    applies: MessageKind | None = None
    block_days: int | None = None
    into: str = ""
    watched_id: int = 0


def split_keywords(typed: str) -> list[str]:
    """What a person typed after `add` or `remove`, as keywords: separated by commas or lines, quotes allowed.

    `choque, "vía cerrada", #metro` → `["choque", "vía cerrada", "#metro"]`. A comma inside quotes belongs to
    the keyword. Empty pieces are dropped; a piece that is only quotes is kept as empty, to be refused by name.
    """
    pieces: list[str] = []
    current: list[str] = []
    quoted = was_quoted = False

    def close() -> None:
        text = "".join(current).strip()
        if text or was_quoted:
            pieces.append(text)
        current.clear()

    for char in typed:
        if char in '"“”«»':
            quoted, was_quoted = not quoted, True
        elif char in ",;\n" and not quoted:
            close()
            was_quoted = False
        else:
            current.append(char)
    close()
    return pieces
