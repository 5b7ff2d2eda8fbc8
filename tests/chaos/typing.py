"""People write and confirm while the bot is killed at random: each post is stored once, none is missing.

Two web processes share the database; Telegram brings each update to the first, and some of them twice.
"""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sandbox.stage import NotSeen, Stage
from tests.given import connect_many
from tests.reading import rows


@dataclass(frozen=True)
class Typed:
    """How many posts people confirmed, how many of those are not stored, or more than once; what is left undone."""

    wanted: int
    lost: int
    doubled: int
    drafts: int
    undone: int
    kills: int


def people_type(stage: Stage, *, people: int, posts: int, seed: int) -> Typed:
    """So many people, each with so many posts, one after the other; the bot is killed until they are done."""
    persons = stage.people(people)
    for nth, person in enumerate(persons):
        connect_many(stage, 1, ["choque"], first=nth, owner=person)
    stage.start("web", "web.2")
    stage.wait("both bots run", lambda: stage.log_text().count("bot runs") == 2, 60)
    stage.faults(telegram_twice=0.2)
    over, killed = threading.Event(), list[str]()
    killer = threading.Thread(target=_kill, args=(stage, over, killed, seed))
    killer.start()
    try:
        with ThreadPoolExecutor(people) as pool:
            list(pool.map(lambda person: _writes(stage, person, posts), persons))
    finally:
        over.set()
        killer.join()
    stage.wait("nothing waits to be done", lambda: _count(stage, "inbox", "done_at IS NULL") == 0, 60)
    texts = [_text(person, n) for person in persons for n in range(posts)]
    said = Counter(text for (text,) in rows(stage, "SELECT text FROM tweet"))
    return Typed(
        wanted=len(texts),
        lost=sum(said[t] == 0 for t in texts),
        doubled=sum(said[t] > 1 for t in texts),
        drafts=_count(stage, "draft", "1 = 1"),
        undone=_count(stage, "inbox", "done_at IS NULL"),
        kills=len(killed),
    )


def _text(person: int, number: int) -> str:
    return f"Aviso {number} de {person}"


def _writes(stage: Stage, person: int, posts: int) -> None:
    """Write, look at the draft, confirm, read that it is on its way; then the next."""
    for number in range(posts):
        last = stage.last_id(person)
        stage.says(_text(person, number), person)
        draft = stage.bot_says(_text(person, number), person, after=last, within=90)
        stage.press(draft, "Publicar ya", person)
        stage.bot_says("En camino a X", person, after=last, within=90)


def _kill(stage: Stage, over: threading.Event, killed: list[str], seed: int) -> None:
    dice = random.Random(seed)
    while not over.wait(dice.uniform(0.1, 1.5)):
        name = "web" if dice.random() < 0.7 else "web.2"
        stage.kill(name)
        stage.start(name)
        killed.append(name)
        try:
            stage.wait("it runs again", lambda: stage.log_text().count("bot runs") == 2 + len(killed), 30)
        except NotSeen:
            return


def _count(stage: Stage, table: str, where: str) -> int:
    return len(rows(stage, f"SELECT 1 FROM {table} WHERE {where}"))
