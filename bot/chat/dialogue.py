"""What the next message answers, and nothing else. A step is a value, declared with `@step` beside its handler.

It says what it takes: text, a photo (or GIF, or video), a file. Any command ends it, and any button that is not its
own; looking at a panel begins none. It is kept with the person, so that a restart of the bot does not forget it.
"""

import json
from dataclasses import asdict, dataclass
from enum import Flag, auto
from typing import Any, ClassVar, Protocol, TypeVar, dataclass_transform

from pydantic import TypeAdapter, ValidationError


class Takes(Flag):
    """What a step waits for."""

    TEXT = auto()
    PHOTO = auto()
    FILE = auto()


class Step(Protocol):
    """What is waited for. A class variable `own` may name the buttons under its question, which don't end it."""

    word: ClassVar[str]
    takes: ClassVar[Takes]


Kind = TypeVar("Kind")
STEPS: dict[str, type[Any]] = {}
_KEPT = TypeAdapter(dict[str, Any])


@dataclass_transform(frozen_default=True)
def step(cls: type[Kind]) -> type[Kind]:
    """Declare a step: a frozen dataclass with its `word`, what it `takes`, and its `own` buttons if any."""
    made = dataclass(frozen=True)(cls)
    word: str = made.word  # type: ignore[attr-defined]
    if word in STEPS:
        raise ValueError(f"two steps have the word {word}")
    STEPS[word] = made
    return made


def owns(waiting: Step, target: type[Any]) -> bool:
    """Whether a button stands under this step's own question."""
    return target in getattr(waiting, "own", ())


def written(waiting: Step) -> str:
    """A step as it is kept with the person."""
    return json.dumps({"step": waiting.word, **asdict(waiting)}, ensure_ascii=False)  # type: ignore[call-overload]


def read(kept: str) -> Step | None:
    """The step that was kept; None where there is none, or one of another release."""
    if not kept:
        return None
    try:
        values = _KEPT.validate_json(kept)
        cls = STEPS.get(str(values.pop("step", "")))
        return None if cls is None else TypeAdapter(cls).validate_python(values)
    except ValidationError:
        return None
