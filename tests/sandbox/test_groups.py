"""Groups, their topics and their members as the Bot API has them: what the bot is told of them, and what it is refused."""

from typing import Any

import pytest

from sandbox.faults import Faults
from sandbox.phones import Phones
from sandbox.telegram import BOT, TOKEN, Telegram
from sandbox.wire import Wire
from tests.conftest import SPECS
from tests.specs import wrong_with_update

ANA, BEN = 1001, 1002


def test_what_becomes_of_a_group_is_told_as_the_spec_says() -> None:
    if not SPECS.exists():
        pytest.skip("the published specs are not beside this checkout")
    phones = Phones(BOT)
    forum, plain = phones.found(ANA, "Foro", forum=True, members=[BEN]), phones.found(ANA, "Grupo")
    topic = phones.open_topic(ANA, forum.id, "Avisos")
    phones.close_topic(BEN, forum.id, topic)
    phones.close_topic(BEN, forum.id, topic, closed=False)
    phones.say(BEN, "/desk@CanalesBot", forum.id, topic=topic)
    phones.migrate(ANA, plain.id)
    for status in ("restricted", "member", "left", "member", "kicked"):
        phones.change_bot(ANA, forum.id, status)
    updates = phones.take_updates()
    assert len(updates) == 13
    assert [p for update in updates for p in wrong_with_update(update)] == []
    with pytest.raises(KeyError):
        phones.say(999 if 999 in phones.people else phones.add_person("Luis").id, "/help", forum.id)


async def test_what_a_bot_may_not_write_is_refused_as_telegram_refuses_it() -> None:
    phones = Phones(BOT)
    telegram = Telegram(phones, Faults(), Wire())
    forum = phones.found(ANA, "Foro", forum=True)
    topic = phones.open_topic(ANA, forum.id, "Avisos")

    async def says(chat: int, **more: Any) -> tuple[int, str]:
        status, body = await telegram.answer(TOKEN, "sendMessage", {"chat_id": chat, "text": "hola", **more})
        return status, str(body.get("description", body.get("parameters", "")))

    assert await says(forum.id, message_thread_id=topic) == (200, "")
    assert await says(forum.id, message_thread_id=4) == (400, "Bad Request: message thread not found")
    phones.close_topic(ANA, forum.id, topic)
    assert await says(forum.id, message_thread_id=topic) == (400, "Bad Request: TOPIC_CLOSED")
    phones.delete_topic(forum.id, topic)
    assert await says(forum.id, message_thread_id=topic) == (400, "Bad Request: message thread not found")
    for status, said in (
        ("restricted", (400, "not enough rights")),
        ("left", (403, "not a member")),
        ("kicked", (403, "kicked")),
    ):
        phones.change_bot(ANA, forum.id, status)
        code, description = await says(forum.id)
        assert (code, said[1] in description) == (said[0], True)
    plain = phones.found(ANA, "Grupo")
    new = phones.migrate(ANA, plain.id)
    _, body = await telegram.answer(TOKEN, "sendMessage", {"chat_id": plain.id, "text": "hola"})
    assert body["parameters"] == {"migrate_to_chat_id": new.id}
    assert await says(new.id) == (200, "")
