"""How a kind of notice is declared: how it is stored and read, its switch, whether it folds and hurries."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Protocol, TypeVar

import structlog
from pydantic import TypeAdapter, ValidationError

from engine.roles import May

log = structlog.get_logger()


class NoticeKind(StrEnum):
    """What a notice tells. The values are stored, so they never change."""

    POSTED = "posted"  # a message is on X
    SAID = "said"  # what a person wrote or planned is on X
    UNDO_FAILED = "undo_failed"  # X won't take a tweet back
    FAILED = "failed"  # X won't have a tweet
    EXPIRED = "expired"  # it was too late for a tweet
    ON_HOLD = "on_hold"  # X wants no more of the channel for now
    TOKEN_DEAD = "token_dead"  # the channel must be signed in anew  # noqa: S105
    LOCKED = "locked"  # X has locked the account
    TROUBLED = "troubled"  # something holds a channel up
    TROUBLE_OVER = "trouble_over"  # and no longer does
    ALARM = "alarm"  # something is wrong with the service: for who runs it
    ALARM_OVER = "alarm_over"  # and no longer is
    PAUSED = "paused"  # who runs the service has paused a channel
    RESUMED = "resumed"  # and lets it go on
    WHILE_OFF = "while_off"  # what becomes of what waited, or fell due, while a channel was off
    CONNECTED = "connected"  # the channel was signed in
    SIGN_IN_WAITS = "sign_in_waits"  # somebody came back from X and must be confirmed
    HELD = "held"  # a message waits for a decision
    SENDER_BLOCKED = "sender_blocked"  # a rule blocked a sender
    BLOCK_OVER = "block_over"  # the days of a block that a person set have passed
    OPTED_OUT = "opted_out"  # somebody asked not to be reposted
    OPTED_IN = "opted_in"  # and allows it again
    EDITED = "edited"  # a message was edited after it went out
    TAKEN_BACK = "taken_back"  # who wrote what went out has deleted it
    JOINED = "joined"  # somebody became a member
    MEMBER_LEFT = "member_left"  # and is none any more, by themselves
    TEAM_CHANGED = "team_changed"  # what somebody may do in a team is another
    OFFERED = "offered"  # the owner wants somebody to have the channel
    HANDED_OVER = "handed_over"  # what became of that
    SKIPPED = "skipped"  # times of a schedule went by in a silence of ours
    STOPPED = "stopped"  # a schedule is paused, as it can't be worked out
    DAY_USED = "day_used"  # much, or all, of the app's posts of a day is said
    DAY_FULL = "day_full"  # X takes no more posts of the app today
    CARD = "card"  # a message's card was opened
    PLANNED = "planned"  # what a person has planned was said back
    ON_ITS_WAY = "on_its_way"  # what a person said was sent on its way to X
    CHAT_KEYS = "chat_keys"  # whether a channel's encrypted DMs can be read
    WATCH_STOPPED = "watch_stopped"  # what a channel watches is heard no more, for today or until somebody looks
    UNREADABLE = "unreadable"  # encrypted DMs of a channel could not be read
    ASKED_IN = "asked_in"  # somebody asks to come in: for who runs the service
    CAME_IN = "came_in"  # somebody was let in
    REFUSED = "refused"  # somebody asked, and was not let in
    PUT_OUT = "put_out"  # somebody was in, and is not any more
    BUDGET = "budget"  # much, or all, of the money of a month is used, and what has stopped for it
    BUDGET_OVER = "budget_over"  # and goes on
    CREDITS_LOW = "credits_low"  # the app's credits at X will be gone soon: for who runs the service
    DESK = "desk"  # a channel's desk was put up, moved or lost


class Setting(StrEnum):
    """What a person can switch off for a channel; what went wrong has no switch. The values are stored."""

    POSTED = "posted"
    SAID = "said"
    HELD = "held"
    SENDER_BLOCKED = "sender_blocked"
    BLOCK_OVER = "block_over"
    EDITED = "edited"
    SKIPPED = "skipped"
    JOINED = "joined"


class Folding(StrEnum):
    """When several notices of a kind become one Telegram message."""

    NEVER = "never"
    IN_A_CROWD = "in_a_crowd"  # where many are told at the same time
    ALWAYS = "always"  # and into the message that was told just before

    @property
    def folds(self) -> bool:
        return self is not Folding.NEVER


class Told(Protocol):
    """What every kind has: `once` is what tells it from others of its kind; the same is told a person once."""

    @property
    def once(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """How notices of a class are stored, switched, folded, whether they go before others, and whom of a channel's team
    they concern: who may do any of `to`.
    """

    stored: NoticeKind
    setting: Setting | None
    folding: Folding
    urgent: bool
    to: May = May.OWN


T = TypeVar("T", bound=Told)
_kinds: dict[type[Told], Kind] = {}
_classes: dict[str, type[Told]] = {}


def told_as(
    stored: NoticeKind,
    setting: Setting | None = None,
    folding: Folding = Folding.NEVER,
    *,
    urgent: bool = False,
    to: May = May.OWN,
) -> Callable[[type[T]], type[T]]:
    """Make a frozen dataclass the value of a kind; without a setting it is always told.

    `to` says whom of a channel's team it concerns, beside its owner; nothing said is the owner's alone.
    `urgent` is what asks the person to decide, what they wait for, and what says that something broke: it is told
    before what else waits for them, and rather twice than never.

    Its fields have defaults, so that what another release stored is read.
    """

    def declared(value: type[T]) -> type[T]:
        _kinds[value] = Kind(stored, setting, folding, urgent, to)
        _classes[stored] = value
        return value

    return declared


def kinds() -> Mapping[type[Told], Kind]:
    """All kinds, by their class."""
    return _kinds


def kind_of(notice: Told) -> Kind:
    """How a notice is stored, switched and folded."""
    return _kinds[type(notice)]


def urgent_kinds() -> list[NoticeKind]:
    """What goes before others, as it is stored."""
    return [kind.stored for kind in _kinds.values() if kind.urgent]


def packed(notice: Told) -> str:
    """A notice as it is stored."""
    return _adapter(type(notice)).dump_json(notice).decode()


def unpacked(stored: str, data: str, **known: int | None) -> Told | None:
    """The notice of a stored kind; None, with a log line, where nobody knows it any more.

    What is missing gets its default, or what is `known` from elsewhere; what can't be read counts as missing.
    """
    value = _classes.get(stored)
    if value is None:
        log.warning("a notice of an unknown kind", kind=stored)
        return None
    try:
        read = json.loads(data)
    except ValueError:
        read = {}
    fields = {n: v for n, v in known.items() if v is not None} | (read if isinstance(read, dict) else {})
    try:
        return _read(value, fields)
    except ValidationError as error:
        wrong = {str(e["loc"][0]) for e in error.errors() if e["loc"]}
        log.warning("a notice that is partly unreadable", kind=stored, fields=sorted(wrong))
        return _read(value, {n: v for n, v in fields.items() if n not in wrong})


def _read(value: type[Told], fields: dict[str, Any]) -> Told:
    notice: Told = _adapter(value).validate_python(fields)
    return notice


@cache
def _adapter(value: type[Told]) -> TypeAdapter[Any]:
    return TypeAdapter(value)
