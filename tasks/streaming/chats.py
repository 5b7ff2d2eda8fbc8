"""X Chat, heard: what is encrypted to a channel is read in batches, and X is asked for the keys that did not come.

Who hears stores the events as they are (ear.py, catching_up.py). Any worker reads them, with keys out of the database:
none keeps any, so whoever dies leaves everything to the next.
"""

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog

from engine.x.chat import asking
from engine.x.chat.envelope import Malformed, envelope_of
from engine.x.chat.reading import NewKey, Read, Reader, Signer, Unread, Why
from engine.x.client import XClient
from engine.x.encrypted import Encrypted
from engine.x.errors import XError
from models import aside, vault
from models.accounts import chat_keys
from models.accounts.channels import Channel
from models.aside import Item, Place
from models.streaming import chats, conversation_keys, reading
from models.streaming.chats import Arrived, ChatEvent, For
from tasks import accounts
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.lanes import calls_x
from tasks.moderation import judge
from tasks.queues import job, tweets
from tasks.streaming.taken_back import follow

log = structlog.get_logger()
CHANNELS, BATCH = 1000, 100
SIGNERS_AT_ONCE, FETCHES_AT_ONCE, FETCH_EVENTS = 20, 5, 20
ASK_AGAIN = timedelta(seconds=15)
_reading = threading.Lock()
_again = threading.Event()
_put_off: dict[int, datetime] = {}  # channels of which X does not want to be asked; until when


@job(tweets, priority=55)
def read_chats() -> None:
    """Read until nothing is left. One at a time in a process; a bell rung meanwhile is not lost."""
    _again.set()
    while _again.is_set():
        if not _reading.acquire(blocking=False):
            return  # who reads now sees `_again`
        try:
            while _again.is_set():
                _again.clear()
                while _read_some():
                    if tweets.stopping:
                        return
        finally:
            _reading.release()


@calls_x(lambda channel_id: channel_id, priority=75)
def ask_for_chat_keys(channel_id: int) -> None:
    """Ask X for the public keys of who wrote, and for the keys of conversations that did not come."""
    with aside.apart(Item(Place.CATCH_UP, f"{channel_id}:chat keys", channel_id)) as trial:
        channel = Channel.get_or_none((Channel.id == channel_id) & Channel.connected)
        if channel is None or _is_put_off(channel_id, now()):
            trial.untried = True
            return
        try:
            _ask(accounts.client(channel), channel)
        except TokenBusy:
            trial.untried = True
        except XError as error:
            trial.untried = True
            accounts.heed(channel, error)
            _put_off[channel_id] = error.again_at(now(), ASK_AGAIN)
            log.info("could not ask for keys of chats", channel=channel_id, error=type(error).__name__)
    if trial.broke:
        _put_off[channel_id] = now() + timedelta(seconds=trial.pause_s)
    read_chats.ring_once(2)


def _ask(x: XClient, channel: Channel) -> None:
    """Raises XError, TokenBusy; what was learnt until then is."""
    for user_id in conversation_keys.to_look_up(channel.id, now(), SIGNERS_AT_ONCE):
        conversation_keys.learn_signer(channel.id, user_id, asking.public_keys(x, user_id), now())
    for person_id in chats.to_fetch(channel.id, now(), FETCHES_AT_ONCE):
        chats.fetched(channel.id, person_id, now())
        page = asking.events(x, person_id, most=FETCH_EVENTS)
        store(of_page(channel.id, person_id, page))


def of_event(channel_id: int, event: Encrypted) -> list[Arrived]:
    """What came by the stream, as it is stored: its new key, if there is one, and itself."""
    itself = Arrived(channel_id, event.sender_id, event.sender_id, event.event)
    change = Arrived(channel_id, event.sender_id, 0, event.key_change, is_key=True)
    return [change, itself] if event.key_change else [itself]


def store(arrived: Sequence[Arrived]) -> None:
    """Store them, and have them read. Raises TROUBLE; some may be stored by then."""
    if arrived:
        chats.arrived(arrived, now())
        read_chats.ring_once(2)


def newest(arrived: Sequence[Arrived]) -> dict[int, datetime]:
    """For each channel the moment of the newest of these, as X says; not of those that can't be read."""
    found: dict[int, datetime] = {}
    for one in arrived:
        with suppress(Malformed, ValueError, OverflowError, OSError):
            at = min(datetime.fromtimestamp(envelope_of(one.event).created_ms / 1000, UTC), now())
            found[one.channel_id] = max(found.get(one.channel_id, at), at)
    return found


