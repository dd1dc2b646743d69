"""A finding keeps its date while it is there; what could not be assessed neither ends nor begins it."""

from dataclasses import replace

import msgspec
import pytest

from audit import checks
from audit.checks import Status
from audit.snapshot import Snapshot
from tests.compose.objects import CALICO, CLOSED, pod, policy, read_in_part, read_only_in
from tests.history.objects import day

BESIDE = policy("beside", "{podSelector: {}, policyTypes: [Ingress]}", namespace="other")
DB = pod("db") + BESIDE
OPEN = pod("web") + DB
CHECK = "pods-are-isolated-for-ingress"


def dates(stored, check=CHECK):
    """Day and status of each finding of a check, by name."""
    found = stored.table("findings")
    found = found[found["check"] == check]
    columns = (found[c].astype("object").tolist() for c in ("name", "since", "status"))
    return {name: (int(since[8:10]), status) for name, since, status in zip(*columns, strict=True)}


def test_a_finding_is_dated_by_the_first_run_that_found_it(run):
    first = run(OPEN, 1)
    second = run(OPEN + pod("late"), 2, first)
    third = run(OPEN + pod("late"), 3, second)
    assert dates(third) == {"db": (1, "failed"), "web": (1, "failed"), "late": (2, "failed")}


def test_one_that_was_fixed_begins_anew(run):
    fixed = run(OPEN + CLOSED, 2, run(OPEN, 1))
    assert dates(fixed) == {}
    assert dates(run(OPEN, 3, fixed))["web"] == (3, "failed")


def test_one_whose_subject_went_begins_anew(run):
    assert dates(run(OPEN, 3, run(DB, 2, run(OPEN, 1))))["web"] == (3, "failed")


@pytest.mark.parametrize(
    "unread",
    [{"networkpolicies": "forbidden"}, {"pods": "partial"}, {"networkpolicies": "inconsistent"}],
    ids=str,
)
def test_a_run_that_could_not_assess_it_does_not_break_it(run, snapshot, unread):
    left = DB if "pods" in unread else OPEN + CLOSED
    blind = run(read_in_part(snapshot(left, 2), unread), 2, run(OPEN, 1))
    assert dates(blind)["web"] == (1, "not_assessed")
    again = run(read_in_part(snapshot(OPEN + CLOSED, 3), {"networkpolicies": "forbidden"}), 3, blind)
    assert dates(run(OPEN + pod("late"), 4, again)) == {
        "db": (1, "failed"),
        "web": (1, "failed"),
        "late": (4, "failed"),
    }
    assert dates(run(OPEN + CLOSED, 4, again)) == {}


def test_where_the_namespace_could_be_read_what_is_gone_is_gone(run, snapshot):
    first = run(pod("a", "seen") + pod("b", "unseen") + pod("c", "seen") + BESIDE, 1)
    partly = read_only_in(snapshot(pod("c", "seen") + BESIDE, 2), ["seen"], "pods", "networkpolicies")
    assert dates(run(partly, 2, first)) == {"b": (1, "not_assessed"), "c": (1, "failed")}


def test_policies_that_are_not_evaluated_do_not_break_it(run):
    blind = run(OPEN + CALICO, 2, run(OPEN, 1))
    assert dates(blind)["web"] == (1, "not_assessed")
    assert dates(run(OPEN, 3, blind))["web"] == (1, "failed")


def broken(facts):
    """The results with one check in error."""
    results = checks.run(facts)
    return [
        replace(each, subjects=each.subjects.iloc[:1].assign(status=Status.ERROR.value, id=""))
        if each.check.id == CHECK
        else each
        for each in results
    ]


def without(facts):
    """The results of a version that lacks the check."""
    return [each for each in checks.run(facts) if each.check.id != CHECK]


@pytest.mark.parametrize("judge", [broken, without])
def test_a_check_that_did_not_run_does_not_break_it(run, judge):
    blind = run(OPEN + CLOSED, 2, run(OPEN, 1), judge=judge)
    assert dates(blind) == {"db": (1, "not_assessed"), "web": (1, "not_assessed")}
    assert dates(run(OPEN, 3, blind))["web"] == (1, "failed")


def test_an_input_without_pods_does_not_break_it(run):
    blind = run(CLOSED, 2, run(OPEN, 1))
    assert dates(blind)["web"] == (1, "not_assessed")


def test_a_rule_that_moved_is_the_same_finding(run):
    wide = "{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}"
    narrow = "{from: [{ipBlock: {cidr: 10.0.0.0/24}}]}"
    check = "ingress-cidrs-are-narrow"
    first = run(pod("web") + policy("p", f"{{podSelector: {{}}, ingress: [{wide}]}}"), 1)
    moved = run(pod("web") + policy("p", f"{{podSelector: {{}}, ingress: [{narrow}, {wide}]}}"), 2, first)
    assert dates(moved, check) == {"p": (1, "failed")}
    assert (
        dates(run(pod("web") + policy("p", f"{{podSelector: {{}}, ingress: [{narrow}]}}"), 3, moved), check)
        == {}
    )


def test_a_run_on_an_older_snapshot_dates_nothing_later_than_itself(run):
    assert dates(run(OPEN, 3, run(OPEN, 5), as_of=day(3)))["web"] == (3, "failed")


def test_the_record_of_another_cluster_dates_nothing(run, snapshot):
    def of(uid, number, previous=None):
        read = snapshot(OPEN, number)
        provenance = msgspec.structs.replace(read.provenance, cluster="prod", cluster_uid=uid)
        tables = {name: read[name] for name in ("pods", "kinds", "policies")}
        return run(Snapshot(provenance, tables), number, previous)

    assert dates(of("u2", 2, of("u1", 1)))["web"] == (2, "failed")
    assert dates(of("u1", 2, of("u1", 1)))["web"] == (1, "failed")
    assert dates(of("", 2, of("u1", 1)))["web"] == (1, "failed")
