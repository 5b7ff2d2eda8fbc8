"""Links as X finds them in a text, bare domains too: each counts 23 whatever its length.

The same links as twitter-text's own expression, which takes seconds for 280 letters of `a.a.a.…`. Here a text is read
once: of each run of labels and dots it is known from the right how far a domain reaches that begins in a label. The
names of domains and the signs that may stand in a link are twitter-text's own tables.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from encodings import idna
from functools import lru_cache

from engine.on_x.tables import tables

MAX_URL = 4096
MAX_SLUG = 40
MAX_LABEL = 63
MAX_WRITTEN = 500  # of a domain that is not plain letters; DNS carries 253
_PROTOCOL = "https://"
_LIKE_ASCII = str.maketrans("ſıİK", "siik")  # where case is ignored these are letters of a name


_MAY_HOLD = re.compile(r"\.[^\W\d_]")  # the name of a top domain begins with a letter


def has_link(text: str) -> bool:
    """Whether X makes a link of something in it, which is wrapped, and billed as a post with a link."""
    return bool(links(unicodedata.normalize("NFC", text))) if _MAY_HOLD.search(text) else False


def links(text: str) -> list[tuple[int, int]]:
    """Where the links of a text begin and end, from left to right. The text is in NFC."""
    return list(_links(text)) if _MAY_HOLD.search(text) else []


@lru_cache(16)  # a text is asked about several times in a row: whether it has one, where, and to which sites
def _links(text: str) -> tuple[tuple[int, int], ...]:
    low = text.translate(_LIKE_ASCII).lower()
    found: list[tuple[int, int]] = []
    at = 0
    for run in tables().host.finditer(text):
        if run.end() > at and "." in run[0]:
            at = _in_run(text, low, run.start(), run.end(), at, found)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Label:
    """What stands between two dots. `name` is the end of the domain name (`com`) that it begins with, or 0."""

    start: int
    end: int
    name: int


def _in_run(text: str, low: str, begin: int, end: int, at: int, found: list[tuple[int, int]]) -> int:
    """The links that begin in a run, of those that begin at `at` or later; where the last of them ends, else `at`."""
    labels = list(_labels(low, begin, end))
    reach = [0] * len(labels)  # where a domain ends that begins with this label
    for i in range(len(labels) - 2, -1, -1):
        label, after = labels[i], labels[i + 1]
        if label.start < label.end and text[label.start] not in "_-" and text[label.end - 1] not in "_-":
            reach[i] = reach[i + 1] or (after.name if "_" not in text[label.start : label.end] else 0)
    protocol = _protocol_before(low, begin)
    if protocol is not None and reach[0] and _may_begin(text, protocol, at):
        at = _add(text, protocol, begin, reach[0], found)
    for i, label in enumerate(labels[:-1]):
        if label.end <= at or text[label.end - 1 : label.end] in ("_", "-", ""):
            continue
        first, further = label.start, reach[i + 1]
        if not further:
            further = labels[i + 1].name
            first = max(first, text.rfind("_", label.start, label.end) + 1)
        if not further:
            continue
        start = _start(text, first, label.end, at)
        if start is not None:
            at = _add(text, start, start, further, found)
    return at


def _labels(low: str, begin: int, end: int) -> Iterator[_Label]:
    while True:
        dot = low.find(".", begin, end)
        stop = end if dot < 0 else dot
        yield _Label(begin, stop, _name_end(low, begin))
        if dot < 0:
            return
        begin = dot + 1


_NAME = re.compile(r"[0-9a-z@+-]*+")
_PUNYCODE = re.compile(r"xn--[-0-9a-z]+")


def _name_end(low: str, start: int) -> int:
    """Where the name of a top domain ends that begins here; 0 where none does."""
    known = tables()
    word = _NAME.match(low, start)
    assert word is not None
    if word[0] in known.names:
        return word.end()
    for name in known.names_abroad.get(low[start : start + 1], ()):
        if low.startswith(name, start):
            after = _NAME.match(low, start + len(name))
            if after is not None and not after[0]:
                return start + len(name)
    punycode = _PUNYCODE.match(low, start)
    return punycode.end() if punycode else 0


def _protocol_before(low: str, start: int) -> int | None:
    for protocol in (_PROTOCOL, "http://"):
        if low.endswith(protocol, 0, start):
            return start - len(protocol)
    return None


def _may_begin(text: str, start: int, at: int) -> bool:
    """Whether what stands before it lets a link begin here; what an earlier link took is no sign before it."""
    return start == 0 or (start > at and tables().before.match(text, start - 1) is not None)


def _start(text: str, first: int, end: int, at: int) -> int | None:
    """The first place from here on at which a link without a protocol may begin.

    At the beginning of the text that is the second letter, where the first may stand before a link.
    """
    match = tables().start.search(text, max(first, at + 1), end)
    if first == at == 0 and text[0] not in "_-" and (match is None or match.start() > 1):
        return 0
    return match.start() if match else None


def _add(text: str, start: int, domain_start: int, domain_end: int, found: list[tuple[int, int]]) -> int:
    """Add the link of this domain, with its port, path and query, if it is one; where it ends."""
    known = tables()
    rest = known.rest.match(text, domain_end)
    assert rest is not None
    end = rest.end()
    url, domain = text[start:end], text[domain_start:domain_end]
    bare = start == domain_start
    protocol = _PROTOCOL if bare else text[start:domain_start]
    written = in_ascii(domain)
    if not written or len(protocol) + len(url) + len(written) - len(domain) > MAX_URL:
        return end
    if not bare:
        short = known.short.search(url)
        if short is None:
            found.append((start, end))
        elif len(short[1]) <= MAX_SLUG:
            end = start + len(short[0])
            found.append((start, end))
        return rest.end()
    if start and text[start - 1] in "-_./":
        return end
    plain = list(_plain_domains(domain))
    if not plain:
        return end
    found += [(start + a, start + b) for a, b in plain[:-1]]
    first, last = plain[-1]
    length = len(url.replace(domain, domain[first:last])) if rest["path"] else last - first  # as twitter-text measures
    found.append((start + first, start + first + length))
    return end


def _plain_domains(domain: str) -> Iterator[tuple[int, int]]:
    """The parts of a domain without a protocol that X links: those in Latin letters."""
    low = domain.translate(_LIKE_ASCII).lower()
    at = 0
    for run in tables().plain.finditer(domain):
        labels = list(_labels(low, run.start(), run.end()))
        reach = [0] * len(labels)
        for i in range(len(labels) - 2, -1, -1):
            if labels[i].start < labels[i].end:
                reach[i] = reach[i + 1] or labels[i + 1].name
        for i, label in enumerate(labels[:-1]):
            start, end = max(label.start, at), reach[i + 1] or labels[i + 1].name
            if start < label.end and end:
                yield start, end
                at = end


@lru_cache(maxsize=512)
def in_ascii(domain: str) -> str:
    """The domain in ASCII, or nothing where it can't be written so."""
    if not domain.isascii():
        if len(domain) > MAX_WRITTEN:
            return ""
        try:
            if any(len(idna.nameprep(label)) > MAX_LABEL for label in re.split("[.\u3002\uff0e\uff61]", domain)):
                return ""
        except UnicodeError:
            return ""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
