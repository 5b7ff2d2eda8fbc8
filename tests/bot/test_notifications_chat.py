"""What people are told, sentence by sentence and in both languages, and the journal; each notice with its buttons."""

import gzip
from datetime import timedelta

import pytest

from bot.notifications import journal as in_the_chat
from engine.moderation import MessageKind
from engine.x.errors import RateLimited
from models.notifications.notices import Notice
from models.publishing import holding, placing, saying, taking_back
from models.publishing.tweets import Tweet
from tasks import accounts
from tasks import journal as tasks_journal
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel, comes_to_its_time, hears, posts, refuses, refuses_this_form


@pytest.mark.both_databases
async def test_a_repost_is_told_with_undo_and_why(ana: Conversation) -> None:
    hears("choque en la <A1> & más", "pepe")
    posts()
    told = await ana.is_told("@TraficoValle reposteó.*@pepe: choque en la <A1> & más",
                             "@TraficoValle reposted.*@pepe: choque en la <A1> & más")  # fmt: skip
    assert told.buttons[0][0][1].startswith("https://x.com/")
    await ana.taps("Por qué", "Why")
    ana.reads("disparador: choque", "trigger: choque")
    await ana.taps("Deshacer", "Undo")
    assert taking_back.due(now())
    claimed = taking_back.claim(Tweet.select().get().id, now())
    assert claimed is not None
    taking_back.done(claimed[0], now())
    await ana.is_told("↩️ Deshecho", "↩️ Undone: @TraficoValle no longer shows this")


async def test_a_dm_is_told_without_its_sender(ana: Conversation) -> None:
    hears("choque contado en privado", "pepe", MessageKind.DM)
    posts()
    told = await ana.is_told("publicó un DM", "posted a DM")
    assert "pepe" not in told.text


async def test_a_burst_is_one_message_with_a_button_for_each(ana: Conversation) -> None:
    for n in range(12):
        hears(f"choque {n} en la calle {chr(65 + n) * 9}", f"vecino{n}")
    posts()
    told = await ana.is_told("publicó 12 mensajes", "posted 12 messages")
    assert [la for la in told.labels if "↩️" in la][-1] == "↩️ 12"
    await ana.taps("↩️ 1$")
    ana.reads("… 1. ")


async def test_many_held_messages_are_one_notice(ana: Conversation) -> None:
    await ana.types("/review all")
    for n in range(8):
        hears(f"choque {n} en la calle {chr(65 + n) * 9}", f"vecino{n}")
    await ana.is_told("8 mensajes de @TraficoValle", "8 messages of @TraficoValle wait for a decision")
    await ana.taps(r"\(8\)")
    ana.reads("8 mensajes", "8 messages of @TraficoValle wait for you")


async def test_a_pause_at_x_is_told_with_the_counts(ana: Conversation) -> None:
    hears("choque uno")
    at = now()
    claimed = saying.claim(placing.due(at, 1)[0], at)
    assert claimed is not None
    tweet, channel_ = claimed
    holding.met(channel_.id, RateLimited("", at + timedelta(minutes=15)), at, tweet.id)
    await ana.is_told("X pide una pausa.*0 en el último día, 0 en la última hora, 0 en los últimos 15",
                      "X wants a pause.*0 in the last day, 0 in the last hour, 0 in the last 15")  # fmt: skip
    await ana.types("/status")
    ana.reads("en pausa", "on hold for")


async def test_a_lost_access_is_told_with_a_way_back(ana: Conversation) -> None:
    accounts.token_died(channel(), "revoked")
    await ana.is_told("X ya no acepta el acceso", "X no longer accepts the access to @TraficoValle")
    ana.finds("X ya no acepta", "X no longer accepts")
    await ana.taps("Reconectar", "Reconnect")
    ana.reads("Abre X", "Open X")


async def test_what_x_refused_of_a_message_is_told(ana: Conversation) -> None:
    hears("choque en la rada", "pepe")
    refuses("gone")
    await ana.is_told("no pudo publicar esto: ya no está en X.*choque en la rada",
                      "could not post this: it is no longer on X.*choque en la rada")  # fmt: skip
    await ana.taps("Por qué", "Why")
    ana.reads("choque en la rada")


@pytest.mark.parametrize(
    ("reason", "spanish", "english"),
    [
        ("bad_media", "X no puede usar lo que muestra", "X can't use what it shows"),
        ("media_scope", "el acceso no alcanza para fotos", "the access does not reach photos"),
        ("duplicate", "X ya tiene ese texto", "X has this text already"),
        ("credits", "X no tiene créditos", "X has no credits left"),
        ("no_answer", "X no respondió", "X did not answer"),
    ],
)
async def test_what_x_refused_of_a_post_says_why(ana: Conversation, reason: str, spanish: str, english: str) -> None:
    await ana.types("/post Aviso & <b>final</b>")
    await ana.taps("Publicar ya", "Post now")
    refuses(reason)
    told = await ana.is_told(f"no pudo publicar esto: {spanish}.*<b>final</b>",
                             f"could not post this: {english}.*<b>final</b>")  # fmt: skip
    assert told.labels


