"""What a person types after `/watch`, in both languages: what it is about, its own triggers, and its ceiling a day."""

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, unquote, urlsplit

from bot.chat.words import ADD, REMOVE
from engine.moderation import split_keywords
from engine.watching import WatchedKind

ACCOUNT = {"account", "cuenta", "user", "usuario", "usuaria", "perfil", "profile"}
LIST = {"list", "lista", "lists", "listas"}
SEARCH = {"search", "find", "buscar", "busca", "busqueda", "búsqueda", "busco"}
HOME = {"home", "timeline", "following", "inicio", "cronologia", "cronología", "seguidos", "portada"}
HOME_PHRASES = {
    "whom it follows", "who it follows", "whom i follow", "a quienes sigue", "a quien sigue", "a quienes sigo",
    "los que sigue", "los que sigo",
}  # fmt: skip
ADDED = ADD | {"agrega", "añade", "anade", "watch", "vigilar", "vigila"}
REMOVED = REMOVE | {"quita", "borra", "eliminar", "elimina", "unwatch", "drop", "dejar"}
PAUSE = {"pause", "pausar", "pausa", "stop", "parar", "para", "detener", "detén"}
RESUME = {"resume", "continue", "seguir", "sigue", "reanudar", "reanuda", "continuar", "continúa", "on"}
VERBS = (("add", ADDED), ("remove", REMOVED), ("pause", PAUSE), ("resume", RESUME))
ALL = {"all", "everything", "todo", "todos", "todas", "any", "cualquiera"}

#: `max 1`, `tope de 0,50 al día`, `hasta $2`, `no más de 50 centavos`, at the end.
_MOST = (
    r"max(?:imum)?|máx(?:imo)?|maximo|tope|ceiling|cap|limit|l[ií]mite|up\s+to|hasta|at\s+most|(?:no\s+|not\s+)?more"
    r"\s+than|(?:no\s+)?m[aá]s\s+de|como\s+(?:mucho|m[aá]ximo)|a\s+lo\s+sumo"
)
_SIGN = r"(?:us\s?)?\$|usd\b"
_UNIT = rf"(?P<cents>¢|centavos?\b|c[eé]ntimos?\b|cents?\b)|{_SIGN}|d[oó]lar(?:es)?\b|dollars?\b|bucks?\b"
_NUMBER = r"(?P<money>\d{1,7}(?:[.,]\d{1,6})?|[.,]\d{1,6})(?![.,]?\d)"
_A_DAY = r"(?:\s*(?:(?:/|al?\b|por\b|per\b|each\b|cada\b)\s*(?:d[ií]a|day)|diari[oa]s?|daily)\b)?"
CEILING = re.compile(
    rf"(?:^|[\s,;])(?:(?:con|with)\s+(?:un\s+|a\s+)?)?(?:{_MOST})\b\.?:?\s*(?:de\s+|of\s+)?(?:{_SIGN})?\s*{_NUMBER}"
    rf"\s*(?:{_UNIT})?{_A_DAY}\s*\.?$",
    re.IGNORECASE,
)
#: The same without a word before it, where a trigger would stand.
MONEY = re.compile(
    rf"(?:(?:{_SIGN})\s*{_NUMBER}\s*|{_NUMBER.replace('money', 'before')}\s*(?:{_UNIT})){_A_DAY}\s*\.?",
    re.IGNORECASE,
)
#: What begins as a ceiling and is none that we read: nobody means triggers by it.
NO_CEILING = re.compile(
    rf"(?:^|[\s,;])(?P<typed>(?:{_MOST})\s+\d+\s+(?:posts?|tweets?|tuits?|publicaci[oó]n(?:es)?|mensajes?)\b.*"
    r"|(?:sin|no|without(?:\s+a)?)\s+(?:tope|l[ií]mite|limit|ceiling)"
    r"|(?:max(?:imum|imo)?|máx(?:imo)?|tope|ceiling|limit|l[ií]mite)\b[\s.:]*(?:(?:de|of)\s+)?(?:[-$€.,\d]|us[d$]|\w+\s+d[oó]l"
    r"|\w+\s+dollar|un\b|one\b).*)$",
    re.IGNORECASE,
)
HANDLE = re.compile(r"[@＠]?([A-Za-z0-9_]{1,15})", re.ASCII)
HOSTS = re.compile(r"(?:www\.|mobile\.|m\.)?(?:x|twitter)\.com", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]{5,19}", re.ASCII)
_NO_MORE = re.compile(
    r"^(?:deja(?:r)?\s+de\s+vigilar|no\s+vigil(?:ar|es)(?:\s+m[aá]s)?|(?:stop|don'?t|do\s+not)\s+watch(?:ing)?)\s+",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"^(?:(?:el|la|los|al?|mi|mis|the|my)\s+){1,2}(?=[@＠]|https?:|(?:\w+\.)?(?:x|twitter)\.com/|[^\W\d_]+(?:\s|:|$))",
    re.IGNORECASE,
)
_OF = re.compile(r"^(?:de|del|of)\s+(?=[@＠\d]|https?:|(?:\w+\.)?(?:x|twitter)\.com/)", re.IGNORECASE)
_FOR = re.compile(r"^(?:for|por)\s+(?=[\"“«#$@(]|from:)", re.IGNORECASE)
_AT = re.compile(r"^[@＠]\s+(?=\w)")
_NAME = re.compile(r"<?[@＠]|\([@＠]\w+\)$")
_SEARCH = re.compile(r"[\"“”«„#(]|\$[a-z]|(?!https?:)-?[a-z_]+:\S|-[\w\"“#@$(]", re.IGNORECASE)
_NAMES = re.compile(r"(?:(?:,|;|y|e|and|&|\+)?\s*[@＠]\w{1,15}[\s,;]*)+")
_BARE = re.compile(r"(?P<money>\d{1,4}[.,]\d{1,2})")
_NAMED_LIST = re.compile(r"[\"“«](?P<name>[^\"”»]+)[\"”»](?P<rest>.*)", re.DOTALL)
OF_A_NAME = {
    "status", "with_replies", "media", "highlights", "likes", "articles", "following", "followers", "about",
    "superfollows", "verified_followers", "affiliates", "photo", "header_photo",
}  # fmt: skip
NO_NAMES = {"i", "home", "search", "hashtag", "explore", "settings", "messages", "notifications", "intent", "share"}


