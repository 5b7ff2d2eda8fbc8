"""What each notice says, in its reader's language, with its buttons."""

from datetime import UTC, datetime, timedelta

from bot.chat.language import Speaker
from bot.chat.reasons import why
from bot.chat.turn import Rows
from bot.moderation import cards
from engine.moderation import FOR_GOOD, Form, MessageKind
from models.accounts.channels import Channel
from models.moderation import senders
from models.moderation.senders import Source
from models.notifications.notices import Notice, NoticeKind
from models.publishing import history, media, taking_back, threads
from models.publishing.tweets import Tweet, UndoState
from models.streaming import messages
from models.streaming.messages import MessageStatus

TEXT = 160
MOST_FOLDED = 20


def drawn(say: Speaker, notices: list[Notice], now: datetime) -> tuple[str, Rows]:
    """One notice, or a burst of posts folded into one message."""
    first = notices[0]
    channel = Channel.get_or_none(Channel.id == first.channel_id) if first.channel_id else None
    if first.kind in (NoticeKind.POSTED, NoticeKind.SAID):
        return _posted(say, notices, channel, now)
    data = first.details
    name = str(channel) if channel else "?"
    reason = str(data.get("reason", ""))
    because = why(say, reason, detail=str(data.get("detail") or ""))
    if first.kind == NoticeKind.ON_HOLD:
        until = datetime.fromtimestamp(float(data["until"]), UTC)
        head = (
            say.t("⏳ X has no credits left for {channel}; I try again later.", channel=name)
            if reason == "credits"
            else say.t("⏳ X wants a pause: {channel} is on hold.", channel=name)
        )
        left = max(until - now, timedelta(seconds=1))
        counts = say.t(
            "It goes on in {span} by itself. Posted: {day} in the last day, {hour} in the last hour, {quarter} in the"
            " last 15 minutes.",
            span=say.lasting(left),
            day=data["day"],
            hour=data["hour"],
            quarter=data["quarter"],
        )
        return f"{head}\n{counts}", [[(say.t("Panel"), f"panel:{first.channel_id}")]]
    if first.kind == NoticeKind.TOKEN_DEAD:
        text = say.t(
            "🔑 X no longer accepts the access to <b>{channel}</b>, so it is off. Its rules are safe: connect it again"
            " and it goes on.",
            channel=name,
        )
        return text, [[(say.t("🔑 Reconnect"), "connect")]]
    if first.kind == NoticeKind.HELD and channel is not None and len(notices) > 1:
        return _many_held(say, notices, channel)
    if first.kind == NoticeKind.HELD and channel is not None:
        message = messages.message(int(data["message"]))
        if message is not None:
            return cards.drawn(say, channel, message, now, owner=channel.owner_id == first.person_id)
    if first.kind == NoticeKind.SENDER_BLOCKED:
        return _sender_blocked(say, first, name)
    if first.kind == NoticeKind.EDITED:
        text = say.t(
            "✏️ What {channel} posted was edited by its writer afterwards. The post stays as it is.", channel=name
        )
        rows: Rows = [[(say.t("❔ Why"), f"msg:{first.channel_id}:{data['message']}"),
                       (say.t("↩️ Undo"), f"undo:{first.channel_id}:{data['tweet']}")]]  # fmt: skip
        message = messages.message(int(data["message"]))
        return (text + "\n" + say.t("Now: {text}", text=message.text) if message else text), rows
    if first.kind == NoticeKind.SKIPPED:
        count = int(data["count"])
        text = say.n(
            "⌛ {channel} was not running at its time: {count} time of this schedule was skipped.",
            "⌛ {channel} was not running at its time: {count} times of this schedule were skipped.",
            count,
            channel=name,
        )
        quoted = "<blockquote>" + say.t("{text}", text=data["text"]) + "</blockquote>"
        return text + "\n" + quoted, [[(say.t("🗓 Schedule…"), f"sched:{first.channel_id}:{data['schedule']}")]]
    if first.kind == NoticeKind.JOINED:
        text = say.t("👥 {name} is in the team of {channel} now.", name=data["name"], channel=name)
        return text, [[(say.t("👥 Team"), f"team:{first.channel_id}")]]
    if first.kind == NoticeKind.FAILED:
        head = say.t("🔴 {channel} could not post this: {why}", channel=name, why=because)
    elif first.kind == NoticeKind.EXPIRED:
        head = say.t("⌛ {channel} did not post this: {why}", channel=name, why=because)
    else:
        head = say.t("🔴 A post of {channel} could not be undone: {why}", channel=name, why=because)
    tweet = history.tweet(int(data["tweet"])) if "tweet" in data else None
    if tweet is None:
        return head, []
    if tweet.message_id:
        return f"{head}\n{_quoted(say, tweet)}", [[(say.t("❔ Why"), f"msg:{tweet.channel_id}:{tweet.message_id}")]]
    return _lost(say, tweet, head, reason)


def _lost(say: Speaker, tweet: Tweet, head: str, reason: str) -> tuple[str, Rows]:
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
    rows: Rows = [[(say.t("▶️ Go on") if state.sent else say.t("🔁 Try again"), f"goon:{key}:{tweet.id}")]]
    if state.sent:
        rows[0].append((say.t("↩️ Take it back"), f"undo:{key}:{tweet.thread_id}"))
    if reason == "media_scope":
        rows.append([(say.t("🔑 Reconnect"), "connect")])
    return "\n".join(lines), rows


