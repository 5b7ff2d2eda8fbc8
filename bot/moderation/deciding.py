"""What is decided of a message: published, ignored, its sender blocked or trusted, by those of the team who decide."""

from typing import ClassVar

from bot.accounts.paused import must_run
from bot.chat import doors
from bot.chat.handling import handles, open_target
from bot.chat.keyboards import Button, Rows
from bot.chat.language import Speaker
from bot.chat.targets import MessageId, button, pack
from bot.chat.turn import Refusal, Turn, plain
from bot.chat.undo import doing, keep, noted
from bot.moderation.outcomes import names_sender, outcome
from bot.publishing import edited
from engine.moderation import FOR_GOOD, MAX_DAYS
from engine.moderation.standing import Standing
from engine.moderation.verdicts import PUBLIC
from engine.roles import May
from models import undoing
from models.accounts import team
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.database import transaction
from models.moderation import judging, review, senders, standings
from models.moderation.senders import Source
from models.streaming import messages
from models.streaming.messages import Message, MessageStatus
from tasks.moderation import send_on

DAYS = (1, 7, 30)


@button
class Publish:
    word: ClassVar[str] = "heldyes"
    channel: int
    message: MessageId


@button
class PublishEdited:
    word: ClassVar[str] = "heldedit"
    channel: int
    message: MessageId


@button
class Ignore:
    word: ClassVar[str] = "heldno"
    channel: int
    message: MessageId


@button
class HoldAgain:
    """Takes an Ignore or a block back, whoever of the team it was."""

    word: ClassVar[str] = "heldback"
    channel: int
    message: MessageId


@button
class AskBlock:
    """Asks for how long the sender shall be blocked."""

    word: ClassVar[str] = "heldblock"
    channel: int
    message: MessageId


@button
class Block:
    """For so many days; 0 is for good."""

    word: ClassVar[str] = "block"
    channel: int
    message: MessageId
    days: int


@button
class TrustWriter:
    word: ClassVar[str] = "trust"
    channel: int
    message: MessageId


@handles(Publish, by=May.DECIDE)
async def publish(turn: Turn, channel: Channel, target: Publish) -> None:
    """Publish a held message, unless somebody was first."""
    _message(turn, channel, target.message)
    must_run(turn, channel)
    style = judging.load_rules(channel).style

    def decide() -> review.Decided:
        decided = review.publish(target.message, turn.person.telegram_id, style, turn.now)
        if decided.won:
            noted(turn, channel, Did.PUBLISHED, f"#{target.message}", message=target.message)
        return decided

    decided = turn.once("decided", review.Decided, decide)
    send_on(decided.queued)
    await _after(turn, channel, target.message, won=decided.won)


@handles(PublishEdited, by=May.DECIDE)
async def publish_edited(turn: Turn, channel: Channel, target: PublishEdited) -> None:
    """Make a draft of a held message, unless it is decided."""
    if _message(turn, channel, target.message).status != MessageStatus.HELD:
        await _after(turn, channel, target.message, won=False)
        return
    await edited.begin(turn, channel, target.message)


@handles(Ignore, by=May.DECIDE)
async def ignore(turn: Turn, channel: Channel, target: Ignore) -> None:
    """Say no to a held message, unless somebody was first."""

    def decide() -> bool:
        won = review.ignore(target.message, turn.person.telegram_id, turn.now).won
        if won:
            keep(turn, channel, _card(channel, target.message), review.HeldBefore(target.message))
        return won

    await _after(turn, channel, target.message, won=turn.once("decided", bool, decide))


