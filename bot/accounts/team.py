"""Who helps, and as what: `/team` shows them, invites, changes and removes them. All can be tapped and typed.

/team                              who there is
/team invite editor, moderator     a link for one person
/team Mia reader                   other roles
/team remove Mia · /team leave · /team hand over Mia
"""

from dataclasses import replace
from typing import ClassVar

from bot.accounts import handing_over, inviting
from bot.accounts.activity import Activity
from bot.chat import doors, undo
from bot.chat.allowing import role_name, role_names
from bot.chat.handling import handles
from bot.chat.keyboards import Rows, lamp
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn, said_back
from bot.chat.words import REMOVE
from engine import roles
from engine.roles import May, Role
from models.accounts import deeds, people, team
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.accounts.people import Person
from models.notifications import notices
from models.notifications.kinds_of_team import MemberLeft

INVITE = {"invite", "invitar", "invita"}
LEAVE = {"leave", "salir", "dejar", "salgo"}
HAND_OVER = {"hand over", "handover", "traspasar", "entregar", "ceder"}


@button
class MemberCard:
    word: ClassVar[str] = "member"
    channel: int
    person: int


@button
class SetRoles:
    """Somebody is this from now on, and nothing else."""

    word: ClassVar[str] = "setroles"
    channel: int
    person: int
    roles: str


@button
class Remove:
    word: ClassVar[str] = "unteam"
    channel: int
    person: int


@button
class AskLeave:
    """Asks whether the one who pressed wants to leave the team."""

    word: ClassVar[str] = "askleave"
    channel: int


@button
class Leave:
    word: ClassVar[str] = "leaveteam"
    channel: int


async def command(turn: Turn) -> None:
    """/team, and what is typed behind it"""
    channel = turn.take_channel()
    typed = turn.arguments.strip()
    verb, _, rest = typed.partition(" ")
    said = typed.casefold()
    if not typed:
        await show(turn, channel)
        return
    if said in LEAVE:
        await _ask_leave(turn, channel, AskLeave(channel.id))
        return
    turn.needs = May.OWN
    turn.reach(channel.id, May.OWN)
    over = next((words for words in HAND_OVER if said == words or said.startswith(f"{words} ")), None)
    if verb.casefold() in INVITE:
        await inviting.typed(turn, channel, rest)
    elif verb.casefold() in REMOVE:
        await remove(turn, channel, Remove(channel.id, _named(turn, channel, rest).telegram_id))
    elif over is not None:
        person = _named(turn, channel, typed[len(over) :])
        await handing_over.ask(turn, channel, handing_over.Offer(channel.id, person.telegram_id))
    else:
        name, as_what = inviting.parted(typed)
        person = _named(turn, channel, name)
        if as_what:
            await set_roles(turn, channel, SetRoles(channel.id, person.telegram_id, roles.written(as_what)))
        else:
            await show_one(turn, channel, MemberCard(channel.id, person.telegram_id))


def _named(turn: Turn, channel: Channel, typed: str) -> Person:
    """The one of the team who is called so, or has this number. Raises Refusal."""
    name = " ".join(typed.split()).casefold()
    found = [p for p, _ in team.members(channel.id) if name and name in (p.name.casefold(), str(p.telegram_id))]
    if len(found) == 1:
        return found[0]
    if found:
        numbers = ", ".join(str(p.telegram_id) for p in found)
        raise Refusal(
            turn.t(
                "{count} people here are called so. Say which by their number: {numbers}. For example:"
                " /team {number} reader",
                count=len(found),
                numbers=numbers,
                number=found[0].telegram_id,
            )
        )
    there = ", ".join(name_of(p) for p, _ in team.members(channel.id))
    raise Refusal(
        turn.t(
            "Nobody in the team of {channel} is called «{name}». There: {there}. For example: /team invite editor"
            " · /team remove Mia",
            channel=channel,
            name=said_back(typed.strip()),
            there=there or "—",
        )
    )


@handles(doors.Team, by=May.READ)
async def _opened(turn: Turn, channel: Channel, _button: doors.Team) -> None:
    await show(turn, channel)


async def show(turn: Turn, channel: Channel) -> None:
    """Who there is, and as what."""
    members = team.members(channel.id)
    me = turn.person.telegram_id
    owner = people.called(channel.owner_id)
    lines = [
        turn.t(
            "👥 <b>Team of {channel}</b>\n<b>Editors</b> write and schedule. <b>Moderators</b> decide what is held, and"
            " about senders; held messages come to them too. <b>Readers</b> see reports and journal, as all of the team"
            " do. The rest is the owner's.",
            channel=channel,
        ),
        turn.t("• {name}: owner", name=owner),
    ]
    lines += [turn.t("• {name}: {roles}", name=name_of(p), roles=role_names(turn, held)) for p, held in members]
    if not members:
        lines.append(turn.t("Nobody helps yet."))
    if count := team.open_invitations(channel.id, turn.now):
        lines.append(turn.n("{count} invitation is open.", "{count} invitations are open.", count))
    lines += handing_over.lines(turn, channel)
    rows: Rows = [
        [
            (f"{name_of(p)} …", MemberCard(channel.id, p.telegram_id)),
            (f"✕ {name_of(p)}", Remove(channel.id, p.telegram_id)),
        ]
        for p, _ in members
    ]
    rows.append([(turn.t("➕ Invite"), inviting.Invite(channel.id)), (turn.t("📜 Activity"), Activity(channel.id))])
    if count:
        rows.append([(turn.t("✖️ Withdraw invitations"), inviting.Withdraw(channel.id))])
    rows += handing_over.rows(turn, channel)
    if me != channel.owner_id:
        rows.append([(turn.t("🚪 Leave the team"), AskLeave(channel.id))])
    rows.append([(turn.t("« Back"), doors.Panel(channel.id))])
    await turn.answer("\n".join(lines), rows)


