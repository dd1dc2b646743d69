"""The servers of the tests that need one."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import alone as tests_alone
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
    with tests_alone.alone(monkeypatch, tmp_path / "home", 0.005, 0.02):
        yield
