"""Small charts of one line as paths of SVG, which a template places in the page.

They are drawn here because their colours are those of the page, light or dark, and its policy refuses the
style attributes that plotting libraries write; and a library that plots takes longer to import than all of
this takes to render.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from reports.model import Line, Point

WIDTH: Final = 240
HEIGHT: Final = 44
_MARGIN: Final = 4
"""Around the line, so that its strokes and dots are whole."""


@dataclass(frozen=True)
class Drawing:
    """A chart in the units of its view box, as texts: a path for each unbroken piece, and dots."""

    box: str
    zero: str
    """The path of the axis."""
    paths: tuple[str, ...]
    dots: tuple[tuple[str, str], ...]
    """At the ends, and where a point has no neighbour: horizontal and vertical place."""


def drawn(line: Line) -> Drawing:
    """The chart of a line."""
    pieces = list(_pieces(line.points))
    alone = [piece[0] for piece in pieces if len(piece) == 1]
    ends = [pieces[0][0], pieces[-1][-1]] if pieces else []
    return Drawing(
        box=f"0 0 {WIDTH} {HEIGHT}",
        zero=f"M{_MARGIN} {HEIGHT - _MARGIN}H{WIDTH - _MARGIN}",
        paths=tuple(f"M{'L'.join(' '.join(_place(p)) for p in piece)}" for piece in pieces if len(piece) > 1),
        dots=tuple(dict.fromkeys(_place(point) for point in (*ends, *alone))),
    )


def _pieces(points: Sequence[Point]) -> Iterator[list[Point]]:
    """What lies between breaks."""
    for there, piece in groupby(points, lambda point: point.height is not None):
        if there:
            yield list(piece)


def _place(point: Point) -> tuple[str, str]:
    across, up = point.at, point.height or 0.0
    left = _MARGIN + across * (WIDTH - 2 * _MARGIN)
    top = HEIGHT - _MARGIN - up * (HEIGHT - 2 * _MARGIN)
    return f"{left:.1f}", f"{top:.1f}"
