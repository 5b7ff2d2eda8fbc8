"""What the application calls for an update: who sent it is found, a turn is made, and what is refused is said."""

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update

from bot.chat import spoken
from bot.chat.came import Came, arguments_of, text_of
from bot.chat.language import language_of
from bot.chat.turn import Handler, Refusal, Turn, plain
from models.accounts import people
from tasks.clock import now

Called = Callable[[Update, Any], Coroutine[Any, Any, None]]


def with_turn(handler: Handler, in_group: Handler = Turn.point_to_private) -> Called:
    """Make what the application calls, with a Came, out of one of ours: finds the person, and says refusals."""

    async def handle(update: Update, came: Came) -> None:
        user = update.effective_user
        if user is None or update.effective_chat is None:
            return
        person = people.person(user.id, user.first_name, language_of(user.language_code), now())
        people.begin_again(person, came.taken.update_id)
        turn = Turn(update, person, arguments_of(update), came)
        try:
            if turn.in_group and update.callback_query is None:
                await in_group(turn)
                return
            if spoken.ends_a_question(text_of(update)):
                turn.end_step()
            await handler(turn)
        except Refusal as refusal:
            if update.callback_query is not None:
                await turn.toast(plain(refusal.text))
            else:
                await turn.send(refusal.text)
        finally:
            await turn.stop_spinning()

    return handle
