"""Say: claim a tweet, call X, write down what came back. Settle what nobody knows. Take back what is undone."""

import time
from collections.abc import Callable
from datetime import timedelta

import structlog

from engine import on_x
from engine.moderation import Form, MessageKind
from engine.x import in_time
from engine.x.client import OwnPost, XClient
from engine.x.errors import AccountLocked, Acted, AppDayFull, Fault, Gone, Refused, XError
from models import aside
from models.accounts.channels import Channel
from models.aside import Item, Place
from models.moderation import judging
from models.publishing import hashtags, media, saying, settling, taking_back, threads
from models.publishing.media import Upload
from models.publishing.tweets import Tweet, TweetStatus, channel_of
from models.streaming import messages
from tasks import accounts
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.lanes import calls_x

log = structlog.get_logger()
CREDITS_HOLD = timedelta(hours=1)
MAX_DOUBTS = 4
SAID_NO = (Refused.reason, Gone.reason)
SEND_WITHIN_S = 5.0  # of the claim's renewal: with the wait for X's answer that is over before the claim is
READ_BACK_MARGIN = timedelta(minutes=2)
READ_AGAIN = timedelta(seconds=10)
READ_LATER = timedelta(minutes=5)  # where X wants no calls of the channel at all


@calls_x(channel_of, priority=100)
def say(tweet_id: int) -> None:
    """One tweet, once. If it is not due, not queued, or another worker has it, nothing.

    The claim is renewed last, for the text as it is said then, and X is asked within moments of that or not at all: who
    was stopped meanwhile, for however long, finds that it is somebody else's, or that it is too late.
    """
    mine: list[Tweet] = []
    with aside.apart(_item(Place.SAY, tweet_id, lambda: saying.broke(tweet_id, mine, now()))):
        _say(tweet_id, mine)


def _say(tweet_id: int, mine: list[Tweet]) -> None:
    claimed = saying.claim(tweet_id, now())
    if claimed is None:
        return
    tweet, channel = claimed
    mine.append(tweet)
    asked = False
    try:
        x = accounts.client(channel)
        uploads = media.of_tweet(tweet.id) if tweet.message_id is None else []
        if media.expired(uploads, now()):
            threads.wait_for_media(tweet, now())
            return
        source = saying.mention_copied(tweet)
        if source is not None and not x.still_there(source):
            saying.fail(tweet, now(), Gone.reason, "deleted by who wrote it")
            return
        tweet = hashtags.add_to(tweet, now())
        answers = threads.answered_by(tweet)
        renewed_at = time.clock_gettime(in_time.CLOCK)
        if not saying.renew_claim(tweet, now()):
            return  # a refresh, a look at X or our own sleep took so long that somebody else has it by now
        asked = True
        with in_time.until(renewed_at + SEND_WITHIN_S):
            x_id = _tell_x(x, tweet, channel, uploads, answers)
        _is_said(tweet, x_id)
    except in_time.TooLate:
        log.warning("too late to ask X", tweet=tweet.id, channel=channel.id)
        saying.retry(tweet, now(), "stale", wait=timedelta(0))  # as far as it is still ours
    except TokenBusy as busy:
        until = min(busy.until, tweet.fresh_until)
        saying.retry(tweet, now(), busy.reason, wait=max(until - now(), timedelta(seconds=1)))
    except XError as error:
        _not_said(tweet, channel, error)
    except aside.PASSES:
        raise
    except Exception:
        if not asked or tweet.attempts >= MAX_DOUBTS:
            raise
        log.exception("X was asked, and then it broke", tweet=tweet.id)
        if tweet.form is not Form.REPOST:  # that one may simply be asked again, once its claim has lapsed
            saying.doubt(tweet, now(), saying.BROKE)


def _is_said(tweet: Tweet, x_id: int) -> None:
    saying.sent(tweet, x_id, now())
    _go_on_with(tweet)


@calls_x(channel_of, priority=80)
def settle(tweet_id: int) -> None:
    """Find out whether X has a tweet of which no answer came: read the channel's own posts back."""
    mine: list[Tweet] = []
    with aside.apart(_item(Place.SETTLE, tweet_id, lambda: saying.broke(tweet_id, mine, now()))):
        _settle(tweet_id, mine)


def _settle(tweet_id: int, mine: list[Tweet]) -> None:
    claimed = settling.claim(tweet_id, now())
    if claimed is None:
        return
    tweet, channel = claimed
    mine.append(tweet)
    assert tweet.started_at is not None  # it was claimed to be said
    try:
        posts = accounts.client(channel).own_posts(channel.x_user_id, tweet.started_at - READ_BACK_MARGIN)
    except TokenBusy as busy:
        settling.later(tweet, busy.until, now())
        return
    except XError as error:
        accounts.heed(channel, error)
        settling.later(tweet, error.again_at(now(), READ_LATER if error.holds else READ_AGAIN), now(), error.detail)
        log.info("could not read back", tweet=tweet.id, error=type(error).__name__)
        return
    ours = settling.known_x_ids(channel.id, [p.x_id for p in posts])
    shown = frozenset(u.x_media_key for u in media.of_tweet(tweet.id))
    said = next((p for p in posts if p.x_id not in ours and _is_it(p, tweet.text, shown)), None)
    if said is not None:
        saying.sent(tweet, said.x_id, now(), status=TweetStatus.UNKNOWN)
        _go_on_with(tweet)
    elif tweet.reason in SAID_NO:
        _refused(tweet, channel, tweet.reason, tweet.detail)
    else:
        settling.requeue_unsaid(tweet, now())
        say.ring_once(5, tweet.id)
    log.info("settled", tweet=tweet.id, channel=channel.id, said=said is not None)


