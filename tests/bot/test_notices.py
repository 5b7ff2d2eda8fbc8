"""Every kind of notice is drawn in both languages, in milliseconds, and one that can't be is dropped, never stuck."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

import pytest
from telegram.ext import ExtBot

import bot.web  # noqa: F401, as in the bot's process
from bot.chat.language import LANGUAGES, Speaker
from bot.chat.targets import pack
from bot.chat.turn import plain
from bot.moderation import notices as of_messages
from bot.notifications import drawing
from bot.notifications.delivery import Delivery
from bot.notifications.drawing import About
from bot.notifications.parcels import CROWD, LONG_AGO
from engine import posts
from engine.moderation import Keyword, KeywordRole, MessageKind
from engine.moderation.repeats import REPEATS_ON
from engine.when import understand
from engine.x.chat.reading import Why
from engine.x.events import Heard
from models import choosing
from models.accounts import troubles
from models.accounts.channels import Channel
from models.accounts.chat_keys import ChatKeys, KeyState
from models.accounts.troubles import APP, Trouble
from models.accounts.troubles import Kind as TroubleKind
from models.moderation import judging, lists
from models.moderation.senders import Sender
from models.notifications import notices
from models.notifications.declaring import NoticeKind, Setting, Told, kinds
from models.notifications.kinds import (
    BlockOver,
    CardShown,
    ChatKeysStand,
    Connected,
    DayFull,
    DayUsed,
    Edited,
    Expired,
    Failed,
    Held,
    Joined,
    Locked,
    OnHold,
    OnItsWay,
    PlanShown,
    Posted,
    Said,
    SenderBlocked,
    SignInWaits,
    Skipped,
    Stopped,
    TokenDead,
    Troubled,
    TroubleOver,
    UndoFailed,
    Unreadable,
    WhileOff,
)
from models.notifications.kinds_of_budgets import BudgetGoesOn, BudgetUsed, CreditsLow
from models.notifications.kinds_of_control import Alarm, AlarmOver, Paused, Resumed
from models.notifications.kinds_of_deletions import TakenBack
from models.notifications.kinds_of_desks import DeskWord
from models.notifications.kinds_of_entry import AskedIn, CameIn, PutOut, Refused
from models.notifications.kinds_of_opting import OptedIn, OptedOut
from models.notifications.kinds_of_team import HandoverOffered, HandoverOver, MemberLeft, TeamChanged
from models.notifications.notices import Notice, NoticeStatus
from models.notifications.watching import WatchStopped
from models.publishing import placing
from models.scheduling import schedules
from models.settings import Settings
from models.streaming import chats, messages
from models.streaming.chats import Arrived, ChatEvent, ChatStatus
from models.streaming.messages import Message
from tasks.clock import now
from tests.bot.recording import Chat
from tests.channels import connected
from tests.conftest import NOW

ANA = 7
SAYS = {
    Posted: ("reposted\n@pepe: choque <1>", "reposteó\n@pepe: choque <1>"),
    Said: ("said this\nVía cerrada", "dijo esto\nVía cerrada"),
    Failed: ("could not post this: X refused it", "no pudo publicar esto: X no lo quiso"),
    Expired: ("did not post this: it would have been too late", "no publicó esto: habría sido demasiado tarde"),
    UndoFailed: ("could not be undone: X says: «no such post»", "deshacer un tuit de @trafico: X dice: «no such post»"),
    OnHold: ("on hold.\nIt goes on in 9 minutes by itself. Posted: 3", "9 minutos"),
    DayFull: ("planned waits as long as its time allows; it goes on in 3 hours", "en 3 horas"),
    DayUsed: ("8120 of the 10000 posts that X allows your app", "8120 de los 10000 tuits"),
    Locked: ("so it is off and nothing is posted. X says: «locked & <shut>»", "X dice: «locked & <shut>»"),
    TokenDead: ("no longer accepts the access to", "ya no acepta el acceso"),
    Troubled: ("on hold.\nX says: too many requests.\nI try again in 9", "está en pausa.\nX dice: demasiadas"),
    WhileOff: ("1 post that waited goes out after all.\n⌛ 3 posts were due", "⌛ 3 tuits tocaban"),
    TroubleOver: ("X's pause is over: @trafico posts again. It lasted 9", "publica otra vez. Duró 9"),
    Connected: ("is connected. Its rules are as they were", "Sus reglas están como estaban"),
    SignInWaits: ("signed in as @otro & otra through your link", "entró como @otro & otra con tu enlace"),
    Held: ("choque <1>", "choque <1>"),
    CardShown: ("choque <1>", "choque <1>"),
    PlanShown: ("Scheduled: every Saturday", "Programado: cada sábado"),
    OnItsWay: ("On its way to X.\nVía cerrada", "En camino a X.\nVía cerrada"),
    SenderBlocked: ("blocked @pepe for 7 days: filter: promo & más.", "bloqueó a @pepe por 7 días"),
    BlockOver: ("The block of @pepe on", "El bloqueo de @pepe en"),
    OptedOut: ("@pepe asked not to be reposted by", "@pepe pidió no salir en"),
    OptedIn: ("@pepe says that", "@pepe dice que"),
    Edited: ("edited by its writer afterwards. The post stays as it is.\nNow: choque <1>", "Ahora: choque <1>"),
    TakenBack: ("X no longer shows what @pepe wrote: I am taking", "X ya no muestra lo que @pepe escribió: estoy"),
    Stopped: ("can't be worked out, so it is paused", "No logro calcular una programación de"),
    Alarm: ("The process worker on pi is gone, and none", "El proceso worker en pi ya no está"),
    Paused: ("Who runs this service has paused @trafico", "ha pausado @trafico"),
    Resumed: ("@trafico goes on", "@trafico sigue"),
    AlarmOver: (
        "No worker on pi is missing any more. The alarm lasted 9",
        "Ya no falta worker en pi. La alarma duró 9",
    ),
    Skipped: ("2 times of this schedule were skipped.\nBuenos <días>", "2 veces"),
    WatchStopped: (
        "no more today: it has brought 100 posts, for $0.50.\nIt goes on",
        "trajo 100 publicaciones, por $0.50",
    ),
    Unreadable: ("1 encrypted DM to @trafico could not be read:\n• 1: the signature", "1 directo cifrado a @trafico"),
    ChatKeysStand: ("has keys that are not here", "tiene claves que no están aquí"),
    DeskWord: ("may not write in Mesa, the desk of", "No puedo escribir en Mesa, la mesa de"),
    AskedIn: ("✋ <Ben> 8 asks to come in", "✋ <Ben> 8 pide entrar"),
    CameIn: ("You are in: who runs", "Ya estás dentro: quien lleva"),
    Refused: ("did not let you in this time", "no te dejó entrar esta vez"),
    PutOut: ("has ended your access", "terminó tu acceso"),
    BudgetUsed: (
        "@trafico has used 80 % of its budget: $8.00 of $10 this month.\n⏸ Stopped for want of money",
        "@trafico lleva el 80 % de su presupuesto: $8.00 de $10 este mes.\n⏸ Parado",
    ),
    BudgetGoesOn: ("A new month: @trafico goes on, with $10", "Mes nuevo: @trafico sigue, con $10"),
    CreditsLow: ("about $4.50 are left, enough for 2 days", "quedan unos $4.50, para 2 días"),
    Joined: ("<Ben> is in the team of", "<Ben> está ahora en el equipo"),
    MemberLeft: ("8 has left the team", "8 dejó el equipo"),
    TeamChanged: ("you are now: editor, reader", "ahora eres: editor, lector"),
    HandoverOffered: ("8 wants to hand @trafico over to you", "8 quiere traspasarte @trafico"),
    HandoverOver: ("is 8's from now on", "es de 8 desde ahora"),
}


@dataclass(frozen=True)
class World:
    """A channel with a message on X, and a tweet of its owner's own."""

    channel: Channel
    message: int
    tweet: int
    written: int

    @property
    def examples(self) -> list[Told]:
        """One of each kind."""
        again = NOW + timedelta(minutes=9)
        return [
            Posted(self.tweet), Said(self.written), Failed(self.written, "refused", "", NOW),
            Expired(self.written, "stale", "", NOW), UndoFailed(self.written, "no such post", 3),
            OnHold(NOW + timedelta(minutes=9), "limit", 3, 2, 1), TokenDead("revoked", 1), Connected(1),
            DayFull(NOW + timedelta(hours=3)), DayUsed(80, 8_120, 10_000, NOW),
            Locked("locked & <shut>", NOW),
            Troubled("limit", "", NOW), TroubleOver("limit", NOW, NOW + timedelta(minutes=9)),
            WhileOff(1, 3, (self.written,), 0, NOW),
            SignInWaits("otro & otra"), Held(self.message),
            SenderBlocked(self.message, 5, "pepe", 7, "filter", ("promo & más",)), Edited(self.message, self.tweet),
            BlockOver(4, "@pepe", NOW), Skipped(1, 2, "Buenos <días>"), Joined("<Ben>", 8, NOW),
            Stopped(1, NOW), Alarm("process_gone", "worker @ pi", "<1>", NOW), Paused(NOW), Resumed(NOW), AlarmOver("process_gone", "worker @ pi", NOW, again), CardShown(self.message), OnItsWay(self.written),
            MemberLeft(8, NOW), TeamChanged("editor,reader", NOW), HandoverOffered(8, NOW), HandoverOver(8, True, NOW),
            PlanShown(1, 1), WatchStopped(1, "@inameh", "ceiling", 100, 500_000, "", NOW + timedelta(hours=9), NOW),
            TakenBack(self.message, self.tweet), ChatKeysStand("elsewhere", NOW), Unreadable(NOW),
            DeskWord("mute", "Mesa", NOW),
            BudgetUsed(0, 8_000_000, 10_000_000, NOW, NOW, 80, ("links",)),
            BudgetGoesOn(0, 0, 10_000_000, NOW, NOW), CreditsLow(4_500_000, 2, NOW),
            OptedOut(self.message, 5, "pepe", 2, NOW), OptedIn(self.message, 5, "pepe", NOW),
            AskedIn(8, "<Ben>", NOW), CameIn(NOW), Refused(NOW), PutOut(NOW),
        ]  # fmt: skip


