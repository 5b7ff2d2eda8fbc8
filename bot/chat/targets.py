"""What a button carries: a small value that packs itself into Telegram's 64 bytes, and is unpacked by one function.

A value is declared with `@button` beside its handler (`bot/chat/handling.py`), or among the doors (`bot/chat/doors.py`)
where other panels lead to it. Its ids say what they are of, so that they are checked where buttons are unpacked: an id
of another channel never reaches a handler.
"""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from functools import cache
from typing import (
    Annotated,
    Any,
    ClassVar,
    Protocol,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from models.database import Table
from models.moderation.lists import Keyword
from models.moderation.senders import Sender
from models.publishing.drafts import DraftRow
from models.publishing.hashtags import Hashtag
from models.publishing.tweets import Tweet
from models.scheduling.schedules import Schedule
from models.streaming.messages import Message
from models.streaming.optouts import OptOut
from models.undoing import Undo
from models.watching.drafts import WatchDraft
from models.watching.watched import Watched

MOST_BYTES = 64
MOST_BITS = 63  # of a number that both databases take


@dataclass(frozen=True, slots=True)
class Of:
    """Says of which table an id is; its rows belong to channels."""

    table: type[Table]


MessageId = Annotated[int, Of(Message)]
TweetId = Annotated[int, Of(Tweet)]
ScheduleId = Annotated[int, Of(Schedule)]
KeywordId = Annotated[int, Of(Keyword)]
SenderId = Annotated[int, Of(Sender)]
OptOutId = Annotated[int, Of(OptOut)]
HashtagId = Annotated[int, Of(Hashtag)]
DraftId = Annotated[int, Of(DraftRow)]
UndoId = Annotated[int, Of(Undo)]
WatchedId = Annotated[int, Of(Watched)]
WatchDraftId = Annotated[int, Of(WatchDraft)]


class Target(Protocol):
    """A button's value. Its word is the first thing in the data, and never changes: messages keep their buttons."""

    word: ClassVar[str]


class UnknownButton(Exception):
    """The data is of no button that there is: of an older release, or made up."""


Kind = TypeVar("Kind")
TARGETS: dict[str, type[Any]] = {}


@dataclass_transform(frozen_default=True)
def button(cls: type[Kind]) -> type[Kind]:
    """Declare a button's value: a frozen dataclass with its `word`."""
    made = dataclass(frozen=True)(cls)
    word: str = made.word  # type: ignore[attr-defined]
    if word in TARGETS:
        raise ValueError(f"two buttons have the word {word}")
    TARGETS[word] = made
    return made


def pack(target: Target) -> str:
    """The data of a button. Raises ValueError where it is longer than Telegram takes."""
    values = [_written(getattr(target, name)) for name in _kinds(type(target))]
    data = ":".join([target.word, *values])
    if len(data.encode()) > MOST_BYTES:
        raise ValueError(f"{len(data.encode())} bytes are too many for a button: {data!r}")
    return data


def unpack(data: str) -> Target:
    """The value of a button's data. Raises UnknownButton."""
    word, *parts = data.split(":")
    cls = TARGETS.get(word)
    if cls is None:
        raise UnknownButton(word)
    kinds = _kinds(cls)  # type: ignore[arg-type]
    if len(parts) > len(kinds) > 0:  # a text at the end may hold colons
        parts = [*parts[: len(kinds) - 1], ":".join(parts[len(kinds) - 1 :])]
    needed = sum(f.default is MISSING for f in fields(cls))
    if not needed <= len(parts) <= len(kinds):
        raise UnknownButton(word)
    try:
        values = {name: _read(kind, part) for (name, (kind, _)), part in zip(kinds.items(), parts, strict=False)}
    except ValueError:
        raise UnknownButton(word) from None
    return cls(**values)  # type: ignore[no-any-return]


def ids_of(target: Target) -> list[tuple[type[Table], int]]:
    """The ids that a button carries, with their tables; 0 is none."""
    kinds = _kinds(type(target))
    return [(of.table, getattr(target, n)) for n, (_, of) in kinds.items() if of is not None and getattr(target, n)]


def cut(text: str, most: int) -> str:
    """As much of a text as fits into so many bytes, for a button that carries one."""
    return text.encode()[:most].decode(errors="ignore")


@cache
def _kinds(cls: Any) -> Mapping[str, tuple[type[Any], Of | None]]:
    """The fields of a value, in their order: what each is, and of which table it is an id."""
    found: dict[str, tuple[type[Any], Of | None]] = {}
    for name, hint in get_type_hints(cls, include_extras=True).items():
        if get_origin(hint) is ClassVar:
            continue
        if get_origin(hint) is Annotated:
            kind, of = get_args(hint)[:2]
            found[name] = (kind, of)
        else:
            found[name] = (hint, None)
    return found


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return value.value if isinstance(value, StrEnum) else str(value)


def _read(kind: type[Any], part: str) -> Any:
    """Raises ValueError for what is no such value."""
    if kind is bool:
        if part not in ("on", "off"):
            raise ValueError(part)
        return part == "on"
    value = kind(part)
    if kind is int and value.bit_length() > MOST_BITS:
        raise ValueError(part)
    return value
