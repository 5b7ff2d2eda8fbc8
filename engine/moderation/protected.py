"""A protected account writes for its followers: what it posts is never repeated for everybody."""

from engine.moderation.case import Case
from engine.moderation.verdicts import Decision, Rule, Verdict

PROTECTED = Rule("protected")


def decide(case: Case) -> Verdict | None:
    """Where X did not say, it is asked before a copy is said: a native repost of such a post X refuses by itself."""
    if case.said.protected and case.said.kind.is_public:
        return Verdict(Decision.IGNORED, PROTECTED)
    return None