def _many_held(say: Speaker, notices: list[Notice], channel: Channel) -> tuple[str, Rows]:
    """A burst of held messages in one: how many of them still wait."""
    waiting = sum(
        m is not None and m.status == MessageStatus.HELD for n in notices for m in [messages.message(n.message_id or 0)]
    )
    if not waiting:
        return say.t("👀 {channel}: all of these are decided.", channel=channel), []
    text = say.n(
        "👀 {count} message of {channel} waits for a decision.",
        "👀 {count} messages of {channel} wait for a decision.",
        waiting,
        channel=channel,
    )
    return text, [[(say.t("👀 Held ({count})", count=waiting), f"held:{channel.id}")]]


def _sender_blocked(say: Speaker, notice: Notice, name: str) -> tuple[str, Rows]:
    data = notice.details
    who = f"@{data['handle']}" if data["handle"] else f"#{data['sender']}"
    found = [str(w) for w in data.get("evidence") or []]
    reason = why(say, Source.BURST if data["source"] == Source.BURST else Source.FILTER, found)
    days = int(data["days"])
    span = say.t("for good") if days == FOR_GOOD else say.n("for {count} day", "for {count} days", days)
    text = say.t("🚫 {channel} blocked {who} {span}: {why}.", channel=name, who=who, span=span, why=reason)
    key = f"{notice.channel_id}:{data['sender']}"
    rows: Rows = [
        [(say.t("Unblock"), f"unblock:{key}"), (say.t("❔ Why"), f"msg:{notice.channel_id}:{data['message']}")]
    ]
    sender = senders.of_message(int(notice.channel_id or 0), int(data["sender"]))
    return text, rows if sender is not None and sender.standing else rows[:0]


def _posted(say: Speaker, notices: list[Notice], channel: Channel | None, now: datetime) -> tuple[str, Rows]:
    tweets = [t for n in notices if (t := history.tweet(n.tweet_id or 0)) is not None]
    handle = channel.handle if channel else "i"
    if len(tweets) == 1:
        tweet = tweets[0]
        head, rows = _state(say, tweet, channel, now), []
        if threads.progress(tweet).undo is not UndoState.DONE:
            rows = [[(say.t("View ↗"), _link(tweet, handle)), *_undo(say, tweet, say.t("↩️ Undo"))]]
            if tweet.message_id:
                rows[0].append((say.t("❔ Why"), f"msg:{tweet.channel_id}:{tweet.message_id}"))
        if tweet.fell_back:
            head += "\n" + say.t("X refused the other form ({detail}), so I used this one.", detail=tweet.fell_back)
        return f"{head}\n{_quoted(say, tweet)}", rows
    lines = [say.n("🔁 <b>{channel}</b> posted {count} message", "🔁 <b>{channel}</b> posted {count} messages",
                   len(tweets), channel=channel)]  # fmt: skip
    buttons: list[tuple[str, str]] = []
    for number, tweet in enumerate(tweets, 1):
        mark = {UndoState.DONE: "↩️ ", UndoState.WANTED: "… ", UndoState.FAILED: "🔴 "}.get(tweet.undo, "")
        lines.append(f'{mark}{number}. <a href="{_link(tweet, handle)}">↗</a> {_quoted(say, tweet, 80)}')
        if tweet.fell_back:
            lines.append(say.t("X refused the other form ({detail}), so I used this one.", detail=tweet.fell_back))
        buttons += _undo(say, tweet, f"↩️ {number}")
    return "\n".join(lines), [buttons[i : i + 5] for i in range(0, len(buttons), 5)]


def _state(say: Speaker, tweet: Tweet, channel: Channel | None, now: datetime) -> str:
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
    if message is not None and message.kind is MessageKind.MENTION:
        return say.t("🔁 <b>{channel}</b> posted a copy", channel=channel)
    return say.t("✉️ <b>{channel}</b> posted a DM", channel=channel)


def _quoted(say: Speaker, tweet: Tweet, most: int = TEXT) -> str:
    message = messages.message(tweet.message_id) if tweet.message_id else None
    text = tweet.text or (message.text if message else "")
    shown = " ".join(text.split())
    shown = shown if len(shown) <= most else shown[: most - 1] + "…"
    attached = media.count_of(tweet.id) if message is None else 0
    shown = f"{'🖼' * attached} {shown}".strip()
    if message is None or tweet.form != Form.REPOST or not message.sender_handle:
        return say.t("{text}", text=shown)
    return say.t("@{handle}: {text}", handle=message.sender_handle, text=shown)


def _undo(say: Speaker, tweet: Tweet, label: str) -> list[tuple[str, str]]:
    return (
        []
        if threads.progress(tweet).undo in (UndoState.DONE, UndoState.WANTED)
        else [(label, f"undo:{tweet.channel_id}:{tweet.id}")]
    )


def _link(tweet: Tweet, handle: str) -> str:
    account = "i" if tweet.form == Form.REPOST else handle
    return f"https://x.com/{account}/status/{tweet.x_id}"
