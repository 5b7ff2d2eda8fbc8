"""A storm: mentions and DMs while X loses answers, fails, refuses before and after it acted, says that a day is over, doubles
and shuffles, and every process is killed at random.

What counts is what X was told, each wanted post exactly once and nothing else, and what people were told of it.
"""

import json
import random
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.accounts import troubles
from models.database import from_stored
from sandbox.stage import Stage
from tests.chaos.enduring import delivered
from tests.given import connect_many
from tests.reading import rows

TRIGGER = "choque"
KINDS = ("web", "streams", "worker", "voices", "journal")
MOST_CHANNELS = 100
TROUBLED = "SELECT channel_id, data, created_at FROM notice WHERE kind = 'troubled' ORDER BY id"
LEDGER = "SELECT SUM(cost) FROM (SELECT cost FROM charge UNION ALL SELECT cost FROM charge_sum) AS written"
SAYING = ["post", "repost"]
RAGE: dict[str, Any] = {
    "drop_after_accept": 0.05,
    "error_5xx": 0.05,
    "refuse_before": {"rate": 0.05, "answer": "any", "on": SAYING},
    "refuse_after": {"rate": 0.05, "answer": "any", "on": SAYING},
    "limit_429": {"rate": 0.003, "seconds": 4, "on": SAYING},
    "user_day_limit": {"rate": 0.003, "seconds": 4, "on": SAYING},
    "doubled": 0.1,
    "shuffled": 0.2,
}


@dataclass(frozen=True)
class Outcome:
    """How many posts were wanted, and how many of those X has not, or more than once, or never should have had.

    `untold`: of those that X has, the owner was not told. `falsely`: told as failed, too late or posted, and it is not so.
    `repeated`: troubles of a channel that were told more than once. `bill_difference`: by how many micro-dollars the
    ledger differs from X's own bill.
    """

    wanted: int
    lost: int
    doubled: int
    unwanted: int
    untold: int
    falsely: int
    repeated: int
    bill_difference: int
    seconds: float


def storm(stage: Stage, *, messages: int, kills: int, seed: int, settle_s: float = 120, each: int = 1) -> Outcome:
    """Rage, then wait until all that is wanted is on X, and a little longer for what should not be.

    `each`: so many processes of each kind.
    """
    dice = random.Random(seed)
    handles = connect_many(stage, min(MOST_CHANNELS, max(4, messages // 20)), [TRIGGER])
    names = [kind if nth == 1 else f"{kind}.{nth}" for kind in KINDS for nth in range(1, each + 1)]
    stage.start(*names)
    stage.wait("subscribed", lambda: stage.x()["subscriptions"] == 2 * len(handles), 60)
    stage.faults(**RAGE)
    users = stage.x()["users"]
    began = time.monotonic()
    killer = threading.Thread(target=kill_some, args=(stage, names, kills, messages * 0.02 + 4, dice.random()))
    killer.start()
    wanted: set[str] = set()
    for number in range(messages):
        handle = handles[number % len(handles)]
        word = TRIGGER if dice.random() < 0.6 else "buenos días"
        if dice.random() < 0.3:
            text = f"{word} por DM número {number} en la avenida {dice.randrange(99)}"
            stage.dm(f"vecina{number % 97}", handle, text)
            key = f"post:{users[handle]}:{text}"
        else:
            post = stage.mention(f"vecino{number % 89}", f"{word} número {number} @{handle}")
            key = f"repost:{users[handle]}:{post}"
        if word == TRIGGER:
            wanted.add(key)
        if dice.random() < 0.01:
            stage.do("/sandbox/x/act", act="disconnect")
    killer.join()
    deadline = time.monotonic() + settle_s
    while time.monotonic() < deadline and not wanted <= set(_told(stage)):
        time.sleep(0.2)
    stage.faults(**dict.fromkeys(RAGE, 0))
    let_settle(stage, settle_s)
    told = _told(stage)
    return Outcome(
        wanted=len(wanted),
        lost=len(wanted - set(told)),
        doubled=sum(count > 1 for count in told.values()),
        unwanted=len(set(told) - wanted),
        untold=_untold(stage, len(wanted & set(told))),
        falsely=_falsely(stage, len(wanted & set(told))),
        repeated=_repeated(stage),
        bill_difference=bill_difference(stage),
        seconds=time.monotonic() - began,
    )


def kill_some(stage: Stage, names: list[str], kills: int, within_s: float, seed: float) -> None:
    """Half of them those that call X, as there is most to lose."""
    dice = random.Random(seed)
    voices = [name for name in names if name.startswith("voices")]
    for nth in range(kills):
        time.sleep(dice.uniform(0.2, 2 * within_s / kills))
        name = dice.choice(names if nth % 2 else voices)
        stage.kill(name)
        stage.start(name)


def _told(stage: Stage) -> dict[str, int]:
    accepted: dict[str, int] = stage.get("/sandbox/x")["accepted"]
    return {k: n for k, n in accepted.items() if k.startswith(("post:", "repost:"))}


def _untold(stage: Stage, said: int) -> int:
    """Of how many the owner was not told, after as long as one chat needs for all of it: 20 in a message, one in 1.5 s."""
    deadline = time.monotonic() + 120 + said / 10
    while time.monotonic() < deadline and delivered(stage) < said:
        time.sleep(0.2)
    return max(0, said - delivered(stage))


def _falsely(stage: Stage, said: int) -> int:
    """How often it was told that a post is not there, where each wanted one is, or that one is there which is not."""
    sql = "SELECT COUNT(*) FROM notice WHERE kind IN ('failed', 'expired', 'undo_failed')"
    return int(rows(stage, sql)[0][0]) + max(0, delivered(stage) - said)


def _repeated(stage: Stage) -> int:
    """How many troubles of a channel were told more than once: the same one, or one that came again and did not last."""
    known: dict[tuple[int, str], str] = {}
    again = 0
    for channel, data, told_at in rows(stage, TROUBLED):
        kind, since = json.loads(data)["kind"], json.loads(data)["since"]
        lasted = from_stored(told_at) - datetime.fromisoformat(since)
        again += (channel, kind) in known and (known[channel, kind] == since or lasted < troubles.RELAPSE)
        known[channel, kind] = since
    return again


def bill_difference(stage: Stage, within_s: float = 60) -> int:
    """By how many micro-dollars the ledger differs from X's bill, once both stand still: what X has shown is written
    down a moment later.
    """
    deadline = time.monotonic() + within_s
    before: tuple[int, int] | None = None
    while True:
        bill = int(stage.get("/sandbox/x/bill")["cost"])
        written = int(rows(stage, LEDGER)[0][0] or 0)
        if (bill, written) == before and (bill == written or time.monotonic() > deadline):
            return abs(bill - written)
        before = (bill, written)
        time.sleep(1)


def let_settle(stage: Stage, within_s: float = 120) -> None:
    """Until no tweet waits, is in the air or in doubt: what could still be doubled would be by then."""
    sql = "SELECT COUNT(*) FROM tweet WHERE status IN ('queued', 'sending', 'unknown')"
    stage.wait("every tweet is settled", lambda: rows(stage, sql)[0][0] == 0, within_s)
