"""What is said back of a plan is a card: it shows the plan as it stands, and then what became of its post."""

from collections.abc import Sequence

from models.notifications.declaring import NoticeKind
from models.notifications.kinds import PlanShown
from models.notifications.notices import Notice
from models.publishing import following
from models.publishing.following import Followed, State
from models.publishing.tweets import Tweet
from models.scheduling.schedules import Schedule, ScheduleStatus


def schedule(item: Schedule, undo: int = 0) -> Followed:
    """The card of a schedule or of a text of the queue. Call it before the card is drawn."""
    state, tweet_id = _of([item.id]).get(item.id, (None, None))
    return Followed(item.channel_id, PlanShown(item.id, undo), state, tweet_id)


def post_of(item: Schedule) -> Tweet | None:
    """What became of a schedule of a single time that is over: of a thread its first post; None where none was made."""
    return _posts([item.id]).get(item.id) if not item.rules and item.status is ScheduleStatus.DONE else None


@following.stands(NoticeKind.PLANNED)
def _states(told: Sequence[Notice]) -> dict[int, State]:
    planned = {n.id: v.schedule for n in told if isinstance(v := n.value, PlanShown)}
    found = _of(list(planned.values()))
    return {notice: found.get(item, (None, None)) for notice, item in planned.items()}


def _of(ids: Sequence[int]) -> dict[int, State]:
    """How these stand: until its last time a plan can always become another one."""
    there = list(Schedule.select().where(Schedule.id.in_(ids)))
    over = {s.id for s in there if s.status is ScheduleStatus.DONE}
    made = _posts([s.id for s in there if s.id in over and not s.rules])
    posts = following.of_tweets([t.id for t in made.values()])
    found: dict[int, State] = {}
    for item in there:
        if item.id in made:
            found[item.id] = (posts[made[item.id].id], made[item.id].id)
        elif item.id in over:
            found[item.id] = (None, None)
        else:
            found[item.id] = (f"{item.status} {item.rules} {item.next_wall} {item.last} {item.left}", None)
    return found


def _posts(ids: Sequence[int]) -> dict[int, Tweet]:
    """The newest post of each of these, of a thread its first; not what was planned and taken back for a change."""
    heads = Tweet.schedule_id.in_(ids) & Tweet.planned_at.is_null(False)
    return {t.schedule_id or 0: t for t in Tweet.select().where(heads).order_by(Tweet.id)}
