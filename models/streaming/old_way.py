"""What came by X's old direct messages and may be the same as what is read now (models/streaming/twins.py)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.moderation import MessageKind
from models.database import as_tuples
from models.streaming.messages import Message
from models.streaming.twins import APART, ChatMessage, digest


@dataclass(slots=True)
class Candidates:
    """Messages that have no twin yet: moment and X id, by sender and digest, in the order of writing."""

    alike: dict[tuple[int, str], list[tuple[datetime, int]]] = field(default_factory=lambda: defaultdict(list))

    def take(self, sender_id: int, at: datetime, same: str) -> int | None:
        """The X id of the first that is the same message; it is nobody else's twin then."""
        those = self.alike.get((sender_id, same), [])
        found = next((one for one in those if abs(one[0] - at) <= APART), None)
        if found is None:
            return None
        those.remove(found)
        return found[1]


def candidates(channel_id: int, written: Sequence[tuple[int, datetime]]) -> Candidates:
    """Those near messages of these senders and moments."""
    senders, moments = {sender_id for sender_id, _ in written}, [at for _, at in written]
    theirs = (Message.channel_id == channel_id) & Message.sender_id.in_(list(senders))
    near = Message.at.between(min(moments) - APART, max(moments) + APART) & (Message.kind == MessageKind.DM)
    columns = (Message.sender_id, Message.at, Message.x_id, Message.text)
    rows = as_tuples(Message.select(*columns).where(theirs & near).order_by(Message.at))
    mine = (ChatMessage.channel_id == channel_id) & ChatMessage.x_id.in_([x_id for _, _, x_id, _ in rows])
    encrypted = {x_id for (x_id,) in as_tuples(ChatMessage.select(ChatMessage.x_id).where(mine))} if rows else set()
    found = Candidates()
    for sender_id, at, x_id, text in rows:
        if x_id not in encrypted:
            found.alike[sender_id, digest(text)].append((at, x_id))
    return found
