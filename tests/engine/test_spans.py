"""For how long somebody is blocked, as it is typed in both languages; what is no length of time is refused or the reason."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from engine.when import NotUnderstood
from engine.when.spans import Lasting, understand_span

NOW = datetime(2026, 11, 24, 10, 0)  # a Tuesday
CARACAS = ZoneInfo("America/Caracas")

DAYS = """
2 semanas y 3 días = 17
1 week and 2 days = 9
2 sem = 14
2sem = 14
7 days = 7
7 días = 7
7 = 7
7d = 7
for 3 days = 3
por 3 días = 3
durante 3 días = 3
2 semanas = 14
dos semanas = 14
2 weeks = 14
a week = 7
una semana = 7
1 semana = 7
24 horas = 1
24 hours = 1
24h = 1
48 hrs = 2
72 horas = 3
un día = 1
one day = 1
un mes = 30
1 month = 30
3 meses = 92
un año = 365
a fortnight = 14
una quincena = 15
quince días = 15
treinta días = 30
a couple of weeks = 14
un par de días = 2
los próximos 5 días = 5
for the next 5 days = 5
"""

UNTIL = """
1h 30m = 24 11:30
1h30 = 24 11:30
hasta fin de mes = 30 23:59
until the end of the month = 30 23:59
12 horas = 24 22:00
half an hour = 24 10:30
media hora = 24 10:30
una hora y media = 24 11:30
2 horas y media = 24 12:30
90 minutos = 24 11:30
45 min = 24 10:45
medio día = 24 22:00
un día y medio = 25 22:00
hasta el viernes = 27 23:59
hasta viernes = 27 23:59
until friday = 27 23:59
until monday = 30 23:59
hasta mañana = 25 23:59
until tomorrow at noon = 25 12:00
hasta mañana a las 8 = 25 8:00
hasta las 20:00 = 24 20:00
until 8pm = 24 20:00
hasta el domingo a las 8 y media de la noche = 29 20:30
hasta el lunes 30 = 30 23:59
hasta el 30 = 30 23:59
hoy = 24 23:59
por hoy = 24 23:59
"""

FOR_GOOD = ["para siempre", "siempre", "forever", "for good", "permanently", "hasta nuevo aviso", "de por vida"]

WRONG = [
    "0 days", "-3 days", "2.5 semanas", "2,5 semanas", "0 horas", "hasta ayer", "hasta el 31 de febrero", "until 25:00",
    "la semana que viene", "lunes", "hasta el 1/5/2027", "5 m", "hasta luego",
    "99999999999999999999 días", "9999 años", "hasta el viernes 26 de noviembre 10:00",
]  # fmt: skip

REASONS = ["spam", "insulta a los vecinos", "¡otra vez!", "a su jefe le da igual", "el de siempre", ""]


def lines(text: str) -> list[list[str]]:
    return [line.split(" = ") for line in text.strip().splitlines()]


def test_lengths_of_time_are_what_they_say_and_the_reason_is_what_follows() -> None:
    for typed, days in lines(DAYS):
        lasting, rest = understand_span(typed, NOW, zone=CARACAS)
        assert (lasting.days, lasting.until, rest) == (int(days), NOW + timedelta(days=int(days)), ""), typed
        assert understand_span(f"{typed} spam de cursos", NOW, zone=CARACAS)[1] == "spam de cursos", typed
    for typed, written in lines(UNTIL):
        day, clock = written.split()
        until = datetime.fromisoformat(f"2026-11-{day}T{clock.zfill(5)}")
        assert understand_span(typed, NOW, zone=CARACAS) == (Lasting(until), ""), typed
    for typed in FOR_GOOD:
        assert understand_span(typed, NOW) == (Lasting(), ""), typed
        assert understand_span(f"{typed} spam", NOW)[1] == "spam", typed


def understood(typed: str) -> str:
    """`reason` where nothing of the kind was said, `wrong` where it can't be; else `long`, for who may block so long."""
    try:
        lasting, _ = understand_span(typed, NOW, zone=CARACAS)
    except NotUnderstood as error:
        return "reason" if error.reason == "nothing" else "wrong"
    return "long" if lasting.until and lasting.until > NOW + timedelta(days=365 * 20) else f"{lasting}"


def test_what_is_no_length_of_time_is_refused_or_is_the_reason() -> None:
    assert {typed: understood(typed) for typed in REASONS if understood(typed) != "reason"} == {}
    assert {typed: understood(typed) for typed in WRONG if understood(typed) not in ("wrong", "long")} == {}
