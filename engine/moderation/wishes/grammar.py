"""Lines of words, read once: which of them a message is made of, from its first word to its last.

A line that holds a name holds what the name stands for, and is not written out: reading costs what the lists are long,
and matching follows the message, whatever it says.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

_PIECE = re.compile(r"[()\[\]|]|<\w+>|\w+")


class Said(Protocol):
    """What is matched. `found` keeps what was seen already, by node and place: no place is looked at twice."""

    @property
    def found(self) -> dict[tuple[int, int], frozenset[int]]: ...

    def may_begin(self, node: "Node", at: int) -> bool:
        """Whether a word stands there by which it may begin."""
        ...

    def behind(self, words: "Plain", at: int) -> Iterable[int]:
        """Where it goes on behind a word of these."""
        ...


@dataclass(frozen=True, slots=True)
class Plain:
    """One word of these."""

    firsts: frozenset[str]
    may_miss: bool = False
    lengths: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lengths", tuple(sorted({len(w) for w in self.firsts})))

    def ends(self, said: Said, at: int) -> Iterable[int]:
        return said.behind(self, at)


@dataclass(frozen=True, slots=True)
class Row:
    """These, one behind the other."""

    parts: tuple["Node", ...]
    may_miss: bool = field(init=False)
    firsts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        first = next((n for n, part in enumerate(self.parts) if not part.may_miss), len(self.parts))
        object.__setattr__(self, "may_miss", first == len(self.parts))
        object.__setattr__(self, "firsts", frozenset().union(*(part.firsts for part in self.parts[: first + 1])))

    def ends(self, said: Said, at: int) -> Iterable[int]:
        places: Iterable[int] = (at,)
        for part in self.parts:
            places = {end for place in places for end in part.ends(said, place)}
            if not places:
                break
        return places


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these, or nothing where it `may_miss`."""

    parts: tuple["Node", ...]
    may_miss: bool = False
    firsts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "firsts", frozenset().union(*(part.firsts for part in self.parts)))

    def ends(self, said: Said, at: int) -> Iterable[int]:
        key = (id(self), at)
        if key not in said.found:
            ends = {e for part in self.parts if said.may_begin(part, at) for e in part.ends(said, at)}
            said.found[key] = frozenset(ends | {at} if self.may_miss else ends)
        return said.found[key]


Node = Plain | Row | Choice


@dataclass(frozen=True, slots=True)
class Words:
    """A message's words, one behind the other."""

    words: Sequence[str]
    found: dict[tuple[int, int], frozenset[int]] = field(default_factory=dict)

    def may_begin(self, node: Node, at: int) -> bool:
        return node.may_miss or (at < len(self.words) and self.words[at] in node.firsts)

    def behind(self, words: Plain, at: int) -> Iterable[int]:
        return (at + 1,) if at < len(self.words) and self.words[at] in words.firsts else ()


@dataclass(frozen=True, slots=True)
class Glued:
    """Words that nothing parts, as in a hashtag."""

    text: str
    found: dict[tuple[int, int], frozenset[int]] = field(default_factory=dict)

    def may_begin(self, node: Node, at: int) -> bool:
        return at < len(self.text) or node.may_miss

    def behind(self, words: Plain, at: int) -> Iterable[int]:
        return [at + n for n in words.lengths if self.text[at : at + n] in words.firsts]


def read(lines: Iterable[str], names: Mapping[str, str]) -> Node:
    """One of these lines."""
    known: dict[str, Node] = {}

    def named(name: str) -> Node:
        if name not in known:
            known[name] = _read(names[name], named)
        return known[name]

    return _choice([_read(line, named) for line in lines])


class _Named(Protocol):
    def __call__(self, name: str) -> Node: ...


def _read(line: str, named: _Named) -> Node:
    pieces = _PIECE.findall(line)
    node, at = _alternatives(pieces, 0, named)
    if at != len(pieces):
        raise ValueError(f"a bracket too many: {line}")
    return node


def _alternatives(pieces: list[str], at: int, named: _Named) -> tuple[Node, int]:
    rows: list[list[Node]] = [[]]
    while at < len(pieces) and pieces[at] not in ")]":
        piece = pieces[at]
        if piece == "|":
            rows.append([])
        elif piece in "([":
            inner, at = _alternatives(pieces, at + 1, named)
            if at >= len(pieces) or pieces[at] != (")" if piece == "(" else "]"):
                raise ValueError(f"a bracket is open: {' '.join(pieces)}")
            rows[-1].append(inner if piece == "(" else Choice((inner,), may_miss=True))
        elif piece[0] == "<":
            rows[-1].append(named(piece[1:-1]))
        else:
            rows[-1].append(Plain(frozenset((piece,))))
        at += 1
    if not all(rows):
        raise ValueError(f"an empty choice: {' '.join(pieces)}")
    return _choice([row[0] if len(row) == 1 else Row(tuple(row)) for row in rows]), at


def _choice(parts: Sequence[Node]) -> Node:
    """Single words of a choice are looked up together."""
    plain = [p for p in parts if isinstance(p, Plain)]
    others: list[Node] = [p for p in parts if not isinstance(p, Plain)]
    if plain:
        others.append(Plain(frozenset(w for p in plain for w in p.firsts)))
    return others[0] if len(others) == 1 else Choice(tuple(others))


def vocabulary(node: Node, seen: set[int] | None = None) -> set[str]:
    """Every word that stands in it."""
    seen = set() if seen is None else seen
    if id(node) in seen:
        return set()
    seen.add(id(node))
    if isinstance(node, Plain):
        return set(node.firsts)
    return {word for part in node.parts for word in vocabulary(part, seen)}


def is_made_of(said: Said, size: int, core: Node, also: Node) -> bool:
    """Whether it is nothing but such requests, one at least, and such words beside them."""
    return size in _through(said, core, also)


def _through(said: Said, core: Node, also: Node) -> set[int]:
    """The places behind a request, which everything from the beginning leads to."""
    todo, asked = [(0, False)], set[tuple[int, bool]]()
    while todo:
        place = todo.pop()
        if place in asked:
            continue
        asked.add(place)
        at, has = place
        todo += [(end, True) for end in core.ends(said, at)]
        todo += [(end, has) for end in also.ends(said, at)]
    return {at for at, has in asked if has}
