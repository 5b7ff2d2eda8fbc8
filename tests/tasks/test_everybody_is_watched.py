"""Whoever is begun beside the others is watched, or is here with the reason why not."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.chat.crew import Crew
from models.settings import Settings
from tasks.living import watching
from tasks.living.hands import Hands
from tasks.ringing.circuit import Circuit
from tasks.ringing.own_hands import OwnHands
from tests.tasks.nearby_x import soon

ROOT = Path(__file__).parents[2]
FLOORS = ("bot", "tasks", "models", "engine")
BEGINS = {
    "Thread", "Timer", "create_task", "ensure_future", "run_in_executor", "to_thread", "run_coroutine_threadsafe",
    "ThreadPoolExecutor", "ProcessPoolExecutor", "TaskGroup", "start_new_thread", "Popen", "Process",
}  # fmt: skip
#: By file and by who is begun, as it is written there.
NOT_WATCHED = {
    ("bot/checking.py", "ThreadPoolExecutor"): "a command that ends, with questions that are bounded",
    ("bot/web.py", "heart.begin"): "once at the start, bounded",
    ("bot/web.py", "_dress"): "once at the start: the commands' names at Telegram, which hold nobody up",
    ("bot/web.py", "stopping.wait"): "waits for the end",
    ("bot/web.py", "app.initialize"): "waited for by who is watched",
    ("bot/notifications/delivery.py", "self._nudged.wait"): "waited for by who is watched",
    ("engine/x/chat/keys.py", "ask"): "a question to X's backup of keys; whoever asked waits so long and no longer",
    ("tasks/living/watching.py", "_look_on"): "the watcher: where it breaks, the process ends",
    ("tasks/living/watching.py", "say"): "the last word of a process that ends, bounded",
    ("tasks/living/right_time.py", "_note"): "a question; nobody waits for one that hangs",
    ("tasks/living/right_time.py", "Timer"): "ends a question of that kind",
    ("bot/oversight/standing_in.py", "_is_any"): "a command that ends, with questions that are bounded",
    ("tasks/control/alarms.py", "subprocess"): "a process of its own, which tells of a bot that is gone, and ends",
    ("tasks/embedded_redis.py", "subprocess"): "a process of its own, that watches over its server",
}
CREWS = {"self._crew", "returning"}  # their threads are watched by bot/chat/crew.py


class Begun:
    """Where somebody is begun, and who."""

    def __init__(self, file: str, call: ast.Call, tree: ast.Module) -> None:
        self.file, self.tree = file, tree
        self.name = _last_name(call.func)
        targets = [k.value for k in call.keywords if k.arg == "target"]
        given = [*targets, *call.args]
        first = given[0] if given else call
        self.by = _name(first)
        self.whom = _name(first.func) if isinstance(first, ast.Call) else self.by

    def is_watched(self, watched: set[str]) -> bool:
        if self.name == "run_in_executor":
            return self.by in CREWS
        if self.name == "run_coroutine_threadsafe":
            return True  # it runs on the loop, and who asks waits for it in a thread that is watched
        return self.whom.rpartition(".")[2] in watched

    @property
    def key(self) -> tuple[str, str]:
        if self.name == "Popen":
            return self.file, "subprocess"
        return self.file, self.whom if self.name in ("Thread", "create_task", "to_thread") else self.name


def _name(node: ast.AST) -> str:
    return ast.unparse(node)


def _last_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else _name(function)


def _begun() -> Iterator[Begun]:
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            text = path.read_text()
            tree = ast.parse(text if any(name in text for name in BEGINS) else "")
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and _last_name(node.func) in BEGINS:
                    yield Begun(str(path.relative_to(ROOT)), node, tree)


def _watched(file: str) -> set[str]:
    """The functions of a file that are watched while they run."""
    return {
        node.name
        for node in ast.walk(ast.parse((ROOT / file).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(
            isinstance(w, ast.With)
            and any(_name(i.context_expr).partition("(")[0].endswith("watched") for i in w.items)
            for w in ast.walk(node)
        )
    }


def test_whoever_is_begun_is_watched_or_here_with_the_reason_why_not() -> None:
    begun = list(_begun())
    assert len(begun) > 20, "it finds them"
    elsewhere = {"bot/web.py": ("bot/notifications/delivery.py", "bot/turns.py")}  # whom it begins
    lost = {
        one.key
        for one in begun
        if one.key not in NOT_WATCHED
        and not one.is_watched(set().union(*(_watched(f) for f in (one.file, *elsewhere.get(one.file, ())))))
    }
    assert lost == set()
    assert NOT_WATCHED.keys() - {one.key for one in begun} == set(), "these are no more"


class Ended(BaseException):
    """What no `except Exception` takes, such as the end of a thread."""


def ends() -> None:
    raise Ended


on_sqlite = pytest.mark.parametrize("opened", ["sqlite"], indirect=True, ids=[pytest.HIDDEN_PARAM])


@on_sqlite
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("hand of trial", lambda: OwnHands("trial", 1).take("it", ends)),
        ("hand it", lambda: Hands(1, lambda: None).take("it", ends)),
        ("way back to redis", lambda: Circuit(ends).find(0.01)),
    ],
)
def test_a_hand_that_dies_is_seen(opened: Settings, name: str, begin: Callable[[], object]) -> None:
    begin()
    soon(lambda: any(p.died for p in watching._watch._pulses if p.name == name))
    watching._watch._pulses = {p for p in watching._watch._pulses if p.name != name}


@on_sqlite
def test_one_that_is_done_is_watched_no_more_and_one_that_waits_for_work_may_wait_for_ever(opened: Settings) -> None:
    def names() -> list[str]:
        return [p.name for p in watching._watch._pulses if "trial" in p.name]

    OwnHands("trial", 1).take("it", lambda: None)
    Hands(1, lambda: None).take("trial", lambda: None)
    crew = Crew("crew of trial", 1)
    assert crew.submit(lambda: 7).result(10) == 7
    soon(lambda: names() == ["crew of trial"])
    soon(lambda: [p.within_s for p in watching._watch._pulses if p.name == "crew of trial"] == [float("inf")])
    crew.shutdown()
    soon(lambda: names() == [])
