"""Stores to write to: in a folder, and in a real S3-compatible server."""

from pathlib import Path

import pytest

from audit.store import Store, open_place


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.objectstore)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty store."""
    return str(tmp_path / "store") if request.param == "folder" else request.getfixturevalue("s3")()


@pytest.fixture
def store(url: str) -> Store:
    """The same, opened."""
    return Store(open_place(url))
