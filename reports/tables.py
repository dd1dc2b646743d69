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
_CELL: Final = 46  # a longer cell is given no more room: it is set in several lines
_GUTTER: Final = 3  # what the padding of a cell takes, in characters
_CODE: Final = 1.25  # the width of the typewriter face in terms of the text's


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
    """Percent a column: what the longest cells want if that fits, else room for words first, then for the rest."""
    cells = [cells for group in table.groups for cells in group.rows]
    wanted, needed = [], []
    for i, column in enumerate(table.columns):
        want, need = _extent(column, [plain(row[i]) for row in cells])
        wanted.append(want)
        needed.append(need)
    if sum(wanted) <= _LINE:
        return _percent(wanted)
    spare = max(_LINE - sum(needed), 0)
    surplus = [want - need for want, need in zip(wanted, needed, strict=True)]
    return _percent([n + spare * s / (sum(surplus) or 1) for n, s in zip(needed, surplus, strict=True)])


def _extent(column: Column, cells: list[str]) -> tuple[float, float]:
    """What a column wants and what it needs, in characters."""
    factor = _CODE if column.kind == "code" else 1.0
    breaks = r"\s+" if column.kind == "text" else r"(?<=[\s/.-])"
    texts = [column.title, *cells]
    longest = max(len(text) for text in texts)
    word = max(len(word) for text in set(texts) for word in re.split(breaks, text))
    return min(longest, _CELL) * factor + _GUTTER, min(word, _WORD) * factor + _GUTTER


def _percent(shares: list[float]) -> tuple[int, ...]:
    """`shares` in whole percent that add up to 100: the largest remainders are rounded up."""
    exact = [100 * share / sum(shares) for share in shares]
    percent = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: percent[i] - exact[i])
    for i in by_remainder[: 100 - sum(percent)]:
        percent[i] += 1
    return tuple(percent)
