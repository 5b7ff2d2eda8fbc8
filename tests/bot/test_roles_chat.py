"""A team at work: invited, acts, demoted, refused; what each did; who is told what; a channel that changes hands."""

import re
from datetime import timedelta

import pytest

from bot.accounts.activity import MADE_BY
from bot.chat.switches import label
from engine.moderation import MessageKind
from engine.roles import Role
from models.accounts import admission, choices, deeds, people, standings, team
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.accounts.handing_over import Handover
from models.accounts.limits import Limited, allow
from models.accounts.standings import Standing
from models.accounts.team import Invitation, Member
from models.notifications.notices import Notice
from models.publishing.tweets import Tweet
from models.scheduling.schedules import Schedule
from models.settings import Settings
from models.streaming.messages import Message, MessageStatus
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel, hears

NOT_FOR_YOU = ("no es para ti", "not for you")


def of_team(ana: Conversation, person: int, name: str, *held: Role) -> Conversation:
    """Somebody of Ana's team, who speaks her language."""
    people.person(person, name, ana.language, now())
    team.invite(channel().id, f"code-{person}", set(held), now())
    assert team.join(f"code-{person}", person, now()) is not None
    return ana.another(person, ana.language, name)


def did(person: int) -> list[Did]:
    return [deed.did for deed in reversed(deeds.of_channel(channel().id, 50, person_id=person))]


async def test_invited_for_roles_acts_is_demoted_and_refused(ana: Conversation) -> None:
    await ana.types("/team invitar editor, moderador", "/team invite editor and moderator")
    code = re.search(r"/start (team-\S+)", ana.reads("editor, moderador", "editor, moderator").text)
    assert code is not None
    mia = ana.another(11, ana.language, "Mia")
    await mia.types(f"/start {code[1]}")
    mia.reads("editor, moderador", "editor, moderator")
    await ana.is_told("Mia.*equipo", "Mia.*team")
    await ana.types("/review all")
    hears("choque en el faro", "pepe")
    await mia.is_told("publicar este", "publish this")
    await mia.taps("Publicar$", "Publish$")
    assert Message.get().status is MessageStatus.APPROVED
    await mia.types("Se cayó un árbol")
    await mia.taps("Publicar ya", "Post now")
    await mia.types("/schedule mañana 9:00 Hola", "/schedule tomorrow 9:00 Hola")
    planning = mia.answers[-1]
    await ana.types("/team")
    await ana.taps("Mia")
    await ana.taps("✅ editor")
    ana.reads("Mia.*: moderador", "Mia.*: moderator")
    assert team.one(channel().id, 11).held == {Role.MODERATOR}  # type: ignore[union-attr]
    await mia.taps("Programar$", "Schedule it", under=planning)  # the draft of before
    mia.is_refused(*NOT_FOR_YOU)
    await mia.types("/post Otra cosa")
    mia.reads(*NOT_FOR_YOU)
    assert Schedule.select().count() == 0
    assert Tweet.select().count() == 2
    await mia.is_told("ahora eres: moderador", "you are now: moderator")
    await ana.taps("Deshacer", "Undo")
    await mia.is_told("ahora eres: editor, moderador", "you are now: editor, moderator")
    assert did(11) == [Did.JOINED, Did.PUBLISHED, Did.POSTED]
    await ana.types("/activity Mia")
    ana.reads("Mia.*publicó algo: Se cayó un árbol.*Mia.*publicó un mensaje en revisión: #", "Mia.*posted something")


async def test_removed_is_out_at_once_and_told_and_comes_back_by_undo(ana: Conversation) -> None:
    rea = of_team(ana, 12, "Rea", Role.READER)
    await rea.types("/log")
    panel = await rea.types("/channel")
    assert not any(re.search("Apagar|Turn off|Disparadores|Triggers|Publicar", label) for label in panel.labels)
    await ana.types("/team quitar Rea", "/team remove Rea")
    await rea.taps("Bitácora", "Journal", under=panel)
    rea.is_refused(*NOT_FOR_YOU)
    await rea.is_told("Ya no estás en el equipo", "no longer in the team")
    await ana.taps("Deshacer", "Undo")
    await rea.types("/log")
    rea.reads("Bitácora de", "Journal of")
    assert did(ana.person)[-2:] == [Did.REMOVED, Did.UNDID]


