"""What is deleted at X, in the chat: cards and notices follow, nothing brings it back, and the look again is chosen."""

import pytest

from engine.moderation import Form, MessageKind, Review
from models import choosing
from models.accounts import choices
from models.accounts.channels import Channel, Hearing
from models.moderation import withdrawing
from models.publishing import history, taking_back
from models.streaming import taken_back
from models.streaming.messages import Message
from models.streaming.taken_back import Deletion
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel, hears, posts


def deletes(x_id: int) -> None:
    """Who wrote it deletes it, and what follows is done."""
    author = Message.get(Message.x_id == x_id).sender_id
    taken_back.note([Deletion(x_id, author)], now())
    for gone in taken_back.due(now(), 9):
        withdrawing.follow(gone, now())


def said(text: str = "choque en la A1", kind: MessageKind = MessageKind.MENTION) -> int:
    """A copy of this is on X."""
    choosing.choose(channel().id, now(), mention_form=Form.COPY, repeats_on=False, burst_most=0)
    x_id = hears(text, kind=kind)
    posts()
    return x_id


def in_the_chat(ana: Conversation) -> dict[int, str]:
    """What stands in the chat now."""
    return {number: str(m.get("text", "")) for number, m in ana._chat.messages.items()}


def undone(x_id: int) -> None:
    tweet = history.of_message(Message.get(Message.x_id == x_id).id)
    assert tweet is not None
    claimed = taking_back.claim(tweet.id, now())
    assert claimed is not None
    taking_back.done(claimed[0], now())


@pytest.mark.both_databases
async def test_the_owner_is_told_and_what_was_shown_says_no_more_what_it_said(ana: Conversation) -> None:
    x_id = said()
    posted = await ana.is_told("publicó una copia.*A1", "posted a copy.*A1")
    deletes(x_id)
    await ana.is_told(
        "🗑 X ya no muestra lo que @maria_rdz escribió: estoy quitando",
        "🗑 X no longer shows what @maria_rdz wrote: I am",
    )
    assert ana.t("🗑 X ya no muestra", "🗑 X no longer shows") in in_the_chat(ana)[posted.id]
    undone(x_id)
    await ana.is_told("La copia de @T.* tampoco está ya", "The copy of @T.* is off, too")
    assert not [text for text in in_the_chat(ana).values() if "A1" in text]


async def test_a_card_says_that_it_is_deleted_and_offers_nothing_that_brings_it_back(ana: Conversation) -> None:
    x_id = said()
    deletes(x_id)
    await ana.types(f"/message {Message.get().id}")
    card = ana.reads("🗑 X ya no lo muestra: no guardo nada", "🗑 X no longer shows it: I keep nothing")
    assert not {label for label in card.labels if "↩️" in label or "✅" in label}


async def test_what_is_held_is_withdrawn_before_anybody_decides(ana: Conversation) -> None:
    choosing.choose(channel().id, now(), review=Review.ALL)
    x_id = hears("choque en la A1")
    held = await ana.is_told("¿Publicar|👀.*A1", "publish this.*A1")
    deletes(x_id)
    shown = await ana.is_told("🔎.*🗑 X ya no lo muestra", "🔎.*🗑 X no longer shows it")
    assert shown.id == held.id
    assert not {label for label in shown.labels if "✅" in label or "✏️" in label}


async def test_a_burst_of_them_is_told_in_one(ana: Conversation) -> None:
    ids = [said(f"choque en la A{n}") for n in range(3)]
    for x_id in ids:
        deletes(x_id)
    await ana.is_told(
        "🗑 X ya no muestra 3 mensajes.*Quedan 3 copias", "🗑 X no longer shows 3 posts that .*3 of our copies are"
    )
    for x_id in ids:
        undone(x_id)
    await ana.is_told("Ninguno está ya en X", "None of them is on X any more")


async def test_the_status_says_so_where_x_has_no_room_for_a_channel(ana: Conversation) -> None:
    await ana.types("/status")
    assert "🟡 X" not in str(ana.answers[-1])
    Channel.update(hearing=Hearing.POLL).execute()
    await ana.types("/status")
    ana.reads("X no me avisa por su cuenta", "X does not tell me by itself")


@pytest.mark.parametrize(
    ("typed", "hours", "spanish", "english"),
    [
        ("/deleted", 24, r"Lo que se borra.*\$0\.005.*al cabo de un día", r"Deleted posts.*\$0\.005.*after a day"),
        ("/borrados", 24, "copió 0.*habrían sido", r"copied 0.*\$0\.00 at most"),
        ("/deleted 1h", 1, "al cabo de una hora", "after an hour"),
        ("/borrados 1 hora", 1, "al cabo de una hora", "after an hour"),
        ("/deleted after 60 min", 1, "al cabo de una hora", "after an hour"),
        ("/borrados al cabo de 1 hr.", 1, "al cabo de una hora", "after an hour"),
        ("/deleted 2h", 24, "No conozco", "I don't know"),
        ("/deleted off", 0, "no se vuelven a mirar", "not looked at again"),
        ("/borrados nunca", 0, "no se vuelven a mirar", "not looked at again"),
        ("/borrados DÍA", 24, "al cabo de un día", "after a day"),
        ("/deleted 3 weeks", 24, "No conozco “3 weeks” aquí.*/borrados día", "say off, 1h or day.*/deleted day"),
        ("/deleted -1", 24, "No conozco", "I don't know"),
    ],
)
async def test_when_it_is_looked_at_again_is_typed(
    ana: Conversation, typed: str, hours: int, spanish: str, english: str
) -> None:
    await ana.types(typed)
    ana.reads(spanish, english)
    assert choices.row_of(channel().id).looked_after == hours


async def test_or_tapped_from_the_panel_with_what_a_day_would_have_cost(ana: Conversation) -> None:
    said()
    said("choque en la A2")
    await ana.types("/writing")
    await ana.taps("🗑")
    ana.reads(r"copió 2 .*\$0\.01 como mucho", r"copied 2 .*\$0\.01 at most")
    await ana.taps("A la hora", "After 1 h")
    assert choices.row_of(channel().id).looked_after == 1
    await ana.taps("Nunca", "Never")
    assert choices.row_of(channel().id).looked_after == 0
