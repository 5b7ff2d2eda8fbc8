"""Whatever somebody sends, it is the same message whether the stream brought it or it was read back.

A row of the table for every kind: what is done on X, and what the channel hears of it, or None. Add one for a new kind.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from engine.moderation import Keyword, KeywordRole, MessageKind
from models import choosing
from models.accounts.channels import Channel
from models.control import switching
from models.database import as_tuples
from models.moderation import judging, lists
from models.settings import Settings
from models.streaming import messages
from models.streaming.messages import Message
from sandbox import x_wire
from sandbox.app import Sandbox
from sandbox.world import Dm, Post
from tasks import moderation
from tasks.clock import now
from tasks.streaming import catching_up, ear
from tasks.streaming.catching_up import catch_up
from tasks.streaming.ear import Ear
from tests.tasks.nearby_x import nearby_x, sign_in
from tests.tasks.test_ear import Silent

MENTION, REPLY, DM = MessageKind.MENTION, MessageKind.REPLY, MessageKind.DM
LONG = "choque en la autopista, " * 30
Sent = list[Post | Dm]
Row = tuple[Any, ...]


@dataclass
class Place:
    """X, and who is there."""

    x: Sandbox
    channel: Channel

    def post(self, text: str, handle: str = "maria_rdz", **more: Any) -> Post:
        return self.x.world.post(self.x.world.user(handle).id, text, by_app=False, **more)

    def own(self, text: str = "Buenos días") -> Post:
        return self.x.world.post(self.channel.x_user_id, text, by_app=False)

    def dm(self, text: str, **more: Any) -> Dm:
        return self.x.world.dm(self.x.world.user("maria_rdz").id, self.channel.x_user_id, text, **more)

    def repost(self, of: Post, *, bare: bool) -> Post:
        return self.x.world.repost(self.x.world.user("maria_rdz").id, of.id, by_app=False, bare=bare)

    def follows(self, handle: str) -> None:
        self.x.world.followers.add((self.channel.x_user_id, self.x.world.user(handle).id))

    def lines(self, sent: Sent) -> list[dict[str, Any]]:
        """What X's stream brings of these."""
        stream, world = self.x.stream, self.x.world
        events: list[dict[str, Any]] = []
        for one in sent:
            if isinstance(one, Dm):
                events.append(x_wire.dm_event(world, one, world.users[one.recipient_id], "canales"))
            else:
                events += stream.events_of(one)
        return events


def _edited(p: Place) -> Sent:
    first = p.post("choque @canal")
    return [p.post("choque grande @canal", edit_of=first.id)]


def _reply_to_another(p: Place) -> Sent:
    """The channel stands among the names that X puts there, and is neither named nor answered."""
    return [p.post("¡qué choque!", "elpanadero", answers=p.post("choque en la plaza @canal").id)]


def _reply_in_a_thread_of_ones_own(p: Place) -> Sent:
    return [p.post("sigue el choque", answers=p.post("buenos días @canal").id)]


def _protected(p: Place) -> None:
    p.follows("puertas_adentro")


def _reply_of_a_protected_account(p: Place) -> Sent:
    _protected(p)
    return [p.post("choque", "puertas_adentro", answers=p.own().id)]


def _quoted(p: Place) -> Sent:
    return [p.post("choque, @canal", quotes=p.post("un camión", "elpanadero").id)]


KINDS: dict[str, tuple[Callable[[Place], Sent], str | None]] = {
    "mention": (lambda p: [p.post("choque @canal")], "mention approved choque @canal"),
    "mention at its beginning": (lambda p: [p.post("@canal choque")], "mention approved @canal choque"),
    "edited mention": (_edited, "mention approved choque grande @canal"),
    "reply": (lambda p: [p.post("choque aquí", answers=p.own().id)], "reply approved choque aquí"),
    "edited reply": (
        lambda p: [p.post("choque allí", edit_of=p.post("choque aquí", answers=p.own().id).id)],
        "reply approved choque allí",
    ),
    "reply that mentions": (
        lambda p: [p.post("choque, @canal", answers=p.own().id)],
        "mention approved choque, @canal",
    ),
    "reply that mentions at its beginning": (
        lambda p: [p.post("@canal choque", answers=p.own().id)],
        "mention approved @canal choque",
    ),
    "reply to another that mentions": (
        lambda p: [p.post("choque, @canal", answers=p.post("hola", "elpanadero").id)],
        "mention approved choque, @canal",
    ),
    "reply to another": (_reply_to_another, None),
    "reply to one's own post that mentions": (_reply_in_a_thread_of_ones_own, None),
    "long reply": (lambda p: [p.post(LONG, answers=p.own().id)], f"reply approved {LONG.strip()}"),
    "long reply that mentions at its end": (
        lambda p: [p.post(LONG + "@canal", answers=p.own().id)],
        f"mention approved {LONG}@canal",
    ),
    "quote that mentions": (_quoted, "mention approved choque, @canal https://x.com/elpanadero/status/…"),
    "long post that mentions": (lambda p: [p.post(LONG + "@canal")], f"mention approved {LONG}@canal"),
    "mention with media": (lambda p: [p.post("choque @canal", media=True)], "mention approved choque @canal +media"),
    "repost": (lambda p: [p.repost(p.own("choque"), bare=False)], None),
    "bare repost": (lambda p: [p.repost(p.own("choque"), bare=True)], None),
    "repost by hand": (lambda p: [p.post("RT @canal choque en la plaza")], None),
    "the channel's own": (lambda p: [p.post("choque @canal", "canal")], None),
    "another channel's": (lambda p: [p.post("choque @canal", "otro")], None),
    "legacy DM": (lambda p: [p.dm("choque")], "dm approved choque"),
    "DM with media": (lambda p: [p.dm("choque", media=True)], "dm approved choque +media"),
    "reply of a protected account": (_reply_of_a_protected_account, "reply ignored choque"),
}


