"""Roles: what somebody is to a channel, and what each may do to it. Who has no role may do nothing."""

from collections.abc import Iterable
from enum import Flag, StrEnum


class May(Flag):
    """What may be done to a channel. What needs one of several may be done by who may do any of them.

    The values are stored, so they never change.
    """

    READ = 1  # its panel, its reports, its journal
    DECIDE = 2  # what is held, and who is blocked or trusted
    WRITE = 4  # what it says, and when
    OWN = 8  # its rules and choices, its access to X, its team


class Role(StrEnum):
    """What a member of the team is; several may be held. The values are stored, so they never change."""

    EDITOR = "editor"
    MODERATOR = "moderator"
    READER = "reader"


NOTHING = May(0)
EVERYTHING = May.READ | May.DECIDE | May.WRITE | May.OWN
GRANTS = {
    Role.EDITOR: May.READ | May.WRITE,
    Role.MODERATOR: May.READ | May.DECIDE,
    Role.READER: May.READ,
}


def granted(roles: Iterable[Role]) -> May:
    """What these roles together allow."""
    found = NOTHING
    for role in roles:
        found |= GRANTS[role]
    return found


def able_to(need: May) -> list[Role]:
    """The roles that allow any of what is needed; the owner is none of them."""
    return [role for role in Role if GRANTS[role] & need]


def written(roles: Iterable[Role]) -> str:
    """Roles as they are stored and carried: each once, in their order."""
    held = set(roles)
    return ",".join(role for role in Role if role in held)


def read(kept: str) -> frozenset[Role]:
    """Roles as they were written; what another release wrote is none."""
    known = {str(role): role for role in Role}
    return frozenset(known[word] for word in kept.split(",") if word in known)
