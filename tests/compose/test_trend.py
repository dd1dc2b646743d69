"""The section Trend, on records of real runs."""

import msgspec
import pytest

from audit.frames import STORED_TABLES
from audit.history.record import Record, encode, load
from reports.model import Lines, Note, Table
from reports.text import plain
from reports.to_csv import write_csv
from reports.to_html import render_html
from tests.compose.objects import CLOSED, pod
from tests.history.objects import served

OPEN = pod("a") + pod("b")
SHUT = OPEN + CLOSED
HOSTILE = "=1+1|<script>owned()</script>"


def section(report):
    return next(section for section in report.sections if section.anchor == "trend")


def part(report, anchor):
    return next(each for each in section(report).sections if each.anchor == anchor)


def tables(report, anchor):
    return [block for block in part(report, anchor).blocks if isinstance(block, Table)]


def cells(table):
    return [[plain(cell) for cell in row] for group in table.groups for row in group.rows]


def notes(report):
    return [(block.title, plain(block.text)) for block in section(report).blocks if isinstance(block, Note)]


def chart(report, title):
    (block,) = [block for block in section(report).blocks if isinstance(block, Lines)]
    return next(line for line in block.lines if line.title == title)


def test_without_a_store_there_is_no_section(report):
    assert not any(section.anchor == "trend" for section in report(OPEN).sections)


def test_of_one_run_it_is_said_that_nothing_else_is_known(told):
    found = section(told({3: OPEN}))
    assert (
        found.lead == "1 snapshot, of 3 November 2026, 02:00 UTC: what was before or after it is not known."
    )
    assert not found.sections
    assert [plain(block.text) for block in found.blocks] == [
        "Lines, periods and changes are told from the second snapshot on."
    ]


def test_it_says_on_how_many_snapshots_it_rests(told):
    found = section(told({1: OPEN, 2: OPEN, 6: SHUT}))
    assert found.lead == (
        "3 snapshots from 1 November 2026, 02:00 UTC to 6 November 2026, 02:00 UTC, 2 d 12 h apart (median), "
        "at most 4 d (after 2 November 2026, 02:00 UTC). What was between two of them is not known."
    )


def test_a_line_has_its_ends_its_gaps_and_its_words(told):
    report = told({1: OPEN, 2: OPEN, 3: SHUT, 9: SHUT})
    line = chart(report, "Isolated for ingress")
    assert (line.first, line.last, line.start, line.end) == ("0 %", "100 %", "1 Nov", "9 Nov")
    assert [(point.at, point.height) for point in line.points] == [
        (0.0, 0.0),
        (0.125, 0.0),
        (0.25, 1.0),
        (1.0, None),
        (1.0, 1.0),
    ]
    assert line.alternative == (
        "Isolated for ingress: 0 % on 1 November, 100 % on 9 November; lowest 0 % on 1 November, highest "
        "100 % on 3 November; 4 snapshots, with 1 gap between them."
    )
    assert chart(report, "Broad CIDR rules").alternative.startswith("Broad CIDR rules: 0 throughout, in 4 ")


def changed(number, **fields):
    """Records with another head for one of them."""

    def make(records):
        record = records[number]
        head = msgspec.structs.replace(record.head, **fields)
        other = load(encode(head, {name: record.table(name) for name in STORED_TABLES}), record.name)
        return tuple(other if each is record else each for each in records)

    return make


def test_what_was_not_assessed_is_a_gap(told):
    figures = {"count": None, "of": 2, "whole": False}

    def make(records):
        head = records[1].head
        share = msgspec.convert(figures, type(head.figures.ingress_isolated))
        return changed(1, figures=msgspec.structs.replace(head.figures, ingress_isolated=share))(records)

    line = chart(told({1: OPEN, 2: OPEN, 3: SHUT}, records=make), "Isolated for ingress")
    assert [point.height for point in line.points] == [0.0, None, 1.0]
    assert line.alternative.endswith("; 3 snapshots, of which 1 could not assess it.")


