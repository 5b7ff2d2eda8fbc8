"""When it is posted: outside its kind's hours a message waits for the next block, or is discarded."""

from zoneinfo import ZoneInfo

from engine.moderation.case import Case
from engine.moderation.policy import Outside
from engine.moderation.verdicts import Decision, Rule, Verdict


def decide(case: Case) -> Verdict | None:
    policy = case.policy
    if not policy.hours_on:
        return None
    table, zone = policy.hours(case.said.kind), ZoneInfo(policy.zone)
    opens = table.next_open(case.now, zone)
    if opens is None:
        return Verdict(Decision.IGNORED, Rule.NO_HOURS)
    if opens > case.now:
        if policy.outside is Outside.DISCARD:
            return Verdict(Decision.IGNORED, Rule.OUT_OF_HOURS, (f"{opens.astimezone(zone):%a %H:%M}",))
        case.waits_until = opens
    return None
