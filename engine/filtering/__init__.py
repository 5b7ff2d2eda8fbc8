"""The verdict on a message. Each rule is a module; `ruleset.py` runs them in their order."""

from engine.filtering.case import Case, Reading, Said, Writer
from engine.filtering.keywords import (
    MAX_DAYS,
    MAX_KEYWORD,
    BadKeyword,
    Keyword,
    KeywordRole,
    check_keyword,
    split_keywords,
)
from engine.filtering.policy import Form, Outside, Policy, Review
from engine.filtering.ruleset import Ruleset, compile_ruleset
from engine.filtering.verdicts import FOR_GOOD, Decision, MessageKind, Rule, Verdict

__all__ = [
    "FOR_GOOD",
    "MAX_DAYS",
    "MAX_KEYWORD",
    "BadKeyword",
    "Case",
    "Decision",
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
