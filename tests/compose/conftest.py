"""Reports on a few manifests, made by the parts that a run is made of."""

from collections.abc import Collection
from datetime import UTC, datetime

import pytest

from audit import checks
from audit.collect.files import collect_files
from audit.compose import compose
from audit.config import Settings
from audit.facts import evaluate
from audit.snapshot import Snapshot

AS_OF = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def snapshot(tmp_path):
    def read(manifests: str) -> Snapshot:
        place = tmp_path / "shop-cluster"
        place.mkdir(exist_ok=True)
        (place / "all.yaml").write_text(manifests, "utf-8")
        return collect_files(place, taken="2026-11-23T02:00:00Z", tool_version="0.1.0")

    return read


@pytest.fixture
def report_on():
    def make(snapshot: Snapshot, only: Collection[str] | None = None, settings: Settings | None = None):
        facts = evaluate(snapshot, settings or Settings())
        return compose(facts, checks.run(facts, only), as_of=AS_OF, generator="segaudit 0.1.0", only=only)

    return make


@pytest.fixture
def report(snapshot, report_on):
    def make(manifests: str, only: Collection[str] | None = None, settings: Settings | None = None):
        return report_on(snapshot(manifests), only, settings)

    return make
