"""The section Frameworks."""

import pytest

from audit import frameworks
from audit.settings import Scope, Settings
from reports.model import Reference
from reports.text import plain
from tests.compose.objects import CLOSED, pod, policy

OPEN = pod("a") + pod("b", "pay")


@pytest.fixture
def section(report):
    def make(manifests=OPEN, only=None, **settings):
        made = report(manifests, only, Settings(**settings))
        return next(section for section in made.sections if section.anchor == "frameworks")

    return make


def rows(section, framework):
    (found,) = (each for each in section.sections if each.anchor == f"framework-{framework}")
    (table,) = found.blocks
    return {plain(row[0]).partition(" ")[0]: row for group in table.groups for row in group.rows}


def test_the_first_table_counts_controls_by_status(section):
    made = section()
    table = made.blocks[0]
    assert [column.title for column in table.columns] == [
        "Framework",
        "Contradicts",
        "Supports in part",
        "Supports",
        "Not assessed",
        "By hand",
    ]
    known = {each.name: len(each.controls) for each in frameworks.load().values()}
    told = {plain(name): sum(map(int, counts)) for name, *counts in table.groups[0].rows}
    assert told == {name: known[name] for name in told}
    assert [plain(each.title) for each in made.sections] == list(told)


def test_each_control_says_what_is_covered_what_is_not_and_what_is_left(section):
    for name in ("pci-dss-4.0.1", "iso-27001-2022"):
        told = rows(section(), name)
        for control in frameworks.load()[name].controls:
            _, _, covers, does_not_cover, by_hand = map(plain, told[control.id])
            assert covers.startswith(control.covers.replace("`", ""))
            assert does_not_cover == control.does_not_cover.replace("`", "")
            assert by_hand.startswith(control.by_hand.replace("`", ""))


def test_what_failed_is_named_with_its_place_in_the_report(section):
    control, status, evidence, *_ = rows(section(), "pci-dss-4.0.1")["1.3.1"]
    assert plain(control) == "1.3.1 Inbound traffic to the CDE is restricted"
    assert plain(status) == "contradicts"
    assert "Of 2 verdicts: 2 failed. Failed: Namespaces deny ingress by default (" in plain(evidence)
    anchors = [piece.anchor for piece in evidence if isinstance(piece, Reference)]
    assert anchors == ["namespace-denies-ingress-by-default"]


def test_of_many_checks_with_findings_the_first_are_named(section):
    rule = "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}], egress: [{}]}"
    opened = CLOSED.replace("{podSelector: {}, policyTypes: [Ingress, Egress]}", rule)
    part = (
        pod("c", "web", "app: c")
        + pod("d", "web")
        + policy("c", "{podSelector: {matchLabels: {app: c}}}", "web")
    )
    evidence = plain(rows(section(OPEN + opened + part), "nist-800-53-r5")["AC-4"][2])
    assert "Failed: No allow-all undoes a default deny (" in evidence
    assert evidence.endswith("; and 2 more checks.")


def test_what_no_check_judges_says_what_else_the_report_has_and_how_often(section):
    _, status, covers, _, by_hand = map(plain, rows(section(), "pci-dss-4.0.1")["11.4.6"])
    assert status == "by hand"
    assert covers == "What policies allow is told, to plan the test and hold its outcome against."
    assert by_hand.endswith(
        "Every six months, and after changes. For service providers that use segmentation."
    )


def lead(section, framework="pci-dss-4.0.1"):
    return plain(next(e.lead for e in section.sections if e.anchor == f"framework-{framework}"))


def test_for_what_it_was_judged_is_said(section):
    holds = "It holds for the cardholder data environment only."
    assert lead(section()) == (
        f"{holds} No scope of the configuration names it, so it is judged for the whole cluster."
    )
    cde = Scope(name="card data", namespaces=("pay",), frameworks=("pci-dss-4.0.1",))
    assert lead(section(scopes=(cde,))) == (
        f"{holds} It is judged for what is in card data (1 pod), and for the cluster's nodes."
    )
    gone = Scope(name="card data", namespaces=("gone",), frameworks=("pci-dss-4.0.1",))
    assert "card data (which holds no pods)" in lead(section(scopes=(gone,)))
    assert lead(section(), "soc2-2017") == ""


def test_it_tells_of_the_frameworks_that_are_configured(section):
    made = section(frameworks=("soc2-2017",))
    assert [each.anchor for each in made.sections] == ["framework-soc2-2017"]


def test_it_is_narrowed_as_the_report_is(section):
    evidence = plain(rows(section(OPEN, ["shop"]), "pci-dss-4.0.1")["1.3.1"][2])
    assert "Of 1 verdict: 1 failed." in evidence
