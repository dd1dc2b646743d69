"""cronjob/ as kubectl renders it, in a real server with the controllers that make Jobs and Pods of it."""

import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from tests.apiserver.client import MERGE_PATCH
from tests.apiserver.server import ApiServer

FOLDER: Final = Path(__file__).parents[2] / "cronjob"
NAMESPACE: Final = "segaudit"
OVERLAYS: Final = ("weekly-mail", "object-store", "narrow")
_SECONDS: Final = 180.0
"""A CronJob of every minute makes its Job within one; a machine may be busy."""

Document = dict[str, Any]


def kustomization(folder: Path, *components: str) -> Path:
    """A kustomization of the base and some components; `folder` holds it afterwards."""
    written = {
        "resources": [os.path.relpath(FOLDER / "base", folder)],
        "components": [os.path.relpath(FOLDER / "components" / name, folder) for name in components],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(written), encoding="utf-8")
    return folder


def shown_in_readme(folder: Path) -> Path:
    """The kustomization that README.md shows; `folder` holds it afterwards, and the files that it takes."""
    text = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    [shown] = [one for one in blocks if "components:" in one]
    [settings] = [one for one in blocks if "kind: ConfigMap" in one]
    kept = shown.replace("segaudit/cronjob", os.path.relpath(FOLDER, folder))
    (folder / "kustomization.yaml").write_text(kept, encoding="utf-8")
    (folder / "settings.yaml").write_text(settings, encoding="utf-8")
    return folder


def rendered(server: ApiServer, folder: Path) -> list[Document]:
    """The objects of a kustomization."""
    return list(yaml.safe_load_all(server.kubectl("kustomize", str(folder))))


def of_kind(objects: list[Document], kind: str) -> dict[str, Document]:
    """Those of a kind, by name."""
    return {one["metadata"]["name"]: one for one in objects if one["kind"] == kind}


def read(server: ApiServer, *what: str) -> Document:
    """What kubectl gets in the namespace."""
    return msgspec.json.decode(server.kubectl("get", *what, "--namespace", NAMESPACE, "--output", "json"))


def wait_for(holds: Callable[[], Any]) -> Any:  # whatever it is
    """What `holds` returns as soon as that is true."""
    deadline = time.monotonic() + _SECONDS
    while not (found := holds()):
        assert time.monotonic() < deadline, "it does not come true"
        time.sleep(0.2)
    return found


def pods_of(server: ApiServer, job: str) -> list[Document]:
    """The pods of a Job, the oldest first."""
    selector = f"--selector=batch.kubernetes.io/job-name={job}"
    found = read(server, "pods", selector)["items"]
    return sorted(found, key=lambda pod: pod["metadata"]["creationTimestamp"])


def job_status(server: ApiServer, job: str) -> Document:
    """What the Job's controller says of it."""
    return read(server, "job", job)["status"]


def job_of_every_minute(server: ApiServer, cronjob: str) -> str:
    """The name of the first Job that the controller makes of a CronJob whose schedule is made to be that."""
    patch = ("patch", "cronjob", cronjob, "--namespace", NAMESPACE, "--type=merge", "--patch")
    server.kubectl(*patch, '{"spec":{"schedule":"* * * * *"}}')

    def jobs() -> list[str]:
        items = read(server, "jobs")["items"]
        return [
            one["metadata"]["name"]
            for one in items
            if any(owner["name"] == cronjob for owner in one["metadata"].get("ownerReferences", ()))
        ]

    found = wait_for(jobs)
    server.kubectl(*patch, '{"spec":{"suspend":true}}')
    return str(found[0])


def end(server: ApiServer, pod: Document, code: int, condition: Mapping[str, str] | None = None) -> None:
    """What a kubelet says of a pod whose container has ended with an exit code."""
    name = pod["metadata"]["name"]
    told = {
        "name": "segaudit",
        "image": "segaudit",
        "imageID": "",
        "ready": False,
        "restartCount": 0,
        "state": {"terminated": {"exitCode": code, "reason": "Completed" if code == 0 else "Error"}},
    }
    status: Document = {"phase": "Failed" if code else "Succeeded", "containerStatuses": [told]}
    if condition:
        status["conditions"] = [dict(condition)]
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{name}/status"
    with server.client() as client:
        answer = client.request("PATCH", path, {"status": status}, sends=MERGE_PATCH)
    assert answer.code == 200, answer.reason
