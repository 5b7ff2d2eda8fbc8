"""Channels in the chat, sentence by sentence and in both languages: signing in, panels, switches, team, goodbye."""

import asyncio
import contextlib
import re
from datetime import timedelta

import pytest

from bot.commands import COMMANDS
from bot.helping import Command
from engine.x.errors import AccountLocked
from models import connecting, inbox
from models.accounts import admins, troubles
from models.accounts.channels import Channel, OffReason
from models.publishing import allowance, holding
from models.settings import settings
from sandbox.people import GROUP
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel, connected

# --- who has no channel yet ------------------------------------------------------------------------------------

NEEDS_NO_CHANNEL = {"start", "join", "help", "status", "language", "connect", "cancel"}
NO_CHANNEL = ("Todavía no tienes ningún canal", "You have no channel yet. Connect one with /connect")


@pytest.mark.parametrize("command", [c.name for c in COMMANDS if c.name not in NEEDS_NO_CHANNEL and not c.for_admins])
async def test_who_has_no_channel_is_shown_the_way_to_one(newcomer: Conversation, command: str) -> None:
    await newcomer.types(f"/{command}")
    newcomer.reads(*NO_CHANNEL)


@pytest.mark.parametrize(
    ("typed", "spanish", "english"),
    [
        ("/start", "Canales.*lleva una cuenta de X.*deshacer", "Canales.*runs an X account.*every post can be undone"),
        ("/help", "Cómo funciona.*¿De qué", "How it works.*What do"),
        ("/status", "Estado.*Todavía no tienes ningún canal", "Status.*You have no channel yet"),
        ("/cancel", "No había nada que cancelar", "There was nothing to cancel"),
        ("Vecinos", "No lo entendí.*/help", "I didn't understand that.*/help"),
        ("/nosuch", "No conozco /nosuch.*/help", "I don't know /nosuch.*/help"),
    ],
)
async def test_who_comes_new_is_helped(newcomer: Conversation, typed: str, spanish: str, english: str) -> None:
    await newcomer.types(typed)
    newcomer.reads(spanish, english)


async def test_signing_in_begins_with_a_link_to_x(newcomer: Conversation) -> None:
    await newcomer.types("/start")
    await newcomer.taps("Conectar una cuenta de X", "Connect an X account")
    asked = newcomer.reads("1. Abre X.*2. X te.*15 minutos", "1. Open X.*2. X then sends you.*15 minutes")
    assert asked.buttons[0][0][1].startswith("https://x.com/")
    assert "state=" in asked.buttons[0][0][1]


STATE = re.compile(r"state=([^&]+)")


async def test_a_sign_in_is_refused_in_words(newcomer: Conversation) -> None:
    asked = await newcomer.types("/connect")
    state = STATE.search(asked.buttons[0][0][1])
    assert state is not None
    address = f"http://127.0.0.1/canales?state={state[1]}"
    ben = newcomer.another()
    await ben.types(address + "&code=x")
    ben.reads("That sign-in was begun by somebody else")
    await newcomer.types(address)
    newcomer.reads("no hay ningún código", "There is no code in that address")
    await newcomer.types(address + "&error=access_denied")
    newcomer.reads("Dijiste que no", "You said no on X's page")
    await newcomer.types(address + "&code=x")
    newcomer.reads("ya se usó", "was used already")
    await newcomer.types("http://127.0.0.1/canales?state=abc&code=x")
    newcomer.reads("No conozco ese inicio de sesión", "I don't know that sign-in")


async def test_in_a_group_the_bot_asks_for_a_private_chat(newcomer: Conversation) -> None:
    newcomer.writes("/channels", group=GROUP[0])
    await newcomer.goes_on()
    said = newcomer.in_group(GROUP[0])
    assert re.search(newcomer.t("Escríbeme en privado.*@CanalesBot", "Write to me in private.*@CanalesBot"), said)


