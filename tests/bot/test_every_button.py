"""Every button that can be reached from /channels is tapped, in both languages, and answers with a sentence.

Where the bot dies over it, and the turn is done again, it answers the same.
"""

import re
from collections import Counter, deque

from engine.moderation import MessageKind
from models import database
from models.settings import Settings
from tests.bot.conversation import Conversation, Shown
from tests.bot.on_x import connected, hears, posts, refuses
from tests.bot.pictures import photo

#: What would take the channel away, or leads out of the chat.
LEFT_ALONE = re.compile(r"Disconnect|Delete|Desconectar|Borrar|↗|https?://")
ERRORS = re.compile(r"Something went wrong|Algo salió mal|I don't know that button|No conozco ese botón|not for you")
#: Taps make schedules, and those have buttons: nearest to /channels first, and so many.
MOST = 400
#: So many of them with a bot that dies over each.
DYING = 150
#: Of buttons that look the same in panels that look the same (the parts of a week) so many are tapped.
MOST_ALIKE = 2


async def furnish(ana: Conversation) -> None:
    """A channel with something of everything."""
    connected("CanalNuevo", ana)
    await ana.types("/channel @TraficoValle")
    for typed in (
        "/filters add uno, dos", "/replacements add av. => avenida", "/emphasis add urgente", "/trust @maria",
        "/block @pepe", "/slots 8:00 18:00", "/queue Primero", "/queue Segundo", "/hashtags add #metro",
    ):  # fmt: skip
        await ana.types(typed)
    await ana.types("/schedule cada lunes 7:15 Buena semana", "/schedule every monday 7:15 Buena semana")
    await ana.taps("Programar", "Schedule it")
    hears("choque en la A1", "juana")
    hears("choque en privado", "luisa", MessageKind.DM)
    hears("nada que ver", "carla")
    posts()
    await ana.types("/post Aviso")
    await ana.taps("Publicar ya", "Post now")
    refuses()
    await ana.types("/review all")
    hears("choque en revisión", "rosa")
    await ana.is_told("publicar este", "publish this")
    await ana.sends("plaza.png", photo("blue"), "La plaza hoy")


async def taps_all(ana: Conversation, *, dies: bool) -> list[tuple[str, str]]:
    """Tap what can be reached; each label with what was said, without its numbers and codes."""
    await furnish(ana)
    start = await ana.types("/channels")
    waiting: deque[tuple[Shown, str, str]] = deque()
    known: set[str] = set()
    found: list[tuple[str, str]] = []

    alike: Counter[tuple[str, str]] = Counter()

    def look(shown: Shown) -> None:
        for row in shown.buttons:
            for label, target in row:
                if target in known or LEFT_ALONE.search(f"{label} {target}"):
                    continue
                known.add(target)
                kind = re.sub(r"\d+", "", label), re.sub(r"\d+", "", shown.text.partition("\n")[0])
                alike[kind] += 1
                if alike[kind] <= MOST_ALIKE:
                    waiting.append((shown, label, target))

    for shown in [start, *ana.everything()]:
        look(shown)
    while waiting and len(found) < (DYING if dies else MOST):
        shown, label, target = waiting.popleft()
        if dies:
            await ana.dies_over_unseen(shown, target)
        else:
            await ana.presses_unseen(shown, target)
        said = [a.text or a.document for a in ana.answers] or [ana.toast]
        assert all(said), f"[ {label} ] of\n{shown}\ngot no answer"
        assert not any(ERRORS.search(text) for text in said), f"[ {label} ] of\n{shown}\nsaid {said}"
        texts = [a.text for a in ana.answers] or said  # a file has another name each time
        whole = "\n".join([*texts, *(label for a in ana.answers for row in a.buttons for label, _ in row)])
        found.append((label, re.sub(r"team-[\w-]+|\d+", "", whole)))
        for answer in ana.answers:
            look(answer)
    return found


async def test_every_button_answers_with_a_sentence_in_english(db: Settings) -> None:
    ana = Conversation(db, language="en")
    connected("TraficoValle", ana)
    found = await taps_all(ana, dies=False)
    assert len(found) > 250, f"only {len(found)} buttons were reached"


async def test_in_spanish_too_and_what_is_done_again_answers_as_if_it_were_done_once(db: Settings) -> None:
    assert db.sqlite_path is not None
    database.close_database()
    empty = db.sqlite_path.read_bytes()
    said: list[list[tuple[str, str]]] = []
    for dies in (False, True):
        database.close_database()
        for log in db.sqlite_path.parent.glob(f"{db.sqlite_path.name}-*"):
            log.unlink()
        db.sqlite_path.write_bytes(empty)
        ana = Conversation(db, language="es")
        connected("TraficoValle", ana)
        said.append(await taps_all(ana, dies=dies))
    assert len(said[0]) > 250, f"only {len(said[0])} buttons were reached"
    assert len(said[1]) == DYING
    assert said[0][:DYING] == said[1]
