"""The figures of each run, by the time of its snapshot."""

from audit import frames
from audit.history.trend import trend
from tests.compose.objects import CLOSED, pod, policy, read_in_part

APPS = (
    pod("web") + pod("db") + policy("beside", "{podSelector: {}, policyTypes: [Ingress]}", namespace="other")
)


def test_a_row_for_each_run_with_the_figures_of_page_one(run):
    series = trend([run(APPS + CLOSED, 2), run(APPS, 1)])
    assert list(series.columns) == frames.TREND.names
    assert series["taken"].tolist() == ["2026-11-01T02:00:00Z", "2026-11-02T02:00:00Z"]
    assert series["pods_ingress_isolated"].tolist() == [0, 2]
    assert series["namespaces_deny_egress"].tolist() == [0, 1]
    assert series["high"].tolist() == [3, 0]
    assert series["policies"].tolist() == [1, 2]


def test_what_was_not_assessed_is_empty(run, snapshot):
    blind = run(read_in_part(snapshot(APPS + CLOSED), {"networkpolicies": "forbidden"}))
    row = trend([blind]).iloc[0]
    assert row[["pods_ingress_isolated", "rules", "policies", "broad_rules"]].isna().all()
    assert row["pods"] == 2
    assert "pods-are-isolated-for-ingress" in row["unassessed"].split(",")
    assert not row["complete"]


def test_without_runs_it_has_its_columns():
    assert list(trend([]).columns) == frames.TREND.names
