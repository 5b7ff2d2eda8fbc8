"""A channel's keys for X Chat, as X has them: looked for, made and registered where somebody asks for it, and unlocked.

Every step can be the last of this process: the pair is stored before X hears of it, and whoever has the claim next
begins by looking at what X has.
"""

import json
from datetime import datetime, timedelta

import structlog

from engine import pacing
from engine.x.chat import keys as at_x
from engine.x.chat.keys import AtX
from engine.x.client import XClient
from engine.x.errors import AccessTooNarrow, Forgotten, XError
from models import aside
from models.accounts import channels, chat_keys
from models.accounts.channels import Channel
from models.accounts.chat_keys import ChatKeys, KeyState
from models.accounts.tokens import may_write_dms
from models.aside import Item, Place
from tasks import accounts, lanes
from tasks.accounts import TokenBusy
from tasks.clock import now

log = structlog.get_logger()
REFUSED_AGAIN = timedelta(days=1)
MOST = 20


@lanes.calls_x(lambda channel_id: channel_id, priority=10)
def ask_for_keys(channel_id: int) -> None:
    """Look at what X has of a channel's account, and register what waits for it."""
    channel = channels.one(channel_id)
    if channel is not None:
        with aside.apart(Item(Place.JOB, f"ask_for_keys:{channel_id}", channel_id)):
            ask(channel)


def to_ask(at: datetime) -> list[int]:
    """For the clock: the channels of which X is to be asked."""
    return chat_keys.to_ask(at, MOST)


def ask(channel: Channel, *, pressed: bool = False, for_person: int | None = None) -> None:
    """Look at what X has of the account; where it has none, register the pair that is here.

    `pressed`: somebody asks for it now. `for_person`: and wants a pair to be made, where there is none yet. What comes
    of it is in the channel's row.
    """
    claimed = chat_keys.claim(channel.id, now(), pressed=pressed or for_person is not None)
    if claimed is None:
        return  # somebody else is at it
    try:
        x = accounts.client(channel)
        seen = pressed or for_person is not None
        _settle(channel, at_x.at_x(x, channel.x_user_id), for_person, tell=not seen)
        _register(channel, x, tell=not seen)
    except TokenBusy as busy:
        chat_keys.later(claimed, busy.until)
    except Forgotten:
        return
    except XError as error:
        accounts.heed(channel, error)
        log.warning("keys for X Chat", channel=channel.id, error=type(error).__name__, detail=error.detail)
        chat_keys.later(claimed, _again_at(error, claimed), error.reason, error.detail)


def _register(channel: Channel, x: XClient, *, tell: bool) -> None:
    """Register the pair that waits for it, if one does. Raises XError."""
    waiting = chat_keys.row(channel.id)
    if waiting is None or waiting.state is not KeyState.MADE:
        return
    if not may_write_dms(channel):
        raise AccessTooNarrow
    version = at_x.register(x, channel.x_user_id, json.loads(waiting.registration))
    log.info("keys for X Chat registered", channel=channel.id, version=version)
    if version:
        chat_keys.confirmed(channel.id, waiting.public_key, version, now(), tell=tell)
    else:
        _settle(channel, at_x.at_x(x, channel.x_user_id), tell=tell)


def _settle(channel: Channel, found: list[AtX], for_person: int | None = None, *, tell: bool) -> None:
    """Write down what X has, the newest first, beside what is here; `tell` its owner what is new about it."""
    here = chat_keys.row(channel.id)
    mine = at_x.among(found, here.public_key) if here is not None else None
    was_ours = here is not None and here.was_ours and mine is not None and mine is found[0]
    if not found or was_ours:
        if for_person is None or not _make(channel, for_person):
            chat_keys.none_at_x(channel.id, now())
    elif here is not None and here.sealed and mine is found[0]:
        chat_keys.confirmed(channel.id, here.public_key, mine.version, now(), tell=tell)
    else:
        ours = mine.version if mine is not None else ""
        chat_keys.others_at_x(channel.id, found[0].version, ours, now(), tell=tell)


def _make(channel: Channel, person_id: int | None, *, replaces: bool = False) -> bool:
    """Whether a pair is made, which is sealed before X hears of it."""
    here = chat_keys.row(channel.id)
    if not replaces and here is not None and here.sealed and here.state is not KeyState.NONE:
        return False
    pair, registration = at_x.make()
    return chat_keys.make(channel.id, pair, json.dumps(registration), person_id, now(), replaces=replaces)


def _again_at(error: XError, claimed: ChatKeys) -> datetime:
    """A no of X's own is asked about once more soon, as X may have acted all the same, and then tomorrow, or when
    somebody presses; what passes, after pauses that grow.
    """
    if isinstance(error, AccessTooNarrow) or (not error.passes and claimed.tries > 1):
        return now() + REFUSED_AGAIN
    return error.again_at(now(), pacing.barred_delay(claimed.tries))


# --- on the operator's terminal ----------------------------------------------------------------------------


def look(channel: Channel) -> list[AtX]:
    """What X has of the account now, the newest first, which is written down. Raises XError, TokenBusy."""
    found = at_x.at_x(accounts.client(channel), channel.x_user_id)
    _settle(channel, found, tell=False)
    return found


def unlock(channel: Channel, keys: AtX, pin: bytearray) -> bool:
    """Take these keys of the account out of X's backup, by its PIN, which is wiped; False where the channel is gone.

    Raises WrongPin, NotUnlocked.
    """
    pair = at_x.unlock(keys, pin)
    return chat_keys.unlocked(channel.id, pair, keys.version, now())


def replace(channel: Channel) -> bool:
    """Make a pair that takes the place of what X has; whether X has taken it. Raises XError, TokenBusy."""
    return _make(channel, None, replaces=True) and _registered(channel)


def _registered(channel: Channel) -> bool:
    _register(channel, accounts.client(channel), tell=True)
    row = chat_keys.row(channel.id)
    return row is not None and row.state is KeyState.READY
