"""The table of figures: page one's numbers, narrowed as the report is."""

import pandas as pd

from tests.compose.objects import CLOSED, pod, policy, read_in_part


def figures(report):
    rows = next(dataset for dataset in report.data if dataset.name == "figures").frame
    columns = (rows[name].tolist() for name in ("figure", "part", "value"))
    return {(figure, *([part] if part else [])): value for figure, part, value in zip(*columns, strict=True)}


def test_figures_of_page_one(report):
    found = figures(report(pod("a") + pod("b") + CLOSED + pod("c", "web")))
    assert found["pods",] == 3
    assert (found["isolated_pods", "ingress"], found["isolated_pods", "egress"]) == (2, 2)
    assert found["default_deny_namespaces", "ingress"] == 1
    assert found["findings", "critical"] == 0
    assert found["snapshot_timestamp_seconds",] == 1_795_399_200
    assert found["complete",] == 1


def test_they_are_narrowed_as_the_report_is(report):
    assert figures(report(pod("a") + CLOSED + pod("c", "web"), ["shop"]))["pods",] == 1


def test_what_is_not_known_has_no_value(snapshot, report_on):
    known = snapshot(pod("a") + policy("p", "{podSelector: {}}"))
    found = figures(report_on(read_in_part(known, {"networkpolicies": "forbidden"})))
    assert found["isolated_pods", "ingress"] is pd.NA
    assert found["broad_rules",] is pd.NA
    assert found["complete",] == 0
