"""Namespaces that do not deny ingress by default."""

import pytest

CHECK = "namespace-denies-ingress-by-default"
PODS = "".join(
    f"{{apiVersion: v1, kind: Pod, metadata: {{name: {app}, namespace: x, "
    f"labels: {{app: {app}}}}}, spec: {{}}}}\n---\n"
    for app in ("a", "b")
)


def policy(name, selector, rules="[]"):
    return (
        f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: x}}\n"
        f"spec: {{podSelector: {selector}, policyTypes: [Ingress], ingress: {rules}}}\n---\n"
    )


@pytest.mark.parametrize(
    ("policies", "status", "severity", "words"),
    [
        (policy("p", "{}"), "passed", "", "Strict"),
        (policy("p", "{}", "[{ports: [{port: 53}]}]"), "passed", "", "Every pod"),
        (
            policy("p", "{matchLabels: {app: a}}"),
            "failed",
            "high",
            "no policy selects every pod for ingress",
        ),
        (
            policy("p", "{matchExpressions: [{key: app, operator: In, values: [a, b]}]}"),
            "failed",
            "medium",
            "the pods of today are isolated for ingress",
        ),
        ("", "failed", "high", "it has no NetworkPolicy"),
        (policy("p", "{}", "[{}]"), "not_applicable", "", "see allow-all-does-not-undo-default-deny"),
    ],
)
def test_the_best_that_holds_decides(judged, policies, status, severity, words):
    cluster = judged(PODS + policies)
    assert cluster.verdicts(CHECK) == {"x": status}
    assert words in cluster.messages(CHECK)["x"]
    if severity:
        assert cluster.rows(CHECK)["severity"].iloc[0] == severity


def test_a_namespace_without_pods_is_not_judged(judged):
    namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: empty}}\n---\n"
    assert judged(PODS + namespace).verdicts(CHECK)["empty"] == "not_applicable"


def test_too_many_selectors_are_told(judged):
    rules = [f"{{matchExpressions: [{{key: k{i}, operator: DoesNotExist}}]}}" for i in range(13)]
    cluster = judged(PODS + "".join(policy(f"p{i}", rule) for i, rule in enumerate(rules)))
    assert "it is not worked out whether they cover every pod" in cluster.messages(CHECK)["x"]
