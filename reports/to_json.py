"""JSON: sections as people read them, data whole; `report.schema.json` is generated from the classes here."""

import io
from typing import Final, TypeAlias

import msgspec

from reports import values
from reports.errors import RenderFailure
from reports.model import DataColumn, Dataset, PageOne, Report, Section, Text

SCHEMA_VERSION = 1
"""Grows when a field is renamed, removed or changes its meaning; not when one is added."""

_NO_DATA: Final = b"}}"
_NO_ROWS: Final = b"]}"

Rows: TypeAlias = list[dict[str, str | int | float | bool | None]]


class JsonTable(msgspec.Struct, frozen=True):
    """A whole table: an object a row, with the columns as keys; null is unknown."""

    description: str
    columns: tuple[DataColumn, ...]
    rows: Rows


class JsonReport(msgspec.Struct, frozen=True):
    """A report. `sections` is what people read, grouped and cut; `data` has the complete tables, by name.

    `identifier` is the SHA-256 of what `evidence` says: of the snapshot that the report was computed from, or
    of a report's one table as CSV.
    """

    schema_version: int
    title: str
    subject: str
    date: str
    created: str
    identifier: str
    generator: str
    classification: str
    language: str
    evidence: str
    organisation: str
    scope: tuple[str, ...]
    cover: tuple[tuple[str, Text], ...]
    page_one: PageOne
    sections: tuple[Section, ...]
    data: dict[str, JsonTable]


def render_json(report: Report) -> bytes:
    """`report` as JSON, a line a row of data; RenderFailure if a frame is not what its columns say."""
    head = JsonReport(
        schema_version=SCHEMA_VERSION,
        title=report.title,
        subject=report.subject,
        date=report.date,
        created=report.created,
        identifier=report.identifier,
        generator=report.generator,
        classification=report.classification,
        language=report.language,
        evidence=report.evidence,
        organisation=report.look.organisation,
        scope=report.scope,
        cover=report.cover,
        page_one=report.page_one,
        sections=report.sections,
        data={},
    )
    file = io.BytesIO()
    try:
        # `data` comes last, as `rows` do in a table: these are nearly all of it, and go in one by one
        file.write(_open(head, _NO_DATA))
        for number, dataset in enumerate(report.data):
            table = JsonTable(dataset.description, dataset.columns, [])
            file.write(
                b"," * bool(number) + msgspec.json.encode(dataset.name) + b":" + _open(table, _NO_ROWS)
            )
            _write_rows(file, dataset)
            file.write(_NO_ROWS)
        file.write(_NO_DATA + b"\n")
    except UnicodeEncodeError as error:
        raise RenderFailure(f"JSON: text that is not Unicode: {error.reason}") from error
    return file.getvalue()


def schema() -> bytes:
    """The JSON Schema of what `render_json` gives, as it stands in report.schema.json."""
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "segaudit report",
        **msgspec.json.schema(JsonReport),
    }
    return msgspec.json.format(msgspec.json.encode(described, order="sorted"), indent=2) + b"\n"


def _open(message: msgspec.Struct, end: bytes) -> bytes:
    """The message as far as what is last in it, which is empty."""
    return msgspec.json.encode(message).removesuffix(end)


def _write_rows(file: io.BytesIO, dataset: Dataset) -> None:
    names = [column.name for column in dataset.columns]
    encoder = msgspec.json.Encoder()
    between = b""
    for row in zip(*values.columns(dataset), strict=True):
        file.write(between + encoder.encode(dict(zip(names, row, strict=True))))
        between = b",\n"
