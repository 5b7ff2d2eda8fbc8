"""Promoted hashtags: which may be added now, which of them is chosen, and where there is room."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from engine import timetable
from engine.on_x import LIMIT, hashtags, weighted_length
from engine.switches import Switch
from engine.text import fold
from engine.timetable import ALWAYS, BadHours, Timetable
from engine.when import NotUnderstood, understand

SCHEDULED_TOO = Switch("hashtags_scheduled", default=False)

MAX_TAG = 50
MAX_USES = 1_000_000
_TAG = re.compile(r"^[#＃]?(\w*[^\W\d_]\w*)$")
_TOTAL = re.compile(r"^(\d{1,7})\s*(?:uses?|usos?|times|veces)?\s*(?:in\s+all|in\s+total|en\s+total|total)?$")
_DAILY = re.compile(
    r"^(\d{1,7})\s*(?:uses?|usos?|times|veces)?\s*(?:a\s+day|per\s+day|al\s+dia|por\s+dia|diari[oa]s?)$"
)
_DATE = re.compile(r"^(?P<which>until|hasta|from|desde)\s+(?:el\s+|the\s+)?(?P<day>.+)$")


class BadHashtag(ValueError):
    """`reason` is `tag` or `option`; `piece` is what was typed there."""

    def __init__(self, reason: str, piece: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.piece = piece


@dataclass(frozen=True, slots=True)
class Hashtag:
    """`tag` has no sign. `most` and `most_day` limit its uses in all and a day; None is no limit."""

    tag: str
    window: Timetable = ALWAYS
    first: date | None = None
    last: date | None = None
    most: int | None = None
    most_day: int | None = None

    def over(self, known: "Hashtag") -> "Hashtag":
        """The same with the limits of one that is known, where it names none of its own."""
        return Hashtag(
            self.tag,
            known.window if self.window == ALWAYS else self.window,
            self.first or known.first,
            self.last or known.last,
            self.most or known.most,
            self.most_day or known.most_day,
        )

    def open_at(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether its window and its dates allow it at an instant."""
        today = now.astimezone(zone).date()
        if (self.first is not None and today < self.first) or (self.last is not None and today > self.last):
            return False
        return self.window.open_at(now, zone)


@dataclass(frozen=True, slots=True)
class Used:
    """A hashtag with its uses so far: in all, and today in the channel's zone."""

    id: int
    hashtag: Hashtag
    total: int
    today: int

    @property
    def has_left(self) -> bool:
        most, most_day = self.hashtag.most, self.hashtag.most_day
        return (most is None or self.total < most) and (most_day is None or self.today < most_day)

    @property
    def share_left(self) -> float:
        """How much of its uses is left, 0 to 1; without a limit always 1."""
        most = self.hashtag.most
        return 1.0 if most is None else (most - self.total) / most


def choose(candidates: Sequence[Used], text: str, count: int, now: datetime, zone: ZoneInfo) -> list[Used]:
    """The hashtags for a post, evenly by what they have left: those that are allowed now and not in the text."""
    there = {fold(tag) for tag in hashtags(text)}
    free = [c for c in candidates if c.has_left and c.hashtag.open_at(now, zone) and fold(c.hashtag.tag) not in there]
    free.sort(key=lambda c: (-c.share_left, c.today, c.total, c.id))
    chosen: list[Used] = []
    for candidate in free:
        if len(chosen) == count:
            break
        if weighted_length(with_tags(text, [*chosen, candidate])) <= LIMIT:
            chosen.append(candidate)
    return chosen


def with_tags(text: str, chosen: Sequence[Used]) -> str:
    """The text with its hashtags at the end."""
    return " ".join([text, *(f"#{c.hashtag.tag}" for c in chosen)])


def parse(typed: str, now: datetime) -> Hashtag:
    """`#metro, 100 in all, 5 a day, mon-fri 6-22, until 31/12/2026`. `now` is naive wall time. Raises BadHashtag."""
    head, _, rest = typed.strip().partition(" ")
    tag = _TAG.match(head.rstrip(",;"))
    if tag is None or len(tag[1]) > MAX_TAG:
        raise BadHashtag("tag", head)
    window: list[str] = []
    values: dict[str, int | date] = {}
    for piece in (p.strip() for p in re.split(r"[,;]", rest)):
        flat = fold(piece)
        daily, total, dated = _DAILY.match(flat), _TOTAL.match(flat), _DATE.match(flat)
        if not piece:
            continue
        if daily:
            values["most_day"] = _uses(daily[1], piece)
        elif total:
            values["most"] = _uses(total[1], piece)
        elif dated:
            which = "last" if dated["which"] in ("until", "hasta") else "first"
            values[which] = _day(dated["day"], now, piece)
        else:
            window.append(piece)
    try:
        table = timetable.parse(", ".join(window)) if window else ALWAYS
    except BadHours as error:
        raise BadHashtag("option", error.piece) from None
    return Hashtag(tag[1], table, **values)  # type: ignore[arg-type]


def _uses(text: str, piece: str) -> int:
    if not 1 <= int(text) <= MAX_USES:
        raise BadHashtag("option", piece)
    return int(text)


def _day(text: str, now: datetime, piece: str) -> date:
    try:
        when, rest = understand(f"{text} 23:59", now)
    except NotUnderstood:
        raise BadHashtag("option", piece) from None
    if rest or when.rules:
        raise BadHashtag("option", piece)
    return when.first.date()
