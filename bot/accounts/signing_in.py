"""Connecting an X account by the chat, and letting it go."""

import asyncio
import secrets

import structlog

from bot.accounts import team
from bot.chat.language import Speaker
from bot.chat.turn import Refusal, Rows, Turn
from engine.x import signin
from engine.x.errors import Refused, XError
from models import connecting
from models.accounts import channels as stored_channels
from models.accounts import people, signing_in
from models.accounts.channels import Channel
from models.accounts.signing_in import BadSignIn
from models.connecting import OwnedByOther
from models.settings import settings
from tasks import accounts, bells
from tasks.clock import now

log = structlog.get_logger()


async def start(turn: Turn) -> None:
    """/start [team-CODE]"""
    turn.remember()
    if turn.arguments.startswith(team.PREFIX):
        await team.join(turn, turn.arguments)
        return
    if stored_channels.channels_of(turn.person.telegram_id):
        from bot.accounts.panel import channels

        await channels(turn)
        return
    await turn.send(
        turn.t(
            "👋 <b>Canales</b> runs an X account from this chat: people mention it or write it a DM, I repost what"
            " matters and drop the rest.\nYou decide with a few words, and every post can be undone."
        ),
        [[(turn.t("Connect an X account"), "connect")], [(turn.t("How does it work?"), "help")]],
    )


async def connect(turn: Turn) -> None:
    """/connect: a button opens X's page."""
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
    signing_in.begin_sign_in(state, turn.person.telegram_id, turn.update.effective_chat.id, verifier, turn.now)
    url = signin.authorize_url(accounts.app(), state, verifier)
    if settings().public_url:
        text = turn.t("Open X, sign in with the account of your channel and allow the access. Then come back here.")
    else:
        text = turn.t(
            "1. Open X, sign in with the account of your channel and allow the access.\n"
            "2. X then sends you to a page that does not open. That is right: copy its whole address and paste it"
            " here."
        )
    await turn.send(text + "\n" + turn.t("The link is yours alone and works for 15 minutes."), [[("X ↗", url)]])


async def pasted(turn: Turn) -> None:
    """The address that X sent the person to. Taken apart here, finished in the background."""
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
    text, rows = await finish(returned, turn.person.telegram_id)
    await turn.send(text, rows)


def chat_of(state: str) -> int | None:
    """The chat in which this sign-in was begun, if it was."""
    return signing_in.chat_of_sign_in(state)


async def finish(returned: signin.Returned, person_id: int | None) -> tuple[str, Rows]:
    """Complete a sign-in that X sent back; what to tell the person. `person_id` is None for X's redirect."""
    say = Speaker(_language(person_id))
    try:
        sign_in, verifier = signing_in.use_sign_in(returned.state, person_id, now())
    except BadSignIn as error:
        reasons = {
            "expired": say.t("That sign-in is older than 15 minutes. Start again: /connect"),
            "used": say.t("That sign-in was used already. If the channel is not in /channels, start again: /connect"),
            "foreign": say.t("That sign-in was begun by somebody else. Begin your own: /connect"),
        }
        return reasons.get(error.reason, say.t("I don't know that sign-in. Start again: /connect")), []
    say = Speaker(_language(sign_in.person_id))
    if returned.code is None:
        return say.t("You said no on X's page, so nothing was connected. Start again: /connect"), []
    try:
        channel = await asyncio.to_thread(accounts.finish_sign_in, returned.code, verifier, sign_in.person_id, now())
    except OwnedByOther as error:
        return _owned_by_other(say, error.channel), []
    except Refused as error:
        return say.t("X did not accept the sign-in ({detail}). Start again: /connect", detail=error.detail), []
    except XError as error:
        log.warning("sign-in failed", error=type(error).__name__)
        return say.t("X gave no good answer just now. Start again in a minute: /connect"), []
    bells.ring_subscriptions()
    return connected(say, channel)


def connected(say: Speaker, channel: Channel) -> tuple[str, Rows]:
    """What the owner reads when a channel is connected."""
    text = say.t(
        "✅ <b>{channel}</b> is connected.\nNow tell me which words make a message worth reposting, your triggers."
        " Without any, I repost nothing.",
        channel=channel,
    )
    return text, [[(say.t("➕ Add triggers"), f"kwadd:{channel.id}:trigger"), (say.t("Panel"), f"panel:{channel.id}")]]


def _owned_by_other(say: Speaker, channel: Channel) -> str:
    owner = people.Person.get_or_none(people.Person.telegram_id == channel.owner_id)
    return say.t(
        "{channel} is run by somebody else here ({owner}). Ask them for access, or to disconnect it with"
        " /disconnect {channel}",
        channel=channel,
        owner=owner.name if owner and owner.name else "Telegram",
    )


def _language(person_id: int | None) -> str:
    person = people.Person.get_or_none(people.Person.telegram_id == person_id) if person_id else None
    return person.language if person else "en"


# --- goodbye ---------------------------------------------------------------------------------------------


async def disconnect(turn: Turn) -> None:
    """/disconnect: asks first."""
    await ask_disconnect(turn, turn.take_channel())


async def ask_disconnect(turn: Turn, channel: Channel) -> None:
    if not channel.connected:
        await turn.answer(
            turn.t("{channel} is disconnected already. Its rules and journal are kept here.", channel=channel),
            _kept(turn, channel),
        )
        return
    await turn.answer(
        turn.t(
            "Disconnect <b>{channel}</b>? It stops hearing and posting at once, and I delete its access to X. Your"
            " rules stay, for when you connect it again.",
            channel=channel,
        ),
        [
            [(turn.t("Yes, disconnect"), f"bye:{channel.id}")],
            [(turn.t("« Back"), f"panel:{channel.id}")],
        ],
    )


async def goodbye(turn: Turn, channel: Channel) -> None:
    """Stop everything, revoke at X, delete the tokens; tell what was kept."""
    revoked = await asyncio.to_thread(accounts.disconnect, channel)
    bells.ring_subscriptions()
    told = turn.t("{channel} is disconnected, and its access was deleted here.", channel=channel)
    if revoked:
        told += " " + turn.t("X confirmed that the access is revoked.")
    else:
        told += " " + turn.t("To be sure, revoke it at X too: Settings → Security → Apps and sessions.")
    kept = turn.t("Kept here: your triggers and filters, the messages of the last 30 days and the journal.")
    await turn.answer(f"{told}\n{kept}", _kept(turn, channel))


async def ask_forget(turn: Turn, channel: Channel) -> None:
    """This can't be undone, so it takes a second tap."""
    if channel.connected:
        raise Refusal(turn.t("{channel} is connected. Disconnect it first: /disconnect", channel=channel))
    await turn.answer(
        turn.t(
            "Delete all that is kept of {channel}: rules, messages and journal? It can't be undone.",
            channel=channel,
        ),
        [
            [(turn.t("Yes, delete it all"), f"forgetyes:{channel.id}")],
            [(turn.t("No, keep it"), "channels")],
        ],
    )


async def forget(turn: Turn, channel: Channel) -> None:
    if channel.connected:
        raise Refusal(turn.t("{channel} is connected. Disconnect it first: /disconnect", channel=channel))
    connecting.forget_channel(channel.id)
    await turn.answer(turn.t("Deleted. Nothing of {channel} is kept here any more.", channel=channel))


def _kept(turn: Turn, channel: Channel) -> Rows:
    return [
        [(turn.t("Connect again"), "connect"), (turn.t("🗑 Delete that too"), f"forget:{channel.id}")],
    ]
