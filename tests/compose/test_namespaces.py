import pytest

from audit.compose.namespaces import anchor
from reports.model import Table
from reports.text import plain
from tests.compose.objects import CALICO, CLOSED, pod, policy


def namespaces(report):
    return next(section for section in report.sections if section.anchor == "namespaces")


def table_of(section):
    """The table of all namespaces, behind its picture."""
    return next(block for block in section.blocks if isinstance(block, Table))


def names(table):
    return [[plain(row[0]) for row in group.rows] for group in table.groups]


def test_the_most_open_first_and_system_namespaces_apart(report):
    manifests = pod("a", "one") + pod("a", "two") + pod("b", "two") + pod("a", "kube-system") + CLOSED
    table = table_of(namespaces(report(manifests)))
    assert names(table) == [["two", "one", "shop"], ["kube-system"]]
    assert plain(table.groups[1].title) == "System namespaces"


@pytest.mark.parametrize(
    ("policies", "cells", "sentence"),
    [
        ("", ("no", "no"), "There is no default deny for ingress and egress."),
        (CLOSED, ("strict", "strict"), "By default every pod is closed for ingress and egress."),
        (
            policy("p", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"),
            ("every pod", "no"),
            (
                "By default every pod is closed for ingress but for what the policies that close it allow. "
                "There is no default deny for egress."
            ),
        ),
        (
            policy("p", "{podSelector: {matchLabels: {app: a}}, ingress: []}"),
            ("current pods", "no"),
            (
                "The pods here now are isolated for ingress, the next one may not be. "
                "There is no default deny for egress."
            ),
        ),
        (
            policy("p", "{podSelector: {}, ingress: [{}]}"),
            ("every pod, undone", "no"),
            "A policy for all pods allows everything for ingress and so undoes it.",
        ),
    ],
)
def test_default_deny_in_words(report, policies, cells, sentence):
    found = namespaces(report(pod("a", labels="app: a") + policies))
    assert table_of(found).groups[0].rows[0][4:6] == cells
    assert sentence in plain(found.sections[0].lead)


def test_a_section_has_its_findings_policies_and_workloads(report):
    found = namespaces(report(pod("a") + policy("p", "{podSelector: {}, ingress: []}"))).sections[0]
    tables = [block for block in found.blocks if isinstance(block, Table)]
    assert [plain(table.caption).split(",")[0].rstrip(".") for table in tables] == [
        "Findings", "Policies", "Workloads",
    ]  # fmt: skip
    assert tables[1].groups[0].rows == (("p", "ingress", "1", "0", "0"),)
    assert tables[2].groups[0].rows == (("Pod/a", "1", "1", "0"),)


def test_policies_that_are_not_evaluated_are_told(report):
    lead = plain(namespaces(report(pod("a") + CALICO)).sections[0].lead)
    assert "Not evaluated, and may change all this: GlobalNetworkPolicy" in lead


def test_many_namespaces_stay_bounded(report):
    made = report("".join(pod("a", f"team-{n:03d}") for n in range(310)))
    found = namespaces(made)
    assert len(found.sections) == 20
    assert len(table_of(found).groups[0].rows) == 60
    assert plain(table_of(found).more) == "and 250 more, see csv/namespaces.csv."
    assert "the other 290 are in csv/namespaces.csv" in plain(found.blocks[-1].text)


def test_a_namespace_without_pods_has_no_section(report):
    found = namespaces(report(pod("a") + "apiVersion: v1\nkind: Namespace\nmetadata: {name: empty}\n---\n"))
    assert names(table_of(found))[0] == ["shop", "empty"]
    assert [section.anchor for section in found.sections] == ["namespace-shop"]
    assert "1 namespace without such pods is in no count." in plain(found.lead)


def test_anchors_of_names_that_the_api_would_refuse():
    assert anchor("shop") == "namespace-shop"
    assert anchor("<b>").startswith("namespace-.")
    assert anchor("<b>") != anchor("<i>")
