"""Records of small clusters, made by the parts that a run is made of."""

import pytest

from audit import checks
from audit.collect.files import collect_files
from audit.config import Settings, rfc3339
from audit.facts import evaluate
from audit.history import record, since
from tests.history.objects import day


@pytest.fixture
def snapshot(tmp_path):
    """The snapshot of manifests, taken on a day."""

    def read(manifests, number=1):
        place = tmp_path / "prod"
        place.mkdir(exist_ok=True)
        (place / "all.yaml").write_text(manifests, "utf-8")
        return collect_files(place, taken=rfc3339(day(number)), tool_version="0.1.0")

    return read


@pytest.fixture
def run(snapshot):
    """The record of a run on manifests, or on a snapshot, after another."""

    def make(source, number=1, previous=None, as_of=None, judge=checks.run):
        taken = snapshot(source, number) if isinstance(source, str) else source
        facts, as_of = evaluate(taken, Settings()), as_of or day(number)
        before = record.findings_before(previous, taken)
        results = since.dated(judge(facts), before, as_of)
        return record.load(record.pack(facts, results, as_of, previous), f"run-{number}")

    return make
