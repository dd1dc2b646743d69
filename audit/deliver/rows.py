"""Rows for standard output, a chunk at a time: CSV, JSON and Markdown."""

import json
from collections.abc import Iterable, Iterator
from typing import Final

import pandas as pd

from audit.deliver import outputs
from audit.frames import Schema
from audit.log import printable
from reports.model import DataColumn, Dataset

FORMATS: Final = ("csv", "json", "md")


def encode(chunks: Iterable[pd.DataFrame], schema: Schema, form: str) -> Iterator[bytes]:
    """`chunks` (columns of `schema`, all strings) in a form of FORMATS; the header is always there."""
    return {"csv": _csv, "json": _json, "md": _markdown}[form](chunks, schema)


def _csv(chunks: Iterable[pd.DataFrame], schema: Schema) -> Iterator[bytes]:
    columns = tuple(DataColumn(c.name, "string", c.meaning) for c in schema.columns)

    def written(frame: pd.DataFrame) -> tuple[bytes, bytes]:
        head, line_end, rows = outputs.csv(Dataset(schema.name, schema.meaning, columns, frame)).partition(
            b"\r\n"
        )
        return head + line_end, rows

    yield written(schema.empty())[0]
    for chunk in chunks:
        yield written(chunk)[1]


def _json(chunks: Iterable[pd.DataFrame], schema: Schema) -> Iterator[bytes]:
    """A list of objects, one a line."""
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
            yield markdown_row(row)


def _rows(chunk: pd.DataFrame, schema: Schema) -> Iterator[tuple[str, ...]]:
    return zip(*(chunk[name].tolist() for name in schema.names), strict=True)


def markdown_head(titles: Iterable[str]) -> bytes:
    """The first two lines of a table."""
    names = list(titles)
    return markdown_row(names) + markdown_row(["---"] * len(names))


def markdown_row(cells: Iterable[str]) -> bytes:
    """A row of a table; what a cell holds can end neither the cell nor the row."""
    escaped = (printable(cell).replace("\\", "\\\\").replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |\n".encode()
