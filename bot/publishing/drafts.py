"""A draft: what is to be said, and maybe when, before it is confirmed.

It lives in the person's dialogue, so a restart of the bot keeps it; every change of it is one conditional update, since
the photos of an album come at the same time.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.chat.turn import Refusal, Rows, Sentences, Turn
from engine import composing, posts
from engine.composing.threads import parted
from engine.media import BadMedia, MediaKind, check_together
from engine.posts import Attachment, Post, Thread
from engine.when import When
from engine.x import prices
from models.accounts import people, tokens
from models.accounts.channels import Channel
from models.publishing import media

MAX_TURNS = 20
MOST_SHOWN = 4
MOST_CHARACTERS = 3300
BY_HAND, SCHEDULED = "hand", "schedule"


@dataclass(frozen=True, slots=True)
class Draft:
    """`turns` take turns in a schedule; by hand there is one. `of` is the schedule that is edited.

    `source` is the person's message that it came from and `album` its group; `shown` our message that shows it: 0
    before it is there, None where something is asked meanwhile and the buttons of an older one still count. `day` is
    what was said of the day while its time is asked for.
    """

    channel_id: int
    way: str
    turns: tuple[Thread, ...] = ()
    when: When | None = None
    of: int | None = None
    source: int | None = None
    album: str = ""
    shown: int | None = 0
    step: str = ""
    day: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def last(self) -> Post:
        """The post to which a photo is added."""
        return self.turns[-1][-1]

    def with_last(self, *changed: Post) -> "Draft":
        """The last post changed, or by now some."""
        return replace(self, turns=(*self.turns[:-1], (*self.turns[-1][:-1], *changed)))

    def with_answer(self, thread: Thread) -> "Draft":
        """One more post, or some, in the last thread."""
        return replace(self, turns=(*self.turns[:-1], (*self.turns[-1], *thread)))

    def with_turn(self, *threads: Thread) -> "Draft":
        return replace(self, turns=(*self.turns, *threads))


def of(turn: Turn) -> Draft | None:
    """The draft that the person has begun, if any."""
    return _read(turn.dialogue)


def of_channel(turn: Turn, channel: Channel) -> Draft:
    """The person's draft for this channel; a button of an older one does nothing. Raises Refusal."""
    found = of(turn)
    query = turn.update.callback_query
    pressed = query.message.message_id if query is not None and query.message is not None else None
    stale = found is not None and found.shown is not None and pressed not in (None, found.shown)
    if found is None or found.channel_id != channel.id or stale:
        raise Refusal(turn.t("That draft is no longer at hand. Send me the text again."))
    return found


def keep(turn: Turn, draft: Draft) -> Draft:
    """Put the draft in the place of whatever was begun."""
    turn.remember(**_written(draft))
    turn.reread()
    return draft


def change(turn: Turn, wanted: Callable[[Draft], Draft]) -> Draft:
    """Change the draft by one conditional update, on top of what others changed meanwhile. Raises Refusal."""
    for _ in range(20):
        stored = turn.person.dialogue
        draft = _read(json.loads(stored) if stored else {})
        if draft is None:
            break
        changed = wanted(draft)
        if people.change_dialogue(turn.person.telegram_id, stored, _written(changed)):
            turn.reread()
            return changed
        turn.reread()
    raise Refusal(turn.t("That draft is no longer at hand. Begin again: /schedule"))


def checked(turn: Turn, channel: Channel, text: str) -> list[Thread]:
    """What was typed, as X takes it: a line of --- parts a thread, one of === what takes turns. Raises Refusal.

    A text that is too long for one post becomes a thread.
    """
    found = [fitting(turn, thread) for thread in posts.read(composing.clean(text))]
    if not found:
        raise Refusal(turn.t("There is no text in that. For example: /schedule thursday 15:00 Neighbours meet"))
    wanted = [a for thread in found for a in posts.attached(thread)]
    there = media.owned(channel.id, [a.media_id for a in wanted])
    for item in wanted:
        if there.get(item.media_id) is not item.kind:
            raise Refusal(turn.t("{channel} has no {name}. Send it to me here.", channel=channel,
                                 name=f"[{item.kind.value} {item.media_id}]"))  # fmt: skip
    return found


def fitting(turn: Turn, thread: Thread) -> Thread:
    """The thread with every text in posts that X takes. Raises Refusal."""
    fit: list[Post] = []
    for post in thread:
        check_media(turn, post.media)
        pieces = parted(post.text) if post.text else [""]
        longest = max(composing.weighted_length(p) if p else 0 for p in pieces)
        if longest > composing.LIMIT:
            raise Refusal(
                turn.t("That is {length} long without a space, and X takes {limit}: shorten it and send it again.",
                       length=longest, limit=composing.LIMIT)
            )  # fmt: skip
        fit += [Post(pieces[0], post.media), *(Post(p) for p in pieces[1:])]
    if len(fit) > posts.MOST_POSTS:
        raise Refusal(
            turn.n("A thread has at most {count} post.", "A thread has at most {count} posts.", posts.MOST_POSTS)
        )
    return tuple(fit)


def check_media(turn: Turn, media_of_post: Sequence[Attachment]) -> None:
    """Whether these go together in one post. Raises Refusal."""
    try:
        check_together([a.kind for a in media_of_post])
    except BadMedia as error:
        if error.reason == "mixed":
            raise Refusal(
                turn.t(
                    "X takes up to four photos in a post, or one GIF, or one video: send them in posts of their own."
                )
            ) from None
        raise Refusal(turn.t("X takes at most four photos in a post.")) from None


# --- shown ---------------------------------------------------------------------------------------------------


