"""segaudit history, trend and fleet on stores in folders."""

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest

from audit import frames
from tests.compose.objects import CLOSED, pod, policy
from tests.enforcement.objects import network, text
from tests.history.objects import served

BESIDE = policy("beside", "{podSelector: {}, policyTypes: [Ingress]}", namespace="other")
PLUG_IN = text(network()).removeprefix("---\n") + "---\n"
OPEN = pod("web") + pod("db") + BESIDE + PLUG_IN
SHUT = pod("web") + pod("db") + CLOSED + PLUG_IN


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


# -- history ------------------------------------------------------------------------------------------


def test_history_lists_runs_without_reading_them(store, call):
    address = store({1: None, 2: None})
    for file in Path(address).glob("*/manifest.json"):
        file.write_bytes(b"not read")
    status, out, err = call("history", "--store", address, "--format", "json")
    assert (status, err) == (0, "")
    assert [(row["time"], row["id"], row["state"]) for row in json.loads(out)] == [
        ("2026-11-01T02:00:00Z", "run-1", "stored"),
        ("2026-11-02T02:00:00Z", "run-2", "stored"),
    ]


def test_history_tells_times_without_a_run_and_runs_that_are_not_whole(store, call):
    address = store({1: None, 2: None, 3: None, 6: None})
    store({7: None}, complete=False)
    (damaged,) = Path(address).glob("*-run-2/manifest.json")
    damaged.write_bytes(b"{")
    arguments = ("--missing", "--as-of", "2026-11-09T03:00:00Z", "--format", "csv")
    _, out, _ = call("history", "--store", address, *arguments)
    assert [(row["time"][8:10], row["state"]) for row in rows(out)] == [
        ("01", "stored"),
        ("02", "damaged"),
        ("03", "stored"),
        ("04", "missing"),
        ("05", "missing"),
        ("06", "stored"),
        ("07", "incomplete"),
        ("08", "missing"),
    ]
    assert "every 1 d (the median of the times between runs)" in out


def test_history_takes_another_spacing(store, call):
    address = store({1: None, 2: None})
    arguments = ("history", "--store", address, "--missing", "--as-of", "2026-11-02T03:00:00Z", "--every")
    assert [row["state"] for row in rows(call(*arguments, "12h", "--format", "csv")[1])] == [
        "stored",
        "missing",
        "stored",
    ]
    status, _, err = call(*arguments, "often")
    assert (status, "'often' is no length of time such as 24h or 8d" in err) == (2, True)


def test_too_many_missing_times_are_not_told_one_by_one(store, call):
    status, _, err = call("history", "--store", store({1: None, 20: None}), "--missing", "--every", "1m")
    assert (status, err.count("\n")) == (2, 1)
    assert "over 10,000 times without a run" in err


@pytest.mark.parametrize("command", ["history", "trend"])
def test_without_a_store_it_says_that_nothing_is_stored(call, command):
    status, _, err = call(command)
    assert (status, "without one no run is stored" in err) == (2, True)


def test_text_is_in_columns(store, call):
    assert call("history", "--store", store({1: None}))[1].splitlines() == [
        "time                  run                     id     state   reason",
        "2026-11-01T02:00:00Z  20261101T020000Z-run-1  run-1  stored",
    ]


# -- trend --------------------------------------------------------------------------------------------


def test_trend_is_a_row_a_run(store, call):
    address = store({1: OPEN, 2: SHUT})
    found = json.loads(call("trend", "--store", address, "--format", "json")[1])
    assert list(found[0]) == frames.TREND.names
    assert [row["pods_ingress_isolated"] for row in found] == [0, 2]
    assert found[0]["complete"] is True
    lines = call("trend", "--store", address)[1].splitlines()
    assert lines[0].startswith("2 snapshots from 2026-11-01T02:00:00Z to 2026-11-02T02:00:00Z, 1 d apart")
    assert lines[-1].split()[:4] == ["2026-11-02T02:00:00Z", "100", "%", "100"]


