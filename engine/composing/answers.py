"""What the channel answers who asked not to be reposted: once, in the language that it writes in.

Each answer names whom it is for, so that no two say the same: X refuses what was just said.
"""

OUT = {
    "es": "{who}entendido: {channel} no volverá a publicar nada tuyo. Si cambias de idea, escríbenos: pueden"
    " repostearme",
    "en": "{who}understood: {channel} will not post anything of yours again. If you change your mind, write: you can"
    " repost me",
}


def left_out(language: str, channel: str, handle: str) -> str:
    """To who asked; `channel` is named without its @, as it need not be told of its own answer."""
    text = OUT.get(language, OUT["es"]).format(who=f"@{handle} " if handle else "", channel=channel)
    return text if handle else text[0].upper() + text[1:]
