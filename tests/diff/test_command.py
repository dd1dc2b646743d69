"""segaudit diff on folders, files, folders of runs and stored runs."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit.deliver.difference import FORMAT
from tests.compose.objects import CLOSED, pod, policy

OPEN = pod("web", labels="app: web") + pod("db")
SHUT = OPEN + CLOSED
HOSTILE = policy("evil", "{podSelector: {}, ingress: [{}]}").replace("name: evil", 'name: "=1|2\\u202E<b>"')


@pytest.fixture
def folder(tmp_path):
    """A folder of manifests, by name."""

    def make(name, text):
        place = tmp_path / name
        place.mkdir()
        (place / "all.yaml").write_text(text, "utf-8")
        return str(place)

    return make


def test_what_was_lost_is_told_in_words(folder, call):
    status, out, err = call("diff", folder("old", SHUT), folder("new", OPEN))
    assert (status, err) == (0, "")
    assert "For ingress: 2 workloads lost isolation, 0 gained it" in out
    assert "lost    shop/Pod/web  all isolated  0 of 1 pod isolated  ingress and egress" in out
    assert "lost    shop       strict  none   ingress and egress" in out
    assert (
        "Pairs of workloads, or of a workload and addresses outside: 10 opened, 0 changed and 0 closed."
        in out
    )
    assert "  opened: All\n    from  all 2 workloads\n    to    any outside address\n" in out
    assert "deleted  NetworkPolicy  shop/deny" in out
    assert "namespace-denies-ingress-by-default" in out


def test_nothing_differs_between_equal_snapshots(folder, call, tmp_path):
    old = folder("old", SHUT)
    file = str(tmp_path / "new.zip")
    assert call("snapshot", "--from", old, "-o", file)[0] == 0
    status, out, _ = call("diff", old, file, "--exit-code")
    assert (status, "Nothing differs." in out) == (0, True)


def test_exit_code_is_that_of_git(folder, call):
    old, new = folder("old", SHUT), folder("new", OPEN)
    for form in ("text", "json", "md", "csv"):
        assert call("diff", old, new, "--exit-code", "--format", form)[0] == 1
        assert call("diff", old, old, "--exit-code", "--format", form)[0] == 0
    assert call("diff", old, new)[0] == 0


def test_json_has_all_of_it(folder, call):
    _, out, _ = call("diff", folder("old", SHUT), folder("new", OPEN), "--format", "json")
    found = json.loads(out)
    assert (found["format"], found["different"]) == (FORMAT, True)
    assert {row["change"] for row in found["isolation"]} == {"lost"}
    assert {(row["namespace"], row["change"]) for row in found["default_deny"]} == {("shop", "lost")}
    assert (
        sum(len(g["sources"]) * len(g["destinations"]) for g in found["connections"]) == found["pairs"] == 10
    )
    assert {group["after"] for group in found["connections"]} == {"All"}
    assert {row["change"] for row in found["findings"]} >= {"new"}


def test_csv_has_a_row_a_pair(folder, call):
    _, out, _ = call("diff", folder("old", SHUT), folder("new", OPEN), "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    assert len(rows) == 10
    assert ("shop/Pod/web", "shop/Pod/db", "opened", "All") in {
        (row["source"], row["destination"], row["change"], row["opened"]) for row in rows
    }


def test_names_can_break_neither_line_nor_table(folder, call):
    old, new = folder("old", OPEN), folder("new", OPEN + HOSTILE)
    _, out, _ = call("diff", old, new, "--format", "md")
    (line,) = [line for line in out.splitlines() if "=1" in line and line.startswith("| created")]
    assert line == "| created | NetworkPolicy | shop/=1\\|2\\\\u202e\\<b\\> |"
    _, out, _ = call("diff", old, new)
    assert "\u202e" not in out


def test_folders_of_runs_and_stored_runs_are_compared(folder, call, tmp_path, monkeypatch):
    old, new, store = folder("old", SHUT), folder("new", OPEN), str(tmp_path / "store")
    for number, source in ((1, old), (2, new)):
        out = str(tmp_path / f"out-{number}")
        options = ("--format", "csv", "--quiet", "--store", store)
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1_790_000_000 + number))  # names are in order by seconds
        assert call("run", "--from", source, "--out", out, *options)[0] == 0
    lost = "For ingress: 2 workloads lost isolation, 0 gained it"
    assert lost in call("diff", str(tmp_path / "out-1"), str(tmp_path / "out-2"))[1]
    assert lost in call("diff", "previous", "last", "--store", store)[1]
    assert "2 gained it" in call("diff", "last", old, "--store", store)[1]
    status, _, err = call("diff", "nightly-7", "last", "--store", store)
    assert (status, err.startswith(f"segaudit: the store {store} has no run nightly-7; the newest")) == (
        2,
        True,
    )


def test_a_comparison_of_a_run_with_itself_is_told_as_that(folder, call, tmp_path):
    store = str(tmp_path / "store")
    options = ("--format", "csv", "--quiet", "--store", store, "--out", str(tmp_path / "out"))
    assert call("run", "--from", folder("old", SHUT), *options)[0] == 0
    status, out, err = call("diff", "2099-01-01", "last", "--store", store, "--exit-code")
    assert status == 0
    assert "Nothing differs." in out
    assert err.startswith("warning: OLD and NEW are the same, ")
    assert err.endswith(": nothing can differ; name another\n")
    assert call("diff", str(tmp_path / "out"), "last", "--store", store)[2] == ""


def test_what_stood_in_a_damaged_file_is_not_known(folder, call):
    old = folder("old", SHUT)
    (Path(old) / "more.yaml").write_text("a: [", "utf-8")
    _, out, _ = call("diff", old, folder("new", OPEN))
    assert "Not everything could be read in the old snapshot: more.yaml:" in out
    beside = policy("beside", "{podSelector: {matchLabels: {app: web}}}")
    damaged = folder("damaged", pod("web", labels="app: web") + beside)
    (Path(damaged) / "db.yaml").write_text("a: [", "utf-8")
    _, out, _ = call("diff", folder("whole", OPEN + beside), damaged, "--format", "json")
    changes = {
        row["change"]
        for row in json.loads(out)["findings"]
        if row["check"] == "pods-are-isolated-for-ingress"
    }
    assert changes == {"not_assessed"}


def test_a_snapshot_that_is_not_that_of_its_run_is_not_compared(folder, call, tmp_path):
    for name, text in (("a", SHUT), ("b", OPEN)):
        options = ("--format", "csv", "--quiet", "--out", str(tmp_path / f"out-{name}"))
        assert call("run", "--from", folder(name, text), *options)[0] == 0
    (tmp_path / "out-b" / "snapshot.zip").write_bytes((tmp_path / "out-a" / "snapshot.zip").read_bytes())
    status, out, err = call("diff", str(tmp_path / "out-a"), str(tmp_path / "out-b"))
    assert (status, out) == (3, "")
    assert "its snapshot.zip is not what was written, by its manifest" in err


def test_workloads_that_come_and_go_are_named(folder, call):
    _, out, _ = call("diff", folder("old", OPEN), folder("new", pod("web", labels="app: web") + pod("api")))
    assert "  New: shop/Pod/api.\n" in out
    assert "  Gone: shop/Pod/db.\n" in out
    assert "shop/Pod/api (new)" in out
    assert "shop/Pod/db (gone)" in out


def test_any_difference_counts_in_any_form(folder, call):
    ghost = policy("ghost", "{podSelector: {matchLabels: {app: nobody}}}")
    old, new = folder("old", SHUT), folder("new", SHUT + ghost)
    for form in ("text", "csv"):
        assert call("diff", old, new, "--exit-code", "--format", form)[0] == 1


def test_a_policy_that_is_not_evaluated_is_no_loss(folder, call):
    cilium = (
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c, namespace: shop}\n"
        "spec: {endpointSelector: {}}\n---\n"
    )
    _, out, _ = call("diff", folder("old", SHUT), folder("new", OPEN + cilium), "--format", "json")
    assert {row["change"] for row in json.loads(out)["isolation"]} == {"not_assessed"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-", "-"), "both OLD and NEW are standard input; name one of them"),
        (("gone", "{old}"), "gone: there is no such path; a run of a store is named with --store URL"),
        (
            ("last", "{old}", "--store", "nowhere"),
            "there is no store nowhere; segaudit run --store nowhere makes one",
        ),
    ],
)
def test_what_cannot_be_compared_is_said_in_a_line(folder, call, arguments, message):
    old = folder("old", SHUT)
    status, out, err = call("diff", *(word.format(old=old) for word in arguments))
    assert (status, out, err) == (2, "", f"segaudit: {message}\n")


def test_a_waiver_that_runs_out_in_between_changes_the_finding(folder, call, tmp_path, monkeypatch):
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text(
        "waivers:\n- {check: namespace-denies-ingress-by-default, namespace: shop, name: shop, reason: r,"
        " owner: o, approved_by: a, created: 2026-01-01, expires: 2026-06-30}\n",
        "utf-8",
    )
    first, second = (str(tmp_path / f"{month}.zip") for month in ("june", "july"))
    for file, month in ((first, 6), (second, 7)):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(datetime(2026, month, 1, tzinfo=UTC).timestamp())))
        assert call("snapshot", "--from", folder(f"m{month}", OPEN), "-o", file)[0] == 0
    options = ("--waivers", str(waivers), "--format", "json")
    rows = {row["check"]: row for row in json.loads(call("diff", first, second, *options)[1])["findings"]}
    row, lapsed = rows.pop("namespace-denies-ingress-by-default"), rows.pop("waivers-are-current")
    assert not rows
    assert (row["change"], row["status_before"], row["status"]) == ("changed", "waived", "failed")
    assert (lapsed["change"], lapsed["kind"], lapsed["status"]) == ("new", "Waiver", "failed")
    assert json.loads(call("diff", first, second, *options, "--as-of", "2026-06-01")[1])["different"] is False
