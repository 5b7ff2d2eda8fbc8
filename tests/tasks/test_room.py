"""The room of an app at X: hearing first, whole channels, and X's word that it is full is believed."""

from collections.abc import Callable, Hashable
from math import inf
from threading import Event

import pytest

from engine.x.activity import MOST_OF_AN_APP
from engine.x.app import AppClient
from models.accounts.channels import Channel, Hearing
from models.publishing.copies import looking_again
from sandbox.app import Sandbox
from tasks.living.hands import Hands
from tasks.streaming.directory import Directory
from tasks.streaming.full import Full
from tasks.streaming.subscribing import Subscriptions
from tasks.streaming.wanting import Rank, Want
from tests.tasks.nearby_x import sign_in, soon
from tests.tasks.test_catching_up import catching, subscribed, x

__all__ = ["x"]


def how_heard() -> dict[str, Hearing]:
    return {c.handle: c.hearing for c in Channel.select()}


def test_who_does_not_fit_is_polled_whole_and_x_is_believed(x: Sandbox) -> None:
    channels = [sign_in(x, f"canal{n}") for n in range(3)]
    x.world.most_subscriptions = 5
    with catching() as catcher:
        soon(lambda: how_heard()["canal2"] is Hearing.POLL and len(x.world.subscriptions) == 4)
        soon(lambda: subscribed(x) == {c.x_user_id for c in channels[:2]})
        soon(lambda: how_heard() == {"canal0": Hearing.STREAM, "canal1": Hearing.STREAM, "canal2": Hearing.POLL})
        told = catcher._subscriptions
        soon(lambda: (told._most, told.missing()) == (5, set()))
        asked = len([e for e in x.wire.exchanges if e.method == "POST"])
        Channel.update(is_on=False).where(Channel.id == channels[0].id).execute()
        soon(lambda: subscribed(x) == {c.x_user_id for c in channels[1:]})
        soon(lambda: how_heard()["canal2"] is Hearing.STREAM)
        assert len([e for e in x.wire.exchanges if e.method == "POST"]) == asked + 2, "it is asked for when it fits"
        told._full_until = 0.0
        x.world.most_subscriptions = MOST_OF_AN_APP
        Channel.update(is_on=True).execute()
        soon(lambda: len(subscribed(x)) == 3 and set(how_heard().values()) == {Hearing.STREAM})


def test_without_any_room_all_are_polled_and_x_is_not_asked_again_and_again(x: Sandbox) -> None:
    for n in range(2):
        sign_in(x, f"canal{n}")
    x.world.most_subscriptions = 0
    with catching() as catcher:
        soon(lambda: set(how_heard().values()) == {Hearing.POLL} and not catcher._subscriptions.missing())
        soon(lambda: not catcher._hands._in_air)
    assert len([e for e in x.wire.exchanges if e.method == "POST"]) <= 4


def test_what_others_made_of_the_app_by_hand_takes_its_room_and_is_left_alone(x: Sandbox) -> None:
    sign_in(x, "canal0")
    x.world.subscriptions["post.create", 5] = ("4711", "theirs")
    x.world.most_subscriptions = 2
    with catching():
        soon(lambda: how_heard() == {"canal0": Hearing.POLL})
        soon(lambda: list(x.world.subscriptions) == [("post.create", 5)])


def test_what_was_given_up_between_x_s_word_and_its_list_was_had_when_it_said_so() -> None:
    full = Full()
    full.said(full.left)
    full.leaving, full.left = 2, 1  # one is gone since then, one is on its way
    assert full.had(3, 1) == 5
    full.said(full.left)
    full.left = 2  # what was on its way when it was asked may have gone before as well as after
    assert full.had(4, 2) == 5
    full.said(full.left)
    assert full.had(4, 3) == 4, "nothing is on its way: it is known"


def test_a_list_that_was_asked_for_before_x_s_word_says_nothing_of_it() -> None:
    full = Full()
    asked_for_after = full.refused
    full.said(0)
    assert full.had(0, asked_for_after) is None
    assert full.is_said, "the next list tells"
    assert full.had(2, full.refused) == 2
    assert not full.is_said


def test_x_s_word_is_heard_though_it_comes_while_somebody_looks_for_what_was_copied(
    x: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists: list[Hashable] = []

    class Noting(Hands):
        def take(self, key: Hashable, work: Callable[[], None]) -> bool:
            lists.append(key)
            return True

    told = Subscriptions(Directory(), Noting(1, lambda: None), lambda key: None)
    told._changed.clear()
    told._list_at = inf
    want = Want("post.delete", 1, Rank.DELETIONS)
    told._asking[want.sub] = 0

    def copied_nothing() -> int:
        if told._asking:
            told._no_room(want)
            told._asking.clear()
        return 0

    monkeypatch.setattr(looking_again, "newest_copy", copied_nothing)
    told.look(changed=False)
    told.look(changed=False)
    assert lists


def test_who_is_wanted_again_while_it_is_given_up_is_asked_for_again_at_once(
    x: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = sign_in(x, "canal0")
    gives_up, wanted_again = Event(), Event()
    unsubscribe = AppClient.unsubscribe

    def slowly(client: AppClient, subscription_id: str) -> None:
        gives_up.set()
        wanted_again.wait(10)
        unsubscribe(client, subscription_id)

    monkeypatch.setattr(AppClient, "unsubscribe", slowly)
    with catching() as catcher:
        told = catcher._subscriptions
        soon(lambda: subscribed(x) == {channel.x_user_id} and how_heard() == {"canal0": Hearing.STREAM})
        Channel.update(is_on=False).execute()
        soon(gives_up.is_set)
        Channel.update(is_on=True).execute()
        soon(lambda: told._wanted and not told._changed.is_set() and not told._extra)
        soon(lambda: "list" not in catcher._hands._in_air)
        wanted_again.set()
        soon(lambda: subscribed(x) != {channel.x_user_id})
        soon(lambda: subscribed(x) == {channel.x_user_id}, 10)
