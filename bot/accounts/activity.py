"""What each of a team did: `/activity`, by person, a page at a time; kept for 90 days."""

from typing import ClassVar

from bot.chat import doors, switches
from bot.chat.allowing import role_names
from bot.chat.handling import handles
from bot.chat.keyboards import Button, Rows, in_rows
from bot.chat.language import N_, Sentence, Speaker
from bot.chat.moments import moment
from bot.chat.spoken import Example
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn, said_back
from engine import roles
from models.accounts import choices, deeds, people
from models.accounts.channels import Channel
from models.accounts.deeds import Deed, Did

PAGE = 12
MOST_PEOPLE = 12
DONE = {
    Did.PUBLISHED: N_("published a held message"),
    Did.PUBLISHED_EDITED: N_("published a held message in other words"),
    Did.IGNORED: N_("ignored a held message"),
    Did.HELD_AGAIN: N_("held a message again"),
    Did.SENDER: N_("changed how a sender stands"),
    Did.OPT_OUT: N_("changed who is not reposted"),
    Did.POSTED: N_("posted something"),
    Did.PLANNED: N_("planned a post"),
    Did.SCHEDULE: N_("changed a schedule"),
    Did.QUEUE: N_("changed the queue"),
    Did.CANCELLED: N_("took back a post that waited"),
    Did.TOOK_BACK: N_("took a post back from X"),
    Did.WENT_ON: N_("let a post go on"),
    Did.WORDS: N_("changed words"),
    Did.CHOICES: N_("changed choices"),
    Did.HASHTAG: N_("changed a hashtag"),
    Did.WATCHED: N_("changed what is watched"),
    Did.DESK: N_("changed the desk"),
    Did.BUDGET: N_("changed the budget"),
    Did.FILE: N_("brought a file in"),
    Did.COPIED: N_("copied the rules of another channel"),
    Did.TURNED_ON: N_("turned the channel on"),
    Did.TURNED_OFF: N_("turned the channel off"),
    Did.CONNECTED: N_("connected the channel"),
    Did.DISCONNECTED: N_("disconnected the channel"),
    Did.CHAT_KEYS: N_("made keys for encrypted DMs"),
    Did.UNDID: N_("undid a change"),
    Did.INVITED: N_("invited somebody"),
    Did.WITHDREW: N_("withdrew the open invitations"),
    Did.JOINED: N_("joined the team"),
    Did.ROLES: N_("changed roles"),
    Did.REMOVED: N_("removed somebody from the team"),
    Did.LEFT: N_("left the team"),
    Did.OFFERED: N_("offered the channel"),
    Did.HANDED_OVER: N_("took the channel over"),
}
#: The command by which each choice is made; what is a switch has its label.
MADE_BY = {
    "mentions": "/mentions", "dms": "/dms", "replies": "/replies", "gap": "/gap", "fresh": "/fresh", "zone": "/zone",
    "mention hours": "/hours", "dm hours": "/hours", "outside": "/hours", "review": "/review", "repeats": "/repeats",
    "burst most": "/burst", "burst minutes": "/burst", "form": "/form", "long": "/long", "language": "/writing",
    "credit": "/credit", "names": "/names", "hashtags": "/hashtags", "slots": "/slots", "deleted": "/deleted",
}  # fmt: skip


@button
class Activity:
    """What each of a team did."""

    word: ClassVar[str] = "activity"
    channel: int


@button
class Page:
    """The deeds before this one (0: the newest), of one person or of all (0)."""

    word: ClassVar[str] = "deeds"
    channel: int
    person: int
    before: int = 0


async def command(turn: Turn) -> None:
    """/activity [name]"""
    channel = turn.take_channel()
    name = " ".join(turn.arguments.split()).casefold()
    if not name:
        await show(turn, channel)
        return
    doers = {i: people.called(i) for i in deeds.doers(channel.id)}
    called = [i for i, known in doers.items() if name in (known.casefold(), str(i))]
    if len(called) > 1:
        numbers = ", ".join(map(str, called))
        raise Refusal(
            turn.t(
                "{count} people here are called so. Say which by their number: {numbers}. For example:"
                " /activity {number}",
                count=len(called),
                numbers=numbers,
                number=called[0],
            )
        )
    if not called:
        raise Refusal(
            turn.t(
                "«{name}» has done nothing in {channel} that I remember. Who has: {names}. For example: /activity",
                name=said_back(turn.arguments),
                channel=channel,
                names=", ".join(doers.values()) or "—",
            )
        )
    await show(turn, channel, called[0])


@handles(Activity)
async def _opened(turn: Turn, channel: Channel, _button: Activity) -> None:
    await show(turn, channel)


@handles(Page)
async def _paged(turn: Turn, channel: Channel, target: Page) -> None:
    await show(turn, channel, target.person, target.before)


async def show(turn: Turn, channel: Channel, person_id: int = 0, before: int = 0) -> None:
    """A page, the newest first."""
    found = deeds.of_channel(channel.id, PAGE + 1, person_id=person_id, before=before)
    lines = [turn.t("📜 <b>Activity in {channel}</b>", channel=channel)]
    lines += [_line(turn, channel, deed) for deed in found[:PAGE]]
    if not found:
        lines.append(turn.t("Nothing yet."))
    turning: list[Button] = [("⏮", Page(channel.id, person_id))] if before else []
    if len(found) > PAGE:
        turning.append(("▶", Page(channel.id, person_id, found[PAGE - 1].id)))
    doers = deeds.doers(channel.id)[:MOST_PEOPLE]
    whose: list[Button] = [(people.called(i), Page(channel.id, i)) for i in doers] if len(doers) > 1 else []
    rows: Rows = [
        turning,
        *in_rows(whose, 3),
        [(turn.t("Everybody"), Page(channel.id, 0))] if person_id else [],
        [(turn.t("👥 Team"), doors.Team(channel.id)), (turn.t("« Back"), doors.Panel(channel.id))],
    ]
    await turn.answer("\n".join(lines), rows)


def _line(say: Speaker, channel: Channel, deed: Deed) -> str:
    at = moment(say, deed.at.astimezone(choices.zone_of(channel.id)))
    done = say.t(DONE[deed.did]) if deed.did in DONE else str(deed.did)
    of = _about(say, deed)
    if not of:
        return say.t("{moment} <b>{name}</b> {done}", moment=at, name=people.called(deed.person_id), done=done)
    return say.t(
        "{moment} <b>{name}</b> {done}: {about}", moment=at, name=people.called(deed.person_id), done=done, about=of
    )


def _about(say: Speaker, deed: Deed) -> str:
    """Of what it was, in the reader's language where it is a word of ours."""
    match deed.did:
        case Did.INVITED:
            return role_names(say, roles.read(deed.about))
        case Did.ROLES:
            whose, _, held = deed.about.rpartition(": ")
            return f"{whose}: {role_names(say, roles.read(held))}"
        case Did.CHOICES:
            return Sentence(", ".join(dict.fromkeys(_chosen(say, name) for name in deed.about.split(", "))))
    return deed.about


def _chosen(say: Speaker, name: str) -> str:
    label = switches.label(name.replace(" ", "_"))
    if label:
        return say.t(label)
    return say.t("{name}", name=Example(MADE_BY[name]) if name in MADE_BY else name)
