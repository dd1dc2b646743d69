"""A store with two runs of one cluster, in which things changed, and commands on copies of it."""

import contextlib
import io
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from audit import cli

FIRST: Final = 1_795_485_600
"""24 November 2026, 02:00 UTC."""
DAY: Final = 86_400
BEFORE: Final = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, annotations: {segaudit.io/owner: "team-shop@example.com"}}
---
apiVersion: v1
kind: Namespace
metadata: {name: data, annotations: {segaudit.io/owner: "x@evil.example"}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
status: {podIP: 10.0.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: data, labels: {app: db}}
status: {podIP: 10.0.0.2}
---
apiVersion: config.openshift.io/v1
kind: Network
metadata: {name: cluster}
spec: {networkType: OVNKubernetes}
"""
AFTER: Final = f"""\
{BEFORE}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: all, namespace: data}}
spec: {{podSelector: {{}}, policyTypes: [Ingress]}}
---
apiVersion: v1
kind: Pod
metadata: {{name: api, namespace: shop, labels: {{app: api}}}}
status: {{podIP: 10.0.0.3}}
"""
SETTINGS: Final = """\
mail:
  host: 127.0.0.1
  port: {port}
  security: none
  from: segaudit@example.com
  to: [ops@example.com, security@example.com]
  retry_seconds: 0
{more}
"""


class Said(NamedTuple):
    """What came of a command."""

    status: int
    out: str
    err: str


def segaudit(*arguments: str, environment: Mapping[str, str] | None = None) -> Said:
    """Run a command in this process."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    kept = dict(os.environ)
    os.environ.update(environment or {})
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = cli.main(arguments)
    finally:
        os.environ.clear()
        os.environ.update(kept)
    out.seek(0)
    return Said(status, out.read(), err.getvalue())


def write(folder: Path, manifests: str) -> Path:
    """The manifests as a file in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "all.yaml").write_text(manifests, "utf-8")
    return folder


def audit(source: Path, store: Path, night: int, formats: str = "json", *more: str) -> Said:
    """Audit manifests in a night, counted from the first, into a store."""
    out = store.parent / "out"
    return segaudit(
        *("run", "--from", str(source), "--store", str(store), "--out", str(out), "--format", formats, *more),
        environment={"SOURCE_DATE_EPOCH": str(FIRST + night * DAY)},
    )


class Audits:
    """A store, and the settings with which its runs are mailed."""

    def __init__(self, folder: Path, template: Path) -> None:
        """`template` is a store, of which this one is a copy."""
        self.folder = folder
        self.store = folder / "runs"
        shutil.copytree(template, self.store)
        self.config = folder / "segaudit.yaml"

    @property
    def runs(self) -> list[str]:
        """Folders of the runs, the oldest first."""
        return sorted(each.name for each in self.store.iterdir() if each.name[0] == "2")

    def settle(self, port: int, more: str = "", **changes: str) -> None:
        """Write the settings; `more` are lines below `mail`, or behind it."""
        text = SETTINGS.format(port=port, more=more)
        for old, new in changes.items():
            key = {"from_": "from"}.get(old, old)
            lines = [
                f"  {key}: {new}" if line.startswith(f"  {key}:") else line for line in text.splitlines()
            ]
            text = "\n".join(lines) + "\n"
        self.config.write_text(text, "utf-8")

    @property
    def arguments(self) -> list[str]:
        """Of a command on this store, with these settings."""
        return ["--store", str(self.store), "--config", str(self.config)]

    def mail(self, *more: str, hours: float = 26, **environment: str) -> Said:
        """Mail, so many hours after the first run."""
        now = {"SOURCE_DATE_EPOCH": str(int(FIRST + hours * 3600))}
        return segaudit("mail", *self.arguments, *more, environment=now | environment)

    def records(self) -> dict[str, list[str]]:
        """Names of the records of what was sent, by run."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.store.glob("mail/*/*/*")):
            found.setdefault(path.parts[-3], []).append(path.name)
        return found


def flat(text):
    return " ".join(text.split())
