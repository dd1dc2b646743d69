"""XLSX: a sheet a table, as auditors ask for it; text is text, never a formula or a link.

The first sheet says what this is and what was left out, the second what the columns mean. Rows go through
temporary files as they are written, so that memory does not grow with them.
"""

import io
import struct
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeAlias

from reports import values
from reports.legal import legal
from reports.model import Dataset, Look, Report
from reports.numbers import number
from reports.text import plain
from reports.values import Cell
from reports.verdicts import gaps

MOST_ROWS: Final = 1_048_576
"""Of a sheet, its header among them: no program reads more."""
MOST_LETTERS: Final = 32_767
"""Of a cell."""
_EXACT: Final = 1 << 53
"""Integers from here on are not all numbers of a sheet."""
_READ_FIRST: Final = ("findings", "checks", "controls", "waivers")
_CUT: Final = "… (cut)"
_NARROWEST: Final = 8
_WIDEST: Final = 60
_SAMPLE: Final = 500
"""Rows that decide how wide a column is."""
_BUTTON: Final = 3
"""What the button of a filter takes of a header, in characters."""

_Sheet: TypeAlias = Any  # XlsxWriter carries no types


class _Written(NamedTuple):
    """What became of a table."""

    sheet: str
    rows: int
    left_out: int
    cut: int
    """Cells that were too long."""
    description: str


def render_xlsx(report: Report) -> bytes:
    """The tables of `report`; what does not fit is cut, and said on the first sheet."""
    from xlsxwriter import Workbook

    file = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(file, options) as book:
        created = datetime.fromisoformat(report.created).replace(tzinfo=None)
        book.set_properties({"title": report.title, "created": created, "author": report.generator})
        bold = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
        sheets = {name: book.add_worksheet(name) for name in ("about", "columns", *_names(report))}
        told = [_table(sheets[dataset.name], dataset, bold) for dataset in _ordered(report)]
        _columns(sheets["columns"], report, bold)
        _about(sheets["about"], report, told, bold, book.add_format({"text_wrap": True}))
    return _of_no_one(file.getvalue())


def _ordered(report: Report) -> list[Dataset]:
    """What auditors read first, then the rest in its order."""
    place = {name: number for number, name in enumerate(_READ_FIRST)}
    return sorted(report.data, key=lambda dataset: place.get(dataset.name, len(place)))


def _names(report: Report) -> list[str]:
    return [dataset.name for dataset in _ordered(report)]


def _table(sheet: _Sheet, dataset: Dataset, bold: object) -> _Written:
    cells = values.columns(dataset)
    names = [column.name for column in dataset.columns]
    rows = len(cells[0]) if cells else 0
    shown = min(rows, MOST_ROWS - 1)
    _head(sheet, names, [_width(name, column) for name, column in zip(names, cells, strict=True)], bold)
    if names:
        sheet.autofilter(0, 0, shown, len(names) - 1)
    cut = _rows(sheet, [column[:shown] for column in cells])
    return _Written(dataset.name, rows, rows - shown, cut, dataset.description)


