"""Notices that are left for many people at once, and what came of them: for stories and the bench.

It runs as a process of the stage's own (`python -m tests.left_to_tell leave FILE`), and takes what to do from the file.
"""

import json
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.accounts.channels import Channel
from models.database import transaction
from models.notifications import notices
from models.notifications.kinds import Joined, UndoFailed
from models.notifications.notices import Notice, NoticeStatus
from sandbox.stage import Stage
from tasks import bells
from tasks.start import start
from tests.given import run_beside

URGENT, OTHER = re.compile(r"urgente (\d{4})"), re.compile(r"Vecino (\d{4})")


def leave(stage: Stage, people: list[int], each: int, urgent_of_each: int) -> float:
    """Leave so many for each of them, the last of them urgent; about the first channel that there is.

    The moment from which on they are there to be read (Unix seconds).
    """
    return float(_here(stage, "leave", people=people, each=each, urgent=urgent_of_each))


def told(stage: Stage) -> dict[str, list[float]]:
    """When each that was told had come, as Telegram said (Unix seconds): `all`, and the `urgent` among them."""
    found: dict[str, list[float]] = _here(stage, "told")
    return found


def came(stage: Stage, person: int) -> tuple[list[str], list[str]]:
    """The numbers of what stands in a person's chat, in its order: what is urgent, and all else."""
    read = "\n".join(str(m.get("text")) for m in stage.chat(person) if m["from"]["is_bot"])
    return URGENT.findall(read), OTHER.findall(read)


def _here(stage: Stage, what: str, **given: Any) -> Any:
    return json.loads(run_beside(stage, "tests.left_to_tell", what, given).splitlines()[-1])


def _leave(given: dict[str, Any]) -> float:
    people, each, now = given["people"], given["each"], datetime.now(UTC)
    channel = Channel.select().get()
    with transaction():
        for n in range(each * len(people)):
            urgent = n // len(people) >= each - given["urgent"]
            value = UndoFailed(0, f"urgente {n:04}", n) if urgent else Joined(f"Vecino {n:04}", n, now)
            notices.tell(people[n % len(people)], value, now, channel_id=channel.id)
    return time.time()


def _told(_given: dict[str, Any]) -> dict[str, list[float]]:
    delivered = Notice.select().where(Notice.status == NoticeStatus.DELIVERED)
    rows = [(n.value, n.delivered_at.timestamp()) for n in delivered if n.delivered_at is not None]
    return {"all": [at for _, at in rows], "urgent": [at for value, at in rows if isinstance(value, UndoFailed)]}


if __name__ == "__main__":
    start()
    bells.connect()
    print(json.dumps({"leave": _leave, "told": _told}[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text()))))
