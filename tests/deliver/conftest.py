"""Stored runs to tell of, and real servers to tell."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.deliver.https import Web
from tests.deliver.servers import SmtpServer
from tests.deliver.stores import AFTER, BEFORE, Audits, audit, write


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two nights of the cluster `prod`, the second with a PDF."""
    folder = tmp_path_factory.mktemp("template")
    for night, (manifests, formats) in enumerate([(BEFORE, "json"), (AFTER, "json,pdf")]):
        said = audit(write(folder / "prod", manifests), folder / "runs", night, formats)
        assert said.status == 0, said.err
    return folder / "runs"


@pytest.fixture
def audits(tmp_path: Path, template: Path) -> Audits:
    """A copy of it."""
    return Audits(tmp_path, template)


@dataclass(frozen=True)
class Trust:
    """A CA of our own, and a server's certificate by it."""

    ca_file: str
    server: ssl.SSLContext
    stranger: ssl.SSLContext
    """With one for another host."""


@pytest.fixture(scope="session")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    """For servers on loopback."""
    ca = trustme.CA()
    path = tmp_path_factory.mktemp("trust") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    contexts = [ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) for _ in range(2)]
    for context, name in zip(contexts, ("127.0.0.1", "other.example"), strict=True):
        ca.issue_cert(name).configure_cert(context)
    return Trust(str(path), *contexts)


@pytest.fixture
def smtp() -> Iterator[Callable[..., SmtpServer]]:
    """Starts servers that end with the test."""
    with ExitStack() as running:
        yield lambda *given, **named: running.enter_context(SmtpServer(*given, **named))


@pytest.fixture
def web() -> Iterator[Callable[..., Web]]:
    """Starts HTTP servers that end with the test."""
    with ExitStack() as running:
        yield lambda *given: running.enter_context(Web(*given))


@pytest.fixture
def server(smtp, audits):
    running = smtp()
    audits.settle(running.port)
    return running
