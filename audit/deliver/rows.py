"""Rows for standard output, a chunk at a time: CSV, JSON, Markdown, and columns for people."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import pandas as pd

from audit.compose.data import dataset
from audit.deliver import outputs
from audit.frames import Schema
from audit.log import printable
from reports import values

FORMATS: Final = ("csv", "json", "md", "text")

_MARKUP: Final = re.compile(r"[\\|`*<>\[\]]")
_MOST_AT_ONCE: Final = 10_000
_WORDS: Final = {True: "true", False: "false", None: ""}


def encode(chunks: Iterable[pd.DataFrame], schema: Schema, form: str) -> Iterator[bytes]:
    """`chunks` (columns of `schema`) in a form of FORMATS; the header is always there.

    `text` takes all chunks before it writes the first row.
    """
    return {"csv": _csv, "json": _json, "md": _markdown, "text": _text}[form](chunks, schema)


def chunks(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """A large frame in pieces: the cells of one piece at a time are objects."""
    return (frame.iloc[start : start + _MOST_AT_ONCE] for start in range(0, len(frame), _MOST_AT_ONCE))


def _csv(chunks: Iterable[pd.DataFrame], schema: Schema) -> Iterator[bytes]:
    def written(frame: pd.DataFrame) -> tuple[bytes, bytes]:
        head, line_end, rows = outputs.csv(dataset(schema, frame)).partition(b"\r\n")
        return head + line_end, rows

    yield written(schema.empty())[0]
    for chunk in chunks:
        yield written(chunk)[1]


def _json(chunks: Iterable[pd.DataFrame], schema: Schema) -> Iterator[bytes]:
    """A list of objects, one a line; null is unknown."""
    before = "[\n"
    for chunk in chunks:
        for row in _rows(chunk, schema):
            record = json.dumps(dict(zip(schema.names, row, strict=True)), ensure_ascii=False)
            yield (before + record).encode()
            before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def _markdown(chunks: Iterable[pd.DataFrame], schema: Schema) -> Iterator[bytes]:
    yield markdown_head(schema.names)
    for chunk in chunks:
        for row in _rows(chunk, schema):
            yield markdown_row(map(_cell, row))


def _text(chunks: Iterable[pd.DataFrame], schema: Schema) -> Iterator[bytes]:
    """Columns with blanks between them, numbers to the right."""
    rows = [tuple(map(_cell, row)) for chunk in chunks for row in _rows(chunk, schema)]
    yield from aligned(schema.names, rows, [c.dtype.lower().startswith("int") for c in schema.columns])


def aligned(titles: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> Iterator[bytes]:
    """Lines of a table in columns; what a cell holds can neither break a line nor steer a terminal."""
    lines = [list(titles), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = [
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ]
        yield "  ".join(cells).rstrip().encode() + b"\n"


def _rows(chunk: pd.DataFrame, schema: Schema) -> Iterator[tuple[object, ...]]:
    return zip(*values.columns(dataset(schema, chunk)), strict=True)


def _cell(value: object) -> str:
    return _WORDS[value] if value is None or isinstance(value, bool) else str(value)


def markdown_head(titles: Iterable[str]) -> bytes:
    """The first two lines of a table."""
    names = list(titles)
    return markdown_row(names) + markdown_row(["---"] * len(names))


def markdown_row(cells: Iterable[str]) -> bytes:
    """A row of a table; what a cell holds can end neither the cell nor the row."""
    return f"| {' | '.join(map(markdown_text, cells))} |\n".encode()


def markdown_text(text: str) -> str:
    """A text on one line that is nothing but text: no end of a cell, no HTML, no link, no image."""
    return _MARKUP.sub(r"\\\g<0>", printable(text))
