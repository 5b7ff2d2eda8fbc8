"""The price of a choice stands where it is made: of a schedule, a word, hearing a kind, a link; as it holds that day."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine.moderation import MessageKind
from engine.x import prices
from engine.x.prices import Billed
from models.accounts.channels import Channel
from models.costs import ledger
from models.costs.ledger import Seen
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel, hears

DAY = timedelta(days=1)


@pytest.fixture
def dearer() -> Iterator[None]:
    """Posts cost ten cents, in a process that was told so."""
    prices.take(prices.read("post 0.10"))
    yield
    prices.take(())


@pytest.mark.parametrize(
    ("typed", "spanish", "english"),
    [
        ("every day 7:15 Good morning", r"30 veces en 30 días: unos \$0.45 al mes", r"30 times in 30 days: about \$0.45 a month"),
        ("every day 7:15 See canales.com/hoy", r"30 veces en 30 días: unos \$6.00 al mes", r"30 times .*: about \$6.00 a month"),
        ("every 3 hours from 8 to 20 Good morning", r"150 veces en 30 días: unos \$2.25 al mes", r"150 times .*: about \$2.25 a month"),
        ("every day 7:15 One\n===\nTwo https://a.co/b", r"30 veces .*: unos \$3.2[0-9] al mes", r"30 times .*: about \$3.2[0-9] a month"),
        ("every day 7:15 One\n---\nTwo", r"30 veces .*: unos \$0.90 al mes", r"30 times .*: about \$0.90 a month"),
        ("every december 24 20:00 Merry Christmas", r"💵 \$0.015 cada vez", r"💵 \$0.015 each time"),
        ("every day 7:15 3 times Good morning", r"3 veces en total: \$0.045", r"3 times in all: \$0.045"),
    ],
)  # fmt: skip
async def test_a_schedule_says_what_it_comes_to_a_month(
    ana: Conversation, typed: str, spanish: str, english: str
) -> None:
    await ana.types(f"/schedule {typed}")
    ana.reads(spanish, english)
    await ana.taps("✅")
    await ana.types("/schedules")
    await ana.taps("·")
    ana.reads(spanish, english)


async def test_all_that_is_planned_and_all_slots_say_what_they_come_to(ana: Conversation) -> None:
    await ana.types("/schedules")
    assert "💵" not in ana.reads("Programación de", "Schedules of").text
    for typed in ("every day 7:15 Good morning", "tomorrow 9:00 See canales.com/hoy"):
        await ana.types(f"/schedule {typed}")
        await ana.taps("✅")
    await ana.types("/schedules")
    ana.reads(r"31 veces en los próximos 30 días: unos \$0.65", r"31 times in the next 30 days: about \$0.65")
    await ana.types("/slots lun-vie 8:00 18:00", "/slots mon-fri 8:00 18:00")
    ana.reads(r"10 huecos a la semana.*unos \$0.64 al mes", r"10 slots a week.*about \$0.64 a month")


async def test_what_is_said_is_what_holds(ana: Conversation, dearer: None) -> None:
    await ana.types("/schedule every day 7:15 Good morning")
    ana.reads(r"\$0.100.*unos \$3.00 al mes", r"\$0.100.*about \$3.00 a month")
    await ana.types("/costos precios", "/costs prices")
    ana.reads(r"tuits: \$0.10", r"posts: \$0.10")


async def test_a_word_says_what_it_would_have_let_pass_and_what_that_costs(ana: Conversation) -> None:
    await ana.types("/triggers add fuego")
    assert "💵" not in ana.answers[-1].text, "nothing was heard"
    Channel.update(created_at=now() - 30 * DAY).execute()
    for day, text in enumerate(("lluvia en la A1", "lluvia y choque", "sol", "más lluvia", "lluvia vieja")):
        hears(text, sender=f"ana{day}", at=now() - day * 2 * DAY)
    hears("lluvia por DM", kind=MessageKind.DM)
    await ana.types("/triggers add lluvia")
    ana.reads(
        r"En la última semana \(miré 5 mensajes\) habría dejado pasar 3 más: unos \$0.19 al mes",
        r"In the last week \(5 messages looked at\) it would have let 3 more pass: about \$0.19 a month",
    )
    await ana.types("/triggers add niebla")
    ana.reads(r"no habría dejado pasar ninguno más", r"it would have let none pass besides")
    await ana.types("/form copy")
    await ana.types("/triggers add sol for dms")
    ana.reads(r"ninguno más", r"none pass besides")
    await ana.types("/triggers add sol en, más")
    await ana.types("/filters add choque")
    ana.reads(r"habría frenado 1: unos \$0.0\d+ al mes menos", r"would have kept 1 back: about \$0.0\d+ a month less")
    await ana.types("/triggers")
    await ana.taps("choque")
    ana.reads(r"miré 5 mensajes\) 1 pasó con él: unos \$0.0", r"5 messages looked at\) 1 passed with it: about \$0.0")
    await ana.types("/rules")
    await ana.taps("🎯")
    ana.reads(r"Sin eso habrían pasado 4 más.*unos \$0.32", r"Without that, 4 more would have passed.*about \$0.32")


async def test_hearing_says_what_it_costs_where_it_is_switched(ana: Conversation) -> None:
    await ana.types("/canal", "/channel")
    ana.reads(
        r"Oír: menciones \$0.005.*respuestas \$0.005.*DM \$0.010",
        r"Hearing: mentions \$0.005 each · replies \$0.005 each · DMs \$0.010 each",
    )
    await ana.types("/dms off")
    assert "al mes" not in ana.answers[-1].text.split("\n")[0]
    mine = channel()
    Channel.update(created_at=now() - 30 * DAY).execute()
    ledger.charge(mine.id, Billed.UNDO, now() - 10 * DAY)
    ledger.read([Seen(Billed.MENTION, n, (mine.id,)) for n in range(70)], now() - 6.9 * DAY)
    ledger.read([Seen(Billed.REPLY, 100 + n, (mine.id,)) for n in range(7)], now())
    await ana.types("/canal", "/channel")
    ana.reads(
        r"menciones \$1.50 al mes · respuestas \$0.15 al mes", r"mentions \$1.50 a month · replies \$0.15 a month"
    )
    await ana.types("/mentions off")
    ana.reads(r"eso ahorra unos \$1.50 al mes", r"that saves about \$1.50 a month")
    await ana.types("/mentions on")
    ana.reads(r"X cobra \$0.005 por cada.*unos \$1.50 al mes", r"X charges \$0.005 for each.*about \$1.50 a month")
    await ana.types("/dms on")
    ana.reads(r"X cobra \$0.010 por cada", r"X charges \$0.010 for each")
    await ana.types("/replies")
    ana.reads(r"\$0.005.*unos \$0.15 al mes", r"\$0.005.*about \$0.15 a month")


async def test_who_must_be_asked_about_has_a_price(ana: Conversation) -> None:
    await ana.types("/senders")
    ana.reads(r"solo seguidores.*\$0.010 al día por cada uno", r"followers only.*\$0.010 a day for each")
    await ana.types("/names on")
    ana.reads(r"a \$0.015 cada uno, y \$0.010 por el nombre", r"for \$0.015 each, and \$0.010 for the name")


async def test_a_link_in_the_credit_says_what_each_copy_costs_then(ana: Conversation) -> None:
    await ana.types("/writing")
    ana.reads(r"tal cual, a \$0.015 cada una", r"natively, for \$0.015 each")
    await ana.types("/credit {text} canales.com/abc")
    ana.reads(
        r"lleva un enlace: X cobra \$0.200 por cada copia, en vez de \$0.015",
        r"has a link: X charges \$0.200 for each copy, instead of \$0.015",
    )
    await ana.types("/form copy")
    ana.reads(r"a \$0.200 cada una.*lleva un enlace", r"for \$0.200 each.*has a link")
