"""1,000 notices for 50 people, left all at once, every tenth urgent: how long each takes, in which order, how often.

What came is read from the phones. How long it took is from the moment at which all were left to Telegram's answer.
"""

import tempfile
from pathlib import Path

from bot.chat.language import LANGUAGES
from sandbox.stage import Stage
from tests.bench.measuring import percentile
from tests.given import connect_many
from tests.left_to_tell import came, leave, told

PEOPLE, EACH, URGENT_OF_EACH = 50, 20, 2
WITHIN_S = 180


def figures(database_url: str) -> dict[str, float]:
    """Seconds and counts, with two bots and with Telegram's limits as it has them."""
    with (
        tempfile.TemporaryDirectory(prefix="canales-bench-") as folder,
        Stage(Path(folder), world=True, database_url=database_url) as stage,
    ):
        connect_many(stage, 1, ["choque"])
        people = stage.people(PEOPLE)
        stage.start("web", "web.2")
        stage.wait(
            "the bots run, and are dressed", lambda: _called(stage, "setMyDescription") >= 2 * len(LANGUAGES), 60
        )
        began = leave(stage, people, EACH, URGENT_OF_EACH)
        left = PEOPLE * EACH
        stage.wait("all are sent", lambda: _called(stage, "sendMessage") >= left, WITHIN_S)
        at = stage.wait("all are told", lambda: found if len((found := told(stage))["all"]) == left else None)
        chats = [kind for person in people for kind in came(stage, person)]
        read = [number for chat in chats for number in chat]
        urgent = [moment - began for moment in at["urgent"]]
        return {
            "seconds": max(at["all"]) - began,
            "urgent_p50_s": percentile(urgent, 50),
            "urgent_max_s": max(urgent),
            "missing": left - len(set(read)),
            "doubled": len(read) - len(set(read)),
            "out_of_order": sum(chat != sorted(chat) for chat in chats),
            "pauses": stage.log_text().count("telegram wants a pause"),
        }


def _called(stage: Stage, method: str) -> int:
    """How often the bots have called this of Telegram's."""
    return int(stage.do("/sandbox/telegram/act", act="counts")["methods"].get(method, 0))
