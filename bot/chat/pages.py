"""Long lists in a message: a page at a time, turned by buttons."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from bot.chat.keyboards import Rows
from bot.chat.targets import Target

Item = TypeVar("Item")


def page_of(
    items: Sequence[Item], page: int, size: int, target: Callable[[int], Target]
) -> tuple[Sequence[Item], int, Rows]:
    """The items of a page (from 0; one that is not there is the nearest that is), the place of the first, and a row of
    buttons that turn the pages round and round where there are several; `target` makes the button of a page.
    """
    pages = max(1, -(-len(items) // size))
    page = max(0, min(page, pages - 1))
    turning: Rows = []
    if pages > 1:
        turning.append(
            [
                ("◀", target((page - 1) % pages)),
                (f"{page + 1}/{pages}", target(page)),
                ("▶", target((page + 1) % pages)),
            ]
        )
    return items[page * size : (page + 1) * size], page * size, turning
