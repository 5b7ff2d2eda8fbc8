"""Who wrote it, where X did not send their name: asked where it is needed, of all who wait at once, and never twice."""

import pytest

from engine.moderation import Keyword, KeywordRole, MessageKind
from engine.moderation.standing import Standed, Standing
from engine.x.events import Heard, Person
from models import choosing
from models.accounts import people
from models.accounts.channels import Channel
from models.moderation import followers, judging, lists, senders
from models.moderation.senders import Sender, Source
from models.publishing.tweets import Tweet
from models.settings import Settings
from models.streaming import messages
from models.streaming.messages import Message
from tests.channels import connected
from tests.conftest import NOW
from tests.models.test_moderation import DAY, MINUTE

PEPE = Person("pepe", "Pepe", protected=False)


@pytest.fixture
def channel(db: Settings) -> Channel:
    people.person(7, "Ana", "es", NOW)
    made = connected(70, "trafico", 7)
    lists.add(made.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    choosing.choose(made.id, NOW, mention_form="copy", repeats_on=False, burst_most=0)
    Channel.update(replies_on=True).execute()
    return Channel.get_by_id(made.id)


def hears(
    channel: Channel, x_id: int, sender: int = 5, handle: str = "", *, text: str = "choque",
    kind: MessageKind = MessageKind.REPLY, protected: bool | None = None,
) -> None:  # fmt: skip
    heard = Heard(kind, 70, x_id, sender, handle, handle.title(), text, NOW, protected=protected)
    messages.hear({70: channel.id}, [heard], NOW)


def judge(channel: Channel) -> dict[int, str]:
    rules = judging.load_rules(Channel.get_by_id(channel.id))
    judging.judge([(w, rules, rules.ruleset.read(w.said)) for w in messages.waiting(100)], NOW)
    return {m.x_id: f"{m.status} {m.rule or ''}" for m in Message.select()}


def test_of_all_who_wait_x_is_asked_at_once_and_others_wait_for_none_of_them(channel: Channel) -> None:
    for n, handle in ((1, ""), (2, "ana"), (3, ""), (4, "")):
        hears(channel, n, 50 + n % 3, handle)
    hears(channel, 5, 60, text="nada de interés")
    assert judge(channel) == {
        1: "asking nameless", 2: "approved trigger", 3: "asking nameless", 4: "asking nameless", 5: "ignored off_topic",
    }  # fmt: skip
    assert followers.asking() == {channel.id: [51, 50]}
    followers.answered(channel.id, {51: PEPE, 50: None}, NOW)
    assert judge(channel)[1] == judge(channel)[4] == "approved trigger"
    texts = [t.text for t in Tweet.select().order_by(Tweet.message_id)]
    assert texts == ["vía Pepe: choque", "vía Ana: choque", "choque", "vía Pepe: choque"]
    hears(channel, 6, 50)
    assert judge(channel)[6] == "approved trigger", "X has no such account: it was asked today"


def test_a_name_that_came_in_another_way_is_not_paid(channel: Channel) -> None:
    hears(channel, 1)
    judge(channel)
    hears(channel, 2, handle="pepe")
    assert judge(channel) == {1: "asking nameless", 2: "approved trigger"}
    assert followers.known_already(channel.id, NOW) == 1
    assert followers.asking() == {}
    assert judge(channel)[1] == "approved trigger"
    assert {t.text for t in Tweet.select()} == {"vía Pepe: choque"}
    assert followers.known_already(channel.id, NOW) == 0


def test_the_same_that_comes_again_with_its_name_brings_it(channel: Channel) -> None:
    hears(channel, 1)
    judge(channel)
    hears(channel, 1, handle="pepe", protected=False)
    assert followers.known_already(channel.id, NOW) == 1
    assert judge(channel) == {1: "approved trigger"}


def test_what_needs_no_name_does_not_ask(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, mention_form="repost")
    hears(channel, 1)
    hears(channel, 2, kind=MessageKind.DM)
    assert set(judge(channel).values()) == {"approved trigger"}


def test_who_is_blocked_by_name_alone_is_known_by_asking(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, mention_form="repost")
    senders.set_standing_of_handle(channel.id, Standed(Standing.BLOCKED, "Pepe", None, ""), source=Source.OWNER)
    hears(channel, 1, kind=MessageKind.DM)
    assert judge(channel) == {1: "asking nameless"}
    followers.answered(channel.id, {5: PEPE}, NOW)
    assert judge(channel) == {1: "blocked sender_blocked"}
    assert Sender.select().where(Sender.sender_id == 5).count() == 1


def test_a_person_who_decides_sees_who_it_is(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, mention_form="repost", review="all")
    hears(channel, 1)
    assert judge(channel) == {1: "asking nameless"}
    followers.answered(channel.id, {5: PEPE}, NOW)
    assert judge(channel) == {1: "held review_all"}
    assert Message.get().sender_handle == "pepe"


def test_one_answer_says_who_follows_too(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, followers_only=True)
    hears(channel, 1)
    hears(channel, 2, 6)
    judge(channel)
    followers.answered(channel.id, {5: Person("pepe", "Pepe", follows=True), 6: Person("eva", "Eva")}, NOW)
    assert judge(channel) == {1: "approved trigger", 2: "ignored not_follower"}


def test_whose_account_is_protected_is_not_repeated(channel: Channel) -> None:
    hears(channel, 1)
    hears(channel, 2, 6, "eva", protected=True)
    hears(channel, 3, 6, "eva", protected=True, kind=MessageKind.DM)
    judge(channel)
    followers.answered(channel.id, {5: Person("pepe", "Pepe", protected=True)}, NOW)
    assert judge(channel) == {1: "ignored protected", 2: "ignored protected", 3: "approved trigger"}


def test_what_x_does_not_say_in_time_is_not_posted_without_the_name(channel: Channel) -> None:
    hears(channel, 1)
    judge(channel)
    assert followers.give_up_asking(NOW + 14 * MINUTE) == 0
    assert followers.give_up_asking(NOW + 16 * MINUTE) == 1
    assert judge(channel) == {1: "ignored nameless"}


def test_who_had_no_name_is_asked_for_again_after_a_day(channel: Channel) -> None:
    followers.answered(channel.id, {5: None}, NOW - DAY)
    hears(channel, 1)
    assert judge(channel) == {1: "asking nameless"}
