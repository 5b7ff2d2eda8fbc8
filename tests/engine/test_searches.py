"""A search is taken as X takes it, or refused with what is wrong and what stands for it."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.x.watching import searches
from engine.x.watching.searches import BadSearch
from sandbox import x_queries
from sandbox.world import World


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


ONE = 'choque ("vía cerrada" OR lluvia) lang:es -is:retweet'


@pytest.mark.parametrize(
    "spelled",
    [
        "choque   (“Vía Cerrada” OR Lluvia) LANG:es", 'CHOQUE ("vía cerrada" OR lluvia) lang:ES -is:Retweet',
        '("vía cerrada" OR lluvia) lang:es choque', 'lang:es (lluvia OR "vía cerrada") AND choque',
        'choque choque (lluvia OR "vía cerrada" OR lluvia) lang:es', '(choque (lang:es)) (((lluvia) OR ("vía cerrada")))',
        '-is:retweet choque lang:es (lluvia OR ("vía cerrada" OR lluvia))',
    ],
)  # fmt: skip
def test_what_says_the_same_has_one_spelling(spelled: str) -> None:
    one = searches.one_spelling(searches.checked(spelled))
    assert one == searches.one_spelling(searches.checked(ONE))
    assert searches.one_spelling(one) == one


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("choque", "choqué"), ("choque", "-choque"), ('"vía cerrada"', "vía cerrada"), ('"a b"', '"b a"'), ("a b", "a OR b"),
        ("a (b OR c)", "(a b) OR c"), ("#metro", "metro"), ("@ana", "ana"), ("from:ana", "to:ana"), ('"a b"~2', '"a b"~3'),
        ("url:a.b/C", "url:a.b/c"), ("https://t.co/Ab", "https://t.co/aB"), ("metro -is:reply", "metro is:reply"),
    ],
)  # fmt: skip
def test_what_says_something_else_keeps_its_own(one: str, other: str) -> None:
    found = {searches.one_spelling(f"x {s}" if s.startswith("-") else s) for s in (one, other)}
    assert len(found) == 2


def _written(tree: Any) -> str:
    return tree if isinstance(tree, str) else "(" + tree[0].join(map(_written, tree[1])) + ")"


_TREES = st.recursive(
    st.sampled_from(["a", "B", '"C d"', "#E"]),
    lambda inner: st.tuples(st.sampled_from([" ", " OR ", " AND "]), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=8,
)
_POSTS = [" ".join(some) for n in range(5) for some in combinations(["a", "b", "c d", "#e"], n)]
_WORLD = World()
_SEEN = {text: _WORLD.seen(_WORLD.post(_WORLD.user("maria_rdz").id, text or ".", by_app=False)) for text in _POSTS}


@given(_TREES)
def test_the_one_spelling_brings_what_the_other_brought(tree: Any) -> None:
    search = searches.checked(_written(tree))
    one = searches.one_spelling(search)
    assert len(one) <= len(search)
    assert searches.one_spelling(one) == one
    before, after = (x_queries.read(text, longest=512) for text in (search, one))
    assert [before(_SEEN[post]) for post in _POSTS] == [after(_SEEN[post]) for post in _POSTS]
