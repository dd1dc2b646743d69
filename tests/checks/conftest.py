"""Clusters written as manifests, judged by all checks."""

from collections.abc import Collection
from pathlib import Path

import pytest

from audit import checks
from audit.checks import CheckResult
from audit.collect.files import collect_files
from audit.facts import evaluate
from audit.settings import Settings
from audit.snapshot import Snapshot
from tests import manifests

DEFAULTS = Settings()
TAKEN = "2026-11-23T02:00:00Z"


class Judged:
    """One cluster and the verdicts on it."""

    def __init__(self, directory: Path, settings: Settings = DEFAULTS):
        self.directory = directory
        self.snapshot = collect_files(directory, taken=TAKEN, tool_version="0")
        self.settings = settings
        self.judge(self.snapshot)

    def judge(self, snapshot: Snapshot, only: Collection[str] | None = None) -> None:
        """A check is run when somebody asks for its verdicts: most tests ask for one."""
        self.facts = evaluate(snapshot, self.settings)
        self._only = only
        self._results: dict[str, CheckResult] = {}

    def result(self, check: str) -> CheckResult:
        if check not in self._results:
            self._results |= {r.check.id: r for r in checks.run(self.facts, self._only, [check])}
        return self._results[check]

    @property
    def results(self) -> list[CheckResult]:
        return [self.result(check.id) for check in checks.load()]

    def rows(self, check: str):
        return self.result(check).subjects

    def verdicts(self, check: str) -> dict[str, str]:
        """Subject (`namespace/name`, with ` rule` behind it where there is one) -> status."""
        return {self._called(row): row.status for row in self.rows(check).itertuples()}

    def failed(self, check: str) -> set[str]:
        return {subject for subject, status in self.verdicts(check).items() if status == "failed"}

    def messages(self, check: str) -> dict[str, str]:
        return {self._called(row): row.message for row in self.rows(check).itertuples()}

    def remedies(self, check: str) -> dict[str, str]:
        return {self._called(row): row.remediation for row in self.rows(check).itertuples()}

    def applied(self, remedy: str, directory: Path) -> "Judged":
        """The cluster as it is after `kubectl apply` of the remedy."""
        objects: dict[tuple[str, ...], manifests.Object] = {}
        for item in [*manifests.read(self.directory), *manifests.parse(remedy)]:
            metadata = item.get("metadata") or {}
            objects[
                item["apiVersion"], item["kind"], metadata.get("namespace") or "default", metadata["name"]
            ] = item
        directory.mkdir(parents=True)
        manifests.write(objects.values(), directory / "cluster.json")
        return Judged(directory, self.settings)

    @staticmethod
    def _called(row) -> str:
        name = (
            row.namespace or row.name
            if row.kind in {"Namespace", "Cluster"}
            else f"{row.namespace}/{row.name}"
        )
        return f"{name} {row.rule}".strip()


@pytest.fixture
def judged(tmp_path):
    """Judges a cluster written as YAML."""

    def judge(text: str, settings: Settings = DEFAULTS) -> Judged:
        directory = tmp_path / "in"
        directory.mkdir(exist_ok=True)
        (directory / "cluster.yaml").write_text(text, "utf-8")
        return Judged(directory, settings)

    return judge


@pytest.fixture
def mended(tmp_path):
    """Applies a remedy to a cluster, and judges it again."""

    def apply(cluster: Judged, remedy: str) -> Judged:
        return cluster.applied(remedy, tmp_path / f"mended-{len(list(tmp_path.iterdir()))}" / "in")

    return apply
