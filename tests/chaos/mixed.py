"""All that X bills, mixed, while answers are lost and processes are killed: how far the ledger is from X's own bill.

Mentions, replies, DMs plain and encrypted, watched posts, posts with links and with descriptions, what is taken back, and
who asks to be left out; X fails in reads and writes alike.
"""

import random
import threading
import time
from typing import Any

from sandbox.stage import Stage
from tests.chaos.storm import KINDS, LEDGER, TRIGGER, bill_difference, kill_some, let_settle
from tests.given import connect_many, give_keys, mix, take_back, watch_many
from tests.reading import rows

CHANNELS, WATCHED = 6, ("inameh", "bomberos")
RAGE: dict[str, Any] = {
    "drop_after_accept": {"rate": 0.05, "on": ["post", "repost", "delete", "unrepost", "describe"]},
    "error_5xx": 0.05,
    "refuse_before": {"rate": 0.05, "answer": "any", "on": ["post", "repost"]},
    "refuse_after": {"rate": 0.05, "answer": "any", "on": ["post", "repost"]},
    "doubled": 0.1,
    "shuffled": 0.2,
    "malformed": 0.02,
}


def mixed(stage: Stage, *, messages: int, kills: int, seed: int, settle_s: float = 1_200) -> tuple[int, dict[str, Any]]:
    """The difference in micro-dollars once all is settled, and the bill.

    A 429 holds an account's posts until X's window is over, a quarter of an hour after its first: so long it may take.
    """
    dice = random.Random(seed)
    handles = connect_many(stage, CHANNELS, [TRIGGER])
    give_keys(stage, handles[:2])
    users = {name: stage.mention(name, "buenos días") and int(stage.x()["users"][name]) for name in WATCHED}
    watch_many(stage, [(n, users[name], name) for n in range(4) for name in WATCHED])
    mix(stage, messages // 4, time.time() + 5, messages * 0.05)
    stage.start(*KINDS)
    stage.wait("subscribed", lambda: stage.x()["subscriptions"] >= 2 * CHANNELS, 60)
    stage.wait("watched", lambda: stage.x()["filtered"]["connected"], 60)
    stage.faults(**RAGE)
    killer = threading.Thread(target=kill_some, args=(stage, list(KINDS), kills, messages * 0.06, dice.random()))
    killer.start()
    said: list[int] = []
    for number in range(messages):
        _happens(stage, handles, number, dice, said)
        if number % 40 == 39:
            take_back(stage, 3)
        time.sleep(0.03)
    killer.join()
    stage.faults(**dict.fromkeys(RAGE, 0))
    let_settle(stage, settle_s)
    undone = "SELECT 1 FROM tweet WHERE undo = 'wanted'"
    up = "SELECT 1 FROM upload WHERE status IN ('wanted', 'uploading')"
    stage.wait("nothing is to be taken back", lambda: not rows(stage, undone), settle_s)
    stage.wait("all is up", lambda: not rows(stage, up), settle_s)
    return bill_difference(stage), stage.get("/sandbox/x/bill")


def _happens(stage: Stage, handles: list[str], number: int, dice: random.Random, said: list[int]) -> None:
    handle, who = handles[number % len(handles)], f"vecina{number % 23}"
    text = f"{TRIGGER if dice.random() < 0.5 else 'saludos'} número {number}"
    match dice.randrange(10):
        case 0 | 1 | 2:
            said.append(stage.mention(who, f"{text} @{handle}"))
        case 3:
            stage.mention(who, f"{text} @{handle} y @{dice.choice(handles)}")
        case 4 | 5:
            stage.dm(who, handle, f"{text} en canales.com/{number}" if dice.random() < 0.3 else text)
        case 6:
            stage.dm(who, handles[number % 2], text, encrypted=True)
        case 7:
            stage.mention(dice.choice(WATCHED), text)
        case 8:
            stage.mention(who, f"no me reposteen @{handle}" if dice.random() < 0.2 else f"{text} @{handle}")
        case _ if said and _is_heard(stage, said[0]):
            stage.do("/sandbox/x/act", act="delete", id=said.pop(0))
    if dice.random() < 0.01:
        stage.do("/sandbox/x/act", act="disconnect")


def _is_heard(stage: Stage, post_id: int) -> bool:
    """What was brought to who was killed over it, and is deleted before it is read back, nobody can know of."""
    return bool(rows(stage, f"SELECT 1 FROM message WHERE x_id = {post_id}"))


def by_kind(stage: Stage) -> dict[str, tuple[int, int]]:
    """What the ledger says of each kind: how many, and micro-dollars."""
    source = LEDGER.partition(" FROM ")[2].replace("SELECT cost", "SELECT kind, count, cost")
    found = rows(stage, f"SELECT kind, SUM(count), SUM(cost) FROM {source} GROUP BY kind")
    return {kind: (int(count), int(cost)) for kind, count, cost in found}
