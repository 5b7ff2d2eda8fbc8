"""Who asks to come in, and who is in: their cards, to let in, refuse, put out, and to make one who runs the service."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

from bot.chat import doors
from bot.chat.door import ways
from bot.chat.handling import handles_for_all
from bot.chat.keyboards import Button, Rows, page_of
from bot.chat.language import N_, Speaker
from bot.chat.spoken import Example
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn
from bot.control import limiting
from bot.control.aside import must_run_it
from bot.control.known import called
from bot.notifications.drawing import About, Drawn, draws, draws_together
from models.accounts import admins, admission, channels, people, standings
from models.accounts.channels import OffReason
from models.accounts.standings import Admission, Standing
from models.control import entrance
from models.notifications import kinds_of_entry as told
from models.settings import settings

PAGE, MOST = 6, 300


@button
class Requests:
    """A page of who asked to come in."""

    word: ClassVar[str] = "asked"
    page: int = 0


@button
class People:
    """A page of who is in, and who was put out."""

    word: ClassVar[str] = "whoisin"
    page: int = 0


@button
class AcceptIn:
    """Lets somebody in who asked."""

    word: ClassVar[str] = "acceptin"
    person: int


@button
class RefuseIn:
    """Does not let somebody in who asked."""

    word: ClassVar[str] = "refusein"
    person: int


@button
class LetIn:
    """Lets somebody in, whether they asked or not."""

    word: ClassVar[str] = "letin"
    person: int


@button
class PutOut:
    word: ClassVar[str] = "putout"
    person: int


@button
class MakeAdmin:
    word: ClassVar[str] = "makeadmin"
    person: int


@button
class UnmakeAdmin:
    word: ClassVar[str] = "unmakeadmin"
    person: int


# --- lists ---------------------------------------------------------------------------------------------------


@handles_for_all(Requests)
async def _requests_opened(turn: Turn, target: Requests) -> None:
    must_run_it(turn)
    await show_requests(turn, target.page)


async def show_requests(turn: Turn, page: int) -> None:
    """Who waits for an answer."""
    asked = admission.standing_so(Standing.ASKED, MOST)
    found, first, turning = page_of(asked, page, PAGE, Requests)
    lines, rows = [turn.t("✋ <b>Who asks to come in</b>")], list[list[Button]]()
    if not asked:
        lines.append(turn.t("Nobody waits for an answer."))
    for number, row in enumerate(found, first + 1):
        lines += ["", f"{number}. {called(turn, row, row.person_id)}", *_words(turn, row), turn.ago(row.at, turn.now)]
        rows.append([(f"✅ {number}", AcceptIn(row.person_id)), (f"✖️ {number}", RefuseIn(row.person_id))])
    await turn.answer("\n".join(lines), [*rows, *turning, [(turn.t("« Back"), ways.Admin())]])


@handles_for_all(People)
async def _people_opened(turn: Turn, target: People) -> None:
    must_run_it(turn)
    await show_people(turn, target.page)


async def show_people(turn: Turn, page: int) -> None:
    """Who is in, the newest first, then who was put out."""
    all_of_them = [*admission.standing_so(Standing.IN, MOST), *admission.standing_so(Standing.OUT, MOST)]
    found, _, turning = page_of(all_of_them, page, PAGE, People)
    rows: Rows = []
    for row in found:
        count = len([c for c in channels.channels_of(row.person_id) if c.connected])
        mark = "🚪 " if row.standing is Standing.OUT else ""
        label = f"{mark}{people.called(row.person_id)} · "
        rows.append([(label + turn.n("{count} channel", "{count} channels", count), ways.PersonCard(row.person_id))])
    text = turn.t("👥 <b>Who is in</b>\nTap somebody for what they have and may have.")
    if not all_of_them:
        text = turn.t("👥 <b>Who is in</b>\nNobody yet.")
    await turn.answer(text, [*rows, *turning, [(turn.t("« Back"), ways.Admin())]])


@handles_for_all(ways.PersonCard)
async def _card_opened(turn: Turn, target: ways.PersonCard) -> None:
    must_run_it(turn)
    await show_person(turn, target.person)


async def show_person(turn: Turn, person_id: int) -> None:
    """Somebody's card: how they stand, what they have and may have."""
    row, runs = admission.row_of(person_id), admins.is_admin(person_id)
    standing = row.standing if row is not None else None
    stands = {
        Standing.IN: turn.t("✅ is in"),
        Standing.OUT: turn.t("🚪 was put out"),
        Standing.ASKED: turn.t("✋ asks to come in"),
        Standing.REFUSED: turn.t("✖️ was not let in"),
    }
    lines = ["👤 " + called(turn, row, person_id)]
    if runs:
        lines.append(turn.t("🔑 runs this service"))
    elif row is not None and standing in stands:
        lines.append(turn.t("{stands}, {ago}", stands=stands[standing], ago=turn.ago(row.at, turn.now)))
    else:
        lines.append(turn.t("I know nothing of them yet."))
    if row is not None:
        lines += _words(turn, row)
    theirs = [str(c) for c in channels.channels_of(person_id) if c.connected]
    if theirs:
        lines.append(turn.t("Channels: {channels}", channels=", ".join(theirs)))
    lines += ["", *limiting.lines(turn, person_id)]
    rows: Rows = []
    if standing is Standing.ASKED:
        rows.append([(turn.t("✅ Let in"), AcceptIn(person_id)), (turn.t("✖️ Refuse"), RefuseIn(person_id))])
    elif standing is Standing.IN and not runs:
        rows.append([(turn.t("🚪 Put out"), PutOut(person_id))])
    elif not runs:
        rows.append([(turn.t("✅ Let in"), LetIn(person_id))])
    rows.append([(turn.t("📏 Limits"), ways.Limits(person_id))])
    if runs and person_id not in settings().admin_ids:
        rows.append([(turn.t("🔑 No longer runs this service"), UnmakeAdmin(person_id))])
    elif not runs and standing is Standing.IN:
        rows.append([(turn.t("🔑 Runs this service too"), MakeAdmin(person_id))])
    await turn.answer("\n".join(lines), [*rows, [(turn.t("« Back"), People())]])


