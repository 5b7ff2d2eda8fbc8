"""What many channels have from the start, written without the chat: for chaos and the bench.

It runs as a process of the stage's own (`python -m tests.given channels FILE`), and takes what to write from the file.
"""

import base64
import json
import shlex
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import peewee as pw

from engine import posts
from engine.hashtags import Hashtag
from engine.media import MediaKind
from engine.moderation import Keyword, KeywordRole
from engine.when import When
from engine.x.chat.pairs import Pair
from engine.x.events import Account
from models import choosing, connecting
from models.accounts import chat_keys, people
from models.accounts.channels import Auth, Channel
from models.accounts.tokens import Tokens
from models.database import transaction
from models.moderation import lists
from models.publishing import hashtags, media, taking_back, threads
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.scheduling import schedules as scheduling
from models.watching import watched
from sandbox.forked import Process
from sandbox.stage import ANA, Stage
from tasks.start import start

LONG_S = 600.0  # the bench writes ten thousands of posts


def connect_many(
    stage: Stage, count: int, triggers: list[str], *, first: int = 0, owner: int = ANA, reviewed: bool = False,
    tags: Sequence[str] = (),
) -> list[str]:  # fmt: skip
    """Sign in so many channels, with no gap and a day of freshness; their handles, numbered from `first` on.

    `reviewed`: people decide what they repost. `tags`: the hashtags that their copies get.
    """
    handles = [f"canal{n:03}" for n in range(first, first + count)]
    pairs = {h: stage.do("/sandbox/x/act", act="grant", handle=h) for h in handles}
    users = stage.x()["users"]
    connected = [
        (h, int(users[h]), pairs[h]["access_token"], pairs[h]["refresh_token"], pairs[h]["scope"]) for h in handles
    ]
    _write(stage, "channels", owner=owner, channels=connected, triggers=triggers, reviewed=reviewed, tags=tags)
    return handles


def give_keys(stage: Stage, handles: Sequence[str]) -> None:
    """Each of these channels has keys of X Chat, which X knows: as if they were unlocked here."""
    made = {h: stage.do("/sandbox/x/chat", act="make_keys", handle=h, quick=True) for h in handles}
    _write(stage, "keys", keys=[(h, k["keys"], k["public_key"], k["version"]) for h, k in made.items()])


def schedule_many(stage: Stage, count: int, instant: float, text: str) -> set[str]:
    """So many schedules over all channels, all of one instant (Unix seconds); what they say."""
    texts = [f"{text} {n}" for n in range(count)]
    _write(stage, "schedules", texts=texts, instant=instant)
    return set(texts)


def post_many(stage: Stage, count: int, due: float, *, first_channel: int = 0, channels: int = 0) -> None:
    """So many posts that are due from that moment on (Unix seconds), over these channels in turn, or over all."""
    _write(stage, "posts", count=count, due=due, first=first_channel, channels=channels)


def video_many(stage: Stage, count: int, size: int, begin: float, *, first_channel: int) -> None:
    """So many videos of so many bytes, each of a channel of its own, that go up from that moment on (Unix seconds)."""
    _write(stage, "videos", count=count, size=size, begin=begin, first=first_channel)


def watch_many(stage: Stage, wanted: Sequence[tuple[int, int, str]], *, quiet: bool = False) -> None:
    """What channels watch from now on: the place of each among the channels, X's id of an account, its handle.

    `quiet`: these channels hear nothing else.
    """
    _write(stage, "watching", wanted=list(wanted), quiet=quiet)


def mix(stage: Stage, count: int, due: float, within_s: float) -> None:
    """So many posts over all channels, due one after the other within so many seconds from that moment on (Unix seconds):
    plain ones, with a link, and with a photo and its description.
    """
    _write(stage, "mixed", count=count, due=due, within_s=within_s)


def take_back(stage: Stage, count: int) -> None:
    """So many of the last posts are undone, at most."""
    _write(stage, "undone", count=count)


def _write(stage: Stage, what: str, **given: Any) -> None:
    run_beside(stage, "tests.given", what, given, PGAPPNAME="the test")  # it is no process of the service


def run_beside(stage: Stage, module: str, what: str, given: dict[str, Any], **settings: str) -> str:
    """Run `python -m module what FILE` beside the processes of a stage, `given` being in the file; what it printed.

    It is forked as they are: importing all again costs more than what it does.
    """
    with tempfile.TemporaryDirectory(dir=stage.folder) as folder:
        told, output = Path(folder, "given.json"), Path(folder, "output.log")
        told.write_text(json.dumps(given))
        line = shlex.join(["python", "-m", module, what, str(told)])
        status = Process("beside", line, {**stage.environment, **settings}, output).wait(LONG_S)
        assert status == 0, output.read_text()
        return output.read_text()


