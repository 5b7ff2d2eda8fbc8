"""What is told of a channel's troubles: the two sentences of each kind, with X's own words and what waits meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.chat import doors
from bot.chat.keyboards import Button, Rows
from bot.chat.language import N_, Speaker
from bot.chat.xs_words import of_x
from bot.notifications.drawing import About, Drawn, draws
from models.accounts import admins, channels, troubles
from models.accounts.channels import Channel
from models.accounts.troubles import APP, Kind
from models.control import overview
from models.notifications.kinds import Troubled, TroubleOver
from models.publishing import history, holding
from models.publishing.tweets import Tweet

MOST_NAMED = 5
SHOWN, BUTTON = 80, 24


@dataclass(frozen=True, slots=True)
class Words:
    """How it is told: when it begins, when it is over, and to who runs the service where that is another sentence."""

    begins: str
    over: str
    to_admin: str = ""
    over_to_admin: str = ""
    later: str = N_("I try again in {span} by myself.")


WORDS: dict[Kind, Words] = {
    Kind.SIGN_IN: Words(
        N_("⏳ X's sign-in gives no good answer, so I can't renew the access to <b>{channels}</b> right now."),
        N_("✅ X's sign-in answers again, and the access to {channels} is renewed."),
        N_("⏳ X's sign-in gives no good answer, so I can't renew the access of channels right now."),
        N_("✅ X's sign-in answers again."),
    ),
    Kind.ACCESS: Words(
        N_("⏳ X accepts no access to <b>{channels}</b> right now, not even one that was just renewed."),
        N_("✅ X accepts the access to {channels} again."),
        N_("⏳ X accepts no access of channels right now, not even what was just renewed."),
        N_("✅ X accepts the access of channels again."),
    ),
    Kind.GRANT: Words(
        N_("🔑 X won't renew the access to <b>{channels}</b> any more. It posts as long as the access works; connect it"
           " once more, and nothing is missed."),
        N_("✅ The access to {channels} is renewed."),
        later=N_("It works for {span} more at most."),
    ),
    Kind.CLIENT: Words(
        N_("🔧 X does not accept this service's own key, so I can't renew the access to <b>{channels}</b>. Who runs me"
           " must mend it; you need do nothing."),
        N_("✅ X accepts this service again: nothing holds up {channels} any more."),
        N_("🔧 X does not know the app by X_CLIENT_ID and X_CLIENT_SECRET, so no channel's access can be renewed. Copy"
           " both once more from X's developer console (Keys and tokens, OAuth 2.0) and start me again."),
        N_("✅ X accepts the app again."),
    ),
    Kind.KEY: Words(
        N_("🔧 The access to <b>{channels}</b> was kept under another key of mine (SECRET_KEY), so I can't use it. X"
           " has nothing to do with it. Who runs me can bring the old key back; connecting the channel once more helps"
           " too."),
        N_("✅ I can use the access to {channels} again."),
        N_("🔧 SECRET_KEY does not open the access of channels that are stored here: it was changed without rotating."
           " Set SECRET_KEY=new,old, with the key from before, and start me again."),
        N_("✅ SECRET_KEY opens the access of all channels again."),
    ),
    Kind.LOCKED: Words(
        N_("🔒 X has locked <b>{channels}</b>, so nothing is posted. Sign in to x.com as it and do what X asks; then it"
           " goes on by itself."),
        N_("✅ {channels} is unlocked: X takes its posts again."),
    ),
    Kind.AUTOMATED: Words(
        N_("⏳ X takes what <b>{channels}</b> posts for a machine's, and wants a pause. Tell X that it is automated: in"
           " the account's settings, under Automation."),
        N_("✅ X takes posts of {channels} again."),
    ),
    Kind.NARROW: Words(
        N_("🔑 The access to <b>{channels}</b> does not reach as far as posts. Connect the channel once more, with"
           " /connect, and allow all that X asks."),
        N_("✅ X takes posts of {channels} again."),
    ),
    Kind.APP_STOPPED: Words(
        N_("🔧 X lets this service post nothing right now, which holds up <b>{channels}</b>. Who runs me must mend it;"
           " you need do nothing."),
        N_("✅ X lets me post again: nothing holds up {channels} any more."),
        N_("🔧 X lets your app post nothing: look in X's developer console at its plan, its project and its permissions"
           " (Read and write)."),
        N_("✅ X lets your app post again."),
    ),
    Kind.LIMIT: Words(
        N_("⏳ X wants a pause: <b>{channels}</b> is on hold."),
        N_("✅ X's pause is over: {channels} posts again."),
    ),
    Kind.CHANNEL_DAY: Words(
        N_("⏳ X takes no more posts of <b>{channels}</b> today."),
        N_("✅ X takes posts of {channels} again."),
    ),
    Kind.X_DOWN: Words(
        N_("⏳ X takes no posts of <b>{channels}</b> right now."),
        N_("✅ X takes posts of {channels} again."),
    ),
    Kind.UPLOADS: Words(
        N_("⏳ X takes no photos and videos of <b>{channels}</b> right now: what shows some waits, the rest is"
           " posted."),
        N_("✅ X takes photos and videos of {channels} again."),
    ),
    Kind.CREDITS: Words(
        N_("⏳ X has no credits left for <b>{channels}</b>; I try again later."),
        N_("✅ X has credits again: nothing holds up {channels} any more."),
        N_("🔴 X has no credits left for the app: nothing is posted and nothing is heard until some are bought in X's"
           " developer console."),
        N_("✅ The app has credits again."),
    ),
    Kind.DAY_FULL: Words(
        N_("⏳ X takes no more posts of this service today, which holds up <b>{channels}</b>."),
        N_("✅ X takes posts of this service again: nothing holds up {channels} any more."),
        N_("⏳ X takes no more posts of your app today: every channel waits."),
        N_("✅ X takes posts of your app again."),
    ),
}  # fmt: skip


@draws(Troubled)
def troubled(say: Speaker, notice: Troubled, about: About) -> Drawn | None:
    """As long as it is so."""
    kind = _known(notice.kind)
    now_ = troubles.one(about.of.id if about.of is not None else APP, kind) if kind is not None else None
    if kind is None or now_ is None or now_.since != notice.since:
        return None
    lines = [_head(say, kind, about), of_x(say, now_.said)]
    if now_.until is not None and now_.until > about.now:
        lines.append(say.t(WORDS[kind].later, span=say.lasting(now_.until - about.now)))
    rows: Rows = []
    if about.of is not None:
        if kind in (Kind.LIMIT, Kind.CHANNEL_DAY):
            lines.append(_how_much(say, about))
        if waits := overview.overview(about.of.id, about.now).queued:
            lines.append(say.n("{count} post waits.", "{count} posts wait.", waits))
        rows = [[*_help(say, kind), (say.t("Panel"), doors.Panel(about.of.id))]]
    return "\n".join(line for line in lines if line), rows


@draws(TroubleOver)
def trouble_over(say: Speaker, notice: TroubleOver, about: About) -> Drawn | None:
    kind = _known(notice.kind)
    if kind is None:
        return None
    lasted = say.t("It lasted {span}.", span=say.lasting(notice.ended - notice.since))
    if about.of is None:
        return f"{say.t(WORDS[kind].over_to_admin)} {lasted}", []
    freed = troubles.freed(about.person_id, kind, notice.since, notice.ended) if troubles.NATURE[kind].of_app else []
    lines = [f"{say.t(WORDS[kind].over, channels=_listed(say, about.channel, freed))} {lasted}"]
    rows: Rows = []
    if late := _too_late(kind, notice, about):
        lines.append(
            say.n(
                "{count} post that you wrote or planned was too late by then. It can still be said:",
                "{count} posts that you wrote or planned were too late by then. They can still be said:",
                len(late),
            )
        )
        for tweet in late[:MOST_NAMED]:
            text = " ".join(tweet.text.split())
            lines.append(say.t("▫️ {text}", text=text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"))
            rows.append([(f"🔁 {text[:BUTTON]}", doors.GoOn(tweet.channel_id, tweet.id))])
        if len(late) > MOST_NAMED:
            lines.append(say.n("… and {count} more", "… and {count} more", len(late) - MOST_NAMED))
            rows.append([(say.t("📒 Journal"), doors.Journal(about.channel.id))])
    return "\n".join(lines), [*rows, [(say.t("Panel"), doors.Panel(about.channel.id))]]


def _too_late(kind: Kind, notice: TroubleOver, about: About) -> list[Tweet]:
    """What expired meanwhile without a notice of its own, of all channels of which this is the end."""
    of_all = troubles.NATURE[kind].of_app
    whose = channels.channels_of(about.person_id) if of_all and about.desk is None else [about.channel]
    return [t for channel in whose for t in holding.late(channel.id, kind, notice.since)]


def _help(say: Speaker, kind: Kind) -> list[Button]:
    """Where its owner can end it."""
    if kind is Kind.LOCKED:
        return [("x.com ↗", "https://x.com/account/access")]
    return [(say.t("🔑 Reconnect"), doors.Connect())] if kind in (Kind.NARROW, Kind.GRANT) else []


def _how_much(say: Speaker, about: About) -> str:
    """What the channel has said lately, of which X has had enough."""
    counts = history.counts_of(about.channel.id, about.now)
    return say.t(
        "Posted: {day} in the last day, {hour} in the last hour, {quarter} in the last 15 minutes.",
        day=counts.day,
        hour=counts.hour,
        quarter=counts.quarter,
    )


def in_short(say: Speaker, channel: Channel, person_id: int, now: datetime) -> list[str]:
    """For a panel: what troubles the channel now, and what X says of it."""
    about = About(person_id, channel, now)
    found = [(kind, trouble) for trouble in troubles.of_channel(channel.id) if (kind := _known(trouble.kind))]
    return [" ".join(part for part in (_head(say, k, about), of_x(say, t.said)) if part) for k, t in found]


def _head(say: Speaker, kind: Kind, about: About) -> str:
    words = WORDS[kind]
    if words.to_admin and (about.of is None or admins.is_admin(about.person_id)):
        return say.t(words.to_admin)
    return say.t(words.begins, channels=_names(say, kind, about))


def _names(say: Speaker, kind: Kind, about: About) -> str:
    """The channel, and those of the same owner that it holds up too, where it is told once for all of them."""
    others = troubles.held_up(about.person_id, kind) if troubles.NATURE[kind].of_app else []
    return _listed(say, about.channel, others)


def _listed(say: Speaker, first: Channel, others: Sequence[Channel]) -> str:
    names = [str(first), *(str(c) for c in others if c.id != first.id)]
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return say.t("{names} and {count} more", names=", ".join(names[:MOST_NAMED]), count=len(names) - MOST_NAMED)


def _known(kind: str) -> Kind | None:
    return Kind(kind) if kind in set(Kind) else None
