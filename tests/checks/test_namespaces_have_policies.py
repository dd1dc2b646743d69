"""Namespaces without a single NetworkPolicy."""

CHECK = "namespaces-have-policies"
CLUSTER = """
{apiVersion: v1, kind: Namespace, metadata: {name: empty}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: x}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: y}, spec: {}}
---
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: c, namespace: z}, spec: {}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: z}}
"""


def test_a_namespace_without_policy_fails_with_or_without_pods(judged):
    cluster = judged(CLUSTER)
    assert cluster.verdicts(CHECK) == {"empty": "failed", "x": "failed", "y": "passed", "z": "not_assessed"}
    messages = cluster.messages(CHECK)
    assert messages["x"].startswith(
        "Namespace x (1 pod) has no NetworkPolicy, so nothing limits who connects"
    )
    assert messages["y"] == "1 NetworkPolicy."
    assert "CiliumNetworkPolicy/c" in messages["z"]
