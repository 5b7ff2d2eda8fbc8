"""The whole service in words: processes, streams, what waits, X's limits, the machines, and what is wrong of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.chat.language import N_, Speaker
from bot.control import alarms
from bot.control.alarms import WORKS
from bot.control.said import in_words
from bot.costs.money import money
from models.control.credits import Left
from models.control.limits import SeenLimit
from models.control.processes import Kind, Process
from models.control.waiting import Work
from models.publishing.allowance import ALL, NEARLY, Day
from models.settings import settings
from tasks.control.alarms import key_of
from tasks.control.health import Health, Stream, Wrong
from tasks.control.report import Facts, Report

MIB, GIB = 2**20, 2**30
BRINGS = {
    "stream": N_("what people write to channels"),
    "watching": N_("what channels watch"),
}


def lines(say: Speaker, found: Report) -> list[str]:
    """All of it, in HTML; each part begins with an empty line."""
    health = found.health
    shown = [_heading(say, found)]
    shown += [f"🔧 <code>{in_words(say, t.sentence(health.at))}</code>" for t in (*health.wrong, *health.warnings)]
    if found.facts is not None:
        named = {key_of(t) for t in (*health.wrong, *health.warnings)}
        shown += [alarms.in_short(say, t) for t in found.facts.alarms if (t.kind, t.subject) not in named]
    if health.database:
        shown += ["", say.t("<b>Processes</b>"), *(_of_kind(say, kind, health) for kind in Kind)]
        shown += ["", say.t("<b>X</b>"), *_of_streams(say, health)]
    if found.facts is not None:
        shown += _of_x(say, found.facts, health.at)
        shown += ["", say.t("<b>Waits</b>"), *_of_work(say, found.facts, health)]
        shown += ["", say.t("<b>Machines</b>"), *_of_machines(say, found)]
    return shown


def _heading(say: Speaker, found: Report) -> str:
    health = found.health
    if health.wrong:
        head = say.t("🔴 <b>The service has a problem</b>")
    elif health.warnings:
        head = say.t("🟡 <b>The service runs; something should be looked at</b>")
    else:
        head = say.t("🟢 <b>The service is well</b>")
    if found.facts is None:
        return head
    there = found.facts.channels
    counts = say.t(
        "Channels: {on} on, {off} off, {paused} paused, {stopped} stopped by X",
        on=there["on"],
        off=there["off"],
        paused=there["paused"],
        stopped=there["stopped"],
    )
    return "\n".join([head, *all_paused(say, found.facts.all_paused, health.at), counts])


def all_paused(say: Speaker, since: datetime | None, now: datetime) -> list[str]:
    """That everything is paused, where it is so, and what that means."""
    if since is None:
        return []
    return [
        say.t(
            "⏸ <b>Everything is paused</b>, for {span} (since {when}): also what is connected or turned on meanwhile.",
            span=paused_for(say, since, now),
            when=since.strftime("%Y-%m-%d %H:%M UTC"),
        )
    ]


def paused_for(say: Speaker, since: datetime, now: datetime) -> str:
    """How long everything is paused by now."""
    return say.lasting(max(now - since, timedelta(seconds=1)))


def _of_kind(say: Speaker, kind: Kind, health: Health) -> str:
    running = health.running(kind)
    if not running:
        return say.t("🔴 {kind}: none runs", kind=kind)
    return "\n".join(_of_process(say, p, health.at) for p in sorted(running, key=lambda p: (p.host, p.since)))


def _of_process(say: Speaker, process: Process, now: datetime) -> str:
    line = say.t(
        "{lamp} {kind} · {host}, {version}, for {span}",
        lamp="🟡" if process.troubles else "🟢",
        kind=process.kind,
        host=process.host,
        version=process.version,
        span=say.lasting(max(now - process.since, timedelta(seconds=1))),
    )
    if process.memory:
        line += say.t(", {mib} MiB", mib=process.memory // MIB)
    return line


def _of_streams(say: Speaker, health: Health) -> list[str]:
    assert health.kept is not None
    shown = [_of_stream(say, "stream", health.kept.stream, health.at)]
    if health.kept.is_watched:
        shown.append(_of_stream(say, "watching", health.kept.watching, health.at))
    return shown


def _of_stream(say: Speaker, name: str, stream: Stream | None, now: datetime) -> str:
    brings = say.t(BRINGS[name])
    if stream is None and not settings().x_bearer_token.get_secret_value():
        return say.t("⚪ {brings}: asked for again and again, as there is no X_BEARER_TOKEN", brings=brings)
    if stream is None:
        return say.t("🔴 {brings}: nobody listens", brings=brings)
    if stream.connected_at is None:
        line = say.t("🟡 {brings}: not connected", brings=brings)
        return line + (f" <code>{say.t('{text}', text=stream.trouble)}</code>" if stream.trouble else "")
    line = say.t("🟢 {brings}: connected {ago}", brings=brings, ago=say.ago(stream.connected_at, now))
    if stream.heard_at is not None:
        line += say.t(", last sign of life {ago}", ago=say.ago(stream.heard_at, now))
    if stream.wanted is not None and stream.present is not None:
        line += say.t("; {present} of {wanted} subscriptions", present=stream.present, wanted=stream.wanted)
    if stream.malformed:
        line += say.n("; {count} line was unreadable", "; {count} lines were unreadable", stream.malformed)
    return line


def _of_x(say: Speaker, facts: Facts, now: datetime) -> list[str]:
    billed = say.t("· billed today (UTC): ${dollars}", dollars=money(sum(facts.billed.values())))
    return [
        day_of_app(say, facts.day, now),
        billed,
        _of_credits(say, facts.credits),
        *_of_limits(say, facts.limits, now),
    ]


def _of_credits(say: Speaker, left: Left | None) -> str:
    if left is None:
        return say.t("· credits at X: nobody has said how many there are: /credits")
    dollars = money(max(0, left.left))
    if left.a_day <= 0:
        return say.t("· credits at X: about ${dollars} are left", dollars=dollars)
    return say.n(
        "· credits at X: about ${dollars} are left, enough for {count} day",
        "· credits at X: about ${dollars} are left, enough for {count} days",
        left.days,
        dollars=dollars,
    )


def day_of_app(say: Speaker, day: Day, now: datetime) -> str:
    """How much of the app's day is used, and what is planned of it."""
    if day.full_until is not None:
        span = say.lasting(max(day.full_until - now, timedelta(seconds=1)))
        return say.t("🔴 X takes no more posts of the app for {span}; {planned} are planned.",
                     span=span, planned=day.planned)  # fmt: skip
    return say.t(
        "{lamp} Posts of the app in 24 h: {used} of {limit} ({percent} %); {planned} are planned.",
        lamp="🔴" if day.percent >= ALL else "🟡" if day.percent >= NEARLY else "🟢",
        used=day.used,
        limit=day.limit,
        percent=day.percent,
        planned=day.planned,
    )


