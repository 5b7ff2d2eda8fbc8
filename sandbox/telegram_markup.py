"""Telegram's texts: the few tags of its HTML, what it finds in a text by itself, lengths in UTF-16, keyboards."""

import html
import json
import re
from typing import Any

from sandbox.x_text import found_links

TAG = re.compile(r"<(/?)(b|strong|i|em|u|s|code|pre|a|blockquote)(\s[^>]*)?>")
ENTITY_OF = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "s": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
}
COMMAND = re.compile(r"(?<!\S)/\w+(@\w+)?")
FOUND = (("mention", re.compile(r"(?<![\w@/.])@\w{3,32}")), ("hashtag", re.compile(r"(?<![\w&#])#\w*[^\W\d]\w*")))
MAX_TEXT, MAX_CAPTION, MAX_CALLBACK = 4096, 1024, 64


class BotError(Exception):
    """An answer with ok: false."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def length(text: str) -> int:
    """As Telegram counts, in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def parsed(text: str, params: dict[str, Any], limit: int, *, empty: bool = False) -> tuple[str, list[Any], str]:
    """The text as shown, its entities (UTF-16 offsets), and the markup for the page. Raises BotError."""
    if params.get("parse_mode") not in (None, "", "HTML"):
        raise BotError(400, "Bad Request: unsupported parse_mode")
    entities: list[Any]
    if params.get("parse_mode") != "HTML":
        plain, entities, raw = text, [], html.escape(text)
    else:
        plain, entities = formatted(text)
        raw = text
    if not plain.strip() and not empty:
        raise BotError(400, "Bad Request: message text is empty")
    if length(plain) > limit:
        what = "message is too long" if limit == MAX_TEXT else "message caption is too long"
        raise BotError(400, f"Bad Request: {what}")
    return plain, entities, raw


def formatted(text: str) -> tuple[str, list[Any]]:
    """Telegram's HTML as text and entities. Raises BotError."""
    plain, entities, open_tags, position = "", [], [], 0
    for tag in TAG.finditer(text):
        plain += _unescaped(text[position : tag.start()])
        position = tag.end()
        offset = length(plain)
        if not tag[1]:
            open_tags.append((tag[2], offset, tag[3] or ""))
            continue
        if not open_tags or open_tags[-1][0] != tag[2]:
            raise BotError(400, f"Bad Request: can't parse entities: unexpected end tag at byte offset {tag.start()}")
        name, start, attributes = open_tags.pop()
        if offset > start:
            entity: dict[str, Any] = {"type": ENTITY_OF[name], "offset": start, "length": offset - start}
            link = re.search(r'href="([^"]*)"', attributes)
            if name == "a" and link:
                entity["url"] = html.unescape(link[1])
            entities.append(entity)
    if open_tags:
        raise BotError(
            400,
            f"Bad Request: can't parse entities: can't find end tag corresponding to start tag {open_tags[-1][0]}",
        )
    return plain + _unescaped(text[position:]), entities


def found_in(text: str) -> list[dict[str, Any]]:
    """The entities that Telegram finds by itself in what a person writes: commands, links, mentions, hashtags."""
    spans = [("bot_command", m.start(), m.end()) for m in COMMAND.finditer(text)]
    spans += [("url", start, end) for _, start, end in found_links(text)]
    spans += [(kind, m.start(), m.end()) for kind, pattern in FOUND for m in pattern.finditer(text)]
    made: list[dict[str, Any]] = []
    reached = 0
    for kind, start, end in sorted(spans, key=lambda span: span[1]):
        if start < reached:
            continue
        made.append({"type": kind, "offset": length(text[:start]), "length": length(text[start:end])})
        reached = end
    return made


def markup(params: dict[str, Any]) -> dict[str, Any] | None:
    """The keyboard under a message. Raises BotError."""
    given = decoded(params.get("reply_markup"))
    if not given or "inline_keyboard" not in given:
        return None
    for row in given["inline_keyboard"]:
        for button in row:
            if len(str(button.get("callback_data", "")).encode()) > MAX_CALLBACK:
                raise BotError(400, "Bad Request: BUTTON_DATA_INVALID")
            if not button.get("text"):
                raise BotError(400, "Bad Request: can't parse inline keyboard button: text must not be empty")
    return dict(given) if given["inline_keyboard"] else None


def decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value


def _unescaped(text: str) -> str:
    if "<" in text:
        raise BotError(400, "Bad Request: can't parse entities: unsupported start tag")
    return html.unescape(text)
