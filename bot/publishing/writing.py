"""How the channel writes: form, credit, capitals, replacements.

`/writing`, `/credit`, `/form`, `/long`, `/calm`, `/preview`.
"""

from typing import ClassVar

from bot.chat import doors, switches, undo, words
from bot.chat.dialogue import Takes, step
from bot.chat.handling import answers, handles
from bot.chat.keyboards import Button, Rows, dot, lamp
from bot.chat.language import LANGUAGES, N_
from bot.chat.switches import Tick
from bot.chat.targets import button
from bot.chat.turn import Refusal, Sentences, Turn
from bot.chat.undo import doing
from bot.costs.money import exact
from bot.publishing.deleted import Deleted
from bot.publishing.previewing import Preview
from engine import composing
from engine.composing import BadTemplate, Long
from engine.moderation import Form, KeywordRole
from engine.posts import MOST_POSTS
from engine.text import fold
from engine.x import prices
from engine.x.prices import Billed
from models import choosing, undoing
from models.accounts import choices
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.control import switching
from models.database import transaction
from models.moderation import lists

FORMS = {
    "repost": Form.REPOST, "native": Form.REPOST, "nativo": Form.REPOST, "retweet": Form.REPOST,
    "copy": Form.COPY, "copia": Form.COPY,
}  # fmt: skip
FALLBACK = Tick(composing.FALLBACK, N_("If X refuses, try the other form"))
CALM = Tick(composing.CALM_CAPITALS, N_("Calm capitals"))
LONG = {
    "cut": Long.CUT, "short": Long.CUT, "cortar": Long.CUT, "corta": Long.CUT, "cortado": Long.CUT, "corto": Long.CUT,
    "recortar": Long.CUT, "thread": Long.THREAD, "threads": Long.THREAD, "hilo": Long.THREAD, "hilos": Long.THREAD,
}  # fmt: skip


@button
class SetForm:
    word: ClassVar[str] = "form"
    channel: int
    form: Form


@button
class SetLong:
    """What becomes of a copy that is too long for one post."""

    word: ClassVar[str] = "longcopy"
    channel: int
    long: Long


@button
class ShowCredit:
    word: ClassVar[str] = "credit"
    channel: int


@button
class PickCredit:
    """One of those that are offered in the channel's language, by its place."""

    word: ClassVar[str] = "creditset"
    channel: int
    number: int


@button
class AskCredit:
    word: ClassVar[str] = "creditask"
    channel: int


@button
class NameSenders:
    word: ClassVar[str] = "wnames"
    channel: int
    on: bool


@button
class WriteIn:
    """What the channel writes in; who reads of it in the chat reads their own language."""

    word: ClassVar[str] = "writesin"
    channel: int
    language: str


@step
class TypeCredit:
    """The credit line is waited for."""

    word: ClassVar[str] = "credit"
    takes: ClassVar[Takes] = Takes.TEXT
    channel: int


async def command(turn: Turn) -> None:
    """/writing"""
    await show(turn, turn.take_channel())


@handles(doors.Writing)
async def _opened(turn: Turn, channel: Channel, _button: doors.Writing) -> None:
    await show(turn, channel)


