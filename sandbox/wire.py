"""What went over the wire, kept for the tests that hold it against the published specs."""

from collections import deque
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer."""

    peer: str
    method: str
    path: str
    route: str
    query: dict[str, str]
    request: Any
    status: int
    response: Any
    content_type: str = "application/json"


class Wire:
    """The last few thousand exchanges and stream events."""

    def __init__(self) -> None:
        self.exchanges: deque[Exchange] = deque(maxlen=4000)
        self.events: deque[dict[str, Any]] = deque(maxlen=1000)
        self.keep = True

    def note(self, exchange: Exchange) -> None:
        if self.keep:
            self.exchanges.append(exchange)
