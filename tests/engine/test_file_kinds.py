"""Files as people's programs write them, kind by kind: what is plain is understood, the rest is named by its line."""

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import composing, posts
from engine.files import lists, schedules
from engine.files.cells import guarded, unguarded
from engine.files.dates import Order
from engine.files.lists import list_named
from engine.files.schedules import Line
from engine.moderation import BadKeyword, Keyword, KeywordRole, check_keyword
from engine.moderation.standing import MAX_NOTE, Standed, Standing
from engine.text import storable
from engine.when import When
from tests.conftest import NOW

WALL = datetime(2026, 11, 20, 12, 0)
MADRID = ZoneInfo("Europe/Madrid")


def words(content: bytes | str, default: str | None = None) -> tuple[list[str], list[tuple[int, str]]]:
    """The words that a file holds, and what is wrong with it."""
    read = lists.read_file(content.encode() if isinstance(content, str) else content, default, NOW)
    found = [e.text if isinstance(e, Keyword) else e.handle for e in read.entries if not isinstance(e, lists.Hours)]
    return found, [(p.line, p.reason.value) for p in read.problems]


def plan(content: str, order: Order | None = None) -> tuple[list[str], list[tuple[int, str]]]:
    """The moments that a file plans, and what is wrong with it."""
    read = schedules.read_file(content.encode(), WALL, lambda _: {}, MADRID, order)
    return [f"{e.when.first:%Y-%m-%d %H:%M}" for e in read.entries], [(p.line, p.reason.value) for p in read.problems]


# --- encodings -----------------------------------------------------------------------------------------------

SPANISH = ["acción", "día", "niño", "¿qué pasa?", "Ñandú", "CAMIÓN", "avería", "güira", "¡ojo!"]


@pytest.mark.parametrize("text", [*SPANISH, "don’t stop", "Ana’s “best”", "1º de mayo", "sí – no"])
def test_windows_and_the_old_mac_are_told_apart_by_what_makes_words(text: str) -> None:
    assert words(f"text\n{text}\n".encode("cp1252"), "filter")[0] == [text]
    if text in SPANISH:
        assert words(f"text\n{text}\n".encode("mac-roman"), "filter")[0] == [text]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32", "utf-8-sig", "mac-roman", "cp1252"])
def test_each_encoding_is_known_without_being_told(encoding: str) -> None:
    content = ("list\ttext\r\n" + "".join(f"filter\t{w}\r\n" for w in SPANISH)).encode(encoding)
    assert words(content) == (SPANISH, [])


