"""Who may come in: closed, asked, let in, refused, put out; no door is open to who is not in, and limits hold."""

from datetime import timedelta

import pytest

from bot import commands
from bot.accounts import signing_in as chat
from bot.chat.door import ways
from bot.chat.targets import TARGETS, pack
from bot.control import newcomers
from models.accounts import admins, admission, limits, people, signing_in, standings
from models.accounts.admission import SignUp
from models.accounts.channels import Channel, OffReason
from models.accounts.limits import EVERYBODY, Limited
from models.accounts.people import Person
from models.accounts.standings import Admission, Standing
from models.inbox import Inbox
from models.notifications.notices import Notice
from models.publishing.drafts import DraftRow
from models.settings import Settings, settings
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import connected
from tests.bot.pictures import photo
from tests.bot.test_buttons import example

ANA, EVA, STRANGER = 7, 20, 30


@pytest.fixture(autouse=True)
def as_it_begins(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a service is from its first start on: nothing is set, and nobody runs it."""
    monkeypatch.setattr(settings(), "sign_up", "")
    monkeypatch.setattr(settings(), "limits", {})
    monkeypatch.setattr(settings(), "admin_ids", ())


@pytest.fixture
def boss(db: Settings) -> Conversation:
    """Ana, who runs the service."""
    people.person(ANA, "Ana", "es", now())
    admins.make(ANA, ANA, now())
    return Conversation(db, language="es")


@pytest.fixture
def eva(boss: Conversation) -> Conversation:
    """Eva, whom nobody knows."""
    return boss.another(EVA, "en", "Eva")


def stored() -> dict[str, int]:
    """How much there is of what a stranger could leave."""
    return {t.__name__: t.select().count() for t in (Channel, DraftRow, signing_in.SignIn, Admission, Notice)}


async def test_the_first_start_to_admin_to_the_way_to_x(db: Settings) -> None:
    ana = Conversation(db, language="en")
    await ana.types("/start")
    ana.reads("Nobody can come in yet.*ADMIN_IDS=7")
    await ana.types("/start admin-guess")
    ana.reads("don't know that link")
    code = admins.first_code(now()) or ""
    await ana.types(f"/start admin-{code}")
    ana.reads("You run this service now.*/admin")
    ben = ana.another()
    await ben.types(f"/start admin-{code}")
    ben.reads("somebody runs this service already")
    await ana.taps("Who may come in")
    ana.reads("Who may come in.*Whom we let in.*1 person is in")
    await ana.types("/connect")
    ana.reads("Open X")


async def test_the_link_dies_and_is_opened_again(db: Settings) -> None:
    ana = Conversation(db, language="en")
    code = admins.first_code(now()) or ""
    ana.writes(f"/start admin-{code}")
    assert await ana.the_bot_dies(0, after=False)
    await ana.goes_on()
    ana.reads("You run this service now")
    assert admins.ids() == [ANA]


async def test_asked_and_let_in(boss: Conversation, eva: Conversation) -> None:
    await eva.types("/start")
    eva.reads("lets people in one by one.*/join")
    await eva.taps("Ask to come in")
    eva.reads("I have asked")
    await eva.types("/join once more")
    eva.reads("You asked to come in .* as soon as")
    asked = await boss.is_told("Eva.*20 pide entrar")
    await boss.taps("Dejar entrar", under=asked)
    boss.reads("Eva.*ya está dentro")
    await eva.is_told("You are in: who runs this service")
    await eva.types("/connect")
    eva.reads("Open X")


async def test_of_two_who_decide_the_first_counts_and_both_see_who_it_was(
    boss: Conversation, eva: Conversation
) -> None:
    admins.make(8, ANA, now())
    ben = boss.another(8, "en", "Ben")
    await ben.types("/admin")
    await eva.types("/join <b>I</b> run @TraficoValle")
    asked = await boss.is_told("pide entrar.*«<b>I</b> run @TraficoValle»")
    await boss.taps("Rechazar", under=asked)
    boss.reads("No se dejó entrar a Eva")
    await eva.is_told("did not let you in this time")
    ben.finds("Ana did not let Eva .* in")
    old = await ben.types("/admin requests")
    await ben.presses_unseen(old, pack(newcomers.AcceptIn(EVA)))
    ben.reads("Ana did not let Eva .* in.*was not let in")
    assert standings.standing_of(EVA) is Standing.REFUSED


async def test_who_was_refused_asks_again_after_a_month_and_not_before(boss: Conversation, eva: Conversation) -> None:
    await eva.types("/join")
    await boss.types("/admin refuse 20")
    await eva.types("/join")
    eva.reads("did not let you in. You may ask again from")
    assert standings.standing_of(EVA) is Standing.REFUSED
    Admission.update(at=now() - timedelta(days=31)).where(Admission.person_id == EVA).execute()
    await eva.types("/join again")
    eva.reads("I have asked")


async def test_an_invitation_works_once_and_not_where_nobody_new_may_come(
    boss: Conversation, eva: Conversation
) -> None:
    await boss.types("/admin invitar")
    code = boss.answers[-1].text.rpartition("/start ")[2]
    await boss.types("/admin cerrada")
    boss.reads("Nadie nuevo")
    await eva.types(f"/start {code}")
    eva.reads("Nobody new can come in")
    await boss.taps("A quien dejemos")
    await eva.types(f"/start {code}")
    eva.reads("You are in, Eva")
    ben = boss.another()
    await ben.types(f"/start {code}")
    ben.reads("used or is too old.*one by one")
    await boss.types("/admin closed")
    await boss.types("/admin invite")
    boss.reads("nadie nuevo puede entrar")


async def test_who_is_put_out_is_answered_no_more_their_channels_stop_and_all_comes_back(
    boss: Conversation, eva: Conversation
) -> None:
    admission.let_in(EVA, ANA, now())
    channel = connected("TraficoValle", eva)
    await eva.types("/triggers add choque")
    asked = eva.answers[-1]
    await boss.types("/admin out Eva")
    boss.reads("Eva.*está fuera")
    off = Channel.get_by_id(channel.id)
    assert (off.is_on, off.off_reason) == (False, OffReason.PUT_OUT)
    await eva.is_told("has ended your access")
    for typed in (
        "/on",
        "/channels",
        "/post hola",
        "/join",
        "/connect",
        "hola",
        "/start team-x",
        "/start x-1",
        "/start in-x",
    ):
        await eva.types(typed)
        eva.reads("no longer have access")
    await eva.presses(asked.id, asked.buttons[0][0][1])
    eva.is_refused("no longer have access")
    await boss.taps("Deshacer")
    on = Channel.get_by_id(channel.id)
    assert (on.is_on, on.off_reason) == (True, OffReason.NONE)
    boss.reads("está dentro, hace 1 segundo")
    await eva.is_told("let you in again. Your channels go on")
    await eva.types("/channels")
    eva.reads("Your channels")


async def test_whoever_came_by_an_open_door_stays_when_it_closes(boss: Conversation, eva: Conversation) -> None:
    await boss.types("/admin open")
    connected("TraficoValle", eva)
    ben = boss.another()
    await ben.types("/help")
    await boss.types("/admin closed")
    await eva.types("/channel")
    eva.reads("TraficoValle")
    await ben.types("/help")
    ben.reads("Nobody new can come in")


# --- every door ----------------------------------------------------------------------------------------------


async def test_no_command_of_a_stranger_reaches_its_handler(boss: Conversation, eva: Conversation) -> None:
    for command in commands.COMMANDS:
        if command.name in ("join", "language"):  # which are open, and change nothing of a channel
            continue
        await eva.types(f"/{command.name} @TraficoValle x")
        eva.reads("lets people in one by one")
    assert stored() == {"Channel": 0, "DraftRow": 0, "SignIn": 0, "Admission": 0, "Notice": 0}


async def test_no_button_of_a_stranger_reaches_its_handler(boss: Conversation, eva: Conversation) -> None:
    channel = connected("TraficoValle", boss)
    shown, before = await eva.types("/start"), stored()
    for word, kind in TARGETS.items():
        if getattr(kind, "for_strangers", False):
            assert word in ("askin", "lang")
            continue
        named = {"channel": channel.id} if "channel" in kind.__annotations__ else {}
        await eva.presses_unseen(shown, pack(example(kind, **named)))
        eva.is_refused("lets people in one by one")
    assert stored() == before


async def test_nothing_else_that_a_stranger_sends_is_taken(boss: Conversation, eva: Conversation) -> None:
    await eva.sends("plaza.png", photo("blue"), "La plaza hoy")
    eva.reads("one by one")
    await eva.sends("filters.csv", "filter,promo\n", "/import")
    eva.reads("one by one")
    await eva.forwards("choque en la A1")
    eva.reads("one by one")
    await eva.types("https://x.com/canales?state=a&code=b")
    eva.reads("one by one")
    number = eva.last_written()
    await eva.edits(number, "/post something else")
    assert eva.everything()[-1].text.count("one by one")
    for link in ("x-code", "team-code", "undo-1"):
        await eva.types(f"/start {link}")
        eva.reads("one by one|used or is too old")
    assert stored() == {"Channel": 0, "DraftRow": 0, "SignIn": 0, "Admission": 0, "Notice": 0}


async def test_a_sign_in_that_was_begun_ends_at_each_of_its_doors_for_who_was_put_out(
    boss: Conversation, eva: Conversation
) -> None:
    admission.let_in(EVA, ANA, now())
    await eva.types("/connect")
    link = eva.answers[-1].buttons[0][0][1]
    state = link.partition("state=")[2].partition("&")[0]
    await boss.types("/admin out 20")
    await eva.types(f"http://127.0.0.1/canales?state={state}&code=c")
    eva.reads("no longer have access")
    assert signing_in.SignIn.get().used_at is None
    shown = await eva.types("/start x-confirmation")
    await eva.presses_unseen(shown, pack(chat.ConfirmSignIn("confirmation")))
    eva.is_refused("no longer have access")


async def test_who_helps_with_a_channel_comes_as_far_as_that_and_connects_none(
    boss: Conversation, eva: Conversation
) -> None:
    connected("TraficoValle", boss)
    await boss.types("/team")
    await boss.taps("Invitar")
    await boss.taps("Hacer el enlace")
    await eva.types("/start team-" + boss.answers[-1].text.rpartition("team-")[2])
    eva.reads("team of @TraficoValle")
    await eva.types("/connect")
    eva.reads("help with somebody's channel.*one by one")
    await eva.types("/help")
    eva.reads("How it works")


# --- for who runs it -----------------------------------------------------------------------------------------


async def test_the_panel_is_for_who_runs_the_service_by_every_button_of_it(
    boss: Conversation, eva: Conversation
) -> None:
    admission.let_in(EVA, ANA, now())
    shown, before = await eva.types("/admin"), stored()
    eva.reads("for who runs me")
    theirs = ("bot.control.aside", "bot.control.entry", "bot.control.newcomers", "bot.control.limiting")
    kinds = [k for k in TARGETS.values() if k.__module__ in theirs]
    for kind in (ways.Admin, ways.PersonCard, *kinds):
        await eva.presses_unseen(shown, pack(example(kind)))
        eva.is_refused("for who runs me")
    assert stored() == before
    assert admins.ids() == [ANA]


async def test_another_runs_it_too_and_the_last_one_stays(boss: Conversation, eva: Conversation) -> None:
    await boss.types("/admin make 20")
    boss.reads("Déjalo entrar antes")
    admission.let_in(EVA, ANA, now())
    await eva.types("/start")
    await boss.types("/admin Eva")
    await boss.taps("También lleva este servicio")
    assert admins.ids() == [ANA, EVA]
    await boss.types("/admin out Eva")
    boss.reads("lleva este servicio")
    await eva.types("/admin unmake 7")
    assert admins.ids() == [EVA]
    await eva.types("/admin unmake 20")
    eva.reads("Nobody else runs this service")


async def test_of_who_never_wrote_nothing_is_said_that_is_not_so(boss: Conversation) -> None:
    await boss.types("/admin fuera 77")
    said = boss.reads("77.*está fuera. Nunca me ha escrito").text
    assert "Se lo dije" not in said
    await boss.types("/admin hacer 77")
    boss.reads("Déjalo entrar antes.*/admin aceptar 77")
    await boss.types("/admin administradores")
    boss.reads("/admin hacer 123456789")


async def test_limits_are_tapped_and_typed_for_all_and_for_one(boss: Conversation, eva: Conversation) -> None:
    admission.let_in(EVA, ANA, now())
    await boss.types("/admin límites")
    boss.reads("Canales: 3.*Programaciones: 200.*2,000.*20.00")
    await boss.taps("Canales")
    await boss.taps("10")
    boss.reads("Canales: 10")
    await boss.types("/admin limits dinero 12.50")
    assert limits.most(EVA, Limited.MONEY) == 12_500_000
    await boss.types("/admin limits 20 canales 1")
    boss.reads("Canales: 1 \\(solo para")
    await boss.types("/admin limits 20 channels none")
    assert limits.most(EVA, Limited.CHANNELS) is None
    await boss.types("/admin limits 20 channels todos")
    assert limits.most(EVA, Limited.CHANNELS) == 10
    for wrong in (
        "channels -1",
        "channels 1.5",
        "channels muchos",
        "channels 99999999",
        "money 1.234",
    ):
        await boss.types(f"/admin limits {wrong}")
        boss.reads("no es un número.*/admin límites canales 5")
    await boss.types("/admin limits Nadie channels 1")
    boss.reads("No conozco a nadie")
    assert limits.most(EVA, Limited.CHANNELS) == 10
    assert limits.most(ANA, Limited.CHANNELS) is None  # who runs it has no end


async def test_a_word_too_many_is_refused_with_a_sentence_whatever_would_add_it(
    boss: Conversation, eva: Conversation
) -> None:
    admission.let_in(EVA, ANA, now())
    connected("TraficoValle", eva)
    limits.allow(EVERYBODY, Limited.KEYWORDS, 2)
    await eva.types("/triggers add one")
    await eva.types("/filters add three")
    eva.reads("You may have 2 words.*have 2.*nothing was stored.*/triggers remove crash.*allow you more")
    await eva.types("/triggers remove one")
    removed = eva.answers[-1]
    await eva.types("/filters add three")
    eva.reads("three")
    await eva.taps("Undo", under=removed)
    eva.is_refused("You may have 2 words")
    await eva.types("/filters remove three")
    await eva.taps("Undo", under=removed)
    assert "as it was" in eva.answers[-1].text
    await eva.sends("triggers.csv", "trigger\nfive\nsix\n", "/import triggers")
    await eva.taps("Add|Store|Bring|Import")
    assert "You may have 2 words" in (eva.toast or eva.answers[-1].text)


async def test_a_schedule_too_many_is_refused_with_a_sentence(boss: Conversation, eva: Conversation) -> None:
    admission.let_in(EVA, ANA, now())
    connected("TraficoValle", eva)
    limits.allow(EVERYBODY, Limited.SCHEDULES, 1)
    for text in ("Good morning", "Good evening"):
        await eva.types(f"/schedule every monday 7:15 {text}")
        await eva.taps("Schedule it")
    assert re_found(eva, "You may have 1 schedule")
    await eva.types("/slots 8:00 18:00")
    await eva.types("/queue Third")
    assert re_found(eva, "You may have 1 schedule")


def re_found(who: Conversation, text: str) -> bool:
    return text in who.toast or any(text in shown.text for shown in who.answers)


async def test_nobody_is_kept_of_who_only_looked(boss: Conversation, eva: Conversation) -> None:
    await eva.types("hola")
    assert standings.standing_of(EVA) is None
    assert Person.get_by_id(EVA).name == "Eva"
    assert not Inbox.select().where(Inbox.done_at.is_null()).exists()
    assert admission.sign_up() is SignUp.INVITED
