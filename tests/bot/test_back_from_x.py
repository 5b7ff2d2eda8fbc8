"""With a public address X's redirect comes to us: the person who began says yes in the chat, nobody else gets anything
by it, and whatever is down, the browser reads a sentence. X is the sandbox's, over HTTP."""

import asyncio
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from pydantic import SecretStr

import models.settings
from bot.application import application
from bot.turns import Turns
from bot.web import CALLBACK_PATH, _site
from models.accounts import admins
from models.accounts.channels import Channel
from models.accounts.signing_in import SIGN_IN_LIFE, SignIn
from models.control import entrance
from models.notifications.notices import Notice
from models.settings import Settings, load
from sandbox.app import Sandbox
from sandbox.ports import free_port
from sandbox.stage import sandbox_environment
from sandbox.telegram import TOKEN
from tasks import signing_in as at_x
from tasks.clock import now
from tests.bot.conversation import ANA, Conversation, Shown
from tests.bot.on_x import connected
from tests.models.test_forgetting import stored

YES = ("Sí, conectar", "Yes, connect")


@dataclass
class World:
    """X over HTTP, the settings that point at it, and what our web reaches."""

    x: Sandbox
    settings: Settings
    site: web.Application

    def user(self, handle: str) -> Any:
        return next(u for u in self.x.world.users.values() if u.handle == handle)

    def allows(self, asked: Shown, handle: str) -> str:
        """Somebody signs in as this account on X's page and allows it: the address that X sends their browser to."""
        url = next(t for row in asked.buttons for _, t in row if t.startswith("http"))
        query = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
        code = self.x.world.tokens.grant_code(
            self.user(handle).id, query["redirect_uri"], query["code_challenge"], query["scope"]
        )
        return f"{CALLBACK_PATH}?state={query['state']}&code={code}"

    async def opens(self, path: str) -> tuple[int, str]:
        """A browser opens this: the status and the page. An exception would be a 500."""
        request = make_mocked_request("GET", path, headers={"Host": "canales.example"}, app=self.site)
        match = await self.site.router.resolve(request)
        answer = await match.handler(request)
        assert isinstance(answer, web.Response)
        assert isinstance(answer.text, str)
        return answer.status, answer.text

    def accesses(self) -> int:
        """How many accesses X would take now."""
        return sum(not token.revoked for token in self.x.world.tokens.access.values())


