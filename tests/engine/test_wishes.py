"""Who asks not to be reposted is understood in either language, however it is written; a report is never such a request.

The phrases stand in tests/engine/wishes, one a line: a few hundred each way.
"""

from pathlib import Path

import pytest

from engine.moderation import Policy, Said, Writer, compile_ruleset
from engine.moderation.keywords import Keyword, KeywordRole
from engine.moderation.optout import ASKS_IN, ASKS_OUT, OPTED_OUT
from engine.moderation.policy import Review
from engine.moderation.senders import SENDERS_ON
from engine.moderation.verdicts import Decision, MessageKind, Rule
from engine.moderation.wishes import Wish, wish_of
from tests.conftest import NOW

PHRASES = Path(__file__).parent / "wishes"
OURS = "TraficoValle"
BACK = (
    "start", "START", "@TraficoValle start", "pueden repostearme", "Sí, pueden repostearme", "ya pueden repostearme",
    "pueden volver a repostearme", "me pueden repostear", "pueden repostear mis tuits", "quiero que me reposteen",
    "repostéenme de nuevo", "vuelvan a repostearme", "les autorizo a que me reposteen", "alta", "quiero darme de alta",
    "cambié de idea", "you can repost me", "You can repost me again", "yes, you may repost me", "opt in", "opt me in",
    "unstop", "subscribe", "feel free to repost me", "start reposting me again", "I changed my mind", "count me in",
)  # fmt: skip


def lines(name: str) -> list[str]:
    return [line for line in (PHRASES / f"{name}.txt").read_text().split("\n") if line.strip()]


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_request_is_understood_however_it_is_written(language: str) -> None:
    asked = lines(f"out_{language}")
    assert len(asked) > 230
    assert [line for line in asked if wish_of(line, OURS) is not Wish.OUT] == []
    assert [line for line in asked if wish_of(f"@{OURS} {line} 🙏", OURS) is not Wish.OUT] == []
    assert [line for line in asked if wish_of(line.upper(), OURS) is not Wish.OUT and "Ⓢ" not in line] == []
    assert wish_of("no\nme\nreposteen") is Wish.OUT


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_report_that_holds_such_words_is_none(language: str) -> None:
    reports = lines(f"none_{language}")
    assert len(reports) > 210
    assert [line for line in reports if wish_of(line, OURS) is Wish.OUT] == []
    assert [line for line in reports if wish_of(f"@{OURS} {line}", OURS) is Wish.OUT] == []


def test_whoever_left_may_come_back_by_their_own_word() -> None:
    assert [line for line in BACK if wish_of(line, OURS) is not Wish.IN] == []
    assert [line for line in BACK if wish_of(f"{line}, por favor", OURS) is not Wish.IN] == []


def test_a_short_word_means_it_in_private_where_it_is_none_in_public() -> None:
    assert wish_of("END", private=True) is Wish.OUT
    assert wish_of("fin", private=True) is Wish.OUT
    assert wish_of("END") is None, "so ends a thread, too"
    assert wish_of("no stop", private=True) is None


def test_a_bare_word_among_hashtags_is_a_report_where_they_are_what_the_channel_is_about() -> None:
    rules = compile_ruleset(1, [Keyword(KeywordRole.TRIGGER, "choque")], Policy(), OURS)

    def wish(text: str) -> Wish | None:
        return rules.read(Said(MessageKind.MENTION, text, NOW)).wish

    assert wish("STOP #choque") is None
    assert wish("STOP #caracas") is Wish.OUT
    assert wish("no me reposteen #choque") is Wish.OUT


@pytest.mark.parametrize(
    "text",
    ["choque en la 5, no me publiquen", "No me publiquen. Choque en la 5", "choque en la 5\nno me publiquen",
     "choque en la 5 #NoMePubliquen", "choque... ya no quiero salir en su canal", "choque, don't share my tweets",
     "choque, no compartan mi ubicación ni me retuiteen", "choque on 5th #StopSharingMyPosts"],
)  # fmt: skip
def test_who_asks_it_beside_news_is_not_reposted(text: str) -> None:
    rules = compile_ruleset(1, [Keyword(KeywordRole.TRIGGER, "choque")], Policy(), OURS)
    said = Said(MessageKind.MENTION, text, NOW)
    given = rules.judge(said, rules.read(said), Writer(trusted=True), NOW)
    assert (given.decision, given.rule) == (Decision.BLOCKED, ASKS_OUT)


def test_what_is_said_to_somebody_else_is_a_report() -> None:
    assert wish_of("@juan choque en la 5, deja de publicar mis fotos", OURS) is None
    assert wish_of("@juan crash on 5th, stop sharing my photos", OURS) is None


@pytest.mark.parametrize(
    "hostile",
    ["stop " * 400, "no me reposteen " * 140, "#nomereposteen" * 150, "s t o p " * 250, "ya si ok " * 220, "@a " * 700,
     "stop" * 500, "😀" * 2000, "no" * 1000, "\ud800stop\0", "s\u0301" * 900, "ѕ" * 2000, "no me " * 300, "(" * 2000],
)  # fmt: skip
def test_whatever_a_stranger_sends_is_read_to_its_end(hostile: str) -> None:
    assert wish_of(hostile, OURS) in (None, Wish.OUT)


@pytest.mark.parametrize("kind", MessageKind)
@pytest.mark.parametrize(
    "policy",
    [Policy(), Policy(mentions_on=False, dms_on=False), Policy(turned=frozenset([SENDERS_ON])),
     Policy(review=Review.ALL)],
    ids=["usual", "kinds off", "senders not looked at", "all reviewed"],
)  # fmt: skip
def test_it_holds_whatever_else_the_channel_has_chosen(kind: MessageKind, policy: Policy) -> None:
    rules = compile_ruleset(1, [Keyword(KeywordRole.TRIGGER, "choque")], policy, OURS)

    def verdict(text: str, writer: Writer) -> tuple[Decision, Rule]:
        said = Said(kind, text, NOW)
        given = rules.judge(said, rules.read(said), writer, NOW)
        return given.decision, given.rule

    trusted_but_out = Writer(trusted=True, opted_out=True, follows=True, approved=True)
    if kind.is_to_channel:
        assert verdict("no me reposteen", Writer()) == (Decision.BLOCKED, ASKS_OUT)
        assert verdict("pueden repostearme", trusted_but_out) == (Decision.IGNORED, ASKS_IN)
    else:
        assert verdict("no me reposteen", Writer())[1] != ASKS_OUT, "whoever is watched says it to somebody else"
    assert verdict("choque en la 8", trusted_but_out) == (Decision.BLOCKED, OPTED_OUT)
    assert verdict("choque en la 8", Writer(trusted=True))[1] != OPTED_OUT
    assert verdict("start", Writer())[1] != ASKS_IN, "who never left is judged as anybody"
