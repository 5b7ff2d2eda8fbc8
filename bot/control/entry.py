"""`/admin`: who may come in, what one person may have, and who else runs the service; for who runs it."""

import secrets
from typing import ClassVar

from bot.accounts.joining import PREFIX
from bot.chat.door import ways
from bot.chat.handling import handles_for_all
from bot.chat.keyboards import Rows, dot
from bot.chat.language import N_
from bot.chat.spoken import Example
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn
from bot.control import limiting, newcomers
from bot.control.aside import must_run_it
from bot.control.known import meant
from engine.text import fold
from models.accounts import admins, admission, people
from models.accounts.admission import PASS_LIFE, SignUp
from models.accounts.limits import EVERYBODY
from models.accounts.standings import Standing
from models.settings import settings

SIGN_UPS = {
    SignUp.OPEN: N_("🔓 Everybody"),
    SignUp.INVITED: N_("✋ Whom we let in"),
    SignUp.CLOSED: N_("🔒 Nobody new"),
}
SAID = {
    SignUp.OPEN: N_("Whoever finds me may connect channels, and what they cost is yours."),
    SignUp.INVITED: N_("Who asks waits until one of you lets them in; who has an invitation comes in at once."),
    SignUp.CLOSED: N_("Nobody new comes in, not by an invitation either. Whoever is in stays."),
}
#: What may be typed after /admin, in both languages.
TYPED = {
    "open": SignUp.OPEN, "abierta": SignUp.OPEN, "abierto": SignUp.OPEN, "everybody": SignUp.OPEN, "todos": SignUp.OPEN,
    "invited": SignUp.INVITED, "invitados": SignUp.INVITED, "invitacion": SignUp.INVITED, "asking": SignUp.INVITED,
    "closed": SignUp.CLOSED, "cerrada": SignUp.CLOSED, "cerrado": SignUp.CLOSED, "nobody": SignUp.CLOSED,
    "nadie": SignUp.CLOSED,
}  # fmt: skip
INVITE = ("invite", "invitar", "invita")
REQUESTS = ("requests", "solicitudes", "pedidos")
PEOPLE = ("people", "gente", "personas")
LIMITS = ("limits", "limit", "limites", "limite")
ADMINS = ("admins", "administradores")
ACCEPT = ("accept", "aceptar", "acepta", "in", "entra", "dejar")
REFUSE = ("refuse", "rechazar", "rechaza")
PUT_OUT = ("out", "fuera", "sacar", "remove", "quitar")
MAKE = ("make", "hacer", "admin")
UNMAKE = ("unmake", "deshacer")


@button
class MayComeIn:
    """Sets who may come in."""

    word: ClassVar[str] = "signup"
    who: SignUp


@button
class InviteIn:
    """Makes a link for one person who may come in."""

    word: ClassVar[str] = "invitein"


@button
class Admins:
    """Who runs the service."""

    word: ClassVar[str] = "admins"


async def command(turn: Turn) -> None:
    """/admin [open|invited|closed|invite|requests|people|limits …|accept|refuse|out|make|unmake PERSON]"""
    must_run_it(turn)
    first, _, rest = turn.arguments.partition(" ")
    word, rest = fold(first).strip(), rest.strip()
    if not word:
        await show(turn)
    elif word in TYPED:
        await _set(turn, MayComeIn(TYPED[word]))
    elif word in INVITE:
        await _invite(turn, InviteIn())
    elif word in REQUESTS:
        await newcomers.show_requests(turn, 0)
    elif word in PEOPLE:
        await newcomers.show_people(turn, 0)
    elif word in ADMINS:
        await _show_admins(turn)
    elif word in LIMITS:
        await limiting.typed(turn, rest)
    elif word in ACCEPT:
        await newcomers.let_in(turn, newcomers.LetIn(meant(turn, rest)))
    elif word in REFUSE:
        await newcomers.refuse(turn, newcomers.RefuseIn(meant(turn, rest)))
    elif word in PUT_OUT:
        await newcomers.put_out(turn, newcomers.PutOut(meant(turn, rest)))
    elif word in MAKE:
        await newcomers.make_admin(turn, newcomers.MakeAdmin(meant(turn, rest)))
    elif word in UNMAKE:
        await newcomers.unmake_admin(turn, newcomers.UnmakeAdmin(meant(turn, rest)))
    else:
        await newcomers.show_person(turn, meant(turn, turn.arguments))


