"""The font of our pictures. Who draws imports this when it draws: it is 10 MiB of drawing."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Source Sans Pro from its wheel, which is found without being imported: it would ask for setuptools."""
    package = find_spec("font_source_sans_pro")
    assert package is not None
    assert package.origin is not None
    return ImageFont.truetype(str(Path(package.origin).parent / "files" / "SourceSansPro-Regular.ttf"), size)
