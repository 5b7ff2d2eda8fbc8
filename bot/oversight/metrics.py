"""`GET /metrics`: the whole service in figures, for Prometheus; docs/grafana.json draws them.

They are read out of the database when somebody asks, so any `web` tells of all processes, and a process that died is
seen from the others. Who hangs is not waited for: `canales_database_up` is 0 then, as where nothing can be written, and
what it would have told is left out. With METRICS_TOKEN set, who asks must send it.
"""

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime

from aiohttp import web
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from bot.healthz import Healthz, Question
from models.control.processes import Kind
from models.control.waiting import Work
from models.settings import Settings
from tasks.clock import now
from tasks.control import report
from tasks.control.health import Health, Kept, Stream
from tasks.control.report import Facts, Report

DOLLAR = 1_000_000


class Metrics:
    """The page."""

    def __init__(self, healthz: Healthz, settings: Settings) -> None:
        self._healthz = healthz
        self._facts: Question[Facts | None] = Question("facts", lambda: report.facts(now()))
        self._token = settings.metrics_token.get_secret_value()

    async def __call__(self, request: web.Request) -> web.Response:
        if self._token and not self._is_known(request.headers.get("Authorization", "")):
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        health, facts = await asyncio.gather(self._healthz.health(), self._facts.answer(None))
        content = exposed(Report(health, facts if health.kept is not None else None))
        return web.Response(body=content, headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _is_known(self, given: str) -> bool:
        sent = given.encode("utf-8", "surrogateescape")  # what a stranger sends may be any bytes
        return secrets.compare_digest(sent, f"Bearer {self._token}".encode())


def exposed(found: Report) -> bytes:
    """As Prometheus reads it."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Reported(found))
    return bytes(generate_latest(registry))


class _Reported(Collector):
    """What the library asks for its figures."""

    def __init__(self, found: Report) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        health, facts = self._found.health, self._found.facts
        yield from _of_health(health)
        if health.kept is not None and health.database:
            yield from _of_processes(health.kept, health.at)
            yield from _of_streams(health.kept, health.at)
            yield from _of_work(health.kept, facts, health.at)
        if facts is not None:
            yield from _of_facts(facts, health.at)
        yield from _of_disks(self._found)


def _of_health(health: Health) -> Iterator[Metric]:
    yield _gauge("healthy", "Whether nothing is wrong, as /healthz says.", float(not health.wrong))
    yield _gauge("warnings", "How many things somebody should look at.", len(health.warnings))
    yield _gauge("database_up", "Whether the database answers and takes writes.", float(health.database))
    yield _gauge("redis_up", "Whether Redis answers.", float(health.redis))
    wrong = _labelled("wrong", "What is wrong, or should be looked at: 1 for each.", "what", "about", "severity")
    seen = set()
    for severity, troubles in (("wrong", health.wrong), ("warning", health.warnings)):
        for trouble in troubles:
            key = (str(trouble.wrong), trouble.about, severity)
            if key not in seen:
                seen.add(key)
                wrong.add_metric(key, 1)
    yield wrong


def _of_processes(kept: Kept, at: datetime) -> Iterator[Metric]:
    running = _labelled("processes", "Processes that run, by kind.", "kind")
    for kind in Kind:
        running.add_metric([kind], sum(p.kind == kind and p.runs(at) for p in kept.processes))
    yield running
    up = _labelled("process_up", "Whether a process gave a sign of life in the last 10 s.", "kind", "host", "name")
    age = _labelled("process_age_seconds", "Since when a process runs.", "kind", "host", "name")
    beat = _labelled("process_beat_age_seconds", "The age of its last sign of life.", "kind", "host", "name")
    memory = _labelled("process_memory_bytes", "Its resident memory, shared pages included.", "kind", "host", "name")
    for p in kept.processes:
        labels = [str(p.kind), p.host, p.name]
        up.add_metric(labels, float(p.runs(at)))
        beat.add_metric(labels, _seconds(p.beat_at, at))
        if p.runs(at):
            age.add_metric(labels, _seconds(p.since, at))
            memory.add_metric(labels, p.memory)
    yield from (up, age, beat, memory)


def _of_streams(kept: Kept, at: datetime) -> Iterator[Metric]:
    streams: dict[str, Stream | None] = {"stream": kept.stream}
    if kept.is_watched:
        streams["watching"] = kept.watching
    connected = _labelled("stream_connected", "Whether X's stream is connected.", "stream")
    heard = _labelled("stream_heard_age_seconds", "The age of its last line or heartbeat.", "stream")
    asked = _labelled("stream_subscriptions", "Subscriptions that are wanted, and present at X.", "stream", "state")
    events = CounterMetricFamily("canales_stream_events", "Events heard under this lease.", labels=["stream"])
    unreadable = CounterMetricFamily("canales_stream_unreadable", "Lines that nobody could read.", labels=["stream"])
    for name, stream in streams.items():
        connected.add_metric([name], float(stream is not None and stream.connected_at is not None))
        if stream is None:
            continue
        if stream.heard_at is not None:
            heard.add_metric([name], _seconds(stream.heard_at, at))
        for state, count in (("wanted", stream.wanted), ("present", stream.present)):
            if count is not None:
                asked.add_metric([name, state], count)
        events.add_metric([name], stream.events)
        unreadable.add_metric([name], stream.malformed)
    yield from (connected, heard, asked, events, unreadable)


def _of_work(kept: Kept, facts: Facts | None, at: datetime) -> Iterator[Metric]:
    oldest = _labelled("oldest_waiting_seconds", "Since when the oldest that is due waits; 0 for none.", "work")
    for work in Work:
        since = kept.oldest.get(work)
        oldest.add_metric([work], _seconds(since, at) if since is not None else 0)
    yield oldest
    if facts is not None:
        yield _by("waiting", "How much waits, due or not.", "work", {str(w): n for w, n in facts.waiting.items()})
    yield _by("set_aside", "What could not be handled.", "place", {str(p): n for p, n in kept.aside.items()})
    yield _gauge("errors_in_five_minutes", "Errors that were logged in the last five minutes.", kept.errors)
    since_ = {str(kind): _seconds(begun, at) for kind, begun in kept.app.items()}
    yield _by("app_trouble_age_seconds", "Since when X takes something of no channel.", "kind", since_)


def _of_facts(facts: Facts, at: datetime) -> Iterator[Metric]:
    yield _by("channels", "Channels, by how they stand.", "state", facts.channels)
    yield _gauge("database_size_bytes", "The size of the database.", facts.database.size)
    yield _gauge("app_posts_used", "Posts of the app in the last 24 hours.", facts.day.used)
    yield _gauge("app_posts_limit", "Posts that X allows the app in 24 hours.", facts.day.limit)
    yield _gauge("app_posts_planned", "Posts that are planned for the next 24 hours.", facts.day.planned)
    billed = {kind: cost / DOLLAR for kind, cost in facts.billed.items()}
    yield _by("billed_today_dollars", "What X bills of this UTC day.", "kind", billed)
    if facts.credits is not None:
        yield _gauge(
            "credits_left_dollars", "Credits at X, by what was spent since they were said.", facts.credits.left / DOLLAR
        )
    left = _labelled("x_limit_left", "What was left of X's limit of a call, as last seen.", "call")
    most = _labelled("x_limit", "X's limit of a call, as last seen.", "call")
    for seen in facts.limits:
        left.add_metric([seen.call], seen.left)
        most.add_metric([seen.call], seen.most)
    yield from (left, most)
    alarm = _labelled("alarm_age_seconds", "Alarms that go on, and since when.", "kind", "about")
    for trouble in facts.alarms:
        alarm.add_metric([str(trouble.kind), trouble.subject], _seconds(trouble.since, at))
    yield alarm


def _of_disks(found: Report) -> Iterator[Metric]:
    yield _by("disk_free_bytes", "Free bytes where the data lies.", "host", {h: d[0] for h, d in found.disks.items()})
    yield _by("disk_size_bytes", "All bytes where the data lies.", "host", {h: d[1] for h, d in found.disks.items()})


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"canales_{name}", about, value=value)


def _labelled(name: str, about: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"canales_{name}", about, labels=labels)


def _by(name: str, about: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = _labelled(name, about, label)
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _seconds(since: datetime, at: datetime) -> float:
    return round(max(0.0, (at - since).total_seconds()), 1)
