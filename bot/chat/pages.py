"""Long lists in a message: a page at a time, turned by buttons."""

from collections.abc import Sequence
from typing import TypeVar

from bot.chat.turn import Rows

Item = TypeVar("Item")


def page_of(items: Sequence[Item], page: int, size: int, target: str) -> tuple[Sequence[Item], int, Rows]:
    """The items of a page (from 0; one that is not there is the nearest that is), the place of the first, and a row of
    buttons that turn the pages round and round where there are several; `target` takes the number of the page.
    """
    pages = max(1, -(-len(items) // size))
    page = max(0, min(page, pages - 1))
    turning: Rows = []
    if pages > 1:
        turning.append(
            [
                ("◀", f"{target}:{(page - 1) % pages}"),
                (f"{page + 1}/{pages}", f"{target}:{page}"),
                ("▶", f"{target}:{(page + 1) % pages}"),
            ]
        )
    return items[page * size : (page + 1) * size], page * size, turning