@pytest.fixture
def place(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A channel that hears all there is and copies what it hears, naming who wrote it."""
    for module in (catching_up, ear, moderation):
        monkeypatch.setattr(module, "judge", Silent())
    with nearby_x(monkeypatch) as x:
        sign_in(x, "otro")
        channel = sign_in(x, "canal")
        switching.switch_replies(channel.id, on=True, now=channel.created_at)
        lists.add(channel.id, [Keyword(KeywordRole.TRIGGER, "choque")])
        choosing.choose(channel.id, now(), mention_form="copy", repeats_on=False)
        for name in ("post.mention.create", "post.reply.create", "dm.received"):
            x.world.subscriptions[name, channel.x_user_id] = ("1", "canales")
        Channel.update(mention_cursor=1, dm_cursor=1, replies_from=0, mentions_from=0).execute()
        yield Place(x, Channel.get_by_id(channel.id))


def end(channel: Channel) -> list[Row]:
    """What is judged of what was heard, X asked for whoever came without a name: every column that is not ours alone."""
    for _ in range(3):
        rules = judging.load_rules(Channel.get_by_id(channel.id))
        waiting = messages.waiting(100)
        if not waiting:
            break
        judging.judge([(w, rules, rules.ruleset.read(w.said)) for w in waiting], now())
        moderation._ask_followers(channel.id)
    ours = {"id", "heard_at", "judged_at", "useful_until"}
    columns = [f for f in Message._meta.sorted_fields if f.name not in ours]
    rows = as_tuples(Message.select(*columns).order_by(Message.x_id))
    Message.delete().execute()
    return rows


def live(place: Place, events: list[dict[str, Any]]) -> list[Row]:
    listener = Ear("here")
    for event in events:
        listener.line(json.dumps(event).encode())
    listener._store(listener._buffer, listener._encrypted, [])
    return end(place.channel)


def read_back(place: Place) -> list[Row]:
    for kind in (MENTION, DM):
        catch_up(Channel.get_by_id(place.channel.id), kind)
    return end(place.channel)


def in_short(row: Row) -> str:
    names = [
        f.name for f in Message._meta.sorted_fields if f.name not in ("id", "heard_at", "judged_at", "useful_until")
    ]
    of = dict(zip(names, row, strict=True))
    text = of["text"].rsplit("/", 1)[0] + "/…" if "/status/" in of["text"] else of["text"]
    return f"{of['kind']} {of['status']} {text}{' +media' if of['media'] else ''}"


@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_the_same_message_live_and_read_back(place: Place, kind: str) -> None:
    says, expected = KINDS[kind]
    sent = says(place)
    with ThreadPoolExecutor(1) as hand:
        heard = hand.submit(live, place, place.lines(sent)).result()
        read = hand.submit(read_back, place).result()
    of_it = [row for row in read if str(sent[-1].id) in map(str, row)]  # what led to it is no part of it
    assert heard == of_it
    assert [in_short(row) for row in heard] == ([] if expected is None else [expected])


@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)
def test_who_asks_not_to_be_reposted_is_heard_where_replies_are_off_too(place: Place) -> None:
    switching.switch_replies(place.channel.id, on=False, now=now())
    own = place.own().id
    sent: Sent = [place.post("no me reposteen", answers=own), place.post("choque aquí", answers=own)]
    with ThreadPoolExecutor(1) as hand:
        heard = hand.submit(live, place, place.lines(sent)).result()
        read = hand.submit(read_back, place).result()
    assert [in_short(row) for row in heard] == [in_short(row) for row in read] == ["reply blocked no me reposteen"]
