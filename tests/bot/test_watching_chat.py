"""What a channel watches, in the chat: typed and tapped, looked up at X, priced before it is chosen, and undone."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from engine.watching import Ceiling, WatchedKind, Way
from models.accounts.people import Person
from models.control import leases
from models.settings import Settings
from models.watching import drafts, watched
from models.watching.brought import WatchedDay, day_of
from models.watching.drafts import WatchDraft
from models.watching.watched import Watched, WatchedStatus
from sandbox.app import Sandbox
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel
from tests.tasks.nearby_x import nearby_x, sign_in

LIST = "1746000000000000001"


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with nearby_x(monkeypatch) as sandbox:
        yield sandbox


@pytest.fixture
def eva(x: Sandbox, db: Settings, newcomer: Conversation) -> Conversation:
    """Ana, who runs @TraficoValle, which X knows."""
    sign_in(x, "TraficoValle")
    Person.update(language=newcomer.language).execute()
    return newcomer


def say(x: Sandbox, handle: str, *texts: str) -> None:
    for text in texts:
        x.world.post(x.world.user(handle).id, text, by_app=False)


def rows() -> list[Watched]:
    return watched.of(channel().id)


async def test_an_account_is_offered_with_its_last_day_and_its_price_and_watched_by_a_tap(
    eva: Conversation, x: Sandbox
) -> None:
    say(x, "inameh", "lluvia en el valle", "sol en la costa", "más lluvia")
    await eva.types("/vigilar @inameh", "/watch @inameh")
    eva.reads(
        r"¿vigilar @inameh\?.*último día trajo 3 publicaciones. Cada una cuesta \$0.005:.*⚡ X avisa en segundos: \$0.015 al día"
        r".*🕐 Se le pregunta a X cada minuto: \$0.015 al día.*Mirarlo costó \$0.025.*todo lo suyo.*\$0.50 al día: 100",
        r"watch @inameh\?.*brought 3 posts. Each costs \$0.005:.*⚡.*: \$0.015 a day.*🕐.*\$0.015 a day.*This look cost \$0.025.*Everything.*\$0.50 a day: 100",
    )
    await eva.taps("^🎯")
    await eva.types("lluvia, «vía cerrada»")
    eva.reads("2 de las 3 más recientes.*lluvia, vía cerrada", "2 of the newest 3 posts hold.*lluvia, vía cerrada")
    await eva.taps(r"^\$2$")
    await eva.taps("^🕐")
    assert rows() == []
    await eva.taps("^✅ Vigilar", "^✅ Watch it")
    eva.reads("@inameh.*Se oye: 🕐.*Hoy: 0 publicaciones", "@inameh.*It is heard: 🕐.*Today: 0 posts")
    (row,) = rows()
    assert (row.name, row.way, row.words, row.ceiling) == (
        "inameh", Way.POLL, ("lluvia", "vía cerrada"), Ceiling(cost=2_000_000),
    )  # fmt: skip
    await eva.taps("Deshacer", "Undo")
    assert rows() == []


@pytest.mark.parametrize(
    ("typed", "spanish", "english"),
    [
        ("/watch nada raro", "¿Es «nada raro» una cuenta.*/watch @inameh", "Is “nada raro” an account.*/watch @inameh"),
        ("/watch @no-es", "no es un nombre de X.*/watch @inameh", "is no name on X.*/watch @inameh"),
        ("/watch @inameh max 2€", "«max 2€» no es.*/watch @inameh tope 0.50", "“max 2€” is no amount.*/watch @inameh max 0.50"),
        ("/watch @inameh y @metro", "De una en una.*/watch @metro", "One at a time.*/watch @metro"),
        ("/watch search choque o accidente", "«o» sería una palabra.*choque OR accidente", "“o” would be.*choque OR accidente"),
        ("/watch search metro is:retweet", "is:retweet trae reposts", "is:retweet brings reposts"),
        ("/watch cuenta", "¿A quién\\?.*@inameh", "Whom\\?.*@inameh"),
        ("/watch list", "📋.*Mándame la dirección.*x.com/i/lists", "📋.*Send me the address.*x.com/i/lists"),
        ("/watch search", "¿Buscar qué\\?", "Search for what\\?"),
        ("/watch search lang:es", "lang:es solo acota", "lang:es only narrows"),
        ("/watch search choque filter:links", "Aquí es has:links", "Here it is has:links"),
        ("/watch search choque min_faves:5", "min_faves:5.*quítalo", "min_faves:5.*leave it out"),
        ("/watch search choque color:rojo", "X no conoce color:rojo", "X knows no color:rojo"),
        ('/watch search "vía', "Falta una comilla", "quotation mark is missing"),
        ("/watch search (vía", "Falta un paréntesis", "bracket is missing"),
        ("/watch search -promo", "-promo solo dice lo que se deja fuera", "-promo only says what is left out"),
        ("/watch search vía OR", "OR quiere algo a cada lado", "OR wants something on both sides"),
        ("/watch search " + "palabra " * 80, "demasiado larga", "too long"),
        ("/watch @inameh ***", "el \\* va al final|ninguna palabra", "holds no word|goes at the end"),
        ("/watch @inameh max 99999", "no es una cantidad de dólares", "is no amount of dollars"),
        ("/watch remove @nadie", "no se vigila", "is not watched. What is: /watch"),
    ],
)  # fmt: skip
async def test_what_can_not_be_meant_is_refused_with_what_was_wrong_and_a_right_example(
    ana: Conversation, typed: str, spanish: str, english: str
) -> None:
    await ana.types(typed)
    ana.reads(spanish, english)
    assert rows() == []


async def test_what_x_does_not_show_to_all_is_refused(eva: Conversation, x: Sandbox) -> None:
    for typed, spanish, english in (
        ("/watch @nadie_aqui", "Nadie en X se llama @nadie_aqui.*/watch @inameh", "Nobody on X is called @nadie_aqui"),
        ("/watch @cuenta_caida", "X suspendió a @cuenta_caida", "X has suspended @cuenta_caida"),
        ("/watch x.com/puertas_adentro", "solo a quien ella eligió", "only to whom it chose"),
        ("/watch @TraficoValle @TraficoValle", "es un canal que yo manejo", "is a channel that I run"),
        ("/watch list 1746000000000000003", "no muestra ninguna lista 1746000000000000003", "shows no list 17460000"),
        ("/watch list Nada", "no tiene ninguna lista pública «Nada». Tiene: Servicios", "no public list “Nada”. It has: Serv"),
    ):  # fmt: skip
        await eva.types(typed)
        eva.reads(spanish, english)
    assert rows() == []


async def test_a_search_and_a_list_and_whom_it_follows_are_typed_and_tapped(eva: Conversation, x: Sandbox) -> None:
    say(x, "maria_rdz", "vía cerrada en caracas")
    await eva.types('/vigilar buscar "vía cerrada" caracas', '/watch search "vía cerrada" caracas')
    eva.reads(
        '¿vigilar "vía cerrada" caracas\\?.*trajo 1 publicación', 'watch "vía cerrada" caracas\\?.*brought 1 post'
    )
    await eva.taps("^✅ Vigilar", "^✅ Watch it")
    await eva.types("/watch")
    eva.reads(
        '✅ 🔎 "vía cerrada" caracas · 0 pub.*Hoy en total: \\$0.00', '"vía cerrada" caracas · 0 posts.*Today in all'
    )
    await eva.taps("➕ Lista", "➕ List")
    await eva.taps("Servicios del Valle")
    eva.reads("¿vigilar Servicios del Valle\\?.*no trajo nada.*🕐", "watch Servicios del Valle\\?.*brought nothing.*🕐")
    await eva.taps("^✅ Vigilar", "^✅ Watch it")
    await eva.types("/watch")
    await eva.taps("➕ A quien sigue", "➕ Whom it follows")
    await eva.taps("^✅ Vigilar", "^✅ Watch it")
    await eva.types("/watch")
    await eva.taps("➕ Cuenta", "➕ Account")
    await eva.types("https://x.com/MetroValle?s=20 retraso, accidente tope 0,25 al día")
    eva.reads("@MetroValle.*retraso, accidente.*\\$0.25", "@MetroValle.*retraso, accidente.*\\$0.25")
    await eva.taps("^✅ Vigilar", "^✅ Watch it")
    assert [(r.kind, r.key.partition(" ")[0], r.way) for r in rows()] == [
        (WatchedKind.SEARCH, '"vía', Way.STREAM), (WatchedKind.LIST, LIST, Way.POLL), (WatchedKind.HOME, "", Way.POLL),
        (WatchedKind.ACCOUNT, str(x.world.user("MetroValle").id), Way.STREAM),
    ]  # fmt: skip
    await eva.types("/watch lista x.com/i/lists/" + LIST)
    eva.reads("lo vigila ya.*Servicios", "watches it already.*Servicios")


async def test_what_is_watched_is_paused_changed_removed_and_brought_back(eva: Conversation, x: Sandbox) -> None:
    await eva.types("/watch @inameh")
    await eva.taps("^✅ Vigilar", "^✅ Watch it")
    (row,) = rows()
    await eva.types("/status")
    eva.reads(
        "🟡 Conectando con lo que vigilan.*oye menciones.*1 vigilado", "🟡 Connecting to what channels.*1 watched"
    )
    leases.take(leases.WATCHING, "somebody", now())
    leases.renew(leases.WATCHING, "somebody", now(), {"connected_at": now().timestamp()})
    await eva.types("/status")
    eva.reads("🟢 Vigilando lo que vigilan los canales", "🟢 Watching what channels watch")
    WatchedDay.insert(
        watched_id=row.id, channel_id=row.channel_id, day=day_of(now(), ZoneInfo("UTC")),
        posts=12, cost=60_000,
    ).execute()  # fmt: skip
    await eva.types("/watch")
    eva.reads(r"@inameh · 12 publicaciones · 🔁 0 · \$0.06 de \$0.50", r"@inameh · 12 posts · 🔁 0 · \$0.06 of \$0.50")
    await eva.taps("@inameh")
    await eva.taps("Pausar", "Pause")
    assert rows()[0].status is WatchedStatus.PAUSED
    await eva.taps("Seguir", "Go on")
    await eva.types("/watch @inameh lluvia, alerta max 2")
    eva.reads("@inameh.*lluvia, alerta.*\\$2.00", "@inameh.*lluvia, alerta.*\\$2.00")
    await eva.taps("Deshacer", "Undo")
    eva.reads("como estaba.*@inameh.*todo lo suyo.*\\$0.50", "as it was.*@inameh.*Everything.*\\$0.50")
    await eva.taps("Otro", "Other")
    await eva.types("mucho")
    eva.reads("no es una cantidad de dólares", "is no amount of dollars")
    await eva.types("0,75")
    assert rows()[0].ceiling == Ceiling(cost=750_000)
    await eva.types("/vigilar quitar @inameh", "/watch remove @inameh")
    assert rows() == []
    await eva.taps("Deshacer", "Undo")
    assert [(r.id, r.ceiling) for r in rows()] == [(row.id, Ceiling(cost=750_000))]
    await eva.types("/vigilar pausar @INAMEH", "/watch pause @INAMEH")
    assert rows()[0].status is WatchedStatus.PAUSED
    Watched.update(status=WatchedStatus.CEILING).execute()
    await eva.types("/vigilar sigue @inameh", "/watch resume @inameh")
    eva.reads("trajo bastante por hoy. Súbele el tope", "brought enough for today. Raise its ceiling")
    assert rows()[0].status is WatchedStatus.CEILING
    await eva.taps(r"^\$2$")
    assert rows()[0].status is WatchedStatus.ON


async def test_x_that_gives_no_answer_changes_nothing_and_is_asked_again(eva: Conversation, x: Sandbox) -> None:
    x.faults.set("error_5xx", 1, on=["lookup"])
    await eva.types("/watch @inameh lluvia")
    eva.reads("X no contesta sobre @inameh ahora.*Nada cambió", "X gives no answer about @inameh right now")
    x.faults.set("error_5xx", 1, on=["timeline"])
    await eva.taps("Preguntar otra vez", "Ask again")
    eva.reads("X no dijo qué trajo.*lluvia", "X did not say what the last day brought.*lluvia")
    x.faults.set("error_5xx", 0)
    say(x, "inameh", "lluvia")
    await eva.taps("Preguntar otra vez", "Ask again")
    eva.reads("trajo 1 publicación", "brought 1 post")
    await eva.taps("^✖️ No")
    eva.reads("no se añadió nada", "nothing was added")
    assert (rows(), [(d.is_over, d.sample) for d in WatchDraft.select()]) == ([], [(True, "")])


async def test_two_taps_watch_once_and_a_full_room_says_so(eva: Conversation, x: Sandbox) -> None:
    await eva.types("/watch @inameh")
    await eva.taps_twice("^✅ Vigilar", "^✅ Watch it")
    assert len(rows()) == 1
    kept = {"channel_id": channel().id, "kind": WatchedKind.LIST, "way": Way.POLL}
    calls = len(x.wire.exchanges)
    kept_drafts = {
        "channel_id": channel().id,
        "person_id": 7,
        "kind": WatchedKind.HOME,
        "way": Way.POLL,
        "made_at": now(),
    }
    WatchDraft.insert_many([kept_drafts] * drafts.MOST_A_DAY).execute()
    await eva.types("/watch @MetroValle")
    eva.reads("X cobra cada mirada.*mañana", "X charges for each look.*tomorrow")
    assert len(x.wire.exchanges) == calls
    WatchDraft.delete().execute()
    Watched.insert_many([{**kept, "key": str(n)} for n in range(watched.MOST_EACH - 1)]).execute()
    await eva.types("/watch @MetroValle")
    eva.reads("100 cosas.*Quita una", "100 things.*Remove one")
