"""The faults that can be switched on, by HTTP and on the page."""

import random
from dataclasses import dataclass, field

NAMES = {
    "drop_after_accept": "X acts, and its answer is lost",
    "drop_post": "X takes a post, and its answer is lost",
    "error_5xx": "X answers 503 and does not act",
    "limit_429": "X answers 429 (rate limit)",
    "slow": "X acts, and answers seconds later",
    "refuse_repost": "X refuses reposts (403)",
    "refuse_post": "X refuses posts (403)",
    "upload_breaks": "An upload breaks off in its middle",
    "media_fails": "X can't use a photo or video",
    "doubled": "Stream events come twice",
    "shuffled": "Stream events come out of order",
    "malformed": "Junk lines in the stream",
    "silent": "The stream's heartbeat stops",
    "telegram_down": "Telegram answers 502",
    "telegram_429": "Telegram says retry_after",
}


@dataclass
class Faults:
    """Each fault has a rate from 0 (never) to 1 (always), and maybe a number of times left."""

    rates: dict[str, float] = field(default_factory=lambda: dict.fromkeys(NAMES, 0.0))
    left: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=lambda: {"slow": 5.0, "limit_429": 60.0, "telegram_429": 2.0})
    dice: random.Random = field(default_factory=lambda: random.Random(7))

    def set(self, name: str, rate: float, *, times: int | None = None, seconds: float | None = None) -> None:
        """Switch a fault. Raises KeyError for one that does not exist."""
        if name not in NAMES:
            raise KeyError(name)
        self.rates[name] = max(0.0, min(1.0, rate))
        self.left.pop(name, None)
        if times is not None:
            self.left[name] = times
        if seconds is not None:
            self.seconds[name] = seconds

    def strikes(self, name: str) -> bool:
        """Whether the fault happens now."""
        rate = self.rates[name]
        if rate <= 0 or self.left.get(name, 1) <= 0 or self.dice.random() >= rate:
            return False
        if name in self.left:
            self.left[name] -= 1
        return True

    def shown(self) -> dict[str, dict[str, object]]:
        return {
            name: {
                "says": says,
                "rate": self.rates[name],
                "left": self.left.get(name),
                "seconds": self.seconds.get(name),
            }
            for name, says in NAMES.items()
        }
