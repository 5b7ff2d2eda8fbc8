"""Rewrites the Spanish catalog from the sentences in the code, keeping what is translated: `make catalog`."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

BOT = Path(__file__).parent.parent
SPANISH = BOT / "locale" / "es" / "LC_MESSAGES" / "canales.po"
KEYWORDS = {"t": None, "n": (1, 2), "N_": None}


def sentences() -> Catalog:
    """Every sentence that the code says."""
    catalog = Catalog(project="canales", fuzzy=False)
    for name, _line, message, _comments, _context in extract_from_dir(
        str(BOT), [("**.py", "python")], keywords=KEYWORDS
    ):
        catalog.add(message, locations=[(f"bot/{name}", 0)])
    return catalog


def main() -> None:
    template = sentences()
    if SPANISH.exists():
        with SPANISH.open("rb") as file:
            catalog = read_po(file, locale="es")
    else:
        catalog = Catalog(locale="es", project="canales", fuzzy=False)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    SPANISH.parent.mkdir(parents=True, exist_ok=True)
    with SPANISH.open("wb") as file:
        write_po(file, catalog, omit_header=False, sort_output=False, width=110, include_lineno=False)


if __name__ == "__main__":
    main()
