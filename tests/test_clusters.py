"""Tiny clusters, each showing one thing, with the whole answer of the product beside them.

`pytest tests/test_clusters.py --update` rewrites the answers; what changed is then read in the diff.
"""

from pathlib import Path

import pytest

from tests import manifests
from tests.answers import OracleAnswers, ProductAnswers
from tests.test_engine_equals_oracle import (
    connection_differences,
    isolation_differences,
    namespace_differences,
)

CLUSTERS = sorted(path for path in (Path(__file__).parent / "clusters").iterdir() if path.is_dir())
GOLDEN = ("pods", "namespaces", "exposure", "findings", "checks")


@pytest.fixture(params=CLUSTERS, ids=lambda path: path.name)
def cluster(request):
    return request.param


def test_answer_is_the_golden_one(cluster, tmp_path, update):
    product = ProductAnswers(cluster / "manifests", tmp_path / "out")
    assert product.status == 0
    answers = {name: (tmp_path / "out" / "csv" / f"{name}.csv").read_text("utf-8") for name in GOLDEN}
    answers["connections"] = product.connections_text
    for name, text in answers.items():
        golden = cluster / f"{name}.csv"
        if update:
            golden.write_bytes(text.encode())
        assert text.encode() == golden.read_bytes(), f"{golden}: differs; --update rewrites it"


def test_oracle_agrees(cluster, tmp_path):
    product = ProductAnswers(cluster / "manifests", tmp_path / "out")
    oracle = OracleAnswers(manifests.read(cluster / "manifests"))
    assert not isolation_differences(oracle, product)
    assert not namespace_differences(oracle, product)
    assert not connection_differences(oracle, product)
