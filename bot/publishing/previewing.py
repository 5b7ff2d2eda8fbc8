"""See a post before it goes out: what a message would become, with its length and price. `/preview`."""

from typing import ClassVar

from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Rows
from bot.chat.language import N_
from bot.chat.targets import button
from bot.chat.turn import Sentences, Turn
from bot.costs.money import exact
from bot.publishing import quoting
from engine import composing
from engine.moderation import Form, MessageKind
from engine.x import prices
from engine.x.prices import Billed
from models.accounts.channels import Channel
from models.moderation import judging

EXAMPLE = N_("CRASH ON BOLÍVAR AV., TWO LANES CLOSED")
EXAMPLE_NAME, EXAMPLE_HANDLE = "María", "maria_rdz"


@button
class Preview:
    word: ClassVar[str] = "preview"
    channel: int


async def preview(turn: Turn) -> None:
    """/preview TEXT"""
    channel = turn.take_channel(named_only_if_mine=True)
    await show_preview(turn, channel, turn.arguments or quoting.text(turn) or EXAMPLE)


@handles(Preview)
async def _preview_pressed(turn: Turn, channel: Channel, _button: Preview) -> None:
    await show_preview(turn, channel)


async def show_preview(turn: Turn, channel: Channel, text: str = EXAMPLE) -> None:
    """What a text would become, as a mention and as a DM, with length and price."""
    style = judging.load_rules(channel).style
    lines: Sentences = [turn.t("👁 <b>Preview for {channel}</b>", channel=channel)]
    for kind in (MessageKind.MENTION, MessageKind.DM):
        lines += ["", *shown_post(turn, style, kind, turn.t(EXAMPLE) if text == EXAMPLE else text, EXAMPLE_NAME,
                                 EXAMPLE_HANDLE)]  # fmt: skip
    if text == EXAMPLE:
        lines += ["", turn.t("Your own text: /preview CRASH on Bolívar av.")]
    rows: Rows = [[(turn.t("✍️ Writing"), doors.Writing(channel.id)), (turn.t("« Back"), doors.Panel(channel.id))]]
    await turn.answer("\n".join(lines), rows)


def shown_post(turn: Turn, style: composing.Style, kind: MessageKind, text: str, name: str, handle: str) -> Sentences:
    """The post that a message of a kind becomes, in a few lines."""
    head = turn.t("As a mention:") if kind is MessageKind.MENTION else turn.t("As a DM:")
    if style.form_of(kind) is Form.REPOST:
        return [
            head,
            turn.t(
                "🔁 a native repost of the message as it is · ${price}", price=exact(prices.of(Billed.REPOST, turn.now))
            ),
        ]
    posts = style.copies_of(kind, text, name, handle)
    if not posts[0].strip():
        return [head, turn.t("▫️ Nothing is left of its text: it would not be posted.")]
    price = sum(prices.of_post(turn.now, with_url=composing.has_link(post)) for post in posts)
    lines: Sentences = [head]
    lines += ["<blockquote>" + turn.t("{text}", text=post) + "</blockquote>" for post in posts]
    if len(posts) > 1:
        lines.append(turn.n("🧵 A thread of {count} post · ${price}", "🧵 A thread of {count} posts · ${price}",
                            len(posts), price=exact(price)))  # fmt: skip
    else:
        length = composing.weighted_length(posts[0])
        lines.append(turn.t("{length} of {limit} · ${price}", length=length, limit=composing.LIMIT, price=exact(price)))
    if any(composing.has_link(post) for post in posts):
        lines.append(
            turn.t("⚠️ X charges ${price} for a post with a link.", price=exact(prices.of(Billed.LINK, turn.now)))
        )
    return lines
