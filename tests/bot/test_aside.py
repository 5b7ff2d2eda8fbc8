"""What is done beside the chat leaves nothing behind."""

import pytest

from bot.chat.aside import aside
from models import database
from models.settings import Settings


async def test_a_thread_beside_the_chat_keeps_no_connection(db: Settings) -> None:
    def look(breaks: bool) -> None:
        database.db.execute_sql("SELECT 1")
        if breaks:
            raise ZeroDivisionError

    await aside(look, False)
    with pytest.raises(ZeroDivisionError):
        await aside(look, True)
    assert not database.db._in_use