def of_page(channel_id: int, person_id: int, page: asking.EventsPage) -> list[Arrived]:
    """What stood on a page of a conversation, as it would have come by the stream."""
    keys = [Arrived(channel_id, person_id, 0, event, is_key=True) for event in page.keys]
    return [*keys, *(Arrived(channel_id, person_id, 0, event) for event in page.events)]


def _read_some() -> bool:
    """Read some of each channel's; whether there may be more."""
    channel_ids = chats.to_read(now(), CHANNELS)
    more = False
    for channel_id in channel_ids:
        with aside.apart(Item(Place.CATCH_UP, f"{channel_id}:chat", channel_id)) as trial:
            more |= _read_channel(channel_id)
        if trial.broke:
            log.error("a channel's chats were not read", channel=channel_id)  # its events are claimed, and wait
    return more or len(channel_ids) == CHANNELS


def _read_channel(channel_id: int) -> bool:
    """Read some events of a channel's; whether there are more."""
    events = chats.claim(channel_id, now(), BATCH)
    if not events:
        return False
    channel = Channel.get_or_none((Channel.id == channel_id) & Channel.connected)
    if channel is None:
        chats.drop_of_gone(channel_id)
        return False
    version, read = _with_keys(channel, events)
    settled = aside.together(read, lambda some: reading.settle(channel_id, some, version, now()), _of_event)
    if any(s.heard for s in settled):
        judge.ring_once(2)
    if any(s.taken_back for s in settled):
        follow.ring_once(2)
    if any(s.asks for s in settled):
        ask_for_chat_keys.ring_once(5, channel_id)
    if any(isinstance(found, Unread) and found.why is Why.OTHER_KEYS for _, found in read):
        chat_keys.doubt(channel_id, now())
    return any(s.again for s in settled) or len(events) == BATCH


def _with_keys(channel: Channel, events: list[ChatEvent]) -> tuple[str, list[tuple[ChatEvent, Read | Unread]]]:
    """What each of them says, and the version of the channel's keys with which it was read; empty for none."""
    try:
        mine = chat_keys.of(channel.id)
        reader = None if mine is None else Reader(channel.x_user_id, mine.blob, mine.version)
    except (vault.WrongKey, Unread):  # what they are is known, and nothing is tried again before there are others
        return chat_keys.version_of(channel.id) or "", [(event, Unread(Why.NO_KEYS)) for event in events]
    if mine is None or reader is None:
        return "", [(event, Unread(Why.NO_KEYS)) for event in events]
    people = {event.person_id for event in events}
    keys = conversation_keys.keys_of(channel.id, people)
    signers = conversation_keys.signers_of(channel.id, {*people, channel.x_user_id}, now())
    return mine.version, [(event, _read_one(reader, channel, event, keys, signers)) for event in events]


def _of_event(one: tuple[ChatEvent, Read | Unread]) -> Item:
    """new → unread, where writing down what it says breaks."""
    event = one[0]
    return Item(Place.JOB, f"chat {event.id}", event.channel_id, lambda: chats.unreadable([event], Why.MALFORMED))


def _read_one(
    reader: Reader, channel: Channel, event: ChatEvent, keys: dict[int, dict[str, bytes]],
    signers: Mapping[int, conversation_keys.Known],
) -> Read | Unread:  # fmt: skip
    """What one says; a new key is used at once for those that come after it."""
    theirs: list[Signer] = []
    for user_id in (event.person_id, channel.x_user_id):
        theirs += signers[user_id].keys if user_id in signers else []
    try:
        found = reader.read(event.event, event.sender_id, event.person_id, keys[event.person_id], theirs)
    except Unread as unread:
        known = signers.get(unread.needs_signer)
        if known is not None and known.looked_at > event.heard_at:  # X was asked since, and has no such keys
            return Unread(unread.why)
        return unread
    if isinstance(found, NewKey):
        keys[event.person_id].setdefault(found.version, found.key)
    return found


def to_ask(at: datetime) -> list[int]:
    """For the clock of `publishing`: channels of which X is to be asked for keys."""
    waiting = [c for c in chats.to_ask(at, CHANNELS) if not _is_put_off(c, at)]
    return [c for c in waiting if conversation_keys.to_look_up(c, at, 1) or chats.to_fetch(c, at, 1)]


def begin() -> None:
    """A worker starts: what the channels' own keys could not read may be read now, as SECRET_KEY may be another."""
    chats.wait_no_more(For.OWN, now())


def look(at: datetime) -> None:
    """For the clock of `tweets`: what is to be read, in case no bell was heard."""
    if chats.to_read(at, 1):
        read_chats.ring_once(2)


def _is_put_off(channel_id: int, at: datetime) -> bool:
    return _put_off.get(channel_id, at) > at