@handles(HoldAgain, by=May.DECIDE)
async def hold_again(turn: Turn, channel: Channel, target: HoldAgain) -> None:
    """What was ignored is held again; who was blocked with it is again what they were, even where it is too late."""
    item = _message(turn, channel, target.message)
    kept = undoing.newest(channel.id, pack(_card(channel, item.id)), review.HeldBefore, turn.now)
    late = item.useful_until is None or item.useful_until <= turn.now
    sender = senders.of_message(channel.id, item.sender_id)
    blocked = sender is not None and sender.standing == Standing.BLOCKED
    if late and not (kept and blocked):
        raise Refusal(turn.t("Too late: it is no longer fresh."))
    if kept and blocked:  # trusted meanwhile, they stay so
        with doing(turn, channel, Did.UNDID, message=item.id):
            undoing.undo(channel.id, kept, turn.now)
    else:
        with doing(turn, channel, Did.HELD_AGAIN, f"#{item.id}", message=item.id):
            review.take_back(item.id, turn.now)
    if late:
        turn.note = turn.t("Too late: it is no longer fresh.")
    await open_target(turn, _card(channel, item.id))


# --- who wrote it --------------------------------------------------------------------------------------------


@handles(AskBlock, by=May.DECIDE)
async def ask_block(turn: Turn, channel: Channel, target: AskBlock) -> None:
    """For how long?"""
    item = _message(turn, channel, target.message)
    days: list[Button] = [(turn.n("{count} day", "{count} days", d), Block(channel.id, item.id, d)) for d in DAYS]
    who = f"@{item.sender_handle}" if item.sender_handle else f"#{item.sender_id}"
    if not names_sender(item, turn.desk):
        who = turn.t("somebody")
    rows: Rows = [
        days,
        [(turn.t("For good"), Block(channel.id, item.id, FOR_GOOD)), (turn.t("« Back"), _card(channel, item.id))],
    ]
    await turn.answer(turn.t("Block {who}? Nothing of theirs is posted meanwhile.", who=who), rows)


@handles(Block, by=May.DECIDE)
async def block(turn: Turn, channel: Channel, target: Block) -> None:
    """Block who wrote it; a held message of theirs is ignored. One Undo takes both back."""
    item = _message(turn, channel, target.message)
    if not 0 <= target.days <= MAX_DAYS:
        raise Refusal(turn.t("I don't know that button. Open the panel again: /channels"))

    def decide() -> tuple[bool, int]:
        before = standings.of_sender(channel.id, item.sender_id)
        held = review.ignore(item.id, turn.person.telegram_id, turn.now).won
        parts = (before, review.HeldBefore(item.id)) if held else (before,)
        undo = keep(turn, channel, _card(channel, item.id), *parts)
        senders.block(channel.id, item.sender_id, target.days, "", Source.OWNER, turn.now, handle=item.sender_handle)
        return held, undo

    held, undo = turn.once("decided", tuple[bool, int], decide)
    await open_target(turn, _card(channel, item.id, 0 if held else undo))


@handles(TrustWriter, by=May.DECIDE)
async def trust(turn: Turn, channel: Channel, target: TrustWriter) -> None:
    item = _message(turn, channel, target.message)
    with transaction():
        before = standings.of_sender(channel.id, item.sender_id)
        undo = keep(turn, channel, _card(channel, item.id), before)
        senders.trust(channel.id, item.sender_id)
    await open_target(turn, _card(channel, item.id, undo))


async def _after(turn: Turn, channel: Channel, message_id: int, *, won: bool) -> None:
    """Show the card; who came too late is told what became of the message."""
    turn.signs = won
    if not won and turn.update.callback_query is not None:
        only_theirs = Speaker(turn.person.language)  # a desk may speak another
        await turn.toast(plain(outcome(only_theirs, _message(turn, channel, message_id), turn.now)))
    await open_target(turn, _card(channel, message_id))


def _card(channel: Channel, message_id: int, undo: int = 0) -> doors.MessageCard:
    return doors.MessageCard(channel.id, message_id, undo)


def may_read(turn: Turn, channel: Channel, item: Message) -> bool:
    """What all of X may read, all of the team read; a DM the owner, and where people decide on it those who do."""
    may = team.allowed(channel, turn.person.telegram_id)
    if item.kind in PUBLIC:
        return bool(may)
    return May.OWN in may or (May.DECIDE in may and review.was_held(item))


def _message(turn: Turn, channel: Channel, message_id: int) -> Message:
    found = messages.message(message_id)
    if found is None or found.channel_id != channel.id or not may_read(turn, channel, found):
        raise Refusal(turn.t("I no longer know that message."))
    return found
