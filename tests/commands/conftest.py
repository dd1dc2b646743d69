"""A cluster of two pods, and the commands run on it."""

import pytest

from audit import cli

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
def call(source, capfdbinary):
    """Runs a command on the cluster; returns exit code, standard output and standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        command, *rest = arguments
        given = [] if command == "checks" else ["--from", str(source)]
        status = cli.main([command, *given, *rest])
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return call
