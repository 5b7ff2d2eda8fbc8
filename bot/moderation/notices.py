"""What is told of messages and who wrote them: held, blocked by a rule, edited afterwards."""

from collections.abc import Sequence

from bot.chat import doors
from bot.chat.keyboards import Rows
from bot.chat.language import N_, Speaker
from bot.chat.reasons import why
from bot.moderation import cards
from bot.moderation.people import Unblock
from bot.notifications.drawing import About, Drawn, draws, draws_together
from engine.moderation import FOR_GOOD
from models.moderation import senders
from models.moderation.senders import Source
from models.notifications.kinds import BlockOver, CardShown, Edited, Held, SenderBlocked
from models.streaming import messages
from models.streaming.messages import MessageStatus


@draws(Held, N_("Messages that wait for you"))
def held(say: Speaker, notice: Held, about: About) -> Drawn | None:
    """The card, with what may be decided."""
    message = messages.message(notice.message)
    if message is None:
        return None
    return cards.drawn(say, about.channel, message, about.now, owner=about.channel.owner_id == about.person_id)


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
    who = f"@{notice.handle}" if notice.handle else f"#{notice.sender}"
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
    if message is not None:
        text += "\n" + say.t("Now: {text}", text=message.text)
    rows: Rows = [
        [
            (say.t("❔ Why"), doors.MessageCard(channel.id, notice.message)),
            (say.t("↩️ Undo"), doors.TakeBack(channel.id, notice.tweet)),
        ]
    ]
    return text, rows
