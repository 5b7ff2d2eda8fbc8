"""What the channel watches: a post that comes of nothing that it watches by now is not posted."""

from engine.moderation.case import Case
from engine.moderation.verdicts import Decision, MessageKind, Rule, Verdict

NOT_WATCHED = Rule("not_watched")
WATCHED = Rule("watched")


def decide(case: Case) -> Verdict | None:
    if case.said.kind is MessageKind.WATCHED and case.watch is None:
        return Verdict(Decision.IGNORED, NOT_WATCHED)
    return None
