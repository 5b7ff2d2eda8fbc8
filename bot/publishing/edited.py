"""A held message, published in other words: a draft with its text, its credit, its hashtags and its price."""

import zlib
from dataclasses import replace
from typing import ClassVar

from bot.accounts.paused import must_run
from bot.chat import doors
from bot.chat.dialogue import Takes, step
from bot.chat.handling import answers, handles, open_target
from bot.chat.keyboards import Rows, dot
from bot.chat.language import Speaker
from bot.chat.targets import DraftId, button
from bot.chat.turn import Refusal, Sentences, Turn
from bot.chat.undo import noted
from bot.costs.money import exact
from bot.publishing import drafts as drawing
from engine import composing, posts
from engine.moderation.verdicts import PUBLIC, MessageKind
from engine.posts import Post
from engine.roles import May
from engine.x import prices
from engine.x.prices import Billed
from models.accounts import choices
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.moderation import judging, review
from models.publishing import following, hashtags
from models.publishing.drafts import Credit, Draft, Way
from models.streaming import messages
from models.streaming.messages import Message, MessageStatus
from tasks.moderation import send_on

MOST_SHOWN = 1000


@button
class PublishEdited:
    """`seen` is the mark of the post as it was shown: another one is not published by this button."""

    word: ClassVar[str] = "editedyes"
    channel: int
    draft: DraftId
    seen: int = 0


@button
class EditAgain:
    word: ClassVar[str] = "editedtext"
    channel: int
    draft: DraftId


@button
class SetCredit:
    word: ClassVar[str] = "editedcredit"
    channel: int
    draft: DraftId
    credit: Credit


@button
class DropEdited:
    word: ClassVar[str] = "editedno"
    channel: int
    draft: DraftId


@step
class EditedText:
    """The words in which a held message is published are waited for; of a draft that there is already, other ones."""

    word: ClassVar[str] = "edited"
    takes: ClassVar[Takes] = Takes.TEXT
    channel: int
    message: int
    draft: int = 0


async def begin(turn: Turn, channel: Channel, message_id: int) -> None:
    """Ask for the text; the one that there is can be copied."""
    item = _held(turn, message_id)
    await turn.ask(
        EditedText(channel.id, message_id),
        turn.t(
            "Send me the text to publish instead. This is what it says now; copy it and change it:\n"
            "<code>{text}</code>\n/cancel to leave.",
            text=_original(channel, item)[:MOST_SHOWN],
        ),
    )


@answers(EditedText, by=May.DECIDE)
async def _got_text(turn: Turn, channel: Channel, step: EditedText) -> None:
    """It becomes a draft: nothing is published before it was seen whole."""
    text = composing.clean(turn.typed())
    if not text:
        raise Refusal(turn.t("Send me the text to publish. For example: Crash on the A1, avoid the area"))
    item = _held(turn, step.message)
    said = ((Post(text),),)
    if step.draft:
        draft = drawing.change(turn, step.draft, lambda d: replace(d, turns=said, source_id=turn.message_id))
    else:
        whose = Credit.THEIRS if text == _original(channel, item) else Credit.NEWS
        new = Draft(
            channel.id, turn.person.telegram_id, Way.EDITED, said, message_id=item.id,
            credit=whose if _may_name(channel, item) else Credit.NONE, source_id=turn.message_id,
        )  # fmt: skip
        draft = drawing.made(turn, new)
    turn.end_step()
    await show(turn, channel, draft)


@drawing.shows(Way.EDITED)
async def show(turn: Turn, channel: Channel, draft: Draft) -> None:
    """What will stand on X, to the letter, with whose words it says they are, and the price."""
    item = _held(turn, draft.message_id or 0)
    post, tags = _whole(turn, channel, draft, item)
    price = prices.of_post(turn.now, with_url=composing.has_link(post))
    if item.kind in PUBLIC and item.heard_at.date() != turn.now.date():  # X bills its post once a UTC day
        price += prices.of(Billed.LOOKED_AT, turn.now)
    lines: Sentences = [
        turn.t("✏️ <b>{channel}</b> will say this instead:", channel=channel),
        "<blockquote>" + turn.t("{text}", text=post) + "</blockquote>",
        turn.t(
            "{length} of {limit} · ${price}",
            length=composing.weighted_length(post),
            limit=composing.LIMIT,
            price=exact(price),
        ),
        _whose(turn, channel, draft, item),
    ]
    if tags:
        lines.append(turn.t("With the hashtag that is due: {tags}", tags=" ".join(f"#{t.hashtag.tag}" for t in tags)))
    key = (channel.id, draft.id)
    rows: Rows = [
        [(turn.t("✅ Publish"), PublishEdited(*key, _mark(post))), (turn.t("✏️ Another text"), EditAgain(*key))]
    ]
    if _may_name(channel, item):
        labels = (
            (Credit.THEIRS, turn.t("Their words")),
            (Credit.NEWS, turn.t("Their news")),
            (Credit.NONE, turn.t("No name")),
        )
        rows.append([(dot(draft.credit is c) + label, SetCredit(*key, c)) for c, label in labels])
    rows.append(
        [(turn.t("Cancel"), DropEdited(*key)), (turn.t("« The message"), doors.MessageCard(channel.id, item.id))]
    )
    await drawing.draw(turn, draft, "\n".join(lines), rows)


@handles(SetCredit, by=May.DECIDE)
async def _set_credit(turn: Turn, channel: Channel, button: SetCredit) -> None:
    draft = drawing.change(turn, button.draft, lambda d: replace(d, credit=button.credit))
    await show(turn, channel, draft)