async def test_who_writes_in_a_group_that_telegram_slows_down_waits_for_nothing(newcomer: Conversation) -> None:
    newcomer._service.wire._telegram._faults.set("telegram_429", 1, seconds=40, whose=[str(GROUP[0])])
    before = asyncio.get_running_loop().time()
    for _ in range(3):
        newcomer.writes("/help", group=GROUP[0])
    with contextlib.suppress(AssertionError):  # what Telegram refused
        await newcomer.goes_on()
    assert asyncio.get_running_loop().time() - before < 10
    assert inbox.waiting() == 0


# --- what is typed wrongly -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "spanish", "english"),
    [
        ("/channel @nadie", "@nadie no es uno de tus canales. Tienes: @Tr", "@nadie is not one of your channels"),
        ("/gap mucho", "no es un número de segundos de 0 a 3600. Por ejemplo: /gap 20", "is not a number of seconds"),
        ("/gap 99999", "Por ejemplo: /gap 20", "For example: /gap 20"),
        ("/gap -1", "Por ejemplo: /gap 20", "For example: /gap 20"),
        ("/fresh 0", "Por ejemplo: /fresh 15", "For example: /fresh 15"),
        ("/fresh ayer", "no es un número de minutos", "is not a number of minutes"),
        ("/mentions quizá", "Di sí o no. Por ejemplo: /mentions no", "Say on or off. For example: /mentions off"),
        ("/dms quizá", "Di sí o no", "Say on or off"),
        ("/names quizá", "Di sí o no. Por ejemplo: /names sí", "Say on or off. For example: /names on"),
        ("/nosuch", "No conozco /nosuch", "I don't know /nosuch"),
        ("/start team-nada", "ya se usó o es", "was used or is too old"),
        ("http://127.0.0.1/canales?state=abc", "no hay ningún código", "There is no code in that address"),
        ("https://example.org/", "no hay ningún código", "There is no code in that address"),
    ],
)
async def test_bad_input_gets_a_sentence_and_a_right_example(
    ana: Conversation, typed: str, spanish: str, english: str
) -> None:
    await ana.types(typed)
    ana.reads(spanish, english)


async def test_what_is_no_text_and_no_file_for_us_gets_a_sentence(ana: Conversation) -> None:
    await ana.sends("lista.csv", "x", "mira")
    ana.reads("empieza con /import", "begin with /import")
    await ana.sends("foto.jpg", "x", "mira")
    ana.reads("No puedo usar ese archivo: X acepta fotos", "I can't use that file: X takes photos")
    await ana.sends("rota.png", b"\x89PNG\r\n\x1a\nno picture", "x")
    ana.reads("No puedo usar ese archivo.*MP4", "I can't use that file.*MP4")


# --- panels ----------------------------------------------------------------------------------------------------

NO_PANEL = ("on", "off", "cancel", "test", "start", "import", "export")


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.name not in NO_PANEL], ids=lambda c: c.name)
async def test_every_command_without_arguments_opens_its_panel(ana: Conversation, command: Command) -> None:
    if command.for_admins:
        await ana.types(f"/{command.name}")
        ana.reads("Eso es para quien", "That is for who runs")
        admins.make(ana.person, ana.person, now())
    panel = await ana.types(f"/{command.name}")
    assert panel.labels, panel


@pytest.mark.both_databases
async def test_the_panel_says_how_the_channel_stands(ana: Conversation) -> None:
    await ana.types("/start")
    ana.reads("Tus canales", "Your channels")
    await ana.taps("🟢 @TraficoValle")
    ana.reads(
        r"🟢 @TraficoValle · encendido, oye menciones \+ DM.*1 disparador · 0 filtros.*un tuit tras otro.*Últimas 24 h: oídos 0",
        r"🟢 @TraficoValle · on, hears mentions \+ DMs.*1 trigger · 0 filters.*one post right after the other.*Last 24 h: 0 heard",
    )
    for spanish, english in (
        ("Apagar", "Turn off"), ("✅ Menciones", "✅ Mentions"), ("✅ DM", "✅ DMs"), ("Disparadores", "Triggers"),
        ("Filtros", "Filters"), ("Reglas", "Rules"), ("Redacción", "Writing"), ("Programación", "Schedules"),
        ("Hashtags", "Hashtags"), ("Ritmo", "Pace"), ("Bitácora", "Journal"), ("Desconectar", "Disconnect"),
    ):  # fmt: skip
        ana.sees(spanish, english)


