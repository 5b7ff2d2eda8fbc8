"""`python -m bot status`: how the service is, as `/system` shows it, for a terminal or as JSON; its exit says so too.

It starts nothing, and asks with bounded patience. It looks from where it runs: a database that can't be reached from
here is what it says then.
"""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bot.chat.language import Speaker
from bot.chat.turn import plain
from bot.control import shown
from bot.healthz import shown as as_json
from models import checking
from models.control.waiting import Work
from models.settings import Settings, read
from tasks.control.health import judged
from tasks.control.report import Report, from_outside, redis_answers_as_it_is
from tasks.start import refused

WELL, WRONG, WARNED = 0, 1, 3


def status(*, in_json: bool) -> int:
    """Say it; WELL, WRONG, or WARNED where nobody waits for anything and something should be looked at."""
    settings, problems = read()
    if problems:
        return int(str(refused(problems).code))
    found, why = _asked(settings)
    if in_json:
        print(json.dumps({**full(found), **({"why": why} if why else {})}, ensure_ascii=False, indent=2))
    else:
        print("\n".join([*why, *(plain(line) for line in shown.lines(Speaker("en"), found))]))
    sys.stdout.flush()
    return WRONG if found.health.wrong else WARNED if found.health.warnings else WELL


def _asked(settings: Settings) -> tuple[Report, list[str]]:
    """Without the database it is known all the same that there is none, and why."""
    at = datetime.now(UTC)  # this is no process of the service, which finds the right time together with others
    if why := checking.reachable(settings):
        return Report(judged(None, redis_answers_as_it_is(settings), at), None), why
    return from_outside(at), []


def full(found: Report) -> dict[str, Any]:
    """As JSON: that of `/healthz`, and what else `/system` shows. In bytes, seconds and micro-dollars."""
    health, facts = found.health, found.facts
    told = as_json(health)
    told["disks"] = {host: {"free": free, "size": size} for host, (free, size) in found.disks.items()}
    if health.kept is not None:
        told["errors_in_five_minutes"] = health.kept.errors
    if facts is None:
        return told
    told["waiting"] = {work.value: facts.waiting[work] for work in Work}
    told["channels"] = dict(facts.channels)
    since = facts.all_paused
    told["all_paused_since"] = since.isoformat(timespec="seconds") if since is not None else None
    told["tables"] = {"in": facts.database.name, "size": facts.database.size, "version": facts.database.tables}
    told["billed_today"] = dict(facts.billed)
    told["credits"] = asdict(facts.credits) if facts.credits is not None else None
    told["posts_of_the_app"] = {"used": facts.day.used, "limit": facts.day.limit, "planned": facts.day.planned}
    told["limits"] = [
        {
            "call": seen.call,
            "most": seen.most,
            "left": seen.left,
            "until": seen.until.isoformat() if seen.until is not None else None,
        }
        for seen in facts.limits
    ]
    told["alarms"] = [
        {"kind": str(t.kind), "about": t.subject, "since": t.since.isoformat(timespec="seconds"), "said": t.said}
        for t in facts.alarms
    ]
    return told
