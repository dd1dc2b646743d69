"""JSON: sections as people read them, data whole; `report.schema.json` is generated from the classes here."""

from typing import TypeAlias, cast

import msgspec

from reports import values
from reports.errors import RenderFailure
from reports.model import DataColumn, Dataset, PageOne, Report, Section, Text

SCHEMA_VERSION = 1
"""Grows when a field is renamed, removed or changes its meaning; not when one is added."""

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
    message = JsonReport(
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
        data={
            dataset.name: JsonTable(dataset.description, dataset.columns, _rows(dataset))
            for dataset in report.data
        },
    )
    try:
        return msgspec.json.encode(message) + b"\n"
    except UnicodeEncodeError as error:
        raise RenderFailure(f"JSON: text that is not Unicode: {error.reason}") from error


def schema() -> bytes:
    """The JSON Schema of what `render_json` gives, as it stands in report.schema.json."""
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "segaudit report",
        **msgspec.json.schema(JsonReport),
    }
    return msgspec.json.format(msgspec.json.encode(described, order="sorted"), indent=2) + b"\n"


def _rows(dataset: Dataset) -> Rows:
    """The rows, encoded one by one: no object a row stays in memory."""
    names = [column.name for column in dataset.columns]
    encoder = msgspec.json.Encoder()
    cells = zip(*values.columns(dataset), strict=True)
    encoded = b",\n".join(encoder.encode(dict(zip(names, row, strict=True))) for row in cells)
    return cast("Rows", msgspec.Raw(b"[" + encoded + b"]"))