@dataclass(frozen=True, slots=True)
class Said:
    """`what`: a name without @, the number or the name of a list, a search. None for what was not said.

    `triggers`: its own; an empty tuple where everything was said to be wanted. `cost`: a ceiling, micro-dollars a day.
    `no_ceiling`: what was typed as one and is none. `several`: names behind the first, which are to be said one by one.
    """

    kind: WatchedKind | None
    what: str = ""
    triggers: tuple[str, ...] | None = None
    cost: int | None = None
    no_ceiling: str = ""
    several: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """A verb (`add`, `remove`, `pause`, `resume`), and what it is about."""

    verb: str
    said: Said


def order(typed: str) -> Order:
    """What is to be done with what."""
    text = _NO_MORE.sub("remove ", typed.strip(), count=1)
    first, _, rest = text.partition(" ")
    for verb, words in VERBS:
        if first.lower() in words and rest.strip():
            return Order(verb, understood(rest))
    return Order("add", understood(text))


def understood(typed: str, kind: WatchedKind | None = None) -> Said:
    """What is meant; `kind` where it is known what was asked for. A Said without `kind` is none of these."""
    text = typed.strip()
    cost, text, no_ceiling = _ceiling(text)
    said = replace(_meant(text, kind), cost=cost, no_ceiling=no_ceiling)
    return _with_money(said) if said.triggers and cost is None and not no_ceiling else said


def _with_money(said: Said) -> Said:
    """An amount alone among its triggers, or at their end, is its ceiling: nobody waits for posts that say `1$`."""
    words = said.triggers or ()
    for count in (2, 1):  # 0,50 has a comma of its own
        amount = ",".join(words[-count:])
        found = MONEY.fullmatch(amount) or (_BARE.fullmatch(amount) if len(words) == count else None)
        if found is not None and len(words) >= count:
            return replace(said, triggers=words[:-count] or None, cost=_amount(found))
    return said


def _ceiling(text: str) -> tuple[int | None, str, str]:
    """A ceiling at the end, what stands before it, and what is one only by its words."""
    ends = CEILING.search(text)
    if ends is not None:
        return _amount(ends), text[: ends.start()].rstrip(" ,;"), ""
    none = NO_CEILING.search(text)
    quoted = none is not None and text[: none.start()].count('"') % 2
    return (None, text[: none.start()].rstrip(" ,;"), none["typed"]) if none and not quoted else (None, text, "")


def _meant(typed: str, kind: WatchedKind | None) -> Said:
    text = _AT.sub("@", _ARTICLE.sub("", typed, count=1), count=1)
    first, _, rest = text.partition(" ")
    word = first.lower().rstrip(":")
    if kind is None:
        if " ".join(typed.lower().split()) in HOME_PHRASES:
            return Said(WatchedKind.HOME)
        for named, words in (
            (WatchedKind.ACCOUNT, ACCOUNT),
            (WatchedKind.LIST, LIST),
            (WatchedKind.SEARCH, SEARCH),
            (WatchedKind.HOME, HOME),
        ):
            if word in words:
                return _of_kind(named, _OF.sub("", rest.strip(), count=1))
        kind = _kind_of(first, rest)
    return _of_kind(kind, text) if kind is not None else Said(None, typed)


