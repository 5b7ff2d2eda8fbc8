"""What passed on a channel within a day, for finding repeats.

A process knows it from the table alone: what is not committed was never said. One channel's rows are written with the
channel's row taken, so their ids come in the order in which others see them.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import peewee as pw

from engine.moderation.repeats import WITHIN
from engine.similarity import Normal, RecentTexts, compared
from models.accounts.channels import Channel
from models.bites import Bite, by_age
from models.bulk import among, execute_many, rows_for_pairs
from models.database import InstantField, Table, from_stored, to_stored
from models.statements import statement

RECENT_CHANNELS = 2000
NEWER = (
    "WITH seen(channel_id, last) AS (VALUES …)"
    " SELECT p.channel_id, p.id, p.message_id, p.words, p.at, p.origin_id FROM seen CROSS JOIN passed_text p"
    " WHERE p.channel_id = seen.channel_id AND p.id > seen.last AND p.at > ? ORDER BY p.id"
)


class PassedText(Table):
    """The words of a message that was approved or held; kept for a day. None, and an id below 0: it was taken back."""

    id = pw.BigAutoField()
    channel_id = pw.IntegerField()
    message_id = pw.BigIntegerField(unique=True)
    origin_id = pw.BigIntegerField()
    words = pw.TextField()
    at = InstantField(index=True)


@dataclass(slots=True)
class Known:
    """What passed on a channel, up to the row `last`."""

    texts: RecentTexts
    last: int = 0


_lock = threading.Lock()
_of: OrderedDict[tuple[int, datetime], Known] = OrderedDict()


@statement
def _made(channel_ids: list[int]) -> pw.Query:
    return Channel.select(Channel.id, Channel.created_at).where(among(Channel.id, channel_ids))


@contextmanager
def known(channel_ids: Iterable[int], now: datetime) -> Iterator[dict[int, Known]]:
    """What passed on these channels until now, for this thread alone while it looks.

    Channels that are gone are not there. One that was forgotten and made anew begins with nothing.
    """
    ids = list(channel_ids)
    made = {i: from_stored(at) for i, at in _made.rows(ids)} if ids else {}
    with _lock:
        found = {i: _of.setdefault((i, made_at), Known(RecentTexts())) for i, made_at in made.items()}
        for key in made.items():
            _of.move_to_end(key)
        while len(_of) > max(RECENT_CHANNELS, len(made)):
            _of.popitem(last=False)
        _bring_up_to_date(found, now)
        yield found


def since(lasts: Mapping[int, int], now: datetime) -> dict[int, RecentTexts]:
    """What passed on channels after the row that each was known up to. Call it with the channels' rows taken."""
    newer = {i: Known(RecentTexts(), last) for i, last in lasts.items()}
    _bring_up_to_date(newer, now)
    return {i: known.texts for i, known in newer.items()}


def remember(rows: Iterable[tuple[int, int, int, Normal, datetime]]) -> None:
    """Write down what passed: (channel, message, the post it is an edit of, its words, when it was said)."""
    execute_many(
        "INSERT INTO passed_text (channel_id, message_id, origin_id, words, at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (message_id) DO NOTHING",
        [(c, m, origin, " ".join(words), to_stored(at)) for c, m, origin, words, at in rows],
    )


def forget(channel_id: int, message_id: int, now: datetime) -> None:
    """What was taken back is no longer compared with: who writes it again, mended, does not repeat it.

    Those who know it learn so from a row of its own, without words, by the message's id turned to its negative.
    Call it with the channel's row taken.
    """
    gone = PassedText.delete().where((PassedText.channel_id == channel_id) & (PassedText.message_id == message_id))
    if gone.execute():
        remember([(channel_id, -message_id, 0, (), now)])


def said_lately(channel: Channel, now: datetime) -> RecentTexts:
    """What passed on a channel within a day, read anew: for trying the rules."""
    return since({channel.id: 0}, now)[channel.id]


def forget_recent() -> None:
    """Begin anew: another database was opened."""
    with _lock:
        _of.clear()


def forget_some(now: datetime, _after: int, most: int) -> Bite:
    """Delete what counts no longer."""
    return by_age(PassedText, PassedText.at, now - 2 * WITHIN, most)


def _bring_up_to_date(found: Mapping[int, Known], now: datetime) -> None:
    seen = [(channel_id, known.last) for channel_id, known in found.items()]
    for channel_id, row_id, message_id, words, at, origin in rows_for_pairs(NEWER, seen, to_stored(now - WITHIN)):
        one = found[channel_id]
        if message_id < 0:
            one.texts.forget(-message_id)
        else:
            one.texts.add(message_id, compared(tuple(words.split(" "))), from_stored(at), origin=origin)
        one.last = row_id
    for one in found.values():
        one.texts.forget_before(now - WITHIN)
