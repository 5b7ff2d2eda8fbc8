"""What people decide: the mode of the review, and the messages that wait. `/review`, `/held`."""

from datetime import timedelta
from typing import ClassVar

from bot.chat import doors, words
from bot.chat.handling import handles
from bot.chat.keyboards import Rows, dot
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn
from bot.chat.undo import keep, undo_button
from bot.moderation.rules import review_name
from engine.fitting import fit
from engine.moderation import Review
from engine.roles import May
from models import choosing, undoing
from models.accounts import choices
from models.accounts.channels import Channel
from models.database import transaction
from models.moderation import review

MOST = 10
MODES = {
    **dict.fromkeys(words.NONE, Review.OFF), "unsure": Review.UNSURE, "dudas": Review.UNSURE, "duda": Review.UNSURE,
    "all": Review.ALL, "todo": Review.ALL, "everything": Review.ALL,
}  # fmt: skip


@button
class SetReview:
    """What people decide."""

    word: ClassVar[str] = "reviewset"
    channel: int
    mode: Review


async def command(turn: Turn) -> None:
    """/review off|unsure|all"""
    channel = turn.take_channel()
    word = turn.arguments.strip().lower()
    if not word:
        await show(turn, channel)
        return
    if word not in MODES:
        raise Refusal(turn.t("Say off, unsure or all. For example: /review unsure"))
    await choose(turn, channel, SetReview(channel.id, MODES[word]))


@handles(doors.Review)
async def opened(turn: Turn, channel: Channel, _: doors.Review) -> None:
    await show(turn, channel)


async def show(turn: Turn, channel: Channel, undo: int = 0) -> None:
    mode = choices.choices(channel).policy.review
    text = turn.t(
        "👀 <b>Review of {channel}</b>: {mode}\nHeld messages come here with buttons; whoever of the team is first"
        " decides. What nobody decides while it is fresh is not posted.\n<b>Unsure</b>: first message of a new sender,"
        " nearly a repeat, a filtered photo, a trusted sender without a trigger.\n<b>Everything</b>: all that passes,"
        " but for the trusted.",
        channel=channel,
        mode=review_name(turn, mode),
    )
    labels = ((Review.OFF, turn.t("Off")), (Review.UNSURE, turn.t("Unsure")), (Review.ALL, turn.t("Everything")))
    rows: Rows = [
        [(dot(mode is m) + label, SetReview(channel.id, m)) for m, label in labels],
        [(turn.t("👀 Held"), doors.Held(channel.id)), (turn.t("👥 Team"), doors.Team(channel.id))],
        [undo_button(turn, channel, undo)] if undo else [],
        [(turn.t("« Rules"), doors.Rules(channel.id))],
    ]
    await turn.answer(text, rows)


@handles(SetReview)
async def choose(turn: Turn, channel: Channel, target: SetReview) -> None:
    with transaction():
        undo = keep(turn, channel, doors.Review(channel.id), undoing.choices_of(channel.id, "review"))
        choosing.choose(channel.id, turn.now, review=target.mode.value)
    await show(turn, channel, undo)


async def held(turn: Turn) -> None:
    """/held"""
    channels = [c for c in turn.mine() if c.connected]
    if not channels:
        turn.take_channel()  # says why
        raise Refusal(turn.t("You have no channel yet. Connect one with /connect"))
    await show_held(turn, channels)


@handles(doors.Held, by=May.DECIDE)
async def held_opened(turn: Turn, channel: Channel, _: doors.Held) -> None:
    await show_held(turn, [channel])


async def show_held(turn: Turn, channels: list[Channel]) -> None:
    """What waits, the most urgent first."""
    waiting = review.waiting([c.id for c in channels], MOST + 1)
    by_id = {c.id: c for c in channels}
    rows: Rows = []
    for item in waiting[:MOST]:
        left = turn.lasting(max((item.useful_until or turn.now) - turn.now, timedelta(seconds=1)))
        rows.append([(f"{left} · {fit(item.text, 40)}", doors.MessageCard(item.channel_id, item.id))])
    if not waiting:
        await turn.answer(turn.t("👀 Nothing waits for a decision."), _back(turn, channels))
        return
    names = ", ".join(str(by_id[i]) for i in dict.fromkeys(m.channel_id for m in waiting))
    head = turn.n(
        "👀 {count} message of {channels} waits for you. Tap it to decide.",
        "👀 {count} messages of {channels} wait for you. Tap one to decide.",
        len(waiting[:MOST]),
        channels=names,
    )
    if len(waiting) > MOST:
        head = turn.t("{text} There are more.", text=head)
    await turn.answer(head, [*rows, *_back(turn, channels)])


def _back(turn: Turn, channels: list[Channel]) -> Rows:
    return [[(turn.t("« Back"), doors.Panel(channels[0].id))]] if channels else []