def test_runs_of_another_cluster_are_left_out(told):
    report = told({1: OPEN, 2: OPEN, 3: SHUT}, records=changed(0, cluster="staging"))
    assert section(report).lead.startswith("2 snapshots from 2 November")
    assert section(report).lead.endswith("Left out: 1 run on another cluster than the newest.")


def test_what_could_not_be_read_is_a_gap_that_is_named(told):
    unreadable = {f"run-{number}": f"reason {number}" for number in range(9)}
    found = notes(
        told({1: OPEN, 2: SHUT}, unreadable=unreadable, problem="the last run could not be read (x)")
    )
    assert found[0] == ("Earlier runs are missing", "The last run could not be read (x).")
    assert found[1][0] == "9 runs left out, for want of a record that can be read"
    assert found[1][1] == "run-0 (reason 0); run-1 (reason 1); run-2 (reason 2); and 6 more."


def test_a_run_whose_tables_are_damaged_is_left_out(told):
    def make(records):
        data = bytearray(records[0]._data)  # noqa: SLF001  # what a store would have given
        start = data.index(b"workloads.parquet")
        data[start + 30 : start + 300] = bytes(270)
        return (Record("run-1", records[0].head, bytes(data)), *records[1:])

    report = told({1: OPEN, 2: SHUT, 3: SHUT}, records=make)
    assert section(report).lead.startswith("2 snapshots from 2 November")
    ((title, text),) = notes(report)
    assert title.startswith("1 run left out")
    assert text.startswith("run-1 (run-1: its history.zip is not whole")


def test_a_store_that_fails_is_stated(told):
    found = section(told({1: OPEN}, problem="the store could not be read (no rights)"))
    assert notes_of(found) == [("Earlier runs are missing", "The store could not be read (no rights).")]


def notes_of(found):
    return [(block.title, plain(block.text)) for block in found.blocks]


def test_what_is_not_looked_at_is_counted(told):
    texts = [
        plain(getattr(block, "text", ""))
        for block in section(told({1: OPEN, 2: OPEN}, older=7, removed=2)).blocks
    ]
    assert any("7 older runs are left out here" in text for text in texts)
    assert any("no more than the hashes of 2 runs" in text for text in texts)


def test_runs_that_counted_otherwise_are_told(told):
    report = told({1: OPEN, 2: OPEN}, records=changed(0, version="0.0.9", settings="0" * 64))
    ((title, text),) = notes(report)
    assert title == "Not all runs counted alike"
    assert text.startswith(
        "These runs were made with 2 versions of segaudit and 2 sets of settings; figures "
    )


# -- findings ----------------------------------------------------------------------------------------


def test_findings_that_are_new_and_gone_are_told(told):
    report = told({1: SHUT + pod("c", "web"), 2: OPEN})
    found = part(report, "trend-findings")
    assert found.lead.startswith("3 findings are new since 1 November 2026, 02:00 UTC (")
    assert "fixed, or gone with what it was about" in found.lead
    (table,) = tables(report, "trend-findings")
    rows = {row[0]: row[2:] for row in cells(table)}
    assert rows["Namespaces deny ingress by default"] == ["1", "shop", "1", "web"]
    assert rows["Pods are isolated for ingress"] == ["0", "", "1", "web/c"]


def test_that_nothing_moved_is_said(told):
    assert part(told({1: OPEN, 2: OPEN}), "trend-findings").lead == (
        "No finding is new since 1 November 2026, 02:00 UTC, and none is gone."
    )


def test_findings_of_another_cluster_are_not_compared(told):
    report = told({1: OPEN, 2: SHUT}, last=lambda records: changed(0, cluster="x")(records)[0])
    assert part(report, "trend-findings").lead.startswith("There is no earlier run that this one")


