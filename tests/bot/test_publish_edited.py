"""A held message published in other words: a draft, shown as it will stand on X, by whom of the team it may be; said to
the letter as it was seen, once, or not at all."""

import re

import pytest

from engine.moderation import Form, MessageKind
from models.moderation import judging
from models.publishing import hashtags, placing, saying
from models.publishing.drafts import DraftRow
from models.publishing.hashtags import HashtagUse
from models.publishing.tweets import Tweet, TweetStatus
from models.streaming.messages import Message, MessageStatus
from tasks.clock import now
from tests.bot.conversation import Conversation, Shown
from tests.bot.on_x import channel, hears, posts
from tests.bot.test_drafts_chat import taps_twice, target
from tests.bot.test_undo_chat import joins

EDIT = ("Publicar editado", "Publish edited")
PUBLISH = ("✅ Publicar$", "✅ Publish$")
TEXT = "Choque en la A1, eviten la zona"


async def is_asked(ana: Conversation, kind: MessageKind = MessageKind.MENTION) -> Shown:
    await ana.types("/review all")
    hears("choque en la cantera", "maria_rdz", kind)
    return await ana.is_told("publicar este.*cantera", "publish this.*cantera")


async def edits_it(ana: Conversation, text: str = TEXT, kind: MessageKind = MessageKind.MENTION) -> Shown:
    await is_asked(ana, kind)
    await ana.taps(*EDIT)
    return await ana.types(text)


def held() -> bool:
    return bool(Message.get().status is MessageStatus.HELD)


def goes_out() -> list[str]:
    """What X is given, with what a post gets last before it is said."""
    given = []
    for number in placing.due(now(), 100):
        claimed = saying.claim(number, now())
        assert claimed is not None
        given.append(hashtags.add_to(claimed[0], now()).text)
        saying.sent(claimed[0], 4711, now())
    return given


@pytest.mark.both_databases
async def test_the_text_becomes_a_draft_with_credit_price_and_a_way_out(ana: Conversation) -> None:
    await edits_it(ana)
    shown = ana.reads(rf"dirá esto.*\n{TEXT} \(lo contó Maria_Rdz\)\n\d+ de 280 · \$0.015.*las palabras son del canal",
                      rf"say this.*\n{TEXT} \(told by Maria_Rdz\)\n\d+ of 280 · \$0.015.*the words are the channel's")  # fmt: skip
    assert held()
    assert Tweet.select().count() == 0
    assert any(re.search(ana.t("Cancelar", "Cancel"), label) for label in shown.labels)
    await ana.taps(*PUBLISH)
    ana.reads("Publicado con tus palabras", "Published in your words")
    assert goes_out() == [TEXT + ana.t(" (lo contó Maria_Rdz)", " (told by Maria_Rdz)")]


async def test_the_credit_says_whose_words_they_are(ana: Conversation) -> None:
    await edits_it(ana, "choque en la cantera")
    ana.reads("Dice que estas son palabras de Maria_Rdz", "It says that these are the words of Maria_Rdz")
    await ana.taps("Sin nombre", "No name")
    ana.reads("\nchoque en la cantera\n.*No nombra a nadie", "\nchoque en la cantera\n.*It names nobody")
    await ana.taps("Su aviso", "Their news")
    ana.reads("las palabras son del canal", "the words are the channel's")
    await ana.taps("Sus palabras", "Their words")
    ana.reads("vía .*Maria_Rdz.*choque en la cantera", "Maria_Rdz.*choque en la cantera")
    await ana.taps("Sin nombre", "No name")
    await ana.taps(*PUBLISH)
    assert goes_out() == ["choque en la cantera"]


@pytest.mark.parametrize("meanwhile", ["/channel", "/status", "/start", "/nosuch", "a panel", "an undo elsewhere"])
async def test_what_is_typed_after_another_panel_is_not_published(ana: Conversation, meanwhile: str) -> None:
    added = await ana.types("/filters add promo")
    await is_asked(ana)
    await ana.taps(*EDIT)
    if meanwhile == "a panel":
        await ana.taps("Deshacer", "Undo", under=added)
        await ana.taps("Disparadores|Reglas", "Rules")
    elif meanwhile == "an undo elsewhere":
        await ana.taps("Deshacer", "Undo", under=added)
    else:
        await ana.types(meanwhile)
    await ana.types("gracias por todo, vecinos")
    ana.reads("¿Que @TraficoValle diga esto", "Shall @TraficoValle say this")
    assert held()
    assert Tweet.select().count() == 0
    assert DraftRow.get().message_id is None


async def test_the_held_message_of_a_draft_can_be_looked_at_and_the_draft_stays(ana: Conversation) -> None:
    draft = await edits_it(ana)
    await ana.taps("« El mensaje", "« The message")
    ana.reads("publicar este.*cantera", "publish this.*cantera")
    await ana.presses_unseen(draft, target(draft, ana.t(*PUBLISH)))
    ana.reads("Publicado con tus palabras", "Published in your words")


