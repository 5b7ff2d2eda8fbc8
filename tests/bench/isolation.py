"""X takes ten seconds for every call: judging, notices and commands are to go on as if it answered at once."""

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sandbox.stage import ANA, BEN, Stage
from tests.bench.measuring import percentile, seconds_until, settle
from tests.given import connect_many
from tests.reading import rows

CHANNELS, MESSAGES, PER_SECOND = 40, 900, 30.0
X_TAKES_S, ASKED_EVERY_S = 10, 1.5  # Telegram lets a message a second through to a chat
COMMANDS = ("/status", "/help", "/triggers", "/held")


def figures(database_url: str) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="canales-bench-") as folder,
        Stage(Path(folder), world=True, database_url=database_url) as stage,
    ):
        (reviewed,) = connect_many(stage, 1, ["choque"], reviewed=True)
        handles = connect_many(stage, CHANNELS - 1, ["choque"], first=1, owner=BEN)
        stage.start("web", "streams", "worker", "voices", "journal")
        settle(stage, CHANNELS)
        stage.faults(slow_calls={"rate": 1, "seconds": X_TAKES_S})
        messages = [[f"vecino{n}", f"choque {n} @{handles[n % len(handles)]}"] for n in range(MESSAGES)]
        with ThreadPoolExecutor(1) as meanwhile:
            talk = meanwhile.submit(_talk, stage, reviewed)
            sent = stage.do("/sandbox/x/flood", messages=messages, per_second=PER_SECOND)["sent"]
        answers, notices = talk.result()
        judged = _judged_at(stage, [int(x_id) for x_id, _ in sent])
        waits = [1000 * (judged[int(x_id)] - at) for x_id, at in sent]
        sigterm = [stage.stop(name) for name in ("web", "streams", "worker", "voices", "journal")]
    return {
        "judged_p50_ms": percentile(waits, 50),
        "judged_p99_ms": percentile(waits, 99),
        "notice_max_ms": 1000 * max(notices),
        "command_p50_ms": 1000 * percentile(answers, 50),
        "command_max_ms": 1000 * max(answers),
        "sigterm_max_s": max(sigterm),
    }


def _judged_at(stage: Stage, x_ids: list[int]) -> dict[int, float]:
    """When each of these messages had its verdict (Unix seconds)."""
    some = ", ".join(map(str, x_ids))
    sql = f"SELECT x_id, judged_at FROM message WHERE judged_at IS NOT NULL AND x_id IN ({some})"
    stage.wait("all are judged", lambda: len(rows(stage, sql)) == len(x_ids), 60)
    return {x_id: at / 1e6 for x_id, at in rows(stage, sql)}


def _talk(stage: Stage, reviewed: str) -> tuple[list[float], list[float]]:
    """Ana asks things and is told things as long as the mentions come; how many seconds each answer and notice took."""
    answers, notices = [], []
    ends, turn = time.monotonic() + MESSAGES / PER_SECOND, 0
    while time.monotonic() < ends:
        began, last, turn = time.monotonic(), stage.last_id(), turn + 1
        if turn % 3:
            stage.says(COMMANDS[turn % len(COMMANDS)])
            answers.append(seconds_until(lambda after=last: _bot_said(stage, after)))  # type: ignore[misc]
        else:
            text = f"choque número {turn}"
            stage.mention(f"vecina{turn}", f"{text} @{reviewed}")
            notices.append(seconds_until(lambda after=last, what=text: _bot_said(stage, after, what)))  # type: ignore[misc]
        time.sleep(max(0.0, began + ASKED_EVERY_S - time.monotonic()))
    return answers, notices


def _bot_said(stage: Stage, after: int, text: str = "") -> bool:
    """Whether the bot has said something with this text since a message of the chat."""
    messages = stage.get(f"/sandbox/telegram/chat/{ANA}?messages=20&after={after}")["messages"]
    return any(m["from"]["is_bot"] and text in str(m.get("text")) for m in messages)