@handles(EditAgain, by=May.DECIDE)
async def _again(turn: Turn, channel: Channel, button: EditAgain) -> None:
    _held(turn, drawing.found(turn, button.draft).message_id or 0)
    draft = drawing.change(turn, button.draft, lambda d: replace(d, shown_id=None))
    await turn.ask(
        EditedText(channel.id, draft.message_id or 0, draft.id),
        turn.t(
            "Send me the text to publish. It says now:\n<code>{text}</code>\n/cancel to leave.",
            text=draft.last.text[:MOST_SHOWN],
        ),
    )


@handles(DropEdited, by=May.DECIDE)
async def _drop(turn: Turn, channel: Channel, button: DropEdited) -> None:
    message_id = turn.once("discarded", int, lambda: drawing.taken(turn, button.draft).message_id or 0)
    turn.end_step()
    item = messages.message(message_id)
    held = item is not None and item.status is MessageStatus.HELD
    await turn.answer(
        turn.t("Discarded. The message is still held.") if held else turn.t("Discarded."),
        [[(turn.t("« The message"), doors.MessageCard(channel.id, message_id))]],
    )


@handles(PublishEdited, by=May.DECIDE)
async def _publish(turn: Turn, channel: Channel, button: PublishEdited) -> None:
    """held → approved in these words, unless somebody was first; the draft goes in the same transaction."""
    must_run(turn, channel)
    if not turn.did("published"):
        draft = drawing.found(turn, button.draft)
        if _mark(_whole(turn, channel, draft, _held(turn, draft.message_id or 0))[0]) != button.seen:
            turn.note = _changed(turn)
            await show(turn, channel, draft)
            return

    def publish() -> tuple[int, review.Decided]:
        draft = drawing.taken(turn, button.draft)
        item = _held(turn, draft.message_id or 0)
        style = judging.load_rules(channel).style
        post, _ = _whole(turn, channel, draft, item)
        decided = review.publish(item.id, turn.person.telegram_id, style, turn.now, edited=post)
        if not decided.won:
            raise Refusal(turn.t("Somebody of the team was first, or it is no longer fresh."))
        post, tags = _whole(turn, channel, draft, item)  # the channel's row is ours by now: nobody takes a last use
        if _mark(post) != button.seen:
            raise Refusal(_changed(turn))
        for queued in decided.queued:
            hashtags.use(queued.tweet_id, tags)
        noted(turn, channel, Did.PUBLISHED_EDITED, f"#{item.id}", message=item.id)
        return item.id, decided

    message_id, decided = turn.once("published", tuple[int, review.Decided], publish)
    if not decided.queued:  # it could not go out in time: the card says why
        await open_target(turn, doors.MessageCard(channel.id, message_id))
        return
    send_on(decided.queued)
    follows = following.message(channel.id, message_id)
    rows: Rows = [[(turn.t("✖️ Don't post it"), doors.CancelTweet(channel.id, q.tweet_id))] for q in decided.queued]
    await turn.answer(
        turn.t("✅ Published in your words. On its way to X: I tell you when it is there."),
        [*rows, [(turn.t("« The message"), doors.MessageCard(channel.id, message_id))]],
        follows=follows,
    )


# --- in words ------------------------------------------------------------------------------------------------


def _whole(turn: Turn, channel: Channel, draft: Draft, item: Message) -> tuple[str, hashtags.Chosen]:
    """The post as it would stand on X now, and the hashtags in it."""
    text = _post(turn, channel, draft, item)
    tags = hashtags.for_copy(channel.id, text, turn.now)
    return hashtags.with_tags(text, tags), tags


def _mark(post: str) -> int:
    return zlib.crc32(post.encode())


def _changed(turn: Turn) -> str:
    return turn.t("It reads differently by now. Look at it once more.")


def _post(turn: Turn, channel: Channel, draft: Draft, item: Message) -> str:
    """The text with its credit."""
    style = judging.load_rules(channel).style
    text = posts.in_words(draft.turns[0])
    credit = _credit(channel, draft, item)
    if credit is Credit.THEIRS:
        return style.credited(item.kind, text, item.sender_name, item.sender_handle)
    if credit is Credit.NEWS:
        news = Speaker(choices.language_of(channel)).t("{{text}} (told by {{name}})")
        return replace(style, credit=news).credited(item.kind, text, item.sender_name, item.sender_handle)
    return composing.shorten(text)


def _credit(channel: Channel, draft: Draft, item: Message) -> Credit:
    """What was chosen, or nobody's where who wrote may not be named by now."""
    return draft.credit if _may_name(channel, item) else Credit.NONE


def _whose(turn: Turn, channel: Channel, draft: Draft, item: Message) -> str:
    who = item.sender_name or item.sender_handle or f"#{item.sender_id}"
    credit = _credit(channel, draft, item)
    if _post(turn, channel, draft, item) == composing.shorten(posts.in_words(draft.turns[0])):
        return turn.t("It names nobody.")  # also where the channel's own credit line names nobody
    if credit is Credit.THEIRS:
        return turn.t("It says that these are the words of {who}.", who=who)
    return turn.t("It says that {who} told this; the words are the channel's.", who=who)


def _may_name(channel: Channel, item: Message) -> bool:
    """Who sends a DM is named only where the owner wants it."""
    return item.kind in PUBLIC or channel.name_senders


def _original(channel: Channel, item: Message) -> str:
    return judging.load_rules(channel).style.rewritten(item.text)


def _held(turn: Turn, message_id: int) -> Message:
    item = messages.message(message_id)
    if item is None:
        raise Refusal(turn.t("I no longer know that message."))
    if item.status is not MessageStatus.HELD:
        raise Refusal(turn.t("Somebody of the team was first, or it is no longer fresh."))
    if item.kind is MessageKind.WATCHED:
        raise Refusal(
            turn.t("What the channel watches is reposted as it is, or not at all. Tap ✅ Publish on its card.")
        )
    return item
