"""A message's card: what was said, by whom, what became of it and why, with what can still be done."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.chat.language import Speaker
from bot.chat.reasons import why
from bot.chat.turn import Refusal, Rows, Turn, plain
from engine.moderation import MessageKind, Rule
from engine.moderation.standing import Standing
from models.accounts import choices, team
from models.accounts.channels import Channel
from models.accounts.people import Person
from models.moderation import judging, review, senders
from models.moderation.senders import Source
from models.publishing import saying
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.streaming import messages
from models.streaming.messages import Message, MessageStatus
from tasks.moderation import send_on

TEXT = 700
DAYS = (1, 7, 30)
HELD_RULES = (Rule.REVIEW_ALL, Rule.NEW_SENDER, Rule.UNTRIGGERED, Rule.NEAR_REPEAT, Rule.MEDIA)


async def message(turn: Turn) -> None:
    """/message ID"""
    typed = turn.arguments.lstrip("#").strip()
    if not typed:
        await recent(turn)
        return
    if not typed.isdigit():
        raise Refusal(turn.t("Which message? By its number, for example: /message 81. The last ones are in /log"))
    found = messages.message(int(typed))
    channel = Channel.get_or_none(Channel.id == found.channel_id) if found is not None else None
    if found is None or channel is None or not team.helps(channel, turn.person.telegram_id):
        raise Refusal(turn.t("I know no message {number} of your channels. The last ones are in /log", number=typed))
    await show(turn, channel, found.id)


async def recent(turn: Turn) -> None:
    """/message alone: the last ones, to tap."""
    channel = turn.take_channel()
    rows: Rows = []
    for item in messages.last_of(channel.id, 8):
        rows.append([(f"{_sign(item)} {_short(item.text, 40)}", f"msg:{channel.id}:{item.id}")])
    rows.append([(turn.t("« Back"), f"panel:{channel.id}")])
    text = turn.t(
        "🔎 <b>Messages of {channel}</b>\nTap one to see why. You can also type: /message 81", channel=channel
    )
    await turn.answer(text, rows)


async def show(turn: Turn, channel: Channel, message_id: int) -> None:
    """The card; a held message's is its review."""
    found = _of(turn, channel, message_id)
    text, rows = drawn(turn, channel, found, turn.now, owner=channel.owner_id == turn.person.telegram_id)
    await turn.answer(text, rows)


def drawn(say: Speaker, channel: Channel, item: Message, now: datetime, *, owner: bool) -> tuple[str, Rows]:
    """The card as it stands now; what only the owner may do is not offered to others."""
    waits = item.status is MessageStatus.HELD and item.useful_until is not None and item.useful_until > now
    kind = say.t("DM") if item.kind is MessageKind.DM else say.t("mention")
    zone = choices.zone_of(channel.id)
    head = say.t("🔎 <b>{channel}</b>: {kind} {number}", channel=channel, kind=kind, number=item.id)
    if waits:
        head = say.t("👀 <b>{channel}</b>: publish this {kind}?", channel=channel, kind=kind)
    who = f"@{item.sender_handle}" if item.sender_handle else f"#{item.sender_id}"
    lines = [
        head,
        say.t("{who} ({name}), {at}", who=who, name=item.sender_name or "—", at=f"{item.at.astimezone(zone):%H:%M}"),
        "<blockquote>" + say.t("{text}", text=_short(item.text, TEXT)) + "</blockquote>",
    ]
    if item.media:
        lines.append(say.t("📷 with a photo or a video"))
    if item.sensitive:
        lines.append(say.t("⚠️ X marks it as sensitive"))
    lines.append(_outcome(say, item, now))
    tweet = saying.of_message(item.id)
    if tweet is not None:
        lines.append(_said(say, tweet, zone))
    return "\n".join(lines), _buttons(say, channel, item, tweet, waits=waits, owner=owner)


