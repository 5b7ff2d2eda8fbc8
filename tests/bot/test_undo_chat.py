"""Undo in the chat: who was trusted, blocked or held is so again, by its own button, once, for a week, for nobody else."""

import re
from datetime import timedelta

import pytest

from engine.moderation import KeywordRole, MessageKind
from engine.moderation.standing import Standing
from models.accounts.channels import Channel
from models.moderation import lists
from models.moderation.senders import Sender
from models.publishing.tweets import Tweet
from models.streaming.messages import Message, MessageStatus
from models.undoing import KEPT, Undo
from tasks.clock import now
from tests.bot.conversation import Conversation, Shown
from tests.bot.on_x import channel, connected, hears
from tests.bot.test_moderation_chat import closed_now

UNDO = ("Deshacer", "Undo")
NOTHING = ("No queda nada que reponer", "There is nothing left to put back")


def standing(handle: str) -> Standing | None:
    row = Sender.get_or_none((Sender.channel_id == channel().id) & (Sender.handle_key == handle))
    return row.standing if row is not None else None


# --- senders -----------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
async def test_a_trusted_sender_who_was_blocked_by_name_is_trusted_again(ana: Conversation) -> None:
    hears("choque en la A1", "maria")
    await ana.types("/trust @maria")
    await ana.types("/block @maria 7 días spam", "/block @maria 7 days spam")
    assert standing("maria") is Standing.BLOCKED
    await ana.taps(*UNDO)
    ana.reads("como estaba.*De confianza.*: 1", "as it was.*Trusted by .*: 1")
    ana.sees("maria")
    assert standing("maria") is Standing.TRUSTED


async def test_one_who_was_never_heard_and_trusted_is_trusted_again_too(ana: Conversation) -> None:
    await ana.types("/trust @maria vecina")
    await ana.types("/block @maria")
    await ana.taps(*UNDO)
    assert standing("maria") is Standing.TRUSTED
    await ana.types("/trust")
    await ana.taps("maria")
    ana.reads("De confianza", "Trusted")


@pytest.mark.both_databases
async def test_a_blocked_sender_who_was_trusted_is_blocked_until_the_same_day_again(ana: Conversation) -> None:
    hears("choque en la A1", "pepe")
    await ana.types("/block @pepe 7 días spam", "/block @pepe 7 days spam")
    until = Sender.get(Sender.handle_key == "pepe").blocked_until
    await ana.types("/trust @pepe")
    await ana.taps(*UNDO)
    ana.reads("como estaba.*Bloqueados por .*: 1", "as it was.*Blocked by .*: 1")
    again = Sender.get(Sender.handle_key == "pepe")
    assert (again.standing, again.blocked_until, again.reason) == (Standing.BLOCKED, until, "spam")


@pytest.mark.both_databases
async def test_who_was_unblocked_by_name_or_by_tapping_is_blocked_again(ana: Conversation) -> None:
    hears("choque en la A1", "pepe")
    await ana.types("/block @pepe 7 días spam", "/block @pepe 7 days spam")
    await ana.types("/unblock @pepe")
    assert standing("pepe") is None
    await ana.taps(*UNDO)
    assert standing("pepe") is Standing.BLOCKED
    await ana.taps("pepe")
    await ana.taps("Desbloquear", "Unblock")
    assert standing("pepe") is None
    await ana.taps(*UNDO)
    ana.reads("Bloqueados por .*: 1", "Blocked by .*: 1")
    assert Sender.get(Sender.handle_key == "pepe").reason == "spam"


async def test_who_was_no_longer_trusted_by_tapping_is_trusted_again(ana: Conversation) -> None:
    await ana.types("/trust @maria")
    await ana.types("/trust")
    await ana.taps("maria")
    await ana.taps("Dejar de confiar", "No longer trust")
    assert standing("maria") is None
    await ana.taps(*UNDO)
    assert standing("maria") is Standing.TRUSTED


async def test_every_tap_on_a_sender_has_its_undo(ana: Conversation) -> None:
    await ana.types("/trust @maria")
    await ana.types("/trust")
    await ana.taps("maria")
    await ana.taps("^7 d")
    first = ana.reads("Bloqueado; quedan", "Blocked for another")
    await ana.taps(*UNDO, under=first)
    ana.reads("como estaba.*De confianza", "as it was.*Trusted")


# --- a held message ----------------------------------------------------------------------------------------------


async def is_asked(ana: Conversation, text: str, sender: str = "pepe") -> Shown:
    await ana.types("/review all")
    hears(text, sender)
    return await ana.is_told(f"publicar este.*{text}", f"publish this.*{text}")


