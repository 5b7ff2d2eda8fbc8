"""Words and phrases rewritten with the writer's capitals; never inside a link, a mention or a hashtag."""

from dataclasses import dataclass

from engine.phrases import Phrasebook


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What a phrase becomes. With `dotted` the phrase was given with its full stop (`av.`), which goes with it."""

    into: str
    dotted: bool = False


def replace(text: str, book: Phrasebook[Rewrite]) -> str:
    """Each phrase found becomes its replacement; what stands around it is left as it is, and nothing twice."""
    parts: list[str] = []
    at = 0
    for found in book.find(text, in_hashtags=False):
        parts += [text[at : found.start], with_capitals_of(text[found.start : found.end], found.value.into)]
        at = found.end + (found.value.dotted and text[found.end : found.end + 1] == ".")
    return "".join(parts) + text[at:]


def emphasise(text: str, book: Phrasebook[None]) -> str:
    """Chosen words in capitals."""
    parts: list[str] = []
    at = 0
    for found in book.find(text, in_hashtags=False):
        parts += [text[at : found.start], text[found.start : found.end].upper()]
        at = found.end
    return "".join(parts) + text[at:]


def with_capitals_of(written: str, into: str) -> str:
    """`avenida` for `AV` is `AVENIDA`, for `Av` `Avenida`, for `av` as the owner wrote it."""
    letters = [c for c in written if c.isalpha()]
    if len(letters) > 1 and all(c.isupper() for c in letters):
        return into.upper()
    if letters and letters[0].isupper():
        return into[:1].upper() + into[1:]
    return into
