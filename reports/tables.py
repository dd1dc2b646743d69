"""Tables for people, laid out: the markup of each cell, and the widths that a fixed layout needs."""

import re
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from reports.errors import RenderFailure
from reports.model import Column, Table, Text
from reports.text import Typesetter, plain

_LINE: Final = 112  # characters of table type that fit beside each other on A4
_WORD: Final = 24  # a longer word is given no more room: names of 253 characters break anywhere
_CELL: Final = (
    46  # a longer cell is set in several lines; a text gets more room for its root, a name does not
)
_MORE: Final = 2.5
_GUTTER: Final = 3  # what the padding of a cell takes, in characters
_NUMBER_GUTTER: Final = 5
_CODE: Final = 1.25  # the width of the typewriter face in terms of the text's
_WORD_BREAKS: Final = re.compile(r"\s+")
_NAME_BREAKS: Final = re.compile(r"(?<=[\s/.-])")


@dataclass(frozen=True)
class Cell:
    """The content of a cell, and the CSS class that its column's kind gives it."""

    markup: Markup
    kind: str


@dataclass(frozen=True)
class LaidOutRow:
    """A row: its heading, then the other cells."""

    head: Cell
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class LaidOutGroup:
    """A group of rows; `title` may be empty."""

    title: Markup
    rows: tuple[LaidOutRow, ...]


@dataclass(frozen=True)
class LaidOutTable:
    """A table that a template has only to place: `widths` in percent, one a column, 100 in all.

    `label` is the caption as plain text, for those who hear it.
    """

    label: str
    widths: tuple[int, ...]
    head: tuple[Cell, ...]
    groups: tuple[LaidOutGroup, ...]

    @property
    def span(self) -> int:
        """The number of columns."""
        return len(self.head)


def lay_out(table: Table, typesetter: Typesetter) -> LaidOutTable:
    """`table` as templates place it; RenderFailure if a row has not one cell a column."""
    kinds = [column.kind for column in table.columns]

    def row(cells: tuple[Text, ...]) -> LaidOutRow:
        if len(cells) != len(kinds):
            raise RenderFailure(
                f"the table {plain(table.caption)!r} has {len(kinds)} columns and a row of {len(cells)}"
            )
        set_cells = [_cell(cell, kind, typesetter) for cell, kind in zip(cells, kinds, strict=True)]
        return LaidOutRow(set_cells[0], tuple(set_cells[1:]))

    groups = tuple(
        LaidOutGroup(typesetter.inline(group.title), tuple(row(cells) for cells in group.rows))
        for group in table.groups
        if group.rows
    )
    head = tuple(Cell(typesetter.line(column.title), column.kind) for column in table.columns)
    return LaidOutTable(typesetter.spoken(table.caption), _widths(table), head, groups)


def _cell(text: Text, kind: str, typesetter: Typesetter) -> Cell:
    if kind == "name":
        return Cell(typesetter.names(text), kind)
    if kind == "code" and isinstance(text, str):
        return Cell(typesetter.breakable(text), kind)
    return Cell(typesetter.inline(text), kind)


def _widths(table: Table) -> tuple[int, ...]:
    """Percent a column: what its longest cell wants if all fit, else room for words first, then for the rest.

    Columns of numbers get no more than they want: what is over goes to the others.
    """
    cells = [cells for group in table.groups for cells in group.rows]
    wanted, needed = [], []
    for i, column in enumerate(table.columns):
        want, need = _extent(column, [plain(row[i]) for row in cells])
        wanted.append(want)
        needed.append(need)
    if sum(wanted) <= _LINE:
        growing = [
            0.0 if column.kind == "number" else want
            for column, want in zip(table.columns, wanted, strict=True)
        ]
        return _percent(_shared(wanted, growing if any(growing) else wanted))
    return _percent(_shared(needed, [want - need for want, need in zip(wanted, needed, strict=True)]))


def _shared(widths: list[float], growing: list[float]) -> list[float]:
    """`widths`, and what they leave of a line in proportion to `growing`."""
    spare = max(_LINE - sum(widths), 0.0) / (sum(growing) or 1.0)
    return [width + spare * grows for width, grows in zip(widths, growing, strict=True)]


def _extent(column: Column, cells: list[str]) -> tuple[float, float]:
    """What a column wants and what it needs, in characters."""
    texts = [column.title, *cells]
    breaks = _NAME_BREAKS if column.kind in {"name", "code"} else _WORD_BREAKS
    longest = max(map(len, texts))
    word = max(len(word) for text in set(texts) for word in breaks.split(text))
    factor = _CODE if column.kind == "code" else 1.0
    gutter = _NUMBER_GUTTER if column.kind == "number" else _GUTTER
    want = float(min(longest, _CELL))
    if column.kind == "number":  # as narrow as its heading allows in several lines
        want = word
    elif column.kind == "text":
        want += _MORE * max(longest - _CELL, 0) ** 0.5
    return want * factor + gutter, min(word, _WORD) * factor + gutter


def _percent(shares: list[float]) -> tuple[int, ...]:
    """`shares` in whole percent that add up to 100: the largest remainders are rounded up."""
    exact = [100 * share / sum(shares) for share in shares]
    percent = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: percent[i] - exact[i])
    for i in by_remainder[: 100 - sum(percent)]:
        percent[i] += 1
    return tuple(percent)
