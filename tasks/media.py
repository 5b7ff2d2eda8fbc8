"""Bring photos, GIFs and videos to X, in pieces, before the tweet that shows them is due."""

import threading
import time
from datetime import datetime, timedelta

import structlog

from engine.media import MAX_ALT
from engine.x.client import XClient
from engine.x.errors import AccessTooNarrow, Fault, Gone, OverBudget, Refused, XError
from engine.x.prices import Billed
from engine.x.uploads import MediaAtX
from models import aside
from models.accounts import tokens, troubles
from models.accounts.channels import Channel
from models.aside import Item, Place
from models.costs import ledger
from models.database import rest
from models.publishing import holding, media, threads
from models.publishing.media import Upload, UploadStatus
from models.publishing.tweets import Tweet, TweetStatus
from tasks import accounts, costs, publishing
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.lanes import UPLOADS, calls_x
from tasks.queues import publishing as queue

log = structlog.get_logger()
CHUNK = 2 * 2**20
SECOND = timedelta(seconds=1)
PAUSES = {Fault.CHANNEL: timedelta(minutes=1), Fault.APP: timedelta(minutes=5)}
LONGEST_PAUSE, LONGEST_HELD = timedelta(minutes=5), timedelta(minutes=15)
WORKED_ON = timedelta(minutes=30)  # X is not waited for any longer
DESCRIBED_WITHIN = timedelta(minutes=2)  # else it is said without its description
LATE = "media_late"
LOST = (Gone.reason, "media_gone")  # X does not know the upload, or its uploads are out of order


class Pace:
    """When the next piece may go: so many a second of a process. Each costs its processor as much as a few posts do."""

    def __init__(self, per_second: float) -> None:
        self._gap_s = 1 / per_second
        self._guard = threading.Lock()
        self._next = 0.0

    def turn(self, at: float) -> float:
        """How many seconds from this moment (monotonic seconds) it is one's turn, first come first served."""
        with self._guard:
            mine = max(at, self._next)
            self._next = mine + self._gap_s
        return mine - at


PACE = Pace(12)


class Lapsed(Exception):
    """The claim is not ours any more: somebody else has it, or it was given back."""


@calls_x(media.channel_of, priority=95, lanes=UPLOADS)
def upload(upload_id: int) -> None:
    """One file, from its first byte, or asked about while X works on it. Done twice it does no harm."""
    item = Item(Place.UPLOAD, upload_id, lambda: media.channel_of(upload_id), lambda: _broke(upload_id))
    with aside.apart(item):
        _upload(upload_id)


def _upload(upload_id: int) -> None:
    item = media.claim(upload_id, now())
    channel_id = media.channel_of(upload_id) or 0
    if item is None:
        _let_go(channel_id)
        return
    channel = Channel.get_or_none((Channel.id == channel_id) & Channel.connected)
    if channel is None:
        _give_up(item, "disconnected", "")
        return
    held_until = holding.keeps_all_from(channel, now())
    if held_until is not None:
        media.later(item, held_until, counted=False)
        return
    if not tokens.may_upload(channel):
        _give_up(item, "media_scope", "")
        return
    try:
        x = accounts.client(channel)
        if not item.lacks_description:
            asked = item.x_media_id if item.status is UploadStatus.PROCESSING else None
            at_x = _send(x, item) if asked is None else x.upload_state(asked, now())
            if not _noted(item, at_x):
                return
        if item.alt:
            _describe(x, item, channel)
    except Lapsed:
        return
    except TokenBusy:
        media.later(item, now() + SECOND, counted=False)
    except XError as error:
        _not_brought(item, channel, error)
    else:
        _is_there(item)


def _send(x: XClient, item: Upload) -> MediaAtX:
    file = media.file(item.media_id)
    if file is None:
        raise Refused("the file is no longer here")
    media_id = x.begin_upload(file.kind, file.mime, file.size, still=file.still)
    for segment, start in enumerate(range(0, file.size, CHUNK)):
        if queue.stopping:
            media.later(item, now(), counted=False)  # whoever comes after us begins it at once
            raise Lapsed
        if not media.renew(item, now()):
            raise Lapsed
        rest()
        time.sleep(PACE.turn(time.monotonic()))
        x.append_upload(media_id, segment, media.chunk(file.media_id, start, CHUNK))
    return x.finish_upload(media_id, now())


def _noted(item: Upload, at_x: MediaAtX) -> bool:
    """Write down how it stands at X; whether X is done with it. What X works on for ever has an end."""
    at = now()
    since = item.asked_since or at
    if at_x.is_ready:
        return media.taken(item, at_x.media_id, at_x.media_key, at_x.expires_at, at)
    if at - since > WORKED_ON:
        _give_up(item, LATE, "")
        return False
    wait = max(timedelta(seconds=at_x.check_after_s), min((at - since) / 10, timedelta(minutes=1)))
    media.processing(item, at_x.media_id, at_x.media_key, since, at + wait)
    return False


