"""Actions × roles × channels × places: whoever may not do a thing is told, and nothing changes by it.

The table says once more what each action takes. One that is missing from it, or that takes something else by its own
declaration, fails here: who adds a button, a step or a command says in both places who may use it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import pytest

import bot.application  # noqa: F401, all handlers
from bot.chat import dialogue, handling
from bot.chat.dialogue import Takes
from bot.chat.targets import TARGETS, pack
from bot.commands import COMMANDS
from bot.control.system import PauseOne
from engine.roles import EVERYTHING, GRANTS, NOTHING, May, Role
from models import connecting
from models.accounts import admins, people, team
from models.accounts.channels import Channel
from models.accounts.deeds import Deed
from models.database import Table
from models.database import db as database
from models.moderation import desks
from models.publishing.drafts import DraftRow
from models.settings import Settings
from models.undoing import Undo
from sandbox.people import GROUP
from tests.bot.conversation import Conversation
from tests.bot.pictures import photo
from tests.bot.test_buttons import belongings, example, kinds_of, stored
from tests.conftest import NOW
from tests.once import once

READ, DECIDE, WRITE, OWN = May.READ, May.DECIDE, May.WRITE, May.OWN
BUTTONS: dict[May | None, str] = {
    None: """
        acceptin admin admins asked askin invitein letin limit limits makeadmin person putout refusein setlimit signup
        unmakeadmin whoisin errors syschannels sysconnect sysgone syspause syspauseall sysread system
        again allagain aside channels connect costsall costsallpic costsmine costsprices credits creditsback creditsset drop
        dropall help helpon lang meant meantpost sbudget sbudgetback sbudgetfirst sbudgetset sbudgetwait signno signyes status
    """,
    READ: """
        askleave calendar handno handyes history leaveteam log logfile msg notice notices panel queue sched scheds team
        undochange
    """,
    DECIDE: """
        block editedcredit editedno editedtext editedyes held heldback heldblock heldedit heldno heldyes optout
        optoutlift optouts optoutsearch people peoplesearch sender senders stand trust unblock unstand
    """,
    DECIDE | WRITE: "undo unsay",
    WRITE: """
        alt firstslots goon photo postlater postno postnow postqueue postthis queuedel queuedown queuemix queueup
        schedcopy schedcut scheddel schededit schedgo schedgrace schedkeep schedlast schedlimit schedlimits schedmore
        schednew schedno schedpause schedpick schedpost schedskip schedtext schedtimes schedwhen schedyes slots
        threadmore
    """,
    OWN: """
        activity costs costspic desk deskno deskset desktry
        askbye budget budgetask budgetfirst budgetset budgetwait burst bye cell ckconn ckeys cklook ckmake ckyes column copy copyyes credit creditask creditset
        day deeds deleted dms exp files fill filters forget forgetyes form fresh gap handgo handover hours imp impdate
        impno impyes invite invitelink kw kwadd kwblock kwdel kwfor kwfound kwinto kwnophrase kwone kwphrase kwsearch
        longcopy lookafter member mentions near off on outside pace preview repeats replies repliesset review reviewset
        rules schedexp schedfile schedimp setroles setzone sw tag tagadd tagdel tageach tagoff tagon tags triggers
        uninvite unteam watch watchadd watchall watchdel watched watchgo watchlist watchlook watchmax watchmaxask
        watchno watchoffer watchpause watchwait watchway watchwords watchyes week wnames writesin writing zone
    """,
}
STEPS: dict[May, str] = {
    DECIDE: "edited optoutlift optoutsearch peoplesearch",
    WRITE: "alt othertext photo posttext schedlimits schedtext schedwhen threadtext",
    OWN: "budget credit file hashtag keywords kwinto kwsearch test watch watchmax watchwords",
}
#: What is typed about a channel, by what it takes; None: it is about none.
COMMANDS_BY: dict[May | None, tuple[str, ...]] = {
    None: (
        "start", "connect", "language en", "cancel", "help", "channels", "status", "costs", "join",
        "aside", "admin invited", "system pause all", "credits 50", "budget service 200",
    ),
    READ: ("team", "channel", "calendar", "schedules", "history", "log", "log file", "notices", "message", "team leave"),
    DECIDE: ("block @pepe 3 days", "unblock @pepe", "trust @pepe", "senders", "optout @eva", "optout lift @eva", "held"),
    WRITE: ("post Hola a todos", "schedule tomorrow 9:00 Hola", "queue Hola", "queue", "slots 8:00 12:00"),
    OWN: (
        "off", "on", "triggers add robo", "triggers remove choque", "filters add spam", "rules", "test choque",
        "repeats 90", "hours 24h", "zone Madrid", "mentions off", "dms off", "replies on", "chatkeys", "watch",
        "watch @inameh", "gap 60", "fresh 5", "burst 5 10", "review all", "activity", "hashtags add #faro",
        "writing", "preview Hola", "form copy", "long thread", "deleted day", "credit {text} (vía {name})", "names on",
        "calm on", "desk", "replacements add av. => avenida", "emphasis add urgente", "import triggers", "export", "copy",
        "disconnect", "budget 30", "budget order reposts, links", "team invite editor", "team remove Rea", "team Rea editor", "team hand over Edi",
    ),
}  # fmt: skip
#: What the admins alone may type, and press.
ADMINS = ("aside", "admin invited", "system pause all", "credits 50", "budget service 200")
OF_ADMINS = """
    again allagain aside costsall costsallpic credits creditsback creditsset drop dropall sbudget sbudgetback sbudgetfirst sbudgetset
    sbudgetwait errors syschannels sysconnect sysgone syspause syspauseall sysread system acceptin admin admins
    invitein letin limit limits makeadmin person putout refusein setlimit signup unmakeadmin whoisin
