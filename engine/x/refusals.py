"""X's numbers and words in a refusal, by what they are about where it is not the post that was asked for.

The words are looked for in small letters. Source: docs/x-and-telegram.md, "When X fails", and X's lists of its errors.
"""

import re

#: The account that asks is suspended, or must be unlocked by a person; that of somebody else is this post's trouble.
LOCKED = (64, 141, 231, 326)
LOCKED_IN_WORDS = re.compile(
    r"\b(your|this|the authenticated)( user)? account( @?\w+)? (is|was|has been|may be|appears to be)( \w+){0,2}"
    r" (locked|suspended|disabled|deactivated|read[- ]only)\b"
    r"|\byour account (is|was|has been|may be|appears to be)( \w+){0,2} (restricted|limited)\b"
    r"|\bunlock (your|this|the) account\b|\baccount suspended\b|^account (is|has been) (temporarily )?locked\b"
)
AUTOMATED, AUTOMATED_IN_WORDS = (226,), re.compile(r"\blooks like (it )?(might|may) be automated\b")
DAY_OVER = (185, 344)  # this account's posts of the day
DAY_OVER_IN_WORDS = re.compile(
    r"\b(over (the |your )?daily|daily status update)\b|\bdaily( \w+){0,2} (limit|quota|cap)\b"
    r"|\b(limit|quota|cap)\b.{0,40}\b(24[- ]hours?|(for|of) (to|the )?day|per day)\b"
    r"|\b24[- ]hours?( \w+){0,2} (limit|quota|cap)\b"
)
CREDITS = (402,)
CREDITS_IN_WORDS = re.compile(r"\bcredits ?depleted\b|\bproblems/credits\b|\b(no|any|out of) credits\b|\bspend ?cap\b")
USED_UP_IN_WORDS = re.compile(r"\busage[- ]?cap[- ]?(ped|exceeded)\b|\busage cap exceeded\b")
APP_STOPPED = (261, 416, 453)
APP_STOPPED_IN_WORDS = re.compile(
    r"\bclient[- ](forbidden|not[- ]enrolled)\b|\battached to a project\b|\bsubset of (the )?(x|twitter) api\b"
    r"|\bsuspended application\b|\bapplication (is suspended|cannot perform)"
    r"|\b(a different|your|api) access level\b|\bproject is not\b"
)
NARROW = (220,)
NARROW_IN_WORDS = re.compile(
    r"\bapp permissions\b|\boauth1-permissions\b|\bunsupported[- ]authentication\b|\byou must use a token with\b"
    r"|\bcredentials do not allow\b|\brequired scopes?\b"
    r"|\bnot authorized to use (this|the) (endpoint|resource|method|api)\b"
)
NO_ACCESS = (32, 89, 135, 215)
NO_ACCESS_IN_WORDS = re.compile(
    r"\binvalid or expired token\b|\bcould not authenticate you\b|\bbad authentication data\b"
)
LIMITED, LIMITED_IN_WORDS = (88,), re.compile(r"\brate limit exceeded\b|\btoo many requests\b")
SAID_TWICE = (187, 327)
SAID_TWICE_IN_WORDS = re.compile(r"\bduplicate content\b|\balready (retweeted|reposted)\b|\balready exists\b")
NO_MEDIA = (324,)
NO_MEDIA_IN_WORDS = re.compile(
    r"\bmedia[ _]ids?\b.{0,60}\b(invalid|not found|expired|could not be found|not valid|failed)\b"
    r"|\binvalid media[ _]ids?\b|\bcould not find media\b"
)
ILL = (130, 131)  # X's machines, whatever the status
ILL_IN_WORDS = re.compile(
    r"\binternal (server )?error\b|\bover capacity\b|\bservice (is )?(temporarily )?unavailable\b"
    r"|\bunknown error\b|\btimed out\b"
)
GONE = (144, 179)
GONE_IN_WORDS = re.compile(
    r"\b(could not find|no) (the |a )?(tweet|post|status|dm|user|subscription)\b|\bno longer (exists|available)\b"
)
