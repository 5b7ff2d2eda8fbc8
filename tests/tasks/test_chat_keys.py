"""A channel's keys for X Chat, made and registered at X: whoever dies, whatever X answers, and whoever asks at once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.x.chat import keys as at_x
from engine.x.client import XSession
from models import connecting
from models.accounts import chat_keys, troubles
from models.accounts.channels import Channel
from models.accounts.chat_keys import CLAIM, ChatKeys, KeyState
from models.database import rest, rested
from models.settings import Settings, settings
from sandbox.app import Sandbox
from sandbox.chat.backup import QUICK_HASHING
from sandbox.chat.keyrings import PublicKeys
from sandbox.faults import KINDS
from sandbox.x_tokens import CLIENT_ID, CLIENT_SECRET
from tasks import accounts
from tasks import chat_keys as asking
from tasks.clock import now
from tests.tasks.nearby_x import nearby_x, sign_in

ANA = 7
SCOPES = "tweet.read tweet.write users.read dm.read media.write offline.access dm.write"
on_sqlite = pytest.mark.parametrize("opened", ["sqlite"], indirect=True, ids=[pytest.HIDDEN_PARAM])


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setenv("X_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("X_CLIENT_SECRET", CLIENT_SECRET)
    with nearby_x(monkeypatch) as sandbox:
        monkeypatch.setattr(accounts._local, "session", XSession(settings().x_api_url, before_call=rest), raising=False)
        yield sandbox
        rest()


@pytest.fixture
def channel(x: Sandbox) -> Channel:
    made = sign_in(x, "TraficoValle")
    x.world.user("TraficoValle").channel = True
    return made


def registered(x: Sandbox, channel: Channel) -> list[PublicKeys]:
    return x.chat.keyrings.registered(channel.x_user_id)


def row(channel: Channel) -> ChatKeys:
    found = chat_keys.row(channel.id)
    assert found is not None
    return found


def test_asked_for_they_are_made_registered_and_kept(x: Sandbox, channel: Channel) -> None:
    asking.ask(channel)
    assert row(channel).state == KeyState.NONE
    asking.ask(channel, for_person=ANA)
    (at,), mine = registered(x, channel), row(channel)
    assert (mine.state, mine.version, mine.by_id) == (KeyState.READY, at.version, ANA)
    assert at_x.same(at.identity, mine.public_key)
    asking.ask(channel, for_person=ANA)  # and once more makes no others
    assert (len(registered(x, channel)), row(channel).state) == (1, KeyState.READY)


def test_two_who_press_at_once_make_one_pair(x: Sandbox, channel: Channel) -> None:
    def press(person: int) -> None:
        with rested():  # each thread has a way to X of its own
            asking.ask(channel, for_person=person)

    with ThreadPoolExecutor(4) as hands:
        list(hands.map(press, range(1, 5)))
    assert row(channel).state == KeyState.READY
    (at,) = registered(x, channel)
    assert at_x.same(at.identity, row(channel).public_key)


def goes_on_by_itself(channel: Channel) -> None:
    """The time comes at which the clock finds it."""
    due = row(channel).look_at
    assert due is not None
    ChatKeys.update(look_at=now()).execute()
    assert asking.to_ask(now() + timedelta(seconds=1)) == [channel.id]
    asking.ask_for_keys(channel.id)


@pytest.mark.parametrize("died_after", ["made", "registered", "registered and others looked"])
def test_whoever_dies_on_the_way_loses_nothing(x: Sandbox, channel: Channel, died_after: str) -> None:
    asking.ask(channel)
    assert chat_keys.claim(channel.id, now(), pressed=True) is not None
    asking._make(channel, ANA)
    pair = chat_keys.pending(channel.id)
    if died_after != "made":
        at_x.register(accounts.client(channel), channel.x_user_id, _waiting(channel))
    assert chat_keys.to_ask(now() + CLAIM, 5) == [channel.id]
    goes_on_by_itself(channel)
    assert row(channel).state == KeyState.READY
    assert len(registered(x, channel)) == 1
    assert chat_keys.pending(channel.id) == pair


def _waiting(channel: Channel) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row(channel).registration)
    return found


@on_sqlite
def test_whatever_becomes_of_the_call_the_same_pair_is_registered_once(x: Sandbox, channel: Channel) -> None:
    for n, fault in enumerate(("drop_after_accept", "error_5xx", "refuse_before", "refuse_after")):
        made = sign_in(x, f"canal{n}")
        x.world.user(made.handle).channel = True
        x.faults.set(fault, 1, times=1, on=["register"])
        asking.ask(made, for_person=ANA)
        pair = chat_keys.pending(made.id)
        assert pair is not None
        asking.ask(made, for_person=8)
        assert row(made).state == KeyState.READY, fault
        assert len(registered(x, made)) == 1, fault
        assert chat_keys.pending(made.id) == pair, fault


@on_sqlite
def test_a_no_after_the_deed_is_found_out_soon_and_one_that_stays_is_left_for_tomorrow(
    x: Sandbox, channel: Channel
) -> None:  # fmt: skip
    x.faults.set("refuse_after", 1, times=1, on=["register"], answer="403")
    asking.ask(channel, for_person=ANA)
    soon = row(channel).look_at
    assert soon is not None
    assert soon < now() + timedelta(minutes=1)
    goes_on_by_itself(channel)
    assert (row(channel).state, len(registered(x, channel))) == (KeyState.READY, 1)
    other = sign_in(x, "LluviaYa")
    x.world.user("LluviaYa").channel = True
    x.faults.set("refuse_before", 1, on=["register"], answer="403")
    asking.ask(other, for_person=ANA)
    ChatKeys.update(look_at=now()).where(ChatKeys.channel_id == other.id).execute()
    asking.ask(other)
    later = row(other).look_at
    assert later is not None
    assert later > now() + timedelta(hours=23)


@on_sqlite
def test_whatever_x_says_instead_of_an_answer_is_no_word_that_there_are_no_keys(x: Sandbox, channel: Channel) -> None:
    """Who believed so would take the account's keys away from its owner's phone."""
    x.chat.keyrings.make(channel.x_user_id)
    for answer in KINDS["refuse_before"].answers:
        x.faults.set("refuse_before", 1, on=["keys"], answer=answer)
        asking.ask(again(channel), for_person=ANA)
        found = row(channel)
        assert (found.state, found.sealed, found.look_at is not None) == (KeyState.UNKNOWN, "", True), answer
    x.faults.set("refuse_before", 0)
    asking.ask(again(channel), for_person=ANA)
    assert row(channel).state == KeyState.ELSEWHERE
    assert len(registered(x, channel)) == 1


def again(channel: Channel) -> Channel:
    """The channel as if nobody had asked X, and with an access that X takes."""
    troubles.drop(channel.id)
    Channel.update(token_expires_at=now() + timedelta(hours=2)).execute()
    ChatKeys.update(state=KeyState.UNKNOWN, look_at=now(), refusal="").execute()
    return Channel.get_by_id(channel.id)


@on_sqlite
def test_keys_that_a_phone_made_are_not_touched(x: Sandbox, channel: Channel) -> None:
    x.chat.keyrings.make(channel.x_user_id)
    asking.ask(channel, for_person=ANA)
    (at,) = registered(x, channel)
    assert (row(channel).state, row(channel).at_x) == (KeyState.ELSEWHERE, at.version)
    assert chat_keys.pending(channel.id) is None


@on_sqlite
def test_a_phone_that_makes_newer_ones_is_seen_and_what_is_here_stays(x: Sandbox, channel: Channel) -> None:
    asking.ask(channel, for_person=ANA)
    mine = row(channel).version
    x.chat.keyrings.make(channel.x_user_id)
    asking.ask(channel, pressed=True)
    assert (row(channel).state, row(channel).at_x) == (KeyState.ELSEWHERE, registered(x, channel)[-1].version)
    assert chat_keys.version_of(channel.id) == mine


@on_sqlite
def test_what_a_goodbye_deleted_is_no_phones_and_is_made_anew(x: Sandbox, channel: Channel) -> None:
    asking.ask(channel, for_person=ANA)
    before = row(channel).public_key
    connecting.disconnect_channel(channel.id)
    again = sign_in(x, "TraficoValle")
    asking.ask(again)
    assert row(again).state == KeyState.NONE
    asking.ask(again, for_person=ANA)
    assert row(again).state == KeyState.READY
    assert row(again).public_key != before
    assert len(registered(x, again)) == 2


@on_sqlite
def test_without_the_permission_the_pair_waits_for_it(x: Sandbox, channel: Channel) -> None:
    Channel.update(scopes=SCOPES.removesuffix(" dm.write")).execute()
    asking.ask(Channel.get(), for_person=ANA)
    assert (row(channel).state, row(channel).refusal, registered(x, channel)) == (KeyState.MADE, "narrow", [])
    pair = chat_keys.pending(channel.id)
    Channel.update(scopes=SCOPES).execute()
    chat_keys.begin(channel.id, now())  # as with the next sign-in
    asking.ask_for_keys(channel.id)
    assert row(channel).state == KeyState.READY
    assert chat_keys.pending(channel.id) == pair


# --- unlocked on the operator's terminal -------------------------------------------------------------------


def on_a_phone(x: Sandbox, channel: Channel, pin: str) -> None:
    """The account's owner sets X Chat up on their phone, with a backup under this PIN."""
    x.chat.backups.hashing = QUICK_HASHING
    where = x.chat.backups.config(channel.x_user_id, settings().x_api_url.removesuffix("/x"))
    x.chat.keyrings.make(channel.x_user_id, json.dumps(where)).setup(pin)