@switches.stand_on(FALLBACK, CALM)
async def show(turn: Turn, channel: Channel) -> None:
    chosen = choices.choices(channel)
    replacements = lists.count_of(channel.id, KeywordRole.REPLACEMENT)
    emphasis = lists.count_of(channel.id, KeywordRole.EMPHASIS)
    post = exact(prices.of_post(turn.now, with_url=composing.has_link(chosen.credit)))
    lines: Sentences = [
        turn.t("✍️ <b>Writing of {channel}</b>", channel=channel),
        turn.t("Mentions are reposted natively, for ${price} each.", price=exact(prices.of(Billed.REPOST, turn.now)))
        if chosen.mention_form is Form.REPOST
        else turn.t("Mentions become a post of the channel's own, with the credit, for ${price} each.", price=post),
        turn.t(
            "DMs become a post with the credit, for ${price} each, and ${name} for the name of who wrote an"
            " encrypted one.",
            price=post,
            name=exact(prices.of(Billed.PERSON, turn.now)),
        )
        if channel.name_senders
        else turn.t("DMs become a post without the name of who wrote."),
        turn.t("Credit: <code>{credit}</code>", credit=chosen.credit),
    ]
    if composing.mentions_people(chosen.credit):
        lines.append(_warning(turn))
    lines += _link(turn, chosen.credit)
    in_thread = chosen.long_copies is Long.THREAD
    if in_thread:
        lines.append(
            turn.t("A copy too long for one post becomes a thread of up to {count}; X charges each.", count=MOST_POSTS)
        )
    else:
        lines.append(turn.t("A copy too long for one post is cut."))
    lines.append(turn.t("See it before you trust it: /preview CRASH on Bolívar av."))
    key = channel.id
    repost = chosen.mention_form is Form.REPOST
    rows: Rows = [
        [
            (dot(repost) + turn.t("Mentions: repost"), SetForm(key, Form.REPOST)),
            (dot(not repost) + turn.t("Mentions: copy"), SetForm(key, Form.COPY)),
        ],
        [switches.button(turn, channel, chosen.policy, FALLBACK)],
        [
            (dot(not in_thread) + turn.t("Long: cut"), SetLong(key, Long.CUT)),
            (dot(in_thread) + turn.t("Long: thread"), SetLong(key, Long.THREAD)),
        ],
        [(turn.t("🏷 Credit"), ShowCredit(key)), _names(turn, channel)],
        [
            (dot(chosen.language == code) + turn.t("Writes {language}", language=name), WriteIn(key, code))
            for code, name in LANGUAGES.items()
        ],
        [switches.button(turn, channel, chosen.policy, CALM)],
        [
            (turn.t("🔤 Replacements ({count})", count=replacements), doors.Words(key, KeywordRole.REPLACEMENT)),
            (turn.t("❗ Emphasis ({count})", count=emphasis), doors.Words(key, KeywordRole.EMPHASIS)),
        ],
        [(turn.t("👁 Preview"), Preview(key)), (turn.t("🗑 Deleted posts"), Deleted(key))],
        [(turn.t("« Rules"), doors.Rules(key))],
    ]
    await turn.answer("\n".join(lines), rows)


# --- form ------------------------------------------------------------------------------------------------------


async def form(turn: Turn) -> None:
    """/form repost|copy"""
    channel = turn.take_channel()
    word = turn.arguments.strip().lower()
    if not word:
        await show(turn, channel)
        return
    if word not in FORMS:
        raise Refusal(turn.t("Say repost or copy. For example: /form copy"))
    await _set_form(turn, channel, SetForm(channel.id, FORMS[word]))


@handles(SetForm)
async def _set_form(turn: Turn, channel: Channel, button: SetForm) -> None:
    with doing(turn, channel, Did.CHOICES, "form"):
        choosing.choose(channel.id, turn.now, mention_form=button.form.value)
    await show(turn, channel)


async def long(turn: Turn) -> None:
    """/long cut|thread"""
    channel = turn.take_channel()
    word = fold(turn.arguments.strip())
    if not word:
        await show(turn, channel)
        return
    if word not in LONG:
        raise Refusal(turn.t("Say cut or thread: what becomes of a copy that is too long. For example: /long thread"))
    await _set_long(turn, channel, SetLong(channel.id, LONG[word]))


@handles(SetLong)
async def _set_long(turn: Turn, channel: Channel, button: SetLong) -> None:
    with doing(turn, channel, Did.CHOICES, "long"):
        choosing.choose(channel.id, turn.now, long_copies=button.long.value)
    await show(turn, channel)


@handles(WriteIn)
async def _write_in(turn: Turn, channel: Channel, button: WriteIn) -> None:
    """A credit that was offered in the language of before is that of the new one."""
    if button.language in LANGUAGES:
        chosen = choices.choices(channel)
        before, after = composing.credits_in(chosen.language), composing.credits_in(button.language)
        credit = after[before.index(chosen.credit)] if chosen.credit in before else chosen.credit
        with doing(turn, channel, Did.CHOICES, "language"):
            choosing.choose(channel.id, turn.now, language=button.language, credit=credit)
    await show(turn, channel)


async def calm(turn: Turn) -> None:
    """/calm on|off"""
    channel = turn.take_channel()
    if not turn.arguments:
        await show(turn, channel)
        return
    on = words.said_on_or_off(turn, "/calm on")
    with doing(turn, channel, Did.CHOICES, "calm capitals"):
        choosing.flip(channel.id, composing.CALM_CAPITALS, turn.now, on=on)
    await show(turn, channel)


async def names(turn: Turn) -> None:
    """/names on|off"""
    channel = turn.take_channel()
    if not turn.arguments:
        await show(turn, channel)
        return
    await _set_names(turn, channel, NameSenders(channel.id, words.said_on_or_off(turn, "/names on")))


@handles(NameSenders)
async def _set_names(turn: Turn, channel: Channel, button: NameSenders) -> None:
    with doing(turn, channel, Did.CHOICES, "names"):
        switching.name_senders(channel.id, on=button.on)
    await show(turn, Channel.get_by_id(channel.id))