def _describe(x: XClient, item: Upload, channel: Channel) -> None:
    """Tell X what is to be seen. Raises XError where it may take it soon; else it is shown without."""
    assert item.x_media_id is not None
    paid = False
    try:
        costs.pay(channel.id, Billed.ALT_TEXT)  # before: who dies over X's answer has been billed
        paid = True
        x.describe(item.x_media_id, item.alt[:MAX_ALT])
    except XError as error:
        if paid and not error.lost:
            ledger.give_back(channel.id, Billed.ALT_TEXT, now())
        waited = error.again_at(now(), SECOND) - (item.asked_since or now())
        if (error.passes or error.reason in LOST) and waited < DESCRIBED_WITHIN:
            raise
        accounts.heed(channel, error)
        log.warning("shown without its description", upload=item.id, error=type(error).__name__, detail=error.detail)
        item.undescribed = True


def _is_there(item: Upload) -> None:
    """X has it, and all that belongs to it: what waited for it goes on."""
    assert item.x_media_id is not None
    assert item.expires_at is not None
    troubles.over(media.channel_of(item.id) or 0, now(), troubles.Kind.UPLOADS)
    media.ready(item, item.x_media_id, item.x_media_key, item.expires_at, undescribed=item.undescribed)
    for tweet_id in threads.release(now(), item.head_id):
        publishing.say.ring_once(5, tweet_id)


def _not_brought(item: Upload, channel: Channel, error: XError) -> None:
    """What passes is tried again, after pauses that grow; a pause that X wants is no try of ours.

    A 404 passes too: X's uploads have answered so in an outage (docs/x-and-telegram.md, "When X fails"), and what X has
    lost is brought anew. What X is not done with after so many tries is not said, and told once.
    """
    log.info("upload broke off", upload=item.id, error=type(error).__name__)
    accounts.heed(channel, error)
    if isinstance(error, AccessTooNarrow):  # posts may be within its reach
        _give_up(item, "media_scope", error.detail)
        return
    gone = error.reason in LOST
    anew = gone and not item.lacks_description
    if not error.passes and not gone:
        _give_up(item, "bad_media", error.detail)
        return
    if error.holds:
        media.later(item, _held(channel, error), counted=False)
        return
    at = now() + _pause(item, error)
    if not error.renews and troubles.one(channel.id, troubles.Kind.X_DOWN) is None:  # else that is told already
        troubles.met(channel.id, troubles.Kind.UPLOADS, now(), said=error.detail, until=at)
    if _waited_too_long(item) or not media.later(item, at, anew=anew):
        _give_up(item, LATE if gone else error.reason, error.detail)


def _held(channel: Channel, error: XError) -> datetime:
    """Until when X takes nothing of the channel: told once, as it is where a post meets it, and asked ever later."""
    at = now()
    if isinstance(error, OverBudget):  # that is told by who watches over budgets
        return error.again_at(at, SECOND)
    if error.reason in holding.OF_ALL_CALLS:
        holding.met(channel.id, error, at)
        held_until = holding.keeps_all_from(Channel.get_by_id(channel.id), at)
        return held_until or at + PAUSES[error.fault]
    met = troubles.met(channel.id, troubles.Kind.UPLOADS, at, said=error.detail, until=error.named(at))
    return error.again_at(at, min(PAUSES[error.fault] * met.tries, LONGEST_HELD))


def _pause(item: Upload, error: XError) -> timedelta:
    if error.renews:
        return SECOND
    if item.status is not UploadStatus.PROCESSING:
        return min(timedelta(seconds=2 ** min(item.attempts, 12) / 2), LONGEST_PAUSE)
    waited = now() - (item.asked_since or now())
    return max(SECOND, min(waited / 4, timedelta(minutes=1)))


def _waited_too_long(item: Upload) -> bool:
    return item.asked_since is not None and now() - item.asked_since > WORKED_ON


def _give_up(item: Upload, reason: str, detail: str) -> None:
    """It can't be brought there: the whole thread is not begun, and the owner is told."""
    if not media.failed(item):
        return  # its claim lapsed: somebody else brings it
    log.info("upload failed", upload=item.id, reason=reason, detail=detail)
    _unsaid(item, reason, detail)
    _let_go(media.channel_of(item.id) or 0)


def _let_go(channel_id: int) -> None:
    """Where nothing of the channel is on its way any more, nobody learns whether an outage of uploads is over."""
    if troubles.one(channel_id, troubles.Kind.UPLOADS) is not None and not media.waiting(channel_id):
        troubles.let_go(channel_id, now(), troubles.Kind.UPLOADS)


def _broke(upload_id: int) -> None:
    """It can't be handled, whoever tries: the same."""
    item = media.give_up(upload_id)
    if item is not None:
        _unsaid(item, threads.BROKE, "")


def _unsaid(item: Upload, reason: str, detail: str) -> None:
    head, own = (Tweet.get_or_none(Tweet.id == tweet_id) for tweet_id in (item.head_id, item.tweet_id))
    if head is not None and own is not None:  # else their channel was deleted meanwhile
        first = head if head.status == TweetStatus.WAITING else own
        threads.unsaid(first, TweetStatus.FAILED, reason, detail, now())
