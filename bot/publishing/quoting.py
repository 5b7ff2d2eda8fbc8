"""What a person answers: the text that a message of ours is about, and not our own words around it."""

from bot.chat.turn import Turn
from engine import posts
from engine.moderation.protected import PROTECTED
from engine.moderation.verdicts import PUBLIC
from models.notifications import notices
from models.notifications.notices import Notice
from models.publishing import drafts, history
from models.streaming import messages


def texts(turn: Turn) -> list[str]:
    """The texts of the message that this one answers: what somebody wrote, or what ours tells of; none for a panel."""
    answered = turn.answered
    if answered is None:
        return []
    if answered.picked:
        return [answered.picked]
    if not answered.ours:
        return [answered.text] if answered.text.strip() else []
    me = turn.person.telegram_id
    told = [_of_notice(n) for n in notices.of_telegram_message(me, answered.id)]
    if PROTECTED in told:
        return []
    draft = drafts.shown_in(me, answered.id)
    if not any(told) and draft is not None:
        told = [posts.in_words(thread) for thread in draft.turns]
    return list(dict.fromkeys(t for t in (told if any(told) else answered.quoted) if t.strip()))


def text(turn: Turn) -> str:
    """The one text that is answered; "" for none, or for several."""
    found = texts(turn)
    return found[0] if len(found) == 1 else ""


def _of_notice(notice: Notice) -> str:
    """What somebody wrote to the channel, or what the channel said or was to say; PROTECTED for what stays unsaid."""
    tweet = history.tweet(notice.tweet_id) if notice.tweet_id is not None else None
    message_id = notice.message_id or (tweet.message_id if tweet is not None else None)
    message = messages.message(message_id) if message_id is not None else None
    if message is not None:
        return PROTECTED if message.protected and message.kind in PUBLIC else str(message.text)
    return str(tweet.text) if tweet is not None else ""
