"""What is cut is cut at a word, never inside an emoji, and buttons that don't fit beside each other get more rows."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.chat import rule_words
from bot.chat.keyboards import keyboard
from bot.chat.language import LANGUAGES, Speaker
from bot.helping import TOPICS
from bot.notifications import drawing
from bot.publishing.hashtags import SCHEDULED_TOO
from bot.publishing.writing import CALM, FALLBACK
from engine.fitting import ROW, SHARED, cut, fit, fit_before, laid_out, width

FAMILY, FLAG, HEART, THUMB = "👨‍👩‍👧‍👦", "🇻🇪", "❤️", "👍🏽"


def test_a_text_is_cut_at_a_word_with_an_ellipsis() -> None:
    assert fit("Choque en la autopista Norte", 20) == "Choque en la…"
    assert fit("Choque en la autopista Norte", 24) == "Choque en la autopista…"
    assert fit("Choque", 20) == "Choque"
    assert fit("Otorrinolaringólogo", 10) == "Otorrinol…"
    assert fit("uno,  dos\ntres", 20) == "uno, dos tres"
    assert fit_before("una frase que es muy larga para ella", " · ⛔7", 20) == "una frase que… · ⛔7"


def test_an_emoji_takes_two_and_stays_whole() -> None:
    assert [width(e) for e in (FAMILY, FLAG, HEART, THUMB, "é", "e\u0301", "日")] == [2, 2, 2, 2, 1, 1, 2]
    for emoji in (FAMILY, FLAG, HEART, THUMB):
        for room in range(4, 12):
            kept = fit(emoji * 10, room).removesuffix("…")
            assert set(regex.findall(r"\X", kept)) <= {emoji}


@given(st.text(max_size=80), st.integers(4, 40))
def test_whatever_it_is_it_fits_and_no_letter_is_broken(text: str, most: int) -> None:
    shown = fit(text, most)
    assert width(shown) <= most
    whole = regex.findall(r"\X", " ".join(text.split()))
    assert regex.findall(r"\X", shown.removesuffix("…")) == whole[: len(regex.findall(r"\X", shown.removesuffix("…")))]
    assert width(cut(text, most)) <= most


def test_labels_that_do_not_fit_beside_each_other_get_rows_of_their_own() -> None:
    row = ["✏️ Publicar editado ahora", "🚫 Bloquear a quien lo escribió"]
    assert laid_out(row, str) == [[row[0]], [row[1]]]
    assert laid_out(["◀", "1/3", "▶"], str) == [["◀", "1/3", "▶"]]
    assert laid_out(["1 hora", "3 horas", "un día", "una semana larga"], str) == [
        ["1 hora", "3 horas"], ["un día", "una semana larga"],
    ]  # fmt: skip
    long = "👤 " + "Nombre muy largo de alguien que escribe mucho " * 3
    made = keyboard([[(long, "https://x.com"), ("Sí", "https://x.com")]])
    assert made is not None
    assert [len(r) for r in made.inline_keyboard] == [1, 1]
    assert made.inline_keyboard[0][0].text.endswith("…")
    assert all(width(b.text) <= ROW for r in made.inline_keyboard for b in r)
    assert SHARED[1] == ROW


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_label_of_ours_is_cut(language: str) -> None:
    say = Speaker(language)
    ticks = (*rule_words.SENDERS, *rule_words.TRIGGERS, *rule_words.FILTERS, *rule_words.REPEATS, *rule_words.HOURS)
    labels = [f"✅ {say.t(t.label)}" for t in (*ticks, FALLBACK, CALM, SCHEDULED_TOO)]
    labels += [f"✅ {say.t(label)}" for label in drawing.switches().values() if label]
    labels += [say.t(title) for title in TOPICS.values()]
    assert [label for label in labels if width(label) > ROW] == []