# --- deciding ------------------------------------------------------------------------------------------------


@handles_for_all(AcceptIn)
async def accept(turn: Turn, target: AcceptIn) -> None:
    """They are in, and told."""
    said = N_("✅ {who} is in, and was told.")
    card = (turn.t("👤 Their card"), ways.PersonCard(target.person))
    await _decide(turn, target.person, "accepted", entrance.accept, said, card)


@handles_for_all(RefuseIn)
async def refuse(turn: Turn, target: RefuseIn) -> None:
    """They are told without a reason, and may be let in later all the same."""
    said = N_("✖️ {who} was not let in, and was told.")
    back = (turn.t("↩️ Let in after all"), LetIn(target.person))
    await _decide(turn, target.person, "refused", entrance.refuse, said, back)


async def _decide(
    turn: Turn, person_id: int, once: str, decide: Callable[[int, int, datetime], bool], said: str, then: Button
) -> None:
    """Whoever is first decides; the other reads who was, and what was decided."""
    must_run_it(turn)
    me = turn.person.telegram_id
    mine = turn.once(once, bool, lambda: decide(person_id, me, turn.now))
    row = admission.row_of(person_id)
    if not mine:
        turn.note = _decided(turn, row, person_id) or turn.t("Nobody asks that any more.")
        await show_person(turn, person_id)
        return
    await turn.answer(turn.t(said, who=called(turn, row, person_id)), [[then, (turn.t("✋ Requests"), Requests())]])


@handles_for_all(LetIn)
async def let_in(turn: Turn, target: LetIn) -> None:
    """Whoever they are; channels that stopped when they were put out go on."""
    must_run_it(turn)
    me = turn.person.telegram_id
    if turn.once("let in", bool, lambda: entrance.let_in(target.person, me, turn.now)):
        turn.note = turn.t("✅ They are in, and were told.")
    await show_person(turn, target.person)


@handles_for_all(PutOut)
async def put_out(turn: Turn, target: PutOut) -> None:
    """With the way back."""
    must_run_it(turn)
    if admins.is_admin(target.person):
        raise Refusal(turn.t("They run this service. Take that from them first, on their card under /admin"))
    me = turn.person.telegram_id
    if not turn.once("put out", bool, lambda: entrance.put_out(target.person, me, turn.now)):
        await show_person(turn, target.person)
        return
    who = called(turn, admission.row_of(target.person), target.person)
    if people.name_of(target.person):
        said = turn.t(
            "🚪 {who} is out: nothing here answers them any more, and their channels are off. They were told.", who=who
        )
    else:
        said = turn.t("🚪 {who} is out. They have never written to me; if they do, nothing here answers them.", who=who)
    await turn.answer(
        said,
        [[(turn.t("↩️ Undo"), LetIn(target.person)), (turn.t("👥 People"), People())]],
    )