# --- tables and what is none -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("LISTA|Palabra\nFiltro|uno, dos; tres\n", ["uno, dos; tres"]),
        ("palabra;lista;días\nuno;filtro;7 días\n", ["uno"]),
        ("_list_,Text:\nfilter,uno\n", ["uno"]),
        ("Mis listas\n\n;;\nlista;palabra\nfiltro;uno\n", ["uno"]),
        ("filtro;uno;;7\n", ["uno"]),
        ("filter,uno\nfilters,dos\n", ["uno", "dos"]),
        ("list,text,,\nfilter,uno,,\n,,,\n;;;\nfilter,dos,,\n", ["uno", "dos"]),
        ("sep=;\nlist,text\nfilter,uno\n", ["uno"]),
        ('"sep=|"\rlist|text\rfilter|uno\r', ["uno"]),
        ("\ufefflist,text\r\n\r\nfilter,uno\nfilter,dos\rfilter,tres", ["uno", "dos", "tres"]),
        ('list, text\nfilter, "uno, dos"\n', ["uno, dos"]),
        ("list,text\nfilter,“uno”\nfilter,«dos»\nfilter,'tres\nfilter,'=cuatro\n", ["uno", "dos", "tres", "=cuatro"]),
        ("list,text,block\nfilter,uno,7.0\nfilter,dos,'7\nblocked,@ana,24/12/2026\n", ["uno", "dos", "ana"]),
        ("list,text\nÉNFASIS,uno\nenfasis,dos\nde confianza,@ana\nRemitentes  bloqueados,pepe\n", ["uno", "dos", "ana", "pepe"]),
    ],
)  # fmt: skip
def test_a_table_is_understood_however_it_is_parted_and_named(content: str, found: list[str]) -> None:
    assert words(content) == (found, [])


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        ('list,text\nfilter,"uno\nfilter,dos\nfilter,"tres\nfilter,!!\n', [(2, "open_quote"), (4, "open_quote"), (5, "wordless")]),
        ('list,text\nfilter,"uno\nfilter,dos"\nfilter,tres\n', [(2, "open_quote")]),
        ('list,text\nfilter,"uno" dos\n', [(2, "open_quote")]),
        ("list,text,text\nfilter,a,b\n", [(1, "twice")]),
        ("list,palabra,usuario\nfilter,a,b\n", [(1, "twice")]),
        ("list,text\nfilter,uno, dos\n", [(2, "cells")]),
        ("list,text\nfilter,#REF!\nfilter,#N/A\nfilter,#metro\nfilter,#¡VALOR!\nfilter,#####\n",
         [(2, "value"), (3, "value"), (5, "value"), (6, "value")]),
        ("list,text\nfilter,u\0no\n", [(2, "unreadable")]),
        ("list,text,block\nblocked,@ana,1/5/2027\n", [(2, "days")]),
        ("uno\ndos\n", [(1, "header")]),
        ('{"messages": []}', [(1, "no_text")]), ("<!DOCTYPE html><table>", [(1, "no_text")]), ("{\\rtf1 a}", [(1, "no_text")]),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_named_by_its_line_and_spoils_no_other(
    content: str, problems: list[tuple[int, str]]
) -> None:
    assert words(content)[1] == problems


@pytest.mark.parametrize(
    "content",
    [
        "[24/12/26, 20:00:15] Ana: hola\n[24/12/26, 20:00:16] Ana: ¿qué tal?\n",
        "24/12/2026, 8:00\u202fp.\u00a0m. - Los mensajes están cifrados\n24/12/2026, 8:01 p. m. - Ana: hola\nsegunda línea\n",
        "12/24/26, 8:00 PM - Ana: hello\n", "Ana, [24.12.26 20:00]\nhola\n\nPepe, [24.12.26 20:01]\nqué tal\n",
    ],
)  # fmt: skip
def test_the_export_of_a_chat_is_no_list(content: str) -> None:
    assert words(content, "filter")[1] == [(1, "chat")]
    assert plan(content)[1] == [(1, "chat")]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("user\ncuenta\n", ["user", "cuenta"]), ("vía, cerrada\ncalle, cortada\n", ["vía, cerrada", "calle, cortada"]),
        ("cinco;\nseis;\n", ["cinco", "seis"]), ("uno\tdos\ntres\tcuatro\n", []), ("a;b\nc;d\n", []),
    ],
)  # fmt: skip
def test_words_of_a_plain_list_are_taken_for_no_header_and_columns_for_no_words(content: str, found: list[str]) -> None:
    assert words(content, "filter") == (found, [] if found else [(1, "header")])


def test_open_quotes_of_a_whole_file_are_named_without_reading_it_each_time() -> None:
    for line, most in (('filter,"x\n', 20_000), ('filter,""x"\n', 20_000)):
        assert len(words("list,text\n" + line * most)[1]) == most


