"""Every button's target: a word, the channel that it is about, and what else it needs.

A button about a channel reaches its handler only when the one who pressed owns that channel.
"""

from collections.abc import Awaitable, Callable

from bot import accounts, commands, control, filtering, journal, undo
from bot.turn import Refusal, Turn
from engine.filtering import KeywordRole
from models.accounts import Channel

OfChannel = Callable[[Turn, Channel, list[str]], Awaitable[None]]

OF_CHANNEL: dict[str, OfChannel] = {
    "panel": lambda t, c, a: control.panel(t, c),
    "on": lambda t, c, a: control.switch(t, c, on=True),
    "off": lambda t, c, a: control.switch(t, c, on=False),
    "mentions": lambda t, c, a: control.set_mentions(t, c, on=a[0] == "on"),
    "dms": lambda t, c, a: control.set_dms(t, c, on=a[0] == "on"),
    "names": lambda t, c, a: control.set_names(t, c, on=a[0] == "on"),
    "pace": lambda t, c, a: control.pace(t, c),
    "gap": lambda t, c, a: control.set_gap(t, c, a[0]),
    "fresh": lambda t, c, a: control.set_fresh(t, c, a[0]),
    "kw": lambda t, c, a: filtering.show(t, c, KeywordRole(a[0]), int(a[1])),
    "kwadd": lambda t, c, a: filtering.ask(t, c, KeywordRole(a[0])),
    "kwdel": lambda t, c, a: filtering.remove_one(t, c, KeywordRole(a[0]), int(a[1])),
    "kwundo": lambda t, c, a: filtering.put_back(t, c, KeywordRole(a[0])),
    "log": lambda t, c, a: journal.show(t, c),
    "logfile": lambda t, c, a: journal.send_file(t, c),
    "undo": lambda t, c, a: undo.undo(t, c, int(a[0])),
    "askbye": lambda t, c, a: accounts.ask_disconnect(t, c),
    "bye": lambda t, c, a: accounts.goodbye(t, c),
    "forget": lambda t, c, a: accounts.ask_forget(t, c),
    "forgetyes": lambda t, c, a: accounts.forget(t, c),
}
OF_PERSON: dict[str, Callable[[Turn], Awaitable[None]]] = {
    "connect": accounts.connect,
    "channels": control.channels,
    "status": control.status,
    "help": commands.help_,
}


async def pressed(turn: Turn) -> None:
    """A button was pressed; by whom is checked here, for all of them."""
    query = turn.update.callback_query
    word, *rest = (query.data if query and query.data else "").split(":")
    if word in OF_PERSON:
        await OF_PERSON[word](turn)
    elif word == "lang" and rest:
        await control.set_language(turn, rest[0])
    elif word in OF_CHANNEL and rest and rest[0].isdigit():
        channel = turn.own(int(rest[0]))
        try:
            await OF_CHANNEL[word](turn, channel, rest[1:])
        except (ValueError, IndexError):
            raise Refusal(turn.t("I don't know that button. Open the panel again: /channels")) from None
    else:
        raise Refusal(turn.t("I don't know that button. Open the panel again: /channels"))