def test_trend_tells_of_a_period_on_what_it_rests(store, call):
    address = store({1: OPEN, 2: SHUT, 3: SHUT})
    told = json.loads(call("trend", "--store", address, "--of", "workloads", "--format", "json")[1])
    assert (told["sampling"]["snapshots"], told["sampling"]["spacing"]) == (3, 86400.0)
    assert {row["ingress"] for row in told["workloads"]} == {"open"}
    later = ("--since", "2026-11-02", "--until", "2026-11-03", "--format", "csv")
    _, out, err = call("trend", "--store", address, "--of", "namespaces", *later)
    assert [(row["namespace"], row["ingress"], row["snapshots"]) for row in rows(out)] == [
        ("shop", "isolated_throughout", "2")
    ]
    assert "2 snapshots from 2026-11-02T02:00:00Z to 2026-11-03T02:00:00Z" in err


@pytest.mark.parametrize("form", ["csv", "md"])
def test_on_what_a_period_rests_is_told_though_quiet(store, call, form):
    address = store({1: OPEN, 2: None, 4: SHUT})
    arguments = ("--of", "workloads", "--format", form, "--quiet")
    status, _, err = call("trend", "--store", address, *arguments)
    assert status == 0
    assert "2 snapshots from 2026-11-01T02:00:00Z to 2026-11-04T02:00:00Z, 3 d apart" in err
    assert "no record could be read of 1 run" in err


