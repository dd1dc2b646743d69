import logging

import pytest

from audit.collect.cluster import access, transport
from tests.collect.cluster.canned import Api


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No kubeconfig, cluster or proxy of whoever runs the tests, and no long waits."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "KUBERNETES_SERVICE_HOST", "KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(transport, "_FIRST_WAIT", 0.001)
    monkeypatch.setattr(transport, "_LONGEST_WAIT", 0.002)
    yield
    logging.root.removeFilter(access._DISCREET)  # noqa: SLF001  # the one way to take it away again


@pytest.fixture
def api():
    with Api() as api:
        yield api
