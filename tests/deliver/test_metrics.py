"""The figures of a run as OpenMetrics, in a file and pushed, as a parser of others reads them."""

import base64
import stat

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parsed

from tests.deliver.stores import AFTER, segaudit, write


@pytest.fixture
def source(tmp_path):
    return write(tmp_path / "prod", AFTER)


def run(tmp_path, source, settings):
    config = tmp_path / "segaudit.yaml"
    config.write_text(settings, "utf-8")
    return segaudit(
        *("run", "--from", str(source), "--out", str(tmp_path / "out"), "--format", "csv"),
        *("--config", str(config), "--quiet"),
        environment={"SOURCE_DATE_EPOCH": "1795485600"},
    )


def samples(text):
    found = {}
    for family in parsed(text):
        for each in family.samples:
            labels = {name: value for name, value in each.labels.items() if name != "cluster"}
            found[(each.name.removeprefix("segaudit_"), *labels.values())] = each.value
            assert each.labels["cluster"] == "prod"
    return found


def test_a_file_that_a_collector_may_read(tmp_path, source):
    said = run(tmp_path, source, f"metrics: {{file: {tmp_path / 'segaudit.prom'}}}")
    assert (said.status, said.err) == (0, "")
    file = tmp_path / "segaudit.prom"
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    found = samples(file.read_text("utf-8"))
    assert found["pods",] == 3
    assert found["isolated_pods", "ingress"] == 1
    assert found["isolated_pods", "egress"] == 0
    assert found["default_deny_namespaces", "ingress"] == 1
    assert found["findings", "high"] == 3
    assert found["findings", "critical"] == 0
    assert found["complete",] == 1
    assert found["snapshot_timestamp_seconds",] == 1_795_485_600


def test_what_is_not_assessed_has_no_sample(tmp_path, source):
    (source / "all.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n", "utf-8")
    run(tmp_path, source, f"metrics: {{file: {tmp_path / 'segaudit.prom'}}}")
    found = samples((tmp_path / "segaudit.prom").read_text("utf-8"))
    assert ("isolated_pods", "ingress") not in found


def test_pushed_in_place_of_the_last(tmp_path, source, web):
    gateway = web()
    gateway.statuses = [503]
    assert run(tmp_path, source, f"metrics: {{pushgateway: {gateway.url}/prefix/}}").status == 0
    _, request = gateway.seen
    assert request.method == "PUT"
    folder, _, name = request.path.rpartition("/")
    assert folder == "/prefix/metrics/job/segaudit/cluster@base64"
    assert base64.urlsafe_b64decode(name) == b"prod"
    assert request.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert samples(request.body.decode())["pods",] == 3


def test_pushed_over_tls(tmp_path, source, web, trust):
    gateway = web(trust.server)
    settings = f"metrics: {{pushgateway: '{gateway.url}', ca_file: {trust.ca_file}}}"
    assert run(tmp_path, source, settings).status == 0
    assert run(tmp_path, source, f"metrics: {{pushgateway: '{gateway.url}'}}").status == 5


def test_a_problem_is_exit_5_and_the_report_is_there(tmp_path, source):
    said = run(tmp_path, source, f"metrics: {{file: {tmp_path / 'none' / 'segaudit.prom'}}}")
    assert said.status == 5
    assert "the metrics were not all delivered: cannot write" in said.err
    assert (tmp_path / "out" / "manifest.json").exists()


def test_file_and_gateway_do_not_wait_for_each_other(tmp_path, source, web):
    gateway = web()
    file = tmp_path / "none" / "segaudit.prom"
    settings = f"metrics: {{file: {file}, pushgateway: {gateway.url}}}"
    said = run(tmp_path, source, settings)
    assert said.status == 5
    assert len(gateway.seen) == 1
    gateway.statuses = [400]
    both = run(tmp_path, source, settings)
    assert both.status == 5
    assert f"cannot write {file}" in both.err
    assert "; metrics.pushgateway: the server answered 400" in both.err


def test_credentials_in_a_url_are_refused(tmp_path, source):
    said = run(tmp_path, source, "metrics: {pushgateway: 'http://me:hush@gateway:9091'}")
    assert said.status == 2
    assert "hush" not in said.err
