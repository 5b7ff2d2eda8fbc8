"""When it is posted: outside its kind's hours a message waits for the next block, or is discarded."""

from zoneinfo import ZoneInfo

from engine.moderation.case import Case
from engine.moderation.policy import Outside
from engine.moderation.verdicts import Decision, Rule, Verdict
from engine.switches import Switch

HOURS_ON = Switch("hours_on", default=False)

NO_HOURS = Rule("no_hours")
OUT_OF_HOURS = Rule("out_of_hours")


def decide(case: Case) -> Verdict | None:
    policy = case.policy
    if not policy.on(HOURS_ON):
        return None
    table, zone = policy.hours(case.said.kind), ZoneInfo(policy.zone)
    opens = table.next_open(case.now, zone)
    if opens is None:
        return Verdict(Decision.IGNORED, NO_HOURS)
    if opens > case.now:
        if policy.outside is Outside.DISCARD:
            return Verdict(Decision.IGNORED, OUT_OF_HOURS, (f"{opens.astimezone(zone):%a %H:%M}",))
        case.waits_until = opens
    return None
