"""Isolated throughout, or open at some time: never more than the snapshots show."""

import pytest

from audit import frames
from audit.history.period import period
from tests.compose.objects import CALICO, CLOSED, pod, policy, read_in_part, read_only_in
from tests.history.objects import day

APPS = pod("web") + pod("db")
BESIDE = policy("beside", "{podSelector: {}, policyTypes: [Ingress]}", namespace="other")
OPEN, SHUT = APPS + BESIDE, APPS + CLOSED


def told(result, table="workloads", name="Pod/web", columns=("ingress", "gone", "absent")):
    frame = getattr(result, table)
    key = "workload" if table == "workloads" else "namespace"
    [row] = frame[frame[key] == name].astype("object").to_dict("records")
    return tuple(row[column] for column in columns)


def test_throughout_takes_every_snapshot(run):
    whole = period([run(SHUT, number) for number in (1, 2, 3)])
    assert told(whole) == ("isolated_throughout", False, 0)
    assert told(whole, "namespaces", "shop") == ("isolated_throughout", False, 0)
    assert (whole.sampling.snapshots, whole.sampling.spacing.days) == (3, 1)


def test_open_at_any_snapshot_is_open(run):
    whole = period([run(SHUT, 1), run(OPEN, 2), run(OPEN, 3), run(SHUT, 4)])
    columns = ("ingress", "ingress_isolated", "ingress_open", "ingress_first_open", "ingress_last_open")
    expected = ("open", 2, 2, "2026-11-02T02:00:00Z", "2026-11-03T02:00:00Z")
    assert told(whole, columns=columns) == expected
    assert told(whole, "namespaces", "shop", columns) == expected


def test_directions_are_apart(run):
    deny = policy("deny", "{podSelector: {}, policyTypes: [Ingress]}")
    assert told(period([run(APPS + deny, 1)]), columns=("ingress", "egress")) == (
        "isolated_throughout",
        "open",
    )


def test_a_workload_that_went_is_kept(run):
    whole = period([run(SHUT, 1), run(SHUT, 2), run(pod("db") + CLOSED, 3)])
    assert told(whole) == ("isolated_in_part", True, 1)
    assert told(whole, columns=("first_seen", "last_seen")) == (
        "2026-11-01T02:00:00Z",
        "2026-11-02T02:00:00Z",
    )
    assert told(whole, name="Pod/db") == ("isolated_throughout", False, 0)


def test_a_workload_that_came_was_not_isolated_throughout(run):
    assert told(period([run(pod("db") + CLOSED, 1), run(SHUT, 2)])) == ("isolated_in_part", False, 1)


def test_a_namespace_that_went_is_kept(run):
    whole = period([run(SHUT + pod("a", "old"), 1), run(SHUT, 2)])
    assert told(whole, "namespaces", "old") == ("open", True, 1)


def test_what_could_not_be_assessed_is_not_throughout(run, snapshot):
    blind = run(read_in_part(snapshot(SHUT, 2), {"networkpolicies": "forbidden"}), 2)
    columns = ("ingress", "ingress_isolated", "ingress_not_assessed", "absent")
    whole = period([run(SHUT, 1), blind, run(SHUT + CALICO, 3), run(SHUT, 4)])
    assert told(whole, columns=columns) == ("isolated_in_part", 2, 2, 0)
    assert told(period([blind]), columns=columns) == ("not_assessed", 0, 1, 0)
    assert whole.sampling.incomplete == 1


def test_unseen_where_not_all_pods_could_be_read_is_not_absent(run, snapshot):
    part = run(read_in_part(snapshot(pod("db") + CLOSED, 2), {"pods": "partial"}), 2)
    columns = ("ingress", "gone", "absent", "ingress_not_assessed")
    assert told(period([run(SHUT, 1), part, run(SHUT, 3)]), columns=columns) == (
        "isolated_in_part",
        False,
        0,
        1,
    )
    last = period([run(SHUT, 1), part])
    assert told(last, columns=("ingress", "absent", "ingress_not_assessed")) == ("isolated_in_part", 0, 1)
    assert last.workloads["gone"].isna().tolist() == [False, True]


def test_unseen_where_the_namespace_was_read_is_absent(run, snapshot):
    taken = snapshot(pod("db") + pod("a", "other") + CLOSED, 2)
    part = run(read_only_in(taken, ["shop"], "pods", "networkpolicies"), 2)
    whole = period([run(SHUT + pod("a", "other"), 1), part])
    assert told(whole) == ("isolated_in_part", True, 1)
    assert told(whole, name="Pod/a", columns=("ingress", "absent", "ingress_not_assessed")) == ("open", 0, 1)


def test_pods_of_the_node_are_not_governed(run):
    node = pod("agent", "sys", spec="hostNetwork: true")
    columns = ("ingress", "ingress_not_governed")
    assert told(period([run(SHUT + node, 1)]), name="Pod/agent", columns=columns) == ("not_governed", 1)


def test_a_period_is_narrowed_by_its_ends(run):
    records = [run(OPEN, 1), run(SHUT, 2), run(SHUT, 3)]
    assert told(period(records))[0] == "open"
    assert told(period(records, day(2), day(3)))[0] == "isolated_throughout"


@pytest.mark.parametrize("number", [0, 1, 2])
def test_counts_add_up_and_columns_are_declared(run, number):
    whole = period([run(OPEN, 1), run(SHUT + pod("late"), 2)][:number])
    for frame, schema in (
        (whole.workloads, frames.PERIOD_WORKLOADS),
        (whole.namespaces, frames.PERIOD_NAMESPACES),
    ):
        assert list(frame.columns) == schema.names
        for direction in ("ingress", "egress"):
            states = [frame[f"{direction}_{state}"] for state in frames.STATES]
            assert (sum(states, frame["absent"]) == frame["snapshots"]).all()
