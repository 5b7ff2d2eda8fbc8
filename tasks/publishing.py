"""Say: claim a tweet, call X, write down what came back. Settle what nobody knows. Take back what is undone."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

import structlog

from engine import composing, on_x
from engine.moderation import Form, MessageKind
from engine.moderation.protected import PROTECTED
from engine.x import dms, in_time
from engine.x.client import XClient
from engine.x.errors import (
    Acted,
    AppDayFull,
    ChannelDayFull,
    Fault,
    Garbled,
    Gone,
    MediaGone,
    OverBudget,
    RateLimited,
    Refused,
    Unavailable,
    XError,
    of_reason,
)
from engine.x.shown import OwnPost, Shown
from models import aside
from models.accounts import channels
from models.accounts.channels import Channel
from models.aside import Item, Place
from models.database import transaction
from models.moderation import followers, judging
from models.publishing import hashtags, holding, media, saying, settling, taking_back, threads
from models.publishing.copies import source as original
from models.publishing.copies.source import Copied
from models.publishing.doubts import restored
from models.publishing.media import Upload
from models.publishing.tweets import Tweet, TweetStatus, channel_of
from models.streaming import messages
from models.streaming.messages import Message
from tasks import accounts
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.lanes import calls_x

log = structlog.get_logger()
MAX_DOUBTS, LOOKS_FROM = 4, 3
LIMITS = (RateLimited, ChannelDayFull, AppDayFull)  # those of the call that met them
SEND_WITHIN_S = 5.0  # of the claim's renewal: with the wait for X's answer that is over before the claim is
READ_BACK_MARGIN = timedelta(minutes=2)


@dataclass(slots=True)
class Turn:
    """What a job has in its hands: the tweet that it claimed, and whether X was asked for it."""

    tweet: Tweet | None = None
    asked: bool = False


@calls_x(channel_of, priority=100)
def say(tweet_id: int) -> None:
    """One tweet, once. If it is not due, not queued, or another worker has it, nothing.

    The claim is renewed last, for the text as it is said then, and X is asked within moments of that or not at all: who
    was stopped meanwhile, for however long, finds that it is somebody else's, or that it is too late.
    """
    turn = Turn()
    with aside.apart(_item(Place.SAY, tweet_id, lambda: saying.broke(tweet_id, turn.tweet, turn.asked, now()))):
        _say(tweet_id, turn)


def _say(tweet_id: int, turn: Turn) -> None:
    claimed = saying.claim(tweet_id, now())
    if claimed is None:
        return
    turn.tweet, channel = claimed
    tweet = turn.tweet
    try:
        x = accounts.client(channel)
        uploads = media.of_tweet(tweet.id) if tweet.message_id is None else []
        if media.expired(uploads, now()):
            threads.wait_for_media(tweet, now())
            return
        source = original.source_of(tweet)
        if source is not None and not _may_be_copied(x, tweet, source):
            return
        tweet = hashtags.add_to(tweet, now())
        answers = threads.answered_by(tweet)
        renewed_at = time.clock_gettime(in_time.CLOCK)
        if not saying.renew_claim(tweet, now()):
            return  # a refresh, a look at X or our own sleep took so long that somebody else has it by now
        turn.asked = True
        with in_time.until(renewed_at + SEND_WITHIN_S):
            x_id = _tell_x(x, tweet, channel, uploads, answers)
        _is_said(tweet, x_id)
        if x.day_over is not None:
            _hold(tweet, channel, x.day_over, asked=True)
    except in_time.TooLate:
        log.warning("too late to ask X", tweet=tweet.id, channel=channel.id)
        saying.retry(tweet, now(), "stale", wait=timedelta(0))  # as far as it is still ours
    except TokenBusy as busy:
        until = min(busy.until, tweet.fresh_until)
        saying.retry(tweet, now(), busy.reason, wait=max(until - now(), timedelta(seconds=1)))
    except XError as error:
        _not_said(tweet, channel, error, asked=turn.asked)
    except aside.PASSES:
        raise
    except Exception:
        if not turn.asked or tweet.attempts >= MAX_DOUBTS:
            raise
        log.exception("X was asked, and then it broke", tweet=tweet.id)
        saying.doubt(tweet, now(), saying.BROKE)


def _may_be_copied(x: XClient, tweet: Tweet, source: Copied) -> bool:
    """Whether everybody can read on X what this is a copy of; else it has failed. Raises XError."""
    shown = x.shown(source.x_id)
    if shown is Shown.NOT:
        saying.fail(tweet, now(), Gone.reason, "deleted by who wrote it")
    elif shown is Shown.TO_FOLLOWERS:
        saying.fail(tweet, now(), PROTECTED)
    elif shown is Shown.UNSAID and not source.was_public:
        raise Garbled("X does not say whether its author's account is protected")
    else:
        return True
    return False


def _is_said(tweet: Tweet, x_id: int) -> None:
    saying.sent(tweet, x_id, now())
    _go_on_with(tweet)


@calls_x(channel_of, priority=80)
def settle(tweet_id: int) -> None:
    """Find out whether X has a tweet of which no answer came: read the channel's own posts back."""
    turn = Turn(asked=True)
    with aside.apart(_item(Place.SETTLE, tweet_id, lambda: saying.broke(tweet_id, turn.tweet, turn.asked, now()))):
        _settle(tweet_id, turn)


