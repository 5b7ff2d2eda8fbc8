"""What is told of messages and who wrote them: held, blocked by a rule, edited afterwards."""

from collections.abc import Sequence

from bot.chat import doors
from bot.chat.keyboards import Rows
from bot.chat.language import N_, Speaker
from bot.chat.reasons import why
from bot.moderation import cards
from bot.moderation.optouts import OptOuts
from bot.moderation.outcomes import who as who_wrote
from bot.moderation.people import Unblock
from bot.notifications.drawing import About, Drawn, draws, draws_together
from engine.moderation import FOR_GOOD, Form
from models.moderation import senders
from models.moderation.senders import Source
from models.notifications.kinds import BlockOver, CardShown, Edited, Held, SenderBlocked
from models.notifications.kinds_of_deletions import TakenBack
from models.notifications.kinds_of_opting import OptedIn, OptedOut
from models.publishing import history
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.streaming import messages
from models.streaming.messages import MessageStatus


@draws(Held, N_("Messages that wait for you"))
def held(say: Speaker, notice: Held, about: About) -> Drawn | None:
    """The card, with what may be decided."""
    message = messages.message(notice.message)
    if message is None:
        return None
    return cards.drawn(say, about.channel, message, about.now, desk=about.desk)


@draws(CardShown)
def card(say: Speaker, notice: CardShown, about: About) -> Drawn | None:
    """A card that a person opened, as it stands now."""
    return held(say, Held(notice.message), about)


@draws_together(Held)
def held_together(say: Speaker, notices: Sequence[Held], about: About) -> Drawn:
    """A burst of held messages in one: how many of them still wait."""
    found = [messages.message(n.message) for n in notices]
    waiting = sum(m is not None and m.status == MessageStatus.HELD for m in found)
    if not waiting:
        return say.t("👀 {channel}: all of these are decided.", channel=about.channel), []
    text = say.n(
        "👀 {count} message of {channel} waits for a decision.",
        "👀 {count} messages of {channel} wait for a decision.",
        waiting,
        channel=about.channel,
    )
    return text, [[(say.t("👀 Held ({count})", count=waiting), doors.Held(about.channel.id))]]


@draws(SenderBlocked, N_("Senders blocked by a rule"))
def sender_blocked(say: Speaker, notice: SenderBlocked, about: About) -> Drawn:
    channel, days = about.channel, notice.days
    who = who_wrote(say, channel.id, notice.sender, notice.handle)
    reason = why(say, Source.BURST if notice.source == Source.BURST.value else Source.FILTER, list(notice.evidence))
    span = say.t("for good") if days == FOR_GOOD else say.n("for {count} day", "for {count} days", days)
    text = say.t("🚫 {channel} blocked {who} {span}: {why}.", channel=channel, who=who, span=span, why=reason)
    rows: Rows = [
        [
            (say.t("Unblock"), Unblock(channel.id, notice.sender)),
            (say.t("❔ Why"), doors.MessageCard(channel.id, notice.message)),
        ]
    ]
    sender = senders.of_message(channel.id, notice.sender)
    return text, rows if sender is not None and sender.standing else []


@draws(BlockOver, N_("Blocks that are over"))
def block_over(say: Speaker, notice: BlockOver, about: About) -> Drawn:
    text = say.t("🕊 The block of {who} on {channel} is over.", who=notice.name, channel=about.channel)
    rows: Rows = [[(say.t("👤 Look at {who}", who=notice.name), doors.SenderCard(about.channel.id, notice.sender))]]
    return text, rows


@draws(Edited, N_("Edited after being posted"))
def edited(say: Speaker, notice: Edited, about: About) -> Drawn:
    channel = about.channel
    text = say.t(
        "✏️ What {channel} posted was edited by its writer afterwards. The post stays as it is.", channel=channel
    )
    message = messages.message(notice.message)
    if message is not None and message.taken_back_at is None:
        text += "\n" + say.t("Now: {text}", text=message.text)
    rows: Rows = [
        [
            (say.t("❔ Why"), doors.MessageCard(channel.id, notice.message)),
            (say.t("↩️ Undo"), doors.TakeBack(channel.id, notice.tweet)),
        ]
    ]
    return text, rows


