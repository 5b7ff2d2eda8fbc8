"""What looks like a sentence is not taken for triggers; what is searched fits into the buttons that turn its pages."""

import pytest

from bot.chat.targets import cut, pack, unpack
from bot.moderation import people, words
from bot.moderation.adding import looks_like_a_sentence
from bot.moderation.week import Cell, Week
from engine.moderation import KeywordRole, MessageKind
from engine.moderation.standing import Standing

TRIGGER, FILTER, REPLACEMENT = KeywordRole.TRIGGER, KeywordRole.FILTER, KeywordRole.REPLACEMENT


@pytest.mark.parametrize(
    ("role", "typed", "sentence"),
    [
        (TRIGGER, "choque", False),
        (TRIGGER, "choque, vía cerrada, inund*, #metro, y algo más largo", False),
        (TRIGGER, "se va la luz en todo", False),
        (TRIGGER, "gracias por todo vecinos nos vemos mañana", True),
        (TRIGGER, "¡Gracias, vecinos!", True),
        (TRIGGER, "¿hay paso?", True),
        (TRIGGER, "ya voy.", True),
        (TRIGGER, '"la vía que va de aquí hasta allá cerrada"', False),
        (TRIGGER, "uno\ndos tres\ncuatro cinco\nseis siete", False),
        (FILTER, "promo for 7 days", False),
        (REPLACEMENT, "avda => av.", False),
        (REPLACEMENT, "no quiero esto.", True),
    ],
)
def test_a_sentence_is_told_from_words(role: KeywordRole, typed: str, sentence: bool) -> None:
    assert looks_like_a_sentence(role, typed) is sentence


def test_what_is_searched_fits_into_a_button_and_comes_back() -> None:
    channel = 9_999_999_999
    sought = cut("ñandú: con prisa y sin pausa, ¿verdad?", words.MOST_SOUGHT)
    found = words.FoundWords(channel, KeywordRole.REPLACEMENT, 999, sought)
    assert unpack(pack(found)) == found
    who = people.People(channel, Standing.BLOCKED, 999, cut("ñ" * 40, people.MOST_SOUGHT))
    assert unpack(pack(who)) == who


def test_buttons_of_the_release_before_go_on_working() -> None:
    assert unpack("kwfound:1:trigger:2") == words.FoundWords(1, TRIGGER, 2)
    assert unpack("people:1:trusted:0") == people.People(1, Standing.TRUSTED)
    assert unpack("week:1:dm") == Week(1, MessageKind.DM)
    assert unpack("cell:1:mention:27") == Cell(1, MessageKind.MENTION, 27)
