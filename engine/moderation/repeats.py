"""What was said already within a day, by anyone: the same text, or nearly the same."""

from datetime import timedelta

from engine.moderation.case import Case
from engine.moderation.policy import NEAR_EXACT, Review
from engine.moderation.verdicts import Decision, Rule, Verdict

WITHIN = timedelta(hours=24)


def decide(case: Case) -> Verdict | None:
    if not case.policy.repeats_on:
        return None
    since = case.now - WITHIN
    found = case.recent.likest(case.said.text, case.policy.near / 100, since, origin=case.said.origin)
    if found is None:
        return None
    evidence = (str(found.key), f"{round(100 * found.likeness)} %")
    if found.likeness >= NEAR_EXACT / 100:
        return Verdict(Decision.IGNORED, Rule.REPEAT, evidence)
    if case.policy.review is Review.OFF or (case.policy.senders_on and case.writer.trusted):
        return Verdict(Decision.IGNORED, Rule.NEAR_REPEAT, evidence)
    case.doubt(Rule.NEAR_REPEAT, *evidence)
    return None
