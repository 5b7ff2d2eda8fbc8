"""A search is taken as X takes it, or refused with what is wrong and what stands for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.x.watching import searches
from engine.x.watching.searches import BadSearch


@pytest.mark.parametrize(
    ("typed", "search"),
    [
        ('"vía cerrada" caracas -is:retweet', '"vía cerrada" caracas -is:retweet'),
        ("“vía cerrada”   caracas", '"vía cerrada" caracas -is:retweet'),
        ("choque OR colisión", "(choque OR colisión) -is:retweet"),
        ("(choque OR colisión) lang:ES", "(choque OR colisión) lang:es -is:retweet"),
        ("(a OR (b c)) (has:media OR has:links)", "(a OR (b c)) (has:media OR has:links) -is:retweet"),
        ("#metro from:@inameh", "#metro from:inameh -is:retweet"),
        ("metro lluvia -is:RETWEET", "metro lluvia -is:retweet"),
        ('choque "o" accidente', 'choque "o" accidente -is:retweet'),
        ("vía AND cerrada", "vía cerrada -is:retweet"),
        ('"vía cerrada"~5 lluvia', '"vía cerrada"~5 lluvia -is:retweet'),
        ("🚧 caracas", "🚧 caracas -is:retweet"),
        ('url:"https://x.com/a" place:"Belmont Central"', 'url:"https://x.com/a" place:"Belmont Central" -is:retweet'),
        ("point_radius:[-66.9 10.5 10km] choque", "point_radius:[-66.9 10.5 10km] choque -is:retweet"),
        ("x" * 480, "x" * 480 + " -is:retweet"),
    ],
)
def test_what_x_takes_is_kept_without_reposts(typed: str, search: str) -> None:
    assert searches.checked(typed) == search
    assert searches.checked(search) == search


@pytest.mark.parametrize(
    ("typed", "reason", "part", "instead"),
    [
        ("  ", "empty", "", ""), ('"vía cerrada', "quotes", '"vía cerrada', ""), ("(a b", "brackets", "(", ""),
        ("a) b", "brackets", ")", ""), ("() a", "brackets", "()", ""), ("(" * 30 + "a", "brackets", "(((…", ""),
        ("choque filter:links", "otherwise", "filter:links", "has:links"),
        ("choque -filter:retweets", "otherwise", "-filter:retweets", "-is:retweet"),
        ("choque since:2026-01-01", "otherwise", "since:2026-01-01", ""),
        ("choque min_faves:10", "otherwise", "min_faves:10", ""), ("a near:Caracas", "otherwise", "near:Caracas", "place:Caracas"),
        ("a list:848", "otherwise", "list:848", ""), ("a has:photos", "operator", "has:photos", None),
        ("a colour:red", "operator", "colour:red", ""), ("a from:", "value", "a", None),
        ("from:no-such", "value", "from:no-such", "from:inameh"), ("lang:es", "alone", "lang:es", ""),
        ("has:media OR choque", "alone", None, ""), ("-choque", "negated", "-choque", ""),
        ("a -(b c)", "negated", "-(", ""), ("a OR -b", "negated", None, ""), ("OR a", "or", "OR", ""), ("a OR", "or", "OR", ""),
        ("a OR OR b", "or", "OR", ""), ("a is:nullcast", "value", "is:nullcast", "-is:nullcast"),
        ('"a b"~9', "value", '"a b"~9', None), ("... !!", "value", "...", ""), ("x" * 520, "long", None, ""),
        ("is:retweet", "reposts", "is:retweet", ""),
        ("metro is:Retweet", "reposts", "is:Retweet", ""),
        ("metro OR retweets_of:inameh", "reposts", "retweets_of:inameh", ""),
        ("choque or accidente", "lower", "or", "choque OR accidente"),
        ("choque o accidente caracas", "lower", "o", "choque OR accidente"),
        ("choque | accidente", "lower", "|", "choque OR accidente"),
        ("choque NOT promo", "otherwise", "NOT", "-promo"),
        ("lluv* caracas", "value", "lluv*", "lluvia OR lluvias"),
    ],
)  # fmt: skip
def test_what_x_does_not_take_is_refused_with_the_reason(
    typed: str, reason: str, part: str | None, instead: str | None
) -> None:
    with pytest.raises(BadSearch) as refused:
        searches.checked(typed)
    assert refused.value.reason == reason
    assert part in (None, refused.value.part) or reason == "value"
    assert instead in (None, refused.value.instead)


@given(st.text(max_size=600))
def test_whatever_is_typed_is_taken_or_refused(typed: str) -> None:
    try:
        search = searches.checked(typed)
    except BadSearch:
        return
    assert len(search) <= searches.LONGEST
    assert searches.checked(search) == search
    assert "\0" not in search