@on_sqlite
def test_the_pin_takes_the_keys_out_of_xs_backup_and_a_wrong_one_does_not(x: Sandbox, channel: Channel) -> None:
    on_a_phone(x, channel, "2580")
    (newest,) = asking.look(channel)
    wrong = bytearray(b"1111")
    with pytest.raises(at_x.WrongPin) as said:
        asking.unlock(channel, newest, wrong)
    assert said.value.left == at_x.MOST_TRIES - 1
    assert wrong == bytes(4)  # wiped
    assert chat_keys.pending(channel.id) is None
    right = bytearray(b"2580")
    assert asking.unlock(channel, newest, right)
    assert right == bytes(4)
    assert (row(channel).state, row(channel).version) == (KeyState.READY, newest.version)
    asking.ask(channel, pressed=True)
    assert row(channel).state == KeyState.READY


@on_sqlite
def test_a_backup_of_other_keys_than_x_has_registered_is_not_believed(x: Sandbox, channel: Channel) -> None:
    on_a_phone(x, channel, "2580")
    (old,) = asking.look(channel)
    x.chat.keyrings.make(channel.x_user_id)
    newest = asking.look(channel)[0]
    with pytest.raises(at_x.NotUnlocked, match="not the keys that X has registered"):
        asking.unlock(channel, replace(newest, backup=old.backup), bytearray(b"2580"))
    assert chat_keys.pending(channel.id) is None


@on_sqlite
def test_a_backup_that_is_none_is_said_to_be_none(x: Sandbox, channel: Channel) -> None:
    x.chat.keyrings.make(channel.x_user_id)
    (newest,) = asking.look(channel)
    for backup in ("", "{}", "[]", "no JSON", '{"token_map": 1}'):
        with pytest.raises(at_x.NotUnlocked) as said:
            asking.unlock(channel, replace(newest, backup=backup), bytearray(b"2580"))
        assert "2580" not in str(said.value)


@on_sqlite
def test_who_runs_the_service_can_replace_what_cannot_be_unlocked(x: Sandbox, channel: Channel) -> None:
    x.chat.keyrings.make(channel.x_user_id)
    assert len(asking.look(channel)) == 1
    assert asking.replace(channel)
    assert (row(channel).state, len(registered(x, channel))) == (KeyState.READY, 2)
