"""A channel's budget in the chat: tapped and typed, its order, Undo, raising, waiting; the service's for who runs it."""

import pytest

from engine.budgets import Pays
from engine.x.prices import Billed
from models.accounts import troubles
from models.accounts.channels import Channel
from models.accounts.troubles import Kind
from models.control import budgets, credits
from models.costs import budgets as stored
from models.costs import ledger
from models.costs.budgets import NOBODY, SERVICE, Budget
from models.costs.ledger import Seen
from models.settings import settings
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel


def row() -> Budget:
    found = stored.of((channel().id, NOBODY))
    assert found is not None
    return found


def spend(micros: int) -> None:
    ledger.read([Seen(Billed.MENTION, 1000 + n, (channel().id,)) for n in range(micros // 5_000)], now())


async def test_a_budget_is_tapped_and_typed_and_taken_back(ana: Conversation) -> None:
    await ana.types("/presupuesto", "/budget")
    ana.reads("No hay límite.*/presupuesto 25", "There is no limit.*/budget 25")
    await ana.taps(r"^\$10$")
    ana.reads(r"\$0.00 de \$10, 0 %", r"\$0.00 of \$10, 0 %")
    assert row().most == 10_000_000
    await ana.taps("Deshacer", "Undo")
    assert row().most is None
    await ana.types("/presupuesto 7,50", "/budget $7.50")
    assert row().most == 7_500_000
    await ana.taps("Otro", "Other")
    await ana.types("1.200", "1,200 dollars")
    assert row().most == 1_200_000_000
    await ana.types("/presupuesto sin límite", "/budget none")
    assert row().most is None


@pytest.mark.parametrize(
    "typed", ["0", "-5", "abc", "1e3", "5 €", "0.001", "100001", "nan", "٣", "5 5", "$", "30/mes", "1.2.3"]
)
async def test_what_is_no_amount_is_refused_with_an_example(ana: Conversation, typed: str) -> None:
    await ana.types(f"/presupuesto {typed}", f"/budget {typed}")
    ana.reads("no es un importe.*/budget 30|no es un importe.*/presupuesto 30", "is no amount.*/budget 30")
    assert stored.of((channel().id, NOBODY)) is None


async def test_the_order_is_tapped_and_typed(ana: Conversation) -> None:
    await ana.types("/presupuesto 10", "/budget 10")
    await ana.taps("Oír", "Hearing")
    assert row().order == (Pays.HEARING, Pays.LINKS, Pays.REPOSTS, Pays.PLANNED)
    await ana.types("/presupuesto orden reposts, enlaces y oír", "/budget order reposts, links and hearing")
    assert row().order == (Pays.REPOSTS, Pays.LINKS, Pays.HEARING, Pays.PLANNED)
    await ana.types("/presupuesto orden programado", "/budget order planned")
    ana.reads("no es ni enlaces", "is not one of: links")


async def test_what_has_stopped_is_told_with_buttons_to_raise_and_to_wait(ana: Conversation) -> None:
    await ana.types("/presupuesto 1", "/budget 1")
    spend(1_000_000)
    budgets.look(now())
    await ana.is_told(
        r"100 % de su presupuesto: \$1.00 de \$1.*Parado.*oír", r"100 % of its budget: \$1.00 of \$1.*Stopped.*hearing"
    )
    assert not Channel.get_by_id(channel().id).hears
    await ana.taps("^⏳ Esperar", "^⏳ Wait")
    assert row().waits
    ana.reads("Esperas al mes", "You wait for the next month")
    await ana.taps(r"^\$5$")
    assert (row().most, row().gone) == (5_000_000, frozenset())
    assert Channel.get_by_id(channel().id).hears


async def test_the_services_budget_and_its_credits_are_for_who_runs_it(
    ana: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ana.types("/saldo", "/credits")
    ana.reads("quien lleva el servicio", "who runs the service")
    await ana.types("/presupuesto servicio 200", "/budget service 200")
    assert stored.of(SERVICE) is None
    monkeypatch.setattr(settings(), "admin_ids", (ana.person,))
    await ana.types("/presupuesto servicio 200", "/budget service 200")
    found = stored.of(SERVICE)
    assert found is not None
    assert found.most == 200_000_000
    await ana.types("/saldo 50", "/credits 50")
    ana.reads(r"Quedan unos \$50.00", r"About \$50.00 are left")
    await ana.types("/saldo no", "/credits none")
    assert credits.left(now()) is None


async def test_what_is_set_of_the_service_and_its_credits_is_taken_back(
    ana: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "admin_ids", (ana.person,))
    budgets.set_most(SERVICE, 50_000_000, now())

    def service() -> tuple[int | None, Pays]:
        found = stored.of(SERVICE)
        assert found is not None
        return found.most, found.order[0]

    await ana.types("/presupuesto servicio no", "/budget service none")
    assert service() == (None, Pays.LINKS)
    await ana.taps("Deshacer", "Undo")
    ana.reads(r"de \$50, 0 %", r"of \$50, 0 %")
    await ana.taps("Oír", "Hearing")
    assert service() == (50_000_000, Pays.HEARING)
    await ana.taps("Deshacer", "Undo")
    assert service() == (50_000_000, Pays.LINKS)
    await ana.types("/saldo 50", "/credits 50")
    spend(1_000_000)
    await ana.taps(r"^\$10$")
    ana.reads(r"Quedan unos \$10.00", r"About \$10.00 are left")
    await ana.taps("Deshacer", "Undo")
    ana.reads(r"Quedan unos \$49.00", r"About \$49.00 are left")
    await ana.taps("No lo sé", "I don't know")
    assert credits.left(now()) is None
    await ana.taps("Deshacer", "Undo")
    ana.reads(r"Quedan unos \$49.00", r"About \$49.00 are left")
    troubles.met(troubles.APP, Kind.CREDITS, now())
    credits.look(now())
    await ana.types("/saldo", "/credits")
    ana.reads("No queda nada, dice X", "None are left, X says")
    troubles.over(troubles.APP, now(), Kind.CREDITS)
    credits.look(now())
    assert credits.left(now()) is None


async def test_who_does_not_run_the_service_is_told_that_its_budget_is_not_theirs(ana: Conversation) -> None:
    await ana.types("/presupuesto servicio 200", "/budget service 200")
    ana.reads("quien lleva el servicio", "who runs the service")


async def test_a_budget_that_pays_for_nothing_is_not_said_to_be_spent(ana: Conversation) -> None:
    await ana.types("/presupuesto 0,015", "/budget USD 0.015")
    ana.reads(r"de \$0.015, 0 %", r"of \$0.015, 0 %")
    await ana.types("/presupuesto 0.01", "/budget 0.01")
    spend(5_000)
    budgets.look(now())
    said = await ana.is_told(
        "ha usado un 50 % de su|ha usado el 50 %|50 % de su presupuesto", "has used 50 % of its budget"
    )
    assert next(b for b in said.labels if "⬆️" in b).endswith("$0.02")


async def test_whoever_looks_at_a_channels_budget_sees_that_another_one_holds_it(
    ana: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgets.set_most((NOBODY, ana.person), 2_000_000, now())
    spend(1_000_000)
    await ana.types("/presupuesto", "/budget")
    ana.reads(
        r"No tiene límite propio.*Todos tus canales juntos: \$1.00 de \$2. Eso lo cambia quien lleva el servicio",
        r"no limit of its own.*All your channels together: \$1.00 of \$2. Who runs the service can change that",
    )
    budgets.set_most((NOBODY, ana.person), 500_000, now())
    await ana.types("/presupuesto", "/budget")
    ana.reads(r"juntos: \$1.00 de \$0.50, se acabó", r"together: \$1.00 of \$0.50, used up")
    budgets.set_most((NOBODY, ana.person), None, now())
    budgets.set_most(SERVICE, 5_000_000, now())
    await ana.types("/presupuesto", "/budget")
    ana.reads("No hay límite", "There is no limit")
    budgets.set_most(SERVICE, 10_000, now())
    await ana.types("/presupuesto", "/budget")
    said = ana.reads("Al servicio se le acabó el dinero.*oír.*quien lo lleva", "service has used up its money.*hearing")
    assert "$0.01" not in said.text, "what the service spends is not an owner's to see"
    monkeypatch.setattr(settings(), "admin_ids", (ana.person,))
    await ana.types("/presupuesto", "/budget")
    ana.reads(r"\$1.00 de \$0.01: /presupuesto servicio", r"\$1.00 of \$0.01: /budget service")


async def test_a_part_that_has_stopped_under_all_channels_together_is_named(ana: Conversation) -> None:
    budgets.set_most((NOBODY, ana.person), 100_000, now())
    spend(85_000)
    budgets.look(now())
    await ana.types("/presupuesto", "/budget")
    ana.reads(
        r"\$0.09 de \$0.10.*Parado por eso: copias con enlaces", r"\$0.09 of \$0.10.*Stopped by that: copies with"
    )


async def test_a_channel_that_hears_nothing_for_want_of_money_is_not_said_to_be_well(ana: Conversation) -> None:
    await ana.types("/status")
    ana.reads("🟢 @TraficoValle.*oye menciones", "🟢 @TraficoValle.*hears mentions")
    budgets.set_most((channel().id, NOBODY), 1_000_000, now())
    spend(1_000_000)
    budgets.look(now())
    for typed in ("/status", "/channel"):
        await ana.types(typed)
        ana.reads(
            "🟡 @TraficoValle · encendido, pero no oye nada.*No queda dinero para oír",
            "🟡 @TraficoValle · on, but hears nothing.*No money is left for hearing",
        )


async def test_a_budget_is_only_offered_to_be_raised_above_what_is_spent(ana: Conversation) -> None:
    spend(860_000)
    budgets.set_most((channel().id, NOBODY), 10_000, now())
    Budget.update(told=0).execute()
    budgets.look(now())
    said = await ana.is_told("de su presupuesto", "of its budget")
    assert [b.rpartition("$")[2] for b in said.labels if "⬆️" in b] == ["1.29", "1.72"]
