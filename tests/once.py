"""What a test begins with, made by the first test of this process that wants it; the next get a copy of the file."""

from collections.abc import Callable
from typing import Any, TypeVar

from models import database
from models.settings import Settings

T = TypeVar("T")
_made: dict[str, tuple[bytes, Any]] = {}


def once(settings: Settings, key: str, make: Callable[[], T]) -> T:
    """What `make` writes into an empty database, and what it returns. On PostgreSQL it is made each time."""
    path = settings.sqlite_path
    if path is None:
        return make()
    if key not in _made:
        found = make()
        database.forget_connection()  # what stands in its log goes into the file
        _made[key] = path.read_bytes(), found
        return found
    database.forget_connection()
    content, found = _made[key]
    path.write_bytes(content)
    return found
