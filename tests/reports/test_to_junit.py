"""JUnit XML, held against a schema of what programs that show it read."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from reports.to_junit import render_junit
from tests.reports import audited

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas" / "junit.xsd")


def suites(report):
    data = render_junit(report)
    SCHEMA.validate(data.decode())
    return ET.fromstring(data)  # noqa: S314 - our own


def cases(report, check):
    suite = suites(report).find(f"testsuite[@name='{check}']")
    return [(case.get("name"), case[0].tag if len(case) else "passed") for case in suite.iter("testcase")]


@pytest.mark.parametrize("make", [audited.report, audited.hostile, audited.empty])
def test_valid_and_the_same_again(make):
    suites(make())
    assert render_junit(make()) == render_junit(make())


def test_a_case_a_finding_and_one_for_all_that_passed():
    assert cases(audited.report(), "isolated") == [
        ("3 passed", "passed"),
        ("shop/Deployment/web", "failure"),
        ("shop/Deployment/db", "failure"),
        ("shop/Deployment/old", "skipped"),
        ("Cluster", "failure"),
        ("Namespace/payments", "failure"),
    ]
    assert cases(audited.report(), "clean") == [("4 passed", "passed")]
    assert cases(audited.report(), "idle") == []


def test_what_was_not_assessed_is_skipped_and_a_check_that_failed_to_run_an_error():
    assert cases(audited.report(), "narrow") == [("2 not assessed", "skipped")]
    assert cases(audited.report(), "broken") == [("the check itself", "error")]


def test_the_counts_fit():
    root = suites(audited.report())
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "9",
        "failures": "4",
        "errors": "1",
        "skipped": "2",
    }
    for key in ("tests", "failures", "errors", "skipped"):
        assert sum(int(suite.get(key)) for suite in root) == int(root.get(key))


def test_a_failure_says_where_and_what_to_apply():
    case = suites(audited.report()).find(".//testcase[@name='shop/Deployment/web']")
    assert (case.get("file"), case.get("line")) == ("shop/web.yaml", "1")
    assert case[0].attrib == {"message": "Deployment shop/web: no policy selects it.", "type": "high"}
    assert case[0].text.endswith("shop/web.yaml:1\n\nkind: NetworkPolicy")


def test_two_findings_of_one_subject_are_two_cases():
    twice = [audited.finding("web", 1, rule="ingress[0]"), audited.finding("web", 2, rule="ingress[0]")]
    assert [name for name, _ in cases(audited.report(twice), "isolated")][1:] == [
        "shop/Deployment/web ingress[0]",
        "shop/Deployment/web ingress[0] (2)",
    ]