def _of_limits(say: Speaker, seen: Sequence[SeenLimit], now: datetime) -> list[str]:
    """Of X's limits those that are nearly used."""
    return [
        say.t("🟡 {call}: {left} of {most} left, for {span}", call=s.call, left=s.left, most=s.most,
              span=say.lasting(max(s.until - now, timedelta(seconds=1))))
        for s in seen
        if s.until is not None and s.left * 4 < s.most
    ]  # fmt: skip


def _of_work(say: Speaker, facts: Facts, health: Health) -> list[str]:
    assert health.kept is not None
    shown = []
    for work in Work:
        line = say.t("· {work}: {count}", work=say.t(WORKS[work]), count=facts.waiting[work])
        if work in health.kept.oldest:
            span = max(health.at - health.kept.oldest[work], timedelta(seconds=1))
            line += say.t(", the oldest for {span}", span=say.lasting(span))
        shown.append(line)
    count = sum(health.kept.aside.values())
    shown.append(say.t("· set aside: {count}", count=count))
    shown.append(say.t("· errors in the last five minutes: {count}", count=health.kept.errors))
    return shown


def _of_machines(say: Speaker, found: Report) -> list[str]:
    assert found.facts is not None
    there = found.facts.database
    shown = [
        say.t("{lamp} Database: {name}, {mib} MiB, tables of {tables}",
              lamp="🟢" if found.health.database else "🔴", name=there.name, mib=there.size // MIB,
              tables=there.tables),
        say.t("🟢 Redis answers") if found.health.redis else say.t("🟡 Redis does not answer"),
    ]  # fmt: skip
    full = {t.at for t in found.health.warnings if t.wrong is Wrong.DISK}
    for host, (free, size) in sorted(found.disks.items()):
        lamp = "🟡" if host in full else "🟢"
        shown.append(
            say.t("{lamp} Disk of {host}: {free} of {size} GiB free", lamp=lamp, host=host,
                  free=round(free / GIB, 1), size=round(size / GIB, 1))
        )  # fmt: skip
    return shown
