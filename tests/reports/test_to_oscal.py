"""OSCAL, held against NIST's published schema."""

import json
from pathlib import Path

import jsonschema
import pytest

from reports.to_oscal import render_oscal
from tests.reports import audited
from tests.reports.sample_sections import HOSTILE

# Python's expressions have no classes of Unicode by name
PUBLISHED = json.loads(
    (Path(__file__).parent / "schemas" / "oscal_assessment-results.json")
    .read_text("utf-8")
    .replace(r"\\p{L}", r"[^\\W\\d_]")
    .replace(r"\\p{N}", r"\\d")
)
CONTROL = (
    *("framework", "control", "title", "status", "checks", "covers", "does_not_cover", "by_hand"),
    *("applies_to", "frequency"),
)
NIST, PCI = "nist-800-53-r5", "pci-dss-4.0.1"
CONTROLS = (
    (NIST, "SC-7(5)", "Deny by default", "contradicts", "isolated clean", "Pods.", "Hosts.", "Look.", "", ""),
    (NIST, "AC-4", "Information flow", "supports_in_part", "narrow", "Ranges.", "", "", "", ""),
    (PCI, "1.2.5", "Ports", "supports", "clean", "Ports.", "Their need.", "Confirm.", "", ""),
    (PCI, "1.2.7", "Review", "by_hand", "", "", "All.", "Review.", "", "six months"),
    (PCI, "1.3.1", "Inbound", "not_assessed", "narrow", "", "", "", "", ""),
)


def with_controls(rows=CONTROLS, **changes):
    made = audited.report(**changes)
    return audited.report(data=(*made.data, audited.dataset("controls", CONTROL, rows)), **changes)


def hostile():
    rows = [(*(text,) * 3, "supports", text, *(text,) * 5) for text in HOSTILE]
    made = audited.hostile()
    return audited.report(data=(*made.data, audited.dataset("controls", CONTROL, rows)), subject=HOSTILE[1])


def results(report):
    document = json.loads(render_oscal(report))
    jsonschema.Draft7Validator(PUBLISHED, format_checker=jsonschema.FormatChecker()).validate(document)
    uuids = [each for each in named(document, "uuid") if each]
    assert len(set(uuids)) == len(uuids)
    for reference in ("observation-uuid", "risk-uuid", "component-uuid", "actor-uuid"):
        assert set(named(document, reference)) <= set(uuids)
    assert {href.removeprefix("#") for href in named(document, "href") if href.startswith("#")} <= set(uuids)
    (found,) = document["assessment-results"]["results"]
    return found


def named(tree, key):
    """All values of a key, wherever it is."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            if name == key:
                yield value
            yield from named(value, key)
    elif isinstance(tree, list):
        for value in tree:
            yield from named(value, key)


@pytest.mark.parametrize("make", [audited.report, with_controls, audited.hostile, hostile, audited.empty])
def test_valid_and_the_same_again(make):
    results(make())
    assert render_oscal(make()) == render_oscal(make())


def test_an_observation_a_check():
    observations = results(audited.report())["observations"]
    assert [each["title"] for each in observations] == [
        f"{check.capitalize()} holds" for check in ("isolated", "narrow", "broken", "clean", "idle")
    ]
    assert observations[0]["description"] == "Why it matters.\n\n6 judged: 3 passed, 2 failed, 1 waived."
    assert observations[1]["description"].endswith("2 not assessed.\n\nThe kind nodes could not be listed.")
    assert observations[0]["methods"] == ["TEST"]
    assert {"name": "passed", "ns": "urn:segaudit", "value": "3"} in observations[0]["props"]


def test_what_failed_is_a_risk_and_what_is_waived_another_with_its_last_day():
    failed, waived = results(audited.report())["risks"]
    assert (failed["status"], waived["status"]) == ("open", "deviation-approved")
    assert {"name": "severity", "ns": "urn:segaudit", "value": "critical"} in failed["props"]
    assert "- Deployment shop/web: no policy selects it." in failed["description"]
    assert waived["deadline"] == "2027-03-01T23:59:59Z"
    (entry,) = waived["risk-log"]["entries"]
    assert entry["description"].startswith("until `2027-03-01`, approved by me")


def test_a_waiver_cannot_set_its_own_deadline():
    text = "until 2027-03-01, approved by me, owner us: until 2099-01-01, for ever"
    (_, risk) = results(
        audited.report([audited.finding("a"), audited.finding("b", 2, status="waived", waiver=text)])
    )["risks"]
    assert risk["deadline"] == "2027-03-01T23:59:59Z"


def test_findings_on_controls():
    found = results(with_controls())
    assert [
        (each["target"]["target-id"], each["target"]["status"]["state"]) for each in found["findings"]
    ] == [
        ("sc-7.5", "not-satisfied"),
        ("ac-4", "not-satisfied"),
        ("pci-dss-4.0.1_1.2.5", "satisfied"),
    ]
    first = found["findings"][0]
    assert first["remarks"] == "Not covered: Hosts.\n\nBy hand: Look."
    assert len(first["related-observations"]) == len(first["related-risks"]) == 2
    selected = found["reviewed-controls"]["control-selections"]
    assert [[each["control-id"] for each in one["include-controls"]] for one in selected] == [
        ["sc-7.5", "ac-4"],
        ["pci-dss-4.0.1_1.2.5"],
    ]


def test_without_a_framework_the_checks_are_what_was_assessed():
    found = results(audited.report())
    (selected,) = found["reviewed-controls"]["control-selections"]
    assert selected["include-controls"][0] == {"control-id": "isolated"}
    assert "findings" not in found


def test_controls_on_which_it_says_nothing_are_named():
    told = results(with_controls())["remarks"]
    assert "Not assessed: `pci-dss-4.0.1` 1.3.1" in told
    assert "To be assessed by people: `pci-dss-4.0.1` 1.2.7" in told


def test_many_findings_are_counted():
    rows = [audited.finding(f"w{number}", number) for number in range(50)]
    (risk,) = results(audited.report(rows))["risks"]
    assert (
        risk["description"].endswith("- and 40 more, in `csv/findings.csv`")
        or "and 40 more" in risk["description"]
    )


def test_the_evidence_is_named_by_its_hash():
    resources = json.loads(render_oscal(audited.report()))["assessment-results"]["back-matter"]["resources"]
    assert resources[1]["rlinks"][0]["hashes"][0]["algorithm"] == "SHA-256"
