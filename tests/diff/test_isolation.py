"""Workloads that lost or gained isolation, and namespaces whose default deny changed."""

from audit import checks
from audit.diff import isolation
from audit.diff.side import Side
from audit.facts import evaluate
from audit.settings import Settings
from tests.compose.objects import CLOSED, pod, policy, read_in_part
from tests.diff.test_connections import owned

ALL = policy("all", "{podSelector: {}, policyTypes: [Ingress], ingress: [{}]}")
SELECTED = policy("some", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}")


def told(frame, *names):
    return [tuple(row[name] for name in names) for row in frame.astype("object").to_dict("records")]


def ingress(old, new):
    rows = isolation.workloads(old, new)
    return told(
        rows[rows["direction"] == "ingress"],
        *("workload", "change", "before", "after", "isolated_before", "isolated_after"),
    )


def test_a_workload_whose_policy_is_gone_lost_isolation(taken):
    old, new = (
        taken(pod("web") + CLOSED),
        taken(pod("web") + policy("p", "{podSelector: {}, policyTypes: [Egress]}")),
    )
    assert ingress(old, new) == [("Pod/web", "lost", "isolated", "open", 1, 0)]
    assert ingress(new, old) == [("Pod/web", "gained", "open", "isolated", 0, 1)]


def test_a_part_of_the_pods_counts_as_a_share(taken):
    def web(*labels):
        return "".join(owned(f"web-{i}", "web", label) for i, label in enumerate(labels)) + SELECTED

    half, third = taken(web("app: web", "app: x")), taken(web("app: web", "app: x", "app: y"))
    assert ingress(half, third) == [("ReplicaSet/web", "lost", "open", "open", 1, 1)]
    assert ingress(half, taken(web("app: web", "app: x", "app: web", "app: x"))) == []
    assert ingress(half, taken(web("app: web", "app: web"))) == [
        ("ReplicaSet/web", "gained", "open", "isolated", 1, 2)
    ]


def test_workloads_that_come_and_go_are_neither_a_loss_nor_a_gain(taken):
    assert ingress(taken(pod("web") + pod("db")), taken(pod("web") + pod("api"))) == [
        ("Pod/api", "appeared", "", "open", 0, 0),
        ("Pod/db", "gone", "open", "", 0, 0),
    ]


def test_what_could_not_be_assessed_is_told_as_that(taken):
    whole = taken(pod("web") + CLOSED)
    snapshot = read_in_part(whole.snapshot, {"networkpolicies": "forbidden"})
    facts = evaluate(snapshot, Settings())
    unread = Side("unread", facts, checks.run(facts), whole.as_of)
    assert ingress(whole, unread) == [("Pod/web", "not_assessed", "isolated", "not_assessed", 1, 1)]
    assert ingress(unread, unread) == []
    deny = isolation.namespaces(whole, unread)
    assert told(deny, "direction", "change", "before", "after") == [
        ("egress", "not_assessed", "strict", ""),
        ("ingress", "not_assessed", "strict", ""),
    ]


def test_default_deny_is_lost_with_its_policy_or_by_an_allow_all(taken):
    names = ("direction", "change", "before", "nullified_before", "after", "nullified_after")
    strict = pod("web") + policy("deny", "{podSelector: {}, policyTypes: [Ingress]}")
    assert told(isolation.namespaces(taken(strict), taken(pod("web"))), *names) == [
        ("ingress", "lost", "strict", False, "none", False)
    ]
    assert told(isolation.namespaces(taken(strict), taken(strict + ALL)), *names) == [
        ("ingress", "lost", "strict", False, "strict", True)
    ]
    assert told(isolation.namespaces(taken(strict + ALL), taken(strict)), *names) == [
        ("ingress", "gained", "strict", True, "strict", False)
    ]


def test_a_new_namespace_appeared(taken):
    found = isolation.namespaces(taken(pod("web")), taken(pod("web") + pod("db", namespace="data")))
    assert told(found, "namespace", "change", "after") == [("data", "appeared", "none")] * 2
