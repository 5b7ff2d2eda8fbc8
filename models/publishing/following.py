"""Cards in the chat that show where a message or a post stands: they are drawn anew whenever that changes.

A card is a notice that was told by being shown (`CardShown`, `OnItsWay`, and what a wing above says the state of by
`stands`); a held message's notice is one, too. It keeps what it showed (`drawn_as`) for as long as that may change by
itself, and whoever delivers looks at these every second: so no arrow of a post need know of cards. What is settled
changes only by a person, who has it drawn anew by name.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from models import aside
from models.aside import Item, Place
from models.database import transaction
from models.notifications import declaring, notices
from models.notifications.declaring import NoticeKind, Told
from models.notifications.kinds import CardShown, OnItsWay
from models.notifications.notices import Notice, NoticeStatus
from models.publishing import kept
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.streaming.messages import Message, MessageStatus

SHOWN_KINDS = [NoticeKind.CARD, NoticeKind.ON_ITS_WAY]
OF_MESSAGES = (NoticeKind.CARD, NoticeKind.HELD)
UNSETTLED = (TweetStatus.WAITING, TweetStatus.QUEUED, TweetStatus.SENDING, TweetStatus.UNKNOWN)
JUDGED_SOON = (MessageStatus.RECEIVED, MessageStatus.ASKING)
A_LOOK = 500


@dataclass(frozen=True, slots=True)
class Followed:
    """What a card is about to show: `value` says what it is, `state` how that stands; None where that is settled."""

    channel_id: int
    value: Told
    state: str | None
    tweet_id: int | None


State = tuple[str | None, int | None]
States = Callable[[Sequence[Notice]], dict[int, State]]
_others: dict[NoticeKind, States] = {}


def stands(kind: NoticeKind) -> Callable[[States], States]:
    """Register who says of cards of a kind how what they show stands, and its post; by the id of the notice."""

    def registered(states: States) -> States:
        _others[kind] = states
        SHOWN_KINDS.append(kind)
        return states

    return registered


def message(channel_id: int, message_id: int) -> Followed:
    """A message's card. Call it before the card is drawn."""
    state, tweet_id = _of_messages([message_id])[message_id]
    return Followed(channel_id, CardShown(message_id), state, tweet_id)


def tweet(channel_id: int, tweet_id: int) -> Followed:
    """The card of a post (the first of its thread). Call it before the card is drawn."""
    return Followed(channel_id, OnItsWay(tweet_id), of_tweets([tweet_id])[tweet_id], tweet_id)


def shown(person_id: int, telegram_message_id: int, what: Followed | None, now: datetime) -> None:
    """The person sees this in a message of ours, in the place of whatever stood there."""
    with transaction():
        there = notices.of_telegram_message(person_id, telegram_message_id)
        told = [n for n in there if n.kind not in SHOWN_KINDS]
        if len(told) < len(there):
            mine = (Notice.person_id == person_id) & (Notice.telegram_message_id == telegram_message_id)
            Notice.delete().where(mine & Notice.kind.in_(SHOWN_KINDS)).execute()
        for notice in told:  # it is drawn anew by itself, as what it is
            same = what if what is not None and _is_card_of(notice, what) else None
            state, tweet_id = (same.state, same.tweet_id) if same is not None else (None, None)
            if notice.drawn_as is not None or state is not None:
                _keep(notice.id, state, tweet_id)
        if what is None or told:
            return
        Notice.insert(
            person_id=person_id, channel_id=what.channel_id, kind=declaring.kind_of(what.value).stored,
            data=declaring.packed(what.value), status=NoticeStatus.DELIVERED, telegram_message_id=telegram_message_id,
            tweet_id=what.tweet_id, message_id=what.value.message if isinstance(what.value, CardShown) else None,
            drawn_as=what.state, due_at=now, created_at=now, delivered_at=now,
        ).execute()  # fmt: skip


def drawn(told: Iterable[Notice]) -> None:
    """These are about to be drawn: what they show now is kept. Call it before they are."""
    told = list(told)
    states = _states(told)
    for notice in told:
        if notice.id in states:
            state, tweet_id = states[notice.id]
            if state != notice.drawn_as or (tweet_id is not None and tweet_id != notice.tweet_id):
                _keep(notice.id, state, tweet_id)


