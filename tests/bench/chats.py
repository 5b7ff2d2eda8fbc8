"""A burst of encrypted DMs: decrypted and checked on one core, and from the wire to their verdicts; none lost or doubled."""

import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path

from engine.x.chat.reading import Reader, Said, Signer
from sandbox.app import Sandbox
from sandbox.stage import Stage
from tests.bench.measuring import seconds_until, settle
from tests.given import connect_many, give_keys
from tests.reading import rows

MESSAGES, PEOPLE, AGAIN = 1_000, 20, 5
READ = "SELECT text FROM message WHERE kind = 'dm' AND judged_at IS NOT NULL"


def figures(database_url: str) -> dict[str, float]:
    return {"decrypts_per_second": _decrypts(), **_burst(database_url)}


def _burst(database_url: str) -> dict[str, float]:
    """Twenty people write to a channel all at once: first strangers, of whom X must be asked for their keys; then again."""
    with (
        tempfile.TemporaryDirectory(prefix="canales-bench-") as folder,
        Stage(Path(folder), world=True, database_url=database_url) as stage,
    ):
        handles = connect_many(stage, 1, ["choque"])
        give_keys(stage, handles)
        stage.start("web", "streams", "worker", "voices", "journal")
        settle(stage, 1, kinds=3)
        messages = [[f"vecino{n % PEOPLE}", f"hoy es el día {n}"] for n in range(2 * MESSAGES)]
        seconds = []
        for first in (0, MESSAGES):
            those = messages[first : first + MESSAGES]
            began = stage.do("/sandbox/x/chat", act="burst", messages=those, to=handles[0])["began"]
            seconds_until(partial(_read, stage, first + MESSAGES), 300)
            seconds.append(time.time() - began)
        read = Counter(text for (text,) in rows(stage, READ))
    return {
        "strangers_s": seconds[0],
        "messages_per_second": MESSAGES / seconds[1],
        "lost": len({text for _, text in messages} - set(read)),
        "doubled": sum(n - 1 for n in read.values()),
    }


def _read(stage: Stage, count: int) -> bool:
    return len(rows(stage, READ)) >= count


def _decrypts() -> float:
    """Messages a second, on one core, with all keys known: signature, key and text."""
    chat = Sandbox().chat
    world, keyrings = chat.conversations, chat.keyrings
    users = chat.keyrings.world
    channel, person = users.user("TraficoValle"), users.user("maria_rdz")
    phone = keyrings.make(channel.id)
    reader = Reader(channel.id, bytes(phone.export_keys() or b""), keyrings.registered(channel.id)[-1].version)
    talk = world.between(person.id, channel.id)
    events = [world.write(person.id, talk, f"Choque en la autopista {n}")[-1].encoded for n in range(MESSAGES // AGAIN)]
    keys = {k.version: k.value for k in talk.keys}
    signers = [
        Signer(person.id, k.version, k.signing, k.identity, k.identity_signature)
        for k in keyrings.registered(person.id)
    ]
    began = time.process_time()
    for event in events * AGAIN:
        if not isinstance(reader.read(event, person.id, person.id, keys, signers), Said):
            raise ValueError("it was not read")
    return len(events) * AGAIN / (time.process_time() - began)