def _outcome(say: Speaker, item: Message, now: datetime) -> str:
    reason = why(say, item.rule or "", item.words)
    if item.status is MessageStatus.HELD and item.useful_until is not None and item.useful_until > now:
        left = say.lasting(max(item.useful_until - now, timedelta(seconds=1)))
        return say.t("Why I ask: {why}. It lapses in {span}.", why=reason, span=left)
    if item.decided_by:
        name = Person.get_or_none(Person.telegram_id == item.decided_by)
        by = name.name if name is not None and name.name else "?"
        if item.status == MessageStatus.APPROVED:
            return say.t("✅ {name} published it.", name=by)
        return say.t("▫️ {name} said no.", name=by)
    if (
        item.status in (MessageStatus.HELD, MessageStatus.IGNORED)
        and item.rule in HELD_RULES
        and item.useful_until is not None
    ):
        return say.t("⌛ Nobody decided in time, so it was not posted.")
    if item.status in (MessageStatus.RECEIVED, MessageStatus.ASKING):
        return say.t("… It is being judged.")
    if item.status == MessageStatus.APPROVED:
        return say.t("✅ Approved — {why}", why=reason)
    if item.status == MessageStatus.BLOCKED:
        return say.t("🚫 Not posted — {why}", why=reason)
    return say.t("▫️ Not posted — {why}", why=reason)


def _said(say: Speaker, tweet: Tweet, zone: ZoneInfo) -> str:
    if tweet.undo == UndoState.DONE:
        return say.t("↩️ It was posted and undone.")
    if tweet.status is TweetStatus.SENT and tweet.sent_at is not None:
        at = f"{tweet.sent_at.astimezone(zone):%H:%M:%S}"
        line = say.t("🔁 Posted at {at}, ${cost}", at=at, cost=f"{tweet.cost / 1e6:.3f}")
        if not tweet.fell_back:
            return line
        return line + "\n" + say.t("X refused the other form: {detail}", detail=tweet.fell_back)
    if tweet.status == TweetStatus.QUEUED:
        return say.t("⏳ Goes out at {at}", at=f"{tweet.due_at.astimezone(zone):%a %H:%M:%S}")
    if tweet.status in (TweetStatus.SENDING, TweetStatus.UNKNOWN):
        return say.t("… It is in the air.")
    return say.t("▫️ Not posted — {why}", why=why(say, tweet.reason, detail=tweet.detail))


def _buttons(say: Speaker, channel: Channel, item: Message, tweet: Tweet | None, *, waits: bool, owner: bool) -> Rows:
    key = f"{channel.id}:{item.id}"
    rows: Rows = []
    if waits:
        rows = [
            [(say.t("✅ Publish"), f"heldyes:{key}"), (say.t("✏️ Publish edited"), f"heldedit:{key}")],
            [(say.t("▫️ Ignore"), f"heldno:{key}"), (say.t("🚫 Block sender"), f"heldblock:{key}")],
        ]
    elif item.decided_by and item.status == MessageStatus.IGNORED:
        rows.append([(say.t("↩️ Undo"), f"heldback:{key}")])
    if tweet is not None and tweet.status == TweetStatus.SENT and tweet.undo not in (UndoState.DONE, UndoState.WANTED):
        view = (say.t("View ↗"), f"https://x.com/i/status/{tweet.x_id}")
        rows.append([view, (say.t("↩️ Undo"), f"undo:{channel.id}:{tweet.id}")] if owner else [view])
    if not waits and owner:
        sender = senders.of_message(channel.id, item.sender_id)
        if sender is not None and sender.standing:
            rows.append([(_clear_label(say, sender), f"sender:{channel.id}:{sender.id}")])
        else:
            rows.append([(say.t("🚫 Block sender"), f"heldblock:{key}"), (say.t("🤝 Trust sender"), f"trust:{key}")])
    return rows


def _clear_label(say: Speaker, sender: senders.Sender) -> str:
    return say.t("🚫 Blocked…") if sender.standing == Standing.BLOCKED else say.t("🤝 Trusted…")


# --- deciding ------------------------------------------------------------------------------------------------


