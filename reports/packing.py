"""Whole tables packed into a page: 150,000 rows in a few megabytes of text, which its script unpacks.

All tables have one list of strings in common, each string in it once. A column of strings is a list of places
in it, each written as its difference from the one before: what is sorted, or runs parallel to another column,
is mostly zeros and ones. Texts that are sentences or manifests hardly ever recur, but they do without the
names of their row: `marks` stand in their place. Every column is JSON, compressed by itself, so that a page
unpacks what it shows and a table that does not fit can be told before it is written.
"""

import base64
import json
import re
import zlib
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import msgspec
import numpy as np
import pandas as pd
from msgspec import Struct
from numpy.typing import NDArray

from reports import values
from reports.model import DataColumn, Dataset

Codes: TypeAlias = NDArray[np.int64]

FIRST: Final = ("findings", "checks", "namespaces", "workloads", "exposure", "waivers", "enforcement")
"""Tables that go in before all others, in this order, however little room there is."""
LAST: Final = ("pods", "finished_pods")
_NO_NAME: Final = "id"
"""A column of digits that no compression makes smaller: it goes in last, where there is room."""

MARKED: Final = ("name", "policy", "workload", "namespace")
"""Columns whose values are taken out of the texts of their row, in this order: names may hold namespaces."""
_MARK: Final = 0xE000
"""The mark for the value of column 0, of the code points that are nobody's; the next follow."""
_MOST_MARKS: Final = 0x100
_IS_MARK: Final = re.compile(f"[{chr(_MARK)}-{chr(_MARK + _MOST_MARKS - 1)}]")
_FEW: Final = 64
"""So few different texts need no marks."""
_LEVEL: Final = 6


class PackedColumn(Struct, frozen=True):
    """A column: `values` and, if it is one of strings, the `strings` that none before it had.

    `place` is that of the first of these in the list of all. Both are base64 of JSON in zlib's format.
    """

    name: str
    type: str
    description: str
    values: str
    strings: str = ""
    place: int = 0
    marks: bool = False


class PackedTable(Struct, frozen=True):
    """A table as the page has it; `without` names columns that it has no room for."""

    name: str
    description: str
    rows: int
    columns: tuple[PackedColumn, ...] = ()
    without: tuple[str, ...] = ()


class Packed(Struct, frozen=True):
    """The tables in the page, what matters most first, and those that found no room: without columns."""

    tables: tuple[PackedTable, ...] = ()
    left_out: tuple[PackedTable, ...] = ()
    strings: int = 0
    characters: frozenset[int] = frozenset()
    """The code points of all strings in the page."""


def pack(datasets: Sequence[Dataset], room: int) -> Packed:
    """Of `datasets` what fits into `room` bytes, what matters most first; RenderFailure as in `values`."""
    shelf = _Shelf(room)
    ordered = sorted(datasets, key=_order)
    shelved = {dataset.name: shelf.table(dataset) for dataset in ordered}
    for dataset in ordered:
        table = shelved[dataset.name]
        if table is not None and table.without:
            shelved[dataset.name] = shelf.completed(dataset, table)
    inside = tuple(table for dataset in ordered if (table := shelved[dataset.name]) is not None)
    left_out = tuple(
        PackedTable(dataset.name, dataset.description, len(dataset.frame))
        for dataset in ordered
        if shelved[dataset.name] is None
    )
    return Packed(inside, left_out, len(shelf.strings), frozenset(map(ord, set().union(*shelf.strings))))


def _order(dataset: Dataset) -> int:
    if dataset.name in FIRST:
        return FIRST.index(dataset.name)
    return len(FIRST) + 1 + LAST.index(dataset.name) if dataset.name in LAST else len(FIRST)


