"""`/system`: who runs the service sees the whole of it and helps with a tap or a word; nobody else does."""

from collections.abc import Iterator

import pytest

from bot.accounts import signing_in
from bot.chat.language import Speaker
from engine.roles import Role
from models.accounts import deeds, handing_over, team
from models.accounts.channels import Channel, OffReason
from models.accounts.deeds import Did
from models.accounts.troubles import Kind as Alarm
from models.control import entrance, errors, leases, pausing, processes, switching
from models.control.errors import Seen
from models.control.processes import Kind, Process
from models.settings import settings
from tasks.clock import now
from tasks.control import alarms
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel, connected


@pytest.fixture
def admin(ana: Conversation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Conversation]:
    with monkeypatch.context() as patched:
        patched.setenv("ADMIN_IDS", str(ana.person))
        settings.cache_clear()
        for kind in Kind:
            processes.begin(str(kind), kind, "pi", 7, "1.2.0", now())
        yield ana
    settings.cache_clear()


async def test_it_shows_all_processes_what_waits_and_the_machines(admin: Conversation) -> None:
    await admin.types("/system")
    admin.reads("Todo el servicio|El servicio está bien.*encendidos 1.*web · pi, 1.2.0.*journal · pi.*Base de datos: SQLite",
                "The service is well.*1 on.*web · pi, 1.2.0.*journal · pi.*Database: SQLite")  # fmt: skip
    processes.end("voices", "killed", now())
    await admin.taps("🔄")
    admin.reads("tiene un problema.*voices: no corre ningún proceso así: el último, en pi",
                "has a problem.*voices: no such process runs: the last one on pi")  # fmt: skip


async def test_a_stream_is_reconnected_by_a_tap_and_its_holder_lets_go(admin: Conversation) -> None:
    leases.take(leases.STREAM, "ear", now())
    await admin.types("/system")
    await admin.taps("🔌")
    admin.reads("se cierra y se abre de nuevo", "is closed and opened anew")
    assert not leases.renew(leases.STREAM, "ear", now(), {}), "it may not go on"
    assert not leases.take(leases.STREAM, "another", now()), "nobody opens a second one before the first is closed"
    leases.give_back(leases.STREAM, "ear")
    assert leases.take(leases.STREAM, "another", now())
    assert leases.renew(leases.STREAM, "another", now(), {})
    leases.give_back(leases.STREAM, "another")
    await admin.types(admin.t("/system reconectar", "/system reconnect"))
    admin.reads("Nadie tiene el flujo", "Nobody holds X's stream")


async def test_a_channel_is_paused_and_its_owner_cant_go_round_it(admin: Conversation) -> None:
    await admin.types(admin.t("/system pausar @traficovalle", "/system pause TraficoValle"))
    admin.reads("queda en pausa, y se le avisa", "is paused, and its owner is told")
    await admin.is_told("ha pausado @TraficoValle: no se oye", "has paused @TraficoValle: nothing is heard")
    assert channel().off_reason is OffReason.PAUSED
    await admin.types("/on")
    admin.reads("ha pausado @TraficoValle", "has paused @TraficoValle")
    assert not switching.switch(channel().id, on=True, now=now())
    await admin.types("/channel")
    admin.reads("en pausa por quien lleva", "paused by who runs this service")
    await admin.types(admin.t("/system reanudar todos", "/system resume all"))
    admin.reads("1 canal sigue", "1 channel goes on")
    await admin.is_told("sigue: quien lleva este servicio terminó", "goes on: who runs this service has ended")
    assert channel().is_on


async def test_all_are_paused_by_a_tap_and_each_goes_on_by_itself(admin: Conversation, ben: Conversation) -> None:
    await admin.types("/system")
    await admin.taps("⏸ Pausar todos", "⏸ Pause all")
    admin.reads("2 canales quedan en pausa", "2 channels are paused")
    await ben.is_told("lo ha pausado todo, también @LluviaYa", "has paused everything, @LluviaYa too")
    await admin.types("/system")
    await admin.taps("📺")
    await admin.taps("▶️ @LluviaYa")
    admin.reads("@LluviaYa sigue solo", "@LluviaYa goes on alone")
    on = {c.handle: c.is_on for c in Channel.select()}
    assert on == {"TraficoValle": False, "LluviaYa": True}


