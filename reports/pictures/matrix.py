"""A square of shaded cells: who reaches whom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from reports.model import Matrix, MatrixCell, Side
from reports.pictures.measure import TYPE, WIDTH, number, shortened, width

_LARGEST: Final = 18.0
"""A cell of few namespaces: larger ones would say no more."""
_MOST_AT_THE_LEFT: Final = 132.0
_MOST_ABOVE: Final = 92.0
_GAP: Final = 4.0
_APART: Final = 6.0
"""Between the others and those apart."""
_LINE: Final = 0.35
"""Of white between cells, at each side."""
_SMALL: Final = 0.24
"""How much smaller at each side, of a cell, one is that is not whole."""
_LIGHTEST: Final = 0.2
"""The opacity of the first shade; that of the last is 1."""
_HATCH: Final = 3
"""Strokes of a hatched cell."""


@dataclass(frozen=True)
class Label:
    """A name at the side: where it ends at the left, or begins above."""

    text: str
    full: str
    across: str
    down: str


@dataclass(frozen=True)
class DrawnCell:
    """A path, how dark it is, and what it says."""

    path: str
    opacity: str
    text: str


@dataclass(frozen=True)
class Drawing:
    """In the units of its view box."""

    box: str
    size: str
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]
    ground: str
    """The path of all cells."""
    filled: tuple[DrawnCell, ...]
    hatched: tuple[DrawnCell, ...]
    diagonal: str
    key: "Key"


@dataclass(frozen=True)
class Key:
    """What the shades say, below."""

    line: str
    shades: tuple[DrawnCell, ...]
    labels: tuple[tuple[str, str], ...]
    """Text and where it begins."""
    hatched: tuple[DrawnCell, ...]


def drawn(matrix: Matrix, spoken: Callable[[str], str]) -> Drawing:
    """The square."""
    shades = _opacities(len(matrix.shades))
    names = [spoken(side.name) for side in matrix.sides]
    longest = max((width(name) for name in names), default=0.0)
    left = min(longest, _MOST_AT_THE_LEFT) + _GAP
    above = min(longest, _MOST_ABOVE) + _GAP
    count = max(len(names), 1)
    cell = min(_LARGEST, (WIDTH - left - _APART) / count)
    at = [number_of * cell + _APART * apart for number_of, apart in _places(matrix.sides)]
    middle = cell / 2 + TYPE * 0.35

    def square(row: int, column: int, small: float = 0.0) -> str:
        inset = _LINE + small * cell
        side = number(cell - 2 * inset)
        return (
            f"M{number(left + at[column] + inset)} {number(above + at[row] + inset)}h{side}v{side}h-{side}z"
        )

    def says(one: MatrixCell) -> str:
        return f"{names[one.row]} to {names[one.column]}: {spoken(one.text)}"

    def shaded(one: MatrixCell) -> DrawnCell:
        path = square(one.row, one.column, 0.0 if one.whole else _SMALL)
        return DrawnCell(path, opacity(one), says(one))

    def hatched(one: MatrixCell) -> DrawnCell:
        path = _hatch(left + at[one.column], above + at[one.row], cell)
        return DrawnCell(path, opacity(one), says(one))

    def opacity(one: MatrixCell) -> str:
        return shades[next(i for i, (most, _) in enumerate(matrix.shades) if one.share <= most)]

    doubtful = [side.doubtful for side in matrix.sides]
    unsure = [one for one in matrix.cells if doubtful[one.row] or doubtful[one.column]]
    sure = [one for one in matrix.cells if not (doubtful[one.row] or doubtful[one.column])]
    bottom = above + (at[-1] + cell if at else 0.0)
    return Drawing(
        box=f"0 0 {number(WIDTH)} {number(bottom + 30)}",
        size=number(TYPE),
        rows=tuple(
            Label(
                shortened(name, _MOST_AT_THE_LEFT), name, number(left - _GAP), number(above + at[i] + middle)
            )
            for i, name in enumerate(names)
        ),
        columns=tuple(
            Label(shortened(name, _MOST_ABOVE), name, number(left + at[i] + middle), number(above - _GAP))
            for i, name in enumerate(names)
        ),
        ground="".join(square(row, column) for row in range(len(at)) for column in range(len(at))),
        filled=tuple(shaded(one) for one in sure),
        hatched=tuple(hatched(one) for one in unsure),
        diagonal="".join(square(i, i) for i in range(len(at))),
        key=_key(matrix, shades, bottom + 12, hatched=any(doubtful)),
    )


def _places(sides: Sequence[Side]) -> list[tuple[int, bool]]:
    """The place of each, and whether it stands behind the gap: there is none if all do."""
    some = not all(side.apart for side in sides)
    return [(i, side.apart and some) for i, side in enumerate(sides)]


def _opacities(count: int) -> list[str]:
    return [number(_LIGHTEST + (1 - _LIGHTEST) * i / max(count - 1, 1)) for i in range(count)]


def _hatch(left: float, top: float, side: float) -> str:
    """Strokes from the lower left to the upper right, within the square."""
    paths = []
    for stroke in range(1, 2 * _HATCH):
        reach = side * stroke / _HATCH
        x1, y1 = (0.0, reach) if reach <= side else (reach - side, side)
        x2, y2 = y1, x1
        paths.append(f"M{number(left + x1)} {number(top + y1)}L{number(left + x2)} {number(top + y2)}")
    return "".join(paths)


def _key(matrix: Matrix, opacities: Sequence[str], top: float, *, hatched: bool) -> Key:
    """A square for each step, then a small one, and a hatched one if there is any."""
    side, at = 8.0, 0.0
    shades: list[DrawnCell] = []
    labels: list[tuple[str, str]] = []
    strokes: list[DrawnCell] = []

    def path(inset: float) -> str:
        across = number(side - 2 * inset)
        return f"M{number(at + inset)} {number(top + inset)}h{across}v{across}h-{across}z"

    def said(text: str) -> None:
        nonlocal at
        labels.append((text, number(at + side + 2)))
        at += side + 2 + width(text) + 9

    for (_, text), opacity in zip(matrix.shades, opacities, strict=True):
        shades.append(DrawnCell(path(0.0), opacity, text))
        said(text)
    shades.append(DrawnCell(path(side * _SMALL), opacities[-1], matrix.smaller))
    said(matrix.smaller)
    if hatched:
        strokes.append(DrawnCell(_hatch(at, top, side), opacities[-1], matrix.hatched))
        said(matrix.hatched)
    return Key(number(top + 6.6), tuple(shades), tuple(labels), tuple(strokes))
