"""Who wrote it: blocked people are not posted, and a burst blocks its sender for a day.

A trusted sender is known to the channel: neither a burst nor the wish for followers only stops them. Nor does it stop
whom the channel watches by name; who is found by a search need not follow it, but bursts are bursts.
"""

from engine.moderation.case import Case
from engine.moderation.verdicts import Decision, Rule, Verdict
from engine.switches import Switch

SENDERS_ON = Switch("senders_on", default=True)
FOLLOWERS_ONLY = Switch("followers_only", default=False)

SENDER_BLOCKED = Rule("sender_blocked")
BURST = Rule("burst")
NOT_FOLLOWER = Rule("not_follower")
FOLLOWER_UNKNOWN = Rule("follower_unknown")
NAMELESS = Rule("nameless")
TRUSTED = Rule("trusted")

BURST_BLOCK_DAYS = 1


def decide(case: Case) -> Verdict | None:
    policy, writer = case.policy, case.writer
    if not policy.on(SENDERS_ON):
        return None
    if writer.blocked:
        return Verdict(Decision.BLOCKED, SENDER_BLOCKED, (writer.reason,) if writer.reason else ())
    if writer.trusted or _is_chosen(case):
        return None
    if policy.burst_most and writer.recent > policy.burst_most:
        counts = (str(writer.recent), str(policy.burst_minutes))
        return Verdict(Decision.BLOCKED, BURST, counts, block_days=BURST_BLOCK_DAYS)
    if writer.follows is False and policy.on(FOLLOWERS_ONLY) and case.watch is None:
        return Verdict(Decision.IGNORED, NOT_FOLLOWER)
    return None


def is_trusted(case: Case) -> bool:
    """Whether the sender is trusted, where the channel looks at senders."""
    return case.writer.trusted and case.policy.on(SENDERS_ON)


def _is_chosen(case: Case) -> bool:
    """Whether somebody of the channel chose who writes this."""
    return case.watch is not None and case.watch.kind.by_name


def must_name(case: Case, decision: Decision) -> bool:
    """Whether X has to say who wrote what every rule lets pass, where their name did not come with it.

    It is needed for whom a person decides on, for the credit of a copy, and where somebody is blocked by name alone.
    """
    return case.writer.nameless and (decision is Decision.HELD or case.writer.name_counts)


def must_ask(case: Case) -> bool:
    """Whether X has to say if they follow. Asked last of all, about those whom every other rule lets pass."""
    policy, writer = case.policy, case.writer
    unknown = writer.follows is None and not writer.trusted and case.watch is None
    return unknown and policy.on(FOLLOWERS_ONLY) and policy.on(SENDERS_ON)
