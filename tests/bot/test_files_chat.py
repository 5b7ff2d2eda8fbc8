"""Files in the chat, in both languages: what they would do, what is wrong with them, and that only what was shown is stored."""

import pytest

from bot.files import importing
from bot.moderation.files import OF_LISTS
from bot.scheduling.files import SCHEDULES
from engine.files.lists import Wrong as WrongList
from engine.files.schedules import Wrong as WrongSchedule
from engine.files.tables import Wrong
from models.moderation import lists
from models.scheduling import schedules
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel, connected
from tests.engine.test_workbooks import saved

HEAD = "list,text,applies,block,becomes,note\n"
FAR = now().year + 3


def words() -> set[str]:
    return {k.text for k in lists.all_keywords(channel().id)}


def test_every_reason_has_its_words() -> None:
    by_itself = {Wrong.HEADER, WrongList.NO_ARROW}  # lists without a header are plain text; an arrow is typed
    assert set(importing.WRONG) | set(OF_LISTS.wrong) >= {*Wrong, *WrongList} - by_itself
    assert set(importing.WRONG) | set(SCHEDULES.wrong) >= {*Wrong, *WrongSchedule}


async def test_lists_go_out_and_come_back_and_bad_files_change_nothing(ana: Conversation) -> None:
    await ana.types("/import")
    await ana.sends("primera.csv", HEAD + "filter,uno,,7,,\nfilter,dos,,7,,\n")
    await ana.taps("Añadir", "Add these")
    first = ana.file(await ana.types("/export"))
    await ana.types("/import")
    bad = "filter,tres,,,,\nfilter,cuatro,,mil,,\nnada,cinco,,,,\nfilter,uno,,3,,\nfilter,uno,,4,,\n"
    await ana.sends("malo.csv", HEAD + bad)
    told = ana.reads("No se guardó nada: 3 líneas están mal", "Nothing was stored: 3 lines are wrong")
    assert all(f"{n}: " in told.text for n in ("3", "4", "6"))
    await ana.sends("vacía.csv", HEAD)
    ana.reads("ninguna línea", "There is no line in that file")
    await ana.sends("buena.csv", HEAD + "filter,tres,,,,\nfilter,uno,,,,\n")
    ana.reads("1 nuevas, 1 con otras opciones, 0 ya estaban", "1 new, 1 with other options, 0 there already")
    await ana.taps("Sustituir: se va 1", "Replace: 1 goes")
    ana.reads("Hecho: 1 añadidas, 1 cambiadas, 1 quitadas", "Done: 1 added, 1 changed, 1 removed")
    await ana.taps("Deshacer", "Undo")
    assert ana.file(await ana.types("/export")) == first
    await ana.types("/import filters")
    await ana.sends("palabras.txt", "uno\n\ncuatro\n")
    ana.reads("1 nuevas, 1 con otras", "1 new, 1 with other")
    await ana.taps("Cancelar", "Cancel")
    ana.reads("Cancelado: no se guardó nada", "Cancelled: nothing was stored")
    assert ana.file(await ana.types("/export")) == first


async def test_schedules_go_out_in_a_file_and_come_back_the_same(ana: Conversation) -> None:
    await ana.types("/import schedules")
    ana.reads("Mándame el archivo CSV", "Send me the CSV file")
    await ana.sends("bien.csv", 'when,text\n"cada lun,mié 7:15",uno\ncada viernes 18:30,"dos, ""y"""\n')
    ana.reads("2 nuevas, 0 ", "2 new, 0 there already")
    await ana.taps("Añadir", "Add these")
    ana.reads("Hecho: 2 añadidas, 0 quitadas", "Done: 2 added, 0 removed")
    content = ana.file(await ana.types("/export schedules"))
    await ana.types("/import schedules")
    await ana.sends("mal.csv", "when,text\nnunca,hola\n2020-01-01 10:00,tarde\ncada lunes 7:15,\n")
    ana.reads("3 líneas están mal.*Línea 2: nunca.*Línea 3: .*ya pasó.*Línea 4: .*no hay texto",
              "3 lines are wrong.*Line 2: nunca.*Line 3: .*gone by.*Line 4: .*no text")  # fmt: skip
    await ana.sends("vacía.csv", "when,text\n")
    ana.reads("ninguna programación", "There is no schedule in that file")
    await ana.sends("uno.csv", f'when,text\n{FAR}-01-02 10:00,"Solo esta"\n')
    ana.reads("1 nuevas", "1 new")
    await ana.taps("Sustituir: se van 2", "Replace: 2 go")
    ana.reads("1 añadidas, 2 quitadas", "1 added, 2 removed")
    await ana.taps("Deshacer", "Undo")
    assert ana.file(await ana.types("/export schedules")) == content


