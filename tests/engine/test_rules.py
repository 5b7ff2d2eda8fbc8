"""The rules in their order, each alone: who wrote, what about, what is banned, said already, when, and who decides."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.moderation import (
    SWITCHES,
    Decision,
    Keyword,
    KeywordRole,
    MessageKind,
    Outside,
    Policy,
    Review,
    Rule,
    Said,
    Verdict,
    Writer,
    check_keyword,
    compile_ruleset,
    crowds,
    filters,
    hours,
    repeats,
    review,
    senders,
    triggers,
)
from engine.moderation.crowds import NO_CROWDS
from engine.moderation.filters import FILTERS_ON, NO_LINKS, NO_MEDIA, NO_SENSITIVE
from engine.moderation.hours import HOURS_ON
from engine.moderation.repeats import REPEATS_ON
from engine.moderation.senders import FOLLOWERS_ONLY, SENDERS_ON
from engine.moderation.triggers import TRIGGERS_ON
from engine.similarity import RecentTexts, normal
from engine.switches import Switch, turned_by
from engine.timetable import NEVER, parse
from tests.conftest import NOW

KEYWORDS = [
    Keyword(KeywordRole.TRIGGER, "choqu*"),
    Keyword(KeywordRole.TRIGGER, "granizo", MessageKind.DM),
    Keyword(KeywordRole.FILTER, "promo"),
    Keyword(KeywordRole.FILTER, "estafa", block_days=7),
    Keyword(KeywordRole.FILTER, "insulto", block_days=0),
]
KNOWN = Writer(approved=True, follows=True)
NEW = Writer()
TRUSTED = Writer(trusted=True)
MENTION, DM = MessageKind.MENTION, MessageKind.DM


def but(*, on: set[Switch] | None = None, off: set[Switch] | None = None) -> frozenset[Switch]:
    """Switches that were turned on, or off."""
    return turned_by(dict.fromkeys(on or (), True) | dict.fromkeys(off or (), False))


def verdict(
    text: str,
    policy: Policy | None = None,
    writer: Writer = KNOWN,
    kind: MessageKind = MENTION,
    recent: RecentTexts | None = None,
    **said: bool,
) -> Verdict:
    rules = compile_ruleset(1, KEYWORDS, policy or Policy(), "trafico")
    message = Said(kind, text, NOW, **said)
    return rules.judge(message, rules.read(message), writer, NOW, recent or RecentTexts())


def rule(text: str, policy: Policy | None = None, writer: Writer = KNOWN, **more: object) -> tuple[Decision, Rule]:
    found = verdict(text, policy, writer, **more)  # type: ignore[arg-type]
    return found.decision, found.rule


def said_before(*texts: str) -> RecentTexts:
    recent = RecentTexts()
    for number, text in enumerate(texts):
        recent.add(number, normal(text), NOW - timedelta(hours=1))
    return recent


APPROVED = (Decision.APPROVED, triggers.TRIGGER)


def test_blocked_trusted_and_bursts() -> None:
    blocked = Writer(blocked=True, reason="spam")
    assert rule("choque", writer=blocked) == (Decision.BLOCKED, senders.SENDER_BLOCKED)
    assert verdict("choque", writer=blocked).evidence == ("spam",)
    assert rule("choque", Policy(turned=but(off={SENDERS_ON})), blocked) == APPROVED
    assert rule("se inunda", writer=TRUSTED) == (Decision.APPROVED, senders.TRUSTED)
    assert rule("se inunda la promo", writer=TRUSTED) == (Decision.BLOCKED, filters.FILTER)
    assert rule("choque", writer=Writer(recent=5)) == APPROVED
    burst = verdict("choque", writer=Writer(recent=6))
    assert (burst.decision, burst.rule, burst.block_days) == (Decision.BLOCKED, senders.BURST, 1)
    assert rule("choque", writer=Writer(recent=60, trusted=True)) == APPROVED
    assert rule("choque", Policy(burst_most=0), Writer(recent=60)) == APPROVED


def test_x_is_asked_who_follows_only_about_those_whom_every_other_rule_lets_pass() -> None:
    only = Policy(turned=but(on={FOLLOWERS_ONLY}))
    unknown, no = Writer(follows=None), Writer(follows=False)
    assert rule("choque", only, unknown)[0] is Decision.ASKING
    assert rule("hola", only, unknown) == (Decision.IGNORED, triggers.OFF_TOPIC)
    assert rule("choque promo", only, unknown) == (Decision.BLOCKED, filters.FILTER)
    assert rule("choque", only, no) == (Decision.IGNORED, senders.NOT_FOLLOWER)
    assert rule("choque", only) == APPROVED
    assert rule("choque", only, TRUSTED) == APPROVED
    assert rule("choque", Policy(turned=but(on={FOLLOWERS_ONLY}), review=Review.ALL), unknown)[0] is Decision.ASKING


def test_triggers_may_be_for_one_kind_or_not_required() -> None:
    assert rule("granizo", kind=DM) == APPROVED
    assert rule("granizo") == (Decision.IGNORED, triggers.OFF_TOPIC)
    assert rule("CHOCAN y choquetón") == APPROVED
    assert rule("hola", Policy(turned=but(off={TRIGGERS_ON}))) == (Decision.APPROVED, triggers.ANYTHING)
    assert rule("hola promo", Policy(turned=but(off={TRIGGERS_ON}))) == (Decision.BLOCKED, filters.FILTER)


def test_filters_block_the_message_or_its_sender_too() -> None:
    assert verdict("choque promo").block_days is None
    assert verdict("choque estafa promo").block_days == 7
    assert verdict("choque estafa insulto").block_days == 0
    assert verdict("choque estafa", writer=TRUSTED).block_days is None
    assert rule("choque promo", Policy(turned=but(off={FILTERS_ON}))) == APPROVED
    strict = Policy(turned=but(on={NO_LINKS, NO_MEDIA, NO_SENSITIVE}))
    assert rule("choque https://a.b/c", strict) == (Decision.BLOCKED, filters.LINK)
    assert rule("choque", strict, media=True) == (Decision.BLOCKED, filters.MEDIA)
    assert rule("choque", strict, sensitive=True) == (Decision.BLOCKED, filters.SENSITIVE)
    assert rule("choque https://a.b/c", media=True, sensitive=True) == APPROVED
    assert rule("choque: canales.com/abc", strict) == (Decision.BLOCKED, filters.LINK)
    assert rule("choque en bit.ly", strict) == (Decision.BLOCKED, filters.LINK)


@pytest.mark.parametrize(
    "link", ["bit.ly/promo", "https://BIT.ly/promo?x=1", "http://www.bit.ly/promo/a#b", "m.bit.ly/promo"]
)
def test_a_filter_that_is_a_link_blocks_all_that_leads_there(link: str) -> None:
    def blocks(typed: str, text: str) -> bool:
        rules = compile_ruleset(1, [*KEYWORDS, Keyword(KeywordRole.FILTER, check_keyword(typed))], Policy())
        return bool([f for f in rules.read(Said(MENTION, text, NOW)).filters if f.text == typed])

    for typed in ("bit.ly", "https://bit.ly", "www.bit.ly/", "BIT.ly", "bit.ly*"):
        assert blocks(typed, f"choque en {link}"), typed
        assert blocks(typed, f"choque:{link}, ya"), typed
        assert not blocks(typed, "choque en bitly.com/promo, abit.ly y bit.lya"), typed
    for typed in ("bit.ly/promo", "https://bit.ly/Promo/", "bit.ly/pro*"):
        assert blocks(typed, f"choque en {link}") == (not link.startswith("m.")), typed
        assert not blocks(typed, "choque en bit.ly/otra y bit.ly"), typed


def test_a_mention_of_a_crowd_is_blocked_where_the_channel_wants_none() -> None:
    none = Policy(turned=but(on={NO_CROWDS}))
    three, four = "@trafico choque @a @b @c @A", "@Trafico choque @a @b @c @d, escriban a yo@e.com"
    found = verdict(four, none, TRUSTED)
    assert (found.decision, found.rule, found.evidence) == (Decision.BLOCKED, crowds.CROWD, ("4",))
    assert rule(four.replace("@Trafico ", ""), none) == (Decision.BLOCKED, crowds.CROWD)
    assert rule(three, none) == APPROVED
    assert rule(four) == APPROVED
    assert rule(four, none, kind=DM) == APPROVED
    assert rule(four, Policy(turned=but(on={NO_CROWDS}, off={FILTERS_ON}))) == APPROVED


def test_repeats_are_dropped_and_near_ones_are_for_the_review() -> None:
    recent = said_before("Choque en la calle Sucre, dos heridos")
    again, near = "CHOQUE en la calle sucre dos heridos", "Hola, dos heridos, choque en la calle Sucre"
    assert rule(again, recent=recent) == (Decision.IGNORED, repeats.REPEAT)
    assert rule(near, recent=recent) == (Decision.IGNORED, repeats.NEAR_REPEAT)
    assert rule(near, Policy(review=Review.UNSURE), recent=recent) == (Decision.HELD, repeats.NEAR_REPEAT)
    assert rule(again, Policy(review=Review.ALL), recent=recent) == (Decision.IGNORED, repeats.REPEAT)
    assert rule(near, Policy(near=100), recent=recent) == APPROVED
    assert rule(again, Policy(turned=but(off={REPEATS_ON})), recent=recent) == APPROVED
    assert rule("Choque en la calle Páez, dos heridos", recent=recent) == APPROVED


def test_hours_wait_or_discard_and_none_is_none() -> None:
    closed = parse("mon 6-7")  # NOW is a Friday
    waits = verdict("choque", Policy(turned=but(on={HOURS_ON}), mention_hours=closed))
    assert waits.decision is Decision.APPROVED
    assert waits.waits_until is not None
    assert waits.waits_until > NOW
    on = but(on={HOURS_ON})
    discard = Policy(turned=on, mention_hours=closed, outside=Outside.DISCARD)
    assert rule("choque", discard) == (Decision.IGNORED, hours.OUT_OF_HOURS)
    assert rule("choque", discard, kind=DM) == (Decision.IGNORED, hours.OUT_OF_HOURS)  # it has none of its own
    none = Policy(turned=on, mention_hours=closed, dm_hours=NEVER)
    assert rule("choque", none, kind=DM) == (Decision.IGNORED, hours.NO_HOURS)
    assert rule("choque", Policy(turned=on)) == APPROVED
    assert verdict("choque", Policy(turned=on, mention_hours=parse("fri 0-24"))).waits_until is None
    assert rule("choque", Policy(mention_hours=closed, outside=Outside.DISCARD)) == APPROVED


@pytest.mark.parametrize(
    ("text", "writer", "mode", "wanted"),
    [
        ("choque", KNOWN, Review.UNSURE, APPROVED),
        ("choque", NEW, Review.UNSURE, (Decision.HELD, review.NEW_SENDER)),
        ("choque", NEW, Review.OFF, APPROVED),
        ("choque", KNOWN, Review.ALL, (Decision.HELD, review.REVIEW_ALL)),
        ("choque", TRUSTED, Review.ALL, APPROVED),
        ("se inunda", TRUSTED, Review.UNSURE, (Decision.HELD, triggers.UNTRIGGERED)),
        ("se inunda", TRUSTED, Review.ALL, (Decision.HELD, triggers.UNTRIGGERED)),
        ("se inunda", TRUSTED, Review.OFF, (Decision.APPROVED, senders.TRUSTED)),
        ("hola", KNOWN, Review.ALL, (Decision.IGNORED, triggers.OFF_TOPIC)),
        ("choque promo", NEW, Review.ALL, (Decision.BLOCKED, filters.FILTER)),
    ],
)
def test_the_review_holds_what_no_rule_is_sure_of(
    text: str, writer: Writer, mode: Review, wanted: tuple[Decision, Rule]
) -> None:
    assert rule(text, Policy(review=mode), writer) == wanted


def test_filtered_media_is_held_with_a_review_and_blocked_without() -> None:
    assert rule("choque", Policy(turned=but(on={NO_MEDIA}), review=Review.UNSURE), media=True) == (
        Decision.HELD,
        filters.MEDIA,
    )
    assert rule("choque", Policy(turned=but(on={NO_MEDIA}), review=Review.UNSURE), TRUSTED, media=True) == APPROVED


POLICIES = st.builds(
    Policy,
    turned=st.frozensets(st.sampled_from([s for s in SWITCHES if s is not FILTERS_ON])),
    review=st.sampled_from(Review),
)
WRITERS = st.builds(
    Writer, blocked=st.booleans(), trusted=st.booleans(), follows=st.none() | st.booleans(), recent=st.integers(1, 9),
    approved=st.booleans(),
)  # fmt: skip
WORD = st.sampled_from(["choque", "hola", "promo", "estafa", "casa", "via", "norte", "gato"])


@given(st.lists(WORD, max_size=6), st.lists(WORD, max_size=3), WORD, POLICIES, WRITERS)
def test_adding_a_filter_never_makes_a_message_pass_whatever_the_policy(
    words: list[str], banned: list[str], added: str, policy: Policy, writer: Writer
) -> None:
    text = " ".join(words)
    said = Said(MENTION, text, NOW)
    triggers = [Keyword(KeywordRole.TRIGGER, "choque")]
    lenient = compile_ruleset(1, triggers + [Keyword(KeywordRole.FILTER, f) for f in banned], policy)
    strict = compile_ruleset(1, triggers + [Keyword(KeywordRole.FILTER, f) for f in [*banned, added]], policy)
    passing = (Decision.APPROVED, Decision.HELD, Decision.ASKING)
    if strict.judge(said, strict.read(said), writer, NOW).decision in passing:
        assert lenient.judge(said, lenient.read(said), writer, NOW).decision in passing
