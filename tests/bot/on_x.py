"""What happens on X while people chat: channels are connected, messages come, posts go out. X is not called."""

from datetime import datetime, timedelta
from itertools import count

from engine.moderation import Form, Keyword, KeywordRole, MessageKind
from engine.x.events import Account, Heard
from models import connecting
from models.accounts import people
from models.accounts.channels import Auth, Channel
from models.accounts.tokens import Tokens
from models.moderation import judging, lists
from models.notifications.notices import Notice, NoticeStatus
from models.publishing import placing, saying
from models.scheduling import planning
from models.scheduling.schedules import Schedule, ScheduleStatus
from models.streaming import messages
from tasks.clock import now
from tests.bot.conversation import Conversation

_ids = count(1000)


def connected(handle: str, owner: Conversation) -> Channel:
    """A channel that somebody connected, with made-up tokens, a trigger and no gap."""
    at = now()
    people.person(owner.person, owner.name, owner.language, at)
    tokens = Tokens(Auth.OAUTH2, f"access-{handle}", f"refresh-{handle}", expires_at=at + timedelta(hours=2))
    made = connecting.connect_channel(Account(next(_ids), handle, handle), owner.person, tokens, at)
    lists.add(made.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    Channel.update(gap_s=0).where(Channel.id == made.id).execute()
    return channel(handle)


def channel(handle: str = "TraficoValle") -> Channel:
    """The channel as it is stored now."""
    found: Channel = Channel.get(Channel.handle == handle)
    return found


def hears(
    text: str,
    sender: str = "maria_rdz",
    kind: MessageKind = MessageKind.MENTION,
    to: str = "TraficoValle",
    at: datetime | None = None,
    edit_of: int = 0,
    media: bool = False,
    sensitive: bool = False,
) -> int:
    """A channel hears this and it is judged; its id on X."""
    heard_by, at = channel(to), at or now()
    x_id, sender_id = next(_ids), sum(sender.encode()) + 50_000
    said = Heard(
        kind, heard_by.x_user_id, x_id, sender_id, sender, sender.title(), text, at, edit_of, media, sensitive
    )  # fmt: skip
    messages.hear({heard_by.x_user_id: heard_by.id}, [said], at)
    rules = judging.load_rules(heard_by)
    judging.judge([(w, rules, rules.ruleset.read(w.said)) for w in messages.waiting(100)], at)
    return x_id


def posts(at: datetime | None = None) -> list[int]:
    """All that is due goes out to X, which takes it; the numbers of the tweets."""
    at = at or now()
    went = []
    for number in placing.due(at, 100):
        claimed = saying.claim(number, at)
        if claimed is not None and saying.sent(claimed[0], next(_ids), at):
            went.append(number)
    return went


def refuses(reason: str = "refused", detail: str = "") -> list[int]:
    """All that is due goes out to X, which refuses it."""
    at, lost = now(), []
    for number in placing.due(at, 100):
        claimed = saying.claim(number, at)
        if claimed is not None:
            saying.fail(claimed[0], at, reason, detail)
            lost.append(number)
    return lost


def refuses_this_form(text: str, detail: str = "") -> None:
    """What is due goes out to X, which refuses it as it is: it is said in its own words instead."""
    at = now()
    for number in placing.due(at, 100):
        claimed = saying.claim(number, at)
        if claimed is not None:
            saying.fall_back(claimed[0], Form.COPY, (text,), None, at, detail)


def comes_to_its_time(late: timedelta = timedelta()) -> None:
    """The first schedule's instant comes, or nothing runs until so long after it; what is told of it is told now."""
    first = Schedule.select().where(Schedule.status == ScheduleStatus.ON).order_by(Schedule.next_at).get().next_at
    assert first is not None
    planning.plan(first + late)
    posts(first + late)
    Notice.update(due_at=now()).where(Notice.status == NoticeStatus.PENDING).execute()
