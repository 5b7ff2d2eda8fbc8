"""Buttons under a message: what each says, and what it carries or opens."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.chat.targets import Target, pack

Button = tuple[str, Target | str]
Rows = list[list[Button]]


def keyboard(rows: Rows | None) -> InlineKeyboardMarkup | None:
    """As Telegram takes them: a target that is an address opens it, any other comes back to us."""
    if not rows:
        return None

    def made(label: str, target: Target | str) -> InlineKeyboardButton:
        if isinstance(target, str):
            return InlineKeyboardButton(label, url=target)
        return InlineKeyboardButton(label, callback_data=pack(target))

    return InlineKeyboardMarkup([[made(*b) for b in row] for row in rows if row])


def in_rows(buttons: list[Button], wide: int) -> Rows:
    """So many in a row."""
    return [buttons[i : i + wide] for i in range(0, len(buttons), wide)]


def dot(chosen: bool) -> str:
    """Before the choice that holds, of some."""
    return "● " if chosen else ""


def lamp(on: bool) -> str:
    return "✅" if on else "❌"
