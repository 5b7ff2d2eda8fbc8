"""A message's card: what was said, by whom, what became of it and why, with what can still be done. `/message`."""

from datetime import datetime

from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Rows
from bot.chat.language import Speaker
from bot.chat.moments import moment
from bot.chat.turn import Refusal, Turn
from bot.chat.undo import UndoChange
from bot.moderation.deciding import AskBlock, HoldAgain, Ignore, Publish, PublishEdited, TrustWriter, may_read
from bot.moderation.optouts import OptOutCard
from bot.moderation.outcomes import names_sender, outcome, said
from engine.fitting import cut
from engine.moderation import MessageKind
from engine.moderation.standing import Standing
from engine.roles import May
from models import undoing
from models.accounts import choices
from models.accounts.channels import Channel
from models.moderation import senders
from models.notifications.desks import Desk
from models.publishing import following, history
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.streaming import messages, optouts
from models.streaming.messages import Message, MessageStatus
from tasks.moderation import ask_who

TEXT = 700
MOST_DIGITS = 18


async def message(turn: Turn) -> None:
    """/message ID"""
    typed = turn.arguments.lstrip("#").strip()
    if not typed:
        await recent(turn)
        return
    if not typed.isdecimal() or len(typed) > MOST_DIGITS:
        raise Refusal(turn.t("Which message? By its number, for example: /message 81. The last ones are in /log"))
    found = messages.message(int(typed))
    channel = Channel.get_or_none(Channel.id == found.channel_id) if found is not None else None
    if found is None or channel is None or not may_read(turn, channel, found):
        raise Refusal(turn.t("I know no message {number} of your channels. The last ones are in /log", number=typed))
    await _show(turn, channel, found.id)


async def recent(turn: Turn) -> None:
    """/message alone: the last ones, to tap."""
    channel = turn.take_channel()
    rows: Rows = []
    for item in messages.last_of(channel.id, 8):
        if not may_read(turn, channel, item):
            continue
        text = _short(item.text, 40) if item.taken_back_at is None else turn.t("no longer on X")
        rows.append([(f"{_sign(item)} {text}", doors.MessageCard(channel.id, item.id))])
    rows.append([(turn.t("« Back"), doors.Panel(channel.id))])
    text = turn.t(
        "🔎 <b>Messages of {channel}</b>\nTap one to see why. You can also type: /message 81", channel=channel
    )
    await turn.answer(text, rows)


@handles(doors.MessageCard, by=May.READ)
async def opened(turn: Turn, channel: Channel, target: doors.MessageCard) -> None:
    still = bool(target.undo) and undoing.still(channel.id, target.undo, turn.now)
    await _show(turn, channel, target.message, target.undo if still else 0)


async def _show(turn: Turn, channel: Channel, message_id: int, undo: int = 0) -> None:
    """The card; a held message's is its review."""
    follows = following.message(channel.id, message_id)
    found = messages.message(message_id)
    if found is None or found.channel_id != channel.id or not may_read(turn, channel, found):
        raise Refusal(turn.t("I no longer know that message."))
    text, rows = drawn(turn, channel, found, turn.now, undo=undo, desk=turn.desk)
    await turn.answer(text, rows, follows=follows)
    if not found.sender_handle and channel.connected:
        ask_who.ring_once(5, message_id)  # the card follows


def drawn(
    say: Speaker, channel: Channel, item: Message, now: datetime, *, undo: int = 0, desk: Desk | None = None
) -> tuple[str, Rows]:
    """The card as it stands now; what its reader may not do is left out where it is shown.

    At a desk who wrote a DM is named only where the owner wants it: a group is no private chat.
    """
    waits = item.status is MessageStatus.HELD and item.useful_until is not None and item.useful_until > now
    kind = kind_of(say, item.kind)
    zone = choices.zone_of(channel.id)
    head = say.t("🔎 <b>{channel}</b>: {kind} {number}", channel=channel, kind=kind, number=item.id)
    if waits:
        head = say.t("👀 <b>{channel}</b>: publish this {kind}?", channel=channel, kind=kind)
    at = moment(say, item.at.astimezone(zone))
    who = f"@{item.sender_handle}" if item.sender_handle else f"#{item.sender_id}"
    lines = [
        head,
        say.t("{who} ({name}), {at}", who=who, name=item.sender_name or "—", at=at)
        if names_sender(item, desk)
        else say.t("{who}, {at}", who=say.t("Somebody, by DM"), at=at),
        "<blockquote>" + say.t("{text}", text=_short(item.text, TEXT)) + "</blockquote>",
    ]
    if item.taken_back_at is not None:
        lines[-1] = say.t("🗑 X no longer shows it: I keep nothing of its text.")
    if item.media:
        lines += _media(say, item)
    if item.sensitive:
        lines.append(say.t("⚠️ X marks it as sensitive"))
    if item.taken_back_at is None:
        lines.append(outcome(say, item, now))
    tweet = history.of_message(item.id)
    if tweet is not None:
        lines.append(said(say, tweet, zone))
    return "\n".join(lines), _buttons(say, channel, item, tweet, waits=waits, undo=undo)