"""
OWNER, OTHER = 7, 8
EDI, MODE, REA, NOBODY, ADMIN = 21, 22, 23, 24, 25
WHO: dict[int, May] = {
    OWNER: EVERYTHING, EDI: GRANTS[Role.EDITOR], MODE: GRANTS[Role.MODERATOR], REA: GRANTS[Role.READER],
    NOBODY: NOTHING, ADMIN: NOTHING, OTHER: NOTHING,
}  # fmt: skip
RUN_BY = r"(is for|are shown to) who runs|(es para|se muestran a) quien (me )?lleva"
NOT_YOURS = r"not for you|no es para ti"
REFUSED = NOT_YOURS + r"|You have no channel yet|is not one of your channels|I didn't understand|Which message\?"
#: What would end the trial: it takes the channel, or somebody's place in it, away.
LAST = {"forget", "forgetyes", "bye", "askbye", "leaveteam", "handyes", "unteam", "setroles"}


#: What is a person's own, or follows from what is done.
OF_ONE_PERSON = {
    "person", "inbox", "undo", "deed", "draft", "draft_row", "watch_draft", "notice_setting", "journal_entry", "notice",
    "media", "upload", "followed", "invitation",
}  # fmt: skip


def words_of(table: Mapping[Any, str], kind: type[Any]) -> Any:
    return next(needs for needs, words in table.items() if kind.word in words.split())


@pytest.fixture
def mine(db: Settings) -> dict[type[Table], int]:
    """A channel of the owner's with all that a button can name, and a team; another owner has one too."""
    return once(db, "the matrix", furnished)


def furnished() -> dict[type[Table], int]:
    rows = belongings(OWNER, 70)
    belongings(OTHER, 90)
    people.person(ADMIN, "Adi", "en", NOW)
    admins.make(ADMIN, OWNER, NOW)
    desks.put(rows[Channel], desks.Place(GROUP[0], "Mesa"), OWNER, NOW)
    for person, role in ((EDI, Role.EDITOR), (MODE, Role.MODERATOR), (REA, Role.READER)):
        people.person(person, {EDI: "Edi", MODE: "Mode", REA: "Rea"}[person], "en", NOW)
        team.invite(rows[Channel], f"code{person}", {role}, NOW)
        assert team.join(f"code{person}", person, NOW) is not None
    return rows


def kept_of(channel_id: int) -> list[tuple[str, list[str]]]:
    """All that is stored of a channel."""
    found = []
    for table in connecting.tables():
        column = {"channel": "id"}.get(table._meta.table_name, "channel_id")
        if column in table._meta.columns and table._meta.table_name != "person":
            sql = f'SELECT * FROM "{table._meta.table_name}" WHERE {column} = {channel_id}'
            found.append((table._meta.table_name, sorted(map(repr, database.execute_sql(sql).fetchall()))))
    return found


