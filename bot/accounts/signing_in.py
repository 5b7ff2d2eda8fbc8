"""Connecting an X account by the chat: X's page, the way back, and the person's yes."""

import secrets
from typing import ClassVar

import structlog

from bot.accounts import chat_keys, inviting, joining, panel, paused
from bot.chat import doors
from bot.chat.door import entrance
from bot.chat.handling import handles, handles_for_all
from bot.chat.keyboards import Rows
from bot.chat.language import Speaker
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn
from engine.moderation import KeywordRole
from engine.moderation.triggers import TRIGGERS_ON
from engine.x import signin
from engine.x.errors import ClientRefused, OverBudget, XError
from models.accounts import admission, choices, people
from models.accounts import signing_in as stored
from models.accounts.admission import NotLetIn
from models.accounts.channels import Auth, Channel, channels_of
from models.accounts.limits import TooMany
from models.accounts.signing_in import BadSignIn
from models.accounts.standings import Standing
from models.connecting import OwnedByOther
from models.moderation import lists
from models.settings import settings
from tasks import accounts, bells
from tasks import signing_in as at_x
from tasks.clock import now

log = structlog.get_logger()
PREFIX = "x-"


@button
class ConfirmSignIn:
    """Connect the account that X's redirect brought back."""

    word: ClassVar[str] = "signyes"
    code: str


@button
class RefuseSignIn:
    word: ClassVar[str] = "signno"
    code: str


async def start(turn: Turn) -> None:
    """/start [admin-CODE|in-CODE|team-CODE|x-CODE]"""
    way = admission.way_of(turn.person.telegram_id)
    if turn.arguments.startswith(joining.ADMIN_PREFIX):
        await joining.become_admin(turn, turn.arguments.removeprefix(joining.ADMIN_PREFIX))
        return
    if turn.arguments.startswith(joining.PREFIX):
        await joining.by_invitation(turn, turn.arguments.removeprefix(joining.PREFIX))
        return
    if way.standing is Standing.OUT:
        await entrance.turned_away(turn)
        return
    if turn.arguments.startswith(inviting.PREFIX):
        await inviting.join(turn, turn.arguments)
        return
    if not way.speaks:
        await entrance.turned_away(turn)
        return
    if turn.arguments.startswith(PREFIX):
        await _ask(turn, turn.arguments.removeprefix(PREFIX))
        return
    if channels_of(turn.person.telegram_id):
        await panel.channels(turn)
        return
    await turn.send(
        turn.t(
            "👋 <b>Canales</b> runs an X account from this chat: people mention it or write it a DM, I repost what"
            " matters and drop the rest.\nYou decide with a few words, and every post can be undone."
        ),
        [
            [(turn.t("Connect an X account"), doors.Connect())],
            [(turn.t("How does it work?"), doors.Help())],
        ],
    )


@handles_for_all(doors.Connect)
async def _connect_pressed(turn: Turn, _button: doors.Connect) -> None:
    await connect(turn)


@handles(chat_keys.ConnectForKeys)
async def _connect_for_keys(turn: Turn, channel: Channel, _button: chat_keys.ConnectForKeys) -> None:
    turn.note = chat_keys.wants_permission(turn, channel)
    await _open_x(turn, signin.SCOPES_FOR_KEYS)


async def connect(turn: Turn) -> None:
    """/connect: a button opens X's page."""
    await _open_x(turn, signin.SCOPES)


async def _open_x(turn: Turn, scopes: str) -> None:
    entrance.must_own(turn)
    if not settings().x_client_id:
        raise Refusal(
            turn.t(
                "This service has no X app to sign in with (X_CLIENT_ID). Its administrator can connect an account"
                " with: python -m bot connect --owner {id}",
                id=turn.person.telegram_id,
            )
        )
    state, verifier = secrets.token_urlsafe(24), signin.new_verifier()
    assert turn.update.effective_chat is not None
    stored.begin_sign_in(state, turn.person.telegram_id, turn.update.effective_chat.id, verifier, turn.now, scopes)
    url = signin.authorize_url(accounts.app(), state, verifier, scopes)
    if settings().public_url:
        text = turn.t(
            "Open X, sign in with the account of your channel and allow the access. Then tap «Back to Telegram» on the"
            " page that follows."
        )
    else:
        text = turn.t(
            "1. Open X, sign in with the account of your channel and allow the access.\n"
            "2. X then sends you to a page that does not open. That is right: copy its whole address and paste it"
            " here."
        )
    await turn.send(text + "\n" + turn.t("The link is yours alone and works for 15 minutes."), [[("X ↗", url)]])


# --- the way back --------------------------------------------------------------------------------------------


def looks_pasted(text: str) -> bool:
    """Whether this is the address that X sent somebody to."""
    return text.startswith(("http://", "https://")) and ("state=" in text or "code=" in text or "canales" in text)


async def pasted(turn: Turn) -> None:
    """The address that X sent the person to, brought by themselves."""
    entrance.must_own(turn)
    try:
        returned = signin.read_return(turn.arguments)
    except signin.NoCode:
        raise Refusal(
            turn.t(
                "There is no code in that address. Copy the whole one from your browser's address bar; it looks like"
                " this: {example}",
                example=f"{settings().redirect_uri}?state=…&code=…",
            )
        ) from None
    try:
        sign_in, verifier = stored.use_sign_in(returned.state, turn.person.telegram_id, now())
        if returned.code is None:
            raise Refusal(turn.t("You said no on X's page, so nothing was connected. Start again: /connect"))
        channel = at_x.finish_sign_in(sign_in, returned.code, verifier, now())
    except BadSignIn as error:
        raise Refusal(why_not(turn, error)) from None
    except OwnedByOther as error:
        raise Refusal(_owned_by_other(turn, error.channel)) from None
    except NotLetIn:
        raise Refusal(entrance.why(turn)[0]) from None
    except XError as error:
        raise Refusal(trouble(turn, error)) from None
    bells.ring_subscriptions()
    await turn.send(*connected(turn, channel))


