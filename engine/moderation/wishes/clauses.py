"""A message's clauses: where one may be a request beside news, and what one must be about to be that.

Each is read by the grammar of whole messages. What the grammar takes for a request when nothing stands beside it may be
said to anybody when something does ("leave me alone", "borren mi tuit"); so a clause must speak of reposting or
publishing what is one's own, of the channel's list, or of a subscription.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.moderation.wishes.english import ENGLISH
from engine.moderation.wishes.grammar import read, vocabulary
from engine.moderation.wishes.spanish import SPANISH
from engine.moderation.wishes.words import listed
from engine.text import fold


def _named(*names: str) -> frozenset[str]:
    """The words of these names, in whatever language has them."""
    return frozenset(
        word
        for language in (SPANISH, ENGLISH)
        for name in names
        if name in language.names
        for word in vocabulary(read([f"(<{name}>)"], language.names))
    )


_REPOSTING = _named("reposteen", "repostear", "repost", "reposting", "rt") | frozenset(
    listed("repostean, retuitean, republican, reposteas, retuiteas")
)
_REPOSTED = _named("reposteado", "reposted") - {"contacted", "messaged", "bothered"}
_PUBLISHING = (
    _REPOSTING
    | _REPOSTED
    | frozenset(listed("difusion, publicacion, reproduccion, divulgacion"))
    | _named("compartan", "difundir", "repostearme", "reposteandome", "reposteando", "share", "sharing")
) - {"molestando", "escribiendo", *(verb + end for verb in ("molestando", "escribiendo") for end in ("me", "nos"))}
#: Who asks that a name be kept back may be reposted.
_NAMES = frozenset(listed("nombre, nombres, nombren, nombreis, nombrar, nombrarme, nombrarnos, usuario, name, handle"))
_LIST = frozenset(listed("lista, listas, canal, bot, list, lists, channel"))
_YOUR_LIST = _named("lista", "list") - {"de"}
_YOUR = frozenset(listed("su, sus, tu, tus, este, esta, your, ur, this"))
_SUBSCRIPTION = frozenset(
    listed(
        "unsubscribe, unsub, optout, opt, opting, baja, suscripcion, subscription, desuscribanme, "
        "desuscribeme, desuscribirme"
    )
)
_OWN = frozenset(["my", "mi", "mis"])
_I_WRITE = _named("escribo")
_I_WANT = frozenset(
    listed(
        "quiero, quisiera, deseo, prefiero, preferiria, solicito, exijo, pido, ruego, acepto, permito, "
        "autorizo, consiento, odio, detesto, agradeceria"
    )
)

_CLAUSE = re.compile(
    r"(?:(?!\b(?:because|cause|bc|since|porque|pues|ya que|i['’]?m)\b)[^.,;:!?\n…—–()|])+|i['’]?m", re.I
)
#: Where a clause may end without a mark: at a conjunction, a picture, a hashtag.
_JOINT = re.compile(
    r"(?<!\S)(?:y|e|pero|as[ií] que|and|but|so|-+)(?!\S)|[\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff\ufe0f\u200d]+"
    r"|[#＃]\w+",
    re.I,
)
#: "no compartan mi ubicación ni me retuiteen": the second is denied as the first is, unless somebody thinks it.
_NOR = re.compile(
    r"\s*(?:(?:por favor|please|y|and|but|pero)\s+)*(?P<no>no|don['’]?t|do not)\s(?:(?!\bque\b|\bthat\b).)*?"
    r"\s(?:ni|nor|or)\s(?P<also>.+)",
    re.I | re.S,
)
#: What makes of a clause the words of somebody else, wherever it stands, or a case that may not be, before it.
_OF_ANOTHER = re.compile(
    r"[\"«»“”]|\b(?:dij[eo]\w*|dicen?|pid(?:en?|io|ieron)|grit\w+|said|says|asks|yell\w+|they|he|she|ella|ellos"
    r"|hace falta)\b"
)
_MAY_YOU = re.compile(r"\b(?:can|could|would|will|pued\w+|podri\w+|how do i|como hago)\b")
_IF = re.compile(r":|\b(?:if|when|si|cuando|unless)\b")
_SENTENCE_END = re.compile(r"[.!?…](?!\S)|\n")
_CAPITAL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
_TIME = re.compile(r"(?<=\d):(?=\d)")


@dataclass(frozen=True, slots=True)
class Clause:
    """As it is to be read, and where it stands."""

    said: str
    start: int
    end: int


def clauses(text: str) -> Iterator[Clause]:
    """All that may be one: from mark to mark, and within that from joint to joint."""
    for found in _CLAUSE.finditer(text):
        yield from _denied(found[0], found.start())
        joints = list(_JOINT.finditer(found[0]))
        if joints:
            starts, ends = [0, *(j.end() for j in joints)], [*(j.start() for j in joints), len(found[0])]
            for start, end in zip(starts, ends, strict=True):
                yield from _denied(found[0][start:end], found.start() + start)

        yield from (Clause(_apart(j[0]), found.start(), found.end()) for j in joints if j[0][0] in "#＃")


def _apart(tag: str) -> str:
    """#NoMePubliquen"""
    return _CAPITAL.sub(" ", tag[1:])


def _denied(said: str, start: int) -> Iterator[Clause]:
    if said.strip():
        yield Clause(said, start, start + len(said))
        nor = _NOR.match(said)
        if nor is not None:
            yield Clause(f"{nor['no']} {nor['also']}", start, start + len(said))


def is_meant(clause: Clause, text: str) -> bool:
    """Whether its writer says it, and asks it; not what somebody else said, or what may be."""
    before = fold(_TIME.sub(" ", _SENTENCE_END.split(text[: clause.start])[-1]))
    if _OF_ANOTHER.search(fold(text)) or _IF.search(before):
        return False
    return text[clause.end : clause.end + 1] != "?" or _MAY_YOU.search(fold(clause.said)) is not None


def is_of_this(words: Sequence[str], *, of_me: bool) -> bool:
    """Whether a request in these words can only be about being reposted, and about who writes."""
    said = {word for before, word in zip(["", *words], words, strict=False) if before not in _OWN}
    on_list = bool(said & _LIST or (said & _YOUR_LIST and said & _YOUR))
    if not of_me and not said & _I_WRITE:
        return bool(said & _I_WANT) and (on_list or bool(said & _REPOSTED))
    if on_list or said & _REPOSTING or said & _SUBSCRIPTION:
        return True
    return bool(said & _PUBLISHING) and not _NAMES.intersection(words)
