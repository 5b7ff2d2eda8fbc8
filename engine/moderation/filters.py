"""What is never posted: banned words, and links, media or what X marks as sensitive where the owner says so.

Filtered media is something that people can look at: with a review it is held instead.
"""

from engine.moderation.case import Case
from engine.moderation.policy import Review
from engine.moderation.verdicts import FOR_GOOD, Decision, Rule, Verdict


def decide(case: Case) -> Verdict | None:
    policy, reading, said = case.policy, case.reading, case.said
    if not policy.filters_on:
        return None
    if reading.filters:
        return Verdict(
            Decision.BLOCKED, Rule.FILTER, tuple(f.text for f in reading.filters), block_days=_longest_block(case)
        )
    if policy.no_sensitive and said.sensitive:
        return Verdict(Decision.BLOCKED, Rule.SENSITIVE)
    if policy.no_links and reading.has_link:
        return Verdict(Decision.BLOCKED, Rule.LINK)
    if policy.no_media and said.media:
        if policy.review is Review.OFF:
            return Verdict(Decision.BLOCKED, Rule.MEDIA)
        case.doubt(Rule.MEDIA)
    return None


def _longest_block(case: Case) -> int | None:
    """For how long the filters that matched block the sender; never one who is trusted."""
    if not case.policy.senders_on or case.writer.trusted:
        return None
    days = [f.block_days for f in case.reading.filters if f.block_days is not None]
    return FOR_GOOD if FOR_GOOD in days else max(days, default=None)
