"""What is to be said, before it is confirmed: checked, drawn with lengths and prices, and shown where it stands."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.chat.keyboards import Button, Rows
from bot.chat.turn import Refusal, Sentences, Turn
from bot.costs.money import exact
from bot.publishing.adding import AddPost, AskPhoto, Describe
from engine import composing, posts
from engine.composing.threads import parted
from engine.fitting import fit
from engine.media import MAX_ALT, BadMedia, MediaKind, check_together
from engine.media.limits import Wrong
from engine.posts import Attachment, Post, Thread
from engine.x import prices
from engine.x.prices import Billed
from models.accounts import tokens
from models.accounts.channels import Channel
from models.publishing import drafts, media
from models.publishing.drafts import Draft, DraftGone, Way

MAX_TURNS = 20
MOST_SHOWN = 4
MOST_CHARACTERS = 3300
View = Callable[[Turn, Channel, Draft], Awaitable[None]]
VIEWS: dict[Way, View] = {}


def shows(*ways: Way) -> Callable[[View], View]:
    """Register who shows the drafts of some ways."""

    def registered(view: View) -> View:
        VIEWS.update(dict.fromkeys(ways, view))
        return view

    return registered


async def show(turn: Turn, channel: Channel, draft: Draft) -> None:
    """A draft where it stands: by hand, to be scheduled, or a held message's."""
    await VIEWS[draft.way](turn, channel, draft)


def found(turn: Turn, draft_id: int) -> Draft:
    """The draft of a button or a step. Raises Refusal where it is confirmed, discarded or too old by now."""
    try:
        return drafts.one(draft_id)
    except DraftGone:
        raise Refusal(gone(turn)) from None


def made(turn: Turn, draft: Draft) -> Draft:
    """Keep a new draft: one, also where the turn is done again."""
    return found(turn, turn.once("draft", int, lambda: drafts.make(draft, turn.now).id))


def change(turn: Turn, draft_id: int, wanted: Callable[[Draft], Draft]) -> Draft:
    """Change it, once, on top of what others changed meanwhile. Raises Refusal where it is gone."""
    try:
        return found(turn, turn.once("draft", int, lambda: drafts.change(draft_id, wanted, turn.now).id))
    except DraftGone:
        raise Refusal(gone(turn)) from None


def _shown(turn: Turn, draft: Draft, message_id: int) -> None:
    """Remember which message of ours shows it."""
    try:
        drafts.change(draft.id, lambda d: replace(d, shown_id=message_id), turn.now)
    except DraftGone:
        raise Refusal(gone(turn)) from None


def taken(turn: Turn, draft_id: int) -> Draft:
    """Confirm it: whoever takes it has it alone. Raises Refusal. Call it in the transaction of what it becomes."""
    try:
        return drafts.take(draft_id)
    except DraftGone:
        raise Refusal(gone(turn)) from None


def gone(turn: Turn) -> str:
    return turn.t(
        "That draft is done with: posted, planned or discarded, or older than a week. What went out: /history · what is"
        " planned: /schedules"
    )


def dropped(turn: Turn, draft_id: int) -> None:
    """Discard it, where it is still there."""

    def drop() -> bool:
        try:
            return bool(drafts.take(draft_id).id)
        except DraftGone:
            return False

    turn.once("dropped", bool, drop)


def one_thread(turn: Turn, draft: Draft) -> Thread:
    """What it says where it can be only one thing. Raises Refusal."""
    if not draft.turns:
        raise Refusal(gone(turn))
    if len(draft.turns) > 1:
        raise Refusal(turn.t("Texts that take turns go out by a schedule: tap Schedule…"))
    return draft.turns[0]


