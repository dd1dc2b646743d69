"""Reports on a few manifests, made by the parts that a run is made of."""

from collections.abc import Collection
from datetime import UTC, datetime

import pytest

from audit import checks
from audit.collect.files import collect_files
from audit.compose import compose
from audit.config import rfc3339
from audit.facts import evaluate
from audit.history import since
from audit.history.past import Past
from audit.history.record import findings_before, load, pack
from audit.settings import Settings
from audit.snapshot import Snapshot
from tests.history.objects import day

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


@pytest.fixture
def told(tmp_path):
    """The report of the last of several stored runs, by day: `told({1: manifests, 4: manifests})`.

    `settings` are those of a day; other options are fields of its Past, or make them of the records.
    """

    def make(runs, only=None, settings=None, **options):
        place = tmp_path / "prod"
        place.mkdir(exist_ok=True)
        records = []
        for number, manifests in runs.items():
            (place / "all.yaml").write_text(manifests, "utf-8")
            taken = collect_files(place, taken=rfc3339(day(number)), tool_version="0.1.0")
            facts = evaluate(taken, (settings or {}).get(number, Settings()))
            last = records[-1] if records else None
            results = since.dated(checks.run(facts, only), findings_before(last, taken), day(number))
            records.append(load(pack(facts, results, day(number), last), f"run-{number}"))
        made = {name: value(records) if callable(value) else value for name, value in options.items()}
        fields = {"last": records[-2] if records[1:] else None, "records": tuple(records)} | made
        past = Past(**({"own": records[-1]} | fields))
        return compose(facts, results, as_of=day(number), generator="segaudit 0.1.0", only=only, past=past)

    return make
