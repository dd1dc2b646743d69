"""What a report is: finished strings in a small closed vocabulary, and whole tables of data.

`sections` are for people: every number is rounded, every sentence written, every list cut before it gets
here; renderers place them and nothing else. `data` are for machines: CSV and JSON files are written from it
alone.

No string here is markup. Renderers escape all of it, make control characters visible and let long names
break.
"""

from typing import Literal, TypeAlias

import msgspec
import pandas as pd

from reports.inline import Reference, Span, Style, Text, code, file, name, strong
from reports.picture_blocks import (
    Bar,
    BarGroup,
    BarKey,
    BarPart,
    Bars,
    Box,
    Diagram,
    Entry,
    Flow,
    Matrix,
    MatrixCell,
    PartKind,
    Side,
    Weight,
)

__all__ = [
    "Bar",
    "BarGroup",
    "BarKey",
    "BarPart",
    "Bars",
    "Block",
    "Box",
    "Code",
    "Column",
    "DataColumn",
    "Dataset",
    "Diagram",
    "Entry",
    "Evidence",
    "Figure",
    "Finding",
    "First",
    "Flow",
    "FontFile",
    "Group",
    "Items",
    "KeyValues",
    "Line",
    "Lines",
    "Logo",
    "Look",
    "Matrix",
    "MatrixCell",
    "Note",
    "PageOne",
    "Paragraph",
    "PartKind",
    "Point",
    "Reference",
    "Report",
    "Row",
    "Section",
    "Severity",
    "Side",
    "Span",
    "Style",
    "Table",
    "Text",
    "Weight",
    "code",
    "file",
    "name",
    "strong",
]

Severity: TypeAlias = Literal["critical", "high", "medium", "low"]

# -- blocks ---------------------------------------------------------------------------------------


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph", tag_field="block"):
    """A paragraph of running text."""

    text: Text


class Note(msgspec.Struct, frozen=True, tag="note", tag_field="block"):
    """A remark on a ground of its own; of `kind` "gap" if it says what was not assessed, and why."""

    text: Text
    title: str = ""
    kind: Literal["note", "gap"] = "note"


class KeyValues(msgspec.Struct, frozen=True, tag="key-values", tag_field="block"):
    """Pairs of a term and what is to be said about it: definitions, provenance.

    A `form` is filled in by hand: each pair has a line to write on, under what is said already.
    """

    pairs: tuple[tuple[str, Text], ...]
    form: bool = False


class Items(msgspec.Struct, frozen=True, tag="items", tag_field="block"):
    """A list; numbered if `ordered`."""

    items: tuple[Text, ...]
    ordered: bool = False


class Code(msgspec.Struct, frozen=True, tag="code", tag_field="block"):
    """Preformatted text, mostly a manifest; its lines are kept. `intro` stands above it, `caption` below."""

    text: str
    intro: Text = ""
    caption: Text = ""


class Column(msgspec.Struct, frozen=True):
    """A column of a table for people.

    Kinds: `text` at the left; `number` at the right in tabular figures; `name` at the left and may break
    within names; `code` in the typewriter face.
    """

    title: str
    kind: Literal["text", "number", "name", "code"] = "text"


Row: TypeAlias = tuple[Text, ...]


class Group(msgspec.Struct, frozen=True):
    """Rows under one heading, which spans the table; no heading if `title` is empty."""

    rows: tuple[Row, ...]
    title: Text = ""


class Table(msgspec.Struct, frozen=True, tag="table", tag_field="block"):
    """A table for people; the first cell of a row is its heading.

    A row that has not one cell a column is a RenderFailure. `more` stands under it and says what was left
    out: "and 31 more, see csv/pods.csv". `empty` stands in its place when there are no rows: "No finding. 412
    rules were judged."
    """

    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    caption: Text
    more: Text = ""
    empty: Text = ""


class Finding(msgspec.Struct, frozen=True, tag="finding", tag_field="block"):
    """A finding: `sentence` says who, open to whom, on what, why, since when.

    With an `anchor` it has a number within its section and can be referred to. `status` is a word if there is
    anything to say beside the severity ("waived until 3 March 2027"). `details` stand between sentence and
    table.
    """

    severity: Severity
    sentence: Text
    anchor: str = ""
    status: str = ""
    details: tuple[Text, ...] = ()
    affected: Table | None = None
    remediation: Text = ""
    manifests: tuple[Code, ...] = ()


class Point(msgspec.Struct, frozen=True):
    """A point of a line: `at` is its place on the axis of time, `height` that above it; both from 0 to 1.

    Without a height the line is broken there.
    """

    at: float
    height: float | None


class Line(msgspec.Struct, frozen=True):
    """A small chart of one line, in the order of time.

    `first` and `last` are the values at its ends, `start` and `end` their times. `alternative` says to those
    who do not see it what is to be seen.
    """

    title: str
    points: tuple[Point, ...]
    first: str
    last: str
    start: str
    end: str
    alternative: str


class Lines(msgspec.Struct, frozen=True, tag="lines", tag_field="block"):
    """Small charts beside each other, with one caption; none has a scale but that its bottom is zero."""

    lines: tuple[Line, ...]
    caption: Text


Block: TypeAlias = (
    Paragraph | Note | KeyValues | Items | Code | Table | Finding | Lines | Bars | Matrix | Diagram
)


