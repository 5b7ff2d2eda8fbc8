"""What a person may search for, as X takes it in a rule of its filtered stream.

A search of X's website is not one of its API: what it writes otherwise (`filter:links`, `since:`, `min_faves:`) is
refused with what stands for it, where something does. Source: docs/x-and-telegram.md, "Watching".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from engine.text import storable

LONGEST = 500  # X takes rules of 1,024 characters, and a search of what it missed of 512
NO_REPOSTS = "-is:retweet"

#: Stand alone, with a value.
_ALONE = {
    "from", "to", "retweets_of", "from_affiliate_of", "to_affiliate_of", "url", "url_title", "url_description",
    "url_contains", "context", "entity", "conversation_id", "in_reply_to_tweet_id", "retweets_of_tweet_id",
    "quotes_of_tweet_id", "bio", "user_bio", "bio_name", "bio_location", "user_bio_location", "place",
    "place_country", "point_radius", "bounding_box",
}  # fmt: skip
#: Only beside one that stands alone.
_BESIDE = {"sample", "lang", "source", "followers_count", "tweets_count", "following_count", "listed_count"}
_IS = {"retweet", "reply", "quote", "verified", "nullcast"}
_HAS = {"hashtags", "cashtags", "links", "mentions", "media", "images", "videos", "video_link", "geo"}
#: What X's website writes otherwise, and what stands for it in a rule; nothing where nothing does.
_OTHERWISE = {
    "filter:links": "has:links", "filter:images": "has:images", "filter:media": "has:media",
    "filter:videos": "has:videos", "filter:video": "has:videos", "filter:native_video": "has:videos",
    "filter:replies": "is:reply", "filter:retweets": "is:retweet", "filter:nativeretweets": "is:retweet",
    "filter:quote": "is:quote", "filter:verified": "is:verified", "filter:hashtags": "has:hashtags",
    "filter:mentions": "has:mentions", "has:video": "has:videos", "has:image": "has:images", "has:link": "has:links",
    "has:hashtag": "has:hashtags", "is:retweets": "is:retweet", "is:repost": "is:retweet", "is:replies": "is:reply",
    "is:quotes": "is:quote", "language": "lang", "near": "place", "conversation": "conversation_id",
    "since": "", "until": "", "since_id": "", "until_id": "", "since_time": "", "until_time": "", "within": "",
    "geocode": "", "within_time": "", "min_faves": "", "min_retweets": "", "min_replies": "", "list": "",
    "filter": "", "include": "", "exclude": "",
}  # fmt: skip
_PIECE = re.compile(r'-?"[^"]*"(?:~[0-9]+)?|-?\(|\)|-?[\w]+:"[^"]*"|-?[\w]+:\[[^\]]*\]|[^\s()"]+')
_OPERATOR = re.compile(r"(?P<name>[A-Za-z_]+):(?P<value>.*)", re.DOTALL)
_ORS = {"or", "o", "u", "|", "||"}
_REPOSTS = {"is:retweet", "retweets_of", "retweets_of_tweet_id"}
_NEAR = re.compile(r'"[^"]+"~[1-6]|[^"]*')
_STAR = re.compile(r"[^\W\d]+\*")  # X knows no beginnings of words
_HANDLE = re.compile(r"@?[A-Za-z0-9_]{1,15}|[0-9]{1,19}", re.ASCII)
_SMART = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "＂": '"', "‘": "'", "’": "'", "–": "-", "—": "-"}
)


class BadSearch(ValueError):
    """A search that X does not take. `reason` names why, `part` is what of it, `instead` what may stand for it.

    empty · long · quotes · brackets · operator (X has none of that name) · otherwise (written so elsewhere) · value
    (an operator without a good one) · alone (nothing but what narrows others) · negated (nothing but what is left out,
    or a group that is) · or (OR without something on both sides) · lower (an “or” that X takes for a word) · reposts
    (it brings nothing else)
    """

    def __init__(self, reason: str, part: str = "", instead: str = "") -> None:
        super().__init__(f"bad search ({reason})")
        self.reason, self.part, self.instead = reason, part, instead


#: What each side of an OR has of parts, in no order: what says the same is equal.
_Sides = frozenset[frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a search, or a group. `narrows`: it can't stand alone; `out`: it says what is left out; `either`: an OR
    parts it; `same`: what it says, however it is written.
    """

    written: str
    narrows: bool = False
    out: bool = False
    either: bool = False
    same: _Sides = frozenset()


