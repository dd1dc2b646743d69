"""What travels within the PDF: the tables that it was cut from, and the hashes of all it was made of."""

import hashlib
from typing import Final, NamedTuple

import msgspec

from reports.errors import RenderFailure
from reports.model import Dataset, Report
from reports.to_csv import digest, write_csv

LARGEST: Final = 32 << 20
"""Bytes of a file that travels within the PDF; a larger one is left out, and the report says so."""
HASHES: Final = "hashes.json"
_CARRIED: Final = ("checks", "controls", "findings")


class Attachment(NamedTuple):
    """A file within the PDF; `relationship` is that of PDF/A-3, what it is to the pages."""

    name: str
    description: str
    data: bytes
    relationship: str


class Written(NamedTuple):
    """A table as its file, csv/NAME.csv; of one that cannot be written there is no hash."""

    path: str
    sha256: str
    size: int
    rows: int
    carried: bool


def written(dataset: Dataset) -> Written:
    """What there is to say of the file of a table."""
    path = file_of(dataset)
    try:
        sha256, size = digest(dataset), len(write_csv(dataset))
    except RenderFailure:  # it is told of where the file itself is rendered
        return Written(path, "", 0, len(dataset.frame), carried=False)
    return Written(path, sha256, size, len(dataset.frame), dataset.name in _CARRIED and size <= LARGEST)


def left_out(dataset: Dataset) -> bool:
    """Whether a table that belongs in the PDF is too large for it."""
    return dataset.name in _CARRIED and not written(dataset).carried


def file_of(dataset: Dataset) -> str:
    """Where the table lies beside the report."""
    return f"csv/{dataset.name}.csv"


def attachments(report: Report) -> tuple[Attachment, ...]:
    """The files that travel within the PDF of `report`, by name."""
    tables = [
        Attachment(f"{dataset.name}.csv", dataset.description, write_csv(dataset), "Data")
        for dataset in report.data
        if written(dataset).carried
    ]
    hashes = Attachment(HASHES, "SHA-256 of what the report was made of", _hashes(report), "Supplement")
    return tuple(sorted((*tables, hashes)))


def _hashes(report: Report) -> bytes:
    """hashes.json: what the report was made of, and every table, whether it travels within the PDF or not."""
    look = report.look
    made_of: dict[str, object] = {
        each.what: {"file": each.file, "sha256": each.sha256, "size": each.size} if each.sha256 else None
        for each in report.made_of
    }
    files = {
        table.path: {
            "sha256": table.sha256,
            "size": table.size,
            "rows": table.rows,
            "carried": table.carried,
        }
        for table in map(written, report.data)
        if table.sha256 and (table.carried or not report.part)
    }
    told = {
        "report": {
            "title": report.title,
            "subject": report.subject,
            "created": report.created,
            "generator": report.generator,
            "evidence": report.evidence,
            "identifier": report.identifier,
        },
        "algorithm": "SHA-256",
        "made_of": made_of,
        "logo": look.logo.sha256 if look.logo else None,
        "fonts": {font.file: hashlib.sha256(font.data).hexdigest() for font in look.fonts},
        "templates": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in look.templates},
        "files": files,
    }
    return msgspec.json.format(msgspec.json.encode(told)) + b"\n"
