"""What is polled is heard once, costs what X bills, and stops where X does not show it; what it would cost is told."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from engine.watching import Ceiling, Way
from engine.x import prices
from engine.x.events import Account
from engine.x.prices import Billed
from models.accounts import choices
from models.accounts.channels import Channel
from models.control import budgets
from models.costs.budgets import NOBODY
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.settings import Settings
from models.streaming.messages import Message
from models.watching import brought, polling, watched
from models.watching.watched import Watched, WatchedStatus
from sandbox.app import Sandbox
from sandbox.faults import NOES
from tasks.clock import now
from tasks.watching import polling as jobs
from tasks.watching import quoting
from tests.tasks.nearby_x import nearby_x, sign_in
from tests.tasks.test_ear import Silent

ANA, PRICE = 7, prices.today(Billed.WATCHED)


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(jobs, "judge", Silent())
    with nearby_x(monkeypatch) as sandbox:
        yield sandbox


@pytest.fixture
def channel(x: Sandbox) -> Channel:
    return sign_in(x, "canal1")


def add(channel: Channel, wish: watched.Wish, **more: Any) -> Watched:
    return watched.add(channel.id, wish, ANA, now() - timedelta(seconds=5), **more)[0]


def poll(row: Watched) -> None:
    """As a worker does, in a thread of its own."""
    Watched.update(claimed_until=now() - timedelta(seconds=1)).where(Watched.id == row.id).execute()
    with ThreadPoolExecutor(1) as hand:
        hand.submit(jobs.poll_watched, row.id).result()


def says(x: Sandbox, handle: str, text: str, **more: Any) -> int:
    return x.world.post(x.world.user(handle).id, text, by_app=False, **more).id


def texts(channel: Channel) -> list[str]:
    return [m.text for m in Message.select().where(Message.channel_id == channel.id).order_by(Message.x_id)]


def the_list(x: Sandbox) -> int:
    for handle in ("inameh", "bomberos"):
        x.world.add_user(handle, handle)
    return x.world.add_list(x.world.user("canal1").id, "Tránsito", ["inameh", "bomberos", "canal1"]).id


def test_a_list_is_read_once_without_reposts_and_they_are_paid_for(x: Sandbox, channel: Channel) -> None:
    row = add(channel, watched.a_list(str(the_list(x)), "Tránsito"))
    first = says(x, "inameh", "llueve @bomberos")
    says(x, "canal1", "lo que dice el canal mismo")
    x.world.repost(x.world.user("bomberos").id, first)
    says(x, "bomberos", "responde", answers=first)
    for _ in range(2):
        poll(row)
    says(x, "bomberos", "fuego")
    poll(row)
    assert texts(channel) == ["llueve @bomberos", "fuego"]
    (shown,) = brought.shown(channel.id, now())
    assert (shown.today.posts, shown.today.cost) == (2, 5 * PRICE)


def test_a_home_timeline_a_search_and_an_account_are_polled_where_that_is_wanted(x: Sandbox, channel: Channel) -> None:
    x.world.add_user("inameh", "INAMEH")
    x.world.followers.add((channel.x_user_id, x.world.user("inameh").id))
    inameh = Account(x.world.user("inameh").id, "inameh", "")
    rows = [
        add(channel, watched.home()), add(channel, watched.a_search("choque", Way.POLL)),
        add(channel, watched.an_account(inameh, Way.POLL)),
    ]  # fmt: skip
    says(x, "inameh", "llueve")
    says(x, "maria_rdz", "un choque")
    for row in (*rows, *rows):
        poll(row)
    assert texts(channel) == ["llueve", "un choque"]
    assert [s.today.posts for s in brought.shown(channel.id, now())] == [1, 1, 0], "once, whatever brings it"


def test_what_is_due_is_asked_for_by_one_and_not_before_its_time(x: Sandbox, channel: Channel) -> None:
    row, streamed = add(channel, watched.home()), add(channel, watched.a_search("choque"))
    at = now()
    assert polling.due(at, all_ways=False) == [row.id]
    assert sorted(polling.due(at, all_ways=True)) == [row.id, streamed.id]
    assert polling.claim(row.id, at) is not None
    assert polling.claim(row.id, at) is None
    assert polling.due(at, all_ways=False) == []
    poll(row)
    assert polling.due(now(), all_ways=False) == []
    assert polling.due(now() + polling.EVERY, all_ways=False) == [row.id]
    assert polling.channel_of(row.id) == channel.id
    assert polling.channel_of(999) is None


def test_a_list_that_x_does_not_show_stops_and_its_owner_reads_why(x: Sandbox, channel: Channel) -> None:
    list_id = the_list(x)
    row = add(channel, watched.a_list(str(list_id)))
    x.world.lists.clear()
    poll(row)
    (stopped,) = watched.of(channel.id)
    assert stopped.status is WatchedStatus.REFUSED
    assert str(list_id) in stopped.said


def test_an_outage_stops_nothing_and_is_tried_again_later(x: Sandbox, channel: Channel) -> None:
    row = add(channel, watched.home())
    x.faults.set("error_5xx", 1)
    poll(row)
    (waits,) = watched.of(channel.id)
    assert waits.status is WatchedStatus.ON
    assert waits.claimed_until > now() + timedelta(seconds=30)


def test_a_poll_keeps_to_the_ceiling(x: Sandbox, channel: Channel) -> None:
    row = add(channel, watched.a_list(str(the_list(x))), ceiling=Ceiling(posts=2))
    for n in range(5):
        says(x, "inameh", f"aviso {n}")
    poll(row)
    poll(row)
    assert texts(channel) == ["aviso 0", "aviso 1"]
    (shown,) = brought.shown(channel.id, now())
    assert (shown.row.status, shown.today.posts, shown.today.cost) == (WatchedStatus.CEILING, 2, 5 * PRICE)


def test_what_it_would_cost_and_bring_is_told_from_a_sample(x: Sandbox, channel: Channel) -> None:
    wish = watched.a_list(str(the_list(x)))
    for n in range(4):
        says(x, "inameh", f"choque {n}" if n % 2 else f"lluvia {n}")
    x.world.repost(x.world.user("bomberos").id, says(x, "maria_rdz", "otra cosa"))
    with ThreadPoolExecutor(1) as hand:
        found = hand.submit(quoting.quote, channel, wish, ["choque"]).result()
        search = hand.submit(quoting.quote, channel, watched.a_search("choque")).result()
        empty = hand.submit(quoting.quote, channel, watched.a_search("nadadenada")).result()
    assert (found.posts_a_day, found.passing, found.passing_a_day, found.spent) == (4, 2, 2, 5 * PRICE)
    assert [(p.way, p.a_day) for p in found.ways] == [(Way.POLL, (5 + 10) * PRICE)]
    assert [(p.way, p.a_day) for p in search.ways] == [(Way.STREAM, 2 * PRICE), (Way.POLL, 2 * PRICE)]
    assert (empty.posts_a_day, empty.spent, [p.a_day for p in empty.ways]) == (0, 0, [0, 0])
    other = sign_in(x, "canal2")
    add(other, watched.a_search("choque"))
    with ThreadPoolExecutor(1) as hand:
        shared = hand.submit(quoting.quote, channel, watched.a_search("choque")).result()
    assert (shared.sharing, shared.ways[0].a_day) == (2, PRICE)


def test_of_a_busy_search_the_newest_ten_are_read_and_the_day_is_worked_out(x: Sandbox, channel: Channel) -> None:
    for n in range(30):
        says(x, "maria_rdz", f"choque {n}")
    with ThreadPoolExecutor(1) as hand:
        found = hand.submit(quoting.quote, channel, watched.a_search("choque")).result()
    assert found.spent == quoting.SAMPLE * PRICE
    assert found.posts_a_day > 1000


def account(x: Sandbox, channel: Channel, handle: str, **more: Any) -> Watched:
    """Watched by the stream since yesterday."""
    user = x.world.user(handle) if handle in x.world.by_handle else x.world.add_user(handle, handle)
    wish = watched.an_account(Account(user.id, handle, ""))
    return watched.add(channel.id, wish, ANA, now() - timedelta(days=1), **more)[0]


def look(row: Watched) -> WatchedStatus:
    """As a worker does as soon as it is time; how it stands then."""
    assert polling.to_be_seen(now() + polling.SELDOM) == [row.id]
    poll(row)
    return Watched.get_by_id(row.id).status


@pytest.mark.parametrize(
    ("becomes", "says"),
    [("suspended", "has been suspended"), ("protected", "not authorized"), ("deleted", "Could not find user")],
)
def test_an_account_of_the_stream_that_is_no_more_is_noticed_and_its_owner_told(
    x: Sandbox, channel: Channel, becomes: str, says: str
) -> None:
    row = account(x, channel, "inameh")
    if becomes == "deleted":
        del x.world.users[x.world.user("inameh").id]
    else:
        setattr(x.world.user("inameh"), becomes, True)
    assert look(row) is WatchedStatus.ON, "X may be wrong once"
    assert polling.to_be_seen(now()) == polling.to_be_seen(now() + polling.SURELY / 2) == []
    assert look(row) is WatchedStatus.REFUSED
    assert says in Watched.get_by_id(row.id).said
    assert Notice.select().where(Notice.kind == NoticeKind.WATCH_STOPPED).count() == 1
    assert polling.to_be_seen(now() + polling.SELDOM) == []


def test_who_is_there_is_looked_at_seldom_and_for_nothing(x: Sandbox, channel: Channel) -> None:
    row = account(x, channel, "inameh")
    x.world.post(x.world.user("inameh").id, "lo dijo antes", by_app=False)
    add(channel, watched.a_search("choque"))
    assert look(row) is WatchedStatus.ON
    assert polling.to_be_seen(now()) == []
    assert brought.of_one(row.id, brought.day_of(now(), choices.zone_of(channel.id))) == (0, 0)
    assert texts(channel) == []
    x.world.user("inameh").suspended = True
    look(row)
    x.world.user("inameh").suspended = False
    look(row)
    x.world.user("inameh").suspended = True
    assert look(row) is WatchedStatus.ON, "it was back meanwhile"


def test_who_has_no_money_for_what_it_may_show_does_not_look(x: Sandbox, channel: Channel) -> None:
    row = account(x, channel, "inameh")
    x.world.user("inameh").suspended = True
    budgets.set_most((channel.id, NOBODY), PRICE, now())
    assert (look(row), Watched.get_by_id(row.id).said) == (WatchedStatus.ON, "")
    budgets.set_most((channel.id, NOBODY), None, now())
    look(row)
    assert "suspended" in Watched.get_by_id(row.id).said


def test_nobody_is_gone_because_x_is_ill(x: Sandbox, channel: Channel) -> None:
    row = account(x, channel, "inameh")
    for answer in NOES:
        x.faults.set("refuse_before", 1, answer=answer, on=("timeline",))
        poll(row)
    stands = Watched.get_by_id(row.id)
    assert (stands.status, stands.said) == (WatchedStatus.ON, "")
    assert Channel.get_by_id(channel.id).off_reason == channel.off_reason, "it is not the channel's access"