@pytest.fixture
def world(db: Settings) -> World:
    channel = connected()
    lists.add(channel.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    choosing.choose(channel.id, NOW, burst_most=0)
    choosing.flip(channel.id, REPEATS_ON, NOW, on=False)
    messages.hear({70: channel.id}, [Heard(MessageKind.MENTION, 70, 1, 5, "pepe", "Pepe", "choque <1>", NOW)], NOW)
    rules = judging.load_rules(Channel.get_by_id(channel.id))
    (waiting,) = messages.waiting(10)
    (queued,) = judging.judge([(waiting, rules, rules.ruleset.read(waiting.said))], NOW).queued
    written = placing.say_now(channel.id, ANA, posts.plain("Vía cerrada & <más>"), NOW, fresh=timedelta(minutes=5))
    when, _ = understand("every saturday 9:00 x", NOW.replace(tzinfo=None))
    schedules.create(channel.id, ANA, [posts.plain("Mercado")], when, "en", NOW)
    ChatKeys.update(state=KeyState.ELSEWHERE).execute()
    chats.arrived([Arrived(channel.id, 5, 5, "forged")], NOW)
    ChatEvent.update(status=ChatStatus.UNREAD, why=Why.FORGED).execute()
    Trouble.insert(
        channel_id=APP, kind=TroubleKind.PROCESS_GONE, subject="worker @ pi", since=NOW, met_at=NOW
    ).execute()
    again = NOW + timedelta(minutes=9)
    Trouble.insert(
        channel_id=channel.id, kind=TroubleKind.LIMIT, since=NOW, met_at=NOW, until=again, said="Too Many Requests"
    ).execute()
    return World(Channel.get_by_id(channel.id), waiting.id, queued.tweet_id, written.tweet_id)


def test_no_kind_is_without_its_drawer_its_example_and_its_words(world: World) -> None:
    assert drawing.without_drawer() == []
    assert {type(e) for e in world.examples} == set(kinds()) == set(SAYS)
    assert set(drawing.switches()) == set(Setting)
    assert all(drawing.switches().values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_is_drawn(world: World, language: str) -> None:
    say, about = Speaker(language), About(ANA, world.channel, NOW)
    for example in world.examples:
        shown = drawing.draw(say, [example], about)
        assert shown is not None, example
        text, rows = shown
        assert SAYS[type(example)][language == "es"] in plain(text)
        assert "{" not in text
        assert "<1>" not in text, "it is escaped"
        assert "<Ben>" not in text
        assert len(text) < 4096
        for _, target in (button for row in rows for button in row):
            assert target.startswith("https://x.com/") if isinstance(target, str) else pack(target)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_folds_is_drawn_together(world: World, language: str) -> None:
    say, about = Speaker(language), About(ANA, world.channel, NOW)
    for kind in (k for k, how in kinds().items() if how.folding.folds):
        (example,) = [e for e in world.examples if type(e) is kind]
        shown = drawing.draw(say, [example, example, example], about)
        assert shown is not None, kind
    posted = drawing.draw(say, [Posted(world.tweet), Posted(world.written)], about)
    assert posted is not None
    assert ("publicó 2 mensajes" if language == "es" else "posted 2 messages") in plain(posted[0])
    assert [label for row in posted[1] for label, _ in row] == ["↩️ 1", "↩️ 2"]


def test_what_is_gone_has_nothing_left_to_tell(world: World) -> None:
    say, about = Speaker("en"), About(ANA, world.channel, NOW)
    for gone in (Posted(99), Said(99), Held(99)):
        assert drawing.draw(say, [gone], about) is None
    for over in (OnHold(NOW), DayFull(NOW)):
        assert drawing.draw(say, [over], about) is None
    assert drawing.draw(say, [Posted(98), Posted(99)], about) is None
    assert drawing.draw(say, [Failed(99, "gone")], about) is not None, "what went wrong is told nevertheless"


# --- delivery --------------------------------------------------------------------------------------------------


async def deliver() -> Chat:
    chat = Chat()
    await Delivery(cast(ExtBot[Any], chat)).catch_up()
    return chat


async def test_one_of_each_kind_is_delivered(world: World) -> None:
    for example in world.examples:
        if isinstance(example, OnHold | DayFull):
            example = replace(example, until=now() + timedelta(minutes=9))
        channel_id = None if isinstance(example, SignInWaits) else world.channel.id
        notices.tell(ANA, example, NOW, channel_id=channel_id)
    chat = await deliver()
    assert len(chat.sent) == len(kinds())
    assert {n.status for n in Notice.select()} == {NoticeStatus.DELIVERED}


async def test_what_nobody_can_draw_is_dropped_and_delays_nobody(world: World) -> None:
    unknown: dict[str, Any] = {"person_id": ANA, "channel_id": world.channel.id, "due_at": NOW, "created_at": NOW}
    Notice.insert(kind=cast(NoticeKind, "a kind of tomorrow"), data='{"what": 1}', **unknown).execute()
    Notice.insert(kind=NoticeKind.SKIPPED, data='{"wall": 7, "count": "many"}', **unknown).execute()
    notices.tell(ANA, TokenDead(), NOW, channel_id=None)  # a mistake of ours: it needs a channel
    notices.tell(ANA, Joined("Ben"), NOW, channel_id=world.channel.id + 1)  # forgotten meanwhile
    notices.tell(ANA, Joined("Ben"), NOW, channel_id=world.channel.id)
    chat = await deliver()
    assert len(chat.sent) == 2, "the skipped times, with defaults, and who joined"
    assert sorted(n.status for n in Notice.select()) == ["delivered", "delivered", "dropped", "dropped", "dropped"]


async def test_posts_fold_into_one_message_and_into_the_one_just_told(world: World) -> None:
    for tweet in (world.tweet, world.written):
        notices.tell(ANA, Posted(tweet), NOW, channel_id=world.channel.id, tweet_id=tweet)
    chat = await deliver()
    assert [plain(t).split("\n")[0] for t in chat.sent] == ["🔁 @trafico publicó 2 mensajes"]
    again = Posted(
        placing.say_now(world.channel.id, ANA, posts.plain("Otra"), NOW, fresh=timedelta(minutes=5)).tweet_id
    )
    notices.tell(ANA, again, NOW, channel_id=world.channel.id, tweet_id=again.tweet)
    chat = await deliver()
    assert chat.sent == []
    assert [plain(t).split("\n")[0] for t in chat.edited] == ["🔁 @trafico publicó 3 mensajes"]


async def test_many_posts_of_a_long_outage_are_one_sentence_and_what_is_new_is_told_as_ever(world: World) -> None:
    channel_id, long_ago = world.channel.id, now() - 2 * LONG_AGO
    for tweet in range(100, 140):
        notices.tell(ANA, Posted(tweet), long_ago, channel_id=channel_id, tweet_id=tweet)
    notices.tell(ANA, Joined("Ben"), long_ago, channel_id=channel_id)
    notices.tell(ANA, Posted(world.tweet), now(), channel_id=channel_id, tweet_id=world.tweet)
    chat = await deliver()
    assert [plain(t).split("\n")[0] for t in chat.sent] == [
        "🔁 @trafico publicó 40 mensajes mientras no podía avisarte aquí.",
        "👥 Ben está ahora en el equipo de @trafico.",
        "🔁 @trafico reposteó",
    ]
    assert {n.status for n in Notice.select()} == {NoticeStatus.DELIVERED}


@pytest.mark.parametrize(("count", "told"), [(CROWD, CROWD), (CROWD + 1, 1)])
async def test_held_messages_fold_only_where_many_come_together(world: World, count: int, told: int) -> None:
    more = [Heard(MessageKind.MENTION, 70, 10 + n, 5, "pepe", "Pepe", f"choque {n}", NOW) for n in range(count)]
    messages.hear({70: world.channel.id}, more, NOW)
    for waiting in messages.waiting(100):
        notices.tell(ANA, Held(waiting.id), NOW, channel_id=world.channel.id, message_id=waiting.id)
    assert len((await deliver()).sent) == told


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_end_of_what_is_everybodys_names_all_channels_of_the_person(world: World, language: str) -> None:
    other = connected(71, "lluvia")
    for kind in (TroubleKind.APP_STOPPED, TroubleKind.DAY_FULL):
        troubles.met(world.channel.id, kind, NOW, until=NOW + timedelta(hours=9))
        troubles.met(other.id, kind, NOW, until=NOW + timedelta(hours=9))
        troubles.over(other.id, NOW + timedelta(minutes=8), kind)
        troubles.over(world.channel.id, NOW + timedelta(minutes=9), kind)
        last = Notice.select().where(Notice.kind == NoticeKind.TROUBLE_OVER).order_by(Notice.id.desc()).get()
        assert last.value is not None
        shown = drawing.draw(Speaker(language), [last.value], About(ANA, world.channel, NOW + timedelta(minutes=9)))
        assert shown is not None
        assert "@trafico, @lluvia" in plain(shown[0])


async def test_who_came_without_a_name_is_called_as_they_are_known_here_and_never_by_a_number(world: World) -> None:
    Message.update(sender_handle="").execute()
    told = TakenBack(world.message, world.tweet)
    about = About(ANA, world.channel, NOW)
    assert "what @pepe wrote" in str(of_messages.taken_back(Speaker("en"), told, about))
    Sender.update(handle="").execute()
    assert "what somebody wrote" in str(of_messages.taken_back(Speaker("en"), told, about))
