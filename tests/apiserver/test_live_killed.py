"""A run of a live cluster that is ended while it reads: neither process stays, and nothing is written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.apiserver.faults import FaultProxy, Slow, Stall
from tests.apiserver.live import deny_all, pod, until
from tests.apiserver.load import fill
from tests.apiserver.server import ApiServer, write_kubeconfig

pytestmark = pytest.mark.apiserver

ROOT = Path(__file__).parents[2]
PODS = "/api/v1/pods"
FOR_EVER = 600.0
FAULTS = {
    "discovery": ("/api*", Stall(FOR_EVER)),
    "pods": (PODS, Stall(FOR_EVER)),
    "within a page": (PODS, Slow(100, 0.1)),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ApiServer(tmp_path_factory.mktemp("killed")) as server:
        assert fill(server, [*(pod("shop", number) for number in range(20)), deny_all("shop")]) == []
        yield server


@pytest.fixture
def proxy(server):
    with FaultProxy(server.host, server.ca_file) as proxy:
        yield proxy


@pytest.fixture
def reading(server, proxy, tmp_path, request):
    """A run that waits for the server, and the ids of its process and of the one that reads."""
    path, fault = FAULTS[request.param]
    proxy.inject(path, fault, times=None)
    config = write_kubeconfig(tmp_path / "config", proxy.host, proxy.ca_file, server.admin_token)
    folder = tmp_path / "work"
    folder.mkdir()
    command = [sys.executable, "-m", "audit", "run", "--kubeconfig", config, "--store", "store"]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: bool(proxy.requests(path)))
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("utf-8").split()
    assert len(children) == 1
    yield process, int(children[0]), folder
    process.kill()
    process.wait()
    process.stderr.close()


def gone(pid: int) -> bool:
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("reading", FAULTS, indirect=True)
def test_sigterm_ends_both(reading):
    process, reader, folder = reading
    started = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate()
    assert process.returncode == 143, said
    assert time.monotonic() - started < FOR_EVER / 10
    assert said.splitlines()[-1] == "segaudit: terminated"
    assert gone(reader)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("reading", FAULTS, indirect=True)
def test_sigkill_leaves_none_that_reads(reading):
    process, reader, folder = reading
    process.kill()
    process.wait()
    until(lambda: gone(reader))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("reading", ["pods"], indirect=True)
def test_a_signal_to_both_is_the_first_ones(reading):
    """As a terminal, or a supervisor that signals a whole group, sends it."""
    process, reader, folder = reading
    os.kill(reader, signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate()
    assert process.returncode == 143, said
    assert gone(reader)
    assert list(folder.iterdir()) == []
