"""A bar: parts of a whole, beside each other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from reports.model import Bar, BarKey, BarPart, PartKind
from reports.pictures import colours
from reports.pictures.measure import number

_LONGEST: Final = 76
"""Percent of the line that the longest takes; behind it stands its value."""


_COLOURS: Final[dict[PartKind, str]] = {
    "isolated": colours.ACCENT,
    "open": colours.HIGH,
    "not-assessed": colours.NOT_ASSESSED,
}


@dataclass(frozen=True)
class DrawnPart:
    """A part: kind, colour, where it begins and how wide it is in percent of the bar, and where it ends."""

    kind: PartKind
    colour: str
    left: str
    width: str
    right: str


@dataclass(frozen=True)
class Drawing:
    """`width` is that of the bar in whole percent of the line, at least one."""

    width: int
    solid: tuple[DrawnPart, ...]
    hatched: tuple[DrawnPart, ...]


def drawn(bar: Bar) -> Drawing:
    """The bar."""
    return _drawing(bar.parts, max(1, round(_LONGEST * bar.length)))


def key(word: BarKey) -> Drawing:
    """A part of this kind."""
    return _drawing((BarPart(word.kind, 1.0),), 100)


def _drawing(written: Iterable[BarPart], width: int) -> Drawing:
    parts = list(_parts(written))
    return Drawing(
        width=width,
        solid=tuple(part for part in parts if part.kind != "not-assessed"),
        hatched=tuple(part for part in parts if part.kind == "not-assessed"),
    )


def _parts(parts: Iterable[BarPart]) -> Iterator[DrawnPart]:
    left = 0.0
    for part in parts:
        right = left + 100 * part.share
        yield DrawnPart(
            part.kind,
            _COLOURS[part.kind],
            f"{number(left)}%",
            f"{number(right - left)}%",
            f"{number(right)}%",
        )
        left = right