# --- credit ----------------------------------------------------------------------------------------------------


async def credit(turn: Turn) -> None:
    """/credit [vía {name}: {text}|none]"""
    channel = turn.take_channel(named_only_if_mine=True)
    if turn.arguments:
        await set_credit(turn, channel, turn.arguments)
        return
    await show_credit(turn, channel)


@handles(ShowCredit)
async def _credit_opened(turn: Turn, channel: Channel, _button: ShowCredit) -> None:
    await show_credit(turn, channel)


async def show_credit(turn: Turn, channel: Channel, undo_id: int = 0) -> None:
    """The line that names who wrote; `undo_id` takes back what was chosen a moment ago."""
    chosen = choices.choices(channel)
    offered = composing.credits_in(chosen.language)
    rows: Rows = [
        [(dot(chosen.credit == c) + _shown(turn, c), PickCredit(channel.id, i))] for i, c in enumerate(offered)
    ]
    if undo_id:
        rows.append([undo.undo_button(turn, channel, undo_id)])
    rows.append([(turn.t("✏️ Another"), AskCredit(channel.id)), (turn.t("« Writing"), doors.Writing(channel.id))])
    lines = [
        turn.t(
            "🏷 <b>Credit of {channel}</b>: <code>{credit}</code>\nFields: {{name}}, {{handle}} and {{text}}. You can"
            " also type: /credit {{text}} (via {{name}}) · /credit none",
            channel=channel,
            credit=chosen.credit,
        )
    ]
    if composing.mentions_people(chosen.credit):
        lines.append(_warning(turn))
    lines += _link(turn, chosen.credit)
    await turn.answer("\n".join(lines), rows)


@handles(AskCredit)
async def _ask_credit(turn: Turn, channel: Channel, _button: AskCredit) -> None:
    await turn.ask(
        TypeCredit(channel.id),
        turn.t("Send me the line, with {{text}} in it. For example: {{text}} (told by {{name}}). /cancel to leave."),
    )


@answers(TypeCredit)
async def _typed_credit(turn: Turn, channel: Channel, _step: TypeCredit) -> None:
    await set_credit(turn, channel, turn.arguments)
    turn.end_step()


async def set_credit(turn: Turn, channel: Channel, typed: str) -> None:
    if typed.strip().lower() in words.NONE:
        typed = composing.NO_CREDIT
    try:
        kept = composing.check_template(typed)
    except BadTemplate as error:
        raise Refusal(_why(turn, error)) from None
    await _choose_credit(turn, channel, kept)


@handles(PickCredit)
async def _pick_credit(turn: Turn, channel: Channel, button: PickCredit) -> None:
    offered = composing.credits_in(choices.language_of(channel))
    await _choose_credit(turn, channel, offered[button.number % len(offered)])


async def _choose_credit(turn: Turn, channel: Channel, credit: str) -> None:
    with transaction():
        before = undoing.choices_of(channel.id, "credit")
        undo_id = undo.keep(turn, channel, ShowCredit(channel.id), before)
        choosing.choose(channel.id, turn.now, credit=credit)
    await show_credit(turn, channel, undo_id)


# --- in words -------------------------------------------------------------------------------------------------


def _names(turn: Turn, channel: Channel) -> Button:
    on = channel.name_senders
    return (f"{lamp(on)} " + turn.t("Name who sends DMs"), NameSenders(channel.id, not on))


def _shown(turn: Turn, template: str) -> str:
    return turn.t("No credit") if template == composing.NO_CREDIT else template


def _link(turn: Turn, credit: str) -> list[str]:
    """Where each copy has a link: that is what costs most."""
    if not composing.has_link(credit):
        return []
    dear, plain = (exact(prices.of_post(turn.now, with_url=with_url)) for with_url in (True, False))
    return [turn.t("⚠️ The credit has a link: X charges ${price} for each copy, instead of ${plain}.", price=dear,
                   plain=plain)]  # fmt: skip


def _warning(turn: Turn) -> str:
    return turn.t(
        "⚠️ This mentions people with an @. On self-serve plans X restricts mentions by programs: such posts may be"
        " refused, and the account be limited. {{handle}} without the @ is safe."
    )


def _why(turn: Turn, error: BadTemplate) -> str:
    if error.reason == "field":
        return turn.t(
            "I don't know {field}. The fields are {{name}}, {{handle}} and {{text}}. For example: /credit via {{name}}:"
            " {{text}}",
            field=error.piece,
        )
    if error.reason == "long":
        return turn.t("That is too long: at most 100 characters. For example: /credit via {{name}}: {{text}}")
    return turn.t("{{text}} must be in it once. For example: /credit via {{name}}: {{text}}")
