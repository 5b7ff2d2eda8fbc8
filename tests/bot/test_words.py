"""The words that people read: complete in both languages, escaped, and small enough for Telegram."""

import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bot import reference
from bot.chat.language import LANGUAGES, Speaker, language_of
from bot.commands import COMMANDS, help_text
from bot.locale.update import SPANISH, sentences
from engine.x import prices


def spanish() -> dict[object, object]:
    with SPANISH.open("rb") as file:
        return {m.id: m.string for m in read_po(file, locale="es") if m.id}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_sentence_has_its_spanish() -> None:
    known = spanish()
    missing = [m.id for m in sentences() if m.id and not all(_as_tuple(known.get(m.id)))]
    assert missing == []
    stale = set(known) - {m.id for m in sentences()}
    assert stale == set(), "run make catalog"


def test_a_translation_has_the_same_values_and_tags() -> None:
    for english, translated in spanish().items():
        for one, said in zip(_as_tuple(translated), _as_tuple(english), strict=True):
            assert fields(one) == fields(said), english
            assert one.count("<b>") == one.count("</b>") == said.count("<b>"), english


def test_what_people_write_is_text_and_never_markup_or_a_format() -> None:
    for language in LANGUAGES:
        said = Speaker(language).t("Added: {words}", words="<b>{words}</b> & {0} %s {channel.owner}")
        assert "&lt;b&gt;{words}&lt;/b&gt; &amp; {0} %s {channel.owner}" in said


def test_numbers_have_their_plural() -> None:
    assert Speaker("es").n("{count} trigger", "{count} triggers", 1) == "1 disparador"
    assert Speaker("es").n("{count} trigger", "{count} triggers", 2) == "2 disparadores"
    assert Speaker("en").n("{count} trigger", "{count} triggers", 1) == "1 trigger"


@pytest.mark.parametrize(
    ("code", "language"), [("es", "es"), ("es-VE", "es"), ("en", "en"), ("de", "en"), (None, "en")]
)
def test_the_language_follows_the_persons_telegram(code: str | None, language: str) -> None:
    assert language_of(code) == language


def test_the_help_fits_a_message_and_names_every_command() -> None:
    for language in LANGUAGES:
        text = help_text(Speaker(language))
        assert len(text) < 4096
        assert all((f"/{c.name} " in text) is not c.for_admins for c in COMMANDS)


def test_menu_lines_are_short_enough() -> None:
    for command in COMMANDS:
        assert command.name.isalnum()
        assert all(len(Speaker(la).t(command.about)) <= 60 for la in LANGUAGES)


def test_the_command_reference_is_fresh() -> None:
    assert reference.PAGE.read_text() == reference.text(), "run make docs"


def test_env_example_names_every_setting() -> None:
    from models.settings import Settings

    example = (Path(reference.PAGE).parent.parent / ".env.example").read_text()
    assert [n for n in Settings.model_fields if f"{n.upper()}=" not in example] == []


def _as_tuple(value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(map(str, value))
    return (str(value or ""),)


def test_the_readme_tells_what_x_charges() -> None:
    root = Path(reference.PAGE).parent.parent
    for name in ("README.md", "README.es.md"):
        text = (root / name).read_text()
        for heard in (100, 1_000):
            assert f"${prices.of_month(heard, reposted_share=0.3) / 1e6:.2f}" in text, name
