"""What is told of a channel's access to X and of its team."""

from bot.accounts import chat_keys, handing_over, inviting, panel, signing_in, waiting
from bot.chat import doors
from bot.chat.allowing import role_names
from bot.chat.keyboards import Rows
from bot.chat.language import N_, Speaker
from bot.notifications.drawing import About, Drawn, draws
from engine import roles
from models.accounts import chat_keys as stored_keys
from models.accounts import handing_over as offers
from models.accounts import people
from models.accounts.chat_keys import KeyState
from models.notifications.kinds import ChatKeysStand, Connected, Joined, Locked, SignInWaits, TokenDead
from models.notifications.kinds_of_team import HandoverOffered, HandoverOver, MemberLeft, TeamChanged


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


@draws(MemberLeft)
def left(say: Speaker, notice: MemberLeft, about: About) -> Drawn:
    name = people.called(notice.person)
    text = say.t("👥 {name} has left the team of {channel}.", name=name, channel=about.channel)
    return text, [[(say.t("👥 Team"), doors.Team(about.channel.id))]]


@draws(TeamChanged)
def team_changed(say: Speaker, notice: TeamChanged, about: About) -> Drawn:
    held = roles.read(notice.roles)
    if not held:
        return say.t("👥 You are no longer in the team of {channel}.", channel=about.channel), []
    text = say.t(
        "👥 In the team of {channel} you are now: {roles}.", channel=about.channel, roles=role_names(say, held)
    )
    return "\n".join([text, *inviting.what_for(say, held)]), [[(str(about.channel), doors.Panel(about.channel.id))]]


@draws(HandoverOffered)
def offered(say: Speaker, notice: HandoverOffered, about: About) -> Drawn:
    """With both answers, as long as it is open."""
    channel, offer = about.channel, offers.offered(about.channel.id, about.now)
    name = people.called(notice.person)
    text = say.t(
        "🤝 {name} wants to hand {channel} over to you: its rules, its team, its access to X, its costs and limits."
        " {name} stays as an editor. It is yours when you say yes.",
        name=name,
        channel=channel,
    )
    if offer is None or offer.to_id != about.person_id:
        return text, []
    yes = (say.t("🤝 Take {channel}", channel=channel), handing_over.Take(channel.id))
    return text, [[yes, (say.t("✖️ No"), handing_over.CallOff(channel.id))]]


@draws(HandoverOver)
def handed_over(say: Speaker, notice: HandoverOver, about: About) -> Drawn:
    name = people.called(notice.person)
    if notice.took:
        text = say.t("🤝 {channel} is {name}'s from now on. You are an editor of it.", channel=about.channel, name=name)
    else:
        text = say.t("🤝 {channel} is not handed over: {name} said no.", channel=about.channel, name=name)
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
