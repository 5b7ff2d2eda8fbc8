"""Who helps: `/team` invites people to decide on held messages, and lists them."""

import secrets

from bot.chat.turn import Refusal, Rows, Turn
from models.accounts import team
from models.accounts.channels import Channel
from models.accounts.people import Person
from models.notifications import notices
from models.notifications.kinds import Joined

PREFIX = "team-"


async def command(turn: Turn) -> None:
    """/team"""
    await show(turn, turn.take_channel())


async def show(turn: Turn, channel: Channel) -> None:
    people = team.members(channel.id)
    lines = [
        turn.t(
            "👥 <b>Team of {channel}</b>\nWho is here gets the held messages too and may decide on them. The rest of"
            " the channel stays yours.",
            channel=channel,
        )
    ]
    rows: Rows = [[(f"✕ {p.name or p.telegram_id}", f"unteam:{channel.id}:{p.telegram_id}")] for p in people]
    if not people:
        lines.append(turn.t("Nobody but you yet."))
    rows.append([(turn.t("➕ Invite"), f"invite:{channel.id}"), (turn.t("« Back"), f"panel:{channel.id}")])
    await turn.answer("\n".join(lines), rows)


async def invite(turn: Turn, channel: Channel) -> None:
    """A link for one person, for a day."""
    code = secrets.token_urlsafe(16)
    team.invite(channel.id, code, turn.now)
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
    channel = team.join(code.removeprefix(PREFIX), turn.person.telegram_id, turn.now)
    if channel is None:
        raise Refusal(turn.t("That invitation was used or is too old. Ask for a new one: /team"))
    if channel.owner_id == turn.person.telegram_id:
        raise Refusal(
            turn.t("That is your own channel; the invitation is for somebody else, and is used up now: /team")
        )
    joined = Joined(turn.person.name, turn.person.telegram_id, turn.now)
    notices.tell(channel.owner_id, joined, turn.now, channel_id=channel.id)
    await turn.send(
        turn.t(
            "👥 You are in the team of {channel}. Its held messages come to you too: whoever is first decides. What"
            " waits: /held",
            channel=channel,
        )
    )


async def remove(turn: Turn, channel: Channel, person_id: int) -> None:
    """No longer in the team; with a way back."""
    person = Person.get_or_none(Person.telegram_id == person_id)
    if not team.remove(channel.id, person_id) or person is None:
        await show(turn, channel)
        return
    rows: Rows = [[(turn.t("↩️ Undo"), f"reteam:{channel.id}:{person_id}"), (turn.t("👥 Team"), f"team:{channel.id}")]]
    turn.remember(left={"channel": channel.id, "person": person_id})
    await turn.answer(turn.t("{name} is no longer in the team of {channel}.", name=person.name, channel=channel), rows)


async def put_back(turn: Turn, channel: Channel, person_id: int) -> None:
    """Undo: only for whom was just removed, so that nobody is added who never agreed."""
    if turn.dialogue.get("left") != {"channel": channel.id, "person": person_id}:
        raise Refusal(turn.t("There is nothing left to put back."))
    team.add(channel.id, person_id, turn.now)
    turn.remember()
    await show(turn, channel)
