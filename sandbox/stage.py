"""A whole service on a stage: the sandbox, and the real processes of the Procfile pointed at it.

For the demo, the story and chaos tests and the bench. Processes can be started, killed and started again one by
one; everything listens on loopback, on free ports, and ends with the stage.
"""

import base64
import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import unquote_plus, urlencode

from bot.service import procfile
from sandbox.forked import Process
from sandbox.people import PHONES
from sandbox.ports import free_port
from sandbox.profile import SEED
from sandbox.telegram import TOKEN
from sandbox.x_tokens import API_KEY, API_SECRET, BEARER, CLIENT_ID, CLIENT_SECRET

ROOT = Path(__file__).parent.parent
ANA, BEN = PHONES[0][0], PHONES[1][0]
T = TypeVar("T")
PATIENCE_S = 60.0  # so long at most for what must come: no figure, only the end of hope on a busy machine
LOOK_S, SELDOM_S = 0.01, 0.2  # the pauses between two looks: a tenth of what was waited, but no less and no more
LOOK_AT_PROCESSES_S = 0.5
_migrated: list[bytes] = []  # the file of a database with today's tables, which making takes a third of a second


class NotSeen(AssertionError):
    """Something that should have happened did not, in time."""


def sandbox_environment(sandbox_url: str) -> dict[str, str]:
    """The settings that point a service at a sandbox; addresses and credentials, nothing else."""
    return {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": f"{sandbox_url}/telegram",
        "X_CLIENT_ID": CLIENT_ID,
        "X_CLIENT_SECRET": CLIENT_SECRET,
        "X_BEARER_TOKEN": BEARER,
        "X_API_KEY": API_KEY,
        "X_API_SECRET": API_SECRET,
        "X_API_URL": f"{sandbox_url}/x",
        "X_AUTHORIZE_URL": f"{sandbox_url}/x/i/oauth2/authorize",
    }