def pressed(kind: type[Any], mine: dict[type[Table], int], *, by_others: bool = False) -> str:
    """A button of the channel, with ids of its own; `by_others`: with none that are its maker's alone."""
    ids = {name: of.table for name, (_, of) in kinds_of(kind).items() if of is not None}
    named: dict[str, Any] = {n: 0 if by_others and t in (DraftRow, Undo) else mine[t] for n, t in ids.items()}
    if any(f.name == "roles" for f in fields(kind)):
        named["roles"] = "reader"
    return pack(example(kind, channel=mine[Channel], **named))


def of_channel() -> Iterator[type[Any]]:
    return (kind for kind in TARGETS.values() if any(f.name == "channel" for f in fields(kind)))


def test_the_table_has_every_action_and_says_what_each_takes() -> None:
    said = {word: needs for needs, words in BUTTONS.items() for word in words.split()}
    assert {k.word: h.needs for k, h in handling.HANDLERS.items()} == said
    steps = {word: needs for needs, words in STEPS.items() for word in words.split()}
    del steps["photo"]  # a photo alone is answered by bot/publishing/media.py
    assert {k.word: h.needs for k, h in handling.ANSWERS.items()} == steps
    assert {s.word for s in dialogue.STEPS.values()} == {w for words in STEPS.values() for w in words.split()}
    typed_by = {(typed.split()[0], needs) for needs, all_ in COMMANDS_BY.items() for typed in all_ if needs is not None}
    about_a_channel = {c.name: c.by for c in COMMANDS}
    of_none = {typed.split()[0] for typed in COMMANDS_BY[None]}
    assert set(about_a_channel) == {name for name, _ in typed_by} | of_none
    for name, by in about_a_channel.items():  # what is typed behind it may take more
        assert name in of_none or (name, by) in typed_by, name


@pytest.mark.parametrize(
    ("person", "place"), [*((p, "private") for p in WHO if p != OWNER), (REA, "group"), (NOBODY, "group")]
)
async def test_who_may_not_press_is_told_and_nothing_changes(
    db: Settings, mine: dict[type[Table], int], person: int, place: str
) -> None:
    who = Conversation(db, person=person, language="en")
    shown = await who.types("/help")
    who.writes("/help", group=GROUP[0])
    await who.goes_on()
    before, tried = kept_of(mine[Channel]), 0
    for kind in of_channel():
        needs = words_of(BUTTONS, kind)
        assert needs is not None
        if needs & WHO[person]:
            continue
        if place == "group":
            await who.presses_in_group(GROUP[0], pressed(kind, mine))
        else:
            await who.presses_unseen(shown, pressed(kind, mine))
        assert re.search(NOT_YOURS, who.toast), (kind, who.toast)
        assert not who.answers, kind
        tried += 1
    assert kept_of(mine[Channel]) == before
    assert tried > 60


@pytest.mark.parametrize("person", [OWNER, EDI, NOBODY])
async def test_what_is_for_who_runs_the_service_is_refused_to_all_others(
    db: Settings, mine: dict[type[Table], int], person: int
) -> None:
    who = Conversation(db, person=person, language="en")
    shown = await who.types("/help")
    before = stored()
    kinds = [kind for kind in TARGETS.values() if kind.word in OF_ADMINS.split()]
    assert len(kinds) == len(OF_ADMINS.split())
    for kind in kinds:
        await who.presses_unseen(shown, pack(example(kind, **({"which": mine[Channel]} if kind is PauseOne else {}))))
        assert re.search(RUN_BY, who.toast), (kind, who.toast)
    for typed in ADMINS:
        assert re.search(RUN_BY, (await who.types(f"/{typed}")).text), typed
    assert stored() == before


@pytest.mark.parametrize("person", [EDI, MODE, REA])
async def test_who_may_press_is_not_told_that_they_may_not(
    db: Settings, mine: dict[type[Table], int], person: int
) -> None:
    who = Conversation(db, person=person, language="en")
    shown = await who.types("/help")
    for kind in of_channel():
        needs = words_of(BUTTONS, kind)
        if (
            needs is None
            or not needs & WHO[person]
            or kind.word in LAST
            or kind.word in ("undo", "unsay", "undochange")
        ):
            continue  # of what can be taken back it also matters whose it is
        await who.presses_unseen(shown, pressed(kind, mine, by_others=True))
        assert not re.search(NOT_YOURS, who.toast), (kind, who.toast)
        assert who.answers or who.toast, kind


