"""Policies that were created, changed or deleted, and between which two snapshots."""

import pandas as pd

from audit import frames
from audit.history.changes import changes
from tests.compose.objects import pod, policy, read_in_part, read_only_in
from tests.history.objects import day, served

INGRESS = "{podSelector: {}, policyTypes: [Ingress]}"
BOTH = "{podSelector: {}, policyTypes: [Ingress, Egress]}"
WEB = pod("web")


def told(records, *columns, **period):
    frame = changes(records, **period).astype("object")
    named = columns or ("change", "name", "uid")
    return [tuple(row[c] for c in named) for row in frame.to_dict("records")]


def test_created_changed_and_deleted_are_told_with_both_snapshots(run):
    a, edited = served("a", INGRESS, "u1"), served("a", BOTH, "u1", 2, "argocd")
    records = [run(WEB, 1), run(WEB + a, 2), run(WEB + a, 3), run(WEB + edited, 7), run(WEB, 8)]
    columns = ("change", "after", "before", "uid", "generation_before", "generation_after", "managers")
    found = [
        (change, after[8:10], before[8:10], *(None if value is pd.NA else value for value in rest))
        for change, after, before, *rest in told(records, *columns)
    ]
    assert found == [
        ("created", "01", "02", "u1", None, 1, "kubectl"),
        ("changed", "03", "07", "u1", 1, 2, "argocd"),
        ("deleted", "07", "08", "u1", 2, None, "argocd"),
    ]


def test_another_uid_under_the_same_name_is_deleted_and_created(run):
    records = [run(WEB + served("a", INGRESS, "u1"), 1), run(WEB + served("a", INGRESS, "u2"), 2)]
    assert told(records) == [("created", "a", "u2"), ("deleted", "a", "u1")]


def test_a_change_that_leaves_the_generation_is_seen(run):
    records = [run(WEB + served("a", spec, "u1"), number) for number, spec in ((1, INGRESS), (2, BOTH))]
    assert told(records) == [("changed", "a", "u1")]


def test_another_manager_alone_is_no_change(run):
    records = [run(WEB + served("a", INGRESS, "u1", 1, who), number) for number, who in ((1, "a"), (2, "b"))]
    assert told(records) == []


def test_policies_of_files_have_no_uid(run):
    plain = policy("a", INGRESS)
    records = [run(WEB + plain, 1), run(WEB + plain.replace("[Ingress]", "[Egress]"), 2), run(WEB, 3)]
    assert told(records) == [("changed", "a", ""), ("deleted", "a", "")]


def test_the_same_name_in_another_api_is_another_policy(run):
    other, same = (
        policy(name, "{}").replace("networking.k8s.io/v1", "projectcalico.org/v3") for name in ("z", "a")
    )
    before = WEB + served("a", INGRESS, "u1") + other
    records = [run(before, 1), run(before + same, 2)]
    assert told(records, "change", "name", "api_version") == [("created", "a", "projectcalico.org/v3")]


def test_a_kind_that_was_not_asked_for_before_is_no_news(run):
    calico = policy("a", "{}").replace("networking.k8s.io/v1", "projectcalico.org/v3")
    assert told([run(WEB, 1), run(WEB + calico, 2), run(WEB, 3)]) == []


def test_what_could_not_be_read_was_not_deleted(run, snapshot):
    a, b = served("a", INGRESS, "u1"), served("b", INGRESS, "u3")
    blind = run(read_in_part(snapshot(WEB, 2), {"networkpolicies": "forbidden"}), 2)
    assert told([run(WEB + a, 1), blind, run(WEB + a, 3)]) == []
    later = told([run(WEB + a, 1), blind, run(WEB + b, 3)], "change", "name", "after", "before")
    assert [(change, name, after[8:10], before[8:10]) for change, name, after, before in later] == [
        ("deleted", "a", "01", "03"),
        ("created", "b", "01", "03"),
    ]
    assert told([blind, run(WEB + a, 3)]) == []


def test_namespaces_that_could_be_read_alone_are_compared_alone(run, snapshot):
    other = served("b", INGRESS, "u2").replace("namespace: shop", "namespace: other")
    both = WEB + served("a", INGRESS, "u1") + other
    part = run(read_only_in(snapshot(WEB, 2), ["shop"], "networkpolicies"), 2)
    assert told([run(both, 1), part]) == [("deleted", "a", "u1")]
    again = told([run(both, 1), part, run(WEB, 3)], "change", "name", "after")
    assert [(change, name, after[8:10]) for change, name, after in again] == [
        ("deleted", "a", "01"),
        ("deleted", "b", "01"),
    ]


def test_a_period_is_narrowed_by_its_ends(run):
    records = [run(WEB, 1), run(WEB + served("a", INGRESS, "u1"), 2), run(WEB, 3)]
    assert told(records, "change", since=day(2)) == [("deleted",)]
    assert list(changes([]).columns) == frames.POLICY_CHANGES.names