def _head(sheet: _Sheet, names: Sequence[str], widths: Sequence[int], bold: object) -> None:
    """A first row that stays where it is, on the screen and on each page."""
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")
    for place, (name, width) in enumerate(zip(names, widths, strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, name, bold)


def _rows(sheet: _Sheet, columns: Sequence[Sequence[Cell]]) -> int:
    """Write them below the head; how many cells were cut."""
    cut = 0
    for line, row in enumerate(zip(*columns, strict=True), 1):
        for place, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            if isinstance(cell, str):
                text = _text(cell)
                cut += len(cell) > MOST_LETTERS - len(_CUT) and text.endswith(_CUT)
                sheet.write_string(line, place, text)
            elif isinstance(cell, bool):
                sheet.write_boolean(line, place, cell)
            elif abs(cell) >= _EXACT:
                sheet.write_string(line, place, str(cell))
            else:
                sheet.write_number(line, place, cell)
    return cut


def _text(text: str) -> str:
    """`text` as a cell may have it: cut where it is too long, and nothing that XlsxWriter takes for XML."""
    shown = legal(text)
    if len(shown) > MOST_LETTERS:
        shown = shown[: MOST_LETTERS - len(_CUT)] + _CUT
    # such a text it takes for formatted pieces, and writes it as it is; the blank keeps it from that
    return f"{shown} " if shown.startswith("<r>") and shown.endswith("</r>") else shown


def _width(name: str, cells: Sequence[Cell]) -> int:
    longest = max((_length(cell) for cell in cells[:_SAMPLE]), default=0)
    return min(max(longest, len(name) + _BUTTON, _NARROWEST), _WIDEST)


def _length(cell: Cell) -> int:
    return len(str(cell).partition("\n")[0]) + 1


def _columns(sheet: _Sheet, report: Report, bold: object) -> None:
    _head(sheet, ("sheet", "column", "type", "meaning"), (20, 26, 10, 100), bold)
    rows = [(d.name, c.name, c.type, c.description) for d in _ordered(report) for c in d.columns]
    _rows(sheet, [list(map(itemgetter(place), rows)) for place in range(4)])
    sheet.autofilter(0, 0, len(rows), 3)


def _about(sheet: _Sheet, report: Report, told: Sequence[_Written], bold: object, wrapped: object) -> None:
    page = report.page_one
    titles = {section.anchor: f"“{plain(section.title)}” of the report" for section in report.sections}
    say = partial(plain, numbers=titles)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 12)
    sheet.set_column(2, 2, 110)
    lines: list[tuple[str, str]] = [
        ("", report.title),
        ("Of", report.subject),
        ("Time", report.date),
        ("Classification", report.classification),
        ("Narrowed to", ", ".join(report.scope)),
        (f"SHA-256 of the {report.evidence}", report.identifier),
        ("Made by", report.generator),
        ("Finding", say(page.lead)),
        ("Enforcement", say(page.enforcement)),
        *(("Not assessed", text) for text in (*map(say, page.not_assessed), *gaps(report))),
        *(("Looked at", say(text)) for text in page.looked_at),
        (
            "Columns",
            "What the columns mean is on the sheet “columns”. An empty cell is unknown, or empty text.",
        ),
    ]
    row = 0
    for term, text in lines:
        if text:
            sheet.write_string(row, 0, term, bold)
            sheet.write_string(row, 2, _text(text), wrapped if row else bold)
            row += 1
    row += 1
    for place, title in enumerate(("sheet", "rows", "what it is")):
        sheet.write_string(row, place, title, bold)
    for place, table in enumerate(told, row + 1):
        sheet.write_string(place, 0, table.sheet)
        sheet.write_number(place, 1, table.rows)
        sheet.write_string(place, 2, f"{table.description}{_cuts(table, report.look)}")


def _cuts(table: _Written, look: Look) -> str:
    """What of a table is not in its sheet, and where it is."""
    told = []
    if table.left_out:
        told.append(f"a sheet has no room for the last {number(table.left_out, look)} rows")
    if table.cut:
        told.append(f"{number(table.cut, look)} cells are cut at {number(MOST_LETTERS, look)} characters")
    return f". Not all of it: {', and '.join(told)}; csv/{table.sheet}.csv is whole" if told else ""


_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_ENTRY: Final = struct.Struct("<28xHHH12x")
"""Of an entry of a ZIP file's directory, as far as it is used here: the lengths of what follows
it (APPNOTE.TXT, 4.3.12)."""
_ATTRIBUTES: Final = 38
"""Where in it those of the file stand that it was made of."""
_PRIVATE: Final = struct.pack("<L", 0o100600 << 16)


def _of_no_one(data: bytes) -> bytes:
    """The same ZIP file without the rights of its temporary files, which differ from user to user."""
    patched = bytearray(data)
    end = len(data) - _END_SIZE
    if data[end : end + len(_END)] != _END:  # no comment follows it, and no file is so large as to need more
        return data
    entries, _, place = struct.unpack_from("<HLL", data, end + 10)
    for _ in range(entries):
        name, extra, comment = _ENTRY.unpack_from(data, place)
        patched[place + _ATTRIBUTES : place + _ATTRIBUTES + len(_PRIVATE)] = _PRIVATE
        place += _ENTRY.size + name + extra + comment
    return bytes(patched)