class _Shelf:
    """The room that is left, and the list of all strings so far."""

    def __init__(self, room: int) -> None:
        self._room = room
        self.strings: list[str] = []
        self._places: dict[str, int] = {}

    def table(self, dataset: Dataset) -> PackedTable | None:
        """The table without `_NO_NAME`, or None if there is no room for it; then nothing has changed."""
        before = len(self.strings)
        later = tuple(column.name for column in dataset.columns if column.name == _NO_NAME)
        columns = []
        room = self._room
        for column in dataset.columns:
            if column.name in later:
                continue
            columns.append(self._column(dataset, column))
            room -= _size(columns[-1])
            if room < 0:
                self._forget(before)
                return None
        self._room = room
        return PackedTable(dataset.name, dataset.description, len(dataset.frame), tuple(columns), later)

    def completed(self, dataset: Dataset, table: PackedTable) -> PackedTable:
        """The table with all of its columns, or as it is if there is no room for that."""
        before = len(self.strings)
        ready = {column.name: column for column in table.columns}
        added = {c.name: self._column(dataset, c) for c in dataset.columns if c.name in table.without}
        needed = sum(map(_size, added.values()))
        if needed > self._room:
            self._forget(before)
            return table
        self._room -= needed
        columns = tuple((ready | added)[column.name] for column in dataset.columns)
        return PackedTable(table.name, table.description, table.rows, columns)

    def _forget(self, before: int) -> None:
        for string in self.strings[before:]:
            del self._places[string]
        del self.strings[before:]

    def _column(self, dataset: Dataset, column: DataColumn) -> PackedColumn:
        head = (column.name, column.type, column.description)
        if column.type not in {"string", "text"}:
            return PackedColumn(*head, packed(_short(values.cells(dataset, column))))
        codes, strings = _factorized(values.series(dataset, column))
        marked = _marked(dataset, codes, strings) if column.type == "text" and len(strings) > _FEW else None
        if marked is not None:
            codes, strings = _factorized(marked)
        before = len(self.strings)
        places = np.array(self._placed(strings), np.int64)
        steps = np.diff(places[codes], prepend=0)
        new = self.strings[before:]
        return PackedColumn(*head, packed(_short(steps.tolist())), packed(new), before, marked is not None)

    def _placed(self, strings: list[str]) -> list[int]:
        """The strings' places in the list, at the end of which those go that are not there."""
        places, new = [], len(self.strings)
        for string in strings:
            place = self._places.setdefault(string, new)
            places.append(place)
            if place == new:
                self.strings.append(string)
                new += 1
        return places


def _factorized(series: pd.Series) -> tuple[Codes, list[str]]:
    """The different strings in the order of their appearance, and for each row the place of its own.

    Nothing, what is unknown, is the empty string.
    """
    codes, found = pd.factorize(series)
    strings = list(map(str, found.tolist()))
    return np.where(codes < 0, len(strings), codes), strings if (codes >= 0).all() else [*strings, ""]


def _marked(dataset: Dataset, codes: Codes, strings: list[str]) -> pd.Series | None:
    """A column's texts with marks for what stands in other columns of their row.

    None if there are no such columns, or if a text or name has such a character itself.
    """
    by_name = {column.name: place for place, column in enumerate(dataset.columns[:_MOST_MARKS])}
    keys = [by_name[name] for name in MARKED if name in by_name]
    factorized = [_factorized(values.series(dataset, dataset.columns[key])) for key in keys]
    if not keys or any(
        _IS_MARK.search(string) for _, found in ((codes, strings), *factorized) for string in found
    ):
        return None
    marks = [chr(_MARK + key) for key in keys]
    rows = zip(*([found[code] for code in own.tolist()] for own, found in factorized), strict=True)
    texts = [strings[code] for code in codes.tolist()]
    return pd.Series(
        [_shorter(text, marks, row) for text, row in zip(texts, rows, strict=True)], dtype=object
    )


def _shorter(text: str, marks: list[str], row: tuple[str, ...]) -> str:
    for mark, value in zip(marks, row, strict=True):
        if value:
            text = text.replace(value, mark)
    return text


def _short(cells: list[Any]) -> list[Any]:
    """`cells` without those at the end that are like the one before, as in a column of one value."""
    last = len(cells)
    while last > 1 and cells[last - 1] == cells[last - 2]:
        last -= 1
    return cells[:last]


def packed(content: list[Any] | str) -> str:
    """`content` as JSON, compressed; half a surrogate, which is no Unicode, becomes an escape of JSON's."""
    try:
        text = msgspec.json.encode(content)
    except UnicodeEncodeError:
        text = json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return base64.b64encode(zlib.compress(text, _LEVEL)).decode("ascii")


def _size(column: PackedColumn) -> int:
    return len(column.values) + len(column.strings)
