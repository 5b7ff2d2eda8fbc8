"""What the application calls for an update: who sent it is found, a turn is made, and what is refused is said."""

import html
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from telegram import Update

from bot.chat import spoken
from bot.chat.came import Came, arguments_of, text_of
from bot.chat.door import entrance
from bot.chat.language import language_of
from bot.chat.turn import Handler, NotReached, Refusal, Turn, plain
from engine.fitting import cut
from models.accounts import people
from models.accounts.admission import NotLetIn
from models.accounts.limits import TooMany
from tasks.clock import now

log = structlog.get_logger()
LONGEST = 4_000  # characters, with the markup: a refusal is a sentence and its example
Called = Callable[[Update, Any], Coroutine[Any, Any, None]]


def with_turn(handler: Handler, in_group: Handler = Turn.point_to_private) -> Called:
    """Make what the application calls, with a Came, out of one of ours: finds the person, and says refusals.

    Nothing of who is not in reaches a handler, but for what is open to all (bot/chat/door/entrance.py).
    """

    async def handle(update: Update, came: Came) -> None:
        user = update.effective_user
        if user is None or update.effective_chat is None:
            return
        person = people.person(user.id, user.first_name, language_of(user.language_code), now())
        people.begin_again(person, came.taken.update_id)
        turn = Turn(update, person, arguments_of(update), came)
        try:
            if not entrance.lets_in(turn):
                await entrance.turned_away(turn)
                return
            if turn.in_group and update.callback_query is None:
                await in_group(turn)
                return
            if spoken.ends_a_question(text_of(update)):
                turn.end_step()
            await handler(turn)
        except NotReached:
            log.info("nobody is answered in a group", chat=update.effective_chat.id)
        except Refusal as refusal:
            await _refused(turn, refusal.text)
        except NotLetIn:
            await _refused(turn, entrance.why(turn)[0])
        except TooMany as error:
            await _refused(turn, entrance.too_many(turn, error))
        finally:
            await turn.stop_spinning()

    return handle


async def _refused(turn: Turn, text: str) -> None:
    """Say it: whatever of theirs is said back in it, Telegram takes it."""
    if len(text) > LONGEST:
        text = html.escape(cut(plain(text), LONGEST // 4), quote=False)
    if turn.update.callback_query is not None:
        await turn.toast(plain(text))
    elif turn.in_group:
        await turn.say_in_group(text)
    else:
        await turn.send(text)