def _settle(tweet_id: int, turn: Turn) -> None:
    claimed = settling.claim(tweet_id, now())
    if claimed is None:
        return
    turn.tweet, channel = claimed
    tweet = turn.tweet
    if tweet.answers_sender is not None:  # X shows no list of them: it may be there, so it is not sent again
        saying.fail(tweet, now(), settling.NOT_KNOWN, status=TweetStatus.UNKNOWN, in_doubt=True)
        return
    try:
        x_id = _standing(accounts.client(channel), tweet, channel)
    except TokenBusy as busy:
        settling.later(tweet, busy.until, now())
        return
    except XError as error:
        accounts.heed(channel, error)
        settling.later(tweet, error.again_at(now(), settling.pause(tweet, now())), now(), error.detail)
        log.info("could not read back", tweet=tweet.id, error=type(error).__name__)
        return
    if x_id is not None:
        saying.sent(tweet, x_id, now(), status=TweetStatus.UNKNOWN)
        _go_on_with(tweet)
    else:
        _is_not_there(tweet, channel)
    log.info("settled", tweet=tweet.id, channel=channel.id, said=x_id is not None)


def _standing(x: XClient, tweet: Tweet, channel: Channel) -> int | None:
    """The id under which X shows a tweet, in the form that was asked for; None where it does not have it.

    Raises XError, also where what X shows leaves it open.
    """
    assert tweet.started_at is not None  # it was claimed to be said
    reposted = tweet.form is Form.REPOST
    posts = x.own_posts(channel.x_user_id, tweet.started_at - READ_BACK_MARGIN, reposts=reposted)
    if reposted:
        if any(p.repost_of == tweet.target_x_id for p in posts):
            return tweet.target_x_id
        if any(p.repost_of is None and p.text.startswith("RT @") for p in posts):
            raise Garbled("X does not say what was reposted")
        return None
    ours = settling.known_x_ids(channel.id, [p.x_id for p in posts])
    shown = frozenset(u.x_media_key for u in media.of_tweet(tweet.id))
    elsewhere = tweet.reason == restored.REASON  # what it shows may have been brought to X there, under other keys
    others = (p for p in posts if p.x_id not in ours)
    return next((p.x_id for p in others if _is_it(p, tweet, shown, by_text=elsewhere)), None)


def _is_not_there(tweet: Tweet, channel: Channel) -> None:
    """X was read, and does not have it: now what it said counts, if it was its own word about this post."""
    said = of_reason(tweet.reason)
    if said is MediaGone:
        if media.count_of(tweet.id):
            settling.show_again(tweet, now())
        else:
            _refused(tweet, channel, Refused, tweet.detail)
    elif said is None or said.passes:
        settling.requeue_unsaid(tweet, now())
        say.ring_once(5, tweet.id)
    else:
        _refused(tweet, channel, said, tweet.detail)


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
        found = _take_back(x, tweet, channel)
        if found is not Found.STANDS:
            taking_back.done(tweet, now(), by_us=found is Found.TAKEN)
        else:
            taking_back.later(tweet, now() + taking_back.pause(tweet), now())
    except TokenBusy as busy:
        taking_back.later(tweet, busy.until, now())
    except XError as error:
        accounts.heed(channel, error)
        if error.passes and tweet.undo_attempts < taking_back.MAX_ATTEMPTS:
            taking_back.later(tweet, error.again_at(now(), taking_back.pause(tweet)), now())
        else:
            taking_back.failed(tweet, error.reason, error.detail, now())


class Found(Enum):
    """How a tweet that is to be taken back stands at X."""

    STANDS = auto()
    TAKEN = auto()  # by us, now or at a try before
    GONE = auto()  # by somebody else


def _take_back(x: XClient, tweet: Tweet, channel: Channel) -> Found:
    """Whether X still shows it: by its yes, or, as a no may come after the deed, and too early, by looking.

    Raises XError: what X says to a second try, where it still stands, is so. What gives no good answer is asked again,
    and looked at from the third time on: it may have done it each time.
    """
    reposted = tweet.form is Form.REPOST
    assert (tweet.target_x_id if reposted else tweet.x_id) is not None  # only what was sent is taken back
    try:
        if reposted:
            x.undo_repost(channel.x_user_id, tweet.target_x_id or 0)
        else:
            x.delete_post(tweet.x_id or 0)
    except XError as error:
        if error.passes and (error.acted is not Acted.MAYBE or tweet.undo_attempts < LOOKS_FROM):
            raise
        stands = _standing(x, tweet, channel) is not None if reposted else x.still_there(tweet.x_id or 0)
        if stands and (error.passes or tweet.undo_attempts > 1):
            raise
        if stands:
            return Found.STANDS
        return Found.GONE if isinstance(error, Gone) and tweet.undo_attempts <= 1 else Found.TAKEN
    return Found.TAKEN


def _item(place: Place, tweet_id: int, leave: Callable[[], object]) -> Item:
    return Item(place, tweet_id, lambda: channel_of(tweet_id), leave)


