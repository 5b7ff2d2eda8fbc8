"""What was said already within a day, by anyone: the same text, or nearly the same."""

from datetime import timedelta

from engine.moderation.case import Case
from engine.moderation.policy import NEAR_EXACT, Review
from engine.moderation.senders import is_trusted
from engine.moderation.verdicts import Decision, Doubt, Rule, Verdict
from engine.switches import Switch

REPEATS_ON = Switch("repeats_on", default=True)

REPEAT = Rule("repeat")
NEAR_REPEAT = Doubt("near_repeat")

WITHIN = timedelta(hours=24)


def decide(case: Case) -> Verdict | None:
    if not case.policy.on(REPEATS_ON):
        return None
    since = case.now - WITHIN
    found = case.recent.likest(case.said.text, case.policy.near / 100, since, origin=case.said.origin)
    if found is None:
        return None
    evidence = (str(found.key), f"{round(100 * found.likeness)} %")
    if found.likeness >= NEAR_EXACT / 100:
        return Verdict(Decision.IGNORED, REPEAT, evidence)
    if case.policy.review is Review.OFF or is_trusted(case):
        return Verdict(Decision.IGNORED, NEAR_REPEAT, evidence)
    case.doubt(NEAR_REPEAT, *evidence)
    return None
