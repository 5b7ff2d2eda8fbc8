"""Every update of a row that others change too says what the row must be: its status, its version, its claim.

Read from the code: an update that names only which row it means is a lost update waiting to happen, unless it stands in
the list below with its reason.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from models import connecting

ROOT = Path(__file__).parent.parent.parent
#: Columns that say which rows are meant, and nothing of how they stand.
IDENTITY = {
    "id", "channel_id", "person_id", "telegram_id", "tweet_id", "thread_id", "after_id", "message_id", "schedule_id",
    "hashtag_id", "tag_key", "handle_key", "sender_id", "head_id", "update_id", "hour", "channel", "state_hash",
    "row_id", "watched_id",
}  # fmt: skip
LAST_WINS = "what one person of the channel chooses: the last word holds"
TAKEN = "in a transaction that has taken the row, or the channel's, before it was read"
ALLOWED: dict[str, str] = {
    # what people choose
    "models/accounts/people:person": LAST_WINS,
    "models/accounts/people:remember_dialogue": "one turn of a person at a time",
    "models/accounts/people:speak": LAST_WINS,
    "models/accounts/people:choose_channel": LAST_WINS,
    "models/accounts/choices:store": TAKEN,
    "models/control/switching:name_senders": LAST_WINS,
    "models/control/switching:set_gap": LAST_WINS,
    "models/control/switching:set_freshness": LAST_WINS,
    "models/moderation/lists:change": LAST_WINS,
    "models/moderation/senders:stand": LAST_WINS,
    "models/moderation/senders:_set": "its callers say which standing goes, or that a person chooses another",
    "models/publishing/hashtags:put": LAST_WINS,
    "models/publishing/hashtags:switch": LAST_WINS,
    "models/publishing/hashtags:restore": TAKEN,
    "models/scheduling/schedules:set_grace": LAST_WINS,
    "models/watching/watched:_changed": LAST_WINS,
    "models/watching/watched:_go_on": "its callers say how it stands",
    # what is taken
    "models/connecting:connect_channel": TAKEN,
    "models/connecting:_let_go": "it is over, whatever it was",
    "models/accounts/chat_keys:begin": TAKEN,
    "models/accounts/chat_keys:drop": "it is over, whatever it was",
    "models/accounts/chat_keys:_change": TAKEN,
    "models/publishing/placing:_last_slot": TAKEN,
    "models/publishing/saying:retry": TAKEN,
    "models/publishing/holding:begin_anew": TAKEN,
    "models/publishing/holding:met": TAKEN,
    "models/publishing/holding:_hold_all": TAKEN,
    "models/publishing/threads:insert": "made in this transaction",
    "models/publishing/media:want_again": "who calls it has changed the status of its tweet",
    "models/control/budgets:_change": TAKEN,
    "models/publishing/allowance:filled": TAKEN,
    "models/publishing/allowance:_tell_how_full": TAKEN,
    "models/scheduling/files:bring_in": TAKEN,
    "models/scheduling/schedules:unplan": TAKEN,
    "models/restoring:_mark": "of all rows, which this transaction has just put there",
    # what is only noted
    "models/publishing/saying:fail": "the last trouble is the last",
    "models/notifications/notices:sign_at_desk": "who did it last is who is named",
    "models/notifications/notices:_mark_old": "from now on it is old, whatever it was",
    "models/control/switching:_switch_kind": "the column that is handed in must be the other way",
    "models/publishing/forgetting:uses": "counts on what there was",
    "models/moderation/senders:_stand_by_handle": "who was known by handle alone, which its condition says",
    "models/streaming/optouts:_writes_now": "who was known by handle alone, which its condition says",
}
STATES = re.compile(r"\b(status|claim|version|standing|held_until|until|written)\b")


@dataclass(frozen=True)
class Update:
    """An update in the code: where it stands, and the columns that its condition names, or None where it has none."""

    where: str
    columns: frozenset[str]
    counts_on: bool

    @property
    def is_guarded(self) -> bool:
        return self.counts_on or bool(self.columns - IDENTITY)


@cache
def sources() -> list[tuple[str, ast.Module]]:
    """The files that update anything, and what they are made of."""
    return [
        (str(file.relative_to(ROOT)), ast.parse(text))
        for floor in ("models", "tasks", "bot")
        for file in sorted((ROOT / floor).rglob("*.py"))
        if "migrations" not in file.parts and ("update" in (text := file.read_text()) or "UPDATE" in text)
    ]


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node


def columns_of(
    node: ast.AST, function: ast.FunctionDef, module: dict[str, ast.AST], seen: frozenset[str] = frozenset()
) -> set[str]:
    """The columns that a condition names: in itself, in the names that it was put together from, in functions it calls."""
    found: set[str] = set()
    given = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            found |= {part.attr} & TABLES.get(part.value.id, set())
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == "SQL":
            found |= {word for a in part.args if isinstance(a, ast.Constant) for word in STATES.findall(str(a.value))}
        elif isinstance(part, ast.Name) and part.id not in seen:
            more = seen | {part.id}
            for value in assigned(part.id, function):
                found |= columns_of(value, function, module, more)
            elsewhere = module.get(part.id) if part.id not in given else None
            if isinstance(elsewhere, ast.FunctionDef):
                for result in ast.walk(elsewhere):
                    if isinstance(result, ast.Return) and result.value is not None:
                        found |= columns_of(result.value, elsewhere, module, more)
            elif elsewhere is not None:
                found |= columns_of(elsewhere, function, module, more)
    return found


def assigned(name: str, function: ast.FunctionDef) -> Iterator[ast.AST]:
    for node in ast.walk(function):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
        )
        if any(isinstance(t, ast.Name) and t.id == name for t in targets):
            assert isinstance(node, ast.Assign | ast.AugAssign)
            yield node.value


def inside(outer: ast.AST, inner: ast.AST) -> bool:
    return any(part is inner for part in ast.walk(outer))


def updates() -> Iterator[Update]:
    for name, tree in sources():
        module: dict[str, ast.AST] = {f.name: f for f in tree.body if isinstance(f, ast.FunctionDef)}
        module |= {
            t.id: n.value for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)
        }
        for function in functions(tree):
            for call in ast.walk(function):
                if is_update(call):
                    assert isinstance(call, ast.Call)
                    yield read(call, function, module, name)


def is_update(call: ast.AST) -> bool:
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "update"
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in TABLES
    )


def read(call: ast.Call, function: ast.FunctionDef, module: dict[str, ast.AST], name: str) -> Update:
    kept = {
        t.id
        for n in ast.walk(function)
        if isinstance(n, ast.Assign) and inside(n.value, call)
        for t in n.targets
        if isinstance(t, ast.Name)
    }
    columns: set[str] = set()
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "where"):
            continue
        holder = node.func.value
        if inside(holder, call) or (isinstance(holder, ast.Name) and holder.id in kept):
            for condition in node.args:
                columns |= columns_of(condition, function, module)
    changes = [k.value for k in call.keywords if k.arg is not None]
    table = call.func.value.id if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) else ""
    relative = (
        bool(changes)
        and len(changes) == len(call.keywords)
        and not call.args
        and all(
            any(
                isinstance(p, ast.Attribute) and isinstance(p.value, ast.Name) and p.value.id == table
                for p in ast.walk(v)
            )
            for v in changes
        )
    )
    return Update(f"{name.removesuffix('.py')}:{function.name}", frozenset(columns), relative)


TABLES = {table.__name__: set(table._meta.fields) for table in connecting.tables()}


def raw() -> Iterator[tuple[str, str]]:
    """Statements that are written as text, with the function or the module that has them."""
    for name, tree in sources():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.match(r"UPDATE \w+ SET ", node.value)
            ):
                yield name.removesuffix(".py"), node.value


def test_every_update_says_what_the_row_must_be_or_why_it_need_not() -> None:
    found = list(updates())
    assert len(found) > 80
    bare = {u.where for u in found if not u.is_guarded}
    assert bare - ALLOWED.keys() == set(), "say in the condition what the row must be, or in the list why not"
    assert ALLOWED.keys() - bare == set(), "these are guarded by now, or gone"


RAW_ALLOWED: dict[str, str] = {
    "UPDATE message SET useful_until = ? WHERE id = ?": "in the transaction that has just given them their verdict",
    "UPDATE sender SET standing = ?, blocked_until = ?, reason = ?, source = ? WHERE channel_id = ? AND handle_key = ?": LAST_WINS,
    "UPDATE sender SET standing = ?, blocked_until = ?, reason = ?, source = ?, counted_from = ? WHERE id = ?": TAKEN,
}


def test_statements_that_are_written_as_text_are_guarded_too() -> None:
    bare = {text for _, text in raw() if not STATES.search(text.partition(" WHERE ")[2])}
    assert bare - RAW_ALLOWED.keys() == set()
    assert RAW_ALLOWED.keys() - bare == set()


@pytest.mark.parametrize(
    ("code", "guarded"),
    [
        ("Tweet.update(text='a').where(Tweet.id == i)", False),
        ("Tweet.update(text='a')", False),
        ("Tweet.update(text='a').where((Tweet.id == i) & (Tweet.status == s))", True),
        ("Tweet.update(attempts=Tweet.attempts + 1).where(Tweet.id == i)", True),
        ("Tweet.update(attempts=Tweet.attempts + 1, text='a').where(Tweet.id == i)", False),
    ],
)
def test_what_counts_as_guarded(code: str, guarded: bool) -> None:
    tree = ast.parse(f"def f(i, s):\n    {code}")
    function = next(functions(tree))
    (call,) = [n for n in ast.walk(function) if is_update(n)]
    assert isinstance(call, ast.Call)
    assert read(call, function, {}, "here.py").is_guarded is guarded
