"""A month's costs as a picture, to be read on a phone: a bar a day, parted by what it was paid for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw

from bot.costs.fonts import font
from bot.costs.money import money

WIDTH, HEIGHT, MARGIN = 1080, 1000, 48
TITLE, SMALL = 56, 36
TOP, BOTTOM, LEFT = 200, 170, 130
GAP = 6
LINES = 4  # across the bars
INK, SOFT, PAPER, LINE, EXPECTED = "#14171a", "#667785", "#ffffff", "#dde5ec", "#e3ebf2"
COLORS = ("#2b6ea8", "#e08a1e", "#4f9d69", "#9b6bb3")  # told apart also by who does not see red and green
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Bar:
    """A day: what was paid, in micro-dollars by the place of its group, or what is `expected` of it."""

    label: str
    parts: Mapping[int, int]
    expected: int = 0


def month(title: str, under: str, groups: Sequence[str], bars: Sequence[Bar]) -> bytes:
    """A PNG. `under` stands below the title; `groups` are the names of what the parts are."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(picture)
    draw.text((MARGIN, MARGIN), title, fill=INK, font=font(TITLE))
    draw.text((MARGIN, MARGIN + TITLE + 12), under, fill=SOFT, font=font(SMALL))
    floor, tall = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP
    step = _step(max((max(sum(bar.parts.values()), bar.expected) for bar in bars), default=0))
    for number in range(LINES + 1):
        y = floor - tall * number // LINES
        draw.line((LEFT, y, WIDTH - MARGIN, y), fill=LINE, width=2)
        draw.text((LEFT - 12, y), f"${money(step * number)}", fill=SOFT, font=font(SMALL - 6), anchor="rm")
    wide = (WIDTH - MARGIN - LEFT) / max(1, len(bars))
    for place, bar in enumerate(bars):
        left = LEFT + wide * place
        right = max(left + 2, left + wide - GAP)
        bottom = float(floor)
        if bar.expected:
            draw.rectangle((left, floor - tall * bar.expected / (step * LINES), right, floor), fill=EXPECTED)
        for group in range(len(groups)):
            if (cost := bar.parts.get(group, 0)) > 0:  # what was given back can be more than a day's
                top = bottom - tall * cost / (step * LINES)
                draw.rectangle((left, top, right, bottom), fill=COLORS[group % len(COLORS)])
                bottom = top
        if bar.label:
            draw.text(((left + right) / 2, floor + 10), bar.label, fill=SOFT, font=font(SMALL - 6), anchor="ma")
    _legend(draw, groups)
    content = BytesIO()
    picture.save(content, "PNG", optimize=True)
    return content.getvalue()


def _legend(draw: ImageDraw.ImageDraw, groups: Sequence[str]) -> None:
    left, y = float(MARGIN), HEIGHT - MARGIN - SMALL
    for number, name in enumerate(groups):
        draw.rectangle((left, y + 8, left + 28, y + 36), fill=COLORS[number % len(COLORS)])
        draw.text((left + 40, y), name, fill=INK, font=font(SMALL))
        left += 40 + draw.textlength(name, font=font(SMALL)) + 40


def _step(highest: int) -> int:
    """Micro-dollars from one line to the next, a round number, so that the highest bar has room."""
    tens = 1_000
    while True:
        for times in STEPS:
            if times * tens * LINES >= highest:
                return times * tens
        tens *= 10
