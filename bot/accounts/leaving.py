"""Letting a channel go: disconnected, and then, if wanted, forgotten."""

from typing import ClassVar

from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Rows
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn
from models import connecting
from models.accounts import chat_keys
from models.accounts.channels import Channel
from tasks import accounts, bells


@button
class Forget:
    """Asks whether all that is kept of a disconnected channel shall go."""

    word: ClassVar[str] = "forget"
    channel: int


@button
class Goodbye:
    word: ClassVar[str] = "bye"
    channel: int


@button
class ForgetAll:
    word: ClassVar[str] = "forgetyes"
    channel: int


async def disconnect(turn: Turn) -> None:
    """/disconnect: asks first."""
    await _ask(turn, turn.take_channel())


@handles(doors.Disconnect)
async def _pressed(turn: Turn, channel: Channel, _button: doors.Disconnect) -> None:
    await _ask(turn, channel)


async def _ask(turn: Turn, channel: Channel) -> None:
    if not channel.connected:
        await turn.answer(
            turn.t("{channel} is disconnected already. Its rules and journal are kept here.", channel=channel),
            kept(turn, channel),
        )
        return
    await turn.answer(
        turn.t(
            "Disconnect <b>{channel}</b>? It stops hearing and posting at once, and I delete its access to X. Your"
            " rules stay, for when you connect it again.",
            channel=channel,
        )
        + _keys_go(turn, channel),
        [
            [(turn.t("Yes, disconnect"), Goodbye(channel.id))],
            [(turn.t("« Back"), doors.Panel(channel.id))],
        ],
    )


def _keys_go(turn: Turn, channel: Channel) -> str:
    """What is lost with the keys of its encrypted DMs, where it has some here."""
    if chat_keys.version_of(channel.id) is None:
        return ""
    return "\n" + turn.t(
        "🔐 I delete its keys for encrypted DMs too, and can't bring them back: what was encrypted to keys that were"
        " made here can't be read by anybody then."
    )


@handles(Goodbye)
async def _goodbye(turn: Turn, channel: Channel, _button: Goodbye) -> None:
    """Stop everything, revoke at X, delete the tokens; tell what was kept."""
    revoked = accounts.disconnect(channel, turn.person.telegram_id)
    bells.ring_subscriptions()
    told = turn.t("{channel} is disconnected, and its access was deleted here.", channel=channel)
    if revoked:
        told += " " + turn.t("X confirmed that the access is revoked.")
    else:
        told += " " + turn.t("To be sure, revoke it at X too: Settings → Security → Apps and sessions.")
    stays = turn.t("Kept here: your triggers and filters, the messages of the last 30 days and the journal.")
    await turn.answer(f"{told}\n{stays}", kept(turn, channel))


@handles(Forget)
async def _ask_forget(turn: Turn, channel: Channel, _button: Forget) -> None:
    """This can't be undone, so it takes a second tap."""
    _must_be_disconnected(turn, channel)
    await turn.answer(
        turn.t(
            "Delete all that is kept of {channel}: rules, messages and journal? It can't be undone.",
            channel=channel,
        ),
        [
            [(turn.t("Yes, delete it all"), ForgetAll(channel.id))],
            [(turn.t("No, keep it"), doors.Channels())],
        ],
    )


@handles(ForgetAll)
async def _forget(turn: Turn, channel: Channel, _button: ForgetAll) -> None:
    _must_be_disconnected(turn, channel)
    connecting.forget_channel(channel.id)
    await turn.answer(turn.t("Deleted. Nothing of {channel} is kept here any more.", channel=channel))


def kept(turn: Turn, channel: Channel) -> Rows:
    """What can be done with what is kept of a disconnected channel."""
    return [[(turn.t("Connect again"), doors.Connect()), (turn.t("🗑 Delete that too"), Forget(channel.id))]]


def _must_be_disconnected(turn: Turn, channel: Channel) -> None:
    if channel.connected:
        raise Refusal(turn.t("{channel} is connected. Disconnect it first: /disconnect", channel=channel))
