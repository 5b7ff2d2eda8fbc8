"""`/aside`: who runs the service sees what is set aside, and has it tried once more or ended; nobody else does."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine import posts
from models import aside
from models.accounts.channels import Channel
from models.accounts.troubles import Kind as Alarm
from models.aside import Item, Place
from models.control import aside as control
from models.publishing import placing, saying
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import settings
from tasks.clock import now
from tasks.control import alarms
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel


@pytest.fixture
def admin(ana: Conversation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Conversation]:
    with monkeypatch.context() as patched:
        patched.setenv("ADMIN_IDS", str(ana.person))
        settings.cache_clear()
        yield ana
    settings.cache_clear()


def unsaid(of: Channel, text: str) -> int:
    """A post that broke as it was to be said, with somebody's words in the error."""
    tweet_id = placing.say_now(of.id, of.owner_id, posts.plain(text), now(), fresh=timedelta(hours=1)).tweet_id
    with aside.apart(Item(Place.SAY, tweet_id, of.id, lambda: saying.broke(tweet_id, None, False, now()))):
        raise ZeroDivisionError(f"<b>no</b> room for '{text}'")
    return tweet_id


async def test_nothing_is_aside_as_long_as_all_goes_well(admin: Conversation) -> None:
    await admin.types("/aside")
    admin.reads("Nada: todo se pudo hacer", "Nothing: everything could be handled")


async def test_it_says_what_and_why_without_anybody_s_words(admin: Conversation) -> None:
    unsaid(channel(), "secreto de alguien")
    shown = await admin.types("/aside")
    admin.reads("publicar: 1.*@TraficoValle.*ZeroDivisionError: <b>no</b> room for ….*falló 1 vez",
                "posting: 1.*@TraficoValle.*ZeroDivisionError: <b>no</b> room for ….*broke 1 time")  # fmt: skip
    assert "secreto" not in shown.html
    assert "&lt;b&gt;no" in shown.html


async def test_it_is_tried_once_more(admin: Conversation) -> None:
    tweet_id = unsaid(channel(), "vía cerrada")
    assert Tweet.get_by_id(tweet_id).status is TweetStatus.FAILED
    await admin.types("/aside")
    await admin.taps("🔁 1")
    admin.reads("Se intenta otra vez.*Nada: todo", "tried once more.*Nothing: everything")
    assert Tweet.get_by_id(tweet_id).status is TweetStatus.QUEUED


async def test_it_is_ended(admin: Conversation) -> None:
    tweet_id = unsaid(channel(), "vía cerrada")
    await admin.types("/aside")
    await admin.taps("🗑 1")
    admin.reads("Con eso se acabó", "It is over with that")
    assert Tweet.get_by_id(tweet_id).status is TweetStatus.FAILED


async def test_who_taps_second_is_told_so(admin: Conversation) -> None:
    unsaid(channel(), "vía cerrada")
    await admin.types("/aside")
    (row,) = aside.listed(2)
    assert control.drop(row.id, now())
    await admin.taps("🔁 1")
    admin.reads("Alguien ya se ocupó", "Somebody has seen to that already")


async def test_all_of_a_place_go_together(admin: Conversation) -> None:
    ids = [unsaid(channel(), f"vía {n}") for n in range(7)]
    await admin.types("/aside")
    admin.reads("publicar: 7", "posting: 7")
    await admin.taps("▶")
    admin.reads("6..*7..*", "6..*7..*")
    await admin.taps("🔁 publicar", "🔁 posting")
    admin.reads("otra vez con 7", "7 are tried once more")
    assert {Tweet.get_by_id(i).status for i in ids} == {TweetStatus.QUEUED}


async def test_all_of_a_place_are_ended_together(admin: Conversation) -> None:
    for n in range(3):
        unsaid(channel(), f"vía {n}")
    await admin.types("/aside")
    await admin.taps("🗑 publicar", "🗑 posting")
    admin.reads("Se acabó con 3", "It is over with 3")


async def test_who_runs_the_service_is_told_with_a_button(admin: Conversation) -> None:
    unsaid(channel(), "vía cerrada")
    alarms.settle({(Alarm.ASIDE, "say"): "1 could not be handled"}, now())
    await admin.is_told("quedó apartado: publicar", "was set aside: posting")
    await admin.taps("Qué, y por qué", "What, and why")
    admin.reads("publicar: 1", "posting: 1")
    await admin.types("/status")
    admin.reads("1 elemento no se pudo hacer", "1 item could not be handled")


async def test_its_owner_is_told_what_became_of_it(ana: Conversation) -> None:
    unsaid(channel(), "vía cerrada")
    await ana.is_told("algo mío falló con esto", "something of mine broke on it")


async def test_nobody_else_sees_it(ana: Conversation) -> None:
    unsaid(channel(), "vía cerrada")
    await ana.types("/aside")
    ana.reads("Eso es para quien me lleva", "That is for who runs me")
    (row,) = aside.listed(2)
    shown = ana.everything()[-1]
    for button in (f"drop:{row.id}", f"again:{row.id}", "dropall:say", "allagain:say", "aside:0"):
        await ana.presses_unseen(shown, button)
        ana.is_refused("Eso es para quien me lleva", "That is for who runs me")
    assert len(aside.listed(2)) == 1
