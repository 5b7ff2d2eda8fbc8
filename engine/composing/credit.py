"""The credit line: who is named in a copy, as a template of the owner's."""

import re

NAME, HANDLE, TEXT = "{name}", "{handle}", "{text}"
#: What is offered, by the language that a channel writes in; the first is what a channel has that chose none.
IN_LANGUAGE = {
    "es": ("vía {name}: {text}", "{text} (vía {name})", "{text} / {handle}", "{text}"),
    "en": ("via {name}: {text}", "{text} (via {name})", "{text} / {handle}", "{text}"),
}
DEFAULT = IN_LANGUAGE["es"][0]
NONE = "{text}"
MAX_TEMPLATE = 100
_FIELD = re.compile(r"\{[^{}]*\}?|\}")


class BadTemplate(ValueError):
    """`reason` is `long`, `no_text` (it must hold {text} once) or `field`; `piece` is the field that is not known."""

    def __init__(self, reason: str, piece: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.piece = piece


def check_template(typed: str) -> str:
    """The template as it is kept. Raises BadTemplate."""
    kept = " ".join(typed.split())
    if len(kept) > MAX_TEMPLATE:
        raise BadTemplate("long")
    for field in _FIELD.findall(kept):
        if field not in (NAME, HANDLE, TEXT):
            raise BadTemplate("field", field)
    if kept.count(TEXT) != 1:
        raise BadTemplate("no_text")
    return kept


def mentions_people(template: str) -> bool:
    """Whether it would mention the sender, which X restricts for programs (docs/x-and-telegram.md)."""
    return re.search(r"[@＠]\s*\{(?:handle|name)\}", template) is not None


def filled(template: str, text: str, name: str, handle: str) -> str:
    """The template with its fields; what stands in a field is never read as a template."""
    values = {TEXT: text, NAME: name or handle, HANDLE: handle or name}
    return _FIELD.sub(lambda m: values.get(m[0], m[0]), template)


def offered(language: str) -> tuple[str, ...]:
    """The credit lines that are offered to a channel that writes in this language."""
    return IN_LANGUAGE.get(language, IN_LANGUAGE["es"])
