"""What the channel answers who asked not to be reposted: once, in the language that it writes in.

It says for whom it is, so that no two are the same: X refuses what was just said. Nobody is mentioned in it: X puts the
name of who is answered before it by itself.
"""

import re

OUT = {
    "es": "{who}entendido: {channel} no volverá a publicar nada tuyo. Si cambias de idea, escríbenos: pueden"
    " repostearme",
    "en": "{who}understood: {channel} will not post anything of yours again. If you change your mind, write: you can"
    " repost me",
}
_NAMES_BEFORE = re.compile(r"^(?:@\w{1,15}\s+)+")


def left_out(language: str, channel: str, handle: str) -> str:
    """To who asked; both names without the @."""
    text = OUT.get(language, OUT["es"]).format(who=f"{handle}, " if handle else "", channel=channel)
    return text if handle else text[0].upper() + text[1:]


def as_written(answer: str) -> str:
    """An answer as X shows it, without the names that X put before it."""
    return _NAMES_BEFORE.sub("", answer)
