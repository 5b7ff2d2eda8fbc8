"""`python -m bot chat-keys`: what the operator reads at the terminal, and that a PIN is asked for nowhere else."""

import getpass
import json
import sys
from collections.abc import Callable, Iterator

import pytest

from bot import unlocking
from engine.x.client import XSession
from models.accounts import chat_keys
from models.accounts.channels import Channel
from models.accounts.chat_keys import KeyState
from models.database import db as database
from models.database import rest
from models.settings import Settings, settings
from sandbox.app import Sandbox
from sandbox.chat.backup import QUICK_HASHING
from tasks import accounts
from tests.tasks.nearby_x import nearby_x, sign_in

PIN = "40718263"
Typed = Callable[..., str]


class Terminal:
    """A place where somebody types."""

    def __init__(self, is_one: bool = True) -> None:
        self._is_one = is_one

    def isatty(self) -> bool:
        return self._is_one


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(sys, "stdin", Terminal())
    with nearby_x(monkeypatch) as sandbox:
        monkeypatch.setattr(accounts._local, "session", XSession(settings().x_api_url, before_call=rest), raising=False)
        sign_in(sandbox, "TraficoValle")
        sandbox.world.user("TraficoValle").channel = True
        yield sandbox


def on_a_phone(x: Sandbox, pin: str = PIN) -> None:
    """The account's owner sets X Chat up on their phone, with a backup under this PIN."""
    x.chat.backups.hashing = QUICK_HASHING
    user_id = x.world.user("TraficoValle").id
    where = x.chat.backups.config(user_id, settings().x_api_url.removesuffix("/x"))
    x.chat.keyrings.make(user_id, json.dumps(where)).setup(pin)


def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, typed: str, **options: bool) -> str:
    """What stands on the terminal after the exit status, where this is typed."""
    monkeypatch.setattr(getpass, "getpass", lambda prompt: typed)
    monkeypatch.setattr("builtins.input", lambda prompt: typed)
    status = unlocking.unlock("@traficovalle", **options)
    return f"{status} {capsys.readouterr().out}"


def test_without_a_terminal_no_pin_is_asked_for(
    x: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(is_one=False))
    assert unlocking.unlock("@TraficoValle") == unlocking.USAGE
    assert "it wants a terminal" in capsys.readouterr().out
    assert x.world.accepted == {}


def test_the_right_pin_unlocks_them_and_is_kept_nowhere(
    x: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on_a_phone(x)
    wrong = said(capsys, monkeypatch, "11112222")
    assert wrong.startswith("1 ")
    assert "That is not the PIN. 19 tries are left." in wrong
    assert "nothing was tried" in said(capsys, monkeypatch, " ")
    right = said(capsys, monkeypatch, PIN)
    assert right.startswith("0 ")
    assert "are here, sealed under SECRET_KEY" in right
    assert "are here already" in said(capsys, monkeypatch, PIN)
    pair = chat_keys.pending(Channel.get().id)
    assert pair is not None
    for table in database.get_tables():
        stored = database.execute_sql(f'SELECT * FROM "{table}"').fetchall()
        assert PIN not in str(stored), table
        assert pair.blob.hex() not in str(stored)
    assert PIN not in wrong + right


def test_the_last_tries_are_counted_aloud() -> None:
    assert "X has deleted the backup" in unlocking._left(0)
    assert unlocking._left(1).startswith(" 1 try is left. Be sure of the next one")
    assert unlocking._left(None) == " X does not say how many tries are left."


def test_what_cannot_be_unlocked_is_said_and_can_be_replaced_by_who_means_it(
    x: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "X has no keys of @TraficoValle to unlock" in said(capsys, monkeypatch, PIN)
    on_a_phone(x)
    x.chat.backups.forget(x.world.user("TraficoValle").id)
    assert "the keys were set up without one, or the tries are used up" in said(capsys, monkeypatch, PIN)
    assert said(capsys, monkeypatch, "yes", new=True).startswith("130 ")
    assert chat_keys.pending(Channel.get().id) is None
    assert "The new keys of @TraficoValle are registered" in said(capsys, monkeypatch, "@TraficoValle", new=True)
    row = chat_keys.row(Channel.get().id)
    assert row is not None
    assert row.state is KeyState.READY


@pytest.mark.parametrize(
    ("fault", "answer", "sentence"),
    [("error_5xx", "", "X gave no good answer"), ("refuse_before", "403", "X said no"), ("refuse_before", "401", "")],
)
def test_what_x_says_instead_is_a_sentence(
    x: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: str, answer: str, sentence: str
) -> None:  # fmt: skip
    x.faults.set(fault, 1, on=["keys"], answer=answer)
    shown = said(capsys, monkeypatch, PIN)
    assert shown.startswith("1 ")
    assert sentence in shown


def test_who_names_no_channel_reads_which_there_are(
    x: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    assert unlocking.unlock("nadie") == unlocking.USAGE
    assert "No connected channel is called @nadie. Connected: @TraficoValle" in capsys.readouterr().out


def test_who_leaves_changes_nothing(
    x: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def left(prompt: str) -> str:
        raise KeyboardInterrupt

    on_a_phone(x)
    monkeypatch.setattr(getpass, "getpass", left)
    assert unlocking.unlock("@TraficoValle") == unlocking.LEFT
    assert "Nothing was changed" in capsys.readouterr().out
