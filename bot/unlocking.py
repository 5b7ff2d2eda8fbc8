"""`python -m bot chat-keys @channel`: an account's keys for X Chat, unlocked with its PIN on the operator's terminal.

The PIN is typed where nobody but X's library reads it: it is in no argument, no setting, no log and no table.
"""

import getpass
import sys
import warnings

from engine.x.chat.keys import MOST_TRIES, NotUnlocked, WrongPin
from engine.x.errors import AccessTooNarrow, XError
from models.accounts import chat_keys
from models.accounts.channels import Channel
from models.accounts.chat_keys import KeyState
from models.database import as_tuples
from models.vault import WrongKey
from tasks import chat_keys as asking
from tasks.accounts import TokenBusy

DONE, NO, USAGE, LEFT = 0, 1, 2, 130
FEW = 5


def unlock(named: str, *, new: bool = False) -> int:
    """Do it and say what happened; the exit status. `new`: make keys that take the place of what X has."""
    if not sys.stdin.isatty():
        print("This asks for a PIN, so it wants a terminal; what it was given is a file or a pipe.")
        print("Run it by hand, where you can type. Example: python -m bot chat-keys @TraficoValle")
        return USAGE
    channel = _named(named)
    if channel is None:
        return USAGE
    try:
        return _replace(channel) if new else _unlock(channel)
    except (KeyboardInterrupt, EOFError):
        print("\nNothing was changed.")
        return LEFT
    except TokenBusy:
        print(f"The access of {channel} to X is being renewed, or can't be right now. Try again in a minute.")
    except AccessTooNarrow:
        print(f"The access of {channel} does not reach as far as its keys (dm.read, dm.write). Its owner signs it in")
        print("once more with /chatkeys in Telegram.")
    except XError as error:
        print(
            f"X said no: {error.detail}" if not error.passes else f"X gave no good answer ({error.detail}). Try later."
        )
    except WrongKey as error:
        print(error)
    return NO


def _named(named: str) -> Channel | None:
    """The connected channel of this name."""
    handle = named.strip().removeprefix("@").lower()
    handles = [
        h for (h,) in as_tuples(Channel.select(Channel.handle).where(Channel.connected).order_by(Channel.handle))
    ]
    found = next((h for h in handles if h.lower() == handle), None)
    if found is None:
        known = ", ".join(f"@{h}" for h in handles[:20]) or "none yet: /connect in Telegram connects one"
        print(f"No connected channel is called @{handle}. Connected: {known}")
        print(f"Example: python -m bot chat-keys @{handles[0] if handles else 'TraficoValle'}")
        return None
    channel: Channel = Channel.get((Channel.handle == found) & Channel.connected)
    return channel


def _unlock(channel: Channel) -> int:
    """Raises XError, TokenBusy, KeyboardInterrupt, EOFError."""
    found = asking.look(channel)
    row = chat_keys.row(channel.id)
    if row is not None and row.state is KeyState.READY:
        print(f"The keys of {channel} are here already: its encrypted DMs are read.")
        return DONE
    if not found or (row is not None and row.state in (KeyState.NONE, KeyState.MADE)):
        print(f"X has no keys of {channel} to unlock. Its owner can make some: /chatkeys in Telegram.")
        return NO
    newest = found[0]
    if not newest.backup:
        print(f"X has no backup of the keys of {channel}: whoever made them kept them without a PIN.")
        print("They can't be had here. To make new ones in their place, which whoever has the old ones loses:")
        print(f"python -m bot chat-keys {channel} --new")
        return NO
    print(f"X asks for the PIN of X Chat of {channel}. It is used once, here, and kept nowhere.")
    print(
        f"X allows {MOST_TRIES} wrong tries in all; after the last it deletes the keys, and nobody has them any more."
    )
    pin = _typed(f"PIN of {channel} (not shown): ")
    if not pin:
        print("Nothing was typed, so nothing was tried.")
        return LEFT
    try:
        stored = asking.unlock(channel, newest, pin)
    except WrongPin as error:
        print(f"That is not the PIN.{_left(error.left)}")
        return NO
    except NotUnlocked as error:
        print(f"The keys were not unlocked: {error}.")
        return NO
    finally:
        pin[:] = bytes(len(pin))
    if not stored:
        print(f"{channel} was disconnected meanwhile, so nothing was stored.")
        return NO
    print(f"The keys of {channel} are here, sealed under SECRET_KEY. Its encrypted DMs are read from now on.")
    return DONE


def _replace(channel: Channel) -> int:
    """The same, for what can't be unlocked. Raises XError, TokenBusy, KeyboardInterrupt, EOFError."""
    if not asking.look(channel):
        print(
            f"X has no keys of {channel} that new ones would replace. Its owner can make some: /chatkeys in Telegram."
        )
        return NO
    row = chat_keys.row(channel.id)
    if row is None or row.state is not KeyState.ELSEWHERE:
        print(f"The keys of {channel} are here, or its owner can make some: /chatkeys in Telegram.")
        return NO
    print(
        f"New keys take the place of those that X has of {channel}. Whoever has the old ones, also X's app on a phone,"
    )
    print("can't read what is written from then on. This can't be undone.")
    if input(f"Type {channel} to make them: ").strip().lower() != str(channel).lower():
        print("Nothing was changed.")
        return LEFT
    if not asking.replace(channel):
        print("X has not confirmed them yet. Look at /chatkeys in Telegram in a minute.")
        return NO
    print(f"The new keys of {channel} are registered, and kept here, sealed. Its encrypted DMs are read from now on.")
    return DONE


def _typed(prompt: str) -> bytearray:
    """What is typed without being shown. Raises EOFError where the terminal would show it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return bytearray(getpass.getpass(prompt).strip().encode())
        except getpass.GetPassWarning:
            print("This terminal would show what you type, so I don't ask for it. Use another.")
            raise EOFError from None


def _left(tries: int | None) -> str:
    if tries is None:
        return " X does not say how many tries are left."
    if tries == 0:
        return " That was the last try: X has deleted the backup, and the keys can't be had any more."
    left = f" {tries} {'try is' if tries == 1 else 'tries are'} left."
    return left + (" Be sure of the next one: after the last the keys are gone." if tries <= FEW else "")
