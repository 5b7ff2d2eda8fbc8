"""How the channel writes: form, credit, capitals, replacements. `/writing`, `/credit`, `/form`, `/calm`, `/preview`."""

from bot.chat import switches
from bot.chat.language import N_
from bot.chat.switches import Tick
from bot.chat.turn import Refusal, Rows, Sentences, Turn
from engine import composing
from engine.composing import BadTemplate
from engine.moderation import Form, KeywordRole, MessageKind
from engine.x import prices
from models.accounts import choices
from models.accounts.channels import Channel
from models.control import switching
from models.moderation import judging, lists

CREDITS = ("vía {name}: {text}", "{text} (vía {name})", "{text} / {handle}", "{text}")
FORMS = {
    "repost": Form.REPOST, "native": Form.REPOST, "nativo": Form.REPOST, "retweet": Form.REPOST,
    "copy": Form.COPY, "copia": Form.COPY,
}  # fmt: skip
FALLBACK = Tick(composing.FALLBACK, N_("If X refuses, try the other form"))
CALM = Tick(composing.CALM_CAPITALS, N_("Calm capitals"))
YES, NO = {"on", "si", "sí", "yes"}, {"off", "no"}
EXAMPLE = "CHOQUE EN LA AV. BOLÍVAR, DOS CANALES CERRADOS"
EXAMPLE_NAME, EXAMPLE_HANDLE = "María", "maria_rdz"


async def command(turn: Turn) -> None:
    """/writing"""
    await show(turn, turn.take_channel())


