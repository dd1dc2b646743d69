"""Stores to write to: in a folder, and in a real S3-compatible server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit.store import Store, open_place
from tests.store.gateway import Gateway


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The server that all tests share; each has a bucket of its own."""
    with Gateway(tmp_path_factory.mktemp("gateway")) as server:
        yield server


@pytest.fixture
def s3(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Makes the URL of a new store in the server; its credentials are in the environment."""
    for name, value in gateway.environment.items():
        monkeypatch.setenv(name, value)
    return lambda: f"s3://{gateway.bucket()}/clusters/test"


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.objectstore)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty store."""
    return str(tmp_path / "store") if request.param == "folder" else request.getfixturevalue("s3")()


@pytest.fixture
def store(url: str) -> Store:
    """The same, opened."""
    return Store(open_place(url))
