"""Namespaces whose default deny an allow-all undoes."""

import pytest

CHECK = "allow-all-does-not-undo-default-deny"
POD = "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: x, labels: {app: a}}}\n---\n"


def policy(name, spec):
    return (
        f"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: {name}, "
        f"namespace: x}}, spec: {spec}}}\n---\n"
    )


DENY = policy("deny", "{podSelector: {}}")


@pytest.mark.parametrize(
    ("policies", "status", "words"),
    [
        (DENY, "passed", "Nothing undoes its default deny for ingress."),
        (
            policy("p", "{podSelector: {}, ingress: [{}]}"),
            "failed",
            "allows every source on every port for every pod (p ingress[0])",
        ),
        (DENY + policy("p", "{podSelector: {}, ingress: [{}]}"), "failed", "for every pod"),
        (
            DENY + policy("p", "{podSelector: {matchLabels: {app: a}}, ingress: [{}]}"),
            "failed",
            "for 1 pod (p ingress[0])",
        ),
        (DENY + policy("p", "{podSelector: {matchLabels: {app: b}}, ingress: [{}]}"), "passed", "Nothing"),
        (DENY + policy("p", "{podSelector: {}, ingress: [{ports: [{port: 80}]}]}"), "passed", "Nothing"),
        (
            policy("p", "{podSelector: {matchLabels: {app: a}}, ingress: [{}]}"),
            "not_applicable",
            "no default deny",
        ),
        (
            policy("p", "{podSelector: {}, egress: [{}]}"),
            "failed",
            "denies egress by default, but 1 rule of its policies allows every destination",
        ),
    ],
)
def test_a_rule_for_everyone_on_every_port_undoes_it(judged, policies, status, words):
    cluster = judged(POD + policies)
    assert cluster.verdicts(CHECK) == {"x": status}
    assert words in cluster.messages(CHECK)["x"]
