"""CSV as RFC 4180 has it: a header, CRLF, quotes where they are needed; UTF-8 without a mark.

A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula, and free text comes from
strangers. So a cell of a column of type `text`, and of no other, gets an apostrophe before such a beginning.
Names, ids, numbers and words of enumerations are what other programs rely on: they are written as they are.
"""

import csv
import hashlib
import io
from typing import Final
from weakref import WeakKeyDictionary

from reports import values
from reports.model import DataColumn, Dataset
from reports.values import Cell

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_WRITTEN: Final = WeakKeyDictionary[Dataset, tuple[bytes, str]]()
"""The files of the datasets that are still there."""
_WORDS: Final = {True: "true", False: "false", None: ""}


def write_csv(dataset: Dataset) -> bytes:
    """`dataset` as a CSV file: `true` and `false`, nothing for what is unknown.

    RenderFailure if its frame is not what its columns say.
    """
    return _written_once(dataset)[0]


def digest(dataset: Dataset) -> str:
    """The SHA-256 of the same file, in hexadecimal digits."""
    return _written_once(dataset)[1]


def _written_once(dataset: Dataset) -> tuple[bytes, str]:
    """The file and its hash: it is written, told of in the report, and carried by the PDF."""
    if dataset not in _WRITTEN:
        data = _write(dataset)
        _WRITTEN[dataset] = (data, hashlib.sha256(data).hexdigest())
    return _WRITTEN[dataset]


def _write(dataset: Dataset) -> bytes:
    cells = [_written(*pair) for pair in zip(dataset.columns, values.columns(dataset), strict=True)]
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([column.name for column in dataset.columns])
    writer.writerows(zip(*cells, strict=True))
    return file.getvalue().encode()


def _written(column: DataColumn, cells: list[Cell]) -> list[Cell]:
    if column.type == "boolean":
        return [_WORDS[cell] for cell in cells]  # type: ignore[index] # True, False or None
    if column.type == "text":
        return [f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in cells]
    return cells