def checked(typed: str) -> str:
    """The search as X is given it, without reposts unless it speaks of them. Raises BadSearch."""
    text = " ".join(storable(typed).translate(_SMART).split())
    if not text:
        raise BadSearch("empty")
    if text.count('"') % 2:
        raise BadSearch("quotes", text[-40:])
    pieces = _PIECE.findall(text)
    _says_or(pieces)
    search = _understood(pieces)
    written = search.written
    if not any(piece.lstrip("-").lower() == "is:retweet" for piece in pieces):
        written = f"({written})" if search.either else written
        written = f"{written} {NO_REPOSTS}"
    if len(written) > LONGEST:
        raise BadSearch("long", str(len(written)))
    return written


@lru_cache(maxsize=4096)
def one_spelling(search: str) -> str:
    """The one spelling of all searches that say the same by other capitals, another order, needless brackets or twice:
    X brings the same for them, and they have one rule. `search` is a checked one; what is none stays as it is.
    """
    try:
        return _spelled(_understood(_PIECE.findall(search)).same)
    except BadSearch:
        return search


def _spelled(sides: _Sides) -> str:
    def last_what_is_out(part: str) -> tuple[bool, str]:
        return part.startswith("-"), part

    return " OR ".join(sorted(" ".join(sorted(side, key=last_what_is_out)) for side in sides))


def _says_or(pieces: list[str]) -> None:
    """Raises BadSearch where somebody means an OR, or a NOT, that X would look for as a word."""
    for before, piece, after in zip(pieces, pieces[1:], pieces[2:], strict=False):
        if piece.lower() in _ORS and piece != "OR" and before not in ("OR", "("):
            raise BadSearch("lower", piece, f"{before} OR {after}"[:60])
    for piece, after in pairwise(pieces):
        if piece == "NOT":
            raise BadSearch("otherwise", piece, f"-{after}"[:60])


def _understood(pieces: list[str]) -> _Word:
    """Read it as X does: OR binds less than what stands side by side, and each side must have what stands alone."""
    left = iter(pieces)
    search, ended = _group(left, 0)
    if ended:
        raise BadSearch("brackets", ")")
    if search.narrows or search.out:
        raise BadSearch("negated" if search.out else "alone", search.written[:60])
    return search


def _group(left: Iterator[str], depth: int) -> tuple[_Word, bool]:
    """One group, up to its bracket or the end; whether it was a bracket."""
    if depth > 20:
        raise BadSearch("brackets", "(((…")
    sides: list[list[_Word]] = [[]]
    for piece in left:
        if piece == "OR":
            if not sides[-1]:
                raise BadSearch("or", "OR")
            sides.append([])
        elif piece == ")":
            if not depth:
                raise BadSearch("brackets", ")")
            return _joined(sides), True
        elif piece == "(":
            inner, ended = _group(left, depth + 1)
            if not ended:
                raise BadSearch("brackets", "(")
            sides[-1].append(_Word(f"({inner.written})", inner.narrows, inner.out, same=inner.same))
        elif piece == "-(":
            raise BadSearch("negated", "-(")
        elif piece != "AND":
            sides[-1].append(_word(piece))
    return _joined(sides), False


