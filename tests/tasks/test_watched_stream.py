"""The filtered stream against the sandbox: each hears what it watches, once, whatever happens to rules and connection."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import peewee as pw
import pytest

from engine.watching import WatchedKind, Way
from engine.x.events import Account
from engine.x.watching import rules
from models.accounts.channels import Channel
from models.control import leases
from models.database import rest
from models.settings import Settings, settings
from models.streaming.messages import Message
from models.watching import brought, watched
from models.watching import hearing as of_watched
from models.watching import stream as heard_upto
from models.watching.watched import Watched, WatchedStatus
from sandbox.app import Sandbox
from sandbox.watching.filtered import Rule
from tasks.clock import now
from tasks.watching import hearing as jobs
from tasks.watching import listening as of_listening
from tasks.watching import reading_back
from tasks.watching.directory import Directory
from tasks.watching.listening import Listening
from tests.tasks.nearby_x import nearby_x, sign_in, soon
from tests.tasks.test_ear import Silent

ANA = 7
LOOKS_S = (0.0, 0.3)


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    for module in (of_listening, reading_back):
        monkeypatch.setattr(module, "judge", Silent())
    with nearby_x(monkeypatch) as sandbox:
        yield sandbox


def do(path: str, **body: Any) -> Any:
    address = f"{settings().x_api_url.removesuffix('/x')}/sandbox/{path}"
    asked = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.load(answer)


def says(handle: str, text: str) -> int:
    return int(do("x/say", handle=handle, text=text)["id"])


@contextmanager
def listens(holder: str = "here") -> Iterator[Listening]:
    """Somebody holds the lease and listens."""
    assert leases.take(leases.WATCHING, holder, now())
    listener = Listening(holder, LOOKS_S)
    thread = threading.Thread(target=listener.listen)
    thread.start()
    try:
        yield listener
    finally:
        listener.stop()
        thread.join(20)
        assert not thread.is_alive()


def watch(x: Sandbox, channel: Channel, *handles: str) -> list[Watched]:
    users = [x.world.user(h) if h.lower() in x.world.by_handle else x.world.add_user(h, h) for h in handles]
    return [watched.add(channel.id, watched.an_account(Account(u.id, u.handle, "")), ANA, now())[0] for u in users]


def search(channel: Channel, typed: str) -> Watched:
    return watched.add(channel.id, watched.a_search(typed), ANA, now())[0]


def heard(channel: Channel) -> list[str]:
    texts = [
        m.text for m in Message.select(Message.text).where(Message.channel_id == channel.id).order_by(Message.x_id)
    ]
    rest()
    return texts


def is_whole(listener: Listening) -> bool:
    return listener.rules.complete and listener.back.left == 0 and listener._connection.at is not None


def test_each_hears_what_it_watches_once_and_several_share_one_rule(x: Sandbox) -> None:
    one, two = sign_in(x, "canal1"), sign_in(x, "canal2")
    watch(x, one, "inameh", "bomberos")
    watch(x, two, "inameh")
    search(two, '"vía cerrada"')
    with listens() as listener:
        soon(lambda: is_whole(listener))
        assert listener.rules.count == len(x.filtered.rules) == 2
        first = says("inameh", "llueve en Caracas")
        says("bomberos", "fuego y vía cerrada")
        says("inameh", "granizo, con vía cerrada")
        x.world.repost(x.world.user("bomberos").id, first)
        says("canal1", "vía cerrada, dice un canal nuestro")
        says("maria_rdz", "nada que ver")
        says("bomberos", "listo")
        soon(lambda: len(heard(one)) == 4)
    assert heard(one) == ["llueve en Caracas", "fuego y vía cerrada", "granizo, con vía cerrada", "listo"]
    assert heard(two) == ["llueve en Caracas", "fuego y vía cerrada", "granizo, con vía cerrada"]
    costs = [s.today.cost for s in brought.shown(one.id, now())]
    assert costs == [2 * 2500, 2500 + 5000], "what two hear costs each a half"


def test_nobody_misses_anything_while_rules_change_and_the_connection_is_lost(x: Sandbox) -> None:
    channels = [sign_in(x, f"canal{n}") for n in range(4)]
    authors = [f"autor{n}" for n in range(20)]
    for n, channel in enumerate(channels):
        watch(x, channel, *authors[n * 5 : n * 5 + 7])
    x.faults.set("doubled", 0.3, seconds=0.0)
    with listens() as listener:
        soon(lambda: is_whole(listener))
        for turn in range(8):
            for author in authors[turn % 3 :: 3]:
                says(author, f"aviso {turn} de {author}")
            if turn == 5:
                x.filtered.connection.lingers_until = 1e12  # a while nobody hears anything
            if turn in (3, 5):
                do("x/act", act="disconnect", stream="filtered")
            channel = channels[turn % 4]
            (extra,) = watch(x, channel, f"nuevo{turn}")
            if turn % 2:
                watched.remove(channel.id, extra.id)
            rest()
        expected = {
            c.id: {
                f"aviso {t} de {a}" for t in range(8) for a in authors[t % 3 :: 3] if a in authors[n * 5 : n * 5 + 7]
            }
            for n, c in enumerate(channels)
        }
        soon(lambda: all(expected[c.id] == set(heard(c)) for c in channels), 20)
        soon(lambda: is_whole(listener))
    assert all(len(heard(c)) == len(expected[c.id]) for c in channels)
    assert x.filtered.connection.connects == 3


def test_what_was_said_while_nobody_listened_is_read_back_but_not_from_before_it_was_watched(x: Sandbox) -> None:
    channel = sign_in(x, "canal1")
    x.world.add_user("inameh", "INAMEH")
    says("inameh", "de antes")
    watch(x, channel, "inameh")
    search(channel, "metro")
    says("inameh", "mientras nadie oye")
    says("maria_rdz", "el metro no pasa")
    with listens() as listener:
        soon(lambda: len(heard(channel)) == 2)
        soon(lambda: is_whole(listener))
        shown = {name for _, what, name in x.world.bill.shown(names=True)["read"] if what == "post"}
        assert len(shown) == 2, "however often it looks, X shows it nothing older"
    assert heard(channel) == ["mientras nadie oye", "el metro no pasa"]


def test_rules_that_somebody_else_took_away_come_back_with_what_was_missed(x: Sandbox) -> None:
    channel = sign_in(x, "canal1")
    watch(x, channel, "inameh")
    with listens() as listener:
        soon(lambda: is_whole(listener))
        x.filtered.rules.clear()
        says("inameh", "sin regla")
        listener.rules._look_at = 0.0
        soon(lambda: heard(channel) == ["sin regla"])
        soon(lambda: len(x.filtered.rules) == 1)


def test_what_x_refuses_costs_only_itself_and_its_owner_reads_why(x: Sandbox) -> None:
    channel = sign_in(x, "canal1")
    bad, good = search(channel, "choque lang:xx"), search(channel, "choque")
    with listens() as listener:
        soon(lambda: is_whole(listener))
        says("maria_rdz", "choque")
        soon(lambda: heard(channel) == ["choque"])
    rows = {w.id: w for w in watched.of(channel.id)}
    assert (rows[good.id].status, rows[bad.id].status) == (WatchedStatus.ON, WatchedStatus.REFUSED)
    assert "xx" in rows[bad.id].said
    assert [s.row.id for s in brought.shown(channel.id, now()) if s.today.posts] == [good.id]


def test_of_a_group_that_x_refuses_only_the_one_to_blame_stops(x: Sandbox) -> None:
    channel = sign_in(x, "canal1")
    rows = watch(x, channel, "bueno1", "malo", "bueno2")
    do("x/act", act="refuse_rule", text=f"from:{rows[1].key}")
    with listens() as listener:
        soon(lambda: is_whole(listener) and listener.rules.any_there)
        says("bueno1", "uno")
        says("bueno2", "dos")
        soon(lambda: heard(channel) == ["uno", "dos"])
    assert [w.status for w in watched.of(channel.id)] == [WatchedStatus.ON, WatchedStatus.REFUSED, WatchedStatus.ON]


def test_where_x_refuses_all_of_them_nobody_is_to_blame(x: Sandbox) -> None:
    channel = sign_in(x, "canal1")
    watch(x, channel, "uno", "dos", "tres", "cuatro")
    do("x/act", act="refuse_rule", text="from:")
    with listens() as listener:
        before = listener.rules.matcher
        soon(lambda: listener.rules.matcher is not before)  # it has looked, and asked
        assert x.filtered.rules == {}
        do("x/act", act="refuse_rule", text="")
        listener.rules._look_at = 0.0
        soon(lambda: is_whole(listener))
    assert {w.status for w in watched.of(channel.id)} == {WatchedStatus.ON}


def test_what_finds_no_room_beside_the_rules_of_others_waits_for_some(x: Sandbox) -> None:
    one, two = sign_in(x, "canal1"), sign_in(x, "canal2")
    full = rules.MOST_RULES - rules.SPARE - 2
    x.filtered.rules = {str(n): Rule(str(n), str(n), "theirs", lambda _: False) for n in range(1, full + 1)}
    first, second = search(one, "choque"), search(one, "lluvia")
    search(two, "metro")
    with listens() as listener:
        soon(lambda: is_whole(listener))
        assert [w.status for w in watched.of(one.id)] == [WatchedStatus.ON, WatchedStatus.NO_ROOM]
        assert [w.status for w in watched.of(two.id)] == [WatchedStatus.ON]
        watched.remove(one.id, first.id)
        soon(lambda: watched.one(one.id, second.id).status is WatchedStatus.ON)  # type: ignore[union-attr]
        says("maria_rdz", "lluvia")
        soon(lambda: heard(one) == ["lluvia"])
        assert len(x.filtered.rules) == full + 2


def test_what_x_does_not_answer_for_long_is_read_back_all_the_same_and_what_it_refuses_is_let_go(x: Sandbox) -> None:
    channel = sign_in(x, "canal1")
    first, second = watch(x, channel, "uno", "dos")
    says("uno", "mientras X no contesta")
    directory = Directory()
    directory.read()
    back = reading_back.ReadingBack(directory, lambda: None, (0.0,))
    terms = [int(first.key), int(second.key)]
    back.missed(dict.fromkeys(terms, 1))

    def read(**on: Any) -> None:
        x.faults.set("refuse_before", 1 if on else 0, on=("search",), **on)
        for query, group in back._queries(back._behind):
            asked = threading.Thread(target=back._read, args=(query, {term: back._behind[term] for term in group}))
            asked.start()
            asked.join()

    for answer in ("503", "429", "402", "html", "garbled", "empty"):
        for _ in range(reading_back.MOST_TRIES // 4):
            read(answer=answer)
    assert (back.left, heard(channel)) == (2, [])
    read(answer="400")
    assert [group for _, group in back._queries(back._behind)] == [[term] for term in terms], "one may be to blame"
    read()
    assert (back.left, heard(channel)) == (0, ["mientras X no contesta"])
    back.missed(dict.fromkeys(terms, 1))
    for _ in range(reading_back.MOST_TRIES):
        read(answer="400")
    assert back.left == 0


def test_who_takes_over_from_the_dead_clears_their_connection_and_reads_back_what_they_missed(x: Sandbox) -> None:
    channel = sign_in(x, "canal1")
    watch(x, channel, "inameh")
    with listens() as listener:
        soon(lambda: is_whole(listener))
        says("inameh", "con alguien que oye")
        soon(lambda: heard(channel) == ["con alguien que oye"])
    x.filtered.connection.lingers_until = 1e12
    says("inameh", "mientras tanto")
    with listens("there") as other:
        soon(lambda: heard(channel) == ["con alguien que oye", "mientras tanto"])
        soon(lambda: is_whole(other))
    assert x.filtered.connection.refusals == 1


def test_where_nothing_is_watched_nobody_holds_the_stream(x: Sandbox) -> None:
    channel = sign_in(x, "canal1")
    jobs.watch()
    assert leases.read(leases.WATCHING).holder == ""
    (row,) = watch(x, channel, "inameh")
    with listens() as listener:
        soon(lambda: is_whole(listener))
        watched.remove(channel.id, row.id)
        soon(lambda: x.filtered.rules == {})
        listener._wanted_at -= of_listening.IDLE_S
        soon(listener._stop.is_set)


def test_the_kinds_that_need_no_stream_are_none_of_its_business(x: Sandbox) -> None:
    channel = sign_in(x, "canal1")
    watched.add(channel.id, watched.home(), ANA, now())
    polled, _ = watched.add(channel.id, watched.a_search("choque", Way.POLL), ANA, now())
    assert polled.kind is WatchedKind.SEARCH
    jobs.watch()
    assert leases.read(leases.WATCHING).holder == ""


def test_what_the_writer_reads_first_is_news_for_the_minder_all_the_same(
    x: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = sign_in(x, "canal1")
    watch(x, channel, "inameh")
    read = Directory.read

    def writer_first(directory: Directory) -> object:
        if threading.current_thread().name == "watching-minder":
            with ThreadPoolExecutor(1) as writer:
                writer.submit(directory.fresh).result()  # as it does with each batch that it stores
        return read(directory)

    monkeypatch.setattr(Directory, "read", writer_first)
    with listens() as listener:
        soon(lambda: is_whole(listener))
        watch(x, channel, "bomberos")
        rest()
        their_id = x.world.by_handle["bomberos"].id
        soon(lambda: any(their_id in rule.accounts for rule in [*listener.rules.matcher._by_id.values()]), 10)


def test_nothing_is_sure_past_what_could_not_be_stored_as_it_ended(
    db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener, sure_before = Listening("here", LOOKS_S), heard_upto.heard_to()

    def away(*_: Any) -> None:
        listener._stop.set()
        raise pw.OperationalError("the database is away")

    monkeypatch.setattr(of_watched, "hear", away)
    listener._brought[5] = None
    listener._write()
    listener.rules.complete, listener._sure_at = True, float("-inf")
    listener._connection.at = listener._connection.heard_at = now()
    listener._be_sure()
    assert heard_upto.heard_to() == sure_before, "whoever is next reads it back"
