"""What is said to the bot in a group: `/desk` makes it a channel's desk, `/held` shows what waits there.

All else is for the private chat.
"""

from bot.chat import doors, handling, words
from bot.chat.door import entrance
from bot.chat.turn import NotReached, Refusal, Turn, said_back
from bot.chat.undo import drop, keep
from bot.desks import panel
from engine.roles import May
from models.accounts import channels, people, team
from models.accounts.channels import Channel
from models.moderation import desks as moving
from models.moderation.desks import Place
from models.notifications import desks
from models.notifications.desks import Desk

GROUPS = ("group", "supergroup")


async def commanded(turn: Turn) -> None:
    """A command in a group."""
    by_link = turn.command == "start" and turn.arguments.startswith(panel.PREFIX)
    try:
        if (by_link or turn.command in ("desk", "held")) and entrance.is_hidden(turn):
            raise Refusal(
                turn.t(
                    "Telegram hides who you are here: you write as the group, or as a channel. Write as yourself, or"
                    " choose the group in private: /desk"
                )
            )
        if by_link:
            await put(turn, _linked(turn))
        elif turn.command == "desk":
            await _desk(turn)
        elif turn.command == "held" and (desk := _nearest(turn)) is not None:
            turn.reach(desk.channel_id, May.DECIDE)  # who may not is told so in their own language
            turn.come_to(desk, people.language_of(channels.owner_of(desk.channel_id) or 0))
            await handling.open_target(turn, doors.Held(desk.channel_id))
        else:
            await turn.point_to_private()
    except Refusal as refusal:
        await turn.say_in_group(refusal.text)


def _nearest(turn: Turn) -> Desk | None:
    """The desk that is named, else one at which the person may decide: of this topic first. Raises Refusal."""
    chat = turn.update.effective_chat
    group = desks.group_of(chat.id) if chat is not None else None
    there = [(d, c) for d in desks.in_group(group.id) if (c := channels.one(d.channel_id))] if group is not None else []
    named = turn.arguments.partition(" ")[0]
    if there and named.startswith("@"):
        there = [(desk, channel) for desk, channel in there if str(channel).lower() == named.lower()]
        if not there:
            raise Refusal(turn.t("This is not the desk of {channel}.", channel=said_back(named)))

    def how_near(of: tuple[Desk, Channel]) -> tuple[bool, bool]:
        return team.may(of[1], turn.person.telegram_id, May.DECIDE), of[0].topic == turn.topic

    return max(there, key=how_near)[0] if there else None


async def _desk(turn: Turn) -> None:
    """/desk [@channel] [off] in a group"""
    named = turn.arguments.startswith("@")
    mine = turn.mine()
    here = _at_home(turn, mine)
    if here is not None and turn.arguments.lower() in words.NONE | words.REMOVE:
        await _take_away(turn, here)  # whichever channel they have in hand elsewhere
        return
    channel = turn.take_channel()
    if turn.arguments.lower() in words.NONE | words.REMOVE:
        await _take_away(turn, channel)
        return
    if turn.arguments:
        raise Refusal(
            turn.t("Here it is only which channel's desk this is. For example: /desk {channel}", channel=mine[0])
        )
    if len(mine) > 1 and not named:
        names = ", ".join(map(str, mine))
        raise Refusal(
            turn.t("The desk of which channel? You have {channels}. For example: /desk {channel}",
                   channels=names, channel=mine[0])
        )  # fmt: skip
    await put(turn, channel)


async def put(turn: Turn, channel: Channel) -> None:
    """The channel's desk is here from now on. That is said here by itself, and what can be chosen in private."""
    chat = turn.update.effective_chat
    if chat is None or chat.type not in GROUPS:
        return
    place = Place(chat.id, chat.title or "", turn.topic)

    def puts() -> int:
        undo = keep(turn, channel, doors.Desk(channel.id), moving.before(channel.id))
        if moving.put(channel.id, place, turn.person.telegram_id, turn.now):
            return undo
        drop(undo)
        return 0

    undo = turn.once("put", int, puts)
    if not undo:
        raise Refusal(turn.t("This is the desk of {channel} already.", channel=channel))
    turn.alone = True
    try:
        await panel.show(turn, channel, undo)
    except NotReached:  # they never wrote to me: the word at the desk is enough
        return


def _at_home(turn: Turn, mine: list[Channel]) -> Channel | None:
    """Of their channels one that has its desk here, in this topic first."""
    chat = turn.update.effective_chat
    here = [(d, c) for c in mine if chat is not None and (d := desks.here(c.id, chat.id)) is not None]
    return max(here, key=lambda of: of[0].topic == turn.topic)[1] if here else None


async def _take_away(turn: Turn, channel: Channel) -> None:
    chat = turn.update.effective_chat
    if chat is None or desks.here(channel.id, chat.id) is None:
        raise Refusal(turn.t("This is not the desk of {channel}.", channel=channel))
    turn.alone = True
    try:
        await panel.take_away(turn, channel, panel.TakeAway(channel.id))
    except NotReached:
        return


def _linked(turn: Turn) -> Channel:
    """The channel of a link that was opened in a group. Raises Refusal where it is not the person's."""
    number = turn.arguments.removeprefix(panel.PREFIX)
    if not number.isdecimal() or len(number) > 9:
        raise Refusal(turn.t("That link is not whole. Open it once more: /desk"))
    return turn.reach(int(number), May.OWN)
