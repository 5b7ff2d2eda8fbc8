"""What it is about: a message without a trigger is off-topic, unless its sender is trusted or none is required."""

from engine.moderation.case import Case
from engine.moderation.verdicts import Decision, Rule, Verdict


def decide(case: Case) -> Verdict | None:
    if not case.policy.triggers_on or case.reading.triggers:
        return None
    if case.policy.senders_on and case.writer.trusted:
        case.doubt(Rule.UNTRIGGERED)
        return None
    return Verdict(Decision.IGNORED, Rule.OFF_TOPIC if case.has_triggers else Rule.NO_TRIGGERS)