@handles_for_all(MakeAdmin)
async def make_admin(turn: Turn, target: MakeAdmin) -> None:
    """Only of who is in."""
    must_run_it(turn)
    if standings.standing_of(target.person) is not Standing.IN:
        example = Example(turn.t("/admin accept {id}", id=target.person))
        raise Refusal(
            turn.t("Let them in first: then they may run this service too. For example: {example}", example=example)
        )
    me = turn.person.telegram_id
    if turn.once("made admin", bool, lambda: admins.make(target.person, me, turn.now)):
        turn.note = turn.t("🔑 They run this service too, from now on: /admin is theirs.")
    await show_person(turn, target.person)


@handles_for_all(UnmakeAdmin)
async def unmake_admin(turn: Turn, target: UnmakeAdmin) -> None:
    """Not the last one, and not whom the settings name."""
    must_run_it(turn)
    if target.person in settings().admin_ids:
        raise Refusal(turn.t("The service's settings name them (ADMIN_IDS): take them out there."))
    if admins.ids() == [target.person]:
        raise Refusal(turn.t("Nobody else runs this service. Make somebody else one first."))
    unmade = turn.once("unmade admin", bool, lambda: admins.unmake(target.person))
    if unmade and target.person != turn.person.telegram_id:
        turn.note = turn.t("They no longer run this service. One more tap makes them one again.")
    if not admins.is_admin(turn.person.telegram_id):
        await turn.answer(turn.t("You no longer run this service."))
        return
    await show_person(turn, target.person)


# --- told ----------------------------------------------------------------------------------------------------


@draws(told.AskedIn)
def asked_in(say: Speaker, notice: told.AskedIn, about: About) -> Drawn:
    """The question as it stands: open with its buttons, or decided by whom."""
    row = admission.row_of(notice.person)
    if decided := _decided(say, row, notice.person):
        return decided, [[(say.t("👤 Their card"), ways.PersonCard(notice.person))]]
    words = _words(say, row) if row is not None else []
    text = say.t("✋ {who} asks to come in.", who=called(say, row, notice.person, notice.name))
    return "\n".join([text, *words]), [
        [(say.t("✅ Let in"), AcceptIn(notice.person)), (say.t("✖️ Refuse"), RefuseIn(notice.person))]
    ]


@draws_together(told.AskedIn)
def many_asked_in(say: Speaker, notices: Sequence[told.AskedIn], about: About) -> Drawn:
    text = say.n("✋ {count} person asks to come in.", "✋ {count} people ask to come in.", len(notices))
    return text, [[(say.t("✋ Requests"), Requests())]]


@draws(told.CameIn)
def came_in(say: Speaker, notice: told.CameIn, about: About) -> Drawn:
    theirs = [channel for channel in channels.channels_of(about.person_id) if channel.connected]
    if any(channel.off_reason is OffReason.ALL_PAUSED for channel in theirs):
        text = say.t(
            "🎉 You are in: who runs this service has let you in again. Everything is paused here for now: your"
            " channels go on by themselves when that ends, and you are told."
        )
        return text, [[(say.t("My channels"), doors.Channels())]]
    if theirs:
        text = say.t("🎉 You are in: who runs this service has let you in again. Your channels go on as they were.")
        return text, [[(say.t("My channels"), doors.Channels())]]
    text = say.t("🎉 You are in: who runs this service has let you in. Connect your X account now.")
    return text, [[(say.t("Connect an X account"), doors.Connect())], [(say.t("How does it work?"), doors.Help())]]


@draws(told.Refused)
def refused(say: Speaker, notice: told.Refused, about: About) -> Drawn:
    return say.t("Who runs this service did not let you in this time."), []


@draws(told.PutOut)
def was_put_out(say: Speaker, notice: told.PutOut, about: About) -> Drawn:
    return say.t("🚪 Who runs this service has ended your access. Your channels are off; nothing of them is lost."), []


def _decided(say: Speaker, row: Admission | None, person_id: int) -> str:
    """Who decided what of a question; "" where nobody did."""
    if row is None or row.standing is Standing.ASKED:
        return ""
    by = people.name_of(row.by_id) if row.by_id is not None else ""
    who = called(say, row, person_id)
    if row.standing is Standing.REFUSED:
        return say.t("✖️ {by} did not let {who} in.", by=by or "?", who=who)
    if row.standing is Standing.OUT:
        return say.t("🚪 {by} has put {who} out.", by=by or "?", who=who)
    return say.t("✅ {by} has let {who} in.", by=by or who, who=who)


def _words(say: Speaker, row: Admission) -> list[str]:
    return [say.t("«{words}»", words=row.words)] if row.words else []
