"""The section Complete tables."""

import hashlib

import pytest

from reports import attached
from reports.text import plain
from reports.to_csv import write_csv
from tests.compose.objects import pod


@pytest.fixture
def report(snapshot, report_on):
    return report_on(snapshot(pod("a") + pod("b", "bank")))


def section(report):
    return next(section for section in report.sections if section.anchor == "complete-tables")


def test_every_table_has_its_rows_and_its_hash(report):
    table, _ = section(report).blocks
    (group,) = table.groups
    assert [row[0] for row in group.rows] == [f"csv/{dataset.name}.csv" for dataset in report.data]
    for (_, rows, sha256), dataset in zip(group.rows, report.data, strict=True):
        assert rows == f"{len(dataset.frame):,}"
        assert sha256 == hashlib.sha256(write_csv(dataset)).hexdigest()


def test_what_the_pdf_carries_is_said_and_what_it_leaves_out(report, snapshot, report_on, monkeypatch):
    _, carried = section(report).blocks
    assert plain(carried.text).startswith(
        "report.pdf carries checks.csv, controls.csv, findings.csv and hashes.json within"
    )
    assert "MiB" not in plain(carried.text)
    monkeypatch.setattr(attached, "LARGEST", 100)
    _, carried = section(report_on(snapshot(pod("a")))).blocks
    assert plain(carried.text).startswith("report.pdf carries hashes.json within it")
    assert plain(carried.text).endswith(
        " csv/checks.csv, csv/controls.csv and csv/findings.csv have more than 32 MiB and are not carried."
    )
