"""Tests of live clusters, kept from whatever cluster their user has."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from audit.collect.cluster import reader
from audit.collect.cluster.api import access, process, transport
from audit.collect.cluster.messages import Channel, Connect


@contextmanager
def alone(patch: pytest.MonkeyPatch, home: Path, first_wait: float, longest_wait: float) -> Iterator[None]:
    """No kubeconfig, cluster or proxy of whoever runs the tests, and waits of so many seconds.

    What reads the API runs in this process, where tests can reach it.
    """
    patch.setenv("HOME", str(home))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "KUBERNETES_SERVICE_HOST", "KUBECONFIG"):
        patch.delenv(name, raising=False)
        patch.delenv(name.lower(), raising=False)
    patch.setattr(transport, "_FIRST_WAIT", first_wait)
    patch.setattr(transport, "_LONGEST_WAIT", longest_wait)
    patch.setattr(reader, "start", start_here)
    yield
    logging.root.removeFilter(access._DISCREET)  # noqa: SLF001  # the one way to take it away again


def start_here(ends: Sequence[Channel]) -> Callable[[], str]:
    """As `reader.start`, but in threads of this process."""
    control, *channels = ends

    def run() -> None:
        with suppress(EOFError):
            wanted = control.receive()
            assert isinstance(wanted, Connect)
            process.serve(wanted, control, channels)
        for end in ends:
            end.close()

    threading.Thread(target=run, daemon=True).start()
    return str