@pytest.mark.both_databases
async def test_a_block_on_a_held_message_taken_back_holds_it_again_and_unblocks(ana: Conversation) -> None:
    await is_asked(ana, "choque en el muelle")
    await ana.taps("🚫 Bloquear", "Block sender")
    await ana.taps("^7 d")
    ana.reads("muelle.*dijo que no", "muelle.*Ana said no")
    assert standing("pepe") is Standing.BLOCKED
    await ana.taps(*UNDO)
    ana.reads("publicar este.*muelle", "publish this.*muelle")
    assert standing("pepe") is None
    assert Message.get().status is MessageStatus.HELD


async def test_a_block_on_a_held_message_of_a_trusted_sender_taken_back_trusts_them_again(ana: Conversation) -> None:
    await ana.types("/trust @pepe")
    await ana.types("/review unsure")
    hears("nada con palabra clave", "pepe")
    await ana.is_told("publicar este", "publish this")
    await ana.taps("🚫 Bloquear", "Block sender")
    await ana.taps("Para siempre", "For good")
    assert standing("pepe") is Standing.BLOCKED
    await ana.taps(*UNDO)
    assert standing("pepe") is Standing.TRUSTED
    assert Message.get().status is MessageStatus.HELD


async def test_who_is_trusted_after_a_block_stays_so_when_the_block_is_taken_back(ana: Conversation) -> None:
    await is_asked(ana, "choque en el muelle")
    await ana.taps("🚫 Bloquear", "Block sender")
    await ana.taps("^7 d")
    card = ana.reads("muelle.*dijo que no", "muelle.*Ana said no")
    await ana.types("/trust @pepe")
    await ana.taps(*UNDO, under=card)
    assert standing("pepe") is Standing.TRUSTED
    assert Message.get().status is MessageStatus.HELD


async def test_a_block_on_a_message_that_was_posted_is_taken_back(ana: Conversation) -> None:
    hears("choque en el muelle", "pepe")
    await ana.types("/message")
    await ana.taps("choque en el muelle")
    await ana.taps("🚫 Bloquear", "Block sender")
    await ana.taps("^7 d")
    assert standing("pepe") is Standing.BLOCKED
    await ana.taps(*UNDO)
    ana.reads("como estaba.*muelle", "as it was.*muelle")
    assert standing("pepe") is None
    await ana.taps("Confiar", "Trust sender")
    assert standing("pepe") is Standing.TRUSTED
    await ana.taps(*UNDO)
    assert standing("pepe") is None


# --- once, for a week, for nobody else ---------------------------------------------------------------------------


@pytest.mark.both_databases
async def test_the_second_tap_on_undo_changes_nothing(ana: Conversation) -> None:
    told = await ana.types("/block @pepe")
    target = next(t for row in told.buttons for label, t in row if re.search(ana.t(*UNDO), label))
    await ana.presses(told.id, target)
    await ana.types("/block @pepe")
    await ana.presses_unseen(told, target)
    ana.is_refused(*NOTHING)
    assert standing("pepe") is Standing.BLOCKED


async def test_after_a_week_there_is_nothing_to_undo(ana: Conversation) -> None:
    told = await ana.types("/block @pepe")
    Undo.update(made_at=now() - KEPT - timedelta(seconds=1)).execute()
    await ana.taps(*UNDO, under=told)
    ana.is_refused(*NOTHING)
    assert standing("pepe") is Standing.BLOCKED


async def test_nobody_else_undoes_what_an_owner_did(ana: Conversation, ben: Conversation) -> None:
    told = await ana.types("/block @pepe")
    await ben.types("/channel")
    await ben.presses_foreign(ana, told, ana.t(*UNDO))
    ben.is_refused("Ese botón no es para ti", "That button is not for you")
    member = ana.another(11, ana.language, "Mia")
    await joins(ana, member)
    await member.presses_foreign(ana, told, ana.t(*UNDO))
    member.is_refused("Ese botón no es para ti", "That button is not for you")
    assert standing("pepe") is Standing.BLOCKED
    assert Undo.select().count() == 1


async def joins(owner: Conversation, member: Conversation) -> None:
    await owner.types("/team")
    await owner.taps("Invitar", "Invite")
    invited = await owner.taps("Hacer el enlace", "Make the link")
    assert invited is not None
    code = re.search(r"/start (team-\S+)", invited.text)
    assert code is not None
    await member.types(f"/start {code[1]}")


# --- what was changed before stays undoable ----------------------------------------------------------------------


async def test_undos_stand_side_by_side_whatever_is_done_between(ana: Conversation) -> None:
    blocked = await ana.types("/block @pepe")
    added = await ana.types("/filters add promo")
    await ana.types("/filters add sorteo")
    await ana.types("/start")
    await ana.types("/triggers search choque")
    await ana.types("/hours")
    await ana.taps("📅 Menciones", "📅 Mentions")
    await ana.taps("^lun$", "^mon$")
    await ana.types("/schedule")
    await ana.types("/cancel")
    await ana.taps(*UNDO, under=added)
    assert {k.text for k in lists.rows_of(channel().id, KeywordRole.FILTER)} == {"sorteo"}
    await ana.taps(*UNDO, under=blocked)
    assert standing("pepe") is None