def kind_of(say: Speaker, kind: MessageKind) -> str:
    """What it is called."""
    if kind is MessageKind.DM:
        return say.t("DM")
    if kind is MessageKind.WATCHED:
        return say.t("watched post")
    return say.t("reply") if kind is MessageKind.REPLY else say.t("mention")


def _media(say: Speaker, item: Message) -> list[str]:
    """What is attached; nobody copies it."""
    known = {
        "photo": say.t("📷 with a photo"),
        "gif": say.t("🎞 with a GIF"),
        "video": say.t("🎬 with a video"),
        "voice": say.t("🎤 with a voice message"),
        "file": say.t("📎 with a file"),
    }
    told = [known[kind] for kind in (item.media_kinds or "").split(",") if kind in known]
    return told or [say.t("📷 with a photo or a video")]


def _buttons(say: Speaker, channel: Channel, item: Message, tweet: Tweet | None, *, waits: bool, undo: int) -> Rows:
    """What may be decided, and done."""
    key = (channel.id, item.id)
    rows: Rows = []
    edited = [(say.t("✏️ Publish edited"), PublishEdited(*key))] if item.kind is not MessageKind.WATCHED else []
    if waits:
        rows = [
            [(say.t("✅ Publish"), Publish(*key)), *edited],
            [(say.t("▫️ Ignore"), Ignore(*key)), (say.t("🚫 Block sender"), AskBlock(*key))],
        ]
    elif undo and item.taken_back_at is None:
        rows.append([(say.t("↩️ Undo"), UndoChange(channel.id, undo))])
    elif item.decided_by and item.status == MessageStatus.IGNORED and item.taken_back_at is None:
        rows.append([(say.t("↩️ Undo"), HoldAgain(*key))])
    if tweet is not None and tweet.status == TweetStatus.QUEUED:
        rows.append([(say.t("✖️ Don't post it"), doors.CancelTweet(channel.id, tweet.id))])
    if tweet is not None and tweet.status == TweetStatus.SENT and tweet.undo not in (UndoState.DONE, UndoState.WANTED):
        rows.append([(say.t("View ↗"), f"https://x.com/i/status/{tweet.x_id}")])
        rows[-1].append((say.t("↩️ Undo"), doors.TakeBack(channel.id, tweet.id)))
    if not waits:
        sender = senders.of_message(channel.id, item.sender_id)
        asked = optouts.of_sender(channel.id, item.sender_id)
        if asked is not None:
            rows.append([(say.t("🙅 Not reposted…"), OptOutCard(channel.id, asked.id))])
        elif sender is not None and sender.standing:
            rows.append([(_standing_label(say, sender), doors.SenderCard(channel.id, sender.id))])
        else:
            rows.append([(say.t("🚫 Block sender"), AskBlock(*key)), (say.t("🤝 Trust sender"), TrustWriter(*key))])
    return rows


def _standing_label(say: Speaker, sender: senders.Sender) -> str:
    return say.t("🚫 Blocked…") if sender.standing == Standing.BLOCKED else say.t("🤝 Trusted…")


def _sign(item: Message) -> str:
    if item.taken_back_at is not None:
        return "🗑"
    signs = {MessageStatus.APPROVED: "✅", MessageStatus.HELD: "👀", MessageStatus.BLOCKED: "🚫"}
    return signs.get(item.status, "▫️")


def _short(text: str, most: int) -> str:
    return cut(text, most)