def name_of(person: Person) -> str:
    """What they are called."""
    return person.name or str(person.telegram_id)


# --- one of them ---------------------------------------------------------------------------------------------


@handles(MemberCard)
async def show_one(turn: Turn, channel: Channel, card: MemberCard) -> None:
    await _card(turn, channel, card.person)


async def _card(turn: Turn, channel: Channel, person_id: int, undo_id: int = 0) -> None:
    """Their roles, to tap."""
    member = team.one(channel.id, person_id)
    if member is None:
        await show(turn, channel)
        return
    name = people.called(person_id)
    text = turn.t(
        "👤 <b>{name}</b> in {channel}: {roles}\nTap what they shall be. It holds at once, and they are told.",
        name=name,
        channel=channel,
        roles=role_names(turn, member.held),
    )
    rows: Rows = [
        [
            (
                f"{lamp(role in member.held)} {role_name(turn, role)}",
                SetRoles(channel.id, person_id, _other(member, role)),
            )
            for role in Role
        ],
        [undo.undo_button(turn, channel, undo_id)] if undo_id else [],
        [(turn.t("✕ Remove"), Remove(channel.id, person_id))],
        [(turn.t("🤝 Hand the channel over"), handing_over.Offer(channel.id, person_id))],
        [(turn.t("« Team"), doors.Team(channel.id))],
    ]
    await turn.answer(text, rows)


def _other(member: team.Member, role: Role) -> str:
    """Their roles with this one turned over."""
    return roles.written(member.held ^ {role})


@handles(SetRoles)
async def set_roles(turn: Turn, channel: Channel, target: SetRoles) -> None:
    """At once in force, told, and with a way back."""
    as_what = roles.read(target.roles)
    if not as_what:
        raise Refusal(turn.t("Somebody in the team is at least one of these. To take them out of it: ✕ Remove"))
    was = team.before(channel.id, target.person)
    if was is None:
        raise Refusal(turn.t("They are not in the team any more: /team"))

    def change() -> int:
        undo_id = undo.keep(turn, channel, doors.Team(channel.id), replace(was, changed=True))
        if was.roles == target.roles or not team.change(
            channel.id, target.person, as_what, roles.read(was.roles), turn.now
        ):
            undo.drop(undo_id)
            return 0
        _note(turn, channel, Did.ROLES, f"{people.name_of(target.person)}: {target.roles}")
        return undo_id

    undo_id = turn.once("roles", int, change)
    await _card(turn, channel, target.person, undo_id)


@handles(Remove)
async def remove(turn: Turn, channel: Channel, button: Remove) -> None:
    """No longer in the team; with a way back."""
    was = team.before(channel.id, button.person)

    def take_out() -> int:
        if was is None:
            return 0
        undo_id = undo.keep(turn, channel, doors.Team(channel.id), was)
        if team.remove(channel.id, button.person, turn.now):
            _note(turn, channel, Did.REMOVED, people.name_of(button.person))
            return undo_id
        undo.drop(undo_id)
        return 0

    undo_id = turn.once("removed", int, take_out)
    if not undo_id:
        await show(turn, channel)
        return
    name = people.called(button.person)
    await turn.answer(
        turn.t("{name} is no longer in the team of {channel}.", name=name, channel=channel),
        [[undo.undo_button(turn, channel, undo_id), (turn.t("👥 Team"), doors.Team(channel.id))]],
    )


@handles(AskLeave, by=May.READ)
async def _ask_leave(turn: Turn, channel: Channel, _button: AskLeave) -> None:
    if channel.owner_id == turn.person.telegram_id:
        raise Refusal(turn.t("You are the owner. Hand the channel over first: /team, and tap who shall have it."))
    await turn.answer(
        turn.t("Leave the team of {channel}? Only its owner can take you back.", channel=channel),
        [[(turn.t("Yes, leave"), Leave(channel.id)), (turn.t("« Team"), doors.Team(channel.id))]],
    )


@handles(Leave, by=May.READ)
async def _leave(turn: Turn, channel: Channel, _button: Leave) -> None:
    """Not in the team any more, by one's own will; the owner is told."""
    me = turn.person.telegram_id

    def go() -> bool:
        if not team.leave(channel.id, me, turn.now):
            return False
        _note(turn, channel, Did.LEFT)
        notices.tell(channel.owner_id, MemberLeft(me, turn.now), turn.now, channel_id=channel.id)
        return True

    if not turn.once("left", bool, go):
        await _ask_leave(turn, channel, AskLeave(channel.id))
        return
    await turn.answer(turn.t("You are no longer in the team of {channel}.", channel=channel))


def _note(turn: Turn, channel: Channel, did: Did, about: str = "") -> None:
    deeds.note(channel.id, turn.person.telegram_id, did, turn.now, about)
