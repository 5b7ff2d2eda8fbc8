"""What many channels have from the start, written without the chat: for chaos and the bench.

It runs as a process of the stage's own (`python -m tests.given channels`), and takes what to write from its input.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from engine import posts
from engine.moderation import Keyword, KeywordRole
from engine.when import When
from engine.x.events import Account
from models import connecting
from models.accounts import people
from models.accounts.channels import Auth, Channel
from models.accounts.tokens import Tokens
from models.database import transaction
from models.moderation import lists
from models.scheduling import schedules as scheduling
from sandbox.stage import ANA, ROOT, Stage
from tasks.start import start


def connect_many(stage: Stage, count: int, triggers: list[str]) -> list[str]:
    """Sign in so many channels, with no gap and a day of freshness; their handles."""
    handles = [f"canal{n:03}" for n in range(count)]
    pairs = {h: stage.do("/sandbox/x/act", act="grant", handle=h) for h in handles}
    users = stage.x()["users"]
    connected = [(h, int(users[h]), pairs[h]["access_token"], pairs[h]["refresh_token"]) for h in handles]
    _write(stage, "channels", owner=ANA, channels=connected, triggers=triggers)
    return handles


def schedule_many(stage: Stage, count: int, first: float, minutes: int) -> None:
    """So many schedules over all channels, the n-th `n % minutes` minutes after `first` (Unix seconds)."""
    _write(stage, "schedules", count=count, first=first, minutes=minutes)


def _write(stage: Stage, what: str, **given: Any) -> None:
    command = [sys.executable, "-m", "tests.given", what]
    subprocess.run(command, input=json.dumps(given), text=True, env=stage.environment, cwd=ROOT, check=True)


def _channels(given: dict[str, Any], now: datetime) -> None:
    people.person(given["owner"], "Ana", "es", now)
    with transaction():
        for handle, user_id, access, refresh in given["channels"]:
            pair = Tokens(Auth.OAUTH2, access, refresh, expires_at=now + timedelta(hours=2))
            channel = connecting.connect_channel(Account(user_id, handle, handle), given["owner"], pair, now)
            lists.add(channel.id, [Keyword(KeywordRole.TRIGGER, w) for w in given["triggers"]])
            Channel.update(gap_s=0, fresh_s=86400).where(Channel.id == channel.id).execute()


def _schedules(given: dict[str, Any], now: datetime) -> None:
    first = datetime.fromtimestamp(given["first"], UTC)
    channels = [c.id for c in Channel.select().order_by(Channel.id)]
    with transaction():
        for n in range(given["count"]):
            at = (first + timedelta(minutes=n % given["minutes"])).replace(tzinfo=None)
            text = [posts.plain(f"programado {n}")]
            scheduling.create(channels[n % len(channels)], 1, text, When(at), "es", now)


if __name__ == "__main__":
    start()
    {"channels": _channels, "schedules": _schedules}[sys.argv[1]](json.load(sys.stdin), datetime.now(UTC))
