"""The door of the chat: who is not in comes no further than here, whatever they type, tap, send or open."""

from datetime import timedelta

from babel.dates import format_date
from telegram.constants import ChatType

from bot.chat.door import ways
from bot.chat.keyboards import Rows
from bot.chat.language import Speaker
from bot.chat.spoken import Example
from bot.chat.targets import UnknownButton, unpack
from bot.chat.turn import Refusal, Turn, plain
from models.accounts import admins, admission
from models.accounts.admission import ASKS_AGAIN, SignUp
from models.accounts.limits import Limited, TooMany
from models.accounts.standings import Admission, Standing

#: What reaches its handler from anybody, which looks itself how far they come. Buttons say it of themselves.
OPEN_TO_ALL = ("start", "join", "language")
#: In whose name Telegram lets administrators write as the group, and anybody as a channel of theirs; nobody's number.
HIDDEN = (1087968824, 136817688)


def lets_in(turn: Turn) -> bool:
    """Whether what somebody sent may reach its handler: they are in, or it is open to all."""
    if admission.way_of(turn.person.telegram_id).speaks or is_hidden(turn):
        return True
    query = turn.update.callback_query
    if query is None:
        return turn.message is not None and turn.command in OPEN_TO_ALL
    try:
        return getattr(type(unpack(query.data or "")), "for_strangers", False)
    except UnknownButton:
        return False


def is_hidden(turn: Turn) -> bool:
    """Whether Telegram hides who wrote this in a group: they write as the group itself, or as a channel."""
    as_chat = turn.message is not None and turn.message.sender_chat is not None
    return turn.in_group and (as_chat or turn.person.telegram_id in HIDDEN)


async def turned_away(turn: Turn) -> None:
    """What somebody reads who is not in: why, and what they can do. What asks for no answer gets none."""
    chat = turn.update.effective_chat
    text, rows = why(turn)
    if turn.update.callback_query is not None:
        await turn.toast(plain(text))
    elif chat is not None and chat.type != ChatType.PRIVATE:
        await turn.point_to_private()
    elif turn.message is not None and (turn.message.text or turn.message.effective_attachment):
        await turn.send(text, rows)


def must_own(turn: Turn) -> None:
    """Raises Refusal for who may not connect channels of their own: they are not in, or only help with somebody's."""
    if not admission.way_of(turn.person.telegram_id).owns:
        raise Refusal(why(turn)[0])


def why(turn: Turn) -> tuple[str, Rows]:
    """Why somebody is not in, and the way in where there is one."""
    way = admission.way_of(turn.person.telegram_id)
    hello = turn.t("👋 <b>Canales</b> runs X accounts from a Telegram chat.") + "\n"
    row = admission.row_of(turn.person.telegram_id)
    if way.standing is Standing.OUT:
        return turn.t("🚪 You no longer have access here. Whoever runs this service can let you in again."), []
    if way.speaks:
        hello = turn.t("You help with somebody's channel here, and may not connect one of your own yet.") + "\n"
    if row is not None and way.standing is Standing.ASKED:
        asked = turn.t("✋ You asked to come in {ago}. I tell you as soon as somebody decides.",
                       ago=turn.ago(row.at, turn.now))  # fmt: skip
        return hello + asked, []
    if row is not None and way.standing is Standing.REFUSED and row.at > turn.now - ASKS_AGAIN:
        return hello + _later(turn, row), []
    if admission.sign_up() is SignUp.INVITED:
        text = turn.t(
            "Who runs this service lets people in one by one. Ask with the button, or with a line about yourself:"
            " {example}",
            example=Example(turn.t("/join I run the traffic account of our valley")),
        )
        return hello + text, [[(turn.t("✋ Ask to come in"), ways.AskIn())]]
    if not admins.ids():
        return hello + turn.t(
            "Nobody can come in yet: whoever runs this service opens the link that its start has printed, or names"
            " themselves in its settings: <code>ADMIN_IDS={id}</code>",
            id=turn.person.telegram_id,
        ), []
    return hello + turn.t("Nobody new can come in at the moment."), []


def _later(turn: Speaker, row: Admission) -> str:
    day = format_date((row.at + ASKS_AGAIN + timedelta(days=1)).date(), "long", locale=turn.language)
    return turn.t("Who runs this service did not let you in. You may ask again from {day} on.", day=day)


def too_many(say: Speaker, error: TooMany) -> str:
    """Why nothing was made: somebody has as much as they may."""
    match error.limited:
        case Limited.CHANNELS:
            text = say.n(
                "You may have {count} channel here, and have {has}. Disconnect one first: /disconnect",
                "You may have {count} channels here, and have {has}. Disconnect one first: /disconnect",
                error.most,
                has=error.has,
            )
        case Limited.SCHEDULES:
            text = say.n(
                "You may have {count} schedule in all your channels, and have {has}, so nothing was stored. Delete some"
                " first: /schedules",
                "You may have {count} schedules in all your channels, and have {has}, so nothing was stored. Delete"
                " some first: /schedules",
                error.most,
                has=error.has,
            )
        case _:
            example = Example(say.t("/triggers remove crash"))
            text = say.n(
                "You may have {count} word in all lists of your channels, and have {has}, so nothing was stored. Remove"
                " some first, for example: {example}",
                "You may have {count} words in all lists of your channels, and have {has}, so nothing was stored."
                " Remove some first, for example: {example}",
                error.most,
                has=error.has,
                example=example,
            )
    return text + " " + say.t("Who runs this service can allow you more.")
