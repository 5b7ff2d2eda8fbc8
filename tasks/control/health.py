"""How the service is: what the database, Redis and the processes' own rows tell, and what of it is wrong.

For `/healthz`, `/status`, `/system`, `/metrics`, `python -m bot status` and the alarms. Whoever asks has the facts
together in one value; what is wrong is said by kind and subject, so that each can be put in words for who reads it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import redis

from models import aside
from models.accounts import troubles
from models.aside import Place
from models.control import credits, errors, leases, processes, waiting
from models.control.credits import Left
from models.control.processes import NEWER, Kind, Process
from models.control.waiting import Work
from models.settings import settings
from models.watching import wanted
from tasks.start import redis_client

CONNECTS_WITHIN = timedelta(minutes=1)
MOST_SHORT_LIVED = 3
REFUSED = ("HTTP 401", "HTTP 402", "HTTP 403")
#: What waits for it is put off again and again, so it is never late.
TO_BE_MENDED = {
    troubles.Kind.CLIENT: "it refuses X_CLIENT_ID and X_CLIENT_SECRET, so no access can be renewed",
    troubles.Kind.APP_STOPPED: "it lets the app post nothing",
    troubles.Kind.CREDITS: "the app's credits are used up",
}
LATE = timedelta(minutes=1)
MOST_DEATHS = 4  # on one machine, in ten minutes
MOST_ERRORS = 20  # in five minutes
HESITATES = processes.SILENT / 2  # so long without a beat: it may be dead, and its lease lapses before that is known
SILENT_AFTER = timedelta(minutes=1)  # X sends a heartbeat every 20 s at least
MIB, DOLLAR = 2**20, 1_000_000


class Wrong(StrEnum):
    """What can be wrong."""

    DATABASE = "database"  # it gives no answer, or takes no writes
    REDIS = "redis"  # it gives no answer: everything goes on, a little later
    PROCESS = "process"  # none of this kind runs
    PART = "part"  # a part of a process can't do its work
    STREAM = "stream"  # X's stream is not heard
    LATE = "late"  # work of this kind is not done in time
    APP = "app"  # X takes nothing of the app until who runs the service has seen to it
    MISSED = "missed"  # a process is gone, and none has come in its place: others of its kind do its work
    DYING = "dying"  # processes of a kind die again and again, and others come in their place
    DISK = "disk"  # a machine's disk is nearly full
    ERRORS = "errors"  # they come faster than they may
    ASIDE = "aside"  # something could not be handled
    CREDITS = "credits"  # the app's credits at X run low
    NEWER = "newer"  # a later release has changed the tables under a process


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong: `of` which kind of process or work, in whose words, and since when, as far as known.

    `at`: on which machine.
    """

    wrong: Wrong
    of: str = ""
    said: str = ""
    since: datetime | None = None
    at: str = ""

    @property
    def about(self) -> str:
        """What tells it from others of its kind."""
        return f"{self.of} @ {self.at}" if self.of and self.at else self.of or self.at

    def sentence(self, now: datetime) -> str:
        """For who runs the service, in English."""
        ago = f"{(now - self.since).total_seconds():.0f} s" if self.since is not None else ""
        match self.wrong:
            case Wrong.PROCESS:
                where = f" on {self.at}" if self.at else ""
                last = f": the last one{where} gave a sign of life {ago} ago" if ago else ""
                return f"{self.of}: no such process runs{last}{f' ({self.said})' if self.said else ''}"
            case Wrong.PART:
                return f"{self.of}: {self.said}"
            case Wrong.STREAM:
                return f"{self.of or 'stream'}: {self.said}{f', for {ago}' if ago else ''}"
            case Wrong.LATE:
                return f"{self.of}: the oldest has waited for {ago}"
            case Wrong.DATABASE if self.said:
                return f"{self.wrong}: {self.said}, for {ago}"
            case Wrong.APP:
                return f"x: {self.said}, for {ago}"
            case Wrong.MISSED:
                why = f" ({self.said})" if self.said else ""
                return f"{self.of}: one on {self.at} is gone, and none came in its place, for {ago}{why}"
            case Wrong.DYING:
                return f"{self.of}: those on {self.at} die again and again ({self.said})"
            case Wrong.DISK | Wrong.NEWER:
                return f"{self.of or self.wrong} on {self.at}: {self.said}"
            case Wrong.ERRORS | Wrong.ASIDE:
                return f"{self.wrong}{f' at {self.of}' if self.of else ''}: {self.said}"
        return f"{self.wrong}: {self.said or 'no answer'}"


