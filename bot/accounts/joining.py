"""Coming in: by the link of the first start, by an invitation of who runs the service, or by asking: `/join`."""

from bot.chat import doors
from bot.chat.door import entrance, ways
from bot.chat.handling import handles_for_all
from bot.chat.keyboards import Rows
from bot.chat.turn import Refusal, Turn
from models.accounts import admins, admission, standings
from models.accounts.admission import SignUp
from models.accounts.standings import Standing
from models.control import entrance as stored

ADMIN_PREFIX, PREFIX = "admin-", "in-"


async def command(turn: Turn) -> None:
    """/join [a line about yourself]"""
    if admission.way_of(turn.person.telegram_id).owns:
        await _is_in(turn)
        return
    await _ask(turn, turn.arguments)


@handles_for_all(ways.AskIn)
async def _pressed(turn: Turn, _button: ways.AskIn) -> None:
    if admission.way_of(turn.person.telegram_id).owns:
        await _is_in(turn)
        return
    await _ask(turn, "")


async def _ask(turn: Turn, words: str) -> None:
    me, user = turn.person, turn.update.effective_user
    name = user.username or "" if user is not None else ""
    asked = turn.once("asked", bool, lambda: stored.ask(me.telegram_id, me.name, name, words, turn.now))
    text, rows = entrance.why(turn)
    if asked:
        text = turn.t("✋ I have asked who runs this service. I tell you here as soon as somebody decides.")
    await turn.answer(text, rows)


async def by_invitation(turn: Turn, code: str) -> None:
    """/start in-CODE"""
    me = turn.person.telegram_id
    if turn.once("came in", bool, lambda: admission.use_pass(code, me, turn.now)):
        await _is_in(turn)
        return
    if standings.standing_of(me) is Standing.OUT or admission.sign_up() is SignUp.CLOSED:
        await entrance.turned_away(turn)
        return
    if admission.way_of(me).owns:
        await _is_in(turn)
        return
    text, rows = entrance.why(turn)
    await turn.send(turn.t("That invitation was used or is too old.") + "\n\n" + text, rows)


async def become_admin(turn: Turn, code: str) -> None:
    """/start admin-CODE, from the link that the first start prints."""
    me = turn.person.telegram_id
    if not turn.once("became admin", bool, lambda: stored.become_admin(code, me, turn.now)):
        if admins.is_admin(me):
            await _runs(turn)
            return
        if admins.ids():
            raise Refusal(turn.t("That link was used: somebody runs this service already."))
        raise Refusal(
            turn.t("I don't know that link. Each start prints a new one as long as nobody runs this service.")
        )
    await _runs(turn)


async def _runs(turn: Turn) -> None:
    rows: Rows = [
        [(turn.t("🚪 Who may come in"), ways.Admin())],
        [(turn.t("Connect an X account"), doors.Connect())],
        [(turn.t("How does it work?"), doors.Help())],
    ]
    await turn.send(
        turn.t(
            "🔑 You run this service now: what is wrong with it is told to you, and you say who may come in. Until you"
            " say otherwise, whoever finds me may ask you, or comes by an invitation of yours: /admin"
        ),
        rows,
    )


async def _is_in(turn: Turn) -> None:
    await turn.answer(
        turn.t("🎉 You are in, {name}. Connect the X account that I shall run for you.", name=turn.person.name),
        [[(turn.t("Connect an X account"), doors.Connect())], [(turn.t("How does it work?"), doors.Help())]],
    )
