"""What the channel says in its own words: replacements, capitals, emphasis, credit; within X's length and nothing broken."""

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.composing import LIMIT, BadTemplate, Style, check_template, mentions_people, style_of, weighted_length
from engine.composing.capitals import calm
from engine.composing.replacements import Rewrite, emphasise, replace
from engine.moderation import Form, Keyword, KeywordRole, MessageKind
from engine.phrases import Phrasebook
from engine.text import LINK, MENTION, places, read

TOKENS = st.sampled_from(
    ["av", "AV", "Av", "av.", "vía", "VIA", "cerrada", "Cerrada", "choque", "https://ejemplo.com/av?via=cerrada", "@av",
     "@via_cerrada", "#av", "www.av.com/via", "👩‍👩‍👧‍👦", "e\u0301", "via,", "(cerrada)", "日本", "\n", "av-av", "ñ"]
)  # fmt: skip
TEXTS = st.lists(TOKENS, max_size=30).map(" ".join)
BOOK = Phrasebook(
    [("av", Rewrite("avenida")), ("vía cerrada", Rewrite("paso cortado")), ("choqu*", Rewrite("colisión"))]
)


@given(TEXTS)
def test_a_replacement_never_changes_a_link_a_mention_or_the_text_around(text: str) -> None:
    changed = replace(text, BOOK)
    assert LINK.findall(changed) == LINK.findall(text)
    assert MENTION.findall(changed) == MENTION.findall(text)
    found = BOOK.find(text, in_hashtags=False)
    edges = [0, *(e for f in found for e in (f.start, f.end)), len(text)]
    around = [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    at = 0
    for piece in around:
        assert piece in changed[at:]
        at = changed.index(piece, at) + len(piece)
    assert sum(map(len, around)) + sum(len(f.value.into) for f in found) == len(changed)


@given(TEXTS)
def test_emphasis_changes_nothing_but_the_case_of_its_words(text: str) -> None:
    changed = emphasise(text, Phrasebook([("cerrada", None)]))
    assert changed.lower() == text.lower()
    assert LINK.findall(changed) == LINK.findall(text)


@given(st.text(st.sampled_from("aáÁeénñÑ @#:/.*|-🚧"), max_size=60))
def test_words_stand_where_they_are_found(text: str) -> None:
    found = places(text)
    assert [p.word for p in found] == list(read(text).words)
    assert all(0 <= p.start < p.end <= len(text) for p in found)


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("choque en la av Bolívar", "colisión en la avenida Bolívar"),
        ("CHOQUE EN LA AV", "COLISIÓN EN LA AVENIDA"),
        ("Choques por la Vía Cerrada.", "Colisión por la Paso cortado."),
        ("via, cerrada", "paso cortado"),
        ("#av @av https://av.com/av avión", "#av @av https://av.com/av avión"),
        ("vía @x cerrada", "vía @x cerrada"),
        ("la av: ejemplo.com/av/choque?av", "la avenida: ejemplo.com/av/choque?av"),
    ],
)
def test_replacements_match_as_triggers_do_and_keep_the_capitals(text: str, becomes: str) -> None:
    assert replace(text, BOOK) == becomes


def test_a_full_stop_that_was_given_goes_with_its_word() -> None:
    style = style_of([Keyword(KeywordRole.REPLACEMENT, "av.", into="avenida")])
    assert style.rewritten("en la av. Sur y la AV Norte.") == "en la avenida Sur y la AVENIDA Norte."


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("CHOQUE EN LA AUTOPISTA, DOS HERIDOS. EVITEN LA ZONA", "Choque en la autopista, dos heridos. Eviten la zona"),
        ("HAY COLA EN LA A1 KM 23", "Hay cola en la A1 KM 23"),
        ("Choque frente a CANTV y la UCV", "Choque frente a CANTV y la UCV"),
        ("Cuidado, CHOQUE MUY FUERTE en la A1", "Cuidado, choque muy fuerte en la A1"),
        ("SOS", "SOS"),
        ("NO VENGAN https://EJEMPLO.com/A @Alguien #CHOQUE", "No vengan https://EJEMPLO.com/A @Alguien #CHOQUE"),
        ("ÁRBOL CAÍDO EN ÑUÑOA", "Árbol caído en ñuñoa"),
        ("todo en calma", "todo en calma"),
        ("HAY COLA: CANALES.COM/ABC Y bit.ly/AbC LLEGUEN", "Hay cola: CANALES.COM/ABC y bit.ly/AbC lleguen"),
        ("", ""),
    ],
)
def test_shouted_text_becomes_a_sentence_and_acronyms_stay(text: str, becomes: str) -> None:
    assert calm(text) == becomes


