"""Options of the test suite."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="rewrite the golden answers of tests/clusters/")


@pytest.fixture
def update(request):
    return request.config.getoption("--update")
