"""The whole tables that the report was cut from: the file, the rows and the hash of each."""

from collections.abc import Sequence
from typing import Final

from audit.compose import words
from reports.attached import HASHES, LARGEST, Written, left_out, written
from reports.model import Column, Dataset, Group, Paragraph, Section, Table, Text, code

ANCHOR: Final = "complete-tables"


def files(data: Sequence[Dataset]) -> Section:
    """The section. A table that was cut names its file, and the first digits of the hash that stands here."""
    told = [written(dataset) for dataset in data]
    large = [table.path for table, dataset in zip(told, data, strict=True) if left_out(dataset)]
    return Section(
        ANCHOR,
        "Complete tables",
        lead=(
            "Tables of this report are cut where they would be long. These files, which are written beside "
            "it, have every row; a file that has the hash is the one that is meant here."
        ),
        blocks=(
            Table(
                columns=(Column("File", "code"), Column("Rows", "number"), Column("SHA-256", "code")),
                groups=(Group(tuple((t.path, words.number(t.rows), t.sha256 or "?") for t in told)),),
                caption="Whole tables as CSV.",
            ),
            Paragraph(_carried(told, large)),
        ),
    )


def _carried(told: Sequence[Written], large: Sequence[str]) -> Text:
    """What the PDF carries, and what was too large for it."""
    names = [code(table.path.rpartition("/")[2]) for table in told if table.carried]
    have, are = (words.verb(len(large), *forms) for forms in (("has", "have"), ("is", "are")))
    return words.text(
        "report.pdf carries ", words.listed([*names, code(HASHES)]), " within it, as attachments; ",
        (code(HASHES),), " has the hashes of the snapshot, the configuration, the waivers, the catalogue of ",
        "checks, the manifest of the run before and every file above, as far as there are such.",
        " " if large else "", words.listed([code(path) for path in large]),
        f" {have} more than {LARGEST >> 20} MiB and {are} not carried." if large else "",
    )  # fmt: skip
