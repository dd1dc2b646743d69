"""What the tests of collecting share: inputs of real files, and what is in a snapshot."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audit.collect.files import collect_files
from audit.snapshot import Snapshot

Content = str | bytes | dict[str, Any] | list[Any]


def snapshot_of(path: Path) -> Snapshot:
    return collect_files(path, taken="2026-01-02T03:04:05Z", tool_version="0")


def write(root: Path, files: Mapping[str, Content]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(content, indent=2) if isinstance(content, dict | list) else content
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return root


def rows(snapshot: Snapshot, table: str, *columns: str) -> list[Any]:
    """The values of these columns, a tuple a row; of one column the values themselves."""
    frame = snapshot[table][list(columns)].astype(object)
    found = list(frame.itertuples(index=False, name=None))
    return [row[0] for row in found] if len(columns) == 1 else found


def labels(snapshot: Snapshot, number: int) -> dict[str, str]:
    """A set of labels."""
    table = snapshot["labels"]
    chosen = table[table["set"] == number]
    return dict(zip(chosen["key"].astype(str), chosen["value"].astype(str), strict=True))


def states(snapshot: Snapshot) -> dict[str, str]:
    """The state of each kind."""
    return dict(rows(snapshot, "kinds", "kind", "state"))


def pod(name: str = "p", namespace: str | None = None, **more: Any) -> dict[str, Any]:
    """A pod; `labels`, `owners`, `spec` and `status` may be given."""
    metadata: dict[str, Any] = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    if "labels" in more:
        metadata["labels"] = more["labels"]
    if "owners" in more:
        metadata["ownerReferences"] = [
            {"kind": kind, "name": owner, "controller": True} for kind, owner in more["owners"]
        ]
    whole = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": more.get("spec", {})}
    if "status" in more:
        whole["status"] = more["status"]
    return whole


def workload(kind: str, name: str, labels: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """A controller whose template has these labels; `spec`, `status` and `owners` may be given."""
    labels = labels or {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c"}]}}
    spec: dict[str, Any] = {"selector": {"matchLabels": labels}, "template": template} | more.get("spec", {})
    if kind == "CronJob":
        spec = {"jobTemplate": {"spec": {"template": template}}} | more.get("spec", {})
    version = "batch/v1" if kind in ("Job", "CronJob") else "apps/v1"
    metadata: dict[str, Any] = {"name": name, "namespace": "x"}
    if "owners" in more:
        metadata["ownerReferences"] = [{"kind": k, "name": n, "controller": True} for k, n in more["owners"]]
    whole = {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}
    if "status" in more:
        whole["status"] = more["status"]
    return whole


def listed(*items: Any) -> dict[str, Any]:
    """A List of these items."""
    return {"apiVersion": "v1", "kind": "List", "items": list(items)}
