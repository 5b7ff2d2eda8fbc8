"""Each call to Telegram has an end: httpx bounds each step of one, and an answer that drips is a thousand steps."""

import asyncio
from typing import Any

from telegram.error import TimedOut
from telegram.request import HTTPXRequest, RequestData

_TIMEOUTS = ("read_timeout", "write_timeout", "connect_timeout", "pool_timeout")
A_FILE_S = 100.0  # so much longer where a file goes or comes, of 20 MB at most


class InTime(HTTPXRequest):
    """Takes no longer than its four timeouts together, whatever Telegram does. Raises TimedOut."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: Any, **more: Any
    ) -> tuple[int, bytes]:
        within_s = self._within_s(dict(zip(_TIMEOUTS, timeouts, strict=False)) | more)
        if method == "GET" or (request_data is not None and request_data.multipart_data):
            within_s += A_FILE_S
        try:
            async with asyncio.timeout(within_s):
                return await super().do_request(url, method, request_data, *timeouts, **more)
        except TimeoutError:
            raise TimedOut(f"no whole answer within {within_s:.0f} s") from None

    def _within_s(self, given: dict[str, Any]) -> float:
        """The four together, as they are given, or as they are where they are not."""
        ours = self._client.timeout.as_dict()
        named = {name.removesuffix("_timeout"): value for name, value in given.items()}
        chosen = [named[name] if isinstance(named.get(name), int | float) else ours[name] for name in ours]
        return sum(float(seconds or 0) for seconds in chosen)
