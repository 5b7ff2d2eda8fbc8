"""What a copy is of: the public post that is looked for on X before its copy is said."""

from dataclasses import dataclass

import peewee as pw

from engine.moderation import Form
from engine.moderation.verdicts import PUBLIC
from models.publishing.tweets import Tweet
from models.statements import statement
from models.streaming.messages import Message


@statement
def _source(message_id: int) -> pw.Query:
    whose = Message.select(Message.x_id, Message.protected)
    return whose.where((Message.id == message_id) & Message.kind.in_(PUBLIC))


@dataclass(frozen=True, slots=True)
class Copied:
    """The post that a copy is of. `was_public`: so X said of its sender's account when it was heard."""

    x_id: int
    was_public: bool


def source_of(tweet: Tweet) -> Copied | None:
    """The public post that this is a copy of; None where it is no copy of one."""
    if tweet.form is not Form.COPY or tweet.message_id is None or tweet.is_answer:
        return None
    row = _source.first(tweet.message_id)
    return Copied(int(row[0]), row[1] is not None and not row[1]) if row is not None else None
