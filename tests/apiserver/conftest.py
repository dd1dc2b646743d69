"""The servers of the tests that need one."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from audit.collect.cluster import access, transport
from tests.apiserver.server import ApiServer


@pytest.fixture(scope="session")
def apiserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """The one that all tests share; what a test makes there, others see."""
    with ApiServer(tmp_path_factory.mktemp("apiserver")) as server:
        yield server


@pytest.fixture
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., ApiServer]]:
    """Starts a server for this test alone; takes what ApiServer takes behind the folder."""
    with ExitStack() as servers:
        yield lambda **options: servers.enter_context(
            ApiServer(tmp_path_factory.mktemp("own-server"), **options)
        )


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No kubeconfig, cluster or proxy of whoever runs the tests, and no long waits."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "KUBERNETES_SERVICE_HOST", "KUBECONFIG"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(transport, "_FIRST_WAIT", 0.005)
    monkeypatch.setattr(transport, "_LONGEST_WAIT", 0.02)
    yield
    logging.root.removeFilter(access._DISCREET)  # noqa: SLF001  # the one way to take it away again
