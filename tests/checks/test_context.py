"""Severity by context: exposed to outside, in a sensitive scope, in a system namespace."""

import pytest

from audit.label_selectors import LabelSelector
from audit.settings import Scope, Settings
from audit.severity import Severity
from tests.checks.objects import egress, namespace, pod, policy, service

ISOLATED = "pods-are-isolated-for-ingress"
"""Of severity high."""
EGRESS = "pods-are-isolated-for-egress"
"""Of severity medium."""
DENY = "namespace-denies-ingress-by-default"
OTHER = pod("o", "other") + policy("{podSelector: {}}", "d", "other")
PUBLISHED = service(ports="[{port: 80}]", more=", type: NodePort")


def graded(cluster, check, subject="x/a"):
    """Severity and what is said of it."""
    [row] = [row for row in cluster.rows(check).itertuples() if f"{row.namespace}/{row.name}" == subject]
    assert row.status == "failed"
    return row.severity, row.message.partition("Graded ")[2]


def scope(**more):
    return Settings(scopes=(Scope(name="cards", **more),))


def test_without_context_it_is_the_checks(judged):
    assert graded(judged(pod() + OTHER), ISOLATED) == ("high", "")


def test_an_exposed_workload_weighs_more(judged):
    cluster = judged(pod() + OTHER + PUBLISHED)
    why = "critical: high, one step higher as it is exposed by NodePort Service x/s."
    assert graded(cluster, ISOLATED) == ("critical", why)
    assert graded(cluster, EGRESS)[0] == "high"


def test_not_what_is_no_workload(judged):
    cluster = judged(pod() + OTHER + PUBLISHED)
    assert graded(cluster, DENY, "x/x") == ("high", "")


def test_not_another_workload(judged):
    cluster = judged(pod() + pod("b", labels="{app: b}") + OTHER + PUBLISHED)
    assert graded(cluster, ISOLATED, "x/b") == ("high", "")


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"namespaces": ("x",)},
        {"namespace_selector": LabelSelector(match_labels={"pci": "cde"})},
        {"namespaces": ("y",), "namespace_selector": LabelSelector(match_labels={"pci": "cde"})},
        {"pod_selector": LabelSelector(match_labels={"app": "a"})},
        {"namespaces": ("x",), "pod_selector": LabelSelector(match_labels={"app": "a"})},
    ],
)
def test_a_sensitive_scope_weighs_more(judged, more):
    cluster = judged(namespace("x", "{pci: cde}") + pod() + OTHER, scope(**more))
    assert graded(cluster, ISOLATED) == ("critical", "critical: high, one step higher in scope cards.")
    assert graded(cluster, DENY, "x/x")[0] == "critical"


@pytest.mark.parametrize(
    "more",
    [
        {"sensitive": False},
        {"namespaces": ("other",)},
        {"namespace_selector": LabelSelector(match_labels={"pci": "other"})},
        {"pod_selector": LabelSelector(match_labels={"app": "b"})},
        {"namespaces": ("other",), "pod_selector": LabelSelector(match_labels={"app": "a"})},
    ],
)
def test_what_is_in_none_does_not(judged, more):
    cluster = judged(namespace("x", "{pci: cde}") + pod() + OTHER, scope(**more))
    assert graded(cluster, ISOLATED) == ("high", "")
    assert graded(cluster, DENY, "x/x") == ("high", "")


def test_the_first_scope_is_named(judged):
    settings = Settings(scopes=(Scope(name="first"), Scope(name="second")))
    assert graded(judged(pod() + OTHER, settings), ISOLATED)[1].endswith("in scope first.")


def test_policies_are_in_the_scope_of_their_pods(judged):
    rule = egress("{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}", "{matchLabels: {app: %s}}")
    text = pod() + pod("b", labels="{app: b}") + policy(rule % "a", "a") + policy(rule % "b", "b")
    cluster = judged(text, scope(pod_selector=LabelSelector(match_labels={"app": "a"})))
    assert graded(cluster, "egress-cidrs-are-narrow")[0] == "high"
    assert graded(cluster, "egress-cidrs-are-narrow", "x/b")[0] == "medium"
    whole = judged(text, scope(namespaces=("x",)))
    assert graded(whole, "egress-cidrs-are-narrow", "x/b")[0] == "high"


def test_one_step_in_all_at_most(judged):
    cluster = judged(pod() + OTHER + PUBLISHED, scope())
    assert graded(cluster, EGRESS) == (
        "high",
        "high: medium, one step higher as it is exposed by NodePort Service x/s and in scope cards.",
    )
    # down for the system namespace, up for one: none; for two: one
    text = pod(namespace="kube-system") + OTHER
    exposed = service(namespace="kube-system", ports="[{port: 80}]", more=", type: NodePort")
    assert graded(judged(text), ISOLATED, "kube-system/a") == (
        "medium",
        "medium: high, one step lower in a system namespace.",
    )
    assert graded(judged(text + exposed), ISOLATED, "kube-system/a") == ("high", "")
    both = judged(text + exposed, scope(namespaces=("kube-system",)))
    assert graded(both, ISOLATED, "kube-system/a")[0] == "critical"


def test_between_low_and_critical(judged):
    text = pod() + policy("{podSelector: {matchLabels: {a: b}}, policyTypes: [Ingress]}")
    [row] = judged(text, scope()).rows("policies-select-something").itertuples()
    assert row.severity in {severity.word for severity in Severity}
    cluster = judged(pod() + OTHER + PUBLISHED, scope())
    assert graded(cluster, ISOLATED)[0] == "critical"
