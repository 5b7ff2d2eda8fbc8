"""The verdict on a message. Each rule is a module; `ruleset.py` runs them in their order."""

from engine.moderation.case import Case, Reading, Said, Writer
from engine.moderation.keywords import (
    MAX_DAYS,
    MAX_KEYWORD,
    BadKeyword,
    Keyword,
    KeywordRole,
    check_keyword,
    split_keywords,
)
from engine.moderation.policy import Form, Outside, Policy, Review
from engine.moderation.ruleset import CODES, SWITCHES, Ruleset, compile_ruleset
from engine.moderation.verdicts import FOR_GOOD, Decision, Doubt, MessageKind, Rule, Verdict

__all__ = [
    "CODES",
    "FOR_GOOD",
    "MAX_DAYS",
    "MAX_KEYWORD",
    "SWITCHES",
    "BadKeyword",
    "Case",
    "Decision",
    "Doubt",
    "Form",
    "Keyword",
    "KeywordRole",
    "MessageKind",
    "Outside",
    "Policy",
    "Reading",
    "Review",
    "Rule",
    "Ruleset",
    "Said",
    "Verdict",
    "Writer",
    "check_keyword",
    "compile_ruleset",
    "split_keywords",
]
