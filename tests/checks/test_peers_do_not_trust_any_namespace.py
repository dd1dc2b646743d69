"""Peers that are pods with a label in any namespace."""

import pytest

from tests.checks.objects import WHOLE, egress, ingress, pod, policy

CHECK = "peers-do-not-trust-any-namespace"
PEER = "{namespaceSelector: {}, podSelector: {matchLabels: {app: b}}}"
PODS = pod() + pod("b", "y", "{app: b}") + pod("c", "z", "{app: c}")


def test_whoever_has_the_label_gets_in(judged):
    cluster = judged(PODS + policy(ingress(f"{{from: [{{podSelector: {{}}}}, {PEER}]}}")))
    assert cluster.failed(CHECK) == {"x/p ingress[0].from[1]"}
    message = cluster.messages(CHECK)["x/p ingress[0].from[1]"]
    assert "pods with app=b in any namespace, so whoever can create a pod" in message
    assert message.endswith("Such pods are in y now.")
    assert cluster.rows(CHECK)["severity"].tolist() == ["medium"]


def test_egress_is_graded_lower_and_dns_passes(judged):
    cluster = judged(PODS + policy(egress(f"{{to: [{PEER}]}}")))
    assert cluster.rows(CHECK)[["status", "severity"]].to_numpy().tolist() == [["failed", "low"]]
    dns = "ports: [{port: 53, protocol: UDP}, {port: 53}]"
    assert judged(PODS + policy(egress(f"{{to: [{PEER}], {dns}}}"))).verdicts(CHECK) == {
        "x/p egress[0]": "passed"
    }


def test_a_selector_that_every_namespace_meets_is_no_better(judged):
    every = "{matchExpressions: [{key: kubernetes.io/metadata.name, operator: Exists}]}"
    peer = PEER.replace("namespaceSelector: {}", f"namespaceSelector: {every}")
    cluster = judged(PODS + policy(ingress(f"{{from: [{peer}]}}")))
    assert cluster.failed(CHECK) == {"x/p ingress[0].from[0]"}


def test_what_no_pod_has_is_told_once(judged):
    nobody = PEER.replace("app: b", "app: nobody")
    cluster = judged(PODS + policy(ingress(f"{{from: [{nobody}]}}")) + WHOLE)
    assert cluster.verdicts(CHECK) == {"x/p ingress[0]": "not_applicable"}
    assert cluster.failed("peers-match-something") == {"x/p ingress[0].from[0]"}


@pytest.mark.parametrize(
    "peer",
    [
        "{podSelector: {matchLabels: {app: b}}}",
        "{namespaceSelector: {matchLabels: {team: a}}, podSelector: {matchLabels: {app: b}}}",
        "{namespaceSelector: {}}",
        "{namespaceSelector: {}, podSelector: {matchLabels: {a b: c}}}",
    ],
)
def test_other_peers_pass(judged, peer):
    assert judged(PODS + policy(ingress(f"{{from: [{peer}]}}"))).verdicts(CHECK) == {
        "x/p ingress[0]": "passed"
    }


@pytest.mark.parametrize("more", ["", pod("d", "v", "{app: b}")])
def test_the_namespaces_that_have_such_pods_are_offered(judged, mended, more):
    cluster = judged(PODS + more + policy(ingress(f"{{from: [{PEER}]}}")))
    remedy = cluster.remedies(CHECK)["x/p ingress[0].from[0]"]
    assert "kubernetes.io/metadata.name" in remedy
    after = mended(cluster, remedy)
    assert after.verdicts(CHECK) == {"x/p ingress[0]": "passed"}
    assert (after.facts.reach["ingress_pods"] == "namespaces").sum() == 1


def test_nothing_is_offered_where_there_are_none_or_many(judged):
    rule = policy(ingress(f"{{from: [{PEER}]}}"))
    none = judged(pod() + rule)
    assert none.messages(CHECK)["x/p ingress[0].from[0]"].endswith("No pod has it now.")
    many = judged(pod() + "".join(pod("b", f"n{i}", "{app: b}") for i in range(6)) + rule)
    assert none.remedies(CHECK) == many.remedies(CHECK) == {"x/p ingress[0].from[0]": ""}


def test_a_section_without_effect_is_not_judged(judged):
    spec = f"{{podSelector: {{}}, policyTypes: [Egress], ingress: [{{from: [{PEER}]}}]}}"
    assert judged(PODS + policy(spec)).verdicts(CHECK) == {"x/p ingress[0]": "not_applicable"}