# --- dates -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "wall"),
    [
        ("01-dic-26 20:00", "2026-12-01 20:00"), ("1-Dec-2026 8:00 PM", "2026-12-01 20:00"), ("24-dic 20:00", "2026-12-24 20:00"),
        ("2026-12-01T10:00:00Z", "2026-12-01 11:00"), ("2026-12-01T10:00:00+02:00", "2026-12-01 09:00"),
        ("2026-12-01T10:00", "2026-12-01 10:00"), ("46380.5", "2026-12-24 12:00"), ('"46380,8333333"', "2026-12-24 20:00"),
        ("24.12.2026 20:00", "2026-12-24 20:00"), ("24-12-2026 20:00", "2026-12-24 20:00"), ("2026/12/24 20:00:00", "2026-12-24 20:00"),
        ("24/12/26 8:00:00 p. m.", "2026-12-24 20:00"), ("'2026-12-24 20:00", "2026-12-24 20:00"), ("“2026-12-24 20:00”", "2026-12-24 20:00"),
        ("12/24/2026 20:00", "2026-12-24 20:00"), ("12/24 20:00", "2026-12-24 20:00"), ("cada lunes 7:15", "2026-11-23 07:15"),
        ('"jueves, 24 de diciembre de 2026 20:00"', "2026-12-24 20:00"),
    ],
)  # fmt: skip
def test_a_moment_is_the_one_that_its_program_wrote(written: str, wall: str) -> None:
    assert plan(f"when,text\n{written},hola\n") == ([wall], [])


@pytest.mark.parametrize(
    ("rows", "walls"),
    [
        (("12/24/2026 20:00", "1/5/2027 8:00"), ["2026-12-24 20:00", "2027-01-05 08:00"]),
        (("1/5/2027 8:00", "24/12/2026 20:00"), ["2027-05-01 08:00", "2026-12-24 20:00"]),
        (("1/5 8:00", "12/24 20:00"), ["2027-01-05 08:00", "2026-12-24 20:00"]),
        (("1-5-27 8:00", "2027-06-01 8:00", "5/5/2027 8:00", "1/13/27 8:00"),
         ["2027-01-05 08:00", "2027-06-01 08:00", "2027-05-05 08:00", "2027-01-13 08:00"]),
    ],
)  # fmt: skip
def test_day_and_month_stand_in_the_one_order_that_the_file_shows(rows: tuple[str, ...], walls: list[str]) -> None:
    assert plan("when,text\n" + "".join(f"{row},hola\n" for row in rows)) == (walls, [])


def test_a_file_whose_dates_show_no_order_is_asked_about_and_one_that_shows_both_is_refused_where_it_matters() -> None:
    content = "when,text\n1/5/2027 8:00,hola\n5/5/2027 8:00,hola\n"
    assert schedules.read_file(content.encode(), WALL, lambda _: {}).doubt == "1/5/2027"
    assert plan(content, Order.DAY_FIRST)[0][0] == "2027-05-01 08:00"
    assert plan(content, Order.MONTH_FIRST)[0][0] == "2027-01-05 08:00"
    assert plan("when,text\n13/5/2027 8:00,a\n12/24/2026 8:00,b\n1/5/2027 8:00,c\n")[1] == [(4, "order")]


def test_days_and_times_may_have_columns_of_their_own() -> None:
    assert plan("Fecha;Hora;Mensaje\n24/12/2026;20:00;hola\n25/12/2026;0,75;hola\n") == (
        ["2026-12-24 20:00", "2026-12-25 18:00"],
        [],
    )
    assert plan("fecha,hora,texto\n,20:00,x\n24/12/2026,,y\n")[1] == [(2, "when"), (3, "time")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("31/02/2027 10:00,x", "when"), ("0/0/2027 10:00,x", "when"), ("45/45/2027 10:00,x", "when"), ("99999,x", "when"),
        ("46380,x", "time"), ("24/12/2026,x", "time"), ("#VALUE!,x", "value"), ("2026-12-24 20:00,#NAME?", "value"),
        ("2026-12-24 20:00,Hola, vecinos", "cells"), ("FREQ=MONTHLY;BYDAY=+9SU;BYHOUR=7;BYMINUTE=0,x", "past"),
        ("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29;BYHOUR=7;BYMINUTE=0,x", "past"),
        ('"FREQ=DAILY;BYHOUR=' + "1," * 900 + '1;BYMINUTE=0",x', "when"),
    ],
)  # fmt: skip
def test_no_time_is_made_of_what_is_none(row: str, reason: str) -> None:
    assert plan(f"when,text\n{row}\n") == ([], [(2, reason)])