@pytest.fixture
def world(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    sandbox, port = Sandbox(), free_port()
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(sandbox.application(), access_log=None)

    async def begin() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    for name, value in sandbox_environment(f"http://127.0.0.1:{port}").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PUBLIC_URL", "https://canales.example")
    models.settings.settings.cache_clear()
    given = load()
    bot = application(given.model_copy(update={"telegram_token": SecretStr(TOKEN)}))  # Telegram never answered it
    yield World(sandbox, given, _site(bot, given, Turns(bot)))
    models.settings.settings.cache_clear()
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def code_of(page: str) -> str:
    """What the page has its reader write or tap."""
    found = re.search(r"(x-[\w-]+)", page)
    assert found is not None, page
    return found[1]


async def comes_back(world: World, who: Conversation, handle: str = "TraficoValle") -> str:
    """The person begins, allows it on X, and their browser is back: the code on its page."""
    asked = await who.types("/connect")
    status, page = await world.opens(world.allows(asked, handle))
    assert status == 200, page
    assert f"@{handle}" in page
    assert Channel.select().where(Channel.connected).count() == 0
    return code_of(page)


@pytest.mark.both_databases
async def test_the_person_confirms_in_the_chat_and_is_told(world: World, newcomer: Conversation) -> None:
    code = await comes_back(world, newcomer)
    await newcomer.types(f"/start {code}")
    newcomer.reads("@TraficoValle", "signed in to X as @TraficoValle")
    assert Channel.select().count() == 0
    await newcomer.taps(*YES)
    newcomer.reads("@TraficoValle es tuyo|@TraficoValle", "@TraficoValle is yours to steer")
    await newcomer.is_told("@TraficoValle está conectado", "@TraficoValle is connected")
    assert Channel.get().owner_id == ANA


async def test_it_is_told_that_somebody_came_back_also_long_after_telegram_was_down(
    world: World, newcomer: Conversation
) -> None:
    await comes_back(world, newcomer)
    await newcomer.is_told("@TraficoValle.*tu enlace", "signed in as @TraficoValle through your link")


async def test_connected_is_told_as_soon_as_telegram_is_back(world: World, newcomer: Conversation) -> None:
    code = await comes_back(world, newcomer)
    at_x.connect_waiting(code.removeprefix("x-"), ANA, now())
    newcomer.the_bot_is_restarted()
    await newcomer.types("/help")
    await newcomer.is_told("@TraficoValle está conectado", "@TraficoValle is connected")


async def test_a_second_tap_and_a_second_visit_change_nothing(world: World, newcomer: Conversation) -> None:
    asked = await newcomer.types("/connect")
    address = world.allows(asked, "TraficoValle")
    _, page = await world.opens(address)
    status, again = await world.opens(address)
    assert (status, "x-" in again) == (400, False)
    await newcomer.types(f"/start {code_of(page)}")
    shown = newcomer.answers[-1]
    yes = shown.buttons[0][0][1]
    await newcomer.presses(shown.id, yes)
    await newcomer.presses_unseen(shown, yes)
    newcomer.is_refused("ya se usó", "was used already")
    await newcomer.types(f"/start {code_of(page)}")
    newcomer.reads("ya se usó", "was used already")
    assert Channel.select().count() == 1


async def test_a_link_that_is_sent_to_a_victim_gives_nothing(world: World, newcomer: Conversation) -> None:
    """The attacker's link, the victim's browser: the code is on that page alone, and the chat of the victim refuses."""
    attacker = newcomer
    code = await comes_back(world, attacker, "LluviaYa")
    told = await attacker.is_told("@LluviaYa", "@LluviaYa")
    assert code not in told.html
    assert not told.buttons
    for guess in ("", "x", "signyes", TOKEN):
        await attacker.types(f"/start x-{guess}")
        attacker.reads("ya se usó", "was used already")
    victim = attacker.another(language=attacker.language)
    shown = await victim.types("/help")
    for forged in (f"signyes:{code.removeprefix('x-')}", "signyes:", "signyes:x"):
        await victim.presses_unseen(shown, forged)
        victim.is_refused("otra persona|ya se usó", "somebody else|was used already")
    await victim.types(f"/start {code}")
    victim.reads("lo empezó otra persona", "was begun by somebody else")
    assert "LluviaYa" not in victim.answers[-1].text
    assert Channel.select().count() == 0


async def test_what_came_to_the_wrong_person_is_worth_nothing_any_more(world: World, newcomer: Conversation) -> None:
    code = await comes_back(world, newcomer, "LluviaYa")
    victim = newcomer.another(language=newcomer.language)
    await victim.types(f"/start {code}")
    await newcomer.types(f"/start {code}")
    newcomer.reads("ya se usó", "was used already")
    assert (SignIn.get().pair, world.accesses()) == ("", 0)
    assert Channel.select().count() == 0


async def test_who_says_no_is_not_connected_and_nothing_is_kept(world: World, newcomer: Conversation) -> None:
    code = await comes_back(world, newcomer)
    await newcomer.types(f"/start {code}")
    await newcomer.taps("^No$")
    newcomer.reads("No se conectó nada", "Nothing was connected")
    assert Channel.select().count() == 0
    assert "TraficoValle" not in repr(stored())
    assert world.accesses() == 0
    await newcomer.types(f"/start {code}")
    newcomer.reads("ya se usó", "was used already")


async def test_a_forgotten_channel_leaves_no_sign_in_and_no_notice_of_it(world: World, newcomer: Conversation) -> None:
    code = await comes_back(world, newcomer)
    await newcomer.is_told("@TraficoValle", "@TraficoValle")
    await newcomer.types(f"/start {code}")
    await newcomer.taps(*YES)
    await newcomer.is_told("está conectado", "is connected")
    await newcomer.types("/disconnect")
    await newcomer.taps("Sí, desconectar", "Yes, disconnect")
    await newcomer.taps("Borrar", "Delete that too")
    await newcomer.taps("Sí, ", "Yes, delete it all")
    newcomer.reads("@TraficoValle", "Nothing of @TraficoValle is kept here any more")
    assert "TraficoValle" not in repr(stored())
    assert Notice.select().count() == 0


async def test_a_code_is_too_old_after_a_quarter_of_an_hour(world: World, newcomer: Conversation) -> None:
    code = await comes_back(world, newcomer)
    await newcomer.types(f"/start {code}")
    shown = newcomer.answers[-1]
    SignIn.update(expires_at=now() - timedelta(seconds=1)).execute()
    await newcomer.presses(shown.id, shown.buttons[0][0][1])
    newcomer.is_refused("15 minutos", "older than 15 minutes")
    await newcomer.types(f"/start {code}")
    newcomer.reads("15 minutos", "older than 15 minutes")
    assert Channel.select().count() == 0
    assert timedelta(minutes=15) == SIGN_IN_LIFE


async def test_what_somebody_else_connected_meanwhile_stays_theirs(world: World, newcomer: Conversation) -> None:
    code = await comes_back(world, newcomer)
    ben = newcomer.another(language=newcomer.language)
    connected("TraficoValle", ben)
    Channel.update(x_user_id=world.user("TraficoValle").id).execute()
    await newcomer.types(f"/start {code}")
    await newcomer.taps(*YES)
    newcomer.reads("lo lleva otra persona|lleva", r"is run by somebody else here \(Ben\)")
    assert Channel.get().owner_id == ben.person
    await newcomer.types(f"/start {code}")
    newcomer.reads("ya se usó", "was used already")


# --- whatever comes, a page ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "", "?", "?state=", "?state=a", "?code=b", "?state=a&code=b", "?state=%00&code=%00", "?state=a&error=denied",
        "?state[]=a&code[]=b", "?state=" + "x" * 5000 + "&code=b", "?state=%ff%fe&code=b", "?state=a&state=b&code=c&code=d",
    ],
)  # fmt: skip
async def test_what_is_no_sign_in_gets_a_page(world: World, query: str) -> None:
    status, page = await world.opens(CALLBACK_PATH + query)
    assert status == 400
    assert "/connect" in page


