"""The panel of a channel's encrypted DMs: whether they can be read, and how they will be; `/chatkeys`."""

from datetime import datetime, timedelta
from typing import ClassVar

from bot.accounts.unreadable import reasons
from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Button, Rows
from bot.chat.language import Speaker
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn
from bot.chat.undo import doing
from bot.chat.xs_words import of_x
from engine.x.errors import AccessTooNarrow
from models.accounts import chat_keys, people
from models.accounts.channels import Channel
from models.accounts.chat_keys import ChatKeys, KeyState
from models.accounts.deeds import Did
from models.accounts.tokens import may_write_dms
from models.streaming import unreadable
from tasks import chat_keys as asking

MAY_BE_MADE = timedelta(minutes=5)  # by the owner, in X's app: then there are none no more


@button
class MakeKeys:
    """Asks whether keys shall be made."""

    word: ClassVar[str] = "ckmake"
    channel: int


@button
class MakeKeysNow:
    word: ClassVar[str] = "ckyes"
    channel: int


@button
class AskAgain:
    """Looks again at what X has, and registers what waits for it."""

    word: ClassVar[str] = "cklook"
    channel: int


@button
class ConnectForKeys:
    """Signs the channel in once more, with the permission that keys need (bot/accounts/signing_in.py)."""

    word: ClassVar[str] = "ckconn"
    channel: int


async def command(turn: Turn) -> None:
    """/chatkeys [@name]"""
    await panel(turn, turn.take_channel())


@handles(doors.ChatKeys)
async def _opened(turn: Turn, channel: Channel, _button: doors.ChatKeys) -> None:
    await panel(turn, channel)


async def panel(turn: Turn, channel: Channel) -> None:
    """How its keys stand, and what to do. X is asked where that is not known yet."""
    _must_be_connected(turn, channel)
    people.keys_shown(turn.person.telegram_id, turn.now)
    row = chat_keys.row(channel.id)
    if row is None or (row.state is KeyState.UNKNOWN and not row.refusal):
        asking.ask(channel)
        row = chat_keys.row(channel.id)
    elif row.state is KeyState.NONE and row.looked_at is not None and row.looked_at < turn.now - MAY_BE_MADE:
        asking.ask(channel, pressed=True)
        row = chat_keys.row(channel.id)
    lines = [turn.t("🔐 <b>Encrypted DMs of {channel}</b>", channel=channel), *_how_it_stands(turn, channel, row)]
    counts = unreadable.of(channel.id, turn.now)
    if counts:
        lines.append("\n".join([turn.t("Could not be read in the last 24 h:"), *reasons(turn, counts)]))
    if not channel.dms_on:
        lines.append(turn.t("DMs are off for this channel, so none are read: /dms on"))
    await turn.answer("\n\n".join(lines), _rows(turn, channel, row))


@handles(MakeKeys)
async def _asked(turn: Turn, channel: Channel, _button: MakeKeys) -> None:
    """What making keys means for the account can't be undone, so it is said before."""
    _must_be_connected(turn, channel)
    if not may_write_dms(channel):
        await turn.answer(wants_permission(turn, channel), _sign_in(turn, channel))
        return
    people.keys_shown(turn.person.telegram_id, turn.now)
    lines = [
        turn.t("Make keys for <b>{channel}</b>?", channel=channel),
        turn.t("• X registers them for the account: from then on people can write to it encrypted, and I read it."),
        turn.t(
            "• The private half is kept here alone, sealed. It has no PIN, so X's apps, also yours on the phone, can't"
            " open what is sent to these keys."
        ),
        turn.t(
            "• If somebody sets up X Chat in the app with this account, the app makes other keys, and what comes then"
            " goes to those: I can't read it, and tell you so."
        ),
        turn.t(
            "• X has no way to take keys back. If you disconnect the channel I delete them here, and what was encrypted"
            " to them can't be read by anybody any more."
        ),
        turn.t("Each encrypted message that is read costs $0.010, like any DM."),
    ]
    await turn.answer(
        "\n".join(lines),
        [[(turn.t("🔐 Yes, make keys"), MakeKeysNow(channel.id))], [(turn.t("« Back"), doors.ChatKeys(channel.id))]],
    )


@handles(MakeKeysNow)
async def _made(turn: Turn, channel: Channel, _button: MakeKeysNow) -> None:
    _must_be_connected(turn, channel)
    with doing(turn, channel, Did.CHAT_KEYS):  # X is asked then, and may say no
        pass
    asking.ask(channel, for_person=turn.person.telegram_id)
    await panel(turn, channel)


@handles(AskAgain)
async def _looked(turn: Turn, channel: Channel, _button: AskAgain) -> None:
    _must_be_connected(turn, channel)
    asking.ask(channel, pressed=True)
    await panel(turn, channel)


def _must_be_connected(turn: Turn, channel: Channel) -> None:
    if not channel.connected:
        raise Refusal(
            turn.t("{channel} is not connected, so it has no keys here. Connect it again: /connect", channel=channel)
        )