@pytest.mark.parametrize(("command", "name"), [("/import filters", "lists"), ("/import schedules", "schedules")])
async def test_a_file_that_is_no_longer_at_hand_is_asked_for_again(ana: Conversation, command: str, name: str) -> None:
    content = "uno\n" if name == "lists" else f"when,text\n{FAR}-01-02 10:00,uno\n"
    await ana.types(command)
    first = await ana.sends("uno.csv", content)
    second = await ana.sends("otro.csv", content.replace("uno", "otro"))
    await ana.taps("Añadir", "Add these", under=first)
    ana.is_refused("Ya no tengo ese archivo a mano.*/import", f"no longer at hand.*{command.split(' f')[0]}")
    await ana.types("/cancel")
    await ana.taps("Añadir", "Add these", under=second)
    ana.is_refused("Ya no tengo ese archivo a mano.*/import", "no longer at hand.*/import")
    assert words() == {"choque"}
    assert schedules.of_channel(channel().id) == []


async def test_the_second_of_two_files_is_stored_by_its_own_button(ana: Conversation) -> None:
    await ana.types("/import filters")
    await ana.sends("uno.txt", "uno\n")
    await ana.sends("dos.txt", "dos\n")
    await ana.taps("Añadir", "Add these")
    assert words() == {"choque", "dos"}


@pytest.mark.parametrize(
    ("content", "spanish", "english"),
    [
        (b"PK\x03\x04xlsx", "guárdalo como CSV o como .xlsx", "save it as CSV or as .xlsx"),
        (b"\xd0\xcf\x11\xe0xls", "guárdalo como CSV o como .xlsx", "save it as CSV or as .xlsx"),
        (b"%PDF-1.7", "guárdalo como CSV o como .xlsx", "save it as CSV or as .xlsx"),
        (b"[24/12/26, 20:00] Ana: hola\n[24/12/26, 20:01] Ana: ya\n", "un chat exportado", "a chat that was exported"),
        (b"list,text\nfilter,#REF!\n", "Línea 2: #REF! .*valor de la hoja", "Line 2: #REF! .*value of the spreadsheet"),
        (b"list,text\nfilter,uno, dos\n", "Línea 2: dos .*más celdas", "Line 2: dos .*more cells"),
        (b"uno\ndos\n", "nombrar las columnas: lista,texto", "name the columns: list,text"),
        (b'list,text\nfilter,"uno\n', "Línea 2: .*comillas", "Line 2: .*quotation mark"),
        (b"list,text\nfilter,u\0no\n", "Línea 2: .*UTF-8", "Line 2: .*UTF-8"),
        (b"list,text\nfilter," + b"x" * 200_000 + b"\n", "Línea 2: .*más largo", "Line 2: .*longer than"),
        (b"x" * 5_000_001, "demasiado grande", "too large: at most 5 MB"),
    ],
)
async def test_what_is_no_table_is_said_with_what_helps(
    ana: Conversation, content: bytes, spanish: str, english: str
) -> None:
    await ana.types("/import")
    await ana.sends("raro.csv", content)
    ana.reads(spanish, english)
    assert words() == {"choque"}


async def test_a_file_that_nobody_asked_for_is_not_read(ana: Conversation) -> None:
    await ana.sends("uno.txt", "uno\n")
    ana.reads("empieza con /import", "begin with /import")


async def test_the_rules_of_another_channel_are_copied_and_put_back(ana: Conversation) -> None:
    connected("CanalNuevo", ana)
    await ana.types("/import @TraficoValle filters")
    await ana.sends("uno.txt", "metro\n")
    await ana.taps("Añadir", "Add these")
    await ana.types("/copy @TraficoValle")
    ana.reads("¿Copiar las reglas", "Copy the rules of @TraficoValle to @CanalNuevo\\?")
    await ana.taps("Sí, copiar", "Yes, copy")
    ana.reads("tiene ahora las reglas", "has the rules of @TraficoValle now")
    other = channel("CanalNuevo").id
    assert {k.text for k in lists.all_keywords(other)} == {"choque", "metro"}
    await ana.taps("Deshacer", "Undo")
    assert {k.text for k in lists.all_keywords(other)} == {"choque"}


@pytest.mark.both_databases
async def test_of_two_taps_one_brings_the_file_in_and_its_undo_takes_it_back(ana: Conversation) -> None:
    await ana.types("/import filters")
    await ana.sends("filtros.txt", "rifa\nsorteo", as_document=True)
    await ana.taps_twice("✅")
    assert words() == {"choque", "rifa", "sorteo"}
    await ana.taps("Deshacer", "Undo")
    assert words() == {"choque"}


async def test_the_command_may_come_in_the_files_caption(ana: Conversation) -> None:
    await ana.sends("listas.csv", HEAD + "filter,uno,,7,,\n", "/import")
    ana.reads("1 nuevas.*Todavía no se guardó nada", "1 new.*Nothing is stored yet")
    await ana.taps("Añadir", "Add these")
    ana.reads("Hecho: 1 añadidas", "Done: 1 added")
    await ana.sends("palabras.txt", "dos\n", "/import filters")
    await ana.taps("Añadir", "Add these")
    assert {"uno", "dos"} <= words()
    await ana.sends("planes.csv", 'when,text\n"cada lun,mié 7:15",uno\n', "/import schedules")
    ana.reads("1 nuevas", "1 new")
    await ana.sends("otra.csv", HEAD + "filter,tres,,,,\n", "/export")
    ana.reads("empieza con /import", "begin with /import")


