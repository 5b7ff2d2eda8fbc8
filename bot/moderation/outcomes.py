"""What became of a message and of its tweet, in a sentence."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.chat.language import Speaker, person
from bot.chat.moments import moment
from bot.chat.reasons import why
from bot.chat.xs_words import of_x
from bot.costs.money import exact
from bot.costs.shown import waits_for_money
from engine.moderation import CODES, Doubt
from models.accounts.people import Person
from models.moderation import senders
from models.notifications.desks import Desk
from models.publishing import kept
from models.publishing.billed import Short
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.streaming.messages import Message, MessageStatus

HELD_RULES = {code for code in CODES if isinstance(code, Doubt)}


def who(say: Speaker, channel_id: int, sender_id: int, handle: str | None) -> str:
    """Who wrote it, as far as it is known here: an encrypted message comes without a name, and asking costs money."""
    known = handle or senders.handle_of(channel_id, sender_id)
    return f"@{known}" if known else say.t("somebody")


def names_sender(item: Message, desk: Desk | None) -> bool:
    """Whether who wrote it is named: to one person always."""
    return desk is None or desk.senders or item.kind.is_public


def outcome(say: Speaker, item: Message, now: datetime) -> str:
    reason = why(say, item.rule or "", item.words)
    if item.status is MessageStatus.HELD and item.useful_until is not None and item.useful_until > now:
        left = say.lasting(max(item.useful_until - now, timedelta(seconds=1)))
        return say.t("Why I ask: {why}. It lapses in {span}.", why=reason, span=left)
    if item.decided_by:
        name = Person.get_or_none(Person.telegram_id == item.decided_by)
        by = name.name if name is not None and name.name else "?"
        if item.status == MessageStatus.APPROVED:
            return say.t("✅ {name} published it.", name=person(by))
        return say.t("▫️ {name} said no.", name=person(by))
    if (
        item.status in (MessageStatus.HELD, MessageStatus.IGNORED)
        and item.rule in HELD_RULES
        and item.useful_until is not None
    ):
        return say.t("⌛ Nobody decided in time, so it was not posted.")
    if item.status in (MessageStatus.RECEIVED, MessageStatus.ASKING):
        return say.t("… It is being judged.")
    if item.status == MessageStatus.ASIDE:
        return say.t("⚠️ Something of mine broke on it, so it was set aside; who runs me can see it.")
    if item.status == MessageStatus.APPROVED:
        return say.t("✅ Approved — {why}", why=reason)
    if item.status == MessageStatus.BLOCKED:
        return say.t("🚫 Not posted — {why}", why=reason)
    return say.t("▫️ Not posted — {why}", why=reason)


def said(say: Speaker, tweet: Tweet, zone: ZoneInfo) -> str:
    if tweet.is_answer:
        return _answered(say, tweet, zone)
    if tweet.undo == UndoState.DONE:
        return say.t("↩️ It was posted and undone.")
    if tweet.status is TweetStatus.SENT and tweet.sent_at is not None:
        wall = tweet.sent_at.astimezone(zone)
        at = f"{moment(say, wall)}:{wall:%S}"
        line = say.t("🔁 Posted at {at}, ${cost}", at=at, cost=exact(tweet.cost))
        if not tweet.fell_back:
            return line
        said = of_x(say, tweet.fell_back) if tweet.fell_back != "refused" else ""
        other = say.t("X refused the other form, so I used this one.")
        return f"{line}\n{other} {said}".strip()
    if tweet.status == TweetStatus.QUEUED and tweet.reason == Short.MONEY.value:
        return waits_for_money(say, tweet.fresh_until, zone)
    if tweet.status == TweetStatus.QUEUED:
        wall = tweet.due_at.astimezone(zone)
        return say.t("⏳ Goes out at {at}", at=f"{moment(say, wall)}:{wall:%S}")
    if tweet.status is TweetStatus.UNKNOWN:
        return say.t("… X gave no clear answer: I am looking whether it is there.")
    if tweet.status is TweetStatus.SENDING:
        return say.t("… It is in the air.")
    if kept.is_kept(tweet):
        at = moment(say, tweet.fresh_until.astimezone(zone))
        return say.t("⏸ The channel is off: this goes out if it is on again by {at}.", at=at)
    return say.t("▫️ Not posted — {why}", why=why(say, tweet.reason, detail=tweet.detail))


def _answered(say: Speaker, tweet: Tweet, zone: ZoneInfo) -> str:
    if tweet.status is TweetStatus.SENT and tweet.sent_at is not None and tweet.undo != UndoState.DONE:
        at = moment(say, tweet.sent_at.astimezone(zone))
        return say.t("💬 The channel answered at {at}, ${cost}", at=at, cost=exact(tweet.cost))
    if tweet.status in (TweetStatus.QUEUED, TweetStatus.SENDING, TweetStatus.UNKNOWN):
        return say.t("💬 The channel is about to answer: it says once that it heard.")
    return say.t("💬 The channel did not answer: X would not let it, or it was off or on hold.")
