"""The house's logo: any PNG or JPEG, made anew as a PNG that holds pixels and nothing else."""

import hashlib
import io
import warnings
from pathlib import Path
from typing import Final

from reports.errors import RenderFailure
from reports.house_files import read_file
from reports.model import Logo

_MOST_PIXELS: Final = 2000
_FORMATS: Final = ("PNG", "JPEG")


def read_logo(path: Path, organisation: str) -> Logo:
    """The picture at `path`; RenderFailure, which names it, if it is none, or larger than a logo is.

    Colours become those of screens, and metadata, profiles and further pictures of the file stay behind.
    """
    data = read_file(path, 1, "name a PNG or JPEG file, and no larger one")
    try:
        png = _made_anew(data)
    except Exception:  # noqa: BLE001 - a broken file fails in many ways
        raise RenderFailure(
            f"{path} is no PNG or JPEG of at most {_MOST_PIXELS:,} pixels a side that can be read; "
            "name another file"
        ) from None
    words = f"Logo of {organisation}" if organisation else "Logo"
    return Logo(png, words, hashlib.sha256(data).hexdigest())


def _made_anew(data: bytes) -> bytes:
    from PIL import Image

    made = io.BytesIO()
    with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
        warnings.simplefilter("ignore")  # of odd metadata, which is left behind
        if max(picture.size) > _MOST_PIXELS:
            raise ValueError(picture.size)
        plain = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
        plain.info.clear()
        plain.save(made, "PNG")
    return made.getvalue()
