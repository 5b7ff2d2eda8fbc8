"""A call to Telegram has an end in all, however slowly its answer drips."""

import pytest
from telegram.error import TimedOut

from bot.incoming import Fetching
from bot.wire.in_time import InTime
from tests.engine.test_in_time import HEAD, dripping


@pytest.mark.parametrize("at_once", [b"HTTP/1.1 200 OK\r\nX-Slow: ", HEAD])
@pytest.mark.parametrize("kind", [InTime, Fetching])
async def test_an_answer_that_drips_is_waited_for_no_longer_than_its_timeouts_together(
    at_once: bytes, kind: type[InTime]
) -> None:
    way = kind(read_timeout=0.1, write_timeout=0.02, connect_timeout=0.02, pool_timeout=0.02)
    with dripping(at_once) as url:
        with pytest.raises(TimedOut):
            await way.do_request(url, "POST", read_timeout=0.05)
        await way.shutdown()
