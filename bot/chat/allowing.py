"""What a person may press of what a panel offers, and what they are told where they may not."""

from collections.abc import Collection
from typing import Any

from bot.chat.keyboards import Button, Rows
from bot.chat.language import Speaker
from engine.roles import EVERYTHING, May, Role, able_to
from models.accounts import channels, team
from models.accounts.channels import Channel
from models.notifications import desks

#: What each button takes, as it is registered (bot/chat/handling.py); None for one that is about no channel.
NEEDS: dict[type[Any], May | None] = {}


def offered(rows: Rows | None, person_id: int) -> Rows:
    """The buttons that the person may press at this moment; the others are left out.

    At a desk many read, and whoever presses is looked at then.
    """
    if desks.is_desk(person_id):
        return rows or []
    known: dict[int, May] = {}

    def may_press(button: Button) -> bool:
        needs = NEEDS.get(type(button[1]))
        channel_id: int | None = getattr(button[1], "channel", None)
        if needs is None or channel_id is None:
            return True
        if channel_id not in known:
            channel = channels.one(channel_id)
            known[channel_id] = EVERYTHING if channel is None else team.allowed(channel, person_id)
        return bool(known[channel_id] & needs)

    kept = [[button for button in row if may_press(button)] for row in rows or []]
    return [row for row in kept if row]


def why_not(say: Speaker, channel: Channel, person_id: int, needs: May) -> str:
    """Why they may not do this to a channel; of one that is not theirs nothing is said."""
    member = team.one(channel.id, person_id)
    if member is None:
        return say.t("That button is not for you: the channel belongs to somebody else.")
    return say.t(
        "That is not for you in {channel}: it takes {needed}, and you are {roles}. Its owner can change that: /team",
        channel=channel,
        needed=able_names(say, needs),
        roles=role_names(say, member.held),
    )


def role_name(say: Speaker, role: Role) -> str:
    """What somebody is."""
    match role:
        case Role.EDITOR:
            return say.t("editor")
        case Role.MODERATOR:
            return say.t("moderator")
        case Role.READER:
            return say.t("reader")


def role_names(say: Speaker, held: Collection[Role]) -> str:
    """What somebody is, of several."""
    return ", ".join(role_name(say, role) for role in Role if role in held) or "—"


def able_names(say: Speaker, needs: May) -> str:
    """Who may do what needs this: the owner, or who has one of some roles."""
    return " / ".join(role_name(say, role) for role in able_to(needs)) or say.t("the owner")
