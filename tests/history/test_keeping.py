"""A run that is stored: what it takes from the one before, what it says, what a store that fails costs."""

import csv
import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from audit import manifest, pipeline
from audit.config import Config
from audit.errors import DeliveryError, UsageError
from audit.history import keeping
from audit.settings import Retention, Settings
from audit.store import STUB, open_store
from audit.store.verify import verify

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: db, namespace: data, labels: {app: db}}\n"
POLICY = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: data}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
"""


@pytest.fixture
def config(tmp_path):
    """Of the run so many days after the first; the options replace the usual ones."""

    def make(day=0, text=POD, **options):
        source = tmp_path / "manifests.yaml"
        source.write_text(text, "utf-8")
        usual = {
            "now": NOW + timedelta(days=day),
            "source": str(source),
            "out": tmp_path / "out",
            "formats": ("csv", "json"),
            "store": str(tmp_path / "store"),
        }
        return Config(**(usual | options))

    return make


def findings(config):
    text = (config.out / "csv" / "findings.csv").read_text("utf-8-sig")
    return {row["check"]: row for row in csv.DictReader(text.splitlines()) if row["status"] == "failed"}


def runs(config):
    return open_store(config.store).runs()


def test_what_is_stored_is_what_is_written(config):
    outcome = pipeline.run(config())
    (run,) = runs(config())
    assert outcome.problem is None
    assert outcome.lines[-1] == f"Stored as {run.name} in {config().store}."
    for path in run.manifest().files:
        assert run.read(path) == (config().out / path).read_bytes()
    assert run.manifest_bytes() == (config().out / manifest.NAME).read_bytes()
    assert run.manifest().run == run.name
    assert run.moment == NOW


def test_findings_have_the_date_of_the_first_run_that_found_them(config):
    for day in range(3):
        pipeline.run(config(day))
    assert {row["since"] for row in findings(config()).values()} == {"2026-11-23T02:00:00Z"}
    pipeline.run(config(3, POD + POLICY))
    pipeline.run(config(4))
    assert findings(config())["namespace-denies-ingress-by-default"]["since"] == "2026-11-27T02:00:00Z"


def test_runs_are_a_chain(config):
    for day in range(3):
        pipeline.run(config(day))
    first, second, third = (run.manifest() for run in runs(config()))
    assert first.previous is None
    assert second.previous == manifest.Digest.of(runs(config())[0].manifest_bytes())
    assert third.previous == manifest.Digest.of(runs(config())[1].manifest_bytes())
    assert not verify(open_store(config().store).place).broken


def test_a_job_is_stored_once(config):
    pipeline.run(config(job="nightly-1"))
    outcome = pipeline.run(config(1, job="nightly-1"))
    (run,) = runs(config())
    assert outcome.problem is None
    assert (
        outcome.lines[-1]
        == f"The run of the Job nightly-1 was stored before, as {run.name} in {config().store}."
    )


def test_old_runs_go_as_retention_has_it(config):
    settings = Settings(retention=Retention(runs=2))
    for day in range(4):
        outcome = pipeline.run(config(day, settings=settings))
    assert [run.removed for run in runs(config())] == [True, True, False, False]
    assert outcome.lines[-1].startswith("Removed, as retention has it: 20261124T020000Z-")
    assert not verify(open_store(config().store).place).broken


def test_without_a_store_nothing_is_stored(config, tmp_path):
    pipeline.run(config(store=""))
    assert not (tmp_path / "store").exists()
    assert not (tmp_path / "out" / "history.zip").exists()
    assert json.loads((tmp_path / "out" / manifest.NAME).read_bytes())["run"] == ""


def test_a_store_that_fails_costs_nothing_else(config, tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / ".segaudit-unfinished").write_text("in the way", "utf-8")
    outcome = pipeline.run(config())
    assert isinstance(outcome.problem, DeliveryError)
    assert str(outcome.problem).startswith("the run was not stored: cannot write ")
    assert findings(config())
    assert runs(config()) == []


def test_a_last_run_that_is_damaged_costs_only_the_dates(config, tmp_path, caplog):
    pipeline.run(config())
    (run,) = runs(config())
    (tmp_path / "store" / run.name / "history.zip").write_bytes(b"damaged")
    outcome = pipeline.run(config(1))
    assert outcome.problem is None
    assert "since when findings are there is not known" in caplog.text
    assert {row["since"] for row in findings(config()).values()} == {"2026-11-24T02:00:00Z"}


def test_what_can_be_no_store_is_said_before_anything_is_read(config, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    for store in (str(tmp_path / "file"), "http://x/y", "s3://key:secret@bucket/x"):
        with pytest.raises(UsageError) as error:
            pipeline.run(config(store=store))
        assert "secret" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_what_is_recorded_and_gone_costs_nothing_else(config, tmp_path):
    pipeline.run(config(job="nightly-1"))
    shutil.rmtree(tmp_path / "store" / runs(config())[0].name)
    outcome = pipeline.run(config(1, job="nightly-1"))
    assert isinstance(outcome.problem, DeliveryError)
    assert "is recorded as stored and is not in the store" in str(outcome.problem)
    assert findings(config())


def test_a_removal_that_fails_is_told_apart_from_storing(config, tmp_path):
    for day in range(2):
        pipeline.run(config(day))
    (tmp_path / "store" / runs(config())[0].name / STUB).write_text("in the way", "utf-8")
    outcome = pipeline.run(config(2, settings=Settings(retention=Retention(runs=1))))
    assert str(outcome.problem).startswith("old runs were not removed: cannot write ")
    assert outcome.lines[-1].startswith("Stored as 20261125T020000Z-")


# -- what the report tells of it -----------------------------------------------------------------------


def report(config):
    return json.loads((config.out / "report.json").read_bytes())


def trend(config):
    return next(section for section in report(config)["sections"] if section["anchor"] == "trend")


def test_the_report_looks_back(config):
    pipeline.run(config())
    assert "first run in its store" in report(config())["page_one"]["compared"]
    outcome = pipeline.run(config(7, POD + POLICY))
    assert report(config())["page_one"]["figures"][0]["change"] == "+100.0 since 23 Nov"
    assert "  Isolated for ingress  100 %  1 of 1 pod" in outcome.lines[3]
    assert outcome.lines[3].endswith("+100.0 since 23 Nov")
    assert [section["anchor"] for section in trend(config())["sections"]] == [
        "trend-findings",
        "trend-period",
        "trend-policies",
    ]
    rows = report(config())["data"]["trend"]["rows"]
    assert [row["run"] == "" for row in rows] == [False, True]
    assert (config().out / "csv" / "period_workloads.csv").exists()


def test_without_a_store_it_does_not(config):
    pipeline.run(config(store=""))
    assert report(config())["page_one"]["compared"] == ""
    assert "trend" not in report(config())["data"]


def test_the_same_history_gives_the_same_report(config, tmp_path):
    for day in range(2):
        pipeline.run(config(day))
    shutil.copytree(tmp_path / "store", tmp_path / "copy")
    formats = ("html", "pdf", "csv", "json")
    outs = []
    for name in ("store", "copy"):
        asked = config(
            2, POD + POLICY, store=str(tmp_path / name), out=tmp_path / f"out-{name}", formats=formats
        )
        assert pipeline.run(asked).problem is None
        outs.append({p.relative_to(asked.out): p.read_bytes() for p in asked.out.rglob("*") if p.is_file()})
    one, other = outs
    assert one.keys() == other.keys()
    assert [str(path) for path in one if one[path] != other[path]] == ["manifest.json"]


def test_a_record_that_is_damaged_within_costs_its_run_alone(config, tmp_path):
    for day in range(3):
        pipeline.run(config(day))
    for run in runs(config())[1:]:
        path = tmp_path / "store" / run.name / "history.zip"
        data = bytearray(path.read_bytes())
        start = data.index(b"findings.parquet")
        data[start + 30 : start + 400] = bytes(370)
        path.write_bytes(data)
    outcome = pipeline.run(config(3))
    assert outcome.problem is None
    assert report(config())["page_one"]["compared"].startswith(
        "Not compared with earlier runs: the last run could not be read ("
    )
    assert "Earlier runs are missing" in [block.get("title") for block in trend(config())["blocks"]]
    assert len(runs(config())) == 4


def test_a_store_that_cannot_be_listed_is_stated_in_the_report(config, tmp_path):
    pipeline.run(config(job="nightly-1"))
    shutil.rmtree(tmp_path / "store" / runs(config())[0].name)
    pipeline.run(config(1, job="nightly-1"))
    told = report(config())["page_one"]["compared"]
    assert told.startswith("Not compared with earlier runs: the store could not be read (")
    assert "is recorded as stored and is not in the store" in told


def test_a_long_history_is_read_in_part_and_says_so(config, monkeypatch):
    for day in range(4):
        pipeline.run(config(day))
    monkeypatch.setattr(keeping, "MOST_RUNS", 3)
    pipeline.run(config(4))
    assert [row["taken"][8:10] for row in report(config())["data"]["trend"]["rows"]] == ["25", "26", "27"]
    assert "2 older runs are left out here" in json.dumps(trend(config()))
    monkeypatch.setattr(keeping, "_MOST_BYTES", 1)
    pipeline.run(config(5))
    assert len(report(config())["data"]["trend"]["rows"]) == 1


def test_hostile_names_in_what_is_stored_stay_text(config):
    evil = POD.replace("name: db", "name: '<script>owned()</script>'")
    pipeline.run(config(0, evil, formats=("html", "csv")))
    pipeline.run(config(1, formats=("html", "csv")))
    page = (config().out / "report.html").read_text("utf-8")
    assert "owned()" in page
    assert page.count("<script") == 3, "the tables, the library and our own"
