"""The figures as OpenMetrics, as a parser of others reads them."""

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parsed

from reports.errors import RenderFailure
from reports.to_openmetrics import render_openmetrics
from tests.reports import audited, sample
from tests.reports.sample_sections import HOSTILE

FIGURES = ("figure", "label", "part", "value", "meaning")
ROWS = (
    ("pods", "", "", 12, "Pods that a policy could govern."),
    ("isolated_pods", "direction", "ingress", 3, "Of these, isolated ones."),
    ("isolated_pods", "direction", "egress", None, "Of these, isolated ones."),
    ("broad_rules", "", "", None, "Rules with broad ranges of addresses."),
)


def report(rows=ROWS, **changes):
    return sample.report(data=(audited.dataset("figures", FIGURES, rows, ("value",)),), **changes)


def samples(made):
    text = render_openmetrics(made).decode()
    return {
        (each.name, *sorted(each.labels.items())): each.value
        for family in parsed(text)
        for each in family.samples
    }


def test_a_gauge_a_figure_and_no_sample_of_what_is_not_known():
    assert samples(report()) == {
        ("segaudit_pods", ("cluster", "prod-eu-1")): 12,
        ("segaudit_isolated_pods", ("cluster", "prod-eu-1"), ("direction", "ingress")): 3,
    }
    assert b"# HELP segaudit_broad_rules Rules with broad ranges" in render_openmetrics(report())


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_of_a_cluster(name):
    assert samples(report(subject=name))["segaudit_pods", ("cluster", name)] == 12


def test_without_figures_there_is_no_file():
    with pytest.raises(RenderFailure, match="no table 'figures'"):
        render_openmetrics(sample.report(data=()))
