"""How the sandbox behaves when nothing is broken: at once, or as slow and as lossy as the world is.

The *world* profile is what figures and promises count in. Its dice are seeded, one for each purpose, so runs repeat.
"""

import asyncio
import math
import random
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds, and shares from 0 to 1."""

    x_median_s: float = 0.0
    x_spread: float = 0.25  # the sigma of a log-normal around the median
    x_tail_share: float = 0.0
    x_tail_from_s: float = 2.0
    x_tail_to_s: float = 5.0
    telegram_s: float = 0.0
    lag_from_s: float = 0.0  # how far a read of a timeline is behind
    lag_to_s: float = 0.0
    missing_share: float = 0.0  # of posts and users that lack fields which the spec calls optional
    stream_from_s: float = 0.0  # how late the filtered stream is
    stream_to_s: float = 0.0
    media_link: float = 0.0  # 1: whoever posts a photo, their text ends with the link to it, as X has it


QUICK = Figures()
WORLD = Figures(
    x_median_s=0.3,
    x_tail_share=0.05,
    telegram_s=0.08,
    lag_from_s=1.0,
    lag_to_s=4.0,
    missing_share=0.05,
    stream_from_s=1.0,
    stream_to_s=6.5,
    media_link=1.0,
)
SEED = 7


@dataclass
class Profile:
    """Which figures hold now."""

    figures: Figures = QUICK
    seed: int = SEED
    _dice: dict[str, random.Random] = field(default_factory=dict)

    @property
    def world(self) -> bool:
        return self.figures != QUICK

    def switch(self, *, world: bool, seed: int = SEED, **other: Any) -> None:
        """Change the profile, and single figures of it. Raises TypeError for one that does not exist."""
        given = {name: float(value) for name, value in other.items()}
        self.figures = replace(WORLD if world else QUICK, **given)
        self.seed = seed
        self._dice.clear()

    def x_seconds(self) -> float:
        """How long X takes for one call."""
        now, dice = self.figures, self._die("x")
        if now.x_tail_share > 0 and dice.random() < now.x_tail_share:
            return dice.uniform(now.x_tail_from_s, now.x_tail_to_s)
        if now.x_median_s <= 0:
            return 0.0
        return dice.lognormvariate(math.log(now.x_median_s), now.x_spread)

    def telegram_seconds(self) -> float:
        """How long Telegram takes for one call."""
        return self.figures.telegram_s

    def lag_seconds(self) -> float:
        """How far the machine that answers a read of a timeline is behind."""
        return self._die("lag").uniform(self.figures.lag_from_s, self.figures.lag_to_s)

    def stream_seconds(self) -> float:
        """How late a post goes out on the filtered stream."""
        return self._die("stream").uniform(self.figures.stream_from_s, self.figures.stream_to_s)

    def thinned(self, made: dict[str, Any], optional: tuple[str, ...]) -> dict[str, Any]:
        """The same, sometimes without one of these fields."""
        share = self.figures.missing_share
        if share <= 0 or self._die("missing").random() >= share:
            return made
        there = [name for name in optional if name in made]
        lost = self._die("missing").choice(there) if there else None
        return {name: value for name, value in made.items() if name != lost}

    def shown(self) -> dict[str, Any]:
        return {"on": self.world, "seed": self.seed, **asdict(self.figures)}

    def _die(self, purpose: str) -> random.Random:
        return self._dice.setdefault(purpose, random.Random(f"{self.seed} {purpose}"))


FIGURES = tuple(f.name for f in fields(Figures))


async def pass_time(seconds: float) -> None:
    """Let others go on for so long."""
    if seconds > 0:
        await asyncio.sleep(seconds)