@dataclass(frozen=True, slots=True)
class Stream:
    """What who listens says of it. `connected_at` is None while it is down; `heard_at`: the last line or heartbeat;
    `looks_ahead`: so many are to be read back yet. `wanted`, `present`: subscriptions, or rules, at X.
    """

    connected_at: datetime | None
    down_since: datetime | None
    heard_at: datetime | None
    trouble: str
    short_lived: int
    looks_ahead: int
    events: int
    malformed: int
    wanted: int | None = None
    present: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What the database tells. `stream` is None where nobody listens; `aside`: how many items are set aside; `app`:
    what troubles all channels at once, and since when. `watching`: the same of the filtered stream, which is to be
    heard where anything `is_watched`. `errors`: so many in the last five minutes, `often` the one that came most.
    `low`: the credits at X, where they run low. `unwritable`: why it takes no writes, so its rows are of the past.
    """

    processes: Sequence[Process]
    oldest: Mapping[Work, datetime]
    stream: Stream | None
    aside: Mapping[Place, int] = field(default_factory=dict)
    app: Mapping[troubles.Kind, datetime] = field(default_factory=dict)
    watching: Stream | None = None
    is_watched: bool = False
    errors: int = 0
    often: str = ""
    low: Left | None = None
    unwritable: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """How the service is at a moment. `kept` is None where the database gave no answer.

    `wrong`: what people wait for; `warnings`: what somebody should see to before they do.
    """

    at: datetime
    kept: Kept | None
    redis: bool
    wrong: tuple[Trouble, ...]
    warnings: tuple[Trouble, ...] = ()

    @property
    def stream(self) -> Stream | None:
        return self.kept.stream if self.kept is not None else None

    @property
    def database(self) -> bool:
        """Whether it answers and takes writes. Where not, who runs and who listens is not known."""
        return self.kept is not None and not self.kept.unwritable

    def running(self, kind: Kind) -> list[Process]:
        """The processes of this kind that run."""
        return [p for p in self.kept.processes if p.kind == kind and p.runs(self.at)] if self.kept is not None else []


def health(now: datetime) -> Health:
    """Ask everybody, here and now. Raises TROUBLE where the database is away."""
    return judged(kept(now), redis_answers(), now)


def kept(now: datetime) -> Kept:
    """Ask the database. Raises TROUBLE."""
    count = errors.lately(now)
    everybody = processes.known()
    app = {trouble.kind: trouble.since for trouble in troubles.of_channel(troubles.APP)}
    return Kept(
        everybody, waiting.oldest(now), stream(now), aside.counts(), app,
        stream(now, leases.WATCHING), wanted.is_any_streamed(now - CONNECTS_WITHIN),
        count, errors.most_frequent(now) if count else "", credits.low(now),
        aside.without_words(processes.unable_to_say_so(everybody, now)),
    )  # fmt: skip


def redis_answers() -> bool:
    """Ask Redis."""
    try:
        return bool(redis_client().ping())
    except redis.RedisError:
        return False


def stream(now: datetime, name: str = leases.STREAM) -> Stream | None:
    """What who listens shows in the lease. Raises TROUBLE."""
    held = leases.read(name)
    if not held.is_held(now) or not held.state:
        return None
    return Stream(
        connected_at=_instant(held.state.get("connected_at")),
        down_since=_instant(held.state.get("down_since")),
        heard_at=_instant(held.state.get("heard_at")),
        trouble=str(held.state.get("trouble", "")),
        short_lived=int(held.state.get("short_lived", 0)),
        looks_ahead=int(held.state.get("looks_ahead", 0)),
        events=int(held.state.get("events", 0)),
        malformed=int(held.state.get("malformed", 0)),
        wanted=held.state.get("wanted"),
        present=held.state.get("present"),
    )


def judged(kept: Kept | None, redis: bool, now: datetime) -> Health:
    """What is wrong, out of what was told. Pure."""
    wrong: list[Trouble] = []
    warnings: list[Trouble] = []
    if kept is None:
        wrong.append(Trouble(Wrong.DATABASE))
    elif kept.unwritable:
        newest = max(p.beat_at for p in kept.processes)
        wrong.append(Trouble(Wrong.DATABASE, said=f"it takes no writes ({kept.unwritable})", since=newest))
    if not redis:
        wrong.append(Trouble(Wrong.REDIS))
    if kept is not None and not kept.unwritable:
        wrong += [trouble for kind in Kind for trouble in _of_kind(kind, kept.processes, now)]
        wrong += _of_stream(kept.stream, kept.processes, now)
        if kept.is_watched:
            wrong += [replace(t, of="watching") for t in _of_stream(kept.watching, kept.processes, now)]
        wrong += [Trouble(Wrong.LATE, work, since=since) for work, since in kept.oldest.items() if now - since > LATE]
        wrong += [
            Trouble(Wrong.APP, kind, said, kept.app[kind]) for kind, said in TO_BE_MENDED.items() if kind in kept.app
        ]
        warnings += [*_missed(kept.processes, wrong, now), *_dying(kept.processes, now)]
        warnings += [*_of_machines(kept.processes, now), *_of_items(kept)]
    return Health(now, kept, redis, tuple(wrong), tuple(warnings))


def _missed(known: Sequence[Process], wrong: Sequence[Trouble], now: datetime) -> list[Trouble]:
    """Of a kind of which none runs it is said already."""
    said = {t.about for t in wrong if t.wrong is Wrong.PROCESS}
    gone = [Trouble(Wrong.MISSED, p.kind, p.ended, p.beat_at, p.host) for p in processes.missed(known, now)]
    return [t for t in gone if t.about not in said]


def _dying(known: Sequence[Process], now: datetime) -> list[Trouble]:
    """Each of them lives for a moment, so none is missed, and little is done."""
    return [
        Trouble(Wrong.DYING, kind, f"{count} times in ten minutes", at=host)
        for (kind, host), count in processes.dying(known, now).items()
        if count >= MOST_DEATHS
    ]


def _of_machines(known: Sequence[Process], now: datetime) -> list[Trouble]:
    """The disk, as the process on it that has looked last says; and what runs under tables that it does not know."""
    found: dict[str, Trouble] = {}
    for process in sorted((p for p in known if p.runs(now)), key=lambda p: p.beat_at):
        free, size = process.disk_free, process.disk_size
        found.pop(process.host, None)
        if size and is_nearly_full(free, size):
            said = f"{free // MIB} MiB of {size // MIB} MiB are free"
            found[process.host] = Trouble(Wrong.DISK, said=said, at=process.host)
    newer = {p.host: p.troubles[NEWER] for p in known if p.runs(now) and NEWER in p.troubles}
    return [*found.values(), *(Trouble(Wrong.NEWER, "database", said, at=host) for host, said in sorted(newer.items()))]


def is_nearly_full(free: int, size: int) -> bool:
    """Whether so many free bytes are few: a twentieth and a quarter of a GiB, at most 5 GiB of a large one."""
    return free < min(size // 20 + 256 * MIB, 5 * 1024 * MIB)


def _of_items(kept: Kept) -> list[Trouble]:
    found = [
        Trouble(Wrong.ASIDE, place, f"{count} could not be handled: /aside") for place, count in kept.aside.items()
    ]
    if kept.low is not None:
        said = f"about ${max(0, kept.low.left) / DOLLAR:.2f} are left, enough for {kept.low.days} days"
        found.append(Trouble(Wrong.CREDITS, said=said))
    if kept.errors >= MOST_ERRORS:
        often = f", most of all: {kept.often}" if kept.often else ""
        found.append(Trouble(Wrong.ERRORS, said=f"{kept.errors} in five minutes{often}"))
    return found


def _of_kind(kind: Kind, known: Sequence[Process], now: datetime) -> list[Trouble]:
    mine = [p for p in known if p.kind == kind]
    running = [p for p in mine if p.runs(now)]
    if not running:
        last = max(mine, key=lambda p: p.beat_at, default=None)
        if last is None:
            return [Trouble(Wrong.PROCESS, kind)]
        return [Trouble(Wrong.PROCESS, kind, last.ended, last.beat_at, last.host)]
    parts = {f"{name}: {what}" for process in running for name, what in process.troubles.items() if name != NEWER}
    return [Trouble(Wrong.PART, kind, said) for said in sorted(parts)]


def _of_stream(stream: Stream | None, known: Sequence[Process], now: datetime) -> list[Trouble]:
    """Whether X's stream is heard, where it should be. Of who has just begun to listen it is not asked yet."""
    if not settings().x_bearer_token.get_secret_value():
        return []
    if stream is None:
        able = [p.since for p in known if p.kind == Kind.STREAMS and p.runs(now) and now - p.beat_at < HESITATES]
        since = min(able, default=None)
        is_over = since is not None and now - since > CONNECTS_WITHIN
        return [Trouble(Wrong.STREAM, said="nobody listens")] if is_over else []
    if stream.trouble.startswith(REFUSED):
        return [Trouble(Wrong.STREAM, said=f"X refuses X_BEARER_TOKEN ({stream.trouble})", since=stream.down_since)]
    if stream.short_lived >= MOST_SHORT_LIVED:
        said = f"X has ended the last {stream.short_lived} connections before they had lived a minute"
        return [Trouble(Wrong.STREAM, said=said)]
    if stream.connected_at is None and stream.down_since is not None and now - stream.down_since > CONNECTS_WITHIN:
        return [Trouble(Wrong.STREAM, said=f"not connected ({stream.trouble or 'no answer'})", since=stream.down_since)]
    if (
        stream.connected_at is not None
        and now - max(stream.heard_at or stream.connected_at, stream.connected_at) > SILENT_AFTER
    ):
        said = "it is connected, and brings no line and no heartbeat"
        return [Trouble(Wrong.STREAM, said=said, since=stream.heard_at or stream.connected_at)]
    return []


def _instant(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