# --- in words ------------------------------------------------------------------------------------------------


def line(say: Speaker, channel: Channel, now: datetime) -> list[str]:
    """How they stand, in a line of the channel's panel."""
    row = chat_keys.row(channel.id)
    if row is None or not channel.dms_on:
        return []
    match row.state:
        case KeyState.READY:
            lost = sum(unreadable.of(channel.id, now).values())
            some = (
                [say.n("⚠️ {count} could not be read in 24 h", "⚠️ {count} could not be read in 24 h", lost)]
                if lost
                else []
            )
            return [" · ".join([say.t("🔐 Encrypted DMs are read"), *some])]
        case KeyState.NONE:
            return [say.t("🔓 Encrypted DMs: the account has no keys yet")]
        case KeyState.MADE:
            return [say.t("⏳ Encrypted DMs: X has not taken the keys yet")]
        case KeyState.ELSEWHERE:
            return [say.t("⚠️ Encrypted DMs can't be read: the account's keys are not here")]
    return []


def wants_permission(say: Speaker, channel: Channel) -> str:
    """Why the channel must be signed in once more."""
    return say.t(
        "🔑 To register keys, X wants one more permission of <b>{channel}</b>: to manage its direct messages"
        " (dm.write). I use it for the keys, and for the one answer to whoever asks me by DM to be left out."
        " Until you give it, all else goes on as before.\n"
        "Sign in once more with the button, and then make the keys.",
        channel=channel,
    )


def elsewhere(say: Speaker, channel: Channel) -> str:
    """What to do where the account has keys that are not here."""
    return say.t(
        "⚠️ The account of <b>{channel}</b> has keys that are not here: X Chat was set up for it in X's app, or by"
        " another service. I can't read what is encrypted to them; unencrypted DMs are read as before.\n"
        "Who runs this service can unlock them at their own terminal, with the account's PIN of X Chat:\n"
        "<code>python -m bot chat-keys {channel}</code>\n"
        "The PIN is typed there, used once, and kept nowhere. Never send it here, nor to anybody.",
        channel=channel,
    )


def _how_it_stands(turn: Turn, channel: Channel, row: ChatKeys | None) -> list[str]:
    state = row.state if row is not None else KeyState.UNKNOWN
    lines = {
        KeyState.UNKNOWN: turn.t("X has not said yet which keys the account has."),
        KeyState.NONE: turn.t(
            "The account has no keys for X Chat yet, so nobody can write to it encrypted, and most people's DMs are"
            " encrypted by now. I read the unencrypted ones."
        ),
        KeyState.MADE: turn.t(
            "The account's keys are made and kept here, sealed. X has not confirmed them yet; until then nothing can be"
            " encrypted to them."
        ),
        KeyState.READY: turn.t("✅ I read what is encrypted to this account."),
        KeyState.ELSEWHERE: elsewhere(turn, channel),
    }
    found = [lines[state]] if state in lines else []
    if row is None:
        return found
    if row.state is KeyState.READY and row.ready_at is not None:
        when = turn.ago(min(row.ready_at, turn.now - timedelta(seconds=1)), turn.now)
        found.append(
            turn.t("The keys were made here and registered {ago}.", ago=when)
            if row.registration
            else turn.t("The keys were unlocked by who runs this service, {ago}.", ago=when)
        )
    if row.state is KeyState.ELSEWHERE and row.sealed:
        found.append(turn.t("I still have the keys from before: what is encrypted to those, I read."))
    if row.refusal == AccessTooNarrow.reason:
        found.append(wants_permission(turn, channel))
    elif row.refusal in ("refused", "app_stopped", "gone"):
        found.append(turn.t("🚫 X does not take the keys. {said}", said=of_x(turn, row.said)))
    elif row.refusal:
        found.append(turn.t("X gave no good answer just now. I ask again by myself. {said}", said=of_x(turn, row.said)))
    return found


def _rows(turn: Turn, channel: Channel, row: ChatKeys | None) -> Rows:
    state = row.state if row is not None else KeyState.UNKNOWN
    rows: Rows = []
    if row is not None and row.refusal == AccessTooNarrow.reason:
        rows += [[(turn.t("🔑 Sign in once more"), ConnectForKeys(channel.id))]]
    elif state is KeyState.NONE:
        rows.append([(turn.t("🔐 Make keys"), MakeKeys(channel.id))])
    again: list[Button] = [
        (turn.t("🔄 Ask X again"), AskAgain(channel.id)),
        (turn.t("« Back"), doors.Panel(channel.id)),
    ]
    return [*rows, again]


def _sign_in(turn: Turn, channel: Channel) -> Rows:
    return [
        [(turn.t("🔑 Sign in once more"), ConnectForKeys(channel.id))],
        [(turn.t("« Back"), doors.ChatKeys(channel.id))],
    ]
