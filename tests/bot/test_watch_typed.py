"""What is typed after /watch means one thing, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.watching import typed
from bot.watching.typed import Order, Said
from engine.watching import WatchedKind

ACCOUNT, LIST, SEARCH, HOME = WatchedKind.ACCOUNT, WatchedKind.LIST, WatchedKind.SEARCH, WatchedKind.HOME


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@inameh", Said(ACCOUNT, "inameh")),
        ("＠inameh", Said(ACCOUNT, "inameh")),
        ("cuenta inameh", Said(ACCOUNT, "inameh")),
        ("https://x.com/inameh", Said(ACCOUNT, "inameh")),
        ("x.com/inameh?s=20", Said(ACCOUNT, "inameh")),
        ("https://mobile.twitter.com/inameh/", Said(ACCOUNT, "inameh")),
        ("https://x.com/inameh/status/123456", Said(ACCOUNT, "inameh")),
        ('@inameh lluvia, "vía cerrada"', Said(ACCOUNT, "inameh", ("lluvia", "vía cerrada"))),
        ("@inameh solo lluvia", Said(ACCOUNT, "inameh", ("lluvia",))),
        ("@inameh todo", Said(ACCOUNT, "inameh", ())),
        ("@inameh max 2", Said(ACCOUNT, "inameh", None, 2_000_000)),
        ("@inameh lluvia, alerta tope $0,50 al día", Said(ACCOUNT, "inameh", ("lluvia", "alerta"), 500_000)),
        ("@inameh up to 1.5 dollars a day", Said(ACCOUNT, "inameh", None, 1_500_000)),
        ("@no-es", Said(ACCOUNT, "@no-es")),
        ("list https://x.com/i/lists/1746000000000000001", Said(LIST, "1746000000000000001")),
        ("https://twitter.com/i/lists/1746000000000000001?s=20 lluvia", Said(LIST, "1746000000000000001", ("lluvia",))),
        ("lista 1746000000000000001", Said(LIST, "1746000000000000001")),
        ("lista Servicios del Valle", Said(LIST, "Servicios del Valle")),
        ("lista «Servicios del Valle» tope 1", Said(LIST, "Servicios del Valle", None, 1_000_000)),
        ('search "vía cerrada" caracas -is:retweet', Said(SEARCH, '"vía cerrada" caracas -is:retweet')),
        ("buscar: choque OR accidente", Said(SEARCH, "choque OR accidente")),
        ("búsqueda #metro", Said(SEARCH, "#metro")),
        ("#metro", Said(SEARCH, "#metro")),
        ('"vía cerrada"', Said(SEARCH, '"vía cerrada"')),
        ("https://x.com/search?q=v%C3%ADa%20cerrada&f=live", Said(SEARCH, "vía cerrada")),
        ("x.com/hashtag/metro", Said(SEARCH, "#metro")),
        ("home", Said(HOME)),
        ("inicio lluvia", Said(HOME, "", ("lluvia",))),
        ("https://x.com/home", Said(HOME)),
        ("lluvia", Said(None, "lluvia")),
        ("https://ejemplo.com/inameh", Said(None, "https://ejemplo.com/inameh")),
        ("", Said(None, "")),
        ("cuenta", Said(ACCOUNT, "")),
        # as people say it
        ("@ inameh", Said(ACCOUNT, "inameh")),
        ("la cuenta de @inameh", Said(ACCOUNT, "inameh")),
        ("a @inameh", Said(ACCOUNT, "inameh")),
        ("@inameh: lluvia, alerta", Said(ACCOUNT, "inameh", ("lluvia", "alerta"))),
        ("@inameh, lluvia", Said(ACCOUNT, "inameh", ("lluvia",))),
        ("<@inameh>", Said(ACCOUNT, "inameh")),
        ("@inameh lluvia alerta", Said(ACCOUNT, "inameh", ("lluvia alerta",))),
        ("@inameh y @metro", Said(ACCOUNT, "inameh", several=("@metro",))),
        ("@inameh, @metro, @bomberos", Said(ACCOUNT, "inameh", several=("@metro", "@bomberos"))),
        ("@inameh OR @metro", Said(SEARCH, "@inameh OR @metro")),
        ("https://x.com/inameh/likes", Said(ACCOUNT, "inameh")),
        ("https://x.com/intent/follow?screen_name=inameh", Said(ACCOUNT, "inameh")),
        ("https://nitter.net/inameh", Said(None, "https://nitter.net/inameh")),
        ("lista de https://x.com/i/lists/1746000000000000001", Said(LIST, "1746000000000000001")),
        ("la lista Servicios", Said(LIST, "Servicios")),
        ('lista "Servicios del Valle", lluvia', Said(LIST, "Servicios del Valle", ("lluvia",))),
        ("from:inameh lluvia", Said(SEARCH, "from:inameh lluvia")),
        ("$TSLA", Said(SEARCH, "$TSLA")),
        ('search for "road closed"', Said(SEARCH, '"road closed"')),
        ("search for sale", Said(SEARCH, "for sale")),
        ("a quienes sigue", Said(HOME)),
        ("mi timeline", Said(HOME)),
        # money
        ("@inameh 1$", Said(ACCOUNT, "inameh", None, 1_000_000)),
        ("@inameh 0,50", Said(ACCOUNT, "inameh", None, 500_000)),
        ("@inameh 2 dólares", Said(ACCOUNT, "inameh", None, 2_000_000)),
        ("@inameh lluvia, $0,50", Said(ACCOUNT, "inameh", ("lluvia",), 500_000)),
        ("@inameh tope de 1 dólar", Said(ACCOUNT, "inameh", None, 1_000_000)),
        ("@inameh no más de 50 centavos diarios", Said(ACCOUNT, "inameh", None, 500_000)),
        ("@inameh at most USD 2 daily", Said(ACCOUNT, "inameh", None, 2_000_000)),
        ("@inameh max .50", Said(ACCOUNT, "inameh", None, 500_000)),
        ("@inameh magnitud 4.5", Said(ACCOUNT, "inameh", ("magnitud 4.5",))),
        ("@inameh límite de velocidad", Said(ACCOUNT, "inameh", ("límite de velocidad",))),
        ("@inameh más de 100 heridos", Said(ACCOUNT, "inameh", ("más de 100 heridos",))),
        ("search bono 2 dólares", Said(SEARCH, "bono 2 dólares")),
        ("@inameh lluvia max 2€", Said(ACCOUNT, "inameh", ("lluvia",), no_ceiling="max 2€")),
        ("@inameh max -1", Said(ACCOUNT, "inameh", no_ceiling="max -1")),
        ("@inameh max 1.000,50", Said(ACCOUNT, "inameh", no_ceiling="max 1.000,50")),
        ("@inameh sin tope", Said(ACCOUNT, "inameh", no_ceiling="sin tope")),
        ("@inameh hasta 20 publicaciones al día", Said(ACCOUNT, "inameh", no_ceiling="hasta 20 publicaciones al día")),
    ],
)
def test_what_is_meant(text: str, said: Said) -> None:
    assert typed.understood(text) == said


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("quitar @inameh", Order("remove", Said(ACCOUNT, "inameh"))),
        ("remove lista Servicios", Order("remove", Said(LIST, "Servicios"))),
        ("pausar @inameh", Order("pause", Said(ACCOUNT, "inameh"))),
        ("seguir @inameh", Order("resume", Said(ACCOUNT, "inameh"))),
        ("añadir @inameh", Order("add", Said(ACCOUNT, "inameh"))),
        ("quitar", Order("add", Said(None, "quitar"))),
        ("elimina a @inameh", Order("remove", Said(ACCOUNT, "inameh"))),
        ("deja de vigilar @inameh", Order("remove", Said(ACCOUNT, "inameh"))),
        ("unwatch @inameh", Order("remove", Said(ACCOUNT, "inameh"))),
        ("detener @inameh", Order("pause", Said(ACCOUNT, "inameh"))),
        ("agrega la cuenta @inameh", Order("add", Said(ACCOUNT, "inameh"))),
    ],
)
def test_what_is_to_be_done(text: str, order: Order) -> None:
    assert typed.order(text) == order


@pytest.mark.parametrize(
    ("text", "micros"),
    [("0,50", 500_000), (".5", 500_000), ("USD 1", 1_000_000), ("50 centavos", 500_000), ("hasta 2", 2_000_000),
     ("2 dólares diarios", 2_000_000), ("2€", None), ("1.000,50", None), ("$2", 2_000_000), ("1.5 dólares al día", 1_500_000), ("US$3/day", 3_000_000), ("nada", None),
     ("-1", None), ("1e9", None), ("٣", 3_000_000), ("", None)],
)  # fmt: skip
def test_what_an_amount_is(text: str, micros: int | None) -> None:
    assert typed.dollars(text) == micros


@given(st.text(max_size=300))
def test_whatever_is_typed_is_understood_or_not(text: str) -> None:
    assert typed.order(text).verb in ("add", "remove", "pause", "resume")
    assert typed.dollars(text) is None or typed.dollars(text) >= 0  # type: ignore[operator]
