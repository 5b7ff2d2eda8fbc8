"""A kind of message that is switched off is not posted."""

from engine.moderation.case import Case
from engine.moderation.verdicts import Decision, Rule, Verdict

KIND_OFF = Rule("kind_off")


def decide(case: Case) -> Verdict | None:
    return None if case.policy.hears(case.said.kind) else Verdict(Decision.IGNORED, KIND_OFF)
