"""Every button: somebody answers it, it fits, it comes back as what it was, and it obeys nobody whom it is not for."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import timedelta
from enum import StrEnum
from typing import Any, get_args, get_type_hints

import pytest

import bot.application  # noqa: F401, all handlers
from bot.chat import dialogue, handling, targets
from bot.chat.dialogue import Takes
from bot.chat.targets import TARGETS, Of, Target, UnknownButton, pack, unpack
from engine import posts
from engine.hashtags import Hashtag
from engine.moderation import Keyword, KeywordRole, MessageKind
from engine.when import When
from engine.x.events import Account, Heard
from models import connecting, undoing
from models.accounts import people, team
from models.accounts.channels import Auth, Channel
from models.accounts.tokens import Tokens
from models.database import Table
from models.database import db as database
from models.moderation import lists, senders
from models.moderation.lists import Keyword as KeywordRow
from models.moderation.senders import Sender
from models.publishing import drafts, hashtags, placing
from models.publishing.drafts import Draft, DraftRow, Way
from models.publishing.hashtags import Hashtag as HashtagRow
from models.publishing.tweets import Tweet
from models.scheduling import schedules
from models.scheduling.schedules import Schedule
from models.settings import Settings
from models.streaming import messages, optouts
from models.streaming.messages import Message
from models.streaming.optouts import AskedBy, OptOut, Word
from models.undoing import Undo
from models.watching import drafts as watch_drafts
from models.watching import watched
from models.watching.drafts import WatchDraft
from models.watching.watched import Watched
from tests.bot.conversation import Conversation
from tests.conftest import NOW
from tests.once import once

OWNER, OTHER, STRANGER, MEMBER = 7, 8, 9, 10
ROWS = 10**15  #: more than a million rows a second for thirty years
NOT_YOURS = r"no es para ti|not for you"


def of_channel() -> list[type[Any]]:
    return [kind for kind in TARGETS.values() if "channel" in get_type_hints(kind)]


def kinds_of(kind: type[Any]) -> dict[str, tuple[type[Any], Of | None]]:
    hints = get_type_hints(kind, include_extras=True)
    found: dict[str, tuple[type[Any], Of | None]] = {}
    for field in fields(kind):
        kinds = get_args(hints[field.name])
        found[field.name] = (
            (kinds[0], kinds[1])
            if len(kinds) == 2 and isinstance(kinds[1], Of)
            else (
                hints[field.name],
                None,
            )
        )
    return found


def example(kind: type[Any], **given: Any) -> Target:
    """A button of this kind; what is not given has some value."""
    values: dict[str, Any] = {}
    for name, (hint, _) in kinds_of(kind).items():
        if issubclass(hint, StrEnum):
            values[name] = next(iter(hint))
        else:
            values[name] = {int: 1, bool: True, str: "x"}[hint]
    return kind(**{**values, **given})  # type: ignore[no-any-return]


def test_every_button_has_its_handler_and_every_handler_its_button() -> None:
    assert set(TARGETS.values()) == set(handling.HANDLERS)
    typed = {kind for kind in dialogue.STEPS.values() if kind.takes & (Takes.TEXT | Takes.FILE)}
    assert typed == set(handling.ANSWERS), "a photo alone is answered by bot/publishing/media.py"
    for kind, handled in handling.HANDLERS.items():
        assert (handled.needs is None) == ("channel" not in get_type_hints(kind)), kind


@pytest.mark.parametrize("kind", TARGETS.values(), ids=TARGETS)
def test_it_fits_and_comes_back_as_what_it_was(kind: type[Any]) -> None:
    values: dict[str, Any] = {}
    for name, (hint, of) in kinds_of(kind).items():
        if issubclass(hint, StrEnum):
            values[name] = max(hint, key=lambda member: len(member.value))
        elif hint is str:  # a text that a button carries is cut to what fits by who makes it
            values[name] = "a:b" if name == fields(kind)[-1].name else "a_name_of_ours"
        else:
            values[name] = False if hint is bool else ROWS if of is not None else 2**31 - 1
    button = kind(**values)
    assert len(pack(button).encode()) <= targets.MOST_BYTES
    assert unpack(pack(button)) == button


@pytest.mark.parametrize(
    "data", ["", "nothing", "panel", "panel:x", "kw:1:nonsense:0", "sw:1", "gap:1:²", "on:1:2", "panel:9" + "9" * 20]
)
def test_what_is_no_button_is_known_as_none(data: str) -> None:
    with pytest.raises(UnknownButton):
        unpack(data)


@pytest.fixture
def mine(db: Settings) -> dict[type[Table], int]:
    return once(db, "mine", lambda: belongings(OWNER, 70))


@pytest.fixture
def foreign(db: Settings, mine: dict[type[Table], int]) -> dict[type[Table], int]:
    return once(db, "mine and foreign", lambda: belongings(OTHER, 90))


def belongings(owner: int, x_id: int) -> dict[type[Table], int]:
    """A channel with a row of everything that a button can name; the ids by their tables."""
    people.person(owner, "Ana", "es", NOW)
    tokens = Tokens(Auth.OAUTH2, "access", "refresh", expires_at=NOW + timedelta(days=9000))
    channel = connecting.connect_channel(Account(x_id, f"canal{x_id}", "Canal"), owner, tokens, NOW)
    lists.add(channel.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    messages.hear({x_id: channel.id}, [Heard(MessageKind.MENTION, x_id, 1, 5, "pepe", "Pepe", "choque", NOW)], NOW)
    senders.heard([(channel.id, 5, "pepe", "Pepe", 1, 0, NOW)])
    optouts.heed(channel.id, Word(True, NOW, AskedBy.SELF, 6, "eva", "Eva"))
    hashtags.put(channel.id, Hashtag("metro"))
    said = posts.plain("hola")
    rows: dict[type[Table], int] = {Channel: channel.id}
    tweet = placing.say_now(channel.id, owner, said, NOW, fresh=timedelta(days=9000)).tweet_id
    when = When(NOW.replace(tzinfo=None) + timedelta(days=9000))
    schedule = schedules.create(channel.id, owner, [said], when, "es", NOW).id
    draft = drafts.make(Draft(channel.id, owner, Way.BY_HAND, (said,)), NOW).id
    undo = undoing.keep(channel.id, owner, f"panel:{channel.id}", NOW, team.MemberBefore(MEMBER))
    rows[Message] = Message.get(Message.channel_id == channel.id).id
    rows[Sender] = Sender.get(Sender.channel_id == channel.id).id
    rows[OptOut] = OptOut.get(OptOut.channel_id == channel.id).id
    rows[KeywordRow] = KeywordRow.get(KeywordRow.channel_id == channel.id).id
    rows[HashtagRow] = HashtagRow.get(HashtagRow.channel_id == channel.id).id
    wish = watched.a_search("lluvia")
    rows[Watched] = watched.add(channel.id, wish, owner, NOW)[0].id
    rows[WatchDraft] = watch_drafts.make(channel.id, owner, wish, NOW)
    return rows | {Tweet: tweet, Schedule: schedule, DraftRow: draft, Undo: undo}


def foreign_ones(channel_id: int, foreign: dict[type[Table], int]) -> Iterator[Target]:
    """Buttons of the channel, each with one id of another's."""
    for kind in of_channel():
        for name, (_, of) in kinds_of(kind).items():
            if of is not None:
                yield example(kind, channel=channel_id, **{name: foreign[of.table]})


