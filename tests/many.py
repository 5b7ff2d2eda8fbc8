"""Many channels at once, signed in without the chat: for chaos and the bench."""

import json
import subprocess
import sys

from sandbox.stage import ANA, ROOT, Stage

SETUP = """
import json, sys
from datetime import UTC, datetime, timedelta
from tasks.start import start; start()
from engine.moderation import KeywordRole
from engine.x.events import Account
from models import connecting, database
from models.accounts import channels, people, tokens
from models.moderation import lists
now = datetime.now(UTC)
given = json.load(sys.stdin)
people.person(given["owner"], "Ana", "es", now)
with database.transaction():
    for handle, user_id, access, refresh in given["channels"]:
        pair = tokens.Tokens(Auth.OAUTH2, access, refresh, expires_at=now + timedelta(hours=2))
        channel = connecting.connect_channel(Account(user_id, handle, handle), given["owner"], pair, now)
        lists.add_keywords(channel.id, KeywordRole.TRIGGER, given["triggers"])
        channels.Channel.update(gap_s=0, fresh_s=86400).where(channels.Channel.id == channel.id).execute()
"""


def connect_many(stage: Stage, count: int, triggers: list[str]) -> list[str]:
    """Sign in so many channels, with no gap and a day of freshness; their handles."""
    handles = [f"canal{n:03}" for n in range(count)]
    pairs = {h: stage.do("/sandbox/x/act", act="grant", handle=h) for h in handles}
    users = stage.x()["users"]
    channels = [(h, int(users[h]), pairs[h]["access_token"], pairs[h]["refresh_token"]) for h in handles]
    given = json.dumps({"owner": ANA, "channels": channels, "triggers": triggers})
    subprocess.run([sys.executable, "-c", SETUP], input=given, text=True, env=stage.environment, cwd=ROOT, check=True)
    return handles
