"""Tests of live clusters, kept from whatever cluster their user has."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from audit.collect.cluster import access, transport


@contextmanager
def alone(patch: pytest.MonkeyPatch, home: Path, first_wait: float, longest_wait: float) -> Iterator[None]:
    """No kubeconfig, cluster or proxy of whoever runs the tests, and waits of so many seconds."""
    patch.setenv("HOME", str(home))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "KUBERNETES_SERVICE_HOST", "KUBECONFIG"):
        patch.delenv(name, raising=False)
        patch.delenv(name.lower(), raising=False)
    patch.setattr(transport, "_FIRST_WAIT", first_wait)
    patch.setattr(transport, "_LONGEST_WAIT", longest_wait)
    yield
    logging.root.removeFilter(access._DISCREET)  # noqa: SLF001  # the one way to take it away again
