"""Doors: the panels that other panels lead to. Who opens each stands beside its handler, in the panel's own module."""

from typing import ClassVar

from bot.chat.targets import (
    DraftId,
    MessageId,
    ScheduleId,
    SenderId,
    TweetId,
    UndoId,
    WatchDraftId,
    WatchedId,
    button,
)
from engine.moderation import KeywordRole

# --- of a person ---------------------------------------------------------------------------------------------


@button
class Connect:
    word: ClassVar[str] = "connect"


@button
class Channels:
    word: ClassVar[str] = "channels"


@button
class Help:
    word: ClassVar[str] = "help"


# --- accounts ------------------------------------------------------------------------------------------------


@button
class Panel:
    word: ClassVar[str] = "panel"
    channel: int


@button
class Team:
    word: ClassVar[str] = "team"
    channel: int


@button
class ChatKeys:
    """Whether the channel's encrypted DMs can be read, and what to do."""

    word: ClassVar[str] = "ckeys"
    channel: int


@button
class Disconnect:
    word: ClassVar[str] = "askbye"
    channel: int


# --- moderation ----------------------------------------------------------------------------------------------


@button
class Rules:
    word: ClassVar[str] = "rules"
    channel: int


@button
class Words:
    """A page of a list of words."""

    word: ClassVar[str] = "kw"
    channel: int
    role: KeywordRole
    page: int = 0


@button
class AddWords:
    """Asks for words to add."""

    word: ClassVar[str] = "kwadd"
    channel: int
    role: KeywordRole


@button
class Senders:
    word: ClassVar[str] = "senders"
    channel: int


@button
class SenderCard:
    word: ClassVar[str] = "sender"
    channel: int
    sender: SenderId


@button
class Hours:
    """`undo` is what the panel's Undo takes back, where one comes from a change."""

    word: ClassVar[str] = "hours"
    channel: int
    undo: UndoId = 0


@button
class Review:
    word: ClassVar[str] = "review"
    channel: int


@button
class Held:
    word: ClassVar[str] = "held"
    channel: int


@button
class MessageCard:
    """`undo` is what the card's Undo takes back, where one comes from a change."""

    word: ClassVar[str] = "msg"
    channel: int
    message: MessageId
    undo: UndoId = 0


@button
class Files:
    word: ClassVar[str] = "files"
    channel: int


@button
class Import:
    """Asks for a file of a list; `any` for one that names its lists."""

    word: ClassVar[str] = "imp"
    channel: int
    lists: str


@button
class Export:
    word: ClassVar[str] = "exp"
    channel: int
    lists: str


# --- publishing ----------------------------------------------------------------------------------------------


@button
class Writing:
    word: ClassVar[str] = "writing"
    channel: int


@button
class Hashtags:
    word: ClassVar[str] = "tags"
    channel: int
    page: int = 0


@button
class History:
    word: ClassVar[str] = "history"
    channel: int
    page: int = 0


@button
class TakeBack:
    """Takes a tweet back from X."""

    word: ClassVar[str] = "undo"
    channel: int
    tweet: TweetId


@button
class CancelTweet:
    """Takes a tweet out of the queue as long as it waits its turn."""

    word: ClassVar[str] = "unsay"
    channel: int
    tweet: TweetId


@button
class GoOn:
    """Tries again what was lost, and the rest of its thread."""

    word: ClassVar[str] = "goon"
    channel: int
    tweet: TweetId


# --- scheduling ----------------------------------------------------------------------------------------------


@button
class Schedules:
    word: ClassVar[str] = "scheds"
    channel: int
    page: int = 0


@button
class ScheduleCard:
    word: ClassVar[str] = "sched"
    channel: int
    schedule: ScheduleId


@button
class Queue:
    word: ClassVar[str] = "queue"
    channel: int
    page: int = 0


@button
class Slots:
    word: ClassVar[str] = "slots"
    channel: int


@button
class Calendar:
    word: ClassVar[str] = "calendar"
    channel: int


@button
class ScheduleFile:
    word: ClassVar[str] = "schedfile"
    channel: int


# --- watching ------------------------------------------------------------------------------------------------


@button
class Watching:
    """All that a channel watches."""

    word: ClassVar[str] = "watch"
    channel: int
    page: int = 0


@button
class WatchedCard:
    """`undo` is what the card's Undo takes back, where one comes from a change."""

    word: ClassVar[str] = "watched"
    channel: int
    watched: WatchedId
    undo: UndoId = 0


@button
class WatchOffer:
    """What somebody is about to have watched, with its price."""

    word: ClassVar[str] = "watchoffer"
    channel: int
    draft: WatchDraftId


# --- costs ---------------------------------------------------------------------------------------------------


@button
class Costs:
    """What a channel costs."""

    word: ClassVar[str] = "costs"
    channel: int


@button
class Budget:
    """What a channel may cost in a month. `undo` is what the panel's Undo takes back, where one comes from a change."""

    word: ClassVar[str] = "budget"
    channel: int
    undo: UndoId = 0


# --- notifications and control -------------------------------------------------------------------------------


@button
class System:
    """The whole service, for who runs it."""

    word: ClassVar[str] = "system"


@button
class Errors:
    """A page of the errors that came last, for who runs the service."""

    word: ClassVar[str] = "errors"
    page: int = 0


@button
class Journal:
    word: ClassVar[str] = "log"
    channel: int


@button
class Notices:
    """What a person is told of a channel."""

    word: ClassVar[str] = "notices"
    channel: int


@button
class Desk:
    """The group in which a channel's team works."""

    word: ClassVar[str] = "desk"
    channel: int


@button
class Pace:
    word: ClassVar[str] = "pace"
    channel: int


# --- drafts --------------------------------------------------------------------------------------------------


@button
class ScheduleDraft:
    """Asks when a draft is to be said."""

    word: ClassVar[str] = "postlater"
    channel: int
    draft: DraftId


@button
class QueueDraft:
    """Gives a draft the next free slot of the queue."""

    word: ClassVar[str] = "postqueue"
    channel: int
    draft: DraftId


@button
class EditSchedule:
    """Shows a schedule as a draft, to be changed."""

    word: ClassVar[str] = "schededit"
    channel: int
    schedule: ScheduleId


@button
class ResumeSchedule:
    word: ClassVar[str] = "schedgo"
    channel: int
    schedule: ScheduleId


@button
class ScheduleLimits:
    """From when and until when a schedule repeats, how often, and how late it may be."""

    word: ClassVar[str] = "schedlimits"
    channel: int
    schedule: ScheduleId
