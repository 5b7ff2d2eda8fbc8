"""The door and the limits as they are stored: of two who come at the same moment one is first, and nothing is between."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from engine import posts
from engine.moderation import Keyword, KeywordRole
from engine.roles import May, Role
from engine.when import When
from models import choosing, database
from models.accounts import admins, admission, handing_over, limits, standings, team
from models.accounts.admission import NotLetIn, SignUp
from models.accounts.channels import Channel, OffReason
from models.accounts.limits import EVERYBODY, NO_END, Limited, TooMany
from models.accounts.standings import Standing
from models.control import entrance, switching
from models.moderation import lists
from models.scheduling import schedules
from models.settings import Settings, read_limits, settings
from tests.channels import connected
from tests.conftest import NOW

ANA, BEN, EVA, BOSS = 7, 8, 9, 1


@pytest.fixture(autouse=True)
def door(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody runs the service, and lets people in."""
    monkeypatch.setattr(settings(), "sign_up", "")
    monkeypatch.setattr(settings(), "admin_ids", (BOSS,))


def at_once(*works: Callable[[], object]) -> list[object]:
    """What each of these came to, done at the same moment; its error for one that was refused."""

    def done(work: Callable[[], object]) -> object:
        try:
            return work()
        except (TooMany, NotLetIn) as error:
            return error
        finally:
            database.forget_connection()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(done, works))


def word(text: str) -> list[Keyword]:
    return [Keyword(KeywordRole.TRIGGER, text)]


def test_of_two_who_make_the_last_one_at_the_same_moment_one_does() -> None:
    admission.let_in(ANA, BOSS, NOW)
    here, there = connected(70, "uno"), connected(71, "dos")
    limits.allow(ANA, Limited.KEYWORDS, 3)
    limits.allow(ANA, Limited.SCHEDULES, 1)
    lists.add(here.id, [*word("a"), *word("b")])
    came = at_once(lambda: lists.add(here.id, word("c")), lambda: lists.add(there.id, word("d")))
    assert sum(isinstance(c, TooMany) for c in came) == 1
    assert lists.Keyword.select().count() == 3
    when, said = When(NOW.replace(tzinfo=None) + timedelta(days=1)), [posts.plain("hola")]
    came = at_once(*(lambda c=c: schedules.create(c, ANA, said, when, "es", NOW) for c in (here.id, there.id)))
    assert sum(isinstance(c, TooMany) for c in came) == 1
    assert schedules.Schedule.select().count() == 1


def test_a_limit_holds_for_copies_channels_and_what_is_brought_back_and_less_is_always_allowed() -> None:
    admission.let_in(ANA, BOSS, NOW)
    here, there = connected(70, "uno"), connected(71, "dos")
    lists.add(here.id, [*word("a"), *word("b")])
    limits.allow(ANA, Limited.KEYWORDS, 2)
    with pytest.raises(TooMany):
        choosing.copy(here.id, there.id, NOW)
    assert lists.keywords(there.id, KeywordRole.TRIGGER) == []
    limits.allow(ANA, Limited.KEYWORDS, 1)
    assert lists.remove_keywords(here.id, KeywordRole.TRIGGER, ["a"])  # who has more than they may can have less
    limits.allow(ANA, Limited.SCHEDULES, 1)
    when, said = When(NOW.replace(tzinfo=None) + timedelta(days=1)), [posts.plain("hola")]
    first = schedules.create(here.id, ANA, said, when, "es", NOW)
    with pytest.raises(TooMany):
        schedules.duplicate(first, NOW)
    assert schedules.delete(first)
    schedules.create(there.id, ANA, said, when, "es", NOW)
    with pytest.raises(TooMany):
        schedules.put_back(first, NOW)
    limits.allow(EVERYBODY, Limited.CHANNELS, 2)
    with pytest.raises(TooMany):
        connected(72, "tres")
    assert connected(70, "uno").id == here.id  # a new sign-in of one that runs
    assert Channel.select().count() == 2
    limits.allow(ANA, Limited.CHANNELS, NO_END)
    connected(72, "tres")


def test_nobody_who_is_not_in_gets_a_channel_by_any_way() -> None:
    with pytest.raises(NotLetIn):
        connected(70, "uno")
    admission.let_in(ANA, BOSS, NOW)
    channel = connected(70, "uno")
    team.invite(channel.id, "code", {Role.EDITOR}, NOW)
    assert team.join("code", BEN, NOW) is not None
    assert handing_over.offer(channel.id, ANA, BEN, NOW)
    with pytest.raises(NotLetIn):
        handing_over.take(channel.id, BEN, NOW)
    admission.let_in(BEN, BOSS, NOW)
    limits.allow(BEN, Limited.CHANNELS, 0)
    with pytest.raises(TooMany):
        handing_over.take(channel.id, BEN, NOW)
    assert Channel.get_by_id(channel.id).owner_id == ANA
    limits.allow(BEN, Limited.CHANNELS, 1)
    assert handing_over.take(channel.id, BEN, NOW) == ANA


def test_who_is_put_out_has_no_channel_that_runs_whatever_comes_at_the_same_moment() -> None:
    admission.let_in(ANA, BOSS, NOW)
    at_once(lambda: connected(70, "uno"), lambda: entrance.put_out(ANA, BOSS, NOW))
    assert standings.standing_of(ANA) is Standing.OUT
    for channel in Channel.select():
        assert (channel.is_on, channel.off_reason) == (False, OffReason.PUT_OUT)
        assert not switching.switch(channel.id, on=True, now=NOW)
    with pytest.raises(NotLetIn):
        connected(71, "dos")


