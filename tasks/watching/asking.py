"""X is asked who or what somebody wants to watch, and what the last day brought, while they wait for it in the chat.

The app asks where it can; a channel's home timeline is the channel's own to read. An answer is waited for no longer
than somebody looks at a phone.
"""

from datetime import datetime

from engine.watching import WatchedKind
from engine.x.app import AppClient
from engine.x.client import XSession
from engine.x.errors import XError
from engine.x.events import Account
from engine.x.watching import lookups, quoting
from engine.x.watching.lookups import Ask, ListAtX
from engine.x.watching.quoting import Sample
from models.accounts.channels import Channel
from models.database import rest
from models.settings import settings
from models.watching.drafts import WatchDraft
from tasks import accounts
from tasks.accounts import TokenBusy
from tasks.clock import now

WITHIN_S = 6.0  # for a call


class NoAnswer(Exception):
    """X, or the way to it, gave no answer that can be used. `reason` is a word of ours, `said` X's own sentence."""

    def __init__(self, reason: str, said: str = "") -> None:
        super().__init__(reason)
        self.reason, self.said = reason, said


def account(channel: Channel, handle: str) -> Account:
    """Who has this name. Raises NotShown, NoAnswer."""
    try:
        return lookups.account(_asks(channel), handle)
    except (XError, TokenBusy) as error:
        raise _no_answer(error) from None


def lists_of(channel: Channel) -> list[ListAtX]:
    """The public lists of the channel's account. Raises NoAnswer."""
    try:
        return lookups.lists_of(_asks(channel), channel.x_user_id)
    except (XError, TokenBusy) as error:
        raise _no_answer(error) from None


def last_day(channel: Channel, draft: WatchDraft, at: datetime) -> Sample:
    """The newest posts of the last day. Raises NotShown, NoAnswer."""
    key = draft.name if draft.kind is WatchedKind.ACCOUNT else draft.key
    try:
        return quoting.sample(_asks(channel, draft.kind), draft.kind, key, channel.x_user_id, at)
    except (XError, TokenBusy) as error:
        raise _no_answer(error) from None


def _asks(channel: Channel, kind: WatchedKind | None = None) -> Ask:
    """Raises TokenBusy, XError."""
    bearer = settings().x_bearer_token.get_secret_value()
    if not bearer or kind is WatchedKind.HOME:
        return accounts.client(channel).ask
    session = XSession(settings().x_api_url, before_call=rest, clock=lambda: now().timestamp(), within_s=WITHIN_S)
    return AppClient(session, bearer).ask


def _no_answer(error: XError | TokenBusy) -> NoAnswer:
    if isinstance(error, XError):
        return NoAnswer(error.reason, error.detail)
    return NoAnswer(error.reason)