async def test_all_switches_by_tapping_and_typing(ana: Conversation) -> None:
    await ana.types("/channel")
    await ana.taps("Apagar", "Turn off")
    ana.reads("⏸ @TraficoValle · apagado", "⏸ @TraficoValle · off")
    await ana.taps("Encender", "Turn on")
    ana.reads(r"oye menciones \+ DM", r"hears mentions \+ DMs")
    await ana.taps("Menciones", "Mentions")
    ana.reads("oye DM", "hears DMs")
    await ana.taps("✅ DM")
    ana.reads("menciones y DM están apagados", "mentions and DMs are both off")
    await ana.types("/mentions on")
    ana.reads("oye menciones$|oye menciones\n", "hears mentions\n")
    await ana.types("/mentions off")
    await ana.types("/dms off")
    ana.reads("menciones y DM están apagados", "mentions and DMs are both off")
    await ana.types("/mentions on")
    ana.reads("oye menciones", "hears mentions")
    await ana.types("/off")
    ana.reads("apagado", "· off")
    await ana.types("/on @TraficoValle")
    ana.reads("encendido", "· on")
    await ana.types("/triggers remove choque")
    await ana.types("/channel")
    ana.reads("⚠️ .*disparador", "⚠️ No triggers yet")


async def test_the_pace_is_tapped_and_typed(ana: Conversation) -> None:
    await ana.types("/gap")
    ana.reads("Ritmo de @TraficoValle.*Sin pausa entre tuits", "Pace of @TraficoValle.*No pause between posts")
    await ana.taps("60 s")
    ana.reads("Al menos 60 segundos entre tuits", "At least 60 seconds between posts")
    ana.sees("● 60 s")
    await ana.taps("4 h")
    ana.reads("4 horas", "4 hours")
    await ana.types("/fresh 30")
    ana.reads("30 minutos", "30 minutes")
    await ana.types("/gap 45s")
    ana.reads("Al menos 45 s", "At least 45 s")


async def test_the_status_says_what_holds_a_channel_up(ana: Conversation) -> None:
    channel, at = Channel.get(), now()
    holding.met(channel.id, AccountLocked("To unlock your account, log in at x.com."), at)
    await ana.types("/status")
    ana.reads("🟡.*en pausa .*X bloqueó", "🟡.*on hold for .*X has locked")
    assert not re.search("límite de X|X's limit|Último problema|Last trouble", ana.answers[-1].text)
    await ana.types("/channels")
    ana.sees("🟡 @TraficoValle", "🟡 @TraficoValle")
    troubles.over(channel.id, at, troubles.Kind.LOCKED)
    Channel.update(held_for="", hold_until=None).execute()
    await ana.types("/status")
    ana.reads("🟢 @TraficoValle · encendido", "🟢 @TraficoValle · on")


async def test_the_status_says_what_runs_and_what_went_wrong(ana: Conversation) -> None:
    await ana.types("/status")
    ana.reads(
        "Estado.*@TraficoValle · encendido.*24 h: oídos 0.*En espera: 0", "Status.*@TraficoValle · on.*24 h: 0 heard"
    )
    at = now()
    Channel.update(hold_until=at + timedelta(minutes=7), last_problem="429 <slow>", last_problem_at=at).execute()
    await ana.types("/status")
    ana.reads("en pausa .*7 minutos.*429 <slow>", "on hold for 7 minutes.*Last trouble: X says: «429 <slow>»")
    Channel.update(is_on=False, off_reason=OffReason.TOKEN).execute()
    await ana.types("/status")
    ana.reads("apagado: X ya no acepta su acceso", "off: X no longer accepts its access")
    await ana.types("/on")
    ana.reads("perdió su acceso a X.*/connect", "has lost its access to X.*/connect")
    await ana.types("/channel")
    ana.sees("Reconectar", "Reconnect")


