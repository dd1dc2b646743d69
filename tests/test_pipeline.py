"""The whole job: what it writes, that it writes the same again, and what one failing part leaves."""

import csv
import gc
import hashlib
import io
import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from audit import checks, frames, pipeline
from audit.config import Config
from audit.errors import CollectError, FindingsError, IncompleteError, RenderError, UsageError
from audit.settings import Settings
from audit.severity import Severity
from audit.snapshot import Provenance, Snapshot, load, save
from reports import to_html
from reports.errors import RenderFailure

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
MANIFESTS = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: shop}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}}}
---
apiVersion: v1
kind: Pod
metadata: {name: job, namespace: shop}
status: {phase: Succeeded}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: data, labels: {app: db}}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: data}
spec: {selector: {app: db}, ports: [{port: 3306}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: data}
spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}
"""
TABLES = {
    "pods": frames.POD_FACTS,
    "finished_pods": frames.FINISHED_POD_FACTS,
    "waivers": frames.WAIVERS,
    "namespaces": frames.NAMESPACE_FACTS,
    "workloads": frames.WORKLOAD_FACTS,
    "services": frames.SERVICE_FACTS,
    "policies": frames.POLICY_FACTS,
    "rules": frames.RULE_FACTS,
    "exposure": frames.EXPOSURE,
    "enforcement": frames.ENFORCEMENT,
    "findings": frames.RESULTS,
    "checks": frames.CHECK_FACTS,
}


@pytest.fixture
def config(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "all.yaml").write_text(MANIFESTS, "utf-8")

    def make(out="out", formats=("csv",), **changes) -> Config:
        settings = {"source": str(tmp_path / "in"), "now": NOW, "out": tmp_path / out, "formats": formats}
        return Config(**{**settings, **changes})

    return make


def table(config: Config, name: str) -> list[dict[str, str]]:
    text = (config.out / "csv" / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def written(config: Config) -> dict[str, bytes]:
    return {
        path.relative_to(config.out).as_posix(): path.read_bytes()
        for path in config.out.rglob("*")
        if path.is_file()
    }


def test_all_outputs_and_a_manifest_that_fits_them(config):
    asked = config(formats=("html", "pdf", "json", "csv"))
    outcome = pipeline.run(asked)
    files = written(asked)
    record = json.loads(files.pop("manifest.json"))
    assert outcome.problem is None
    assert set(files) == {
        *("report.html", "report.pdf", "report.json", "snapshot.zip", "configuration.json", "catalogue.json"),
        *(f"csv/{name}.csv" for name in TABLES),
    }
    assert record["files"] == {
        path: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for path, data in files.items()
    }
    assert record["catalogue"]["sha256"] == hashlib.sha256(checks.as_json().encode()).hexdigest()
    assert record["configuration"]["sha256"] == hashlib.sha256(Settings().canonical()).hexdigest()
    assert record["files"]["catalogue.json"] == record["catalogue"]
    assert record["files"]["configuration.json"] == record["configuration"]
    assert (record["waivers"], record["previous"], record["complete"]) == (None, None, True)
    assert record["as_of"] == record["taken"] == record["started"] == "2026-11-23T02:00:00Z"
    assert list(record["durations"]) == sorted(record["durations"])
    assert load(files["snapshot.zip"], "").sha256 == record["files"]["snapshot.zip"]["sha256"]


def test_the_tables_have_the_documented_columns(config):
    asked = config()
    pipeline.run(asked)
    for name, schema in TABLES.items():
        header = (asked.out / "csv" / f"{name}.csv").read_bytes().partition(b"\r\n")[0].decode()
        told = ["told"] if name == "findings" else []  # where the report tells it, which only a report knows
        assert header.split(",") == [*schema.names, *told]


def test_the_same_input_gives_the_same_bytes(config):
    first, again = (config(out, ("html", "pdf", "json", "csv")) for out in ("a", "b"))
    pipeline.run(first)
    pipeline.run(again)
    one, other = written(first), written(again)
    assert one.keys() == other.keys()
    assert [path for path in one if one[path] != other[path]] == ["manifest.json"]


def test_a_run_from_its_own_snapshot_gives_the_same_report(config):
    first = config("a", ("html", "pdf", "json", "csv"))
    pipeline.run(first)
    later = datetime(2027, 1, 1, tzinfo=UTC)
    again = config("b", first.formats, source=str(first.out / "snapshot.zip"), now=later)
    pipeline.run(again)
    one, other = written(first), written(again)
    assert [path for path in one if one[path] != other[path]] == ["manifest.json"]


def test_the_date_of_the_report_is_as_of(config):
    asked = config(formats=("json",), as_of=datetime(2027, 3, 4, 5, tzinfo=UTC))
    pipeline.run(asked)
    assert json.loads((asked.out / "report.json").read_bytes())["created"] == "2027-03-04T05:00:00Z"
    assert json.loads((asked.out / "manifest.json").read_bytes())["as_of"] == "2027-03-04T05:00:00Z"


def test_tables_alone_wait_for_no_renderer(config, tmp_path):
    asked = config()
    code = (
        "import sys; from audit.cli import main; "
        f"main(['run', '--from', {asked.source!r}, '--out', {str(tmp_path / 'out')!r}, '--format', 'csv']); "
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert "pandas" in loaded
    assert not loaded & {"weasyprint", "jinja2", "matplotlib", "fontTools", "kubernetes"}


# -- narrowed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", [{"namespaces": ("shop",)}, {"namespace_selector": "team=shop"}])
def test_what_is_reported_is_narrowed(config, chosen):
    asked = config(**chosen)
    pipeline.run(asked)
    for name in ("pods", "finished_pods", "namespaces", "workloads", "services"):
        assert {row["namespace"] for row in table(asked, name)} <= {"shop"}, name
    # what is found of the whole cluster holds for each part of it
    assert {row["namespace"] for row in table(asked, "findings")} <= {"shop", ""}
    assert [row["pod"] for row in table(asked, "pods")] == ["web[Deployment]"]
    assert table(asked, "services") == []
    assert load((asked.out / "snapshot.zip").read_bytes(), "")["services"]["name"].tolist() == ["db"]


def test_a_chosen_namespace_without_pods_is_not_assessed(config):
    asked = config(namespaces=("nowhere",))
    outcome = pipeline.run(asked)
    assert outcome.lines[0].startswith("No pods in this input")
    judged = {row["check"]: row for row in table(asked, "checks")}
    isolated = judged["pods-are-isolated-for-ingress"]
    assert (isolated["not_assessed"], isolated["passed"]) == ("1", "0")
    assert isolated["reason"] == "There are no pods in the chosen namespaces."


def test_a_selector_that_selects_nothing_is_refused(config):
    asked = config(namespace_selector="team=nobody")
    with pytest.raises(UsageError, match="no namespace of the input has such labels"):
        pipeline.run(asked)
    assert not asked.out.exists()


# -- what goes wrong --------------------------------------------------------------------------------


def test_what_fails_to_render_takes_nothing_with_it(config, monkeypatch):
    def broken(_report):
        raise RenderFailure("HTML: a letter is missing")

    monkeypatch.setattr(to_html, "render_html", broken)
    asked = config(formats=("html", "json", "csv"))
    outcome = pipeline.run(asked)
    assert isinstance(outcome.problem, RenderError)
    assert "report.html: HTML: a letter is missing" in str(outcome.problem)
    record = json.loads((asked.out / "manifest.json").read_bytes())
    assert record["not_rendered"] == {"report.html": "HTML: a letter is missing"}
    assert set(record["files"]) >= {"report.json", "csv/pods.csv", "snapshot.zip"}
    assert not (asked.out / "report.html").exists()


WAIVERS = """\
waivers:
  - check: ingress-cidrs-are-narrow
    namespace: data
    name: db
    reason: A backup server without a fixed address.
    owner: data
    approved_by: security
    created: 2026-11-01
    expires: EXPIRES
