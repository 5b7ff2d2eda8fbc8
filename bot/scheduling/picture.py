"""The week as a picture, to be read on a phone: a block a day, a line for each time."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw

from bot.costs.fonts import font

WIDTH, MARGIN, PAD = 1080, 48, 24
TITLE, HEAD, LINE = 60, 46, 44
STEP = 64
MOST_LINES = 9
PUNCTUATION = "…¡¿·–—“”‘’«»€£°ºª"
INK, SOFT, ACCENT, PAPER, BLOCK = "#14171a", "#667785", "#2b6ea8", "#ffffff", "#f0f5f9"


@dataclass(frozen=True, slots=True)
class Day:
    """A day's title, and its times with what is said."""

    title: str
    lines: Sequence[tuple[str, str]]


def week(title: str, days: Sequence[Day], more: str, nothing: str) -> bytes:
    """A PNG. `more` is said where a day has too many lines (with {count}), `nothing` where it has none."""
    shown = [_shown(day, more, nothing) for day in days]
    heights = [PAD * 2 + STEP + STEP * len(lines) for lines in shown]
    height = MARGIN * 2 + TITLE + PAD + sum(heights) + PAD * len(days)
    picture = Image.new("RGB", (WIDTH, height), PAPER)
    draw = ImageDraw.Draw(picture)
    draw.text((MARGIN, MARGIN), title, fill=INK, font=font(TITLE))
    top = MARGIN + TITLE + PAD * 2
    for day, lines, tall in zip(days, shown, heights, strict=True):
        draw.rounded_rectangle((MARGIN // 2, top, WIDTH - MARGIN // 2, top + tall), radius=20, fill=BLOCK)
        draw.text((MARGIN, top + PAD), day.title, fill=ACCENT, font=font(HEAD))
        for number, (time, text) in enumerate(lines, 1):
            y = top + PAD + STEP * number
            draw.text((MARGIN, y), time, fill=INK, font=font(LINE))
            left = MARGIN + (160 if time else 0)
            draw.text((left, y), _cut(draw, text, WIDTH - MARGIN - left), fill=INK if time else SOFT, font=font(LINE))
        top += tall + PAD
    content = BytesIO()
    picture.save(content, "PNG", optimize=True)
    return content.getvalue()


def _shown(day: Day, more: str, nothing: str) -> list[tuple[str, str]]:
    if not day.lines:
        return [("", nothing)]
    lines = list(day.lines)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], ("", more.replace("{count}", str(len(lines) - MOST_LINES + 1)))]
    return lines


def _cut(draw: ImageDraw.ImageDraw, text: str, width: float) -> str:
    drawable = "".join(c for c in text if c.isascii() or c.isalnum() or c in PUNCTUATION)  # the font has no emoji
    flat = " ".join(drawable.split())
    if draw.textlength(flat, font=font(LINE)) <= width:
        return flat
    low, high = 0, len(flat)
    while low < high:
        middle = (low + high + 1) // 2
        fits = draw.textlength(flat[:middle] + "…", font=font(LINE)) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    return flat[:low].rstrip() + "…"
