"""What is told of a channel's access to X and of its team."""

from bot.accounts import panel, signing_in, waiting
from bot.chat import doors
from bot.chat.language import N_, Speaker
from bot.notifications.drawing import About, Drawn, draws
from models.notifications.kinds import Connected, Joined, Locked, SignInWaits, TokenDead


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