@handles_for_all(ways.Admin)
async def _opened(turn: Turn, _button: ways.Admin) -> None:
    must_run_it(turn)
    await show(turn)


async def show(turn: Turn) -> None:
    """Who may come in, who waits, and the way to the rest."""
    who, asked, inside = admission.sign_up(), admission.count_of(Standing.ASKED), admission.count_of(Standing.IN)
    lines = [
        turn.t("🚪 <b>Who may come in</b>"),
        turn.t("{who}: {said}", who=turn.t(SIGN_UPS[who]), said=turn.t(SAID[who])),
        turn.n("{count} person is in.", "{count} people are in.", inside),
    ]
    if asked:
        lines.append(turn.n("✋ {count} person waits for an answer.", "✋ {count} people wait for an answer.", asked))
    lines += [
        "",
        turn.t("You can also type: {examples}", examples=", ".join(turn.t(e) for e in map(Example, EXAMPLES))),
    ]
    rows: Rows = [[(dot(who is each) + turn.t(label), MayComeIn(each))] for each, label in SIGN_UPS.items()]
    rows += [
        [
            (turn.t("✋ Requests ({count})", count=asked), newcomers.Requests()),
            (turn.t("👥 People ({count})", count=inside), newcomers.People()),
        ],
        [(turn.t("➕ Invite"), InviteIn()), (turn.t("📏 Limits"), ways.Limits(EVERYBODY))],
        [(turn.t("🔑 Who runs this"), Admins())],
    ]
    await turn.answer("\n".join(lines), rows)


EXAMPLES = (N_("/admin invited"), N_("/admin limits channels 5"), N_("/admin out 123456789"))


@handles_for_all(MayComeIn)
async def _set(turn: Turn, target: MayComeIn) -> None:
    must_run_it(turn)
    admission.choose(target.who)
    await show(turn)


@handles_for_all(InviteIn)
async def _invite(turn: Turn, _target: InviteIn) -> None:
    """A link for one person, for a week."""
    must_run_it(turn)
    if admission.sign_up() is SignUp.CLOSED:
        raise Refusal(turn.t("Nobody new may come in now, not by an invitation either. Open the door first: /admin"))
    code = secrets.token_urlsafe(16)
    admission.invite(code, turn.person.telegram_id, turn.now)
    link = settings().link_to(turn.update.get_bot().username, start=PREFIX + code)
    await turn.send(
        turn.t(
            "Send this to whom you want to let in; it works once, for {span}:\n{link}\nOr they write me:"
            " <code>/start {code}</code>",
            span=turn.lasting(PASS_LIFE),
            link=link,
            code=PREFIX + code,
        )
    )


@handles_for_all(Admins)
async def _admins_opened(turn: Turn, _target: Admins) -> None:
    must_run_it(turn)
    await _show_admins(turn)


async def _show_admins(turn: Turn) -> None:
    """Who runs the service, each with the way to their card."""
    example = Example(turn.t("/admin make 123456789"))
    lines = [
        turn.t("🔑 <b>Who runs this service</b>"),
        turn.t(
            "What is wrong with it is told to them, and they say who may come in. Of what others write to channels they"
            " see nothing. Whom else you trust with that, you make one on their card: {example}",
            example=example,
        ),
    ]
    rows: Rows = [[(people.called(i), ways.PersonCard(i))] for i in admins.ids()]
    await turn.answer("\n".join(lines), [*rows, [(turn.t("« Back"), ways.Admin())]])
