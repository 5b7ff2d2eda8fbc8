"""What follows where somebody took back what they wrote: of it nothing is said, shown or kept, and a copy goes from X.

    received | asking | held | aside → ignored, as taken back        what was decided stays so, without its text

Each message is withdrawn by itself, with its channel's row taken, as who judges has it; what was done already is not
done again. What stays: who wrote it, when, what became of it and what it cost; the lines of the channel's file, which
are on the disk of who runs the service and go with its rotation.
"""

from datetime import datetime

from engine.moderation.verdicts import TAKEN_BACK
from models import aside
from models.accounts import channels, team
from models.accounts.channels import Channel
from models.database import transaction
from models.moderation import passed
from models.notifications import journal, notices
from models.notifications import kinds_of_deletions as told
from models.publishing import drafts
from models.publishing.copies import withdrawn
from models.streaming import taken_back
from models.streaming.messages import Message, MessageStatus
from models.streaming.taken_back import Deletion, TakenBack

UNDECIDED = (MessageStatus.RECEIVED, MessageStatus.ASKING, MessageStatus.HELD, MessageStatus.ASIDE)


def follow(gone: TakenBack, now: datetime) -> list[int]:
    """Do all that follows now; the tweets of which X is to be asked. Done twice, or by two, it does no harm."""
    found = of(gone)
    origins = {m.origin_id for m in found if m.origin_id} - {gone.x_id}
    taken_back.note([Deletion(x_id, gone.author_id) for x_id in origins], now)  # a version may be heard yet
    to_undo = [tweet_id for message in found for tweet_id in withdraw(message, now)]
    aside.drop_heard(gone.x_id, gone.author_id)
    taken_back.followed(gone, now)
    return to_undo


def of(gone: TakenBack) -> list[Message]:
    """What channels have heard of it: each version of it, and only what its author wrote."""
    theirs = Message.channel_id.in_(channels.all_ids()) & (Message.sender_id == gone.author_id)
    named = (Message.x_id == gone.x_id) | (Message.origin_id == gone.x_id)
    found = list(Message.select().where(theirs & named))
    origins = {m.origin_id or m.x_id for m in found} - {gone.x_id}
    if origins:
        versions = Message.x_id.in_(origins) | Message.origin_id.in_(origins)
        found += list(Message.select().where(theirs & versions & Message.id.not_in([m.id for m in found])))
    return found


def withdraw(message: Message, now: datetime) -> tuple[int, ...]:
    """Withdraw it, and say so to its channel's owner where a copy was said; the tweets of which X is to be asked."""
    with transaction():
        channel = channels.locked(message.channel_id)
        if channel is None:
            return ()
        is_news = _erase(message.id, now)
        came = withdrawn.of_message(message.id, now, is_news=is_news)
        passed.forget(message.channel_id, message.id, now)
        drafts.forget_of_message(message.id)
        if is_news:
            _tell(channel, message, came, now)
    journal.forget_text(message.channel_id, message.id, message.heard_at)
    return came.to_undo if came is not None else ()


def _erase(message_id: int, now: datetime) -> bool:
    """Whether it was not known as taken back."""
    mine = Message.id == message_id
    ends = Message.update(status=MessageStatus.IGNORED, rule=TAKEN_BACK, judged_at=now)
    ends.where(mine & Message.status.in_(UNDECIDED)).execute()
    known = Message.taken_back_at.is_null(False) & (Message.text == "") & (Message.evidence == "")
    before = list(Message.select(Message.taken_back_at).where(mine))
    Message.update(text="", evidence="", taken_back_at=now).where(mine & ~known).execute()
    return bool(before) and before[0].taken_back_at is None


def _tell(channel: Channel, message: Message, came: withdrawn.Came | None, now: datetime) -> None:
    data = {"message": message.id, "kind": message.kind, "x_id": str(message.x_id), "from": message.sender_handle}
    journal.note([journal.Entry(channel.id, now, "taken_back", data)])
    notices.redraw_message(message.id, now)
    if came is None:
        return
    notices.redraw_tweet(came.tweet_id, now)
    if came.was_said:
        value = told.TakenBack(message.id, came.tweet_id)
        team.tell(channel, value, now, tweet_id=came.tweet_id, message_id=message.id)