def _channels(given: dict[str, Any], now: datetime) -> None:
    people.person(given["owner"], "Ana", "es", now)
    with transaction():
        for handle, user_id, access, refresh, scopes in given["channels"]:
            pair = Tokens(Auth.OAUTH2, access, refresh, expires_at=now + timedelta(hours=2), scopes=scopes)
            channel = connecting.connect_channel(Account(user_id, handle, handle), given["owner"], pair, now)
            lists.add(channel.id, [Keyword(KeywordRole.TRIGGER, w) for w in given["triggers"]])
            Channel.update(gap_s=0, fresh_s=86400).where(Channel.id == channel.id).execute()
            for tag in given["tags"]:
                hashtags.put(channel.id, Hashtag(tag))
            if given["reviewed"]:
                choosing.choose(channel.id, now, review="all")


def _keys(given: dict[str, Any], now: datetime) -> None:
    for handle, blob, public_key, version in given["keys"]:
        channel = Channel.get(Channel.handle == handle)
        chat_keys.unlocked(channel.id, Pair(base64.b64decode(blob), public_key), version, now)


def _schedules(given: dict[str, Any], now: datetime) -> None:
    at = datetime.fromtimestamp(given["instant"], UTC).replace(tzinfo=None)
    channels = _channel_ids(0, 0)
    with transaction():
        for n, text in enumerate(given["texts"]):
            scheduling.create(channels[n % len(channels)], 1, [posts.plain(text)], When(at), "es", now)


def _posts(given: dict[str, Any], now: datetime) -> None:
    due = datetime.fromtimestamp(given["due"], UTC)
    channels = _channel_ids(given["first"], given["channels"])
    with transaction():
        for n in range(given["count"]):
            text = posts.plain(f"aviso número {n} de las {due:%H:%M:%S}")
            threads.insert(channels[n % len(channels)], text, now, due_at=due, fresh_until=due + timedelta(hours=1))


def _mixed(given: dict[str, Any], now: datetime) -> None:
    channels = _channel_ids(0, 0)
    for n in range(given["count"]):
        due = datetime.fromtimestamp(given["due"] + n * given["within_s"] / given["count"], UTC)
        text = f"aviso {n} canales.com/{n}" if n % 4 == 0 else f"aviso {n}"
        channel_id, shown = channels[n % len(channels)], tuple[posts.Attachment, ...]()
        with transaction():
            if n % 3 == 0:
                photo = media.keep(channel_id, MediaKind.PHOTO, "image/png", b"0123456789", now)
                shown = (posts.Attachment(photo, MediaKind.PHOTO, f"foto {n}"),)
            one = (posts.Post(text, shown),)
            threads.insert(channel_id, one, now, due_at=due, fresh_until=due + timedelta(hours=1))


def _undone(given: dict[str, Any], now: datetime) -> None:
    said = Tweet.select(Tweet.id).where((Tweet.status == TweetStatus.SENT) & (Tweet.undo == UndoState.NONE))
    with suppress(pw.OperationalError):  # who had the turn to write was killed this moment: fewer are undone
        for tweet in said.order_by(Tweet.id.desc()).limit(given["count"]):
            taking_back.want(tweet.id, now)


def _videos(given: dict[str, Any], now: datetime) -> None:
    begin = datetime.fromtimestamp(given["begin"], UTC)
    content = b"\0\0\0\x18ftypmp42".ljust(given["size"], b"\0")
    for n, channel_id in enumerate(_channel_ids(given["first"], given["count"])):
        with transaction():
            media_id = media.keep(channel_id, MediaKind.VIDEO, "video/mp4", content, now)
            video = (posts.Post(f"video {n}", (posts.Attachment(media_id, MediaKind.VIDEO),)),)
            threads.insert(channel_id, video, begin, due_at=begin, fresh_until=begin + timedelta(hours=1))


def _watching(given: dict[str, Any], now: datetime) -> None:
    ids = _channel_ids(0, 0)
    for at, x_id, handle in given["wanted"]:  # each by itself, as people do: nobody waits for all of them
        watched.add(ids[at], watched.an_account(Account(x_id, handle, handle)), 1, now)
    if given["quiet"]:
        Channel.update(mentions_on=False, dms_on=False).execute()


def _channel_ids(first: int, count: int) -> list[int]:
    """The channels in their order, so many from this one on; 0: all of them."""
    ids = [c.id for c in Channel.select(Channel.id).order_by(Channel.id)]
    return ids[first : first + count] if count else ids[first:]


if __name__ == "__main__":
    start()
    what = {
        "channels": _channels,
        "schedules": _schedules,
        "posts": _posts,
        "videos": _videos,
        "mixed": _mixed,
        "undone": _undone,
        "watching": _watching,
        "keys": _keys,
    }
    what[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text()), datetime.now(UTC))