def _is_it(post: OwnPost, tweet: Tweet, shown: frozenset[str], *, by_text: bool) -> bool:
    """Whether a post of the channel's is this tweet: by what it shows, which is X's own, or by its text.

    `by_text`: also where it shows something, of which only the number is known then.
    """
    if shown and (post.media_keys == shown or not by_text):
        return post.media_keys == shown
    text = composing.as_written(post.text) if tweet.is_answer else post.words
    return len(post.media_keys) == len(shown) and on_x.is_same(tweet.text, text, post.leads)


def _go_on_with(tweet: Tweet) -> None:
    for tweet_id in threads.next_up(tweet):
        say.ring_once(5, tweet_id)


def _tell_x(x: XClient, tweet: Tweet, channel: Channel, uploads: list[Upload], answers: int | None) -> int:
    """Ask X, and nobody else, for what is claimed: between the claim's renewal and the call nothing takes time."""
    if tweet.form is Form.REPOST:
        assert tweet.target_x_id is not None
        x.repost(channel.x_user_id, tweet.target_x_id)
        return tweet.target_x_id
    if tweet.answers_sender is not None:
        return dms.send(x, tweet.answers_sender, tweet.text)
    media_ids = [u.x_media_id for u in uploads if u.x_media_id is not None]
    return x.post(tweet.text, answers=answers, media_ids=media_ids)


def _fall_back(tweet: Tweet, channel: Channel, detail: str) -> bool:
    """Try the other form once where X refuses this one, if there is one and the owner wants it."""
    message = messages.message(tweet.message_id) if tweet.message_id else None
    if message is None or tweet.edited or tweet.is_answer:
        return False
    style = judging.load_rules(channel).style
    kind = MessageKind(message.kind)
    form = style.other_form(kind, Form(tweet.form))
    if form is None:
        return False
    copied = form is Form.COPY
    if copied and not message.sender_handle and style.names(kind) and not look_up(message, channel):
        return False
    if copied and message.protected:
        return False  # that may be why X refused
    texts = style.copies_of(kind, message.text, message.sender_name, message.sender_handle) if copied else ("",)
    if copied and not texts[0].strip():
        return False
    if not saying.fall_back(tweet, form, texts, None if copied else message.x_id, now(), detail):
        return False
    say.ring_once(5, tweet.id)
    return True


def look_up(message: Message, channel: Channel) -> bool:
    """Find out who wrote a message, and write it down, also in `message`; False where X gives no answer."""
    person = followers.name_of(message, now())
    if person is None:
        try:
            asked = accounts.client(channel).people([message.sender_id])
        except TokenBusy:
            return False
        except XError as error:
            accounts.heed(channel, error)
            log.info("could not ask who wrote it", message=message.id, error=type(error).__name__)
            return False
        person = followers.asked_of(message, asked[message.sender_id], now())
    followers.name(message, person)
    return True


def _not_said(tweet: Tweet, channel: Channel, error: XError, *, asked: bool = True) -> None:
    """What each error leads to, for the channel at once. For the tweet: what may have reached X is read back before
    anything is told or tried; what has not, is tried again.

    `asked`: for the tweet itself, not on the way to it: what X says of another call is no word about this one.
    """
    at, detail = now(), error.detail
    log.info("not said", tweet=tweet.id, channel=channel.id, error=type(error).__name__, detail=detail)
    accounts.heed(channel, error)
    _hold(tweet, channel, error, asked=asked)
    if asked and error.day_over is not None:
        _hold(tweet, channel, error.day_over, asked=True)
    if asked and error.acted is not Acted.NO:
        saying.doubt(tweet, at, error.reason, detail, lost=error.lost)
    elif error.renews or error.holds:
        saying.retry(tweet, at, error.reason, detail, wait=error.again_at(at, timedelta(0)) - at)
    elif error.passes or not asked:
        saying.retry(tweet, at, error.reason if error.passes else Unavailable.reason, detail)
    else:
        saying.fail(tweet, at, error.reason, detail)


def _hold(tweet: Tweet, channel: Channel, error: XError, *, asked: bool) -> None:
    """X takes nothing of this channel, or of any, for now; or it is seen to take posts again."""
    if isinstance(error, OverBudget) or (isinstance(error, LIMITS) and not asked):
        return
    if isinstance(error, AppDayFull) and tweet.form is Form.COPY:
        saying.day_full(channel, error.named(now()), now(), error.detail)
    elif error.holds or (asked and error.fault is Fault.WAY):
        holding.met(channel.id, error, now(), tweet.id)
    elif asked and error.fault is Fault.POST and (current := channels.one(channel.id)) is not None:
        with transaction():
            holding.took(current, tweet, now())


def _refused(tweet: Tweet, channel: Channel, said: type[XError], detail: str) -> None:
    """X does not have it, and won't: the other form, where there is one, else it has failed."""
    if said.other_form and _fall_back(tweet, channel, detail):
        log.info("falls back", tweet=tweet.id, detail=detail)
    else:
        saying.fail(tweet, now(), said.reason, detail, status=tweet.status)
