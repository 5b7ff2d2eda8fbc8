"""Handing a channel over: its owner offers it to one of the team and says yes; then that one says yes."""

from typing import ClassVar

from bot.accounts import paused
from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Rows
from bot.chat.language import Speaker
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn
from engine.roles import May
from models.accounts import deeds, people, team
from models.accounts import handing_over as offers
from models.accounts.admission import NotLetIn
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.accounts.limits import TooMany
from models.notifications import desks, notices
from models.notifications.kinds_of_team import HandoverOffered, HandoverOver


@button
class Offer:
    """Asks whether this one of the team shall have the channel."""

    word: ClassVar[str] = "handover"
    channel: int
    person: int


@button
class OfferNow:
    word: ClassVar[str] = "handgo"
    channel: int
    person: int


@button
class CallOff:
    """Whoever offered it, or should have it, wants it no more."""

    word: ClassVar[str] = "handno"
    channel: int


@button
class Take:
    word: ClassVar[str] = "handyes"
    channel: int


def lines(turn: Turn, channel: Channel) -> list[str]:
    """That the channel is offered to somebody, for the panel of the team."""
    offer = offers.offered(channel.id, turn.now)
    if offer is None:
        return []
    return [
        turn.t(
            "🤝 It is offered to {name}, for {span}.",
            name=people.called(offer.to_id),
            span=turn.lasting(offer.expires_at - turn.now),
        )
    ]


def rows(turn: Turn, channel: Channel) -> Rows:
    """What whoever looks may do about it."""
    offer = offers.offered(channel.id, turn.now)
    me = turn.person.telegram_id
    if offer is None or me not in (offer.to_id, offer.from_id):
        return []
    no = (turn.t("✖️ No"), CallOff(channel.id))
    if me == offer.to_id:
        return [[(turn.t("🤝 Take {channel}", channel=channel), Take(channel.id)), no]]
    return [[(turn.t("✖️ Don't hand it over"), CallOff(channel.id))]]


@handles(Offer)
async def ask(turn: Turn, channel: Channel, target: Offer) -> None:
    """The first yes is the owner's."""
    _member(turn, channel, target.person)
    await turn.answer(
        turn.t(
            "Hand <b>{channel}</b> over to {name}? It is theirs when they say yes too: its rules, its team, its access"
            " to X, its costs and limits. You stay as an editor. Rules, schedules and what waits go on as they are.",
            channel=channel,
            name=people.called(target.person),
        ),
        [
            [(turn.t("Yes, hand it over"), OfferNow(channel.id, target.person))],
            [(turn.t("« Team"), doors.Team(channel.id))],
        ],
    )


@handles(OfferNow)
async def offer(turn: Turn, channel: Channel, target: OfferNow) -> None:
    """The other is asked; until they say yes nothing has changed."""
    _member(turn, channel, target.person)
    me = turn.person.telegram_id

    def offered() -> bool:
        if not offers.offer(channel.id, me, target.person, turn.now):
            return False
        deeds.note(channel.id, me, Did.OFFERED, turn.now, people.name_of(target.person))
        notices.tell(target.person, HandoverOffered(me, turn.now), turn.now, channel_id=channel.id)
        return True

    if not turn.once("offered", bool, offered):
        raise Refusal(turn.t("They are not in the team any more: /team"))
    text = turn.t(
        "🤝 {name} is asked. {channel} stays yours until they say yes; the offer holds for three days.",
        name=people.called(target.person),
        channel=channel,
    )
    await turn.answer(
        text, [[(turn.t("✖️ Don't hand it over"), CallOff(channel.id)), (turn.t("👥 Team"), doors.Team(channel.id))]]
    )


@handles(CallOff, by=May.READ)
async def call_off(turn: Turn, channel: Channel, _button: CallOff) -> None:
    """Either of the two may; the other is told."""
    me = turn.person.telegram_id

    def off() -> bool:
        other = offers.drop(channel.id, me, turn.now)
        if other is not None:
            notices.tell(other, HandoverOver(me, False, turn.now), turn.now, channel_id=channel.id)
        return other is not None

    if not turn.once("called off", bool, off):
        raise over(turn, channel)
    await turn.answer(
        turn.t("{channel} is not handed over; all stays as it is.", channel=channel),
        [[(turn.t("👥 Team"), doors.Team(channel.id))]],
    )


@handles(Take, by=May.READ)
async def take(turn: Turn, channel: Channel, _button: Take) -> None:
    """The second yes: from this moment on it is theirs."""
    me = turn.person.telegram_id

    def taken() -> int:
        former = offers.take(channel.id, me, turn.now)
        if former is None:
            return 0
        deeds.note(channel.id, me, Did.HANDED_OVER, turn.now, people.name_of(former))
        people.choose_channel(me, channel.id)
        notices.tell(former, HandoverOver(me, True, turn.now), turn.now, channel_id=channel.id)
        return former

    try:
        former = turn.once("taken over", int, taken)
    except NotLetIn:
        raise Refusal(
            turn.t("To have a channel of your own here, who runs the service must let you in first: /start")
        ) from None
    except TooMany as error:
        raise Refusal(
            turn.n(
                "You have {count} channel, and may have no more here. Disconnect one first, or ask who runs the"
                " service.",
                "You have {count} channels, and may have no more here. Disconnect one first, or ask who runs the"
                " service.",
                error.has,
            )
        ) from None
    if not former:
        raise over(turn, channel)
    desk = desks.of(channel.id)
    group = desks.group(desk.group_id) if desk is not None else None
    at_desk = (
        turn.t("Its desk is the group <b>{title}</b>: all who are in it read what waits. /desk", title=group.title)
        if group is not None
        else ""
    )
    yours = turn.t(
        "🤝 {channel} is yours. {name} stays as an editor; who else helps: /team. All goes on as it was; its access"
        " to X too, and you may sign it in anew whenever you like: /connect",
        channel=channel,
        name=people.called(former),
    )
    await turn.answer(
        "\n".join([yours, *paused.lines(turn, Channel.get_by_id(channel.id)), at_desk]),
        [[(str(channel), doors.Panel(channel.id)), (turn.t("👥 Team"), doors.Team(channel.id))]],
    )


def over(say: Speaker, channel: Channel) -> Refusal:
    """The offer is no more."""
    return Refusal(say.t("{channel} is not offered any more: /team", channel=channel))


def _member(turn: Turn, channel: Channel, person_id: int) -> None:
    if team.one(channel.id, person_id) is None:
        raise Refusal(turn.t("They are not in the team any more: /team"))