def _joined(sides: list[list[_Word]]) -> _Word:
    if not all(sides):
        raise BadSearch("or" if len(sides) > 1 else "brackets", "OR" if len(sides) > 1 else "()")
    one_out = any(all(w.out for w in side) for side in sides)
    narrow = any(all(w.narrows or w.out for w in side) for side in sides)
    written = " OR ".join(" ".join(w.written for w in side) for side in sides)
    return _Word(written, narrow, one_out, len(sides) > 1, _same(sides))


def _same(sides: list[list[_Word]]) -> _Sides:
    """A group without an OR is no more than its parts, and one that is alone on its side no more than its sides."""
    found: set[frozenset[str]] = set()
    for side in sides:
        if len(side) == 1:
            found |= side[0].same
            continue
        found.add(frozenset(part for w in side for part in _parts(w.same)))
    return frozenset(found)


def _parts(of_word: _Sides) -> frozenset[str]:
    return next(iter(of_word)) if len(of_word) == 1 else frozenset([f"({_spelled(of_word)})"])


def _alone(part: str) -> _Sides:
    return frozenset([frozenset([part])])


def _word(token: str) -> _Word:
    out = token.startswith("-")
    bare = token[1:] if out else token
    sign = "-" if out else ""
    if not bare or bare in ('""', "-"):
        raise BadSearch("value", token)
    operator = None if bare.startswith(('"', "http:", "https:")) else _OPERATOR.fullmatch(bare)
    if operator is None:
        if "~" in bare and not _NEAR.fullmatch(bare):
            raise BadSearch("value", token, '"vía cerrada"~5')
        return _plain(bare, sign, out=out)
    name, value = operator["name"].lower(), operator["value"]
    _is_known(name, value, sign)
    if not out and _REPOSTS & {name, f"{name}:{value.lower()}"}:
        raise BadSearch("reposts", token)
    if name in ("from", "to", "retweets_of"):
        if not _HANDLE.fullmatch(value):
            raise BadSearch("value", token, f"{name}:inameh")
        value = value.removeprefix("@")
    narrows = name in _BESIDE or name in ("is", "has")
    written = f"{sign}{name}:{value.lower() if name in ('is', 'has', 'lang') else value}"
    return _Word(
        written, narrows, out, same=_alone(written.lower() if name in ("from", "to", "retweets_of") else written)
    )


def _plain(bare: str, sign: str, *, out: bool) -> _Word:
    """A word, a phrase, a hashtag, a name: it stands alone, if there is anything in it that can be looked for."""
    if not any(c.isalnum() or ord(c) > 0x2000 for c in bare):
        raise BadSearch("value", bare)
    if _STAR.fullmatch(bare):
        raise BadSearch("value", bare, "lluvia OR lluvias")
    same = bare if bare.startswith(("http:", "https:")) else bare.lower()
    return _Word(f"{sign}{bare}", out=out, same=_alone(f"{sign}{same}"))


def _is_known(name: str, value: str, sign: str) -> None:
    """Raises BadSearch for an operator that X has not, or not so, or without its value."""
    whole = f"{name}:{value.lower()}"
    for written in (whole, name):
        if written in _OTHERWISE:
            instead = _OTHERWISE[written]
            if instead and ":" not in instead:
                instead = f"{instead}:{value}"
            raise BadSearch("otherwise", f"{sign}{name}:{value}"[:60], f"{sign}{instead}" if instead else "")
    known = {"is": _IS, "has": _HAS}.get(name)
    if known is not None and value.lower() not in known:
        raise BadSearch("operator", f"{name}:{value}"[:60], ", ".join(f"{name}:{v}" for v in sorted(known)))
    if known is None and name not in _ALONE | _BESIDE:
        raise BadSearch("operator", f"{name}:{value}"[:60])
    if name == "is" and value.lower() == "nullcast" and not sign:
        raise BadSearch("value", "is:nullcast", "-is:nullcast")
    if not value.strip('"'):
        raise BadSearch("value", f"{name}:")
