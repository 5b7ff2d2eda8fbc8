"""What is set aside, in the hands of who runs the service: it is tried once more, or ended for good."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from models import aside, inbox
from models.aside import AsideStatus, Place, SetAside
from models.database import transaction
from models.notifications import journal, lanes
from models.publishing import media, taking_back, threads
from models.scheduling import schedules
from models.streaming import hearing, messages


@dataclass(frozen=True, slots=True)
class Way:
    """What becomes of an item of a place: `again` has it looked for once more, `drop` ends it."""

    again: Callable[[SetAside, datetime], object]
    drop: Callable[[SetAside, datetime], object]


def again(row_id: int, now: datetime) -> bool:
    """Have it tried once more; False where somebody has seen to it already."""
    return _leave(row_id, AsideStatus.AGAIN, lambda row: WAYS[row.place].again(row, now))


def drop(row_id: int, now: datetime) -> bool:
    """End it; False where somebody has seen to it already."""
    return _leave(row_id, AsideStatus.DROPPED, lambda row: WAYS[row.place].drop(row, now))


def _leave(row_id: int, status: AsideStatus, then: Callable[[SetAside], object]) -> bool:
    with transaction():
        row = aside.leave(row_id, status)
        if row is None:
            return False
        then(row)
        aside.forget_held(row_id)
    return True


def _id(row: SetAside) -> int:
    return int(row.item)


def _nothing(_row: SetAside, _now: datetime) -> None:
    """It has ended already, or is tried by itself."""


def _upload_again(row: SetAside, now: datetime) -> None:
    """The post that was not said for it; of a thread its first."""
    for tweet_id in media.tweets_of(_id(row)):
        if threads.after_it_broke(tweet_id, now):
            return


_BY_ITSELF = Way(_nothing, _nothing)
_OF_TWEET = Way(lambda row, now: threads.after_it_broke(_id(row), now), _nothing)  # it has failed, and that was told
WAYS: Mapping[Place, Way] = {
    Place.HEAR: Way(lambda row, now: messages.hear_again(row.channel_id or 0, row.held, now), _nothing),
    Place.JUDGE: Way(
        lambda row, now: messages.judge_again(_id(row)), lambda row, now: messages.ignore_aside(_id(row), now)
    ),
    Place.RULES: _BY_ITSELF,
    Place.FOLLOWERS: _BY_ITSELF,
    Place.CATCH_UP: _BY_ITSELF,
    Place.SUBSCRIBE: _BY_ITSELF,
    Place.POLL: Way(lambda row, now: hearing.poll_again(_id(row), now), _nothing),
    Place.CLOCK: _BY_ITSELF,
    Place.JOB: _BY_ITSELF,
    Place.PLAN: Way(lambda row, now: schedules.start_broken(_id(row)), _nothing),
    Place.SAY: _OF_TWEET,
    Place.SETTLE: _OF_TWEET,
    Place.UNDO: Way(lambda row, now: taking_back.want(_id(row), now), _nothing),
    Place.UPLOAD: Way(_upload_again, _nothing),
    Place.NOTICE: Way(lambda row, now: lanes.tell_again(_id(row)), _nothing),
    Place.JOURNAL: Way(lambda row, now: journal.write_again(_id(row)), lambda row, now: journal.leave_out(_id(row))),
    Place.UPDATE: Way(lambda row, now: inbox.store_again(row.held, now), _nothing),
    Place.TURN: Way(lambda row, now: inbox.again(_id(row)), lambda row, now: inbox.forget_payload(_id(row))),
}