def stored() -> list[tuple[str, list[Any]]]:
    """All that is stored, but for what everybody's looking changes."""
    passing = {"person", "inbox", "schema_migration"}
    names = [t._meta.table_name for t in connecting.tables() if t._meta.table_name not in passing]
    return [(name, sorted(map(repr, database.execute_sql(f'SELECT * FROM "{name}"').fetchall()))) for name in names]


async def all_refused(who: Conversation, buttons: Iterable[Target]) -> int:
    """The person is told of each that it is not for them, and nothing changes by it; how many were pressed."""
    tried, shown = 0, await who.types("/help")
    before = stored()
    for button in buttons:
        await who.presses_unseen(shown, pack(button))
        assert stored() == before, button
        assert re.search(NOT_YOURS, who.toast), button
        tried += 1
    return tried


async def test_no_button_reaches_what_belongs_to_another_channel(
    db: Settings, mine: dict[type[Table], int], foreign: dict[type[Table], int]
) -> None:
    owner = Conversation(db, person=OWNER, language="es")
    assert await all_refused(owner, foreign_ones(mine[Channel], foreign)) > 30


@pytest.mark.both_databases
async def test_no_number_or_text_that_a_forged_button_carries_breaks_anything(
    db: Settings, mine: dict[type[Table], int]
) -> None:
    owner = Conversation(db, person=OWNER, language="es")
    shown = await owner.types("/help")
    forged: dict[type[Any], tuple[Any, ...]] = {int: (-1, 2**31, 2**63 - 1), str: ("", "\0", "<b>&")}
    for kind in of_channel():
        hints = kinds_of(kind)
        named = {name: mine[of.table] for name, (_, of) in hints.items() if of is not None}
        for name in hints.keys() - named.keys() - {"channel"}:
            for value in forged.get(hints[name][0], ()):
                button = example(kind, **{"channel": mine[Channel], **named, name: value})
                await owner.presses_unseen(shown, pack(button))  # raises what breaks


async def test_another_owner_reaches_nothing_by_naming_what_is_mine(
    db: Settings, mine: dict[type[Table], int], foreign: dict[type[Table], int]
) -> None:
    other = Conversation(db, person=OTHER, language="en")
    assert await all_refused(other, foreign_ones(foreign[Channel], mine)) > 30
