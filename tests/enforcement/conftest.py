"""Verdicts on clusters written as objects."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from audit import enforcement
from audit.collect.files import collect_files

Object = dict[str, Any]


@pytest.fixture
def pools(tmp_path):
    """The pools of a cluster, by name: `pools([node("a"), ...])["linux"].verdict`."""

    def judge(objects: Iterable[Object]) -> dict[str, enforcement.Pool]:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for number, item in enumerate(objects):
            (folder / f"{number}.json").write_text(json.dumps(item), "utf-8")
        snapshot = collect_files(folder, taken="2026-11-23T02:00:00Z", tool_version="0")
        return {pool.name: pool for pool in enforcement.pools(snapshot)}

    return judge
