"""Audits of a live server, in process, and what they left behind."""

import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from audit import cli
from audit.frames import SNAPSHOT_TABLES
from audit.snapshot import Snapshot, load

Document = dict[str, Any]
Row = dict[str, str]

_WAIT_SECONDS: Final = 30.0
_TIMES: Final = frozenset(("started", "ended", "resource_version"))
"""Columns of kinds that differ between two readings of the same objects."""


def audit(*arguments: object) -> int:
    """The exit code; on standard error are errors for people, and nothing else."""
    return cli.main([*map(str, arguments), "--log-format", "text", "--quiet"])


def take(kubeconfig: Path, *options: object) -> tuple[int, Snapshot]:
    """The exit code of `segaudit snapshot`, and the snapshot that it wrote."""
    file = kubeconfig.with_name(f"{kubeconfig.name}.snapshot.zip")
    file.unlink(missing_ok=True)
    code = audit("snapshot", "--kubeconfig", kubeconfig, "-o", file, *options)
    return code, load(file.read_bytes(), file.name)


def states(snapshot: Snapshot) -> dict[str, str]:
    """The state of each kind."""
    return {row["kind"]: row["state"] for row in snapshot.table("kinds").to_pylist()}


def incomplete(snapshot: Snapshot) -> set[str]:
    """The kinds that were served and not listed to their end."""
    return {kind for kind, state in states(snapshot).items() if state not in ("listed", "not served")}


def reason(snapshot: Snapshot, kind: str) -> str:
    """Why the state of the kind is what it is."""
    (row,) = (row for row in snapshot.table("kinds").to_pylist() if row["kind"] == kind)
    return row["reason"]


def pods(snapshot: Snapshot) -> list[str]:
    """NAMESPACE/NAME of each, in the snapshot's order."""
    return [f"{row['namespace']}/{row['name']}" for row in snapshot.table("pods").to_pylist()]


def tables(snapshot: Snapshot) -> dict[str, list[Document]]:
    """All that was read, without when that was."""
    return {
        name: [
            {key: value for key, value in row.items() if name != "kinds" or key not in _TIMES}
            for row in snapshot.table(name).to_pylist()
        ]
        for name in SNAPSHOT_TABLES
    }


def rows(file: Path) -> list[Row]:
    """Those of a CSV file."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def pod(namespace: str, number: int, **labels: str) -> Document:
    """A running one, whose address has the number."""
    address = f"10.64.{number // 250}.{number % 250 + 1}"
    status = {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}]}
    metadata = {"namespace": namespace, "name": f"pod-{number:03}", "labels": labels or {"app": "web"}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {}, "status": status}


def deny_all(namespace: str) -> Document:
    """A NetworkPolicy that isolates every pod of the namespace."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"namespace": namespace, "name": "deny-all"},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    }


def user_config(
    path: Path, host: str, ca_file: Path, user: Document, cluster: Document | None = None
) -> Path:
    """A kubeconfig whose user is `user`; `cluster` replaces how the server is verified."""
    verified = {"certificate-authority": str(ca_file)} if cluster is None else cluster
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": {"server": host, **verified}}],
        "users": [{"name": "somebody", "user": user}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "somebody"}}],
        "current-context": "test",
    }
    path.write_bytes(msgspec.json.encode(config))
    return path


def until(holds: Callable[[], bool]) -> None:
    """Wait for it; what the server does with a right takes a moment."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it does not come true"
        time.sleep(0.02)
