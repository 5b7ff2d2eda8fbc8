"""What was understood is said back in words, in both languages."""

from datetime import datetime

import pytest

from bot.chat.language import Speaker
from bot.chat.moments import said
from engine.when import When, understand

NOW = datetime(2026, 11, 24, 10, 0)  # a Tuesday

TABLE = """
thursday 15:00 | Thursday, November 26, 2026 at 15:00 | el jueves, 26 de noviembre de 2026 a las 15:00
every day at 8 and at 20 | every day at 8:00 and 20:00 | todos los días a las 8:00 y 20:00
every 3 days 8:00 | every 3 days at 8:00 | cada 3 días a las 8:00
mon-fri 6:30 | from Monday to Friday at 6:30 | de lunes a viernes a las 6:30
sat and sun 9:00 | every weekend, Saturday and Sunday, at 9:00 | cada fin de semana, sábado y domingo, a las 9:00
tuesdays and thursdays 17:00 | every Tuesday and Thursday at 17:00 | cada martes y jueves a las 17:00
every other tuesday 10:00 | every 2 weeks, on Tuesday at 10:00 | cada 2 semanas, los martes a las 10:00
every week at 10:00 | every week at 10:00 | cada semana a las 10:00
first monday of the month 9:00 | the first Monday of every month at 9:00 | el primer lunes de cada mes a las 9:00
2nd and last friday of the month 9:00 | the second Friday and the last Friday of every month at 9:00 | el segundo viernes y el último viernes de cada mes a las 9:00
the 15th of every month 9:00 | on day 15 of every month at 9:00 | el día 15 de cada mes a las 9:00
the 1st and 15th of every month 9:00 | on days 1 and 15 of every month at 9:00 | los días 1 y 15 de cada mes a las 9:00
the last day of the month 20:00 | on the last day of every month at 20:00 | el último día de cada mes a las 20:00
every 3 months on the 1st 9:00 | on day 1 of every 3 months at 9:00 | el día 1 de cada 3 meses a las 9:00
every 2 months the first monday 9:00 | the first Monday of every 2 months at 9:00 | el primer lunes de cada 2 meses a las 9:00
every december 25 8:00 | every year on December 25 at 8:00 | cada año el 25 de diciembre a las 8:00
every monday 8:00 for 4 weeks | every Monday at 8:00, until Sunday, December 27, 2026 | cada lunes a las 8:00, hasta el domingo, 27 de diciembre de 2026
every monday 8:00 4 times | every Monday at 8:00, 4 times | cada lunes a las 8:00, 4 veces
"""


@pytest.mark.parametrize("line", TABLE.strip().splitlines())
def test_what_was_understood_is_said_back(line: str) -> None:
    typed, english, spanish = line.split(" | ")
    when, rest = understand(typed, NOW)
    assert rest == ""
    assert said(Speaker("en"), when) == english
    assert said(Speaker("es"), when) == spanish


@pytest.mark.parametrize(
    "rule", ["FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=+5FR", "FREQ=YEARLY"]
)
def test_a_rule_from_a_file_that_has_no_words_is_said_as_it_is(rule: str) -> None:
    written = f"{rule};BYHOUR=9;BYMINUTE=0"
    assert said(Speaker("en"), When(NOW, (written,))) == f"by the calendar rule {written} at 9:00"
