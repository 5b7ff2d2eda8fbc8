"""A channel's keys for X Chat: one pair, kept before X hears of it, never lost half made, and gone with a goodbye."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engine.x.chat.pairs import Pair
from models import connecting, vault
from models.accounts import chat_keys
from models.accounts.channels import Channel
from models.accounts.chat_keys import ChatKeys, KeyState
from models.database import rested
from models.notifications.declaring import NoticeKind
from models.notifications.kinds import ChatKeysStand
from models.notifications.notices import Notice
from models.settings import Settings, load
from tests.channels import connected
from tests.conftest import NOW

PAIR, OTHER = Pair(b"\1" * 64, "T1VSUw=="), Pair(b"\2" * 64, "VEhFSVJT")
ANA, DAY = 7, timedelta(days=1)
#: Where no transaction matters.
on_sqlite = pytest.mark.parametrize("opened", ["sqlite"], indirect=True, ids=[pytest.HIDDEN_PARAM])
LATER = NOW + chat_keys.CLAIM


@pytest.fixture
def channel(db: Settings) -> Channel:
    return connected()


def _row(channel: Channel) -> ChatKeys:
    found = chat_keys.row(channel.id)
    assert found is not None
    return found


def _made(channel: Channel) -> None:
    assert chat_keys.make(channel.id, PAIR, "{}", ANA, NOW)


def _ready(channel: Channel) -> None:
    _made(channel)
    assert chat_keys.confirmed(channel.id, PAIR.public_key, "17", NOW, tell=False)


def _told() -> list[str]:
    rows = Notice.select().where(Notice.kind == NoticeKind.CHAT_KEYS).order_by(Notice.id)
    return [row.value.state for row in rows if isinstance(row.value, ChatKeysStand)]


def test_a_pair_is_sealed_before_x_hears_of_it_and_read_with_once_x_has_it(channel: Channel) -> None:
    _made(channel)
    assert (_row(channel).state, _row(channel).by_id) == (KeyState.MADE, ANA)
    assert chat_keys.pending(channel.id) == PAIR
    assert (chat_keys.of(channel.id), chat_keys.version_of(channel.id)) == (None, None)
    assert chat_keys.confirmed(channel.id, PAIR.public_key, "17", NOW, tell=False)
    keys = chat_keys.of(channel.id)
    assert keys is not None
    assert (keys.version, keys.blob, chat_keys.version_of(channel.id)) == ("17", PAIR.blob, "17")


def test_of_two_who_press_at_once_one_makes_the_pair(channel: Channel) -> None:

    def press(number: int) -> bool:
        with rested():
            return chat_keys.make(channel.id, Pair(bytes([number]) * 64, str(number)), "{}", number, NOW)

    with ThreadPoolExecutor(4) as hands:
        assert sorted(hands.map(press, range(4))) == [False, False, False, True]
    pair, row = chat_keys.pending(channel.id), _row(channel)
    assert pair is not None
    assert pair == Pair(bytes([row.by_id or 0]) * 64, str(row.by_id))


def test_a_pair_that_x_may_have_is_never_replaced_by_making_another(channel: Channel) -> None:
    _made(channel)
    for settle in (lambda: None, lambda: chat_keys.confirmed(channel.id, PAIR.public_key, "17", NOW, tell=False),
                   lambda: chat_keys.others_at_x(channel.id, "18", "17", NOW, tell=True)):  # fmt: skip
        settle()
        assert not chat_keys.make(channel.id, OTHER, "{}", 8, NOW)
        assert chat_keys.pending(channel.id) == PAIR


def test_one_at_a_time_asks_x_and_whoever_died_over_it_is_followed(channel: Channel) -> None:
    assert chat_keys.to_ask(NOW, 5) == [channel.id]
    first = chat_keys.claim(channel.id, NOW)
    assert first is not None
    _made(channel)  # and whoever did so died
    assert chat_keys.claim(channel.id, NOW, pressed=True) is None
    assert chat_keys.to_ask(NOW, 5) == []
    assert chat_keys.to_ask(LATER, 5) == [channel.id]
    again = chat_keys.claim(channel.id, LATER)
    assert again is not None
    chat_keys.later(first, NOW, "refused", "late")  # who comes back late changes nothing of the other's turn
    assert _row(channel).refusal == ""
    chat_keys.later(again, NOW + DAY, "refused", "no")
    assert (_row(channel).refusal, _row(channel).said) == ("refused", "no")
    assert chat_keys.to_ask(LATER, 5) == []
    assert chat_keys.claim(channel.id, LATER, pressed=True) is not None


@on_sqlite
def test_what_waits_for_more_rights_goes_on_with_the_next_sign_in(channel: Channel) -> None:
    _made(channel)
    claimed = chat_keys.claim(channel.id, NOW)
    assert claimed is not None
    chat_keys.later(claimed, NOW + DAY, "narrow", "no")
    connected()
    assert (chat_keys.to_ask(NOW, 5), _row(channel).refusal) == ([channel.id], "")
    assert chat_keys.pending(channel.id) == PAIR


def test_newer_keys_elsewhere_are_told_once_and_what_is_here_stays_to_read_with(channel: Channel) -> None:
    _ready(channel)
    for _ in range(2):
        chat_keys.others_at_x(channel.id, "18", "17", NOW + DAY, tell=True)
    assert (_row(channel).state, _row(channel).at_x, _told()) == (KeyState.ELSEWHERE, "18", ["elsewhere"])
    assert chat_keys.version_of(channel.id) == "17"
    assert chat_keys.unlocked(channel.id, OTHER, "18", NOW)
    keys = chat_keys.of(channel.id)
    assert keys is not None
    assert (_row(channel).state, keys.version, keys.blob) == (KeyState.READY, "18", OTHER.blob)
    assert _told() == ["elsewhere", "ready"]


@on_sqlite
def test_who_has_just_signed_in_finds_it_in_the_panel_and_older_channels_are_told_once(channel: Channel) -> None:
    other = connected(71, "lluvia")
    chat_keys.none_at_x(channel.id, NOW)
    assert _told() == []
    for _ in range(2):
        chat_keys.none_at_x(other.id, NOW + DAY)
    assert _told() == ["none"]


@on_sqlite
def test_who_pressed_sees_it_and_whoever_did_not_wait_is_told(channel: Channel) -> None:
    _ready(channel)
    assert _told() == []
    chat_keys.others_at_x(channel.id, "18", "17", NOW, tell=True)
    for _ in range(2):
        chat_keys.confirmed(channel.id, PAIR.public_key, "19", NOW, tell=True)
    assert _told() == ["elsewhere", "ready"]


@on_sqlite
def test_what_x_has_no_longer_is_registered_anew_and_an_unlocked_pair_is_not(channel: Channel) -> None:
    _ready(channel)
    chat_keys.none_at_x(channel.id, NOW)
    assert (_row(channel).state, chat_keys.pending(channel.id)) == (KeyState.MADE, PAIR)
    chat_keys.unlocked(channel.id, OTHER, "18", NOW)
    chat_keys.none_at_x(channel.id, NOW)
    assert _row(channel).state == KeyState.NONE


@on_sqlite
def test_a_channel_without_keys_is_looked_at_each_day_as_a_phone_may_have_made_some(channel: Channel) -> None:
    chat_keys.none_at_x(channel.id, NOW)
    assert chat_keys.to_ask(NOW + timedelta(hours=23), 5) == []
    assert chat_keys.to_ask(NOW + DAY, 5) == [channel.id]
    assert chat_keys.claim(channel.id, NOW, pressed=True) is not None  # and whoever presses need not wait for it
    assert chat_keys.claim(channel.id, NOW, pressed=True) is None
    chat_keys.others_at_x(channel.id, "18", "", NOW, tell=True)
    assert _told() == ["elsewhere"]


@on_sqlite
def test_what_cannot_be_read_lets_x_be_asked_once_an_hour(channel: Channel) -> None:
    _ready(channel)
    chat_keys.doubt(channel.id, NOW)
    assert chat_keys.to_ask(NOW, 5) == []
    chat_keys.doubt(channel.id, NOW + DAY)
    assert chat_keys.to_ask(NOW + DAY, 5) == [channel.id]


def test_a_goodbye_deletes_the_pair_and_remembers_whose_it_was(channel: Channel) -> None:
    _ready(channel)
    connecting.disconnect_channel(channel.id)
    row = _row(channel)
    assert (row.state, row.sealed, row.registration, row.was_ours) == (KeyState.UNKNOWN, "", "", True)
    assert chat_keys.of(channel.id) is None
    assert not chat_keys.make(channel.id, OTHER, "{}", ANA, NOW)  # nor is one made for who has gone
    assert not chat_keys.unlocked(channel.id, OTHER, "18", NOW)
    assert chat_keys.to_ask(NOW + DAY, 5) == []
    connecting.forget_channel(channel.id)
    assert ChatKeys.select().count() == 0


@on_sqlite
def test_who_takes_an_account_over_finds_no_pair_of_who_had_it(channel: Channel) -> None:
    _ready(channel)
    connecting.disconnect_channel(channel.id)
    theirs = connected(owner=9)
    assert chat_keys.pending(theirs.id) is None
    assert not _row(theirs).was_ours


@on_sqlite
def test_nothing_is_kept_of_a_channel_that_is_gone(db: Settings) -> None:
    chat_keys.none_at_x(99, NOW)
    chat_keys.others_at_x(99, "18", "", NOW, tell=True)
    assert not chat_keys.make(99, PAIR, "{}", ANA, NOW)
    assert not chat_keys.confirmed(99, PAIR.public_key, "17", NOW, tell=True)
    assert ChatKeys.select().count() == 0


@on_sqlite
def test_another_secret_key_seals_the_pair_anew(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    _ready(channel)
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


@on_sqlite
def test_no_secret_shows_in_what_is_printed_or_stored(channel: Channel) -> None:
    _ready(channel)
    keys, row = chat_keys.of(channel.id), _row(channel)
    for shown in (repr(keys), repr(PAIR), repr(row), str(row), row.sealed):
        assert "\\x01" not in shown
        assert "AQEBAQ" not in shown
