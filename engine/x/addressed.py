"""Whom a post addresses: whether it names a channel in its own words, answers the channel, or neither.

X puts the names of all who are answered before a reply by itself, so a channel that stands among those was not named by
who wrote it. The stream brings what names a channel and what answers it as events of two types, and says of neither
whether it is the other too; the timeline of mentions has both, and what answers others beside the channel. So one
function decides by the post alone, and the same post is the same message whichever way it comes.
"""

import re
from collections.abc import Mapping
from typing import Any

from engine.moderation import MessageKind

_NAMED = r"[@＠]\w{1,20}"
_LEADING = re.compile(rf"\s*(?:{_NAMED}\s+)*{_NAMED}(?!\w)|")
_ELSEWHERE = re.compile(rf"(?<![\w!#$%&*@＠]){_NAMED}")
#: A repost as it is typed by hand, or as X hands one out whose references are missing.
_BY_HAND = re.compile(rf"[\s\u200b-\u200f\u2060\ufeff]*RT\s+{_NAMED}")


def kind_of(post: Mapping[str, Any], channel: int, *, said: MessageKind | None = None) -> MessageKind | None:
    """What a post is to a channel (its X id): a mention, a reply to it, or no message at all (None).

    `said` is what the stream brought it as; it counts only where the post leaves it open. Raises what a post of another
    shape than X documents leads to.
    """
    if is_repost(post):
        return None
    if not _answers_somebody(post) and said is not MessageKind.REPLY:
        return MessageKind.MENTION
    note = post.get("note_tweet") or post.get("note_post")
    texts = [part for part in (post, note) if isinstance(part, Mapping) and isinstance(part.get("text"), str)]
    hidden = _hidden(post)
    if any(_names(part, channel, hidden) for part in texts):
        return MessageKind.MENTION
    if _answers(post, channel, said):
        return MessageKind.REPLY
    return MessageKind.MENTION if said is MessageKind.MENTION and hidden is None else None


def own_words(post: Mapping[str, Any], part: Mapping[str, Any]) -> Any:
    """The text of a post, or of its note, without the names that X put before it, as X shows it."""
    text, hidden = part.get("text"), _hidden(post)
    if not isinstance(text, str) or hidden is None or not _answers_somebody(post):
        return text
    return text[_begins(text, hidden) :].lstrip()


def is_repost(post: Mapping[str, Any]) -> bool:
    """A native repost, or one by hand: a text that begins with `RT @somebody` and refers to nothing."""
    references = _references(post)
    if references:
        return any(r.get("type") == "retweeted" for r in references)
    text = post.get("text")
    return isinstance(text, str) and _BY_HAND.match(text) is not None


def _answers_somebody(post: Mapping[str, Any]) -> bool:
    if post.get("in_reply_to_user_id") or post.get("in_reply_to_tweet_id"):
        return True
    return any(r.get("type") == "replied_to" for r in _references(post))


def _answers(post: Mapping[str, Any], channel: int, said: MessageKind | None) -> bool:
    """Whether it is the channel that it answers. Where X does not name who is, they stand first of all names."""
    answered = post.get("in_reply_to_user_id")
    if answered:
        return str(answered) == str(channel)
    if said is MessageKind.REPLY:
        return True
    first = min(_mentions(post) or [], key=_start, default=None)
    return first is not None and str(first.get("id")) == str(channel) and not _start(first)


def _hidden(post: Mapping[str, Any]) -> int | None:
    """How many signs at its beginning X does not show, names that it put there; None where it does not say."""
    shown = post.get("display_text_range")
    return shown[0] if isinstance(shown, list) and shown and type(shown[0]) is int else None


def _names(part: Mapping[str, Any], channel: int, hidden: int | None) -> bool:
    """Whether the channel is named behind the names that X put before the text."""
    text = part["text"]
    begins = _begins(text, hidden)
    named = _mentions(part)
    if named is None:  # who it names is not said: any name may be the channel's
        return _ELSEWHERE.search(text, begins) is not None
    return any(_start(m) >= begins and str(m.get("id") or channel) == str(channel) for m in named)


def _begins(text: str, hidden: int | None) -> int:
    """Behind which sign the text itself begins: X's figure may lie a sign beyond the names, in its own sample too."""
    leading = _LEADING.match(text)
    begins = leading.end() if leading is not None else 0
    return begins if hidden is None else min(begins, max(hidden, 0))


def _mentions(part: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """The accounts that a text names, and where; None where X does not say."""
    entities = part.get("entities")
    if not isinstance(entities, Mapping):
        return None
    named = entities.get("mentions")
    return [m for m in named if isinstance(m, Mapping)] if isinstance(named, list) else []


def _start(mention: Mapping[str, Any]) -> int:
    start = mention.get("start")
    return start if type(start) is int else 0


def _references(post: Mapping[str, Any]) -> list[Any]:
    found = post.get("referenced_posts") or post.get("referenced_tweets")
    return found if isinstance(found, list) else []