async def test_while_everything_is_paused_its_owner_reads_so_wherever_it_would_go_on(
    admin: Conversation, ben: Conversation
) -> None:
    switching.switch(channel("LluviaYa").id, on=False, now=now())
    await admin.types(admin.t("/system pausar todos", "/system pause all"))
    admin.reads("Todo está en pausa desde hace.*1 canal queda en pausa. Lo que se conecte o se encienda|"
                "1 canal queda en pausa. Lo que se conecte o se encienda.*Todo está en pausa desde hace",
                "1 channel is paused. What is connected or turned on.*Everything is paused, for")  # fmt: skip
    admin.sees("▶️ Todos siguen .en pausa hace", "▶️ All go on .paused for")
    await admin.is_told("lo ha pausado todo, también @TraficoValle", "has paused everything, @TraficoValle too")
    await ben.types("/on")
    ben.reads("en pausa, como todo lo demás.*@LluviaYa seguirá por sí solo cuando termine la pausa",
              "paused like everything else.*@LluviaYa goes on by itself when that ends")  # fmt: skip
    assert [d.did for d in deeds.of_channel(channel("LluviaYa").id, 1)] == [Did.TURNED_ON]
    ben.sees("⏸ Apagar", "⏸ Turn off")
    await ben.taps("⏸ Apagar", "⏸ Turn off")
    assert channel("LluviaYa").off_reason is OffReason.OWNER
    await ben.taps("▶️ Encender", "▶️ Turn on")
    connected("Nuevo", ben)
    text, _ = signing_in.connected(Speaker(ben.language), channel("Nuevo"))
    assert ben.t("@Nuevo seguirá por sí solo", "@Nuevo goes on by itself when that ends") in text
    await admin.types("/status")
    admin.reads("Todo está en pausa", "Everything is paused")
    await admin.types("/system")
    await admin.taps("▶️")
    admin.reads("3 canales siguen", "3 channels go on")
    await ben.is_told("@Nuevo sigue: quien lleva", "@Nuevo goes on: who runs")
    assert all(c.is_on for c in Channel.select())


async def test_one_that_was_paused_by_itself_stays_so_and_a_single_one_goes_on_alone(
    admin: Conversation, ben: Conversation
) -> None:
    await admin.types("/system pause @LluviaYa")
    await admin.types("/system pause all")
    await admin.taps("📺")
    admin.reads("Todo está en pausa. El que toques sigue solo", "Everything is paused. One that you tap goes on alone")
    await admin.taps("▶️ @TraficoValle")
    admin.reads("@TraficoValle sigue solo.*Todo lo demás queda", "@TraficoValle goes on alone.*Everything else stays")
    shown = await admin.types("/system")
    await admin.taps("▶️")
    admin.reads("0 canales siguen. 1 estaba pausado aparte", "0 channels go on. 1 was paused by itself and stays so")
    await admin.presses_unseen(shown, "syspauseall:on:on")
    admin.reads("Eso ya no es así", "That is so no longer")
    assert channel("LluviaYa").off_reason is OffReason.PAUSED, "who comes second ends nothing else"
    await admin.types("/system resume all")
    admin.reads("1 canal sigue", "1 channel goes on")


async def test_who_is_given_a_channel_or_let_in_again_reads_that_everything_is_paused(
    admin: Conversation, ben: Conversation
) -> None:
    pausing.pause_all(now())
    team.invite(channel().id, "code", {Role.EDITOR}, now())
    team.join("code", ben.person, now())
    handing_over.offer(channel().id, admin.person, ben.person, now())
    await ben.presses_unseen(await ben.types("/help"), f"handyes:{channel().id}")
    ben.reads("@TraficoValle seguirá por sí solo", "@TraficoValle goes on by itself when that ends")
    entrance.put_out(ben.person, admin.person, now())
    entrance.let_in(ben.person, admin.person, now())
    await ben.is_told("Por ahora aquí todo está en pausa", "Everything is paused here for now")


