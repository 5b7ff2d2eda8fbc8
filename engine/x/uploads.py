"""What X answers about a file that was brought there: usable, worked on, or not to be used; whatever shape that has."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.text import storable
from engine.x.errors import Garbled, Refused
from engine.x.events import UNREADABLE, x_id_of

ASKED_AFTER_S = (1, 60)  # X names any number of seconds, or none
LASTS_S = (15 * 60, 24 * 3600)
SAID_IN = ("detail", "message", "title", "name")
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class MediaAtX:
    """A file as X has it. Not ready yet, it is asked about again after `check_after_s` seconds."""

    media_id: int
    media_key: str
    expires_at: datetime
    check_after_s: int = 0
    is_ready: bool = True


def media_at_x(body: Mapping[str, Any], now: datetime) -> MediaAtX:
    """How a file stands at X. Raises Refused, with X's own sentence, where X can't use it, whatever `state` says."""
    data = body.get("data")
    if not isinstance(data, dict) or not data.get("id"):
        said = sentence_of(body.get("errors"))
        raise Refused(said) if said else Garbled("X answered without what was asked for")
    work = data.get("processing_info")
    work = work if isinstance(work, dict) else {}
    state = str(work.get("state") or ("pending" if work.get("check_after_secs") else "succeeded"))
    if work.get("error") or state == "failed":
        raise Refused(sentence_of(work.get("error")) or "X can't use this file")
    is_ready = state == "succeeded"
    wait_s = 0 if is_ready else _bounded(work.get("check_after_secs"), ASKED_AFTER_S, otherwise=1)
    lasts_s = _bounded(data.get("expires_after_secs"), LASTS_S, otherwise=LASTS_S[1])
    try:
        media_id, key = x_id_of(data["id"]), storable(str(data.get("media_key") or ""))
    except UNREADABLE as error:
        raise Garbled(f"X's answer can't be read ({type(error).__name__})") from None
    return MediaAtX(media_id, key, now.astimezone(UTC) + timedelta(seconds=lasts_s), wait_s, is_ready)


def sentence_of(error: Any, deep: int = DEEPEST) -> str:
    """X's own words about what was wrong, in whatever it wraps them; empty where it has none. At most 300 letters."""
    if isinstance(error, list | dict) and not deep:
        return ""
    if isinstance(error, list):
        return next((said for item in error if (said := sentence_of(item, deep - 1))), "")
    if isinstance(error, dict):
        return next((said for key in SAID_IN if (said := sentence_of(error.get(key), deep - 1))), "")
    return storable(error.strip()[:300]) if isinstance(error, str) else ""


def _bounded(value: Any, bounds: tuple[int, int], *, otherwise: int) -> int:
    """A number of seconds out of X's answer, whatever stands there; `otherwise` where it is none, or not above 0."""
    try:
        seconds = int(value)
    except UNREADABLE:
        return otherwise
    return otherwise if seconds <= 0 else max(bounds[0], min(seconds, bounds[1]))