async def test_the_app_s_day_is_shown_to_who_runs_the_service_and_to_a_channel_where_it_runs_short(
    ana: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "x_posts_a_day", 10)
    for _ in range(8):
        assert allowance.take(channel().id, now(), planned=True) is None
    assert "(80 %)" not in str(await ana.types("/status")), "Ana runs nothing"
    await ana.types("/channel")
    ana.reads("este lleva 8 en 24 h", "this one has said 8 in 24 h")
    monkeypatch.setattr(settings(), "admin_ids", (ana.person,))
    await ana.types("/status")
    ana.reads(r"🟡 Tuits de la app en 24 h: 8 de 10 \(80 %\)", r"🟡 Posts of the app in 24 h: 8 of 10 \(80 %\)")
    allowance.filled(now() + timedelta(hours=3), now())
    await ana.types("/status")
    ana.reads("no acepta más tuits de la app durante 3 horas", "no more posts of the app for 3 hours")
    await ana.types("/channel")
    ana.reads("no acepta más tuits de este servicio", "no more posts of this service")


async def test_the_language_is_changed_by_tapping_and_typing(ana: Conversation) -> None:
    await ana.types("/language")
    ana.reads("En qué idioma te hablo.*/language en", "which language.*/language es")
    await ana.taps(ana.t("English", "Español"))
    ana.reads("Good, I'll speak English", "te hablo en español")
    await ana.types("/channels")
    ana.reads("Your channels", "Tus canales")
    await ana.types("/language " + ana.language)
    ana.reads("te hablo en español", "Good, I'll speak English")


async def test_of_several_channels_the_named_one_becomes_the_current(ana: Conversation) -> None:
    connected("LluviaYa", ana)
    await ana.types("/channel @lluviaya")
    ana.reads("LluviaYa")
    await ana.types("/gap 33")
    await ana.types("/gap @TraficoValle")
    ana.reads("TraficoValle.*Sin pausa", "TraficoValle.*No pause")
    await ana.types("/gap @LluviaYa")
    ana.reads("LluviaYa.* 33 s")
    await ana.types("/channel @nadie")
    ana.reads("Tienes: .*@LluviaYa", "You have: .*@LluviaYa")


# --- foreign hands ---------------------------------------------------------------------------------------------

FOREIGN = ("Ese botón no es para ti", "That button is not for you")


async def test_a_foreign_button_press_is_refused(ana: Conversation, ben: Conversation) -> None:
    panel = await ana.types("/channel")
    await ben.types("/start")
    for label in panel.labels:
        if label.startswith("« "):
            continue
        await ben.presses_foreign(ana, panel, re.escape(label))
        ben.is_refused(*FOREIGN)
    await ana.types("/channel")
    ana.reads("🟢 @TraficoValle · encendido", "🟢 @TraficoValle · on")


@pytest.mark.parametrize("target", ["nonsense", "", ":", "kw:1:x:y", "off:999", "off:x", "panel", "1", "x" * 64])
async def test_a_button_that_nobody_knows_is_refused(ana: Conversation, target: str) -> None:
    panel = await ana.types("/channel")
    await ana.presses_unseen(panel, target)
    ana.is_refused(
        "No conozco ese botón|De ese canal ya no", "I don't know that button|Nothing is kept of that channel"
    )


# --- team ------------------------------------------------------------------------------------------------------


