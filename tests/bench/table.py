"""Figures beside what they are to reach: one table, in a terminal and on the page of docs."""

import math
from dataclasses import dataclass
from enum import StrEnum


class Column(StrEnum):
    """What the figures are measured on."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


SUFFIX = {Column.SQLITE: "", Column.POSTGRES: ".postgres"}
TITLE = {Column.SQLITE: "SQLite", Column.POSTGRES: "PostgreSQL"}


@dataclass(frozen=True, slots=True)
class Target:
    """At least, or at most, so much."""

    least: float = -math.inf
    most: float = math.inf

    def met(self, value: float) -> bool:
        return self.least <= value <= self.most

    def __str__(self) -> str:
        return f"≥ {shown(self.least)}" if math.isfinite(self.least) else f"≤ {shown(self.most)}"


@dataclass(frozen=True, slots=True)
class Figure:
    """What a figure is, and its target, which may be another on PostgreSQL."""

    says: str
    target: Target | None = None
    on_postgres: Target | None = None

    def target_on(self, column: Column) -> Target | None:
        return self.on_postgres if column is Column.POSTGRES and self.on_postgres else self.target


def least(value: float) -> Target:
    return Target(least=value)


def most(value: float) -> Target:
    return Target(most=value)


ON_TIME = "of a hundred schedules of one instant, on X within 1 s of it"
LATE = "from the instant to X being asked, the latest of them"
NONE = most(0)
#: Every figure by its name without the column, in the order of the table.
FIGURES: dict[str, Figure] = {
    "pipeline.messages_per_second": Figure(
        "heard, judged and recorded of a burst, one in twenty said", least(5_000), least(2_500)
    ),
    "pipeline.huey_noop_per_second": Figure("jobs of bare Huey that do nothing, one consumer, in the same run"),
    "pipeline.messages_per_noop": Figure("messages for each of them", least(1.92), least(0.96)),
    "pipeline.messages_per_second_until_said": Figure("the same burst, until the last repost is on X"),
    "pipeline.posts_per_second": Figure("posts that leave for X while plenty are due", least(150)),
    "latency.p50_ms": Figure("from the event on the wire to X being asked to repost it", most(25)),
    "latency.p99_ms": Figure("the same", most(150)),
    "latency.max_ms": Figure("the same"),
    "isolation.judged_p50_ms": Figure("X takes 10 s for every call: from the event on the wire to its verdict"),
    "isolation.judged_p99_ms": Figure("the same", most(250)),
    "isolation.notice_max_ms": Figure("meanwhile, from the event to the notice in the chat", most(1_000)),
    "isolation.command_p50_ms": Figure("meanwhile, from a command to its answer in the chat"),
    "isolation.command_max_ms": Figure("the same", most(1_000)),
    "isolation.sigterm_max_s": Figure("meanwhile, from SIGTERM to the end of the slowest process", most(10)),
    "notices.seconds": Figure("1,000 notices for 50 people, left all at once: until the last has come", most(60)),
    "notices.urgent_max_s": Figure("of them every tenth is urgent: until the last of those has come", most(5)),
    "notices.urgent_p50_s": Figure("the same, half of them"),
    "notices.missing": Figure("never came", NONE),
    "notices.doubled": Figure("came twice", NONE),
    "notices.out_of_order": Figure("people who were told in another order than it was left", NONE),
    "notices.pauses": Figure("how often Telegram told a chat to wait"),
    "schedules.on_time_percent": Figure(ON_TIME, least(99)),
    "schedules.on_time_percent.videos": Figure("the same while twenty videos of 15 MB go up", least(99)),
    "schedules.on_time_percent.slow_channel": Figure("the same while a channel's 40 posts take 10 s each", least(99)),
    "schedules.on_time_percent.killed": Figure("the same while workers are killed"),
    "schedules.early": Figure("before their instant, in all four", NONE),
    "schedules.missing": Figure("never, in all four", NONE),
    "schedules.doubled": Figure("twice, in all four", NONE),
    "schedules.late_p50_ms": Figure("from the instant to X being asked"),
    "schedules.late_max_ms": Figure(LATE),
    "schedules.late_max_ms.videos": Figure("the same while the videos go up"),
    "schedules.late_max_ms.slow_channel": Figure("the same beside the slow channel"),
    "schedules.late_max_ms.killed": Figure("the same while workers are killed"),
    "schedules.videos_up_s": Figure("until the last of the twenty videos is ready at X"),
    "planning.minute_ms.1000": Figure("planning a minute with 100 due of so many schedules"),
    "planning.minute_ms.100000": Figure("the same"),
    "planning.minute_ms.1000000": Figure("the same"),
    "planning.memory_mib.1000000": Figure("what the planner grows by meanwhile"),
    "chaos.wanted": Figure("messages that X must be told of: answers lost, refusals before and after X acted, kills"),
    "chaos.lost": Figure("of them never on X", NONE),
    "chaos.doubled": Figure("of them twice", NONE),
    "chaos.unwanted": Figure("on X and not wanted", NONE),
    "chaos.untold": Figure("on X, and its owner was not told", NONE),
    "chaos.falsely": Figure("told as not posted, or as posted, and it is not so", NONE),
    "chaos.repeated": Figure("troubles of a channel that were told more than once", NONE),
    "chaos.bill_difference": Figure("micro-dollars between the ledger and X's own bill", NONE),
    "bill.difference": Figure("the same where all that X bills is mixed: 1,000 messages, 30 kills", NONE),
    "chaos.seconds": Figure("until all was settled"),
    "chats.decrypts_per_second": Figure("encrypted DMs checked and decrypted on one core, all keys at hand"),
    "chats.strangers_s": Figure("1,000 at once from 20 people whose keys X must be asked for: until all are judged"),
    "chats.messages_per_second": Figure("the same from people whose keys are known"),
    "chats.lost": Figure("of them never heard", NONE),
    "chats.doubled": Figure("of them heard twice", NONE),
    "watching.watched": Figure("what 200 channels watch, five accounts each, on one connection"),
    "watching.accounts": Figure("accounts among it: 300 of the thousand are the same five"),
    "watching.rules": Figure("rules of the stream that bring them", most(25)),
    "watching.equal_in_s": Figure("asking X what it has, adding all of them, looking again and taking away the old"),
    "watching.equal_s": Figure("from writing the thousand down, by a process of its own, until X's rules are equal"),
    "watching.one_more_s": Figure("the same for one more"),
    "watching.rules_changed_by_one_more": Figure("rules that it changed", most(1)),
    "watching.expected": Figure(
        "posts to be heard while rules change, the connection is cut and who listens is killed"
    ),
    "watching.lost": Figure("of them never heard", NONE),
    "watching.doubled": Figure("of them heard twice", NONE),
    "watching.unwanted": Figure("heard, and not watched", NONE),
    "watching.read_back": Figure("posts that X was asked for once more meanwhile"),
    "watching.seconds": Figure("from the last post until all were heard"),
    "unkind.lines": Figure("lines of X's stream that break whoever believes them, of up to 10 MB; as many in pages"),
    "unkind.good": Figure("good mentions between them, in each of the two"),
    "unkind.lost": Figure("of the good ones not reposted", NONE),
    "unkind.unjudged": Figure("of what could be read waits for ever", NONE),
    "unkind.set_aside": Figure("had to be set aside, as it came further than the door", NONE),
    "unkind.stream.seconds": Figure("until all good ones of the stream were on X"),
    "unkind.stream.memory_mib": Figure("what the process that hears has grown by after the first 10,000", most(20)),
    "unkind.read_back.seconds": Figure("until all good ones of the pages were on X"),
    "unkind.read_back.memory_mib": Figure("what the process that hears has grown by meanwhile"),
    "troubles.lost": Figure("reposts that never were on X, over all the troubles below", NONE),
    "troubles.doubled": Figure("twice", NONE),
    "troubles.untold": Figure("on X, and their owner was not told", NONE),
    "conversation.alone_p99_ms": Figure("from writing to the answer in the chat, six people asking"),
    "conversation.other_person_p99_ms": Figure(
        "the same while others send 200 commands, bring in 10,000 lines, are told to wait 40 s", most(1_000)
    ),
    "conversation.answers_per_second": Figure("answers while 50 people type at once", least(50)),
    "conversation.x_slow_p99_ms": Figure("from writing to the answer while 30 people wait 10 s for X", most(1_000)),
    "conversation.sigterm_s": Figure("meanwhile, from SIGTERM to the end of the bot", most(10)),
    "memory.idle_pss_mib.total": Figure("all processes idle for a minute, shared pages counted once", most(200)),
    "memory.idle_mib.total": Figure("the sum of their resident memory"),
    "memory.loaded_pss_mib.total": Figure("after 600 messages for 40 channels, shared pages counted once"),
    "memory.loaded_mib.total": Figure("the sum of their resident memory then"),
    "rules.verdicts_per_second.10": Figure("verdicts of all rules on one core with so many keywords"),
    "rules.verdicts_per_second.1000": Figure("the same"),
    "rules.verdicts_per_second.10000": Figure("the same: at most twice as slow as with ten"),
    "rules.filtered_verdicts_per_second": Figure("ten keywords and eight filters, which look behind disguises too"),
    "rules.compile_ms.10000": Figure("compiling 10,000 keywords, once a version of the rules"),
    "rules.load_ms.10000": Figure("reading them from SQLite and compiling them"),
    "rules.import_s.10000": Figure("a CSV of 10,000 lines: read, compared and stored"),
    "rules.repeats_us.2000": Figure("looking for a near-repeat among 2,000 texts of the last day"),
    "rules.repeats_precision.labelled": Figure("near-repeats that are told, and are: 308 labelled pairs"),
    "rules.repeats_recall.labelled": Figure("near-repeats that are, and are told"),
    "rules.repeats_precision.unseen": Figure("the same for 56 pairs that were never used to tune anything"),
    "rules.repeats_recall.unseen": Figure("the same"),
    "rules.repeats_precision.details": Figure("the same for 164 pairs that differ in one detail"),
    "rules.repeats_recall.details": Figure("the same"),
    "hostile.worst_ms": Figure("of the processor, for the worst of texts made to keep a machine busy", most(50)),
    "hostile.median_ms": Figure("the same, the median"),
    "growth.database_mib": Figure("the database after a year at 5,000 messages a day", most(1_024)),
    "growth.forgotten_rows": Figure("rows that retention let go of in it"),
    "growth.bite_p99_ms": Figure("a bite of retention, for which nobody else writes"),
    "growth.bite_max_ms": Figure("the same, the longest", most(50)),
    "growth.status_ms": Figure("then: what `/status` of five channels asks the database", most(100)),
    "growth.panel_ms": Figure("then: what a channel's panel asks it", most(100)),
    "growth.history_ms": Figure("then: what `/history` asks it", most(100)),
    "growth.looks_ms": Figure("then: one look of each clock, which is had each second"),
}


def lines(found: dict[str, float], areas: list[str]) -> list[str]:
    """The table of a terminal: every figure of these areas, and how many targets are met."""
    made = [_line("", "target", *(title for title in TITLE.values()))]
    met, wanted = 0, 0
    for name, figure in _told(found, areas):
        cells = []
        for column in Column:
            value, target = found.get(name + SUFFIX[column]), figure.target_on(column)
            cells.append(_cell(value, target))
            wanted += target is not None and value is not None
            met += target is not None and value is not None and target.met(value)
        made.append(_line(name, _targets(figure), *cells))
    load = found.get("machine.load_before", 0.0)
    made += [
        "",
        f"{met} of {wanted} targets are met. {found.get('machine.cores', 0):.0f} cores, load before: {load:.1f}",
    ]
    return made


def markdown(found: dict[str, float]) -> list[str]:
    """The table of the page: the figures that are told there."""
    made = ["| figure | target | SQLite | PostgreSQL | |", "|---|---:|---:|---:|---|"]
    for name, figure in _told(found, list(dict.fromkeys(key.partition(".")[0] for key in FIGURES))):
        if name in FIGURES:
            cells = [_cell(found.get(name + SUFFIX[column]), figure.target_on(column)) for column in Column]
            made.append(f"| `{name}` | {_targets(figure)} | {cells[0]} | {cells[1]} | {figure.says} |")
    return made


def troubles(found: dict[str, float], says: dict[str, str]) -> list[str]:
    """The other table of the page: what each trouble led to, and how long until all was well. `says`: by its name."""
    made = [
        "| trouble | | reposts wanted | lost | doubled | untold | all was well after |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for name, said in says.items():
        for column in Column:
            key = f"troubles.{name}."
            cells = [
                found.get(f"{key}{what}{SUFFIX[column]}") for what in ("wanted", "lost", "doubled", "untold", "well_s")
            ]
            if None in cells:
                continue
            *counts, well_s = [value or 0.0 for value in cells]
            told = " | ".join(shown(value) for value in counts)
            made.append(f"| {said} | {TITLE[column]} | {told} | {'never' if well_s < 0 else f'{shown(well_s)} s'} |")
    return made


def shown(value: float) -> str:
    """A number as a person reads it: 5,000, 12.5, 0.998."""
    digits = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}"


def _told(found: dict[str, float], areas: list[str]) -> list[tuple[str, Figure]]:
    """The figures that were measured, the known ones in their order, the others of an area after them."""
    names = {name.removesuffix(".postgres") for name in found}
    known = [name for name in FIGURES if name in names]
    others = sorted(names - set(known))
    told = [(name, FIGURES.get(name, Figure(""))) for area in areas for name in (*known, *others) if _is_of(name, area)]
    return list(dict(told).items())


def _is_of(name: str, area: str) -> bool:
    return name.partition(".")[0] == area


def _cell(value: float | None, target: Target | None) -> str:
    if value is None:
        return ""
    return shown(value) if target is None else f"{shown(value)} {'✓' if target.met(value) else '✗'}"


def _targets(figure: Figure) -> str:
    both = [str(t) for t in dict.fromkeys((figure.target, figure.on_postgres)) if t is not None]
    return " · ".join(both)


def _line(name: str, target: str, *cells: str) -> str:
    return f"{name:<44} {target:>18} {cells[0]:>14} {cells[1]:>14}"
