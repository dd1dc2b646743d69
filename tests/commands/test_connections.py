import csv
import io
import json

import pytest

ALL = "0.0.0.0-255.255.255.255"
ROWS = {
    ("shop/web", "data/db", "TCP 3306", "all"),
    ("data/db", "shop/web", "All", "all"),
    ("shop/web", ALL, "All", "all"),
    ("data/db", ALL, "All", "all"),
    (ALL, "shop/web", "All", "all"),
}


def test_csv_is_what_other_programs_read(call):
    status, out, err = call("connections", "--level", "pod")
    header, *rows = csv.reader(io.StringIO(out, newline=""))
    assert (status, err) == (0, "")
    assert header == ["source", "destination", "connections", "scope"]
    assert out.count("\r\n") == len(rows) + 1
    assert {tuple(row) for row in rows if ":" not in row[0] + row[1]} == ROWS


def test_json_and_markdown_have_the_same_rows(call):
    rows = json.loads(call("connections", "--level", "pod", "--format", "json")[1])
    assert {tuple(row.values()) for row in rows if ":" not in row["source"] + row["destination"]} == ROWS
    head, line, *lines = call("connections", "--level", "pod", "--format", "md")[1].splitlines()
    assert (head, line) == ("| source | destination | connections | scope |", "| --- | --- | --- | --- |")
    assert "| shop/web | data/db | TCP 3306 | all |" in lines
    assert len(lines) == len(rows)


@pytest.mark.parametrize(
    ("level", "start", "end"),
    [
        ("workload", "shop/Pod/web", "data/Pod/db"),
        ("namespace", "shop", "data"),
        (None, "shop/Pod/web", "data/Pod/db"),
    ],
)
def test_levels(call, level, start, end):
    out = call("connections", *(["--level", level] if level else []))[1]
    assert f"{start},{end},TCP 3306,all" in out.splitlines()


@pytest.mark.parametrize("level", ["pod", "workload", "namespace"])
def test_a_chosen_namespace_is_at_one_end_of_every_row(call, level):
    out = call("connections", "--level", level, "--namespace", "data")[1]
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    assert len(rows) in (3, 4)
    for row in rows:
        assert "data" in {row["source"].partition("/")[0], row["destination"].partition("/")[0]}


@pytest.mark.parametrize(
    ("form", "empty"), [("csv", "source,destination,connections,scope\r\n"), ("json", "[]\n")]
)
def test_the_header_is_there_without_rows(call, form, empty):
    assert call("connections", "--namespace", "nowhere", "--format", form)[1] == empty
