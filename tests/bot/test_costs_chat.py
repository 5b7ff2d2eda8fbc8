"""What it costs, in the chat: a channel's month, its picture, the prices, and the sums of all for who runs the service."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from engine.x.prices import Billed
from models.accounts.channels import Channel
from models.costs import ledger
from models.costs.ledger import SERVICE, Seen
from models.settings import settings
from tasks.clock import now
from tests.bot.conversation import ANA, Conversation
from tests.bot.on_x import channel, connected

DAY = timedelta(days=1)


def paid(days: int = 3, handle: str = "TraficoValle") -> Channel:
    """So many days of ten mentions and two reposts each, today among them."""
    found = channel(handle)
    Channel.update(created_at=now() - 30 * DAY).where(Channel.id == found.id).execute()
    for day in range(days):
        at = now() - day * DAY
        ledger.read([Seen(Billed.MENTION, found.id * 10_000 + day * 100 + n, (found.id,)) for n in range(10)], at)
        ledger.charge(found.id, Billed.REPOST, at, 2)
    return found


async def test_a_channel_s_costs_are_today_the_month_its_end_and_for_what(ana: Conversation) -> None:
    paid(1)
    ledger.charge(channel().id, Billed.LINK, now())
    await ana.types("/costos", "/costs")
    ana.reads(
        r"Costos de @TraficoValle.*Hoy: \$0.28 · ayer: \$0.00.*\$0.28 hasta ahora.*🔮 .*unos \$.*al ritmo de.*"
        r"Este mes, por tipo.*tuits con enlace: 1 · \$0.20.*menciones oídas: 10 · \$0.05.*reposts: 2 · \$0.03",
        r"Costs of @TraficoValle.*Today: \$0.28 · yesterday: \$0.00.*\$0.28 so far.*🔮 By its end: about \$.*"
        r"at the pace of.*This month, by kind.*posts with a link: 1 · \$0.20.*mentions heard: 10 · \$0.05.*reposts: 2 · \$0.03",
    )
    await ana.types("/canal", "/channel")
    ana.reads(r"Últimas 24 h.* · \$0.280", r"Last 24 h.* · \$0.280")
    await ana.taps("💵")
    ana.reads("Costos de @TraficoValle", "Costs of @TraficoValle")


async def test_a_month_is_a_picture(ana: Conversation) -> None:
    paid()
    await ana.types("/costs")
    await ana.taps("📊")
    sent = ana.reads(r"hasta ahora, unos \$[0-9.]+ al terminar", r"so far, about \$[0-9.]+ by its end")
    drawn = Image.open(BytesIO(ana.file(sent)))
    assert drawn.size == (1080, 1000)
    assert {(43, 110, 168), (224, 138, 30)} <= {color for _, color in drawn.getcolors(1 << 20) or ()}, "heard, and said"
    await ana.taps("💵")
    ana.reads("Costos de", "Costs of")
    await ana.types("/costos imagen", "/costs picture")
    ana.reads("al terminar", "by its end")


async def test_prices_are_those_that_hold(ana: Conversation) -> None:
    await ana.types("/costos precios", "/costs prices")
    ana.reads(
        r"menciones oídas: \$0.005.*tuits con enlace: \$0.20", r"mentions heard: \$0.005.*posts with a link: \$0.20"
    )
    await ana.taps("💵")
    ana.reads("no ha cobrado nada este mes", "has charged nothing this month")
    await ana.types("/costos mañana", "/costs tomorrow")
    ana.reads(
        "«?mañana»? no es nada.*/costs imagen · /costs precios", "tomorrow.*is nothing that I can show.*/costs picture"
    )


async def test_who_has_several_sees_them_all_and_nobody_else_s(ana: Conversation, ben: Conversation) -> None:
    connected("MetroValle", ana)
    paid(1), paid(1, "MetroValle"), paid(1, "LluviaYa")
    await ana.types("/costs @TraficoValle")
    ana.reads(r"Todos tus canales este mes: \$0.16", r"All your channels this month: \$0.16")
    assert not any("LluviaYa" in label for label in ana.answers[-1].labels)
    await ana.taps("@MetroValle")
    ana.reads("Costos de @MetroValle", "Costs of @MetroValle")
    await ana.types("/costs @LluviaYa")
    ana.reads("no es uno de tus canales", "is not one of your channels")
    for typed in ("/costs all", "/costs service"):
        await ben.types(typed)
        ben.reads("se muestran a quien", "are shown to who runs")


async def test_who_runs_the_service_sees_the_sums_of_all_channels(
    ana: Conversation, ben: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADMIN_IDS", str(ANA))
    settings.cache_clear()
    paid(1), paid(1, "LluviaYa")
    ledger.charge(SERVICE, Billed.LIST, now())
    ledger.charge(987, Billed.UNDO, now())
    await ana.types("/costs")
    await ana.taps("🌐")
    shown = ana.reads(r"Costos del servicio.*\$0.175 hasta ahora", r"Costs of the service.*\$0.175 so far")
    for line in (
        "@TraficoValle: $0.08",
        "@LluviaYa: $0.08",
        ana.t("el propio servicio: $0.005", "the service itself: $0.005"),
    ):
        assert line in shown.text
    assert ana.t("un canal que ya no existe: $0.01", "a channel that is no more: $0.01") in shown.text
    await ana.taps("📊")
    ana.reads("al terminar", "by its end")
    Channel.update(owner_id=ben.person).execute()
    await ana.types("/costs")
    ana.reads("Costos del servicio", "Costs of the service")
    settings.cache_clear()


async def test_the_picture_of_all_is_typed_too_by_who_runs_the_service(
    ana: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(1)
    await ana.types("/costos todos imagen", "/costs all picture")
    ana.reads("se muestran a quien", "are shown to who runs the service")
    monkeypatch.setattr(settings(), "admin_ids", (ANA,))
    await ana.types("/costos imagen todos", "/costs picture all")
    ana.reads("al terminar", "by its end")
