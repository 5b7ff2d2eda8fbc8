"""How long a person waits for an answer while others are busy, slowed down by Telegram or kept waiting by X.

In the world profile, by polling. A person is measured from writing to having the answer on the phone, Telegram's own time
(some 160 ms) and that of the asking included.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from sandbox.stage import Stage
from tests.bench.measuring import percentile
from tests.given import connect_many

LINES = 10_000
#: Within what the sandbox's Telegram takes: a burst in a chat, thirty messages a second in all.
ASKING, QUESTIONS, EVERY_S = 6, 15, 0.6
TYPING, TEXTS = 50, 20
SIGNING_IN = 30


def figures(database_url: str) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="canales-bench-") as folder,
        Stage(Path(folder), world=True, database_url=database_url) as stage,
    ):
        persons = stage.people(ASKING + 3)
        for nth, person in enumerate(persons):
            connect_many(stage, 1, ["choque"], first=nth, owner=person)
        stage.start("web")
        stage.wait("the bot runs", lambda: "bot runs" in stage.log_text(), 60)
        asking, (busy, bringing, slowed) = persons[:ASKING], persons[ASKING:]
        found = {"alone_p99_ms": 1000 * percentile(_asked(stage, stage.people(ASKING)), 99)}
        with _beside(lambda over: _brings_in(stage, bringing, over)):
            stage.faults(telegram_429={"rate": 1, "times": 1, "seconds": 40, "whose": [str(slowed)]})
            for number in range(200):
                stage.says("/help", slowed if number % 2 else busy)
            for number in range(200):
                stage.says(f"/triggers add palabra{number}", busy)
            found["other_person_p99_ms"] = 1000 * percentile(_asked(stage, asking), 99)
        stage.do("/sandbox/telegram/act", act="limits", on=False)
        found["answers_per_second"] = _typing(stage)
        found |= _while_x_hangs(stage)
        return found


def _typing(stage: Stage) -> float:
    """Fifty people who type at once, Telegram's own limit of messages put aside: answers a second in all."""
    persons = stage.people(TYPING)
    began = time.monotonic()
    for _ in range(TEXTS):
        for person in persons:
            stage.says("/help", person)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda person: _answers(stage, person, TEXTS), persons))
    return TYPING * TEXTS / (time.monotonic() - began)


def _while_x_hangs(stage: Stage) -> dict[str, float]:
    """People who wait ten seconds for X each, others who ask meanwhile, and the end of the process."""
    persons = stage.people(SIGNING_IN)
    handles = [f"nuevo{n:02}" for n in range(SIGNING_IN)]
    for handle in handles:
        stage.do("/sandbox/x/act", act="grant", handle=handle)
    addresses = [stage.authorize(stage.tell("/connect", "X", p), h) for p, h in zip(persons, handles, strict=True)]
    stage.faults(token_late={"rate": 1, "seconds": 10}, slow_calls={"rate": 1, "seconds": 10})
    for person, address in zip(persons, addresses, strict=True):
        stage.says(address, person)
    asked = 1000 * percentile(_asked(stage, stage.people(ASKING)), 99)
    return {"x_slow_p99_ms": asked, "sigterm_s": stage.stop("web")}


def _asked(stage: Stage, persons: list[int]) -> list[float]:
    """How long each answer took, in seconds; the people ask at once, each one thing after the other."""

    def asks(person: int) -> list[float]:
        waits = []
        for _ in range(QUESTIONS):
            before = stage.last_id(person)
            began = time.monotonic()
            stage.says("/help", person)
            stage.bot_says(".", person, after=before, within=60)
            waits.append(time.monotonic() - began)
            time.sleep(max(0.0, EVERY_S - waits[-1]))
        return waits

    with ThreadPoolExecutor(len(persons)) as pool:
        return [wait for waits in pool.map(asks, persons) for wait in waits]


def _answers(stage: Stage, person: int, count: int) -> None:
    def there() -> bool:
        return len([m for m in stage.chat(person) if m["from"]["is_bot"]]) >= count

    stage.wait(f"{person} has {count} answers", there, 120)


def _brings_in(stage: Stage, person: int, over: threading.Event) -> None:
    """One long file after the other, each confirmed."""
    nth = 0
    while not over.is_set():
        nth += 1
        lines = "".join(f"trigger,palabra {nth} {n},,,,\n" for n in range(LINES))
        before = stage.last_id(person)
        stage.send_file("lista.csv", "list,text,applies,block,becomes,note\n" + lines, person, caption="/import")
        shown = stage.bot_says("Todavía no se guard|Nothing is stored", person, after=before, within=60)
        stage.press(shown, "Añadir|Add", person)
        stage.bot_says("Hecho|Done", person, after=before, within=60)


@contextmanager
def _beside(work: Callable[[threading.Event], None]) -> Iterator[None]:
    over = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(work, over)
        try:
            yield
        finally:
            over.set()
        going.result()