async def test_what_somebody_did_as_an_editor_they_do_not_undo_as_a_reader(ana: Conversation) -> None:
    edi = of_team(ana, 13, "Edi", Role.EDITOR)
    planned = await edi.types("/queue Hola a todos")
    if not any(re.search("Deshacer|Undo", label) for label in planned.labels):
        await edi.types("/slots 8:00 18:00")
        planned = edi.answers[-1]
    await ana.types("/team Edi lector", "/team Edi reader")
    await edi.taps("Deshacer", "Undo", under=planned)
    edi.is_refused(*NOT_FOR_YOU)


async def test_roles_are_refused_in_words_and_names_that_two_have_are_told_apart(ana: Conversation) -> None:
    of_team(ana, 14, "Leo", Role.READER)
    of_team(ana, 15, "Leo", Role.READER)
    await ana.types("/team Leo editor")
    ana.reads("14, 15")
    await ana.types("/team 15 editor")
    assert team.one(channel().id, 15).held == {Role.EDITOR}  # type: ignore[union-attr]
    await ana.types("/team invitar jefe", "/team invite boss")
    ana.reads("jefe.*Por ejemplo", "boss.*For example")
    await ana.types("/team quitar Nadie", "/team remove Nobody")
    ana.reads("Nadie en el equipo", "Nobody in the team")
    await ana.types("/team 15")
    await ana.taps("✅ editor")
    ana.is_refused("al menos una", "at least one")


async def test_an_invitation_works_once_and_is_withdrawn_by_a_tap(ana: Conversation) -> None:
    made = await ana.types("/team invitar lector", "/team invite reader")
    code = re.search(r"/start (team-\S+)", made.text)
    await ana.types("/team")
    await ana.taps("Anular", "Withdraw")
    assert Invitation.select().count() == 0
    mia = ana.another(11, ana.language, "Mia")
    assert code is not None
    await mia.types(f"/start {code[1]}")
    mia.reads("ya se usó|demasiado", "was used or is too old")
    assert not Member.select().exists()


async def test_the_owner_reads_what_each_did_and_nobody_else_does(ana: Conversation) -> None:
    mode = of_team(ana, 16, "Mode", Role.MODERATOR)
    await mode.types("/block @pepe 3 dias", "/block @pepe 3 days")
    await ana.types("/activity")
    ana.reads("Mode.*remitente: @pepe", "Mode.*sender stands: @pepe")
    await mode.types("/activity")
    mode.reads(*NOT_FOR_YOU)


async def test_what_was_done_is_read_in_the_language_of_who_reads(ana: Conversation) -> None:
    of_team(ana, 17, "Lea", Role.READER)
    await ana.types("/team invite moderator, reader")
    await ana.types("/team Lea editor")
    await ana.types("/gap 30")
    await ana.types("/on")
    await ana.types("/mentions on")
    await ana.types("/triggers add fire, flood")
    await ana.types("/calm on")
    await ana.types("/activity")
    ana.reads("ajustes: Calmar mayúsculas\n.*: fire, flood\n.*ajustes: /intervalo\n.*Lea: editor\n.*: moderador, lector",
              "choices: Calm capitals\n.*: fire, flood\n.*choices: /gap\n.*Lea: editor\n.*: moderator, reader")  # fmt: skip
    assert (did(ana.person).count(Did.TURNED_ON), did(ana.person).count(Did.CHOICES)) == (0, 2)  # it was on


def test_each_choice_that_is_written_down_is_a_switch_or_has_its_command(db: Settings) -> None:
    named = [name.replace("_", " ") for name in choices.values_of(0)]
    of_others = {"near", "mention form", "long copies", "hashtags each", "looked after"}  # written down by another name
    assert [n for n in named if n not in MADE_BY and not label(n.replace(" ", "_")) and n not in of_others] == []


async def test_of_two_who_are_called_the_same_each_is_asked_for_by_number(ana: Conversation) -> None:
    for person in (21, 22):
        of_team(ana, person, "Edi", Role.READER)
        deeds.note(channel().id, person, Did.JOINED, now())
    await ana.types("/actividad edi", "/activity edi")
    ana.reads("21, 22.*/actividad 21", "21, 22.*/activity 21")
    await ana.types("/actividad 22", "/activity 22")
    ana.reads("Edi</b> entró|Edi entró|Edi", "Edi joined the team")


async def test_no_reader_and_no_admin_sees_a_dm(ana: Conversation) -> None:
    rea = of_team(ana, 12, "Rea", Role.READER, Role.EDITOR)
    await ana.types("/review all")
    hears("choque secretísimo", "luisa", MessageKind.DM)
    number = Message.get().id
    for typed in ("/message", f"/message {number}", "/log", "/held", "/history", "/status"):
        await rea.types(typed)
        assert "secretísimo" not in rea.answers[-1].text + "".join(rea.answers[-1].labels), typed
    await rea.presses_unseen(rea.everything()[-1], f"msg:{channel().id}:{number}:0")
    assert not any("secretísimo" in a.text for a in rea.everything())
    assert not Notice.select().where(Notice.person_id == rea.person, Notice.message_id == number).exists()


