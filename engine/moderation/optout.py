"""Who asked not to be reposted is not, whatever else the channel has chosen: X requires that of automated accounts.

It has no switch, and comes before every other rule.
"""

from engine.moderation.case import Case
from engine.moderation.verdicts import Decision, Rule, Verdict
from engine.moderation.wishes import Wish

ASKS_OUT = Rule("asks_out")
ASKS_IN = Rule("asks_in")
OPTED_OUT = Rule("opted_out")
WISHES = {ASKS_OUT: Wish.OUT, ASKS_IN: Wish.IN}


def decide(case: Case) -> Verdict | None:
    """The request itself is no news either; who has not asked to be left out need not ask to be let in."""
    wish, is_out = case.reading.wish, case.writer.opted_out
    if wish is Wish.OUT:
        return Verdict(Decision.BLOCKED, ASKS_OUT)
    if wish is Wish.IN and is_out:
        return Verdict(Decision.IGNORED, ASKS_IN)
    return Verdict(Decision.BLOCKED, OPTED_OUT) if is_out else None