async def test_a_cancelled_draft_leaves_the_message_held(ana: Conversation) -> None:
    draft = await edits_it(ana)
    await ana.taps("Cancelar", "Cancel")
    ana.reads("sigue en revisión|Descartado", "Discarded. The message is still held")
    assert held()
    await ana.presses_unseen(draft, target(draft, ana.t(*PUBLISH)))
    ana.is_refused("Ese borrador ya terminó", "That draft is done with")
    assert held()


async def test_another_text_takes_the_place_of_the_first(ana: Conversation) -> None:
    await edits_it(ana)
    await ana.taps("Otro texto", "Another text")
    await ana.types("Choque en la A2")
    ana.reads("\nChoque en la A2 ", "\nChoque en la A2 ")
    await ana.edits(ana.last_written(), "Choque en la A3")
    ana.reads("\nChoque en la A3 ")
    assert DraftRow.select().count() == 1
    await ana.taps(*PUBLISH)
    assert goes_out()[0].startswith("Choque en la A3 ")


@pytest.mark.both_databases
async def test_a_double_tap_publishes_once(ana: Conversation) -> None:
    await edits_it(ana)
    await taps_twice(ana, *PUBLISH)
    ana.is_refused("Ese borrador ya terminó", "That draft is done with")
    assert Tweet.select().count() == 1


@pytest.mark.both_databases
async def test_what_was_decided_meanwhile_is_not_published_again(ana: Conversation) -> None:
    told = await is_asked(ana)
    member = ana.another(11, ana.language, "Mia")
    await joins(ana, member)
    await ana.taps(*EDIT, under=told)
    await ana.types(TEXT)
    draft = ana.answers[-1]
    await member.types("/held")
    await member.taps("cantera")
    await member.taps("▫️ Ignorar", "▫️ Ignore")
    await ana.taps(*PUBLISH, under=draft)
    ana.is_refused("Alguien del equipo", "Somebody of the team was first")
    assert Tweet.select().count() == 0
    await member.taps("Deshacer", "Undo")
    await ana.taps(*PUBLISH, under=draft)
    ana.reads("Publicado con tus palabras", "Published in your words")


async def test_what_was_decided_while_one_typed_makes_no_draft(ana: Conversation) -> None:
    told = await is_asked(ana)
    await ana.taps(*EDIT)
    Message.update(status=MessageStatus.IGNORED).execute()
    await ana.types(TEXT)
    ana.reads("Alguien del equipo", "Somebody of the team was first")
    assert DraftRow.select().count() == 0
    await ana.taps(*EDIT, under=told)
    assert DraftRow.select().count() == 0


async def test_a_member_publishes_edited_and_cancels_it_while_it_waits(ana: Conversation) -> None:
    told = await is_asked(ana)
    member = ana.another(11, ana.language, "Mia")
    await joins(ana, member)
    await member.types("/held")
    await member.taps("cantera")
    await member.taps(*EDIT)
    mine = await member.types(TEXT)
    await ana.presses_foreign(member, mine, ana.t(*PUBLISH))
    ana.is_refused("no es para ti", "not for you")  # a draft is its writer's alone
    await member.taps(*PUBLISH)
    waiting = member.reads("Publicado con tus palabras", "Published in your words")
    await ana.taps("✅ Publicar$", "✅ Publish$", under=told)
    assert Tweet.select().count() == 1
    await member.taps("✖️", "Don't post it", under=waiting)
    member.reads("No se publica", "It is not posted")
    assert Tweet.get().status is TweetStatus.CANCELLED


async def test_a_stranger_can_do_nothing_with_a_held_message(ana: Conversation, ben: Conversation) -> None:
    told = await is_asked(ana)
    await ben.types("/channel")
    for label in told.labels:
        await ben.presses_foreign(ana, told, re.escape(label))
        ben.is_refused("no es para ti", "not for you")
    await ana.taps(*EDIT)
    draft = await ana.types(TEXT)
    for label in draft.labels:
        await ben.presses_foreign(ana, draft, re.escape(label))
        ben.is_refused("no es para ti", "not for you")
    assert held()


async def test_who_left_the_team_while_typing_makes_no_draft(ana: Conversation) -> None:
    await is_asked(ana)
    member = ana.another(11, ana.language, "Mia")
    await joins(ana, member)
    await member.types("/held")
    await member.taps("cantera")
    await member.taps(*EDIT)
    await ana.types("/team")
    await ana.taps("✕ Mia")
    await member.types(TEXT)
    member.reads("ya no es tuyo", "no longer yours")
    await member.types("Vecinos")
    member.reads("No lo entendí", "I didn't understand that")
    assert DraftRow.select().count() == 0


async def test_what_waits_after_it_was_published_edited_is_cancelled_and_not_after_it_went(ana: Conversation) -> None:
    await edits_it(ana)
    await ana.taps(*PUBLISH)
    waiting = ana.answers[-1]
    posts()
    await ana.taps("✖️", "Don't post it", under=waiting)
    ana.is_refused("Demasiado tarde", "Too late")
    assert Tweet.get().status is TweetStatus.SENT