# -- the period --------------------------------------------------------------------------------------


def test_what_was_open_at_any_time_is_told_and_what_is_gone_is_kept(told):
    report = told({1: OPEN + pod("old", "web"), 2: SHUT, 3: SHUT})
    summary, namespaces, workloads = tables(report, "trend-period")
    assert cells(summary)[0] == ["Namespaces, ingress", "0", "0", "2", "0", "0", "1"]
    rows = {row[0]: row[1:] for row in cells(workloads)}
    assert rows["web/Pod/old"] == [
        "open in 1 of 3, last on 1 November 2026, 02:00 UTC",
        "open in 1 of 3, last on 1 November 2026, 02:00 UTC",
        "gone after 1 November 2026, 02:00 UTC",
    ]
    assert cells(namespaces)[0][0] == "shop"


def test_isolated_throughout_takes_every_snapshot(told):
    report = told({1: SHUT, 2: SHUT + pod("later"), 3: SHUT + pod("later")})
    rows = {row[0]: row[1] for row in cells(tables(report, "trend-period")[2])}
    assert rows["shop/Pod/a"] == "isolated throughout"
    assert rows["shop/Pod/later"] == "isolated in 2 of 3, not seen or assessed in the others"


def test_tables_are_cut_and_say_what_has_the_rest(told):
    many = "".join(pod("a", f"team-{number:03}") for number in range(100))
    _, namespaces, workloads = tables(told({1: many, 2: many}), "trend-period")
    assert (len(cells(namespaces)), len(cells(workloads))) == (25, 40)
    assert plain(workloads.more) == (
        "and 60 more: segaudit trend --of workloads and csv/period_workloads.csv have all."
    )


def test_a_narrowed_report_tells_of_its_namespaces(told):
    report = told({1: OPEN + pod("c", "web"), 2: OPEN + pod("c", "web")}, only=["web"])
    assert [row[0] for row in cells(tables(report, "trend-period")[2])] == ["web/Pod/c"]


# -- policies ----------------------------------------------------------------------------------------


def test_policy_changes_are_told_between_two_snapshots(told):
    spec, other = "{podSelector: {}}", "{podSelector: {}, policyTypes: [Egress]}"
    runs = {
        1: OPEN + served("a", spec, "u1") + served("b", spec, "u2"),
        2: OPEN + served("a", other, "u1", generation=2, manager="helm"),
    }
    report = told(runs)
    (table,) = tables(report, "trend-policies")
    assert [plain(group.title) for group in table.groups] == [
        "Between 1 November 2026, 02:00 UTC and 2 November 2026, 02:00 UTC"
    ]
    assert cells(table) == [
        ["shop/NetworkPolicy/a", "changed", "1 to 2", "helm", "u1"],
        ["shop/NetworkPolicy/b", "deleted", "1", "kubectl", "u2"],
    ]


def test_that_no_policy_changed_is_said(told):
    assert part(told({1: SHUT, 2: SHUT}), "trend-policies").lead.startswith("No policy was created")


# -- the tables, and what hostile names do -------------------------------------------------------------


@pytest.fixture
def hostile(told):
    evil = served("a", "{podSelector: {}}", f'"{HOSTILE}"', manager=f'"{HOSTILE}"')
    return told({1: SHUT + pod(f'"{HOSTILE}"', "evil"), 2: OPEN + evil})


def test_hostile_names_are_text(hostile):
    page = render_html(hostile).decode()
    assert page.count("<script") == 3, "the tables, the library and our own"
    assert page.count("owned()") > 3


def test_the_tables_are_data(hostile):
    data = {dataset.name: dataset for dataset in hostile.data}
    assert list(data)[-4:] == ["trend", "period_workloads", "period_namespaces", "policy_changes"]
    assert data["trend"].frame["run"].tolist() == ["run-1", ""]
    assert "'=1+1|<script>" in write_csv(data["policy_changes"]).decode()
