"""What the channel says: a message in its own words, credited, within X's length."""

from engine.composing.answers import as_written, left_out
from engine.composing.credit import DEFAULT as DEFAULT_CREDIT
from engine.composing.credit import NONE as NO_CREDIT
from engine.composing.credit import BadTemplate, check_template, mentions_people
from engine.composing.credit import offered as credits_in
from engine.composing.length import shorten
from engine.composing.plain import clean
from engine.composing.style import CALM_CAPITALS, FALLBACK, Style, style_of
from engine.composing.threads import Long
from engine.on_x import LIMIT, has_link, weighted_length
from engine.text import ELLIPSIS

__all__ = [
    "CALM_CAPITALS",
    "DEFAULT_CREDIT",
    "ELLIPSIS",
    "FALLBACK",
    "LIMIT",
    "NO_CREDIT",
    "BadTemplate",
    "Long",
    "Style",
    "as_written",
    "check_template",
    "clean",
    "credits_in",
    "has_link",
    "left_out",
    "mentions_people",
    "shorten",
    "style_of",
    "weighted_length",
]
