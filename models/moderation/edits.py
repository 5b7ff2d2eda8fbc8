"""Edits: a later version of a message takes the place of the earlier ones, as long as none of them is on X."""

from datetime import datetime

from engine.moderation.verdicts import EDITED
from models.accounts import channels, team
from models.notifications import notices
from models.notifications.kinds import Edited
from models.publishing import history, placing
from models.publishing.tweets import TweetStatus, UndoState
from models.streaming.messages import UNDECIDED, Message, MessageStatus, Waiting

SUPERSEDED = (*UNDECIDED, MessageStatus.ASIDE)


def supersede(w: Waiting, now: datetime) -> tuple[bool, set[int]]:
    """This is an edit. Whether an earlier version is on X, or about to be; and the ids of those that wait no longer."""
    mine = Message.channel_id == w.channel_id
    first = Message.select().where(mine & (Message.x_id == w.said.origin) & (Message.x_id < w.x_id))
    edits = mine & (Message.origin_id == w.said.origin) & (Message.origin_id != Message.x_id)
    gone: set[int] = set()
    for old in [*first, *Message.select().where(edits & (Message.x_id < w.x_id))]:
        if old.status in SUPERSEDED:
            _give_way(old, now)
            gone.add(old.id)
        elif old.status is MessageStatus.APPROVED and not placing.cancel_for_edit(old.id, now):
            tweet = history.of_message(old.id)
            if tweet is not None and tweet.status in (TweetStatus.SENT, TweetStatus.SENDING, TweetStatus.UNKNOWN):
                if tweet.undo not in (UndoState.WANTED, UndoState.DONE):
                    _tell_edited(w, tweet.id, now)
                return True, gone
    return False, gone


def _tell_edited(w: Waiting, tweet_id: int, now: datetime) -> None:
    channel = channels.one(w.channel_id)
    if channel is not None:
        team.tell(channel, Edited(w.id, tweet_id), now, message_id=w.id)


def _give_way(old: Message, now: datetime) -> None:
    waits = Message.status.in_(SUPERSEDED)
    Message.update(status=MessageStatus.IGNORED, rule=EDITED, evidence="", judged_at=now).where(
        (Message.id == old.id) & waits
    ).execute()
    notices.redraw_message(old.id, now)