@given(TEXTS.map(str.upper) | TEXTS)
def test_calming_changes_nothing_but_case_and_is_done_once(text: str) -> None:
    calmed = calm(text)
    assert calmed.lower() == text.lower()
    assert LINK.findall(calmed) == LINK.findall(text)
    assert calm(calmed) == calmed


PIECES = st.sampled_from(
    ["choque", "AV.", "👩‍👩‍👧‍👦", "🇻🇪", "e\u0301", "日本語", "https://ejemplo.com/a/b?c=d", "@maria_rdz", "#vía", "palabra" * 12, "🇻🇪" * 40]
)  # fmt: skip
TEMPLATES = st.sampled_from(
    ["vía {name}: {text}", "{text} (vía {name})", "{handle}{text}", "{text}", "{name} {handle} {text}"]
)
STYLE_WORDS = [
    Keyword(KeywordRole.REPLACEMENT, "av.", into="avenida larguísima"),
    Keyword(KeywordRole.REPLACEMENT, "choque", into="colisión múltiple"),
    Keyword(KeywordRole.EMPHASIS, "palabra"),
]


@settings(max_examples=80)
@given(st.lists(PIECES, min_size=1, max_size=60).map(" ".join), TEMPLATES, st.text(max_size=80), st.booleans())
def test_a_copy_never_exceeds_280_and_is_never_cut_where_it_hurts(
    text: str, template: str, name: str, calm_capitals: bool
) -> None:
    style = style_of(STYLE_WORDS, credit=template, name_dms=True, calm_capitals=calm_capitals)
    post = style.copy_of(MessageKind.DM, text, name, "maria_rdz")
    assert weighted_length(post) <= LIMIT
    whole = style.rewritten(text)
    links = LINK.findall(whole)
    assert all(link.rstrip("…)") in links for link in LINK.findall(post))
    assert MENTION.findall(post) == []
    clusters = set(regex.findall(r"\X", whole + name + template + "maria_rdz… "))
    assert set(regex.findall(r"\X", post)) <= clusters | set(
        regex.findall(r"\X", style.copy_of(MessageKind.DM, "", name, "maria_rdz"))
    )


def test_a_direct_message_is_always_a_copy_and_a_mention_what_the_owner_chose() -> None:
    copying = Style(mention_form=Form.COPY)
    assert copying.form_of(MessageKind.MENTION) is Form.COPY
    assert Style().form_of(MessageKind.MENTION) is Form.REPOST
    assert Style().form_of(MessageKind.DM) is Form.COPY
    assert Style().other_form(MessageKind.MENTION, Form.REPOST) is Form.COPY
    assert Style().other_form(MessageKind.MENTION, Form.COPY) is Form.REPOST
    assert Style().other_form(MessageKind.DM, Form.COPY) is None
    assert Style(fallback=False).other_form(MessageKind.MENTION, Form.REPOST) is None


def test_the_channels_own_handle_goes_and_nobody_is_addressed() -> None:
    style = Style(handle="TraficoValle", credit="{text} / {handle}")
    copied = style.copy_of(
        MessageKind.MENTION, "@traficovalle Choque en la A1, ojo @alcaldia @TraficoValle!", "María", "maria"
    )
    assert copied == "Choque en la A1, ojo alcaldia! / maria"


def test_a_link_that_holds_a_handle_stays_whole() -> None:
    style = Style(handle="TraficoValle", credit="{text}")
    text = "@ana mira https://medium.com/@TraficoValle/a, ejemplo.com/@ana y @TraficoValle"
    copied = style.copy_of(MessageKind.MENTION, text, "", "")
    assert copied == "ana mira https://medium.com/@TraficoValle/a, ejemplo.com/@ana y"


def test_what_stands_in_a_name_is_never_read_as_a_field() -> None:
    style = Style(credit="vía {name}: {text}")
    assert style.copy_of(MessageKind.MENTION, "hola {handle}", "{text}", "x") == "vía {text}: hola {handle}"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("hola", "no_text"),
        ("{text} {text}", "no_text"),
        ("{nombre} {text}", "field"),
        ("{text} {", "field"),
        ("{text}" + "x" * 100, "long"),
    ],
)
def test_a_bad_credit_is_refused_with_the_reason(typed: str, reason: str) -> None:
    with pytest.raises(BadTemplate) as refused:
        check_template(typed)
    assert refused.value.reason == reason


def test_a_credit_that_mentions_people_is_known() -> None:
    assert mentions_people("vía @{handle}: {text}")
    assert not mentions_people("vía {handle}: {text}")