async def test_what_its_owner_has_turned_off_stays_off(admin: Conversation) -> None:
    switching.switch(channel().id, on=False, now=now())
    assert pausing.pause_all(now()) == 0
    assert pausing.resume_all(now()) == 0
    await admin.types(admin.t("/system reanudar @TraficoValle", "/system resume @TraficoValle"))
    admin.reads("no cambia nada", "nothing is changed")


async def test_the_last_errors_are_read_by_the_page_and_forgotten(admin: Conversation) -> None:
    for n in range(7):
        errors.keep(Kind.WORKER, "pi", [Seen(f"job {n} <failed>", "ValueError (3)", 4)], now())
    await admin.types("/system")
    await admin.taps("🧯")
    admin.reads(
        "1. job 6 <failed>.*ValueError.*worker en pi.*4 veces.*5. job 2", "1. job 6 <failed>.*worker on pi.*4 times"
    )
    await admin.taps("▶")
    admin.reads("7. job 0", "7. job 0")
    await admin.taps("🧹")
    assert errors.how_many() == 0
    await admin.types(admin.t("/system errores", "/system errors"))
    admin.reads("Ninguno", "None")


async def test_a_machine_that_is_gone_for_good_is_dismissed(admin: Conversation) -> None:
    processes.begin("second", Kind.WORKER, "rock", 7, "1.2.0", now())
    processes.end("second", "killed", now())
    await admin.types("/system")
    admin.reads("uno en rock ya no está", "one on rock is gone")
    await admin.taps("👌")
    admin.reads("Ya no se echa de menos", "missed no more")
    assert Process.get_or_none(Process.name == "second") is None


async def test_an_alarm_leads_there_and_is_told_no_more_once_it_is_over(admin: Conversation) -> None:
    alarms.settle({(Alarm.PROCESS_GONE, "voices @ rock"): "killed"}, now())
    await admin.is_told(
        "El proceso voices en rock ya no está.*publica en X", "The process voices on rock is gone.*posts on X"
    )
    await admin.taps("⚙️")
    admin.reads("Procesos", "Processes")
    alarms.settle({(Alarm.PROCESS_GONE, "voices @ rock"): "killed", (Alarm.ERRORS, ""): "30 in five minutes"}, now())
    await admin.is_told("Más errores de lo habitual.*30 en cinco minutos", "More errors than usual.*30 in five minutes")
    alarms.settle({}, now())
    await admin.is_told("Ya no falta voices en rock", "No voices on rock is missing any more")


async def test_what_it_does_not_know_it_refuses_with_examples(admin: Conversation) -> None:
    await admin.types("/system jump")
    admin.reads("Aquí no conozco «jump». Por ejemplo: /system", "I don't know «jump» here. For example: /system")
    await admin.types("/system pause @nobody")
    admin.reads("@nobody no es un canal de aquí", "@nobody is no channel here")


async def test_nobody_else_sees_or_does_anything_of_it(ana: Conversation) -> None:
    for typed in ("/system", "/system pause all", "/system errors", "/system reconnect"):
        await ana.types(typed)
        ana.reads("Eso es para quien me lleva", "That is for who runs me")
    await ana.types("/status")
    shown = ana.everything()[-1]
    for pressed in ("system", "errors:0", "sysconnect", "syspauseall:off", f"syspause:{channel().id}:off:0", "sysread",
                    "sysgone:web", "syschannels:0"):  # fmt: skip
        await ana.presses_unseen(shown, pressed)
        ana.is_refused("Eso es para quien me lleva", "That is for who runs me")
    assert channel().is_on
