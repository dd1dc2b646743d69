from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from audit.snapshot import Snapshot
from tests.collect.inputs import Content, snapshot_of, write


@pytest.fixture
def collect(tmp_path: Path) -> Callable[..., Snapshot]:
    """The snapshot of a directory with these files; of an object or a text, of one with that one file."""

    def collected(files: Content | Mapping[str, Content]) -> Snapshot:
        named = files if isinstance(files, dict) and "kind" not in files else {"all.yaml": files}
        return snapshot_of(write(tmp_path / "in", named))

    return collected


@pytest.fixture
def single(tmp_path: Path) -> Callable[[Content], Snapshot]:
    """The snapshot of one file."""
    return lambda content: snapshot_of(write(tmp_path, {"file": content}) / "file")
