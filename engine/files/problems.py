"""What a file comes to: its entries, and what is wrong with it, by line."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

SHOWN = 60

Entry = TypeVar("Entry")


class Wrong(StrEnum):
    """What may be wrong with any table. Each format has reasons of its own beside these."""

    NO_TEXT = "no_text"  # a picture, a workbook of another program: no table at all
    CHAT = "chat"  # what a messenger exports
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    STOPPED = "stopped"  # so much was wrong that the rest was not read
    HEADER = "header"
    TWICE = "twice"
    SHEETS = "sheets"
    LONG_FIELD = "long_field"
    OPEN_QUOTE = "open_quote"
    UNREADABLE = "unreadable"  # characters that no text has, or that the encoding has lost
    CELLS = "cells"
    VALUE = "value"  # an error of a spreadsheet, or a result that was never worked out, where a text should be


@dataclass(frozen=True, slots=True)
class Problem:
    """A line (from 1, the header counted) that can't be used: why, and how it begins."""

    line: int
    reason: StrEnum
    text: str = ""


@dataclass
class Read(Generic[Entry]):
    """What a file holds: its entries in their order, how many lines said again what was there, and what is wrong.

    `unknown` are columns that the format has not, `hidden` counts the rows that a spreadsheet does not show. `doubt` is
    a date that may be read in two ways, as it stands in the file.
    """

    entries: list[Entry] = field(default_factory=list)
    repeated: int = 0
    problems: list[Problem] = field(default_factory=list)
    unknown: tuple[str, ...] = ()
    hidden: int = 0
    doubt: str = ""