"""


@pytest.mark.parametrize(("expires", "status"), [("2026-12-31", "waived"), ("2026-11-22", "failed")])
def test_an_accepted_finding_is_waived_until_its_end(config, tmp_path, expires, status):
    path = tmp_path / "waivers.yaml"
    path.write_text(WAIVERS.replace("EXPIRES", expires), "utf-8")
    asked = config(waivers=path)
    pipeline.run(asked)
    found = {row["check"]: row for row in table(asked, "findings")}
    assert found["ingress-cidrs-are-narrow"]["status"] == status
    assert ("waivers-are-current" in found) == (status == "failed")
    (row,) = table(asked, "waivers")
    assert (row["approved_by"], row["expires"], row["findings"]) == ("security", expires, "1")
    assert row["source"] == "waivers.yaml:2"
    record = json.loads((asked.out / "manifest.json").read_bytes())
    assert record["waivers"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (asked.out / "waivers.yaml").read_bytes() == path.read_bytes()
    assert record["files"]["waivers.yaml"] == record["waivers"]


def test_options_are_refused_before_anything_is_read(config):
    with pytest.raises(UsageError, match="--format docx"):
        pipeline.run(config(source="/absent", formats=("docx",)))
    with pytest.raises(UsageError, match="not empty"):
        pipeline.run(config(source="/absent", out="."))


def test_nothing_is_written_where_nothing_was_read(config):
    asked = config(source="/absent")
    with pytest.raises(CollectError):
        pipeline.run(asked)
    assert not asked.out.exists()


def test_pods_that_nobody_may_list_are_nothing_to_audit(config, tmp_path):
    pipeline.run(config("a"))
    read = load((tmp_path / "a" / "snapshot.zip").read_bytes(), "")
    kinds = read["kinds"].assign(state="forbidden")
    save(Snapshot(read.provenance, {"kinds": frames.KINDS.conform(kinds)}), tmp_path / "forbidden.zip")
    with pytest.raises(CollectError, match="pods could not be listed in any namespace of in"):
        pipeline.run(config("b", source=str(tmp_path / "forbidden.zip")))


@pytest.mark.parametrize("taken", ["", "yesterday", "9999-12-31T23:59:59-14:00"])
def test_a_snapshot_without_a_time_is_refused(config, tmp_path, taken):
    provenance = Provenance(kind="files", description="x", taken=taken, tool_version="0")
    save(Snapshot(provenance, {}), tmp_path / "x.zip")
    with pytest.raises(CollectError, match="x: the snapshot has no time"):
        pipeline.run(config(source=str(tmp_path / "x.zip")))


def test_fail_on_counts_what_is_reported(config):
    assert isinstance(pipeline.run(config(fail_on=Severity.HIGH)).problem, FindingsError)
    assert pipeline.run(config(fail_on=Severity.CRITICAL)).problem is None
    assert pipeline.run(config(fail_on=Severity.HIGH, namespaces=("nowhere",))).problem is None


def test_strict_names_a_check_that_failed_to_run(config, monkeypatch):
    def broken(_facts):
        raise ValueError

    def load_broken():
        first, *others = real()
        return [type(first)(**{**vars(first), "judge": broken}), *others]

    real = checks.load
    monkeypatch.setattr("audit.checks._runner.load", load_broken)
    assert pipeline.run(config()).problem is None
    problem = pipeline.run(config(strict=True)).problem
    assert isinstance(problem, IncompleteError)
    assert real()[0].id in str(problem)


def test_questions_say_what_may_be_missing(config, tmp_path, caplog):
    (tmp_path / "in" / "other.yaml").write_text(
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: shop}\n"
    )
    (tmp_path / "in" / "broken.yaml").write_text("kind: [\n")
    pipeline.evaluated(config())
    said = [record.getMessage() for record in caplog.records]
    assert any("broken.yaml" in line for line in said)
    assert any("CiliumNetworkPolicy" in line for line in said)


def test_the_collector_is_on_again(config):
    pipeline.run(config())
    assert gc.isenabled()