async def _ask(turn: Turn, code: str) -> None:
    """The page that X's redirect ended on sent the person here: whom it would connect."""
    entrance.must_own(turn)
    try:
        account = stored.waiting(code, turn.person.telegram_id, now())
    except BadSignIn as error:
        if error.reason == "foreign" and (began := stored.begun_by(code)) is not None:
            # whoever signed in was sent somebody's link: that one must not get the code from them
            at_x.refuse_waiting(code, began, now())
        raise Refusal(why_not(turn, error)) from None
    await turn.send(
        turn.t(
            "Somebody signed in to X as <b>@{handle}</b> ({name}) by your link. Shall I run this account for you?",
            handle=account.handle,
            name=account.name,
        ),
        [
            [(turn.t("✅ Yes, connect @{handle}", handle=account.handle), ConfirmSignIn(code))],
            [(turn.t("No"), RefuseSignIn(code))],
        ],
    )


@handles_for_all(ConfirmSignIn)
async def _confirmed(turn: Turn, button: ConfirmSignIn) -> None:
    """Connected from here on; a second tap changes nothing."""
    try:
        channel_id = turn.once(
            "connected", int, lambda: at_x.connect_waiting(button.code, turn.person.telegram_id, now()).id
        )
    except BadSignIn as error:
        raise Refusal(why_not(turn, error)) from None
    except OwnedByOther as error:
        at_x.refuse_waiting(button.code, turn.person.telegram_id, now())
        await turn.answer(_owned_by_other(turn, error.channel))
        return
    except NotLetIn:
        at_x.refuse_waiting(button.code, turn.person.telegram_id, now())
        await turn.answer(entrance.why(turn)[0])
        return
    except TooMany as error:
        at_x.refuse_waiting(button.code, turn.person.telegram_id, now())
        await turn.answer(entrance.too_many(turn, error))
        return
    bells.ring_subscriptions()
    channel = Channel.get_by_id(channel_id)
    await turn.answer(turn.t("✅ <b>{channel}</b> is yours to steer.", channel=channel))


@handles_for_all(RefuseSignIn)
async def _refused(turn: Turn, button: RefuseSignIn) -> None:
    at_x.refuse_waiting(button.code, turn.person.telegram_id, now())
    await turn.answer(turn.t("Nothing was connected, and the access is deleted. Start again: /connect"))


# --- in words ------------------------------------------------------------------------------------------------


def why_not(say: Speaker, error: BadSignIn) -> str:
    """Why a sign-in can't be used."""
    reasons = {
        "expired": say.t("That sign-in is older than 15 minutes. Start again: /connect"),
        "used": say.t("That sign-in was used already. If the channel is not in /channels, start again: /connect"),
        "foreign": say.t("That sign-in was begun by somebody else. Begin your own: /connect"),
    }
    return reasons.get(error.reason, say.t("I don't know that sign-in. Start again: /connect"))


def trouble(say: Speaker, error: XError) -> str:
    """What X did not do."""
    if isinstance(error, ClientRefused):
        log.error("X does not know the app", detail=error.detail)
        return say.t(
            "X does not accept this service itself (X_CLIENT_ID, X_CLIENT_SECRET), so nobody can connect right now. Who"
            " runs it has been told; try again later: /connect"
        )
    if isinstance(error, OverBudget):  # who runs it is told of the budget
        return say.t(
            "This service has spent what it may this month, so nobody can connect right now. Who runs it can raise"
            " that; try again later: /connect"
        )
    if error.passes:
        log.warning("sign-in failed", error=type(error).__name__)
        return say.t("X gave no good answer just now. Start again in a minute: /connect")
    return say.t("X did not accept the sign-in ({detail}). Start again: /connect", detail=error.detail)


def connected(say: Speaker, channel: Channel) -> tuple[str, Rows]:
    """What the owner reads when a channel is connected."""
    by_triggers = choices.choices(channel).policy.on(TRIGGERS_ON)
    wants_triggers = by_triggers and not lists.count_of(channel.id, KeywordRole.TRIGGER)
    if not wants_triggers:
        text = say.t("✅ <b>{channel}</b> is connected. Its rules are as they were.", channel=channel)
    else:
        text = say.t(
            "✅ <b>{channel}</b> is connected.\nNow tell me which words make a message worth reposting, your triggers."
            " Without any, I repost nothing.",
            channel=channel,
        )
    if channel.auth is Auth.OAUTH2 and not channel.refresh_token:
        text += "\n" + say.t(
            "⚠️ X gave an access that can't be renewed: it ends within hours, and I'll ask you to connect once more. On"
            " X's page, allow the access to stay connected."
        )
    text = "\n".join([text, *paused.lines(say, channel)])
    for_keys = signin.SCOPES_FOR_KEYS.split()[-1] in channel.scopes.split()
    return text, [
        [(say.t("🔐 Encrypted DMs"), doors.ChatKeys(channel.id))] if for_keys else [],
        [(say.t("➕ Add triggers"), doors.AddWords(channel.id, KeywordRole.TRIGGER))] if wants_triggers else [],
        [(say.t("Panel"), doors.Panel(channel.id))],
    ]


def _owned_by_other(say: Speaker, channel: Channel) -> str:
    return say.t(
        "{channel} is run by somebody else here ({owner}). Ask them for access, or to disconnect it with"
        " /disconnect {channel}",
        channel=channel,
        owner=people.name_of(channel.owner_id) or "Telegram",
    )