# --- who wrote a DM ------------------------------------------------------------------------------------------------


async def test_who_wrote_a_dm_is_not_named_where_the_owner_does_not_want_it(ana: Conversation) -> None:
    await ana.types("/names off")
    draft = await edits_it(ana, kind=MessageKind.DM)
    ana.reads(rf"\n{TEXT}\n.*No nombra a nadie", rf"\n{TEXT}\n.*It names nobody")
    assert not any("editedcredit" in t for row in draft.buttons for _, t in row)
    forged = f"editedcredit:{channel().id}:{DraftRow.get().id}:news"
    await ana.presses_unseen(draft, forged)
    assert "Maria" not in ana.finds("dirá esto", "say this instead").text
    await ana.types("/names on")
    await ana.types("/names off")
    await ana.taps(*PUBLISH, under=ana.finds("dirá esto", "say this instead"))
    assert goes_out() == [TEXT]


async def test_names_that_are_switched_off_after_the_draft_was_seen_are_not_said(ana: Conversation) -> None:
    await ana.types("/names on")
    draft = await edits_it(ana, kind=MessageKind.DM)
    assert "Maria_Rdz" in draft.text
    await ana.types("/names off")
    await ana.taps(*PUBLISH, under=draft)
    ana.reads(rf"Ha cambiado.*\n{TEXT}\n.*No nombra a nadie", rf"reads differently by now.*\n{TEXT}\n.*It names nobody")
    assert held()
    await ana.taps(*PUBLISH)
    assert goes_out() == [TEXT]


# --- hashtags ------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
async def test_the_hashtag_that_is_shown_is_the_one_that_is_said_and_counts_once(ana: Conversation) -> None:
    await ana.types("/hashtags add #metro, 2 en total", "/hashtags add #metro, 2 in all")
    await edits_it(ana)
    shown = ana.reads("#metro.*Con el hashtag|#metro", "#metro.*With the hashtag that is due: #metro")
    await ana.taps(*PUBLISH)
    (given,) = goes_out()
    assert given in shown.text
    assert given.count("#metro") == 1
    assert HashtagUse.select().count() == 1
    await ana.types("/hashtags")
    ana.reads("1 de 2, queda", "1 of 2, 1 left")


async def test_no_hashtag_is_said_that_nobody_saw(ana: Conversation) -> None:
    await edits_it(ana)
    await ana.taps(*PUBLISH)
    await ana.types("/hashtags add #metro")
    assert goes_out() == [TEXT + ana.t(" (lo contó Maria_Rdz)", " (told by Maria_Rdz)")]
    assert HashtagUse.select().count() == 0


async def test_a_hashtag_that_came_or_went_since_it_was_shown_is_shown_anew(ana: Conversation) -> None:
    draft = await edits_it(ana)
    await ana.types("/hashtags add #metro")
    await ana.taps(*PUBLISH, under=draft)
    again = ana.reads("Ha cambiado.*#metro", "reads differently by now.*#metro")
    assert held()
    await ana.types("/hashtags remove #metro")
    await ana.taps(*PUBLISH, under=again)
    ana.reads("Ha cambiado", "reads differently by now")
    await ana.taps(*PUBLISH)
    assert "#metro" not in goes_out()[0]


async def test_words_that_x_refuses_are_not_replaced_by_those_of_the_message(ana: Conversation) -> None:
    from tasks import publishing

    await edits_it(ana)
    await ana.taps(*PUBLISH)
    (number,) = placing.due(now(), 10)
    claimed = saying.claim(number, now())
    assert claimed is not None
    tweet, of = claimed
    assert judging.load_rules(of).style.other_form(MessageKind.MENTION, Form.COPY) is Form.REPOST
    assert not publishing._fall_back(tweet, of, "refused")


async def test_where_the_channels_credit_names_nobody_it_is_said_so(ana: Conversation) -> None:
    await ana.types("/credit ninguno", "/credit none")
    await edits_it(ana, "choque en la cantera")
    ana.reads("\nchoque en la cantera\n.*No nombra a nadie", "\nchoque en la cantera\n.*It names nobody")


async def test_a_draft_of_a_message_that_was_decided_meanwhile_asks_for_nothing_and_says_nothing_untrue(
    ana: Conversation,
) -> None:
    asked = await is_asked(ana)
    await ana.taps(*EDIT)
    draft = await ana.types(TEXT)
    await ana.taps("Ignorar", "Ignore", under=asked)
    await ana.taps("Otro texto", "Another text", under=draft)
    ana.is_refused("Alguien del equipo llegó antes", "Somebody of the team was first")
    await ana.taps("Cancelar", "Cancel", under=draft)
    shown = ana.reads("^Descartado", "^Discarded")
    assert not re.search("sigue en revisión|still held", shown.text)
