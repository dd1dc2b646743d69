"""Objects of OpenReports, held against the fields of the API, and read as YAML 1.1 and 1.2 read them."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from reports import to_policyreport
from reports.to_policyreport import MOST, render_policyreport
from tests.reports import audited

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "openreports.json").read_text("utf-8"))


def objects(report):
    found = list(yaml.safe_load_all(render_policyreport(report)))
    for each in found:
        jsonschema.Draft202012Validator(SCHEMA).validate(each)
        assert sum(each["summary"].values()) == len(each["results"])
        assert len(json.dumps(each)) < 262_144
    names = [(each["metadata"].get("namespace"), each["metadata"]["name"]) for each in found]
    assert len(set(names)) == len(names)
    return found


@pytest.mark.parametrize("make", [audited.report, audited.hostile, audited.empty])
def test_valid_and_the_same_again(make):
    objects(make())
    assert render_policyreport(make()) == render_policyreport(make())


def test_one_for_the_cluster_and_one_a_namespace():
    found = objects(audited.report())
    assert [(each["kind"], each["metadata"].get("namespace")) for each in found] == [
        ("ClusterReport", None),
        ("Report", "payments"),
        ("Report", "quiet"),
        ("Report", "shop"),
    ]
    assert found[2]["results"] == []
    assert found[3]["scope"] == {"apiVersion": "v1", "kind": "Namespace", "name": "shop"}


def test_the_cluster_has_a_result_a_check():
    results = objects(audited.report())[0]["results"]
    assert [(each["policy"], each["result"]) for each in results] == [
        ("isolated", "fail"),
        ("narrow", "error"),
        ("broken", "error"),
        ("clean", "pass"),
        ("idle", "skip"),
        ("isolated", "fail"),
    ]
    assert results[1]["message"] == "Narrow holds: 2 not assessed. The kind nodes could not be listed."
    assert "resources" not in results[-1]


def test_a_result_a_finding():
    web, _, old = objects(audited.report())[3]["results"]
    assert web == {
        "policy": "isolated",
        "category": "Network segmentation",
        "severity": "high",
        "result": "fail",
        "scored": True,
        "message": "Deployment shop/web: no policy selects it.",
        "timestamp": {"seconds": 1795399200, "nanos": 0},
        "resources": [
            {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"},
        ],
        "properties": {
            "id": "0000000000000001",
            "workload": "Deployment/web",
            "source": "shop/web.yaml:1",
        },
    }
    assert (old["result"], old["properties"]["waiver"][:16]) == ("skip", "until 2027-03-01")


def test_no_text_is_read_as_something_else():
    odd = ["1e3", "0x10", "yes", "~", "2026-11-23", "1_000", "=", "<<", "*a", "- b", "a: b", "#c", "", "null"]
    rows = [audited.finding(name or "x", number, message=name or "x") for number, name in enumerate(odd)]
    data = render_policyreport(audited.report(rows))
    assert b"&id" not in data
    found = [each["message"] for each in objects(audited.report(rows))[-1]["results"]]
    assert found == [name or "x" for name in odd]
    assert b'"1e3"' in data


def test_large_ones_are_split(monkeypatch):
    rows = [audited.finding(f"w{number}", number, message="m" * 1000) for number in range(400)]
    found = [each for each in objects(audited.report(rows)) if each["metadata"].get("namespace") == "shop"]
    assert [each["metadata"]["name"] for each in found] == ["segaudit", "segaudit-2", "segaudit-3"]
    assert sum(len(each["results"]) for each in found) == 400
    monkeypatch.setattr(to_policyreport, "MOST", 10)
    assert len(objects(audited.report())) > len(found)


def test_a_namespace_that_cannot_be_is_told_of_the_cluster():
    rows = [audited.finding("web", namespace="No Namespace")]
    found = objects(audited.report(rows, namespaces=("No Namespace",)))
    assert [each["kind"] for each in found] == ["ClusterReport"]
    assert found[0]["results"][-1]["resources"][0]["namespace"] == "No Namespace"
    assert MOST < 262_144
