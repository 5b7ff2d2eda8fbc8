"""What people decide: everything, or only what no rule is sure of. A trusted sender's message is not reviewed,
but for one that has no trigger."""

from engine.moderation.case import Case
from engine.moderation.policy import Review
from engine.moderation.senders import is_trusted
from engine.moderation.triggers import UNTRIGGERED
from engine.moderation.verdicts import Decision, Doubt, Rule, Verdict

REVIEW_ALL = Doubt("review_all")
NEW_SENDER = Doubt("new_sender")
PERSON = Rule("person")
LAPSED = Rule("lapsed")


def decide(case: Case) -> Verdict | None:
    if case.policy.review is Review.OFF:
        return None
    trusted = is_trusted(case)
    doubts = [d for d in case.doubts if not trusted or d[0] is UNTRIGGERED]
    if doubts:
        rule, evidence = doubts[0]
        return _held(case, rule, evidence)
    if trusted:
        return None
    if case.policy.review is Review.ALL:
        return _held(case, REVIEW_ALL, case.reading.triggers)
    if not case.writer.approved:
        return _held(case, NEW_SENDER, case.reading.triggers)
    return None


def _held(case: Case, rule: Doubt, evidence: tuple[str, ...]) -> Verdict:
    return Verdict(Decision.HELD, rule, evidence, waits_until=case.waits_until)
