"""Writes docs/commands.md from the list of commands: `make docs`. A test fails when the page is stale."""

from pathlib import Path

from bot.chat.language import Speaker
from bot.commands import COMMANDS

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"


def text() -> str:
    """The page as it should be."""
    en, es = Speaker("en"), Speaker("es")
    lines = [
        "# Commands",
        "",
        "Made from `bot/commands.py` by `make docs`. Without arguments a command opens its panel; with several"
        " channels, `@name` comes first among the arguments.",
        "",
        "| command | what it does | en español | examples |",
        "|---|---|---|---|",
    ]
    for c in COMMANDS:
        examples = " · ".join(f"`{e}`" for e in c.examples)
        lines.append(f"| `/{c.name}` | {en.t(c.about)} | {es.t(c.about)} | {examples} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(text())