def pictured(turn: Turn, turns: Sequence[Thread]) -> list[str]:
    """Threads as they will look, with lengths and what X charges; shorter where they don't fit into one message."""
    for most in (composing.LIMIT * 2, 90, 30):
        lines = _pictured(turn, turns[:MOST_SHOWN], most)
        if _length(lines) <= MOST_CHARACTERS:
            break
    while _length(lines) > MOST_CHARACTERS:
        lines = [*lines[:-2], "…"]
    left = len(turns) - MOST_SHOWN
    if left > 0:
        lines.append(turn.n("{count} more text in turn.", "{count} more texts in turn.", left))
    if any(composing.has_link(p.text) for t in turns for p in t):
        lines.append(turn.t("⚠️ X charges ${price} for a post with a link.", price=f"{prices.POST_WITH_URL / 1e6:.3f}"))
    return lines


def _pictured(turn: Turn, turns: Sequence[Thread], most: int) -> list[str]:
    lines: Sentences = []
    for number, thread in enumerate(turns, 1):
        if len(turns) > 1:
            lines.append(turn.t("🔀 In turn, {number}:", number=number))
        for place, post in enumerate(thread, 1):
            if len(thread) > 1:
                lines.append(turn.t("<b>{number}/{count}</b>", number=place, count=len(thread)))
            if post.text:
                lines.append("<blockquote>" + turn.t("{text}", text=_cut(post.text, most)) + "</blockquote>")
            lines += [_attached(turn, a, most) for a in post.media]
            price = f"{price_of(post) / 1e6:.3f}"
            length = composing.weighted_length(post.text) if post.text else 0
            measured = turn.t("{length} of {limit} · ${price}", length=length, limit=composing.LIMIT, price=price)
            lines.append(measured if post.text else turn.t("No text · ${price}", price=price))
        if len(thread) > 1:
            lines.append(turn.t("🧵 A thread: ${price} in all", price=f"{sum(map(price_of, thread)) / 1e6:.3f}"))
    return lines


def warned_of_access(turn: Turn, channel: Channel, turns: Sequence[Thread]) -> list[str]:
    """A line where X won't take photos with the access that the channel has."""
    if not any(map(posts.attached, turns)) or tokens.may_upload(channel):
        return []
    return [turn.t("⚠️ To post photos and videos, {channel} has to be connected once more: /connect", channel=channel)]


def price_of(post: Post) -> int:
    """What X charges for a post, in micro-dollars."""
    return prices.of_post(with_url=composing.has_link(post.text))


def _length(lines: Sequence[str]) -> int:
    """As Telegram counts, in UTF-16."""
    return sum(len(line.encode("utf-16-le")) // 2 for line in lines)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _attached(turn: Turn, item: Attachment, most: int) -> str:
    sign = {MediaKind.PHOTO: "🖼", MediaKind.GIF: "🎞", MediaKind.VIDEO: "🎬"}[item.kind]
    if item.alt:
        return turn.t("{sign} {alt}", sign=sign, alt=_cut(item.alt, min(most, 90)))
    return turn.t("{sign} not described yet", sign=sign)


def more_rows(turn: Turn, channel: Channel, draft: Draft) -> list[tuple[str, str]]:
    """What can be added to a draft."""
    buttons = [(turn.t("🧵 Another post"), f"threadmore:{channel.id}"), (turn.t("🖼 Photo"), f"photo:{channel.id}")]
    if any(map(posts.attached, draft.turns)):
        buttons.append((turn.t("🏷 Describe"), f"alt:{channel.id}"))
    return buttons


async def draw(turn: Turn, draft: Draft, text: str, rows: Rows) -> None:
    """Show a draft in its message, or in a new one that is remembered."""
    query = turn.update.callback_query
    if query is not None and query.message is not None:
        pressed = query.message.message_id
        change(turn, lambda d: replace(d, shown=pressed))
        await turn.answer(text, rows)
    elif not draft.shown or not await turn.redraw(draft.shown, text, rows):
        shown = await turn.send(text, rows)
        change(turn, lambda d: replace(d, shown=shown))


def short(text: str) -> str:
    """A text in a line of a list."""
    flat = " ".join(text.split()) or "🖼"
    return flat if len(flat) <= 40 else flat[:39] + "…"


# --- as it is kept -------------------------------------------------------------------------------------------


def _written(draft: Draft) -> dict[str, Any]:
    written: dict[str, Any] = {
        "step": draft.step, "channel": draft.channel_id, "way": draft.way, "turns": posts.as_lists(draft.turns),
        "of": draft.of, "source": draft.source, "album": draft.album, "shown": draft.shown, "day": draft.day,
        "more": draft.more,
    }  # fmt: skip
    if draft.when is not None:
        last = draft.when.last.isoformat() if draft.when.last else None
        written["when"] = [draft.when.first.isoformat(), list(draft.when.rules), last, draft.when.times]
    return written


def _read(dialogue: dict[str, Any]) -> Draft | None:
    if "turns" not in dialogue:
        return None
    when = None
    if dialogue.get("when"):
        first, rules, last, times = dialogue["when"]
        end = datetime.fromisoformat(last) if last else None
        when = When(datetime.fromisoformat(first), tuple(rules), end, times)
    return Draft(
        int(dialogue["channel"]), str(dialogue["way"]), tuple(posts.from_lists(dialogue["turns"])), when,
        dialogue.get("of"), dialogue.get("source"), str(dialogue.get("album", "")), dialogue.get("shown"),
        str(dialogue["step"]), str(dialogue.get("day", "")), dict(dialogue.get("more") or {}),
    )  # fmt: skip
