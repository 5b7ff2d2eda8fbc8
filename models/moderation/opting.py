"""Opting out: who asks not to be reposted is left out at once, with all of theirs that is not said yet.

Call it inside the transaction of the verdicts, or in one that has taken the channel's row. The word counts once,
however often it comes; so does what follows from it: the owner's notice, and the one answer.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from engine import composing
from engine.moderation import Form, MessageKind
from engine.moderation.optout import OPTED_OUT
from engine.moderation.standing import LeftOut
from engine.moderation.wishes import Wish
from models.accounts import channels, choices, team
from models.accounts.channels import Auth, Channel
from models.moderation import review, senders
from models.notifications import journal
from models.notifications.kinds_of_opting import OptedIn, OptedOut
from models.publishing import holding, placing, taking_back
from models.publishing.placing import Judged
from models.streaming import optouts
from models.streaming.messages import Waiting
from models.streaming.optouts import AskedBy, Word

ANSWERED_WITHIN = timedelta(days=1)
DM_SCOPE = "dm.write"


def heed(asked: Iterable[tuple[Waiting, Wish]], now: datetime) -> list[Judged]:
    """What people ask in messages, in their order; the answers to those who are left out from now on."""
    answers: list[Judged] = []
    for w, wish in asked:
        out = wish is Wish.OUT
        handle = w.sender_handle or senders.handle_of(w.channel_id, w.sender_id)
        word = Word(out, w.said.at, AskedBy.SELF, w.sender_id, handle, w.sender_name, w.id)
        if not optouts.heed(w.channel_id, word):
            continue
        channel = channels.one(w.channel_id)
        assert channel is not None  # its row is taken
        dropped = _leave_out(channel, word, now) if out else 0
        _note(channel, "opted_out" if out else "opted_in", word, now)
        told = (
            OptedOut(w.id, w.sender_id, handle, dropped, w.said.at)
            if out
            else (OptedIn(w.id, w.sender_id, handle, w.said.at))
        )
        team.tell(channel, told, now)
        if out and (answer := _answer(channel, w, handle, now)) is not None:
            answers.append(answer)
    return answers


def by_hand(channel_id: int, words: Iterable[Word], now: datetime) -> int:
    """The word of a person of the channel, or of a file, about these; how many stand otherwise than before.

    Call it in a transaction.
    """
    channel = channels.locked(channel_id)
    if channel is None:
        return 0
    changed = 0
    for word in words:
        if optouts.heed(channel_id, word):
            changed += 1
            if word.is_out:
                _leave_out(channel, word, now)
            _note(channel, "opted_out" if word.is_out else "opted_in", word, now)
    return changed


def words_of(channel_id: int, people: Sequence[LeftOut], by: AskedBy, now: datetime) -> list[Word]:
    """The word about these, for each account that was heard under such a handle, or else for the handle alone."""
    heard = senders.ids_of_handles(channel_id, [p.handle for p in people if p.handle])
    words: list[Word] = []
    for person in people:
        ids = [person.x_id] if person.x_id is not None else heard.get(person.handle.lower()) or [None]
        words += [Word(True, now, by, x_id, person.handle) for x_id in ids]
    return words


def _leave_out(channel: Channel, word: Word, now: datetime) -> int:
    """All of theirs that is not said yet is dropped; how much."""
    if word.sender_id is None:  # never heard
        return 0
    held = review.drop_of(channel.id, word.sender_id, OPTED_OUT, now)
    for head_id in placing.half_said_of(channel.id, word.sender_id):
        taking_back.want(head_id, now)
    return held + placing.cancel_of_sender(channel.id, word.sender_id, now)


def _answer(channel: Channel, w: Waiting, handle: str, now: datetime) -> Judged | None:
    """The one answer, where X lets the channel give it: who wrote to it in public has summoned it."""
    private = w.kind is MessageKind.DM
    if private and (channel.auth is not Auth.OAUTH2 or DM_SCOPE not in channel.scopes.split()):
        return None
    goes = channel.is_on and channel.connected and not holding.rests(channel, now)
    if not goes or w.said.at < now - ANSWERED_WITHIN or not optouts.may_answer(channel.id, w.sender_id, now):
        return None
    language = choices.language_of(channel)
    text = composing.left_out(language, channel.handle, "" if private else handle)
    return Judged(
        w.id, channel.id, Form.COPY, (text,), w.x_id, now, any_hour=True,
        answers_x_id=None if private else w.x_id, answers_sender=w.sender_id if private else None,
    )  # fmt: skip


def _note(channel: Channel, event: str, word: Word, now: datetime) -> None:
    data = {"message": word.message_id, "from": word.handle, "by": word.by.value}
    journal.note([journal.Entry(channel.id, now, event, {k: v for k, v in data.items() if v})])
