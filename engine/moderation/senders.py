"""Who wrote it: blocked people are not posted, and a burst blocks its sender for a day.

A trusted sender is known to the channel: neither a burst nor the wish for followers only stops them.
"""

from engine.moderation.case import Case
from engine.moderation.verdicts import Decision, Rule, Verdict

BURST_BLOCK_DAYS = 1


def decide(case: Case) -> Verdict | None:
    policy, writer = case.policy, case.writer
    if not policy.senders_on:
        return None
    if writer.blocked:
        return Verdict(Decision.BLOCKED, Rule.SENDER_BLOCKED, (writer.reason,) if writer.reason else ())
    if writer.trusted:
        return None
    if policy.burst_most and writer.recent > policy.burst_most:
        counts = (str(writer.recent), str(policy.burst_minutes))
        return Verdict(Decision.BLOCKED, Rule.BURST, counts, block_days=BURST_BLOCK_DAYS)
    if policy.followers_only and writer.follows is False:
        return Verdict(Decision.IGNORED, Rule.NOT_FOLLOWER)
    return None


def must_ask(case: Case) -> bool:
    """Whether X has to say if they follow. Asked last of all, about those whom every other rule lets pass."""
    policy, writer = case.policy, case.writer
    return policy.senders_on and policy.followers_only and not writer.trusted and writer.follows is None