@draws(TakenBack)
def taken_back(say: Speaker, notice: TakenBack, about: About) -> Drawn | None:
    """What becomes of our post, as it stands; nothing here brings back what somebody took back."""
    channel, message, tweet = about.channel, messages.message(notice.message), history.tweet(notice.tweet)
    if message is None or tweet is None:
        return None
    who = who_wrote(say, channel.id, message.sender_id, message.sender_handle)
    rows: Rows = [[(say.t("❔ Why"), doors.MessageCard(channel.id, message.id))]]
    if tweet.form is Form.REPOST and tweet.status is TweetStatus.SENT:
        text = say.t("🗑 X no longer shows what {who} wrote, and takes the repost of {channel} away by itself.",
                     who=who, channel=channel)  # fmt: skip
    elif tweet.undo is UndoState.FAILED:
        text = say.t("🗑 X no longer shows what {who} wrote, and does not let me take the copy of {channel} off: please"
                     " do it there.", who=who, channel=channel)  # fmt: skip
        link = f"https://x.com/{channel.handle}/status/{tweet.x_id}"
        rows[0] = [(say.t("View ↗"), link), (say.t("🔁 Try again"), doors.TakeBack(channel.id, tweet.id)), *rows[0]]
    elif _is_gone(tweet):
        text = say.t(
            "🗑 X no longer shows what {who} wrote. The copy of {channel} is off, too.", who=who, channel=channel
        )
    elif tweet.status in (TweetStatus.CANCELLED, TweetStatus.FAILED, TweetStatus.EXPIRED):
        text = say.t(
            "🗑 X no longer shows what {who} wrote, and {channel} had not said it yet: it is not said.",
            who=who,
            channel=channel,
        )
    else:
        text = say.t("🗑 X no longer shows what {who} wrote: I am taking the copy of {channel} off.",
                     who=who, channel=channel)  # fmt: skip
    return text, rows


@draws_together(TakenBack)
def taken_back_together(say: Speaker, notices: Sequence[TakenBack], about: About) -> Drawn | None:
    """A burst in one: how many, and how many of our posts are still there."""
    tweets = [t for n in notices if (t := history.tweet(n.tweet)) is not None]
    left = [t for t in tweets if t.form is Form.COPY and not _is_gone(t) and t.status is TweetStatus.SENT]
    text = say.n(
        "🗑 X no longer shows {count} post that {channel} had repeated.",
        "🗑 X no longer shows {count} posts that {channel} had repeated.",
        len(tweets),
        channel=about.channel,
    )
    if left:
        text += "\n" + say.n(
            "{count} of our copies is still to go from X.", "{count} of our copies are still to go from X.", len(left)
        )
    elif tweets:
        text += "\n" + say.t("None of them is on X any more.")
    return text, [[(say.t("📒 Journal"), doors.Journal(about.channel.id))]]


def _is_gone(tweet: Tweet) -> bool:
    return tweet.undo is UndoState.DONE


@draws(OptedOut)
def opted_out(say: Speaker, notice: OptedOut, about: About) -> Drawn:
    """It has no switch: the channel's owner answers for it at X."""
    channel = about.channel
    who = who_wrote(say, channel.id, notice.sender, notice.handle)
    text = say.t(
        "🙅 {who} asked not to be reposted by {channel}. Nothing of theirs goes out any more: X asks that of every"
        " channel.",
        who=who,
        channel=channel,
    )
    if notice.dropped:
        text += "\n" + say.n(
            "{count} message of theirs that waited was dropped.",
            "{count} messages of theirs that waited were dropped.",
            notice.dropped,
        )
    return text, _of_opt_outs(say, channel.id, notice.message)


@draws_together(OptedOut)
def opted_out_together(say: Speaker, notices: Sequence[OptedOut], about: About) -> Drawn:
    """A crowd that asks at the same time, in one."""
    text = say.n(
        "🙅 {count} person asked not to be reposted by {channel}. Nothing of theirs goes out any more.",
        "🙅 {count} people asked not to be reposted by {channel}. Nothing of theirs goes out any more.",
        len({n.sender for n in notices}),
        channel=about.channel,
    )
    return text, _of_opt_outs(say, about.channel.id)


@draws(OptedIn)
def opted_in(say: Speaker, notice: OptedIn, about: About) -> Drawn:
    channel = about.channel
    who = who_wrote(say, channel.id, notice.sender, notice.handle)
    text = say.t("🙋 {who} says that {channel} may repost them again.", who=who, channel=channel)
    return text, _of_opt_outs(say, channel.id, notice.message)


def _of_opt_outs(say: Speaker, channel_id: int, message_id: int = 0) -> Rows:
    rows: Rows = [[(say.t("🙅 Not reposted"), OptOuts(channel_id))]]
    if message_id:
        rows[0].insert(0, (say.t("❔ What was said"), doors.MessageCard(channel_id, message_id)))
    return rows
