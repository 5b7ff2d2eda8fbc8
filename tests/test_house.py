"""The house keeps its plan: rooms of a size that reads, imports that go one way, and names that lead somewhere."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ("bot", "tasks", "models", "engine")
LONGEST_FILE = 400
FULLEST_FOLDER = 20
PLACE = re.compile(r"(?<![\w/.:])(?:bot|tasks|models|engine|sandbox|tests|docs)/[\w./-]*\w")
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")


def test_no_file_is_so_long_that_it_holds_two_ideas() -> None:
    lines = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in _files()}
    assert {name: count for name, count in lines.items() if count > LONGEST_FILE} == {}


def test_no_folder_is_so_full_that_its_listing_does_not_read() -> None:
    folders = [file.parent.relative_to(ROOT) for file in _files() if file.parent.name != "migrations"]
    assert {str(folder): n for folder in folders if (n := folders.count(folder)) > FULLEST_FOLDER} == {}


def test_every_file_that_a_page_or_a_docstring_names_is_there() -> None:
    written = [*_pages(), *(f for top in ("sandbox", "tests", *FLOORS) for f in sorted((ROOT / top).rglob("*.py")))]
    lost = {f"{file.relative_to(ROOT)}: {place}" for file in written for place in PLACE.findall(file.read_text())
            if not (ROOT / place).exists() and not (ROOT / f"{place}.py").exists()}  # fmt: skip
    assert lost == set()


def test_every_link_of_a_page_leads_to_a_file() -> None:
    links = {(page, link) for page in _pages() for link in LINK.findall(page.read_text())}
    assert len(links) > 20
    assert {f"{p.relative_to(ROOT)}: {link}" for p, link in links if not (p.parent / link).exists()} == set()


def test_both_readmes_name_the_same_settings_commands_and_sections() -> None:
    english, spanish = ((ROOT / name).read_text() for name in ("README.md", "README.es.md"))
    for what in (r"[A-Z]+(?:_[A-Z]+)+", r"`make \w+", r"python -m bot \w+", r"/healthz|/livez|\$PORT|honcho start"):
        named = set(re.findall(what, english)) - {
            "TELEGRAM_ID",
            "`make format",
            "`make catalog",
            "`make docs",
            "`make figures",
        }
        assert named - set(re.findall(what, spanish)) == set()
    assert english.count("\n## ") == spanish.count("\n## ")


#: A line in a file, and what the lint says of it.
WRONG_WAYS = [
    ("engine/text.py", "from engine import similarity", "No cycles are allowed in engine."),
    ("tasks/clock.py", "from tasks import workers", "No cycles are allowed in tasks."),
    ("models/vault.py", "from tasks import clock", "models is not allowed to import tasks"),
    ("bot/web.py", "from sandbox import people", "bot is not allowed to import sandbox"),
    (
        "models/notifications/__init__.py",
        "from models import moderation",
        "models.notifications is not allowed to import models.moderation",
    ),
    ("bot/chat/crew.py", "from bot import web", "bot.chat is not allowed to import bot.web"),
    ("engine/text.py", "from engine.x import prices", "engine.text -> engine.x.prices"),
    ("engine/text.py", "import time", "engine.text -> time"),
    ("models/vault.py", "import tweepy", "models is not allowed to import tweepy"),
    ("models/vault.py", "import telegram", "models.vault -> telegram"),
    ("bot/web.py", "import huey", "bot.web -> huey"),
]


@pytest.fixture(scope="module")
def linted(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """What the lint says of the house, and of a copy with all those lines in it."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for name in ("sandbox", *FLOORS):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    clean = _lint(copy)
    for number, (file, line, _said) in enumerate(WRONG_WAYS):
        with (copy / file).open("a") as wrong:  # inside a function: no way around
            wrong.write(f"\n\ndef _around{number}() -> None:\n    {line}\n")
    return clean, _lint(copy)


@pytest.mark.parametrize(("file", "line", "said"), WRONG_WAYS)
def test_an_import_that_goes_the_wrong_way_fails_the_lint(
    linted: tuple[str, str], file: str, line: str, said: str
) -> None:
    clean, spoilt = linted
    assert "0 broken" in clean
    assert said in spoilt


def _files() -> list[Path]:
    return [file for floor in FLOORS for file in sorted((ROOT / floor).rglob("*.py"))]


def _pages() -> list[Path]:
    """What is written for people, and the settings that name files."""
    named = ("Makefile", "Procfile", "pyproject.toml", ".env.example", ".pre-commit-config.yaml", ".ci/run")
    return [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md")), *(ROOT / name for name in named)]


def _lint(house: Path) -> str:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=house, capture_output=True, text=True, check=False)
    assert done.returncode == (0 if "0 broken" in done.stdout else 1), done.stderr
    return " ".join(done.stdout.split())
