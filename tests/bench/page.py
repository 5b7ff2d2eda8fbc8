"""`make figures`: what the last `make bench` measured goes into docs/figures.md, between its marks."""

import json
import re
import sys
from datetime import UTC, datetime

from sandbox.stage import ROOT
from tests.bench import table
from tests.chaos.troubles import TROUBLES

PAGE = ROOT / "docs" / "figures.md"
MARKED = re.compile(r"(<!-- measured -->\n).*?(<!-- /measured -->)", re.DOTALL)
TROUBLED = re.compile(r"(<!-- troubles -->\n).*?(<!-- /troubles -->)", re.DOTALL)


def written(page: str, found: dict[str, float]) -> str:
    """The page with these figures in it. Raises ValueError where it has no marks."""
    day = datetime.fromtimestamp(found["machine.measured_at"], UTC)
    noop = found.get("pipeline.huey_noop_per_second", 0.0)
    intro = (
        f"Measured by `make bench` on {day.day} {day:%B %Y}: {found['machine.cores']:.0f} cores, which others had a load of"
        f" {found['machine.load_before']:.1f} on before it began. Bare Huey did {noop:,.0f} jobs a second in that run; the"
        " same machine is faster and slower on other days, so read the ratios."
    )
    told = "\n".join([intro, "", *table.markdown(found), ""])
    if not MARKED.search(page) or not TROUBLED.search(page):
        raise ValueError(f"{PAGE} has no marks to write between")
    endured = "\n".join([*table.troubles(found, {name: t.says for name, t in TROUBLES.items()}), ""])
    page = MARKED.sub(lambda marks: f"{marks[1]}{told}{marks[2]}", page)
    return TROUBLED.sub(lambda marks: f"{marks[1]}{endured}{marks[2]}", page)


def main() -> int:
    file = ROOT / "bench.json"
    if not file.exists():
        print("There is no bench.json yet: make bench writes it.")
        return 2
    PAGE.write_text(written(PAGE.read_text(), json.loads(file.read_text())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
