"""A real API server with its etcd, on loopback, with one administrator."""

import atexit
import base64
import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Final

import msgspec
import urllib3

from tests.apiserver.build import programs
from tests.apiserver.client import Client
from tests.apiserver.processes import Process, UntilStopped
from tests.parts import missing

READY_SECONDS: Final = 60.0
SERVICE_RANGE: Final = "10.96.0.0/12"
_POLL_SECONDS: Final = 0.1
_LOOPBACK: Final = "127.0.0.1"


class ApiServer(UntilStopped):
    """It runs as soon as it is made, until `stop`, and never longer than the process that made it.

    RBAC decides. Admission is the default but for ServiceAccount, so that pods need no service account.

    No controller runs unless `controller_manager` starts it: nothing makes pods or deletes what has no owner,
    and the roles view, edit and admin are empty, for a controller collects what is in them.
    """

    def __init__(self, folder: Path, compaction: str | None = None) -> None:
        """Everything goes to `folder`, which exists; etcd's data leaves it with `stop`.

        `compaction` is how often etcd forgets what was, such as "2s". The server then answers from etcd
        alone, so that the continue token of a list is refused with 410 after one to two of these intervals.
        """
        self._programs = programs()
        self._folder = folder
        self._running: list[Process] = []
        etcd, port = _free_ports()
        self.host = f"https://{_LOOPBACK}:{port}"
        self.ca_file = folder / "certificates" / "apiserver.crt"
        self.admin_token = secrets.token_urlsafe(32)
        atexit.register(self.stop)
        try:
            self._start_etcd(etcd)
            self._start_server(etcd, port, compaction)
            self._wait_until_ready()
            self._admin_config = self.kubeconfig("admin")
        except BaseException:
            self.stop()
            raise

    def _start_etcd(self, port: int) -> None:
        address = f"http://{_LOOPBACK}:{port}"
        flags = [
            "--unsafe-no-fsync",
            f"--data-dir={self._folder / 'etcd'}",
            f"--listen-client-urls={address}",
            f"--advertise-client-urls={address}",
            f"--listen-peer-urls=http://{_LOOPBACK}:0",
        ]
        self._start("etcd", flags)

    def _start_server(self, etcd: int, port: int, compaction: str | None) -> None:
        tokens = self._folder / "tokens.csv"
        _write_private(tokens, f"{self.admin_token},admin,admin,system:masters\n")
        key = self.ca_file.with_suffix(".key")  # the server makes it, before it reads the keys of tokens
        flags = [
            f"--etcd-servers=http://{_LOOPBACK}:{etcd}",
            f"--cert-dir={self.ca_file.parent}",
            f"--bind-address={_LOOPBACK}",
            f"--secure-port={port}",
            f"--service-cluster-ip-range={SERVICE_RANGE}",
            "--authorization-mode=RBAC",
            f"--token-auth-file={tokens}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--disable-admission-plugins=ServiceAccount",
            "--allow-privileged",
        ]
        if compaction:
            flags += ["--watch-cache=false", f"--etcd-compaction-interval={compaction}"]
        self._start("kube-apiserver", flags)

    def _start(self, program: str, flags: list[str]) -> None:
        self._running.append(Process(self._programs / program, flags, self._folder / f"{program}.log"))

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            for process in self._running:
                process.assert_runs()
            assert time.monotonic() < deadline, f"the server does not become ready:\n{process.tail()}"
            time.sleep(_POLL_SECONDS)

    def _is_ready(self) -> bool:
        if not self.ca_file.exists():
            return False
        with contextlib.suppress(urllib3.exceptions.HTTPError), self.client() as client:
            return client.request("GET", "/readyz", again=False).code == 200
        return False

    def client(self, token: str | None = None) -> Client:
        """A client with the token, or with the administrator's."""
        return Client(self.host, self.ca_file, token or self.admin_token)

    def kubeconfig(self, name: str, token: str | None = None) -> Path:
        """A kubeconfig with the token, or with the administrator's, as a new file of that name."""
        return write_kubeconfig(
            self._folder / f"{name}.kubeconfig", self.host, self.ca_file, token or self.admin_token
        )

    def kubectl(self, *arguments: str, input: str | None = None) -> str:  # noqa: A002 - as subprocess.run
        """What kubectl writes, with the administrator's rights; fails with what it complains of."""
        home = self._folder / "kubectl"
        done = subprocess.run(
            [self._programs / "kubectl", f"--cache-dir={home}", *arguments],
            env=os.environ | {"KUBECONFIG": str(self._admin_config), "HOME": str(home)},
            input=input,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def service_account_token(self, namespace: str, name: str) -> str:
        """A token of a service account that exists, for an hour."""
        return self.kubectl("create", "token", name, "--namespace", namespace).strip()

    def controller_manager(self, *controllers: str) -> None:
        """Start these controllers, such as cronjob-controller and job-controller, until `stop`."""
        name = "kube-controller-manager"
        if not (self._programs / name).is_file():
            missing(f"{name} is missing: put it into {self._programs}")
        flags = [
            f"--kubeconfig={self._admin_config}",
            f"--controllers={','.join(controllers)}",
            "--leader-elect=false",
            "--secure-port=0",
        ]
        self._start(name, flags)

    @property
    def pids(self) -> list[int]:
        """The process ids of what runs: etcd, the server, controllers."""
        return [process.pid for process in self._running]

    def stop(self) -> None:
        """End all, etcd last: without it the server would wait for ever. A second time does nothing."""
        while self._running:
            self._running[-1].stop()
            self._running.pop()
        shutil.rmtree(self._folder / "etcd", ignore_errors=True)
        atexit.unregister(self.stop)


def write_kubeconfig(path: Path, host: str, ca_file: Path, token: str) -> Path:
    """Write to `path` how to reach `host`, whose certificate the CA in `ca_file` vouches for."""
    ca = base64.b64encode(ca_file.read_bytes()).decode()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": {"server": host, "certificate-authority-data": ca}}],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "current-context": "test",
    }
    _write_private(path, msgspec.json.encode(config).decode())
    return path


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _free_ports() -> tuple[int, int]:
    """Two different ones of loopback, free a moment ago."""
    with socket.create_server((_LOOPBACK, 0)) as one, socket.create_server((_LOOPBACK, 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]
