"""A channel's keys for X Chat: one pair, kept before X hears of it, never lost half made, and gone with a goodbye."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from models import connecting, vault
from models.accounts import chat_keys
from models.accounts.channels import Channel
from models.accounts.chat_keys import ChatKeys, KeyState, Pair
from models.database import rested
from models.settings import Settings, load
from tests.channels import connected
from tests.conftest import NOW

PAIR, OTHER = Pair(b"\1" * 64, "T1VSUw=="), Pair(b"\2" * 64, "VEhFSVJT")
SECOND = timedelta(seconds=1)


@pytest.fixture
def channel(db: Settings) -> Channel:
    return connected()


def _made(channel: Channel) -> ChatKeys:
    chat_keys.none_at_x(channel.id, NOW)
    assert chat_keys.make(channel.id, PAIR, "{}", 7, NOW)
    return _row(channel)


def _row(channel: Channel) -> ChatKeys:
    found = chat_keys.row(channel.id)
    assert found is not None
    return found


def test_a_pair_is_sealed_before_x_hears_of_it_and_read_with_once_x_has_it(channel: Channel) -> None:
    row = _made(channel)
    assert (row.state, row.by_id) == (KeyState.MADE, 7)
    assert chat_keys.pending(channel.id) == PAIR
    assert chat_keys.of(channel.id) is None
    assert chat_keys.confirmed(channel.id, PAIR.public_key, "17", NOW)
    keys = chat_keys.of(channel.id)
    assert keys is not None
    assert (keys.version, keys.blob) == ("17", PAIR.blob)
    assert chat_keys.version_of(channel.id) == "17"


def test_of_two_who_press_at_once_one_makes_the_pair(channel: Channel) -> None:
    def press(number: int) -> bool:
        with rested():
            return chat_keys.make(channel.id, Pair(bytes([number]) * 64, str(number)), "{}", number, NOW)

    with ThreadPoolExecutor(4) as hands:
        assert sorted(hands.map(press, range(4))) == [False, False, False, True]
    assert chat_keys.pending(channel.id) is not None


def test_a_pair_that_x_may_have_is_never_replaced_by_making_another(channel: Channel) -> None:
    _made(channel)
    for settle in (lambda: None, lambda: chat_keys.confirmed(channel.id, PAIR.public_key, "17", NOW),
                   lambda: chat_keys.others_at_x(channel.id, "18", "17")):  # fmt: skip
        settle()
        assert not chat_keys.make(channel.id, OTHER, "{}", 8, NOW)
        assert chat_keys.pending(channel.id) == PAIR


def test_one_at_a_time_asks_x_and_whoever_died_over_it_is_followed(channel: Channel) -> None:
    _made(channel)
    assert chat_keys.to_register(NOW, 5) == [channel.id]
    first = chat_keys.claim(channel.id, NOW)
    assert first is not None
    assert chat_keys.claim(channel.id, NOW, pressed=True) is None
    assert chat_keys.to_register(NOW, 5) == []
    assert chat_keys.to_register(NOW + chat_keys.CLAIM, 5) == [channel.id]
    again = chat_keys.claim(channel.id, NOW + chat_keys.CLAIM)
    assert again is not None
    chat_keys.not_taken(first, "refused", "late", NOW)  # who comes back late changes nothing of the other's turn
    assert _row(channel).refusal == ""
    chat_keys.not_taken(again, "refused", "no", NOW + timedelta(days=1))
    assert (_row(channel).refusal, _row(channel).said) == ("refused", "no")
    assert chat_keys.to_register(NOW + chat_keys.CLAIM, 5) == []
    assert chat_keys.claim(channel.id, NOW + chat_keys.CLAIM, pressed=True) is not None


def test_newer_keys_elsewhere_leave_what_is_here_to_read_with(channel: Channel) -> None:
    _made(channel)
    chat_keys.confirmed(channel.id, PAIR.public_key, "17", NOW)
    chat_keys.others_at_x(channel.id, "18", "17")
    assert (_row(channel).state, _row(channel).at_x) == (KeyState.ELSEWHERE, "18")
    assert chat_keys.version_of(channel.id) == "17"
    assert chat_keys.unlocked(channel.id, OTHER, "18", NOW)
    keys = chat_keys.of(channel.id)
    assert keys is not None
    assert (_row(channel).state, keys.version, keys.blob) == (KeyState.READY, "18", OTHER.blob)


def test_what_x_has_no_longer_is_registered_anew_and_an_unlocked_pair_is_not(channel: Channel) -> None:
    _made(channel)
    chat_keys.confirmed(channel.id, PAIR.public_key, "17", NOW)
    chat_keys.none_at_x(channel.id, NOW)
    assert (_row(channel).state, chat_keys.to_register(NOW, 5)) == (KeyState.MADE, [channel.id])
    chat_keys.unlocked(channel.id, OTHER, "18", NOW)
    chat_keys.none_at_x(channel.id, NOW)
    assert (_row(channel).state, chat_keys.to_register(NOW, 5)) == (KeyState.NONE, [])


def test_a_goodbye_deletes_the_pair_and_remembers_whose_it_was(channel: Channel) -> None:
    _made(channel)
    chat_keys.confirmed(channel.id, PAIR.public_key, "17", NOW)
    connecting.disconnect_channel(channel.id)
    row = _row(channel)
    assert (row.state, row.sealed, row.registration, row.public_key) == (KeyState.NONE, "", "", PAIR.public_key)
    assert chat_keys.of(channel.id) is None
    assert not chat_keys.make(channel.id, OTHER, "{}", 7, NOW)  # nor is one made for who has gone
    assert not chat_keys.unlocked(channel.id, OTHER, "18", NOW)
    connecting.forget_channel(channel.id)
    assert ChatKeys.select().count() == 0


def test_nothing_is_kept_of_a_channel_that_is_gone(db: Settings) -> None:
    chat_keys.none_at_x(99, NOW)
    chat_keys.others_at_x(99, "18", "")
    assert not chat_keys.make(99, PAIR, "{}", 7, NOW)
    assert ChatKeys.select().count() == 0


def test_another_secret_key_seals_the_pair_anew(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    _made(channel)
    chat_keys.confirmed(channel.id, PAIR.public_key, "17", NOW)
    old = _row(channel).sealed

    def with_keys(value: str) -> None:
        monkeypatch.setenv("SECRET_KEY", value)
        monkeypatch.setattr(vault, "settings", load)

    with_keys("a-brand-new-key-of-ours,a-key-for-the-tests-of-canales")
    assert chat_keys.rotate() == 1
    assert _row(channel).sealed != old
    with_keys("a-brand-new-key-of-ours")
    assert chat_keys.pending(channel.id) == PAIR
    with_keys("somebody-elses-key-entirely")
    with pytest.raises(vault.WrongKey):
        chat_keys.of(channel.id)


def test_no_secret_shows_in_what_is_printed_or_stored(channel: Channel) -> None:
    _made(channel)
    chat_keys.confirmed(channel.id, PAIR.public_key, "17", NOW)
    keys, row = chat_keys.of(channel.id), _row(channel)
    for shown in (repr(keys), repr(PAIR), repr(row), str(row), row.sealed):
        assert "\\x01" not in shown
        assert "AQEBAQ" not in shown