class Section(msgspec.Struct, frozen=True):
    """A section, numbered by its place. `anchor` is unique in the report: letters, digits, `-`, `_` and `.`.

    `new_page`: on paper it begins a page (what is handed to somebody on its own). Three levels at most.
    """

    anchor: str
    title: Text
    lead: Text = ""
    blocks: tuple[Block, ...] = ()
    sections: tuple["Section", ...] = ()
    new_page: bool = False


# -- page one -------------------------------------------------------------------------------------


class Figure(msgspec.Struct, frozen=True):
    """A headline figure: `label`, `value` large ("87.1 %"), `base` ("of 9,310 pods"), `change` below."""

    label: str
    value: str
    base: str
    change: str = ""


class First(msgspec.Struct, frozen=True):
    """One of the things to do first; numbered by its place. `remedy` is the anchor of what to apply."""

    text: Text
    remedy: str


class PageOne(msgspec.Struct, frozen=True):
    """What a reader knows after one page.

    `lead` is the finding, as a sentence with a number; `enforcement` says whether policies have any effect
    here. `compared` says what the figures' changes are held against, or why there are none. `nothing_first`
    stands in place of an empty `first`, and
    `refers` says what its references lead to. `not_assessed` and `looked_at` are a line each.
    """

    lead: Text
    enforcement: Text
    figures: tuple[Figure, ...]
    first: tuple[First, ...]
    not_assessed: tuple[Text, ...]
    looked_at: tuple[Text, ...]
    nothing_first: Text = ""
    compared: Text = ""
    refers: str = "what to apply"


# -- the house, and what the report was made of ---------------------------------------------------


class Logo(msgspec.Struct, frozen=True):
    """A picture in PNG; `alternative` stands for it where it cannot be seen; `sha256` is of its own file."""

    png: bytes
    alternative: str
    sha256: str


class FontFile(msgspec.Struct, frozen=True):
    """A font for the code points that it `covers` and the report's own faces do not; `file` names it."""

    file: str
    data: bytes
    covers: frozenset[int]


class Look(msgspec.Struct, frozen=True):
    """What is the house's own: the size of its sheets, its name and logo, its fonts in their order.

    `templates` are name and text of those, and of style sheets, that stand in the place of ours. `language`
    is the tag of that in whose way numbers are written.
    """

    page: Literal["A4", "Letter"] = "A4"
    organisation: str = ""
    logo: Logo | None = None
    fonts: tuple[FontFile, ...] = ()
    templates: tuple[tuple[str, str], ...] = ()
    language: str = "en-GB"

    def style(self, name: str) -> str | None:
        """Its own style sheet in the place of that one of ours, if it has one."""
        return dict(self.templates).get(f"{name}.css")


class Evidence(msgspec.Struct, frozen=True):
    """What a report was made of, by a word for it ("snapshot"), the file that keeps it, and its bytes.

    `sha256` is in hexadecimal digits; what there was none of has none.
    """

    what: str
    file: str
    sha256: str = ""
    size: int = 0


# -- data -----------------------------------------------------------------------------------------


class DataColumn(msgspec.Struct, frozen=True):
    """A column of a dataset.

    Types: `string` is a name, an id, an address or a word of an enumeration, written as it is; `text` is free
    text: in CSV, an apostrophe stands before one that begins with = + - @, a tab or a line end, which a
    spreadsheet might take for a formula; `integer`; `number`; `boolean` is `true`, `false` or unknown.
    """

    name: str
    type: Literal["string", "text", "integer", "number", "boolean"]
    description: str


class Dataset(msgspec.Struct, frozen=True, eq=False, weakref=True):
    """A whole table for machines: `frame` has (at least) `columns`; those are written, in their order.

    A value that is missing (None, NaN, pd.NA) is unknown: empty in CSV, null in JSON.
    """

    name: str
    description: str
    columns: tuple[DataColumn, ...]
    frame: pd.DataFrame


class Report(msgspec.Struct, frozen=True, eq=False):
    """A report; the same Report renders to the same bytes.

    `subject` is what was audited (the cluster), `date` the time as people read it, `created` the same time in
    ISO 8601 for metadata ("2026-11-23T02:00:00Z"). `identifier` is a SHA-256, 64 hexadecimal
    digits: that of the snapshot, or of what else `evidence` says. `classification` stands on every page; it
    may be empty. `language` is a BCP 47 tag. `scope` names the namespaces that it is narrowed to; it is empty
    if it is not. `cover` is what stands on the cover, pairs of a term and what is to be said; paper has one
    if it is not empty. `made_of` is what a reader would need to make it again; its hashes go with the PDF.
    A `part` lies beside a report of the whole: the files of whole tables are that one's, and hold more.
    """

    title: str
    subject: str
    date: str
    created: str
    identifier: str
    generator: str
    page_one: PageOne
    sections: tuple[Section, ...]
    data: tuple[Dataset, ...]
    classification: str = ""
    language: str = "en"
    evidence: Literal["snapshot", "table"] = "snapshot"
    scope: tuple[str, ...] = ()
    part: bool = False
    look: Look = Look()
    cover: tuple[tuple[str, Text], ...] = ()
    made_of: tuple[Evidence, ...] = ()
