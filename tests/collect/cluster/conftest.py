import pytest

from tests import alone as tests_alone
from tests.collect.cluster.canned import Api


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    with tests_alone.alone(monkeypatch, tmp_path / "home", 0.001, 0.002):
        yield


@pytest.fixture
def api():
    with Api() as api:
        yield api
