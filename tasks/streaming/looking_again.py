"""Looking again at what was copied, a hundred posts at once, for the channel that pays for it."""

from datetime import timedelta

import structlog

from engine.x.errors import XError
from models import aside
from models.accounts.channels import Channel
from models.aside import Item, Place
from models.control import leases
from models.publishing.copies import looking_again
from tasks import accounts
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.lanes import calls_x
from tasks.streaming.taken_back import follow

log = structlog.get_logger()
NOTHING_LEFT = timedelta(minutes=1)
AGAIN = timedelta(minutes=10)


@calls_x(lambda channel_id: channel_id, priority=30)
def look_again(channel_id: int) -> None:
    """A batch of a channel's. Never while another of it runs."""
    claimed = looking_again.claim(channel_id, now())
    if claimed is None:
        return
    with aside.apart(Item(Place.JOB, f"looking again for {channel_id}", channel_id)) as trial:
        _look(claimed)
    if trial.broke:
        looking_again.next_at(claimed, now() + timedelta(seconds=trial.pause_s))


def _look(claimed: Channel) -> None:
    asked = looking_again.batch(claimed.id, now(), heard=_is_heard())
    if not asked:
        looking_again.next_at(claimed, now() + NOTHING_LEFT)
        return
    try:
        there, gone = accounts.client(claimed).standing(sorted({c.x_id for c in asked}))
    except TokenBusy as busy:
        looking_again.next_at(claimed, busy.until)
        return
    except XError as error:
        log.info("not looked at again", channel=claimed.id, error=type(error).__name__, detail=error.detail)
        accounts.heed(claimed, error)
        looking_again.next_at(claimed, error.again_at(now(), AGAIN))
        return
    if looking_again.answered(asked, there, gone, now()):
        follow.ring_once(2)
    whole = all(c.x_id in there or c.x_id in gone for c in asked)
    looking_again.next_at(claimed, now() if whole else now() + AGAIN)


def _is_heard() -> bool:
    """Whether the stream is listened to this moment."""
    stream = leases.read(leases.STREAM)
    return stream.is_held(now()) and stream.state.get("connected_at") is not None
