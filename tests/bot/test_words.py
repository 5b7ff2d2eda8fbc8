"""The words that people read: complete in both languages, escaped, and small enough for Telegram."""

import ast
import re
import string

import pytest
from babel.messages.pofile import read_po

from bot import reference
from bot.chat import spoken
from bot.chat.language import LANGUAGES, Speaker, language_of
from bot.commands import COMMANDS
from bot.helping import HelpOn, Topic, help_rows, help_text, menu, topic_text
from bot.locale.update import BOT, SPANISH, sentences
from engine.x import prices
from tests.conftest import NOW


def spanish() -> dict[object, object]:
    with SPANISH.open("rb") as file:
        return {m.id: m.string for m in read_po(file, locale="es") if m.id}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_no_sentence_is_lost_where_it_stands_in_another() -> None:
    found = {one for m in sentences() if m.id for one in _as_tuple(m.id)}
    calls = (n for f in BOT.rglob("*.py") for n in ast.walk(ast.parse(f.read_text())) if isinstance(n, ast.Call))
    said = (call.args[0] for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in ("t", "n"))
    assert {a.value for a in said if isinstance(a, ast.Constant)} - found == set(), "give it a name before"


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_is_a_handful_of_topics_on_which_every_command_stands_once(language: str) -> None:
    say = Speaker(language)
    topics = [target.topic for row in help_rows(say) for _, target in row if isinstance(target, HelpOn)]
    assert topics == list(Topic)
    assert len(topics) <= 7
    assert len(help_text(say)) < 800
    screens = [topic_text(say, topic) for topic in topics]
    assert all(len(screen) < 2000 for screen in screens)
    for command in COMMANDS:
        named = sum(f"\n{command.shown(language)} — " in screen for screen in screens)
        assert named == (0 if command.for_admins else 1), command.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_has_the_dozen_of_a_first_week_as_telegram_takes_it(language: str) -> None:
    lines = menu(Speaker(language))
    assert len(lines) == 12
    assert all(re.fullmatch(r"[a-z0-9_]{1,32}", name) for name, _ in lines)
    assert ("ayuda" if language == "es" else "help") in dict(lines)


def test_every_command_has_a_name_of_its_own_in_each_language() -> None:
    for command in COMMANDS:
        assert re.fullmatch(r"[a-z]{1,32} [a-z]{1,32}", f"{command.name} {command.spanish}")
        assert all(len(Speaker(la).t(command.about)) <= 60 for la in LANGUAGES)
        for word in (command.name, command.spanish, *command.others.split()):
            assert spoken.named(word) == command.name


def test_what_a_spanish_speaker_reads_names_commands_in_spanish() -> None:
    english = {c.name for c in COMMANDS if c.name != c.spanish} - set(spoken.TELEGRAMS_OWN)
    translated = spanish()
    for said in sentences():
        for one in _as_tuple(said.id):
            if one:
                shown = spoken.in_words("es", str(translated.get(one) or one)) if "/" in one else ""
                named = set(re.findall(r"(?<![\w</.:@&])/([a-z]+)\b(?!/)", shown))
                assert not named & english, one


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_reference_is_fresh(language: str) -> None:
    assert reference.PAGES[language].read_text() == reference.text(language), "run make docs"


def test_env_example_names_every_setting() -> None:
    from models.settings import Settings

    example = (reference.DOCS.parent / ".env.example").read_text()
    assert [n for n in Settings.model_fields if f"{n.upper()}=" not in example] == []


def _as_tuple(value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(map(str, value))
    return (str(value or ""),)


def test_the_readme_tells_what_x_charges() -> None:
    root = reference.DOCS.parent
    for name in ("README.md", "README.es.md"):
        text = (root / name).read_text()
        for heard in (100, 1_000):
            assert f"${prices.of_month(heard, NOW, reposted_share=0.3) / 1e6:.2f}" in text, name