def _kind_of(first: str, rest: str) -> WatchedKind | None:
    """By how it begins: a name with its @, an address of X's, what only a search begins with."""
    at = _address(first)
    if at is not None:
        return at.kind
    if _NAME.match(first):
        return WatchedKind.SEARCH if rest.startswith("OR ") else WatchedKind.ACCOUNT
    return WatchedKind.SEARCH if _SEARCH.match(first) else None


def _of_kind(kind: WatchedKind, text: str) -> Said:
    text = _AT.sub("@", text, count=1)
    first, _, rest = text.partition(" ")
    at = _address(first)
    if at is not None and at.kind is not None and (at.kind is kind or kind is WatchedKind.SEARCH):
        return Said(at.kind, at.what, _triggers(rest))
    if kind is WatchedKind.SEARCH:
        return Said(kind, _FOR.sub("", text, count=1))
    if kind is WatchedKind.HOME:
        return Said(kind, "", _triggers(text))
    if kind is WatchedKind.LIST and (listed := _NAMED_LIST.fullmatch(text)):
        return Said(kind, listed["name"].strip(), _triggers(listed["rest"].lstrip(" ,;")))
    if kind is WatchedKind.LIST and not NUMBER.fullmatch(first):
        return Said(kind, text.strip("\"“”«»' "))
    named = HANDLE.fullmatch(first.strip("<>()[],.;:"))
    if kind is not WatchedKind.ACCOUNT or named is None:
        return Said(kind, first, _triggers(rest))
    if rest and _NAMES.fullmatch(rest.strip()):
        return Said(kind, named[1], several=tuple(re.findall(r"[@＠]\w+", rest)))
    return Said(kind, named[1], _triggers(rest))


def _triggers(text: str) -> tuple[str, ...] | None:
    """None where there are none; empty where everything is said to be wanted."""
    bare = re.sub(r"^[\s:,]*(?:con|with|solo|sólo|only|si|if|para|for)\s+", "", f" {text.strip()}", flags=re.IGNORECASE)
    if not bare.strip(" :,."):
        return None
    if bare.strip(" :,.").lower() in ALL:
        return ()
    return tuple(split_keywords(bare.strip()))


def _address(word: str) -> Said | None:
    """What an address of X's shows; None for what is none."""
    text = word.strip("<>.,")
    if not re.match(r"https?://", text, re.IGNORECASE):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if not parts.hostname or not HOSTS.fullmatch(parts.hostname):
        return None
    path = [unquote(piece) for piece in parts.path.split("/") if piece]
    if len(path) >= 3 and path[:2] == ["i", "lists"] and NUMBER.fullmatch(path[2]):
        return Said(WatchedKind.LIST, path[2])
    if path[:1] == ["search"] and (searched := parse_qs(parts.query).get("q")):
        return Said(WatchedKind.SEARCH, searched[0])
    if len(path) == 2 and path[0] == "hashtag":
        return Said(WatchedKind.SEARCH, f"#{path[1]}")
    if path == ["home"]:
        return Said(WatchedKind.HOME)
    if path[:1] == ["intent"] and (named := parse_qs(parts.query).get("screen_name")) and HANDLE.fullmatch(named[0]):
        return Said(WatchedKind.ACCOUNT, named[0].lstrip("@＠"))
    of_account = len(path) == 1 or (len(path) > 1 and path[1] in OF_A_NAME)
    if of_account and path[0].lower() not in NO_NAMES and HANDLE.fullmatch(path[0]):
        return Said(WatchedKind.ACCOUNT, path[0].lstrip("@"))
    return Said(None, word)


def _amount(found: re.Match[str]) -> int:
    """What was found as dollars, or cents of them, in micro-dollars."""
    groups = found.groupdict()
    whole, _, part = (groups["money"] or groups["before"]).replace(",", ".").partition(".")
    micros = int(whole or 0) * 1_000_000 + int((part + "000000")[:6])
    return micros // 100 if groups.get("cents") else micros


def dollars(typed: str) -> int | None:
    """An amount alone, as it is typed: `0,50`, `$2`, `1.5 dólares al día`. Micro-dollars; None for what is none."""
    text = typed.strip()
    found = CEILING.fullmatch(f"max {text}") or CEILING.fullmatch(text)
    return _amount(found) if found is not None else None
