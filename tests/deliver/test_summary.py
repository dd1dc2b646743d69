from pathlib import Path

from msgspec.structs import replace

from audit.deliver import summary
from audit.frames import RESULTS
from audit.severity import Severity
from reports.model import DataColumn, Dataset, Figure, PageOne, Reference, Report, Section, name

LEVELS = ["high", "low", "high", "critical"]
STATUSES = ["failed", "failed", "failed", "waived"]


def report(not_assessed=()) -> Report:
    blank = {column: [""] * len(LEVELS) for column in RESULTS.names}
    findings = RESULTS.frame({**blank, "severity": LEVELS, "status": STATUSES})
    page = PageOne(
        lead=("Pod ", name("shop/web"), " is open."),
        enforcement="Policies are enforced.",
        figures=(Figure("Isolated", "50.0 %", "1 of 2 pods"), Figure("Broad", "0", "of 13 rules")),
        first=(),
        not_assessed=not_assessed,
        looked_at=(),
    )
    return Report(
        title="",
        subject="",
        date="",
        created="",
        identifier="",
        generator="",
        page_one=page,
        sections=(Section("looked-at", "What was looked at"),),
        data=(Dataset("findings", "", (DataColumn("severity", "string", ""),), findings),),
    )


def test_waived_findings_do_not_count():
    assert summary.failed(report()) == {Severity.HIGH: 2, Severity.LOW: 1}


def test_lines():
    lines = list(summary.lines(report(), Path("out"), ["csv/pods.csv", "csv/checks.csv", "report.html"]))
    assert lines == [
        "Pod shop/web is open.",
        "Policies are enforced.",
        "",
        "  Isolated  50.0 %  1 of 2 pods",
        "  Broad          0  of 13 rules",
        "  Findings       3  2 high, 1 low",
        "",
        "out: report.html, csv/",
    ]


def test_changes_stand_in_a_column_of_their_own():
    found = report()
    figures = tuple(replace(figure, change="+1 since 16 Nov") for figure in found.page_one.figures)
    page = replace(found.page_one, figures=figures, compared="Compared with a run.")
    lines = list(summary.lines(replace(found, page_one=page), Path("out"), []))
    assert lines[3:7] == [
        "  Isolated  50.0 %  1 of 2 pods    +1 since 16 Nov",
        "  Broad          0  of 13 rules    +1 since 16 Nov",
        "  Findings       3  2 high, 1 low",
        "  Compared with a run.",
    ]


def test_what_was_not_assessed_names_sections_by_title():
    lines = list(summary.lines(report((("Much, see ", Reference("looked-at"), "."),)), Path("out"), []))
    assert "Much, see “What was looked at” there." in lines
