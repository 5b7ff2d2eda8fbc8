"""What is never posted: banned words, and links, media or what X marks as sensitive where the owner says so.

Filtered media is something that people can look at: with a review it is held instead.
"""

from engine.moderation.case import Case
from engine.moderation.policy import Review
from engine.moderation.senders import SENDERS_ON
from engine.moderation.verdicts import FOR_GOOD, Decision, Doubt, Rule, Verdict
from engine.switches import Switch

FILTERS_ON = Switch("filters_on", default=True)
NO_LINKS = Switch("no_links", default=False)
NO_MEDIA = Switch("no_media", default=False)
NO_SENSITIVE = Switch("no_sensitive", default=False)

FILTER = Rule("filter")
LINK = Rule("link")
MEDIA = Doubt("media")
SENSITIVE = Rule("sensitive")


def decide(case: Case) -> Verdict | None:
    policy, reading, said = case.policy, case.reading, case.said
    if not policy.on(FILTERS_ON):
        return None
    if reading.filters:
        words = tuple(f.text for f in reading.filters)
        return Verdict(Decision.BLOCKED, FILTER, words, block_days=_longest_block(case))
    if said.sensitive and policy.on(NO_SENSITIVE):
        return Verdict(Decision.BLOCKED, SENSITIVE)
    if reading.has_link and policy.on(NO_LINKS):
        return Verdict(Decision.BLOCKED, LINK)
    if said.media and policy.on(NO_MEDIA):
        if policy.review is Review.OFF:
            return Verdict(Decision.BLOCKED, MEDIA)
        case.doubt(MEDIA)
    return None


def _longest_block(case: Case) -> int | None:
    """For how long the filters that matched block the sender; never one who is trusted."""
    if case.writer.trusted or not case.policy.on(SENDERS_ON):
        return None
    days = [f.block_days for f in case.reading.filters if f.block_days is not None]
    return FOR_GOOD if FOR_GOOD in days else max(days, default=None)