class Stage:
    """Use it as a context manager. `folder` holds the data and the logs of the processes.

    With `world` X and Telegram are as slow and unkind as the real ones, by dice of this `seed`; what is waited for has
    twice the time then. `line_of` may make another line of a process's name and its line of the Procfile.
    """

    def __init__(
        self, folder: Path, *, public: bool = False, database_url: str = "", world: bool = False, seed: int = SEED,
        line_of: Callable[[str, str], str] = lambda _name, line: line, **settings: str,
    ) -> None:  # fmt: skip
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.processes: dict[str, Process] = {}
        self._log = folder / "processes.log"
        self._log.touch()
        self.url = ""
        self._settings = settings
        self._sandbox = ["--seed", str(seed), *(["--world"] if world else [])]
        self._patience = 2.0 if world else 1.0
        self._public, self._line_of = public, line_of
        self._database_url = database_url
        self._before_press: dict[int, dict[int, Any]] = {}

    def __enter__(self) -> "Stage":
        ready = self.folder / "sandbox.port"
        sandbox = ["python", "-m", "sandbox", "--port", "0", "--ready-file", str(ready), *self._sandbox]
        self.processes["sandbox"] = Process("sandbox", shlex.join(sandbox), self.environment, self._log)
        self.wait("the sandbox listens", lambda: ready.exists() and ready.read_text().strip(), 20)
        self.url = f"http://127.0.0.1:{ready.read_text().strip()}"
        self._migrate()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in [n for n in self.processes if n != "sandbox"]:
            self.processes[name].send_signal(signal.SIGTERM)
        for name in list(self.processes):
            self.stop(name)
        if kind is None:
            from tasks import embedded_redis

            self.wait("Redis writes here no more", lambda: not embedded_redis.lives(self.folder / "data"))

    def _migrate(self) -> None:
        """By the command at first; who makes more stages here has copies of what it made on SQLite."""
        path = self.folder / "data" / "canales.db"
        if self._database_url or not _migrated or path.exists():
            self.command("bot", "migrate")
            if not self._database_url and not _migrated:
                _migrated.append(_whole(path))
            return
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_bytes(_migrated[0])

    @property
    def environment(self) -> dict[str, str]:
        """What the processes see: none of this shell's own settings of the service."""
        known = sandbox_environment(self.url) if self.url else {}
        ours = {
            **known,
            "DATA_DIR": str(self.folder / "data"),
            "PORT": str(self.port),
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}" if self._public else "",
            "DATABASE_URL": self._database_url,
            "REDIS_URL": "",
            "SECRET_KEY": "a-key-of-this-stage" if self._database_url else "",
            "ADMIN_IDS": "",
            "SIGN_UP": "open",
            "LIMITS": "none",
            "PYTHONUNBUFFERED": "1",
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
        }
        return {**os.environ, **ours, **self._settings}

    # --- processes -----------------------------------------------------------------------------------------

    def start(self, *names: str) -> None:
        """Start processes of the Procfile; `streams.2` is a second one of its line. A second one has another port."""
        for name in names:
            line, _, nth = name.partition(".")
            settings = {"PORT": str(free_port())} if nth else {}
            command = self._line_of(name, procfile()[line])
            self.processes[name] = Process(name, command, self.environment | settings, self._log)

    def kill(self, name: str) -> None:
        """kill -9, and wait until it is gone."""
        process = self.processes.pop(name)
        process.kill()
        process.wait(60)

    def stop(self, name: str) -> float:
        """SIGTERM; how many seconds it took. Killed after fifteen."""
        process = self.processes.pop(name)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(60)
        return time.monotonic() - began

    def command(self, module: str, *arguments: str, check: bool = True, **settings: str) -> str:
        """Run `python -m module …` to its end; what it printed."""
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".log") as output:
            line = shlex.join(["python", "-m", module, *arguments])
            environment = {**self.environment, **settings}
            status = Process("command", line, environment, Path(output.name)).wait(60)
            said = Path(output.name).read_text()
        if check and status:
            raise NotSeen(f"{line} ended with {status}: {said}")
        return said

    def log_text(self) -> str:
        """All that the processes have printed."""
        return self._log.read_text(errors="replace")

    def redis(self) -> Any:
        """The embedded Redis of this stage."""
        import redis

        from tasks.embedded_redis import socket_path

        return redis.Redis(unix_socket_path=str(socket_path(self.folder / "data")))

    # --- X and Telegram ------------------------------------------------------------------------------------

    def get(self, path: str) -> Any:
        return self._http(urllib.request.Request(self.url + path))

    def do(self, path: str, **body: Any) -> Any:
        data = json.dumps(body).encode()
        return self._http(
            urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method="POST")
        )

    def faults(self, **rates: Any) -> None:
        """Each a rate, or a dict of rate, times, seconds, answer, whose, on (sandbox/faults.py)."""
        self.do("/sandbox/faults", **rates)

    def world(self, on: bool = True, **figures: Any) -> None:
        """Make X and Telegram as slow and unkind as the real ones, or as quick as before (sandbox/profile.py)."""
        self.do("/sandbox/world", on=on, **figures)

    def raw(self, *lines: bytes) -> None:
        """Put any bytes on X's stream."""
        self.do("/sandbox/faults", raw_lines=[{"base64": base64.b64encode(line).decode()} for line in lines])

    def people(self, count: int, language: str = "es") -> list[int]:
        """So many more people with phones; their numbers."""
        more = [{"name": f"Vecina {n + 1}", "language": language} for n in range(count)]
        return list(self.do("/sandbox/telegram/people", people=more)["people"])

    def groups(self, *titles: str) -> list[int]:
        """More groups that the bot is in; their numbers."""
        return list(self.do("/sandbox/telegram/people", groups=titles)["groups"])

    def group(self, act: str, person: int = ANA, **more: Any) -> tuple[int, int]:
        """Somebody does something to a group (sandbox/telegram_controls.py); the chat's number, and the topic's."""
        done = self.do("/sandbox/telegram/group", act=act, person=person, **more)
        return int(done["chat"]), int(done["topic"])

    def mention(self, handle: str, text: str, **more: Any) -> int:
        """Somebody posts; `more` may hold media, sensitive, edit_of."""
        return int(self.do("/sandbox/x/say", handle=handle, kind="mention", text=text, **more)["id"])

    def dm(self, handle: str, to: str, text: str, **more: Any) -> int:
        return int(self.do("/sandbox/x/say", handle=handle, kind="dm", to=to, text=text, **more)["id"])

    def x(self) -> Any:
        return self.get("/sandbox/x?posts=1")

    def accepted(self, action: str) -> dict[str, int]:
        """How often X acted on each write of this kind (`post`, `repost`, `unrepost`, `delete`)."""
        counts: dict[str, int] = self.x()["accepted"]
        return {k.partition(":")[2]: v for k, v in counts.items() if k.startswith(action + ":")}

    def timeline(self, handle: str) -> list[dict[str, Any]]:
        """What stands on an account's page, newest first."""
        return [p for p in self.get("/sandbox/state")["posts"] if p["handle"] == handle and not p["deleted"]]

    def says(
        self, text: str, person: int = ANA, chat: int | None = None, *, html: bool = False, topic: int | None = None
    ) -> None:
        """Write to the bot, or in a group, or in a topic of one; with `html` formatted, hidden links too."""
        self._before_press.pop(person, None)
        self.do("/sandbox/telegram/say", person=person, text=text, chat=chat, html=html, topic=topic)

    def chat(self, person: int = ANA) -> list[dict[str, Any]]:
        """The messages of a person's chat with the bot, oldest first."""
        return list(self.get(f"/sandbox/telegram/chat/{person}")["messages"])

    def bot_says(
        self, pattern: str, person: int = ANA, *, after: int = 0, within: float = PATIENCE_S
    ) -> dict[str, Any]:
        """Wait for a message of the bot that matches; the newest such. Just after a tap: one that came or changed."""
        old = self._before_press.pop(person, {})

        def look() -> dict[str, Any] | None:
            for message in reversed(self.chat(person)):
                if old.get(message["message_id"]) == message:
                    continue
                text = str(message.get("text") or message.get("caption") or "")
                if message["from"]["is_bot"] and message["message_id"] > after and re.search(pattern, text, re.S):
                    return dict(message)
            return None

        return self.wait(f"the bot says /{pattern}/", look, within)

    def press(
        self, message: dict[str, Any], label: str, person: int = ANA, *, again: bool = False, chat: int | None = None
    ) -> None:
        """Tap the button whose label matches, in a group with `chat`.

        `again`: what has come since the tap before this one is still news.
        """
        if not again:
            self._before_press[person] = {m["message_id"]: m for m in self.chat(person)}
        rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
        for button in (b for row in rows for b in row):
            if re.search(label, button["text"]):
                self.do("/sandbox/telegram/press", person=person, message_id=message["message_id"],
                        data=button["callback_data"], chat=chat)  # fmt: skip
                return
        raise NotSeen(f"no button /{label}/ under: {message.get('text')}")

    def send_file(self, name: str, text: str, person: int = ANA, caption: str = "") -> None:
        """Send the bot a document."""
        self.do("/sandbox/telegram/say", person=person, file={"name": name, "text": text}, caption=caption)

    def send_media(self, name: str, content: bytes, person: int = ANA, caption: str = "", **more: Any) -> int:
        """Send the bot a photo, a video or a GIF, by its name; `more`: album, seconds, as_document. Its id."""
        file = {"name": name, "base64": base64.b64encode(content).decode()}
        sent = self.do("/sandbox/telegram/say", person=person, file=file, caption=caption, **more)
        return int(sent["message_id"])

    def download(self, message: dict[str, Any]) -> bytes:
        """The document of a message of the bot's."""
        path = f"{self.url}/telegram/file/bot{TOKEN}/files/{message['document']['file_id']}"
        with urllib.request.urlopen(path, timeout=30) as answer:
            return bytes(answer.read())

    def last_id(self, person: int = ANA) -> int:
        return max((m["message_id"] for m in self.chat(person)), default=0)

    def tell(self, text: str, answer: str, person: int = ANA, within: float = PATIENCE_S) -> dict[str, Any]:
        """Write to the bot and wait for an answer that matches."""
        before = self.last_id(person)
        self.says(text, person)
        return self.bot_says(answer, person, after=before, within=within)

    def authorize(self, message: dict[str, Any], handle: str) -> str:
        """Follow the Connect button to X's page and say yes as this account; where X sends the browser then."""
        link = next(b["url"] for row in message["reply_markup"]["inline_keyboard"] for b in row if "url" in b)
        query = dict(p.split("=", 1) for p in link.partition("?")[2].split("&"))
        users = self.x()["users"]
        fields = {k: unquote_plus(query[k]) for k in ("state", "redirect_uri", "code_challenge", "scope")}
        data = urlencode({**fields, "user": users[handle], "answer": "yes"}).encode()
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            opener.open(link.partition("?")[0], data, timeout=10)
        except urllib.error.HTTPError as answer:
            return str(answer.headers["Location"])
        raise NotSeen("X did not send the person back")

    def connect(self, handle: str = "TraficoValle", person: int = ANA) -> None:
        """Sign a channel in by the chat: /start, Connect, X's page, the pasted address."""
        asked = self.tell("/connect", "X", person)
        address = self.authorize(asked, handle)
        self.tell(address, f"@{handle}", person)

    # --- waiting -------------------------------------------------------------------------------------------

    def wait(self, what: str, look: Callable[[], T | None], within: float = PATIENCE_S) -> T:
        """Wait until `look` gives something true. Raises NotSeen."""
        within *= self._patience
        began = looked_at_processes = time.monotonic()
        while True:
            found = look()
            if found:
                return found
            now = time.monotonic()
            if now > began + within:
                raise NotSeen(f"not seen within {within:.0f} s: {what}\n{self._said_last()}")
            if now > looked_at_processes + LOOK_AT_PROCESSES_S:
                looked_at_processes = now
                self._look_at_processes(what)
            time.sleep(min(max((now - began) / 10, LOOK_S), SELDOM_S))

    def _look_at_processes(self, waiting_for: str) -> None:
        for name, process in list(self.processes.items()):  # others may start and kill some meanwhile
            if process.poll() not in (None, -9, -15, 0):
                ended = f"{name} ended with {process.returncode} while waiting: {waiting_for}"
                raise NotSeen(f"{ended}\n{self._said_last()}")

    def _said_last(self) -> str:
        return "\n".join(["The processes said last:", *self.log_text().splitlines()[-30:]])

    def _http(self, request: urllib.request.Request) -> Any:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read())


def _whole(path: Path) -> bytes:
    """A database's file, with what stood in its log."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None
