"""Who helps: `/team` invites people to decide on held messages, and lists them."""

import secrets
from typing import ClassVar

from bot.chat import doors, undo
from bot.chat.handling import handles
from bot.chat.keyboards import Rows
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn
from engine.roles import May, Role
from models.accounts import people, team
from models.accounts.channels import Channel
from models.notifications import notices
from models.notifications.kinds import Joined

PREFIX = "team-"


@button
class Invite:
    word: ClassVar[str] = "invite"
    channel: int


@button
class Remove:
    word: ClassVar[str] = "unteam"
    channel: int
    person: int


async def command(turn: Turn) -> None:
    """/team"""
    await show(turn, turn.take_channel())


@handles(doors.Team, by=May.READ)
async def _opened(turn: Turn, channel: Channel, _button: doors.Team) -> None:
    await show(turn, channel)


async def show(turn: Turn, channel: Channel) -> None:
    members = team.members(channel.id)
    lines = [
        turn.t(
            "👥 <b>Team of {channel}</b>\nWho is here gets the held messages too and may decide on them. The rest of"
            " the channel stays yours.",
            channel=channel,
        )
    ]
    rows: Rows = [[(f"✕ {p.name or p.telegram_id}", Remove(channel.id, p.telegram_id))] for p, _ in members]
    if not members:
        lines.append(turn.t("Nobody but you yet."))
    rows.append([(turn.t("➕ Invite"), Invite(channel.id)), (turn.t("« Back"), doors.Panel(channel.id))])
    await turn.answer("\n".join(lines), rows)


@handles(Invite)
async def invite(turn: Turn, channel: Channel, _button: Invite) -> None:
    """A link for one person, for a day."""
    code = secrets.token_urlsafe(16)
    team.invite(channel.id, code, {Role.MODERATOR}, turn.now)
    link = f"https://t.me/{turn.update.get_bot().username}?start={PREFIX}{code}"
    await turn.send(
        turn.t(
            "Send this to whom you trust; it works once, for a day:\n{link}\nOr they write me:"
            " <code>/start {code}</code>",
            link=link,
            code=PREFIX + code,
        )
    )


async def join(turn: Turn, code: str) -> None:
    """/start team-CODE"""

    def joins() -> int:
        channel = team.join(code.removeprefix(PREFIX), turn.person.telegram_id, turn.now)
        if channel is None:
            return 0
        if channel.owner_id != turn.person.telegram_id:
            joined = Joined(turn.person.name, turn.person.telegram_id, turn.now)
            notices.tell(channel.owner_id, joined, turn.now, channel_id=channel.id)
        return channel.id

    channel = Channel.get_or_none(Channel.id == turn.once("joined", int, joins))
    if channel is None:
        raise Refusal(turn.t("That invitation was used or is too old. Ask for a new one: /team"))
    if channel.owner_id == turn.person.telegram_id:
        raise Refusal(
            turn.t("That is your own channel; the invitation is for somebody else, and is used up now: /team")
        )
    await turn.send(
        turn.t(
            "👥 You are in the team of {channel}. Its held messages come to you too: whoever is first decides. What"
            " waits: /held",
            channel=channel,
        )
    )


@handles(Remove)
async def remove(turn: Turn, channel: Channel, button: Remove) -> None:
    """No longer in the team; with a way back."""

    def take_out() -> int:
        undo_id = undo.keep(turn, channel, doors.Team(channel.id), team.MemberBefore(button.person))
        if team.remove(channel.id, button.person):
            return undo_id
        undo.drop(undo_id)
        return 0

    undo_id = turn.once("removed", int, take_out)
    if not undo_id:
        await show(turn, channel)
        return
    name = people.name_of(button.person)
    await turn.answer(
        turn.t("{name} is no longer in the team of {channel}.", name=name, channel=channel),
        [[undo.undo_button(turn, channel, undo_id), (turn.t("👥 Team"), doors.Team(channel.id))]],
    )
