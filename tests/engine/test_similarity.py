"""What counts as said already: measured on labelled pairs, and on pairs that were never used to tune."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.moderation.policy import NEAR_DEFAULT
from engine.similarity import RecentTexts, likeness, normal, read_pairs
from tests.conftest import NOW

HERE = Path(__file__).parent
DAY = timedelta(days=1)
WORDS = st.lists(
    st.sampled_from(["choque", "calle", "norte", "8", "12", "no", "la", "en", "árbol", "caído", "hola", "via"]),
    max_size=8,
)


@pytest.mark.parametrize(("file", "least"), [("likeness.txt", 300), ("likeness_unseen.txt", 50)])
def test_near_repeats_are_told_from_other_news(file: str, least: int) -> None:
    pairs = read_pairs((HERE / file).read_text().splitlines())
    assert len(pairs) >= least
    said = [(likeness(normal(a), normal(b)) >= NEAR_DEFAULT / 100, same) for a, b, same in pairs]
    hits = sum(found and same for found, same in said)
    assert hits / sum(found for found, _ in said) >= 0.98
    assert hits / sum(same for _, same in said) >= 0.90


def test_what_differs_in_a_number_a_time_a_street_or_a_negation_is_other_news() -> None:
    pairs = read_pairs((HERE / "likeness_details.txt").read_text().splitlines())
    assert len(pairs) >= 160
    wrong = [
        (a, b) for a, b, same in pairs if (likeness(normal(a), normal(b)) >= NEAR_DEFAULT / 100) != same
        or (likeness(normal(b), normal(a)) >= NEAR_DEFAULT / 100) != same
    ]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("calle 1024", ("calle", "1024")),
        ("1.024 10.24 10:24 10,24 12/05 12-5", ("1024", "10_24", "10_24", "10_24", "12__5", "12__5")),
        ("7:00 07 7:30pm 7 p.m.", ("7", "7", "7_30", "pm", "7", "pm")),
        ("1.500,00 1.500,75 -5 3-4", ("1500", "1500_75", "minus_5", "3__4")),
        ("0212-5551234", ("02125551234",)),
        ("km12 km. 12", ("kilometro", "12", "kilometro", "12")),
        ("it isn’t, can't, won't", ("it", "is", "not", "can", "not", "will", "not")),
        ("dos two", ("2", "2")),
        ("Línea A, TORRE A", ("linea", "a_", "torre", "a_")),
    ],
)
def test_what_is_exact_is_one_word(text: str, words: tuple[str, ...]) -> None:
    assert normal(text) == words


@given(WORDS, WORDS)
def test_likeness_is_the_same_both_ways_and_one_only_for_the_same_words(one: list[str], other: list[str]) -> None:
    a, b = tuple(one), tuple(other)
    assert abs(likeness(a, b) - likeness(b, a)) < 1e-9
    assert 0 <= likeness(a, b) <= 1
    assert (likeness(a, b) == 1) == (a == b)


@pytest.mark.parametrize(
    "again",
    [
        "CHOQUE en la AV. Bolívar!!",
        "choque  en la av bolivar https://t.co/x",
        "@TraficoValle choque en la av. Bolivar 🚧",
        "*Choque* _en la av. Bolívar_",
    ],
)
def test_case_accents_links_mentions_and_spacing_make_no_other_text(again: str) -> None:
    recent = RecentTexts()
    recent.add(1, normal("Choque en la av. Bolívar"), NOW)
    found = recent.likest(again, 1.0, NOW - DAY)
    assert found is not None
    assert (found.key, found.likeness) == (1, 1.0)


def test_the_likest_is_found_among_many_and_the_old_are_forgotten() -> None:
    recent = RecentTexts()
    for number in range(500):
        recent.add(number, normal(f"incidente número {number} en la calle {number}"), NOW + timedelta(minutes=number))
    recent.add(900, normal("Árbol caído frente al mercado municipal"), NOW + timedelta(minutes=600))
    found = recent.likest("arbol caido frente al mercado municpal", 0.8, NOW)
    assert found is not None
    assert found.key == 900
    assert recent.likest("arbol caido frente al mercado", 0.8, NOW + timedelta(minutes=601)) is None
    recent.forget_before(NOW + timedelta(minutes=500))
    assert len(recent) == 1


def test_a_post_is_no_repeat_of_its_own_earlier_version() -> None:
    recent = RecentTexts()
    recent.add(1, normal("choque en la calle Pez"), NOW, origin=70)
    assert recent.likest("choque en la calle Pez", 0.8, NOW - DAY, origin=70) is None
    assert recent.likest("choque en la calle Pez", 0.8, NOW - DAY, origin=71) is not None
