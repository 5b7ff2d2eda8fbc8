"""Lists and home timelines are asked for again and again, each by its channel's own token, and what else is to be.

Of accounts that the stream brings it is asked whether X still shows them: by a page of what came just now, which is
empty nearly always, so X bills nothing.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import structlog

from engine.watching import WatchedKind, Way
from engine.x import prices
from engine.x.errors import AccessTooNarrow, Gone, Refused, XError
from engine.x.events import id_at
from engine.x.prices import Billed
from engine.x.watching import calls
from engine.x.watching.calls import Ask
from engine.x.watching.posts import Matched, PageOfPosts
from models import aside
from models.accounts import channels
from models.accounts.channels import Channel
from models.aside import Item, Place
from models.streaming import hearing
from models.watching import polling
from models.watching.polling import Read
from models.watching.watched import Watched
from tasks import accounts, costs
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.lanes import calls_x
from tasks.moderation import judge
from tasks.streaming.hearing import streamed
from tasks.watching.askers import asker

log = structlog.get_logger()
MOST_POSTS = 200  # of one poll
NEWS = timedelta(minutes=15)  # at least; what its channel would be too late to repeat is not read
NOT_NOW = timedelta(minutes=15)  # until somebody is looked at again about whom X gave no answer
BUSY, LIMITED, FAILED = timedelta(seconds=2), timedelta(minutes=5), timedelta(minutes=1)
NOT_SHOWN = (Gone, Refused, AccessTooNarrow)


@calls_x(polling.channel_of, priority=85)
def poll_watched(watched_id: int) -> None:
    """Ask X for one thing that one channel watches. Never while somebody else does."""
    with aside.apart(Item(Place.POLL, f"watched:{watched_id}", polling.channel_of(watched_id))) as trial:
        claimed = polling.claim(watched_id, now())
        channel = channels.one(claimed.channel_id) if claimed is not None else None
        if claimed is None or channel is None or not (channel.connected and channel.is_on and channel.hears):
            trial.untried = True
            return
        if claimed.way is Way.STREAM and streamed():
            _see(channel, claimed)
            return
        try:
            read = _read(asker(channel, claimed.kind), channel, claimed)
        except TokenBusy as busy:
            trial.untried = True
            polling.put_off(claimed, max(busy.until, now() + BUSY))
        except NOT_SHOWN as error:
            log.info("what is watched is not shown", watched=watched_id, detail=error.detail)
            polling.refused(claimed, error.detail, now())
        except XError as error:
            trial.untried = True
            log.info("not polled", watched=watched_id, error=type(error).__name__)
            accounts.heed(channel, error)
            polling.put_off(claimed, error.again_at(now(), LIMITED if error.holds else FAILED))
        else:
            if polling.polled(claimed, read, now()):
                judge.ring_once(2)


def look(at: datetime, *, all_ways: bool) -> None:
    """For the clock: what is due."""
    poll_watched.ring_for(5, polling.due(at, all_ways=all_ways))
    if not all_ways:
        poll_watched.ring_for(5, polling.to_be_seen(at))


def _see(channel: Channel, claimed: Watched) -> None:
    """Ask whether an account that the stream brings is there, as everybody sees it."""
    at = now()
    ask = accounts.app_client(costs.told(channel.id), costs.paying(channel.id)).ask
    try:
        next(calls.of_account(ask, int(claimed.key), since_id=id_at(at), most=1, now=at), None)
    except Gone as error:
        log.info("who is watched is not shown", watched=claimed.id, detail=error.detail, before=bool(claimed.said))
        polling.not_seen(claimed, error.detail, now())
    except XError as error:
        log.info("not looked at", watched=claimed.id, error=type(error).__name__, detail=error.detail)
        accounts.heed_of_app(error)
        polling.put_off(claimed, error.again_at(now(), NOT_NOW))
    else:
        polling.seen(claimed, now())


def _read(ask: Ask, channel: Channel, watched: Watched) -> Read:
    """What is newer than its cursor, of others than our own channels. Raises XError."""
    at, ours = now(), hearing.connected()
    since = max(watched.cursor, id_at(at - max(timedelta(seconds=channel.fresh_s), NEWS)))
    first_of_day = watched.polled_at.date() != at.date()  # X bills a post once a UTC day
    posts: list[Matched] = []
    billed: set[int] = set()
    newest = since
    for page in _pages(ask, channel, watched, since, at):
        posts += [p for p in page.posts if p.heard.x_id > since and _is_watched(p, watched, ours)]
        billed |= {i for i in page.billed if i > since or first_of_day}
        newest = max(newest, page.newest)
        if page.oldest <= since or len(billed) >= MOST_POSTS:
            break
    heard = [p.heard for p in posts]
    return Read(heard, prices.of(Billed.WATCHED, at), len(billed - {h.x_id for h in heard}), newest)


def _pages(ask: Ask, channel: Channel, watched: Watched, since: int, at: datetime) -> Iterator[PageOfPosts]:
    match watched.kind:
        case WatchedKind.LIST:
            return calls.of_list(ask, int(watched.key), most=MOST_POSTS, now=at)
        case WatchedKind.HOME:
            return calls.of_home(ask, channel.x_user_id, since_id=since, most=MOST_POSTS, now=at)
        case WatchedKind.ACCOUNT:
            return calls.of_account(ask, int(watched.key), since_id=since, most=MOST_POSTS, now=at)
        case _:
            return calls.search(ask, watched.key, since_id=since, most=MOST_POSTS, now=at)


def _is_watched(post: Matched, watched: Watched, ours: Collection[int]) -> bool:
    return post.heard.sender_id not in ours and not (post.answers and watched.kind.by_name)
