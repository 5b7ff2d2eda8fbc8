"""Photos, GIFs and videos to send to the bot, as small as they can be."""

from io import BytesIO

from PIL import Image

VIDEO = b"\0\0\0\x18ftypmp42" + b"moving" * 100


def photo(color: str) -> bytes:
    """A PNG of one color."""
    content = BytesIO()
    Image.new("RGB", (8, 6), color).save(content, "PNG")
    return content.getvalue()


def animation() -> bytes:
    """A GIF of two frames."""
    content = BytesIO()
    frames = [Image.new("P", (8, 6), color) for color in (1, 2)]
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return content.getvalue()
