"""Who helps with a channel reads and decides what is held, and nothing else; foreign numbers, links and steps give nothing."""

from typing import Any

import pytest

import bot.application  # noqa: F401, all handlers
from bot.chat.targets import TARGETS, pack
from engine.moderation import MessageKind
from engine.roles import Role
from models import undoing
from models.accounts import people, team
from models.accounts.channels import Channel
from models.database import Table
from models.moderation.senders import Sender
from models.publishing import drafts
from models.publishing.drafts import Draft, DraftRow, Way
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings
from models.streaming.messages import Message, MessageStatus
from models.undoing import Undo
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel, hears
from tests.bot.test_buttons import MEMBER, OWNER, all_refused, belongings, example, kinds_of, of_channel
from tests.bot.test_undo_chat import joins
from tests.conftest import NOW
from tests.once import once

UNKNOWN = ("Ya no conozco ese mensaje|No conozco el mensaje", "I no longer know that message|I know no message")


@pytest.fixture
async def mia(ana: Conversation) -> Conversation:
    """Of Ana's team."""
    member = ana.another(11, ana.language, "Mia")
    await joins(ana, member)
    return member


async def test_a_member_reads_no_message_that_was_never_held(ana: Conversation, mia: Conversation) -> None:
    hears("choque secretísimo", "luisa", MessageKind.DM)
    number = Message.get().id
    await mia.types(f"/message {number}")
    assert "secretísimo" not in mia.reads(*UNKNOWN).text
    await mia.presses_unseen(mia.answers[-1], f"msg:{channel().id}:{number}:0")
    mia.is_refused(*UNKNOWN)
    for forged in (f"heldblock:{channel().id}:{number}", f"block:{channel().id}:{number}:7", f"trust:{channel().id}:{number}",
                   f"heldback:{channel().id}:{number}", f"heldedit:{channel().id}:{number}"):  # fmt: skip
        await mia.presses_unseen(mia.everything()[-1], forged)
        assert not any("secretísimo" in a.text for a in mia.everything()), forged
    assert Sender.get().standing is None


async def test_a_member_reads_what_is_held_and_what_became_of_it(ana: Conversation, mia: Conversation) -> None:
    await ana.types("/review all")
    hears("choque en el faro", "pepe")
    number = Message.get().id
    await mia.types(f"/message {number}")
    mia.reads("publicar este.*faro", "publish this.*faro")
    await mia.taps("▫️ Ignorar", "▫️ Ignore")
    await mia.types(f"/message {number}")
    mia.reads("faro.*Mia dijo que no", "faro.*Mia said no")
    Message.update(decided_by=None).execute()  # it lapsed
    await mia.types(f"/message {number}")
    mia.reads("faro")


async def test_a_member_cancels_what_came_out_of_a_held_message_and_no_other(
    ana: Conversation, mia: Conversation
) -> None:
    hears("choque en la cantera")
    await ana.types("Aviso de Ana")
    await ana.taps("Publicar ya", "Post now")
    shown = await mia.types("/held")
    for tweet in Tweet.select():
        await mia.presses_unseen(shown, f"unsay:{channel().id}:{tweet.id}")
        mia.is_refused("no es para ti", "not for you")
    assert {t.status for t in Tweet.select()} == {TweetStatus.QUEUED}


async def test_nobody_reaches_the_drafts_and_the_undos_of_another_of_the_team(db: Settings) -> None:
    mine = belongings(OWNER, 70)
    people.person(MEMBER, "Mia", "es", NOW)
    team.invite(mine[Channel], "code", {Role.EDITOR, Role.MODERATOR}, NOW)
    assert team.join("code", MEMBER, NOW) is not None
    of_owner = {DraftRow: mine[DraftRow], Undo: mine[Undo]}
    made = drafts.make(Draft(mine[Channel], MEMBER, Way.EDITED, message_id=mine[Message]), now()).id
    of_member: dict[type[Table], int] = {DraftRow: made}
    member = Conversation(db, person=MEMBER, language="en")
    tried = 0
    for person, theirs in ((member, of_owner), (member.another(OWNER), of_member)):
        tried += await all_refused(
            person,
            (
                example(kind, channel=mine[Channel], **{name: theirs[of.table]})
                for kind in of_channel()
                for name, (_, of) in kinds_of(kind).items()
                if of is not None and of.table in theirs
            ),
        )
    assert tried > 20


@pytest.mark.parametrize("kind", list(TARGETS.values()), ids=TARGETS)
async def test_what_a_button_names_may_be_gone(db: Settings, kind: type[Any]) -> None:
    """A sentence, whatever is left of what it names; never trouble of ours, and nothing is made of nothing."""
    mine = once(db, "mine", lambda: belongings(OWNER, 70))
    owner = Conversation(db, person=OWNER, language="en")
    shown = await owner.types("/help")
    ids = {name: 10**9 for name, (_, of) in kinds_of(kind).items() if of is not None}
    channel_too = {"channel": mine[Channel]} if "channel" in kinds_of(kind) else {}
    await owner.presses_unseen(shown, pack(example(kind, **channel_too, **ids)))
    assert owner.answers or owner.toast, "neither an answer nor a word"
    assert not any("went wrong" in a.text for a in owner.answers)


async def test_links_into_the_chat_give_nothing_to_whom_they_are_not_for(ana: Conversation, ben: Conversation) -> None:
    for typed in ("/start team-", "/start x-", "/start x-1", "/start 1", f"/start panel:{channel().id}"):
        await ben.types(typed)
        assert "TraficoValle" not in ben.answers[-1].text, typed


async def test_what_is_held_is_decided_by_no_other_owner(ana: Conversation, ben: Conversation) -> None:
    """The one handler that had no check: my channel, anybody's message."""
    await ana.types("/review all")
    hears("choque en el faro", "pepe")
    shown = await ben.types("/channel")
    number = Message.get().id
    for word in ("heldno", "heldyes", "heldedit", "heldback", "heldblock", "msg", "trust"):
        more = ":0" if word == "msg" else ""
        await ben.presses_unseen(shown, f"{word}:{channel('LluviaYa').id}:{number}{more}")
        ben.is_refused("no es para ti", "not for you")
    assert Message.get().status is MessageStatus.HELD
    assert undoing.KEPT
