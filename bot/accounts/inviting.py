"""Inviting into a team: a link for one person, for a day, with the roles that they get."""

import secrets
from typing import ClassVar

from bot.chat import doors
from bot.chat.allowing import role_name, role_names
from bot.chat.handling import handles
from bot.chat.keyboards import Rows, lamp
from bot.chat.language import Speaker
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn, said_back
from engine import roles
from engine.roles import Role
from models.accounts import deeds, team
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.notifications import notices
from models.notifications.kinds import Joined
from models.settings import settings

PREFIX = "team-"
WORDS = {
    **dict.fromkeys(("editor", "editors", "editora", "editoras", "editores"), Role.EDITOR),
    **dict.fromkeys(("moderator", "moderators", "mod", "moderador", "moderadora", "moderadores"), Role.MODERATOR),
    **dict.fromkeys(("reader", "readers", "lector", "lectora", "lectores", "lectoras"), Role.READER),
}
BETWEEN = {"and", "y", "e", "as", "como", "+", "&", "a", "an", "un", "una"}


@button
class Invite:
    """For which roles?"""

    word: ClassVar[str] = "invite"
    channel: int
    roles: str = Role.MODERATOR.value


@button
class MakeLink:
    """A link for one person, who gets these roles."""

    word: ClassVar[str] = "invitelink"
    channel: int
    roles: str


@button
class Withdraw:
    """Nobody comes by a link that was made before."""

    word: ClassVar[str] = "uninvite"
    channel: int


def parted(typed: str) -> tuple[str, frozenset[Role]]:
    """A name and the roles that stand behind it."""
    words = typed.replace(",", " ").split()
    found: set[Role] = set()
    while words and (words[-1].casefold() in WORDS or (found and words[-1].casefold() in BETWEEN)):
        word = words.pop().casefold()
        if word in WORDS:
            found.add(WORDS[word])
    return " ".join(words), frozenset(found)


async def typed(turn: Turn, channel: Channel, said: str) -> None:
    """/team invite editor, moderator"""
    if not said.strip():
        await choose(turn, channel, Invite(channel.id))
        return
    rest, as_what = parted(said)
    if rest or not as_what:
        raise Refusal(
            turn.t(
                "As what? «{typed}» is no role: editor, moderator or reader, or several. For example:"
                " /team invite editor, moderator",
                typed=said_back(rest or said),
            )
        )
    await make(turn, channel, MakeLink(channel.id, roles.written(as_what)))


@handles(Invite)
async def choose(turn: Turn, channel: Channel, target: Invite) -> None:
    """For which roles, to tap."""
    chosen = roles.read(target.roles) or frozenset({Role.MODERATOR})
    text = turn.t(
        "➕ Invite somebody into the team of {channel} as: {roles}\nTap what they shall be, then make the link.",
        channel=channel,
        roles=role_names(turn, chosen),
    )
    rows: Rows = [
        [
            (f"{lamp(role in chosen)} {role_name(turn, role)}", Invite(channel.id, roles.written(chosen ^ {role})))
            for role in Role
        ],
        [(turn.t("🔗 Make the link"), MakeLink(channel.id, roles.written(chosen)))],
        [(turn.t("« Team"), doors.Team(channel.id))],
    ]
    await turn.answer(text, rows)


@handles(MakeLink)
async def make(turn: Turn, channel: Channel, target: MakeLink) -> None:
    """It works once, for a day."""
    as_what = roles.read(target.roles)
    if not as_what:
        raise Refusal(turn.t("Which role shall they have? For example: /team invite moderator"))

    def kept() -> str:
        code = secrets.token_urlsafe(16)
        team.invite(channel.id, code, as_what, turn.now)
        deeds.note(channel.id, turn.person.telegram_id, Did.INVITED, turn.now, roles.written(as_what))
        return code

    code = turn.once("invited", str, kept)
    link = settings().link_to(turn.update.get_bot().username, start=PREFIX + code)
    await turn.send(
        turn.t(
            "Send this to whom you trust; it works once, for a day, and makes them {roles} of {channel}:\n{link}\nOr"
            " they write me: <code>/start {code}</code>",
            roles=role_names(turn, as_what),
            channel=channel,
            link=link,
            code=PREFIX + code,
        )
    )


@handles(Withdraw)
async def withdraw(turn: Turn, channel: Channel, _button: Withdraw) -> None:
    """All that are open, since nobody can tell them apart."""

    def gone() -> int:
        count = team.withdraw(channel.id, turn.now)
        if count:
            deeds.note(channel.id, turn.person.telegram_id, Did.WITHDREW, turn.now)
        return count

    count = turn.once("withdrawn", int, gone)
    await turn.answer(
        turn.n("{count} invitation can't be used any more.", "{count} invitations can't be used any more.", count),
        [[(turn.t("➕ Invite"), Invite(channel.id)), (turn.t("« Team"), doors.Team(channel.id))]],
    )


async def join(turn: Turn, code: str) -> None:
    """/start team-CODE"""
    me = turn.person.telegram_id

    def joins() -> int:
        channel = team.join(code.removeprefix(PREFIX), me, turn.now)
        if channel is None:
            return 0
        if channel.owner_id != me:
            deeds.note(channel.id, me, Did.JOINED, turn.now)
            joined = Joined(turn.person.name, me, turn.now)
            notices.tell(channel.owner_id, joined, turn.now, channel_id=channel.id)
        return channel.id

    channel = Channel.get_or_none(Channel.id == turn.once("joined", int, joins))
    if channel is None:
        raise Refusal(turn.t("That invitation was used or is too old. Ask for a new one: /team"))
    member = team.one(channel.id, me)
    if member is None:
        raise Refusal(turn.t("That is your own channel; the invitation is for somebody else, and still holds: /team"))
    lines = [
        turn.t("👥 You are in the team of {channel}: {roles}.", channel=channel, roles=role_names(turn, member.held))
    ]
    lines += what_for(turn, member.held)
    await turn.send(
        "\n".join(lines), [[(str(channel), doors.Panel(channel.id)), (turn.t("👥 Team"), doors.Team(channel.id))]]
    )


def what_for(say: Speaker, held: frozenset[Role]) -> list[str]:
    """What somebody with these roles does here."""
    lines = []
    if Role.MODERATOR in held:
        lines.append(say.t("Its held messages come to you too: whoever is first decides. What waits: /held"))
    if Role.EDITOR in held:
        lines.append(say.t("Write me what it shall say, or: /post · /schedule · /queue"))
    lines.append(say.t("What happened: /status · /history · /log"))
    return lines
