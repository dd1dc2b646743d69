"""Boundaries that are crossed, and how that is told."""

import pytest

from audit.label_selectors import LabelSelector
from audit.settings import Boundary, BoundaryEnd, Settings
from tests.checks.objects import ingress, namespace, pod, policy

CHECK = "boundaries-hold"
ENV = {
    name: BoundaryEnd(namespace_selector=LabelSelector(match_labels={"env": name}))
    for name in ("dev", "prod", "none")
}
SPACES = namespace("a", "{env: dev}") + namespace("b", "{env: prod}") + namespace("c")
PODS = SPACES + pod("web", "a") + pod("db", "b") + pod("proxy", "c")
CLOSED = policy("{podSelector: {}}", "deny", "b")
C = "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: c}}}"
OVER = policy(ingress(f"{{from: [{C}], ports: [{{port: 80}}]}}"), "over", "b")
CALICO = "---\n{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: p, namespace: c}}\n"


def declared(source="dev", destination="prod", **more):
    boundary = Boundary(name="dev-prod", source=ENV[source], destination=ENV[destination], **more)
    return Settings(boundaries=(boundary,))


def test_a_boundary_that_holds_passes(judged):
    cluster = judged(PODS + CLOSED, declared())
    assert cluster.verdicts(CHECK) == {"/dev-prod": "passed"}
    assert cluster.messages(CHECK)["/dev-prod"] == "Boundary dev-prod: 1 pod cannot reach 1 pod."


def test_the_way_is_printed_with_what_lets_it_through(judged):
    cluster = judged(PODS + CLOSED + OVER, declared(hops=2, control="PCI DSS 1.4.2"))
    assert cluster.rows(CHECK)[["kind", "status", "severity"]].to_numpy().tolist() == [
        ["Boundary", "failed", "critical"]
    ]
    assert cluster.messages(CHECK)["/dev-prod"] == (
        "Boundary dev-prod (PCI DSS 1.4.2) is crossed: Pod a/web can reach Pod b/db over 2 connections. "
        "Pod a/web to Pod c/proxy on every port (egress: no policy, ingress: no policy); "
        "Pod c/proxy to Pod b/db on TCP 80 (egress: no policy, ingress: b/over ingress[0].from[0])."
    )


def test_a_side_that_is_nothing_is_not_assessed(judged):
    cluster = judged(PODS, declared(destination="none"))
    assert cluster.verdicts(CHECK) == {"/dev-prod": "not_assessed"}
    assert "its `to` is nothing that was read" in cluster.messages(CHECK)["/dev-prod"]


@pytest.mark.parametrize(("hops", "doubtful"), [(1, False), (2, True)])
def test_policies_that_are_not_evaluated_and_could_govern_the_way(judged, hops, doubtful):
    cluster = judged(PODS + CLOSED + OVER + CALICO, declared(hops=hops))
    assert cluster.verdicts(CHECK) == {"/dev-prod": "not_assessed" if doubtful else "passed"}
    words = "may change the verdict: NetworkPolicy/p. By NetworkPolicies alone: Boundary dev-prod is crossed"
    assert (words in cluster.messages(CHECK)["/dev-prod"]) == doubtful


def test_without_boundaries_there_is_nothing_to_judge(judged):
    assert judged(PODS).verdicts(CHECK) == {}
