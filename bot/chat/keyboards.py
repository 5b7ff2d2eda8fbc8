"""Buttons under a message: what each says, and what it carries or opens; long lists a page at a time."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.chat.targets import Target, pack
from engine.fitting import ROW, fit, laid_out

Button = tuple[str, Target | str]
Rows = list[list[Button]]
Item = TypeVar("Item")


def keyboard(rows: Rows | None) -> InlineKeyboardMarkup | None:
    """As Telegram takes them: a target that is an address opens it, any other comes back to us.

    Labels that don't fit beside each other on a phone get rows of their own; one that is longer than a row is cut.
    """
    if not rows:
        return None

    def made(label: str, target: Target | str) -> InlineKeyboardButton:
        label = fit(label, ROW)
        if isinstance(target, str):
            return InlineKeyboardButton(label, url=target)
        return InlineKeyboardButton(label, callback_data=pack(target))

    lines = [line for row in rows if row for line in laid_out(row, lambda button: button[0])]
    return InlineKeyboardMarkup([[made(*b) for b in line] for line in lines])


def in_rows(buttons: list[Button], wide: int) -> Rows:
    """So many in a row."""
    return [buttons[i : i + wide] for i in range(0, len(buttons), wide)]


def dot(chosen: bool) -> str:
    """Before the choice that holds, of some."""
    return "● " if chosen else ""


def lamp(on: bool) -> str:
    return "✅" if on else "❌"


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
