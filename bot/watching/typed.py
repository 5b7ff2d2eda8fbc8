"""What a person types after `/watch`, in both languages: what it is about, its own triggers, and its ceiling a day."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from bot.chat.words import ADD, REMOVE
from engine.moderation import split_keywords
from engine.watching import WatchedKind

ACCOUNT = {"account", "cuenta", "user", "usuario", "perfil"}
LIST = {"list", "lista", "lists", "listas"}
SEARCH = {"search", "find", "buscar", "busca", "busqueda", "búsqueda", "busco"}
HOME = {"home", "timeline", "following", "inicio", "cronologia", "cronología", "seguidos", "portada"}
PAUSE = {"pause", "pausar", "pausa", "stop", "parar", "para"}
RESUME = {"resume", "continue", "seguir", "sigue", "reanudar", "continuar", "on"}
ALL = {"all", "everything", "todo", "todos", "todas", "any", "cualquiera"}

#: `max 1`, `tope 0,50 al día`, `hasta $2`, at the end.
CEILING = re.compile(
    r"(?:^|[\s,;])(?:max(?:imum)?|máx(?:imo)?|maximo|tope|ceiling|limit|l[ií]mite|up\s+to|hasta)\.?:?\s*"
    r"(?:us)?\$?\s*(?P<money>\d{1,7}(?:[.,]\d{1,6})?)\s*(?:\$|usd|d[oó]lares?|dollars?)?"
    r"(?:\s*(?:/|a|al|por|per|each|cada)\s*(?:d[ií]a|day))?\s*$",
    re.IGNORECASE,
)
HANDLE = re.compile(r"[@＠]?([A-Za-z0-9_]{1,15})", re.ASCII)
HOSTS = re.compile(r"(?:www\.|mobile\.|m\.)?(?:x|twitter)\.com", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]{5,19}", re.ASCII)
NO_NAMES = {"i", "home", "search", "hashtag", "explore", "settings", "messages", "notifications", "intent", "share"}


@dataclass(frozen=True, slots=True)
class Said:
    """`what`: a name without @, the number or the name of a list, a search. None for what was not said.

    `triggers`: its own; an empty tuple where everything was said to be wanted. `cost`: a ceiling, micro-dollars a day.
    """

    kind: WatchedKind | None
    what: str = ""
    triggers: tuple[str, ...] | None = None
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """A verb (`add`, `remove`, `pause`, `resume`), and what it is about."""

    verb: str
    said: Said


def order(typed: str) -> Order:
    """What is to be done with what."""
    first, _, rest = typed.strip().partition(" ")
    for verb, words in (("add", ADD), ("remove", REMOVE), ("pause", PAUSE), ("resume", RESUME)):
        if first.lower() in words and rest.strip():
            return Order(verb, understood(rest))
    return Order("add", understood(typed))


def understood(typed: str, kind: WatchedKind | None = None) -> Said:
    """What is meant; `kind` where it is known what was asked for. A Said without `kind` is none of these."""
    text = typed.strip()
    cost = None
    if ends := CEILING.search(text):
        cost, text = _micros(ends["money"]), text[: ends.start()].strip()
    first, _, rest = text.partition(" ")
    word = first.lower().rstrip(":")
    if kind is None:
        for named, words in (
            (WatchedKind.ACCOUNT, ACCOUNT),
            (WatchedKind.LIST, LIST),
            (WatchedKind.SEARCH, SEARCH),
            (WatchedKind.HOME, HOME),
        ):
            if word in words and (rest.strip() or named in (WatchedKind.LIST, WatchedKind.SEARCH, WatchedKind.HOME)):
                return _of_kind(named, rest.strip(), cost)
        kind = _kind_of(first)
    return _of_kind(kind, text, cost) if kind is not None else Said(None, text, cost=cost)


def _kind_of(first: str) -> WatchedKind | None:
    """By how it begins: a name with its @, an address of X's."""
    at = _address(first)
    if at is not None:
        return at.kind
    if first[:1] in ("@", "＠"):
        return WatchedKind.ACCOUNT
    return WatchedKind.SEARCH if first[:1] in ('"', "“", "«", "#", "(") else None


def _of_kind(kind: WatchedKind, text: str, cost: int | None) -> Said:
    first, _, rest = text.partition(" ")
    at = _address(first)
    if at is not None and at.kind is not None and (at.kind is kind or kind is WatchedKind.SEARCH):
        return Said(at.kind, at.what, _triggers(rest), cost)
    if kind is WatchedKind.SEARCH:
        return Said(kind, text, None, cost)
    if kind is WatchedKind.HOME:
        return Said(kind, "", _triggers(text), cost)
    if kind is WatchedKind.LIST and not NUMBER.fullmatch(first):
        return Said(kind, text.strip("\"“”«»' "), None, cost)
    named = HANDLE.fullmatch(first)
    what = named[1] if kind is WatchedKind.ACCOUNT and named is not None else first
    return Said(kind, what, _triggers(rest), cost)


def _triggers(text: str) -> tuple[str, ...] | None:
    """None where there are none; empty where everything is said to be wanted."""
    bare = re.sub(r"^[\s:,]*(?:con|with|solo|sólo|only|si|if|para|for)\s+", "", f" {text.strip()}", flags=re.IGNORECASE)
    if not bare.strip(" :,"):
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
    of_account = len(path) == 1 or (len(path) > 1 and path[1] in ("status", "with_replies", "media", "highlights"))
    if of_account and path[0].lower() not in NO_NAMES and HANDLE.fullmatch(path[0]):
        return Said(WatchedKind.ACCOUNT, path[0].lstrip("@"))
    return Said(None, word)


def _micros(money: str) -> int:
    """Dollars as they are typed, in micro-dollars."""
    whole, _, part = money.replace(",", ".").partition(".")
    return int(whole) * 1_000_000 + int((part + "000000")[:6])


def dollars(typed: str) -> int | None:
    """An amount alone, as it is typed: `0,50`, `$2`, `1.5 dólares al día`. Micro-dollars; None for what is none."""
    found = CEILING.fullmatch(f"max {typed.strip()}")
    return _micros(found["money"]) if found is not None else None
