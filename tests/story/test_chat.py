"""By chat only: panels, wizards, refusals with a right example, and who may press what. One stage for all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands import COMMANDS
from sandbox.stage import ANA, BEN, Stage

NO_PANEL = ("on", "off", "cancel", "test", "start", "import", "export", "aside")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Ana (Spanish) runs @TraficoValle; Ben (English) has @LluviaYa."""
    with Stage(tmp_path_factory.mktemp("chat") / "stage", ADMIN_IDS=f"{ANA},{BEN}") as stage:
        stage.do("/sandbox/telegram/act", act="limits", on=False)
        stage.start("web", "streams", "worker", "voices", "journal")
        stage.connect("TraficoValle", ANA)
        stage.connect("LluviaYa", BEN)
        yield stage


@pytest.mark.parametrize(
    ("typed", "spanish", "english"),
    [
        ("/triggers add", r"¿Qué palabra\? Por ejemplo: /disparadores añadir choque", r"Which word\? For example"),
        (
            "/filters add " + "x" * 101,
            "como mucho 100 caracteres. Por ejemplo: /filtros añadir",
            "at most 100 characters",
        ),
        ("/triggers add https://a.b/c", "no tiene ninguna palabra", "holds no word"),
        ("/triggers nada", "No entiendo nada aquí. Por ejemplo", "I don't know nada here. For example"),
        ("/triggers remove nunca", "nunca no está en la lista", "nunca is not in the list"),
        ("/channel @nadie", "@nadie no es uno de tus canales. Tienes: @", "@nadie is not one of your channels"),
        (
            "/gap mucho",
            "no es un número de segundos de 0 a 3600. Por ejemplo: /intervalo 20",
            "is not a number of seconds",
        ),
        ("/gap 99999", "Por ejemplo: /intervalo 20", "For example: /gap 20"),
        ("/fresh 0", "Por ejemplo: /frescura 15", "For example: /fresh 15"),
        ("/mentions quizá", "Di sí o no. Por ejemplo: /menciones no", "Say on or off"),
        ("http://127.0.0.1/canales?state=abc", "no hay ningún código", "There is no code in that address"),
        ("http://127.0.0.1/canales?state=abc&code=x", "No conozco ese inicio de sesión", "I don't know that sign-in"),
        ("/nosuch", "No conozco /nosuch", "I don't know /nosuch"),
        ("hola vecinos, ¿qué tal?", "diga esto.*hola vecinos, ¿qué tal", "say this.*hola vecinos, ¿qué tal"),
        ("<b>{0} %s", r"<b>\{0\} %s", r"<b>\{0\} %s"),
    ],
)
def test_bad_input_gets_a_sentence_and_a_right_example(told: Stage, typed: str, spanish: str, english: str) -> None:
    told.tell(typed, spanish, ANA)
    told.tell(typed, english, BEN)


@pytest.mark.parametrize(
    "command", [f"/{c.name}" for c in COMMANDS if c.name not in NO_PANEL]
)  # fmt: skip
def test_every_command_without_arguments_opens_its_panel(told: Stage, command: str) -> None:
    for person in (ANA, BEN):
        panel = told.tell(command, ".", person)
        assert panel["reply_markup"]["inline_keyboard"], command


def test_a_file_or_a_photo_gets_a_sentence(told: Stage) -> None:
    for name, answer in (
        ("lista.csv", "empieza con /importar"),
        ("foto.jpg", "No puedo usar ese archivo: X acepta fotos"),
    ):
        before = told.last_id()
        told.send_file(name, "x", caption="mira")
        told.bot_says(answer, after=before)


def test_in_a_group_the_bot_asks_for_a_private_chat(told: Stage) -> None:
    group = told.get("/sandbox/state")["chats"][-1]["id"]
    told.says("/channels", ANA, group)
    told.bot_says("Escríbeme en privado.*@CanalesBot", group)


def test_a_foreign_button_press_is_refused(told: Stage) -> None:
    panel = told.tell("/channel", "TraficoValle", ANA)
    off = next(
        b["callback_data"]
        for row in panel["reply_markup"]["inline_keyboard"]
        for b in row
        if b["callback_data"].startswith("off:")
    )
    for data in (off, off.replace("off", "bye"), "off:999", "nonsense", "kw:1:x:y", ""):
        told.do("/sandbox/telegram/press", person=BEN, message_id=panel["message_id"], data=data, foreign=ANA)
    told.wait("Ben is told why", lambda: "button" in told.get("/sandbox/state")["toasts"].get(str(BEN), ""))
    assert "TraficoValle · encendido" in told.tell("/channel", "TraficoValle", ANA)["text"]


def test_all_switches_by_tapping(told: Stage) -> None:
    panel = told.tell("/channel", "TraficoValle", ANA)
    told.press(panel, "Apagar")
    panel = told.bot_says("TraficoValle · apagado")
    told.wait("unsubscribed", lambda: told.x()["subscriptions"] == 2)
    told.press(panel, "Encender")
    panel = told.bot_says("oye menciones \\+ DM")
    told.wait("subscribed", lambda: told.x()["subscriptions"] == 4)
    told.press(panel, "Menciones")
    panel = told.bot_says("oye DM")
    told.press(panel, "DM")
    panel = told.bot_says("menciones y DM están apagados")
    told.tell("/mentions on", "oye menciones")
    told.tell("/dms on", "oye menciones \\+ DM")
    told.press(told.tell("/gap", "Ritmo"), "60 s")
    told.bot_says("Al menos 60 segundos entre tuits")
    told.tell("/gap 0", "Sin pausa")


