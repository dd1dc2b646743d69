"""The workbook, as another library reads it."""

import io
import os
import time
import zipfile

import openpyxl
import pandas as pd
import pytest

from reports import to_xlsx
from reports.model import DataColumn, Dataset
from reports.to_xlsx import MOST_LETTERS, render_xlsx
from tests.reports import audited, sample, sample_sections


def book(report):
    return openpyxl.load_workbook(io.BytesIO(render_xlsx(report)))


def table(values, kind="text", name="t"):
    return Dataset(name, "What it is", (DataColumn("c", kind, "meaning"),), pd.DataFrame({"c": values}))


def column(report, name="t"):
    return [row[0] for row in book(report)[name].iter_rows(min_row=2, values_only=True)]


def about(report):
    return [[cell for cell in row if cell is not None] for row in book(report)["about"].values]


def test_a_sheet_a_table_with_a_head_that_stays_and_a_filter():
    written = book(sample.report(data=(sample.pods(12),)))
    assert written.sheetnames == ["about", "columns", "pods"]
    sheet = written["pods"]
    assert [cell.value for cell in sheet[1]] == [c.name for c in sample.pods(1).columns]
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A2", "A1:F13", "$1:$1")
    assert all(8 <= dimension.width <= 61 for dimension in sheet.column_dimensions.values())


def test_what_auditors_read_comes_first():
    data = tuple(table(["a"], name=name) for name in ("pods", "waivers", "controls", "rules", "findings"))
    assert book(sample.report(data=data)).sheetnames[2:] == [
        "findings",
        "controls",
        "waivers",
        "pods",
        "rules",
    ]


def test_the_first_sheet_says_what_this_is():
    rows = about(sample.report(scope=("shop", "payments")))
    assert ["Of", "prod-eu-1"] in rows
    assert ["SHA-256 of the snapshot", sample_sections.SHA] in rows
    assert ["Narrowed to", "shop, payments"] in rows
    assert ["Not assessed", "2 checks in namespace legacy (Cilium policies, not evaluated)."] in rows
    assert ["pods", 12, "Pods that count"] in rows


def test_it_says_what_checks_could_not_judge():
    told = [row[1] for row in about(audited.report()) if row and row[0] == "Not assessed"]
    assert told[1:] == [
        "Narrow holds: not assessed for 2 of its subjects. The kind nodes could not be listed.",
        "Broken holds: not assessed for 1 of its subjects. The check failed to run: ValueError.",
    ]


def test_the_second_what_the_columns_mean():
    rows = list(book(sample.report())["columns"].values)
    assert ("pods", "share", "number", "share of pods that may connect") in rows


@pytest.mark.parametrize(
    "start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "http://evil.example", "internal:a", "{=1}"]
)
def test_text_is_text(start):
    sheet = book(sample.report(data=(table([start, 'say "hi"', "<b>&amp;"]),)))["t"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == [start, 'say "hi"', "<b>&amp;"]
    assert all(cell.data_type == "s" and cell.hyperlink is None for cell in cells)


def test_hostile_names():
    found = column(sample.report(data=(table(list(sample_sections.HOSTILE)),)))
    assert found[:3] == list(sample_sections.HOSTILE[:3])
    assert "aU+0000bU+001B[31m\n" in found
    assert "\u202e" not in "".join(found)


@pytest.mark.parametrize(
    "text", ["<r></c></row><v>1</v></r>", "<r><t>x</t></r>", "_x0041_", "]]>", " a ", "\ud7ff"]
)
def test_nothing_becomes_xml(text):
    (found,) = column(sample.report(data=(table([text]),)))
    # a program that shows sheets reads _x005F_ as the underscore; openpyxl does not
    assert found.replace("_x005F_", "_").strip() == text.strip()


def test_numbers_booleans_and_what_is_unknown():
    assert column(sample.report(data=(table([1, None, -3, 2**60], "integer"),))) == [1, None, -3, str(2**60)]
    flags = pd.array([True, False, None, True], dtype="boolean")
    assert column(sample.report(data=(table(flags, "boolean"),))) == [True, False, None, True]


def test_what_has_no_room_is_said(monkeypatch):
    report = sample.report(data=(table(["x" * (MOST_LETTERS + 1), "y", "y" * MOST_LETTERS]),))
    first, _, whole = column(report)
    assert len(first) == MOST_LETTERS
    assert whole == "y" * MOST_LETTERS
    told = "What it is. Not all of it: 1 cells are cut at 32,767 characters; csv/t.csv is whole"
    assert ["t", 3, told] in about(report)
    monkeypatch.setattr(to_xlsx, "MOST_ROWS", 3)
    report = sample.report(data=(table(["a", "b", "c"]),))
    assert column(report) == ["a", "b"]
    assert "a sheet has no room for the last 1 rows" in about(report)[-1][2]


def test_the_same_bytes_whoever_writes_it_and_when(monkeypatch):
    first = render_xlsx(sample.report())
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    before = os.umask(0o077)
    try:
        assert render_xlsx(sample.report()) == first
    finally:
        os.umask(before)
        monkeypatch.undo()
        time.tzset()
    core = zipfile.ZipFile(io.BytesIO(first)).read("docProps/core.xml").decode()
    assert core.count("2026-11-23T02:00:00Z") == 2


def test_an_empty_table():
    assert column(sample.report(data=(table([]),))) == []
