"""Writes docs/commands.md and docs/comandos.md from the list of commands: `make docs`. A test sees whether they are."""

from pathlib import Path

from bot.chat.language import N_, Speaker
from bot.commands import COMMANDS
from bot.helping import TOPICS, examples

DOCS = Path(__file__).parent.parent / "docs"
PAGES = {"en": DOCS / "commands.md", "es": DOCS / "comandos.md"}

TITLE = N_("Commands")
INTRODUCTION = N_(
    "Made from `bot/commands.py` by `make docs`. Without arguments a command opens its panel; with several channels,"
    " `@name` comes first among the arguments. Every command is understood in both languages, in capitals or not, with"
    " accents or without; one that is nearly right is asked back."
)
HEAD = N_("| command | also | what it does | examples |")


def text(language: str) -> str:
    """The page as it should be."""
    say = Speaker(language)
    lines = [f"# {say.t(TITLE)}", "", say.t(INTRODUCTION)]
    for topic, title in TOPICS.items():
        lines += ["", f"## {say.t(title)}", "", say.t(HEAD), "|---|---|---|---|"]
        for c in (c for c in COMMANDS if c.topic is topic):
            shown = c.shown(language)
            others = [f"/{name}" for name in (c.name, c.spanish) if f"/{name}" != shown]
            also = " ".join(f"`{o}`" for o in dict.fromkeys(others))
            typed = " · ".join(f"`{e}`" for e in examples(say, c))
            lines.append(f"| `{shown}` | {also} | {say.t(c.about)} | {typed} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for spoken_in, page in PAGES.items():
        page.write_text(text(spoken_in))
