"""What a time can mean is asked, with a button for each; what looks like time in a text is asked about; in both languages."""

from datetime import UTC, datetime

import pytest

from models.scheduling.schedules import Schedule
from tests.bot.conversation import Conversation

NEXT = datetime.now(UTC).year + 1


async def test_a_date_in_figures_that_can_be_two_is_asked_with_both_as_buttons(ana: Conversation) -> None:
    await ana.types(f"/schedule 5/1/{NEXT} 10:00 Feria en la plaza")
    ana.reads("¿Cuándo\\? Toca uno.*5 de enero de.*1 de mayo de", "When do you mean\\?.*January 5.*May 1")
    await ana.taps("5 ene .* 10:00", "1 May .* 10:00")
    ana.reads("Feria en la plaza")
    await ana.taps("Programar", "Schedule it")
    item = Schedule.select().get()
    assert item.next_wall == f"{NEXT}-{ana.t('01-05', '05-01')}T10:00:00"


async def test_the_time_that_was_asked_for_can_be_two_as_well(ana: Conversation) -> None:
    await ana.types("/schedule Feria en la plaza")
    await ana.types("fin de mes a las 9")
    ana.reads("¿Cuándo\\? Toca uno", "When do you mean\\?")
    await ana.taps("El último día de cada mes", "On the last day of every month")
    ana.reads("dirá, el último día de cada mes a las 9:00", "will say, on the last day of every month at 9:00")


async def test_words_of_time_do_not_stay_in_the_text_unasked(ana: Conversation) -> None:
    await ana.types("/schedule mañana 9:00 menos domingo hay feria", "/schedule tomorrow 9:00 except sunday hay feria")
    ana.reads("empieza entonces con “menos domingo”", "begins with “except sunday”")
    await ana.taps("Quitarlo", "Leave it out")
    ana.reads("\nhay feria\n")
    await ana.types("/schedule mañana 9:00 lunes de rock", "/schedule tomorrow 9:00 monday of rock")
    await ana.taps("Es del texto", "It is the text's")
    ana.reads("\nlunes de rock\n", "\nmonday of rock\n")


async def test_a_figure_that_may_have_been_the_time_does_not_stay_unasked(ana: Conversation) -> None:
    await ana.types("/schedule lunes 9;30 feria", "/schedule monday 9;30 feria")
    ana.reads("a qué hora", "at what time")
    await ana.types("9:30")
    ana.reads("empieza entonces con “9;30”", "begins with “9;30”")
    await ana.taps("Quitarlo", "Leave it out")
    ana.reads("\nferia\n")


async def test_a_time_that_is_not_understood_is_asked_about_and_can_be_left_out(ana: Conversation) -> None:
    await ana.types("/schedule en enero hay feria", "/schedule in january hay feria")
    ana.reads("No entiendo “en enero” como hora", "I don't understand “in january” as a time")
    await ana.taps("Quitarlo", "Leave it out")
    await ana.types("mañana 9:00", "tomorrow 9:00")
    ana.reads("\nhay feria\n")


async def test_a_day_that_was_the_head_of_the_text_goes_back_to_it(ana: Conversation) -> None:
    await ana.types("/schedule Mañana hay feria a las 8")
    ana.reads("Mañana.: ¿a qué hora", "“Mañana”: at what time")
    await ana.taps("Eso es del texto", "That is the text's")
    await ana.types("el lunes 9:00", "monday 9:00")
    ana.reads("\nMañana hay feria a las 8\n")


@pytest.mark.parametrize(
    ("typed", "spanish", "english"),
    [
        ("mañana 25:00 x", "No hay tal hora: “25:00”", "There is no such time: “25:00”"),
        ("9:99 x", "No hay tal hora: “9:99”", "There is no such time"),
        ("mañana a las 15:00 de la mañana x", "No hay tal hora", "There is no such time"),
        ("30 de febrero 10:00 x", "Esa fecha no existe", "There is no such date"),
        ("todos los domingos menos los domingos 9:00 x", "De eso no queda nada", "Nothing is left of that"),
        ("lunes 9:00 y jueves 18:00", "pero no “y jueves 18:00”", "but not “y jueves 18:00”"),
        ("mañana 9:00 UTC", "pero no “UTC”", "but not “UTC”"),
        ("mañana de 8 a 10 feria", "Un solo día lleva una sola hora", "A single day takes one time"),
    ],
)
async def test_what_there_is_not_is_refused_with_a_right_example(
    ana: Conversation, typed: str, spanish: str, english: str
) -> None:
    await ana.types(f"/schedule {typed}")
    ana.reads(f"{spanish}.*Por ejemplo", f"{english}.*For example")


async def test_the_31st_says_that_it_skips_months_and_one_tap_takes_the_last_day(ana: Conversation) -> None:
    await ana.types("/schedule el 31 de cada mes 9:00 Cierre", "/schedule the 31st of every month 9:00 Cierre")
    ana.reads("no tienen día 31 se saltan", "without a day 31 are left out")
    await ana.taps("En esos, el último día", "There on the last day")
    ana.reads("dirá, el último día de cada mes a las 9:00", "will say, on the last day of every month at 9:00")
    await ana.taps("Programar", "Schedule it")
    assert Schedule.select().get().rules == "FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=9;BYMINUTE=0"