@pytest.mark.parametrize(
    ("content", "found", "problems"),
    [
        ('when,text\n2026-11-27 20:00,"uno\n2026-11-28 20:00,dos\n2026-11-29 20:00,tres"\n',
         ["2026-11-28 20:00", "2026-11-29 20:00"], [(2, "open_quote")]),
        ('text;cuando\n"uno;jueves 20:00\ndos;viernes 20:00\ntres";sábado 20:00\n',
         ["2026-11-20 20:00", "2026-11-21 20:00"], [(2, "open_quote")]),
        ('when,text\njueves 20:00,"Horario:\nviernes 8:00, misa\n2026-11-28 20:00, feria"\n', ["2026-11-26 20:00"], []),
        ('when,text,grace\njueves 20:00,"a\n2026-11-28 20:00,b",5\n', ["2026-11-26 20:00"], []),
        ("| when | text |\n|---|:---:|\n| 2026-11-27 20:00 | a |\n", ["2026-11-27 20:00"], []),
        ("fecha de publicación,texto del tuit\n2026-11-27 20:00,a\n", ["2026-11-27 20:00"], []),
        ("fecha,hora,texto\n2026-11-27 00:00:00,20:00,a\n28/11/2026 0:00,9 pm,a\n", ["2026-11-27 20:00", "2026-11-28 21:00"], []),
        ("when,text\n2027-03-28 02:30,a\n", ["2027-03-28 02:30"], []),  # an hour that clocks jump over
        ("when,text\n2026-11-27 20:00,a" + "," * 2_000 + "\n2026-11-28 20:00,a\n", ["2026-11-28 20:00"], [(2, "cells")]),
        ("," * 300_000, [], [(1, "header")]),
        ("when,text\n" + 'jueves 20:00,"a\n' * 6_000, [], [(5_002, "too_many")]),
    ],
)  # fmt: skip
def test_a_line_is_its_own_though_quotes_and_signs_are_wrong(
    content: str, found: list[str], problems: list[tuple[int, str]]
) -> None:
    assert plan(content) == (found, problems)


def test_a_person_is_named_by_an_address_too() -> None:
    pages = "https://x.com/ana?s=20\nx.com/@eva/\nhttps://x.com/i/lists\nluz?\n"
    assert words(pages, "blocked") == (["ana", "eva"], [(3, "handle"), (4, "handle")])


def test_public_holidays_are_those_of_the_channels_zone() -> None:
    row = "when,text\ntodos los días 8:00 menos feriados,a\n".encode()
    read = schedules.read_file(row, WALL, lambda _: {}, MADRID)
    assert [e.when.rules for e in read.entries] == [("FREQ=DAILY;BYHOUR=8;BYMINUTE=0;EXCEPT=@ES",)]
    nowhere = schedules.read_file(row, WALL, lambda _: {}, ZoneInfo("UTC"))
    assert [p.reason for p in nowhere.problems] == [schedules.Wrong.HOLIDAYS]


def test_limits_are_read_as_spreadsheets_write_them() -> None:
    content = "when,text,start,end,grace,said\ncada lunes 7:15,x,24/12/2026 8:00,1/2/2027,15.0,3\n"
    (line,) = schedules.read_file(content.encode(), WALL, lambda _: {}).entries
    assert (line.when.first, line.when.last) == (datetime(2026, 12, 28, 7, 15), datetime(2027, 2, 1, 23, 59))
    assert (line.grace_min, line.said) == (15, 3)


RULES = ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYHOUR={h};BYMINUTE={m}", "FREQ=DAILY;INTERVAL={n};BYMONTH=4;BYMONTHDAY=31;BYHOUR=1;BYMINUTE=1",
         "FREQ=DAILY;BYSETPOS={p};BYMONTHDAY=31;BYMONTH=6;BYHOUR=7;BYMINUTE=0", "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2;BYHOUR={h};BYMINUTE={m}")  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_five_thousand_rules_that_never_come_are_each_named(rule: str) -> None:
    lines = "".join(f"{rule.format(n=n + 1, h=n % 24, m=n % 60, p=n % 366 + 1)},x\n" for n in range(5_000))
    planned, wrong = plan("when,text\n" + lines)
    assert (planned, {reason for _, reason in wrong}) == ([], {"past"})
    assert len(wrong) == 5_000


