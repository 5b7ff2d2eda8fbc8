"""What is told of posts: that they are on X, or why they are not."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.chat import doors
from bot.chat.keyboards import Button, Rows, in_rows
from bot.chat.language import N_, Speaker
from bot.chat.moments import moment
from bot.chat.reasons import why
from bot.chat.xs_words import of_x
from bot.costs.shown import waits_for_money
from bot.notifications.drawing import About, Drawn, draws, draws_together
from bot.notifications.parcels import MOST_FOLDED
from engine.fitting import fit
from engine.moderation import Form
from engine.moderation.verdicts import PUBLIC
from models.accounts import choices
from models.accounts.channels import Channel
from models.notifications.kinds import DayFull, DayUsed, Expired, Failed, OnHold, OnItsWay, Posted, Said, UndoFailed
from models.publishing import billed, history, kept, media, settling, taking_back, threads
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.streaming import messages

TEXT = 160
IN_A_BURST = 80
SOON = timedelta(minutes=1)


@draws(Posted, N_("Messages posted"))
def posted(say: Speaker, notice: Posted, about: About) -> Drawn | None:
    tweet = history.tweet(notice.tweet)
    return _on_x(say, tweet, about) if tweet is not None else None


@draws(Said, N_("What you wrote or planned is posted"))
def said(say: Speaker, notice: Said, about: About) -> Drawn | None:
    tweet = history.tweet(notice.tweet)
    return _on_x(say, tweet, about) if tweet is not None else None


@draws(OnItsWay)
def on_its_way(say: Speaker, notice: OnItsWay, about: About) -> Drawn | None:
    """What a person sent on its way, as it stands now: waiting, in the air, on X with Undo, or why not."""
    tweet = history.tweet(notice.tweet)
    if tweet is None:
        return None
    state, channel = threads.progress(tweet), about.channel
    if state.undo is not UndoState.NONE or tweet.status is TweetStatus.SENT:
        return _on_x(say, tweet, about)
    if tweet.status in threads.ENDED and tweet.reason == "person":
        return say.t("✖️ It is not posted.") + f"\n{_quoted(say, tweet)}", []
    zone = choices.zone_of(channel.id)
    if kept.is_kept(tweet) and tweet.fresh_until > about.now:
        at = moment(say, tweet.fresh_until.astimezone(zone))
        head = say.t("⏸ {channel} is off: this goes out if it is on again by {at}.", channel=channel, at=at)
        return f"{head}\n{_quoted(say, tweet)}", [[(say.t("Panel"), doors.Panel(channel.id))]]
    if tweet.status in threads.ENDED:
        because = why(say, tweet.reason, detail=tweet.detail)
        return _lost(
            say, tweet, say.t("▫️ {channel} did not say this: {why}", channel=channel, why=because), tweet.reason
        )
    if tweet.status is TweetStatus.UNKNOWN:
        return say.t("… X gave no clear answer: I am looking whether it is there.") + f"\n{_quoted(say, tweet)}", []
    if tweet.status is TweetStatus.SENDING:
        return say.t("… It is in the air.") + f"\n{_quoted(say, tweet)}", []
    rows: Rows = [[(say.t("✖️ Don't post it"), doors.CancelTweet(channel.id, tweet.id))]]
    head = say.t("📤 On its way to X.")
    if tweet.reason == billed.Short.MONEY.value:
        head = waits_for_money(say, tweet.fresh_until, zone)
        rows += [[(say.t("💰 Budget"), doors.Budget(channel.id))]] if about.person_id == channel.owner_id else []
    elif channel.hold_until is not None and channel.hold_until > about.now:
        head = say.t("⏳ It waits: X takes nothing of {channel} right now.", channel=channel)
    elif tweet.due_at - about.now >= SOON:
        at = moment(say, tweet.due_at.astimezone(zone))
        head = say.t("⏳ Goes out at {at}", at=at)
    return f"{head}\n{_quoted(say, tweet)}", rows


@draws_together(Posted)
def posted_together(say: Speaker, notices: Sequence[Posted], about: About) -> Drawn | None:
    """A burst in one message, each post with its link and its Undo; only their number where they are too many."""
    if len(notices) > MOST_FOLDED:
        text = say.n(
            "🔁 <b>{channel}</b> posted {count} message while I could not reach you here.",
            "🔁 <b>{channel}</b> posted {count} messages while I could not reach you here.",
            len(notices),
            channel=about.channel,
        )
        return text, [[(say.t("📒 Journal"), doors.Journal(about.channel.id))]]
    tweets = [t for n in notices if (t := history.tweet(n.tweet)) is not None]
    if len(tweets) < 2:
        return _on_x(say, tweets[0], about) if tweets else None
    channel = about.channel
    lines = [say.n("🔁 <b>{channel}</b> posted {count} message", "🔁 <b>{channel}</b> posted {count} messages",
                   len(tweets), channel=channel)]  # fmt: skip
    buttons: list[Button] = []
    for number, tweet in enumerate(tweets, 1):
        mark = {UndoState.DONE: "↩️ ", UndoState.WANTED: "… ", UndoState.FAILED: "🔴 "}.get(tweet.undo, "")
        lines.append(f'{mark}{number}. <a href="{_link(tweet, channel)}">↗</a> {_quoted(say, tweet, IN_A_BURST)}')
        if tweet.fell_back:
            lines.append(_other_form(say, tweet))
        buttons += _undo(say, tweet, f"↩️ {number}")
    return "\n".join(lines), in_rows(buttons, 5)


@draws(Failed)
def failed(say: Speaker, notice: Failed, about: About) -> Drawn:
    because = why(say, notice.reason, detail=notice.detail)
    head = say.t("🔴 {channel} could not post this: {why}", channel=about.channel, why=because)
    if notice.reason in (settling.NOT_KNOWN, threads.BROKE_IN_DOUBT):
        return _in_doubt(say, notice, about)
    return _unsaid(say, head, history.tweet(notice.tweet), notice.reason)


def _in_doubt(say: Speaker, notice: Failed, about: About) -> Drawn:
    """Nobody knows whether it is on X: with a button to look there, and one to have it looked for, and said if not."""
    if notice.reason == settling.NOT_KNOWN:
        head = say.t(
            "🔴 It is not known whether {channel} has posted this: X could not be read for a day. Please look there; it"
            " is not said again by itself.",
            channel=about.channel,
        )
    else:
        head = say.t(
            "🔴 It is not known whether {channel} has posted this: something of mine broke on it, and who runs me can"
            " see it. Please look there; it is not said again by itself.",
            channel=about.channel,
        )
    text, rows = _unsaid(say, head, history.tweet(notice.tweet), notice.reason)
    look: Button = (say.t("Look on X ↗"), f"https://x.com/{about.channel.handle}")
    return text, [[look], *rows]


@draws(Expired)
def expired(say: Speaker, notice: Expired, about: About) -> Drawn:
    because = why(say, notice.reason, detail=notice.detail)
    head = say.t("⌛ {channel} did not post this: {why}", channel=about.channel, why=because)
    text, rows = _unsaid(say, head, history.tweet(notice.tweet), notice.reason)
    if notice.reason == billed.Short.MONEY.value:
        rows = [*rows, [(say.t("💰 Budget"), doors.Budget(about.channel.id))]]
    return text, rows


@draws(UndoFailed)
def undo_failed(say: Speaker, notice: UndoFailed, about: About) -> Drawn:
    because = why(say, notice.detail, detail=notice.detail)
    head = say.t("🔴 A post of {channel} could not be undone: {why}", channel=about.channel, why=because)
    return _unsaid(say, head, history.tweet(notice.tweet), "")


@draws(OnHold)
def on_hold(say: Speaker, notice: OnHold, about: About) -> Drawn | None:
    """As long as it is so."""
    if notice.until <= about.now:
        return None
    head = _why_on_hold(say, notice.reason, about.channel)
    counts = say.t(
        "It goes on in {span} by itself. Posted: {day} in the last day, {hour} in the last hour, {quarter} in the"
        " last 15 minutes.",
        span=say.lasting(notice.until - about.now),
        day=notice.day,
        hour=notice.hour,
        quarter=notice.quarter,
    )
    return f"{head}\n{counts}", [[(say.t("Panel"), doors.Panel(about.channel.id))]]


@draws(DayFull)
def day_full(say: Speaker, notice: DayFull, about: About) -> Drawn | None:
    """As long as it is so."""
    if notice.until <= about.now:
        return None
    span = say.lasting(notice.until - about.now)
    if about.of is None:
        text = say.t(
            "⏳ X takes no more posts of your app today: every channel waits, and goes on in {span} by itself. A plan"
            " of X's with more posts a day helps; tell me of it with X_POSTS_A_DAY.",
            span=span,
        )
        return text, []
    text = say.t(
        "⏳ X takes no more posts of this service today. What {channel} has planned waits as long as its time allows;"
        " it goes on in {span} by itself.",
        channel=about.channel,
        span=span,
    )
    return text, [[(say.t("🗓 Schedules"), doors.Schedules(about.channel.id))]]


@draws(DayUsed)
def day_used(say: Speaker, notice: DayUsed, about: About) -> Drawn:
    if notice.used >= notice.limit:
        text = say.t(
            "🔴 All {limit} posts that X allows your app in a day are used. What is planned goes out as places come"
            " free, reposts wait. A plan of X's with more posts a day helps; tell me of it with X_POSTS_A_DAY.",
            limit=notice.limit,
        )
        return text, []
    text = say.t(
        "⚠️ {used} of the {limit} posts that X allows your app in a day are used ({percent} %). What is planned comes"
        " first; the rest is shared among the channels.",
        used=notice.used,
        limit=notice.limit,
        percent=notice.used * 100 // max(notice.limit, 1),
    )
    return text, []


def _why_on_hold(say: Speaker, reason: str, channel: Channel) -> str:
    if reason == "credits":
        return say.t("⏳ X has no credits left for {channel}; I try again later.", channel=channel)
    if reason == "channel_day":
        return say.t("⏳ X takes no more posts of {channel} today.", channel=channel)
    if reason == "key":
        return say.t(
            "🔑 The access to {channel} was kept under another key (SECRET_KEY), so I can't use it. Connect the channel"
            " once more, or wait for who runs me.",
            channel=channel,
        )
    return say.t("⏳ X wants a pause: {channel} is on hold.", channel=channel)


def _on_x(say: Speaker, tweet: Tweet, about: About) -> Drawn:
    rows: Rows = []
    if threads.progress(tweet).undo is not UndoState.DONE:
        rows = [[(say.t("View ↗"), _link(tweet, about.channel)), *_undo(say, tweet, say.t("↩️ Undo"))]]
        if tweet.message_id:
            rows[0].append((say.t("❔ Why"), doors.MessageCard(tweet.channel_id, tweet.message_id)))
    head = _state(say, tweet, about.channel, about.now)
    if tweet.fell_back:
        head += "\n" + _other_form(say, tweet)
    if tweet.message_id is None and (undescribed := media.undescribed(t.id for t in threads.of(tweet))):
        head += "\n" + say.n(
            "⚠️ X did not take the description of {count} photo or video that it shows.",
            "⚠️ X did not take the descriptions of {count} photos or videos that it shows.",
            undescribed,
        )
    return f"{head}\n{_quoted(say, tweet)}", rows


def _other_form(say: Speaker, tweet: Tweet) -> str:
    said = say.t("X refused the other form, so I used this one.")
    return f"{said} {of_x(say, tweet.fell_back)}".strip() if tweet.fell_back != "refused" else said


def _unsaid(say: Speaker, head: str, tweet: Tweet | None, reason: str) -> Drawn:
    if tweet is None:
        return head, []
    if tweet.message_id:
        return f"{head}\n{_quoted(say, tweet)}", [
            [(say.t("❔ Why"), doors.MessageCard(tweet.channel_id, tweet.message_id))]
        ]
    return _lost(say, tweet, head, reason)


def _lost(say: Speaker, tweet: Tweet, head: str, reason: str) -> Drawn:
    """What a person wrote or planned is not said: with what of its thread is on X, and a button to go on."""
    state = threads.progress(tweet)
    lines = [head]
    if state.sent:
        lines.append(
            say.n(
                "🧵 {sent} of {count} post of the thread is on X.",
                "🧵 {sent} of {count} posts of the thread are on X.",
                state.count,
                sent=state.sent,
            )
        )
    lines.append(_quoted(say, tweet))
    if tweet.status not in threads.ENDED or tweet.undo or state.undo:
        lines.append(say.t("▶️ It went on after that.") if tweet.status not in threads.ENDED else say.t("↩️ Taken back."))
        return "\n".join(lines), []
    key = tweet.channel_id
    rows: Rows = [[(say.t("▶️ Go on") if state.sent else say.t("🔁 Try again"), doors.GoOn(key, tweet.id))]]
    if state.sent:
        rows[0].append((say.t("↩️ Take it back"), doors.TakeBack(key, tweet.thread_id or tweet.id)))
    if reason == "media_scope":
        rows.append([(say.t("🔑 Reconnect"), doors.Connect())])
    return "\n".join(lines), rows


def _state(say: Speaker, tweet: Tweet, channel: Channel, now: datetime) -> str:
    state = threads.progress(tweet)
    if state.undo is UndoState.DONE:
        return say.t("↩️ Undone: {channel} no longer shows this.", channel=channel)
    if state.undo is UndoState.WANTED and state.undo_at is not None and state.undo_at - now >= taking_back.LONG:
        span = say.lasting(state.undo_at - now)
        return say.t("… Taking it back from {channel}: X allows no more right now, so in {span}.",
                     channel=channel, span=span)  # fmt: skip
    if state.undo is UndoState.WANTED:
        return say.t("… Taking it back from {channel}.", channel=channel)
    if state.count > 1:
        return say.n("🧵 <b>{channel}</b> said this thread of {count} post",
                     "🧵 <b>{channel}</b> said this thread of {count} posts", state.count, channel=channel)  # fmt: skip
    if tweet.form == Form.REPOST:
        return say.t("🔁 <b>{channel}</b> reposted", channel=channel)
    if tweet.schedule_id is not None:
        return say.t("🗓 <b>{channel}</b> said what was scheduled", channel=channel)
    if tweet.message_id is None:
        return say.t("📤 <b>{channel}</b> said this", channel=channel)
    message = messages.message(tweet.message_id)
    if message is not None and message.kind in PUBLIC:
        return say.t("🔁 <b>{channel}</b> posted a copy", channel=channel)
    return say.t("✉️ <b>{channel}</b> posted a DM", channel=channel)


def _quoted(say: Speaker, tweet: Tweet, most: int = TEXT) -> str:
    message = messages.message(tweet.message_id) if tweet.message_id else None
    if message is not None and message.taken_back_at is not None:
        return say.t("🗑 X no longer shows what it was about.")
    text = tweet.text or (message.text if message else "")
    shown = fit(text, most)
    attached = media.count_of(tweet.id) if message is None else 0
    shown = f"{'🖼' * attached} {shown}".strip()
    if message is None or tweet.form != Form.REPOST or not message.sender_handle:
        return say.t("{text}", text=shown)
    return say.t("@{handle}: {text}", handle=message.sender_handle, text=shown)


def _undo(say: Speaker, tweet: Tweet, label: str) -> list[Button]:
    return (
        []
        if threads.progress(tweet).undo in (UndoState.DONE, UndoState.WANTED)
        else [(label, doors.TakeBack(tweet.channel_id, tweet.id))]
    )


def _link(tweet: Tweet, channel: Channel) -> str:
    account = "i" if tweet.form == Form.REPOST else channel.handle
    return f"https://x.com/{account}/status/{tweet.x_id}"