async def test_hours_that_are_brought_in_while_hours_are_off_say_so(ana: Conversation) -> None:
    hours = HEAD + "hours,mon-fri 6:00-22:00,dm,,,\n"
    await ana.sends("horario.csv", hours, "/import")
    await ana.taps("Añadir", "Add these")
    ana.reads("está apagado, así que todavía no vale.*/hours", "The hours are off, so these don't hold yet.*/hours")
    await ana.types("/hours on")
    await ana.sends("horario.csv", HEAD + "hours,mon-fri 6:00-21:00,dm,,,\n", "/import")
    await ana.taps("Añadir", "Add these")
    assert not ana.reads("Hecho", "Done").text.count("/hours")


async def test_who_has_one_channel_has_none_to_copy_from(ana: Conversation) -> None:
    await ana.types("/copy @LluviaYa")
    ana.reads("No tienes otro canal del que copiar", "You have no other channel to copy from")


async def test_dates_that_may_be_read_in_two_ways_are_asked_about_and_shown(ana: Conversation) -> None:
    await ana.types("/import schedules")
    await ana.sends("fechas.csv", f"when,text,mine\n1/5/{FAR} 10:00,Uno <b>\n2/5/{FAR} 11:00,Dos\n")
    ana.reads(f"Qué día es 1/5/{FAR}.*no las conozco.*mine", f"Which day is 1/5/{FAR}.*don't know these columns.*mine")
    await ana.taps("5 enero", "5 January")
    ana.reads(
        f"2 nuevas.*5 ene {FAR} 10:00 · Uno <b>.*5 feb {FAR} 11:00 · Dos",
        f"2 new.*5 Jan {FAR} 10:00 · Uno <b>.*5 Feb {FAR} 11:00 · Dos",
    )
    await ana.taps("Añadir", "Add these")
    ana.reads("Hecho: 2 añadidas", "Done: 2 added")
    assert sorted(s.next_wall[:10] for s in schedules.of_channel(channel().id)) == [f"{FAR}-01-05", f"{FAR}-02-05"]
    await ana.types("/import schedules")
    await ana.sends("claro.csv", f"when,text\n1/5/{FAR} 10:00,Tres\n12/24/{FAR} 11:00,Cuatro\n")
    ana.reads(
        f"5 ene {FAR} 10:00 · Tres.*24 dic {FAR} 11:00 · Cuatro",
        f"5 Jan {FAR} 10:00 · Tres.*24 Dec {FAR} 11:00 · Cuatro",
    )


async def test_a_workbook_is_brought_in_like_any_table(ana: Conversation) -> None:
    await ana.types("/import")
    await ana.sends(
        "listas.xlsx", saved([["Lista", "Palabra"], ["filtro", "uno"], ["filtro", "dos"]], hidden=[3]), as_document=True
    )
    ana.reads("2 nuevas.*1 fila está oculta", "2 new.*1 row is hidden")
    await ana.taps("Añadir", "Add these")
    assert words() == {"choque", "uno", "dos"}


async def test_lists_are_named_in_either_language_and_a_name_that_is_none_exports_nothing(ana: Conversation) -> None:
    for typed in (
        "/import énfasis",
        "/import ENFASIS",
        "/import filtros",
        "/import Filters",
        "/import remitentes de confianza",
    ):
        await ana.types(typed)
        ana.reads("Mándame el archivo", "Send me the file")
    await ana.types("/import programación")
    ana.reads("con la programación", "with the schedules")
    assert b"trigger,choque" in ana.file(await ana.types("/export disparadores"))
    assert b"choque" not in ana.file(await ana.types("/export énfasis"))
    for command in ("/export", "/import"):
        await ana.types(f"{command} choques")
        ana.reads(
            f"No conozco ninguna lista «choques».*disparadores.*{command} filtros",
            f"I know no list “choques”.*triggers.*{command} filters",
        )


async def test_an_export_holds_no_formula_and_leaves_out_what_is_over(ana: Conversation) -> None:
    await ana.types("/import schedules")
    await ana.sends("uno.csv", f'when,text,state\n{FAR}-01-02 10:00,"=HYPERLINK(""http://x.co"")",paused\n')
    await ana.taps("Añadir", "Add these")
    assert b"'=HYPERLINK" in ana.file(await ana.types("/export schedules"))
    schedule = schedules.of_channel(channel().id)[0]
    type(schedule).update(next_wall="2020-01-02T10:00:00").where(type(schedule).id == schedule.id).execute()
    assert b"HYPERLINK" not in ana.file(await ana.types("/export schedules"))
    await ana.types("/block @ana")
    assert b"blocked,'@ana" in ana.file(await ana.types("/export bloqueados"))
