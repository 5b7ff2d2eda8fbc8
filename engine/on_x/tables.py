"""What texts are measured by: twitter-text's weights and names of domains, and Unicode's emoji.

Reading them takes 24 MiB and a third of a second, and what is left of them 1 MiB. Who measures a text pays for that,
unless it was `given` them by a process that had another one read them (bot/forking.py).
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Tables:
    """The expressions for links never read a sign twice. `names`: of top domains. `emoji`: of each sign that one
    begins with, all of them, each between spaces: a set of them would take a MiB.
    """

    host: re.Pattern[str]
    start: re.Pattern[str]
    before: re.Pattern[str]
    rest: re.Pattern[str]
    plain: re.Pattern[str]
    short: re.Pattern[str]
    names: frozenset[str]
    names_abroad: dict[str, tuple[str, ...]]
    heavy: re.Pattern[str]
    first: re.Pattern[str]
    emoji: dict[str, str]


_known: list[Tables] = []


def tables() -> Tables:
    """The tables, read when they are asked for first."""
    if not _known:
        _known.append(_read())
    return _known[0]


def given(read: Tables) -> None:
    """Take the tables that another process has read."""
    _known[:] = [read]


def _read() -> Tables:
    from emoji import EMOJI_DATA
    from twitter_text.config import config
    from twitter_text.regexp.invalid_chars_group import invalid_chars_group
    from twitter_text.regexp.invalid_domain_chars import invalid_domain_chars
    from twitter_text.regexp.latin_accent_chars import latin_accent_chars
    from twitter_text.regexp.valid_cctld import valid_cctld
    from twitter_text.regexp.valid_general_url_path_chars import valid_general_url_path_chars
    from twitter_text.regexp.valid_gtld import valid_gtld
    from twitter_text.regexp.valid_tco_url import valid_tco_url
    from twitter_text.regexp.valid_url_path_ending_chars import valid_url_path_ending_chars
    from twitter_text.regexp.valid_url_query_chars import valid_url_query_chars
    from twitter_text.regexp.valid_url_query_ending_chars import valid_url_query_ending_chars

    not_in_domain = invalid_domain_chars.pattern
    may_precede = rf"[^A-Za-z0-9@＠$#＃{invalid_chars_group}]"
    sign = valid_general_url_path_chars.pattern
    ending = valid_url_path_ending_chars.pattern.split("]|")[0] + "]"
    balanced = rf"\((?:{sign}++\)|{sign}*+\({sign}++\){sign}*+\))"
    path = rf"/(?:(?:(?!{ending}){sign}|{balanced})*+{ending})*+(?:{balanced})*+"
    query = rf"\?{valid_url_query_chars.pattern}*{valid_url_query_ending_chars.pattern}"
    names = [n.lower() for table in (valid_gtld, valid_cctld) for n in _names(table.pattern)]
    abroad: dict[str, tuple[str, ...]] = {}
    for name in names:
        if not name.isascii():
            abroad[name[0]] = (*abroad.get(name[0], ()), name)
    light = "".join(rf"\U{r['start']:08x}-\U{r['end']:08x}" for r in config["defaults"]["ranges"])
    emoji: dict[str, str] = {}
    for one in EMOJI_DATA:
        emoji[one[0]] = emoji.get(one[0], " ") + one + " "
    first = "".join(re.escape(c) for c in emoji if not c.isascii())
    return Tables(
        host=re.compile(rf"(?:[^{not_in_domain}]|[_.-])++", re.IGNORECASE),
        start=re.compile(rf"(?<={may_precede})[^{not_in_domain}]", re.IGNORECASE),
        before=re.compile(may_precede, re.IGNORECASE),
        rest=re.compile(rf"(?::[0-9]+)?(?P<path>{path})?(?:{query})?", re.IGNORECASE),
        plain=re.compile(rf"[\-.a-z0-9{latin_accent_chars.pattern}]++", re.IGNORECASE),
        short=valid_tco_url,
        names=frozenset(n for n in names if n.isascii()),
        names_abroad=abroad,
        heavy=re.compile(f"[^{light}]"),
        first=re.compile(f"[{first}]|[0-9#*](?=[\ufe0f\u20e3])"),
        emoji=emoji,
    )


def _names(pattern: str) -> list[str]:
    return pattern.removeprefix("(?:(?:")[: pattern.rindex(")(?=") - len("(?:(?:")].split("|")