async def test_what_x_said_itself_is_told_as_text(ana: Conversation) -> None:
    await ana.types("/post Aviso")
    await ana.taps("Publicar ya", "Post now")
    refuses("403", "You are <not> allowed & so on")
    await ana.is_told("You are <not> allowed & so on")


async def test_an_edit_after_the_post_is_told(ana: Conversation) -> None:
    old = hears("choque en la calle Paz")
    posts()
    hears("choque en la calle Paz, era broma <3", edit_of=old)
    await ana.is_told("editado después por su autor.*era broma <3", "edited by its writer.*era broma <3")
    await ana.taps("Por qué", "Why")
    ana.reads("No publicado — su autor lo editó", "Not posted — its writer edited it")


async def test_where_x_refused_one_form_the_other_is_told(ana: Conversation) -> None:
    hears("choque que X no deja repostear", "pepe")
    refuses_this_form("choque que X no deja repostear", "not <permitted>")
    posts()
    await ana.is_told("X no quiso la otra forma, así que usé esta. X dice: «not <permitted>»",
                      "X refused the other form, so I used this one. X says: «not <permitted>»")  # fmt: skip
    await ana.taps("Por qué", "Why")
    ana.reads("X dice: «not <permitted>»", "X says: «not <permitted>»")


async def test_what_was_scheduled_is_told_when_it_is_said_or_skipped(ana: Conversation) -> None:
    await ana.types("/schedule cada lunes 7:15 Punto {time} <3", "/schedule every monday 7:15 Punto {time} <3")
    await ana.taps("Programar", "Schedule it")
    comes_to_its_time()
    await ana.is_told("dijo lo programado.*Punto 07:15 <3", "said what was scheduled.*Punto 07:15 <3")
    comes_to_its_time(late=timedelta(days=15))
    await ana.is_told(
        "no funcionaba a su hora: se saltaron 3 veces",
        "was not running at its time: 3 times of this schedule were skipped",
    )
    await ana.taps("Programar…", "Schedule…")
    ana.reads("cada lunes a las 7:15", "every Monday at 7:15")


async def test_who_blocked_the_bot_is_told_nothing_more(ana: Conversation) -> None:
    await ana.types("/start")
    ana.blocks_the_bot()
    hears("choque en la calle Paz")
    posts()
    with pytest.raises(AssertionError):
        await ana.is_told(".")
    assert [n.status for n in Notice.select()] == ["dropped"]


async def test_the_status_says_how_much_waits_to_be_told(ana: Conversation) -> None:
    hears("choque en la calle Paz")
    posts()
    await ana.types("/status")
    ana.reads("1 aviso", "1 notice waits for you")


# --- the journal -----------------------------------------------------------------------------------------------


async def test_the_journal_has_every_message_and_why(ana: Conversation) -> None:
    await ana.types("/log")
    ana.reads("Bitácora de @T.*Todavía no", "Journal of @T.*Nothing was heard yet")
    hears("choque en <la> A1", "pepe")
    hears("nada que ver", "juana")
    hears("choque por privado", "luis", MessageKind.DM)
    posts()
    await ana.types("/log")
    ana.reads("@pepe choque en <la> A1 — .*disparador: choque", "@pepe choque en <la> A1 — approved: trigger: choque")
    ana.reads("ningún disparador", "not posted: no trigger in it")
    assert "choque por privado" not in ana.answers[-1].text
    ana.sees("Archivo", "File")
    await ana.taps("Actualizar", "Refresh")
    ana.reads("Bitácora", "Journal")


async def test_the_journal_comes_as_a_file(ana: Conversation) -> None:
    await ana.types("/log file")
    ana.reads("Todavía no se ha oído nada", "Nothing was heard yet")
    hears("choque en la A1", "pepe")
    sent = await ana.types("/log file")
    assert sent.document
    assert sent.text == "", "no caption"


async def test_a_long_journal_comes_packed_in_parts(ana: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_the_chat, "PART_BYTES", 200)
    for n in range(4):
        hears(f"choque número {n} en la A1", "pepe")
    before = len(ana.answers)
    await ana.types("/log file")
    parts = [gzip.decompress(ana.file(answer)) for answer in ana.answers[before:]]
    assert len(parts) > 1
    assert b"".join(parts) == b"".join(tasks_journal.whole(1))
