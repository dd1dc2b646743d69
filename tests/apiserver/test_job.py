"""The Job's own command, as its pod has it: in the image, as its user and ServiceAccount, with its mounts."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from audit.store import Store, open_place
from tests.apiserver.cronjob import (
    FOLDER,
    NAMESPACE,
    Document,
    job_of_every_minute,
    pods_of,
    read,
    wait_for,
)
from tests.apiserver.faults import FaultProxy, Stall
from tests.apiserver.live import deny_all, pod, until
from tests.apiserver.load import fill
from tests.apiserver.server import ApiServer
from tests.sandbox import Sandbox, inner

pytestmark = [pytest.mark.apiserver, pytest.mark.image]

IDENTITY = "/run/secrets/kubernetes.io/serviceaccount"
"""What /var/run leads to."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with ApiServer(tmp_path_factory.mktemp("job")) as server:
        assert fill(server, [*(pod("shop", number) for number in range(20)), deny_all("shop")]) == []
        server.kubectl("apply", "-k", str(FOLDER))
        server.controller_manager("cronjob-controller", "job-controller")
        yield server


@pytest.fixture(scope="module")
def made(server) -> Document:
    """The pod that the controllers made of the nightly CronJob."""
    job = job_of_every_minute(server, "segaudit")
    return wait_for(lambda: pods_of(server, job))[0]


@pytest.fixture
def volumes(server: ApiServer, made: Document, tmp_path: Path) -> dict[str, Path]:
    """The pod's, and that of its identity, by where they are to be."""
    spec = made["spec"]
    mounts = {mount["name"]: mount["mountPath"] for mount in spec["containers"][0]["volumeMounts"]}
    folders = {path: tmp_path / name for name, path in mounts.items()} | {IDENTITY: tmp_path / "identity"}
    for folder in folders.values():
        folder.mkdir()
    for volume, source in (("config", "segaudit"), ("waivers", "segaudit-waivers")):
        for name, text in read(server, "configmap", source)["data"].items():
            (folders[mounts[volume]] / name).write_text(text, encoding="utf-8")
    token = server.service_account_token(NAMESPACE, spec["serviceAccountName"])
    (folders[IDENTITY] / "token").write_text(token, encoding="utf-8")
    (folders[IDENTITY] / "namespace").write_text(NAMESPACE, encoding="utf-8")
    (folders[IDENTITY] / "ca.crt").write_bytes(server.ca_file.read_bytes())
    return folders


def environment(made: Document, host: str) -> dict[str, str]:
    """What a kubelet sets: the pod's own, and where the API is."""
    name, value = "SEGAUDIT_JOB_NAME", made["metadata"]["labels"]["batch.kubernetes.io/job-name"]
    given = {one["name"]: one.get("value", "") for one in made["spec"]["containers"][0]["env"]}
    assert not given[name], "it is taken from the label"
    address = urlsplit(host)
    return given | {
        name: value,
        "KUBERNETES_SERVICE_HOST": str(address.hostname),
        "KUBERNETES_SERVICE_PORT": str(address.port),
    }


@pytest.fixture
def sandbox(image_root: Path, volumes: dict[str, Path]) -> Sandbox:
    return Sandbox(image_root, volumes)


def test_it_stores_a_run_once(server, made, sandbox, volumes):
    arguments = made["spec"]["containers"][0]["args"]
    done = sandbox.run(arguments, environment(made, server.host))
    assert done.returncode == 0, done.stderr
    assert "Stored as" in done.stdout
    [run] = Store(open_place(str(volumes["/store"]))).runs()
    assert run.id == made["metadata"]["labels"]["batch.kubernetes.io/job-name"]
    assert {"report.html", "report.pdf", "snapshot.zip", "history.zip"} <= run.files.keys()
    assert run.manifest().complete
    again = sandbox.run(arguments, environment(made, server.host))
    assert again.returncode == 0, again.stderr
    assert "was stored before" in again.stdout
    verified = sandbox.run(["verify", "/store"])
    assert (verified.returncode, verified.stdout.count("BREAK")) == (0, 0), verified.stdout
    assert verified.stdout.startswith("1 run, ")


@pytest.fixture
def stalled(server: ApiServer) -> Iterator[FaultProxy]:
    with FaultProxy(server.host, server.ca_file) as proxy:
        proxy.inject("/api/v1/pods", Stall(600.0), times=None)
        yield proxy


def test_sigterm_while_it_reads(made, sandbox, volumes, stalled):
    (volumes[IDENTITY] / "ca.crt").write_bytes(stalled.ca_file.read_bytes())
    arguments = made["spec"]["containers"][0]["args"]
    with sandbox.start(arguments, environment(made, stalled.host)) as process:
        until(lambda: bool(stalled.requests("/api/v1/pods")))
        os.kill(inner(process), signal.SIGTERM)
        said = process.communicate()[1]
    assert process.returncode == 143, said
    assert "terminated" in said
    assert list(volumes["/store"].iterdir()) == []
