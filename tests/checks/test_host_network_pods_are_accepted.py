"""Workloads with pods in their node's network."""

CHECK = "host-network-pods-are-accepted"
OWNED = "ownerReferences: [{kind: DaemonSet, name: d, controller: true}]"
CLUSTER = f"""
{{apiVersion: v1, kind: Pod, metadata: {{name: a, namespace: x}}}}
---
{{apiVersion: v1, kind: Pod, metadata: {{name: d-1, namespace: x, {OWNED}}}, spec: {{hostNetwork: true}}}}
---
{{apiVersion: v1, kind: Pod, metadata: {{name: d-2, namespace: x, {OWNED}}}}}
"""


def test_a_workload_with_such_a_pod_fails_and_says_how_many(judged):
    cluster = judged(CLUSTER)
    assert cluster.verdicts(CHECK) == {"x/a": "passed", "x/d": "failed"}
    assert cluster.messages(CHECK)["x/d"].startswith("DaemonSet x/d (2 pods) has 1 in the node's network")
    row = cluster.rows(CHECK).set_index("name").loc["d"]
    assert (row["kind"], row["workload"], row["remediation"]) == ("DaemonSet", "DaemonSet/d", "")
