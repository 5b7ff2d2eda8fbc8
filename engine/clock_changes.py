"""When the clocks of a time zone change within a day."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def at(day: date, minute: int, zone: tzinfo, fold_: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), zone).replace(fold=fold_).astimezone(UTC)


def clock_change(day: date, zone: tzinfo) -> datetime | None:
    """The instant (aware UTC) within this local day, or at its end, at which its zone's offset changes."""
    low, high = at(day, 0, zone, 0), at(day + timedelta(days=1), 0, zone, 0)
    before = low.astimezone(zone).utcoffset()
    if before == high.astimezone(zone).utcoffset():
        return None
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle in (low, high):
            break
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high
