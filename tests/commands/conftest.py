"""A cluster of two pods, and the commands run on it."""

import pytest

MANIFESTS = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
status: {podIP: 10.0.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: data, labels: {app: db}}
status: {podIP: 10.0.0.2}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: data}
spec:
  podSelector: {}
  ingress:
    - from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}]
      ports: [{port: 3306}]
"""


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "all.yaml").write_text(MANIFESTS, "utf-8")
    return folder


@pytest.fixture
def call(source, call):
    """Runs a command on the cluster; returns exit code, standard output and standard error."""

    def on_cluster(*arguments: str) -> tuple[int, str, str]:
        command, *rest = arguments
        given = [] if command == "checks" else ["--from", str(source)]
        return call(command, *given, *rest)

    return on_cluster
