"""The room of an app at X: hearing first, whole channels, and X's word that it is full is believed."""

from engine.x.activity import MOST_OF_AN_APP
from models.accounts.channels import Channel, Hearing
from sandbox.app import Sandbox
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