async def test_a_team_is_invited_joined_and_left(ana: Conversation) -> None:
    ben = ana.another(language=ana.language)
    await ana.types("/team")
    ana.reads("Equipo de @TraficoValle.*no ayuda nadie", "Team of @TraficoValle.*Nobody helps yet")
    await ana.taps("Invitar", "Invite")
    await ana.taps("Hacer el enlace", "Make the link")
    told = ana.reads("sirve una vez", "it works once, for a day")
    code = re.search(r"/start (team-\S+)", told.text)
    assert code is not None
    assert f"https://t.me/CanalesBot?start={code[1]}" in told.text
    await ben.types(f"/start {code[1]}")
    ben.reads("Estás en el equipo de @TraficoValle", "You are in the team of @TraficoValle")
    await ana.is_told("Ben está ahora en el equipo", "Ben is in the team of @TraficoValle now")
    await ben.types(f"/start {code[1]}")
    ben.reads("ya se usó", "was used or is too old")
    await ben.types("/held")
    ben.reads("Nada espera una decisión", "Nothing waits for a decision")
    await ben.types("/off")
    ben.reads("no es para ti", "not for you")
    await ana.types("/team")
    await ana.taps("✕ Ben")
    ana.reads("Ben ya no está en el equipo", "Ben is no longer in the team of @TraficoValle")
    await ana.taps("Deshacer", "Undo")
    ana.sees("✕ Ben")


async def test_an_invitation_is_not_for_its_own_channel(ana: Conversation) -> None:
    await ana.types("/team")
    await ana.taps("Invitar", "Invite")
    told = await ana.taps("Hacer el enlace", "Make the link")
    assert told is not None
    code = re.search(r"/start (team-\S+)", told.text)
    assert code is not None
    await ana.types(f"/start {code[1]}")
    ana.reads("Ese canal es tuyo", "That is your own channel")


# --- goodbye ---------------------------------------------------------------------------------------------------


async def test_disconnecting_asks_first_and_forgetting_asks_again(ana: Conversation) -> None:
    await ana.types("/disconnect")
    ana.reads("¿Desconectar @TraficoValle", "Disconnect @TraficoValle\\?")
    ana.sees("Sí, desconectar", "Yes, disconnect")
    await ana.taps("« Volver", "« Back")
    ana.reads("encendido", "· on")
    Channel.update(connected=False, is_on=False).execute()
    await ana.types("/channels")
    ana.sees("⚪ @TraficoValle")
    await ana.types("/disconnect")
    ana.reads("ya está desconectado", "is disconnected already")
    await ana.taps("Borrar", "Delete that too")
    ana.reads("¿Borrar todo lo que se conserva de @TraficoValle", "Delete all that is kept of @TraficoValle")
    await ana.taps("No", "No, keep it")
    ana.reads("Tus canales", "Your channels")
    await ana.types("/disconnect")
    await ana.taps("Borrar", "Delete that too")
    await ana.taps("Sí, ", "Yes, delete it all")
    ana.reads("@TraficoValle", "Nothing of @TraficoValle is kept")
    await ana.types("/channels")
    ana.reads(*NO_CHANNEL)


async def test_a_connected_channel_is_not_forgotten(ana: Conversation) -> None:
    Channel.update(connected=False).execute()
    asked = await ana.types("/disconnect")
    Channel.update(connected=True).execute()
    await ana.taps("Borrar", "Delete that too", under=asked)
    ana.is_refused("está conectado", "is connected. Disconnect it first")


async def test_the_buttons_of_a_forgotten_channel_say_that_nothing_is_kept_of_it(ana: Conversation) -> None:
    panel = await ana.types("/channel")
    connecting.forget_channel(channel().id)
    await ana.taps("Reglas", "Rules", under=panel)
    ana.is_refused("De ese canal ya no se conserva nada", "Nothing is kept of that channel any more")


async def test_a_panel_calls_only_xs_limit_one(ana: Conversation) -> None:
    for reason, spanish, english in (
        ("limit", "en pausa 9 minutos: límite de X", "on hold for 9 minutes: X's limit"),
        ("automated", r"en pausa 9 minutos$", r"on hold for 9 minutes$"),
    ):
        Channel.update(hold_until=now() + timedelta(minutes=9), held_for=reason).execute()
        await ana.types("/channel")
        first = ana.everything()[-1].text.splitlines()[0]
        assert re.search(spanish if ana.language == "es" else english, first), first
