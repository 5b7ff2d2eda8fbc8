"""What an error of Telegram's says: whether it may have done what it was asked, and what pause it wants."""

import httpx
from telegram.error import RetryAfter, TelegramError

NEVER_CAME = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


def may_have_come(error: TelegramError) -> bool:
    """Whether Telegram may have done what it did not say that it did; a 5xx is a no.

    An answer that can't be read has come after it was done.
    """
    cause = error.__cause__
    broke = isinstance(cause, httpx.HTTPError) and not isinstance(cause, NEVER_CAME)
    return broke or type(error) is TelegramError


def pause_s(error: RetryAfter) -> float:
    """The seconds that Telegram wants to be left alone."""
    value = error.retry_after
    return float(value) if isinstance(value, int | float) else value.total_seconds()
