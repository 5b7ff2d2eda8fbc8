"""Whom it names: a mention of more than three accounts, beside the channel itself, is a usual sign of spam."""

from engine.moderation.case import Case
from engine.moderation.filters import FILTERS_ON
from engine.moderation.verdicts import Decision, Rule, Verdict
from engine.switches import Switch
from engine.text import LINK, MENTION

NO_CROWDS = Switch("no_crowds", default=False)

CROWD = Rule("crowd")

MOST_OTHERS = 3


def decide(case: Case) -> Verdict | None:
    policy, said = case.policy, case.said
    if not said.kind.is_public or not policy.on(NO_CROWDS) or not policy.on(FILTERS_ON):
        return None
    others = {name.lower() for name in MENTION.findall(LINK.sub("", said.text))} - {case.handle.lower()}
    return Verdict(Decision.BLOCKED, CROWD, (str(len(others)),)) if len(others) > MOST_OTHERS else None
