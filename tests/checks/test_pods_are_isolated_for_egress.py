"""Workloads with pods that no policy selects for egress."""

CHECK = "pods-are-isolated-for-egress"
PODS = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: x, labels: {app: web}}
spec: {containers: []}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: x}
spec: {template: {metadata: {labels: {app: db}}, spec: {containers: []}}}
---
apiVersion: v1
kind: Pod
metadata: {name: host, namespace: x}
spec: {hostNetwork: true, containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: done, namespace: x}
spec: {containers: []}
status: {phase: Succeeded}
---
"""
POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: x}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [%s]}
"""


def test_a_workload_fails_if_a_pod_of_it_is_selected_by_none(judged):
    cluster = judged(PODS + POLICY % "Egress")
    assert cluster.verdicts(CHECK) == {"x/web": "passed", "x/db": "failed", "x/host": "not_applicable"}
    assert cluster.messages(CHECK)["x/db"] == (
        "Deployment x/db (its pod template): no policy selects it for egress, "
        "so it may connect to every pod and every address, on every port."
    )


def test_the_other_direction_does_not_count(judged):
    assert judged(PODS + POLICY % "Ingress").failed(CHECK) == {"x/web", "x/db"}


def test_without_any_policy_the_namespace_is_told_and_not_its_workloads(judged):
    cluster = judged(PODS)
    assert set(cluster.verdicts(CHECK).values()) == {"not_applicable"}
    assert "see namespace-denies-egress-by-default" in cluster.messages(CHECK)["x/web"]
    assert cluster.failed("namespace-denies-egress-by-default") == {"x"}


def test_some_pods_of_a_workload(judged):
    owned = "ownerReferences: [{kind: StatefulSet, name: s, controller: true}]"
    pods = "".join(
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: s-{i}, namespace: x, "
        f"labels: {{app: {app}}}, {owned}}}, "
        "spec: {containers: []}}\n---\n"
        for i, app in enumerate(["web", "old", "old"])
    )
    message = judged(pods + POLICY % "Egress").messages(CHECK)["x/s"]
    assert message.startswith("StatefulSet x/s (3 pods): 2 of them are selected by no policy for egress, so ")
