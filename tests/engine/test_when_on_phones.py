"""When people mean, as they write it on phones: glued, abbreviated, misspelt; and what only speaks of time."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engine.when import NotUnderstood, left_over, understand, understand_limits, understand_time

NOW = datetime(2026, 11, 24, 10, 0)  # a Tuesday
ZONE = ZoneInfo("America/Caracas")
DAILY, WEEKLY = "FREQ=DAILY;BYHOUR=", "FREQ=WEEKLY;BYDAY="
WEEKDAYS = f"{WEEKLY}MO,TU,WE,TH,FR;BYHOUR="

MOMENTS = {
    "an accent that slipped": "mañna a las 8 > 25 08:00; mñn 9:30 > 25 09:30; pasado mñn 10am > 26 10:00",
    "misspelt": "vienres 15:00 > 27 15:00; el juves a las 3 de la tarde > 26 15:00; wensday 9am > 25 09:00;"
    " tonite 9pm > 24 21:00; sábdo 10am > 28 10:00",
    "glued": "hoy alas 8pm > 24 20:00; hoy a las8pm > 24 20:00; mañana a las 8y30 > 25 08:30; mañana 8ymedia > 25 08:30",
    "noon": "sab 12m > 28 12:00; sab 12 m. > 28 12:00; sab 12:00m > 28 12:00",
    "four figures": "tomorrow 0900 > 25 09:00; 20 past 4 tomorrow > 25 04:20",
    "told as an order": "prográmalo para el jueves a las 15:00 > 26 15:00; publica mañana a las 8 > 25 08:00;"
    " que salga mañana a las 8 > 25 08:00; send tomorrow at 8am > 25 08:00; post it on friday at 5pm > 27 17:00",
    "ahead": "en 15' > 24 10:15; en una horita > 24 11:00; en 2 horas y cuarto > 24 12:15; en 1,5 h > 24 11:30;"
    " in 2 and a half hours > 24 12:30; in a fortnight at 9am > 08 09:00",
    "a day by its number": "26th 3pm > 26 15:00; el 28 del presente mes a las 9am > 28 09:00",
    "a weekday and its hour": "jueves 20 para las 3 pm > 26 14:40; at 9 on sunday morning > 29 09:00",
    "parted by signs": "viernes 27/11 | 8pm | > 27 20:00; viernes 8pm: > 27 20:00; hoy 20:00: > 24 20:00;"
    " viernes 8pm → > 27 20:00; mañana tempranito 6am > 25 06:00",
}
REPEATED = {
    "todos los dias 7 am y 7 pm": [f"{DAILY}7;BYMINUTE=0", f"{DAILY}19;BYMINUTE=0"],
    "todos los dias a las 7am/7pm": [f"{DAILY}7;BYMINUTE=0", f"{DAILY}19;BYMINUTE=0"],
    "every day at 8am & 8pm": [f"{DAILY}8;BYMINUTE=0", f"{DAILY}20;BYMINUTE=0"],
    "twice a day 8am 8pm": [f"{DAILY}8;BYMINUTE=0", f"{DAILY}20;BYMINUTE=0"],
    "2 veces al dia 8, 14": [f"{DAILY}8;BYMINUTE=0", f"{DAILY}14;BYMINUTE=0"],
    "c/dia 6am": [f"{DAILY}6;BYMINUTE=0"],
    "todos los dias 8 y 30 am": [f"{DAILY}8;BYMINUTE=30"],
    "todos los dias 1 y 15 a las 9": ["FREQ=MONTHLY;BYMONTHDAY=1,15;BYHOUR=9;BYMINUTE=0"],
    "15 y último 9am": ["FREQ=MONTHLY;BYMONTHDAY=15,-1;BYHOUR=9;BYMINUTE=0"],
    "cada 5 de mes a las 9": ["FREQ=MONTHLY;BYMONTHDAY=5;BYHOUR=9;BYMINUTE=0"],
    "una vez al mes el día 5 a las 9": ["FREQ=MONTHLY;BYMONTHDAY=5;BYHOUR=9;BYMINUTE=0"],
    "L-V 7am": [f"{WEEKDAYS}7;BYMINUTE=0"],
    "M-F @ 7": [f"{WEEKDAYS}7;BYMINUTE=0"],
    "lunes miercoles viernes 7am": [f"{WEEKLY}MO,WE,FR;BYHOUR=7;BYMINUTE=0"],
    "lunes - miércoles - viernes 7am": [f"{WEEKLY}MO,WE,FR;BYHOUR=7;BYMINUTE=0"],
    "friday nights at 8": [f"{WEEKLY}FR;BYHOUR=20;BYMINUTE=0"],
    "cada lunes por medio 9am": ["FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;BYHOUR=9;BYMINUTE=0"],
    "cada 3h 9-18": [f"{DAILY}9,12,15,18;BYMINUTE=0"],
    "every 3h 9am-6pm": [f"{DAILY}9,12,15,18;BYMINUTE=0"],
    "cada 6 horas desde las 6am": [f"{DAILY}6,12,18;BYMINUTE=0"],
    "cada 8 horas empezando a las 6am": [f"{DAILY}6,14,22;BYMINUTE=0"],
    "de lunes a viernes cada 3 horas de 9 a 18": [f"{WEEKDAYS}9,12,15,18;BYMINUTE=0"],
    "a partir del lunes todos los dias 8am": [f"{DAILY}8;BYMINUTE=0"],
}
TEXTS = (
    "3 horas sin luz en Petare", "24 horas de solidaridad", "5 horas de cola", "12 m de cable nuevo",
    "0800 123 4567 llama ya", "8 y media toneladas", "Programa especial mañana a las 8", "Envía tu CV hoy",
    "Post of the day", "Send help", "2 horas después",
)  # fmt: skip
LEFT_OVER = {
    "tomorrow 9pm your time gm": "your time", "every day at 8 and 20 hi": "and 20", "every 2 hours overnight": "overnight",
    "fri 5pm 1.200 familias": "", "fri 5pm fin de mes con todo": "fin de mes", "fri 5pm & friends": "",
    "every hour on the half hour hi": "on the half hour", "lunes 30 8am\nmartes 1 9am\nevento": "martes 1 9am", "8am\n12pm\nevento": "12pm",
}  # fmt: skip
DAY_ONLY = {
    "tonight at 9ish gm": "at 9ish", "todos los días 8 a 12 consultas": "8", "mañana prontito 6am evento": "prontito 6am",
    "todos los dias 8am-12pm-8pm hola": "8am-12pm-8pm", "viernes faltando 5 para las 9 hola": "faltando 5 para las 9",
}  # fmt: skip


@pytest.mark.parametrize("kind", MOMENTS)
def test_a_moment_is_understood_as_it_is_typed(kind: str) -> None:
    for line in MOMENTS[kind].split("; "):
        phrase, _, expected = line.rpartition(" > ")
        when, rest = understand(f"{phrase.strip()} hola vecinos", NOW, zone=ZONE)
        assert (f"{when.first:%d %H:%M}", when.rules, rest) == (expected, (), "hola vecinos"), phrase


def test_what_repeats_is_understood_as_it_is_typed() -> None:
    for phrase, rules in REPEATED.items():
        when, rest = understand(f"{phrase} hola", NOW, zone=ZONE)
        assert (list(when.rules), rest) == (rules, "hola"), phrase
    assert understand("a partir del lunes todos los dias 8am", NOW)[0].first == datetime(2026, 11, 30, 8)


def test_what_only_speaks_of_time_is_no_time() -> None:
    for text in TEXTS:
        with pytest.raises(NotUnderstood) as refused:
            understand(text, NOW, zone=ZONE)
        assert refused.value.reason == "nothing", text


def test_no_word_of_time_is_left_over_in_silence() -> None:
    for typed, words in LEFT_OVER.items():
        assert left_over(typed, understand(typed, NOW, zone=ZONE)[1]) == words
    for typed, words in DAY_ONLY.items():
        with pytest.raises(NotUnderstood) as refused:
            understand(typed, NOW, zone=ZONE)
        assert refused.value.reason == "time", typed
        assert left_over(typed, refused.value.rest, timeless=True) == words
    assert left_over("viernes 8pm (hoy es el día)", "(hoy es el día)") == ""


@pytest.mark.parametrize(
    ("typed", "reason", "choices"),
    [
        ("hoy a las 5 clase", "past", ["24 17:00"]),
        ("fin de semana 9am feria", "which", ["28 09:00", "29 09:00", "28 09:00"]),
        ("viernes de 8 a 9 pm feria", "several", []),
    ],
)
def test_what_is_not_plain_is_asked(typed: str, reason: str, choices: list[str]) -> None:
    with pytest.raises(NotUnderstood) as asked:
        understand(typed, NOW, zone=ZONE)
    assert (asked.value.reason, [f"{c.first:%d %H:%M}" for c in asked.value.choices]) == (reason, choices)


def test_limits_and_answers_are_understood_as_they_are_typed() -> None:
    ends = {"hasta el 24": 24, "until the end of the month": 30, "hasta fin de mes": 30, "hasta el 27": 27}
    for typed, day in ends.items():
        assert understand_limits(typed, NOW).last == datetime(2026, 11, day, 23, 59), typed
    assert [understand_limits(t, NOW).times for t in ("5x", "x5", "una vez")] == [5, 5, 1]
    when, rest = understand("todos los lunes 7am hasta fin de año misa", NOW)
    assert (when.last, rest) == (datetime(2026, 12, 31, 23, 59), "misa")
    when, rest = understand_time("el viernes", "sabado 8pm", NOW)
    assert (when.first, when.rules, rest) == (datetime(2026, 11, 28, 20), (), "")