@calls_x(channel_of, priority=90)
def undo(tweet_id: int) -> None:
    """Take a tweet back from X. Done twice it does no harm."""
    with aside.apart(_item(Place.UNDO, tweet_id, lambda: taking_back.broke(tweet_id, now()))):
        _undo(tweet_id)


def _undo(tweet_id: int) -> None:
    claimed = taking_back.claim(tweet_id, now())
    if claimed is None:
        return
    tweet, channel = claimed
    try:
        x = accounts.client(channel)
        if tweet.form is Form.REPOST:
            assert tweet.target_x_id is not None
            x.undo_repost(channel.x_user_id, tweet.target_x_id)
        else:
            assert tweet.x_id is not None  # only what was sent is taken back
            x.delete_post(tweet.x_id)
    except TokenBusy as busy:
        taking_back.later(tweet, busy.until, now())
    except XError as error:
        accounts.heed(channel, error)
        if error.passes and tweet.undo_attempts < taking_back.MAX_ATTEMPTS:
            again = error.again_at(now(), timedelta(seconds=2 * tweet.undo_attempts))
            taking_back.later(tweet, again, now())
        else:
            taking_back.failed(tweet, error.detail, now())
    else:
        taking_back.done(tweet, now())


def _item(place: Place, tweet_id: int, leave: Callable[[], object]) -> Item:
    return Item(place, tweet_id, lambda: channel_of(tweet_id), leave)


def _is_it(post: OwnPost, text: str, shown: frozenset[str]) -> bool:
    """Whether a post of the channel's is this tweet: by what it shows, which is X's own, or by its text."""
    if shown:
        return post.media_keys == shown
    return not post.media_keys and on_x.is_same(text, post.text, post.leads)


def _go_on_with(tweet: Tweet) -> None:
    for tweet_id in threads.next_up(tweet):
        say.ring_once(5, tweet_id)


def _tell_x(x: XClient, tweet: Tweet, channel: Channel, uploads: list[Upload], answers: int | None) -> int:
    """Ask X, and nobody else, for what is claimed: between the claim's renewal and the call nothing takes time."""
    if tweet.form is Form.REPOST:
        assert tweet.target_x_id is not None
        try:
            x.repost(channel.x_user_id, tweet.target_x_id)
        except (Refused, Gone):
            x.repost(channel.x_user_id, tweet.target_x_id)  # had it acted in spite of its no, it says so now
        return tweet.target_x_id
    media_ids = [u.x_media_id for u in uploads if u.x_media_id is not None]
    return x.post(tweet.text, answers=answers, media_ids=media_ids)


def _fall_back(tweet: Tweet, channel: Channel, detail: str) -> bool:
    """Try the other form once where X refuses this one, if there is one and the owner wants it."""
    message = messages.message(tweet.message_id) if tweet.message_id else None
    if message is None or tweet.edited:
        return False
    style = judging.load_rules(channel).style
    kind = MessageKind(message.kind)
    form = style.other_form(kind, Form(tweet.form))
    if form is None:
        return False
    copied = form is Form.COPY
    text = style.copy_of(kind, message.text, message.sender_name, message.sender_handle) if copied else ""
    if copied and not text.strip():
        return False
    if not saying.fall_back(tweet, form, text, None if copied else message.x_id, now(), detail):
        return False
    say.ring_once(5, tweet.id)
    return True


def _not_said(tweet: Tweet, channel: Channel, error: XError) -> None:
    """What each refusal leads to. Only what may pass is tried again; what may have been said is read back."""
    at, detail = now(), error.detail
    log.info("not said", tweet=tweet.id, channel=channel.id, error=type(error).__name__, detail=detail)
    if error.renews:
        saying.retry(tweet, at, error.reason, detail, wait=timedelta(0))
        accounts.heed(channel, error)
    elif isinstance(error, AccountLocked):
        accounts.heed(channel, error)
        saying.locked_out(tweet, at, error.reason, detail)
    elif isinstance(error, AppDayFull) and tweet.form is Form.COPY:
        saying.day_full(tweet, channel, error.until, at, detail)
    elif error.holds:
        until = error.until or (at + CREDITS_HOLD if error.fault is Fault.APP else None)
        saying.hold(tweet, channel, until, at, error.reason, detail)
    elif error.acted is Acted.MAYBE and tweet.form != Form.REPOST:  # a repost may simply be asked again
        saying.doubt(tweet, at, "no_answer")
    elif error.acted is Acted.BEFORE and saying.tried_before(tweet) and tweet.attempts < MAX_DOUBTS:
        saying.doubt(tweet, at, error.reason)
    elif error.acted is Acted.RARELY and tweet.form is Form.COPY:  # a repost was asked twice
        saying.doubt(tweet, at, error.reason, detail)
    elif error.passes:
        saying.retry(tweet, at, error.reason, detail)
    elif error.other_form:
        _refused(tweet, channel, error.reason, detail)
    else:
        saying.fail(tweet, at, error.reason, detail)


def _refused(tweet: Tweet, channel: Channel, reason: str, detail: str) -> None:
    """X does not have it, and won't: the other form, where there is one, else it has failed."""
    if reason != Gone.reason and _fall_back(tweet, channel, detail):
        log.info("falls back", tweet=tweet.id, detail=detail)
    else:
        saying.fail(tweet, now(), reason, detail, status=tweet.status)