async def test_who_said_no_at_x_reads_so_in_their_language(world: World, newcomer: Conversation) -> None:
    asked = await newcomer.types("/connect")
    address = world.allows(asked, "TraficoValle").partition("&code")[0]
    status, page = await world.opens(address + "&error=access_denied")
    assert status == 200
    assert re.search(newcomer.t("Dijiste que no", "You said no"), page)


async def test_an_old_link_reads_so(world: World, newcomer: Conversation) -> None:
    asked = await newcomer.types("/connect")
    SignIn.update(expires_at=now() - timedelta(seconds=1)).execute()
    status, page = await world.opens(world.allows(asked, "TraficoValle"))
    assert (status, "15 minutes" in page) == (400, True)


@pytest.mark.parametrize("fault", ["error_5xx", "limit_429", "nobody listens", "a code of nobody's"])
async def test_where_x_does_not_answer_the_browser_reads_so(
    world: World, newcomer: Conversation, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await newcomer.types("/connect")
    address = world.allows(asked, "TraficoValle")
    if fault == "nobody listens":
        monkeypatch.setenv("X_API_URL", f"http://127.0.0.1:{free_port()}")
        models.settings.settings.cache_clear()
    elif fault == "a code of nobody's":
        address = re.sub("code=.*", "code=nobodys", address)
    else:
        world.x.faults.set(fault, 1.0)
    status, page = await world.opens(address)
    assert status == 502
    assert re.search(newcomer.t("Empieza otra vez|Empieza de nuevo|/connect", "Start again"), page)
    assert Channel.select().count() == 0


async def test_who_was_put_out_meanwhile_gets_nothing_by_x_s_page_nor_by_the_code_of_one_that_was_shown(
    world: World, newcomer: Conversation
) -> None:
    asked = await newcomer.types("/connect")
    path = world.allows(asked, "TraficoValle")
    code = await comes_back(world, newcomer, "LluviaYa")
    accesses = world.accesses()
    assert entrance.put_out(ANA, 1, now())
    status, page = await world.opens(path)
    assert (status, world.accesses()) == (403, accesses)  # X was not asked
    assert newcomer.t("Ya no tienes acceso aquí", "no longer have access here") in page
    await newcomer.types(f"/start {code}")
    newcomer.reads("Ya no tienes acceso aquí", "no longer have access here")
    assert not Channel.select().exists()


async def test_from_the_first_start_to_admin_to_a_connected_channel_it_is_six_taps(
    world: World, newcomer: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models.settings.settings(), "sign_up", "")
    await newcomer.types("/start")
    newcomer.reads("Todavía no puede entrar nadie", "Nobody can come in yet")
    await newcomer.types(f"/start admin-{admins.first_code(now())}")  # 1: the link that the start printed
    newcomer.reads("Ahora llevas tú este servicio", "You run this service now")
    asked = await newcomer.taps("Conectar una cuenta", "Connect an X account")  # 2
    assert asked is not None
    _, page = await world.opens(world.allows(asked, "TraficoValle"))  # 3: X ↗   4: X's yes
    await newcomer.types(f"/start {code_of(page)}")  # 5: « Back to Telegram
    await newcomer.taps(*YES)  # 6
    newcomer.reads("@TraficoValle", "@TraficoValle is yours to steer")
    assert Channel.get().owner_id == ANA