def test_reading_stops_where_finding_nothing_costs_too_much() -> None:
    wrong = plan("when,text\n" + "".join(f"nunca a las {n}:99 jamás,x\n" for n in range(schedules.MOST_SOUGHT + 50)))[1]
    assert len(wrong) <= schedules.MOST_SOUGHT + 50
    assert wrong[-1][1] in ("stopped", "when")


# --- the way back ------------------------------------------------------------------------------------------------

NASTY = ["=1+1", "@ana", "-5", "+34", "\t", "---", "===", "\n", ";", ",", "'", '"', "[photo 3: x]", "[video 9]", "\\", "#REF!",
         "hola ", " ", "“x”", "FREQ=", "|", "''", "＝1", "sep=;", "24/12/2026", "TRUE", "# ", "=>"]  # fmt: skip
TEXTS = st.lists(st.sampled_from(NASTY) | st.text(max_size=4), min_size=1, max_size=8).map("".join).map(storable)
SAID = TEXTS.map(composing.clean).filter(lambda t: t != "" and composing.weighted_length(t) <= composing.LIMIT)


@given(TEXTS, st.booleans())
def test_a_guarded_cell_is_no_formula_and_comes_back(text: str, prose: bool) -> None:
    cell = guarded(text, prose=prose)
    assert unguarded(cell, prose=prose) == text
    assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r")


def no_formula(content: bytes) -> bool:
    """Whether no cell of a file begins a formula, for programs that part it at any sign."""
    text = content.decode("utf-8-sig")
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(
                cell.lstrip(' "')[:1] in tuple("=+-@\t\r") and cell.strip(" =-\r\n") and cell.strip() for cell in row
            ):
                return False
    return True


@settings(max_examples=60)
@given(st.lists(st.lists(SAID, min_size=1, max_size=2), min_size=1, max_size=3))
def test_posts_of_any_text_come_back_and_are_no_formulas(threads: list[list[str]]) -> None:
    at = datetime(2027, 1, 2, 10, 0)
    lines = [Line((tuple(posts.Post(t) for t in thread),), When(at), at) for thread in threads]
    content = schedules.write_file(lines)
    read = schedules.read_file(content, WALL, lambda _: {})
    assert (read.entries, read.problems) == (lines, [])
    assert no_formula(content)


def kept(text: str) -> str:
    try:
        return check_keyword(text)
    except BadKeyword:
        return "choque"


@settings(max_examples=60)
@given(st.lists(TEXTS.map(kept), max_size=4, unique_by=lambda t: lists.key_of(Keyword(KeywordRole.FILTER, t))), TEXTS)
def test_words_of_any_text_come_back_and_are_no_formulas(found: list[str], note: str) -> None:
    entries: list[lists.Entry] = [Keyword(KeywordRole.FILTER, text) for text in found]
    entries.append(
        Standed(Standing.BLOCKED, "ana", datetime(2027, 1, 1, tzinfo=UTC), " ".join(note.split())[:MAX_NOTE].strip())
    )
    content = lists.write_file(entries)
    read = lists.read_file(content, None, NOW)
    assert (read.problems, lists.write_file(read.entries)) == ([], content)
    assert set(read.entries) == set(entries)
    assert no_formula(content)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("filtros", "filter"), ("Énfasis", "emphasis"), ("enfasis", "emphasis"), ("DISPARADORES", "trigger"), ("hours", "hours"),
        ("remitentes  de confianza", "trusted"), ("blocked", "blocked"), ("horario", "hours"), ("reemplazos", "replacement"),
        ("nada", None), ("", None),
    ],
)  # fmt: skip
def test_a_list_has_its_name_in_both_languages(typed: str, name: str | None) -> None:
    assert list_named(typed) == name
