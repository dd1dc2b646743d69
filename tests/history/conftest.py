"""Records of small clusters, made by the parts that a run is made of."""

import msgspec
import pytest

from audit import checks, manifest
from audit.collect.files import collect_files
from audit.config import rfc3339
from audit.facts import evaluate
from audit.frames import STORED_TABLES
from audit.history import since
from audit.history.record import FILE, encode, findings_before, load, pack
from audit.settings import Settings
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
        before = findings_before(previous, taken)
        results = since.dated(judge(facts), before, as_of)
        return load(pack(facts, results, as_of, previous), f"run-{number}")

    return make


@pytest.fixture
def store(tmp_path, run, record):
    """A store with a run for each record: `store({1: manifests, ...})`, by day; an address to open it by."""

    def make(runs, name="store", cluster="prod", *, complete=True, uid=""):
        for number, source in runs.items():
            folder = tmp_path / name / f"{day(number):%Y%m%dT%H%M%SZ}-run-{number}"
            folder.mkdir(parents=True)
            files = {}
            if source is not None:
                stored = run(source, number)
                files[FILE] = encode(
                    msgspec.structs.replace(stored.head, cluster=cluster, cluster_uid=uid),
                    {table: stored.table(table) for table in STORED_TABLES},
                )
            for path, data in files.items():
                (folder / path).write_bytes(data)
            time = rfc3339(day(number))
            told = msgspec.structs.replace(
                record(files), cluster="prod", taken=time, as_of=time, started=time, complete=complete
            )
            (folder / manifest.NAME).write_bytes(told.encode())
        return str(tmp_path / name)

    return make