@pytest.mark.parametrize("person", list(WHO))
async def test_who_may_not_type_it_is_told_and_nothing_changes(
    db: Settings, mine: dict[type[Table], int], person: int
) -> None:
    who = Conversation(db, person=person, language="en")
    handle = Channel.get_by_id(mine[Channel]).handle
    before = kept_of(mine[Channel])
    for needs, all_ in COMMANDS_BY.items():
        if needs is None or needs & WHO[person]:
            continue
        for number, typed in enumerate(all_):
            name, _, rest = typed.partition(" ")
            if number % 2 or person == OTHER:  # one by its name, one as the current: all go the same way
                typed = f"{name} @{handle} {rest}".strip()
            answer = await who.types(f"/{typed}")
            if person != OTHER:  # of another owner's own channel they may say what they like
                assert re.search(REFUSED, answer.text), (typed, answer.text)
            people.remember_dialogue(person, "", 0)
    assert kept_of(mine[Channel]) == before


@pytest.mark.parametrize("person", [p for p in WHO if p != OWNER])
async def test_what_is_answered_forwarded_sent_or_edited_takes_a_role_at_that_moment(
    db: Settings, mine: dict[type[Table], int], person: int
) -> None:
    who = Conversation(db, person=person, language="en")
    await who.types("/help")
    before = kept_of(mine[Channel])
    for kind in dialogue.STEPS.values():
        needs = words_of(STEPS, kind)
        assert needs is not None
        if needs & WHO[person]:
            continue
        people.remember_dialogue(person, dialogue.written(example(kind, channel=mine[Channel])), 0)  # type: ignore[arg-type]
        if Takes.TEXT in kind.takes:
            await who.types("12:00 hola")
        elif Takes.PHOTO in kind.takes:
            await who.sends("plaza.png", photo("blue"))
        else:
            await who.sends("lista.csv", "uno\n")
        assert re.search("no longer yours|ya no es tuyo", who.answers[-1].text), (kind, who.answers[-1].text)
    if WRITE not in WHO[person] and person != OTHER:
        assert re.search(REFUSED, (await who.forwards("Se cayó un árbol")).text)
        assert re.search(REFUSED, (await who.types("Se cayó un árbol en la avenida")).text)
        assert re.search(REFUSED, (await who.sends("plaza.png", photo("red"))).text)
        assert re.search(REFUSED, (await who.sends("plaza.png", photo("red"), "/schedule tomorrow 9:00 Hola")).text)
        assert re.search(REFUSED, (await who.sends("plaza.png", photo("red"), "/post Hola")).text)
    for link in ("/start team-", "/start team-nonsense", "/start x-1", f"/start panel:{mine[Channel]}"):
        await who.types(link)
    assert kept_of(mine[Channel]) == before


def watches_changes(but: set[str]) -> None:
    """Every change of a stored row, but of these tables, is noted from now on; a lock that changes nothing is none."""
    database.execute_sql("CREATE TABLE changed (name TEXT)")
    for table in connecting.tables():
        name, columns = table._meta.table_name, table._meta.columns
        if name in but:
            continue
        differs = " OR ".join(f'OLD."{c}" IS NOT NEW."{c}"' for c in columns)
        for what, when in (("INSERT", ""), ("DELETE", ""), ("UPDATE", f"WHEN {differs}")):
            database.execute_sql(
                f'CREATE TRIGGER "saw_{name}_{what}" AFTER {what} ON "{name}" {when}'
                f" BEGIN INSERT INTO changed VALUES ('{name}'); END"
            )


async def test_whatever_an_owner_changes_is_written_down_as_what_they_did(
    db: Settings, mine: dict[type[Table], int]
) -> None:
    who = Conversation(db, person=OWNER, language="en")
    shown = await who.types("/help")
    watches_changes(OF_ONE_PERSON)
    acts = [f":{pressed(k, mine)}" for k in of_channel() if k.word not in LAST and not k.word.startswith("ck")]
    acts += [f"/{t}" for needs, all_ in COMMANDS_BY.items() for t in all_ if needs is not None and t != "chatkeys"]
    lost = []
    for act in acts:
        database.execute_sql("DELETE FROM changed")
        done = Deed.select().count()
        if act.startswith(":"):
            await who.presses_unseen(shown, act[1:])
        else:
            await who.types(act)
        people.remember_dialogue(OWNER, "", 0)
        changed = {name for (name,) in database.execute_sql("SELECT DISTINCT name FROM changed").fetchall()}
        if changed and Deed.select().count() == done:
            lost.append((act, changed))
    assert lost == []