def test_words_are_added_removed_and_put_back_by_tapping(told: Stage) -> None:
    told.tell("/filters add uno, dos", "tiene 2 filtros")
    listed = told.tell("/filters", "2 palabras")
    told.press(listed, "^uno$")
    told.press(told.bot_says("Bloquea el mensaje"), "Quitar")
    removed = told.bot_says("Quitado: uno")
    told.press(removed, "Deshacer")
    told.bot_says("Filtros de .*2 palabras")
    listed = told.tell("/filters", "2 palabras")
    told.press(listed, "Añadir")
    told.bot_says("Mándame los filtros")
    told.tell('tres, "cuatro cinco"', "Añadido: tres, cuatro cinco")
    told.tell("/filters remove TRES, dos, uno, cuatro cinco", "Quitado")
    told.tell("/filters", "Todavía no hay ninguno")


def test_a_long_list_is_paged(told: Stage) -> None:
    told.tell("/triggers add " + ", ".join(f"palabra{n:02}" for n in range(20)), "20 disparadores")
    listed = told.tell("/triggers", "20 palabras")
    told.press(listed, "▶")
    told.wait(
        "the second page",
        lambda: any(
            "palabra08" in b["text"]
            for row in told.bot_says("20 palabras")["reply_markup"]["inline_keyboard"]
            for b in row
        ),
    )
    told.tell("/triggers remove " + ", ".join(f"palabra{n:02}" for n in range(20)), "Quitado")


def test_a_wizard_survives_a_restart_of_the_bot(told: Stage) -> None:
    told.press(told.tell("/triggers", "Disparadores"), "Añadir")
    told.bot_says("Mándame los disparadores")
    told.kill("web")
    told.says("inundación", ANA)
    told.start("web")
    told.bot_says("Añadido: inundación")
    told.tell("/triggers remove inundacion", "Quitado: inundación")


def test_another_command_leaves_the_wizard(told: Stage) -> None:
    told.press(told.tell("/triggers", "Disparadores"), "Añadir")
    told.bot_says("Mándame los disparadores")
    told.tell("/status", "Estado")
    told.tell("Hola vecinos", "diga esto")
    told.press(told.tell("/triggers", "Disparadores"), "Añadir")
    told.bot_says("Mándame los disparadores")
    told.tell("/cancel", "Cancelado")


def test_the_language_is_changed_by_tapping_and_typing(told: Stage) -> None:
    told.press(told.tell("/language", "idioma", ANA), "English")
    told.bot_says("Good, I'll speak English")
    told.tell("/channels", "Your channels", ANA)
    told.tell("/language es", "te hablo en español", ANA)


def test_a_channel_that_somebody_else_runs_is_refused_with_a_way_to_ask(told: Stage) -> None:
    asked = told.tell("/connect", "X", BEN)
    told.tell(told.authorize(asked, "TraficoValle"), r"run by somebody else here \(Ana\). Ask them", BEN)
    assert told.tell("/channel @TraficoValle", "TraficoValle", ANA)


def test_a_sign_in_is_single_use_and_its_owners_alone(told: Stage) -> None:
    asked = told.tell("/connect", "X", BEN)
    address = told.authorize(asked, "LluviaYa")
    told.tell(address, "lo empezó otra persona", ANA)
    told.tell(address, "@LluviaYa is connected", BEN)
    told.tell(address, "was used already", BEN)


def test_saying_no_at_x_connects_nothing(told: Stage) -> None:
    asked = told.tell("/connect", "X", BEN)
    state = asked["reply_markup"]["inline_keyboard"][0][0]["url"].partition("state=")[2].partition("&")[0]
    told.tell(f"http://127.0.0.1/canales?error=access_denied&state={state}", "You said no", BEN)


def test_nothing_secret_was_logged(told: Stage) -> None:
    log = told.log_text()
    assert "Traceback" not in log
    assert "sandbox-telegram-token" not in log
    assert "code=" not in log.replace("code=[secret]", "")


def test_disconnecting_revokes_and_tells_what_is_kept(told: Stage) -> None:
    told.tell("/triggers add lluvia", "1 trigger", BEN)
    told.press(told.tell("/disconnect", "Disconnect", BEN), "Yes, disconnect", BEN)
    gone = told.bot_says("X confirmed that the access is revoked.*Kept here", BEN)
    told.wait("unsubscribed", lambda: told.x()["subscriptions"] == 2)
    told.press(gone, "Delete that too", BEN)
    sure = told.bot_says("Delete all that is kept of @LluviaYa", BEN)
    told.press(sure, "Yes, delete it all", BEN)
    told.bot_says("Nothing of @LluviaYa is kept", BEN)
    told.tell("/channels", "no channel yet", BEN)
    assert Path(told.folder / "data").exists()