@switches.stand_on(FALLBACK, CALM)
async def show(turn: Turn, channel: Channel) -> None:
    chosen = choices.choices(channel)
    replacements = lists.count_of(channel.id, KeywordRole.REPLACEMENT)
    emphasis = lists.count_of(channel.id, KeywordRole.EMPHASIS)
    lines: Sentences = [
        turn.t("✍️ <b>Writing of {channel}</b>", channel=channel),
        turn.t("Mentions are reposted natively.")
        if chosen.mention_form is Form.REPOST
        else turn.t("Mentions become a post of the channel's own, with the credit."),
        turn.t("DMs become a post with the credit.")
        if channel.name_senders
        else turn.t("DMs become a post without the name of who wrote."),
        turn.t("Credit: <code>{credit}</code>", credit=chosen.credit),
    ]
    if composing.mentions_people(chosen.credit):
        lines.append(_warning(turn))
    lines.append(turn.t("See it before you trust it: /preview {example}", example="CHOQUE en la av. Bolívar"))
    key = channel.id
    repost = chosen.mention_form is Form.REPOST
    rows: Rows = [
        [
            (("● " if repost else "") + turn.t("Mentions: repost"), f"form:{key}:repost"),
            (("● " if not repost else "") + turn.t("Mentions: copy"), f"form:{key}:copy"),
        ],
        [switches.button(turn, channel, chosen.policy, FALLBACK)],
        [(turn.t("🏷 Credit"), f"credit:{key}"), _names(turn, channel)],
        [switches.button(turn, channel, chosen.policy, CALM)],
        [
            (turn.t("🔤 Replacements ({count})", count=replacements), f"kw:{key}:replacement:0"),
            (turn.t("❗ Emphasis ({count})", count=emphasis), f"kw:{key}:emphasis:0"),
        ],
        [(turn.t("👁 Preview"), f"preview:{key}"), (turn.t("« Rules"), f"rules:{key}")],
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
    await set_form(turn, channel, FORMS[word].value)


async def set_form(turn: Turn, channel: Channel, wanted: str) -> None:
    choices.choose(channel.id, mention_form=Form(wanted).value)
    await show(turn, channel)


async def calm(turn: Turn) -> None:
    """/calm on|off"""
    channel = turn.take_channel()
    word = turn.arguments.strip().lower()
    if not word:
        await show(turn, channel)
        return
    if word not in YES | NO:
        raise Refusal(turn.t("Say on or off. For example: {example}", example="/calm on"))
    choices.flip(channel.id, composing.CALM_CAPITALS, on=word in YES)
    await show(turn, channel)


# --- credit ----------------------------------------------------------------------------------------------------


async def credit(turn: Turn) -> None:
    """/credit [vía {name}: {text}|none]"""
    channel = turn.take_channel()
    if turn.arguments:
        await set_credit(turn, channel, turn.arguments)
        return
    await show_credit(turn, channel)


async def show_credit(turn: Turn, channel: Channel) -> None:
    chosen = choices.choices(channel)
    rows: Rows = [
        [(("● " if chosen.credit == c else "") + _shown(turn, c), f"creditset:{channel.id}:{i}")]
        for i, c in enumerate(CREDITS)
    ]
    rows.append([(turn.t("✏️ Another"), f"creditask:{channel.id}"), (turn.t("« Writing"), f"writing:{channel.id}")])
    lines = [
        turn.t(
            "🏷 <b>Credit of {channel}</b>: <code>{credit}</code>\nFields: {{name}}, {{handle}} and {{text}}. You can"
            " also type: /credit {{text}} (vía {{name}}) · /credit none",
            channel=channel,
            credit=chosen.credit,
        )
    ]
    if composing.mentions_people(chosen.credit):
        lines.append(_warning(turn))
    await turn.answer("\n".join(lines), rows)


async def ask_credit(turn: Turn, channel: Channel) -> None:
    turn.remember(step="credit", channel=channel.id)
    await turn.send(
        turn.t("Send me the line, with {{text}} in it. For example: {{text}} (lo contó {{name}}). /cancel to leave.")
    )


async def answered(turn: Turn) -> None:
    """The credit that the wizard asked for."""
    channel = turn.own(int(turn.dialogue["channel"]))
    await set_credit(turn, channel, turn.arguments)
    turn.remember()


async def set_credit(turn: Turn, channel: Channel, typed: str) -> None:
    if typed.strip().lower() in ("none", "no", "off", "ninguno", "ninguna"):
        typed = composing.NO_CREDIT
    try:
        kept = composing.check_template(typed)
    except BadTemplate as error:
        raise Refusal(_why(turn, error)) from None
    choices.choose(channel.id, credit=kept)
    await show_credit(turn, channel)


async def pick_credit(turn: Turn, channel: Channel, number: int) -> None:
    choices.choose(channel.id, credit=CREDITS[number])
    await show_credit(turn, channel)


async def set_names(turn: Turn, channel: Channel, *, on: bool) -> None:
    switching.name_senders(channel.id, on=on)
    await show(turn, Channel.get_by_id(channel.id))


# --- preview ---------------------------------------------------------------------------------------------------


async def preview(turn: Turn) -> None:
    """/preview TEXT"""
    channel = turn.take_channel()
    await show_preview(turn, channel, turn.arguments or turn.replied_text() or EXAMPLE)


async def show_preview(turn: Turn, channel: Channel, text: str = EXAMPLE) -> None:
    """What a text would become, as a mention and as a DM, with length and price."""
    style = judging.load_rules(channel).style
    lines: Sentences = [turn.t("👁 <b>Preview for {channel}</b>", channel=channel)]
    for kind in MessageKind:
        lines += ["", *shown_post(turn, style, kind, text, EXAMPLE_NAME, EXAMPLE_HANDLE)]
    if text == EXAMPLE:
        lines += ["", turn.t("Your own text: /preview CHOQUE en la av. Bolívar")]
    rows: Rows = [[(turn.t("✍️ Writing"), f"writing:{channel.id}"), (turn.t("« Back"), f"panel:{channel.id}")]]
    await turn.answer("\n".join(lines), rows)


def shown_post(turn: Turn, style: composing.Style, kind: MessageKind, text: str, name: str, handle: str) -> Sentences:
    """The post that a message of a kind becomes, in a few lines."""
    head = turn.t("As a mention:") if kind is MessageKind.MENTION else turn.t("As a DM:")
    if style.form_of(kind) is Form.REPOST:
        return [head, turn.t("🔁 a native repost of the message as it is · ${price}", price=_price(prices.REPOST))]
    post = style.copy_of(kind, text, name, handle)
    if not post.strip():
        return [head, turn.t("▫️ Nothing is left of its text: it would not be posted.")]
    price = prices.of_post(with_url=composing.has_link(post))
    if kind is MessageKind.MENTION:
        price += prices.POST_READ
    lines: Sentences = [
        head,
        "<blockquote>" + turn.t("{text}", text=post) + "</blockquote>",
        turn.t(
            "{length} of {limit} · ${price}",
            length=composing.weighted_length(post),
            limit=composing.LIMIT,
            price=_price(price),
        ),
    ]
    if composing.has_link(post):
        lines.append(turn.t("⚠️ X charges ${price} for a post with a link.", price=_price(prices.POST_WITH_URL)))
    return lines


def _price(micro_dollars: int) -> str:
    return f"{micro_dollars / 1e6:.3f}"


def _names(turn: Turn, channel: Channel) -> tuple[str, str]:
    on = channel.name_senders
    return ("✅ " if on else "❌ ") + turn.t("Name who sends DMs"), f"wnames:{channel.id}:{'off' if on else 'on'}"


def _shown(turn: Turn, template: str) -> str:
    return turn.t("No credit") if template == composing.NO_CREDIT else template


def _warning(turn: Turn) -> str:
    return turn.t(
        "⚠️ This mentions people with an @. On self-serve plans X restricts mentions by programs: such posts may be"
        " refused, and the account be limited. {{handle}} without the @ is safe."
    )


def _why(turn: Turn, error: BadTemplate) -> str:
    if error.reason == "field":
        return turn.t(
            "I don't know {field}. The fields are {{name}}, {{handle}} and {{text}}. For example: /credit vía {{name}}:"
            " {{text}}",
            field=error.piece,
        )
    if error.reason == "long":
        return turn.t("That is too long: at most 100 characters. For example: /credit vía {{name}}: {{text}}")
    return turn.t("{{text}} must be in it once. For example: /credit vía {{name}}: {{text}}")
