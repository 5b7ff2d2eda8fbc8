"""X is asked who or what somebody wants to watch, and what the last day brought, while they wait for it in the chat.

The app asks for what is public: lists want more of a channel's token than it has. A home timeline is the channel's own
to read. An answer is waited for no longer than somebody looks at a phone.
"""

from engine.watching import WatchedKind
from engine.x import prices
from engine.x.app import AppClient
from engine.x.client import XSession
from engine.x.errors import Gone, XError
from engine.x.events import Account
from engine.x.prices import Billed
from engine.x.watching import lookups
from engine.x.watching.calls import Ask
from engine.x.watching.lookups import ListAtX, Missing, NotShown
from models.accounts.channels import Channel
from models.database import rest
from models.settings import settings
from models.watching.drafts import LastDay, WatchDraft
from tasks import accounts, costs
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.watching import quoting

WITHIN_S = 6.0  # for a call


class NoAnswer(Exception):
    """X, or the way to it, gave no answer that can be used. `reason` is a word of ours, `said` X's own sentence."""

    def __init__(self, reason: str, said: str = "") -> None:
        super().__init__(reason)
        self.reason, self.said = reason, said


def account(channel: Channel, handle: str) -> Account:
    """Who has this name. Raises NotShown, NoAnswer."""
    try:
        return lookups.account(_ask(channel), handle)
    except (XError, TokenBusy) as error:
        raise _no_answer(error) from None


def lists_of(channel: Channel) -> list[ListAtX]:
    """The public lists of the channel's account. Raises NoAnswer."""
    try:
        return lookups.lists_of(_ask(channel), channel.x_user_id)
    except (XError, TokenBusy) as error:
        raise _no_answer(error) from None


def last_day(channel: Channel, draft: WatchDraft) -> LastDay:
    """What it brought. Raises NotShown, NoAnswer."""
    try:
        quote = quoting.quote(channel, draft.wish, ask=_ask(channel, draft.kind))
    except Gone:
        raise NotShown(Missing.NO_LIST if draft.kind is WatchedKind.LIST else Missing.UNKNOWN) from None
    except (XError, TokenBusy) as error:
        raise _no_answer(error) from None
    looked_up = prices.of(Billed.PERSON, now()) if draft.kind is WatchedKind.ACCOUNT else 0
    return LastDay(
        posts=round(quote.posts_a_day),
        costs={priced.way: priced.a_day for priced in quote.ways},
        sharing=quote.sharing,
        spent=quote.spent + looked_up,
        texts=tuple(post.heard.text for post in quote.sample),
    )


def _ask(channel: Channel, kind: WatchedKind | None = None) -> Ask:
    """Raises TokenBusy, XError."""
    bearer = settings().x_bearer_token.get_secret_value()
    if not bearer or kind is WatchedKind.HOME:
        return accounts.client(channel).ask
    session = XSession(settings().x_api_url, before_call=rest, clock=lambda: now().timestamp(), within_s=WITHIN_S)
    return AppClient(session, bearer, costs.told(channel.id), costs.paying(channel.id)).ask


def _no_answer(error: XError | TokenBusy) -> NoAnswer:
    if isinstance(error, XError):
        return NoAnswer(error.reason, error.detail)
    return NoAnswer(error.reason)
