"""Room that is not enough for all: who comes first has it whole, and what is left is shared fairly."""

import heapq
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
H = TypeVar("H", bound=Hashable)


def whole(needs: Iterable[tuple[T, int]], room: int) -> tuple[list[T], list[T]]:
    """Those that fit with all that they need, in their order, and those that don't: half of it is of no use."""
    fit: list[T] = []
    left_out: list[T] = []
    for one, need in needs:
        if need <= room:
            room -= need
            fit.append(one)
        else:
            left_out.append(one)
    return fit, left_out


def fairly(wants: Mapping[int, Sequence[H]], room: int) -> list[H]:
    """What has a place, of what each wants (the dearest first): whoever has least of theirs is next.

    What several want takes one place, and all of them have it. Of two who have as much, the smaller comes first.
    """
    wanted_by: dict[H, list[int]] = defaultdict(list)
    for who, what in wants.items():
        for one in dict.fromkeys(what):
            wanted_by[one].append(who)
    has = dict.fromkeys(wants, 0)
    rest = {who: iter(what) for who, what in wants.items()}
    turns = [(0, who) for who in wants]
    heapq.heapify(turns)
    chosen: dict[H, None] = {}
    while turns and len(chosen) < room:
        had, who = heapq.heappop(turns)
        if had < has[who]:  # somebody else's choice was theirs, too
            heapq.heappush(turns, (has[who], who))
            continue
        dearest = next((one for one in rest[who] if one not in chosen), None)
        if dearest is None:
            continue
        chosen[dearest] = None
        for other in wanted_by[dearest]:
            has[other] += 1
        heapq.heappush(turns, (has[who], who))
    return list(chosen)