async def test_added_words_are_taken_away_by_undo(ana: Conversation) -> None:
    await ana.types("/triggers")
    await ana.taps("Añadir", "Add")
    await ana.types("gracias, granizo")
    ana.reads("Añadido: gracias, granizo", "Added: gracias, granizo")
    await ana.taps(*UNDO)
    ana.reads("como estaba", "as it was")
    assert {k.text for k in lists.all_keywords(channel().id)} == {"choque"}


# --- hours -------------------------------------------------------------------------------------------------------


async def waits_for_hours(ana: Conversation) -> Tweet:
    await ana.types(f"/hours {closed_now('UTC')}")
    hears("choque que espera su hora")
    tweet: Tweet = Tweet.get()
    assert (tweet.reason, tweet.due_at > now()) == ("hours", True)
    return tweet


def is_woken(tweet: Tweet) -> bool:
    return bool(Tweet.get_by_id(tweet.id).due_at <= now())


@pytest.mark.both_databases
async def test_typed_hours_wake_what_waits(ana: Conversation) -> None:
    tweet = await waits_for_hours(ana)
    await ana.types("/hours 24h")
    assert is_woken(tweet)


async def test_hours_of_a_file_wake_what_waits(ana: Conversation) -> None:
    tweet = await waits_for_hours(ana)
    await ana.types("/import hours")
    await ana.sends("horas.csv", "list,text,applies,block,becomes,note\nhours,mon-sun 0:00-24:00,mentions,,,\n")
    await ana.taps("Añadir", "Add these")
    ana.reads("Hecho", "Done")
    assert is_woken(tweet)


async def test_hours_of_another_channel_wake_what_waits(ana: Conversation) -> None:
    tweet = await waits_for_hours(ana)
    connected("CanalNuevo", ana)
    await ana.types("/hours @CanalNuevo 24h")
    await ana.types("/channel @TraficoValle")
    await ana.types("/copy @CanalNuevo")
    await ana.taps("Sí, copiar", "Yes, copy")
    assert is_woken(tweet)


@pytest.mark.both_databases
async def test_hours_that_come_back_by_undo_wake_what_waits(ana: Conversation) -> None:
    tweet = await waits_for_hours(ana)
    await ana.taps(*UNDO, under=ana.finds("Horario de", "Hours of"))
    assert is_woken(tweet)


async def test_an_undone_import_wakes_what_waits(ana: Conversation) -> None:
    await ana.types("/import hours")
    content = f'list,text,applies,block,becomes,note\nhours,"{closed_now("UTC")}",mentions,,,\n'
    await ana.sends("horas.csv", content)
    imported = await ana.taps("Añadir", "Add these")
    await ana.types("/hours on")
    hears("choque que espera su hora")
    tweet: Tweet = Tweet.get()
    assert tweet.reason == "hours"
    await ana.taps(*UNDO, under=imported)
    assert is_woken(tweet)


async def test_a_zone_that_comes_back_by_undo_wakes_what_waits(ana: Conversation) -> None:
    tweet = await waits_for_hours(ana)
    await ana.types("/zone Madrid")
    Tweet.update(due_at=now() + timedelta(days=1)).execute()
    await ana.taps(*UNDO)
    assert is_woken(tweet)


# --- hours of one kind and of the other --------------------------------------------------------------------------


async def test_the_first_hours_of_mentions_do_not_stop_dms_and_it_is_said_where_one_taps(ana: Conversation) -> None:
    hears("choque de prueba", kind=MessageKind.DM)
    await ana.types("/hours")
    await ana.taps("📅 Menciones", "📅 Mentions")
    await ana.taps("^Nada$", "^None$")
    ana.reads("Los DM siguen este horario también", "DMs keep to these hours too")
    await ana.taps("^Todo$", "^All$")
    await ana.taps("^0-6$")
    await ana.taps("« Horario", "« Hours")
    ana.reads("DM: como las menciones", "DMs: as mentions")
    await ana.types("/hours mentions 24h")
    hears("choque en privado", "luisa", MessageKind.DM)
    newest = Message.select().order_by(Message.id.desc()).get()
    assert newest.status is MessageStatus.APPROVED
    await ana.types("/hours")
    await ana.taps("📅 DM")
    ana.reads("Es el horario de las menciones", "These are the hours of mentions")


async def test_dms_with_hours_of_their_own_are_left_alone_by_those_of_mentions(ana: Conversation) -> None:
    await ana.types("/hours dms 24h")
    await ana.types(f"/hours mentions {closed_now('UTC')}")
    await ana.types("/hours")
    await ana.taps("📅 Menciones", "📅 Mentions")
    said = await ana.taps("^Nada$", "^None$")
    assert said is not None
    assert not re.search(ana.t("Los DM siguen", "DMs keep"), said.text)
    hears("choque en privado", "luisa", MessageKind.DM)
    assert Tweet.get().reason == ""
    assert Channel.get().dms_on
