"""What it is about: a message without a trigger is off-topic, unless its sender is trusted or none is required.

What is watched has triggers of its own, or needs none: who wrote it, and what the channel asks of others, don't matter.
"""

from engine.moderation.case import Case
from engine.moderation.senders import is_trusted
from engine.moderation.verdicts import Decision, Doubt, Rule, Verdict
from engine.switches import Switch

TRIGGERS_ON = Switch("triggers_on", default=True)

NO_TRIGGERS = Rule("no_triggers")
OFF_TOPIC = Rule("off_topic")
UNTRIGGERED = Doubt("untriggered")
TRIGGER = Rule("trigger")
ANYTHING = Rule("anything")


def decide(case: Case) -> Verdict | None:
    if case.watch is not None:
        wanted = case.reading.triggers or not case.watch.triggers
        return None if wanted else Verdict(Decision.IGNORED, OFF_TOPIC)
    if case.reading.triggers or not case.policy.on(TRIGGERS_ON):
        return None
    if is_trusted(case):
        case.doubt(UNTRIGGERED)
        return None
    return Verdict(Decision.IGNORED, OFF_TOPIC if case.has_triggers else NO_TRIGGERS)