async def publish(turn: Turn, channel: Channel, message_id: int, edited: str | None = None) -> None:
    """Publish a held message, unless somebody was first."""
    _of(turn, channel, message_id)
    if not channel.is_on or not channel.connected:
        raise Refusal(turn.t("{channel} is off, so nothing can be posted. Turn it on first: /on", channel=channel))
    style = judging.load_rules(channel).style
    decided = review.publish(message_id, turn.person.telegram_id, style, turn.now, edited=edited)
    send_on(decided.queued)
    await _after(turn, channel, message_id, decided.won)


async def ignore(turn: Turn, channel: Channel, message_id: int) -> None:
    decided = review.ignore(message_id, turn.person.telegram_id, turn.now)
    await _after(turn, channel, message_id, decided.won)


async def take_back(turn: Turn, channel: Channel, message_id: int) -> None:
    _of(turn, channel, message_id)
    if not review.take_back(message_id, turn.now):
        raise Refusal(turn.t("Too late: it is no longer fresh."))
    await show(turn, channel, message_id)


async def ask_edit(turn: Turn, channel: Channel, message_id: int) -> None:
    """The wizard: the next message is the text to publish."""
    item = _of(turn, channel, message_id)
    if item.status != MessageStatus.HELD:
        await _after(turn, channel, message_id, False)
        return
    turn.remember(step="edited", channel=channel.id, message=message_id)
    await turn.send(
        turn.t(
            "Send me the text to publish instead. This is what it says now; copy it and change it:\n"
            "<code>{text}</code>\n/cancel to leave.",
            text=_short(judging.load_rules(channel).style.rewritten(item.text), 1000),
        )
    )


async def edited(turn: Turn) -> None:
    """The text that `ask_edit` asked for."""
    channel = turn.help_with(int(turn.dialogue["channel"]))
    message_id = int(turn.dialogue["message"])
    text = turn.arguments.strip()
    if not text:
        raise Refusal(turn.t("Send me the text to publish. For example: Choque en la A1, eviten la zona"))
    turn.remember()
    await publish(turn, channel, message_id, edited=text)


async def ask_block(turn: Turn, channel: Channel, message_id: int) -> None:
    """For how long?"""
    item = _of(turn, channel, message_id)
    key = f"{channel.id}:{item.id}"
    days = [(turn.n("{count} day", "{count} days", d), f"block:{key}:{d}") for d in DAYS]
    who = f"@{item.sender_handle}" if item.sender_handle else f"#{item.sender_id}"
    rows: Rows = [days, [(turn.t("For good"), f"block:{key}:0"), (turn.t("« Back"), f"msg:{key}")]]
    await turn.answer(turn.t("Block {who}? Nothing of theirs is posted meanwhile.", who=who), rows)


async def block(turn: Turn, channel: Channel, message_id: int, days: int) -> None:
    """Block who wrote it; a held message of theirs is ignored."""
    item = _of(turn, channel, message_id)
    senders.block(channel.id, item.sender_id, days, "", Source.OWNER, turn.now, handle=item.sender_handle)
    review.ignore(message_id, turn.person.telegram_id, turn.now)
    await show(turn, channel, message_id)


async def trust(turn: Turn, channel: Channel, message_id: int) -> None:
    item = _of(turn, channel, message_id)
    senders.trust(channel.id, item.sender_id)
    await show(turn, channel, message_id)


async def _after(turn: Turn, channel: Channel, message_id: int, won: bool) -> None:
    item = _of(turn, channel, message_id)
    if not won and turn.update.callback_query is not None:
        await turn.toast(plain(_outcome(turn, item, turn.now)))
    await show(turn, channel, message_id)


def _of(turn: Turn, channel: Channel, message_id: int) -> Message:
    found = messages.message(message_id)
    if found is None or found.channel_id != channel.id:
        raise Refusal(turn.t("I no longer know that message."))
    return found


def _sign(item: Message) -> str:
    signs = {MessageStatus.APPROVED: "✅", MessageStatus.HELD: "👀", MessageStatus.BLOCKED: "🚫"}
    return signs.get(item.status, "▫️")


def _short(text: str, most: int) -> str:
    shown = text.strip()
    return shown if len(shown) <= most else shown[: most - 1] + "…"