async def offered(ana: Conversation) -> Conversation:
    edi = of_team(ana, 13, "Edi", Role.EDITOR)
    await ana.types("/team traspasar Edi", "/team hand over Edi")
    await ana.taps("Sí, traspasarlo", "Yes, hand it over")
    await edi.is_told("quiere traspasarte", "wants to hand")
    assert channel().owner_id == ana.person
    return edi


async def test_handed_over_when_both_have_said_yes(ana: Conversation) -> None:
    made = await ana.types("/filters add promo")
    spare = await ana.types("/team invitar lector", "/team invite reader")
    edi = await offered(ana)
    await edi.taps("Tomar", "Take")
    assert channel().owner_id == edi.person
    assert team.one(channel().id, ana.person).held == {Role.EDITOR}  # type: ignore[union-attr]
    assert team.one(channel().id, edi.person) is None
    await ana.is_told("es de Edi|Edi", "is Edi's")
    await ana.taps("Deshacer", "Undo", under=made)
    ana.is_refused(*NOT_FOR_YOU)
    await ana.types("/off")
    ana.reads(*NOT_FOR_YOU)
    await ana.types("/post Hola")
    ana.sees("Publicar ya", "Post now")
    code = re.search(r"/start (team-\S+)", spare.text)
    assert code is not None
    zoe = ana.another(19, ana.language, "Zoe")
    await zoe.types(f"/start {code[1]}")
    zoe.reads("ya se usó|demasiado", "was used or is too old")
    await edi.types("/off")
    assert not channel().is_on
    await edi.presses_unseen(edi.answers[-1], f"handyes:{channel().id}")
    edi.is_refused("ya no está ofrecido", "not offered any more")


async def test_an_offer_is_called_off_by_either_and_no_limit_is_passed_by_it(ana: Conversation) -> None:
    edi = await offered(ana)
    allow(edi.person, Limited.CHANNELS, 0)
    await edi.taps("Tomar", "Take")
    edi.is_refused("no puedes tener más", "may have no more")
    allow(edi.person, Limited.CHANNELS, None)
    admission.put_out(edi.person, ana.person, now())
    assert standings.standing_of(edi.person) is Standing.OUT
    admission.let_in(edi.person, ana.person, now())
    await edi.taps("✖️ No")
    await ana.is_told("no se traspasa", "not handed over")
    assert channel().owner_id == ana.person
    assert not Handover.select().exists()


async def test_an_offer_ends_with_its_time_and_with_the_place_in_the_team(ana: Conversation) -> None:
    edi = await offered(ana)
    told = edi.finds("quiere traspasarte", "wants to hand")
    Handover.update(expires_at=now() - timedelta(seconds=1)).where(Handover.to_id == edi.person).execute()
    await edi.taps("Tomar", "Take", under=told)
    edi.is_refused("ya no está ofrecido", "not offered any more")
    await ana.types("/team traspasar Edi", "/team hand over Edi")
    await ana.taps("Sí, traspasarlo", "Yes, hand it over")
    await ana.types("/team quitar Edi", "/team remove Edi")
    await edi.taps("Tomar", "Take", under=told)
    edi.is_refused(*NOT_FOR_YOU)
    assert channel().owner_id == ana.person


async def test_what_may_not_be_done_to_the_channel_in_hand_is_done_to_no_other(
    ana: Conversation, ben: Conversation
) -> None:
    """Ben reads Ana's channel and owns another: what he types there is never done to his own instead."""
    team.invite(channel().id, "code", {Role.READER}, now())
    assert team.join("code", ben.person, now()) is not None
    people.choose_channel(ben.person, channel().id)
    for typed in ("/off", "/post Hola", "/triggers add robo", "/off @TraficoValle", "/post @TraficoValle Hola"):
        await ben.types(typed)
        assert re.search("no es para ti|not for you", ben.answers[-1].text), typed
    assert Channel.select().where(Channel.is_on).count() == 2
    await ben.types("/off @LluviaYa")
    assert not channel("LluviaYa").is_on


@pytest.mark.both_databases
async def test_of_two_who_take_the_same_invitation_one_is_in(ana: Conversation) -> None:
    team.invite(channel().id, "one", {Role.EDITOR}, now())
    assert [team.join("one", person, now()) is not None for person in (21, 22)] == [True, False]
    assert team.join("one", 21, now()) is None