def test_who_is_put_out_helps_with_nobodys_channel_until_they_are_let_in_again() -> None:
    admission.let_in(ANA, BOSS, NOW)
    channel = connected(70, "uno")
    team.invite(channel.id, "code", {Role.MODERATOR}, NOW)
    team.join("code", EVA, NOW)
    assert admission.way_of(EVA).speaks
    assert team.who_may(channel, May.DECIDE) == [ANA, EVA]
    assert entrance.put_out(EVA, BOSS, NOW)
    assert team.who_may(channel, May.DECIDE) == [ANA]
    assert not team.may(channel, EVA, May.DECIDE)
    assert not admission.way_of(EVA).speaks
    assert entrance.let_in(EVA, BOSS, NOW)
    assert team.who_may(channel, May.DECIDE) == [ANA, EVA]


def test_an_invitation_and_a_question_count_once_whoever_is_quick() -> None:
    admission.invite("code", BOSS, NOW)
    came = at_once(*(lambda p=p: admission.use_pass("code", p, NOW) for p in (ANA, BEN, EVA)))
    assert came.count(True) == 1
    stranger = next(p for p in (ANA, BEN, EVA) if standings.standing_of(p) is None)
    asked = at_once(*(lambda: entrance.ask(stranger, "S", "", "", NOW) for _ in range(3)))
    assert asked.count(True) == 1
    decided = at_once(lambda: entrance.accept(stranger, BOSS, NOW), lambda: entrance.refuse(stranger, BOSS, NOW))
    assert decided.count(True) == 1
    assert not admission.use_pass("code", 77, NOW + admission.PASS_LIFE)


def test_the_door_is_closed_until_somebody_runs_the_service_unless_the_settings_say_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert admission.sign_up() is SignUp.INVITED
    monkeypatch.setattr(settings(), "admin_ids", ())
    assert admission.sign_up() is SignUp.CLOSED
    monkeypatch.setattr(settings(), "sign_up", "open")
    assert admission.sign_up() is SignUp.OPEN
    admission.choose(SignUp.CLOSED)  # what an admin has said goes before
    assert admission.sign_up() is SignUp.CLOSED
    assert admins.ids() == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("none", {"channels": None, "schedules": None, "keywords": None, "money": None}),
        ("channels 3, money 20", {"channels": 3, "money": 20_000_000}),
        ("channels=3,money=$12.50", {"channels": 3, "money": 12_500_000}),
        ("keywords none", {"keywords": None}),
        ("", {}),
    ],
)
def test_limits_are_read_from_the_settings(written: str, read: dict[str, int | None]) -> None:
    assert read_limits(written) == read


@pytest.mark.parametrize("written", ["3", "channels", "channels -1", "channels 1.5", "cars 3", "channels 99999999"])
def test_what_is_no_limit_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="names and numbers"):
        read_limits(written)


def test_who_was_put_out_gives_nothing_away_neither_their_channel_nor_a_place_in_its_team() -> None:
    for person in (ANA, BEN):
        admission.let_in(person, BOSS, NOW)
    channel = connected(70, "uno")
    for code in ("ben", "eva"):
        team.invite(channel.id, code, {Role.READER}, NOW)
    team.join("ben", BEN, NOW)
    assert handing_over.offer(channel.id, ANA, BEN, NOW)
    entrance.put_out(ANA, BOSS, NOW)
    assert team.join("eva", EVA, NOW) is None
    assert not admission.way_of(EVA).speaks
    assert handing_over.take(channel.id, BEN, NOW) is None
    entrance.let_in(ANA, BOSS, NOW)
    assert team.join("eva", EVA, NOW) is not None
    assert handing_over.take(channel.id, BEN, NOW) == ANA


def test_whoever_opens_their_own_invitation_uses_nothing_up() -> None:
    admission.let_in(ANA, BOSS, NOW)
    channel = connected(70, "uno")
    team.invite(channel.id, "code", {Role.READER}, NOW)
    assert team.join("code", ANA, NOW) is not None
    assert team.one(channel.id, ANA) is None
    assert team.join("code", EVA, NOW) is not None


def test_what_is_kept_of_a_disconnected_channel_counts_as_it_comes_back_with_it() -> None:
    admission.let_in(ANA, BOSS, NOW)
    channel = connected(70, "uno")
    limits.allow(ANA, Limited.KEYWORDS, 2)
    lists.add(channel.id, [*word("a"), *word("b")])
    Channel.update(connected=False).where(Channel.id == channel.id).execute()
    other = connected(71, "dos")
    with pytest.raises(TooMany):
        lists.add(other.id, word("c"))


def test_an_invitation_of_who_no_longer_runs_the_service_lets_nobody_in() -> None:
    admission.let_in(ANA, BOSS, NOW)
    admins.make(ANA, BOSS, NOW)
    admission.invite("hers", ANA, NOW)
    assert admins.unmake(ANA)
    assert not admission.use_pass("hers", EVA, NOW)
    admins.make(ANA, BOSS, NOW)
    assert admission.use_pass("hers", EVA, NOW)


def test_who_left_by_themselves_is_not_brought_back_by_the_undo_of_what_they_were() -> None:
    admission.let_in(ANA, BOSS, NOW)
    channel = connected(70, "uno")
    team.invite(channel.id, "code", {Role.EDITOR}, NOW)
    team.join("code", EVA, NOW)
    was = replace(team.before(channel.id, EVA), changed=True)  # type: ignore[type-var]
    team.change(channel.id, EVA, frozenset({Role.READER}), frozenset({Role.EDITOR}), NOW)
    team.restore(channel.id, was, NOW)  # type: ignore[arg-type]
    assert team.one(channel.id, EVA).held == {Role.EDITOR}  # type: ignore[union-attr]
    team.leave(channel.id, EVA, NOW)
    team.restore(channel.id, was, NOW)  # type: ignore[arg-type]
    assert team.one(channel.id, EVA) is None
