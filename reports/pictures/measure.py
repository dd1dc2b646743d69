"""How wide text is in the report's face, and names that are shortened to fit."""

from functools import cache
from typing import Final

WIDTH: Final = 482.0
"""Of a picture, in its own units: that of the text on A4, in points."""
TYPE: Final = 7.5
"""The size of its type."""

_ELSEWHERE: Final = 1.0
"""The width of a character that the face lacks, in its size: no face that stands in is wider, mostly."""


def width(text: str, *, semibold: bool = False) -> float:
    """How wide `text` is in units of a picture."""
    advances = _advances(semibold=semibold)
    return TYPE * sum(advances.get(ord(character), _ELSEWHERE) for character in text)


def shortened(text: str, room: float, *, semibold: bool = False) -> str:
    """`text`, or its beginning and its end if there is no room for all of it.

    Names differ at either end: ns-00001 in the one, checkout-api and checkout-web in the other.
    """
    if width(text, semibold=semibold) <= room:
        return text
    kept = len(text) - 1
    while kept > 1 and width(_middle(text, kept), semibold=semibold) > room:
        kept -= 1
    return _middle(text, kept)


def cut(text: str, room: float) -> str:
    """`text`, or its beginning if there is no room for all of it: a list whose first items matter most."""
    if width(text) <= room:
        return text
    kept = text
    while kept and width(f"{kept}…") > room:
        kept = kept[:-1]
    return f"{kept.rstrip(' ,;-')}…"


def _middle(text: str, kept: int) -> str:
    last = kept // 2
    return f"{text[: kept - last]}…{text[len(text) - last :]}"


@cache
def _advances(*, semibold: bool) -> dict[int, float]:
    """The width of each character, in its size."""
    # what is composed is asked whether it fits, where tables alone are wanted, too
    from fontTools.ttLib import TTFont

    from reports.assets import SANS, SANS_SEMIBOLD

    with TTFont((SANS_SEMIBOLD if semibold else SANS).path, lazy=True) as font:
        widths, unit = font["hmtx"].metrics, font["head"].unitsPerEm
        return {code: widths[glyph][0] / unit for code, glyph in font.getBestCmap().items()}


def number(value: float) -> str:
    """As paths have it: 12, 12.5."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