def checked(turn: Turn, channel: Channel, text: str) -> list[Thread]:
    """What was typed, as X takes it: a line of --- parts a thread, one of === what takes turns. Raises Refusal.

    A text that is too long for one post becomes a thread.
    """
    fit = [fitting(turn, thread) for thread in posts.read(composing.clean(text))]
    if not fit:
        raise Refusal(turn.t("There is no text in that. For example: /schedule thursday 15:00 Neighbours meet"))
    wanted = [a for thread in fit for a in posts.attached(thread)]
    for item in wanted:
        check_alt(turn, item.alt)
    there = media.owned(channel.id, [a.media_id for a in wanted])
    for item in wanted:
        if there.get(item.media_id) is not item.kind:
            raise Refusal(turn.t("{channel} has no {name}. Send it to me here.", channel=channel,
                                 name=f"[{item.kind.value} {item.media_id}]"))  # fmt: skip
    return fit


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
        if error.reason is Wrong.MIXED:
            raise Refusal(
                turn.t(
                    "X takes up to four photos in a post, or one GIF, or one video: send them in posts of their own."
                )
            ) from None
        raise Refusal(turn.t("X takes at most four photos in a post.")) from None


def check_alt(turn: Turn, alt: str) -> None:
    """Whether X takes a description of this length. Raises Refusal."""
    if len(alt) > MAX_ALT:
        raise Refusal(
            turn.t(
                "A description has at most {most} characters; that is {length}.",
                most=MAX_ALT,
                length=len(alt),
            )
        )


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
        lines.append(
            turn.t("⚠️ X charges ${price} for a post with a link.", price=exact(prices.of(Billed.LINK, turn.now)))
        )
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
            price = exact(price_of(post, turn.now))
            length = composing.weighted_length(post.text) if post.text else 0
            measured = turn.t("{length} of {limit} · ${price}", length=length, limit=composing.LIMIT, price=price)
            lines.append(measured if post.text else turn.t("No text · ${price}", price=price))
        if len(thread) > 1:
            lines.append(turn.t("🧵 A thread: ${price} in all", price=exact(thread_price(thread, turn.now))))
    return lines


def warned(turn: Turn, channel: Channel, draft: Draft) -> list[str]:
    """Lines where something of an album is left out, and where X won't take photos with the access of the channel."""
    lines: Sentences = []
    if draft.left_out:
        lines.append(
            turn.n(
                "⚠️ {count} of the album is left out: X takes up to four photos in a post, or one GIF, or one video.",
                "⚠️ {count} of the album are left out: X takes up to four photos in a post, or one GIF, or one video.",
                draft.left_out,
            )
        )
    if any(map(posts.attached, draft.turns)) and not tokens.may_upload(channel):
        text = turn.t("⚠️ To post photos and videos, {channel} has to be connected once more: /connect", channel=channel)
        lines.append(text)
    return lines


def thread_price(thread: Thread, at: datetime) -> int:
    """What X charges for all of its posts, in micro-dollars."""
    return sum(price_of(post, at) for post in thread)


def price_of(post: Post, at: datetime) -> int:
    """What X charges for a post, in micro-dollars."""
    described = sum(bool(a.alt) for a in post.media)
    return prices.of_post(at, with_url=composing.has_link(post.text), described=described)


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


def more_rows(turn: Turn, channel: Channel, draft: Draft) -> list[Button]:
    """What can be added to a draft."""
    buttons: list[Button] = [
        (turn.t("🧵 Another post"), AddPost(channel.id, draft.id)),
        (turn.t("🖼 Photo"), AskPhoto(channel.id, draft.id)),
    ]
    if any(map(posts.attached, draft.turns)):
        buttons.append((turn.t("🏷 Describe"), Describe(channel.id, draft.id)))
    return buttons


async def draw(turn: Turn, draft: Draft, text: str, rows: Rows) -> None:
    """Show a draft in its message, or in a new one that is remembered."""
    pressed = turn.pressed_id
    if pressed is not None:
        if draft.shown_id != pressed:
            _shown(turn, draft, pressed)
        await turn.answer(text, rows)
    elif not draft.shown_id or not await turn.redraw(draft.shown_id, text, rows):
        _shown(turn, draft, await turn.send(text, rows))


def short(text: str) -> str:
    """A text in a line of a list."""
    return fit(text, 40) or "🖼"
