"""What is told of a channel's access to X and of its team."""

from bot.accounts import chat_keys, panel, signing_in, waiting
from bot.chat import doors
from bot.chat.keyboards import Rows
from bot.chat.language import N_, Speaker
from bot.notifications.drawing import About, Drawn, draws
from models.accounts import chat_keys as stored_keys
from models.accounts.chat_keys import KeyState
from models.notifications.kinds import ChatKeysStand, Connected, Joined, Locked, SignInWaits, TokenDead


@draws(Connected)
def connected(say: Speaker, notice: Connected, about: About) -> Drawn:
    return signing_in.connected(say, about.channel)


@draws(SignInWaits)
def sign_in_waits(say: Speaker, notice: SignInWaits, about: About) -> Drawn:
    text = say.t(
        "🔑 X sent somebody back who signed in as @{handle} through your link. To finish: tap «Back to Telegram» on"
        " that page.",
        handle=notice.handle,
    )
    return text, []


@draws(TokenDead)
def token_dead(say: Speaker, notice: TokenDead, about: About) -> Drawn:
    text = say.t(
        "🔑 X no longer accepts the access to <b>{channel}</b>, so it is off. Its rules are safe: connect it again"
        " and it goes on.",
        channel=about.channel,
    )
    text = "\n".join([text, *waiting.lines(say, about.channel, about.now)])
    return text, [[(say.t("🔑 Reconnect"), doors.Connect())]]


@draws(Locked)
def locked(say: Speaker, notice: Locked, about: About) -> Drawn:
    text = say.t(
        "🔒 X has locked <b>{channel}</b>, so it is off and nothing is posted. X says: «{detail}»\n"
        "Sign in to x.com as {channel}, do what X asks for there, then turn it on here. Its rules and schedules are"
        " safe.",
        channel=about.channel,
        detail=notice.detail,
    )
    text = "\n".join([text, *waiting.lines(say, about.channel, about.now)])
    return text, [[("x.com ↗", "https://x.com/account/access"), (say.t("▶️ Turn on"), panel.TurnOn(about.channel.id))]]


@draws(Joined, N_("Somebody joins the team"))
def joined(say: Speaker, notice: Joined, about: About) -> Drawn:
    text = say.t("👥 {name} is in the team of {channel} now.", name=notice.name, channel=about.channel)
    return text, [[(say.t("👥 Team"), doors.Team(about.channel.id))]]


@draws(ChatKeysStand)
def chat_keys_stand(say: Speaker, notice: ChatKeysStand, about: About) -> Drawn | None:
    """Not told any more where it has changed meanwhile."""
    row = stored_keys.row(about.channel.id)
    if row is None or str(row.state) != notice.state:
        return None
    to_panel: Rows = [[(say.t("🔐 Encrypted DMs"), doors.ChatKeys(about.channel.id))]]
    match row.state:
        case KeyState.ELSEWHERE:
            return chat_keys.elsewhere(say, about.channel), to_panel
        case KeyState.READY:
            text = say.t("🔐 I read what is encrypted to <b>{channel}</b> from now on.", channel=about.channel)
            return text, to_panel
        case KeyState.NONE:
            text = say.t(
                "🔓 Most people's DMs on X are encrypted by now, and <b>{channel}</b> has no keys for them: it hears"
                " only what is not encrypted. I can make keys for it. All else goes on as before.",
                channel=about.channel,
            )
            return text, to_panel
    return None
