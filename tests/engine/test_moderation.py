"""Which messages match: the rules of the original."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.moderation import (
    BadKeyword,
    Decision,
    Keyword,
    KeywordRole,
    MessageKind,
    Policy,
    Ruleset,
    Said,
    Verdict,
    Writer,
    check_keyword,
    compile_ruleset,
    filters,
    kinds,
    split_keywords,
    triggers,
)
from engine.text import fold
from tests.conftest import NOW

WORDS = st.text(st.sampled_from("abcdeáéíóúñüçABCDEÁÉÍÑÜ0123"), min_size=1, max_size=8)


def ruleset(
    triggers: list[str], filters: list[str] | None = None, *, mentions: bool = True, dms: bool = True
) -> Ruleset:
    keywords = [Keyword(KeywordRole.TRIGGER, t) for t in triggers]
    keywords += [Keyword(KeywordRole.FILTER, f) for f in filters or []]
    return compile_ruleset(1, keywords, Policy(mentions_on=mentions, dms_on=dms))


def judged(rules: Ruleset, kind: MessageKind, text: str) -> Verdict:
    said = Said(kind, text, NOW)
    return rules.judge(said, rules.read(said), Writer(), NOW)


def passes(rules: Ruleset, text: str) -> bool:
    return judged(rules, MessageKind.MENTION, text).decision is Decision.APPROVED


@pytest.mark.parametrize(
    ("trigger", "text", "matches"),
    [
        ("choque", "CHOQUE en la A1", True),
        ("choque", "hubo un Choqué feo", True),
        ("vía", "la VIA está cerrada", True),
        ("via", "la vía", True),
        ("choque", "tres choques", False),
        ("choque", "parachoque", False),
        ("choque", "¡choque!", True),
        ("choque", "#choque en la A1", True),
        ("#choque", "choque en la A1", False),
        ("#choque", "mira #CHOQUE", True),
        ("vía cerrada", "Vía   CERRADA por obras", True),
        ("vía cerrada", "vía, cerrada", True),
        ("vía cerrada", "cerrada la vía", False),
        ("vía cerrada", "vía muy cerrada", False),
        ("vía cerrada", "#vía cerrada", True),
        ("choque", "https://ejemplo.com/choque", False),
        ("choque", "hola @choque", False),
        ("vía cerrada", "vía https://t.co/x cerrada", False),
        ("año", "ano nuevo", False),
        ("año", "AÑO nuevo", True),
        ("🚧", "cuidado 🚧 obras", True),
        ("C2", "la c2 cortada", True),
        ("choqu*", "tres CHOQUES", True),
        ("choqu*", "hubo un choqué", True),
        ("choqu*", "un #choquetón", True),
        ("choqu*", "parachoques", False),
        ("#choqu*", "choques", False),
        ("vía cerr*", "la VÍA, cerrándose", True),
        ("vía cerr*", "vía no cerrada", False),
    ],
)
def test_a_keyword_matches_as_in_the_original(trigger: str, text: str, matches: bool) -> None:
    assert passes(ruleset([trigger]), text) is matches


def test_the_verdict_says_by_which_rule_and_on_what_evidence() -> None:
    rules = ruleset(["choque", "vía cerrada"], ["promo"])
    approved = judged(rules, MessageKind.MENTION, "Choque y via cerrada")
    assert (approved.decision, approved.rule) == (Decision.APPROVED, triggers.TRIGGER)
    assert set(approved.evidence) == {"choque", "vía cerrada"}
    blocked = judged(rules, MessageKind.DM, "choque PROMO")
    assert (blocked.decision, blocked.rule, blocked.evidence) == (Decision.BLOCKED, filters.FILTER, ("promo",))
    ignored = judged(rules, MessageKind.DM, "buenos días, promo")
    assert (ignored.decision, ignored.rule) == (Decision.IGNORED, triggers.OFF_TOPIC)


def test_without_triggers_nothing_passes() -> None:
    assert judged(ruleset([]), MessageKind.MENTION, "choque").rule is triggers.NO_TRIGGERS
    assert judged(ruleset([], ["promo"]), MessageKind.MENTION, "choque").rule is triggers.NO_TRIGGERS


def test_a_kind_that_is_off_is_ignored_whatever_it_says() -> None:
    rules = ruleset(["choque"], mentions=False)
    assert judged(rules, MessageKind.MENTION, "choque").rule is kinds.KIND_OFF
    assert judged(rules, MessageKind.DM, "choque").decision is Decision.APPROVED


@given(WORDS, st.lists(WORDS, max_size=4), st.lists(WORDS, max_size=4))
def test_case_and_accents_never_matter(word: str, before: list[str], after: list[str]) -> None:
    text = " ".join([*before, word, *after])
    for trigger in (word, word.upper(), word.lower(), fold(word)):
        assert passes(ruleset([trigger]), text)
        assert passes(ruleset([word]), " ".join([*before, trigger, *after]))


@given(st.lists(WORDS, min_size=1, max_size=5), st.lists(WORDS, max_size=5), st.lists(WORDS, max_size=10), WORDS)
def test_adding_a_filter_never_lets_a_message_pass(
    triggers: list[str], filters: list[str], words: list[str], added: str
) -> None:
    text = " ".join(words)
    if not passes(ruleset(triggers, filters), text):
        assert not passes(ruleset(triggers, [*filters, added]), text)


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=300))
def test_any_text_gets_a_verdict(text: str) -> None:
    assert judged(ruleset(["choque"], ["promo"]), MessageKind.MENTION, text).decision in Decision


@pytest.mark.parametrize(
    ("typed", "keywords"),
    [
        ('choque, "vía cerrada"', ["choque", "vía cerrada"]),
        ("choque,accidente ; metro\n#tren", ["choque", "accidente", "metro", "#tren"]),
        ('"a, b", c', ["a, b", "c"]),
        ("«vía cerrada»", ["vía cerrada"]),
        ("“choque”", ["choque"]),
        (" , ,", []),
        ('""', [""]),
    ],
)
def test_what_is_typed_is_split_at_commas(typed: str, keywords: list[str]) -> None:
    assert split_keywords(typed) == keywords


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("  ", "empty"),
        ("x" * 101, "long"),
        ("https://a.b", "wordless"),
        ("!!", "wordless"),
        ("cho*que", "star"),
        ("ab*", "star"),
        ("*", "star"),
        ("choque *", "star"),
    ],
)
def test_a_keyword_that_can_not_match_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(BadKeyword) as refused:
        check_keyword(text)
    assert refused.value.reason == reason