def test_a_period_that_ends_before_it_begins_is_an_error(store, call):
    address = store({1: OPEN})
    arguments = ("--since", "2026-11-03", "--until", "2026-11-02")
    status, out, err = call("trend", "--store", address, *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "--since 2026-11-03T00:00:00Z is after --until 2026-11-02T23:59:59" in err
    same = ("--since", "2026-11-01", "--until", "2026-11-01")
    assert call("trend", "--store", address, *same)[0] == 0


def test_trend_tells_policy_changes(store, call):
    address = store({1: OPEN, 2: OPEN + served("a", "{podSelector: {}}", "u1", manager="'=1+1'")})
    _, out, _ = call("trend", "--store", address, "--of", "policies", "--format", "csv")
    (row,) = rows(out)
    assert (row["change"], row["name"]) == ("created", "a")
    assert (row["after"][8:10], row["before"][8:10]) == ("01", "02")
    assert (row["generation_before"], row["managers"]) == ("", "'=1+1")


def test_runs_without_a_record_are_named(store, call):
    address = store({1: None, 2: OPEN})
    status, out, err = call("trend", "--store", address, "--format", "csv")
    assert (status, len(rows(out))) == (0, 1)
    assert "no record could be read of 1 run: 20261101T020000Z-run-1" in err


def test_a_store_without_any_record_is_an_error(store, call):
    status, out, err = call("trend", "--store", store({1: None}))
    assert (status, out) == (3, "")
    assert "no run with a record" in err


# -- fleet --------------------------------------------------------------------------------------------


def test_fleet_has_the_worst_first_and_names_what_is_not_current(store, call, tmp_path):
    stores = [
        store({1: OPEN, 20: SHUT}, "good", "good"),
        store({20: OPEN}, "bad", "bad"),
        store({2: SHUT}, "old", "old"),
        store({20: None}, "none"),
        str(tmp_path / "absent"),
    ]
    arguments = ("fleet", *stores, "--as-of", "2026-11-21T02:00:00Z", "--format", "json")
    status, out, err = call(*arguments)
    found = json.loads(out)
    assert (status, list(found[0])) == (0, frames.FLEET.names)
    assert [(row["cluster"], row["state"]) for row in found] == [
        ("", "unreadable"),
        ("", "unreadable"),
        ("bad", "current"),
        ("good", "current"),
        ("old", "too_old"),
    ]
    assert [row["age_hours"] for row in found[2:]] == [24, 24, 456]
    assert (found[2]["high"], found[3]["pods_ingress_isolated"], found[0]["pods"]) == (3, 2, None)
    assert "nothing is known of 2 stores" in err
    assert "the last run is too old of 1 store" in err
    assert "19 d old, over 8 d" in err


def test_an_older_run_stands_in_for_one_without_a_record(store, call):
    address = store({1: OPEN, 2: None})
    _, out, _ = call("fleet", address, "--as-of", "2026-11-03", "--max-age", "3d", "--format", "csv")
    (row,) = rows(out)
    assert (row["run"], row["state"]) == ("20261101T020000Z-run-1", "current")
    assert row["reason"].startswith("of an older run, for of the newest 20261102T020000Z-run-2")


def test_no_readable_store_is_an_error(call, tmp_path):
    status, out, err = call("fleet", str(tmp_path / "absent"))
    assert (status, "unreadable" in out) == (3, True)
    assert "no run could be read in 1 store" in err


def test_two_stores_of_one_cluster_are_told(store, call):
    stores = [store({20: OPEN}, "one", "prod", uid="u-1"), store({20: SHUT}, "two", "prod", uid="u-1")]
    _, out, err = call("fleet", *stores, "--as-of", "2026-11-21", "--format", "json")
    assert {row["reason"] for row in json.loads(out)} == {
        f"the same cluster is in {address}" for address in stores
    }
    assert "to be noted of 2 stores" in err


@pytest.fixture
def written(store, call, tmp_path):
    """The folder of a report on a fleet, and what was said: of a bad, a good, an old and an absent store."""
    stores = [
        store({20: OPEN}, "bad", "bad<script>owned()</script>"),
        store({20: SHUT}, "good", "=good", uid="u-1"),
        store({2: SHUT}, "old", "old", uid="u-1"),
        str(tmp_path / "absent"),
    ]

    def write(name="out"):
        folder = tmp_path / name
        status, out, _ = call("fleet", *stores, "--as-of", "2026-11-21T02:00:00Z", "--out", str(folder))
        assert status == 0
        return folder, out

    return write


def test_a_fleet_is_a_report(written, call):
    folder, out = written()
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == [
        "catalogue.json",
        "configuration.json",
        "csv/fleet.csv",
        "manifest.json",
        "report.html",
        "report.json",
        "report.pdf",
    ]
    assert out.startswith(
        "1 of 3 clusters has critical or high findings; the worst is bad<script>owned()</script> (3 high). "
        "1 last run is too old. 1 store could not be read.\n"
    )
    assert "reason" not in out
    assert call("verify", str(folder))[0] == 0
    report = json.loads((folder / "report.json").read_bytes())
    assert [section["anchor"] for section in report["sections"]] == [
        "clusters",
        "not-current",
        "stores-of-one-cluster",
        "method",
    ]
    assert [row["state"] for row in report["data"]["fleet"]["rows"]] == [
        "unreadable",
        "current",
        "current",
        "too_old",
    ]
    table = report["sections"][0]["blocks"][0]
    assert [row[0] for group in table["groups"] for row in group["rows"]] == [
        "bad<script>owned()</script>",
        "=good",
        "old",
    ]


def test_a_fleets_report_is_the_same_again_and_bears_the_hash_of_its_table(written):
    one, other = written("one")[0], written("other")[0]
    for name in ("report.html", "report.pdf", "report.json", "csv/fleet.csv"):
        assert (one / name).read_bytes() == (other / name).read_bytes()
    digest = hashlib.sha256((one / "csv" / "fleet.csv").read_bytes()).hexdigest()
    assert json.loads((one / "report.json").read_bytes())["identifier"] == digest
    page = (one / "report.html").read_text("utf-8")
    assert f'SHA-256 of the table <span class="digest">{digest}' in page
    assert page.count("<script") == 3, "the tables, the library and our own"
    assert "'=good" in (one / "csv" / "fleet.csv").read_text("utf-8")


def test_a_report_has_all_forms_and_is_written_over_nothing_else(store, call, tmp_path):
    address = store({20: OPEN})
    status, _, err = call("fleet", address, "--out", str(tmp_path / "out"), "--format", "csv")
    assert (status, "leave --format out, or --out" in err) == (2, True)
    status, _, err = call("fleet", address, "--out", address)
    assert (status, "has no manifest.json of segaudit" in err) == (2, True)