def look(now: datetime, after: int) -> int:
    """Have drawn anew what shows an old state, of so many after this one; the last one looked at, 0 after the end.

    Whoever delivers all notices calls it: a card that breaks keeps nobody from being told, or the look from going on.
    """
    open_ones = (Notice.id > after) & Notice.drawn_as.is_null(False) & Notice.redraw_at.is_null()
    some = list(Notice.select().where(open_ones).order_by(Notice.id).limit(A_LOOK))
    with aside.apart(Item(Place.CLOCK, f"{__name__}.look")):
        aside.piecewise(some, lambda these: _draw_old_anew(these, now))
    return some[-1].id if len(some) == A_LOOK else 0


def _draw_old_anew(told: Sequence[Notice], now: datetime) -> int:
    states, old = _states(told), 0
    for notice in told:
        if notice.id in states and states[notice.id][0] != notice.drawn_as:
            as_read = (Notice.id == notice.id) & (Notice.drawn_as == notice.drawn_as) & Notice.redraw_at.is_null()
            old += Notice.update(redraw_at=now).where(as_read).execute()
    return old


# --- how it stands -----------------------------------------------------------------------------------------------


def _states(told: Sequence[Notice]) -> dict[int, State]:
    """How what each of these shows stands, and its post."""
    by_message = {n.id: n.message_id for n in told if n.kind in OF_MESSAGES and n.message_id is not None}
    by_tweet = {n.id: n.tweet_id for n in told if n.kind == NoticeKind.ON_ITS_WAY and n.tweet_id is not None}
    messages = _of_messages(list(by_message.values())) if by_message else {}
    tweets = of_tweets(list(by_tweet.values())) if by_tweet else {}
    found: dict[int, State] = {n: messages[m] for n, m in by_message.items()}
    found |= {n: (tweets[t], t) for n, t in by_tweet.items()}
    for kind, states in _others.items():
        if some := [n for n in told if n.kind == kind]:
            found |= states(some)
    return found


def _of_messages(ids: Sequence[int]) -> dict[int, State]:
    judged = {m.id: m.status for m in Message.select(Message.id, Message.status).where(Message.id.in_(ids))}
    became: dict[int, Tweet] = {t.message_id or 0: t for t in Tweet.select().where(Tweet.message_id.in_(ids))}
    found: dict[int, State] = {}
    for message_id in ids:
        status, made = judged.get(message_id), became.get(message_id)
        state = _written([made]) if made is not None else None
        if made is None and status in JUDGED_SOON:
            state = str(status)
        found[message_id] = (state, made.id if made is not None else None)
    return found


def of_tweets(ids: Sequence[int]) -> dict[int, str | None]:
    """How these posts stand, each the first of its thread."""
    whole = Tweet.select().where(Tweet.id.in_(ids) | Tweet.thread_id.in_(ids)).order_by(Tweet.id)
    threads: dict[int, list[Tweet]] = {tweet_id: [] for tweet_id in ids}
    for one in whole:
        for head in {one.id, one.thread_id or 0} & set(ids):
            threads[head].append(one)
    return {head: _written(posts) for head, posts in threads.items()}


def _written(posts: Sequence[Tweet]) -> str | None:
    """How these stand; None where all of that is settled."""
    if not any(p.status in UNSETTLED or p.undo is UndoState.WANTED or kept.is_kept(p) for p in posts):
        return None
    return ", ".join(f"{p.status} {p.undo} {p.due_at.timestamp():.0f}" for p in posts)


def _is_card_of(notice: Notice, what: Followed) -> bool:
    """Whether this notice, of a held message, shows the same."""
    mine = isinstance(what.value, CardShown) and notice.message_id == what.value.message
    return mine and notice.kind in OF_MESSAGES


def _keep(notice_id: int, state: str | None, tweet_id: int | None) -> None:
    told = (Notice.id == notice_id) & (Notice.status != NoticeStatus.DROPPED)
    if tweet_id is None:
        Notice.update(drawn_as=state).where(told).execute()
    else:
        Notice.update(drawn_as=state, tweet_id=tweet_id).where(told).execute()
